# shellcheck shell=bash disable=SC2034
# house.sh - what ./check and ./demo have in common: say what is done, install what is missing, build, and end
# every process that was started. Sourced by them; `top` is the checkout.
#
# Processes are found again by a mark in their environment, not by their group: a daemon under test may have
# gone into a session of its own, and would outlive us otherwise.

export LC_ALL=C.UTF-8
unset TZ MAKEFLAGS MAKELEVEL
run="meterfleet-$$-$(date +%s%N)"
: "${top:?}"

say() {
    printf '== %s\n' "$*"
}

complain() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# What a build needs, and what the tests and the demonstration need beside it.
build_packages="gcc libc6-dev make autoconf automake pkg-config libmodbus-dev libconfig-dev libinih-dev
    libmosquitto-dev libsqlite3-dev libjansson-dev"
run_packages="mosquitto mosquitto-clients sqlite3 python3"
test_packages="check procps $run_packages"
all_packages="valgrind dpkg-dev debhelper fakeroot lintian xz-utils systemd"

# need_packages NAME…: installs those that are missing, as root or with sudo; says nothing when there are none.
need_packages() {
    local missing=() name as=() log
    if ! command -v dpkg-query >/dev/null; then
        say "this is no Debian: please see to it yourself that these are there: $*"
        return 0
    fi
    for name in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            complain "packages: missing, and neither root nor sudo: apt-get install ${missing[*]}"
            return 1
        fi
        as=(sudo)
    fi
    say "installing from Debian: ${missing[*]}"
    log=$(mktemp)
    if ! { install_now || { "${as[@]}" apt-get -qq update && install_now; }; } >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        complain "packages: apt-get could not install them"
        return 1
    fi
    rm -f "$log"
    # Debian starts the broker it installs; ours are private ones on ports of their own.
    if [[ " ${missing[*]} " == *" mosquitto "* ]] && [ -d /run/systemd/system ]; then
        "${as[@]}" systemctl --quiet disable --now mosquitto.service >/dev/null 2>&1 || :
    fi
}

# Shares missing[] and as[] with need_packages().
install_now() {
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
        install -y --no-install-recommends "${missing[@]}"
}

# marked: the pids of what we started and is still there.
marked() {
    grep -lzx "METERFLEET_RUN=$run" /proc/[0-9]*/environ 2>/dev/null | sed 's,/proc/,,; s,/environ,,'
}

# sweep: ends them, politely at first.
sweep() {
    local pids tries
    for tries in {1..25}; do
        mapfile -t pids < <(marked)
        [ ${#pids[@]} -gt 0 ] || return 0
        if [ "$tries" = 1 ]; then
            kill -TERM "${pids[@]}" 2>/dev/null
        elif [ "$tries" -ge 20 ]; then
            kill -KILL "${pids[@]}" 2>/dev/null
        fi
        sleep 0.1
    done
}

# apart DIR CMD…: runs it there, in a session of its own and with our mark: the terminal's ^C reaches only us,
# and as we wait for it in the background a signal to us is answered at once.
apart() {
    setsid env -C "$1" "METERFLEET_RUN=$run" "${@:2}" </dev/null &
    wait $!
}

# What the generated Makefile.in does not know yet: automake brings further helpers for new kinds of files.
newer_recipes() {
    (cd "$top" && find configure.ac Makefile.am src etc systemd schema debian doc tests bench \
        \( -name local.mk -o -name '*.am' -o -name '*.ac' \) -newer Makefile.in -print -quit)
}

# configured DIR OPTION…: a build directory that has been configured with these options.
configured() {
    local dir=$1
    shift
    if [ -e "$top/config.status" ]; then
        complain "$top: was configured in place: run 'make distclean' there first"
        return 1
    fi
    if [ ! -x "$top/configure" ] || [ ! -e "$top/Makefile.in" ] || [ -n "$(newer_recipes)" ]; then
        apart "$top" ./autogen.sh >"$top/build/autogen.log" 2>&1 || {
            tail -n 20 "$top/build/autogen.log" >&2
            return 1
        }
    fi
    mkdir -p "$dir"
    if [ "$(cat "$dir/options" 2>/dev/null)" != "$*" ] || [ ! -e "$dir/Makefile" ]; then
        rm -f "$dir/options"
        apart "$dir" "$top/configure" --quiet "$@" >"$dir/configure.log" 2>&1 || {
            tail -n 20 "$dir/configure.log" >&2
            return 1
        }
        printf '%s' "$*" >"$dir/options"
    fi
}

jobs_at_once() {
    local n
    n=$(nproc 2>/dev/null || echo 1)
    echo $((n > 4 ? 4 : n))
}
