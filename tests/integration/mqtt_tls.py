"""TLS: the broker's name and authority are always checked, the cause is named once, and a repaired file heals alone."""
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fleet import PATIENCE  # noqa: E402
from mqtt_feed import Site, log_lines  # noqa: E402
from tap import Skip, equal, need, run, wait_until  # noqa: E402


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def authority(site, name):
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-days", "2", "-keyout", site.path(name + ".key"),
            "-out", site.path(name + ".pem"))


def certificate(site, name, by, subject_alt, *options):
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", site.path(name + ".key"), "-out",
            site.path(name + ".csr"))
    ext = site.write_file(name + ".ext", f"subjectAltName={subject_alt}\n")
    openssl("x509", "-req", "-in", site.path(name + ".csr"), "-CA", site.path(by + ".pem"), "-CAkey", site.path(by + ".key"),
            "-CAcreateserial", "-out", site.path(name + ".pem"), "-extfile", ext, *(options or ("-days", "2")))


def broker(site, name="server", extra=""):
    """The listener of start_broker() with TLS on it."""
    site.start_broker(subscribe=False, extra=f"cafile {site.path('ca.pem')}\ncertfile {site.path(name + '.pem')}\n"
                      f"keyfile {site.path(name + '.key')}\n{extra}")


@contextmanager
def pki():
    """A site with an authority and a broker's certificate."""
    if shutil.which("openssl") is None:
        raise Skip("no openssl")
    with Site() as site:
        authority(site, "ca")
        certificate(site, "server", "ca", "DNS:localhost,IP:127.0.0.1")
        yield site


def refused(site, pattern, **keys):
    site.feed(rows=3, tls=1, **keys)
    site.feeder.wait_line("not connected: .*" + pattern, 15)
    time.sleep(2.5)
    equal(len(log_lines(site.feeder.path, "not connected")), 1, "lines")
    need(not site.feeder.status()[0] and site.feeder.acked() == "", "it connected")


def right():
    """With the right authority everything goes out"""
    with pki() as site:
        broker(site)
        site.feed(rows=500, tls=1, ca=site.path("ca.pem"), host="localhost")
        site.wait_acked("1-500", 15)
        site.feeder.do("store 200")
        site.wait_acked("1-700", 15)
        need(site.feeder.stop_publisher() < 2000, "the stop")


def another_authority():
    """A certificate of another authority is refused and named; the right file heals it without a restart"""
    with pki() as site:
        authority(site, "other")
        shutil.copy(site.path("other.pem"), site.path("trusted.pem"))
        broker(site)
        refused(site, "certificate verify failed", ca=site.path("trusted.pem"))
        shutil.copy(site.path("ca.pem"), site.path("trusted.pem"))
        site.wait_acked("1-3", 15)


def wrong_name():
    """A certificate for another name is refused"""
    with pki() as site:
        certificate(site, "elsewhere", "ca", "DNS:broker.example")
        broker(site, "elsewhere")
        refused(site, "certificate verify failed|host name verification failed", ca=site.path("ca.pem"))


def expired():
    """An expired certificate is refused"""
    with pki() as site:
        certificate(site, "old", "ca", "IP:127.0.0.1", "-days", "-1")
        broker(site, "old")
        refused(site, "certificate verify failed|expired", ca=site.path("ca.pem"))


def no_authority_named():
    """Without ca_file the system's authorities count, and ours is not among them"""
    with pki() as site:
        broker(site)
        refused(site, "certificate verify failed")


def missing_file():
    """A missing authority or key file is named"""
    with pki() as site:
        broker(site)
        refused(site, "ca_file .*none.pem: No such file", ca=site.path("none.pem"))


def client_certificate():
    """A broker that wants a certificate gets ours"""
    with pki() as site:
        certificate(site, "client", "ca", "DNS:site-a")
        broker(site, extra="require_certificate true\nuse_identity_as_username true")
        site.feed(rows=9, tls=1, ca=site.path("ca.pem"), cert=site.path("client.pem"), key=site.path("client.key"))
        site.wait_acked("1-9", 15)
        site.feeder.end()
        site.feed(rows=9, tls=1, ca=site.path("ca.pem"))
        site.feeder.wait_line("not connected", 15)
        time.sleep(1)
        need(site.feeder.acked() == "", "it connected without a certificate")


def plain_broker():
    """A broker without TLS behind mqtts is given up, and the stop does not wait"""
    with pki() as site:
        site.start_broker()
        site.feed(rows=3, tls=1, ca=site.path("ca.pem"))
        site.feeder.wait_line("not connected", 30)
        need(site.feeder.stop_publisher() < 2000, "the stop")


def broker_replaced():
    """A broker killed and started again with a new certificate of the same authority: connected within seconds"""
    with pki() as site:
        broker(site)
        site.feed(rows=3, tls=1, ca=site.path("ca.pem"))
        site.wait_acked("1-3", 15)
        site.broker.kill()
        certificate(site, "server", "ca", "IP:127.0.0.1")
        site.feeder.do("store 5")
        broker(site)
        began = time.monotonic()
        site.wait_acked("1-8", 15)
        need(time.monotonic() - began < 5 * PATIENCE, "took", time.monotonic() - began)


MUTE = """
import os, socket, subprocess, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53))
feeder = subprocess.Popen([sys.argv[1], "broker.example", "1883", "rows=3"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
s.settimeout(10)
s.recvfrom(500)                     # the question that nobody answers
feeder.stdin.write("stop\\n")
feeder.stdin.flush()
print(feeder.stdout.readline())
feeder.stdin.close()
print(feeder.wait(5))
"""


def mute_name_server():
    """A name server that does not answer delays neither the stop nor the end of the process"""
    with Site() as site:
        resolv = site.write_file("resolv.conf", "nameserver 127.0.0.1\n")
        script = site.write_file("mute.py", MUTE)
        from fleet import program
        inside = f"ip link set lo up && mount --bind {resolv} /etc/resolv.conf && exec {sys.executable} {script} {program('mqtt_feeder')}"
        probe = subprocess.run(["unshare", "-Urmn", "sh", "-c", f"ip link set lo up && mount --bind {resolv} /etc/resolv.conf"],
                               capture_output=True, check=False)
        if probe.returncode != 0:
            raise Skip("no name spaces here")
        done = subprocess.run(["unshare", "-Urmn", "sh", "-c", inside], capture_output=True, text=True, check=False, timeout=60)
        lines = done.stdout.split()
        need(len(lines) == 3 and lines[0] == "ok", done.stdout, done.stderr)
        need(int(lines[1]) <= 2000, "the stop took", lines[1])
        equal(lines[2], "0", "exit code")


run([right, another_authority, wrong_name, expired, no_authority_named, missing_file, client_certificate, plain_broker, broker_replaced,
     mute_name_server])
