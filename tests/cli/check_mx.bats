#!/usr/bin/env bats
# check_mx through the real binary against scripted DNS and SMTP servers: what stands in DNS, and the usual troubles of
# exchangers. Each row of the tables of conditions is a test of its own, named by its id; check_mx_hostile.bats has the
# servers that lie.

load helper
load assert
load mx

setup() {
    mx_setup
}

teardown() {
    fake_smtp_stop
    fake_dns_stop
}

# ---- the good case

@test "two exchangers that work are OK, with all figures" {
    servers </dev/null
    zone <<<"$TWO"
    check
    same 0 "$status"
    contains "$output" 'MX OK - example.test: 2 of 2 exchangers work: 10 mx1.example.test, 20 mx2.example.test | mx_count=2 mx_up=2;2:;1:;0;2 mx_down=0 mx_refusing=0 mx_addr=2 addr_up=2 addr_down=0 networks=1 catchall_mx=U time_slowest=0'
    contains "$output" '10 mx1.example.test 127.0.0.2 works, '
    fake_smtp_is_polite
    same 2 "$(fake_smtp_connections)"
    same 'QUIT QUIT' "$(fake_smtp_said | grep -v EHLO | xargs)"
}

@test "JSON has the stable keys" {
    require_tool jq
    servers <<'END'
@127.0.0.3
554 No SMTP service here
END
    zone <<<"$TWO"
    check --output-format json
    same 'example.test found' "$(jq -r '"\(.domain) \(.status)"' <<<"$output")"
    same '[["mx1.example.test",10,["127.0.0.2",true,null,"127.0.0.0/24"]],["mx2.example.test",20,["127.0.0.3",false,"554 No SMTP service here","127.0.0.0/24"]]]' \
        "$(jq -c '[.exchangers[] | [.host, .preference, (.addresses[] | [.address, .working, .failure, .network])]]' <<<"$output")"
    same '["number","null"]' "$(jq -c '[.exchangers[].addresses[].ms | type]' <<<"$output")"
}

@test "JSON has the same keys when nothing is found, and on a usage error" {
    require_tool jq
    zone <<<'other.test A 127.0.0.9'
    check --output-format json
    same '["example.test","no-domain",[]]' "$(jq -c '[.domain, .status, .exchangers]' <<<"$output")"
    run_mx --output-format json
    same '[null,null,[]]' "$(jq -c '[.domain, .status, .exchangers]' <<<"$output")"
}

@test "Prometheus has a sample for each address" {
    servers </dev/null
    zone <<<"$TWO"
    check --output-format prometheus
    contains "$output" 'postmaster_mx_address_working{target="example.test",exchanger="mx2.example.test",address="127.0.0.3",preference="20"} 1'
    contains "$output" 'postmaster_mx_address_seconds{'
}

@test "-vv shows what was said" {
    servers </dev/null
    zone <<<"$TWO"
    check -v
    contains "$output" 'EHLO '
    contains "$output" '220 mail.test'
}

@test "--no-connect speaks to nobody" {
    servers </dev/null
    zone <<<"$TWO"
    check --no-connect
    same 0 "$status"
    contains "$output" 'MX OK - example.test: 2 exchangers: 10 mx1.example.test, 20 mx2.example.test | mx_count=2 mx_up=U;2:;1: mx_down=U mx_refusing=U mx_addr=2 addr_up=U'
    same 0 "$(fake_smtp_connections)"
}

@test "an exchanger with several addresses is spoken to at each of them" {
    servers </dev/null
    zone <<'END'
example.test MX 10 mx1.example.test
mx1.example.test A 127.0.0.2
mx1.example.test A 127.0.0.3
mx1.example.test A 127.0.0.4
END
    check -w 1:
    same 0 "$status"
    contains "$output" 'addr_up=3'
    same 3 "$(fake_smtp_connections)"
}

