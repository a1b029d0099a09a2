"""learn_files.py - `meterfleet learn --csv`: the tables a record proves, told so that `verify` takes them back."""
import datetime
import json
import os
import random
import tempfile

from fleet import SRC
from tap import equal, need, run as run_tests
from verify_case import BEIJING, MANUAL, RATE, RATES, START, TOTAL, Record, complains, day, judge, kwh, rate_at, run

LOG = os.path.join(SRC, "tests", "data", "kpm33b_field_A_15min.csv")
FIELD = "07:00 flat, 10:00 peak, 14:00 flat, 17:00 peak, 18:00 sharp, 19:00 peak, 21:00 flat, 23:00 valley"
DAY = "06:00 sharp, 10:00 peak, 12:00 sharp, 15:00 flat, 23:00 valley"


def learn(text, *options, config=MANUAL, tariff="manual", name="meter.csv", stdin=False, as_json=True):
    """learn --csv over a text; tariff None: only what the options say."""
    with tempfile.TemporaryDirectory(prefix="learn-") as place:
        path, site = os.path.join(place, name), os.path.join(place, "site.ini")
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        with open(site, "w") as f:
            f.write(config)
        arguments = ["learn", "--csv", "-" if stdin else path, "-c", site] + list(options)
        arguments += ["--tariff", tariff] if tariff else []
        return run(arguments + (["--json"] if as_json else []), text if stdin else "", cwd=place)


def learn_alone(text, offset="+08:00", **more):
    return learn(text, "--utc-offset", offset, tariff=None, config="", **more)


def days_of(section):
    """The `day` lines of a section."""
    lines = [line.split(" = ", 1) for line in section.splitlines() if line.startswith("day")]
    return {key: value for key, value in lines}


def given_back(text, case, offset_ok=True):
    """verify by the section that learn printed: ok."""
    section = case.meter()["section"]
    name = section.splitlines()[0][len("[tariff "):-1]
    back = judge(text, config=section, tariff=name)
    equal((back.code, back.meter()["verdict"]), (0, "ok"), section + back.err)


def table(case, index=0):
    return case.meter()["tables"][index]


def within(case, minute, index=0):
    """The period that begins at a minute is proven between two that hold it."""
    start = f"{minute // 60:02d}:{minute % 60:02d}"
    for period in table(case, index)["periods"]:
        if period["start"] == start and period["between"]:
            low, high = period["between"]
            need(low <= start <= high, f"{start} is not in {low}..{high}")
            return
    need(False, f"{start} is not proven: {table(case, index)}")


def series(start, step, count, rate_of, cents=10):
    """A correct meter by a rule for its rate: an instant in, a name out."""
    register, rows = {r: 100000 for r in RATES}, []
    for i in range(count):
        instant = start + datetime.timedelta(seconds=i * step)
        if i > 0:
            register[rate_of(instant - datetime.timedelta(seconds=step))] += cents
        row = {"time": instant.isoformat(), TOTAL: kwh(sum(register.values()))}
        row.update({RATE[r]: kwh(register[r]) for r in RATES})
        rows.append(row)
    return Record(rows).text()


def a_real_meter():
    """The log of a real meter: its table exactly, with a tariff to compare with and without"""
    with open(LOG) as f:
        text = f.read()
    config = f"[tariff field]\nutc_offset = +01:00\nday 1 = {FIELD}\n"
    case = learn(text, config=config, tariff="field")
    equal((case.code, case.meter()["differences"], table(case)["as_configured"]), (0, [], True))
    alone = learn_alone(text, "+01:00")
    equal((alone.code, alone.meter()["tariff"]), (0, None))
    equal(days_of(alone.meter()["section"]), {"day 1": FIELD})
    for minute in (420, 600, 840, 1020, 1080, 1140, 1260, 1380):
        within(alone, minute)
    given_back(text, alone)


def a_wrong_table_is_named():
    """Each difference with its code and a sentence, and the section takes the record back"""
    text = day(n=288 * 3).text()
    rows = [("period_rate", DAY.replace("23:00 valley", "23:00 peak"), "Day 1: 23:00 peak is programmed as valley."),
            ("period_missing", DAY.replace("15:00 flat", "15:00 flat, 18:00 peak, 20:00 flat"), "18:00 peak"),
            ("period_edge", DAY.replace("15:00", "14:00"), "14:00 flat begins at about 15:00"),
            ("rates_swapped", DAY.replace("flat", "x").replace("valley", "flat").replace("x", "valley"), "flat")]
    for code, configured, words in rows:
        case = learn(text, config=f"[tariff manual]\nutc_offset = +08:00\nday 1 = {configured}\n")
        equal(case.code, 3, code)
        first = case.meter()["differences"][:2]
        need(any(d["code"] == code and words in d["text"] for d in first), f"{code}: {first}")
        equal(days_of(case.meter()["section"])["day 1"], DAY, code)
        given_back(text, case)


def a_clock_of_its_own():
    """A clock 12 minutes late is told first; the table as it is by our clock still takes the record back"""
    text = series(START, 300, 288 * 3, lambda t: rate_at((t.hour * 60 + t.minute - 12) % 1440))
    case = learn(text)
    equal(case.code, 3)
    equal(case.meter()["differences"][0]["code"], "clock_offset")
    given_back(text, case)


