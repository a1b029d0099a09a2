"""The simulator on its pseudo-terminals: functions, registers, byte times, silence, how it starts and ends."""
import os
import signal
import struct
import termios
import time

import fleet
import tap
from sim_master import Line, Sim, is_sealed, read_request, sealed
from tap import equal, matches, need, wait_until

CHAR_S = 11 / 2400


def ready_and_gone():
    """It names every bus when ready, and leaves nothing behind when told to end"""
    for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with Sim("--buses", "3", "--meters", "5") as sim:
            for k in range(3):
                sim.wait_line(rf"^bus{k}: {sim.file('bus%d' % k)}: 5 meters$", 10)
                need(os.path.islink(sim.file(f"bus{k}")), "the link is there")
            code, _ = sim.stop(sig=sig)
            equal(code, 0, "exit code")
            equal([f for f in os.listdir(sim.dir) if f.startswith("bus")], [], "what is left")


FUNCTIONS = [
    ("the relay is closed", b"\1\1\0\1\0\1", b"\1\1\1\1"),
    ("coil 0 is not there", b"\1\1\0\0\0\1", b"\1\x81\2"),
    ("open the relay", b"\1\5\0\1\0\0", b"\1\5\0\1\0\0"),
    ("it is open", b"\1\1\0\1\0\1", b"\1\1\1\0"),
    ("no current flows", b"\1\3\0\x32\0\2", b"\1\3\4\0\0\0\0"),
    ("close it", b"\1\5\0\1\xff\0", b"\1\5\0\1\xff\0"),
    ("half closed is no value", b"\1\5\0\1\x12\x34", b"\1\x85\3"),
    ("another coil", b"\1\5\0\2\xff\0", b"\1\x85\2"),
    ("password, address, speed", b"\1\3\0\0\0\3", b"\1\3\6\x1a\x0a\0\1\0\4"),
    ("126 registers", b"\1\3\0\x80\0\x7e", b"\1\x83\3"),
    ("no register", b"\1\3\0\x80\0\0", b"\1\x83\3"),
    ("a gap in the map", b"\1\3\0\x40\0\1", b"\1\x83\2"),
    ("the clear command cannot be read", b"\1\3\0\x0c\0\1", b"\1\x83\2"),
    ("function 4", b"\1\4\0\x30\0\2", b"\1\x84\1"),
    ("function 6", b"\1\6\0\1\0\2", b"\1\x86\1"),
    ("another address", b"\1\x10\0\1\0\1\2\0\x30", b"\1\x10\0\1\0\1"),
    ("it answers under the new one", b"\x30\3\0\1\0\1", b"\x30\3\2\0\x30"),
    ("a word that is not the clear command", b"\x30\x10\0\x0c\0\1\2\x55\xab", b"\x30\x90\3"),
    ("clear all energy", b"\x30\x10\0\x0c\0\1\2\x55\xaa", b"\x30\x10\0\x0c\0\1"),
    ("it is gone", b"\x30\3\0\x82\0\2", b"\x30\3\4\0\0\0\0"),
]


def functions():
    """FC 01, 03, 05, 16 and their exceptions"""
    with Sim() as sim, Line(sim.file("bus0")) as line:
        for sentence, request, wanted in FUNCTIONS:
            equal(line.ask(request).hex(), sealed(wanted).hex(), sentence)


def whole_map():
    """All 157 rows of the register table can be read, in as few requests as fit"""
    with open(os.path.join(fleet.SRC, "tests", "data", "kpm31-registers.tsv"), encoding="utf-8") as f:
        rows = [line.split("\t") for line in f][1:]
    with Sim("--meters", "3", "--start", "2026-11-20T12:00:00+08:00") as sim, Line(sim.file("bus0")) as line:
        words = {}
        for first, count in ((0x0030, 14), (0x0070, 2), (0x0080, 106), (0x00EA, 104), (0x0152, 78)):
            data = line.read(3, first, count)
            for i in range(count):
                words[first + i] = data[2 * i:2 * i + 2]
        value = {r[2]: struct.unpack(">f", words[int(r[0], 16)] + words[int(r[0], 16) + 1])[0] for r in rows
                 if r[7] == "f32"}
    equal(len(value), 153 - 1, "floats")
    need(210 < value["voltage"] < 250 and 49.9 < value["frequency"] < 50.1, "mains")
    rates = sum(value[f"active_energy_{r}"] for r in ("sharp", "peak", "flat", "valley"))
    need(abs(rates - value["active_energy_total"]) < 0.06, f"rates {rates} make the total {value['active_energy_total']}")
    need(value["active_energy_total"] > 100, "it has lived")
    for n in range(1, 13):
        need(value[f"active_energy_combined_prev{n:02d}"] > 20, f"month {n} has energy")


