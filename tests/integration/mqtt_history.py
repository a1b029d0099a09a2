"""P/history/get: a consumer that missed something asks again and gets the content of the first time."""
import os
import subprocess
import sys
import time
from contextlib import contextmanager
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from mqtt_feed import P, Site, answer_of, dump, seqs  # noqa: E402
from tap import Failed, equal, need, run, wait_until  # noqa: E402

LEDGER = "0badcafe"


@contextmanager
def settled(rows=300, **keys):
    """A site whose ledger is all acknowledged and whose broker is quiet."""
    with Site() as site:
        site.start_broker()
        site.feed(rows=rows, **keys)
        site.wait_acked(f"1-{rows}")
        site.sub.wait(lambda m: m.topic == P + "info", 10, "P/info")
        yield site


def ask(site, text):
    """The whole answer to one request."""
    since = len(site.sub.poll())
    site.publish(P + "history/get", text)
    return answer_of(site, since)


def the_answer():
    """The rows come in order with the content of the first time, then how many they were"""
    with settled() as site:
        before = site.numbers()
        got = ask(site, '{"from":11,"to":40}')
        equal(seqs(got), list(range(11, 41)), "numbers")
        for o in got[:-1]:
            equal(sorted(o), ["payload", "topic"], "members")
            need(o["topic"].startswith(P), o["topic"])
            equal((o["topic"][len(P):], o["payload"]), before[o["payload"]["seq"]], "content")
        end = got[-1]
        equal(end["get"], {"from": 11, "to": 40}, "get")
        equal((end["ledger"], end["rows"]), (LEDGER, 30), "end")
        need(end["ts"].endswith("Z") and "seq" not in end and "error" not in end, end)


def gaps():
    """Numbers no longer stored are told as gaps without seq, with the reason that is known"""
    with settled() as site:
        site.feeder.do("forget 10 19 damage")
        site.feeder.do("forget 31 32 -")
        got = ask(site, '{"from":5,"to":35}')
        kinds = [o["payload"]["seq"] if "payload" in o else o["gap"] for o in got if "get" not in o]
        equal(kinds, [5, 6, 7, 8, 9, {"from": 10, "to": 19, "reason": "damage"}, *range(20, 31),
                      {"from": 31, "to": 32, "reason": "retention"}, 33, 34, 35], "answer")
        need(all("seq" not in o and o["ledger"] == LEDGER and "ts" in o for o in got if "gap" in o), "gap objects")
        equal(got[-1]["rows"], 19, "rows")


def beyond_the_end():
    """`to` above the last number is cut and told as cut; a number not yet given is no gap"""
    with settled() as site:
        got = ask(site, '{"from":299,"to":5000}')
        equal(seqs(got), [299, 300], "numbers")
        equal((got[-1]["get"], got[-1]["rows"]), ({"from": 299, "to": 300}, 2), "end")
        got = ask(site, '{"from":301,"to":310}')
        equal((len(got), got[-1]["rows"], got[-1]["get"]["from"]), (1, 0, 301), "nothing yet")


def other_ledger():
    """Another ledger than the present one is one gap with the reason ledger"""
    with settled() as site:
        got = ask(site, '{"from":3,"to":90,"ledger":"12345678"}')
        equal([o.get("gap") for o in got], [{"from": 3, "to": 90, "reason": "ledger"}, None], "gap")
        equal((got[0]["ledger"], got[-1]["ledger"], got[-1]["rows"]), ("12345678", "12345678", 0), "ledger")
        got = ask(site, '{"from":3,"to":4,"ledger":"' + LEDGER + '"}')
        equal((seqs(got), got[-1]["rows"]), ([3, 4], 2), "the present one by name")


def errors():
    """What cannot be answered is told: range and malformed"""
    with settled() as site:
        for text, get, error in (('{"from":0,"to":5}', {"from": 0, "to": 5}, "range"),
                                 ('{"from":9,"to":5}', {"from": 9, "to": 5}, "range"),
                                 ('{"from":1,"to":100001}', {"from": 1, "to": 100001}, "range"),
                                 ('{"from":1}', {}, "malformed"),
                                 ("give me all", {}, "malformed"),
                                 ('{"from":1,"from":2,"to":3}', {}, "malformed"),
                                 ("[" * 900, {}, "malformed"),
                                 ("x" * 100000, {}, "malformed")):
            got = ask(site, text)
            equal(len(got), 1, "messages")
            equal((got[0]["get"], got[0]["error"]), (get, error), text[:40])
            need("rows" not in got[0] and got[0]["ledger"] == LEDGER, got[0])


