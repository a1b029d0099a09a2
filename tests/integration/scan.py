"""meterfleet scan: who answers on a line, what it is, and a configuration for it."""
import json
import os
import pty
import re
import select
import signal
import subprocess

from fleet import PATIENCE, Fleet, program
from scan_devices import Devices, kpm33b, stranger
from tap import equal, matches, need, run, wait_until

QUICK = ("--timeout", "80ms")


def scan(fleet, device, *options):
    return fleet.tool("scan", "--device", device, *QUICK, *options, seconds=60)


def accepted(fleet, text, meters):
    """What was printed is a configuration, once the gateway has a name."""
    fleet.write_config("[gateway]\nid = site-a\n" + text)
    done = fleet.tool("check")
    equal((done.returncode, done.stderr), (0, ""), "check of\n" + text)
    matches(rf"accepted: 1 bus, {meters} meters?$", done.stdout)


def key(text, name):
    return re.search(rf"^{name} = (.*)$", text, re.M)[1]


def found():
    """meters are found, their model named, and check accepts what is printed; dead ones are left out"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=8, baud=9600, faults="+0 bus0/4 dead\n+0 bus0/6 dead\n+0 bus0/7 dead\n")
        done = scan(fleet, fleet.path("bus0"), "--addresses", "1-10")
        equal(done.returncode, 0, "exit code: " + done.stderr)
        equal(key(done.stdout, "addresses"), "1-3, 5, 8", "addresses")
        equal(key(done.stdout, "device"), fleet.path("bus0"), "device")
        equal(tuple(key(done.stdout, k) for k in ("baud", "parity", "stop_bits")), ("9600", "even", "1"), "setting")
        matches(r"^; 9600 8E1 address 3: kpm31 \(or kpm31bk\); relay coil 0 refused, coil 1 closed$", done.stdout)
        matches(r": 10 addresses, 1 setting: up to \d+ s; 1 more if nobody answers", done.stderr)
        matches(r"^9600 8E1: 5 of 10 addresses answered$", done.stderr)
        accepted(fleet, done.stdout, 5)
        asked = re.findall(r"\trequest\t\d+\t\w+\t..(..)(....)(....)", fleet.frames())
        need(asked and all(function in ("01", "03") for function, _, _ in asked), "only reads", asked)
        for function, address, count in asked:
            span = range(int(address, 16), int(address, 16) + int(count, 16))
            need(function == "01" or not (0x00 in span or 0x0C in span), "a denied register was read", address, count)
        too_early = re.findall(r"\ttoo_early\t", fleet.frames())
        equal(len(too_early), 0, "requests that break the silence")


def gateways():
    """over RTU over TCP and Modbus TCP the same meters are found, without speeds"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=3, baud=9600, options=("--tcp", "0", "--mbtcp", "0"))
        wait_until(lambda: "tcp://" in fleet.sim.log(), 10 * PATIENCE, "the simulator's ports")
        ports = re.search(r" rtutcp://\S+:(\d+), tcp://\S+:(\d+)", fleet.sim.log())
        for scheme, port in zip(("rtutcp", "tcp"), ports.groups()):
            device = f"{scheme}://127.0.0.1:{port}"
            done = fleet.tool("scan", "--device", device, "--addresses", "1-5", "--timeout", "400ms", "--bus", "hall")
            equal(done.returncode, 0, "exit code: " + done.stderr)
            equal((key(done.stdout, "device"), key(done.stdout, "addresses")), (device, "1-3"), "sections")
            equal("baud" in done.stdout, scheme == "rtutcp", "a speed in\n" + done.stdout)
            accepted(fleet, done.stdout, 3)


def models():
    """a KPM33B beside a stranger: told apart by their registers, with serial number, reason and coils"""
    with Fleet() as fleet, Devices({5: kpm33b(5), 6: kpm33b(6, "33B1225950099"), 9: stranger}) as devices:
        device = f"rtutcp://127.0.0.1:{devices.port}"
        done = scan(fleet, device, "--addresses", "1-10")
        equal(done.returncode, 0, "exit code: " + done.stderr)
        matches(r"^; RTU over TCP address 5: kpm33b, serial 33B1225950027; relay coil 0 refused, coil 1 closed$", done.stdout)
        matches(r"^; RTU over TCP address 9: answers, but no model fits: not a \w+: .*0x\w{4}", done.stdout)
        equal((key(done.stdout, "model"), key(done.stdout, "addresses")), ("kpm33b", "5, 6"), "sections")
        accepted(fleet, done.stdout, 2)
        need(all(f in (1, 3) for _, f, _, _ in devices.asked), "only reads")