@test "exchangers of one preference stand in the same order, however the resolver turns them" {
    local hosts=$'\nmx1.example.test A 44.128.2.1\nmx2.example.test A 44.128.3.1'
    zone <<<$'example.test MX 10 mx2.example.test\nexample.test MX 10 mx1.example.test'"$hosts"
    check --no-connect
    contains "$output" '2 exchangers: 10 mx1.example.test, 10 mx2.example.test'
    fake_dns_stop
    zone <<<$'example.test MX 10 mx1.example.test\nexample.test MX 10 mx2.example.test'"$hosts"
    check --no-connect
    contains "$output" '2 exchangers: 10 mx1.example.test, 10 mx2.example.test'
}

@test "exchangers that share an address share the connection" {
    servers </dev/null
    zone <<'END'
example.test MX 10 mx1.example.test
example.test MX 20 mx2.example.test
mx1.example.test A 127.0.0.2
mx2.example.test A 127.0.0.2
END
    check
    same 0 "$status"
    contains "$output" 'mx_up=2;2:;1:;0;2'
    contains "$output" 'mx_addr=1 addr_up=1'
    finding OK same-address
    same 1 "$(fake_smtp_connections)"
}

@test "nothing is sent to a host that the domain does not lead to" {
    servers </dev/null
    zone <<<"$TWO"
    check --resolve other.test:127.0.0.4
    same 0 "$status"
    same 0 "$(fake_smtp_connections 127.0.0.4)"
}

@test "--resolve takes the place of DNS for an exchanger" {
    servers </dev/null
    zone <<'END'
example.test MX 10 mx1.example.test
mx1.example.test A 44.128.2.25
END
    run_mx -d example.test -w 1: -v --resolve mx1.example.test:127.0.0.2
    same 0 "$status"
    same 1 "$(fake_smtp_connections 127.0.0.2)"
    same 0 "$(fake_dns_count 'mx1.example.test A ')"
}

@test "-4 asks for no AAAA and speaks to no IPv6 address" {
    servers </dev/null
    zone <<'END'
example.test MX 10 mx1.example.test
mx1.example.test A 127.0.0.2
mx1.example.test AAAA 2001:db8::1
END
    check -4 -w 1:
    same 0 "$status"
    same 0 "$(fake_dns_count ' AAAA ')"
}

@test "--first-address speaks to one address, and is content with it" {
    servers </dev/null
    zone <<'END'
example.test MX 10 mx1.example.test
mx1.example.test A 127.0.0.2
mx1.example.test A 127.0.0.9
END
    check --first-address -w 1:
    same 0 "$status"
    same 1 "$(fake_smtp_connections)"
}

@test "--ehlo names us" {
    servers </dev/null
    zone <<<"$TWO"
    check --ehlo monitor.example.org
    same 2 "$(fake_smtp_said | grep -c 'EHLO monitor.example.org')"
}

# ---- DNS

@test "no-domain: a domain that does not exist is CRITICAL" {
    zone <<<'other.test A 127.0.0.9'
    check
    same 2 "$status"
    finding CRITICAL no-domain
}

@test "dns-error: SERVFAIL, REFUSED and garbage are UNKNOWN" {
    local answer
    for answer in 'example.test ANY SERVFAIL' 'example.test ANY REFUSED' '[garbage] example.test ANY'; do
        zone <<<"$answer"
        check -t 2
        same 3 "$status"
        finding UNKNOWN dns-error
        fake_dns_stop
    done
}

@test "dns-error: silence is UNKNOWN inside the deadline, or what --severity says" {
    zone <<<'[silent] example.test ANY'
    check -t 1
    same 3 "$status"
    finding UNKNOWN dns-error
    check -t 1 --severity mx.dns-error=critical
    same 2 "$status"
}

@test "dns-error: the addresses of an exchanger are not known, and it does not count as down" {
    servers </dev/null
    zone <<'END'
example.test MX 10 mx1.example.test
example.test MX 20 mx2.example.test
mx1.example.test A 127.0.0.2
mx2.example.test ANY SERVFAIL
END
    check
    same 3 "$status"
    finding UNKNOWN dns-error
    finding UNKNOWN working
    contains "$output" 'mx_up=1;2:;1:;0;2 mx_down=0'
}

