"""verify_random.py - hundreds of random small records, good and bad, judged by the program and by verify_oracle.py."""
import datetime
import os
import random

from tap import diagnose, equal, need, run as run_tests
from verify_case import judge as program_judges
from verify_oracle import RATES, TOTAL, Row, Tariff, judge as oracle_judges

SEED = int(os.environ.get("VERIFY_SEED", "1"))
FILES, METERS = 12, 25
COLUMN = {TOTAL: "active_energy_total", **{r: f"active_energy_{r}" for r in RATES}}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def draw_table(rnd):
    minutes = sorted(rnd.sample(range(0, 1440, rnd.choice([1, 15, 30, 60])), rnd.randint(1, 8)))
    return [(m, rnd.choice(RATES)) for m in minutes]


def draw_tariff(rnd):
    rest = rnd.sample(range(7), rnd.choice([0, 1, 2]))
    offset = rnd.choice([0, 480, -210, 60, 840]) * 60_000
    return Tariff([draw_table(rnd), draw_table(rnd)], [1 if d in rest else 0 for d in range(7)], offset,
                  rnd.choice([0, 30_000, 300_000]), rnd.choice([0, 60_000]), rnd.choice([0, 2_000]))


def written(t):
    """The tariff as configuration."""
    sign, minutes = "-" if t.offset_ms < 0 else "+", abs(t.offset_ms) // 60_000
    text = f"[tariff t]\nutc_offset = {sign}{minutes // 60:02d}:{minutes % 60:02d}\n"
    for number, table in enumerate(t.tables, 1):
        periods = ", ".join(f"{m // 60:02d}:{m % 60:02d} {r}" for m, r in table)
        text += f"day {number} = {periods}\n"
    rest = [DAYS[d] for d in range(7) if t.weekdays[d] == 1]
    if rest:
        text += f"rest_days = {', '.join(rest)}\nrest_table = 2\n"
    return text + f"clock_tolerance = {t.s}ms\nswitching_lag = {t.g}ms\nregister_lag = {t.r}ms\n"


class Meter:
    """Books pulses minute by minute by its own clock and tables; shows them truncated."""

    def __init__(self, rnd, tariff, period):
        self.rnd, self.tariff = rnd, tariff
        self.skew = rnd.randint(-tariff.s, tariff.s)
        self.step = rnd.choice([1_000, 10_000, 100_000])
        self.true = {r: rnd.choice([0, 5, 400, 900]) * 10 ** 6 + rnd.randrange(10 ** 6) for r in RATES}
        self.load = int(self.step * rnd.uniform(1.5, 20) * 3.6 / period) + 1  # W: no row without movement
        self.now = None

    def live(self, until):
        """In steps of ten seconds; a switch-over is noticed at the next full minute of the meter's clock."""
        self.now = until if self.now is None else self.now
        while self.now < until:
            step = min(10_000, until - self.now)
            clock = self.now + self.skew + self.tariff.offset_ms
            noticed = clock - clock % 60_000 if self.tariff.g else clock
            end = clock + step - 1
            if not self.tariff.g and self.tariff.rate(end) != self.tariff.rate(noticed):
                step = 1
            self.true[self.tariff.rate(noticed)] += self.load * step // 3600 + self.rnd.randrange(2)
            self.now += step

    def shown(self):
        values = {r: v - v % self.step for r, v in self.true.items()}
        total = sum(self.true.values())
        values[TOTAL] = total - total % self.step
        return values


