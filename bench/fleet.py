"""fleet.py - how soon a whole fleet is known, and what it costs to keep it: the real daemon, simulated lines.

Prints figures for doc/quality.md:
  first reading   from the start of the daemon until an energy reading of each of 32 meters on one 9600 8E1 line is in
                  the database and on the broker (target: 10 s)
  memory          resident memory of a daemon with 16 such lines, all meters read (target: 12 MiB)
"""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "integration"))
import fleet  # noqa: E402
import tap  # noqa: E402


def resident_mib(pid, name="VmRSS"):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(rf"^{name}:\s+(\d+) kB", f.read(), re.MULTILINE)[1]) / 1024


def cpu_s(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def started(f, buses):
    """Begins as shipped: the periods and the flush of the defaults."""
    f.start_broker()
    f.start_sim(buses=buses, meters=32, baud="9600")
    sections = f.site()
    del sections["poll"]
    sections["database"] = {"path": f.database}
    f.write_config()
    begin = time.monotonic()
    f.start_daemon(ready=False)
    return begin


def known(f, meters, limit_s):
    """Seconds until the broker and then the database know an energy reading of every meter."""
    def on_broker():
        return len({m.topic for m in f.sub.having(r"/energy$")}) >= meters
    begin = time.monotonic()
    tap.wait_until(on_broker, limit_s, f"energy of {meters} meters on the broker")
    broker = time.monotonic() - begin
    f.wait_rows("SELECT DISTINCT meter FROM energy", meters, limit_s, f"energy of {meters} meters in the database")
    return broker, time.monotonic() - begin


def first_reading():
    with fleet.Fleet() as f:
        begin = started(f, 1)
        known(f, 32, 60)
        print(f"first reading: 32 meters on one line, shipped periods: {time.monotonic() - begin:.1f} s (target 10 s)")


def memory(buses=16, watch_s=60):
    with fleet.Fleet() as f:
        begin = started(f, buses)
        known(f, 32 * buses, 120)
        print(f"{buses} lines with 32 meters: all read, stored, published after {time.monotonic() - begin:.1f} s")
        before = cpu_s(f.daemon.pid)
        time.sleep(watch_s)
        share = (cpu_s(f.daemon.pid) - before) / watch_s
        print(f"memory: {resident_mib(f.daemon.pid):.1f} MiB resident, {resident_mib(f.daemon.pid, 'VmHWM'):.1f} at most "
              f"(target 12 MiB); {100 * share:.0f} % of a core")


if __name__ == "__main__":
    first_reading()
    memory()