@test "dns-bogus: SERVFAIL that goes away without validation is CRITICAL" {
    zone <<'END'
[!cd] example.test ANY SERVFAIL
example.test MX 10 mx1.example.test
END
    check
    same 2 "$status"
    finding CRITICAL dns-bogus
}

@test "ns-differ: a server with other MX is WARNING, ns-missing: one without is CRITICAL" {
    cat >zone.dns <<'END'
soa example.test
example.test NS ns1.example.test
example.test NS ns2.example.test
example.test NS ns3.example.test
ns1.example.test A 127.0.0.1
ns2.example.test A 127.0.0.2
ns3.example.test A 127.0.0.3
example.test MX 10 mx1.example.test
mx1.example.test A 44.128.2.25
@127.0.0.2 example.test MX 20 mx1.example.test
END
    fake_dns_start zone.dns --listen 127.0.0.1:0 --listen 127.0.0.2:0 --listen 127.0.0.3:0
    check --no-connect --authoritative --authoritative-port "$FAKE_DNS_PORT"
    same 1 "$status"
    finding WARNING ns-differ
    contains "$output" 'there: 20 mx1.example.test; elsewhere: 10 mx1.example.test'
    fake_dns_stop
    echo '@127.0.0.3 example.test MX NODATA' >>zone.dns
    fake_dns_start zone.dns --listen 127.0.0.1:0 --listen 127.0.0.2:0 --listen 127.0.0.3:0
    check --no-connect --authoritative --authoritative-port "$FAKE_DNS_PORT"
    same 2 "$status"
    finding CRITICAL ns-missing
}

@test "ns-silent: a name server that gives no answer is UNKNOWN" {
    zone <<'END'
soa example.test
example.test NS ns1.example.test
ns1.example.test A 127.0.0.77
example.test MX 10 mx1.example.test
mx1.example.test A 44.128.2.25
END
    check --no-connect --authoritative --authoritative-port "$FAKE_DNS_PORT" -t 2
    same 3 "$status"
    finding UNKNOWN ns-silent
}

@test "ns-unknown: no name servers are found" {
    zone <<'END'
soa example.test
example.test MX 10 mx1.example.test
mx1.example.test A 44.128.2.25
END
    check --no-connect --authoritative --authoritative-port "$FAKE_DNS_PORT" -t 2
    same 3 "$status"
    finding UNKNOWN ns-unknown
}

@test "implicit: no MX, the domain's own address is spoken to: WARNING" {
    servers </dev/null
    zone <<<'example.test A 127.0.0.2'
    check -w 1:
    same 1 "$status"
    finding WARNING implicit
    same 1 "$(fake_smtp_connections)"
}

@test "none: neither MX nor address is CRITICAL" {
    zone <<<'example.test TXT x'
    check
    same 2 "$status"
    finding CRITICAL none
}

# ---- null MX

@test "null: a null MX is CRITICAL, and OK with --expect-null" {
    zone <<<'example.test MX 0 .'
    check
    same 2 "$status"
    finding CRITICAL null
    check --expect-null
    same 0 "$status"
    contains "$output" 'MX OK - example.test: takes no mail (null MX) | mx_count=0 mx_up=U;2:;1:'
}

@test "not-null: exchangers where --expect-null is CRITICAL" {
    zone <<<"$TWO"
    check --expect-null --no-connect
    same 2 "$status"
    finding CRITICAL not-null
    contains "$output" 'Publish: example.test. MX 0 .'
}

@test "null-wrong: beside others, with a preference, or misspelt it is CRITICAL" {
    local record
    for record in $'example.test MX 0 .\nexample.test MX 10 mx1.example.test' 'example.test MX 10 .' 'example.test MX 0 0.'; do
        zone <<<"$record"
        check --no-connect
        same 2 "$status"
        finding CRITICAL null-wrong
        fake_dns_stop
    done
    contains "$output" 'what was meant is "0 ."'
}

