"""verify_document.py - the shape of the JSON document: every key, its type, its order, and nothing besides; and the text."""
import json
import re

from tap import equal, matches, need, run as run_tests
from verify_case import RATE, RATES, TOTAL, Record, day, judge
from verify_verdicts import GOOD, add, changed

METER = ["meter", "tariff", "verdict", "missing", "from", "to", "readings", "rejected", "rejected_by", "duplicates",
         "coverage_time", "coverage_energy", "skew_s", "resolution_kwh", "combined_rule", "freeze_model", "assumptions",
         "diagnoses", "findings"]
FINDING = ["rule", "severity", "ts", "last_ts", "count", "register", "excess_kwh", "window", "possible_rates", "before",
           "after", "summary"]
ASSUMPTIONS = ["clock_tolerance_s", "switching_lag_s", "register_lag_s", "clock_drift_s", "wrap", "max_power_w"]
CODES = ("clock_offset clock_date clock_stepped clock_drift no_single_skew period_edge period_rate period_missing "
         "rates_swapped one_rate_only rest_days holiday zone_edge other_set wrap_rule register_stopped register_jump "
         "sum_broken decrease cleared replaced freeze_shift freeze_value unexplained").split()
MISSING = ("no_rate_columns no_movement too_few_readings all_windows_ambiguous resolution no_tariff clock dual_source "
           "freeze_model").split()
RULES = "T1 T2 T3 T4 T5 T6 F1 F2 F3 F4 F5 F6 F7 P1 P2 P3".split()
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"


def is_time(value):
    need(isinstance(value, str) and re.match(TIME, value), value)


def is_count(value):
    need(isinstance(value, int) and not isinstance(value, bool) and value >= 0, value)


def is_number(value):
    need(isinstance(value, (int, float)) and not isinstance(value, bool), value)


def must_be_finding(f):
    more = ["excess_kvarh"] if "excess_kvarh" in f else []
    equal(list(f), FINDING[:7] + more + FINDING[7:])
    need(not more or (f["excess_kwh"] is None and f["register"].startswith("reactive")), f)
    need(f["rule"] in RULES and f["severity"] in ("error", "warning", "info"), f)
    is_time(f["ts"])
    is_time(f["last_ts"])
    need(f["last_ts"] >= f["ts"] and isinstance(f["count"], int) and f["count"] >= 1, f)
    need(f["register"] is None or isinstance(f["register"], str), f)
    for key in ("excess_kwh", "excess_kvarh"):
        if f.get(key) is not None:
            is_number(f[key])
    need(len(f["window"]) == 2, f)
    for t in f["window"]:
        is_time(t)
    equal(f["window"][1], f["ts"], "end of the window")
    need(f["possible_rates"] is None or (f["possible_rates"] and set(f["possible_rates"]) <= set(RATES)), f)
    for row in (f["before"], f["after"]):
        need(isinstance(row, dict) and row, f)
        for value in row.values():
            is_number(value)
    need(isinstance(f["summary"], str) and len(f["summary"]) > 10, f)


def must_be_meter(m):
    equal(list(m), METER, "keys of a meter")
    need(isinstance(m["meter"], str) and isinstance(m["tariff"], str), m)
    need(m["verdict"] in ("ok", "violated", "undecided"), m)
    need(set(m["missing"]) <= set(MISSING) and bool(m["missing"]) == (m["verdict"] == "undecided"), m)
    is_time(m["from"])
    is_time(m["to"])
    for key in ("readings", "rejected", "duplicates"):
        is_count(m[key])
    equal(list(m["rejected_by"]), ["range", "zero", "conflict", "glitch"])
    equal(sum(m["rejected_by"].values()), m["rejected"], "the sum of the reasons")
    for key in ("coverage_time", "coverage_energy"):
        is_number(m[key])
        need(0 <= m[key] <= 1, m[key])
    if m["skew_s"] is not None:
        need(len(m["skew_s"]) == 2 and m["skew_s"][0] <= m["skew_s"][1], m["skew_s"])
    for step in m["resolution_kwh"].values():
        is_number(step)
    need(m["combined_rule"] in ("import+export", "import", "import-export", "undetermined"), m)
    need(m["freeze_model"] in ("cumulative", "period", "undetermined"), m)
    equal(list(m["assumptions"]), ASSUMPTIONS)
    for d in m["diagnoses"]:
        equal(list(d), ["code", "text", "rules", "from", "to"])
        need(d["code"] in CODES and set(d["rules"]) <= set(RULES), d)
        need(d["text"].endswith(".") and d["text"][0].isalpha(), d["text"])
        is_time(d["from"])
        is_time(d["to"])
    for f in m["findings"]:
        must_be_finding(f)
    need(any(f["severity"] == "error" for f in m["findings"]) == (m["verdict"] == "violated"), m)


