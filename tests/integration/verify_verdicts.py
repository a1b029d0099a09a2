"""verify_verdicts.py - which rows count, what a verdict says and the JSON it says it in: INTERFACES 8."""
import copy
import datetime
import itertools

from tap import equal, need, run as run_tests
from verify_case import RATE, RATES, START, TOTAL, Record, day, judge, stamp

GOOD = day()


def changed(change, record=GOOD):
    """The record with change(rows) done to a copy of its rows; all numbers are texts."""
    rows = copy.deepcopy(record.rows)
    change(rows)
    return Record(rows, record.columns)


def add(rows, column, kwh, first, last=None):
    """Adds to a column from row `first` on, up to before `last`."""
    for row in rows[first:last]:
        row[column] = f"{float(row[column]) + kwh:.2f}"


def verdict(case, wanted, *missing):
    meter = case.meter()
    equal((meter["verdict"], meter["missing"]), (wanted, list(missing)), f"verdict of {meter}")
    equal(case.code, 3 if wanted == "violated" else 0, "exit code")
    return meter


def at(index, record=GOOD):
    return stamp(datetime.datetime.fromisoformat(record.rows[index]["time"]))


def a_correct_meter_is_ok():
    """A day of a correct meter, and what the document says of it"""
    meter = verdict(judge(GOOD.text()), "ok")
    equal((meter["meter"], meter["tariff"], meter["readings"], meter["rejected"], meter["duplicates"]),
          ("meter", "manual", 288, 0, 0))
    equal((meter["from"], meter["to"]), (at(0), at(-1)))
    need(0.5 < meter["coverage_time"] < 1 and 0.5 < meter["coverage_energy"] < 1, meter)
    lo, hi = meter["skew_s"]
    need(-310 < lo <= 0 <= hi < 370, meter["skew_s"])
    equal(meter["resolution_kwh"], {TOTAL: 0.1, **{RATE[r]: 0.1 for r in RATES}})
    equal(meter["assumptions"], {"clock_tolerance_s": 300, "switching_lag_s": 60, "register_lag_s": 2, "clock_drift_s": 2,
                                 "wrap": "same_day", "max_power_w": None})
    equal((meter["findings"], meter["diagnoses"]), ([], []))


def assumptions_are_those_of_the_tariff():
    """Tolerances, wrap rule and the maximum are told as they were given"""
    config = ("[tariff manual]\nutc_offset = +08:00\nday 1 = 06:00 sharp, 10:00 peak, 12:00 sharp, 15:00 flat, 23:00 valley\n"
              "clock_tolerance = 30s\nswitching_lag = 500ms\nregister_lag = 0s\nclock_drift = 1s\nwrap = previous_day\n")
    meter = judge(GOOD.text(), "--max-power", "13200", config=config).meter()
    equal(meter["assumptions"], {"clock_tolerance_s": 30, "switching_lag_s": 0.5, "register_lag_s": 0, "clock_drift_s": 1,
                                 "wrap": "previous_day", "max_power_w": 13200})
    equal(judge(GOOD.text(), "--model", "kpm31").meter()["assumptions"]["max_power_w"], 19008)
    equal(judge(GOOD.text(), "--model", "kpm31", "--max-power", "5000").meter()["assumptions"]["max_power_w"], 5000)


def forbidden_movement():
    """T1: sharp moves at night, by what, when, between which rows, beside which possible rate"""
    def sharp_at_night(rows):
        add(rows, RATE["sharp"], 0.1, 24)
        add(rows, RATE["valley"], -0.1, 24)
    case = judge(changed(sharp_at_night).text())
    verdict(case, "violated")
    found = case.findings("T1")
    equal(len(found), 1, "T1 findings")
    f = found[0]
    equal((f["severity"], f["register"], f["excess_kwh"], f["count"]), ("error", RATE["sharp"], 0.1, 1))
    equal((f["ts"], f["last_ts"], f["possible_rates"]), (at(24), at(24), ["valley"]))
    equal(f["window"], [stamp(START + datetime.timedelta(seconds=23 * 300 - 2)), at(24)], "window")
    equal((f["before"][RATE["sharp"]], f["after"][RATE["sharp"]]), (1000, 1000.1))
    equal(list(f["before"]), list(f["after"]))
    need(f["summary"], "a summary")


def repetitions_are_one_finding():
    """The same register, rule and cause on two days: one finding with a count"""
    two_days = day(n=2 * 288)

    def twice(rows):
        for first in (24, 24 + 288):
            add(rows, RATE["sharp"], 0.1, first)
            add(rows, RATE["valley"], -0.1, first)
    found = judge(changed(twice, two_days).text()).findings("T1")
    equal([(f["count"], f["ts"], f["last_ts"]) for f in found], [(2, at(24), at(24 + 288, two_days))])


