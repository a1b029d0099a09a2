"""meterfleet status and read: asking the daemon, or a line."""
import json
import os
import socket
import subprocess
import time

from fleet import PATIENCE, Fleet, program
from tap import Skip, equal, matches, need, run


def outcome(done, code, pattern):
    equal(done.returncode, code, f"exit code ({done.stderr.strip()})")
    equal(done.stdout, "", "stdout")
    matches(pattern, done.stderr)
    equal(done.stderr.count("\n"), 1, "lines of\n" + done.stderr)


def not_running():
    """without a daemon: 69 and who is missing; --check says CRITICAL in one line"""
    with Fleet() as fleet:
        fleet.buses, fleet.meters = 1, 1
        fleet.write_config()
        outcome(fleet.tool("status"), 69, r"^meterfleet: daemon: not running: ")
        outcome(fleet.tool("read", "m0-1"), 69, r"^meterfleet: daemon: not running: ")
        line = fleet.tool("status", "--check")
        equal((line.returncode, line.stderr), (2, ""), "status --check")
        matches(r"\AMETERFLEET CRITICAL - daemon: not running: .*\n\Z", line.stdout)


def usage():
    """unknown subcommands, options, quantities: 64 with a suggestion; --help goes to stdout"""
    with Fleet() as fleet:
        fleet.buses, fleet.meters = 1, 1
        fleet.write_config()
        outcome(fleet.tool("staus"), 64, r"^meterfleet: staus: unknown subcommand: did you mean status\?")
        outcome(fleet.tool("status", "--jsno"), 64, r"^meterfleet: --jsno: unknown option: did you mean --json\?")
        outcome(fleet.tool("status", "m0-1"), 64, r"^meterfleet: m0-1: unexpected word")
        outcome(fleet.tool("read"), 64, r"^meterfleet: read: which meter\?")
        outcome(fleet.tool("read", "m0-1", "votlage"), 64, r"^meterfleet: votlage: unknown quantity: did you mean voltage\?")
        outcome(fleet.tool("read", "x", "--address", "1"), 64, r"^meterfleet: --address: only together with --device")
        outcome(subprocess.run([program("meterfleet")], capture_output=True, text=True, env=fleet.env), 64, "subcommand")
        for words in (("--help",), ("help",), ("status", "--help"), ("help", "read"), ("check", "-h"), ("scan", "--help"), ("--version",)):
            done = subprocess.run([program("meterfleet"), *words], capture_output=True, text=True, env=fleet.env)
            equal((done.returncode, done.stderr), (0, ""), " ".join(words))
            need(done.stdout and all(len(line) <= 80 for line in done.stdout.splitlines()), done.stdout)


def reading():
    """read: fresh values, chosen quantities, unknown meters and quantities of other models"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=3)
        fleet.write_config()
        fleet.start_daemon()
        fleet.wait_rows("SELECT * FROM energy", 3, 10, "energy")
        before = time.time() * 1000
        done = fleet.tool("read", "m0-2", "--json")
        equal((done.returncode, done.stderr), (0, ""), "read")
        document = json.loads(done.stdout)
        equal([r["class"] for r in document["readings"]], ["live", "energy", "demand"], "classes")
        need(all(r["ts_ms"] >= before - 2000 and r["quality"] == "ok" for r in document["readings"]), document)
        equal(len(document["readings"][1]["values"]), 14, "energies")
        text = fleet.tool("read", "m0-2", "frequency", "relay_do1")
        matches(r"^ +frequency +(49|50)(\.\d+)? Hz$", text.stdout)
        matches(r"^ +relay_do1 +closed$", text.stdout)
        need("voltage" not in text.stdout, text.stdout)
        outcome(fleet.tool("read", "m0-22"), 64, r"^meterfleet: m0-22: unknown meter: did you mean m0-2\?")
        outcome(fleet.tool("read", "m0-2", "voltage_l1"), 64, r"^meterfleet: m0-2: model kpm31 does not have voltage_l1")
        done = fleet.tool("read", "--device", fleet.path("bus0"), "--address", "1", "--model", "kpm31")
        outcome(done, 69, r"^meterfleet: \S+/bus0 address 1: not read: .*" + str(fleet.daemon.pid))


def straight():
    """read --device: without daemon and configuration, with the model's own line settings"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=3)
        here = ("read", "--device", fleet.path("bus0"))
        done = fleet.tool(*here, "--address", "3", "--model", "kpm31", "--json")
        equal((done.returncode, done.stderr), (0, ""), "read --device")
        values = json.loads(done.stdout)["readings"][1]["values"]
        rates = sum(values[f"active_energy_{rate}"] for rate in ("sharp", "peak", "flat", "valley"))
        need(abs(rates - values["active_energy_total"]) < 0.051, values)
        done = fleet.tool(*here, "--address", "9", "--model", "kpm31", "--timeout", "50ms", "voltage")
        outcome(done, 69, r"address 9: not read: .*no answer")
        outcome(fleet.tool(*here, "--address", "248", "--model", "kpm31"), 64, r"--address: 248: a number from 1 to 247")
        outcome(fleet.tool(*here, "--model", "kpm31"), 64, r"--address: missing")
        outcome(fleet.tool(*here, "--address", "1"), 64, r"--model: missing")
        outcome(fleet.tool(*here, "--address", "1", "--model", "kpm3"), 64, r"--model: kpm3: unknown: did you mean kpm31\?")
        outcome(fleet.tool("read", "--device", fleet.path("no"), "--address", "1", "--model", "kpm31"), 69, r"No such file")


