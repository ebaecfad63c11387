#!/bin/sh
# README.md says what the programs do: its tables and its examples are theirs.
set -u

echo 1..1
for tool in jq bash; do
    command -v $tool >/dev/null 2>&1 || {
        echo "ok 1 # SKIP $tool is not installed"
        exit 0
    }
done
if "$SRCDIR/tools/readme" "$BUILDDIR" >readme.new && diff -u "$SRCDIR/README.md" readme.new >readme.diff; then
    echo "ok 1 - README.md is what tools/readme prints"
else
    echo "not ok 1 - README.md is what tools/readme prints"
    sed 's/^/# /' readme.diff
fi
rm -f readme.new readme.diff
