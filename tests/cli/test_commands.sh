#!/bin/sh
# Every command answers alike: help in two ways, version, mistakes, exit codes. The list
# of commands is the program's own, so a new one is held to the same.
set -u

HOPSCOPE=${HOPSCOPE:?the program to test}
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
failures=0
fail() {
    echo "FAIL: $*"
    sed 's/^/  out: /' out | head -5
    sed 's/^/  err: /' err | head -5
    failures=$((failures + 1))
}
# run CODE ARGUMENT...
run() {
    expected=$1
    shift
    said="hopscope $*"
    timeout 20 "$HOPSCOPE" "$@" >out 2>err </dev/null
    code=$?
    [ "$code" -eq "$expected" ] || fail "exit $code, not $expected: $said"
}
says() { grep -qF -e "$2" "$1" || fail "$said: no '$2' on $1"; }
complains() { # words
    [ ! -s out ] || fail "$said: something on stdout"
    [ "$(wc -l <err)" -eq 1 ] || fail "$said: not one line on stderr"
    grep -q '^hopscope: ' err || fail "$said: whose complaint is it?"
    says err "$1"
}

run 0 --help
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' out | grep -v '^help$')
[ "$(echo "$commands" | wc -l)" -ge 4 ] || fail "too few commands"
[ "$(awk 'length($0) > 80' out | wc -l)" -eq 0 ] || fail "$said: wider than 80"

# option | the complaint, for a command that is written as %
mistakes='
--nonsense-word  | --nonsense-word is no option of this command; see hopscope % --help
--hepl           | --hepl is no option of this command, but --help is; see hopscope % --help
--versoin=3      | but --version is; see hopscope % --help
--help=yes       | --help takes no argument; see hopscope % --help
-~               | -~ is no option of this command; see hopscope % --help
'
for command in $commands; do
    run 0 "$command" --help
    cp out help
    [ ! -s err ] || fail "$said: something on stderr"
    says out "Usage: hopscope $command [OPTION]..."
    says out "Exit status: 0 done; 1 could not do it; 2 wrong usage"
    says out "--help"
    says out "--version"
    [ "$(awk 'length($0) > 80' out | wc -l)" -eq 0 ] || fail "$said: wider than 80"
    for words in "help $command" "$command -h" "$command --help nothing" "$command nothing -h"; do
        # A filter of live may begin with any word, and has what follows.
        [ "$words" != "live nothing -h" ] || continue
        # shellcheck disable=SC2086 # words are to be parted
        run 0 $words
        cmp -s out help || fail "$said: not the --help of $command"
        [ ! -s err ] || fail "$said: something on stderr"
    done
    for option in -V --version; do
        run 0 "$command" $option
        grep -qxE 'hopscope [0-9]+\.[0-9]+\.[0-9]+' out || fail "$said: no version"
    done
    echo "$mistakes" | sed '/^$/d' >mistakes
    while IFS='|' read -r option complaint; do
        run 2 "$command" ${option% *}
        complains "$(echo "$complaint" | sed "s/^ //; s/%/$command/")"
    done <mistakes
    # An option of each command that takes an argument has to get one.
    option=$(sed -n 's/^  .\{4\}\(--[a-z-]*\) [A-Z].*/\1/p; s/^  -., \(--[a-z-]*\) [A-Z].*/\1/p' help | head -n 1)
    if [ -n "$option" ]; then
        run 2 "$command" "$option"
        complains "$option needs an argument; see hopscope $command --help"
    fi
    # Without any word: what is missing, said in a line. live alone is a capture.
    if [ "$command" != live ]; then
        run 2 "$command"
        complains " "
        grep -qE 'hopscope|FILE' err || fail "$said: not what to write instead"
    fi
done

# ---- a command that is not quite one ----
for row in "raed read" "liev live" "aks ask" "sqll sql" "READ -" "frobnicate -" "x -"; do
    wrong=${row% *}
    right=${row#* }
    run 2 "$wrong" whatever
    if [ "$right" = - ]; then
        complains "no command '$wrong'; try hopscope --help"
    else
        complains "no command '$wrong'; did you mean hopscope $right?"
    fi
    run 2 help "$wrong"
    complains "no command '$wrong'"
done
run 2 read --li x.pcap
complains "--li is no option of this command"
run 2 live --li
complains "--li is the beginning of several options"
run 2 read --s x.pcap
complains "--s is the beginning of several options"
run 2 "$(printf '%0500d' 0)"
complains "no command"
run 2 read "--$(printf '%0500d' 0)"
complains "is no option of this command"

[ $failures -eq 0 ] && echo "$(echo "$commands" | wc -w) commands answer alike"
exit $((failures > 0))