def no_accusation_on_one_read():
    """A row that its next one takes back is a glitch, whatever it shows; it is counted and forgotten"""
    cases = {
        "a forbidden register": lambda rows: add(rows, RATE["sharp"], 0.5, 24, 25),
        "an allowed one": lambda rows: add(rows, RATE["valley"], 500, 24, 25),
        "the total": lambda rows: add(rows, TOTAL, 500, 24, 25),
        "a fall of the total": lambda rows: add(rows, TOTAL, -500, 24, 25),
        "a fall of all": lambda rows: [add(rows, c, -500, 24, 25) for c in [TOTAL] + list(RATE.values())],
        "the third row": lambda rows: add(rows, TOTAL, 500, 2, 3),
        "the last but one": lambda rows: add(rows, TOTAL, 500, 286, 287),
    }
    for what, change in cases.items():
        meter = verdict(judge(changed(change).text()), "ok")
        equal((meter["rejected"], meter["rejected_by"]["glitch"]), (1, 1), what)


def the_last_row_is_never_judged():
    """Whatever the last row shows, there is no next one to confirm it"""
    for change in (lambda rows: add(rows, RATE["sharp"], 5, 287), lambda rows: add(rows, TOTAL, -500, 287)):
        meter = verdict(judge(changed(change).text()), "ok")
        equal((meter["findings"], meter["rejected"]), ([], 0))
    verdict(judge(changed(lambda rows: add(rows, TOTAL, -500, 286)).text()), "violated")


def the_first_row():
    """A first row that the second contradicts is dropped; zeros are never the first row of a record with energy"""
    for change in (lambda rows: add(rows, TOTAL, 500, 0, 1), lambda rows: add(rows, RATE["sharp"], -1, 0, 1)):
        meter = verdict(judge(changed(change).text()), "ok")
        equal((meter["rejected"], meter["rejected_by"]["glitch"]), (1, 1))
    meter = verdict(judge(changed(lambda rows: add(rows, TOTAL, 500, 1, 2)).text()), "ok")
    equal(meter["rejected_by"]["glitch"], 2, "a bad second row takes the first with it")

    def zeros(rows):
        for row in rows[:3]:
            row.update({c: "0" for c in row if c != "time"})
    meter = verdict(judge(changed(zeros).text()), "ok")
    equal((meter["rejected"], meter["readings"]), (0, 288))


def rejected_rows():
    """Rows out of range and phantom zeros are counted by reason and are never a baseline"""
    def spoil(rows):
        rows[20][TOTAL] = "nan"
        rows[21][RATE["flat"]] = "-1"
        rows[22][RATE["peak"]] = "1e9"
        rows[23][TOTAL] = "12,5"[:2] + "x"
        for row in rows[30:34]:
            row.update({c: "0" for c in row if c != "time"})
    meter = verdict(judge(changed(spoil).text()), "ok")
    equal((meter["readings"], meter["rejected"]), (288, 8))
    equal(meter["rejected_by"], {"range": 4, "zero": 4, "conflict": 0, "glitch": 0})


def rows_of_one_time():
    """Equal ones are one row, unequal ones none at all, in whatever order they stand"""
    def twice(rows):
        rows.insert(40, dict(rows[40]))
        rows.insert(60, dict(rows[60]))
        rows.insert(60, dict(rows[60]))
    meter = verdict(judge(changed(twice).text()), "ok")
    equal((meter["readings"], meter["duplicates"], meter["rejected"]), (291, 3, 0))
    good, bad = GOOD.rows[40], dict(GOOD.rows[40], **{TOTAL: "5000.00"})
    for order in itertools.permutations([good, bad, dict(good)]):
        meter = verdict(judge(Record(GOOD.rows[:40] + list(order) + GOOD.rows[41:]).text()), "ok")
        equal((meter["rejected_by"]["conflict"], meter["duplicates"], meter["rejected"]), (3, 0, 3))


def broken_sum():
    """T2: the total runs away from its rates, and stays there"""
    case = judge(changed(lambda rows: add(rows, TOTAL, 50, 100)).text())
    verdict(case, "violated")
    found = case.findings("T2")
    equal([(f["ts"], f["severity"], f["count"]) for f in found], [(at(100), "error", 1)])
    need(10 < found[0]["excess_kwh"] < 50, found[0])
    lost = judge(changed(lambda rows: add(rows, RATE["flat"], -5, 200)).text())
    verdict(lost, "violated")
    need({"T2", "T6"} & {f["rule"] for f in lost.meter()["findings"]}, lost.meter())


