#!/usr/bin/env bats
# check_dnsbl through the real binary against scripted lists. Each row of the outcome table is a test of its own.

load helper
load assert

setup() {
    dnsbl=$(plugin check_dnsbl)
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    cd "$BATS_TEST_TMPDIR" || return 1
    catalogue </dev/null
}

teardown() {
    fake_dns_stop
}

# The lists of most tests; further sections come from standard input.
catalogue() {
    cat >catalogue.conf
    cat >>catalogue.conf <<'EOF'
[bl.test]
operator = Test list
targets = ip4 ip6
severity = critical
code = 127.0.0.2 critical: spam source
code = 127.0.0.[3;4] warning: suspicious
code = 127.0.0.10 info range: end-user range
url = https://bl.example/lookup?ip={target}

[other.test]
operator = Other list
severity = warning

[third.test]
operator = Third list
severity = warning

[fourth.test]

[fifth.test]
EOF
}

# lists SCRIPT-LINES on standard input: starts the server with five healthy lists and what is given.
lists() {
    {
        printf 'soa test\ndnsbl bl.test ipv4 ipv6\n'
        printf 'dnsbl %s.test\n' other third fourth fifth
        cat
    } >lists.dns
    fake_dns_start lists.dns "$@"
}

resolver() {
    printf '127.0.0.1:%s' "$FAKE_DNS_PORT"
}

# run_dnsbl WORDS...: sets output, status and errors; the catalogue and the resolver are given.
run_dnsbl() {
    status=0
    output=$("$dnsbl" --base-catalogue catalogue.conf --profile full --resolver "127.0.0.1:$FAKE_DNS_PORT" "$@" \
        2>errors </dev/null) || status=$?
    errors=$(cat errors)
    same "" "$errors"
}

# is STATUS FIRST-WORDS
is() {
    same "$1" "$status" && contains "${output%%$'\n'*}" "DNSBL $2"
}

# outcome ZONE: what the JSON says of a list about the first target.
outcome() {
    jq -r --arg zone "$1" 'first(.lists[] | select(.zone == $zone)).outcome' <<<"$output"
}

field() {
    jq -r --arg zone "$1" "first(.lists[] | select(.zone == \$zone)).$2" <<<"$output"
}

finding() {
    jq -r --arg id "$1" '[.findings[] | select(.id == $id)] | length' <<<"$output"
}

# usage WORDS... -- PART: exit 3, one UNKNOWN line that has the part
usage() {
    local words=()
    while [ "$1" != -- ]; do
        words+=("$1")
        shift
    done
    run_dnsbl "${words[@]}"
    same 3 "$status"
    same 1 "$(wc -l <<<"$output")"
    contains "$output" "DNSBL UNKNOWN - "
    contains "$output" "$2"
}

# ---- the outcome table, row by row

@test "LISTED: a code in 127/8, with meaning, reason, delisting URL and TTL (RFC 5782 2.1)" {
    require_tool jq
    lists <<'EOF'
listed bl.test 192.0.2.66 127.0.0.2 "seen spamming at noon"
EOF
    run_dnsbl -H 192.0.2.66
    is 2 "CRITICAL - 192.0.2.66: listed by Test list: spam source (dnsbl.listed-critical)"
    contains "$output" "listed=1;0;"
    run_dnsbl -H 192.0.2.66 --output-format json
    same 2 "$status"
    same listed "$(outcome bl.test)"
    same critical "$(field bl.test severity)"
    same 127.0.0.2 "$(field bl.test 'codes[0]')"
    same "spam source" "$(field bl.test 'meanings[0]')"
    same "seen spamming at noon" "$(field bl.test reason)"
    same "https://bl.example/lookup?ip=192.0.2.66" "$(field bl.test delist_url)"
    same 300 "$(field bl.test ttl)"
    same ip "$(field bl.test scope)"
}

@test "LISTED: the severity of the code decides, warning" {
    lists <<'EOF'
listed bl.test 192.0.2.66 127.0.0.3
EOF
    run_dnsbl -H 192.0.2.66
    is 1 "WARNING - 192.0.2.66: listed by Test list: suspicious (dnsbl.listed-warning)"
}

@test "LISTED: a listing of little weight is OK and says that a range is meant" {
    lists <<'EOF'
listed bl.test 192.0.2.66 127.0.0.10
EOF
    run_dnsbl -H 192.0.2.66 -v
    is 0 "OK - 192.0.2.66 on 0 of 5 lists, 1 of little weight"
    contains "$output" "dnsbl.listed-info"
    contains "$output" "its whole range and not the address alone"
}

@test "LISTED: several A records are the union of their meanings, the worst severity counts (RFC 5782 2.3)" {
    lists <<'EOF'
listed bl.test 192.0.2.66 127.0.0.10,127.0.0.3,127.0.0.2
EOF
    run_dnsbl -H 192.0.2.66
    is 2 "CRITICAL"
    contains "$output" "end-user range; suspicious; spam source"
}

@test "LISTED: without TXT there is a listing without reason" {
    require_tool jq
    lists <<'EOF'
66.2.0.192.bl.test A 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.66 --output-format json
    same listed "$(outcome bl.test)"
    same null "$(field bl.test reason)"
}

@test "LISTED, unknown code: WARNING with the raw code" {
    require_tool jq
    lists <<'EOF'
listed bl.test 192.0.2.66 127.0.0.77
EOF
    run_dnsbl -H 192.0.2.66 -v
    is 1 "WARNING - 192.0.2.66: listed by Test list: code not in the catalogue (dnsbl.unknown-code)"
    contains "$output" "answered 127.0.0.77"
    run_dnsbl -H 192.0.2.66 --output-format json
    same listed-unknown-code "$(outcome bl.test)"
}

@test "NOT LISTED: NXDOMAIN and the test entry is there" {
    require_tool jq
    lists </dev/null
    run_dnsbl -H 192.0.2.1
    is 0 "OK - 192.0.2.1 on 0 of 5 lists |"
    run_dnsbl -H 192.0.2.1 --output-format json
    same not-listed "$(outcome bl.test)"
}

@test "NOT LISTED: no data means the same as NXDOMAIN" {
    require_tool jq
    lists <<'EOF'
1.2.0.192.bl.test TXT "no address here"
EOF
    run_dnsbl -H 192.0.2.1 --output-format json
    same not-listed "$(outcome bl.test)"
}

@test "BLIND: the test entry is missing, the zone is there: unanswered, never clean (RFC 5782 5)" {
    require_tool jq
    catalogue <<'EOF'
[blind.test]
operator = Blind list
EOF
    lists <<'EOF'
blind.test NS ns.blind.test
EOF
    run_dnsbl -H 192.0.2.1 -v
    is 0 "OK - 192.0.2.1 on 0 of 5 lists, 1 without answer"
    contains "$output" "dnsbl.blind blind.test: Blind list knows neither this target nor its own test entry"
    run_dnsbl -H 192.0.2.1 --output-format json
    same blind "$(outcome blind.test)"
}

