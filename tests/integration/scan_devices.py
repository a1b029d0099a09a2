"""scan_devices.py - devices that the simulator does not have, on a TCP port: a three-phase meter, strangers, gateways.

A device is a function of (unit, function, address, count) that gives registers or coils as a list, the number of an
exception as int, or None for silence.
"""
import socket
import struct
import threading


def crc16(data):
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return struct.pack("<H", crc)


def floats(values):
    """{address: float} as {address: register}."""
    words = {}
    for address, value in values.items():
        words[address], words[address + 1] = struct.unpack(">2H", struct.pack(">f", value))
    return words


def kpm33b(unit, serial="33B1225950027", coil=1):
    words = floats({a: 0 for a in list(range(0x30, 0x64, 2)) + list(range(0x68, 0x9C, 2))})
    words |= floats({0x30: 230.1, 0x32: 229.7, 0x34: 231.0, 0x3C: 398.2, 0x3E: 398.9, 0x40: 399.1, 0x60: 0.98, 0x62: 49.99})
    words |= floats({0x80: 100, 0x82: 100, 0x8C: 40, 0x8E: 30, 0x90: 20, 0x92: 10})
    words |= {0x01: unit, 0x02: 3, 0x23: 0x1A0B, 0x24: 0x190C, 0x25: 0x1E00}
    padded = serial.encode().ljust(14, b"\0")
    words |= {0x12 + i: padded[2 * i] << 8 | padded[2 * i + 1] for i in range(7)}

    def answer(_, function, address, count):
        if function == 1:
            return [coil] if address == 1 else 2
        return [words[a] for a in range(address, address + count)] if all(
            a in words for a in range(address, address + count)) else 2
    return answer


def stranger(_, function, address, count):
    """Modbus, but no meter of ours."""
    return [7] * count if function == 3 and address < 0x10 else 2


class Devices:
    """Serves {unit: device} on .port until closed; unit None: whoever else is asked. mbap: Modbus TCP."""

    def __init__(self, devices, mbap=False):
        self.devices, self.mbap, self.asked = devices, mbap, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        try:
            while True:
                request = peer.recv(12 if self.mbap else 8, socket.MSG_WAITALL)
                if len(request) < 8:
                    return
                unit, function, address, count = struct.unpack(">BBHH", request[6:12] if self.mbap else request[:6])
                self.asked.append((unit, function, address, count))
                device = self.devices.get(unit, self.devices.get(None))
                answer = device(unit, function, address, count) if device else (0x0B if self.mbap else None)
                if answer is None:
                    continue
                if isinstance(answer, int):
                    pdu = bytes([unit, function | 0x80, answer])
                elif function == 1:
                    pdu = bytes([unit, 1, 1, answer[0]])
                else:
                    pdu = bytes([unit, 3, 2 * count]) + struct.pack(f">{count}H", *answer)
                head = request[:4] + struct.pack(">H", len(pdu)) if self.mbap else b""
                peer.sendall(head + pdu + (b"" if self.mbap else crc16(pdu)))
        except OSError:
            return