def change_for_good(rnd, rows, grid):
    """The meter itself goes wrong, or is worked on, from a row on; by much, so that no tolerance matters."""
    later = rows[rnd.randrange(len(rows)):]
    name, amount = rnd.choice(RATES + [TOTAL]), rnd.randint(400, 600) * 10 ** 6
    kind = rnd.choice(["move", "jump", "fall", "clear", "replace"])
    base = dict(later[0].values)
    for row in later:
        if kind == "move":
            row.values[TOTAL] += amount
            row.values[name] += amount if name != TOTAL else 0
        elif kind == "jump":
            row.values[name] += amount
        elif kind == "fall" and row.values[name] > amount:
            row.values[name] -= amount
        elif kind == "clear":
            row.values = {n: v - base[n] for n, v in row.values.items()}
        elif kind == "replace":
            row.values = {n: v // 3 // grid * grid + amount for n, v in row.values.items()}


def spoil(rnd, rows):
    """Single rows come wrong, twice, not at all, in another order."""
    k = rnd.randrange(len(rows))
    # far from what change_for_good() adds: were they alike, T2 of unknown steps could take one for the other
    name, amount = rnd.choice(RATES + [TOTAL]), rnd.randint(1000, 1200) * 10 ** 6
    kind = rnd.choice(["glitch", "glitch", "zeros", "again", "conflict", "range", "empty", "swap"])
    if kind == "glitch":
        signs = {n: rnd.choice([-1, 0, 1]) for n in rows[k].values}
        rows[k].values = {n: v + signs[n] * amount * (signs[n] > 0 or v > amount) for n, v in rows[k].values.items()}
    elif kind == "zeros":
        for row in rows[k:k + rnd.randint(1, 5)]:
            row.values = {n: 0 for n in row.values}
    elif kind in ("again", "conflict"):
        for _ in range(rnd.randint(1, 3)):
            values = dict(rows[k].values)
            if kind == "conflict" and rnd.random() < 0.7:
                values[name] = values.get(name, 0) + rnd.randint(1, 100) * 1000
            rows.insert(k, Row(rows[k].time, rows[k].window, values, rows[k].bad))
    elif kind == "range":
        rows[k].bad = True
    elif kind == "empty":
        for row in rnd.sample(rows, min(4, len(rows))):
            row.values = {n: v for n, v in row.values.items() if rnd.random() < 0.7}
    else:
        rnd.shuffle(rows)


def draw_rows(rnd, tariff):
    running = tariff if rnd.random() < 0.7 else draw_tariff(rnd)
    time = 1_790_000_000_000 + rnd.randrange(7 * 86_400_000)
    period, rows = rnd.choice([61, 300, 907, 3600]), []
    meter = Meter(rnd, Tariff(running.tables, running.weekdays, tariff.offset_ms, tariff.s, tariff.g, tariff.r), period)
    for _ in range(rnd.randint(2, 60)):
        window = rnd.choice([0, 80, 1000])
        meter.live(time - rnd.randint(0, tariff.r) if tariff.r else time)
        rows.append(Row(time, window, meter.shown()))
        time += period * 1000 + rnd.randrange(20_000)
    if rnd.random() < 0.4:
        change_for_good(rnd, rows, meter.step)
    for _ in range(rnd.choice([0, 1, 1, 2, 3])):
        spoil(rnd, rows)
    return rows


def number(value):
    text = f"{value // 10 ** 6}.{value % 10 ** 6:06d}"
    return text.rstrip("0").rstrip(".")


def as_csv(rnd, meters):
    columns = ["time", "meter", "window_ms"] + list(COLUMN.values())
    rnd.shuffle(columns)
    lines = [",".join(columns)]
    for name, rows in meters.items():
        for row in rows:
            instant = EPOCH + datetime.timedelta(milliseconds=row.time)
            cells = {"time": instant.isoformat(), "meter": name, "window_ms": str(row.window)}
            cells.update({COLUMN[n]: number(v) for n, v in row.values.items()})
            if row.bad:
                cells[COLUMN[rnd.choice(RATES)]] = rnd.choice(["x", "-1", "nan", "1e9", "1e-", "0x1"])
            lines.append(",".join(cells.get(c, "") for c in columns))
    return "\n".join(lines) + "\n"


def summed(findings):
    """rule and register: how often, first and last time; of the rules that the oracle knows."""
    out = {}
    for f in findings:
        if f["rule"] not in ("T1", "T2", "T6"):
            continue
        key = (f["rule"], f["register"])
        count, first, last = out.get(key, (0, f["ts"], f["last_ts"]))
        out[key] = (count + f["count"], min(first, f["ts"]), max(last, f["last_ts"]))
    return out


def stamp(ms):
    return (EPOCH + datetime.timedelta(milliseconds=ms)).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def wanted(outcome):
    return summed({"rule": rule, "register": COLUMN[name] if name else None, "ts": stamp(time), "last_ts": stamp(time),
                   "count": 1} for rule, name, time in outcome.events)


def compare(name, rows, meter, tariff):
    out = oracle_judges(tariff, rows)
    equal(meter["readings"], len(rows), f"{name} readings")
    equal((meter["from"], meter["to"]), (stamp(min(r.time for r in rows)), stamp(max(r.time for r in rows))), f"{name} span")
    equal(meter["rejected_by"], out.rejected, f"{name} rejected")
    equal(meter["duplicates"], out.duplicates, f"{name} duplicates")
    equal(summed(meter["findings"]), wanted(out), f"{name} findings")
    need(out.events == [] or meter["verdict"] == "violated", f"{name} verdict")
    return len(out.events)


def one_file(number_of_file):
    seed = SEED * 1000 + number_of_file
    rnd = random.Random(seed)
    tariff = draw_tariff(rnd)
    meters = {f"m{i}": draw_rows(rnd, tariff) for i in range(METERS)}
    document = program_judges(as_csv(rnd, meters), config=written(tariff), tariff="t").document()
    equal(len(document["meters"]), METERS)
    try:
        return [compare(f"seed {seed} {m['meter']}", meters[m["meter"]], m, tariff) for m in document["meters"]]
    except AssertionError:
        diagnose(written(tariff))
        raise


def program_and_oracle_agree():
    """T1, T2, T6, the judgement one row late and every rejected row: the program and the plain rules agree"""
    events = [n for k in range(FILES) for n in one_file(k)]
    accused = sum(n > 0 for n in events)
    diagnose(f"{len(events)} records from seed {SEED}, {accused} with findings, {sum(events)} events")
    need(len(events) // 5 < accused < len(events) * 4 // 5, "the records are of both kinds")


if __name__ == "__main__":
    run_tests([program_and_oracle_agree])
