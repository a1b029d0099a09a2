"""meterfleet read of meters that say what cannot be: each missing quantity by its name, with the true reason."""
import json

from fleet import Fleet
from tap import equal, matches, need, run

# All floats of meter 1 are no numbers, of meter 2 too large, of meter 3 negative; meter 4 is dead, meter 5 sound.
FAULTS = """+0s bus0/1 nan
+0s bus0/2 nan huge
+0s bus0/3 nan negative
+0s bus0/4 dead
"""
VOLTAGES = {1: "rejected: not a number", 2: "rejected: out of range", 3: "rejected: out of range"}


def started(fleet, daemon):
    fleet.start_sim(buses=1, meters=5, faults=FAULTS)
    fleet.write_config()
    if daemon:
        fleet.start_daemon()
        fleet.wait_rows("SELECT * FROM energy", 1, 10, "energy")


def ask(fleet, daemon, meter, *words):
    """Through the daemon, or straight from the line: both must say the same."""
    if daemon:
        return fleet.tool("read", f"m0-{meter}", *words)
    return fleet.tool("read", "--device", fleet.path("bus0"), "--address", str(meter), "--model", "kpm31", *words)


def one_line(done, code, pattern):
    equal((done.returncode, done.stderr.count("\n")), (code, 1), f"exit code and lines ({done.stderr.strip()})")
    matches(pattern, done.stderr)


def all_rejected(fleet, daemon):
    for meter, reason in VOLTAGES.items():
        done = ask(fleet, daemon, meter, "voltage")
        one_line(done, 65, rf"^meterfleet: \S+: voltage: {reason}$")
        matches(rf"^  voltage +{reason}$", done.stdout)
        need("did not answer" not in done.stdout and "no answer" not in done.stdout, done.stdout)
        done = ask(fleet, daemon, meter, "voltage", "current", "--json")
        one_line(done, 65, rf"^meterfleet: \S+: voltage: {reason} \(and 1 more missing\)$")
        document = json.loads(done.stdout)
        equal(document["missing"], ["voltage", "current"], "missing")
        equal(document["reasons"], {"voltage": reason, "current": reason}, "reasons")
        equal([r for r in document["readings"] if r["values"]], [], "values")


def everything(fleet, daemon):
    done = ask(fleet, daemon, 1, "--json")
    one_line(done, 65, r"^meterfleet: \S+: voltage: rejected: not a number \(and \d+ more missing\)$")
    document = json.loads(done.stdout)
    equal(document["reasons"]["active_energy_total"], "rejected: not a number", "an energy")
    equal(sorted(document["reasons"]), sorted(document["missing"]), "a reason for each")
    equal(set(document["reasons"].values()), {"rejected: not a number"}, "reasons")
    sound = json.loads(ask(fleet, daemon, 5, "--json").stdout)
    had = sorted(name for r in sound["readings"] for name in r["values"])
    equal(sorted(document["missing"]), had, "all that another meter has")
    equal((sound["missing"], sound["reasons"]), ([], {}), "of the other")
    done = ask(fleet, daemon, 1)
    equal(done.returncode, 65, "exit code")
    for name in had:
        matches(rf"^  {name} +rejected: not a number$", done.stdout)
    matches(r"^energy, not read$", done.stdout)


def mixed(fleet, daemon):
    done = ask(fleet, daemon, 1, "relay_do1", "voltage", "--json")
    one_line(done, 65, r"^meterfleet: \S+: voltage: rejected: not a number$")
    document = json.loads(done.stdout)
    equal({n: v for r in document["readings"] for n, v in r["values"].items()}, {"relay_do1": "closed"}, "values")
    equal(document["reasons"], {"voltage": "rejected: not a number"}, "reasons")
    done = ask(fleet, daemon, 3, "active_power", "voltage")
    equal(done.returncode, 65, "exit code")
    matches(r"^  active_power +-\d", done.stdout)
    matches(r"^  voltage +rejected: out of range$", done.stdout)
    # An import below zero cannot be; a total below zero could, but what comes together with that import is not believed.
    done = ask(fleet, daemon, 3, "active_energy_import", "active_energy_total", "--json")
    equal(json.loads(done.stdout)["reasons"], {"active_energy_import": "rejected: out of range",
                                               "active_energy_total": "rejected: its reply cannot be believed"}, "energies")


def silent(fleet, daemon):
    done = ask(fleet, daemon, 4, "voltage")
    equal((done.returncode, done.stdout), (69, ""), "a dead meter")
    one_line(done, 69, r"no answer")


def by(daemon):
    with Fleet() as fleet:
        started(fleet, daemon)
        for look in (all_rejected, everything, mixed, silent):
            look(fleet, daemon)


def through_the_daemon():
    """through the daemon: rejected values are named with their reason, 65; a dead meter is silent, 69"""
    by(True)


def from_the_line():
    """straight from the line: the same, word by word"""
    by(False)


run([through_the_daemon, from_the_line])
