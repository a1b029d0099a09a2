"""The database as a file: copied while it is written, restored, looked through, never half anything."""
import contextlib
import os
import random
import resource
import signal
import sqlite3
import subprocess
import time

from fleet import PATIENCE, Fleet, program
from ledger_audit import audit, heard
from tap import diagnose, equal, matches, need, run, wait_until


@contextlib.contextmanager
def a_busy_site(broker=True):
    with Fleet() as fleet:
        if broker:
            fleet.start_broker()
        fleet.start_sim(buses=1, meters=8)
        fleet.site()["poll"] = {"live": "200ms", "energy": "200ms"}
        fleet.sections["database"]["flush"] = "1s"
        fleet.write_config()
        fleet.start_daemon()
        fleet.wait_rows("SELECT 1 FROM energy", 16, 20, "energy")
        yield fleet


def look(path, query):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as con:
        return con.execute(query).fetchall()


def is_whole(path):
    equal(look(path, "PRAGMA integrity_check"), [("ok",)], f"{path}: integrity")
    equal(look(path, "SELECT is_backup FROM store_state"), [(1,)], "its mark")
    seqs = [seq for seq, in look(path, "SELECT seq FROM ledger ORDER BY seq")]
    equal(seqs, list(range(1, len(seqs) + 1)), "numbers in the copy")
    return len(seqs)


def copied_while_written():
    """a backup is one moment of a database that is being written; the next one replaces it; the daemon goes on"""
    with a_busy_site() as fleet:
        had = 0
        for _ in range(4):
            done = fleet.tool("backup", fleet.path("copy.db"))
            equal((done.returncode, done.stderr), (0, ""), "backup")
            matches(r"copy\.db: .*, every page whole, ledger [0-9a-f]{8} up to number \d+\n", done.stdout)
            numbers = is_whole(fleet.path("copy.db"))
            need(numbers > had and f"number {numbers}\n" in done.stdout, numbers, "after", had, done.stdout)
            had = numbers
            fleet.wait_rows(f"SELECT 1 FROM ledger WHERE seq > {had}", 8, 20, "more of them")
        equal(os.stat(fleet.path("copy.db")).st_mode & 0o777, 0o640, "mode")
        equal([f for f in os.listdir(fleet.dir) if "copy.db-" in f], [], "left beside it")
        equal(fleet.daemon.stop()[0], 0, "exit code")
        audit(fleet)


def bad_places():
    """the database itself, a pipe, a full disk, a directory that is not there, another file: refused, nothing left"""
    with a_busy_site(broker=False) as fleet:
        os.symlink(fleet.database, fleet.path("link.db"))
        os.mkfifo(fleet.path("pipe"))
        fleet.write_file("letter.txt", "not yours\n")
        for place, code, says in ((fleet.database, 1, "is the database itself"), (fleet.path("link.db"), 1, "itself"),
                                  (fleet.path("pipe"), 1, "not a plain file"), ("/dev/full", 1, "not a plain file"),
                                  (fleet.path("none/copy.db"), 73, "No such file"), (fleet.path("letter.txt"), 73, "no backup")):
            done = fleet.tool("backup", place)
            equal((done.returncode, done.stdout), (code, ""), place)
            matches(rf"^meterfleet: .*: no backup made: .*{says}", done.stderr)
            equal(done.stderr.count("\n"), 1, done.stderr)

        def small_disk():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
        full = subprocess.run([program("meterfleet"), "backup", fleet.path("copy.db"), "-c", fleet.ini], env=fleet.env,
                              capture_output=True, text=True, timeout=60 * PATIENCE, preexec_fn=small_disk, check=False)
        equal(full.returncode, 1, "a full disk: " + full.stderr)
        matches("no room on the disk", full.stderr)
        equal(sorted(f for f in os.listdir(fleet.dir) if "copy" in f or "letter" in f), ["letter.txt"], "left")
        for argv, says in ((["backup"], "missing"), (["backup", "a", "b"], "one file"), (["db"], "missing"),
                           (["db", "chek"], "did you mean check"), (["db", "check", "x"], "one job")):
            done = fleet.tool(*argv)
            equal(done.returncode, 64, argv)
            matches(says, done.stderr)
        need(fleet.daemon.alive(), "the daemon ended")
        whole = fleet.tool("db", "check")
        equal(whole.returncode, 0, whole.stdout + whole.stderr)


