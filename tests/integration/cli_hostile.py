"""The tool in hostile hands: wrong words, wrong files, wrong configurations. One clear line and the exit code for it."""
import os
import re
import subprocess

from fleet import PATIENCE, Fleet, program
from tap import Failed, equal, need, run
from verify_case import MANUAL, day

VERIFY = ("verify", "--csv", "flat.csv", "--tariff", "manual", "-c", "tariff.ini")
LINE = ("--device", "/dev/null", "--address", "1")

# The words, the exit code, what stands in the one line on stderr.
USAGE = [
    ((), 64, "subcommand: missing"),
    (("",), 64, ": unknown subcommand"),
    (("-c",), 64, "--config: needs a value: FILE"),
    (("-x",), 64, "-x: unknown option"),
    (("--hlep",), 64, "--hlep: unknown option: did you mean --help?"),
    (("help", "stats"), 64, "stats: unknown subcommand: did you mean status?"),
    (("check", "word"), 64, "word: unexpected word"),
    (("check", "--plan=yes"), 64, "--plan: takes no value"),
    (("-c", "site.ini", "check", "-c", "site.ini"), 64, "--config: given twice: 'site.ini' and 'site.ini'"),
    ((*VERIFY, "--csv", "other.csv"), 64, "--csv: given twice: 'flat.csv' and 'other.csv'"),
    ((*VERIFY, "--tariff=x"), 64, "--tariff: given twice: 'manual' and 'x'"),
    ((*VERIFY, "--model", "a", "--model", "b"), 64, "--model: given twice"),
    (("learn", *VERIFY[1:], "--csv", "other.csv"), 64, "--csv: given twice: 'flat.csv' and 'other.csv'"),
    (("export", "--to", "2026-10-02", "--to", "2026-10-03"), 64, "--to: given twice"),
    (("scan", "--device", "a", "--device", "b"), 64, "--device: given twice"),
    ((*VERIFY, "word"), 64, "word: unexpected"),
    ((*VERIFY, "--max-power", "nan"), 64, "--max-power: nan: not a number"),
    (("verify", "--csv", "flat.csv", "--tariff", "manul", "-c", "tariff.ini"), 64, "did you mean manual?"),
    (("verify", "--csv", "flat.csv", "-c", "tariff.ini"), 64, "--tariff: missing"),
    (("verify",), 64, "--csv: missing"),
    (("learn", "--csv", "flat.csv", "--utc-offset", "-12:30"), 64, "--utc-offset: -12:30: not an offset"),
    (("learn", "--csv", "flat.csv", "--utc-offset", "+14:01"), 64, "--utc-offset: +14:01: not an offset"),
    (("export", "--what", "", "-c", "site.ini"), 64, "--what: : unknown"),
    (("export", "--what", "energy,", "-c", "site.ini"), 1, "no database there"),
    (("export", "--from", "2026-02-30"), 64, "--from: 2026-02-30: neither a date"),
    (("export", "--from", "2026-10-01T00:00"), 64, "--from: 2026-10-01T00:00: neither a date"),
    (("read",), 64, "read: which meter?"),
    (("read", "m", "--raw"), 64, "--raw: only together with --device"),
    (("read", *LINE, "--model", "kpm3"), 64, "--model: kpm3: unknown: did you mean kpm31?"),
    (("read", *LINE, "--model", "kpm31"), 69, "not a serial device"),
    (("scan", "--device", "/dev/null", "--addresses", "1,,2"), 64, "--addresses: nothing: neither an address"),
    (("relay", "m", "opne"), 64, "opne: neither open nor close: did you mean open?"),
    (("trace", "a", "b"), 64, "b: unexpected word"),
    (("trace", "no\nbus", "-c", "site.ini"), 64, "no?bus: unknown bus"),
    (("status", "--control", "x" * 200), 64, "path too long for a socket"),
    (("status", "--control", "flat.csv"), 69, "daemon: not running"),
]


def tool(fleet, *words):
    return subprocess.run([program("meterfleet"), *words], env=fleet.env, cwd=fleet.dir, capture_output=True, text=True,
                          errors="replace", stdin=subprocess.DEVNULL, timeout=20 * PATIENCE)


def prepare(fleet):
    fleet.write_file("tariff.ini", MANUAL)
    fleet.write_file("flat.csv", day(n=3).text())
    fleet.write_file("site.ini", "[gateway]\nid = a\n[database]\npath = none.db\n")


def told(done, code, part, what):
    equal((done.returncode, done.stdout), (code, ""), f"{what}: {done.stderr}")
    need(part in done.stderr, what, "does not say", part, "but", done.stderr)
    need(re.fullmatch(r"meterfleet: [^\n]+\n", done.stderr), what, "not one line:", done.stderr)


