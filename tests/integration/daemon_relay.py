"""Relays: switched through the daemon only, once for a command, read back, written down; nothing else moves a coil."""
import datetime
import json
import os
import re
import socket
import subprocess

from fleet import PATIENCE, Fleet, program
from sim_master import Line, sealed
from tap import Skip, equal, matches, need, run, wait_until

P = "meterfleet/site-a/"
WRITES = ("05", "06", "0f", "10", "16", "17")


def site(fleet, commands=None, meters=4, **sim):
    """A running daemon with meters 1 and 2 that may be switched and the rest that may not."""
    fleet.start_sim(buses=1, meters=meters, **sim)
    sections = fleet.site()
    base = sections.pop("meters m0")
    for address in range(1, meters + 1):
        meter = {k: v for k, v in base.items() if k not in ("addresses", "name")}
        sections[f"meter m0-{address}"] = dict(meter, address=address, relay="yes" if address <= 2 else "no")
    sections["poll"]["relay"] = "1s"
    sections["bus b0"]["timeout"] = "100ms"
    if commands is not None:
        sections["mqtt"]["commands"] = commands
    fleet.write_config()
    fleet.start_daemon()
    fleet.wait_rows("SELECT * FROM latest WHERE quantity = 'relay_do1'", meters, 20, "every relay's state")


def writes(fleet):
    """(unit, frame) of every request the simulator heard that would write, in order."""
    found = []
    for line in fleet.frames().splitlines():
        parts = line.split("\t")
        if len(parts) >= 7 and parts[3] == "request" and parts[6][2:4] in WRITES:
            found.append((int(parts[6][:2], 16), parts[6]))
    return found


def later(seconds=600):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).isoformat()


def send(fleet, meter, payload, retain=False):
    text = payload if isinstance(payload, (str, bytes)) else json.dumps(payload)
    subprocess.run(["mosquitto_pub", "-V", "5", "-h", "127.0.0.1", "-p", str(fleet.port), "-q", "1", "-t", P + f"meter/{meter}/relay/set",
                    *(["-r"] if retain else []), "-s"], input=text if isinstance(text, bytes) else text.encode(), check=True)


def result(fleet, meter, wanted=lambda body: True, since=0, seconds=20):
    topic = P + f"meter/{meter}/relay/result"
    m = fleet.sub.wait(lambda m: m.topic == topic and wanted(m.json()), seconds, f"a result of {meter}", since)
    need(not m.retain and m.qos == 1, "result: QoS 1, not retained")
    return m.json()


def by_the_tool():
    """relay open and close: switched, read back, written down, told; the state is published"""
    with Fleet() as fleet:
        fleet.start_broker()
        site(fleet)
        done = fleet.tool("relay", "m0-1", "open")
        equal((done.returncode, done.stderr), (0, ""), "relay open")
        matches(r"^m0-1: relay open, read back at 20", done.stdout)
        fleet.sub.wait(lambda m: m.topic == P + "meter/m0-1/relay" and m.json()["state"] == "open", 10, "the state")
        done = fleet.tool("relay", "m0-1", "close", "--json")
        body = json.loads(done.stdout)
        equal((done.returncode, body["ok"], body["state"]), (0, True, "closed"), "relay close --json")
        equal(writes(fleet), [(1, "010500010000" + "9c0a"), (1, "01050001ff00" + "ddfa")], "frames that write")
        rows = fleet.wait_rows("SELECT source, wanted, ok, state, error FROM audit WHERE done IS NOT NULL ORDER BY ts", 2, 10, "audit")
        equal(rows, [("control", "open", 1, "open", None), ("control", "closed", 1, "closed", None)], "audit")
        who = fleet.sql("SELECT DISTINCT who FROM audit")[0][0]
        need(f"uid {os.getuid()}" in who, who)
        events = fleet.wait_rows("SELECT subject, detail FROM event WHERE kind = 'relay_switched' ORDER BY ts", 2, 10, "events")
        detail = json.loads(events[0][1])
        equal((events[0][0], detail["state"], detail["was"], detail["source"]), ("m0-1", "open", "closed", "control"), "event")
        equal(fleet.sql("SELECT * FROM event WHERE kind = 'relay_changed'"), [], "changes without a command")


def refusals():
    """who may not: 77; what is not there: 64; no daemon: 69; and nothing was written"""
    with Fleet() as fleet:
        fleet.buses, fleet.meters = 1, 4
        fleet.write_config()
        done = fleet.tool("relay", "m0-1", "open")
        equal(done.returncode, 69, "no daemon: " + done.stderr)
        site(fleet)
        for words, code, pattern in ((("m0-3", "open"), 77, r"m0-3: not_allowed: .*relay = yes"), (("m0-33", "open"), 64, r"did you mean m0-3"),
                                     (("../x", "open"), 64, r"unknown meter"), (("m0-1", "opn"), 64, r"did you mean open"),
                                     (("m0-1",), 64, r"which meter"), (("m0-1", "open", "now"), 64, r"unexpected word")):
            done = fleet.tool("relay", *words)
            equal((done.returncode, done.stdout), (code, ""), " ".join(words) + ": " + done.stderr)
            matches(pattern, done.stderr)
        equal(writes(fleet), [], "frames that write")
        equal(fleet.sql("SELECT * FROM audit"), [], "audit")


