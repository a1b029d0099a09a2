"""verify_files.py - what `verify --csv` reads, refuses and counts: INTERFACES 8, the format line by line."""
import os
import random
import tempfile

from tap import Skip, equal, need, run as run_tests
from verify_case import MANUAL, MODELS, TOTAL, Record, complains, day, judge, run

GOOD = day()


def without_name(case):
    document = case.document()
    for meter in document["meters"]:
        del meter["meter"]
    return document


def the_same_record_in_many_forms():
    """BOM, CRLF, comments, empty lines, quotes, blanks, other columns and another order change nothing"""
    plain = without_name(judge(GOOD.text()))
    equal(plain["meters"][0]["verdict"], "ok", "verdict")
    text = GOOD.text()
    shuffled = Record(GOOD.rows[:], GOOD.columns[::-1])
    random.Random(1).shuffle(shuffled.rows)
    lines = text.splitlines()
    forms = {
        "BOM": b"\xef\xbb\xbf" + text.encode(),
        "CRLF": GOOD.text("\r\n"),
        "BOM, comment, empty lines, CRLF": b"\xef\xbb\xbf# a comment, \"\r\n\r\n" + GOOD.text("\r\n").encode(),
        "comments between": "#\n" + "\n# 1,2\n".join(lines) + "\n",
        "empty lines between": "\n\n" + "\n\n".join(lines) + "\n\n\n",
        "no end of the last line": text.rstrip("\n"),
        "every cell quoted": "\n".join(",".join(f'"{c}"' for c in line.split(",")) for line in lines),
        "blanks around cells": "\n".join(" , ".join(line.split(",")) for line in lines),
        "order of rows and columns": shuffled.text(),
        "other times": text.replace("T", " ").replace("+08:00", "+08"),
        "digits": text.replace(".00,", ",").replace(".00\n", "\n"),
    }
    for what, form in forms.items():
        equal(without_name(judge(form)), plain, what)
    with_more = Record([dict(r, voltage="229.8", power_factor="-0.98", serial_number="31A 7", window_ms="")
                        for r in GOOD.rows])
    equal(without_name(judge(with_more.text())), plain, "columns that take no part")


def names_of_meters():
    """The meter's name is the column's, else the file's without directory and suffix"""
    equal(judge(GOOD.text(), name="flat 3.2026.csv").meter()["meter"], "flat 3.2026")
    equal(judge(GOOD.text(), name="flat").meter()["meter"], "flat")
    equal(judge(GOOD.text(), name=".csv").meter()["meter"], ".csv")
    need(judge(GOOD.text(), stdin=True).meter()["meter"], "a name for stdin")
    rows = []
    for row in GOOD.rows:
        for name in ("b", "a", '"x, ""y""\nz"', ""):
            rows.append(dict(row, meter=name))
    case = judge(Record(rows).text(), name="rest.csv")
    equal([m["meter"] for m in case.document()["meters"]], ["b", "a", 'x, "y"\nz', "rest"])
    equal([m["verdict"] for m in case.document()["meters"]], ["ok"] * 4)
    equal([m["readings"] for m in case.document()["meters"]], [len(GOOD.rows)] * 4)


def each_meter_has_its_own_columns():
    """What one meter of a file does not give does not count as given because another does"""
    rows = [dict(r, meter="whole", active_energy_export="0") for r in GOOD.rows]
    rows += [{"time": r["time"], "meter": "poor", TOTAL: r[TOTAL]} for r in GOOD.rows]
    case = judge(Record(rows, list(rows[0])).text())
    equal(case.meter(0)["verdict"], "ok")
    equal(case.meter(1)["verdict"], "undecided")
    equal(case.meter(1)["missing"], ["no_rate_columns"])
    equal(list(case.meter(1)["resolution_kwh"]), [TOTAL])


