"""kill -9 at any moment: the database opens, nothing published is missing or different, no number is given twice."""
import random
import sqlite3

from fleet import PATIENCE, Fleet
from ledger_audit import audit, heard
from tap import equal, need, run, wait_until

KILLS = 6
SEED = random.randrange(1 << 32)


def integrity(fleet):
    con = sqlite3.connect(f"file:{fleet.database}?mode=ro", uri=True, timeout=10)
    equal(con.execute("PRAGMA integrity_check").fetchall(), [("ok",)], "integrity_check")
    con.close()


def settled(fleet):
    """Everything stored is acknowledged."""
    broker = fleet.status()["broker"]
    return broker["last_seq"] > 0 and broker["acked_seq"] == broker["last_seq"]


def killed_and_restarted():
    """killed again and again under load: numbers without gap or reuse, what was published is stored as it was"""
    print(f"# seed {SEED}")
    dice = random.Random(SEED)
    with Fleet() as fleet:
        fleet.start_broker()
        fleet.start_sim(buses=2, meters=8)
        fleet.site()["poll"].update({"energy": "1s", "live": "1s"})
        fleet.sections["database"]["flush"] = "1s"
        fleet.write_config()
        for _ in range(KILLS):
            before = len(heard(fleet.sub))
            fleet.start_daemon()
            more = dice.randrange(1, 60)
            wait_until(lambda: len(heard(fleet.sub)) >= before + more, 20 * PATIENCE, f"{more} more messages")
            fleet.daemon.kill()
            integrity(fleet)
        fleet.start_daemon()
        wait_until(lambda: settled(fleet), 20 * PATIENCE, "all messages acknowledged")
        equal(fleet.daemon.stop()[0], 0, "exit code")
        integrity(fleet)
        count = audit(fleet)
        ledgers = {ledger for ledger, _ in heard(fleet.sub)}
        equal(len(ledgers), 1, "ledgers")
        print(f"# {count} numbers over {KILLS} kills")
        need(count > KILLS)


def killed_without_a_broker():
    """killed while no broker is there: all that was stored comes once there is one"""
    with Fleet() as fleet:
        fleet.start_broker()
        fleet.start_sim(buses=1, meters=4)
        fleet.site()["poll"].update({"energy": "1s"})
        fleet.write_config()
        fleet.broker.freeze()
        for _ in range(2):
            had = len(fleet.sql("SELECT seq FROM ledger"))
            fleet.start_daemon()
            fleet.wait_rows("SELECT seq FROM ledger", had + 8, 20, "8 more messages stored")
            fleet.daemon.kill()
        equal(heard(fleet.sub), {}, "heard while the broker was frozen")
        fleet.broker.thaw()
        fleet.start_daemon()
        wait_until(lambda: settled(fleet), 20 * PATIENCE, "all messages acknowledged")
        equal(fleet.daemon.stop()[0], 0, "exit code")
        need(audit(fleet) >= 16)


run([killed_and_restarted, killed_without_a_broker])