def words():
    """wrong, missing and repeated words: 64 and one line that names them"""
    with Fleet() as fleet:
        prepare(fleet)
        wrong = []
        for args, code, part in USAGE:
            try:
                told(tool(fleet, *args), code, part, " ".join(args))
            except Failed as why:
                wrong.append(str(why))
        need(not wrong, "\n".join(wrong))


FILES = {  # contents, of verify, and of export --database
    "empty": (b"", "no header", 1),
    "bom": (b"\xef\xbb\xbf", "no header", 65),
    "comment": (b"# only\r\n\r\n", "no header", 65),
    "binary": (bytes(range(256)) * 20, ":1: ", 65),
    "utf16": ("time,voltage\n".encode("utf-16"), "a NUL byte", 65),
    "mac": (b"time,voltage\r2026-10-01T00:00:00Z,1\r", "a carriage return that ends no line", 65),
    "quote": (b'time,voltage\n"2026-10-01T00:00:00Z,1\n', ":2: a quote that is never closed", 65),
    "long": (b"time,voltage\n2026-10-01T00:00:00Z," + b"1" * 70000 + b"\n", ":2: line too long", 65),
    "wide": (b"time" + b",x" * 30000 + b"\n", ":1: too many columns", 65),
}


def files():
    """empty, binary, endless files, directories, FIFOs and devices in place of data: 65, and nothing hangs"""
    with Fleet() as fleet:
        prepare(fleet)
        for name, (data, part, as_database) in FILES.items():
            with open(fleet.path(name), "wb") as f:
                f.write(data)
            for command in ("verify", "learn"):
                told(tool(fleet, command, "--csv", name, *VERIFY[3:]), 65, part, f"{command} {name}")
            told(tool(fleet, "export", "--database", name, "-c", "site.ini"), as_database, name + ": ", "export " + name)
        os.mkdir(fleet.path("dir"))
        os.mkfifo(fleet.path("fifo"))
        for name in ("dir", "none", "flat.csv/x", "/dev/null"):
            told(tool(fleet, "verify", "--csv", name, *VERIFY[3:]), 65, name + ":", "verify " + name)
        for name in ("dir", "fifo", "/dev/null"):
            told(tool(fleet, "export", "--database", name, "-c", "site.ini"), 65, "not a database", "export " + name)
        for name in ("dir", "fifo", "/dev/null", "none", "flat.csv/x"):
            for args in (("check",), VERIFY[:5], ("export",), ("status",), ("read", "m")):
                told(tool(fleet, *args, "-c", name), 78, name + ": ", f"{args[0]} -c {name}")


def configurations():
    """check names every mistake with its line, what was probably meant, and warns of what is hardly meant"""
    with Fleet() as fleet:
        fleet.write_file("bad.ini", "[gateway]\nid = a\nid = b\nclok = auto\nclock = auto # now\n[gateway]\n[bsu north]\n"
                                    "[bus north]\ndevice = /dev/ttyS0\nlabel = x\n" + "x" * 9000 + "\nbaud = 9600 ; fine\n")
        done = tool(fleet, "check", "-c", "bad.ini")
        wanted = ["3: [gateway] id: given already in line 2", "4: [gateway] clok: unknown key (did you mean clock?)",
                  "5: [gateway] clock: must be one of auto, system, ntp, not 'auto # now' (a comment after a value begins",
                  "6: [gateway]: given already at bad.ini:1", "7: [bsu north]: unknown section (did you mean bus?)",
                  "10: [bus north] label: unknown key (it is a key of [meter …])",
                  "11: [bus north]: a line of more than 8192 bytes"]
        equal((done.returncode, done.stdout), (78, ""), "outcome")
        lines = done.stderr.splitlines()
        equal(len(lines), len(wanted), "lines\n" + done.stderr)
        for line, part in zip(lines, wanted):
            need(line.startswith("meterfleet: bad.ini:" + part), line, "is not", part)
        fleet.write_file("odd.ini", "\ufeff[gateway]\r\nid = a ; of mine\r\n[tariff t]\r\nutc_offset = +08:00\r\n"
                                    "day 1 = 00:00 flat, 06:00 flat\r\n")
        for name, args in (("meterfleet", ("check", "-c", "odd.ini")), ("meterfleetd", ("--check", "-c", "odd.ini"))):
            done = subprocess.run([program(name), *args], env=fleet.env, cwd=fleet.dir, capture_output=True, text=True,
                                  timeout=20 * PATIENCE)
            equal((done.returncode, done.stdout), (0, "odd.ini: accepted: 0 buses, 0 meters\n"), name)
            equal(done.stderr, "meterfleet: warning: odd.ini:5: [tariff t] day 1: at 06:00 nothing changes\n", name)


run([words, files, configurations])
