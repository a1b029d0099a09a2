"""meterfleet read --raw: the frames as they passed, and every way to read two registers."""
import json
import re
import struct

from fleet import Fleet
from scan_devices import crc16
from tap import equal, matches, need, run

ORDERS = {"abcd": (0, 1, 2, 3), "cdab": (2, 3, 0, 1), "badc": (1, 0, 3, 2), "dcba": (3, 2, 1, 0)}


def raw(fleet, *words, address="1"):
    return fleet.tool("read", "--device", fleet.path("bus0"), "--address", address, "--timeout", "80ms", "--raw", *words)


def frames_and_orders():
    """the frames with their checksums; f32, u32, s32 in all four orders, the model's own one marked"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=1, baud=9600)
        done = raw(fleet, "--model", "kpm31", "frequency", "relay_do1")
        equal((done.returncode, done.stderr), (0, ""), "outcome")
        sent, received = (bytes.fromhex(re.search(rf"^  {w} +((?:[0-9A-F]{{2}} ?)+)$", done.stdout, re.M)[1])
                          for w in ("sent", "received"))
        equal(sent, bytes.fromhex("01 03 00 3c 00 02") + crc16(bytes.fromhex("01 03 00 3c 00 02")), "sent")
        equal((received[:3], received[-2:]), (b"\x01\x03\x04", crc16(received[:-2])), "received")
        for order, places in ORDERS.items():
            four = bytes(received[3 + p] for p in places)
            m = re.search(rf"^    {order}  f32 (\S+) +u32 (\d+) +s32 (-?\d+)(.*)$", done.stdout, re.M)
            equal(struct.pack(">f", float(m[1])), four, order + " f32")
            equal((int(m[2]), int(m[3])), (struct.unpack(">I", four)[0], struct.unpack(">i", four)[0]), order)
            equal(m[4], "  <- f32 kpm31" if order == "abcd" else "", "mark of " + order)
        matches(r"^  0x003C  [0-9A-F]{4} [0-9A-F]{4}  u16 \d+ u16 \d+  frequency$", done.stdout)
        matches(r"^FC01 0x0001, 1 coil$", done.stdout)
        matches(r"^  the coil is closed$", done.stdout)


def without_a_model():
    """registers by their numbers need no model; counts, odd ones, exceptions; what it asked is in the meter's log"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=1, baud=9600)
        done = raw(fleet, "0x30:3", "0x0001:1", "0x20")
        equal((done.returncode, done.stderr), (0, ""), "outcome")
        matches(r"^  0x0032  [0-9A-F]{4}  u16 \d+", done.stdout)
        matches(r"^  0x0001  0001  u16 1$", done.stdout)
        matches(r"^  received   01 83 02 C0 F1$", done.stdout)
        matches(r"^  the meter says exception 2: ", done.stdout)
        asked = re.findall(r"\trequest\t1\theard\t(\w{12})", fleet.frames())
        equal(asked, ["010300300003", "010300010001", "010300200002"], "requests")


def document():
    """--json: frames and registers of each read"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=1, baud=9600, faults="+0 bus0/1 foreign address x1\n")
        done = raw(fleet, "0x80:4", "--json")
        equal((done.returncode, done.stderr), (0, ""), "outcome")
        read = json.loads(done.stdout)["reads"][0]
        equal([(f["kind"], f["why"] != "") for f in read["frames"]],
              [("request", False), ("dropped", True), ("reply", False)], "frames")
        equal("".join(read["registers"]), read["frames"][2]["bytes"][6:-4], "registers")
        equal((read["error"], read["count"], len(read["registers"])), (None, 4, 4), "read")


def bad_answers():
    """damaged frames are shown with what is wrong; silence too; both are 69"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=2, baud=9600, faults="+0 bus0/1 crc\n+0 bus0/2 dead\n")
        done = raw(fleet, "0x30")
        equal(done.returncode, 69, "exit code")
        matches(r"^  dropped +01 03 04 ", done.stdout)
        matches(r"after \d+\.\d ms: wrong CRC$", done.stdout)
        matches(r"^meterfleet: \S+ address 1: not read: ", done.stderr)
        done = raw(fleet, "0x30", address="2")
        equal(done.returncode, 69, "exit code")
        matches(r"^  silence +nothing more after \d+\.\d ms$", done.stdout)
        matches(r"^meterfleet: \S+ address 2: not read: no answer$", done.stderr)


def usage():
    """every bad argument is one clear line and 64; a register that is never read is 77"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=1, baud=9600)
        for words, code, pattern in (
                ((), 64, r"read --raw: what is to be read\?"),
                (("voltage",), 64, r"--model: missing: it says where voltage stands"),
                (("--model", "kpm31", "votlage"), 64, r"votlage: neither a quantity nor 0xADDR.*did you mean voltage\?"),
                (("--model", "kpm31", "voltage_l1"), 64, r"kpm31: does not have voltage_l1"),
                (("--model", "kpm3", "0x30"), 64, r"--model: kpm3: unknown: did you mean kpm31\?"),
                (("0x",), 64, r"0x: not a register"),
                (("0x12345",), 64, r"0x12345: not a register"),
                (("0x3g",), 64, r"0x3g: not a register"),
                (("0x30:0",), 64, r"0x30:0: not a count of registers: 1 to 125"),
                (("0x30:126",), 64, r"0x30:126: not a count"),
                (("0x30:",), 64, r"0x30:: not a count"),
                (("0xFFFF:2",), 64, r"0xFFFF:2: beyond the last register"),
                (("0x30", "--baud", "x"), 64, r"--baud: x: not a speed"),
                (("0x0:3",), 77, r"0x0000:3: never read: kpm\w+ forbids it"),
                (("--model", "kpm31", "0x0B:2"), 77, r"0x000B:2: never read: kpm31 forbids it")):
            done = raw(fleet, *words)
            equal((done.returncode, done.stdout), (code, ""), " ".join(words) + ": outcome")
            matches(r"^meterfleet: " + pattern, done.stderr)
            equal(done.stderr.count("\n"), 1, "lines of\n" + done.stderr)
        done = fleet.tool("read", "m0-1", "--raw")
        equal(done.returncode, 64, "without --device")
        matches(r"^meterfleet: --raw: only together with --device", done.stderr)
        need("request" not in fleet.frames(), "something was asked:", fleet.frames())


run([frames_and_orders, without_a_model, document, bad_answers, usage])
