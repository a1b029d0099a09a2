"""verify_field.py - the log of a real meter: nothing is found under the tariff it runs, and what is wrong under another."""
import os

from fleet import SRC
from tap import equal, need, run as run_tests
from verify_case import judge

LOG = os.path.join(SRC, "tests", "data", "kpm33b_field_A_15min.csv")
OWN = "07:00 flat, 10:00 peak, 14:00 flat, 17:00 peak, 18:00 sharp, 19:00 peak, 21:00 flat, 23:00 valley"


def lines():
    with open(LOG) as f:
        return f.read().splitlines()


def judged(text, day=OWN, *options):
    config = f"[tariff field]\nutc_offset = +01:00\nday 1 = {day}\n"
    return judge(text, *options, config=config, tariff="field", name="A.csv")


def its_own_tariff():
    """Nothing is found under the meter's own tariff, with its power known or not"""
    for options in ((), ("--max-power", "57000"), ("--model", "kpm33b")):
        case = judged("\n".join(lines()), OWN, *options)
        meter = case.meter()
        equal((case.code, meter["verdict"], meter["findings"], meter["diagnoses"]), (0, "ok", [], []), options)
        equal((meter["readings"], meter["rejected"], meter["duplicates"]), (208, 0, 0))
        equal(meter["resolution_kwh"]["active_energy_import"], 0.001)
        need(meter["skew_s"][0] <= 0 <= meter["skew_s"][1], meter["skew_s"])


def its_zeros_and_repeats():
    """As it came over the line: phantom zeros between all readings, most of them twice, some changed meanwhile"""
    head, rows = lines()[0], lines()[1:]
    text, conflicts = [head], 0
    for i, row in enumerate(rows):
        time, cells = row.split(",")[0], row.split(",")[1:]
        text += [row] * (1 if i % 7 == 3 else 2)
        if i % 10 == 9:
            conflicts += 1
            text.append(",".join([time, f"{float(cells[0]) + 0.5:.3f}"] + cells[1:]))
        minute = int(time[14:16])
        for more in range(3):
            text.append(f"{time[:14]}{minute + 4 + more:02d}{time[16:]}," + ",".join("0" for _ in cells))
    case = judged("\n".join(text))
    meter = case.meter()
    equal((case.code, meter["verdict"], meter["findings"]), (0, "ok", []))
    equal(meter["rejected_by"]["zero"], 3 * len(rows))
    need(meter["duplicates"] > 100 and meter["rejected_by"]["conflict"] >= 2 * conflicts, meter)


def another_tariff():
    """A table the meter does not run is found out in two days of 15 minutes: and what it is"""
    wrong = {
        "period_missing": OWN.replace("18:00 sharp, 19:00 peak", "18:00 peak"),
        "period_rate": OWN.replace("10:00 peak", "10:00 sharp"),
        "rates_swapped": OWN.replace("valley", "x").replace("flat", "valley").replace("x", "flat"),
    }
    for what, day in wrong.items():
        case = judged("\n".join(lines()), day)
        equal((case.code, case.meter()["verdict"]), (3, "violated"), what)
        need(any(f["rule"] == "T1" for f in case.meter()["findings"]), what)
    codes = [d["code"] for d in judged("\n".join(lines()), wrong["rates_swapped"]).meter()["diagnoses"]]
    equal(codes[0], "rates_swapped")


if __name__ == "__main__":
    run_tests([its_own_tariff, its_zeros_and_repeats, another_tariff])
