#!/usr/bin/env bats
# tools/check-catalogue: what each list does is compared with its status. The lists are played by fake_dns.

load helper

setup() {
    CATALOGUE=$BATS_TEST_TMPDIR/catalogue.conf
    export CATALOGUE PAUSE=0
    cat >"$CATALOGUE" <<'EOF'
[good.test]
targets = ip4 ip6
status = live
[names.test]
targets = domain
status = live
[young.test]
status = unverified
[gone.test]
status = unverified
[empty.test]
status = live
[wild.test]
status = live
[<KEY>.keyed.test]
key-name = keyed
[hash.test]
targets = email
hash = sha1
[mine.test]
private = yes
[retired]
old.test = 2001
EOF
    fake_dns_start - <<'EOF'
dnsbl good.test ipv4 ipv6
dnsbl names.test domain
dnsbl young.test
soa empty.test
*.wild.test A 127.0.0.2
dnsbl abcd1234.keyed.test
EOF
}

teardown() {
    fake_dns_stop
}

check() {
    run "$SRCDIR/tools/check-catalogue" "$(plugin check_dnsbl)" "$@"
}

@test "each list gets a line, and a live one that fails makes it fail" {
    check -- --resolver "127.0.0.1:$FAKE_DNS_PORT" -t 5
    echo "$output"
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 8 ]
    [[ ${lines[0]} == "ok "*" good.test "*not-listed ]]
    [[ ${lines[1]} == "ok "*" names.test "*not-listed ]]
    [[ ${lines[2]} == "new "*" young.test "*not-listed ]]
    [[ ${lines[3]} == "old "*" gone.test "* ]]
    [[ ${lines[4]} == "BAD "*" empty.test "* ]]
    [[ ${lines[5]} == "BAD "*" wild.test "*wildcard ]]
    [[ ${lines[6]} == "- "*" <KEY>.keyed.test "*skipped ]]
    [[ ${lines[7]} == "- "*" hash.test "* ]]
}

@test "lists can be named, and options go to check_dnsbl" {
    printf 'keyed = abcd1234\n' >"$BATS_TEST_TMPDIR/keys"
    check good.test '<KEY>.keyed.test' -- --resolver "127.0.0.1:$FAKE_DNS_PORT" -t 5 \
        --key-file "$BATS_TEST_TMPDIR/keys"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    [[ ${lines[1]} == "ok "*" <KEY>.keyed.test "*not-listed ]]
    [[ $output != *abcd1234* ]]
}

@test "without a program to ask with, it says how it is used" {
    run "$SRCDIR/tools/check-catalogue"
    [ "$status" -eq 2 ]
    [[ $output == usage:* ]]
}
