"""sim_master.py - a Modbus master of its own, to ask meterfleet-sim without any code of the project.

    with Sim("--meters", "2") as sim, Line(sim.file("bus0")) as line:
        words = line.read(1, 0x0030, 14)

Everything is raw bytes and struct; the CRC is computed here again.
"""
import fcntl
import os
import select
import shutil
import socket
import struct
import tempfile
import termios
import time
import tty

from fleet import PATIENCE, Process, program
from tap import Failed, need

QUIET_S = 0.15 * PATIENCE  # no byte for this long: the answer is over
SILENT_S = 0.4 * PATIENCE  # no byte at all: there is no answer


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


def sealed(data):
    return bytes(data) + crc(data)


def is_sealed(frame):
    return len(frame) >= 4 and crc(frame[:-2]) == frame[-2:]


def read_request(address, first, count):
    return sealed(struct.pack(">BBHH", address, 3, first, count))


def floats(data):
    return list(struct.unpack(f">{len(data) // 4}f", data))


class Sim(Process):
    """The simulator in a directory of its own; its log as a list of rows."""

    def __init__(self, *options, baud="0", tty_links=True, faults=None, tariff=None):
        self.dir = tempfile.mkdtemp(prefix="meterfleet-sim-")
        argv = [program("meterfleet-sim"), "--baud", str(baud), "--log", self.file("frames"), *options]
        if tty_links:
            argv += ["--dir", self.dir]
        for option, text in (("--faults", faults), ("--tariff", tariff)):
            if text is not None:
                with open(self.file(option), "w", encoding="utf-8") as f:
                    f.write(text)
                argv += [option, self.file(option)]
        super().__init__(argv, self.file("output"))

    def __enter__(self):
        self.wait_line(r"^bus0: ", 10)
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.dir, ignore_errors=True)

    def file(self, name):
        return os.path.join(self.dir, name)

    def port(self, scheme, bus=0):
        found = self.wait_line(rf"^bus{bus}: .*\b{scheme}://127\.0\.0\.1:(\d+)", 10)
        return int(found.group(1))

    def rows(self):
        """The log: (start_ns, end_ns, bus, what, meter, verdict, bytes). Complete once the simulator has ended."""
        with open(self.file("frames"), encoding="ascii") as f:
            rows = [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]
        return [(int(r[0]), int(r[1]), r[2], r[3], r[4], r[5], b"" if r[6] == "-" else bytes.fromhex(r[6])) for r in rows]

    def verdicts(self, what):
        return [row[5] for row in self.rows() if row[3] == what]


class Master:
    """What a serial port and a socket have in common."""

    fd = -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        os.write(self.fd, data)

    def receive(self, silent=SILENT_S, quiet=QUIET_S):
        """All bytes until it is quiet, with the moments at which they came."""
        got, moments, wait = b"", [], silent
        while select.select([self.fd], [], [], wait)[0]:
            piece = os.read(self.fd, 4096)
            if not piece:
                break
            got += piece
            moments.append((time.monotonic(), len(got)))
            wait = quiet
        self.moments = moments
        return got

    def receive_frame(self, silent=10 * PATIENCE):
        """One sealed frame; returns as soon as it is whole."""
        got, limit = b"", time.monotonic() + silent
        while not is_sealed(got):
            if not select.select([self.fd], [], [], max(0, limit - time.monotonic()))[0]:
                raise Failed(f"no whole answer, only {got.hex()!r}")
            got += os.read(self.fd, 4096)
        return got

    def ask(self, pdu_with_address):
        self.send(sealed(pdu_with_address))
        return self.receive_frame()

    def read(self, address, first, count):
        """The data bytes of FC 03."""
        got = self.ask(struct.pack(">BBHH", address, 3, first, count))
        need(got[:3] == bytes((address, 3, 2 * count)), f"unexpected answer {got.hex()}")
        return got[3:-2]

    def read_floats(self, address, first, count):
        return floats(self.read(address, first, count * 2))

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class Line(Master):
    """A serial port, raw, at the speed that it has or at another one."""

    def __init__(self, path, speed=None):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.fd)
        if speed is not None:
            settings = termios.tcgetattr(self.fd)
            settings[4] = settings[5] = speed
            termios.tcsetattr(self.fd, termios.TCSANOW, settings)

    def exclusive(self):
        fcntl.ioctl(self.fd, 0x540C)  # TIOCEXCL

    def is_exclusive(self):
        return struct.unpack("i", fcntl.ioctl(self.fd, 0x80045440, b"\0" * 4))[0] != 0  # TIOCGEXCL


class Socket(Master):
    """A TCP connection: RTU over TCP as it is, Modbus TCP with transact()."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.fd = self.socket.fileno()
        self.transaction = 0

    def close(self):
        self.socket.close()
        self.fd = -1

    def send_adu(self, unit, pdu):
        self.transaction += 1
        self.send(struct.pack(">HHHB", self.transaction, 0, len(pdu) + 1, unit) + pdu)
        return self.transaction

    def receive_adu(self, seconds=10 * PATIENCE):
        """(transaction, unit, pdu)."""
        def exactly(n):
            got = b""
            while len(got) < n:
                need(select.select([self.fd], [], [], seconds)[0], f"no answer, only {got.hex()!r}")
                piece = os.read(self.fd, n - len(got))
                need(piece, "the peer closed")
                got += piece
            return got
        transaction, protocol, length, unit = struct.unpack(">HHHB", exactly(7))
        need(protocol == 0, f"protocol {protocol}")
        return transaction, unit, exactly(length - 1)

    def transact(self, unit, pdu):
        sent = self.send_adu(unit, pdu)
        transaction, got_unit, got = self.receive_adu()
        need((transaction, got_unit) == (sent, unit), f"answer to {transaction} of unit {got_unit}")
        return got
