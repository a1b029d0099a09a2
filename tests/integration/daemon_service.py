"""What systemd hears: READY, STATUS, WATCHDOG, RELOADING, STOPPING; and what the journal gets."""
import os
import signal
import socket

from fleet import PATIENCE, Fleet, Process, program
from tap import equal, need, run, wait_until


class Notices:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, fleet, watchdog_ms=None):
        self.path = fleet.path("notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)
        self.heard = []
        fleet.env["NOTIFY_SOCKET"] = self.path
        if watchdog_ms is not None:
            fleet.env["WATCHDOG_USEC"] = str(watchdog_ms * 1000)

    def poll(self):
        while True:
            try:
                self.heard.append(dict(line.split("=", 1) for line in self.socket.recv(65536).decode().splitlines()))
            except BlockingIOError:
                return self.heard

    def wait(self, seconds, since=0, **wanted):
        def look():
            return next((n for n in self.poll()[since:] if wanted.items() <= n.items()), None)
        return wait_until(look, seconds * PATIENCE, f"notice {wanted}")


def life():
    """READY once everything runs, a STATUS in words, RELOADING and READY around a reload, STOPPING before the end"""
    with Fleet() as fleet:
        fleet.start_broker()
        fleet.start_sim(buses=1, meters=4)
        fleet.write_config()
        notices = Notices(fleet)
        fleet.start_daemon()
        notices.wait(10, READY="1")
        notices.wait(10, STATUS="4 of 4 meters online, broker connected")
        mark = len(notices.heard)
        fleet.daemon.child.send_signal(signal.SIGHUP)
        reloading = notices.wait(10, since=mark, RELOADING="1")
        need(int(reloading["MONOTONIC_USEC"]) > 0)
        notices.wait(10, since=mark, READY="1")
        notices.wait(10, since=mark, STATUS="4 of 4 meters online, broker connected")
        equal(fleet.daemon.stop()[0], 0, "exit code")
        need(any(n.get("STOPPING") == "1" for n in notices.poll()), notices.heard)


def waits_for_everything():
    """READY also without line and broker; the STATUS says what is not there"""
    with Fleet() as fleet:
        fleet.start_broker(subscribe=False)
        fleet.broker.kill()
        fleet.buses, fleet.meters = 1, 2
        fleet.write_config()
        notices = Notices(fleet)
        fleet.start_daemon()
        notices.wait(10, READY="1")
        notices.wait(10, STATUS="0 of 2 meters online, broker not connected")


def watchdog():
    """the watchdog is fed in time, also with a line that is lost and a broker that is frozen"""
    with Fleet() as fleet:
        fleet.start_broker()
        fleet.start_sim(buses=1, meters=1, faults="+2s bus0 unplug\n")
        fleet.write_config()
        notices = Notices(fleet, watchdog_ms=4000)
        fleet.start_daemon()
        fleet.daemon.wait_line(r"lost", 10)
        fleet.broker.freeze()
        mark = len(notices.poll())

        def feeds():
            return [n for n in notices.poll()[mark:] if n.get("WATCHDOG") == "1"]
        wait_until(lambda: len(feeds()) >= 3, 8 * PATIENCE, "three feeds in 8 s")


def journal():
    """under the journal each line begins with its level"""
    with Fleet() as fleet:
        fleet.buses, fleet.meters = 1, 1
        fleet.write_config()
        log = fleet.path("journal.log")
        with open(log, "w", encoding="utf-8"):
            st = os.stat(log)
        fleet.env["JOURNAL_STREAM"] = f"{st.st_dev}:{st.st_ino}"
        fleet.daemon = Process([program("meterfleetd"), "-c", fleet.ini], log, fleet.env)
        fleet.daemon.wait_line(r"^<6>meterfleetd: started", 10)
        equal(fleet.daemon.stop()[0], 0, "exit code")
        need(all(line[:1] == "<" and line[2:3] == ">" for line in fleet.daemon.log().splitlines()), fleet.daemon.log())


run([life, waits_for_everything, watchdog, journal])
