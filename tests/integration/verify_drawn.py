"""verify_drawn.py - records of an independently written generator, each of which once found a fault in the engine."""
import os

from fleet import SRC
from tap import equal, run as run_tests
from verify_case import judge

DRAWN = os.path.join(SRC, "tests", "data", "drawn")


def judged(name, *options, change=lambda text: text):
    with open(os.path.join(DRAWN, name + ".csv")) as f, open(os.path.join(DRAWN, name + ".ini")) as config:
        return judge(change(f.read()), *options, config=config.read(), tariff="t", name=name + ".csv")


def a_hole_behind_a_bad_sample_of_a_net_meter():
    """A bad sample of a register that may fall is no baseline, and no jump, though the row behind it has a hole"""
    case = judged("net_hole", "--max-power", "20000")
    equal((case.code, case.meter()["verdict"], case.findings()), (0, "ok", []))


def a_block_in_a_row_of_its_own():
    """A settlement block read a second behind the registers is compared with them: its model is found, and a wrong value"""
    case = judged("freeze_apart")
    equal((case.code, case.meter()["freeze_model"]), (3, "cumulative"))
    equal([(f["rule"], f["register"], f["ts"]) for f in case.findings()],
          [("F2", "active_energy_peak_prev01", "2026-11-01T01:01:08.000Z")])
    right = judged("freeze_apart", change=lambda text: text.replace("1206.20", "1201.20"))
    equal((right.code, right.meter()["verdict"], right.meter()["freeze_model"], right.findings()), (0, "ok", "cumulative", []))


def a_register_that_counts_too_much():
    """What only float32 could excuse, and float32 would not lose in this pattern, is no proven sum: undecided, and it is said"""
    case = judged("valley_over")
    equal((case.code, case.meter()["verdict"], case.meter()["missing"]), (0, "undecided", ["resolution"]))


if __name__ == "__main__":
    run_tests([a_hole_behind_a_bad_sample_of_a_net_meter, a_block_in_a_row_of_its_own,
               a_register_that_counts_too_much])
