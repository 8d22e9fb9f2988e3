#!/bin/sh
# The program as a person meets it: exit codes, messages, where output goes.
# HOPSCOPE is the program, SOURCE_DIR the tree (SAMPLES its captures, unless set).
# labels: threads
set -u

HOPSCOPE=${HOPSCOPE:?the program to test}
SAMPLES=${SAMPLES:-${SOURCE_DIR:?the tree}/samples}
capture=$SAMPLES/keepalive-reuse.pcap
other=$SAMPLES/short-lived.pcap
if [ ! -r "$capture" ] || [ ! -r "$other" ]; then
    echo "no samples in $SAMPLES"
    exit 77
fi

here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
unset NO_COLOR
failures=0

fail() { # words
    echo "FAIL: $*"
    sed 's/^/  out: /' out | head -5
    sed 's/^/  err: /' err | head -5
    failures=$((failures + 1))
}
# run CODE ARGUMENT...: the program ends with that exit code
run() {
    expected=$1
    shift
    "$HOPSCOPE" "$@" >out 2>err </dev/null
    code=$?
    [ "$code" -eq "$expected" ] || fail "exit $code, not $expected: hopscope $*"
    said="hopscope $*"
}
says() { grep -qF -e "$2" "$1" || fail "$said: no '$2' on $1"; }
silent() { [ ! -s "$1" ] || fail "$said: something on $1"; }
# one clear line on stderr, and nothing on stdout
complains() { # words
    says err "hopscope: "
    says err "$1"
    [ "$(wc -l <err)" -eq 1 ] || fail "$said: not one line on stderr"
    silent out
}

# ---- help, version, usage ----
run 2
says err "Usage: hopscope COMMAND"
silent out
for option in -h --help help; do
    run 0 $option
    says out "Usage: hopscope COMMAND"
    silent err
done
for option in -V --version; do
    run 0 $option
    grep -qE '^hopscope [0-9]+\.[0-9]+\.[0-9]+$' out || fail "$said: no version"
    silent err
done
for words in "read --help" "read -h" "help read" "read nothing.pcap --help"; do
    # shellcheck disable=SC2086 # words are to be parted
    run 0 $words
    says out "Usage: hopscope read [OPTION]... FILE... [FILTER]"
    says out "--output DB"
    says out "Exit status"
    silent err
done
run 0 read --version
says out "hopscope "
run 2 nonsense
complains "no command 'nonsense'; try hopscope --help"
run 2 "$capture"
complains "did you mean hopscope read"
run 2 -r "$capture"
complains "the command comes before its options"
run 2 help nonsense
complains "no command 'nonsense'"
run 2 read
complains "no FILE given"
run 2 read --nonsense "$capture"
complains "--nonsense is no option of this command; see hopscope read --help"
run 2 read -z "$capture"
complains "-z is no option"
run 2 read "$capture" -o
complains "-o needs an argument"
run 2 read --color blue "$capture"
complains "--color takes auto, always or never"
run 2 read --headers "$capture"
complains "--headers goes with -o DB"

# ---- a plain run ----
run 0 read "$capture"
says out "TRUST  complete"
says out "EXCHANGES"
silent err
grep -q "$(printf '\033')" out && fail "$said: colour, and no terminal"
awk '{ gsub(/[\200-\277]/, "") } length($0) > 80 { exit 1 }' out || fail "$said: too wide"
cp out plain
run 0 read -q "$capture"
cmp -s out plain || fail "$said: -q changes the summary"
run 0 read -n -r "$capture"
cmp -s out plain || fail "$said: -r is not FILE"
run 0 read --color always "$capture"
grep -q "$(printf '\033')" out || fail "$said: no colour"
NO_COLOR=1 run 0 read --color always "$capture"
grep -q "$(printf '\033')" out || fail "$said: NO_COLOR beats --color always"
run 0 read --color never "$capture"
cmp -s out plain || fail "$said: --color never"
run 0 read "$capture" "$other"
says out "short-lived.pcap"
says out "keepalive-reuse.pcap"

