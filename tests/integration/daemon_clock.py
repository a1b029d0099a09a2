"""--clock: months pass in minutes; what was recorded with a test clock never passes for real records."""
from fleet import PATIENCE, Fleet
from ledger_audit import audit
from tap import equal, matches, need, run, wait_until

EVENING = "2026-10-31T23:50:00+08:00"
SPEED = 120


def month_end():
    """over a month's end: the settlement of October is read, confirmed and published as 2026-11-01"""
    with Fleet() as fleet:
        fleet.start_broker()
        fleet.start_sim(buses=1, meters=2, options=("--start", EVENING, "--speed", str(SPEED)))
        site = fleet.site()
        site["poll"] = {"live": "15s", "energy": "61s"}
        site["database"]["flush"] = "60s"
        fleet.write_config()
        fleet.start_daemon("--clock", f"{EVENING}@{SPEED}")
        wait_until(lambda: len(fleet.sub.having(r"/settlement/2026-11-01$")) >= 2, 60 * PATIENCE, "both settlements")
        equal(fleet.daemon.stop()[0], 0, "exit code")
        rows = fleet.sql("SELECT meter, origin, status FROM settlement WHERE period_end = '2026-11-01'"
                         " AND quantity = 'active_energy' AND rate = 'combined' ORDER BY meter")
        equal(rows, [("m0-1", "observed", "confirmed"), ("m0-2", "observed", "confirmed")], "settlements")
        first = fleet.sql("SELECT min(ts) FROM energy")[0][0]
        need("2026-10-31T15:50" <= first < "2026-10-31T15:59", "the first reading is of", first)
        ages = fleet.sql("SELECT (max(ts_ms) - min(ts_ms)) / 60000 FROM energy")[0][0]
        need(ages > 12, "minutes that passed:", ages)
        audit(fleet)


def late_month_end():
    """a meter that begins its month 25 minutes late is looked at again until it has: hours before the daily sweep"""
    with Fleet() as fleet:
        fleet.start_broker()
        fleet.start_sim(buses=1, meters=2, options=("--start", EVENING, "--speed", str(SPEED)),
                        faults="+0s bus0/2 switching_lag 25m\n")
        site = fleet.site()
        site["poll"] = {"live": "15s", "energy": "61s", "settlement": "1d"}
        site["database"]["flush"] = "60s"
        fleet.write_config()
        fleet.start_daemon("--clock", f"{EVENING}@{SPEED}")
        wait_until(lambda: len(fleet.sub.having(r"/settlement/2026-11-01$")) >= 2, 120 * PATIENCE, "both settlements")
        equal(fleet.daemon.stop()[0], 0, "exit code")
        seen = dict(fleet.sql("SELECT meter, min(seen_ts) FROM settlement WHERE period_end = '2026-11-01'"
                              " AND status = 'confirmed' GROUP BY meter"))
        need("2026-10-31T16:00" < seen["m0-1"] < "2026-10-31T16:25", "the meter in time:", seen)
        need("2026-10-31T16:25" < seen["m0-2"] < "2026-10-31T18:00", "the late one:", seen)
        ends = fleet.sql("SELECT value FROM settlement WHERE meter = 'm0-2' AND quantity = 'active_energy' AND rate ="
                         " 'combined' AND period_end IN ('2026-10-01', '2026-11-01')")
        equal(len(set(ends)), 2, "September's energy was not taken for October's")


def ends_with(fleet, *options):
    daemon = fleet.start_daemon(*options, ready=False)
    return daemon.wait_end(10), daemon.log()


def not_mixed():
    """a daemon without --clock refuses a test database, one with --clock a real one; both stay as they are"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=1)
        fleet.write_config()
        for makes, refuses in (((), ("--clock", EVENING + "@10")), (("--clock", EVENING + "@10"), ())):
            fleet.database = fleet.path(f"{len(makes)}.db")
            fleet.site()
            fleet.write_config()
            fleet.start_daemon(*makes)
            fleet.wait_rows("SELECT * FROM energy", 1, 10, "energy")
            equal(fleet.daemon.stop()[0], 0, "exit code")
            rows = len(fleet.sql("SELECT * FROM energy"))
            code, log = ends_with(fleet, *refuses)
            equal(code, 65, "exit code")
            matches(r"\d\.db: .*clock", log)
            equal(len(fleet.sql("SELECT * FROM energy")), rows, "rows")


run([month_end, late_month_end, not_mixed])