def weekends():
    """Days of two tables are told apart without a tariff, and told as rest days"""
    def rate_of(t):
        return "valley" if t.weekday() >= 5 and 9 <= t.hour < 22 else rate_at(t.hour * 60 + t.minute)

    text = series(START, 600, 144 * 21, rate_of)
    case = learn_alone(text)
    section = case.meter()["section"]
    need("rest_days = sun, sat" in section and len(days_of(section)) == 2, section)
    given_back(text, case)
    case = learn(text)
    equal(case.code, 3)
    need(any("sun, sat" in d["text"] for d in case.meter()["differences"]), case.meter()["differences"])


def a_year():
    """A year in quarters of an hour: two seasons come out as zones"""
    def rate_of(t):
        summer = 5 <= t.month <= 9
        return ("peak" if 10 <= t.hour < 17 else "flat") if summer else rate_at(t.hour * 60 + t.minute)

    text = series(datetime.datetime(2026, 1, 1, tzinfo=BEIJING), 900, 96 * 364, rate_of, cents=30)
    case = learn_alone(text)
    zones = [line for line in case.meter()["section"].splitlines() if line.startswith("zones")]
    equal(zones, ["zones = 05-01 day 2, 10-01 day 1"])
    equal(len(case.meter()["tables"]), 2)
    given_back(text, case)


def minutes_only():
    """A record of an hour proves little, and says so"""
    text = series(START + datetime.timedelta(hours=16), 60, 61, lambda t: "flat")
    case = learn(text)
    equal(case.code, 0)
    equal(table(case)["unknown"], [["00:00", "15:59"], ["16:59", "24:00"]])
    equal(days_of(case.meter()["section"])["day 1"], DAY)
    alone = learn_alone(text, as_json=False)
    need("nothing moved between 16:59 and 24:00: not known" in alone.out, alone.out)
    nothing = learn_alone(f"time,{TOTAL}\n2026-10-01T00:00:00Z,5\n")
    equal((nothing.code, nothing.meter()["section"], nothing.meter()["tables"]), (0, None, []))
    equal(learn_alone(f"time,{TOTAL}\n").document(), {"version": 1, "meters": []})


def many_meters():
    """A section a meter, each with its own name; names of meters cannot break out of a comment"""
    rows = [dict(r, meter=name) for r in day(n=100).rows for name in ("a", '"b\n[tariff x]\nday 1 = 00:00 peak"')]
    text = Record(rows).text()
    case = learn(text, as_json=False)
    sections = [line for line in case.out.splitlines() if line.startswith("[")]
    equal(sections, ["[tariff manual-learned]", "[tariff manual-learned-2]"])
    checked = judge(day().text(), config=case.out, tariff="manual-learned-2")
    equal(checked.code, 0, checked.err)
    equal(learn(text, stdin=True).code, 0)


def garbage():
    """Rows of nonsense are rejected, not learned; what cannot be read at all is refused"""
    draw = random.Random(5)
    lines = day(n=288 * 2).text().splitlines()
    for _ in range(300):
        at = draw.randrange(1, len(lines))
        cells = lines[at].split(",")
        junk = draw.choice(["0", "-1", "nan", "inf", "1e300", "", "99999999", "1e-30"])
        lines.insert(at, ",".join([cells[0][:14] + f"{draw.randrange(60):02d}:07+08:00"] + [junk] * (len(cells) - 1)))
    case = learn("\n".join(lines) + "\n")
    equal((case.code, days_of(case.meter()["section"])["day 1"]), (0, DAY))
    for text, line in ((f"time,{TOTAL}\nyesterday,1\n", 2), ("", 1), (b"\x1f\x8b\x08\0\0", 1)):
        complains(learn(text, name="f.csv"), 65, f"f.csv:{line}: ")
    for _ in range(40): # registers that jump about: some answer, never a crash
        rows = [dict(r, **{RATE[draw.choice(RATES)]: kwh(draw.randrange(10**7))}) for r in day(n=40).rows]
        case = learn(Record(rows).text())
        need(case.code in (0, 3), case.err)
        json.loads(case.out)


def usage():
    """What is asked wrongly: exit 64, one line"""
    complains(run(["learn", "--csv", "x"]), 64, "--tariff")
    complains(run(["learn", "--tariff", "x"]), 64, "--csv")
    complains(learn("", "flat-1"), 64, "flat-1")
    complains(learn("", tariff="manuel"), 64, "did you mean manual?")
    complains(learn("", "--utc-offset", "+08:00"), 64, "--utc-offset")
    for offset in ("8", "+8:00", "+0800", "+08:60", "+15:00", "+08:00x", ""):
        complains(learn_alone("", offset), 64, "--utc-offset")
    complains(learn("", config="[tariff manual]\nutc_offset = +08:00\nday 1 = 24:00 flat\n"), 78, "24:00")
    complains(run(["learn", "--csv", "/nonexistent/x.csv", "--utc-offset", "+08:00"]), 65, "No such file")


if __name__ == "__main__":
    run_tests([a_real_meter, a_wrong_table_is_named, a_clock_of_its_own, weekends, a_year, minutes_only, many_meters,
               garbage, usage])