def one_line():
    """One is answered at a time, four wait, the next is told busy, and the answers keep their order"""
    with settled(rows=6000) as site:
        since = len(site.sub.poll())
        # One client sends them in one go, each answer is long.
        lines = "".join('{"from":%d,"to":%d}\n' % (i, 3999 + i) for i in range(1, 9))
        subprocess.run(["mosquitto_pub", "-V", "5", "-h", "127.0.0.1", "-p", str(site.port), "-t", P + "history/get", "-q", "1", "-l"],
                       input=lines, text=True, check=True)

        def ends():
            got = [o for o in site.history(since) if "get" in o]
            return got if len(got) == 8 else None
        got = wait_until(ends, 60, "eight ends")
        busy = [o["get"]["from"] for o in got if o.get("error") == "busy"]
        done = [o["get"]["from"] for o in got if "rows" in o]
        equal((done, busy), ([1, 2, 3, 4, 5], [6, 7, 8]), "answered and busy")
        need(all(o["rows"] == 4000 for o in got if "rows" in o), "rows")


def fast_and_behind():
    """An answer runs at 2000 messages a second at least, and a new message does not wait for it"""
    with settled(rows=20000) as site:
        site.sub.stop()
        site.subscribe()
        since = len(site.sub.poll())
        began = time.monotonic()
        site.publish(P + "history/get", '{"from":1,"to":20000}')
        site.sub.wait(lambda m: m.topic == P + "history", 5, "the first row", since)
        site.feeder.do("store 1")
        wait_until(lambda: site.feeder.acked() == "1-20001", 2, "the new row")
        need(not any("get" in o for o in site.history(since)[-1:]), "the answer was over before the new message came")
        got = answer_of(site, since, 30)
        rate = len(got) / (time.monotonic() - began)
        print(f"# {rate:.0f} messages a second")
        need(rate >= 2000, rate, "messages a second")
        equal(got[-1]["rows"], 20000, "rows")


def honest(site):
    """One request and its answer; False when the broker, full of the flood, dropped either of them."""
    since = len(site.sub.poll())
    site.publish(P + "history/get", '{"from":7,"to":7}')
    try:
        return answer_of(site, since, 1)[-1].get("rows") == 1
    except Failed:
        return False


def flood():
    """A flood of nonsense does not keep a fresh message from its topic, and an honest request is answered after it"""
    with settled() as site:
        since = len(site.sub.poll())
        subprocess.run(["mosquitto_pub", "-V", "5", "-h", "127.0.0.1", "-p", str(site.port), "-t", P + "history/get", "-q", "0", "-l"],
                       input="rubbish\n" * 20000, text=True, check=True)
        site.feeder.do("store 1")
        site.wait_acked("1-301", 5)
        told = [o for o in site.history(since) if o.get("error") == "malformed"]
        need(len(told) < 100, len(told), "answers to a flood")
        wait_until(lambda: honest(site), 60, "an honest answer")


def retained_request():
    """A request that lies retained at the broker is not answered"""
    with Site() as site:
        site.start_broker()
        site.publish(P + "history/get", '{"from":1,"to":5}', "-r")
        site.feed(rows=10)
        site.wait_acked("1-10")
        site.sub.wait(lambda m: m.topic == P + "info", 10, "P/info")
        need(not any("get" in o for o in site.history()), "it was answered")
        equal(ask(site, '{"from":2,"to":2}')[-1]["rows"], 1, "a live one")


def unreadable():
    """While the database cannot be read an answer waits, and comes when it can"""
    with settled() as site:
        site.feeder.do("fail on")
        since = len(site.sub.poll())
        site.publish(P + "history/get", dump({"from": 1, "to": 3}))
        site.feeder.wait_line("the ledger cannot be read", 5)
        site.feeder.do("store 1")
        site.feeder.do("fail off")
        equal(seqs(answer_of(site, since, 5)), [1, 2, 3], "numbers")
        site.wait_acked("1-301", 5)


run([the_answer, gaps, beyond_the_end, other_ledger, errors, one_line, fast_and_behind, flood, retained_request, unreadable])
