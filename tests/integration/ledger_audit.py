"""ledger_audit.py - compares what an independent subscriber heard with what the database holds, number by number.

The promise (doc: the ledger): seq rises by 1 without gap, no number ever has two contents, and everything that was
published is in the database, the same digits.
"""
import json
from decimal import Decimal

from fleet import PATIENCE
from tap import Failed, equal, need, wait_until


def parse(text):
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def heard(sub):
    """{(ledger, seq): (topic, payload)} of every ledger message, from its own topic or from history. Fails when one
    number was heard with two contents."""
    found = {}
    for m in sub.poll():
        if not m.payload.startswith("{"):
            continue
        payload, topic = parse(m.payload), m.topic
        if topic.endswith("/history") and "payload" in payload:
            topic, payload = payload["topic"], payload["payload"]
        if "seq" not in payload:
            continue
        key = (payload["ledger"], int(payload["seq"]))
        before = found.setdefault(key, (topic, payload))
        shorter = before[0] if len(before[0]) < len(topic) else topic
        same_topic = before[0] == topic or topic.startswith(shorter) or before[0].startswith(shorter)
        need(before[1] == payload and same_topic, f"{key} was heard as {before} and as {(topic, payload)}")
    return found


def stored(fleet):
    """{(ledger, seq): (topic, payload)} as the views say; payload None for a row that was pruned."""
    rows = {(ledger, seq): (topic, parse(payload) if payload else None)
            for ledger, seq, topic, payload in fleet.sql("SELECT ledger, seq, topic, payload FROM ledger")}
    for row in fleet.dicts("SELECT * FROM energy"):
        payload = {k: v for k, v in row.items() if v is not None and k not in ("meter", "source")}
        payload = {k: Decimal(repr(v)) if isinstance(v, (int, float)) else v for k, v in payload.items()}
        key = (row["ledger"], row["seq"])
        rows[key] = (rows[key][0], payload)
    return rows


def audit(fleet, whole=True):
    """The comparison. whole: everything that is stored must have been heard, too. Returns how many numbers there are."""
    kept = stored(fleet)
    try:  # what the broker has may still be on its way to the subscriber
        wait_until(lambda: not whole or set(kept) <= set(heard(fleet.sub)), 10 * PATIENCE, "all numbers")
    except Failed:
        pass  # said below, number by number
    said = heard(fleet.sub)
    for ledger in {key[0] for key in kept}:
        numbers = sorted(seq for of, seq in kept if of == ledger)
        equal(numbers, list(range(1, len(numbers) + 1)), f"numbers of ledger {ledger}")
    for key, (topic, payload) in said.items():
        need(key in kept, f"{key} was published and is not stored")
        need(topic == kept[key][0] or kept[key][0].startswith(topic + "/"), f"{key}: published on {topic}, stored for",
             kept[key][0])
        equal(payload, kept[key][1], f"content of {key}")
    if whole:
        missing = sorted(set(kept) - set(said))
        need(not missing, f"{len(missing)} of {len(kept)} numbers were never heard, the first are {missing[:5]}")
    return len(kept)
