# The house looks at itself: floors, lengths, scripts, the units.
dist_check_SCRIPTS += tests/house/floors.sh tests/house/tidy.sh tests/house/scripts.sh \
	tests/house/units.sh tests/house/release.sh tests/house/mutants.sh
TESTS += tests/house/floors.sh tests/house/tidy.sh tests/house/scripts.sh \
	tests/house/units.sh tests/house/release.sh tests/house/mutants.sh
EXTRA_DIST += tests/house/tap.sh