def one_device_for_all_units():
    """a gateway that answers for every unit with one meter is one meter"""
    with Fleet() as fleet, Devices({None: kpm33b(5)}, mbap=True) as devices:
        done = scan(fleet, f"tcp://127.0.0.1:{devices.port}", "--addresses", "1-8")
        equal((done.returncode, key(done.stdout, "addresses")), (0, "5"), "addresses: " + done.stderr)
        matches(r"address 7: answers, but no model fits: .*its address register 0x0001 says 5", done.stdout)
        accepted(fleet, done.stdout, 1)


def faults():
    """two meters under one address are reported, damaged replies too, neither as a meter"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=4, baud=9600, faults="+0 bus0/2 twin\n+0 bus0/3 crc\n")
        done = scan(fleet, fleet.path("bus0"), "--addresses", "1-5", "--json")
        equal(done.returncode, 0, "exit code: " + done.stderr)
        document = json.loads(done.stdout)
        kinds = {f["address"]: f["kind"] for f in document["found"]}
        equal(kinds, {1: "meter", 2: "clash", 3: "damaged", 4: "meter"}, "kinds")
        clash = next(f for f in document["found"] if f["address"] == 2)
        matches(r"two devices", clash["why"])
        equal(clash["model"], None, "model of two devices")
        equal(document["stopped"], False, "stopped")


def only_bad_replies():
    """whoever answers with damaged replies only is not nobody: 69, and it says so"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=1, baud=9600, faults="+0 bus0/1 crc\n")
        done = scan(fleet, fleet.path("bus0"), "--addresses", "1-2")
        equal(done.returncode, 69, "exit code")
        matches(r"^meterfleet: \S+/bus0: nobody can be read: 1 address gives damaged", done.stderr)
        matches(r"^; 9600 8E1 address 1: only damaged replies", done.stdout)


def other_speed():
    """meters at another speed: nobody at the usual one (69), found with --baud all"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=2, baud=4800)
        done = scan(fleet, fleet.path("bus0"), "--addresses", "1-3")
        equal((done.returncode, done.stdout), (69, ""), "outcome")
        matches(r"^meterfleet: \S+/bus0: nobody answered: 6 questions at 2 settings: .*--baud all --parity all$", done.stderr)
        done = scan(fleet, fleet.path("bus0"), "--addresses", "1-3", "--baud", "all", "--parity", "8E1,8N1")
        equal((done.returncode, key(done.stdout, "baud")), (0, "4800"), "speed: " + done.stderr)
        matches(r": 3 addresses, 10 settings: up to \d+ s$", done.stderr)
        equal(len(re.findall(r"the other settings take up to", done.stderr)), 1, "told once what the rest takes")
        accepted(fleet, done.stdout, 2)


def taken():
    """while the daemon owns the line, serial or gateway: 69, who has it, and not a question asked"""
    with Fleet() as fleet, Devices({1: kpm33b(1)}) as devices:
        fleet.start_sim(buses=1, meters=1)
        site = fleet.site()
        site["bus hall"] = {"device": f"rtutcp://127.0.0.1:{devices.port}"}
        fleet.write_config()
        fleet.start_daemon()
        fleet.wait_rows("SELECT * FROM energy", 1, 10, "energy")
        for device, who in ((fleet.path("bus0"), rf"held by .*{fleet.daemon.pid}"),
                            (f"rtutcp://127.0.0.1:{devices.port}", r"held by meterfleetd as \[bus hall\]")):
            done = scan(fleet, device, "--addresses", "1-3")
            equal((done.returncode, done.stdout), (69, ""), "outcome")
            matches(rf"^meterfleet: {re.escape(device)}: .*{who}", done.stderr)
        equal(devices.asked, [], "questions on the daemon's gateway")


def interrupted():
    """Ctrl-C prints what was found until then"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=2, baud=9600)
        argv = [program("meterfleet"), "scan", "--device", fleet.path("bus0"), "--baud", "all"]
        child = subprocess.Popen(argv, env=fleet.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            first = "".join(iter(child.stderr.readline, "")) if child.poll() is not None else ""
            while "address 2: kpm31" not in first:
                line = child.stderr.readline()
                need(line, "scan ended early:", first)
                first += line
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=10 * PATIENCE)
        finally:
            child.kill()
        equal(child.returncode, 0, "exit code: " + err)
        matches(r"^; meterfleet scan of \S+, stopped before its end$", out)
        equal(key(out, "addresses"), "1, 2", "addresses")
        accepted(fleet, out, 2)