def falls():
    """T6: a clear is one finding of the whole meter, proved by a row that counts up; a fall of one register is its own"""
    def clear(rows):
        for column in [TOTAL] + list(RATE.values()):
            base = float(rows[99][column])
            for row in rows[100:]:
                row[column] = f"{float(row[column]) - base:.2f}"
    case = judge(changed(clear).text())
    verdict(case, "violated")
    equal([(f["rule"], f["register"], f["excess_kwh"], f["ts"]) for f in case.meter()["findings"]],
          [("T6", None, None, at(100))])
    equal([d["code"] for d in case.meter()["diagnoses"]], ["cleared"])

    def only_zeros(rows):
        for row in rows[100:]:
            row.update({c: "0" for c in row if c != "time"})
    meter = verdict(judge(changed(only_zeros).text()), "ok")
    equal((meter["rejected_by"]["zero"], meter["findings"]), (188, []))
    case = judge(changed(lambda rows: add(rows, RATE["peak"], -200, 100)).text())
    verdict(case, "violated")
    found = case.findings("T6")
    equal([(f["register"], f["ts"]) for f in found], [(RATE["peak"], at(100))])
    equal(found[0]["excess_kwh"], 200)


def meters_with_fewer_registers():
    """Import instead of a total, two rates instead of four: what there is is judged, T2 only with all four"""
    imported = [{("active_energy_import" if c == TOTAL else c): v for c, v in r.items()} for r in GOOD.rows]
    verdict(judge(Record(imported).text()), "ok")
    verdict(judge(Record([dict(r, active_energy_export="0") for r in imported]).text()), "ok")
    verdict(judge(changed(lambda rows: add(rows, "active_energy_import", 50, 100), Record(imported)).text()), "violated")
    two = [{c: r[c] for c in ("time", TOTAL, RATE["flat"], RATE["valley"])} for r in GOOD.rows]
    verdict(judge(Record(two).text()), "ok")

    def flat_at_night(rows):
        add(rows, RATE["flat"], 0.1, 24)
        add(rows, RATE["valley"], -0.1, 24)
    case = judge(changed(flat_at_night, Record(two)).text())
    equal([f["register"] for f in case.findings("T1")], [RATE["flat"]])
    case = judge(changed(lambda rows: add(rows, TOTAL, 60, 220), Record(two)).text())
    equal([f["register"] for f in case.findings("T3")], [RATE["flat"]])
    equal(case.findings("T2"), [])
    alone = [{c: r[c] for c in ("time", RATE["valley"])} for r in GOOD.rows]
    verdict(judge(Record(alone).text()), "undecided", "resolution")


def rows_without_energy():
    """Rows that give other values only are readings, but judge nothing and witness nothing"""
    rows = []
    for row in GOOD.rows:
        rows += [row, {"time": row["time"].replace(":00+", ":30+"), "voltage": "230"}]
    record = Record(rows, GOOD.columns + ["voltage"])
    meter = verdict(judge(record.text()), "ok")
    equal((meter["readings"], meter["rejected"], meter["to"]), (576, 0, stamp(
        datetime.datetime.fromisoformat(rows[-1]["time"]))))
    case = judge(changed(lambda r: add(r[::2], RATE["sharp"], 0.5, 24, 25), record).text())
    meter = verdict(case, "ok")
    equal(meter["rejected_by"]["glitch"], 1)


def what_is_missing():
    """Undecided says why"""
    def only(*columns):
        return Record([{c: r[c] for c in ("time",) + columns} for r in GOOD.rows]).text()
    verdict(judge(only(TOTAL)), "undecided", "no_rate_columns")
    verdict(judge(only()), "undecided", "no_rate_columns", "too_few_readings")
    verdict(judge(Record(GOOD.rows[:1]).text()), "undecided", "too_few_readings")
    verdict(judge(Record(GOOD.rows[:2]).text()), "undecided", "too_few_readings")
    verdict(judge(Record([dict(GOOD.rows[0], time=r["time"]) for r in GOOD.rows]).text()), "undecided", "no_movement")
    verdict(judge(Record(day(n=576).rows[::144]).text()), "undecided", "all_windows_ambiguous")
    verdict(judge(GOOD.text(), "--model", "kpm31bk"), "undecided", "dual_source")
    verdict(judge(Record(day(cents=1).rows[:4]).text()), "undecided", "resolution")


if __name__ == "__main__":
    run_tests([a_correct_meter_is_ok, assumptions_are_those_of_the_tariff, forbidden_movement, repetitions_are_one_finding,
               no_accusation_on_one_read, the_last_row_is_never_judged, the_first_row, rejected_rows, rows_of_one_time,
               broken_sum, falls, meters_with_fewer_registers, rows_without_energy, what_is_missing])
