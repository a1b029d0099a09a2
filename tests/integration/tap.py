"""tap.py - each test is a function whose docstring is the sentence it proves; the outcome is TAP.

A test fails by raising; need() raises with a message. Skip("why") skips.
"""
import re
import sys
import time
import traceback


class Skip(Exception):
    """Raised by a test that cannot run here, with the reason."""


class Failed(AssertionError):
    """Raised by need() and wait_until()."""


def need(condition, *what):
    """The condition holds, or the test fails with these words."""
    if not condition:
        raise Failed(" ".join(str(w) for w in what))


def equal(got, wanted, what="value"):
    need(got == wanted, f"{what}: got {got!r}, wanted {wanted!r}")


def matches(pattern, text, what="text"):
    need(re.search(pattern, text, re.MULTILINE), f"{what}: no match for {pattern!r} in:\n{text}")


def wait_until(condition, seconds, what):
    """Returns the first true value of condition(); looks often, so `seconds` is only the limit of patience."""
    limit = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > limit:
            raise Failed(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)


def diagnose(text):
    for line in text.splitlines():
        print("# " + line)


def run(tests):
    """Runs the functions in order and ends the program: 0 when all passed."""
    failed = 0
    print(f"1..{len(tests)}", flush=True)
    for number, test in enumerate(tests, 1):
        name = (test.__doc__ or test.__name__).strip().splitlines()[0].rstrip(".").replace("#", "")
        began = time.monotonic()
        try:
            test()
            print(f"ok {number} - {name}")
        except Skip as why:
            print(f"ok {number} - {name} # SKIP {why}")
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {name}")
            diagnose(traceback.format_exc())
        print(f"# {time.monotonic() - began:.1f} s", flush=True)
    sys.exit(1 if failed else 0)