@test "BLOCKED: 127.255.255.254 is no listing" {
    require_tool jq
    lists <<'EOF'
*.other.test A 127.255.255.254
2.0.0.127.other.test A 127.255.255.254
EOF
    run_dnsbl -H 192.0.2.1 -v
    is 0 "OK - 192.0.2.1 on 0 of 4 lists, 1 without answer"
    contains "$output" "dnsbl.blocked other.test: Other list refuses to answer"
    contains "$output" "127.0.0.1:$FAKE_DNS_PORT"
    run_dnsbl -H 192.0.2.1 --output-format json
    same blocked "$(outcome other.test)"
    same 127.255.255.254 "$(field other.test 'codes[0]')"
}

@test "BLOCKED: any code in 127.255.255.0/24 on any list" {
    require_tool jq
    lists <<'EOF'
1.2.0.192.bl.test A 127.255.255.252
1.2.0.192.other.test A 127.255.255.1
EOF
    run_dnsbl -H 192.0.2.1 --output-format json
    same blocked "$(outcome bl.test)"
    same blocked "$(outcome other.test)"
}

@test "BLOCKED: REFUSED is no clean bill" {
    require_tool jq
    lists <<'EOF'
*.other.test ANY REFUSED
2.0.0.127.other.test ANY REFUSED
EOF
    run_dnsbl -H 192.0.2.1 --output-format json
    same 0 "$status"
    same blocked "$(outcome other.test)"
    same 1 "$(finding dnsbl.blocked)"
}

@test "BLOCKED: a list's own code for refusal (URIBL, dnswl)" {
    require_tool jq
    catalogue <<'EOF'
[uri.test]
targets = domain
error-bit = 127.0.0.1 blocked: refused
bit = 127.0.0.2: black
EOF
    lists <<'EOF'
dnsbl uri.test domain
listed uri.test spam.example 127.0.0.1
listed uri.test black.example 127.0.0.2
EOF
    run_dnsbl -d spam.example --only uri.test --output-format json
    same blocked "$(outcome uri.test)"
    run_dnsbl -d black.example --only uri.test --output-format json
    same listed "$(outcome uri.test)"
}

@test "OVER QUOTA: 127.255.255.255" {
    require_tool jq
    lists <<'EOF'
1.2.0.192.other.test A 127.255.255.255
EOF
    run_dnsbl -H 192.0.2.1 --output-format json
    same over-quota "$(outcome other.test)"
    same 1 "$(finding dnsbl.over-quota)"
}

@test "OVER QUOTA: a list whose rcode says so (SPFBL)" {
    require_tool jq
    catalogue <<'EOF'
[quota.test]
error = REFUSED over-quota: more than it allows
EOF
    lists <<'EOF'
dnsbl quota.test
1.2.0.192.quota.test A REFUSED
EOF
    run_dnsbl -H 192.0.2.1 --output-format json
    same over-quota "$(outcome quota.test)"
}

@test "KEY BAD: 127.255.255.250 and .251 on a keyed zone; the key is printed nowhere" {
    require_tool jq
    catalogue <<'EOF'
[<KEY>.dq.test]
operator = Keyed list
key-name = dq
profile = keyed
EOF
    echo 'dq = secretkey42' >keys
    for code in 250 251; do
        lists <<EOF
*.dq.test A 127.255.255.$code
EOF
        run_dnsbl -H 192.0.2.1 --key-file keys -vvv
        is 1 "WARNING - <KEY>.dq.test" || is 1 "WARNING - (KEY).dq.test"
        contains "$output" dnsbl.key-bad
        lacks "$output" secretkey42
        run_dnsbl -H 192.0.2.1 --key-file keys --output-format json
        same key-bad "$(outcome '<KEY>.dq.test')"
        lacks "$output" secretkey42
        [ "$(fake_dns_count 'secretkey42.dq.test A')" -ge 3 ]
        fake_dns_stop
    done
}

@test "KEY BAD: a keyed zone without its test entry; a reason that echoes the key is masked" {
    require_tool jq
    catalogue <<'EOF'
[<KEY>.dq.test]
operator = Keyed list
key-name = dq
profile = keyed
EOF
    echo 'dq = secretkey42' >keys
    lists <<'EOF'
dq.test NS ns.dq.test
*.dq.test ANY NXDOMAIN
listed other.test 192.0.2.1 127.0.0.2 "see https://x/secretkey42"
EOF
    run_dnsbl -H 192.0.2.1 --key-file keys -v
    contains "$output" dnsbl.key-bad
    lacks "$output" secretkey42
    contains "$output" "see https://x/(KEY)"
}

@test "WRONG KIND: a domain list's answer to an address is no listing" {
    require_tool jq
    catalogue <<'EOF'
[dbl.test]
targets = ip4 domain
error = 127.0.1.255 wrong-kind: domain list asked for an address
EOF
    lists <<'EOF'
*.dbl.test A 127.0.1.255
EOF
    run_dnsbl -H 192.0.2.1 --output-format json
    same wrong-kind "$(outcome dbl.test)"
    same 0 "$status"
}

@test "WRONG KIND: an address is never sent to a domain list, nor the reverse (RFC 5782 2.2)" {
    catalogue <<'EOF'
[domains.test]
targets = domain
[addresses.test]
targets = ip4
EOF
    lists <<'EOF'
dnsbl domains.test domain
dnsbl addresses.test
EOF
    run_dnsbl -H 192.0.2.1
    same 0 "$(fake_dns_count '192.domains.test')"
    run_dnsbl -d example.org --only domains.test --only addresses.test
    same 0 "$(fake_dns_count 'example.org.addresses.test')"
    same 1 "$(fake_dns_count 'example.org.domains.test A')"
}

@test "WRONG KIND: an address for domain lists only is UNKNOWN at once" {
    lists </dev/null
    catalogue <<'EOF'
[domains.test]
targets = domain
EOF
    run_dnsbl -H 192.0.2.1 --only domains.test
    is 3 "UNKNOWN - 192.0.2.1: none of the lists knows IPv4 addresses (dnsbl.not-covered)"
    same 0 "$(fake_dns_count .)"
}

@test "WILDCARD: a list that lists 127.0.0.1, too, is excluded with a warning (RFC 5782 5)" {
    require_tool jq
    catalogue <<'EOF'
[wild.test]
operator = Wild list
severity = critical
EOF
    lists <<'EOF'
*.wild.test A 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1
    is 1 "WARNING - wild.test: Wild list lists everything"
    contains "$output" "(dnsbl.wildcard)"
    contains "$output" "listed=0;"
    run_dnsbl -H 192.0.2.1 --output-format json
    same wildcard "$(outcome wild.test)"
}

@test "WILDCARD: where no negative test point is known a random label tells" {
    require_tool jq
    catalogue <<'EOF'
[wild.test]
test-unlisted = ip4 none
EOF
    lists <<'EOF'
*.wild.test A 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1 --output-format json
    same wildcard "$(outcome wild.test)"
}

