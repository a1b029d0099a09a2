"""The broker may be late, refuse us, vanish or lose its state: polling goes on, and nothing of the ledger is missing."""
from fleet import PATIENCE, Fleet
from ledger_audit import audit
from tap import equal, matches, need, run, wait_until


def acknowledged(fleet):
    broker = fleet.status()["broker"]
    return broker["connected"] and broker["last_seq"] > 0 and broker["acked_seq"] == broker["last_seq"]


def broker_with_subscriber(fleet):
    """The daemon stands still meanwhile, so that the subscriber hears it from its first word on."""
    fleet.daemon.freeze()
    fleet.start_broker()
    fleet.daemon.thaw()


def comes_late():
    """a broker that is not there at the start is waited for, and then gets everything"""
    with Fleet() as fleet:
        fleet.start_broker(subscribe=False)
        fleet.broker.kill()
        fleet.start_sim(buses=1, meters=4)
        fleet.site()["poll"]["energy"] = "1s"
        fleet.write_config()
        fleet.start_daemon()
        fleet.daemon.wait_line(r"^meterfleet: mqtt: .*refused", 10)
        fleet.wait_rows("SELECT seq FROM ledger", 12, 20, "12 messages stored without a broker")
        line = fleet.tool("status", "--check")
        equal(line.returncode, 1, "status --check: " + line.stdout)
        matches("broker", line.stdout)
        broker_with_subscriber(fleet)
        wait_until(lambda: acknowledged(fleet), 20 * PATIENCE, "everything acknowledged")
        equal(fleet.daemon.stop()[0], 0, "exit code")
        need(audit(fleet) >= 12)


def refuses_the_password():
    """a broker that refuses the password is told once, with the reason, and waited for"""
    with Fleet() as fleet:
        fleet.start_broker(password="right")
        fleet.start_sim(buses=1, meters=2)
        fleet.site()["mqtt"].update({"username": "site-a", "password_file": fleet.write_file("password", "wrong\n", 0o600)})
        fleet.write_config()
        fleet.start_daemon()
        fleet.daemon.wait_line(r"(?i)^meterfleet: mqtt: .*(not authori[sz]ed|password)", 15)
        fleet.wait_rows("SELECT seq FROM energy", 4, 20, "energy stored meanwhile")
        need(fleet.daemon.alive(), "the daemon ended")
        need("wrong" not in fleet.daemon.log(), "the password is in the log")
        need("wrong" not in fleet.tool("status", "--json").stdout, "the password is in the status")
        complaints = [line for line in fleet.daemon.log().splitlines() if "mqtt" in line]
        need(len(complaints) <= 3, "complaints:", complaints)
        matches(r"not connected", fleet.tool("status").stdout)
        fleet.write_file("password", "right\n", 0o600)
        fleet.daemon.child.send_signal(1)  # SIGHUP: the file is read again, unless a further try has done so already
        wait_until(lambda: acknowledged(fleet), 30 * PATIENCE, "everything acknowledged")
        equal(fleet.daemon.stop()[0], 0, "exit code")
        audit(fleet)


def loses_its_state():
    """a broker killed and started empty gets the retained topics again, and the ledger goes on without a hole"""
    with Fleet() as fleet:
        fleet.start_broker()
        fleet.start_sim(buses=1, meters=4)
        fleet.site()["poll"]["energy"] = "1s"
        fleet.write_config()
        fleet.start_daemon()
        wait_until(lambda: acknowledged(fleet), 20 * PATIENCE, "everything acknowledged")
        heard_before = fleet.kill_broker()
        had = len(fleet.sql("SELECT seq FROM ledger"))
        fleet.wait_rows("SELECT seq FROM ledger", had + 4, 20, "more stored without a broker")
        broker_with_subscriber(fleet)
        for topic in ("status", "info", "meter/m0-1/status", "meter/m0-4/energy"):
            fleet.sub.wait(lambda m, t=topic: m.topic == "meterfleet/site-a/" + t, 40, topic + " again")
        wait_until(lambda: acknowledged(fleet), 20 * PATIENCE, "everything acknowledged")
        equal(fleet.daemon.stop()[0], 0, "exit code")
        fleet.sub.poll()
        fleet.sub.messages[:0] = heard_before
        audit(fleet)


def polling_does_not_wait():
    """while the broker is frozen, readings are taken and stored as before"""
    with Fleet() as fleet:
        fleet.start_broker()
        fleet.start_sim(buses=1, meters=4)
        fleet.site()["poll"]["energy"] = "1s"
        fleet.write_config()
        fleet.start_daemon()
        fleet.wait_rows("SELECT seq FROM energy", 4, 10, "the first energy")
        fleet.broker.freeze()
        had = len(fleet.sql("SELECT seq FROM energy"))
        rows = fleet.wait_rows("SELECT ts_ms FROM energy WHERE meter = 'm0-1' ORDER BY ts_ms", had // 4 + 6, 20, "energy")
        gaps = [b[0] - a[0] for a, b in zip(rows[1:], rows[2:])]
        need(max(gaps) < 3000 * PATIENCE, "gaps between readings:", gaps)


run([comes_late, refuses_the_password, loses_its_state, polling_does_not_wait])
