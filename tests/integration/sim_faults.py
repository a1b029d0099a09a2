"""Every fault of the wire and of the meter, as a master meets it and as the log proves it."""
import os
import select
import time

import tap
from fleet import PATIENCE
from sim_master import Line, Sim, floats, is_sealed, read_request, sealed
from tap import equal, need, wait_until

READ = read_request(1, 0x0080, 28)
HEALTHY = 61  # bytes of its answer


def without(frame):
    """The energies in a healthy answer."""
    return floats(frame[3:-2])


def is_healthy(frame):
    return len(frame) == HEALTHY and is_sealed(frame) and frame[:3] == b"\1\3\x38" and without(frame)[0] > 100


def is_absurd(check):
    return lambda got: len(got) == HEALTHY and is_sealed(got) and all(check(v) for v in without(got))


ROWS = [  # what is written, what a master gets, what the log calls it
    ("dead", lambda got: got == b"", "fault:dead"),
    ("dup", lambda got: is_healthy(got[:61]) and got[61:] == got[:61], "fault:dup"),
    ("echo", lambda got: got[:8] == READ and is_healthy(got[8:]), "fault:echo fault:echo"),
    ("short", lambda got: len(got) == 30, "fault:short"),
    ("short 3", lambda got: len(got) == 3, "fault:short"),
    ("crc", lambda got: len(got) == HEALTHY and not is_sealed(got), "fault:crc"),
    ("noise", lambda got: len(got) == 64 and is_healthy(got[3:]), "fault:noise"),
    ("noise before 1 0x00", lambda got: got[0] == 0 and is_healthy(got[1:]), "fault:noise"),
    ("noise after 5", lambda got: len(got) == 66 and is_healthy(got[:61]), "fault:noise"),
    ("noise inside 2", lambda got: len(got) == 63 and not is_sealed(got), "fault:noise"),
    ("foreign", lambda got: got[0] == 2 and is_sealed(got[:61]) and is_healthy(got[61:]), "fault:foreign"),
    ("foreign function", lambda got: got[:2] == b"\1\4" and is_sealed(got[:61]) and is_healthy(got[61:]), "fault:foreign"),
    ("foreign only", lambda got: got[0] == 2 and len(got) == HEALTHY and is_sealed(got), "fault:foreign"),
    ("exc 6", lambda got: got == sealed(b"\1\x83\6"), "fault:exc"),
    ("exc 0x55", lambda got: got == sealed(b"\1\x83\x55"), "fault:exc"),
    ("zero", is_absurd(lambda v: v == 0), "fault:zero"),
    ("nan", is_absurd(lambda v: v != v), "fault:nan"),
    ("nan inf", is_absurd(lambda v: v == float("inf")), "fault:nan"),
    ("nan -inf", is_absurd(lambda v: v == float("-inf")), "fault:nan"),
    ("nan negative", is_absurd(lambda v: v < 0), "fault:nan"),
    ("nan huge", is_absurd(lambda v: v > 1e11), "fault:nan"),
    ("forge 0x0080 55.5", lambda got: is_sealed(got) and without(got)[0] == 55.5 and without(got)[1] > 100, "fault:forge"),
    ("forge", lambda got: is_sealed(got) and len(got) == HEALTHY, "fault:forge"),
]


def every_fault_of_a_reply():
    """Each fault of a reply is on the wire, in the log under its name, and over after its x1"""
    for kind, check, verdicts in ROWS:
        with Sim(faults=f"+0 bus0/1 {kind} x1\n") as sim, Line(sim.file("bus0")) as line:
            line.send(READ)
            got = line.receive()
            need(check(got), f"{kind}: {got.hex()}")
            need(is_healthy(line.ask(READ[:-2])), f"{kind}: the next answer")
            sim.stop()
            replies = sim.verdicts("reply")
            need(all(v in replies[:-1] for v in verdicts.split()), f"{kind}: the log says {replies}")
            equal(replies[-1], "answer", f"{kind}: the next one")
            equal(sim.verdicts("event"), [kind.split()[0]], "events")


def slow_and_late():
    """slow and late answer after their time, and others are answered meanwhile"""
    faults = "+0 bus0/1 slow 300ms\n+0 bus0/2 late 400ms 500ms\n"
    with Sim(faults=faults) as sim, Line(sim.file("bus0")) as line:
        began = time.monotonic()
        line.ask(READ[:-2])
        need(0.3 <= time.monotonic() - began < 3, "slow")
        began = time.monotonic()
        line.send(read_request(2, 0x0030, 2))
        equal(line.ask(b"\3\3\0\1\0\1"), sealed(b"\3\3\2\0\3"), "the answer of another one")
        equal(line.receive_frame()[:3], b"\2\3\4", "the late answer")
        need(0.4 <= time.monotonic() - began < 3, "late")


def drip():
    """drip comes byte by byte"""
    with Sim(faults="+0 bus0/1 drip 20ms\n") as sim, Line(sim.file("bus0")) as line:
        line.send(read_request(1, 0x0030, 2))
        got = line.receive()
        equal(len(got), 9, "bytes")
        need(len(line.moments) >= 5 and line.moments[-1][0] - line.moments[0][0] > 0.1, f"pieces {line.moments}")


