#!/bin/sh
# The form of the sources below $SRCDIR. One row, one rule.
set -u

tests=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/rule.sh
. "$tests/rule.sh"
cd "$SRCDIR" || exit 1

sources() {
    find common plugins mailcheck tests tools -name '*.[ch]' 2>/dev/null | LC_ALL=C sort
}

scripts() {
    find tools tests .ci -type f 2>/dev/null |
        while read -r file; do
            case $(head -n 1 "$file" | tr -d '\0') in
            '#!'*) echo "$file" ;;
            esac
        done
}

# Every release of clang-format has a mind of its own: the sources are held to one.
format=
for candidate in clang-format-14 clang-format; do
    if "$candidate" --version 2>/dev/null | grep -q 'version 14\.'; then
        format=$candidate
        break
    fi
done
label="sources are formatted by .clang-format"
if [ -z "$format" ]; then
    skip "$label" "clang-format 14 is not installed"
else
    sources | xargs "$format" --dry-run -Werror 2>&1 | grep 'error:' | rule "$label"
fi

sources | while read -r file; do
    awk 'END { if (NR > 600) print FILENAME ": " NR " lines" }' "$file"
done | rule "no file is longer than 600 lines"

{
    sources
    scripts
} | xargs grep -nE '[ 	]+$' /dev/null | rule "no blank ends a line"

{
    sources
    scripts
} | while read -r file; do
    [ -z "$(tail -c 1 "$file")" ] || echo "$file"
done | rule "every file ends with a newline"

sources | xargs grep -nE '(^|[^A-Za-z0-9])(TO(DO)|FIX(ME)|X(X)X|H(A)CK)([^A-Za-z0-9]|$)' /dev/null |
    rule "nothing is left for later"

sources | grep '\.h$' | while read -r file; do
    guard=$(echo "$file" | tr 'a-z/.' 'A-Z__' | sed 's/^PLUGINS_/&/')
    grep -q "^#ifndef $guard\$" "$file" && grep -q "^#define $guard\$" "$file" ||
        echo "$file: $guard"
done | rule "a header's guard is its path"

{
    sources
    find tests -name '*.bats'
} | while read -r file; do
    grep -qF "${file%.c}" Makefile.am || echo "$file"
done | rule "Makefile.am knows every source and every test"

rules_done