def strangers():
    """somebody of no group, or of meterfleet alone, may not switch: 77"""
    if os.getuid() != 0:
        raise Skip("needs root to become somebody else")
    with Fleet() as fleet:
        site(fleet)
        os.chmod(fleet.dir, 0o755)
        os.chmod(fleet.control, 0o666)
        argv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program("meterfleet"), "relay", "m0-1", "open", "-c",
                fleet.ini]
        done = subprocess.run(argv, env=fleet.env, capture_output=True, text=True)
        equal(done.returncode, 77, done.stderr)
        equal(writes(fleet), [], "frames that write")


def meters_that_do_not():
    """Local mode: not_switched with the hint; silence: read back before anything is said; refused: failed; never twice"""
    kinds = {"stuck": ("not_switched", 1, "Local"), "silent": ("", 0, ""), "lost": ("not_switched", 1, "Local"), "exc 4": ("failed", 1, "exception 4")}
    for kind, (error, code, hint) in kinds.items():
        with Fleet() as fleet:
            site(fleet, faults=f"+0s bus0/1 relay {kind}\n")
            done = fleet.tool("relay", "m0-1", "open", "--json")
            body = json.loads(done.stdout)
            equal((done.returncode, body.get("error", "")), (code, error), kind + ": " + done.stderr)
            need(hint in body.get("detail", ""), kind, body)
            equal(body["state"], "open" if error == "" else "closed", kind + ": state")
            equal(len(writes(fleet)), 1, kind + ": frames that write")
            rows = fleet.wait_rows("SELECT ok, coalesce(error, '') FROM audit WHERE done IS NOT NULL", 1, 10, "audit")
            equal(rows, [(int(error == ""), error)], kind + ": audit")


def dead_meter():
    """a meter that is gone: unknown, 69, told once"""
    with Fleet() as fleet:
        site(fleet, faults="+4s bus0/1 dead\n")
        wait_until(lambda: fleet.sql("SELECT status FROM meter WHERE meter = 'm0-1'") != [("online",)], 30 * PATIENCE, "m0-1 to fall silent")
        done = fleet.tool("relay", "m0-1", "open", seconds=60)
        equal(done.returncode, 69, done.stderr)
        matches(r"m0-1: unknown: ", done.stderr)
        need(len(writes(fleet)) <= 1, "written more than once")
        equal(fleet.wait_rows("SELECT ok, error FROM audit WHERE done IS NOT NULL", 1, 10, "audit"), [(0, "unknown")], "audit")


def by_mqtt():
    """commands = yes: expires obeyed, ids once, kept and malformed ones refused with a reason, a limit on how often"""
    with Fleet() as fleet:
        fleet.start_broker()
        send(fleet, "m0-1", {"id": "kept-before", "state": "open", "expires": later()}, retain=True)
        site(fleet, commands="yes")
        fleet.sub.wait(lambda m: m.topic == P + "info", 10, "P/info")
        send(fleet, "m0-2", {"id": "a", "state": "open", "expires": later()})
        body = result(fleet, "m0-2")
        equal((body["id"], body["ok"], body["state"], sorted(body)), ("a", True, "open", ["id", "ok", "state", "ts"]), "result")
        equal(writes(fleet), [(2, "020500010000" + "9c39")], "frames that write")
        cases = [({"id": "a", "state": "closed", "expires": later()}, "duplicate"), ({"id": "b", "state": "closed", "expires": later(-1)}, "expired"),
                 ({"id": "c", "state": "closed"}, "malformed"), ({"id": "d", "state": "off", "expires": later()}, "malformed"),
                 ({"id": "e", "state": "closed", "expires": "soon"}, "malformed"), ({"state": "closed", "expires": later()}, "malformed"),
                 ("{", "malformed"), ("[1]", "malformed"), (b"\xff\xfe", "malformed"), ("[" * 900, "malformed"), ("x" * 5000, "malformed"),
                 ('{"id":"f","id":"g","state":"open","expires":"2099-01-01T00:00:00Z"}', "malformed")]
        for payload, error in cases:
            since = len(fleet.sub.poll())
            send(fleet, "m0-2", payload)
            body = result(fleet, "m0-2", since=since)
            equal((body["ok"], body["error"]), (False, error), f"{payload!r:.60}")
            if isinstance(payload, dict) and error != "malformed":
                equal(body["id"], payload["id"], "id")
        since = len(fleet.sub.poll())
        send(fleet, "m0-2", {"id": "k", "state": "closed", "expires": later()}, retain=True)
        equal(result(fleet, "m0-2", since=since)["error"], "retained", "kept")
        send(fleet, "m0-3", {"id": "n", "state": "open", "expires": later()})
        equal(result(fleet, "m0-3")["error"], "not_allowed", "relay = no")
        equal(len(writes(fleet)), 1, "frames that write")
        for i in range(12):
            send(fleet, "m0-1", {"id": f"r{i}", "state": ("open", "closed")[i % 2], "expires": later()})
        wait_until(lambda: len(fleet.sub.having("m0-1/relay/result")) >= 12, 60 * PATIENCE, "twelve results")
        errors = [m.json().get("error") for m in fleet.sub.having("m0-1/relay/result")]
        need(errors.count("rate") >= 5 and errors.count(None) >= 6, errors)
        need(len(writes(fleet)) <= 8, writes(fleet))
        need(not any("kept-before" in str(m) for m in fleet.sub.having("m0-1/relay/result")), "the kept command was answered")
        rows = fleet.sql("SELECT who, source FROM audit WHERE id = 'a'")
        equal(rows, [("mqtt", "mqtt")], "audit")


