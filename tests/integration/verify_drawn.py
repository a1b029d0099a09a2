"""verify_drawn.py - records of an independently written generator, each of which once found a fault in the engine."""
import os

from fleet import SRC
from tap import equal, run as run_tests
from verify_case import judge

DRAWN = os.path.join(SRC, "tests", "data", "drawn")


def judged(name, *options):
    with open(os.path.join(DRAWN, name + ".csv")) as f, open(os.path.join(DRAWN, name + ".ini")) as config:
        return judge(f.read(), *options, config=config.read(), tariff="t", name=name + ".csv")


def a_hole_behind_a_bad_sample_of_a_net_meter():
    """A bad sample of a register that may fall is no baseline, and no jump, though the row behind it has a hole"""
    case = judged("net_hole", "--max-power", "20000")
    equal((case.code, case.meter()["verdict"], case.findings()), (0, "ok", []))


if __name__ == "__main__":
    run_tests([a_hole_behind_a_bad_sample_of_a_net_meter])