def spoilt(rows):
    """A jump of the total, a sharp that moves at night and a fall, each to stay."""
    add(rows, RATE["sharp"], 0.1, 24)
    add(rows, TOTAL, 60, 100)
    add(rows, RATE["peak"], -200, 200)


def with_reactive(cents_apart):
    names = {TOTAL: "reactive_energy_total", **{RATE[r]: f"reactive_energy_{r}" for r in RATES}}
    rows = [{**r, **{names[c]: r[c] for c in names}} for r in GOOD.rows]
    for row in rows[100:]:
        row["reactive_energy_total"] = f"{float(row['reactive_energy_total']) + cents_apart / 100:.2f}"
    return Record(rows)


def every_key_is_always_there():
    """A good, a violated, an empty and a one-row record have the same keys in the same order"""
    records = [GOOD.text(), changed(spoilt).text(), Record(GOOD.rows[:1]).text(), Record([{"time": GOOD.rows[0]["time"]}]).text(),
               with_reactive(5000).text()]
    for text in records:
        for options in ((), ("--model", "kpm31"), ("--model", "kpm31bk"), ("--max-power", "100")):
            case = judge(text, *options)
            document = case.document()
            equal(list(document), ["version", "meters"])
            equal(document["version"], 1)
            for meter in document["meters"]:
                must_be_meter(meter)
            need(case.out.endswith("}\n") and case.out.count("\n") == 1, "one document, one line")


def reactive_findings():
    """Findings of reactive registers have excess_kvarh, and nothing in excess_kwh"""
    found = judge(with_reactive(5000).text()).findings("T2")
    equal(len(found), 1)
    need(10 < found[0]["excess_kvarh"] < 50, found[0])


def numbers_and_names():
    """No exponents, no trailing zeros; names of meters may be anything"""
    case = judge(Record([dict(r, meter='"a ""b"" \\ \x01é"') for r in GOOD.rows]).text(), "--max-power", "19000")
    equal(case.meter()["meter"], 'a "b" \\ \x01é')
    need(re.search(r":1000[,}]", judge(changed(spoilt).text()).out), "1000 has no point")
    need(not re.search(r"\d[eE][+-]?\d|\.\d*0[,\]}]", case.out), case.out)


def combined_and_freeze():
    """--combined and --freeze-model are taken over; auto leaves what the data do not tell undetermined"""
    equal([judge(GOOD.text(), "--combined", rule).meter()["combined_rule"]
           for rule in ("auto", "import+export", "import", "import-export")],
          ["undetermined", "import+export", "import", "import-export"])
    month = Record([dict(r, active_energy_combined_month=r[TOTAL]) for r in GOOD.rows])
    equal([judge(month.text(), "--freeze-model", model).meter()["freeze_model"]
           for model in ("auto", "cumulative", "period")], ["undetermined", "cumulative", "period"])


def text_for_people():
    """The verdict first, then why; the proof on request; no control characters from a name"""
    case = judge(GOOD.text(), as_json=False)
    equal(case.code, 0)
    matches(r"^meter: OK\b", case.out)
    case = judge(changed(spoilt).text(), as_json=False)
    equal(case.code, 3)
    matches(r"^meter: VIOLATED\b", case.out)
    matches(r"T1 error", case.out)
    need("rule:" not in case.out, case.out)
    proof = judge(changed(spoilt).text(), "--proof", as_json=False).out
    for wanted in ("assumed:", "300 s", "60 s", "rule: ", "window: ", "possible rates: valley", "before:", "after:",
                   "active_energy_sharp", "1000.1"):
        need(wanted in proof, f"{wanted!r} is not in\n{proof}")
    case = judge(Record(GOOD.rows[:1]).text(), as_json=False)
    matches(r"^meter: UNDECIDED\b.*too few readings", case.out)
    case = judge(Record([dict(r, meter="a\x1b[31mb") for r in GOOD.rows]).text(), as_json=False)
    need("\x1b" not in case.out and case.out.startswith("a?[31mb: OK"), case.out)
    need(json.dumps(proof).isascii(), "plain text")


if __name__ == "__main__":
    run_tests([every_key_is_always_there, reactive_findings, numbers_and_names, combined_and_freeze, text_for_people])
