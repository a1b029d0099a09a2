"""Brokers that are away, silent, frozen, talk nonsense or refuse: waited for, named once, and the stop never waits for them."""
import os
import re
import signal
import socket
import sys
import threading
import time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fleet import PATIENCE, free_port  # noqa: E402
from mqtt_feed import P, Site, dump, log_lines  # noqa: E402
from tap import equal, need, run, wait_until  # noqa: E402


class Peer:
    """A broker by script: `talk(connection)` runs for each client in turn; .times has when they came."""

    def __init__(self, talk):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.talk, self.times, self.kept = talk, [], []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                c, _ = self.listener.accept()
            except OSError:
                return
            self.times.append(time.monotonic())
            self.kept.append(c)
            try:
                self.talk(c)
            except OSError:
                pass


def stop_time(site, what):
    took = site.feeder.stop_publisher()
    need(took <= 2000, "the stop took", took, "ms:", what)
    return took


def down_at_start():
    """A broker that is down is waited for, the cause is told once, and everything goes out when it comes"""
    with Site() as site:
        site.port = free_port()
        site.feed(rows=20)
        site.feeder.wait_line("not connected: .*: Connection refused", 5)
        wait_until(lambda: "Connection refused" in site.feeder.status()[4], 5, "the cause in the status")
        time.sleep(3)
        equal(len(log_lines(site.feeder.path, "meterfleet: mqtt: not connected")), 1, "lines")
        site.start_broker()
        site.wait_acked("1-20", 10)
        equal(site.feeder.status()[4], "", "no cause any more")


def stop_while_down():
    """The stop is immediate while there is no broker"""
    with Site() as site:
        site.port = free_port()
        site.feed(rows=20)
        site.feeder.wait_line("not connected", 5)
        need(stop_time(site, "no broker") < 500, "at once")


def accepts_and_says_nothing():
    """A broker that accepts and then says nothing is given up after 10 s, and does not delay the stop"""
    peer = Peer(lambda c: None)
    with Site() as site:
        site.feed(port=peer.port)
        wait_until(lambda: peer.times, 5, "the connection")
        site.feeder.wait_line("not connected: .*: no answer from the broker", 20)
        wait_until(lambda: len(peer.times) > 1, 10, "the next try")
        stop_time(site, "silent broker")


def host_that_drops_everything():
    """A host that answers no SYN does not delay the stop"""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        crowd = []
        for _ in range(8):  # the queue of the listener is full: further SYNs are dropped
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(full.getsockname())
            crowd.append(s)
        with Site() as site:
            site.feed(port=full.getsockname()[1])
            time.sleep(1)
            need(not site.feeder.status()[0], "not connected")
            stop_time(site, "black hole")
        for s in crowd:
            s.close()


def orderly_stop():
    """The stop sends what is stored, then offline, then says goodbye"""
    with Site() as site:
        site.start_broker()
        site.feed(rows=5)
        site.wait_acked("1-5")
        site.feeder.do("store 300")
        stop_time(site, "with a broker")
        equal(site.feeder.acked(), "1-305", "acknowledged")
        wait_until(lambda: (P + "status", "offline") in [(m.topic, m.payload) for m in site.sub.poll()], 5, "offline")
        own = [m.topic for m in site.sub.poll() if m.topic.startswith(P)]
        equal(own[-1], P + "status", "the last message")
        equal(own.count(P + "status"), 2, "online and offline, no last will")
        equal(site.retained()["status"], "offline", "kept")


def last_will():
    """When the daemon dies the broker says offline"""
    with Site() as site:
        site.start_broker()
        site.feed()
        site.sub.wait(lambda m: m.payload == "online", 10, "online")
        site.feeder.kill()
        m = site.sub.wait(lambda m: m.topic == P + "status" and m.payload == "offline", 5, "the last will")
        equal(m.qos, 1, "QoS")
        equal(site.retained()["status"], "offline", "kept")


