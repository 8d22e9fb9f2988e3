#!/bin/sh
# The manual pages: every command has one, mandoc finds nothing to complain of, and they
# say what the program says: its options, and the columns of the database's views.
# HOPSCOPE is the program; the pages lie beside it, in man/.
set -u

HOPSCOPE=${HOPSCOPE:?the program to test}
pages=$(dirname "$HOPSCOPE")/man
if [ ! -r "$pages/hopscope.1" ]; then
    echo "this build has no manual pages"
    exit 77
fi
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
failures=0
fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

# ---- every command and option, and no others ----
"$HOPSCOPE" --help >"$here/help" || fail "hopscope --help"
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$here/help" | grep -v '^help$')
[ -n "$commands" ] || fail "hopscope --help lists no command"
for command in $commands; do
    page=$pages/hopscope-$command.1
    if [ ! -r "$page" ]; then
        fail "no page for hopscope $command: src/cli/man/hopscope-$command.1.in"
        continue
    fi
    # Lines of --help that begin an option, and items of the page's list, as bare words.
    "$HOPSCOPE" "$command" --help |
        sed -n '/^Options:/,/^$/s/^  \{1,6\}\(-[^ ].*\)/\1/p' |
        sed 's/   *.*//; s/, / /; s/^\(-[^ ]*\( --[^ ]*\)\{0,1\}\( [A-Z]*[=A-Z]*\)\{0,1\}\).*/\1/; s/ *$//' |
        sort >"$here/told"
    sed -n '/^The options:/,/^\.Sh/s/^\.It Fl //p' "$page" |
        sed 's/\\-/-/g; s/ , Fl / -/; s/^/-/; s/ Ar / /' | sort >"$here/written"
    diff "$here/told" "$here/written" >"$here/difference" ||
        fail "options of $command: --help (<) and page (>) differ: $(cat "$here/difference")"
    [ "$(grep -c '^\.It [0-4]$' "$page")" -ge 3 ] || fail "$page: no list of exit codes"
    grep -q "^\.Xr hopscope-$command 1" "$pages/hopscope.1" ||
        fail "hopscope(1) does not name hopscope-$command(1)"
done
for page in "$pages"/hopscope-*.1; do
    name=$(basename "$page" .1)
    echo " $(echo $commands) " | grep -q " ${name#hopscope-} " || fail "$page: no such command"
done

# ---- every column of every view, and no others ----
capture=${SOURCE_DIR:?the tree}/samples/keepalive-reuse.pcap
"$HOPSCOPE" read -q -o "$here/a.db" "$capture" >/dev/null 2>&1 || fail "no database"
for view in captures connections exchanges tunnels findings finding_codes headers; do
    "$HOPSCOPE" sql "$here/a.db" "PRAGMA table_info($view)" --csv 2>"$here/err" |
        tail -n +2 | cut -d, -f2 | sort >"$here/told"
    [ -s "$here/told" ] || fail "no columns of $view: $(cat "$here/err")"
    name=$(echo $view | tr '[:lower:]' '[:upper:]')
    sed -n "/^\.Sh $name\$/,/^\.Sh/s/^\.It Va //p" "$pages/hopscope-sql.7" |
        sed 's/ , Va /\n/g' | sort >"$here/written"
    diff "$here/told" "$here/written" >"$here/difference" ||
        fail "columns of $view: the view (<) and page (>) differ: $(cat "$here/difference")"
done

# ---- every question and finding ----
"$HOPSCOPE" ask "$here/a.db" --csv 2>/dev/null | tail -n +2 | cut -d, -f1 | sort >"$here/told"
sed -n '/^\.Sh QUESTIONS/,/^\.Sh/s/^\.It Cm //p' "$pages/hopscope-ask.1" | sort >"$here/written"
cmp -s "$here/told" "$here/written" || fail "questions of hopscope-ask(1)"
"$HOPSCOPE" sql "$here/a.db" 'SELECT code FROM finding_codes' --csv |
    tail -n +2 | tr -d '\r' | sort >"$here/told"
sed -n 's/^\.It Li \([a-z_0-9]*\) .*/\1/p' "$pages/hopscope-findings.7" | sort >"$here/written"
cmp -s "$here/told" "$here/written" || fail "codes of hopscope-findings(7)"

# ---- the language of the pages ----
if ! command -v mandoc >/dev/null; then
    echo "mandoc is missing (package mandoc)"
    exit 77
fi
for page in "$pages"/*.[17]; do
    # Its own pages are not installed where mandoc looks for those that are referred to.
    mandoc -T lint -W style "$page" 2>/dev/null |
        grep -v 'referenced manual not found' >"$here/lint"
    [ ! -s "$here/lint" ] || fail "mandoc -T lint: $(head -n 5 "$here/lint")"
    mandoc -T ascii "$page" >"$here/shown" || fail "$page: mandoc shows nothing"
    grep -q '^SEE ALSO' "$page" || grep -q '^\.Sh SEE ALSO' "$page" || fail "$page: no SEE ALSO"
    # What it refers to among its own is there.
    sed -n 's/^\.\(It \)\{0,1\}Xr \(hopscope[a-z-]*\) \([17]\).*/\2.\3/p' "$page" | sort -u |
        while read -r other; do
            [ -r "$pages/$other" ] || echo "$page refers to $other"
        done >"$here/missing"
    [ ! -s "$here/missing" ] || fail "$(cat "$here/missing")"
done

[ $failures -eq 0 ] && echo "$(ls "$pages"/*.[17] | wc -l) pages say what the program says"
exit $((failures > 0))