@test "TAMPERED: one answer outside 127/8 is unanswered, with the raw answer" {
    require_tool jq
    lists <<'EOF'
*.other.test A 91.195.240.117
1.0.0.127.other.test A 91.195.240.117
2.0.0.127.other.test A 91.195.240.117
EOF
    run_dnsbl -H 192.0.2.1 -v
    is 0 "OK"
    contains "$output" "answer 91.195.240.117"
    run_dnsbl -H 192.0.2.1 --output-format json
    same tampered "$(outcome other.test)"
}

@test "TAMPERED: two lists or more are a resolver that rewrites NXDOMAIN: UNKNOWN" {
    lists <<'EOF'
* A 203.0.113.80
EOF
    run_dnsbl -H 192.0.2.1 --only bl.test --only other.test
    is 3 "UNKNOWN - 127.0.0.1:$FAKE_DNS_PORT: 2 lists seem to answer outside 127.0.0.0/8"
    contains "$output" "(dnsbl.resolver-rewrites)"
}

@test "RETIRED: no question is sent, WARNING with date and replacement" {
    require_tool jq
    catalogue <<'EOF'
[retired]
gone.test = 2024-06-05 | Gone Inc | emptied | bl.test
EOF
    lists </dev/null
    run_dnsbl -H 192.0.2.1 -s gone.test -v
    is 1 "WARNING - gone.test: gone since 2024-06-05"
    contains "$output" "use instead: bl.test"
    same 0 "$(fake_dns_count 'gone.test')"
    run_dnsbl -H 192.0.2.1 -s sub.gone.test --output-format json
    same retired "$(outcome sub.gone.test)"
}

@test "RETIRED: --retired sets the state" {
    catalogue <<'EOF'
[retired]
gone.test = 2024-06-05 | Gone Inc | emptied | bl.test
EOF
    lists </dev/null
    run_dnsbl -H 192.0.2.1 -s gone.test -s bl.test --retired critical
    is 2 "CRITICAL - gone.test"
    run_dnsbl -H 192.0.2.1 -s gone.test -s bl.test --retired ok
    is 0 "OK"
}

@test "DEAD: the zone itself does not exist (RFC 8020)" {
    require_tool jq
    catalogue <<'EOF'
[dead.test]
operator = Dead list
EOF
    lists </dev/null
    run_dnsbl -H 192.0.2.1
    is 1 "WARNING - dead.test: Dead list is gone"
    run_dnsbl -H 192.0.2.1 --output-format json
    same dead "$(outcome dead.test)"
}

@test "TIMEOUT: silence is unanswered, never clean" {
    require_tool jq
    lists <<'EOF'
[silent] *.other.test ANY
[silent] 2.0.0.127.other.test ANY
EOF
    run_dnsbl -H 192.0.2.1 -t 1 -v
    is 0 "OK - 192.0.2.1 on 0 of 4 lists, 1 without answer"
    contains "$output" "dnsbl.timeout other.test"
    run_dnsbl -H 192.0.2.1 -t 1 --output-format json
    same timeout "$(outcome other.test)"
}

@test "SERVFAIL: unanswered, with list and rcode" {
    require_tool jq
    lists <<'EOF'
1.2.0.192.other.test A SERVFAIL
EOF
    run_dnsbl -H 192.0.2.1 -v
    is 0 "OK"
    contains "$output" "dnsbl.error other.test: Other list could not be asked: SERVFAIL"
    run_dnsbl -H 192.0.2.1 --output-format json
    same error "$(outcome other.test)"
}

@test "SERVFAIL, malformed and cut answers are errors" {
    require_tool jq
    lists <<'EOF'
[header-only] 1.2.0.192.bl.test A 127.0.0.2
[garbage] 1.2.0.192.other.test A 127.0.0.2
1.2.0.192.third.test A NOTIMP
EOF
    run_dnsbl -H 192.0.2.1 -t 1 --output-format json
    for zone in bl.test other.test; do
        case $(outcome "$zone") in error | timeout) ;; *) false ;; esac
    done
    same error "$(outcome third.test)"
    same 3 "$status"
    same 1 "$(finding dnsbl.resolver-problem)"
}

# ---- totals

@test "totals: a dead resolver is UNKNOWN, not OK" {
    fake_dns_start - <<<'soa test'
    fake_dns_stop
    run_dnsbl -H 192.0.2.1
    is 3 "UNKNOWN - 127.0.0.1:$FAKE_DNS_PORT: cannot be reached; nothing is known (dnsbl.no-resolver)"
}

@test "totals: a silent resolver is UNKNOWN inside the deadline" {
    fake_dns_start - <<<'[silent] default'
    run_dnsbl -H 192.0.2.1 -t 1
    is 3 "UNKNOWN - 192.0.2.1: no answer from 5 lists"
}

@test "totals: SERVFAIL from everywhere is UNKNOWN" {
    fake_dns_start - <<<'* ANY SERVFAIL'
    run_dnsbl -H 192.0.2.1
    is 3 "UNKNOWN - 192.0.2.1: no answer from 5 lists"
}

@test "totals: more than half unanswered is a resolver problem, UNKNOWN, and names the resolver" {
    lists <<'EOF'
1.2.0.192.bl.test A SERVFAIL
1.2.0.192.other.test A REFUSED
1.2.0.192.third.test A NOTIMP
EOF
    run_dnsbl -H 192.0.2.1
    is 3 "UNKNOWN - 127.0.0.1:$FAKE_DNS_PORT: 3 of 5 questions got no answer"
    contains "$output" "(dnsbl.resolver-problem)"
}

@test "totals: a listing wins over everything that did not answer" {
    lists <<'EOF'
1.2.0.192.bl.test A 127.0.0.2
1.2.0.192.other.test A REFUSED
1.2.0.192.third.test A SERVFAIL
EOF
    run_dnsbl -H 192.0.2.1
    is 2 "CRITICAL - 192.0.2.1: listed by Test list"
}

@test "totals: a required list without answer is WARNING" {
    lists <<'EOF'
1.2.0.192.other.test A SERVFAIL
EOF
    run_dnsbl -H 192.0.2.1 --required other.test --min-answered 10
    is 1 "WARNING - other.test: no answer from Other list: SERVFAIL (dnsbl.required-unanswered)"
}

@test "totals: --min-answered" {
    lists <<'EOF'
1.2.0.192.other.test A SERVFAIL
EOF
    run_dnsbl -H 192.0.2.1 --min-answered 80
    is 0 "OK"
    run_dnsbl -H 192.0.2.1 --min-answered 81
    is 1 "WARNING - 192.0.2.1: only 4 of 5 questions answered (1 error), wanted are 81 % (dnsbl.few-answers)"
}

@test "totals: --error-state for whatever did not answer" {
    lists <<'EOF'
1.2.0.192.other.test A SERVFAIL
EOF
    run_dnsbl -H 192.0.2.1 --error-state critical
    is 2 "CRITICAL - other.test: Other list could not be asked: SERVFAIL (dnsbl.error)"
}