@test "null-sends: a null MX with an SPF record that lets servers send is WARNING" {
    zone <<'END'
example.test MX 0 .
example.test TXT "v=spf1 ip4:192.0.2.1 -all"
END
    check --expect-null
    same 1 "$status"
    finding WARNING null-sends
    fake_dns_stop
    zone <<'END'
example.test MX 0 .
example.test TXT "v=spf1 -all"
END
    check --expect-null
    same 0 "$status"
}

# ---- names and addresses

@test "expect: missing, unexpected and differently preferred exchangers are CRITICAL" {
    zone <<<"$TWO"
    check --no-connect --expect '20 mx2.example.test,10 MX1.example.test.'
    same 0 "$status"
    check --no-connect --expect mx1.example.test --expect mx2.example.test
    same 0 "$status"
    check --no-connect --expect '10 mx1.example.test'
    same 2 "$status"
    finding CRITICAL expect
    contains "$output" 'mx2.example.test is unexpected'
    check --no-connect --expect '5 mx1.example.test, mx2.example.test, mx3.example.test'
    contains "$output" 'mx1.example.test has preference 10, not 5; mx3.example.test is missing'
}

@test "ip-literal: an address in place of a name is CRITICAL alone, WARNING beside a good one, and not spoken to" {
    servers </dev/null
    zone <<<'example.test MX 10 127.0.0.2'
    check
    same 2 "$status"
    finding CRITICAL ip-literal
    same 0 "$(fake_smtp_connections)"
    fake_dns_stop
    zone <<<$'example.test MX 10 127.0.0.2\nexample.test MX 20 mx.example.test\nmx.example.test A 44.128.2.25'
    check --no-connect
    same 1 "$status"
    finding WARNING ip-literal
}

@test "bad-name: localhost, a single label and an underscore are CRITICAL alone" {
    local name
    for name in localhost mail my_mail.example.test; do
        zone <<<$'example.test MX 10 '"$name"$'\n'"$name A 44.128.2.25"
        check --no-connect
        same 2 "$status"
        finding CRITICAL bad-name
        fake_dns_stop
    done
    zone <<<$'example.test MX 10 my_mail.example.test\nmy_mail.example.test A 44.128.2.25\nexample.test MX 20 mx.example.test\nmx.example.test A 44.128.2.26'
    check --no-connect
    same 1 "$status"
    finding WARNING bad-name
}

@test "all-down: servers that refuse everybody with 4xx are down; a rate limit is not" {
    local words
    zone <<<"$TWO"
    for words in '421 4.3.2 System shutting down' '421 4.3.0 out of disk' '450 4.3.2 later' '421 Service not available'; do
        servers <<<"on connect $words"
        check
        same 2 "$status"
        finding CRITICAL all-down
        no_finding WARNING refuses-us
        fake_smtp_stop
    done
    servers <<<'on EHLO 421 4.3.2 closing'
    check
    same 2 "$status"
    finding CRITICAL all-down
    fake_smtp_stop
    servers <<<'on connect 421 4.7.0 too many connections'
    check
    same 1 "$status"
    finding WARNING refuses-us
    contains "$output" 'may serve others and not us'
}

@test "working: -c that is given holds for exchangers that refuse us, too" {
    zone <<<"$TWO"
    servers <<<'@127.0.0.2 on connect 421 4.7.0 too many connections'
    check -c 2:
    same 2 "$status"
    finding CRITICAL working
    check
    same 1 "$status"
    finding WARNING working
}

