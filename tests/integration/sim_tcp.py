"""The simulator over TCP: RTU frames as they are, and Modbus TCP through a gateway."""
import os
import socket
import struct
import time

import fleet
import tap
from sim_master import Line, Sim, Socket, floats, is_sealed, read_request, sealed
from tap import equal, need, wait_until

READ = struct.pack(">BHH", 3, 0x0030, 14)


def closed(master, seconds=10):
    """The peer ended the connection, orderly or by a reset."""
    def ended():
        try:
            return not os.read(master.fd, 100)
        except ConnectionResetError:
            return True
    return wait_until(ended, seconds, "the end of the connection")


def both_and_the_port():
    """One bus through its pseudo-terminal, RTU over TCP and Modbus TCP: the same meters"""
    with Sim("--buses", "2", "--meters", "3", "--tcp", "0", "--mbtcp", "0") as sim:
        for bus in (0, 1):
            with Line(sim.file(f"bus{bus}")) as line, Socket(sim.port("rtutcp", bus)) as rtu, \
                    Socket(sim.port("tcp", bus)) as gateway:
                a, b = line.read(2, 0x0082, 2), rtu.read(2, 0x0082, 2)
                c = gateway.transact(2, struct.pack(">BHH", 3, 0x0082, 2))[2:]
                need(abs(floats(a)[0] - floats(b)[0]) < 0.02 and abs(floats(a)[0] - floats(c)[0]) < 0.02, "one meter")
                need(floats(a)[0] > 100, "with energy")


def two_free_ports():
    while True:
        port = fleet.free_port()
        with socket.socket() as s:
            if port < 65535 and s.connect_ex(("127.0.0.1", port + 1)) != 0:
                return port


def fixed_ports():
    """Bus K listens on PORT + K, and a port that is taken is told"""
    port = two_free_ports()
    with Sim("--buses", "2", "--tcp", str(port), tty_links=False) as sim:
        equal([sim.port("rtutcp", k) for k in (0, 1)], [port, port + 1], "ports")
        second = fleet.Process([fleet.program("meterfleet-sim"), "--tcp", str(port)], sim.file("second"))
        equal(second.wait_end(10), 69, "exit code")
        need(f"bus0: port {port}: " in second.log(), second.log())


def pieces():
    """A request in pieces is one request, two requests in one piece are two"""
    with Sim("--tcp", "0", tty_links=False) as sim, Socket(sim.port("rtutcp")) as rtu:
        request = read_request(1, 0x0030, 2)
        for byte in request:
            rtu.send(bytes([byte]))
            time.sleep(0.002)
        equal(len(rtu.receive()), 9, "bytes of the answer")
        rtu.send(request + read_request(2, 0x0030, 14))
        got = rtu.receive()
        equal(len(got), 9 + 33, "bytes of both answers")
        need(is_sealed(got[:9]) and is_sealed(got[9:]), "both are whole")


def nonsense():
    """What makes no sense ends by itself and spoils nothing"""
    with Sim("--tcp", "0", tty_links=False) as sim, Socket(sim.port("rtutcp")) as rtu:
        rtu.send(bytes(range(256)) * 40)
        equal(rtu.receive(), b"", "answer")
        equal(len(rtu.ask(b"\1\3\0\x30\0\2")), 9, "bytes of the next answer")


def answer_to_the_asker():
    """Every master gets its own answers"""
    with Sim("--meters", "20", "--tcp", "0", tty_links=False) as sim:
        masters = [Socket(sim.port("rtutcp")) for _ in range(20)]
        for k, master in enumerate(masters):
            master.send(read_request(k + 1, 0x0001, 1))
        for k, master in enumerate(masters):
            equal(master.receive_frame(), sealed(bytes((k + 1, 3, 2, 0, k + 1))), "answer")
            master.close()
        equal(sim.stop()[0], 0, "exit code")


