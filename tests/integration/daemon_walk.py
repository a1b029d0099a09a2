"""From the serial line to database, broker and tool: the fleet walks."""
import csv
import io
import json
import time

from fleet import PATIENCE, Fleet
from ledger_audit import audit
from tap import equal, need, run, wait_until

NAMES = [f"m{bus}-{address}" for bus in range(2) for address in range(1, 9)]


def every_meter(fleet, kind):
    return {m.topic.split("/")[3] for m in fleet.sub.having(f"/meter/[^/]+/{kind}$")} == set(NAMES)


def confirm_settlements(fleet):
    """A second sweep a minute after the first would do it; asking for one is quicker."""
    for name in NAMES:
        done = fleet.tool("read", name, "active_energy_combined_prev01")
        equal(done.returncode, 0, "read: " + done.stderr)


def walk():
    """2 buses of 8 meters: live, energy and settlements are stored, published and the same digits everywhere"""
    with Fleet() as fleet:
        fleet.start_broker()
        fleet.start_sim(buses=2, meters=8)
        fleet.write_config()
        fleet.start_daemon()
        wait_until(lambda: every_meter(fleet, "energy"), 10 * PATIENCE, "an energy message of every meter")
        wait_until(lambda: every_meter(fleet, "live"), 10 * PATIENCE, "a live message of every meter")
        fleet.wait_rows("SELECT DISTINCT meter FROM sweep", 16, 30, "a sweep of every meter")
        confirm_settlements(fleet)
        wait_until(lambda: every_meter(fleet, "settlement"), 10 * PATIENCE, "a settlement of every meter")
        for meter, voltage in fleet.sql("SELECT meter, voltage FROM live WHERE voltage IS NOT NULL"):
            need(180 < voltage < 260, meter, "has", voltage, "V")
        check_sums(fleet)
        check_status(fleet)
        check_read(fleet)
        check_export(fleet)
        code, seconds = fleet.daemon.stop()
        equal(code, 0, "exit code")
        need(seconds < 2 * PATIENCE, f"the stop took {seconds:.1f} s")
        last = fleet.sub.wait(lambda m: m.topic == "meterfleet/site-a/status" and m.payload == "offline", 5, "offline")
        need(last.payload == "offline")
        need(audit(fleet) > 16 * 12, "ledger messages")
        kinds = {kind for kind, in fleet.sql("SELECT kind FROM event")}
        need({"start", "stop", "ledger_new", "meter_online"} <= kinds, "events:", kinds)


def check_sums(fleet):
    for row in fleet.dicts("SELECT * FROM energy"):
        rates = sum(row[f"active_energy_{rate}"] for rate in ("sharp", "peak", "flat", "valley"))
        need(abs(rates - row["active_energy_total"]) < 0.051, row["meter"], rates, row["active_energy_total"])


def check_status(fleet):
    status = fleet.status()
    equal([m["name"] for m in status["meters"] if m["status"] == "online"], NAMES, "meters online")
    equal([b["status"] for b in status["buses"]], ["open", "open"], "buses")
    need(status["broker"]["connected"], "broker connected")
    text = fleet.tool("status")
    equal(text.returncode, 0, "status")
    need(all(len(line) <= 80 for line in text.stdout.splitlines()), "a line is wider than 80 columns:", text.stdout)
    line = fleet.tool("status", "--check")
    equal(line.returncode, 0, "status --check")
    need(line.stdout.startswith("METERFLEET OK - 16 of 16 meters online") and line.stdout.count("\n") == 1, line.stdout)


def check_read(fleet):
    done = fleet.tool("read", "m1-3", "voltage", "active_energy_total", "--json")
    equal(done.returncode, 0, "read --json")
    values = {}
    for reading in json.loads(done.stdout)["readings"]:
        values.update(reading["values"])
    equal(sorted(values), ["active_energy_total", "voltage"], "quantities")
    row = fleet.sql("SELECT active_energy_total FROM energy WHERE meter = 'm1-3' ORDER BY ts_ms DESC LIMIT 1")[0]
    need(0 <= values["active_energy_total"] - row[0] < 1, "read says", values, "the database", row)


def check_export(fleet):
    done = fleet.tool("export", "--what", "energy", "m1-3")
    equal(done.returncode, 0, "export")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    kept = fleet.dicts("SELECT * FROM energy WHERE meter = 'm1-3' ORDER BY ts_ms")
    need(2 <= len(rows) <= len(kept), "rows exported", len(rows), "stored", len(kept))
    for out, row in zip(rows, kept):
        equal(out["time"], row["ts"], "time")
        equal(float(out["active_energy_sharp"]), row["active_energy_sharp"], "active_energy_sharp")
    lines = fleet.tool("export", "--format", "jsonl").stdout.splitlines()
    equal({json.loads(line)["kind"] for line in lines}, {"energy", "live", "settlement"}, "kinds exported")


def thirty_two():
    """32 meters on one bus: the first energy of each is stored and published within 10 s"""
    with Fleet() as fleet:
        fleet.start_broker()
        fleet.start_sim(buses=1, meters=32, baud=9600)
        site = fleet.site()
        del site["poll"], site["database"]["flush"]
        fleet.write_config()
        began = time.monotonic()
        fleet.start_daemon()
        wait_until(lambda: len({m.topic for m in fleet.sub.having("/energy$")}) == 32, 30 * PATIENCE, "32 energy messages")
        took = time.monotonic() - began
        rows = fleet.sql("SELECT count(DISTINCT meter) FROM energy")
        equal(rows[0][0], 32, "meters stored")
        print(f"# {took:.1f} s to the first energy of 32 meters")
        need(took < 10 * PATIENCE, f"took {took:.1f} s")


run([walk, thirty_two])