def byte_times():
    """At 2400 bit/s nothing comes before its characters have passed, and it comes in pieces of a UART"""
    with Sim(baud="2400") as sim, Line(sim.file("bus0")) as line:
        began = time.monotonic()
        line.send(read_request(1, 0x0080, 28))
        got = line.receive()
        need(is_sealed(got) and len(got) == 61, f"got {got.hex()}")
        pieces = line.moments
        code, _ = sim.stop()
        equal(code, 0, "exit code")
        request, reply = [r for r in sim.rows() if r[3] in ("request", "reply")]
    for moment, n in pieces:
        need(moment - began >= (8 + n) * CHAR_S + 3.5 * CHAR_S, f"{n} bytes after {moment - began:.4f} s")
    need(len(pieces) >= 4, f"{len(pieces)} pieces")
    equal(request[1] - request[0], 8 * 11_000_000_000 // 2400 // 8 * 8, "duration of the request")
    need(reply[0] - request[1] >= 3.5 * CHAR_S * 1e9 - 10, "the silence stands before the reply")
    need(abs(reply[1] - reply[0] - 61 * CHAR_S * 1e9) < 100, "duration of the reply")


def ask_at_once(sim):
    """Requests right behind replies; how many were answered."""
    answered = 0
    with Line(sim.file("bus0")) as line:
        for _ in range(5):
            line.send(read_request(1, 0x0030, 2))
            line.receive_frame()
            line.send(read_request(1, 0x0034, 2))
            answered += len(line.receive()) > 0
    return answered


def silence():
    """A request right behind a reply is not heard; one after the silence is; lenient meters hear both"""
    with Sim(baud="2400") as sim:
        answered = ask_at_once(sim)
        sim.stop()
        verdicts = sim.verdicts("request")
        matches(r"too_early [1-5] ", sim.log(), "figures")
    equal(len(verdicts), 10, "requests")
    equal(verdicts[0::2], ["heard"] * 5, "those after a pause")
    equal(verdicts.count("too_early"), 5 - answered, "those at once")
    need(answered < 5, "at least one came at once")
    with Sim("--lenient", baud="2400") as sim:
        equal(ask_at_once(sim), 5, "answers of lenient meters")


def nobody():
    """Broadcasts, unknown addresses, broken frames: no answer, and the log says why"""
    with Sim("--meters", "2", baud="9600") as sim, Line(sim.file("bus0")) as line:
        broken = bytearray(read_request(1, 0x0030, 2))
        broken[-1] ^= 1
        for request in (read_request(0, 0x0030, 2), read_request(3, 0x0030, 2), bytes(broken), b"\1\3"):
            line.send(request)
            equal(line.receive(), b"", "answer")
        sim.stop()
        equal(sim.verdicts("request"), ["broadcast", "nobody", "crc", "crc"], "verdicts")


def other_speed():
    """A master at another speed is not understood; a meter set to it is"""
    with Sim(baud="9600") as sim:
        with Line(sim.file("bus0"), termios.B4800) as line:
            line.send(read_request(1, 0x0030, 2))
            equal(line.receive(), b"", "answer at the wrong speed")
        with Line(sim.file("bus0"), termios.B9600) as line:
            equal(line.ask(b"\1\x10\0\2\0\1\2\0\3")[:6], b"\1\x10\0\2\0\1", "set to 4800")
            line.send(read_request(1, 0x0030, 2))
            equal(line.receive(), b"", "answer at the old speed")
        with Line(sim.file("bus0"), termios.B4800) as line:
            equal(len(line.read(1, 0x0030, 2)), 4, "bytes at the new speed")


def last_close():
    """When the last master closes, exclusive use ends and nothing unread is left"""
    with Sim() as sim:
        with Line(sim.file("bus0")) as line:
            line.exclusive()
            need(line.is_exclusive(), "it is exclusive")
            line.send(read_request(1, 0x0030, 2))
            line.receive_frame()
            line.send(read_request(1, 0x0030, 2))

        def free():
            with Line(sim.file("bus0")) as line:
                return not line.is_exclusive() and line.receive(silent=0.01, quiet=0.01) == b""
        wait_until(free, 10 * fleet.PATIENCE, "the port to be free")


def figures():
    """SIGUSR1 prints the figures and counts anew; wire time is request, turnaround, reply and silence"""
    with Sim("--turnaround", "20ms", baud="9600") as sim, Line(sim.file("bus0")) as line:
        for _ in range(3):
            line.read(1, 0x0030, 14)
            time.sleep(0.01)
        os.kill(sim.pid, signal.SIGUSR1)
        found = sim.wait_line(r"^bus0: requests 3 heard 3 answered 3 too_early 0 .* wire_s (\S+) ", 10)
        wanted = 3 * ((8 + 33 + 3.5) * 11 / 9600 + 0.020)
        need(abs(float(found.group(1)) - wanted) < 0.001, f"wire_s {found.group(1)}, wanted {wanted:.3f}")
        line.read(1, 0x0030, 14)
        sim.stop()
        matches(r"^bus0: requests 1 heard 1 answered 1 ", sim.log(), "second figures")


USAGE = [
    ([], 64, "--dir: required"),
    (["--dir", "d", "--buses", "0"], 64, "--buses: expected a number from 1"),
    (["--dir", "d", "--meters", "248"], 64, "--meters: expected"),
    (["--dir", "d", "--frame", "7E1"], 64, "--frame: expected 8E1"),
    (["--dir", "d", "--speed", "fast"], 64, "--speed: expected"),
    (["--dir", "d", "--start", "2026-10-31"], 64, "--start: expected ISO 8601"),
    (["--dir", "d", "--resolution", "2"], 64, "--resolution: expected"),
    (["--dir", "d", "--freeze", "often"], 64, "--freeze: expected"),
    (["--dir", "d", "--colour"], 64, "unrecognized option '--colour'"),
    (["--dir", "d", "more"], 64, "more: an argument that belongs to no option"),
    (["--dir", "d", "--dir=e"], 64, "--dir: given twice"),
    (["--lenient", "--lenient"], 64, "--dir: required"),
    (["--dir", "d", "--tariff", "nowhere"], 78, "nowhere: tariff: cannot be opened"),
    (["--dir", "d", "--load", "nowhere"], 65, "nowhere: load: cannot be opened"),
    (["--dir", "d", "--faults", "faults"], 65, r'faults:2: fault: no fault is called "ded" \(did you mean "dead"\?\)'),
    (["--dir", "d", "--faults", "targets"], 65, "targets:1: fault: there is no such bus or meter"),
    (["--dir", "no/such/dir"], 73, "no/such/dir: cannot be made: No such file"),
    (["--dir", "file"], 73, "file/bus0: cannot be made: Not a directory"),
    (["--dir", "taken"], 73, "taken/bus0: cannot be made: File exists"),
    (["--tcp", "65535", "--buses", "2"], 64, "beyond port 65535"),
]


def usage():
    """Every mistake on the command line is one clear line and the right exit code"""
    with Sim() as sim:
        for name, text in (("faults", "# none\n+1s bus0/1 ded\n"), ("targets", "+1s bus9 dead\n"), ("file", "")):
            with open(sim.file(name), "w", encoding="ascii") as f:
                f.write(text)
        os.makedirs(sim.file("taken/bus0"))
        for k, (options, code, words) in enumerate(USAGE):
            command = f"cd '{sim.dir}' && exec '{fleet.program('meterfleet-sim')}' {' '.join(options)}"
            run = fleet.Process(["sh", "-c", command], sim.file(f"usage{k}"))
            equal(run.wait_end(10), code, f"exit code of {options}")
            matches(rf"^meterfleet: .*{words}", run.log(), f"words about {options}")
            equal(len(run.log().splitlines()), 1, f"lines about {options}: {run.log()}")


tap.run([ready_and_gone, functions, whole_map, byte_times, silence, nobody, other_speed, last_close, figures, usage])
