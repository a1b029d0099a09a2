# The Debian package travels with the release, so that `dpkg-buildpackage` works in it.
EXTRA_DIST += debian/changelog debian/control debian/copyright debian/docs debian/postrm debian/rules \
	debian/source/format debian/tests/control debian/tests/smoke
