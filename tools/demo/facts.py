"""facts.py - what the demonstration knows, each from a witness of its own: the broker's messages as mosquitto_sub
heard them, and the database as any SQL client reads it. Nothing here asks the daemon.
"""
import json
import os
import sqlite3
import struct
from decimal import Decimal

RATES = ("sharp", "peak", "flat", "valley")
REGISTERS = ("active_energy_total",) + tuple(f"active_energy_{rate}" for rate in RATES)
STEP = Decimal("0.001")  # kWh: the simulated registers are cut to it


def float32_step(value):
    """How far the next float32 is from this one."""
    bits = struct.unpack("<I", struct.pack("<f", float(value)))[0]
    return Decimal(struct.unpack("<f", struct.pack("<I", bits + 1))[0]) - Decimal(struct.unpack("<f", struct.pack("<I", bits))[0])


def sum_check(registers):
    """(total minus the four rates, how much it may be): each register is cut by its step, its float32 and 10^-6."""
    values = [Decimal(registers[name]) for name in REGISTERS]
    allowed = sum(STEP + float32_step(v) + Decimal("0.000001") for v in values)
    return values[0] - sum(values[1:]), allowed


class Meter:
    def __init__(self, name):
        self.name, self.status = name, "-"
        self.live, self.energy = {}, {}  # the newest payloads
        self.live_messages = self.energy_messages = 0

    def sums_up(self):
        """True, False, or None while there is nothing to add up."""
        if any(name not in self.energy for name in REGISTERS):
            return None
        difference, allowed = sum_check(self.energy)
        return abs(difference) <= allowed


class Broker:
    """Everything below P as it arrived; the ledger messages by their number."""

    def __init__(self, prefix, meters):
        self.prefix = prefix + "/"
        self.meters = {name: Meter(name) for name in meters}
        self.status, self.info = "-", {}
        self.ledger = {}  # seq -> (topic, payload)
        self.messages = self.done = 0

    def take(self, messages):
        for m in messages[self.done:]:
            if m.topic.startswith(self.prefix):
                self._one(m.topic[len(self.prefix):], m.payload)
        self.done = len(messages)

    def _one(self, topic, text):
        self.messages += 1
        if topic == "status":
            self.status = text
            return
        if topic.startswith("meter/") and topic.endswith("/status"):
            self.meters[topic.split("/")[1]].status = text
            return
        if not text:
            return
        payload = json.loads(text, parse_float=Decimal)
        if topic == "history" and "payload" in payload:
            topic, payload = payload["topic"].removeprefix(self.prefix), payload["payload"]
        if topic == "info":
            self.info = payload
        if "seq" in payload:
            self.ledger[payload["seq"]] = (topic, payload)
        word = topic.split("/")
        if len(word) == 3 and word[0] == "meter" and word[1] in self.meters:
            meter = self.meters[word[1]]
            if word[2] == "live":
                meter.live, meter.live_messages = payload, meter.live_messages + 1
            elif word[2] == "energy":
                meter.energy, meter.energy_messages = payload, meter.energy_messages + 1


class Database:
    def __init__(self, path):
        self.path = path

    def rows(self, query):
        """[] while the daemon has not made the file or its views yet."""
        if not os.path.exists(self.path):
            return []
        con = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=5)
        try:
            return con.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []
        finally:
            con.close()

    def one(self, query):
        rows = self.rows(query)
        return rows[0][0] if rows and rows[0][0] is not None else 0

    def counts(self):
        return {"live": self.one("SELECT count(*) FROM live"), "energy": self.one("SELECT count(*) FROM energy"),
                "ledger": self.one("SELECT max(seq) FROM ledger"),
                "findings": self.one("SELECT count(*) FROM finding WHERE closed IS NULL"), "bytes": self.bytes()}

    def bytes(self):
        return sum(os.path.getsize(self.path + end) for end in ("", "-wal") if os.path.exists(self.path + end))