def restored():
    """whoever goes back to a backup begins a new ledger, and nothing that was published is said with other words"""
    with a_busy_site() as fleet:
        equal(fleet.tool("backup", fleet.path("copy.db")).returncode, 0, "backup")
        was = look(fleet.path("copy.db"), "SELECT DISTINCT ledger FROM ledger")
        numbers = is_whole(fleet.path("copy.db"))
        fleet.wait_rows(f"SELECT 1 FROM ledger WHERE seq > {numbers}", 8, 20, "later numbers")
        equal(fleet.daemon.stop()[0], 0, "exit code")
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(fleet.database + suffix)
        os.rename(fleet.path("copy.db"), fleet.database)
        fleet.start_daemon()
        fleet.wait_rows(f"SELECT 1 FROM ledger WHERE ledger <> '{was[0][0]}'", 8, 20, "the new ledger")
        equal(fleet.sql("SELECT count(*) FROM ledger WHERE ledger = ?", was[0][0]), [(numbers,)], "of the old one")
        need(fleet.sql("SELECT 1 FROM event WHERE kind = 'ledger_new' AND detail LIKE '%backup%'"), "no event")
        equal(fleet.tool("db", "check").returncode, 0, "db check")
        equal(fleet.daemon.stop()[0], 0, "exit code")
        need({ledger for ledger, _ in heard(fleet.sub)} > {was[0][0]}, "both ledgers; no number with two contents")


def killed():
    """kill -9 at any moment of a backup: the one before is whole, and the next one goes well"""
    with a_busy_site(broker=False) as fleet:
        seed = int.from_bytes(os.urandom(4), "big")
        diagnose(f"seed {seed}")
        draw, copy = random.Random(seed), fleet.path("copy.db")
        equal(fleet.tool("backup", copy).returncode, 0, "backup")
        for _ in range(12):
            child = subprocess.Popen([program("meterfleet"), "backup", copy, "-c", fleet.ini], env=fleet.env,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(draw.uniform(0, 0.04))
            child.kill()
            child.wait()
            is_whole(copy)
        equal(fleet.tool("backup", copy).returncode, 0, "the next one")
        equal([f for f in os.listdir(fleet.dir) if "copy.db-" in f], [], "left beside it")


def what_check_finds():
    """db check: a number that is missing, one that is there twice, a page that is damaged; each said, exit 3 or 65"""
    with a_busy_site(broker=False) as fleet:
        equal(fleet.tool("db", "migrate").returncode, 69, "migrate while the daemon runs")
        equal(fleet.daemon.stop()[0], 0, "exit code")
        done = fleet.tool("db", "migrate")
        equal(done.returncode, 0, done.stderr)
        matches(r"version \d+ already", done.stdout)
        with contextlib.closing(sqlite3.connect(fleet.database)) as con:
            con.execute("DELETE FROM energy_data WHERE seq BETWEEN 5 AND 6")
            con.execute("INSERT INTO ledger_gap VALUES (1, 3, 3, 'size')")
            con.commit()
            con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        done = fleet.tool("db", "check")
        equal(done.returncode, 3, done.stderr)
        matches(r"numbers 5 to 6 are neither there nor told as a gap", done.stdout)
        matches(r"number 3 was given twice", done.stdout)
        size = os.path.getsize(fleet.database)
        with open(fleet.database, "r+b") as f:
            for at in range(size // 2, size - 1024, 4096):
                f.seek(at)
                f.write(b"\xa5" * 700)
        done = fleet.tool("db", "check")
        need(done.returncode in (3, 65), done.returncode, done.stdout, done.stderr)
        done = fleet.tool("backup", fleet.path("copy.db"))
        equal(done.returncode, 65, "a backup of a damaged database: " + done.stderr)
        need(not os.path.exists(fleet.path("copy.db")), "a damaged backup")


run([copied_while_written, bad_places, restored, killed, what_check_finds])
