"""An orderly stop takes at most 2 s, whatever lines, broker and clients do."""
import json
import signal
import socket
import threading

from fleet import PATIENCE, Fleet
from ledger_audit import audit
from tap import equal, need, run, wait_until


def stops(fleet, sig=signal.SIGTERM):
    code, seconds = fleet.daemon.stop(sig=sig)
    print(f"# stopped after {seconds:.2f} s")
    equal(code, 0, "exit code")
    need(seconds <= 2 * PATIENCE, f"the stop took {seconds:.2f} s")
    equal([kind for kind, in fleet.sql("SELECT kind FROM event WHERE kind = 'stop'")], ["stop"], "stop events")


def everything_well():
    """SIGINT stops it as SIGTERM does; the last readings are stored, sent and acknowledged before offline"""
    with Fleet() as fleet:
        fleet.start_broker()
        fleet.start_sim(buses=1, meters=4)
        fleet.site()["database"]["flush"] = "1h"  # only the stop flushes what comes after the first flush
        fleet.sections["poll"]["energy"] = "1s"
        fleet.write_config()
        fleet.start_daemon()
        fleet.wait_rows("SELECT seq FROM energy", 4, 10, "the first flush")
        fleet.sub.wait(lambda m: m.topic.endswith("/live") and m.json()["ts_ms"] > 0, 10, "live values")
        fleet.tool("read", "m0-1", "active_energy_total")  # one reading that only the stop stores
        stops(fleet, signal.SIGINT)
        fleet.sub.wait(lambda m: m.payload == "offline", 5, "offline")
        need(audit(fleet) > 4, "nothing was stored by the stop")
        fleet.start_daemon()
        status = fleet.status()["broker"]
        equal(status["acked_seq"], fleet.sql("SELECT max(seq) FROM ledger WHERE seq <= ?", status["acked_seq"])[0][0])


def dead_buses():
    """with every meter dead and every line silent"""
    with Fleet() as fleet:
        fleet.start_broker()
        fleet.start_sim(buses=2, meters=4, baud=1200, faults="+0s * dead\n")
        fleet.site(baud=1200)
        for bus in ("bus b0", "bus b1"):
            fleet.sections[bus]["timeout"] = "2s"
        fleet.write_config()
        fleet.start_daemon()
        wait_until(lambda: "request" in fleet.frames(), 10 * PATIENCE, "the first request")
        stops(fleet)


def missing_lines():
    """with lines that are not there"""
    with Fleet() as fleet:
        fleet.buses, fleet.meters = 2, 4
        fleet.write_config()
        fleet.start_daemon()
        fleet.daemon.wait_line(r"b0: .*bus0", 10)
        stops(fleet)


def frozen_broker():
    """with a broker that takes everything and says nothing"""
    with Fleet() as fleet:
        fleet.start_broker()
        fleet.start_sim(buses=1, meters=4)
        fleet.write_config()
        fleet.start_daemon()
        fleet.sub.wait(lambda m: m.topic.endswith("/energy"), 10, "an energy message")
        fleet.broker.freeze()
        had = len(fleet.sql("SELECT seq FROM ledger"))
        fleet.wait_rows("SELECT seq FROM ledger", had + 1, 10, "something more to send")
        stops(fleet)


def black_hole():
    """with a broker that takes the connection and never answers"""
    with socket.socket() as hole, Fleet() as fleet:
        hole.bind(("127.0.0.1", 0))
        hole.listen(8)
        fleet.port = hole.getsockname()[1]
        fleet.start_sim(buses=1, meters=2)
        fleet.write_config()
        fleet.start_daemon()
        fleet.wait_rows("SELECT seq FROM ledger", 2, 10, "something to send")
        stops(fleet)


def waiting_clients():
    """with a client that waits for a dead meter, one that says nothing and one that does not listen"""
    with Fleet() as fleet:
        fleet.start_sim(buses=1, meters=2, faults="+0s bus0/2 dead\n")
        fleet.site()["bus b0"]["timeout"] = "3s"
        fleet.write_config()
        fleet.start_daemon()
        fleet.wait_rows("SELECT seq FROM energy", 1, 10, "the first energy")
        clients = []
        for request in ({"version": 1, "request": "read", "meter": "m0-2"}, None, {"version": 1, "request": "status"}):
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(20)
            s.connect(fleet.control)
            clients.append(s)
            if request is not None:
                s.sendall(json.dumps(request).encode() + b"\n")
        answer = []
        reader = threading.Thread(target=lambda: answer.append(clients[0].makefile().readline()))
        reader.start()
        stops(fleet)
        reader.join()
        need('"ok":false' in answer[0], "the waiting client heard", answer)
        for s in clients:
            s.close()


run([everything_well, dead_buses, missing_lines, frozen_broker, black_hole, waiting_clients])
