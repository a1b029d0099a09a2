#!/bin/bash
# Every deliberate fault of tests/mutants still fits exactly one place of the tree: `make mutants` can use it.
# shellcheck source=tests/house/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top_srcdir" || exit 1
ok "each of the faults fits one place" "$(/usr/bin/python3 tools/mutants.py --check 2>&1 || echo 'tools/mutants.py --check: failed')"
ok "there are fifty of them at least" "$(n=$(grep -c '^@' tests/mutants/list.txt); [ "$n" -ge 50 ] || echo "only $n")"
done_testing
