"""Meters behind TCP: a peer that refuses, resets, falls silent or lies costs its own meters time, and nobody a value."""
import signal
import time

import fleet as house
from bus_truth import floats, shortest, truths
from fleet import PATIENCE, Fleet
from tap import equal, need, run, wait_until

LIES = ("stale", "unknown", "unit", "length", "flood", "split", "twice")
# A length that lies costs the connection, and the line a pause.
MBAP = "".join(f"+1s bus0/{k + 1} mbap {lie} {'x2' if lie == 'length' else '40%'}\n" for k, lie in enumerate(LIES))


def start(fleet, kind, meters, faults, buses=1, baud=0):
    """A daemon whose bus b0 leads to the simulator over TCP; the others are lines."""
    port = house.free_port()
    fleet.start_sim(buses=buses, meters=meters, baud=baud, faults=faults,
                    options=["--tcp" if kind == "rtutcp" else "--mbtcp", str(port)])
    fleet.site(baud=baud or 9600)["bus b0"]["device"] = f"{kind}://127.0.0.1:{port}"
    fleet.sections["poll"] = {"live": "500ms", "energy": "1s", "demand": "0", "relay": "0", "settlement": "0",
                              "identity": "0"}
    fleet.write_config()
    fleet.start_daemon()
    fleet.wait_rows("SELECT DISTINCT meter FROM energy WHERE meter LIKE 'm0-%'", meters, 20, "energy of all meters")


def happened(fleet, what, times, seconds=60):
    wait_until(lambda: fleet.frames().count(what) >= times, seconds * PATIENCE, f"{times} times {what}")


def state(fleet, bus):
    return next(b["status"] for b in fleet.status()["buses"] if b["name"] == bus)


def rows(fleet, meter="m0-%"):
    return fleet.sql("SELECT count(*) FROM energy WHERE meter LIKE ?", meter)[0][0]


def goes_on(fleet, meter="m0-%"):
    had = rows(fleet, meter)
    wait_until(lambda: rows(fleet, meter) > had + 1, 30 * PATIENCE, f"more energy of {meter}")


def lying_gateway():
    """stale and unknown ids, another unit, lengths that lie, floods, pieces, answers twice: no value of them is stored"""
    with Fleet() as fleet:
        start(fleet, "tcp", len(LIES) + 1, MBAP)
        for unit in range(1, len(LIES) + 1):
            happened(fleet, f"\t{unit}\tfault:mbap", 2)
        fleet.daemon.stop()
        told = {unit: {tuple(round(shortest(f), 6) for f in floats(b)) for b in blocks}
                for unit, blocks in truths(fleet.frames()).items()}
        stored = fleet.sql("SELECT meter, active_energy_total, active_energy_import, active_energy_sharp FROM energy")
        need(len(stored) > 16, "only", len(stored), "rows")
        for meter, total, imported, sharp in stored:
            unit = int(meter.rsplit("-", 1)[1])
            need(any((t[0], t[1], t[6]) == (total, imported, sharp) for t in told[unit]), meter, "never said", total)


def refuses():
    """a peer that refuses is tried again, and is back in service soon after it takes connections again"""
    with Fleet() as fleet:
        start(fleet, "rtutcp", 2, "+4s bus0 refuse\n+8s bus0 plug\n", buses=2)
        wait_until(lambda: state(fleet, "b0") == "lost", 20 * PATIENCE, "the line to be lost")
        goes_on(fleet, "m1-%")
        wait_until(lambda: state(fleet, "b0") == "open", 20 * PATIENCE, "the line to be back")
        goes_on(fleet)
        equal(len(fleet.sql("SELECT ts FROM event WHERE kind = 'bus_lost' AND subject = 'b0'")), 1, "events")


def reset_in_a_frame():
    """a reset in the middle of an answer loses the line, not a value; it is opened again"""
    for kind in ("rtutcp", "tcp"):
        with Fleet() as fleet:
            start(fleet, kind, 2, "+3s bus0 reset frame\n+4s bus0 reset\n")
            fleet.daemon.wait_line(r"b0: lost: the peer has closed, or is gone", 20)
            goes_on(fleet)


def half_open():
    """a connection that stays and says nothing costs nobody else anything, and no stop any time"""
    for kind in ("rtutcp", "tcp"):
        with Fleet() as fleet:
            start(fleet, kind, 2, "+3s bus0 half_open\n", buses=2)
            happened(fleet, "half_open", 1)
            wait_until(lambda: fleet.status()["buses"][0]["counters"]["timeout"] > 2, 30 * PATIENCE, "timeouts")
            goes_on(fleet, "m1-%")
            begin = time.monotonic()
            code, _ = fleet.daemon.stop(sig=signal.SIGTERM)
            seconds = time.monotonic() - begin
            print(f"# stopped after {seconds:.2f} s")
            equal(code, 0, "exit code")
            need(seconds < 1 * PATIENCE, f"the stop took {seconds:.2f} s")


run([lying_gateway, refuses, reset_in_a_frame, half_open])