def frozen():
    """A frozen broker is noticed within two keepalives; the stop does not wait for it; thawed, everything arrives"""
    with Site() as site:
        site.start_broker()
        site.feed(rows=10)
        site.wait_acked("1-10")
        site.broker.freeze()
        began = time.monotonic()
        site.feeder.do("store 500")
        site.feeder.wait_line("not connected", 30)
        need(time.monotonic() - began < 25 * PATIENCE, "noticed after", time.monotonic() - began)
        site.broker.thaw()
        site.wait_acked("1-510", 30)
        site.complete(510)
        site.broker.freeze()
        site.feeder.do("store 500")
        time.sleep(0.3)
        stop_time(site, "frozen broker")
        site.broker.thaw()


def wrong_password():
    """A wrong password is named once; when the file is mended the connection comes by itself"""
    with Site() as site:
        site.start_broker(password="right")
        site.write_file("password", "wrong\n")
        site.feed(rows=3, username="site-a", password_file=site.path("password"))
        site.feeder.wait_line("not connected: .*: the broker refuses user name or password|does not authorise us", 10)
        time.sleep(2.5)
        equal(len(log_lines(site.feeder.path, "meterfleet: mqtt: not connected")), 1, "lines")
        need("right" not in site.feeder.log() and "wrong" not in site.feeder.log(), "a secret in the log")
        site.write_file("password", "right\n")
        site.wait_acked("1-3", 15)


def secret_that_is_none():
    """A password file that is missing, a directory or a FIFO is named and does not hang the stop"""
    with Site() as site:
        site.start_broker(password="right")
        os.mkfifo(site.path("fifo"))
        for path, why in (("missing", "No such file"), (".", "Invalid argument|Is a directory"), ("fifo", "Invalid argument")):
            site.feed(username="site-a", password_file=site.path(path))
            site.feeder.wait_line(f"not connected: .*password_file .*({why})", 10)
            stop_time(site, path)
            site.feeder.end()


def refused_topic():
    """A topic the broker does not allow: the row is set aside with its reason, the ledger goes on"""
    with Site() as site:
        site.write_file("acl", f"topic read #\ntopic write {P}status\ntopic write {P}info\ntopic write {P}meter/m1/energy\n"
                        f"topic write {P}meter/m3/energy\ntopic write {P}history\ntopic write test/#\n")
        site.start_broker(extra=f"acl_file {site.path('acl')}\nmax_queued_messages 100000")
        site.feed()
        site.wait_connected()
        site.feeder.do("store 9")
        site.wait_acked("1-9")
        site.feeder.wait_line("message set aside: seq 1: Not authorized", 5)
        equal(len(log_lines(site.feeder.path, "set aside")), 1, "lines")
        equal(sorted({m.json()["seq"] for m in site.sub.having("/energy$")}), [2, 3, 5, 6, 8, 9], "what came through")


def connection_ends_over_live():
    """A broker that closes the connection over live values gets the ledger all the same, and no storm of connections"""
    with Site() as site:
        # With max_queued_messages 0 this mosquitto closes the connection at any message its ACL refuses.
        site.write_file("acl", "topic read #\n" + "".join(f"topic write {P}{t}\n" for t in (
            "status", "info", "history", "meter/+/energy", "bus/+")) + "topic write test/#\n")
        site.start_broker(extra=f"acl_file {site.path('acl')}")
        site.feed(rows=20)
        wait_until(lambda: site.feeder.do("live m1 230000") or log_lines(site.feeder.path, "Not sent for 60 s"), 20 * PATIENCE,
                   "the pause")
        site.wait_acked("1-20")
        site.wait_connected()
        site.feeder.do("store 7")
        site.feeder.do("live m1 231000")
        site.wait_acked("1-27")
        need(len(log_lines(site.feeder.path, "connected:")) < 10, site.feeder.log())


