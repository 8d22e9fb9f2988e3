#!/bin/bash
# The screens in a terminal (tmux): keys in, text out, compared with golden/*.txt.
#   test_screens.sh --update   writes the golden files anew
# Clocks and sizes are fixed: captures are read at once, so that "now" is their end.
set -u
command -v tmux >/dev/null || { echo "no tmux" && exit 77; }
locale -a | grep -qix 'C\.utf-\?8' || { echo "no locale C.UTF-8" && exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
update=${1:-}
work=$(mktemp -d) || exit 1
# Beside what is saved: behind the gate only the working folder can be written to.
cp "$SOURCE_DIR"/samples/*.pcap* "$work" || exit 1
socket=hopscope-$$
sockets=0
# The server must not see a socket of somebody else's.
unset TMUX
T() { tmux -u -L "$socket" -f /dev/null "$@"; }
# A server that ends may still hold its socket: the next one gets another.
new_server() {
    T kill-server 2>/dev/null
    sockets=$((sockets + 1))
    socket=hopscope-$$-$sockets
}
cleanup() {
    T kill-server 2>/dev/null
    [ -z "${running:-}" ] || kill "$running" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT
failed=0
fail() {
    echo "FAILED: $*"
    failed=1
}

# start WxH LOCALE ARGUMENT...: hopscope in a terminal; its exit code goes to $work/code.
start() {
    local size=$1 locale=$2
    shift 2
    rm -f "$work/code" "$work/pid"
    new_server
    cat >"$work/run.sh" <<END
cd "$work"
unset NO_COLOR
export TZ=UTC LC_ALL=$locale XDG_CONFIG_HOME="$work/config" $ENVIRONMENT
"$HOPSCOPE" "\$@" 2>"$work/stderr" &
echo \$! >"$work/pid"
fg %1 >/dev/null 2>&1
echo \$? >"$work/code"
echo "exit \$(cat "$work/code")"
sleep 60
END
    printf '%q ' bash -m "$work/run.sh" "$@" >"$work/line"
    T new-session -d -x "${size%x*}" -y "${size#*x}" "$(cat "$work/line")"
}
ENVIRONMENT=

screen() { T capture-pane -p 2>/dev/null; }

# until_seen TEXT [WHAT]: waits until the screen has it, for 20 s at most.
until_seen() {
    local i
    for ((i = 0; i < 400; i++)); do
        screen >"$work/seen"
        grep -qF -- "$1" "$work/seen" && return 0
        sleep 0.05
    done
    fail "never seen: $1"
    cat "$work/seen"
    return 1
}
until_gone() {
    local i
    for ((i = 0; i < 400; i++)); do
        screen >"$work/seen"
        grep -qF -- "$1" "$work/seen" || return 0
        sleep 0.05
    done
    fail "still seen: $1"
    return 1
}
keys() { T send-keys "$@"; }
typed() { T send-keys -l "$1"; }

# golden NAME: the screen is the file, once it has come to rest. Memory is not the same twice.
golden() {
    local i file=$here/golden/$1.txt
    for ((i = 0; i < 100; i++)); do
        screen | sed -E 's/memory +[0-9.]+[KM]?/memory (some)/; s/ +$//' >"$work/screen"
        [ "$update" = --update ] || ! cmp -s "$work/screen" "$file" || return 0
        [ "$update" != --update ] || [ $i -lt 10 ] || break
        sleep 0.05
    done
    if [ "$update" = --update ]; then
        cp "$work/screen" "$file"
        return
    fi
    fail "screen $1"
    diff -u "$file" "$work/screen"
}
quits() { # with that code
    keys q
    until_seen "exit $1"
}

# ---- every page, at every size ----
walk() { # WxH LOCALE PREFIX
    local size=$1 prefix=$3
    start "$size" "$2" view mixed.pcap
    until_seen "/put/c" || return
    golden "$prefix-connections"
    keys Enter
    until_seen "[Connection]"
    golden "$prefix-ladder"
    keys G k Enter
    until_seen "[Exchange]"
    golden "$prefix-exchange"
    keys Escape
    until_seen "[Connection]"
    keys Escape
    until_seen "[1 Connections]"
    keys Escape Escape # never quits
    keys 2
    until_seen "[2 Origins]"
    golden "$prefix-origins"
    keys 3
    until_seen "[3 Findings]"
    keys 4
    until_seen "[4 Totals]"
    golden "$prefix-totals"
    keys '?'
    until_seen "[Help]"
    golden "$prefix-help"
    keys q
    until_seen "[4 Totals]"
    quits 0
}
walk 80x24 C.UTF-8 80x24
walk 120x36 C.UTF-8 120x36
walk 40x8 C.UTF-8 40x8
walk 80x24 C ascii

# ---- filter, sort, marks, columns ----
start 100x20 C.UTF-8 view mixed.pcap
until_seen "/put/c"
keys /
typed "status=201"
until_seen "(1 of 4)"
golden filter-typed
keys Escape
until_gone "(1 of 4)"
keys /
typed "bytes>20k and host~shop q"
until_seen "(0 of 4)"
keys BSpace BSpace Enter
until_seen "(2 of 4)"
golden filter
keys /
typed " and ("
until_seen "missing"
keys Escape
keys '\'
until_gone "filter:"
keys g Space Space
until_seen "2 marked"
golden marked
keys s
until_seen "Save to:"
keys C-u
typed "$work/some.csv"
keys Enter
until_seen "has 2 connections"
[ "$(wc -l <"$work/some.csv")" = 3 ] || fail "the CSV has not two rows"
keys s C-u
typed "$work/some.jsonl"
keys Enter
until_seen "some.jsonl has 2"
grep -q '"kind":"exchange"' "$work/some.jsonl" || fail "no exchange in the JSON lines"
keys s C-u
typed "$work/some.sql"
keys Enter
until_seen "some.sql has 2"
keys s C-u
typed "$work/some.pcapng"
keys Enter
until_seen "some.pcapng has 2"
"$HOPSCOPE" read -q --json "$work/some.pcapng" | grep -qE '"exchanges": ?10\b' || fail "the slice is not whole"
keys s C-u
typed "$work/some.har"
keys Enter
until_seen "some.har has 2"
keys s C-u
typed "$work/some.xyz"
keys Enter
until_seen "the ending says"
# Elsewhere it is saved, or refused by the name that was typed.
keys s C-u
typed "/tmp/elsewhere-$$.csv"
keys Enter
until_gone "Save to:"
grep -qE "only the working folder|elsewhere-$$.csv has 2" "$work/seen" || { fail "saving elsewhere" && cat "$work/seen"; }
rm -f "/tmp/elsewhere-$$.csv"
keys s C-u
typed "nosuch/some.csv"
keys Enter
until_seen "cannot make nosuch/some.csv: "
keys U
until_gone "2 marked"
keys '>' r
until_seen "▲"
keys t
until_seen "[Columns]"
keys Space
golden columns
keys Escape
until_seen "[1 Connections]"
until_seen "by State▲" # which has no head any more
quits 0
grep -q "^columns: client" "$work/config/hopscope/view" || fail "the columns were not kept"
rm -rf "$work/config"
"$HOPSCOPE" read -q -o "$work/m.db" "$SOURCE_DIR/samples/mixed.pcap" >/dev/null
n=$("$HOPSCOPE" sql "$work/m.db" "$(cat "$work/some.sql")" --csv | wc -l)
[ "$n" = 3 ] || fail "the query text finds $n lines"

# ---- a database shows what the capture shows; findings lead to their connection ----
start 120x30 C.UTF-8 view "$work/m.db"
until_seen "/put/c"
golden database
quits 0
start 120x30 C.UTF-8 view idle-race-client.pcap
until_seen "conn"
keys 3
until_seen "idle_race"
keys Enter j Enter
until_seen "[Connection]"
golden finding-ladder
quits_back() { keys q && until_seen "[3 Findings]"; }
quits_back
quits 0

# ---- a database that grows is followed, and let go of when it is finished ----
cat >"$work/writer.py" <<'END'
import os, sqlite3, sys, time
work = sys.argv[1]
def wait_for(name):
    while not os.path.exists(f"{work}/{name}"):
        time.sleep(0.05)
db = sqlite3.connect(f"{work}/grow.db", isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
kinds = [("connection", "id"), ("exchange", "connection_id")]
last, = db.execute("SELECT MAX(id) FROM connection").fetchone()
db.execute(f"ATTACH '{work}/m.db' AS whole")
for table, key in kinds:
    db.execute(f"DELETE FROM {table} WHERE {key} = ?", (last,))
open(f"{work}/ready", "w").close()
wait_for("grow")
db.execute("BEGIN")
for table, key in kinds:
    db.execute(f"INSERT INTO {table} SELECT * FROM whole.{table} WHERE {key} = ?", (last,))
db.execute("COMMIT")
wait_for("finish")
db.execute("DETACH whole")
db.execute("PRAGMA journal_mode=DELETE")
END
cp "$work/m.db" "$work/grow.db"
python3 "$work/writer.py" "$work" 2>"$work/writer.err" &
running=$!
for ((i = 0; i < 200; i++)); do
    [ -e "$work/ready" ] && break
    sleep 0.05
done
start 120x30 C.UTF-8 view "$work/grow.db"
until_seen "/put/c"
! grep -qF "/stock.json" "$work/seen" || fail "seen before it was written"
until_gone "ENDED"
: >"$work/grow"
until_seen "/stock.json"
: >"$work/finish"
until_seen "ENDED"
quits 0
wait $running || { fail "the writer could not finish" && cat "$work/writer.err"; }
running=

# ---- the mouse: SGR sequences, as terminals send them (button; column; row) ----
mouse() { # BUTTON COLUMN ROW
    T send-keys -l $'\x1b'"[<$1;$2;$3M"
    T send-keys -l $'\x1b'"[<$1;$2;$3m"
}
ENVIRONMENT="TERM=xterm-256color"
start 120x30 C.UTF-8 view mixed.pcap
until_seen "/put/c"
mouse 0 18 2 # a page's name
until_seen "[2 Origins]"
mouse 0 4 2
until_seen "[1 Connections]"
mouse 0 30 6 # a row, and once more
mouse 0 30 6
until_seen "[Connection]"
until_seen "10.77.0.1:56408 →"
keys Escape
until_seen "[1 Connections]"
mouse 64 30 6 # the wheel
mouse 65 30 6
mouse 0 16 30 # what a key does, on the last line
until_seen "[Help]"
mouse 65 30 6
until_gone "PgDn"
keys q
quits 0
ENVIRONMENT=

# ---- replay: at its own speed it is not over at once; e plays the rest ----
start 100x20 C.UTF-8 view --speed 0.01 mixed.pcap
until_seen "x0.01"
keys p
until_seen "PAUSED"
keys p
until_gone "PAUSED"
keys e
until_seen "exch 20"
quits 0

# ---- sizes: too small, and back; a storm of changes ----
start 100x30 C.UTF-8 view mixed.pcap
until_seen "/put/c"
T resize-window -x 39 -y 10
until_seen "too small"
T resize-window -x 200 -y 60
until_seen "/put/c"
T resize-window -x 100 -y 30
pid=$(cat "$work/pid")
end=$(($(date +%s) + ${STORM_SECONDS:-3}))
while [ "$(date +%s)" -lt $end ]; do
    for i in 1 2 3 4 5 6 7 8 9 10; do kill -WINCH "$pid" 2>/dev/null || break 2; done
done
keys 2
until_seen "[2 Origins]"
keys 1
until_seen "/put/c"
quits 0

# ---- colour only where it is wanted ----
ENVIRONMENT="NO_COLOR=1"
start 100x20 C.UTF-8 view mixed.pcap
until_seen "/put/c"
! T capture-pane -e -p | grep -qE $'\x1b\\[[0-9;]*3[0-7]' || fail "colour in spite of NO_COLOR"
quits 0
ENVIRONMENT=
start 100x20 C.UTF-8 view mixed.pcap
until_seen "/put/c"
T capture-pane -e -p | grep -qE $'\x1b\\[[0-9;]*3[0-7]|\x1b\\[2m' || fail "no style at all"

# ---- the terminal goes: so does the program, within a second or so ----
pid=$(cat "$work/pid")
kill -0 "$pid" || fail "not running before the terminal goes"
T kill-server 2>/dev/null
for ((i = 0; i < 60; i++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
done
! kill -0 "$pid" 2>/dev/null || { fail "still running without a terminal" && kill -9 "$pid"; }

# The same where the signal is ignored, as under nohup.
new_server
T new-session -d -x 100 -y 20 "trap '' HUP; cd '$SOURCE_DIR/samples'; LC_ALL=C.UTF-8 '$HOPSCOPE' view mixed.pcap & echo \$! >'$work/pid'; fg 2>/dev/null; wait"
sleep 1
pid=$(cat "$work/pid")
T kill-server 2>/dev/null
for ((i = 0; i < 60; i++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
done
! kill -0 "$pid" 2>/dev/null || { fail "running on with SIGHUP ignored" && kill -9 "$pid"; }

# ---- no terminal, or an unknown one: a sentence ----
"$HOPSCOPE" view "$SOURCE_DIR/samples/mixed.pcap" </dev/null >"$work/out" 2>&1
[ $? -eq 1 ] && grep -q "needs a terminal" "$work/out" || { fail "no hint in a pipe" && cat "$work/out"; }
ENVIRONMENT="TERM=nosuch"
start 80x24 C.UTF-8 view mixed.pcap
until_seen "exit 1"
grep -q "TERM" "$work/stderr" || fail "no hint about TERM"
ENVIRONMENT=
"$HOPSCOPE" view /nonexistent </dev/null >"$work/out" 2>&1
[ $? -eq 1 ] || fail "a missing file is no failure"
"$HOPSCOPE" view - </dev/null >"$work/out" 2>&1
[ $? -eq 2 ] || fail "standard input is refused"

[ $failed -eq 0 ] && echo "all screens are as they should be"
exit $failed