def broken_configuration():
    """a bad configuration is told, every error of it: 78, --check UNKNOWN in one line; --control is enough"""
    with Fleet() as fleet:
        fleet.buses, fleet.meters = 1, 1
        fleet.write_config()
        fleet.start_daemon()
        fleet.write_config("[gateway\nid = site-a\n")
        done = fleet.tool("status", "--control", fleet.control)
        equal(done.returncode, 0, "status --control: " + done.stderr)
        matches(r"^site-a: meterfleet ", done.stdout)
        for words in (("status",), ("read", "m0-1"), ("relay", "m0-1", "open"), ("trace", "b0"), ("status", "--json")):
            outcome(fleet.tool(*words), 78, r"^meterfleet: \S+/meterfleet\.ini:1: \[gateway\]: is not closed")
        line = fleet.tool("status", "--check")
        equal((line.returncode, line.stderr), (3, ""), "status --check")
        matches(r"\AMETERFLEET UNKNOWN - \S+/meterfleet\.ini:1: \[gateway\]: is not closed.*\n\Z", line.stdout)
        fleet.write_config("[gateway]\nid = a\nclok = auto\n[bsu north]\n")
        done = fleet.tool("status")
        equal((done.returncode, done.stderr.count("\n")), (78, 2), "two errors:\n" + done.stderr)
        line = fleet.tool("status", "--check")
        equal((line.returncode, line.stderr), (3, ""), "status --check")
        matches(r"\AMETERFLEET UNKNOWN - .*clok: .* \(and 1 more: meterfleet check\)\n\Z", line.stdout)
        os.unlink(fleet.ini)
        outcome(fleet.tool("status"), 78, r"^meterfleet: \S+/meterfleet\.ini: cannot be read: No such file")
        line = fleet.tool("status", "--check")
        equal((line.returncode, line.stderr), (3, ""), "status --check")
        matches(r"\AMETERFLEET UNKNOWN - .*No such file or directory\n\Z", line.stdout)


def strangers():
    """whoever is not of the group may not ask: 77"""
    if os.getuid() != 0:
        raise Skip("needs root to become somebody else")
    with Fleet() as fleet:
        fleet.buses, fleet.meters = 1, 1
        fleet.write_config()
        fleet.start_daemon()
        os.chmod(fleet.dir, 0o755)
        argv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program("meterfleet"), "status", "-c", fleet.ini]
        done = subprocess.run(argv, env=fleet.env, capture_output=True, text=True)
        outcome(done, 77, r"not allowed: only members of group meterfleet")
        os.chmod(fleet.control, 0o666)  # even where the file lets him: the daemon asks the kernel who he is
        done = subprocess.run(argv, env=fleet.env, capture_output=True, text=True)
        outcome(done, 77, r"^meterfleet: daemon: not allowed: ")


def crowd():
    """many idle connections keep nobody honest waiting; nonsense is answered and ended"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=1)
        fleet.write_config()
        fleet.start_daemon()
        crowd = []
        for _ in range(300):
            s = socket.socket(socket.AF_UNIX)
            s.connect(fleet.control)
            crowd.append(s)
        began = time.monotonic()
        equal(fleet.tool("status").returncode, 0, "status in a crowd")
        need(time.monotonic() - began < 3 * PATIENCE, "waited", time.monotonic() - began)
        for junk in (b"\n", b"{}\n", b"\x00\xff\n", b"[" * 9000 + b"\n", b"x" * 100000):
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(20)
                s.connect(fleet.control)
                try:
                    s.sendall(junk)
                    need(b'"ok":false' in s.recv(65536), "no error for", junk[:10])
                except (ConnectionResetError, BrokenPipeError):
                    pass
        for s in crowd:
            s.close()
        equal(fleet.daemon.stop()[0], 0, "exit code")


def nobody_of_ours():
    """an answer that says nothing is no good news: not OK for a monitor, no relay that was switched"""
    with Fleet() as fleet:
        fleet.buses, fleet.meters = 1, 1
        fleet.write_config()
        cases = [(("status",), 1), (("status", "--json"), 1), (("status", "--check"), 3), (("read", "m0-1"), 1),
                 (("relay", "m0-1", "open"), 1)]
        answers = [b'{"ok":true}', b'{"ok":true,"status":7,"readings":7,"relay":7}', b'{"ok":true,"status":{},"relay":{}}', b"[]",
                   b"\xff\x00", b"[" * 70000]
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(fleet.control)
            listener.listen()
            for answer in answers:
                for words, code in cases:
                    child = subprocess.Popen([program("meterfleet"), *words, "-c", fleet.ini], env=fleet.env, text=True,
                                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                    peer = listener.accept()[0]
                    with peer:
                        peer.recv(65536)
                        peer.sendall(answer + b"\n")
                        out, err = child.communicate(timeout=20 * PATIENCE)
                    what = f"{words} answered {answer[:40]}"
                    equal(child.returncode, code, what + err)
                    need("not understood" in (out if "--check" in words else err), what, out, err)
                    need("OK" not in out and "read back" not in out, what, out)


run([not_running, usage, reading, straight, broken_configuration, strangers, crowd, nobody_of_ours])