def too_large():
    """A message larger than the broker takes is set aside with its reason, the ledger goes on"""
    with Site() as site:
        site.start_broker(extra="max_packet_size 2000")
        site.feed()
        site.wait_connected()
        site.feeder.do("store 1")
        site.feeder.do("add finding meter/m1/finding/1 " + dump({"seq": 2, "closed": None, "summary": "x" * 3000}))
        site.feeder.do("store 1")
        site.wait_acked("1-3")
        site.feeder.wait_line("message set aside: seq 2: larger than the broker takes", 5)
        need(site.feeder.status()[0], "still connected")


def one_at_a_time():
    """A broker that takes one message at a time gets every one"""
    with Site() as site:
        site.start_broker(extra="max_inflight_messages 1")
        site.feed(rows=50)
        site.wait_connected()
        for _ in range(10):
            site.feeder.do("store 5")
        site.wait_acked("1-100", 20)
        site.complete(100)


def taken_over():
    """Two gateways with one client_id do not spin, and the cause is guessed in the log"""
    with Site() as site:
        site.start_broker()
        site.feed(rows=3)
        site.wait_connected()
        first = site.feeder
        second = site.feed(rows=3)
        first.wait_line("not connected: .*is client_id meterfleet-site-a used twice", 40)
        site.feeder = first
        began, before = time.monotonic(), len(log_lines(site.path("mosquitto.log"), "New client connected"))
        time.sleep(5)
        rate = (len(log_lines(site.path("mosquitto.log"), "New client connected")) - before) / (time.monotonic() - began)
        need(rate < 4, rate, "connections a second")
        second.kill()


def speaks_only_the_old_version():
    """A broker that speaks only MQTT 3.1.1 is named"""
    def talk(c):
        c.recv(1000)
        c.sendall(b"\x20\x02\x00\x01")
        c.close()
    peer = Peer(talk)
    with Site() as site:
        site.feed(port=peer.port)
        site.feeder.wait_line("not connected: .*does not speak MQTT 5", 10)


def nonsense():
    """A broker that talks nonsense, or closes after its greeting, is tried again with pauses, without spinning"""
    scripts = [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\x20\x03\x00\x00\x00", b"\x20\x03\x00\x00\x00" + b"\x40\x02\x00\x09" * 50,
               b"\xff" * 300, b"\x20\xff\xff\xff\x7f" + b"A" * 50]
    for script in scripts:
        def talk(c):
            c.recv(1000)
            c.sendall(script)
            time.sleep(0.05)
            c.close()
        peer = Peer(talk)
        with Site() as site:
            site.feed(rows=5, port=peer.port)
            wait_until(lambda: len(peer.times) >= 3, 20, "three tries")
            pauses = [b - a for a, b in zip(peer.times, peer.times[1:])]
            need(all(p > 0.7 for p in pauses), "pauses", pauses, script[:20])
            cpu = re.search(r"\) \S+ .*", open(f"/proc/{site.feeder.pid}/stat").read()).group(0).split()
            need((int(cpu[12]) + int(cpu[13])) / os.sysconf("SC_CLK_TCK") < 1, "processor time", cpu[12:14])
            stop_time(site, script[:20])


def lost_with_a_broken_line():
    """kill -9 of the broker and a new one on the same port: reconnected within seconds"""
    with Site() as site:
        site.start_broker()
        site.feed(rows=3)
        site.wait_acked("1-3")
        site.broker.child.send_signal(signal.SIGKILL)
        site.broker.child.wait()
        site.feeder.wait_line("not connected: .*connection lost", 5)
        site.start_broker()
        began = time.monotonic()
        site.wait_connected(5)
        need(time.monotonic() - began < 3 * PATIENCE, "took long")


run([down_at_start, stop_while_down, accepts_and_says_nothing, host_that_drops_everything, orderly_stop, last_will, frozen,
     wrong_password, secret_that_is_none, refused_topic, connection_ends_over_live, too_large, one_at_a_time, taken_over, speaks_only_the_old_version, nonsense,
     lost_with_a_broken_line])
