#!/bin/bash
# What a reader notices first: files that grew too long, promises put off, paths of somebody's own machine.
# shellcheck source=tests/house/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top_srcdir" || exit 1
most=400
here='tests/house/tidy\.sh|src/store/schema_sql\.c' # names what it forbids; made by the build

text='^(check|demo|autogen\.sh|configure\.ac|Makefile\.am|\.ci/run)$|\.(c|h|sh|py|sql|mk|ac|am|in|md|service|ini)$'
code='^(check|demo|\.ci/run)$|\.(c|h|sh|py|sql|mk)$'
mapfile -t files < <(ours | grep -E "$text" | grep -vE '(^|/)(Makefile|config\.h)\.in$|^build-aux/' | grep -vxE "$here")
mapfile -t sources < <(printf '%s\n' "${files[@]}" | grep -E "$code")

too_long() {
    local file n
    for file in "${sources[@]}"; do
        n=$(wc -l <"$file")
        [ "$n" -le $most ] || echo "$file: $n lines"
    done
}

# Places of a person or a machine, and fixed names in a folder that everybody may write to.
strange_paths() {
    grep -HnoE "(^|[][[:space:]\"'=(\`,:])/(home|root|work|workspace|farm|Users|mnt|builds?|tmp)/[A-Za-z0-9._-]+" \
        "${files[@]}" | grep -v 'XXXXXX$' # mkdtemp(3) makes a name of its own
}

put_off() {
    grep -HnE '\b(TODO|FIXME|XXX|HACK)\b|not implemented' "${sources[@]}"
}

untidy() {
    grep -HnE '[[:space:]]+$' "${sources[@]}"
    local file
    for file in "${sources[@]}"; do
        [ -z "$(tail -c 1 "$file")" ] || echo "$file: no newline at its end"
    done
}

bare_headers() {
    local file
    for file in $(printf '%s\n' "${files[@]}" | grep -E '^src/.*\.h$'); do
        head -n 1 "$file" | grep -qE "^/\* ${file##*/} - " || echo "$file: does not open with '/* ${file##*/} - why'"
    done
}

ok "there are sources to look at" "$([ ${#sources[@]} -gt 20 ] || echo "only ${#sources[@]}")"
ok "no file is longer than $most lines" "$(too_long)"
ok "no path of somebody's own machine, no fixed name in a shared folder" "$(strange_paths)"
ok "nothing is put off" "$(put_off)"
ok "no blanks at line ends, a newline at each file's end" "$(untidy)"
ok "every header says first what it is for" "$(bare_headers)"
done_testing
