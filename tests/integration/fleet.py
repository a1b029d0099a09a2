"""fleet.py - a private fleet for one test: broker, simulated meters and the real daemon in a directory of their own.

    with Fleet() as fleet:
        fleet.start_broker()
        fleet.start_sim(buses=2, meters=8)
        fleet.write_config()
        fleet.start_daemon()
        fleet.sub.wait(lambda m: m.topic.endswith("/energy"), 10, "an energy message")

Ports come from the kernel, everything listens on loopback. Processes are ended by pid, and the kernel ends them when
the test itself dies. Nothing waits for a span of time where an event can be waited for.
"""
import atexit
import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

from tap import Failed, diagnose, need, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
SRC = os.environ.get("top_srcdir", os.path.dirname(os.path.dirname(HERE)))
BUILD = os.environ.get("top_builddir", os.getcwd())
PATIENCE = float(os.environ.get("TEST_PATIENCE", "1"))  # sanitizers and valgrind need more of it

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_running = []


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@atexit.register
def _end_all():
    for process in list(_running):
        process.kill()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def program(name):
    return os.path.join(BUILD, name)


class Process:
    """A child whose output lies in a file of the fleet's directory."""

    def __init__(self, argv, log, env=None):
        self.argv, self.path = argv, log
        with open(log, "ab") as out:
            self.start_offset = out.tell()
            self.child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=env,
                                          preexec_fn=_die_with_parent)
        self.pid = self.child.pid
        _running.append(self)

    def log(self):
        with open(self.path, errors="replace") as f:
            f.seek(self.start_offset)
            return f.read()

    def alive(self):
        return self.child.poll() is None

    def wait_line(self, pattern, seconds, what=None):
        """The first line of the log that matches. Fails at once when the process ends without it."""
        def look():
            ended = not self.alive()
            found = re.search(pattern, self.log(), re.MULTILINE)
            if not found and ended:
                raise Failed(f"{self.argv[0]} ended with {self.child.returncode}, no line {pattern!r}:\n{self.log()}")
            return found
        return wait_until(look, seconds * PATIENCE, what or f"line {pattern!r} of {self.argv[0]}")

    def wait_end(self, seconds):
        """The exit code."""
        wait_until(lambda: not self.alive(), seconds * PATIENCE, f"the end of {self.argv[0]}")
        self._forget()
        return self.child.returncode

    def stop(self, seconds=10, sig=signal.SIGTERM):
        """Asks it to stop; (exit code, seconds it took)."""
        began = time.monotonic()
        self.child.send_signal(sig)
        code = self.wait_end(seconds)
        return code, time.monotonic() - began

    def kill(self):
        if self.alive():
            self.child.kill()
            self.child.wait()
        self._forget()

    def freeze(self):
        self.child.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.child.send_signal(signal.SIGCONT)

    def _forget(self):
        if self in _running:
            _running.remove(self)


class Message:
    def __init__(self, retain, qos, topic, payload):
        self.retain, self.qos, self.topic, self.payload = retain, qos, topic, payload
        self.at = time.monotonic()

    def json(self):
        return json.loads(self.payload)

    def __repr__(self):
        return f"{self.topic} {self.payload}"


class Subscriber(Process):
    """mosquitto_sub on every topic; what it heard, in order, in .messages."""

    def __init__(self, port, log, options=(), topic="#"):
        self.messages, self._read = [], 0
        super().__init__(["stdbuf", "-oL", "mosquitto_sub", "-V", "5", "-h", "127.0.0.1", "-p", str(port), "-q", "1",
                          "-t", topic, "-F", "%r %q %t %p", *options], log)
        self._read = self.start_offset

    def poll(self):
        with open(self.path, "rb") as f:
            f.seek(self._read)
            data = f.read()
        end = data.rfind(b"\n") + 1
        self._read += end
        for line in data[:end].decode("utf-8", "replace").splitlines():
            parts = line.split(" ", 3)
            if len(parts) >= 3 and parts[0] in "01":
                self.messages.append(Message(parts[0] == "1", int(parts[1]), parts[2], (parts + [""])[3]))
        return self.messages

    def wait(self, wanted, seconds, what, since=0):
        """The first message (from index `since` on) for which wanted(message) holds."""
        return wait_until(lambda: next((m for m in self.poll()[since:] if wanted(m)), None), seconds * PATIENCE, what)

    def having(self, pattern):
        return [m for m in self.poll() if re.search(pattern, m.topic)]


