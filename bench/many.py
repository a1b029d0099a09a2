"""many.py - the real daemon with 64 gateways of 32 meters each (RTU over TCP), unpaced and at the pace of a wire.

Prints figures for doc/quality.md:
  transactions and values a second, resident memory
  CPU for 1000 values   of the bus threads alone, and of the whole daemon with database and broker
                        (target: 0.006 s unpaced, 0.015 s paced at 9600 with replies in pieces as a UART hands over)

Each meter's live and energy values are asked for every second, which unpaced gateways can do and a wire cannot.
Daemon and simulator share the machine.
Usage: many.py [GATEWAYS [SECONDS]]
"""
import glob
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "integration"))
import fleet  # noqa: E402
import tap  # noqa: E402

METERS = 32
LIVE_VALUES, ENERGY_VALUES = 7, 14  # of a KPM31


def ticks(path):
    try:
        with open(path) as f:
            fields = f.read().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0  # a thread that ended
    return int(fields[11]) + int(fields[12])


def cpu_s(pid):
    """Seconds of the whole daemon, and of its bus threads."""
    bus = sum(ticks(os.path.dirname(comm) + "/stat") for comm in glob.glob(f"/proc/{pid}/task/*/comm")
              if open(comm).read().startswith("bus-"))
    hz = os.sysconf("SC_CLK_TCK")
    return ticks(f"/proc/{pid}/stat") / hz, bus / hz


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"^VmRSS:\s+(\d+) kB", f.read(), re.MULTILINE)[1]) / 1024


def ports_of(f, gateways):
    return re.findall(r"rtutcp://127\.0\.0\.1:(\d+)", f.sim.log())[:gateways]


def start(f, gateways, baud):
    f.buses, f.meters = gateways, METERS
    f.write_file("tariff.ini", fleet.ini_text({"tariff residential": fleet.TARIFF}))
    f.sim = fleet.Process([fleet.program("meterfleet-sim"), "--dir", f.dir, "--buses", str(gateways), "--meters",
                           str(METERS), "--baud", str(baud), "--seed", "1", "--tariff", f.path("tariff.ini"), "--tcp",
                           "0"], f.path("sim.log"), f.env)
    tap.wait_until(lambda: len(ports_of(f, gateways)) == gateways, 30, "the simulated gateways")
    f.start_broker()
    sections = f.site(baud=baud or 9600)
    sections["poll"] = {"live": "1s", "energy": "1s", "demand": "0", "relay": "0", "settlement": "0", "identity": "0"}
    sections["database"] = {"path": f.database}
    for k, port in enumerate(ports_of(f, gateways)):
        sections[f"bus b{k}"]["device"] = f"rtutcp://127.0.0.1:{port}"
    f.write_config()
    f.start_daemon()


def answered(f):
    return sum(b["counters"]["ok"] for b in f.status()["buses"])


def measure(says, gateways, baud, seconds):
    with fleet.Fleet() as f:
        start(f, gateways, baud)
        tap.wait_until(lambda: answered(f) > 2 * METERS * gateways, 120, "all meters")
        before, cpu, begin = answered(f), cpu_s(f.daemon.pid), time.monotonic()
        time.sleep(seconds)
        after, cpu_end, elapsed = answered(f), cpu_s(f.daemon.pid), time.monotonic() - begin
        transactions = after - before
        asked = 2 * METERS * gateways  # a second
        values = transactions / 2 * (LIVE_VALUES + ENERGY_VALUES)  # the two classes have the same period
        print(f"{says}: {gateways} gateways with {METERS} meters: {transactions / elapsed:.0f} of {asked} transactions/s, "
              f"{values / elapsed:.0f} values/s, {resident_mib(f.daemon.pid):.1f} MiB resident")
        print(f"  CPU for 1000 values: {1000 * (cpu_end[1] - cpu[1]) / values:.4f} s in the bus threads, "
              f"{1000 * (cpu_end[0] - cpu[0]) / values:.4f} s in the whole daemon")


if __name__ == "__main__":
    GATEWAYS = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    measure("unpaced", GATEWAYS, 0, SECONDS)
    measure("paced at 9600", GATEWAYS, 9600, SECONDS)
