# What to read on: the house on one page, and how good it is.
EXTRA_DIST += doc/architecture.md