def times():
    """Any offset, any fraction, seconds or none; the same instant however it is written"""
    for written, read in (("2026-10-01T00:00:00+08:00", "2026-09-30T16:00:00.000Z"),
                          ("2026-09-30T16:00Z", "2026-09-30T16:00:00.000Z"),
                          ("2026-09-30T16:00:00.5Z", "2026-09-30T16:00:00.500Z"),
                          ("2026-09-30T16:00:00.123456789Z", "2026-09-30T16:00:00.123Z"),
                          ("2026-09-30T12:30:00-0330", "2026-09-30T16:00:00.000Z"),
                          ("2026-09-30T16:00:00+00", "2026-09-30T16:00:00.000Z")):
        meter = judge(f"time,{TOTAL}\n{written},1\n").meter()
        equal((meter["from"], meter["to"], meter["readings"]), (read, read, 1), written)


def refused():
    """What cannot be understood: exit 65, FILE:LINE and why, nothing judged"""
    head = f"time,meter,{TOTAL}\n"
    good = "2026-10-01T00:00:00Z,a,1\n"
    rows = [
        ("an unknown column", f"time,{TOTAL}l\n", 1, f"did you mean {TOTAL}?"),
        ("a column twice", f"# x\n\ntime,{TOTAL},{TOTAL}\n", 3, TOTAL),
        ("no time column", f"meter,{TOTAL}\n", 1, "time"),
        ("a month too far", "time,active_energy_sharp_prev13\n", 1, "active_energy_sharp_prev13"),
        ("a cell too few", head + good + "2026-10-01T00:00:00Z,a\n", 3, "2 cells where the header has 3"),
        ("a cell too many", head + good + "2026-10-01T00:00:00Z,a,1,\n", 3, "4 cells where the header has 3"),
        ("a time without offset", head + "2026-10-01T00:00:00,a,1\n", 2, "2026-10-01T00:00:00"),
        ("no such day", head + "2026-09-31T00:00:00Z,a,1\n", 2, "2026-09-31"),
        ("a word for a time", head + good + good + "yesterday,a,1\n", 4, "yesterday"),
        ("an empty time", head + ",a,1\n", 2, "time"),
        ("a NUL byte", head + good + "2026-10-01T00:00:00Z,a\0,1\n", 3, "NUL"),
        ("an open quote", head + good + '2026-10-01T00:00:00Z,"a,1\n' + good, 3, "quote"),
        ("text after a quote", head + '2026-10-01T00:00:00Z,"a"b,1\n', 2, "quote"),
        ("a line after one of two lines", head + '2026-10-01T00:00:00Z,"a\nb",1\n' + "x,a,1\n", 4, "x"),
        ("a lone carriage return", head + "2026-10-01T00:00:00Z,a\r,1\n", 2, "carriage return"),
        ("a huge line", head + "2026-10-01T00:00:00Z," + "a" * 200000 + ",1\n", 2, "long"),
        ("a huge first line", "a" * 200000, 1, "long"),
        ("many columns", "," * 1000 + "\n", 1, "columns"),
        ("a name that is not UTF-8", head.encode() + b"2026-10-01T00:00:00Z,B\xfcro,1\n", 2, "UTF-8"),
        ("UTF-16", head.encode("utf-16"), 1, ""),
        ("a gzip file", b"\x1f\x8b\x08\0\0\0\0\0", 1, ""),
        ("nothing at all", "", 1, "header"),
        ("comments only", "# time\n\n#\n", 1, "header"),
    ]
    for what, text, line, why in rows:
        case = judge(text, name="f.csv")
        complains(case, 65, f"f.csv:{line}: ", why)
        complains(judge(text, stdin=True), 65, f"-:{line}: ", why)
        need(what, case.err)


def errors_come_before_verdicts():
    """An error in the last line of a violated record: nothing is judged"""
    rows = [dict(r) for r in GOOD.rows]
    rows[-1]["time"] = "never"
    complains(judge(Record(rows).text(), name="f.csv"), 65, f"f.csv:{len(rows) + 1}: ")


