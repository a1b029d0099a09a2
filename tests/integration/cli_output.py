"""What the tools do when their output cannot be written: 73, one line, the true reason. Every command that prints."""
import os
import re
import signal
import subprocess

from fleet import PATIENCE, Fleet, program
from tap import equal, need, run
from verify_case import MANUAL, day

NO_ROOM = "meterfleet: stdout: cannot be written: No space left on device\n"


def full(fleet, *words, name="meterfleet", stdin=None):
    """Runs it with stdout on a full disk."""
    with open("/dev/full", "wb") as out:
        return subprocess.run([program(name), *words], env=fleet.env, stdout=out, stderr=subprocess.PIPE, text=True,
                              timeout=20 * PATIENCE, input=stdin)


def refuses(done, what, reason=NO_ROOM):
    equal((done.returncode, done.stderr), (73, reason), what)


def help_and_version():
    """--help and --version of the tool, of each subcommand, of the daemon, of the simulator"""
    with Fleet() as fleet:
        for words in (("--help",), ("--version",), ("help",), ("help", "read"), ("-V",)):
            refuses(full(fleet, *words), " ".join(words))
        text = subprocess.run([program("meterfleet"), "--help"], env=fleet.env, capture_output=True, text=True).stdout
        names = re.findall(r"^  ([a-z]+) ", text, re.MULTILINE)
        need({"check", "export", "verify"} <= set(names), "subcommands:", names)
        for name in names:
            refuses(full(fleet, name, "--help"), name + " --help")
        for words in (("--help",), ("--version",)):
            for name in ("meterfleetd", "meterfleet-sim"):
                refuses(full(fleet, *words, name=name), f"{name} {words[0]}")


def without_a_daemon():
    """verify, learn, check and the daemon's --check, as text and as JSON; findings do not hide it"""
    with Fleet() as fleet:
        fleet.buses, fleet.meters = 1, 2
        fleet.write_config()
        manual = fleet.write_file("tariff.ini", MANUAL)
        record = fleet.write_file("flat.csv", day().text())
        wrong = fleet.write_file("wrong.csv", day(extra={"active_energy_sharp": "1000.00"}).text())
        refuses(full(fleet, "check", "-c", fleet.ini), "check")
        refuses(full(fleet, "check", "--plan", "-c", fleet.ini), "check --plan")
        refuses(full(fleet, "--check", "-c", fleet.ini, name="meterfleetd"), "meterfleetd --check")
        for name in ("verify", "learn"):
            for file in (record, wrong):
                for json in ((), ("--json",)):
                    done = full(fleet, name, "--csv", file, "--tariff", "manual", "-c", manual, *json)
                    refuses(done, f"{name} {os.path.basename(file)} {json}")


def with_a_daemon():
    """status, read, relay, trace and export, as text and as JSON, of a running daemon"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=1)
        fleet.write_config()
        fleet.start_daemon()
        fleet.wait_rows("SELECT * FROM energy", 1, 10, "energy")
        for words in (("status",), ("status", "--json"), ("status", "--check"), ("status", "--all"),
                      ("read", "m0-1"), ("read", "m0-1", "voltage", "--json"), ("trace", "b0"), ("trace", "b0", "--json"),
                      ("export",), ("export", "--format", "jsonl"), ("export", "--what", "energy")):
            refuses(full(fleet, *words, "-c", fleet.ini), " ".join(words))
        equal(fleet.daemon.stop()[0], 0, "the daemon's end")
        done = full(fleet, "status", "--check", "-c", fleet.ini)
        refuses(done, "status --check without a daemon")


def on_a_line():
    """read --device, read --raw and scan"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=1)
        here = ("--device", fleet.path("bus0"))
        meter = (*here, "--address", "1")
        for words in (("read", *meter, "--model", "kpm31"), ("read", *meter, "--model", "kpm31", "--json"),
                      ("read", *meter, "--raw", "0x80"), ("read", *meter, "--raw", "--json", "0x80")):
            refuses(full(fleet, *words), " ".join(words[:1] + words[5:]))
        for json in ((), ("--json",)):
            done = full(fleet, "scan", *here, "--addresses", "1", "-c", "/none", *json)
            equal((done.returncode, done.stderr.splitlines()[-1] + "\n"), (73, NO_ROOM), "scan")


def closed():
    """a closed stdout or a pipe nobody reads: the same, and nothing of it lands in a file opened since"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=1)
        fleet.write_config()
        fleet.start_daemon()
        fleet.wait_rows("SELECT * FROM energy", 1, 10, "energy")
        for words in (("status",), ("export",), ("check",), ("--version",)):
            config = () if words[0].startswith("-") else ("-c", fleet.ini)
            done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", program("meterfleet"), *words, *config],
                                  env=fleet.env, stderr=subprocess.PIPE, text=True, timeout=20 * PATIENCE)
            refuses(done, "closed: " + words[0], "meterfleet: stdout: cannot be written: Bad file descriptor\n")
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([program("meterfleet"), "status", "-c", fleet.ini], env=fleet.env, stdout=writer,
                              stderr=subprocess.PIPE, text=True, timeout=20 * PATIENCE, restore_signals=False,
                              preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN))
        os.close(writer)
        refuses(done, "a pipe nobody reads", "meterfleet: stdout: cannot be written: Broken pipe\n")
        equal(fleet.status()["meters"][0]["name"], "m0-1", "the daemon talks on")


def a_slow_reader():
    """a pipe that is set not to block: all of it arrives"""
    with Fleet() as fleet:
        record = fleet.write_file("flat.csv", day().text())
        manual = fleet.write_file("tariff.ini", MANUAL)
        whole = subprocess.run([program("meterfleet"), "verify", "--csv", record, "--tariff", "manual", "-c", manual, "--json"],
                               env=fleet.env, capture_output=True, timeout=20 * PATIENCE).stdout
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        while True:  # fill it, so that the first write finds no room
            try:
                os.write(writer, b"x" * 65536)
            except BlockingIOError:
                break
        child = subprocess.Popen([program("meterfleet"), "verify", "--csv", record, "--tariff", "manual", "-c", manual,
                                  "--json"], env=fleet.env, stdout=writer)
        os.close(writer)
        data = b""
        while piece := os.read(reader, 65536):
            data += piece
        os.close(reader)
        equal(child.wait(20 * PATIENCE), 0, "exit code")
        need(data.lstrip(b"x") == whole, "the output differs")


run([help_and_version, without_a_daemon, with_a_daemon, on_a_line, closed, a_slow_reader])