# ---- input from elsewhere ----
"$HOPSCOPE" read - <"$capture" >out 2>err || fail "standard input"
grep -q "EXCHANGES" out || fail "standard input: no summary"
# shellcheck disable=SC2002 # a pipe is what is wanted
cat "$capture" | "$HOPSCOPE" read - >out 2>err || fail "a pipe"
grep -q "EXCHANGES" out || fail "a pipe: no summary"
mkfifo fifo
cat "$capture" >fifo &
run 0 read fifo
says out "EXCHANGES"
wait
gzip -c "$capture" >packed.gz
run 0 read packed.gz
says out "EXCHANGES"

# ---- filters ----
run 0 read "$capture" tcp port 1
says out "CONNECTIONS  none"
run 0 read -f "tcp port 1" "$capture"
says out "CONNECTIONS  none"
run 0 read "$capture" -- tcp port 1
says out "CONNECTIONS  none"
run 0 read "$capture" tcp
says out "EXCHANGES"
run 2 read -f "porridge 80" "$capture"
complains "porridge"
run 2 read "$capture" tcp prot 80
complains "tcp prot 80"
run 2 read -f tcp "$capture" udp
complains "two filters"
run 2 read tcp port 80
complains "'tcp' is no file: the FILE comes before the filter"

# ---- files that cannot be read ----
run 1 read missing.pcap
complains "missing.pcap"
run 1 read "$capture" missing.pcap
complains "missing.pcap"
grep -qi "no such file" err || fail "$said: not 'no such file'"
run 1 read .
complains "directory"
echo "no capture at all, just some words in a line" >words
run 1 read words
complains "words"
: >empty
run 1 read empty
complains "empty"
if [ "$(id -u)" -ne 0 ]; then
    cp "$capture" locked.pcap
    chmod 000 locked.pcap
    run 1 read locked.pcap
    complains "locked.pcap"
fi
head -c 3000 "$capture" >cut.pcap
run 3 read cut.pcap
says err "hopscope: cut.pcap: "
says out "TRUST  limited"
says out "CONNECTIONS"
[ "$(wc -l <err)" -eq 1 ] || fail "$said: not one line on stderr"
run 3 read -q cut.pcap
says err "cut.pcap"
run 3 read "$capture" cut.pcap

head -c 24 "$capture" >header.pcap # and not one packet
run 0 read header.pcap
says out "recorded    no packet"
LC_ALL=C grep -q "$(printf '\360')" out && fail "$said: bytes of nobody"
run 0 read --json header.pcap
says out '"start_us": null'
# a section of pcapng without an interface: nothing is known of links
printf '\012\015\015\012\034\0\0\0\115\074\053\032\001\0\0\0' >section.pcapng
printf '\377\377\377\377\377\377\377\377\034\0\0\0' >>section.pcapng
run 0 read --json section.pcapng
says out '"link_types": null'
says out '"snaplen": null'
run 0 read section.pcapng
says out "this file does not tell of drops"

# ---- JSON ----
run 0 read --json "$capture" "$other"
silent err
says out '"exchanges": {'
cp out summary.json
run 3 read --json cut.pcap
cp out cut.json
for file in summary.json cut.json; do
    if command -v jq >/dev/null; then
        jq -e '.exchanges.count > 0 and (.captures | length) > 0' $file >/dev/null ||
            fail "$file: jq does not take it"
    elif command -v python3 >/dev/null; then
        python3 -m json.tool $file >/dev/null || fail "$file: python3 does not take it"
    fi
done

# ---- output that ends early ----
{
    "$HOPSCOPE" read "$capture" 2>err
    echo $? >code
} | :
[ "$(cat code)" -eq 0 ] || fail "a closed pipe: exit $(cat code)"
[ ! -s err ] || fail "a closed pipe: something on stderr"
if [ -e /dev/full ]; then
    "$HOPSCOPE" read "$capture" >/dev/full 2>err
    code=$?
    [ $code -eq 1 ] || fail "a full device: exit $code"
    grep -q "cannot write to standard output: No space left" err || fail "a full device"
    "$HOPSCOPE" --help >/dev/full 2>err && fail "a full device takes --help"
fi

