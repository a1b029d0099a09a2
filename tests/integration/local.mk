# Integration tests run the real programs against simulated meters and a private broker; fleet.py starts and ends them.
AM_TESTS_ENVIRONMENT += PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE;
EXTRA_DIST += tests/integration/fleet.py tests/integration/tap.py
