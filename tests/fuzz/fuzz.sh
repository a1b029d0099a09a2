#!/bin/bash
# Every fuzz target over its corpus and a fixed number of changed inputs: no crash, no leak, no broken promise. A find
# is kept in the build directory and told by name.
# shellcheck source=tests/house/tap.sh
. "${top_srcdir:?}/tests/house/tap.sh"
cd "${top_builddir:?}" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/none"
export METERFLEET_MODELS=$work/none # models are fuzz_model's matter

# one TARGET CHANGES
one() {
    local target=$1 changes=$2 said here=$PWD
    if ! said=$(cd "$work" && timeout 120 "$here/$target" -n "$changes" \
        "$top_srcdir/tests/fuzz/corpus/${target#fuzz_}"/* 2>&1); then
        echo "$said" | head -n 40
        [ ! -e "$work/fuzz.died" ] || mv "$work/fuzz.died" "$target.died"
        echo "the input is in $PWD/$target.died"
    fi
}

ok "tariff texts" "$(one fuzz_tariff 3000)"
ok "CSV rows, settlement blocks too" "$(one fuzz_csv 2000)"
ok "saved states" "$(one fuzz_state 1500)"
ok "site configurations" "$(one fuzz_settings 1500)"
ok "meter models" "$(one fuzz_model 1500)"
done_testing