@test "totals: most lists gone at once are the resolver's doing, not theirs" {
    fake_dns_start - <<<'* ANY NXDOMAIN'
    run_dnsbl -H 192.0.2.1 -v
    is 3 "UNKNOWN - 127.0.0.1:$FAKE_DNS_PORT: 5 of 5 lists seem to be gone or to list everything"
    contains "$output" "OK dnsbl.dead bl.test"
    fake_dns_stop
    fake_dns_start - <<<'* A 127.0.0.2'
    run_dnsbl -H 192.0.2.1
    is 3 "UNKNOWN - 127.0.0.1:$FAKE_DNS_PORT: 5 of 5 lists seem to be gone or to list everything"
}

@test "totals: a list without a test entry is believed only when its zone is there" {
    require_tool jq
    catalogue <<'EOF'
[untested.test]
test-listed = ip4 none
[ebl.test]
targets = email
hash = sha1
EOF
    lists <<'EOF'
EOF
    run_dnsbl -H 192.0.2.1 --only untested.test --output-format json
    same dead "$(outcome untested.test)"
    run_dnsbl --email a@b.example --only ebl.test --output-format json
    same dead "$(outcome ebl.test)"
    fake_dns_stop
    lists <<'EOF'
untested.test NS ns.untested.test
*.ebl.test A 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1 --only untested.test --output-format json
    same not-listed "$(outcome untested.test)"
    run_dnsbl --email a@b.example --only ebl.test --output-format json
    same wildcard "$(outcome ebl.test)"
}

@test "totals: a target that no list knows is UNKNOWN, or told when it is one of a host's" {
    lists <<'EOF'
both.test A 192.0.2.1
both.test AAAA 2001:db8::1
EOF
    run_dnsbl -H 192.0.2.1 -H 2001:db8::1 --only other.test
    is 3 "UNKNOWN - 2001:db8::1: none of the lists knows IPv6 addresses (dnsbl.not-covered)"
    run_dnsbl -H both.test --only other.test
    is 0 "OK - both.test on 0 of 1 list, 1 target that no list knows"
}

# ---- thresholds

@test "-w and -c count listings: N or more, as in check_rbl" {
    lists <<'EOF'
listed bl.test 192.0.2.1 127.0.0.2
listed other.test 192.0.2.1 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1 -w 1 -c 1
    is 2 "CRITICAL"
    run_dnsbl -H 192.0.2.1 -w 1 -c 2
    is 2 "CRITICAL"
    run_dnsbl -H 192.0.2.1 -w 2 -c 3
    is 1 "WARNING"
    run_dnsbl -H 192.0.2.1 -w 3 -c 3
    is 0 "OK"
    contains "$output" "on 2 of 5 lists, below the thresholds"
    run_dnsbl -H 192.0.2.1 -w @1:2 -c 5:
    is 2 "CRITICAL"
}

@test "--severity tunes a finding by its id" {
    lists <<'EOF'
listed bl.test 192.0.2.1 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1 --severity dnsbl.listed-critical=warning
    is 1 "WARNING"
    run_dnsbl -H 192.0.2.1 --severity dnsbl.listed-critical=ignore
    is 0 "OK"
    run_dnsbl -H 192.0.2.1 --severity dnsbl.listed-critcal=ok
    is 3 "UNKNOWN"
    contains "$output" "dnsbl.listed-critical"
}

@test "--score adds weights as postscreen does, negative ones for allowlists" {
    catalogue <<'EOF'
[allow.test]
class = allowlist
EOF
    lists <<'EOF'
dnsbl allow.test
listed bl.test 192.0.2.1 127.0.0.2
listed other.test 192.0.2.1 127.0.0.2
listed allow.test 192.0.2.1 127.0.0.5
EOF
    run_dnsbl -H 192.0.2.1 -s 'bl.test=127.0.0.[2..3]*3' -s other.test*2 -s allow.test*-4 --score -w 1 -c 3
    is 1 "WARNING - 192.0.2.1: score 1 over all lists (dnsbl.score-warning)"
    contains "$output" "score=1;0;2"
    run_dnsbl -H 192.0.2.1 -s 'bl.test=127.0.0.[2..3]*3' -s other.test*2 --exclude allow.test --score -w 1 -c 3
    is 2 "CRITICAL - 192.0.2.1: score 5"
}

# ---- targets

@test "IPv6 is asked in nibbles, type A (RFC 5782 2.4)" {
    lists <<'EOF'
listed bl.test 2001:db8::1 127.0.0.2
EOF
    run_dnsbl -H 2001:db8::1 --only bl.test
    is 2 "CRITICAL"
    same 1 "$(fake_dns_count ' 1\.0\.0\.0\.0\.0\.0\.0\.0\.0\.0\.0\.0\.0\.0\.0\.0\.0\.0\.0\.0\.0\.0\.0\.8\.b\.d\.0\.1\.0\.0\.2\.bl\.test A ')"
    same 0 "$(fake_dns_count 'AAAA')"
}

@test "a mapped IPv4 address is asked as IPv4" {
    lists <<'EOF'
listed bl.test 192.0.2.1 127.0.0.2
EOF
    run_dnsbl -H ::ffff:192.0.2.1 --only bl.test
    is 2 "CRITICAL - 192.0.2.1"
}

@test "a host name stands for all its A and AAAA addresses" {
    lists <<'EOF'
mail.test A 192.0.2.1
mail.test A 192.0.2.2
mail.test AAAA 2001:db8::1
listed bl.test 2001:db8::1 127.0.0.2
EOF
    run_dnsbl -H mail.test
    is 2 "CRITICAL - 2001:db8::1 (mail.test): listed by Test list"
    contains "$output" targets=3
    run_dnsbl -H mail.test -4
    is 0 "OK"
    contains "$output" targets=2
}

@test "an internationalised host name is asked as A-labels" {
    lists <<'EOF'
xn--mller-kva.test A 192.0.2.1
EOF
    run_dnsbl -H müller.test
    is 0 "OK"
    contains "$output" targets=1
}

@test "networks of both families; every address counts" {
    lists <<'EOF'
listed bl.test 192.0.2.7 127.0.0.2
listed bl.test 2001:db8::3 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.0/29
    is 2 "CRITICAL - 192.0.2.7: listed by Test list"
    contains "$output" targets=8
    run_dnsbl -H 2001:db8::/126 --only bl.test
    is 2 "CRITICAL - 2001:db8::3"
    contains "$output" targets=4
}

@test "--mx takes every address of every exchanger; a null MX has none (RFC 7505)" {
    lists <<'EOF'
example.test MX 10 mx1.example.test
example.test MX 20 mx2.example.test
mx1.example.test A 192.0.2.1
mx2.example.test A 192.0.2.2
listed bl.test 192.0.2.2 127.0.0.2
null.test MX 0 .
EOF
    run_dnsbl --mx example.test
    is 2 "CRITICAL - 192.0.2.2 (mx2.example.test, MX of example.test): listed by Test list"
    contains "$output" targets=2
    run_dnsbl --mx null.test -v
    is 0 "OK"
    contains "$output" dnsbl.null-mx
}

@test "--mx without MX records takes the domain's own addresses (RFC 5321 5.1)" {
    lists <<'EOF'
example.test A 192.0.2.2
listed bl.test 192.0.2.2 127.0.0.2
EOF
    run_dnsbl --mx example.test
    is 2 "CRITICAL - 192.0.2.2 (MX of example.test)"
}

