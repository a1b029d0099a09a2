"""meterfleet export: what is in the database, the same digits, the span that was meant."""
import csv
import io
import json
import subprocess

from fleet import TARIFF, Fleet, program
from tap import equal, matches, need, run

START = "2026-10-31T15:59:00Z"  # a minute before midnight of meters at +08:00


def recorded(fleet):
    """A database of some minutes around a midnight; the meters m1-… have no tariff."""
    fleet.start_sim(buses=2, meters=2, options=("--start", START, "--speed", "60"))
    site = fleet.site()
    site["gateway"]["timezone"] = "Asia/Tokyo"
    site["poll"] = {"live": "10s", "energy": "10s"}
    site["database"]["flush"] = "10s"
    del site["meters m1"]["tariff"]
    fleet.write_config()
    fleet.start_daemon("--clock", START + "@60")
    fleet.wait_rows("SELECT * FROM energy WHERE meter = 'm0-1' AND ts > '2026-10-31T16:00:30Z'", 1, 20, "energy")
    equal(fleet.daemon.stop()[0], 0, "exit code")
    return fleet


def rows(fleet, *options):
    done = fleet.tool("export", *options)
    equal((done.returncode, done.stderr), (0, ""), "export " + " ".join(options))
    return list(csv.DictReader(io.StringIO(done.stdout)))


def spans(fleet):
    """a date is 00:00 of the meter's clock (its tariff's, else the gateway's); from counts, to does not"""
    midnight = "2026-10-31T16:00:00"
    stored = fleet.dicts("SELECT meter, ts FROM energy ORDER BY ts_ms")
    before = {(r["meter"], r["ts"]) for r in stored if r["meter"].startswith("m0") and r["ts"] < midnight}
    after = {(r["meter"], r["ts"]) for r in stored if r["meter"].startswith("m0") and r["ts"] >= midnight}
    need(before and after)
    got = {(r["meter"], r["time"]) for r in rows(fleet, "--what", "energy", "--to", "2026-11-01", "m0-1", "m0-2")}
    equal(got, before, "--to a date")
    got = {(r["meter"], r["time"]) for r in rows(fleet, "--what", "energy", "--from", "2026-11-01", "m0-1", "m0-2")}
    equal(got, after, "--from a date")
    # Tokyo is an hour ahead: there the whole record is of the first of November.
    equal(rows(fleet, "--what", "energy", "--to", "2026-11-01", "m1-1"), [], "a meter without tariff, before")
    need(rows(fleet, "--what", "energy", "--from", "2026-11-01", "--to", "2026-11-02", "m1-1"))
    edge = stored[len(stored) // 2]
    got = [r["time"] for r in rows(fleet, "--what", "energy", "--from", edge["ts"], edge["meter"])]
    equal(got[0], edge["ts"], "--from an instant is inclusive")
    got = [r["time"] for r in rows(fleet, "--what", "energy", "--to", edge["ts"], edge["meter"])]
    need(edge["ts"] not in got, "--to an instant is exclusive")


def everything(fleet):
    """all kinds in one CSV and as JSON lines: every stored row once, its digits unchanged"""
    table = rows(fleet)
    for kind, view in (("energy", "energy"), ("live", "live"), ("settlement", "settlement"), ("finding", "finding")):
        equal(len([r for r in table if r["kind"] == kind]), fleet.sql(f"SELECT count(*) FROM {view}")[0][0], kind)
    lines = [json.loads(line) for line in fleet.tool("export", "--format", "jsonl").stdout.splitlines()]
    equal(len(lines), len(table), "JSON lines")
    stored = {(r["meter"], r["ts"]): r for r in fleet.dicts("SELECT * FROM energy")}
    for line in (x for x in lines if x["kind"] == "energy"):
        row = stored[line["meter"], line["ts"]]
        for name, value in line.items():
            if name != "kind":
                equal(value, row[name], f"{name} of {line['meter']} at {line['ts']}")
    numbers = [r["value"] for r in table if r["kind"] == "settlement"]
    need(numbers and all("e" not in n and not n.endswith(".") for n in numbers), numbers[:5])


def for_verify(fleet):
    """--what energy is a file that verify --csv reads"""
    done = fleet.tool("export", "--what", "energy")
    equal(done.stdout.split("\n", 1)[0].split(",")[:4], ["time", "meter", "window_ms", "active_energy_total"], "header")
    fleet.write_file("energy.csv", done.stdout)
    done = fleet.tool("verify", "--csv", fleet.path("energy.csv"), "--tariff", "residential", "--json")
    need(done.returncode in (0, 3), done.returncode, done.stderr)
    equal(len(json.loads(done.stdout)["meters"]), 4, "meters judged")


def complaints(fleet):
    """unknown meters, kinds and formats, times without a zone: 64, with a suggestion where there is one"""
    for words, pattern in ((("m0-11",), r"^meterfleet: m0-11: unknown meter: did you mean m0-1\?"),
                           (("--format", "cvs"), r"^meterfleet: --format: cvs: unknown: did you mean csv\?"),
                           (("--what", "energy,finding"), r"^meterfleet: --what: finding: unknown: did you mean findings\?"),
                           (("--from", "2026-11-01T00:00:00"), r"^meterfleet: --from: .* Z or offset"),
                           (("--from", "2026-11-02", "--to", "2026-11-01"), r"^meterfleet: --to: .*not after --from")):
        done = fleet.tool("export", *words)
        equal((done.returncode, done.stdout), (64, ""), " ".join(words))
        matches(pattern, done.stderr)


def no_room(fleet):
    """a full disk at the other end is told: exit 73"""
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([program("meterfleet"), "export", "-c", fleet.ini], env=fleet.env, stdout=full,
                              stderr=subprocess.PIPE, text=True)
    equal(done.returncode, 73, "exit code")
    matches(r"^meterfleet: stdout: cannot be written: No space", done.stderr)


def no_database(fleet):
    """a database that is not there is told, and not made"""
    done = fleet.tool("export", "--database", fleet.path("none.db"))
    equal(done.returncode, 1, "exit code")
    matches(r"none\.db: no database there", done.stderr)


def renamed(fleet):
    """a meter that is no longer configured is exported with the rest"""
    fleet.sections["meters m1"] = {"bus": "b1", "addresses": "1-2", "name": "new-{address}", "model": "kpm31"}
    fleet.write_config()
    need(any(r["meter"] == "m1-2" for r in rows(fleet, "--what", "energy")), "m1-2 is gone")
    need(rows(fleet, "--what", "energy", "m1-2"), "m1-2 by name")


need(TARIFF["utc_offset"] == "+08:00")
with recorded(Fleet()) as FLEET:
    CASES = []
    for case in (spans, everything, for_verify, complaints, no_room, no_database, renamed):
        def one(case=case):
            case(FLEET)
        one.__doc__ = case.__doc__
        CASES.append(one)
    run(CASES)
