"""table.py - the live table: drawn again in place on a terminal, printed now and then otherwise."""
import shutil
import sys

import facts

HEAD = (f"{'meter':<9}{'U V':>7}{'I A':>7}{'P W':>8}{'total kWh':>11}{'sharp':>9}{'peak':>9}{'flat':>9}{'valley':>9}"
        f"  sum  broker")
MARK = {None: "…", True: "ok", False: "NO"}


def cell(values, name, width, decimals):
    value = values.get(name)
    return f"{'-':>{width}}" if value is None else f"{value:>{width}.{decimals}f}"


def meter_line(m):
    return (f"{m.name:<9}" + cell(m.live, "voltage", 7, 1) + cell(m.live, "current", 7, 2)
            + cell(m.live, "active_power", 8, 0) + cell(m.energy, facts.REGISTERS[0], 11, 3)
            + "".join(cell(m.energy, name, 9, 2) for name in facts.REGISTERS[1:])
            + f"  {MARK[m.sums_up()]:<4} {m.live_messages:>3} live {m.energy_messages:>3} energy")


def size(n):
    return f"{n / 1024:.0f} KiB" if n < 1 << 20 else f"{n / (1 << 20):.1f} MiB"


def lines(title, broker, counts):
    yield title
    yield ""
    yield HEAD
    for m in broker.meters.values():
        yield meter_line(m)
    yield ""
    yield (f"broker    daemon {broker.status}; {broker.messages} messages; ledger acknowledged up to "
           f"{broker.info.get('acked_seq', '-')}")
    yield (f"database  {counts['live']} live and {counts['energy']} energy readings; ledger up to {counts['ledger']}; "
           f"{counts['findings']} findings; {size(counts['bytes'])}")


class Screen:
    """In place: the other screen of the terminal, which gives back what stood there before."""

    def __enter__(self):
        sys.stdout.write("\x1b[?1049h\x1b[?25l")
        return self

    def __exit__(self, *_):
        sys.stdout.write("\x1b[?25h\x1b[?1049l")
        sys.stdout.flush()

    def draw(self, text):
        width, height = shutil.get_terminal_size()
        text = [line[:width] for line in text][:height - 1]
        sys.stdout.write("\x1b[H" + "".join(line + "\x1b[K\n" for line in text) + "\x1b[J")
        sys.stdout.flush()


class Plain:
    """A line now and then for a log; the whole table once at the end."""

    def __init__(self, every_s=5):
        self.every_s, self.next_s = every_s, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def say(self, elapsed_s, broker, counts):
        if elapsed_s < self.next_s:
            return
        self.next_s = elapsed_s + self.every_s
        read = sum(bool(m.live and m.energy) for m in broker.meters.values())
        print(f"   {elapsed_s:4.0f} s  {read} of {len(broker.meters)} meters read; database: {counts['live']} live, "
              f"{counts['energy']} energy; broker: {broker.messages} messages", flush=True)
