"""meterfleet check: what is wrong with a configuration, and what it asks of the wire."""
import os
import re

from fleet import Fleet
from tap import equal, matches, need, run

SITE = """[gateway]
id = site-a
[bus north]
device = /dev/ttyUSB0
{bus}
[meters flat]
bus = north
addresses = 1-32
name = flat-{{address}}
model = kpm31
{meters}
"""


def check(fleet, bus="", meters="", options=()):
    fleet.write_config(SITE.format(bus=bus, meters=meters))
    done = fleet.tool("check", *options)
    need(all(len(line) <= 80 for line in done.stdout.splitlines()), "a line is wider than 80 columns:", done.stdout)
    return done


def table(text):
    """{class: {column: cell}} of the first bus."""
    lines = text.splitlines()
    head = next(i for i, line in enumerate(lines) if line.startswith("class"))
    names = re.split(r" {2,}", lines[head].strip())
    rows = {}
    for line in lines[head + 1:]:
        cells = re.split(r" {2,}", line.strip())
        if len(cells) != len(names):
            break
        rows[cells[0]] = dict(zip(names, cells))
    return rows


def fits():
    """a site that fits: a row a class, the load of each, exit 0"""
    with Fleet() as fleet:
        done = check(fleet)
        equal((done.returncode, done.stderr), (0, ""), "outcome")
        matches(r"meterfleet\.ini: accepted: 1 bus, 32 meters", done.stdout)
        matches(r"^bus north: 9600 8E1, 32 meters, \d+\.\d % of the line's time$", done.stdout)
        rows = table(done.stdout)
        equal(sorted(rows), ["demand", "energy", "identity", "live", "relay", "settlement"], "classes")
        equal((rows["live"]["meters"], rows["live"]["requests"], rows["live"]["period"]), ("32", "32", "15 s"), "live")
        equal((rows["settlement"]["requests"], rows["settlement"]["period"]), ("96", "1 d"), "settlement")


def budget_is_right():
    """one round of live is the sum of request, turnaround, reply and silences"""
    with Fleet() as fleet:
        rows = table(check(fleet).stdout)
        characters = 8 + (3 + 28 + 2) + 3.5 + 3.5  # request, reply, a silence behind each
        round_s = 32 * (characters * 11 / 9600 + 0.005)
        shown = float(rows["live"]["one round"].split()[0])
        need(abs(shown - round_s) < 0.15, "one round:", shown, "expected about", round_s)
        need(abs(float(rows["live"]["load"].split()[0]) - shown / 15 * 100) < 0.1, rows["live"])


def does_not_fit():
    """a site that does not fit: the bus is named, the shortest periods that would, exit 3"""
    with Fleet() as fleet:
        done = check(fleet, bus="baud = 1200")
        equal(done.returncode, 3, "exit code")
        matches(r"^meterfleet: bus north: does not fit: \d+ % of the line's time", done.stderr)
        matches(r": does not fit$", done.stdout)
        need(table(done.stdout)["live"]["shortest"] not in ("15 s", "none fits"), done.stdout)
        equal(check(fleet, bus="baud = 1200\nlive = 1m").returncode, 0, "with live = 1m")


def shortest_period_fits():
    """the shortest period shown fits, a tenth less does not"""
    with Fleet() as fleet:
        shortest = table(check(fleet).stdout)["live"]["shortest"]
        seconds = int(re.fullmatch(r"(\d+) s", shortest)[1])
        equal(check(fleet, bus=f"live = {seconds}s").returncode, 0, "the shortest period")
        equal(check(fleet, bus=f"live = {(seconds - 1) * 900}ms").returncode, 3, "a tenth less than what rounds up to it")


def plan():
    """--plan shows the requests: snapshots whole, three for the 288 energy registers"""
    with Fleet() as fleet:
        done = check(fleet, options=("--plan",))
        equal(done.returncode, 0, "exit code")
        requests = re.findall(r"^ +(\w+) +FC(\d\d) 0x([0-9A-F]{4}) +(\d+) (?:registers|coil)", done.stdout, re.M)
        by_class = {}
        for name, function, address, count in requests:
            by_class.setdefault(name, []).append((int(function), int(address, 16), int(count)))
        equal(by_class["energy"], [(3, 0x80, 28)], "energy")
        equal(by_class["live"], [(3, 0x30, 14)], "live")
        equal(len(by_class["settlement"]), 3, "settlement requests")
        equal(sum(count for _, _, count in by_class["settlement"]), 288, "settlement registers")
        need(all(count % 2 == 0 and count <= 125 for _, _, count in by_class["settlement"]), by_class["settlement"])
        equal(by_class["relay"], [(1, 1, 1)], "relay")
        matches(r"^  flat-1 \(kpm31\), and 31 more like it, each:$", done.stdout)
        characters = 8 + (5 + 2 * 28)  # request, reply; 5 ms of turnaround and a silence behind
        energy = re.search(r"^ +energy .* 8 \+ +(\d+) bytes +(\d+\.\d) ms$", done.stdout, re.M)
        equal(int(energy[1]), 61, "bytes of the reply")
        need(abs(float(energy[2]) - (characters + 3.5) * 11 / 9.6 - 5) < 0.1, "time on the wire", energy[0])


def all_errors():
    """every error with file and line in one run, on stderr, nothing on stdout, exit 78"""
    with Fleet() as fleet:
        done = check(fleet, bus="baud = fast\nparty = even", meters="tarif = x\nbus = south")
        equal((done.returncode, done.stdout), (78, ""), "outcome")
        for pattern in (r":5: \[bus north\] baud: ", r":6: \[bus north\] party: .*did you mean parity",
                        r":12: \[meters flat\] tarif: .*did you mean tariff", r":13: \[meters flat\] bus: "):
            matches(r"^meterfleet: \S+meterfleet\.ini" + pattern, done.stderr)


def conf_d():
    """files of conf.d count, and their errors carry their own names"""
    with Fleet() as fleet:
        os.mkdir(fleet.path("conf.d"))
        fleet.write_file("conf.d/20-more.ini", "[meter shop]\nbus = north\naddress = 40\nmodel = kpm33b\n")
        matches(r"accepted: 1 bus, 33 meters", check(fleet).stdout)
        fleet.write_file("conf.d/20-more.ini", "[meter shop]\nbus = north\naddress = 7\nmodel = kpm31\n")
        done = check(fleet)
        equal(done.returncode, 78, "exit code")
        matches(r"conf\.d/20-more\.ini:3: \[meter shop\] address: ", done.stderr)


run([fits, budget_is_right, does_not_fit, shortest_period_fits, plan, all_errors, conf_d])