@test "--spf takes ip4 and ip6 of the record and nobody else's (RFC 7208 5.6)" {
    lists <<'EOF'
example.test TXT "other"
example.test TXT "v=spf1 ip4:192.0.2.0/30 ip6:2001:db8::1 -ip4:192.0.2.99 include:other.test -all"
listed bl.test 192.0.2.2 127.0.0.2
wide.test TXT "v=spf1 ip4:10.0.0.0/8 ip4:44.0.0.0/8 -all"
EOF
    run_dnsbl --spf example.test
    is 2 "CRITICAL - 192.0.2.2 (SPF of example.test)"
    contains "$output" targets=5
    run_dnsbl --spf wide.test
    is 1 "WARNING - "
    contains "$output" dnsbl.range-too-wide
}

@test "--spf of a record that is in error says so" {
    lists <<'EOF'
two.test TXT "v=spf1 ip4:192.0.2.1 -all"
two.test TXT "v=spf1 -all"
bad.test TXT "v=spf1 ip4:192.0.2.999 ip4:192.0.2.1 -all"
EOF
    run_dnsbl --spf two.test
    is 1 "WARNING - two.test: there are several SPF records"
    run_dnsbl --spf bad.test
    is 1 "WARNING - bad.test: ip4:192.0.2.999 is no address or network (dnsbl.spf-unclear)"
}

@test "a name that does not exist is CRITICAL, one that cannot be asked for UNKNOWN" {
    lists <<'EOF'
broken.test ANY SERVFAIL
empty.test TXT "x"
EOF
    run_dnsbl -H nowhere.test
    is 2 "CRITICAL - nowhere.test: does not exist (NXDOMAIN) (dnsbl.target-gone)"
    run_dnsbl -H empty.test
    is 2 "CRITICAL - empty.test: has no address (dnsbl.target-gone)"
    run_dnsbl -H broken.test
    is 3 "UNKNOWN - broken.test: asking for its A: SERVFAIL (dnsbl.target-unresolved)"
}

@test "one family that cannot be resolved is not passed over" {
    lists <<'EOF'
half.test A 192.0.2.1
half.test AAAA SERVFAIL
EOF
    run_dnsbl -H half.test
    is 3 "UNKNOWN - half.test: asking for its AAAA: SERVFAIL"
}

@test "private addresses are UNKNOWN and not sent; loopback test points are" {
    lists </dev/null
    run_dnsbl -H 10.1.2.3
    is 3 "UNKNOWN - 10.1.2.3: not on the Internet (private address)"
    same 0 "$(fake_dns_count '3\.2\.1\.10')"
    run_dnsbl -H 127.0.0.2
    is 2 "CRITICAL - 127.0.0.2"
    for address in 127.0.0.1 ::1 255.255.255.255 0.0.0.0 169.254.1.1 100.64.0.1 fe80::1 224.0.0.1; do
        run_dnsbl -H "$address"
        is 3 "UNKNOWN - $address: not on the Internet"
    done
}

@test "a host name that leads to loopback is a mistake, not a clean bill" {
    lists <<'EOF'
local.test A 127.0.0.5
EOF
    run_dnsbl -H local.test
    is 3 "UNKNOWN - 127.0.0.5: not on the Internet (loopback address)"
}

@test "--targets-file: addresses, networks, names, domains, comments" {
    lists <<'EOF'
mail.test A 192.0.2.9
listed bl.test 192.0.2.9 127.0.0.2
EOF
    printf '# ours\n192.0.2.1\n192.0.2.4/31   # two\nmail.test\n\n' >targets
    run_dnsbl --targets-file targets
    is 2 "CRITICAL - 192.0.2.9 (mail.test)"
    contains "$output" targets=4
    printf '\xef\xbb\xbf192.0.2.9\r\n' >targets
    run_dnsbl --targets-file targets
    is 2 "CRITICAL - 192.0.2.9"
    printf '192.0.2.1\nnot an address\n' >targets
    run_dnsbl --targets-file targets
    is 3 "UNKNOWN - targets:2: "
}

@test "--domain, --helo, --ptr and --ns each go to the right lists" {
    catalogue <<'EOF'
[dom.test]
targets = domain
[ns.test]
targets = name-server
EOF
    lists <<'EOF'
dnsbl dom.test domain
dnsbl ns.test domain
example.org NS ns1.example.net
1.2.0.192.in-addr.arpa PTR host.example.com
listed dom.test host.example.com 127.0.0.2
listed ns.test ns1.example.net 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1 --ptr
    contains "$output" "host.example.com (PTR of 192.0.2.1): listed by dom.test"
    run_dnsbl -d example.org --ns
    contains "$output" "ns1.example.net (name server of example.org): listed by ns.test"
    run_dnsbl --helo host.example.com
    contains "$output" "host.example.com (HELO name): listed by dom.test"
}

@test "--email sends only a hash" {
    catalogue <<'EOF'
[ebl.test]
targets = email
hash = sha1
code = 127.0.0.2: mail drop box
EOF
    # sha1sum of "joe@example.org"
    hash=$(printf %s joe@example.org | sha1sum | cut -d' ' -f1)
    lists <<EOF
$hash.ebl.test A 127.0.0.2
EOF
    run_dnsbl --email Joe@Example.org --only ebl.test
    is 1 "WARNING - joe@example.org: listed by ebl.test: mail drop box"
    same 0 "$(fake_dns_count joe)"
}

# ---- lists

@test "-s with a filter counts only those codes; several filters of one zone are one question" {
    lists <<'EOF'
listed bl.test 192.0.2.1 127.0.0.10
EOF
    run_dnsbl -H 192.0.2.1 -s 'bl.test=127.0.0.[2..4]'
    is 0 "OK"
    run_dnsbl -H 192.0.2.1 -s 'bl.test=127.0.0.2*3' -s 'bl.test=127.0.0.10*2' --score -w 1 -c 3
    is 1 "WARNING - 192.0.2.1: score 2"
    same 2 "$(fake_dns_count ' 1\.2\.0\.192\.bl\.test A ')"
}

@test "a zone named twice is one list and one listing" {
    lists <<'EOF'
listed bl.test 192.0.2.1 127.0.0.2
EOF
    status=0
    output=$("$dnsbl" -H 192.0.2.1 -s bl.test -s BL.test. -c 2 --base-catalogue catalogue.conf \
        --resolver "127.0.0.1:$FAKE_DNS_PORT") || status=$?
    is 1 "WARNING"
    contains "$output" "listed=1;"
    contains "$output" "servers=1"
}

@test "a list that the catalogue does not know is a blocklist of weight" {
    lists <<'EOF'
dnsbl mine.test
listed mine.test 192.0.2.1 127.0.0.9
EOF
    status=0
    output=$("$dnsbl" -H 192.0.2.1 -s mine.test -w 1 -c 1 -t 15 --base-catalogue catalogue.conf \
        --resolver "127.0.0.1:$FAKE_DNS_PORT") || status=$?
    is 2 "CRITICAL - 192.0.2.1: listed by mine.test"
    contains "$output" "servers=1"
    contains "$output" "time="
}