TARIFF = {"utc_offset": "+08:00", "day 1": "00:00 valley, 06:00 sharp, 10:00 peak, 15:00 flat, 23:00 valley",
          "zones": "01-01 day 1"}


class Fleet:
    def __init__(self, name="site-a"):
        self.name = name
        self.dir = tempfile.mkdtemp(prefix="meterfleet-test-")
        self.ini = os.path.join(self.dir, "meterfleet.ini")
        self.database = os.path.join(self.dir, "meterfleet.db")
        self.control = os.path.join(self.dir, "control.sock")
        self.broker = self.sim = self.daemon = self.sub = None
        self.port, self.buses, self.meters = 0, 0, 0
        self.sections = {}
        self.env = dict(os.environ, METERFLEET_MODELS=os.path.join(SRC, "etc", "models"), LC_ALL="C.UTF-8")
        for name in ("NOTIFY_SOCKET", "INVOCATION_ID", "WATCHDOG_USEC", "JOURNAL_STREAM"):
            self.env.pop(name, None)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None and issubclass(kind, Exception):
            diagnose(self.testimony())
        for p in (self.daemon, self.sub, self.sim, self.broker):
            if p is not None:
                p.kill()
        if os.environ.get("TEST_KEEP"):
            print(f"# kept {self.dir}")
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def testimony(self):
        text = ""
        for p in (self.daemon, self.sim, self.broker):
            if p is not None:
                text += f"--- {os.path.basename(p.argv[0])} {p.child.poll()}\n" + "\n".join(p.log().splitlines()[-40:]) + "\n"
        return text

    def path(self, name):
        return os.path.join(self.dir, name)

    def write_file(self, name, text, mode=0o644):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)

    # The broker -----------------------------------------------------------------------------------------------

    def start_broker(self, password=None, subscribe=True, extra=""):
        """On a port of its own, the same one when started again. password: user "site-a" needs it."""
        self.port = self.port or free_port()
        text = f"listener {self.port} 127.0.0.1\nmax_queued_messages 0\npersistence false\nlog_dest stdout\n{extra}\n"
        if os.getuid() == 0:
            text += "user root\n"
        if password is None:
            text += "allow_anonymous true\n"
        else:
            subprocess.run(["mosquitto_passwd", "-c", "-b", self.path("passwd"), "site-a", password], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            text += f"allow_anonymous false\npassword_file {self.path('passwd')}\n"
        self.write_file("mosquitto.conf", text)
        self.broker = Process([shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin"), "-c",
                               self.path("mosquitto.conf")], self.path("mosquitto.log"))
        wait_until(self._broker_listens, 10 * PATIENCE, "the broker to listen")
        if subscribe:
            self.subscribe(() if password is None else ("-u", "site-a", "-P", password))

    def _broker_listens(self):
        need(self.broker.alive(), "the broker ended:", self.broker.log())
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def subscribe(self, options=()):
        """Returns once the subscriber really hears."""
        self.sub = Subscriber(self.port, self.path("sub.log"), options)
        self._say_hello(options)
        return self.sub

    def _say_hello(self, options=()):
        """Until the subscriber has heard a word of ours, and so all that the broker had for it before."""
        word = f"hello-{time.monotonic_ns()}"

        def heard():
            subprocess.run(["mosquitto_pub", "-V", "5", "-h", "127.0.0.1", "-p", str(self.port), "-t", "test/hello", "-m",
                            word, *options], check=True)
            return any(m.payload == word for m in self.sub.poll())
        wait_until(heard, 10 * PATIENCE, "the subscriber to hear")
        self.sub.messages = [m for m in self.sub.messages if m.topic != "test/hello"]

    def kill_broker(self):
        """With what it knows and the subscriber; but what the daemon was acknowledged has been heard before."""
        self.daemon.freeze()
        self._say_hello()
        self._say_hello()  # the daemon's last words may have lain in the broker's socket during the first
        heard = list(self.sub.poll())
        self.broker.kill()
        self.sub.kill()
        self.daemon.thaw()
        return heard

    # The meters -----------------------------------------------------------------------------------------------

    def start_sim(self, buses=1, meters=4, baud="0", options=(), faults=None):
        """Again with the same arguments after kill_sim(): the lines come back under the same names."""
        self.buses, self.meters = buses, meters
        self.write_file("tariff.ini", ini_text({"tariff residential": TARIFF}))
        argv = [program("meterfleet-sim"), "--dir", self.dir, "--buses", str(buses), "--meters", str(meters), "--baud",
                str(baud), "--seed", "1", "--tariff", self.path("tariff.ini"), "--log", self.path("sim-frames.log")]
        if faults:
            argv += ["--faults", self.write_file("faults.txt", faults)]
        self.sim = Process(argv + list(options), self.path("sim.log"), self.env)

        def ready():
            need(self.sim.alive(), "the simulator ended:", self.sim.log())
            return all(os.path.exists(self.path(f"bus{k}")) for k in range(buses))
        wait_until(ready, 10 * PATIENCE, "the simulated lines")

    def frames(self):
        """What the simulator logged of requests, replies and faults."""
        with open(self.path("sim-frames.log"), encoding="utf-8") as f:
            return f.read()

    # The daemon -----------------------------------------------------------------------------------------------

    def site(self, baud=9600):
        """Sections of a configuration that fits what was started; change them, then write_config()."""
        s = {"gateway": {"id": self.name, "clock": "system", "control": self.control},
             "database": {"path": self.database, "flush": "1s"},
             "poll": {"live": "1s", "energy": "2s", "demand": "5s", "relay": "5s"},
             "tariff residential": dict(TARIFF)}
        if self.port:
            s["mqtt"] = {"url": f"mqtt://127.0.0.1:{self.port}"}
        for k in range(self.buses):
            s[f"bus b{k}"] = {"device": self.path(f"bus{k}"), "baud": baud}
            s[f"meters m{k}"] = {"bus": f"b{k}", "addresses": f"1-{self.meters}", "name": f"m{k}-" + "{address}",
                                 "model": "kpm31", "tariff": "residential"}
        self.sections = s
        return s

    def write_config(self, text=None):
        self.write_file("meterfleet.ini", text if text is not None else ini_text(self.sections or self.site()))

    def start_daemon(self, *options, ready=True):
        self.daemon = Process([program("meterfleetd"), "-c", self.ini, "-f", *options], self.path("daemon.log"), self.env)
        if ready:
            self.daemon.wait_line(r"meterfleetd: started", 10)
        return self.daemon

    def tool(self, *args, seconds=20):
        """Runs `meterfleet ARGS -c INI`; the finished process with .returncode .stdout .stderr."""
        return subprocess.run([program("meterfleet"), *args, "-c", self.ini], env=self.env, capture_output=True, text=True,
                              timeout=seconds * PATIENCE, stdin=subprocess.DEVNULL)

    def status(self):
        done = self.tool("status", "--json")
        need(done.returncode in (0, 3), "status --json:", done.returncode, done.stderr)
        return json.loads(done.stdout)

    def sql(self, query, *args):
        """Rows of a read-only look into the database; [] while it does not exist yet."""
        if not os.path.exists(self.database):
            return []
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as con:
            return con.execute(query, args).fetchall()

    def dicts(self, query, *args):
        """The same with the columns' names."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as con:
            con.row_factory = sqlite3.Row
            return [dict(row) for row in con.execute(query, args)]

    def wait_rows(self, query, count, seconds, what):
        """Until the query gives at least `count` rows; the rows."""
        def look():
            try:
                rows = self.sql(query)
            except sqlite3.OperationalError:  # not created yet
                return None
            return rows if len(rows) >= count else None
        return wait_until(look, seconds * PATIENCE, what)


def ini_text(sections):
    return "\n".join(f"[{name}]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()) for name, keys in sections.items())
