"""Every topic says what the contract promises: retained or not, cleared or not, newest first."""
import json
import os
import sys
from contextlib import contextmanager
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fleet import free_port  # noqa: E402
from mqtt_feed import P, Site, answer_of, dump  # noqa: E402
from tap import equal, need, run, wait_until  # noqa: E402

LEDGER = "0badcafe"


def row(seq, **members):
    return dump({"ledger": LEDGER, "seq": seq, "ts": "2026-11-01T00:00:00.000Z", **members})


@contextmanager
def connected(rows=0, **keys):
    """A site whose gateway has said everything there is to say at a connect."""
    with Site() as site:
        site.start_broker()
        site.feed(rows=rows, **keys)
        site.sub.wait(lambda m: m.topic == P + "info", 10, "P/info")
        yield site


def live_goes_by():
    """A live value goes out at once, QoS 0, and the broker keeps nothing of it"""
    with connected() as site:
        site.feeder.do("live m2 229800")
        m = site.sub.wait(lambda m: m.topic == P + "meter/m2/live", 2, "the live value")
        equal(m.qos, 0, "QoS")
        body = m.json()
        equal((body["voltage"], body["quality"]), (229.8, "ok"), "payload")
        need("ts" in body and "ts_ms" in body and "seq" not in body, body)
        need("meter/m2/live" not in site.retained(), "kept by the broker")


def live_after_outage():
    """The first live value after the broker came; None when it went out before our subscriber was there."""
    with Site() as site:
        site.port = free_port()
        site.feed()
        for value in range(1, 50):
            site.feeder.do(f"live m1 {value}000")
        site.start_broker()
        site.wait_connected()
        site.feeder.do("meter m1 online")  # behind the live value on the same connection
        site.sub.wait(lambda m: m.topic == P + "meter/m1/status", 5, "the status")
        return next((m for m in site.sub.poll() if m.topic == P + "meter/m1/live"), None)


def live_without_broker():
    """While the broker is away live values are dropped, and only the newest goes out when it is back"""
    for _ in range(5):  # QoS 0: who subscribes a moment late misses it
        first = live_after_outage()
        if first is not None:
            equal(first.json()["voltage"], 49, "the newest")
            return
    need(False, "no live value in five outages")


def status_and_relay():
    """A meter's status and its relay come retained, at once when they change"""
    with connected() as site:
        site.feeder.do("meter m1 online")
        site.sub.wait(lambda m: (m.topic, m.payload, m.qos) == (P + "meter/m1/status", "online", 1), 2, "online")
        site.feeder.do("meter m1 stale")
        site.sub.wait(lambda m: (m.topic, m.payload) == (P + "meter/m1/status", "stale"), 2, "stale")
        site.feeder.do("relay m1 0")
        m = site.sub.wait(lambda m: m.topic == P + "meter/m1/relay", 2, "the relay")
        equal(m.json()["state"], "open", "state")
        kept = site.retained()
        equal(kept["meter/m1/status"], "stale", "kept")
        need('"open"' in kept["meter/m1/relay"], kept["meter/m1/relay"])


def bus_payload():
    """P/bus/NAME has counters, round trip and shares of the wire"""
    with Site() as site:
        site.port = free_port()
        site.feed().do("bus open")
        site.start_broker()
        body = site.sub.wait(lambda m: m.topic == P + "bus/north", 10, "the bus").json()
        equal(body["counters"]["ok"], 7, "ok")
        equal(sorted(body["counters"]), sorted("ok timeout crc short foreign exception late retried missed".split()), "counters")
        equal(sorted(body["rtt_ms"]), ["p50", "p99"], "round trip")
        equal(body["wire_share"]["live"], 0.25, "live share")
        equal(body["wire_share"]["idle"], 0.75, "idle share")
        need("ts" in body and "since" in body, body)


def info_members():
    """P/info says version, configuration, buses, meters, clock and the numbers of the ledger"""
    with connected(rows=5) as site:
        site.wait_acked("1-5")
        info = wait_until(lambda: next((m.json() for m in site.sub.poll() if m.topic == P + "info"
                                        and m.json().get("acked_seq") == 5), None), 15, "P/info with everything acknowledged")
        equal(sorted(info), sorted("ts version config buses meters clock ledger last_seq acked_seq database_bytes".split()), "members")
        equal((info["buses"], info["meters"], info["clock"], info["ledger"], info["last_seq"], info["database_bytes"]),
              ({"north": "closed"}, 3, "right", LEDGER, 5, 4096), "values")
        count = len(site.sub.having("/info$"))
        site.feeder.do("bus lost")
        m = wait_until(lambda: site.sub.having("/info$")[count:], 2, "P/info after a change")[0]
        equal(m.json()["buses"], {"north": "lost"}, "the change")