@test "--only and --exclude" {
    lists </dev/null
    run_dnsbl -H 192.0.2.1 --exclude other.test
    contains "$output" "servers=4"
    same 0 "$(fake_dns_count 'other.test')"
    run_dnsbl -H 192.0.2.1 --only other.test
    contains "$output" "servers=1"
    run_dnsbl -H 192.0.2.1 --only nobody.test
    is 3 "UNKNOWN - --only: the catalogue has no list nobody.test"
}

@test "an allowlist is never a listing; --require-allowlist" {
    catalogue <<'EOF'
[allow.test]
operator = Allowlist
class = allowlist
EOF
    lists <<'EOF'
dnsbl allow.test
listed allow.test 192.0.2.1 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1 --require-allowlist
    is 0 "OK"
    contains "$output" "allowlisted=1"
    run_dnsbl -H 192.0.2.2 --require-allowlist
    is 1 "WARNING - 192.0.2.2: not on the allowlist that answered"
}

@test "a keyed list without its key: not asked by the profile, a warning when named" {
    catalogue <<'EOF'
[<KEY>.dq.test]
key-name = dq
profile = full keyed
EOF
    lists </dev/null
    run_dnsbl -H 192.0.2.1
    is 0 "OK"
    run_dnsbl -H 192.0.2.1 -s '<KEY>.dq.test' -s bl.test
    is 1 "WARNING - (KEY).dq.test: wants the key \"dq\""
}

@test "a user's catalogue changes a list, and may take it away" {
    lists <<'EOF'
listed bl.test 192.0.2.1 127.0.0.2
EOF
    cat >mine.conf <<'EOF'
[bl.test]
code = 127.0.0.2 info: harmless here
[other.test]
remove = yes
EOF
    run_dnsbl -H 192.0.2.1 --catalogue mine.conf -v
    is 0 "OK"
    contains "$output" "harmless here"
    contains "$output" "servers=4"
}

@test "--list-catalogue prints the choice and asks nothing" {
    lists </dev/null
    run_dnsbl --list-catalogue
    same 0 "$status"
    contains "$output" $'bl.test\tTest list\tblocklist\tcritical'
    same 0 "$(fake_dns_count .)"
}

@test "a list's rate is kept: five questions a second" {
    catalogue <<'EOF'
[slow.test]
rate = 5/s
EOF
    lists <<'EOF'
dnsbl slow.test
EOF
    run_dnsbl -H 192.0.2.0/29 --only slow.test -t 5
    is 0 "OK"
    contains "$output" "answered=8"
    # 10 questions, 5 at once and 5 a second: not in under one second
    [ "$(sed -n 's/.* time=\([0-9]*\)\..*/\1/p' <<<"$output")" -ge 1 ]
}

@test "questions that are not asked because the deadline comes are told" {
    lists <<'EOF'
[silent] *.bl.test ANY
EOF
    run_dnsbl -H 192.0.2.0/28 --only bl.test -t 1 --in-flight 1
    is 3 "UNKNOWN"
    contains "$output" dnsbl.deadline
    run_dnsbl -H 192.0.2.0/28 --only bl.test -t 1 --in-flight 1 --timeout-result critical
    is 2 "CRITICAL - 192.0.2.0/28: the deadline came with"
}

@test "a list whose rate does not allow so many targets is left out, and said so" {
    catalogue <<'EOF'
[slow.test]
rate = 1/s
EOF
    lists <<'EOF'
dnsbl slow.test
EOF
    run_dnsbl -H 192.0.2.0/28 -t 2 -v
    is 0 "OK"
    contains "$output" "dnsbl.rate slow.test: not asked: it allows 1 question a second, and there are 16 targets"
    same 0 "$(fake_dns_count '192\.slow\.test A')"
}

# ---- asking

@test "a lost packet is sent again" {
    lists <<'EOF'
[lose=1] 1.2.0.192.bl.test A 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1 -t 2
    is 2 "CRITICAL"
}

@test "a truncated answer is fetched by TCP (RFC 7766)" {
    lists <<'EOF'
[truncate] 1.2.0.192.bl.test A 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1
    is 2 "CRITICAL"
    same 1 "$(fake_dns_count '^tcp .* 1\.2\.0\.192\.bl\.test A')"
}

@test "truncation with TCP that fails is no answer, and said so" {
    lists <<'EOF'
[truncate tcp=closed] 1.2.0.192.other.test A 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1 -t 2 -v
    is 0 "OK"
    contains "$output" "dnsbl.error other.test: Other list could not be asked: truncated, TCP fails"
}

@test "forged answers (wrong id, question, source) are not taken" {
    lists <<'EOF'
[also wrong-id delay=1] 1.2.0.192.bl.test A 127.0.0.2
[also wrong-question delay=1] 1.2.0.192.bl.test A 127.0.0.2
[also wrong-source delay=1] 1.2.0.192.bl.test A 127.0.0.2
[delay=30] 1.2.0.192.bl.test A NXDOMAIN
EOF
    run_dnsbl -H 192.0.2.1
    is 0 "OK"
    contains "$output" "answered=5"
}

@test "several resolvers: one that is silent or refuses is made up for by the other" {
    fake_dns_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 --listen 127.0.0.3:0 <<'EOF'
soa test
dnsbl bl.test
listed bl.test 192.0.2.1 127.0.0.2
@127.0.0.2 [silent] default
@127.0.0.3 * ANY REFUSED
EOF
    run_dnsbl -H 192.0.2.1 --only bl.test --resolver "127.0.0.3:$FAKE_DNS_PORT"
    is 2 "CRITICAL - 192.0.2.1: listed by Test list"
    status=0
    output=$("$dnsbl" -H 192.0.2.1 --only bl.test --profile full --base-catalogue catalogue.conf -t 5 \
        --resolver "127.0.0.2:$FAKE_DNS_PORT" --resolver "127.0.0.1:$FAKE_DNS_PORT") || status=$?
    is 2 "CRITICAL - 192.0.2.1: listed by Test list"
    status=0
    output=$("$dnsbl" -H 192.0.2.1 --only bl.test --profile full --base-catalogue catalogue.conf \
        --resolver "127.0.0.3:$FAKE_DNS_PORT" --resolver "127.0.0.1:$FAKE_DNS_PORT") || status=$?
    is 2 "CRITICAL - 192.0.2.1: listed by Test list"
}

@test "--authoritative asks the list's own name servers, without recursion" {
    fake_dns_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 <<'EOF'
soa bl.test
bl.test NS ns.bl.test
ns.bl.test A 127.0.0.2
@127.0.0.1 *.bl.test A 127.255.255.254
@127.0.0.2 2.0.0.127.bl.test A 127.0.0.2
@127.0.0.2 1.2.0.192.bl.test A 127.0.0.2
@127.0.0.2 1.0.0.127.bl.test A NXDOMAIN
EOF
    run_dnsbl -H 192.0.2.1 --only bl.test
    is 3 "UNKNOWN"
    run_dnsbl -H 192.0.2.1 --only bl.test --authoritative --authoritative-port "$FAKE_DNS_PORT"
    is 2 "CRITICAL - 192.0.2.1: listed by Test list"
    same 0 "$(fake_dns_count '^udp 127.0.0.2 .* rd')"
}

