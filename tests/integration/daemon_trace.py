"""meterfleet trace: frames as they pass, decoded, with their timing and cause; the bus does not care who looks."""
import json
import os
import re
import signal
import subprocess

from fleet import PATIENCE, Fleet, program
from tap import equal, matches, need, run, wait_until


class Tracer:
    """`meterfleet trace` whose output is read while it runs."""

    def __init__(self, fleet, *options):
        self.text = b""
        self.child = subprocess.Popen([program("meterfleet"), "trace", "b0", "-c", fleet.ini, *options], env=fleet.env,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def lines(self, enough, seconds=20):
        """Lines until enough(lines) holds."""
        pipe = self.child.stdout.fileno()
        os.set_blocking(pipe, False)

        def look():
            try:
                self.text += os.read(pipe, 1 << 20)
            except BlockingIOError:
                pass
            end = self.text.rfind(b"\n") + 1
            found = self.text[:end].decode().splitlines()
            if not enough(found):
                return None
            self.text = self.text[end:]
            return found
        return wait_until(look, seconds * PATIENCE, "enough of the trace")

    def interrupt(self):
        self.child.send_signal(signal.SIGINT)
        return self.child.wait(10 * PATIENCE)


def start(fleet, live="1s", **sim):
    fleet.start_sim(buses=1, meters=3, **sim)
    fleet.site()["poll"].update(relay="1s", live=live)
    fleet.sections["bus b0"]["timeout"] = "100ms"
    fleet.sections["meters m0"]["relay"] = "yes"
    fleet.write_config()
    fleet.start_daemon()


def as_json():
    """--json: an object a line, request and reply with bytes, meaning, timing and cause"""
    with Fleet() as fleet:
        start(fleet, baud=9600)
        tracer = Tracer(fleet, "--json")
        seen = [json.loads(line) for line in tracer.lines(lambda lines: len(lines) > 40 and any('"live"' in x for x in lines))]
        requests = [f for f in seen if f.get("frame") == "request"]
        replies = [f for f in seen if f.get("frame") == "reply"]
        need(requests and replies, seen[:3])
        for f in requests:
            equal(len(f["bytes"]), 16, "a request's bytes")
            equal(int(f["bytes"][:2], 16), f["unit"], "unit")
            need(f["silence_ms"] >= 4.0 and 9.0 < f["duration_ms"] < 9.4, f)
            need(f["cause"] in ("poll", "check", "retry") and f["text"].startswith("read "), f)
        live = next(f for f in replies if f["class"] == "live" and "values" in f)
        need(200 < live["values"]["voltage"] < 250, live)
        matches(r"voltage 2\d\d\.?\d* V", live["text"])
        need(live["turnaround_ms"] > 0 and live["duration_ms"] > 10, live)
        equal(live["meter"], f"m0-{live['unit']}", "meter")
        equal(tracer.interrupt(), 0, "exit code after Ctrl-C")
        equal(tracer.child.stderr.read(), b"", "stderr")


def as_text():
    """as text: requests, replies, silences and what was thrown away; a command and its read-back"""
    with Fleet() as fleet:
        # again and again: retries are made only until a meter is known to be silent
        start(fleet, faults="".join(f"+{at}s bus0/2 dead\n+{at}s bus0/3 crc\n+{at + 8}s bus0 alive\n" for at in range(3, 400, 20)))
        tracer = Tracer(fleet)
        lines = tracer.lines(lambda lines: any("no answer in 100 ms" in x for x in lines) and any("wrong CRC" in x for x in lines) and
                             any("retry 2: " in x for x in lines), 40)
        text = "\n".join(lines)
        matches(r"^\d\d:\d\d:\d\d\.\d{3} > m0-1 (live|energy|demand|relay|settlement|identity), \w+( \d)?: read ", text)
        matches(r"^\d\d:\d\d:\d\d\.\d{3} < m0-1: .*ms later", text)
        matches(r"^ {15}01 03( [0-9a-f]{2})+$", text)
        matches(r"^\S+ x m0-3: thrown away: wrong CRC", text)
        matches(r"> m0-[23] \w+, retry 2: ", text)
        equal(fleet.tool("relay", "m0-1", "open").returncode, 0, "relay")
        lines = tracer.lines(lambda lines: any("read_back" in x for x in lines))
        text = "\n".join(lines)
        matches(r"> m0-1 relay, command: write coil 0x0001: relay open", text)
        matches(r"< m0-1: confirmed: relay open", text)
        matches(r"> m0-1 relay, read_back: read coil 0x0001: relay", text)
        equal(tracer.interrupt(), 0, "exit code after Ctrl-C")


def slow_reader():
    """a reader that stops loses frames and is told how many; the bus goes on"""
    with Fleet() as fleet:
        start(fleet, live="100ms")
        tracer = Tracer(fleet, "--json")
        tracer.lines(lambda lines: len(lines) > 2)
        tracer.child.send_signal(signal.SIGSTOP)
        before = len(fleet.sql("SELECT * FROM energy"))
        fleet.wait_rows("SELECT * FROM energy", before + 6, 60, "energy while the reader stands still")
        frames = len(re.findall("\trequest\t", fleet.frames()))
        wait_until(lambda: len(re.findall("\trequest\t", fleet.frames())) > frames + 900, 120 * PATIENCE, "900 more requests")
        tracer.child.send_signal(signal.SIGCONT)
        lines = tracer.lines(lambda lines: any('"lost"' in x for x in lines), 60)
        lost = next(json.loads(x)["lost"] for x in lines if '"lost"' in x)
        need(lost > 0, lost)
        equal(tracer.interrupt(), 0, "exit code")


def refused():
    """no daemon: 69; another bus: 64 with a suggestion; more than four at once: busy"""
    with Fleet() as fleet:
        fleet.buses, fleet.meters = 1, 1
        fleet.write_config()
        done = fleet.tool("trace", "b0")
        equal((done.returncode, done.stdout), (69, ""), done.stderr)
        start(fleet)
        for words, pattern in ((("trace", "b1"), r"b1: unknown bus: did you mean b0\?"), (("trace", "../x"), "unknown bus"),
                               (("trace",), "which bus"), (("trace", "b0", "b0"), "unexpected word")):
            done = fleet.tool(*words)
            equal((done.returncode, done.stdout), (64, ""), done.stderr)
            matches(pattern, done.stderr)
        tracers = [Tracer(fleet) for _ in range(4)]
        for tracer in tracers:
            tracer.lines(len)
        done = fleet.tool("trace", "b0")
        equal(done.returncode, 69, done.stderr)
        equal(fleet.tool("status").returncode, 0, "status beside them")
        for tracer in tracers:
            equal(tracer.interrupt(), 0, "exit code")
        again = Tracer(fleet)
        again.lines(len)
        equal(again.interrupt(), 0, "after they have left")


def reload_and_stop():
    """a reload goes on with the bus of that name; a stop ends it"""
    with Fleet() as fleet:
        start(fleet)
        tracer = Tracer(fleet, "--json")
        tracer.lines(lambda lines: len(lines) > 2)
        fleet.sections["poll"]["demand"] = "7s"
        fleet.write_config()
        fleet.daemon.child.send_signal(signal.SIGHUP)
        lines = tracer.lines(lambda lines: any("note" in x for x in lines) and '"frame"' in lines[-1])
        matches("the daemon was reloaded", "\n".join(lines))
        code, took = fleet.daemon.stop()
        equal(code, 0, "the daemon's exit code")
        need(took < 2.5 * PATIENCE, "the stop took", took)
        equal(tracer.child.wait(10), 69, "the tool's exit code")


run([as_json, as_text, slow_reader, refused, reload_and_stop])
