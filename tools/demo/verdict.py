"""verdict.py - was every meter read, stored, published, and does it sum up? From database and broker alone.

Each check is (sentence, list of complaints); an empty list is good.
"""
from decimal import Decimal

import facts


def some(complaints, most=5):
    rest = len(complaints) - most
    return complaints[:most] + ([f"… and {rest} more"] if rest > 0 else [])


def was_read(broker, database):
    live = {row[0]: row[1:] for row in database.rows(
        "SELECT meter, count(*), min(voltage), max(voltage), min(current), min(active_power) FROM live "
        "WHERE quality = 'ok' GROUP BY meter")}
    energy = dict(database.rows("SELECT meter, count(*) FROM energy WHERE quality = 'ok' GROUP BY meter"))
    bad = []
    for name in broker.meters:
        count, low, high, current, power = live.get(name, (0, None, None, None, None))
        if not count:
            bad.append(f"{name}: no live reading stored")
        elif low is None or current is None or power is None or not 80 <= low <= high <= 300:
            bad.append(f"{name}: live readings without sense: {low} to {high} V, {current} A, {power} W")
        if not energy.get(name):
            bad.append(f"{name}: no energy reading stored")
    total = sum(row[0] for row in live.values()), sum(energy.values())
    good = sum(name in live and name in energy for name in broker.meters)
    return f"read and stored: {good} of {len(broker.meters)} meters, {total[0]} live and {total[1]} energy readings", bad


def is_complete(database):
    rows = database.rows("SELECT ledger, count(*), min(seq), max(seq) FROM ledger GROUP BY ledger")
    bad = []
    if len(rows) != 1:
        bad.append(f"{len(rows)} ledgers instead of one")
    for ledger, count, first, last in rows:
        if first != 1 or count != last:
            bad.append(f"ledger {ledger}: {count} numbers from {first} to {last}")
    last = rows[0][3] if rows else 0
    return f"ledger: the numbers 1 to {last}, none missing", bad


def was_published(broker, database):
    columns = ("seq", "meter", "ts", "ts_ms") + facts.REGISTERS
    bad = []
    rows = database.rows(f"SELECT {', '.join(columns)} FROM energy ORDER BY seq")
    for row in rows:
        stored = dict(zip(columns, row))
        topic, payload = broker.ledger.get(row[0], (None, {}))
        if topic != f"meter/{stored['meter']}/energy":
            bad.append(f"number {row[0]}: {stored['meter']} energy is stored, on the broker: {topic or 'nothing'}")
            continue
        for name in ("ts", "ts_ms") + facts.REGISTERS:
            said = payload.get(name)
            if (float(said) if isinstance(said, Decimal) else said) != stored[name]:
                bad.append(f"number {row[0]}: {name}: stored {stored[name]}, on the broker {said}")
    others = [n for (n,) in database.rows("SELECT seq FROM ledger WHERE kind <> 'energy'") if n not in broker.ledger]
    bad += [f"number {n}: not on the broker" for n in others]
    if not rows:
        bad.append("no energy reading is stored")
    for m in broker.meters.values():
        if not m.live_messages:
            bad.append(f"{m.name}: no live message on the broker")
    return f"published: each of the {len(rows)} energy readings is on the broker, digit by digit", bad


def sums_up(database):
    rows = database.rows(f"SELECT meter, ts, {', '.join(facts.REGISTERS)} FROM energy")
    bad, largest = [], Decimal(0)
    for meter, ts, *values in rows:
        if None in values:
            bad.append(f"{meter} {ts}: not all five registers")
            continue
        difference, allowed = facts.sum_check(dict(zip(facts.REGISTERS, (Decimal(repr(v)) for v in values))))
        largest = max(largest, abs(difference))
        if abs(difference) > allowed:
            bad.append(f"{meter} {ts}: total minus rates is {difference} kWh, at most {allowed:.6f} may be")
    bad += [f"finding: {text}" for (text,) in database.rows("SELECT summary FROM finding WHERE severity = 'error'")]
    return f"sums up: total = sharp + peak + flat + valley in {len(rows)} readings (within {largest:.6f} kWh)", bad


def stopped(code, seconds, broker):
    bad = []
    if code != 0:
        bad.append(f"exit code {code}")
    if seconds > 2:
        bad.append(f"it took {seconds:.1f} s")
    if broker.status != "offline":
        bad.append(f"the broker says {broker.status!r}")
    return f"stopped: in {seconds:.1f} s with exit code {code}, the broker says {broker.status}", bad


def show(checks):
    """Prints the checks; True when all are good."""
    good = True
    for sentence, bad in checks:
        print(("ok      " if not bad else "FAILED  ") + sentence)
        for complaint in some(bad):
            print("        " + complaint)
        good = good and not bad
    return good
