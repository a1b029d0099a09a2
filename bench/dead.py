"""dead.py - what dead meters and lost lines cost, and how soon what returns is read again: the real daemon, simulated lines.

Prints figures for doc/quality.md, 32 meters on a 9600 8E1 line that wants more than it can carry (live and energy every
second), so that every probe costs somebody his turn:
  return     from the moment a dead meter answers again until its energy is read: 4, 16 of 32 dead, and all of them
             (targets: 60 s, 3 min, one probe every 2 s at least)
  adapter    from the moment an adapter is there again, under another name, until a meter on it is read (target: 2 s)
  stop       SIGTERM with every line hanging: dead meters, half-open connections, a peer that never accepts (target: 1 s)
"""
import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "integration"))
import fleet  # noqa: E402
import tap  # noqa: E402

OFFLINE_S = 240  # ten polls without an answer, each after 15 s at most, and their repetitions


def events(f, kind):
    """When the simulator did it, on CLOCK_MONOTONIC in s."""
    lines = [line.split("\t") for line in f.frames().splitlines() if line.split("\t")[3:4] == ["event"]]
    return [int(fields[0]) / 1e9 for fields in lines if fields[5] == kind]


def read_at(f, meter, after_s):
    """When energy of the meter was first read after that moment, on the same clock."""
    to_mono = time.monotonic() - time.time()
    rows = f.sql("SELECT ts_ms FROM energy WHERE meter = ? ORDER BY ts_ms", meter)
    times = [ms / 1000 + to_mono for ms, in rows]
    return next((t for t in times if t > after_s), None)


def returns(n_dead):
    die = "".join(f"+5s bus0/{k} dead\n" for k in range(1, n_dead + 1))
    with fleet.Fleet() as f:
        f.start_sim(buses=1, meters=32, baud="9600", options=["--turnaround", "5ms"],
                    faults=die + f"+{OFFLINE_S}s bus0/1-{min(3, n_dead)} alive\n")
        f.site()["poll"] = {"live": "1s", "energy": "1s", "demand": "0", "relay": "0", "settlement": "0",
                            "identity": "0"}
        f.write_config()
        f.start_daemon()
        tap.wait_until(lambda: events(f, "alive"), OFFLINE_S + 30, "the meters to return")
        alive_s = events(f, "alive")[0]
        meters = [f"m0-{k}" for k in range(1, min(3, n_dead) + 1)]
        tap.wait_until(lambda: all(read_at(f, m, alive_s) for m in meters), 400, "the meters to be read")
        took = [read_at(f, m, alive_s) - alive_s for m in meters]
        f.daemon.stop()
        asked = [line.split("\t") for line in f.frames().splitlines() if "\trequest\t" in line]
        probes = [int(a[0]) / 1e9 for a in asked if int(a[4]) <= n_dead and alive_s - 60 < int(a[0]) / 1e9 < alive_s]
        print(f"return: {n_dead} of 32 dead: three of them read after {', '.join(f'{t:.1f}' for t in sorted(took))} s; "
              f"{len(probes)} probes in the minute before")


def adapter():
    took = []
    for _ in range(3):
        with fleet.Fleet() as f:
            f.start_sim(buses=1, meters=4, baud="9600", faults="+4s bus0 unplug\n+7300ms bus0 plug\n")
            f.site()["poll"]["energy"] = "1s"
            f.write_config()
            f.start_daemon()
            tap.wait_until(lambda f=f: events(f, "plug"), 30, "the adapter")
            back_s = events(f, "plug")[0]
            tap.wait_until(lambda f=f, t=back_s: any(read_at(f, f"m0-{k}", t) for k in range(1, 5)), 20, "a reading")
            took.append(min(t for t in (read_at(f, f"m0-{k}", back_s) for k in range(1, 5)) if t) - back_s)
    print(f"adapter: read {', '.join(f'{t:.2f}' for t in took)} s after its return (target 2 s)")


def stop():
    with fleet.Fleet() as f, socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        fillers = []
        for _ in range(4):  # its queue is full: whoever connects now waits
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
            fillers.append(filler)
        port = fleet.free_port()
        f.start_sim(buses=4, meters=8, baud="1200", options=["--tcp", str(port)],
                    faults="+0 bus0 dead\n+0 bus1 mute\n+0 bus2 half_open\n+0 bus3 babble\n")
        f.site(baud=1200)
        f.sections["bus b2"]["device"] = f"rtutcp://127.0.0.1:{port + 2}"
        for k in range(4):
            f.sections[f"bus b{k}"]["timeout"] = "5s"
        f.sections["bus deaf"] = {"device": f"tcp://127.0.0.1:{deaf.getsockname()[1]}", "timeout": "5s"}
        f.sections["meter one"] = {"bus": "deaf", "address": 1, "model": "kpm31"}
        f.write_config()
        f.start_daemon(ready=False)
        time.sleep(8)
        begin = time.monotonic()
        code, _ = f.daemon.stop()
        print(f"stop: with every line hanging after {time.monotonic() - begin:.2f} s, exit {code} (target 1 s)")
        for filler in fillers:
            filler.close()


if __name__ == "__main__":
    adapter()
    stop()
    for number in (4, 16, 32):
        returns(number)
