#!/bin/bash
# Every file under version control is in the release (`make dist`), but for what only the checkout needs.
# shellcheck source=tests/house/tap.sh
. "$(dirname "$0")/tap.sh"

released=$(env -u MAKEFLAGS -u MFLAGS make -s --no-print-directory -C "${top_builddir:?}" list-release | sed -E "s,^($top_srcdir|(\\.\\./)*\\.\\.|\\.)/,,")
missing() {
    git -C "$top_srcdir" ls-files | grep -vxE '\.gitignore|check' | awk '
        NR == FNR { have[$0] = 1; next }
        {
            for (at = $0; at != ""; at = (at ~ /\//) ? substr(at, 1, match(at, /\/[^\/]*$/) - 1) : "")
                if (at in have) next
            print $0 ": is in no EXTRA_DIST, SOURCES or HEADERS"
        }' <(printf '%s\n' "$released") -
}

if git -C "$top_srcdir" ls-files --error-unmatch configure.ac >/dev/null 2>&1; then
    ok "every file under version control is in the release" "$(missing)"
else
    points=$((points + 1))
    echo "ok $points # SKIP this is no checkout"
fi
done_testing
