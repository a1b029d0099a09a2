"""verify_case.py - `meterfleet verify --csv` over small files: text in; exit code, JSON document and complaints out.

    case = judge(day().text())
    equal(case.code, 0)
    equal(case.meter()["verdict"], "ok")

The records are made here, by plain arithmetic on hundredths of a kWh and the minutes of the manual's example tariff.
"""
import datetime
import json
import os
import subprocess
import tempfile

from fleet import SRC, program
from tap import equal, need

MANUAL = """[tariff manual]
utc_offset = +08:00
day 1 = 06:00 sharp, 10:00 peak, 12:00 sharp, 15:00 flat, 23:00 valley
"""
PERIODS = [(6 * 60, "sharp"), (10 * 60, "peak"), (12 * 60, "sharp"), (15 * 60, "flat"), (23 * 60, "valley")]
RATES = ["sharp", "peak", "flat", "valley"]
TOTAL = "active_energy_total"
RATE = {r: f"active_energy_{r}" for r in RATES}
BEIJING = datetime.timezone(datetime.timedelta(hours=8))
START = datetime.datetime(2026, 10, 1, tzinfo=BEIJING)


def rate_at(minute):
    """The rate of the manual's example at a minute of the meter's day."""
    name = "valley"
    for start, rate in PERIODS:
        if minute >= start:
            name = rate
    return name


def stamp(instant):
    """The project's own form of a time."""
    utc = instant.astimezone(datetime.timezone.utc)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


class Record:
    """Rows as dicts of column and cell; a column that a row lacks is an empty cell."""

    def __init__(self, rows, columns=None):
        self.rows = rows
        self.columns = columns or list(rows[0])

    def text(self, end="\n"):
        lines = [",".join(self.columns)]
        lines += [",".join(str(row.get(c, "")) for c in self.columns) for row in self.rows]
        return end.join(lines) + end

    def times(self):
        return [row["time"] for row in self.rows]


def kwh(cents):
    return f"{cents // 100}.{cents % 100:02d}"


def day(start=START, step=300, n=288, cents=10, base=100000, extra=None):
    """A correct meter: `cents` hundredths of a kWh a step, all of one rate, read at the end of the step."""
    register = {r: base for r in RATES}
    rows = []
    for i in range(n):
        instant = start + datetime.timedelta(seconds=i * step)
        if i > 0:
            before = instant - datetime.timedelta(seconds=step)
            register[rate_at(before.hour * 60 + before.minute)] += cents
        row = {"time": instant.isoformat(), TOTAL: kwh(sum(register.values()))}
        row.update({RATE[r]: kwh(register[r]) for r in RATES})
        row.update(extra or {})
        rows.append(row)
    return Record(rows)


class Case:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def document(self):
        return json.loads(self.out)

    def meter(self, index=0):
        return self.document()["meters"][index]

    def findings(self, rule=None, index=0):
        return [f for f in self.meter(index)["findings"] if rule is None or f["rule"] == rule]


MODELS = os.path.join(SRC, "etc", "models")


def run(arguments, text="", cwd=None, models=MODELS):
    data = text if isinstance(text, bytes) else text.encode()
    env = {k: v for k, v in os.environ.items() if k != "METERFLEET_MODELS"}
    if models:
        env["METERFLEET_MODELS"] = models
    done = subprocess.run([program("meterfleet")] + arguments, input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, cwd=cwd, env=env, timeout=300, check=False)
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode("utf-8", "replace")
    need(done.returncode >= 0, "ended by signal", -done.returncode, done.stderr)
    need("Sanitizer" not in done.stderr, done.stderr)
    return Case(done)


def judge(text, *options, config=MANUAL, tariff="manual", name="meter.csv", stdin=False, as_json=True):
    """verify --csv over a text in a file of this name (or on stdin)."""
    with tempfile.TemporaryDirectory(prefix="verify-") as place:
        path = os.path.join(place, name)
        site = os.path.join(place, "site.ini")
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        with open(site, "w") as f:
            f.write(config)
        arguments = ["verify", "--csv", "-" if stdin else path, "--tariff", tariff, "-c", site] + list(options)
        return run(arguments + (["--json"] if as_json else []), text if stdin else "", cwd=place)


def complains(case, code, *patterns):
    """One line on stderr, of the usual form, and nothing on stdout."""
    equal(case.code, code, "exit code of " + case.err)
    equal(case.out, "", "stdout")
    lines = case.err.splitlines()
    equal(len(lines), 1, f"lines on stderr: {case.err!r}")
    need(lines[0].startswith("meterfleet: "), lines[0])
    for pattern in patterns:
        need(pattern in lines[0], f"{pattern!r} is not in {lines[0]!r}")
