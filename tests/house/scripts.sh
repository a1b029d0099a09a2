#!/bin/bash
# The scripts: readable by their interpreters, and by ShellCheck where it is installed.
# shellcheck source=tests/house/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top_srcdir" || exit 1

mapfile -t shell < <(ours | grep -E '\.sh$|^(check|demo|\.ci/run)$')
mapfile -t python < <(ours | grep -E '\.py$')

unreadable() {
    local file
    for file in "${shell[@]}"; do
        [ ! -s "$file" ] || bash -n "$file" 2>&1
    done
    for file in "${python[@]}"; do
        /usr/bin/python3 -c 'import sys; compile(open(sys.argv[1]).read(), sys.argv[1], "exec")' "$file" 2>&1 | tail -n 3
    done
}

not_executable() {
    local file
    for file in check demo autogen.sh; do
        [ -x "$file" ] || echo "$file"
    done
}

ok "bash and python can read ${#shell[@]} and ${#python[@]} scripts" "$(unreadable)"
ok "what the README tells to run can be run" "$(not_executable)"
if command -v shellcheck >/dev/null; then
    ok "ShellCheck has nothing to say" "$(shellcheck -x "${shell[@]}")"
else
    points=$((points + 1))
    echo "ok $points # SKIP shellcheck is not installed"
fi
done_testing
