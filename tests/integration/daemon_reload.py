"""Reading the configuration again: with an error everything goes on as it was, else the new one runs."""
import json
import signal
import socket

from fleet import PATIENCE, Fleet
from ledger_audit import audit
from tap import equal, matches, need, run, wait_until


def reload_request(fleet):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(30 * PATIENCE)
        s.connect(fleet.control)
        s.sendall(b'{"version":1,"request":"reload"}\n')
        return json.loads(s.makefile().readline())


def a_running_site():
    fleet = Fleet()
    fleet.start_broker()
    fleet.start_sim(buses=2, meters=2)
    fleet.write_config()
    fleet.start_daemon()
    fleet.wait_rows("SELECT DISTINCT meter FROM energy", 4, 10, "energy of all meters")
    return fleet


def names(fleet):
    return [m["name"] for m in fleet.status()["meters"]]


def accepted():
    """SIGHUP with another meter: it is read, the others go on, the ledger has no gap"""
    with a_running_site() as fleet:
        before = fleet.status()
        heard = len(fleet.sub.poll())
        fleet.sections["meters m1"]["addresses"] = "1"
        fleet.sections["meter extra"] = {"bus": "b1", "address": "2", "model": "kpm31", "tariff": "residential"}
        fleet.write_config()
        fleet.daemon.child.send_signal(signal.SIGHUP)
        fleet.daemon.wait_line(r"meterfleetd: reloaded: 2 buses, 4 meters", 10)
        fleet.wait_rows("SELECT * FROM energy WHERE meter = 'extra'", 1, 10, "energy of the new meter")
        after = fleet.status()
        equal(names(fleet), ["m0-1", "m0-2", "m1-1", "extra"], "meters")
        equal(after["pid"], before["pid"], "pid")
        need(after["config"] != before["config"], "the configuration's sum is the same")
        changed = [json.loads(detail) for detail, in fleet.sql("SELECT detail FROM event WHERE kind = 'config_changed'")]
        equal(changed, [{"config": after["config"], "before": before["config"]}], "config_changed")
        fleet.wait_rows("SELECT 1 FROM event WHERE subject = 'extra' AND kind = 'meter_online'", 1, 10, "the new meter")
        online = dict(fleet.sql("SELECT subject, count(*) FROM event WHERE kind = 'meter_online' GROUP BY subject"))
        equal({name: online[name] for name in ("m0-1", "m0-2", "m1-1")}, {"m0-1": 1, "m0-2": 1, "m1-1": 1}, "came online")
        words = {m.payload for m in fleet.sub.poll()[heard:] if m.topic == "meterfleet/site-a/status" and not m.retain}
        equal(words, {"online"}, "what the gateway said of itself meanwhile")
        equal(fleet.daemon.stop()[0], 0, "exit code")
        audit(fleet)


def refused():
    """SIGHUP with errors: each is told, the old configuration stays, not a reading is missed"""
    with a_running_site() as fleet:
        config = fleet.status()["config"]
        fleet.write_config("[gateway]\nid = site-a\nclok = x\n[bus b0]\n")
        fleet.daemon.child.send_signal(signal.SIGHUP)
        fleet.daemon.wait_line(r"meterfleet\.ini: not accepted: the configuration of before stays", 10)
        matches(r"meterfleet\.ini:3: \[gateway\] clok", fleet.daemon.log())
        need("opened" in fleet.daemon.log())
        equal(fleet.daemon.log().count("b0: opened"), 1, "openings of the line")
        had = len(fleet.sql("SELECT * FROM energy"))
        fleet.wait_rows("SELECT * FROM energy", had + 4, 10, "more energy")
        # The tool cannot read the file either, and is told where the daemon listens.
        done = fleet.tool("status", "--json", "--control", fleet.control)
        equal(json.loads(done.stdout)["config"], config, "configuration")
        answer = reload_request(fleet)
        equal((answer["ok"], answer["error"]), (False, "config"), "answer")
        matches(r"\[gateway\] clok", answer["detail"])


def by_request():
    """a reload by the control socket says what runs now"""
    with a_running_site() as fleet:
        equal(reload_request(fleet), {"version": 1, "ok": True, "detail": "2 buses, 4 meters"}, "answer")
        equal(fleet.status()["buses"][0]["name"], "b0", "bus")


def goes_back():
    """a new configuration that cannot run (a database that cannot be made) gives way to the old one"""
    with a_running_site() as fleet:
        fleet.sections["database"]["path"] = "/proc/meterfleet.db"
        fleet.write_config()
        answer = reload_request(fleet)
        equal((answer["ok"], answer["error"]), (False, "failed"), "answer")
        matches(r"/proc/meterfleet\.db", answer["detail"])
        had = len(fleet.sql("SELECT * FROM energy"))
        fleet.wait_rows("SELECT * FROM energy", had + 4, 10, "more energy in the old database")
        equal(fleet.daemon.stop()[0], 0, "exit code")
        audit(fleet)


def storm():
    """200 SIGHUPs in a row are a few reloads; afterwards everything runs"""
    with a_running_site() as fleet:
        for _ in range(200):
            fleet.daemon.child.send_signal(signal.SIGHUP)
        fleet.daemon.wait_line(r"reloaded", 10)
        wait_until(lambda: all(m["status"] == "online" for m in fleet.status()["meters"]), 20 * PATIENCE, "all online")
        had = len(fleet.sql("SELECT * FROM energy"))
        fleet.wait_rows("SELECT * FROM energy", had + 4, 10, "more energy")
        count = fleet.daemon.log().count("meterfleetd: reloaded")
        need(count < 50, f"{count} reloads")
        equal(fleet.daemon.stop()[0], 0, "exit code")
        audit(fleet)


run([accepted, refused, by_request, goes_back, storm])