@test "dns-error: exchangers whose addresses are not known are not counted as dead" {
    servers </dev/null
    zone <<<$'example.test MX 10 mx9.test\nmx9.test A SERVFAIL\nmx9.test AAAA SERVFAIL'
    check
    same 3 "$status"
    finding UNKNOWN dns-error
    lacks "$output" 'mx.working'
    contains "$output" 'mx_up=U'
    contains "$output" 'mx_addr=U addr_up=U addr_down=U networks=U'
    fake_dns_stop
    zone <<<$'example.test TXT x\nexample.test A SERVFAIL\nexample.test AAAA SERVFAIL'
    check
    same 3 "$status"
    finding UNKNOWN dns-error
    lacks "$output" 'mx.implicit'
}

@test "bad-address: nobody speaks to an address of documentation, whoever gives it" {
    require_tool strace
    mx=$(traced "$mx")
    local address
    servers </dev/null
    for address in 'A 192.0.2.25' 'A 198.51.100.25' 'A 203.0.113.25' 'AAAA 2001:db8::25'; do
        zone <<<$'example.test MX 10 mx1.example.test\nmx1.example.test '"$address"
        check
        same 2 "$status"
        finding CRITICAL bad-address
        contains "$output" 'documentation; it was not asked'
        fake_dns_stop
    done
    zone <<<"$TWO"
    check --resolve mx1.example.test:192.0.2.25
    same 2 "$status"
    finding WARNING bad-address
    same 1 "$(fake_smtp_connections 127.0.0.3)"
    no_connection_to '192.0.2.' '198.51.100.' '203.0.113.' '2001:db8:'
}

@test "bad-address: private, loopback, reserved and mapped addresses are CRITICAL alone" {
    local address
    for address in 'A 10.0.0.1' 'A 127.0.0.2' 'A 240.0.0.1' 'A 0.0.0.0' 'AAAA fd00::1' 'AAAA ::ffff:192.0.2.1'; do
        zone <<<$'example.test MX 10 mx1.example.test\nmx1.example.test '"$address"
        run_mx -d example.test --no-connect -v
        same 2 "$status"
        finding CRITICAL bad-address
        fake_dns_stop
    done
    zone <<<$'example.test MX 10 mx1.example.test\nmx1.example.test A 10.0.0.1\nmx1.example.test A 44.128.2.25'
    run_mx -d example.test --no-connect -v
    same 1 "$status"
    finding WARNING bad-address
    check --no-connect
    same 0 "$status"
}

@test "bad-address: 0.0.0.0 is not spoken to: it would be ourselves" {
    servers --listen 127.0.0.1:0 </dev/null
    zone <<<$'example.test MX 10 mx1.example.test\nmx1.example.test A 0.0.0.0'
    run_mx -d example.test -v
    same 2 "$status"
    finding CRITICAL all-down
    same 0 "$(fake_smtp_connections)"
}

@test "cname: an alias is WARNING, with the record to publish" {
    servers </dev/null
    zone <<'END'
example.test MX 10 alias.example.test
alias.example.test CNAME mx1.example.test
mx1.example.test A 127.0.0.2
END
    check -w 1:
    same 1 "$status"
    finding WARNING cname
    contains "$output" 'Publish: example.test. MX 10 mx1.example.test.'
}

@test "no-address: one is WARNING, all are CRITICAL" {
    servers </dev/null
    zone <<<"$TWO"$'\nexample.test MX 30 gone.example.test'
    check
    same 1 "$status"
    finding WARNING no-address
    fake_dns_stop
    zone <<<'example.test MX 30 gone.example.test'
    check
    same 2 "$status"
    finding CRITICAL no-address
}

@test "no-address: -4 and -6 name the family" {
    servers </dev/null
    zone <<<'six.example.test AAAA ::1
example.test MX 10 six.example.test'
    check -4
    finding CRITICAL no-address
    contains "$output" 'six.example.test has no IPv4 address; -4 leaves out those of IPv6'
}

@test "dead-domain: an exchanger in a domain that is not registered is CRITICAL" {
    servers </dev/null
    zone <<<"$TWO"$'\nexample.test MX 30 mail.gone.test'
    check
    same 2 "$status"
    finding CRITICAL dead-domain
    contains "$output" 'the domain gone.test does not exist'
}

