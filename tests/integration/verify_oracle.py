"""verify_oracle.py - the rules of INTERFACES 8 once more, slow and obvious, to compare the program with.

Written from the text alone: the pipeline of rows, the judgement one row late, T1, T2 and T6. Rates are looked up minute by
minute. Tolerances of T2 are simply taken as LARGE: the records it is used on keep away from the edge of any tolerance.
"""
import datetime
import math

TOTAL = "total"
RATES = ["sharp", "peak", "flat", "valley"]
LARGE = 2_000_000  # 10^-6 kWh: a gap of total and rates below it is rounding, above it is a fault
SMALL = 1_000_000  # a register that was cleared has not counted further than this
MINUTE = 60_000


class Tariff:
    """Day tables as lists of (minute, rate), the table of a weekday (0 = Monday), and the assumptions, in ms."""

    def __init__(self, tables, weekdays, offset_ms, s, g, r):
        self.tables, self.weekdays = tables, weekdays
        self.offset_ms, self.s, self.g, self.r = offset_ms, s, g, r
        self.known = {}  # day: its table

    def table(self, day):
        if day not in self.known:
            weekday = (datetime.date(1970, 1, 1) + datetime.timedelta(days=day)).weekday()
            self.known[day] = self.tables[self.weekdays[weekday]]
        return self.known[day]

    def rate(self, local_ms):
        day, ms = divmod(local_ms, 86_400_000)
        table = self.table(day)
        name = table[-1][1]
        for minute, rate in table:
            if ms >= minute * MINUTE:
                name = rate
        return name

    def possible(self, lo_utc_ms, hi_utc_ms):
        """Rates that a clock within +-S, with a lag up to G, can have in force somewhere in the window."""
        lo = lo_utc_ms + self.offset_ms - self.s - self.g
        hi = hi_utc_ms + self.offset_ms + self.s
        seen = {self.rate(lo), self.rate(hi)}
        for minute in range(math.ceil(lo / MINUTE), hi // MINUTE + 1):
            seen.add(self.rate(minute * MINUTE))
        return seen


class Row:
    """time, window: ms; values: register to 10^-6 kWh, without those not read; bad: a cell was out of range."""

    def __init__(self, time, window, values, bad=False):
        self.time, self.window, self.values, self.bad = time, window, values, bad

    def zero(self):
        return bool(self.values) and all(v == 0 for v in self.values.values())


class Outcome:
    def __init__(self):
        self.rejected = {"range": 0, "zero": 0, "conflict": 0, "glitch": 0}
        self.duplicates = 0
        self.events = []  # (rule, register or None, time)


def has_energy(rows):
    """Rows with energy that may be called accepted: in a record that begins with zeros two, of which none falls."""
    energy = [not r.zero() for r in rows]
    if not any(energy) or not rows[0].zero():
        return any(energy)
    return any(a and b and not below(q.values, p.values) for a, b, p, q in zip(energy, energy[1:], rows, rows[1:]))


def rows_that_count(rows, out):
    """Range, zeros, equal times; what is left, in order of time."""
    left = []
    out.rejected["range"] = sum(r.bad for r in rows)
    for time in sorted({r.time for r in rows}):
        energy = has_energy(left)
        same = [r for r in rows if r.time == time and not r.bad and r.values]
        out.rejected["zero"] += sum(r.zero() for r in same if energy)
        same = [r for r in same if not (energy and r.zero())]
        if same and all(r.values == same[0].values for r in same):
            out.duplicates += len(same) - 1
            left.append(same[0])
        else:
            out.rejected["conflict"] += len(same)
    return left


def both(a, b):
    return [name for name in a if name in b]


def below(a, b):
    """Is a below b in some register?"""
    return any(a[name] < b[name] for name in both(a, b))


def sum_fails(a, b):
    """T2 from a to b; None where a register is missing."""
    if a is None or not all(name in a and name in b for name in RATES + [TOTAL]):
        return None
    gap = (b[TOTAL] - a[TOTAL]) - sum(b[r] - a[r] for r in RATES)
    return abs(gap) > LARGE


SUMS_WITH_HOLES = 3  # that many complete rows whose next was not, one after the other: the source is like that
FIRST_ROWS_DROPPED = 3  # that many in a row are no bad samples: the meter is always wrong


class Judge:
    def __init__(self, tariff, out):
        self.tariff, self.out = tariff, out
        self.values = None  # o: of the last accepted row, absent registers carried over
        self.since = {}     # register: where the window of its last value begins
        self.complete = None   # the last accepted row that gave total and all rates together
        self.reference = None  # of T2: the first such row, or the one of the last T2
        self.fresh = False     # the reference is the row before this one, and no sum has confirmed it
        self.dropped = 0        # first rows, one after the other
        self.held = {}          # register: (time, window, value) that waits for the next row that gives it
        self.unconfirmed = 0    # complete rows whose next row was not, one after the other
        self.suspected = False  # the last complete row broke T2, and its next row lacked a register

    def start_of(self, row):
        return row.time - row.window - self.tariff.r

    def forbidden(self, values, since, row):
        return [name for name in both(values, row.values) if name in RATES and values[name] != row.values[name]
                and name not in self.tariff.possible(since[name], row.time)]

    def take_over(self, row, afresh):
        if afresh:
            self.values, self.since, self.held = {}, {}, {}
            self.complete, self.reference, self.suspected = None, None, False
        for name, value in row.values.items():
            self.values[name] = value
            self.since[name] = self.start_of(row)
        if afresh:
            self.take_sums(row.values)

    def take_sums(self, values):
        if all(name in values for name in RATES + [TOTAL]):
            self.complete = values
            self.reference = self.reference or values

    def breaks(self, first, second):
        since = {name: self.start_of(first) for name in first.values}
        return below(second.values, first.values) or sum_fails(first.values, second.values) or \
            bool(self.forbidden(first.values, since, second))

    def glitch(self, p, n):
        if below(n.values, self.values):
            return False
        return below(p.values, self.values) or below(n.values, p.values) or \
            (sum_fails(self.complete, p.values) and sum_fails(self.complete, n.values) is False)

    def fall(self, p):
        fallen = [name for name in both(self.values, p.values) if p.values[name] < self.values[name]]
        cleared = all(p.values[name] <= SMALL for name in both(self.values, p.values))
        goes_on = any(self.values[name] and name not in fallen and p.values[name] - self.values[name] <= SMALL
                      for name in both(self.values, p.values))
        for name in fallen if goes_on and not cleared else [None]:
            self.out.events.append(("T6", name, p.time))
        self.take_over(p, True)

    def accept(self, p, n, whole):
        """p: the registers that n confirms; whole: all that the row gave, for the sum has its own witness."""
        if below(p.values, self.values):
            self.fall(p)
            return
        for name in self.forbidden(self.values, self.since, p):
            self.out.events.append(("T1", name, p.time))
        self.sum(p.time, whole, n)
        self.take_over(p, False)

    def sum(self, time, whole, n):
        """The next row is the witness; where it lacks a register, the next complete row is judged with p as its own."""
        if not all(name in whole for name in RATES + [TOTAL]):
            self.fresh = False
            return
        if all(name in n.values for name in RATES + [TOTAL]):
            self.unconfirmed = 0
        elif self.unconfirmed < SUMS_WITH_HOLES:
            self.unconfirmed += 1
            return
        here, there = sum_fails(self.reference, whole), sum_fails(self.reference, n.values)
        fresh, self.fresh = self.fresh, self.complete is None
        if fresh and here:  # as with the first row of a record: dropped when the second breaks a rule against it
            self.complete = self.reference = whole
            return
        breaks = here and (there or (there is None and self.suspected))
        self.suspected = here and there is None and not breaks
        if breaks:
            self.out.events.append(("T2", None, time))
            self.reference = whole
        if not self.suspected:
            self.take_sums(whole)

    def first(self, p, n):
        if p.zero() and not n.zero():
            return
        if self.dropped < FIRST_ROWS_DROPPED and self.breaks(p, n):
            self.dropped += 1
            self.out.rejected["glitch"] += not p.zero()
            return
        self.dropped = 0
        self.take_over(p, True)

    def release(self, p):
        """What was held and p gives: what p takes back is forgotten, the rest judged as a row of its own time."""
        ready = sorted((self.held.pop(name), name) for name in list(self.held) if name in p.values)
        for time, window in sorted({(h[0], h[1]) for h, name in ready}):
            late = Row(time, window, {name: h[2] for h, name in ready if h[0] == time})
            for name, value in list(late.values.items()):
                o = self.values.get(name, 0)
                if p.values[name] >= o and (value < o or p.values[name] < value):
                    del late.values[name]
            fresh = Row(time, window, {k: v for k, v in late.values.items() if k not in self.values})
            if self.breaks(fresh, p):
                late.values = {k: v for k, v in late.values.items() if k in self.values}
            if below(late.values, self.values):
                self.fall(late)
                continue
            for name in self.forbidden(self.values, self.since, late):
                self.out.events.append(("T1", name, time))
            self.take_over(late, False)

    def run(self, rows):
        for row, n in zip(rows, rows[1:]):
            p = Row(row.time, row.window, {name: row.values[name] for name in both(row.values, n.values)})
            if self.values and all(v == 0 for v in self.values.values()) and p.values and not p.zero():
                self.values = None  # a record of zeros has come to life
            if self.values is None:
                self.first(p, n)
            elif self.glitch(p, n):
                self.out.rejected["glitch"] += 1
                continue
            else:
                self.release(row)
                self.accept(p, n, row.values)
            if self.values is not None:
                self.held.update({k: (row.time, row.window, v) for k, v in row.values.items() if k not in n.values})


def judge(tariff, rows):
    out = Outcome()
    Judge(tariff, out).run(rows_that_count(rows, out))
    return out
