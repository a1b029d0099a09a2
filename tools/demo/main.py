"""main.py - the demonstration: a private broker, simulated meters, the daemon, a live table, a verdict.

Run by ./demo, which has built everything. The processes are the tests' private fleet (tests/integration/fleet.py):
ports from the kernel, loopback only, ended with us.
"""
import argparse
import os
import shutil
import signal
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.environ.setdefault("top_srcdir", TOP)
sys.path.insert(0, os.path.join(TOP, "tests", "integration"))

import facts  # noqa: E402
import fleet  # noqa: E402
import table  # noqa: E402
import tap  # noqa: E402
import verdict  # noqa: E402

BUSES, METERS = ("north", "south"), 8
LOAD = os.path.join(TOP, "tests", "data", "house_load.csv")


def arguments():
    p = argparse.ArgumentParser(description="What ./demo runs when everything is built.")
    p.add_argument("--seconds", type=int, default=0, help="end after these; 0: at a signal")
    p.add_argument("--plain", action="store_true", help="no table in place: a line now and then")
    p.add_argument("--keep", metavar="DIR", help="keep configuration, database and logs there")
    return p.parse_args()


def configure(demo):
    sections = demo.site()
    sections["database"]["flush"] = "2s"
    sections["poll"] = {"live": "2s", "energy": "5s"}
    for k, name in enumerate(BUSES):
        bus, meters = sections.pop(f"bus b{k}"), sections.pop(f"meters m{k}")
        sections[f"bus {name}"] = bus
        sections[f"meters {name}"] = {**meters, "bus": name, "name": name + "-{address}"}
    demo.write_config()


def start(demo):
    demo.start_broker()
    print(f"== a broker of our own on 127.0.0.1:{demo.port}", flush=True)
    demo.start_sim(buses=len(BUSES), meters=METERS, baud="9600", options=["--load", LOAD, "--resolution", str(facts.STEP)])
    print(f"== {len(BUSES)} lines with {METERS} KPM31 meters each, at the pace of 9600 Bd: {demo.path('bus0')} …", flush=True)
    configure(demo)
    demo.start_daemon()
    print(f"== meterfleetd reads them: {demo.ini}", flush=True)


def watch(demo, broker, database, options, wanted):
    """Until the time is over, a signal comes, or the daemon is gone."""
    begin = time.monotonic()
    in_place = sys.stdout.isatty() and not options.plain
    title = "meterfleet: 16 simulated meters on two RS485 lines" + ("" if options.seconds else "; ^C ends")
    with table.Screen() if in_place else table.Plain() as out:
        while True:
            elapsed = time.monotonic() - begin
            broker.take(demo.sub.poll())
            counts = database.counts()
            if in_place:
                out.draw(table.lines(f"{title}; {elapsed:.0f} s", broker, counts))
            else:
                out.say(elapsed, broker, counts)
            if wanted() or not demo.daemon.alive() or (options.seconds and elapsed >= options.seconds):
                break
            time.sleep(min(1, options.seconds - elapsed) if options.seconds else 1)
    print("\n".join(table.lines(title.split(";")[0], broker, database.counts())))


def finish(demo, broker, database):
    if demo.daemon.alive():
        code, seconds = demo.daemon.stop()
    else:
        code, seconds = demo.daemon.child.returncode, 0.0
        print(f"demo: meterfleetd: ended by itself: code {code}\n{demo.daemon.log()[-2000:]}", file=sys.stderr)
    try:
        tap.wait_until(lambda: broker.take(demo.sub.poll()) or broker.status == "offline", 2, "the word offline")
    except tap.Failed:
        pass  # the verdict says it
    print()
    return verdict.show([verdict.was_read(broker, database), verdict.is_complete(database),
                         verdict.was_published(broker, database), verdict.sums_up(database),
                         verdict.stopped(code, seconds, broker)])


def keep(demo, directory):
    def special(folder, names):
        return [n for n in names if not os.path.isdir(os.path.join(folder, n)) and not os.path.isfile(os.path.join(folder, n))]
    shutil.copytree(demo.dir, directory, dirs_exist_ok=True, ignore=special)
    print(f"== kept in {directory}")


def main():
    options = arguments()
    asked = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: asked.append(True))
    with fleet.Fleet("demo") as demo:
        start(demo)
        broker = facts.Broker("meterfleet/demo", [f"{bus}-{a}" for bus in BUSES for a in range(1, METERS + 1)])
        database = facts.Database(demo.database)
        watch(demo, broker, database, options, lambda: asked)
        good = finish(demo, broker, database)
        if options.keep:
            keep(demo, options.keep)
    print("demo: everything adds up" if good else "demo: something is wrong")
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (tap.Failed, OSError) as why:
        print(f"demo: {why}", file=sys.stderr)
        sys.exit(1)
