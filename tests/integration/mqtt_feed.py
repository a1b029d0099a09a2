"""mqtt_feed.py - the publisher over a ledger in memory, and what its consumers heard.

    with Site() as site:
        site.start_broker()
        feed = site.feed(rows=100)
        site.wait_acked("1-100")

Feeder drives mqtt_feeder (see there for the commands); Site is a Fleet without meters and daemon.
"""
import json
import os
import re
import subprocess
import time

from fleet import PATIENCE, Fleet, Process, _die_with_parent, _running, program
from tap import Failed, need, wait_until

P = "meterfleet/site-a/"


class Feeder(Process):
    def __init__(self, argv, log):
        self.argv, self.path, self.start_offset = argv, log, 0
        with open(log, "ab") as out:
            self.start_offset = out.tell()
            self.child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out, text=True, bufsize=1,
                                          preexec_fn=_die_with_parent)
        self.pid = self.child.pid
        _running.append(self)

    def do(self, command):
        """The answer to one command, without its "ok"."""
        self.child.stdin.write(command + "\n")
        answer = self.child.stdout.readline()
        if not answer.startswith("ok"):
            raise Failed(f"{command!r}: {answer!r}, the feeder says:\n{self.log()}")
        return answer[2:].strip()

    def acked(self):
        return self.do("acked")

    def status(self):
        """(connected, last_seq, acked_seq, published, detail)"""
        connected, last, acked, published, *detail = self.do("status").split(" ", 4)
        return connected == "1", int(last), int(acked), int(published), detail[0] if detail else ""

    def stop_publisher(self):
        """Milliseconds of the orderly stop."""
        return int(self.do("stop"))

    def end(self):
        if self.alive():
            self.child.stdin.close()
            self.wait_end(10)


class Site(Fleet):
    feeder = None

    def feed(self, *options, host="127.0.0.1", port=None, **keys):
        argv = [program("mqtt_feeder"), host, str(port or self.port)] + [f"{k}={v}" for k, v in keys.items()] + list(options)
        self.feeder = Feeder(argv, self.path("feeder.log"))
        return self.feeder

    def __exit__(self, kind, *rest):
        if self.feeder is not None:
            clean = self.feeder.alive()
            if kind is None:
                self.feeder.end()
                need(not clean or self.feeder.child.returncode == 0, "the feeder ended with", self.feeder.child.returncode,
                     self.feeder.log())
            self.feeder.kill()
        return super().__exit__(kind, *rest)

    def testimony(self):
        text = super().testimony()
        if self.feeder is not None:
            text += "--- mqtt_feeder\n" + "\n".join(self.feeder.log().splitlines()[-60:]) + "\n"
        return text

    def wait_acked(self, spans, seconds=10):
        wait_until(lambda: self.feeder.acked() == spans, seconds * PATIENCE, f"acknowledged {spans}, it is {self.feeder.acked()}")

    def wait_connected(self, seconds=10):
        wait_until(lambda: self.feeder.status()[0], seconds * PATIENCE, "the connection")

    def publish(self, topic, payload, *options):
        subprocess.run(["mosquitto_pub", "-V", "5", "-h", "127.0.0.1", "-p", str(self.port), "-t", topic, "-m", payload, "-q", "1",
                        *options], check=True)

    def retained(self, seconds=1):
        """What the broker keeps under our prefix: {topic without it: payload}."""
        out = subprocess.run(["mosquitto_sub", "-V", "5", "-h", "127.0.0.1", "-p", str(self.port), "-t", P + "#", "-F", "%r %t %p",
                              "--retained-only", "-W", str(seconds)], capture_output=True, text=True, check=False).stdout
        kept = {}
        for line in out.splitlines():
            flag, topic, payload = (line.split(" ", 2) + [""])[:3]
            if flag == "1":
                kept[topic[len(P):]] = payload
        return kept

    # What a consumer makes of the messages ---------------------------------------------------------------------

    def numbers(self):
        """{seq: (topic without prefix, payload)} over own topics and history; a seq never has two contents."""
        got = {}
        for m in self.sub.poll():
            if not m.topic.startswith(P) or not m.payload.startswith("{"):
                continue
            body = m.json()
            topic = m.topic[len(P):]
            if topic == "history":
                if "topic" not in body:
                    continue
                topic, body = body["topic"][len(P):], body["payload"]
            if "seq" not in body or (topic.endswith("/settlement")):
                continue
            content = (topic, body)
            need(got.setdefault(body["seq"], content) == content, "two contents of seq", body["seq"], got[body["seq"]], content)
        return got

    def complete(self, last, got=None, seconds=20):
        """Does what doc/mqtt.md tells a consumer: counts, and asks again for what is missing until nothing is."""
        got = dict(got or {})
        limit = time.monotonic() + seconds * PATIENCE
        while True:
            got.update(self.numbers())
            missing = [n for n in range(1, last + 1) if n not in got]
            if not missing:
                return got
            need(time.monotonic() < limit, len(missing), "numbers never came, the first is", missing[0])
            since = len(self.sub.poll())
            upto = next((n for n in range(missing[0], missing[0] + 900) if n in got or n > last), missing[0] + 900) - 1
            self.publish(P + "history/get", dump({"from": missing[0], "to": upto}))
            answer_of(self, since)

    def history(self, since=0):
        """The objects on P/history, in order."""
        return [m.json() for m in self.sub.poll()[since:] if m.topic == P + "history"]


def seqs(objects):
    return [o["payload"]["seq"] for o in objects if "payload" in o]


def answer_of(site, since, seconds=10):
    """Everything on P/history from message `since` on up to and including the end of one answer."""
    def look():
        got = site.history(since)
        ends = [i for i, o in enumerate(got) if "get" in o]
        return got[:ends[0] + 1] if ends else None
    return wait_until(look, seconds * PATIENCE, "the end of an answer")


def dump(value):
    return json.dumps(value, sort_keys=True)


def log_lines(path, pattern):
    if not os.path.exists(path):
        return []
    with open(path, errors="replace") as f:
        return [line for line in f.read().splitlines() if re.search(pattern, line)]
