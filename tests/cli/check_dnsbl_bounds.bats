#!/usr/bin/env bats
# check_dnsbl at its bounds: second looks, runs that skip, state files of others, hostile records, the deadline.

load helper
load assert

setup() {
    dnsbl=$(plugin check_dnsbl)
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    cd "$BATS_TEST_TMPDIR" || return 1
    printf '[bl.test]\noperator = Test list\nseverity = critical\ncode = 127.0.0.2: spam source\n[other.test]\n' \
        >catalogue.conf
}

teardown() {
    fake_dns_stop
}

# run_dnsbl WORDS...: sets output and status.
run_dnsbl() {
    status=0
    output=$("$dnsbl" --base-catalogue catalogue.conf --profile full --resolver "127.0.0.1:$FAKE_DNS_PORT" "$@" \
        2>errors </dev/null) || status=$?
    same "" "$(cat errors)"
}

# is STATUS FIRST-WORDS
is() {
    same "$1" "$status" && contains "${output%%$'\n'*}" "DNSBL $2"
}

@test "--confirm: a second resolver from which the list hides does not undo a listing" {
    fake_dns_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 <<'EOF'
soa test
@127.0.0.1 2.0.0.127.bl.test A 127.0.0.2
@127.0.0.1 1.2.0.192.bl.test A 127.0.0.2
@127.0.0.2 *.bl.test A NXDOMAIN
EOF
    run_dnsbl -H 192.0.2.1 --only bl.test --confirm 0.05 --resolver "127.0.0.2:$FAKE_DNS_PORT"
    is 2 "CRITICAL - 192.0.2.1: listed by Test list"
    same 1 "$(fake_dns_count '^udp 127.0.0.2 2\.0\.0\.127\.bl\.test A')"
}

@test "--confirm: a second resolver that knows the list does" {
    fake_dns_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 <<'EOF'
soa test
2.0.0.127.bl.test A 127.0.0.2
@127.0.0.1 1.2.0.192.bl.test A 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1 --only bl.test --confirm 0.05 --resolver "127.0.0.2:$FAKE_DNS_PORT" -v
    is 0 "OK"
    contains "$output" dnsbl.unconfirmed
}

@test "--confirm with --authoritative asks the list's servers again, not the resolver that it refuses" {
    fake_dns_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 <<'EOF'
soa bl.test
bl.test NS ns.bl.test
ns.bl.test A 127.0.0.2
@127.0.0.2 2.0.0.127.bl.test A 127.0.0.2
@127.0.0.2 1.2.0.192.bl.test A 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1 --only bl.test --authoritative --authoritative-port "$FAKE_DNS_PORT" --confirm 0.05
    is 2 "CRITICAL - 192.0.2.1: listed by Test list"
    same 0 "$(fake_dns_count '^udp 127.0.0.1 1\.2\.0\.192\.bl\.test')"
    same 2 "$(fake_dns_count '^udp 127.0.0.2 1\.2\.0\.192\.bl\.test A -')"
}

@test "--confirm looks twice at every one of many listings" {
    {
        printf 'soa test\ndnsbl bl.test\n'
        printf 'listed bl.test 192.0.2.%d 127.0.0.2\n' {0..255}
    } >lists.dns
    fake_dns_start lists.dns
    run_dnsbl -H 192.0.2.0/24 --only bl.test --confirm 0.01 --in-flight 5
    is 2 "CRITICAL"
    contains "$output" "listed=256;"
    same 512 "$(fake_dns_count ' [0-9]+\.2\.0\.192\.bl\.test A ')"
}

@test "a run that leaves refusing lists alone is no better than the one that they refused" {
    fake_dns_start - <<'EOF'
soa test
* A 127.255.255.254
EOF
    run_dnsbl -H 192.0.2.1 --state-file state
    is 3 "UNKNOWN"
    before=$(fake_dns_count .)
    run_dnsbl -H 192.0.2.1 --state-file state -v
    is 3 "UNKNOWN"
    contains "$output" dnsbl.back-off
    same "$before" "$(fake_dns_count .)"
}

