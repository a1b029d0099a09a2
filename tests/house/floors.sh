#!/bin/bash
# Includes go down the floors of doc/architecture.md, never up: so a change stays where it is made.
# Floors 0 and 1 are what local.mk puts into their libraries; the others follow from the folder and `_worker`.
# shellcheck source=tests/house/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top_srcdir" || exit 1

# members LIBRARY: the files of one library, as the rooms' local.mk files list them.
members() {
    cat src/*/local.mk | sed -e ':a' -e '/\\$/N' -e 's/\\\n/ /' -e 'ta' |
        sed -n "s/^$1_a_SOURCES *+\\{0,1\\}= *//p" | tr -s ' \t' '\n' | grep '^src/'
}

declare -A floor
while read -r file; do
    case $file in
    src/daemon/* | src/cli/* | src/sim/*) floor[$file]=5 ;;
    *_worker*.[ch]) floor[$file]=4 ;;
    src/bus/* | src/store/* | src/publish/*) floor[$file]=3 ;;
    *) floor[$file]=2 ;;
    esac
done < <(find src -name '*.[ch]' | sort)
# what opens a worker's inside is a part of that worker
while read -r file; do floor[$file]=4; done < <(grep -RlE '# *include *".*_worker_(inside|i)\.h"' src)
for file in $(members libmeterfleet_pure); do floor[$file]=1; done
for file in $(members libmeterfleet_ground); do floor[$file]=0; done

# each_include: "FILE INCLUDED" for every #include "…" that names a file under src.
each_include() {
    grep -RHoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"[^"]+"' --include='*.[ch]' src |
        sed -E 's/:[^"]*"([^"]+)"$/ \1/' | while read -r file included; do
        if [ -e "src/$included" ]; then
            echo "$file src/$included"
        elif [ -e "${file%/*}/$included" ]; then
            echo "$file ${file%/*}/$included"
        else
            echo "$file ?$included"
        fi
    done
}
includes=$(each_include)

upward() {
    local file included
    while read -r file included; do
        [[ $included == \?* ]] && continue
        [ "${floor[$file]}" -ge "${floor[$included]:-0}" ] ||
            echo "$file (floor ${floor[$file]}) includes $included (floor ${floor[$included]})"
    done <<<"$includes"
}

strangers() {
    local file included
    while read -r file included; do
        case $file-$included in
        src/sim/*-src/sim/*) ;;
        src/sim/*-\?*) ;;
        src/sim/*) [ "${floor[$included]}" = 0 ] || echo "$file includes $included" ;;
        *-src/sim/*) echo "$file includes $included" ;;
        esac
    done <<<"$includes"
}

# The meaning computes: no clock, no log, no I/O, no threads.
leaning() {
    local file
    for file in "${!floor[@]}"; do
        [ "${floor[$file]}" = 1 ] || continue
        grep -HnE '^ *# *include *("core/(clock|log)\.h"|<(pthread|threads|unistd|fcntl|poll|dirent|signal|termios|netdb)\.h>|<sys/)' \
            "$file"
        grep -HnE '\b(fopen|printf|perror|puts|time|clock_gettime|getenv)\(' "$file" | grep -vE ':[[:space:]]*(/?\*|//)'
    done
}

libraries_at_ground() {
    local file
    for file in "${!floor[@]}"; do
        [ "${floor[$file]}" -le 2 ] || continue
        grep -HnE '<(modbus|mosquitto|sqlite3|modbus/modbus)\.h>' "$file"
    done
}

# header LIBRARY-HEADER ROOMS: a library is spoken to in its own rooms only.
only_in() {
    grep -RlE "# *include *<$1>" --include='*.[ch]' src | grep -vE "^src/($2)/"
}

# Every byte that leaves for a meter is made by exchange_pdu(), the allow-list, and goes out at one of two places.
ways_to_the_line() {
    grep -RnE 'modbus_(write|mask_write|send_raw|reply|report)' --include='*.c' src | grep -v '^src/bus/exchange_rtu\.c:'
    grep -RnE '\b(write|send|writev|sendmsg|dprintf)\(l(ine)?->fd' --include='*.c' src | grep -v '^src/bus/exchange_mbap\.c:'
}

ok "includes go down the floors" "$(upward)"
ok "every included file of ours is there, or is made by the build" \
    "$(sed -n 's/^\([^ ]*\) ?\(.*\)/\1 includes \2/p' <<<"$includes" | grep -vE ' (config\.h|store/schema_sql\.h|.*_embedded\.h)$')"
ok "the simulator uses the ground floor and itself, and nobody uses the simulator" "$(strangers)"
ok "floor 1 computes: no I/O, no threads, no clock, no log" "$(leaning)"
ok "floors 0 to 2 know neither line, database nor broker" "$(libraries_at_ground)"
ok "libmodbus is spoken to by the bus alone" "$(only_in 'modbus(/modbus)?\.h' 'bus')"
ok "libmosquitto is spoken to by the publisher alone" "$(only_in 'mosquitto\.h' 'publish')"
ok "libconfig and libinih are spoken to by the settings alone" "$(only_in '(libconfig|ini)\.h' 'config|sim')"
ok "nothing but an exchange puts bytes onto a line" "$(ways_to_the_line)"
done_testing