@test "a list's own resolver, named in the catalogue, is asked for it alone" {
    fake_dns_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 <<'EOF'
soa test
dnsbl bl.test
dnsbl other.test
@127.0.0.1 *.bl.test ANY REFUSED
@127.0.0.2 2.0.0.127.bl.test A 127.0.0.2
@127.0.0.2 1.2.0.192.bl.test A 127.0.0.2
EOF
    printf '[bl.test]\nresolver = 127.0.0.2:%s\n' "$FAKE_DNS_PORT" >mine.conf
    run_dnsbl -H 192.0.2.1 --only bl.test --only other.test --catalogue mine.conf
    is 2 "CRITICAL - 192.0.2.1: listed by Test list"
    same 0 "$(fake_dns_count '^udp 127.0.0.1 .*bl\.test')"
    same 0 "$(fake_dns_count '^udp 127.0.0.2 .*other\.test')"
    [ "$(fake_dns_count '^udp 127.0.0.2 .*bl\.test A rd')" -ge 3 ]
    printf '[bl.test]\nresolver = nowhere\n' >mine.conf
    run_dnsbl -H 192.0.2.1 --catalogue mine.conf
    is 3 "UNKNOWN - catalogue mine.conf:2: resolver: expected ADDR"
}

@test "--selftest: never asks no tests, always asks for a random name besides" {
    lists </dev/null
    run_dnsbl -H 192.0.2.1 --only bl.test --selftest never
    is 0 "OK"
    same 1 "$(fake_dns_count .)"
    run_dnsbl -H 192.0.2.1 --only bl.test --selftest always
    same 1 "$(fake_dns_count ' [a-z2-7]{16}\.bl\.test A ')"
}

# ---- memory

@test "--state-file tells new and gone listings" {
    lists <<'EOF'
listed bl.test 192.0.2.1 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1 --state-file state
    is 2 "CRITICAL"
    lacks "$output" ", new"
    run_dnsbl -H 192.0.2.1 --state-file state
    contains "$output" "new=0"
    fake_dns_stop
    lists <<'EOF'
listed other.test 192.0.2.1 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1 --state-file state -v
    contains "$output" "new=1"
    contains "$output" "listed by Other list: listed, new"
    contains "$output" "dnsbl.gone 192.0.2.1: no longer listed by Test list"
    run_dnsbl -H 192.0.2.1 --state-file state -v
    lacks "$output" dnsbl.gone
}

@test "--state-file: a listing is not gone because the list did not answer" {
    lists <<'EOF'
listed bl.test 192.0.2.1 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1 --state-file state
    fake_dns_stop
    lists <<'EOF'
1.2.0.192.bl.test A SERVFAIL
EOF
    run_dnsbl -H 192.0.2.1 --state-file state -v
    lacks "$output" dnsbl.gone
    contains "$(cat state)" "bl.test"
}

@test "--state-file: a list that refuses is left alone for an hour" {
    lists <<'EOF'
1.2.0.192.other.test A 127.255.255.255
EOF
    run_dnsbl -H 192.0.2.1 --state-file state
    before=$(fake_dns_count 'other.test')
    run_dnsbl -H 192.0.2.1 --state-file state -v
    contains "$output" "dnsbl.back-off other.test"
    same "$before" "$(fake_dns_count 'other.test')"
    # An hour later: the line is over.
    sed -i 's/^refused\tother.test\t[0-9]*/refused\tother.test\t1000/' state
    run_dnsbl -H 192.0.2.1 --state-file state -v
    lacks "$output" dnsbl.back-off
}

@test "--state-file: a corrupt one is named, set aside and not fatal" {
    lists </dev/null
    for content in 'postmaster-plugins dnsbl 2' 'postmaster-plugins dnsbl 1' $'postmaster-plugins dnsbl 1\nlisted\tx\n'; do
        printf '%s' "$content" >state
        run_dnsbl -H 192.0.2.1 --state-file state
        is 3 "UNKNOWN"
        contains "$output" "is corrupt"
        [ -f state.corrupt ]
        run_dnsbl -H 192.0.2.1 --state-file state
        is 0 "OK"
        rm -f state state.corrupt
    done
}

@test "--state-file: a directory, a FIFO, a place that cannot be written are UNKNOWN and said" {
    lists </dev/null
    mkdir folder
    run_dnsbl -H 192.0.2.1 --state-file folder
    is 3 "UNKNOWN"
    contains "$output" dnsbl.state-file
    mkfifo pipe
    run_dnsbl -H 192.0.2.1 --state-file pipe
    is 3 "UNKNOWN"
    run_dnsbl -H 192.0.2.1 --state-file nowhere/state
    is 3 "UNKNOWN"
    contains "$output" "No such file"
}

@test "--confirm asks again; what is gone does not count" {
    lists <<'EOF'
[first=1] 1.2.0.192.bl.test A 127.0.0.2
[after=1] 1.2.0.192.bl.test A NXDOMAIN
EOF
    run_dnsbl -H 192.0.2.1 --confirm 0.05 -v
    is 0 "OK"
    contains "$output" "dnsbl.unconfirmed 192.0.2.1: was listed by Test list and is not any more"
}

@test "--confirm: what is still there counts" {
    lists <<'EOF'
listed bl.test 192.0.2.1 127.0.0.2
EOF
    run_dnsbl -H 192.0.2.1 --confirm 0.05
    is 2 "CRITICAL"
    same 2 "$(fake_dns_count ' 1\.2\.0\.192\.bl\.test A ')"
}

# ---- hostile answers

@test "a hostile reason reaches no terminal, perfdata or web page raw" {
    lists <<'EOF'
66.2.0.192.bl.test A 127.0.0.2
66.2.0.192.bl.test TXT "<script>\027[31m|x=1;;\010\255"
EOF
    run_dnsbl -H 192.0.2.66 -v
    is 2 "CRITICAL"
    lacks "$output" "<script>"
    lacks "$output" $'\e'
    same 1 "$(tr -cd '|' <<<"$output" | wc -c)"
}

@test "a NUL in a reason does not cut it" {
    lists <<'EOF'
66.2.0.192.bl.test A 127.0.0.2
66.2.0.192.bl.test TXT "before\000after"
EOF
    run_dnsbl -H 192.0.2.66 -v
    contains "$output" 'before\x00after'
}

@test "a refusal is shown with what the list says of the resolver" {
    lists <<'EOF'
1.2.0.192.other.test A 127.255.255.254
1.2.0.192.other.test TXT "resolver 198.51.100.7 is refused"
EOF
    run_dnsbl -H 192.0.2.1 -v
    contains "$output" "seen: answer 127.255.255.254, asked through 127.0.0.1:$FAKE_DNS_PORT"
}

