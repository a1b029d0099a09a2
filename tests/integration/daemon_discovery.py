"""Home Assistant finds every meter by itself, and loses those that are gone."""
import re
import signal
import subprocess

from fleet import PATIENCE, Fleet
from tap import equal, need, run, wait_until

HEAD = "homeassistant/device/"
UNITS = {"voltage": "V", "current": "A", "power": "W", "reactive_power": "var", "apparent_power": "VA", "frequency": "Hz",
         "energy": "kWh"}  # what the device classes of Home Assistant allow, of those we use


def keep(fleet, topic, payload):
    subprocess.run(["mosquitto_pub", "-V", "5", "-h", "127.0.0.1", "-p", str(fleet.port), "-r", "-t", topic, "-m", payload],
                   check=True)


def a_site(fleet, **mqtt):
    fleet.start_broker()
    fleet.start_sim(buses=1, meters=2)
    fleet.site()["mqtt"].update(mqtt)
    fleet.sections["meter shop.1"] = {"bus": "b0", "address": "2", "model": "kpm31", "label": "Shop, \"left\"", "serial": "42"}
    fleet.sections["meters m0"]["addresses"] = "1"
    fleet.write_config()
    fleet.start_daemon()


def is_sound(body, sub):
    """Each component has what Home Assistant asks for, and its value comes where it says."""
    ids = [c["uniq_id"] for c in body["cmps"].values()]
    equal(len(set(ids)), len(ids), "unique ids")
    for name, c in body["cmps"].items():
        need(c["p"] != "sensor" or "default('')" in c["val_tpl"], "a message without this value would empty it:", c)
        need(re.fullmatch(r"[A-Za-z0-9_-]+", name) and c["p"] in ("sensor", "binary_sensor"), name, c)
        key = re.search(r"value_json\.([a-z0-9_]+)", c["val_tpl"])[1]
        sub.wait(lambda m, c=c, key=key: m.topic == c["stat_t"] and key in m.json(), 20, f"{key} on {c['stat_t']}")
        if "dev_cla" in c and c["dev_cla"] != "power_factor":
            equal(c["unit_of_meas"], UNITS[c["dev_cla"]], name)
        if c.get("dev_cla") == "energy":
            need(c["stat_cla"] in ("total", "total_increasing"), name, c)
    for place in body["avty"]:
        sub.wait(lambda m, place=place: (m.topic, m.payload) == (place["t"], place["pl_avail"]), 20, place["t"])


def each_meter_is_a_device():
    """homeassistant = yes: a device a meter, whose values come on the topics it names; '.' becomes '_'"""
    with Fleet() as fleet:
        a_site(fleet, homeassistant="yes")
        for meter, name in (("m0-1", "m0-1"), ("shop_1", 'Shop, "left"')):
            m = fleet.sub.wait(lambda m, meter=meter: m.topic == f"{HEAD}site-a_{meter}/config", 20, f"discovery of {meter}")
            equal(m.qos, 1, "QoS")
            body = m.json()
            equal((body["dev"]["name"], body["dev"]["ids"]), (name, [f"meterfleet_site-a_{meter}"]), "device")
            need({"voltage", "active_power", "active_energy_total", "active_energy_valley", "reactive_energy_total", "relay",
                  "apparent_demand"} <= set(body["cmps"]), sorted(body["cmps"]))
            equal(body["dev"].get("sn"), "42" if meter == "shop_1" else None, "serial")
            is_sound(body, fleet.sub)


def who_is_gone_is_cleared():
    """a device of a meter that is gone is cleared, another gateway's is not; switched off, all of ours are"""
    with Fleet() as fleet:
        fleet.start_broker()
        keep(fleet, HEAD + "site-a_old/config", '{"avty":[{"t":"meterfleet/site-a/status"}]}')
        keep(fleet, HEAD + "site-a_x/config", '{"avty":[{"t":"meterfleet/site-a_x/status"}]}')  # gateway site, meter a_x
        fleet.start_sim(buses=1, meters=1)
        fleet.site()["mqtt"]["homeassistant"] = "yes"
        fleet.write_config()
        fleet.start_daemon()
        fleet.sub.wait(lambda m: (m.topic, m.payload) == (HEAD + "site-a_old/config", ""), 20, "the old device cleared")
        fleet.sub.wait(lambda m: m.topic == HEAD + "site-a_m0-1/config" and m.payload != "", 20, "ours")
        fleet.sections["mqtt"]["homeassistant"] = "no"
        fleet.write_config()
        fleet.daemon.child.send_signal(signal.SIGHUP)
        fleet.sub.wait(lambda m: (m.topic, m.payload) == (HEAD + "site-a_m0-1/config", ""), 20, "ours cleared")
        wait_until(lambda: fleet.status()["broker"]["connected"], 20 * PATIENCE, "the connection")
        equal([m for m in fleet.sub.having("site-a_x") if m.payload == ""], [], "the neighbour's")


run([each_meter_is_a_device, who_is_gone_is_cleared])
