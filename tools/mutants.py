#!/usr/bin/python3
"""Puts deliberate faults into the pure modules, one at a time, and asks for a red test.

  mutants.py --check          every fault of tests/mutants/list.txt fits exactly one place of the tree
  mutants.py [--only WORD]    builds and tests each; exit 1 when one survives

The pure files and their unit tests are compiled once, with gcc -O1 and without the rest of the house; a fault compiles
one file again (all that include it, when it is a header) and runs the tests until one is red.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(os.environ.get("top_srcdir", pathlib.Path(__file__).resolve().parent.parent))
LIST = TOP / "tests/mutants/list.txt"
FAKES = ["plain_tariff", "fake_model", "fake_bus_time", "meter_life", "meter_watch", "faulty_meters"]
# in this order after the one that the fault names: the quick ones first
TESTS = ["rules", "pipeline", "holes", "falls", "skew", "freeze", "freeze_reads", "state", "numbers", "words", "settlement", "settlement_shift", "decode", "csv", "decimal_float", "sum_check",
         "calendar", "interval", "coverage", "poll_dead", "verify_rows", "verify_detect"]
FLAGS = ["-std=gnu11", "-O1", "-w", "-D_GNU_SOURCE", f'-DTEST_DATA="{TOP}/tests/data"',
         f'-DMODELS_DIR="{TOP}/etc/models"']
PATIENCE_S = 120


class Mutant:
    def __init__(self, head, old, new):
        found = re.fullmatch(r"@ (\S+) \[(\w+)\]: (.+)", head)
        if not found:
            sys.exit(f"mutants: {LIST}: not \"@ FILE [TEST]: what\": {head}")
        self.file, self.test, self.what = found.groups()
        self.old, self.new = "\n".join(old), "\n".join(new)

    def applied(self):
        """The file's text with the fault in it, or why not."""
        text = (TOP / self.file).read_text()
        # how lines are broken and indented does not matter
        pattern = r"\s+".join(re.escape(word) for word in self.old.split())
        places = list(re.finditer(pattern, text))
        if len(places) != 1:
            return None, f"{self.file}: {self.what}: fits {len(places)} places"
        return text[:places[0].start()] + self.new + text[places[0].end():], None


def read_list():
    mutants, head, old, new = [], None, [], []
    for line in LIST.read_text().splitlines() + ["@"]:
        if line.startswith("@"):
            if head:
                mutants.append(Mutant(head, old, new))
            head, old, new = line, [], []
        elif line.startswith("- "):
            old.append(line[2:])
        elif line.startswith("+ "):
            new.append(line[2:])
        elif line and not line.startswith("#"):
            sys.exit(f"mutants: {LIST}: neither @, -, + nor #: {line}")
    return mutants


def compile_c(source, out, *first):
    roots = [*first, TOP / "src", TOP / "tests", TOP / "tests/unit", TOP / "tests/unit/tariff"]
    subprocess.run(["gcc", *FLAGS, *(f"-I{root}" for root in roots), "-MMD", "-c", str(source), "-o", str(out)],
                   check=True, stderr=subprocess.DEVNULL)


class Bench:
    """The compiled tree, and what its tests say of a changed file."""

    def __init__(self, work):
        self.work = work
        self.pure = sorted([*(TOP / "src/tariff").glob("*.c"), *(TOP / "src/core").glob("*.c")])
        self.libs = subprocess.run(["pkg-config", "--libs", "check"], check=True, capture_output=True,
                                   text=True).stdout.split()
        shared = [TOP / "tests/unit/unit_main.c", TOP / "tests/unit/tariff/judge_fixture.c", TOP / "tests/unit/tariff/freeze_fixture.c",
                  *(TOP / f"tests/fake/{name}.c" for name in FAKES)]
        self.tests = {}
        for name in TESTS:
            source = next((TOP / "tests/unit").glob(f"*/test_{name}.c"))
            self.tests[name] = self.compiled(source)
        self.archive("shared", shared)
        self.archive("pure", self.pure)

    def compiled(self, source):
        out = self.work / (source.stem + ".o")
        compile_c(source, out)
        return out

    def archive(self, name, sources):
        subprocess.run(["ar", "rcs", str(self.work / f"{name}.a"), *(str(self.compiled(s)) for s in sources)],
                       check=True)

    def red(self, name, objects):
        """Is this test red with these objects before the pure ones?"""
        program = self.work / "test"
        subprocess.run(["gcc", str(self.tests[name]), *map(str, objects), str(self.work / "shared.a"),
                        str(self.work / "pure.a"), *self.libs, "-lpthread", "-lm", "-o", str(program)], check=True)
        try:
            return subprocess.run([str(program)], env={**os.environ, "CK_FORK": "no"}, cwd=self.work,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE_S,
                                  check=False).returncode != 0
        except subprocess.TimeoutExpired:
            return True  # it hangs

    def killer(self, mutant, text):
        """The first test that is red with the fault, or None."""
        root = self.work / "mutant"
        place = root / mutant.file.removeprefix("src/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        sources = [TOP / mutant.file]
        if place.suffix == ".h":
            sources = [s for s in self.pure if mutant.file in (self.work / f"{s.stem}.d").read_text()]
        objects = []
        for source in sources:
            out = self.work / f"mutant-{source.stem}.o"
            compile_c(place if source == TOP / mutant.file else source, out, root)
            objects.append(out)
        order = [mutant.test, *(name for name in TESTS if name != mutant.test)]
        found = next((name for name in order if self.red(name, objects)), None)
        place.unlink()
        return found


def check(mutants):
    wrong = [why for _, why in (m.applied() for m in mutants) if why]
    wrong += [f"{m.file}: {m.what}: no test {m.test}" for m in mutants if m.test not in TESTS]
    for why in wrong:
        print(why)
    return not wrong


def main():
    args = argparse.ArgumentParser(description="Deliberate faults in the engine: each turns a test red.")
    args.add_argument("--check", action="store_true", help="only see that each fault fits the tree")
    args.add_argument("--only", default="", help="those whose file or description has this in it")
    asked = args.parse_args()
    mutants = [m for m in read_list() if asked.only in m.file or asked.only in m.what]
    if not check(mutants):
        return 1
    if asked.check:
        return 0
    survivors = []
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(pathlib.Path(work))
        green = [name for name in TESTS if bench.red(name, [])]
        if green:
            sys.exit(f"mutants: red without any fault: {' '.join(green)}")
        for mutant in mutants:
            begin = time.monotonic()
            killer = bench.killer(mutant, mutant.applied()[0])
            print(f"{'killed by ' + killer if killer else 'SURVIVED':24} {time.monotonic() - begin:5.1f} s  "
                  f"{mutant.file}: {mutant.what}", flush=True)
            if not killer:
                survivors.append(mutant)
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} killed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