@test "--authoritative: lists whose servers cannot be found are without answer" {
    fake_dns_start - <<'EOF'
soa test
dnsbl other.test
other.test NS ns.other.test
ns.other.test A 127.0.0.1
bl.test ANY SERVFAIL
EOF
    run_dnsbl -H 192.0.2.1 --authoritative --authoritative-port "$FAKE_DNS_PORT"
    is 1 "WARNING"
    contains "$output" "dnsbl.few-answers"
    contains "$output" "unanswered=1"
}

@test "--state-file: what cannot be read is not overwritten" {
    fake_dns_start - <<<'soa test'
    mkfifo pipe
    run_dnsbl -H 192.0.2.1 --state-file pipe
    [ -p pipe ]
    echo 'of somebody else' >state
    run_dnsbl -H 192.0.2.1 --state-file state -v
    contains "$output" "UNKNOWN dnsbl.state-file"
    contains "$output" "is not of this check"
    same 'of somebody else' "$(cat state)"
    [ ! -e state.corrupt ]
    echo 'postmaster-plugins dnsbl 0' >state
    mkdir state.corrupt
    run_dnsbl -H 192.0.2.1 --state-file state -v
    contains "$output" "cannot be set aside"
    same 'postmaster-plugins dnsbl 0' "$(cat state)"
}

@test "--state-file: an empty file made for us is a first run" {
    fake_dns_start - <<'EOF'
soa test
dnsbl bl.test
dnsbl other.test
EOF
    : >state
    run_dnsbl -H 192.0.2.1 --state-file state
    is 0 "OK"
    contains "$(cat state)" "postmaster-plugins dnsbl"
}

@test "-4 and -6 neither ask for the other family nor mind its troubles" {
    fake_dns_start - <<'EOF'
soa test
dnsbl bl.test ipv4 ipv6
dnsbl other.test
half.test A 192.0.2.1
half.test AAAA SERVFAIL
six.test A SERVFAIL
six.test AAAA 2001:db8::1
EOF
    run_dnsbl -H half.test -4
    is 0 "OK"
    same 0 "$(fake_dns_count 'half.test AAAA')"
    printf '[bl.test]\ntargets = ip4 ip6\n' >mine.conf
    run_dnsbl -H six.test -6 --catalogue mine.conf --only bl.test
    is 0 "OK"
    same 0 "$(fake_dns_count 'six.test A ')"
    run_dnsbl -H half.test -6
    is 3 "UNKNOWN"
}

@test "a PTR with odd octets is told and not asked about" {
    printf '[dom.test]\ntargets = ip4 domain\n' >catalogue.conf
    fake_dns_start - <<'EOF'
soa test
dnsbl dom.test domain ipv4
1.2.0.192.in-addr.arpa PTR a\032b\009.example
2.2.0.192.in-addr.arpa PTR .
EOF
    run_dnsbl -H 192.0.2.1 -H 192.0.2.2 --ptr -v
    is 3 "UNKNOWN"
    contains "$output" "asking for its PTR: name not valid in DNS"
    same 0 "$(fake_dns_count '(example\.| )dom\.test A')"
}

@test "an SPF record that names a network over and over makes no work over --max-targets" {
    {
        printf 'soa test\ndnsbl bl.test\ndnsbl other.test\n'
        # 400 times in one record: 26 million addresses.
        printf 'spf.test TXT "v=spf1 '
        printf 'ip4:44.1.0.0/16 " "%.0s' {1..400}
        printf -- '-all"\n'
    } >lists.dns
    fake_dns_start lists.dns
    # A bound of processor seconds, which a busy machine does not use up: SIGXCPU would be status 152.
    ulimit -S -t 60
    run_dnsbl --spf spf.test -t 2
    contains "$output" targets=65536
}

@test "the deadline is kept with more to ask than fits into it" {
    fake_dns_start - <<'EOF'
soa test
dnsbl bl.test
dnsbl other.test
EOF
    run_dnsbl -H 44.0.0.0/12 --max-targets 1048576 -t 1
    is 3 "UNKNOWN"
    contains "$output" dnsbl.deadline
    # It stopped with most of it unasked.
    [ "$(fake_dns_count '\.bl\.test A')" -lt 1048576 ]
}

@test "an email address with blanks or controls is refused" {
    FAKE_DNS_PORT=53
    for address in $'a\tb@example.org' $'a\nb@example.org' 'a b@example.org'; do
        run_dnsbl --email "$address"
        is 3 "UNKNOWN - " && contains "$output" "--email"
    done
}
