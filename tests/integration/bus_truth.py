"""What the simulator's meters really said, by its own log."""
import re
import struct


def truths(frames, foreign=None):
    """By meter (`foreign`: the one with a foreign frame before its own): every total it really had, as (float32 bytes) of the first register of its energy block."""
    told = {}
    for line in frames.splitlines():
        fields = line.split("\t")
        if line.startswith("#") or len(fields) < 7 or fields[3] != "reply":
            continue
        m = re.fullmatch(r"(..)0338(.{112})....", fields[6])
        if not m:
            continue
        unit = int(m[1], 16)
        honest = ("answer", "fault:dup", "fault:late", "fault:echo", "fault:drip")
        if fields[5] in honest or (fields[5] == "fault:foreign" and unit == foreign):  # its own, after the other's
            told.setdefault(unit, set()).add(m[2])
    return told


def floats(block):
    return struct.unpack(">14f", bytes.fromhex(block))


def shortest(f):
    """The shortest decimal that reads back as the same float32."""
    for digits in range(1, 10):
        text = f"{f:.{digits}g}"
        if struct.pack(">f", float(text)) == struct.pack(">f", f):
            return float(text)
    return f
