#!/bin/bash
# hunt.sh SECONDS TARGET… - fuzzes each target for that long, in the build directory.
#
# With clang its own engine is used: it follows the branches that inputs reach, and keeps what reaches new ones in
# fuzz/TARGET. Without clang the built programs change inputs blindly. A find ends the hunt with exit code 1.
set -uo pipefail
seconds=$1
shift
src=${top_srcdir:?}
mkdir -p fuzz/none
export METERFLEET_MODELS=$PWD/fuzz/none

# searcher TARGET: built with clang from the sources it needs.
searcher() {
    local more=("$src"/src/config/*.c) libs=(-linih -lconfig) judge=()
    case $1 in fuzz_csv | fuzz_state) more=() libs=() judge=("$src/tests/fuzz/fuzz_judge.c") ;; esac
    clang -g -O1 -std=gnu11 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -D_GNU_SOURCE \
        -I"$src/src" -I"$src/tests" -DSYSCONFDIR='""' -DDATADIR='""' -DLOCALSTATEDIR='""' -DRUNSTATEDIR='""' \
        "$src/tests/fuzz/$1.c" "${judge[@]}" "${more[@]}" "$src"/src/tariff/*.c "$src"/src/core/*.c \
        "${libs[@]}" -lm -o "fuzz/$1.clang"
}

for target in "$@"; do
    corpus=$src/tests/fuzz/corpus/${target#fuzz_}
    echo "== $target: $seconds s"
    if command -v clang >/dev/null && searcher "$target"; then
        mkdir -p "fuzz/$target"
        "fuzz/$target.clang" -max_total_time="$seconds" -max_len=16384 -timeout=20 -verbosity=0 -print_final_stats=1 \
            -artifact_prefix="fuzz/$target-" "fuzz/$target" "$corpus" || exit 1
    else
        "./$target" -t "$seconds" -s "$(date +%s)" "$corpus"/* || exit 1
    fi
done