def twin():
    """twin: two meters answer to one address, now one, now the other, now nobody understandable"""
    with Sim(faults="+0 bus0/1 twin\n") as sim, Line(sim.file("bus0")) as line:
        frames = []
        for _ in range(60):
            line.send(READ)
            frames.append(line.receive(quiet=0.005))
        totals = {without(f)[0] for f in frames if is_sealed(f)}
        need(len(totals) >= 2 and any(not is_sealed(f) for f in frames), f"totals {totals}")


def relay():
    """relay: stuck, silent, lost, refused"""
    with Sim(faults="+0 bus0/1 relay stuck\n+0 bus0/2 relay silent\n+0 bus0/3 relay lost\n+0 bus0/4 relay exc 6\n") as sim, \
            Line(sim.file("bus0")) as line:
        for meter, answer, state in ((1, bytes((1, 5, 0, 1, 0, 0)), 1), (2, b"", 0), (3, b"", 1), (4, b"\4\x85\6", 1)):
            line.send(sealed(bytes((meter, 5, 0, 1, 0, 0))))
            got = line.receive(quiet=0.05)
            equal(got, sealed(answer) if answer else b"", f"answer of {meter}")
            equal(line.ask(bytes((meter, 1, 0, 1, 0, 1)))[3], state, f"state of {meter}")


def of_the_meter():
    """stuck, clear and replace change the meter, not the wire"""
    faults = "+0 bus0/1 stuck\n+0 bus0/2 clear\n+0 bus0/3 replace 12.5\n"
    with Sim("--speed", "3600", "--resolution", "none", faults=faults) as sim, Line(sim.file("bus0")) as line:
        before = line.read_floats(1, 0x0080, 14)
        need(line.read_floats(1, 0x0034, 1)[0] > 0, "power flows")
        wait_until(lambda: line.read_floats(2, 0x0080, 1)[0] > 0.05, 10, "the cleared meter to count again")
        equal(line.read_floats(1, 0x0080, 14), before, "the stuck meter")
        need(line.read_floats(2, 0x0080, 1)[0] < 100, "the cleared meter")
        need(12.5 <= line.read_floats(3, 0x0080, 1)[0] < 100, "the replaced meter")
        equal(line.read_floats(3, 0x00B4, 1), [0.0], "its history")


def mute_and_babble():
    """mute: nobody hears; babble: the line is never silent; alive ends both"""
    faults = f"+0 bus0 mute\n+0 bus1 babble\n+{round(1500 * PATIENCE)}ms * alive\n"
    with Sim("--buses", "2", baud="9600", faults=faults) as sim, Line(sim.file("bus0")) as mute, \
            Line(sim.file("bus1")) as noisy:
        mute.send(READ)
        equal(mute.receive(silent=0.2), b"", "answer on the mute bus")
        need(len(noisy.receive(quiet=0.1)) > 400, "noise, until it ends")
        for line in (mute, noisy):
            need(is_healthy(line.ask(READ[:-2])), "an answer afterwards")
        sim.stop()
        need("mute" in sim.verdicts("request"), "the log says mute")


def unplug_and_plug():
    """unplug: the port hangs up and its link is gone; plug: another port behind the same link"""
    with Sim(faults="+300ms bus0 unplug\n+600ms bus0 plug\n") as sim:
        with Line(sim.file("bus0")) as line:
            def hung_up():
                select.select([line.fd], [], [], 1)
                try:
                    return not os.read(line.fd, 10)
                except OSError:
                    return True
            wait_until(hung_up, 10, "the port to hang up")
            wait_until(lambda: os.path.islink(sim.file("bus0")), 10, "the link to come back")
            need(hung_up(), "the old port stays dead")  # whatever number the kernel gives the new one

        def answers():
            try:  # the old link may still be there when its port has hung up
                with Line(sim.file("bus0")) as line:
                    return is_healthy(line.ask(READ[:-2]))
            except OSError:
                return False
        wait_until(answers, 10, "an answer behind the link")


def share():
    """A share of the replies is hit, the others are not, and the log counts the same"""
    with Sim(faults="+0 bus0/1 crc 30%\n") as sim, Line(sim.file("bus0")) as line:
        broken = 0
        for _ in range(200):
            line.send(read_request(1, 0x0030, 2))
            broken += not is_sealed(os.read(line.fd, 100))
        sim.stop()
        replies = sim.verdicts("reply")
    need(30 < broken < 90, f"{broken} of 200")
    equal((replies.count("fault:crc"), replies.count("answer")), (broken, 200 - broken), "the log")


def the_same_seed():
    """The same seed gives the same meters, another seed others"""
    energies = []
    for seed in ("5", "5", "6"):
        with Sim("--seed", seed, "--start", "2026-10-10T10:00:00+08:00", "--hold") as sim, Line(sim.file("bus0")) as line:
            energies.append([line.read_floats(m, 0x009C, 60) for m in (1, 2)])
    equal(energies[0], energies[1], "the same seed")
    need(energies[0] != energies[2] and energies[0][0] != energies[0][1], "other meters")


tap.run([every_fault_of_a_reply, slow_and_late, drip, twin, relay, of_the_meter, mute_and_babble, unplug_and_plug, share,
         the_same_seed])