@test "an unusual rcode is named" {
    lists <<'EOF'
1.2.0.192.other.test A NOTIMP
EOF
    run_dnsbl -H 192.0.2.1 -v
    contains "$output" "Other list could not be asked: NOTIMP"
}

@test "a thousand A records are read to a bound" {
    lists < <(
        for i in {1..250}; do
            echo "66.2.0.192.bl.test A 127.0.7.$i"
        done
    )
    run_dnsbl -H 192.0.2.66
    is 1 "WARNING"
    [ "${#output}" -le 8192 ]
}

# ---- bad input

@test "bad input: one UNKNOWN line and exit 3" {
    FAKE_DNS_PORT=53
    usage -H 192.0.2.1 --frobnicate -- "unknown option --frobnicate"
    usage -H 192.0.2.1 -w 5x -- "5x"
    usage -H 192.0.2.1 -c 20:10 -- "20:10"
    usage -H 192.0.2.1 -t 0x -- "0x"
    usage -H 192.0.2.999 -- "192.0.2.999"
    usage -H 2001:db8::g -- "2001:db8::g"
    usage -H 10.0.0.0/8 -- "--max-targets"
    usage -H 192.0.2.0/33 -- "192.0.2.0/33"
    usage -H '' -- "hostname"
    usage -H $'a\nb' -- "hostname"
    usage -H $'a\rb' -- "hostname"
    usage -- "nothing to look for"
    usage -H 192.0.2.1 --resolver 127.0.0.1.1 -- "127.0.0.1.1"
    usage -H 192.0.2.1 --resolver host.test -- "host.test"
    usage -H 192.0.2.1 -s "$(printf 'a%.0s' {1..64}).test" -- "63"
    usage -H 192.0.2.1 -s 'bl.test=127.0.0' -- "filter"
    usage -H 192.0.2.1 --profile most -- "most"
    usage -H 192.0.2.1 --key-file /nonexistent -- "/nonexistent"
    usage -H 192.0.2.1 --catalogue /nonexistent -- "/nonexistent"
    usage --email nobody -- "nobody"
    usage -d 192.0.2.1 -- "--domain"
    usage -d https://example.org/x -- "--domain"
    usage -H joe@example.org -- "joe@example.org"
    usage -H 0x7f.1/8 -- "0x7f.1/8"
    usage -H 192.0.2.1 --required zen.spamhous.org -- "zen.spamhous.org"
    usage -H 192.0.2.1 --exclude zen.spamhous.org -- "zen.spamhous.org"
    usage -H 192.0.2.1 -s bl.test=10.0.0.2 -- "127.0.0.0/8"
    usage -H 192.0.2.1 --confirm 5 -t 3 -- "--confirm"
    usage -H 192.0.2.1 --state-file $'a\nb' -- "--state-file"
    echo 'nobody = abcdefgh' >keys
    usage -H 192.0.2.1 --key-file keys -- "nobody"
    echo 'dq = secretsecret' >keys
    usage --targets-file keys -- "keys:1"
    lacks "$output" secretsecret
}

@test "bad input: catalogue and key file errors name file and line, a key never" {
    FAKE_DNS_PORT=53
    printf '[bl.test]\nseverity = bad\n' >mine.conf
    usage -H 192.0.2.1 --catalogue mine.conf -- "mine.conf:2"
    printf '# keys\ndq = not/a/key-secret\n' >keys
    usage -H 192.0.2.1 --key-file keys -- "keys:2"
    lacks "$output" not/a/key
    mkfifo pipe
    usage -H 192.0.2.1 --catalogue pipe -- "not a regular file"
}

# ---- formats

@test "every format is whole for every state" {
    require_tool jq
    lists <<'EOF'
listed bl.test 192.0.2.66 127.0.0.2 "reason"
EOF
    for target in 192.0.2.1 192.0.2.66 nowhere.test; do
        run_dnsbl -H "$target" --output-format json
        jq -e '.plugin == "check_dnsbl" and (.perfdata.listed.value | type) == "number" and (.lists | type) == "array"' \
            <<<"$output" >/dev/null
        run_dnsbl -H "$target" --output-format prometheus
        contains "$output" "postmaster_dnsbl_state{target=\"$target\"} $status"
        run_dnsbl -H "$target" --output-format checkmk
        contains "$output" "$status \"DNSBL $target\" listed="
        run_dnsbl -H "$target" --output-format multi-line
        contains "$output" "DNSBL"
    done
}

@test "perfdata labels are the same whatever was found" {
    lists <<'EOF'
listed bl.test 192.0.2.66 127.0.0.2
EOF
    labels() {
        sed -n 's/^[^|]*| *//p' <<<"$output" | tr ' ' '\n' | cut -d= -f1 | tr '\n' ' '
    }
    run_dnsbl -H 192.0.2.1
    expected=$(labels)
    run_dnsbl -H 192.0.2.66
    same "$expected" "$(labels)"
    run_dnsbl -H nowhere.test
    same "$expected" "$(labels)"
    run_dnsbl -H 192.0.2.1 --nonsense
    same "$expected" "$(labels)"
}

@test "--per-list gives a figure for each list, U where there is no answer" {
    catalogue <<'EOF'
[a-very-long-name-of-a-list.test]
[a-very-long-name-of-another.test]
EOF
    lists <<'EOF'
dnsbl a-very-long-name-of-a-list.test
dnsbl a-very-long-name-of-another.test
listed bl.test 192.0.2.66 127.0.0.2
66.2.0.192.other.test A SERVFAIL
EOF
    run_dnsbl -H 192.0.2.66 --per-list
    contains "$output" " bl_test=1"
    contains "$output" " other_test=U"
    contains "$output" " third_test=0"
    contains "$output" " a_very_long_name_of=0"
    contains "$output" " a_very_long_name__2=0"
}

@test "a long run on a terminal shows its progress there, and only there" {
    require_terminal
    lists <<'EOF'
[silent] *.bl.test ANY
EOF
    run script -qec "'$dnsbl' --base-catalogue catalogue.conf --profile full --resolver $(resolver) -H 192.0.2.1 \
        -t 4 2>&1 >result" /dev/null </dev/null
    contains "$output" "answers to"
    contains "$(cat result)" "DNSBL OK"
}

@test "Prometheus has a sample for each list that answered" {
    lists <<'EOF'
listed bl.test 192.0.2.66 127.0.0.2
1.2.0.192.other.test A SERVFAIL
EOF
    run_dnsbl -H 192.0.2.66 --output-format prometheus
    contains "$output" 'postmaster_dnsbl_list_listed{target="192.0.2.66",zone="bl.test"} 1'
    contains "$output" 'postmaster_dnsbl_list_listed{target="192.0.2.66",zone="other.test"} 0'
}

@test "-vv tells the questions for each list against its terms" {
    catalogue <<'EOF'
[limited.test]
limit = 1,000 a day
EOF
    lists <<'EOF'
dnsbl limited.test
EOF
    run_dnsbl -H 192.0.2.1 -vv
    contains "$output" "limited.test (limited.test): 3 questions; allowed: 1,000 a day"
}
