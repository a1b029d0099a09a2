"""What the daemon refuses to start with: one clear line, the right exit code, nothing half written."""
import fcntl
import os
import socket
import sqlite3
import subprocess
import termios

from fleet import PATIENCE, Fleet, program
from tap import Skip, equal, matches, need, run

USAGE, DATA, UNAVAILABLE, CANTCREATE, CONFIG = 64, 65, 69, 73, 78


def run_daemon(fleet, *options, user=None):
    """Runs it until it ends by itself: exit code and its lines."""
    argv = [program("meterfleetd"), "-c", fleet.ini, "-f", *options]
    if user is not None:
        argv = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *argv]
    done = subprocess.run(argv, env=fleet.env, capture_output=True, text=True, timeout=30 * PATIENCE,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout + done.stderr


def refused(fleet, code, pattern, *options, lines=1, user=None):
    got, text = run_daemon(fleet, *options, user=user)
    equal(got, code, f"exit code ({text.strip()})")
    matches(pattern, text)
    equal(len(text.splitlines()), lines, "lines of\n" + text + "\n")
    need(all(line.startswith("meterfleet: ") for line in text.splitlines()), text)


def a_site():
    fleet = Fleet()
    fleet.start_sim(buses=1, meters=2)
    fleet.write_config()
    return fleet


def wrong_usage():
    """an unknown option, a word too much and a bad clock are usage errors with a suggestion"""
    with Fleet() as fleet:
        fleet.write_config("")
        refused(fleet, USAGE, r"--chck: unknown option: did you mean --check\?", "--chck")
        refused(fleet, USAGE, r"now: unexpected word", "now")
        refused(fleet, USAGE, r"--clock: yesterday: not START@SPEED", "--clock", "yesterday")
        refused(fleet, USAGE, r"--clock: 2026-10-31T00:00:00: not START@SPEED", "--clock", "2026-10-31T00:00:00")


def clock_under_systemd():
    """--clock is refused under systemd"""
    with a_site() as fleet:
        for name, value in (("NOTIFY_SOCKET", "/nowhere"), ("INVOCATION_ID", "0123456789abcdef")):
            fleet.env[name] = value
            refused(fleet, USAGE, r"--clock: not as a service", "--clock", "2026-10-31T00:00:00Z@10")
            del fleet.env[name]
        need(not os.path.exists(fleet.database), "a database was made")


def broken_configuration():
    """all errors of a configuration in one run, each with file and line, for the daemon and for --check"""
    text = "[gateway]\nid = site-a\nclok = auto\n[bus north]\ndevice = /dev/null\nbaud = fast\n[meter x]\nbus = nrth\n"
    with Fleet() as fleet:
        fleet.write_config(text)
        for options in ((), ("--check",)):
            code, out = run_daemon(fleet, *options)
            equal(code, CONFIG, "exit code")
            matches(r"^meterfleet: \S+/meterfleet\.ini:3: \[gateway\] clok: .*did you mean clock", out)
            matches(r"^meterfleet: \S+/meterfleet\.ini:6: \[bus north\] baud: ", out)
            matches(r"^meterfleet: \S+/meterfleet\.ini:8: \[meter x\] bus: .*did you mean north", out)
        need(not os.path.exists(fleet.database), "a database was made")


def missing_configuration():
    """no configuration file, a directory, a FIFO and an unreadable one: a line each, no hang"""
    with Fleet() as fleet:
        refused(fleet, CONFIG, r"meterfleet\.ini: .*No such file")
        os.mkdir(fleet.ini)
        refused(fleet, CONFIG, r"meterfleet\.ini: ")
        os.rmdir(fleet.ini)
        os.mkfifo(fleet.ini)
        refused(fleet, CONFIG, r"meterfleet\.ini: ")


def check_accepts():
    """--check says what it read, and touches nothing"""
    with a_site() as fleet:
        code, out = run_daemon(fleet, "--check")
        equal(code, 0, "exit code")
        matches(r"meterfleet\.ini: accepted: 1 bus, 2 meters", out)
        need(not os.path.exists(fleet.database), "a database was made")


def newer_database():
    """a database of a newer version is left as it is, byte for byte"""
    with a_site() as fleet:
        fleet.start_daemon()
        equal(fleet.daemon.stop()[0], 0, "exit code")
        con = sqlite3.connect(fleet.database)
        con.execute("PRAGMA user_version = 9999")
        con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        con.close()
        with open(fleet.database, "rb") as f:
            before = f.read()
        refused(fleet, DATA, r"meterfleet\.db: .*newer")
        done = fleet.tool("export")
        equal(done.returncode, DATA, "export")
        with open(fleet.database, "rb") as f:
            need(f.read() == before, "the file has changed")


def foreign_database():
    """another program's database, and a file that is none, are left as they are"""
    with a_site() as fleet:
        con = sqlite3.connect(fleet.database)
        con.execute("CREATE TABLE theirs (x)")
        con.commit()
        con.close()
        refused(fleet, DATA, r"meterfleet\.db: ")
        fleet.write_file("meterfleet.db", "this is no database at all, but a text of some length\n" * 40)
        refused(fleet, DATA, r"meterfleet\.db: ")
        with open(fleet.database, encoding="utf-8") as f:
            need(f.read().startswith("this is no database"), "the file has changed")


def unwritable_directory():
    """a directory that is not ours is told at once"""
    if os.getuid() != 0:
        raise Skip("needs root to become somebody else")
    with a_site() as fleet:
        os.chmod(fleet.dir, 0o755)
        os.mkdir(fleet.path("run"))
        os.chown(fleet.path("run"), 65534, 65534)
        fleet.control = fleet.path("run/c.sock")
        fleet.site()
        fleet.write_config()
        refused(fleet, CANTCREATE, r"meterfleet\.db: .*[Pp]ermission denied", user=65534)
        fleet.sections["database"]["path"] = "/proc/meterfleet.db"
        fleet.write_config()
        refused(fleet, CANTCREATE, r"/proc/meterfleet\.db: ")


def unwritable_control():
    """a control socket that cannot be made is told at once, and no database is made"""
    with a_site() as fleet:
        refused(fleet, CANTCREATE, r"control socket cannot be made", "--control", "/proc/nowhere/c.sock")
        refused(fleet, CANTCREATE, r"control socket cannot be made", "--control", "/tmp/" + "x" * 200)
        refused(fleet, CANTCREATE, r"no socket", "--control", fleet.ini)
        need(not os.path.exists(fleet.database), "a database was made")


def second_daemon():
    """a second daemon on the same database is told who holds it"""
    with a_site() as fleet:
        first = fleet.start_daemon()
        fleet.sections["bus b0"]["device"] = fleet.path("elsewhere")
        fleet.write_config()
        other = ("--control", fleet.path("other.sock"))
        refused(fleet, UNAVAILABLE, rf"control socket cannot be made: .*\b{first.pid}\b")
        refused(fleet, UNAVAILABLE, rf"meterfleet\.db: .*\b{first.pid}\b", *other)
        os.symlink(fleet.database, fleet.path("same.db"))
        refused(fleet, UNAVAILABLE, rf"same\.db: .*\b{first.pid}\b", *other, "--database", fleet.path("same.db"))
        need(first.alive(), "the first daemon ended")
        equal(first.stop()[0], 0, "exit code")
        fleet.start_daemon()


def second_daemon_on_one_line():
    """a second daemon on the same line is told who holds it"""
    with a_site() as fleet:
        first = fleet.start_daemon()
        first.wait_line(r"b0: opened", 10)
        refused(fleet, UNAVAILABLE, rf"b0: .*bus0: .*{first.pid}", "--control", fleet.path("other.sock"), "--database",
                fleet.path("other.db"))
        need(not os.path.exists(fleet.path("other.db")), "a database was made")


def line_of_another_program():
    """a line that another program holds is no line for us"""
    with a_site() as fleet:
        with open(fleet.path("bus0"), "r+b", buffering=0) as line:
            fcntl.ioctl(line, termios.TIOCEXCL)
            fcntl.flock(line, fcntl.LOCK_EX)
            refused(fleet, UNAVAILABLE, rf"b0: .*bus0: .*{os.getpid()}")


def stale_socket():
    """a control socket left by a killed daemon is taken over"""
    with a_site() as fleet:
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(fleet.control)
        fleet.start_daemon()
        equal(fleet.tool("status").returncode, 0, "status")


run([wrong_usage, clock_under_systemd, broken_configuration, missing_configuration, check_accepts, newer_database,
     foreign_database, unwritable_directory, unwritable_control, second_daemon, second_daemon_on_one_line,
     line_of_another_program, stale_socket])
