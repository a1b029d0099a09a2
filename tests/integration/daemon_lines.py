"""Lines and meters that go and return: waited for, told once, and nobody else is held up."""
import os

from fleet import PATIENCE, Fleet
from tap import equal, need, run, wait_until


def states(fleet):
    return {m["name"]: m["status"] for m in fleet.status()["meters"]}


def bus_states(fleet):
    return {b["name"]: b["status"] for b in fleet.status()["buses"]}


def events(fleet, kind):
    return [subject for subject, in fleet.sql("SELECT subject FROM event WHERE kind = ? ORDER BY ts", kind)]


def missing_then_there():
    """a line that is not there is waited for, and used once it is"""
    with Fleet() as fleet:
        fleet.buses, fleet.meters = 1, 2
        fleet.write_config()
        fleet.start_daemon()
        fleet.daemon.wait_line(r"^meterfleet: b0: .*bus0.*No such file", 10)
        equal(bus_states(fleet), {"b0": "lost"}, "buses")
        done = fleet.tool("read", "m0-1")
        equal(done.returncode, 69, "read of a meter on a missing line")
        fleet.wait_rows("SELECT * FROM event WHERE kind = 'bus_lost'", 1, 10, "a bus_lost event")
        fleet.start_sim(buses=1, meters=2)
        fleet.wait_rows("SELECT DISTINCT meter FROM energy", 2, 20, "energy of both meters")
        equal(bus_states(fleet), {"b0": "open"}, "buses")
        fleet.wait_rows("SELECT * FROM event WHERE kind = 'bus_back'", 1, 10, "a bus_back event")


def vanishes_and_returns():
    """a line that vanishes is told once, the other bus goes on; it is back in service soon after its return"""
    with Fleet() as fleet:
        fleet.start_sim(buses=2, meters=2, faults="+3s bus0 unplug\n+6s bus0 plug\n")
        fleet.write_config()
        fleet.start_daemon()
        fleet.wait_rows("SELECT DISTINCT meter FROM energy", 4, 10, "energy of all meters")
        fleet.daemon.wait_line(r"^meterfleet: b0: .*lost", 10)
        lost_at = len(fleet.sql("SELECT * FROM energy WHERE meter LIKE 'm1-%'"))
        wait_until(lambda: bus_states(fleet) == {"b0": "open", "b1": "open"}, 20 * PATIENCE, "both lines open")
        had = len(fleet.sql("SELECT * FROM energy WHERE meter LIKE 'm0-%'"))
        fleet.wait_rows("SELECT * FROM energy WHERE meter LIKE 'm0-%'", had + 2, 10, "energy over the line that is back")
        need(len(fleet.sql("SELECT * FROM energy WHERE meter LIKE 'm1-%'")) > lost_at, "the other bus stood still")
        equal((events(fleet, "bus_lost"), events(fleet, "bus_back")), (["b0"], ["b0"]), "events")
        log = fleet.daemon.log()
        equal(log.count("lost"), 1, "lines that say lost, in\n" + log)


def dead_meter():
    """a dead meter goes stale and offline, the others are read as before; it returns with its energy"""
    with Fleet() as fleet:
        fleet.start_broker()
        fleet.start_sim(buses=1, meters=4, baud=9600, faults="+2s bus0/2 dead\n+22s bus0/2 alive\n")
        site = fleet.site()
        site["bus b0"]["timeout"] = "50ms"
        site["bus b0"]["late"] = "100ms"
        fleet.write_config()
        fleet.start_daemon()
        fleet.wait_rows("SELECT DISTINCT meter FROM energy", 4, 10, "energy of all meters")
        fleet.sub.wait(lambda m: m.topic.endswith("m0-2/status") and m.payload == "stale", 30, "stale")
        fleet.sub.wait(lambda m: m.topic.endswith("m0-2/status") and m.payload == "offline", 60, "offline")
        fleet.wait_rows("SELECT * FROM event WHERE kind = 'meter_offline' AND subject = 'm0-2'", 1, 10, "an event")
        line = fleet.tool("status", "--check")
        equal(line.returncode, 1, "status --check: " + line.stdout)
        need("m0-2" in line.stdout, line.stdout)
        silent = fleet.tool("read", "m0-2")
        equal(silent.returncode, 69, "read of a dead meter")
        need(silent.stderr.startswith("meterfleet: m0-2: "), silent.stderr)
        equal([m for m, s in states(fleet).items() if s == "online"], ["m0-1", "m0-3", "m0-4"], "online")
        mark = len(fleet.sub.poll())
        fleet.sub.wait(lambda m: m.topic.endswith("m0-2/status") and m.payload == "online", 60, "online again", mark)
        fleet.sub.wait(lambda m: m.topic.endswith("m0-2/energy"), 20, "energy again", mark)
        fleet.wait_rows("SELECT * FROM event WHERE kind = 'meter_online' AND subject = 'm0-2'", 2, 10, "the second event")
        mentions = [line for line in fleet.daemon.log().splitlines() if "m0-2" in line]
        need(2 <= len(mentions) <= 8, "lines about one dead meter:", mentions)


def forbidden_line():
    """a line we may not open is waited for, with the reason"""
    with Fleet() as fleet:
        fleet.buses, fleet.meters = 1, 1
        os.symlink("/proc/self/mem", fleet.path("bus0"))
        fleet.write_config()
        fleet.start_daemon()
        fleet.daemon.wait_line(r"^meterfleet: b0: .*bus0", 10)
        need(fleet.daemon.alive(), "it ended")


run([missing_then_there, vanishes_and_returns, dead_meter, forbidden_line])
