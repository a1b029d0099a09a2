"""Months in seconds: settlement, both freeze models, rates by the meter's clock, clocks and tables that are wrong."""
import time

import tap
from fleet import PATIENCE
from sim_master import Line, Sim
from tap import equal, need, wait_until

FAMILIES = ("combined", "sharp", "peak", "flat", "valley")
TARIFF = """[gateway]
id = other sections are not looked at
[tariff test]
utc_offset = +08:00
day 1 = 00:00 valley, 08:00 peak, 18:00 sharp, 22:00 valley
"""


def month_registers(line, meter):
    """{family: [month, prev1 … prev12]} of active energy, from three replies of the same minute."""
    at = {}
    for first, count in ((0x009C, 104), (0x0104, 104), (0x016C, 52)):
        data = line.read_floats(meter, first, count // 2)
        at.update({first + 2 * i: v for i, v in enumerate(data)})
    return {name: [at[0x009C + 52 * f + 2 * n] for n in range(13)] for f, name in enumerate(FAMILIES)}


def live(line, meter):
    data = line.read_floats(meter, 0x0080, 14)
    return dict(zip(FAMILIES, [data[0]] + data[6:10]))


def month_end(model):
    """November begins ten minutes after the first request, which is some seconds."""
    options = ("--start", "2026-10-31T23:50:00+08:00", "--speed", "300", "--hold", "--freeze", model, "--resolution", "none")
    with Sim(*options, tariff=TARIFF) as sim, Line(sim.file("bus0")) as line:
        old = month_registers(line, 2)
        total = live(line, 2)
        new = wait_until(lambda: (lambda m: m if m["combined"][2] == old["combined"][1] else None)(
            month_registers(line, 2)), 20 * PATIENCE, "the month to end")
        now = live(line, 2)
    for family in FAMILIES:
        equal(new[family][2:], old[family][1:12], f"{family}: the months moved by one")
        moved = now[family] - total[family]
        need(old[family][0] - 0.001 <= new[family][1] <= old[family][0] + moved + 0.001, f"{family}: the new month")
    return old, new, total, now


def period():
    """In the period model a month register begins anew, and its end is the first of the history"""
    old, new, total, now = month_end("period")
    need(new["combined"][0] < 1 < old["combined"][0], f"the month register: {old['combined'][0]} → {new['combined'][0]}")
    moved = now["combined"] - total["combined"]
    need(abs(new["combined"][1] + new["combined"][0] - old["combined"][0] - moved) < 0.01, "nothing lost between months")
    for n in range(13):
        need(abs(new["combined"][n] - sum(new[f][n] for f in FAMILIES[1:])) < 0.01, f"rates of month {n}")


def cumulative():
    """In the cumulative model a month register is the live register, and the history falls with age"""
    old, new, _, now = month_end("cumulative")
    for family in FAMILIES:
        need(abs(new[family][0] - now[family]) < 0.1, f"{family}: month and live register")
        need(all(a >= b for a, b in zip(new[family], new[family][1:])), f"{family}: {new[family]}")
    need(old["combined"][0] > 100, "it has lived")


def rates_moved(sim_options, seconds, faults=None, meter=1):
    """Which rate registers moved in the first `seconds` of real time."""
    with Sim("--hold", "--resolution", "none", *sim_options, tariff=TARIFF, faults=faults) as sim, \
            Line(sim.file("bus0")) as line:
        line.read(1, 1, 1)  # starts the clocks
        before, limit = live(line, meter), time.monotonic() + seconds
        while time.monotonic() < limit:
            after = live(line, meter)
            time.sleep(0.02)
    return {name for name in FAMILIES[1:] if after[name] != before[name]}


EVENING = ("--start", "2026-10-10T18:05:00+08:00", "--speed", "150")


def rates():
    """Energy goes to the rate of the hour, by the meter's own clock and its own table"""
    equal(rates_moved(EVENING, 0.4), {"sharp"}, "five past six")
    equal(rates_moved(EVENING, 0.4, "+0 bus0/1 clock -3h\n"), {"peak"}, "its clock says five past three")
    equal(rates_moved(EVENING, 0.4, "+0 bus0/2 clock -3h\n"), {"sharp"}, "another one's clock")
    equal(rates_moved(EVENING, 0.4, "+0 bus0/1 clock 2005-10-10T02:00\n"), {"valley"}, "its clock says two at night")
    equal(rates_moved(EVENING, 0.4, "+0 bus0/1 table relabel 18:00 flat\n"), {"flat"}, "its table says flat")
    equal(rates_moved(EVENING, 0.4, "+0 bus0/1 table move 18:00 19:30\n"), {"peak"}, "its table is late")
    equal(rates_moved(EVENING, 0.4, "+0 bus0/1 table one valley\n+0 bus0/1 repaired\n"), {"sharp"}, "repaired")


def faults_in_the_meters_time():
    """A fault with a local time happens at that moment of the meters' clocks"""
    faults = "2026-10-31T23:55 * freeze_reversed\n2026-10-10T18:06:30 bus0/3 table one flat\n"
    with Sim("--hold", *EVENING, "--resolution", "none", faults=faults, tariff=TARIFF) as sim, \
            Line(sim.file("bus0")) as line:
        start = live(line, 3)
        now = wait_until(lambda: (lambda e: e if e["flat"] != start["flat"] else None)(live(line, 3)), 10, "flat to move")
        need(now["sharp"] > start["sharp"], "sharp moved before")
        equal(sim.stop()[0], 0, "exit code")
        equal(sim.verdicts("event"), ["table"], "events")
    options = ("--start", "2026-10-31T23:50:00+08:00", "--speed", "600", "--hold")
    with Sim(*options, faults=faults, tariff=TARIFF) as sim, Line(sim.file("bus0")) as line:
        first = month_registers(line, 1)["combined"]
        wait_until(lambda: month_registers(line, 1)["combined"][1:] == list(reversed(first[1:])), 10,
                   "the history to be reversed")


def held():
    """With --hold the clocks stand until the first request"""
    with Sim("--hold", "--speed", "100000", "--start", "2026-10-10T00:00:00+08:00", "--resolution", "none") as sim, \
            Line(sim.file("bus0")) as line:
        time.sleep(0.3)
        first = live(line, 1)["combined"]
        with Sim("--hold", "--start", "2026-10-10T00:00:00+08:00", "--resolution", "none") as other, \
                Line(other.file("bus0")) as other_line:
            second = live(other_line, 1)["combined"]
        need(abs(first - second) < 0.5, f"{first} after a pause, {second} at once")
        wait_until(lambda: live(line, 1)["combined"] > first + 5, 10, "energy to grow")


def full_speed():
    """At 100000 times the speed a month ends for meters that nobody looked at, and the sums stay right"""
    with Sim("--hold", "--speed", "100000", "--meters", "4", "--start", "2026-01-31T12:00:00+08:00", "--resolution", "none",
             tariff=TARIFF) as sim, Line(sim.file("bus0")) as line:
        before = month_registers(line, 4)
        wait_until(lambda: line.read_floats(1, 0x009C, 1)[0] < 20, 20 * PATIENCE, "the month to end")
        after, total = month_registers(line, 4), live(line, 4)
    equal(after["combined"][2:], before["combined"][1:12], "the months of another meter moved")
    data = line_sum(total)
    need(abs(total["combined"] - data) < 0.02, f"{total['combined']}, rates {data}")


def line_sum(registers):
    return sum(registers[name] for name in FAMILIES[1:])


def jump():
    """A clock set ahead by a year makes up twelve settlements"""
    with Sim("--hold", "--speed", "60", "--start", "2026-10-20T00:00:00+08:00", faults="+0 bus0/1 clock +365d\n",
             tariff=TARIFF) as sim, Line(sim.file("bus0")) as line:
        months = wait_until(lambda: (lambda m: m if m[2:12] == [0.0] * 10 else None)(
            month_registers(line, 1)["combined"]), 10, "twelve settlements")
        need(months[0] < 1 and months[1] == 0 and months[12] > 20, f"the first one has all: {months}")
        need(month_registers(line, 2)["combined"][12] > 0, "another meter keeps its history")


tap.run([period, cumulative, rates, faults_in_the_meters_time, held, full_speed, jump])
