#!/bin/sh
# selftest.sh LINT_DIR CMAKE CC: every lint test passes a good tree, and fails a tree with
# one thing wrong in it, naming what is wrong.
set -u
lint=$1 cmake=$2 cc=$3
rm -rf tree
failures=0

# A small good tree, made afresh for every case.
good_tree() {
    rm -rf tree
    mkdir -p tree/src/base tree/src/net tree/src/tcp tree/src/capture \
        tree/include/hopscope tree/tests tree/samples
    cp "$lint/../../.clang-format" "$lint/../../.clang-tidy" tree/
    echo '#include <stddef.h>' >tree/include/hopscope/base.h
    echo '#include "hopscope/base.h"' >tree/include/hopscope/net.h
    echo '#include "hopscope/net.h"' >tree/include/hopscope/tcp.h
    cat >tree/include/hopscope/finding.h <<'END'
#include "hopscope/base.h"
/* clang-format off */
#define FINDINGS(X) \
    X(TCP_GAP, "tcp_gap")
END
    printf '#include "hopscope/base.h"\n#include <pcap/pcap.h>\n' >tree/src/capture/live.c
    echo '#include "hopscope/finding.h"' >tree/src/net/link.h
    printf '#include "net/link.h"\n' >tree/src/net/link.c
    cat >tree/src/tcp/flow.c <<'END'
#include "hopscope/tcp.h"

static const int limits[] = {1, 2};
static const char *const names[] = {"FINDING_TCP_GAP", "b"};

int flow_limit(int i);
int flow_limit(int i)
{
    return limits[i & 1] + names[i & 1][0];
}
END
}
layers() { "$cmake" -D ROOT="$PWD/tree" -P "$lint/layers.cmake"; }
run_lint() { # name
    case $1 in
    layers) layers ;;
    globals) "$cc" -fPIC -Itree/include -c tree/src/tcp/flow.c -o flow.o &&
        "$lint/globals.sh" flow.o ;;
    tidy) "$lint/tidy.sh" "$PWD/tree" -Iinclude -Isrc ;;
    *) "$lint/$1.sh" "$PWD/tree" ;;
    esac
}
passes() { # lint
    good_tree
    run_lint "$1" >out 2>&1 && return
    echo "FAIL: $1 refuses a good tree:"
    cat out
    failures=$((failures + 1))
}
# The third argument spoils the tree; the second must then be found in what lint says.
refuses() { # lint, words, shell
    good_tree
    (cd tree && eval "$3")
    if run_lint "$1" >out 2>&1; then
        echo "FAIL: $1 lets pass: $3"
    elif ! grep -qE -e "$2" out; then
        echo "FAIL: $1 does not say '$2' of: $3"
        cat out
    else
        return
    fi
    failures=$((failures + 1))
}
lines() { awk -v n="$1" -v text="$2" 'BEGIN { while (n--) print text }'; }

passes layers
refuses layers 'base may not see tcp' 'echo "#include \"hopscope/tcp.h\"" >src/base/a.c'
refuses layers 'base may not see net' 'echo "#include \"hopscope/net.h\"" >>include/hopscope/base.h'
refuses layers 'private net/link.h of another' 'echo "#include \"net/link.h\"" >src/tcp/a.c'
refuses layers 'public header includes the private' 'echo "#include \"net/link.h\"" >>include/hopscope/net.h'
refuses layers 'neither hopscope' 'echo "#include \"link.h\"" >src/net/a.c'
refuses layers 'which is not there' 'echo "#include \"hopscope/none.h\"" >src/net/a.c'
refuses layers 'stem link is taken' 'touch src/tcp/link.c'
refuses layers 'no layer of the table' 'mkdir src/odd && touch src/odd/a.c'
refuses layers 'in a circle' 'echo "#include \"net/b.h\"" >src/net/a.h; echo "#include \"net/a.h\"" >src/net/b.h'
refuses layers 'is for the .c files of capture' 'echo "#include <pcap/pcap.h>" >src/tcp/a.c'
refuses layers 'is for the .c files of store' 'echo "#include <sqlite3.h>" >>include/hopscope/net.h'

passes sizes
refuses sizes 'a.c: 400 lines' 'lines 400 "/* */" >src/net/a.c'
refuses sizes 'a.h: 400 lines' 'lines 400 "/* */" >src/net/a.h'
refuses sizes 'long_one has 61 lines' '{ echo "int long_one(void)"; echo "{"; lines 58 "    ;"; echo "}"; } >src/net/a.c'

passes globals
refuses globals 'counter lies in .bss' 'echo "int counter;" >>src/tcp/flow.c'
refuses globals 'counter.* lies in .data' 'echo "int f(void) { static int counter = 1; return counter++; }" >>src/tcp/flow.c'
refuses globals 'words lies in .data' 'echo "const char *words[] = {\"a\"};" >>src/tcp/flow.c'
refuses globals 'counter lies in .tbss' 'echo "_Thread_local int counter;" >>src/tcp/flow.c'

passes words
refuses words 'unfinished' 'printf "/* TO%s: all */\n" DO >src/net/a.c'
refuses words 'home directory' 'printf "/* /ho%s/me/x */\n" me >src/net/a.c'
refuses words 'path of this checkout' 'printf "/* %s/x */\n" "$(cd .. && pwd -P)" >src/net/a.c'
refuses words 'without a bound' 'echo "void f(char *a, char *b) { strcpy(a, b); }" >src/net/a.c'

passes findings
refuses findings 'FINDING_NET_ODD is in the table' 'printf "    X(NET_ODD, 1)\n" >>include/hopscope/finding.h'

passes format
refuses format 'clang-format' 'echo "int  a;" >src/net/a.c'

passes tidy
refuses tidy 'bugprone|clang-analyzer' 'echo "int f(int *p) { if (!p) return *p; return 0; }" >src/net/a.c'
refuses tidy 'function-size' 'echo "int f(int a, int b, int c, int d, int e, int g, int h) { return a+b+c+d+e+g+h; }" >src/net/a.c'

rm -rf tree flow.o out
[ "$failures" -eq 0 ] && echo "every lint test passes a good tree and refuses the bad ones"
exit "$failures"