@test "duplicate: the same host twice is WARNING" {
    servers </dev/null
    zone <<<"$TWO"$'\nexample.test MX 30 mx1.example.test'
    check
    same 1 "$status"
    finding WARNING duplicate
    contains "$output" 'Remove: example.test. MX 30 mx1.example.test.'
}

@test "too-few, few-addresses, few-networks: below --min-mx, --min-addr, --min-net is WARNING" {
    zone <<<"$TWO"
    check --no-connect --min-mx 2 --min-addr 2 --min-net 1
    same 0 "$status"
    check --no-connect --min-mx 3
    same 1 "$status"
    finding WARNING too-few
    check --no-connect --min-addr 3
    same 1 "$status"
    finding WARNING few-addresses
    check --no-connect --min-net 2
    same 1 "$status"
    finding WARNING few-networks
}

@test "too-many: more than 64 exchangers are cut, and that is said" {
    local i
    for ((i = 0; i < 70; i++)); do
        printf 'example.test MX %s m%s.example.test\nm%s.example.test A 44.128.2.%s\n' "$i" "$i" "$i" "$i"
    done >many
    zone <many
    check --no-connect
    same 1 "$status"
    finding WARNING too-many
    contains "$output" 'mx_count=64'
}

@test "single, same-network, no-ipv6, dnssec: notes" {
    zone <<<$'example.test MX 10 mx1.example.test\nmx1.example.test A 44.128.2.1\nmx1.example.test A 44.128.2.2'
    check --no-connect
    same 0 "$status"
    finding OK single
    finding OK same-network
    finding OK no-ipv6
    finding OK dnssec
    contains "$output" 'not signed'
    fake_dns_stop
    zone <<<$'[ad] example.test MX 10 mx1.example.test\nmx1.example.test A 44.128.2.1'
    check --no-connect
    contains "$output" 'the signatures are good'
}

@test "same-address: two exchangers at one address are a note" {
    zone <<<$'example.test MX 10 mx1.example.test\nexample.test MX 20 mx2.example.test\nmx1.example.test A 44.128.2.1\nmx2.example.test A 44.128.2.1'
    check --no-connect
    same 0 "$status"
    finding OK same-address
}

@test "ttl: above a day is a note, outside of --ttl WARNING; a low one counts only from the zone's server" {
    local hosts=$'\nmx1.example.test A 44.128.2.1'
    zone <<<'example.test 90000 MX 10 mx1.example.test'"$hosts"
    check --no-connect
    same 0 "$status"
    finding OK ttl
    check --no-connect --ttl 300:3600
    same 1 "$status"
    finding WARNING ttl
    fake_dns_stop
    zone <<<'example.test 60 MX 10 mx1.example.test'"$hosts"
    check --no-connect --ttl 300:3600
    same 0 "$status"
    no_finding WARNING ttl
    fake_dns_stop
    zone <<<'[aa] example.test 60 MX 10 mx1.example.test'"$hosts"
    check --no-connect --ttl 300:3600
    same 1 "$status"
    finding WARNING ttl
    fake_dns_stop
}

@test "one-zone, one-name-server: notes" {
    zone <<<"$TWO"$'\nsoa example.test\nexample.test NS ns1.example.test'
    check --no-connect
    same 0 "$status"
    finding OK one-zone
    finding OK one-name-server
}

# ---- usage

@test "usage errors name the option" {
    local words
    for words in '' '-d example.test --expect 70000\ mx.test' '-d example.test --from bob' '-d example.test --expect-null --expect mx.test' \
        '-d example.test --resolve nonsense' '-d example.test --min-mx 0'; do
        eval "set -- $words"
        zone </dev/null
        run_mx "$@"
        same 3 "$status"
        contains "$output" 'MX UNKNOWN - '
        contains "$output" '--'
        fake_dns_stop
    done
}
