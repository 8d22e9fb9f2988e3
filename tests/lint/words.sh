#!/bin/sh
# words.sh ROOT: no mark of unfinished work, no path of somebody's machine, no call that
# writes without knowing how much room there is (strcpy of a literal is fine).
set -eu
cd "$1"
bad=0
# Brackets keep this file from finding itself.
if grep -rnwE 'TO[D]O|FIX[M]E|X[X]X|HA[C]K|not (yet )?implement[e]d|placehold[e]r' \
    src include; then
    echo "words of unfinished work"
    bad=1
fi
if grep -rnE '(^|[^[:alnum:]_.])/(ho[m]e|ro[o]t|Us[e]rs)/' src include; then
    echo "a path of a home directory"
    bad=1
fi
above=$(cd .. && pwd -P)
if [ "$above" != / ] && grep -rnF --include='*.[chs]*' --include='*.md' \
    --include='*.cmake' --include='*.json' --include=CMakeLists.txt \
    "$above/" src include tests samples; then
    echo "the path of this checkout"
    bad=1
fi
if grep -rnE --include='*.[ch]' -e '\<(strcat|sprintf|vsprintf|gets|alloca)\(' \
    -e '\<strcpy\([^,]*, *[^" ]' src include; then
    echo "writes without a bound"
    bad=1
fi
exit $bad
