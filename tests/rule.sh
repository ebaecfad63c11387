# shellcheck shell=sh
# For the tests that hold the sources to rules: sourced, then
#
#     commands that print what breaks the rule | rule "the rule in a sentence"
#     skip "the rule in a sentence" "why it cannot be tested"
#     rules_done
#
# $work is a folder of one's own.

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
: >"$work/rows"

# A pipe's end is a shell of its own: rows are counted in a file.
next_row() {
    echo row >>"$work/rows"
    wc -l <"$work/rows" | tr -d ' '
}

rule() {
    cat >"$work/broken"
    if [ -s "$work/broken" ]; then
        echo "not ok $(next_row) - $1"
        sed 's/^/# /' "$work/broken" | head -n 40
    else
        echo "ok $(next_row) - $1"
    fi
}

skip() {
    echo "ok $(next_row) - $1 # SKIP $2"
}

rules_done() {
    echo "1..$(wc -l <"$work/rows" | tr -d ' ')"
}