def settlements():
    """A settlement has a topic of its own; the newest period also stands on the plain topic, a late older one does not"""
    with connected() as site:
        for seq, period in ((1, "2026-10-01"), (2, "2026-11-01"), (3, "2026-09-01")):
            topic = f"meter/m1/settlement/{period}"
            site.feeder.do(f"add settlement {topic} " + row(seq, period_end=period, active_energy_combined=seq))
            site.wait_acked(f"1-{seq}")
        kept = site.retained()
        equal({t: json.loads(v)["seq"] for t, v in kept.items() if "settlement" in t},
              {"meter/m1/settlement": 2, "meter/m1/settlement/2026-10-01": 1, "meter/m1/settlement/2026-11-01": 2,
               "meter/m1/settlement/2026-09-01": 3}, "kept")
        equal([m.json()["seq"] for m in site.sub.having("/settlement$")], [1, 2], "plain topic")


def two_years_are_kept():
    """Of the settlement topics 24 are kept: the 25th newest period is cleared, one older than that is not kept"""
    with connected() as site:
        periods = [f"{2024 + (m // 12)}-{m % 12 + 1:02d}-01" for m in range(26)]
        for seq, period in enumerate(periods, 1):
            site.feeder.do(f"add settlement meter/m1/settlement/{period} " + row(seq, period_end=period))
        site.feeder.do("add settlement meter/m1/settlement/2020-01-01 " + row(27, period_end="2020-01-01"))
        site.wait_acked("1-27")
        kept = [t for t in site.retained() if "/settlement/" in t]
        equal(sorted(kept), [f"meter/m1/settlement/{p}" for p in periods[2:]], "kept")
        need(site.sub.having("/settlement/2020-01-01$"), "it was sent all the same")


def findings():
    """A finding is kept while it is open; closed it comes once more and its topic is cleared"""
    with connected() as site:
        topic = "meter/m1/finding/17"
        site.feeder.do(f"add finding {topic} " + row(1, id=17, meter="m1", rule="T2", closed=None))
        site.wait_acked("1-1")
        equal(json.loads(site.retained()[topic])["id"], 17, "open")
        site.feeder.do(f"add finding {topic} " + row(2, id=17, meter="m1", rule="T2", closed="2026-11-02T00:00:00.000Z"))
        site.wait_acked("1-2")
        site.sub.wait(lambda m: m.topic == P + topic and m.payload == "", 5, "the clearing")
        need(topic not in site.retained(), "still kept")
        equal([m.payload[:1] for m in site.sub.having("finding/17$")], ["{", "{", ""], "messages")


def finding_closed_meanwhile():
    """A finding closed while the broker was away: its last message, then the clearing, on the next connection"""
    with connected() as site:
        topic = "meter/m1/finding/17"
        first = row(1, id=17, closed=None)
        site.feeder.do(f"add finding {topic} " + first)
        wait_until(lambda: '"acked_seq":1' in site.retained().get("info", ""), 20, "P/info")
        need(topic in site.retained(), "kept")
        site.feeder.stop_publisher()
        site.feeder.end()
        since = len(site.sub.poll())
        site.feed(closed=1, acked="1-1")
        site.feeder.do(f"add finding {topic} " + first)
        site.feeder.do(f"add finding {topic} " + row(2, id=17, closed="2026-11-02T00:00:00.000Z"))
        site.feeder.do("open")
        site.wait_acked("1-2", 20)
        site.sub.wait(lambda m: m.topic == P + topic and m.payload == "", 10, "the clearing", since)
        equal([m.payload[:1] for m in site.sub.poll()[since:] if m.topic == P + topic], ["{", ""], "messages")
        need(topic not in site.retained(), "still kept")


def gaps_go_to_history():
    """A gap message goes to history as it is, with its seq, and the numbers it names are done"""
    with connected(rows=3) as site:
        site.wait_acked("1-3")
        since = len(site.sub.poll())
        site.feeder.do("add gap - " + row(4, gap={"from": 1, "to": 2, "reason": "retention"}))
        site.wait_acked("1-4")
        got = wait_until(lambda: site.history(since), 5, "history")
        equal((got[0]["seq"], got[0]["gap"]), (4, {"from": 1, "to": 2, "reason": "retention"}), "gap")


