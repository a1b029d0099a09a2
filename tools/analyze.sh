#!/bin/bash
# analyze.sh - clang-tidy, cppcheck and gcc -fanalyzer over src; exit 1 when one of them complains.
#
# Use: `make analyze`, which passes the compiler's flags and runs it in the build directory, because some headers
# are made there. top_srcdir names the checkout.
set -uo pipefail
export LC_ALL=C.UTF-8
src=${top_srcdir:?}/src
flags=("$@" -std=gnu11)
# clang-tidy and cppcheck need to know where headers are and what is defined; warnings are for the compiler they are
# named after (gcc has some that clang does not know, and takes for an error).
defines=()
for flag in "$@"; do
    case $flag in -I* | -D* | -U*) defines+=("$flag") ;; esac
done
rc=0

for tool in clang-tidy cppcheck gcc; do
    command -v "$tool" >/dev/null || {
        echo "analyze: $tool: is not installed: apt-get install $tool" >&2
        exit 1
    }
done

# readdir(3) is safe: each stream of ours has one thread; readdir_r(3) is deprecated.
quiet=(--suppress=missingIncludeSystem --suppress=readdirCalled)

# each CMD…: for every source at once on all cores; {} stands for its name.
each() {
    find "$src" -name '*.c' -print0 | sort -z | xargs -0 -r -P "$(nproc)" -I '{}' "$@" || rc=1
}

echo "== clang-tidy"
each clang-tidy --quiet '{}' -- "${defines[@]}" -std=gnu11 2> >(grep -vE '^[0-9]+ warnings? (generated|treated)|^Suppressed|^$' >&2)
echo "== cppcheck"
cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
    "${quiet[@]}" --library=posix -j "$(nproc)" "${defines[@]}" "$src" || rc=1
echo "== gcc -fanalyzer"
# GCC 12 loses sight of memory that is handed over through a pointer and calls it leaked; LeakSanitizer (check) and
# valgrind (check --all) look for leaks instead.
each gcc "${flags[@]}" -O2 -fanalyzer -Wno-analyzer-malloc-leak -Werror -S -o /dev/null '{}'
[ "$rc" = 0 ] && echo "== nothing to complain about"
exit "$rc"
