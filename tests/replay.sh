#!/bin/sh
# Replays tests/corpus/X and what a fuzzer found before through tests/fuzz/fuzz_X: no input may crash it.
set -u

# shellcheck disable=SC2086 # a list of words
set -- $FUZZ_TARGETS
if [ $# -eq 0 ]; then
    echo "1..0 # SKIP there is no fuzz target"
    exit 0
fi

echo "1..$#"
row=0
for target; do
    row=$((row + 1))
    name=${target##*/fuzz_}
    corpus=$SRCDIR/tests/corpus/$name
    if [ -z "$(ls "$corpus" 2>/dev/null)" ]; then
        echo "not ok $row - the corpus tests/corpus/$name has inputs"
    elif output=$("$BUILDDIR/$target" -runs=0 "$corpus" 2>&1); then
        echo "ok $row - fuzz_$name takes every input of its corpus"
    else
        echo "not ok $row - fuzz_$name takes every input of its corpus"
    fi
    printf '%s\n' "${output-}" | tail -n 40 | sed 's/^/# /'
done
