"""Whatever a wire and its meters do wrong, what is stored is what a meter said in answer to that very question."""
from bus_truth import floats, shortest, truths
from fleet import PATIENCE, Fleet
from tap import equal, need, run, wait_until

# Each meter has one fault, in a share of its replies; meter 9 has none.
FAULTS = """+1s bus0/1 dup 40%
+1s bus0/2 late 350ms 900ms 40%
+1s bus0/3 noise before 3 40%
+1s bus0/4 crc 40%
+1s bus0/5 short 40%
+1s bus0/6 foreign address 40%
+1s bus0/7 echo 50%
+1s bus0/8 drip 40ms 25%
"""
KINDS = ("dup", "late", "noise", "crc", "short", "foreign", "echo", "drip")


def stored_values_are_true():
    """doubled, late, noisy, damaged, cut, foreign, echoed and dripping replies: none ever becomes a reading"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=9, baud=19200, faults=FAULTS)
        site = fleet.site(baud=19200)
        site["poll"] = {"live": "1s", "energy": "1s", "demand": "0", "relay": "0", "settlement": "0", "identity": "0"}
        fleet.write_config()
        fleet.start_daemon()
        fleet.wait_rows("SELECT DISTINCT meter FROM energy", 9, 60, "energy of every meter, whatever its fault")

        def all_happened():
            frames = fleet.frames()
            return all(frames.count(f"fault:{kind}") >= 1 for kind in KINDS)
        wait_until(all_happened, 90 * PATIENCE, "each fault to happen")
        fleet.daemon.stop()
        told = {unit: {tuple(round(shortest(f), 6) for f in floats(b)) for b in blocks}
                for unit, blocks in truths(fleet.frames(), foreign=6).items()}
        columns = ("active_energy_total, active_energy_import, active_energy_export, reactive_energy_total,"
                   "reactive_energy_import, reactive_energy_export, active_energy_sharp, active_energy_peak,"
                   "active_energy_flat, active_energy_valley, reactive_energy_sharp, reactive_energy_peak,"
                   "reactive_energy_flat, reactive_energy_valley")
        rows = fleet.sql(f"SELECT meter, {columns} FROM energy")
        need(len(rows) > 18, "only", len(rows), "rows")
        for meter, *values in rows:
            unit = int(meter.rsplit("-", 1)[1])
            need(tuple(values) in told[unit], meter, "never said", values)


def impossible_values_are_not_stored():
    """zeros from a meter that counted, NaN, negative and absurd energies are counted and never stored"""
    faults = "+4s bus0/1 zero\n+4s bus0/2 nan\n+4s bus0/3 nan negative\n+4s bus0/4 nan huge\n"
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=5, baud=0, faults=faults)
        fleet.write_config()
        fleet.start_daemon()
        fleet.wait_rows("SELECT DISTINCT meter FROM energy", 5, 10, "energy of every meter")

        def refused():
            reasons = {m["name"]: sum(m.get("rejected", {}).values()) for m in fleet.status()["meters"]}
            read_on = fleet.sql("SELECT count(*) FROM energy WHERE meter = 'm0-5'")[0][0] > 3
            return read_on and all(reasons[f"m0-{k}"] >= 2 for k in (1, 2, 3, 4)) and reasons["m0-5"] == 0
        wait_until(refused, 30 * PATIENCE, "replies to be refused and the healthy meter to be read on")
        fleet.daemon.stop()
        equal(fleet.sql("SELECT meter FROM energy WHERE active_energy_total <= 0 OR active_energy_total > 1e8"), [],
              "impossible rows")


def refusals_of_seconds_pass():
    """a meter that refuses everything for some seconds, as one being set does, is read again by itself"""
    refuse = "".join(f"+4s bus0/{unit} exc {unit}\n+8s bus0/{unit} alive\n" for unit in (1, 2, 3))
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=4, baud=0, faults=refuse)
        fleet.site()["poll"] = {"live": "15s", "energy": "61s"}
        fleet.write_config()
        fleet.start_daemon("--clock", "2026-10-20T10:00:00+08:00@60")
        for unit in (1, 2):  # 3 may be a quantity too many: it is asked in smaller pieces first
            fleet.daemon.wait_line(f"meter m0-{unit}: refuses energy: exception {unit}", 30 * PATIENCE)
        wait_until(lambda: fleet.frames().count("alive") >= 3, 30 * PATIENCE, "the refusals to end")
        for klass, quantity in (("energy", "active_energy_total"), ("live", "voltage")):
            rows = dict(fleet.sql(f"SELECT meter, max(ts_ms) FROM {klass} GROUP BY meter"))
            for unit in (1, 2, 3):
                fleet.wait_rows(f"SELECT 1 FROM {klass} WHERE meter = 'm0-{unit}' AND {quantity} IS NOT NULL "
                                f"AND ts_ms > {rows[f'm0-{unit}'] + 400000}", 1, 60, f"{klass} of meter {unit} again")
        for unit in (1, 2):
            fleet.daemon.wait_line(f"meter m0-{unit}: gives energy again", 30 * PATIENCE)
        missed = {m["name"]: m["counters"]["missed"] for m in fleet.status()["meters"]}
        need(min(missed["m0-1"], missed["m0-2"]) > missed["m0-4"] + 5, "missed:", missed)


run([stored_values_are_true, impossible_values_are_not_stored, refusals_of_seconds_pass])
