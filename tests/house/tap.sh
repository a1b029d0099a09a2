# shellcheck shell=bash
# tap.sh - the few lines of TAP that the house's own tests share. A check prints its complaints; no word is good.
#
# Use: ok "sentence" "$(what prints complaints)" …; done_testing.
set -uo pipefail
export LC_ALL=C.UTF-8
: "${top_srcdir:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}"
points=0

ok() {
    points=$((points + 1))
    if [ -z "$2" ]; then
        echo "ok $points - $1"
    else
        echo "not ok $points - $1"
        printf '%s\n' "$2" | sed 's/^/# /'
    fi
}

done_testing() {
    echo "1..$points"
}

# ours: the project's own files, below the checkout, without what was built or fetched.
ours() {
    (cd "$top_srcdir" && find . \( -path './.git' -o -path './build*' -o -path './autom4te.cache' \
        -o -path './meterfleet-*' -o -path './debian/.debhelper' -o -path './debian/meterfleet' \
        -o -path './_build' -o -path './_inst' \) -prune -o -type f -print | sed 's,^\./,,' | sort)
}
