"""What is stored reaches the broker: as history, on its own topic, retained, in order, once a connection and after losses."""
import sys
import os
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from mqtt_feed import P, Site, seqs  # noqa: E402
from tap import equal, need, run, wait_until  # noqa: E402


def history_then_own_topics():
    """What was stored before the connection goes to history in order, what is stored later to its own topic"""
    with Site() as site:
        site.start_broker()
        feed = site.feed(rows=500)
        site.wait_acked("1-500")
        feed.do("store 30")
        site.wait_acked("1-530")
        site.sub.wait(lambda m: '"seq":530' in m.payload, 5, "the last row")
        equal(seqs(site.history()), list(range(1, 501)), "history")
        own = [m.json()["seq"] for m in site.sub.having("/energy$") if m.json()["seq"] > 500]
        equal(own, list(range(501, 531)), "own topics")
        equal(len(site.numbers()), 530, "numbers")


def what_was_acknowledged_stays_so():
    """What was acknowledged before a restart is not sent again as history"""
    with Site() as site:
        site.start_broker()
        site.feed(rows=100, acked="1-40,51-60")
        site.wait_acked("1-100")
        equal(seqs(site.history()), list(range(41, 51)) + list(range(61, 101)), "history")


def connect_order():
    """online comes first, P/info last, and every retained topic between them"""
    with Site() as site:
        site.start_broker()
        feed = site.feed(rows=30)
        feed.do("meter m1 online")
        feed.do("meter m3 offline")
        feed.do("relay m2 1")
        feed.do("bus open")
        site.sub.wait(lambda m: m.topic == P + "info", 10, "P/info")
        site.wait_acked("1-30")
        kept = site.retained()
        equal(kept["status"], "online", "status")
        equal(kept["meter/m1/status"], "online", "m1")
        equal(kept["meter/m3/status"], "offline", "m3")
        need("meter/m2/status" not in kept, "a meter nobody has heard of has no status")
        need('"state":"closed"' in kept["meter/m2/relay"], kept["meter/m2/relay"])
        need(kept["bus/north"].startswith('{"ts":'), kept["bus/north"])
        for i, seq in ((1, 30), (2, 28), (3, 29)):
            need(f'"seq":{seq},' in kept[f"meter/m{i}/energy"], kept[f"meter/m{i}/energy"])
        order = [m.topic for m in site.sub.poll() if m.topic.startswith(P) and m.topic != P + "history"]
        equal(order[0], P + "status", "first")
        first_info = order.index(P + "info")
        for topic in ("meter/m1/energy", "meter/m2/energy", "meter/m3/energy"):
            need(P + topic in order[:first_info], topic, "before P/info in", order)


def broker_loses_everything():
    """A broker that was killed and lost its state gets every retained topic again, and consumers every number"""
    with Site() as site:
        site.start_broker()
        feed = site.feed(rows=60)
        feed.do("meter m1 online")
        site.wait_acked("1-60")
        site.sub.wait(lambda m: m.topic == P + "info", 10, "P/info")
        before = site.numbers()
        site.broker.kill()
        feed.do("store 25")
        site.start_broker()
        site.wait_acked("1-85", 20)
        site.sub.wait(lambda m: m.topic == P + "info", 10, "P/info again")
        after = site.numbers()
        equal(len({**before, **after}), 85, "numbers over both lives of the broker")
        for seq in before.keys() & after.keys():
            equal(after[seq], before[seq], f"content of {seq}")
        kept = site.retained()
        equal(sorted(kept), sorted(["status", "info", "bus/north", "meter/m1/status", "meter/m1/energy", "meter/m2/energy",
                                    "meter/m3/energy"]), "retained topics")
        need('"seq":84,' in kept["meter/m1/energy"], kept["meter/m1/energy"])


def killed_again_and_again():
    """Over ten kills of the broker in mid-stream a consumer that counts becomes complete, and no number has two contents"""
    with Site() as site:
        site.start_broker()
        feed = site.feed(rows=2000)
        got = {}
        for _ in range(10):
            count = len(site.sub.poll())
            wait_until(lambda: len(site.sub.poll()) > count + 3, 20, "some messages")
            feed.do("store 7")
            site.broker.kill()
            got.update(site.numbers())
            site.sub.kill()
            site.start_broker()
        site.wait_acked("1-2070", 60)
        wait_until(lambda: 2070 in site.numbers(), 5, "the last number")
        site.complete(2070, got)


def retained_never_goes_back():
    """While old retained topics are sent again, a newer message on the same topic is not overwritten"""
    with Site() as site:
        site.start_broker()
        feed = site.feed(rows=3000)
        for _ in range(40):
            feed.do("store 3")
        site.wait_acked("1-3120", 20)
        site.sub.wait(lambda m: m.topic == P + "info", 10, "P/info")
        for i in (1, 2, 3):
            own = [m.json()["seq"] for m in site.sub.having(f"/m{i}/energy$")]
            equal(own, sorted(own), f"order on the topic of m{i}")


run([history_then_own_topics, what_was_acknowledged_stays_so, connect_order, broker_loses_everything, killed_again_and_again,
     retained_never_goes_back])