def not_a_file():
    """A directory, a missing file, a file we may not read"""
    with tempfile.TemporaryDirectory() as place:
        site = os.path.join(place, "site.ini")
        with open(site, "w") as f:
            f.write(MANUAL)
        tail = ["--tariff", "manual", "-c", site, "--json"]
        complains(run(["verify", "--csv", place] + tail), 65, place, "directory")
        missing = os.path.join(place, "none.csv")
        complains(run(["verify", "--csv", missing] + tail), 65, missing, "No such file")


def not_ours_to_read():
    """A file that may not be read"""
    if os.geteuid() == 0:
        raise Skip("root may read anything")
    with tempfile.TemporaryDirectory() as place:
        site, secret = os.path.join(place, "site.ini"), os.path.join(place, "secret.csv")
        for path in (site, secret):
            with open(path, "w") as f:
                f.write(MANUAL)
        os.chmod(secret, 0)
        complains(run(["verify", "--csv", secret, "--tariff", "manual", "-c", site]), 77, "secret.csv")


def only_a_header():
    """A file without rows has no meters: nothing is violated"""
    case = judge(f"time,meter,{TOTAL}\n")
    equal((case.code, case.document()), (0, {"version": 1, "meters": []}))
    case = judge(f"time,{TOTAL}\n", as_json=False)
    equal(case.code, 0)
    need("no readings" in case.out, case.out)


def usage():
    """Unknown options, tariffs, models, rules and operands: exit 64"""
    text = GOOD.text()
    complains(judge(text, tariff="manuel"), 64, "manuel", "did you mean manual?")
    complains(judge(text, "--model", "kpm13"), 64, "kpm13", "did you mean kpm31?")
    complains(judge(text, "--max-power", "0"), 64, "--max-power")
    complains(judge(text, "--max-power", "13.2kW"), 64, "--max-power")
    complains(judge(text, "--combined", "export"), 64, "--combined", "import")
    complains(judge(text, "--freeze-model", "cumulativ"), 64, "--freeze-model", "did you mean cumulative?")
    complains(judge(text, "--colour"), 64, "--colour")
    complains(judge(text, "flat-1"), 64, "flat-1")
    complains(run(["verify", "--csv", "x"]), 64, "--tariff")
    complains(run(["verify", "--tariff", "x"]), 64, "--csv")
    complains(run(["verify", "--csv"]), 64, "--csv")


def configurations():
    """CONFIG needs [tariff NAME] and nothing else; errors in it: exit 78"""
    text = GOOD.text()
    complains(judge(text, config=MANUAL.replace("10:00", "25:00")), 78, "site.ini:3: ", "25:00")
    complains(judge(text, config=MANUAL + "offset = 3\n"), 78, "site.ini:4: ", "offset")
    complains(run(["verify", "--csv", "x", "--tariff", "t", "-c", "/nonexistent/site.ini"]), 78, "/nonexistent/site.ini")
    whole = "[gateway]\nid = site\n[bus n]\ndevice = /dev/null\n[meter m]\nbus = n\naddress = 1\nmodel = kpm31\n"
    equal(judge(text, config=whole + MANUAL).code, 0)
    with tempfile.TemporaryDirectory() as place:
        path, site = os.path.join(place, "f.csv"), os.path.join(place, "site.ini")
        for name, content in ((path, text), (site, f"[gateway]\nmodels = {MODELS}\n" + MANUAL)):
            with open(name, "w") as f:
                f.write(content)
        case = run(["verify", "--csv", path, "--tariff", "manual", "-c", site, "--model", "kpm31", "--json"], models=None)
        equal(case.meter()["assumptions"]["max_power_w"], 19008, "power of the site's own model")
    equal(judge(text, config="[tariff other]\nutc_offset = +01:00\nday 1 = 00:00 flat\n" + MANUAL).code, 0)


if __name__ == "__main__":
    run_tests([the_same_record_in_many_forms, names_of_meters, each_meter_has_its_own_columns, times, refused,
               errors_come_before_verdicts, not_a_file, not_ours_to_read, only_a_header, usage, configurations])