# ---- the database ----
run 0 read -o new.db "$capture"
[ -s new.db ] || fail "$said: no database"
says err "new.db has the account of"
says err "hopscope ask"
cmp -s out plain || fail "$said: -o changes the summary"
run 0 read -q -o quiet.db "$capture"
silent err
run 0 read -o new.db "$other"
if command -v sqlite3 >/dev/null; then
    rows=$(sqlite3 new.db 'SELECT count(*) FROM captures')
    [ "$rows" = 2 ] || fail "appending: $rows captures in the database"
    rows=$(sqlite3 quiet.db 'SELECT count(*) > 0 FROM exchanges')
    [ "$rows" = 1 ] || fail "no exchanges in the database"
fi
# A reader that goes away ends an answer that has no end, and quietly.
endless='WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n'
for form in --limit=99999999 --csv --json; do
    {
        timeout 10 "$HOPSCOPE" sql new.db "$endless" $form 2>err
        echo $? >code
    } | head -2 >out
    [ "$(cat code)" -eq 0 ] || fail "sql $form | head: exit $(cat code)"
    [ -s out ] && [ ! -s err ] || fail "sql $form | head: no rows, or words on stderr"
done
for format in jsonl har eve otel 'csv --table exchanges' 'zeek --table http'; do
    {
        "$HOPSCOPE" export new.db $format 2>err
        echo $? >code
    } | :
    [ "$(cat code)" -eq 0 ] || fail "export $format to nobody: exit $(cat code)"
    [ ! -s err ] || fail "export $format to nobody: something on stderr"
done
run 3 read -q -o cut.db cut.pcap
[ -s cut.db ] || fail "$said: damage leaves no database"
run 1 read -o missing/x.db "$capture"
complains "missing/x.db"
run 1 read -o . "$capture"
complains "hopscope: "
run 1 read -o words "$capture"
complains "words"
[ "$(cat words)" = "no capture at all, just some words in a line" ] || fail "words is lost"
run 1 read -o never.db missing.pcap
complains "missing.pcap"
[ ! -e never.db ] || fail "$said: a database of nothing"
run 2 read -o - "$capture"
complains "-o needs a file"
for file in *; do # nothing may be left of what failed
    case $file in
    out | err | code | plain | fifo | words | empty | *.json | packed.gz) ;;
    cut.pcap | header.pcap | section.pcapng | locked.pcap | new.db | quiet.db | cut.db) ;;
    *) fail "left behind: $file" ;;
    esac
done

# ---- where the time went ----
run 0 read -q --stats -o stats.db "$capture"
says out "EXCHANGES"
says err "time    "
says err "decode: link, IP, tunnels"
says err "wait for the writer"
says err "  database  "
run 0 read -q --stats "$capture"
grep -q "  database  " err && fail "$said: a stage for a database that is not there"

# ---- signals ----
# A pipe that is kept open and says nothing: reading waits until it is told to stop.
rm -f fifo && mkfifo fifo
(cat "$capture" && exec sleep 20) >fifo &
feeder=$!
"$HOPSCOPE" read -q --stats -o stopped.db fifo >out 2>err &
program=$!
sleep 1
kill -USR1 $program
sleep 0.5
grep -q "packets" err || fail "SIGUSR1 says nothing"
grep -q "wait for the writer" err || fail "SIGUSR1 with --stats: not where the time went"
before=$(date +%s)
kill -TERM $program
wait $program
code=$?
[ $(($(date +%s) - before)) -lt 10 ] || fail "SIGTERM: not at once"
kill $feeder 2>/dev/null
wait $feeder 2>/dev/null
[ $code -eq 0 ] || fail "SIGTERM: exit $code"
grep -q "stopping" err || fail "SIGTERM: not said"
grep -q "EXCHANGES" out || fail "SIGTERM: no summary"
packets=$("$HOPSCOPE" read --json "$capture" | sed -n 's/^ *"packets": \([0-9]*\).*/\1/p' | head -1)
said="SIGTERM"
says out "TRUST  limited"
says out "stopped by a signal after $packets packets"
says err "fifo: stopped by a signal after $packets packets"
if command -v sqlite3 >/dev/null; then
    rows=$(sqlite3 stopped.db 'SELECT damage FROM captures')
    [ "$rows" = "stopped by a signal after $packets packets" ] || fail "SIGTERM: damage '$rows'"
fi

[ $failures -eq 0 ] && echo "every exit code and message is as it should be"
exit $((failures > 0))
