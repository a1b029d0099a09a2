# What to read on: the house on one page, how good it is, and the manual pages.
EXTRA_DIST += doc/architecture.md doc/configuration.md doc/interfaces.md doc/mqtt.md doc/quality.md doc/simulator.md doc/verify.md
dist_man_MANS = doc/man/meterfleetd.8 doc/man/meterfleet.1 doc/man/meterfleet-sim.1
