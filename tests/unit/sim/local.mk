EXTRA_DIST += tests/data/house_load.csv tests/data/README.md
