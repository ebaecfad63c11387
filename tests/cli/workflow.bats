#!/usr/bin/env bats
# The workflow of the repository is run elsewhere: here is seen that it names what there is.

load helper
load assert

setup() {
    require_tool jq
    [ -f "$SRCDIR/.github/workflows/test.yml" ] || skip "the tarball has no workflow"
    [ -x "$BUILDDIR/tests/cli/yaml_to_json" ] || skip "libyaml is not installed"
    cd "$BATS_TEST_TMPDIR" || return 1
    "$BUILDDIR/tests/cli/yaml_to_json" <"$SRCDIR/.github/workflows/test.yml" >workflow
}

# packages TOOL: what tools/setup installs with it where nothing is installed yet, a line each.
packages() {
    local name
    mkdir "with-$1"
    for name in "$1" dpkg-query rpm; do
        printf '#!/bin/sh\nexit 1\n' >"with-$1/$name"
        chmod +x "with-$1/$name"
    done
    PATH=$PWD/with-$1 /bin/sh "$SRCDIR/tools/setup" --print | sed 's/^Missing: //' | tr ' ' '\n' | sed '/^$/d' | sort -u
}

# prepared TOOL: what the workflow installs with it before it has the source, a line each.
prepared() {
    jq -r '.jobs.test.steps[0].run' workflow | sed -n "s/.*\b$1 \(install -y\|add\) \(.*\)/\2/p" | tr ' ' '\n' | sort -u
}

@test "each image is of a family that tools/setup knows" {
    jq -r '.jobs.test.strategy.matrix.image[]' workflow >images
    [ "$(wc -l <images)" -ge 5 ]
    same '' "$(grep -vE '^(debian|ubuntu|fedora|alpine):[a-z0-9.]+$' images)"
    same "\${{ matrix.image }}" "$(jq -r '.jobs.test.container.image' workflow)"
    # Real servers run in namespaces of their own.
    contains "$(jq -r '.jobs.test.container.options' workflow)" --privileged
}

@test "what is installed before the source is there, tools/setup installs, too" {
    local tool
    for tool in apt-get dnf apk; do
        packages "$tool" >known
        [ "$(wc -l <known)" -gt 20 ]
        prepared "$tool" >wanted
        grep -qx git wanted
        same '' "$(comm -23 wanted known)"
    done
    # The runner unpacks with tar, tools/setup and the tests are run by bash.
    prepared apk | grep -qx bash
}

@test "each step is a script that the shell can read, or an action of a fixed version" {
    local count i
    count=$(jq '.jobs.test.steps | length' workflow)
    [ "$count" -ge 3 ]
    for ((i = 0; i < count; i++)); do
        jq -r --argjson i "$i" '.jobs.test.steps[$i] | .run // empty' workflow >script
        if [ -s script ]; then
            sh -n script
        else
            jq -r --argjson i "$i" '.jobs.test.steps[$i].uses' workflow | grep -qxE 'actions/[a-z-]+@v[0-9]+'
        fi
    done
}

@test "it runs the test of everybody, and keeps the logs that this writes" {
    local script
    script=$(jq -r '.jobs.test.steps[] | select(.name == "tools/test").run' workflow | sed '/^$/d' | tail -n 1)
    same tools/test "$script"
    [ -x "$SRCDIR/$script" ]
    same build/log "$(jq -r '.jobs.test.steps[-1].with.path' workflow)"
    # shellcheck disable=SC2016 # words of that script
    grep -qxF 'build=$top/build' "$SRCDIR/tools/test"
    # shellcheck disable=SC2016
    grep -qxF 'log=$build/log' "$SRCDIR/tools/test"
}