def no_commands():
    """commands = no, the default: nothing is taken over MQTT"""
    with Fleet() as fleet:
        fleet.start_broker()
        site(fleet)
        fleet.sub.wait(lambda m: m.topic == P + "info", 10, "P/info")
        send(fleet, "m0-1", {"id": "a", "state": "open", "expires": later()})
        equal(fleet.tool("relay", "m0-2", "open").returncode, 0, "the tool may")
        equal([unit for unit, _ in writes(fleet)], [2], "meters written to")
        equal(fleet.sub.having("relay/result"), [], "results")


def somebody_else():
    """a change without our command is an event, also one while the daemon was away"""
    with Fleet() as fleet:
        site(fleet)
        fleet.daemon.stop()
        with Line(fleet.path("bus0")) as line:  # another master, while the daemon is away: the state it left is known
            line.ask(sealed(b"\x02\x05\x00\x01\x00\x00"))
        fleet.start_daemon()
        rows = fleet.wait_rows("SELECT subject, detail FROM event WHERE kind = 'relay_changed'", 1, 20, "the event")
        equal((rows[0][0], json.loads(rows[0][1])), ("m0-2", {"state": "open", "was": "closed"}), "event")


def every_way_in():
    """every function and register through every way in: only the relay's coil is ever written"""
    with Fleet() as fleet:
        fleet.start_broker()
        site(fleet, commands="yes")
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(30 * PATIENCE)
            s.connect(fleet.control)
            f = s.makefile("rwb")
            for function in range(0, 128):
                for address in (0, 1, 2, 0x0C, 0x30, 0x80, 0xFFFF):
                    ask = {"version": 1, "request": ("relay", "write", "read", "commission")[function % 4], "meter": "m0-3", "function": function,
                           "address": address, "coil": address, "count": 1, "value": 0x55AA, "state": "open", "register": address}
                    f.write(json.dumps(ask).encode() + b"\n")
                    f.flush()
                    f.readline()
        for function in (5, 6, 15, 16):
            for address in (0, 1, 0x0C):
                send(fleet, "m0-3", {"id": f"{function}-{address}", "state": "open", "expires": later(), "function": function, "address": address,
                                     "coil": address, "value": 0x55AA})
        send(fleet, "m0-1", {"id": "x", "state": "closed", "expires": later(), "address": 12, "coil": 12, "function": 16})
        equal(result(fleet, "m0-1")["ok"], True, "the honest part")
        for name in ("../m0-1", "m0-1/relay/set", "+", "m0-1 "):
            equal(fleet.tool("relay", name, "open").returncode, 64, name)
        equal(set(writes(fleet)), {(1, "01050001ff00" + "ddfa")}, "frames that write")
        need(len(re.findall(r"\trequest\t", fleet.frames())) > 20, "the simulator heard nothing")


def stop_with_a_command():
    """a stop while a command hangs: it has its outcome, and the daemon ends in time"""
    with Fleet() as fleet:
        site(fleet, faults="+4s bus0/1 dead\n")
        wait_until(lambda: fleet.sql("SELECT status FROM meter WHERE meter = 'm0-1'") != [("online",)], 30 * PATIENCE, "m0-1 to fall silent")
        tool = subprocess.Popen([program("meterfleet"), "relay", "m0-1", "open", "-c", fleet.ini], env=fleet.env, stderr=subprocess.PIPE, text=True)
        fleet.wait_rows("SELECT * FROM audit", 1, 10, "the intent")
        code, took = fleet.daemon.stop()
        equal(code, 0, "exit code")
        need(took < 2.5 * PATIENCE, "took", took)
        need(tool.wait(10) in (1, 69), tool.returncode)
        rows = fleet.sql("SELECT ok, error FROM audit WHERE done IS NOT NULL")
        need(rows and rows[0][0] == 0 and rows[0][1] in ("unknown", "unreachable"), rows)


run([by_the_tool, refusals, strangers, meters_that_do_not, dead_meter, by_mqtt, no_commands, somebody_else, every_way_in, stop_with_a_command])
