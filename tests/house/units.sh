#!/bin/bash
# What systemd, sysusers, tmpfiles and udev say of the files we ship.
# shellcheck source=tests/house/tap.sh
. "$(dirname "$0")/tap.sh"
unit=${top_builddir:?}/systemd/meterfleetd.service
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

skip() {
    points=$((points + 1))
    echo "ok $points # SKIP $1"
}

# The unit, but with a program that is there; everything else as it will be installed.
if command -v systemd-analyze >/dev/null; then
    sed 's,^ExecStart=[^ ]*,ExecStart=/bin/true,' "$unit" >"$work/meterfleetd.service"
    ok "systemd-analyze verify has nothing to say about the unit" \
        "$(systemd-analyze verify --man=no --recursive-errors=no "$work/meterfleetd.service" 2>&1)"
    ok "the sandbox is rated 2.0 or better" \
        "$(systemd-analyze security --offline=yes --threshold=20 "$work/meterfleetd.service" 2>&1 |
            sed -n '/Overall exposure/{/: \([01]\.[0-9]\|2\.0\) /!p}')"
else
    skip "systemd is not installed"
    skip "systemd is not installed"
fi
if command -v systemd-sysusers >/dev/null; then
    ok "systemd-sysusers makes the user and both groups" "$(
        mkdir -p "$work/etc"
        systemd-sysusers --root="$work" "$top_srcdir/systemd/meterfleet.sysusers" >/dev/null 2>"$work/log" || cat "$work/log"
        grep -q '^meterfleet:' "$work/etc/passwd" || echo "no user"
        grep -q '^meterfleet-operator:' "$work/etc/group" || echo "no group meterfleet-operator"
        grep -q '^dialout:.*meterfleet' "$work/etc/group" || echo "not a member of dialout"
    )"
else
    skip "systemd is not installed"
fi
ok "no placeholder is left in the unit" "$(grep -n '@[a-z]*@' "$unit"; grep -n 'prefix' "$unit")"
done_testing