def bar():
    """on a terminal a bar tells how far it is and how long it takes; stdout stays clean"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=1, baud=9600)
        master, slave = pty.openpty()
        argv = [program("meterfleet"), "scan", "--device", fleet.path("bus0"), "--addresses", "1-12", *QUICK]
        child = subprocess.Popen(argv, env=fleet.env, stdout=subprocess.PIPE, stderr=slave)
        os.close(slave)
        screen = b""

        def ended():
            nonlocal screen
            while select.select([master], [], [], 0)[0]:
                try:
                    screen += os.read(master, 4096)
                except OSError:
                    break
            return child.poll() is not None
        try:
            wait_until(ended, 20 * PATIENCE, "the end of the scan")
        finally:
            child.kill()
            os.close(master)
        matches(rb"\[#*\.*\] 9600 8E1 address \d+: 1 found, up to \d+ s left".decode(), screen.decode())
        need(b"\033" not in child.stdout.read(), "the bar is on stdout")


def usage():
    """every bad argument is one clear line and 64"""
    with Fleet() as fleet:
        dev = ("--device", fleet.path("none"))
        for words, pattern in (
                ((), r"--device: missing"),
                ((*dev, "x"), r"x: unexpected word"),
                ((*dev, "--adresses", "1"), r"--adresses: unknown option: did you mean --addresses\?"),
                (("--device", "http://x"), r"--device: http://x: neither a path"),
                (("--device", "rtutcp://x"), r"--device: rtutcp://x: neither"),
                ((*dev, "--addresses", "0-5"), r"--addresses: 0-5: neither an address"),
                ((*dev, "--addresses", "5-1"), r"--addresses: 5-1: neither"),
                ((*dev, "--addresses", ""), r"--addresses: nothing: neither"),
                ((*dev, "--addresses", "1-248"), r"--addresses: 1-248: "),
                ((*dev, "--baud", "fast"), r"--baud: fast: neither all nor a speed"),
                ((*dev, "--baud", "9600,"), r"--baud: : neither all nor a speed"),
                ((*dev, "--baud", "299"), r"--baud: 299: "),
                ((*dev, "--parity", "7E1"), r"--parity: 7E1: neither all nor one of 8E1"),
                ((*dev, "--timeout", "5"), r"--timeout: 5: not a duration"),
                ((*dev, "--timeout", "9ms"), r"--timeout: 9ms: not a duration"),
                ((*dev, "--retries", "11"), r"--retries: 11: not a number from 0 to 10"),
                ((*dev, "--bus", "a b"), r"--bus: a b: not a name"),
                ((*dev, "--bus", "x" * 25), r"--bus: x+: not a name of at most 24"),
                (("--device", "tcp://127.0.0.1", "--baud", "9600"), r"--baud: Modbus TCP has none"),
                (("--device", "tcp://127.0.0.1", "--parity", "8N1"), r"--parity: Modbus TCP has none"),
                (("--device", "rtutcp://127.0.0.1:1", "--baud", "all"), r"--baud: a gateway has one"),
                (("--device", "rtutcp://127.0.0.1:1", "--parity", "8E1,8N1"), r"--parity: a gateway has one"),
        ):
            done = fleet.tool("scan", *words)
            equal((done.returncode, done.stdout), (64, ""), " ".join(words) + ": outcome")
            matches(r"^meterfleet: " + pattern, done.stderr)
            equal(done.stderr.count("\n"), 1, "lines of\n" + done.stderr)
        done = fleet.tool("scan", *dev)
        equal((done.returncode, done.stdout), (69, ""), "a device that is not there")
        matches(r"^meterfleet: \S+/none: not scanned: cannot be opened: No such file", done.stderr)
        done = fleet.tool("scan", "--device", fleet.write_file("plain", ""))
        equal(done.returncode, 69, "a plain file")
        matches(r"^meterfleet: \S+/plain: not scanned: not a serial device", done.stderr)


run([found, gateways, models, one_device_for_all_units, faults, only_bad_replies, other_speed, taken, interrupted, bar,
     usage])
