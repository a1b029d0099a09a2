#!/bin/bash
# package.sh BUILD OUT: the Debian package, made from a release as a stranger would: dist, unpack, build, lintian.
#
# BUILD is a configured build directory, OUT is where the packages end up (made new). Exit 1 when something does
# not build, or lintian has an error or a warning to report.
set -euo pipefail
build=$1 out=$2
rm -rf "$out"
mkdir -p "$out"
make -C "$build" --no-print-directory dist
cp "$build"/meterfleet-*.tar.xz "$out"
cd "$out"
tar -xf meterfleet-*.tar.xz
(cd meterfleet-*/ && dpkg-buildpackage --no-sign --build=binary --jobs=auto)
lintian --info --fail-on error,warning ./*.changes
dpkg-deb --contents meterfleet_*.deb
