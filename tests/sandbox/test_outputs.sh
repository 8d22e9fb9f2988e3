#!/bin/sh
# New files are for their owner alone, and none is written through a symbolic link, whatever
# it leads to: a file, or nothing yet. What is no regular file may be reached by a link.
set -u
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
sample=$SOURCE_DIR/samples/aborted.pcap
bad=0
fail() { echo "FAIL: $*" && bad=1; }

umask 022
"$HOPSCOPE" read -q -o a.db "$sample" >/dev/null || fail "read"

write() { # kind file: writes one
    case $1 in
    database) "$HOPSCOPE" read -q -o "$2" "$sample" ;;
    page) "$HOPSCOPE" report a.db -o "$2" ;;
    export) "$HOPSCOPE" export a.db har -o "$2" ;;
    slice) "$HOPSCOPE" slice a.db 'SELECT id FROM connections' "$sample" -o "$2" ;;
    esac
}

for kind in database page export slice; do
    write $kind plain.$kind >out 2>err || fail "$kind: $(cat err)"
    mode=$(stat -c %a plain.$kind)
    [ "$mode" = 600 ] || fail "$kind has the mode $mode"

    echo kept >victim
    ln -s victim link.$kind
    ln -s nothing.$kind dangling.$kind
    for link in link.$kind dangling.$kind; do
        write $kind "$link" >out 2>err && fail "$kind was written through $link"
        grep -q 'is a symbolic link' err || fail "$kind: $link: $(cat err)"
    done
    [ "$(cat victim)" = kept ] || fail "$kind wrote into the victim"
    [ ! -e nothing.$kind ] || fail "$kind made what the link named"
done

for kind in page export; do
    write $kind /dev/stdout 2>err | head -c 20 >out || fail "$kind: /dev/stdout"
    [ -s out ] || fail "$kind: nothing came through /dev/stdout: $(cat err)"
done

# Where the folder cannot be reached behind the gate, a sentence says so.
mkdir folder
"$HOPSCOPE" export a.db csv -o folder/new >out 2>err || fail "a new folder: $(cat err)"
[ -s folder/new/connections.csv ] || fail "no table in the new folder"
mode=$(stat -c %a folder/new)
[ "$mode" = 700 ] || fail "the new folder has the mode $mode"

# The option, and what is said of it: one line, and none where nobody wants talk.
"$HOPSCOPE" sql --sandbox maybe a.db 'SELECT 1' >out 2>err && fail "a mode that is none"
grep -q 'on, warn or off' err || fail "a mode that is none: $(cat err)"
if nm "$HOPSCOPE" | grep -q '__[at]san_init'; then exit $bad; fi # needs more
"$HOPSCOPE" read --sandbox warn "$sample" >out 2>err || fail "warn: $(cat err)"
[ "$(grep -c 'sandbox' err)" -eq 1 ] || fail "warn says: $(cat err)"
"$HOPSCOPE" read --sandbox warn -q "$sample" >out 2>err || fail "warn -q: $(cat err)"
[ ! -s err ] || fail "warn -q says: $(cat err)"
exit $bad