def gateway_turns():
    """The gateway answers under the right transaction, in turn, with byte times on its line"""
    with Sim("--meters", "4", "--mbtcp", "0", baud="9600", tty_links=False) as sim, \
            Socket(sim.port("tcp")) as one, Socket(sim.port("tcp")) as two:
        began = time.monotonic()
        sent = [(one, one.send_adu(1, READ)), (one, one.send_adu(2, READ)), (two, two.send_adu(3, READ)),
                (two, two.send_adu(4, READ))]
        for k, (client, transaction) in enumerate(sent):
            got = client.receive_adu()
            equal(got[:2], (transaction, k + 1), "transaction and unit")
            equal(got[2][:2], b"\3\x1c", "function and count")
        took = time.monotonic() - began
        need(took >= 4 * ((8 + 33) * 11 / 9600 + 0.005), f"four requests took {took:.3f} s")
        sim.stop()
        equal(sim.verdicts("request"), ["heard"] * 4, "the gateway keeps the silence")


def gateway_gives_up():
    """A silent meter is exception 0x0B, an exception of the meter goes through"""
    with Sim("--mbtcp", "0", faults="+0 bus0/3 dead\n", tty_links=False) as sim, Socket(sim.port("tcp")) as client:
        equal(client.transact(3, READ), b"\x83\x0b", "a dead meter")
        equal(client.transact(99, READ), b"\x83\x0b", "a unit that is not there")
        equal(client.transact(1, b"\4\0\x30\0\2"), b"\x84\1", "a function it does not have")
        equal(len(client.transact(1, READ)), 30, "bytes of the next answer")


def gateway_nonsense():
    """Something that is no Modbus TCP is hung up on; the gateway lives on"""
    with Sim("--mbtcp", "0", tty_links=False) as sim:
        for text in (b"GET / HTTP/1.0\r\n\r\n", b"\0\1\0\0\0\1\1", b"\0\1\0\0\xff\xff\1\3", bytes(3000)):
            with Socket(sim.port("tcp")) as client:
                client.send(text)
                closed(client)
        with Socket(sim.port("tcp")) as client:
            client.send(b"\0\1\0\0\0\6\1")  # and leaves in the middle
        with Socket(sim.port("tcp")) as client:
            client.send_adu(1, READ)  # and leaves before the answer
        with Socket(sim.port("tcp")) as client:
            equal(len(client.transact(1, READ)), 30, "bytes of an answer")


def reset():
    """A reset ends the connections of the bus, not its port"""
    with Sim("--tcp", "0", tty_links=False, faults="+500ms bus0 reset\n") as sim:
        with Socket(sim.port("rtutcp")) as rtu:
            equal(len(rtu.ask(b"\1\3\0\x30\0\2")), 9, "bytes before")
            closed(rtu)
        with Socket(sim.port("rtutcp")) as rtu:
            equal(len(rtu.ask(b"\1\3\0\x30\0\2")), 9, "bytes after")


def leavers():
    """A master that leaves while answers are on their way to it harms nobody"""
    with Sim("--tcp", "0", "--mbtcp", "0", tty_links=False, faults="+0 * dup 0ms\n") as sim, \
            Socket(sim.port("rtutcp")) as stays:
        for k in range(30):
            with Socket(sim.port("rtutcp")) as leaver, Socket(sim.port("tcp")) as client:
                leaver.send(read_request(1 + k % 3, 0x0030, 14) + read_request(1, 0x0030, 14))
                client.send_adu(1 + k % 3, READ)
            stays.send(read_request(3, 0x0030, 2))
            need(is_sealed(stays.receive(quiet=0.03)[:9]), f"an answer for the one who stays, {sim.log()}")
        equal(sim.stop()[0], 0, "exit code")


tap.run([both_and_the_port, fixed_ports, pieces, nonsense, answer_to_the_asker, gateway_turns, gateway_gives_up,
         gateway_nonsense, reset, leavers])