def rows_gone_before_they_were_sent():
    """Rows that left before they were acknowledged do not hold up the ledger"""
    with Site() as site:
        site.port = free_port()
        site.feed(rows=100)
        site.feeder.do("forget 1 60 retention")
        site.feeder.do("add gap - " + row(101, gap={"from": 1, "to": 60, "reason": "retention"}))
        site.start_broker()
        site.wait_acked("1-101")
        got = site.history()
        equal([o["payload"]["seq"] for o in got if "payload" in o], list(range(61, 101)), "history")
        equal(got[-1]["gap"]["to"], 60, "gap")


def another_ledger():
    """When another ledger takes the place of the first, its numbers begin at 1 and its messages go out"""
    with connected(rows=20) as site:
        site.wait_acked("1-20")
        site.feeder.do("ledger deadbeef")
        site.feeder.do("store 4")
        site.wait_acked("1-4")
        site.sub.wait(lambda m: m.topic == P + "info" and m.json()["ledger"] == "deadbeef", 5, "P/info of the new ledger")
        got = [m.json() for m in site.sub.having("/energy$")] + [o["payload"] for o in site.history() if "payload" in o]
        # what was stored before the publisher heard of the new ledger comes as history
        equal(sorted({o["seq"] for o in got if o["ledger"] == "deadbeef"}), [1, 2, 3, 4], "numbers")
        since = len(site.sub.poll())
        site.publish(P + "history/get", dump({"from": 1, "to": 20, "ledger": LEDGER}))
        equal(answer_of(site, since)[0]["gap"]["reason"], "ledger", "the old one")


def ledger_opens_late():
    """Without a database the gateway is online and says so; the ledger follows when it opens"""
    with Site() as site:
        site.start_broker()
        site.feed(rows=10, closed=1)
        site.sub.wait(lambda m: (m.topic, m.payload) == (P + "status", "online"), 5, "online")
        info = site.sub.wait(lambda m: m.topic == P + "info", 10, "P/info").json()
        need("ledger" not in info and "last_seq" not in info, info)
        site.feeder.do("open")
        site.wait_acked("1-10")
        site.sub.wait(lambda m: m.topic == P + "info" and m.json().get("ledger") == LEDGER, 10, "P/info with the ledger")


def resumes_where_the_broker_is():
    """Only retained topics newer than what P/info says are sent again"""
    with connected(rows=30) as site:
        site.wait_acked("1-30")
        wait_until(lambda: '"acked_seq":30' in site.retained().get("info", ""), 20, "P/info")
        site.publish(P + "meter/m1/energy", "a marker nobody overwrites", "-r")
        site.feeder.stop_publisher()
        site.feeder.end()
        site.feed(rows=31, acked="1-30")
        site.wait_acked("1-31")
        site.sub.wait(lambda m: m.topic == P + "info" and '"acked_seq":31' in m.payload, 20, "P/info")
        kept = site.retained()
        equal(kept["meter/m1/energy"], "a marker nobody overwrites", "m1")
        need('"seq":31,' in kept["meter/m2/energy"], kept["meter/m2/energy"])


def meters_that_are_gone():
    """A meter or bus that is not configured any more loses all its retained topics at the next connect"""
    with Site() as site:
        site.start_broker()
        for topic in ("meter/old.name/status", "meter/old.name/energy", "meter/old.name/settlement/2026-10-01", "bus/west",
                      "meter/m1/settlement/2026-10-01"):
            site.publish(P + topic, '{"seq":1}', "-r")
        site.publish(P.replace("site-a", "site-b") + "meter/old.name/status", "online", "-r")
        site.feed(rows=3).do("meter m1 online")
        site.wait_acked("1-3")
        site.sub.wait(lambda m: m.topic == P + "info", 10, "P/info")
        kept = site.retained()
        equal(sorted(kept), ["bus/north", "info", "meter/m1/energy", "meter/m1/settlement/2026-10-01", "meter/m1/status",
                             "meter/m2/energy", "meter/m3/energy", "status"], "kept")
        need(any("site-b" in m.topic for m in site.sub.poll()), "the neighbour's")
        need(not [m for m in site.sub.having("site-b") if m.payload == ""], "the neighbour's was cleared")


run([live_goes_by, live_without_broker, status_and_relay, bus_payload, info_members, settlements, two_years_are_kept, findings,
     finding_closed_meanwhile, gaps_go_to_history, rows_gone_before_they_were_sent, another_ledger, ledger_opens_late,
     resumes_where_the_broker_is, meters_that_are_gone])
