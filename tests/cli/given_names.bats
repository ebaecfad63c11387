#!/usr/bin/env bats
# What people write in place of a domain or a host: bad usage in every plugin, before anything is asked. DNS would say of
# each of these that it does not exist, and that is no trouble of anybody's domain.

load helper
load assert

# refuses VALUE TAIL OPTION PROGRAM WORD...: one UNKNOWN line with the option, the value and what was expected.
refuses() {
    local value=$1 tail=$2 option=$3 program
    program=$(plugin "$4")
    shift 4
    run "$program" "$@" --resolver 127.0.0.1:9
    same 3 "$status"
    same 1 "${#lines[@]}"
    contains "$output" "UNKNOWN - $option: expected "
    contains "$output" "$tail, got \"$value\""
}

# refuses_domain VALUE-AS-SHOWN TAIL VALUE
refuses_domain() {
    local name
    for name in mx spf dmarc tlsrpt dkim dnsbl; do
        refuses "$1" "a domain name$2" 'option --domain' "check_$name" -d "$3"
    done
    refuses "$1" "a domain name$2" 'option --domain' check_open_relay -H 127.0.0.1 --to a@far.test --domain "$3"
    for name in rdns starttls dnsbl; do
        refuses "$1" "a domain name$2" 'option --mx' "check_$name" --mx "$3"
    done
}

@test "a URL, a path or a port is no domain name, and the name in it is proposed" {
    local meant=' ("good.test" is meant?)'
    refuses_domain http://good.test/ ", no URL$meant" http://good.test/
    refuses_domain good.test/ ", no URL$meant" good.test/
    refuses_domain good.test:25 ", without a port$meant" good.test:25
    refuses_domain a@good.test ", no mail address$meant" a@good.test
    refuses_domain '(good.test)' ", without brackets$meant" '<good.test>'
}

@test "addresses, networks, lists and numbers are no domain names" {
    local numbers=' (no name ends in a label of digits alone, and an IPv4 address has four numbers from 0 to 255)'
    refuses_domain 256.1.1.1 "$numbers" 256.1.1.1
    refuses_domain 127.0.0.1 ', no IP address' 127.0.0.1
    refuses_domain 127.0.0.1/32 ', no network' 127.0.0.1/32
    refuses_domain '[127.0.0.1]' ', without brackets' '[127.0.0.1]'
    refuses_domain fe80::1%eth0 ', no address with a zone' fe80::1%eth0
    refuses_domain good,evil ', one alone and without blanks' good,evil
    refuses_domain . ', not the root of all names' .
}

@test "mailcheck and a file of domains refuse the same, the file with the number of the line" {
    local program
    program=$(plugin mailcheck/mailcheck)
    run "$program" --resolver 127.0.0.1:9 http://good.test/
    same 3 "$status"
    contains "$output" 'MAIL UNKNOWN - option --subject: expected an address, or a domain name, no URL ("good.test" is meant?), got "http://good.test/"'
    run "$program" --resolver 127.0.0.1:9 .
    same 3 "$status"
    contains "$output" 'expected an address, or a domain name, not the root of all names, got "."'
    printf '%s\n' '# ours' good.test '' good.test:25 >"$BATS_TEST_TMPDIR/domains"
    program=$(plugin check_spf)
    run "$program" --resolver 127.0.0.1:9 --domains-file "$BATS_TEST_TMPDIR/domains"
    same 3 "$status"
    contains "$output" '--domains-file: line 4: expected a domain name, without a port ("good.test" is meant?), got "good.test:25"'
    printf '%s\n' 'domain good.test:25' >"$BATS_TEST_TMPDIR/targets"
    program=$(plugin check_dnsbl)
    run "$program" --base-catalogue "$SRCDIR/share/dnsbl-catalogue.conf" --resolver 127.0.0.1:9 --targets-file "$BATS_TEST_TMPDIR/targets"
    same 3 "$status"
    # A key may stand in a file that was given by mistake: nothing of a line is shown.
    contains "$output" 'targets:1: expected a domain name, without a port'
    lacks "$output" good.test
}

@test "check_dnsbl and -H take no wildcard: no list has an entry for it, and no server its name" {
    local name
    refuses '*.good.test' 'a domain name, no wildcard' 'option --domain' check_dnsbl --base-catalogue "$SRCDIR/share/dnsbl-catalogue.conf" -d '*.good.test'
    refuses '*.good.test' 'a domain name, no wildcard' 'option --helo' check_dnsbl --base-catalogue "$SRCDIR/share/dnsbl-catalogue.conf" --helo '*.good.test'
    refuses '*.good.test' 'a host name, no wildcard' 'option --hostname' check_dnsbl --base-catalogue "$SRCDIR/share/dnsbl-catalogue.conf" -H '*.good.test'
    for name in smtp_banner starttls rdns; do
        refuses '*.good.test' 'a host name, an address or unix:/PATH, no wildcard' 'option --host' "check_$name" -H '*.good.test'
    done
    printf '%s\n' 'domain *.good.test' >"$BATS_TEST_TMPDIR/targets"
    run "$(plugin check_dnsbl)" --base-catalogue "$SRCDIR/share/dnsbl-catalogue.conf" --resolver 127.0.0.1:9 --targets-file "$BATS_TEST_TMPDIR/targets"
    same 3 "$status"
    contains "$output" 'targets:1: expected a domain name, no wildcard'
}

# refuses_host VALUE-AS-SHOWN TAIL VALUE
refuses_host() {
    local name
    for name in smtp_banner starttls rdns; do
        refuses "$1" "a host name, an address or unix:/PATH$2" "option --host" "check_$name" -H "$3"
    done
    refuses "$1" "a host name, an address or unix:/PATH$2" "option --host" check_open_relay --to a@far.test -d good.test -H "$3"
}

@test "a host that is none is shown with the true reason" {
    refuses_host 256.1.1.1 ' (no name ends in a label of digits alone, and an IPv4 address has four numbers from 0 to 255)' 256.1.1.1
    refuses_host http://x ', no URL ("x" is meant?)' http://x
    refuses_host '[127.0.0.11]' ', without brackets ("127.0.0.11" is meant?)' '[127.0.0.11]'
    refuses_host '(x)' ', without brackets ("x" is meant?)' '<x>'
    refuses_host a@b ', no mail address ("b" is meant?)' a@b
    refuses_host fe80::1%eth0 ', no address with a zone' fe80::1%eth0
    refuses_host 127.0.0.1/32 ', no network ("127.0.0.1" is meant?)' 127.0.0.1/32
    refuses_host 192.0.2.1:25 ', without a port ("192.0.2.1" is meant?)' 192.0.2.1:25
    refuses_host a_b.test ' (no name of a host has an underscore, RFC 1123 2.1)' a_b.test
    refuses_host . ', not the root of all names' .
}

@test "a name within another value: what is wrong with it, and the value" {
    refuses name=http://mx.test/ 'exact, domain, any or name=NAME, no URL' 'option --banner-match' check_smtp_banner -H 127.0.0.1 \
        --banner-match name=http://mx.test/
    refuses most 'exact, domain, any or name=NAME' 'option --banner-match' check_smtp_banner -H 127.0.0.1 --banner-match most
    refuses mx.test:25 '[PREFERENCE ]HOST", without a port' --expect check_mx -d good.test --expect mx.test:25
    refuses '(mx.test)' 'none or a domain name, without brackets ("mx.test" is meant?)' 'option --sni' check_starttls -H mx.test \
        --sni '<mx.test>'
    refuses mx.test HOST:ADDRESS 'option --resolve' check_starttls -H mx.test --resolve mx.test
}

@test "an IPv4 address in IPv6 clothes is the IPv4 address, RFC 4291 2.5.5.2" {
    local rdns banner
    rdns=$(plugin check_rdns)
    banner=$(plugin check_smtp_banner)
    fake_dns_start <<'END'
11.0.0.127.in-addr.arpa PTR mx.good.test
mx.good.test A 127.0.0.11
END
    run "$rdns" --no-connect --resolver "127.0.0.1:$FAKE_DNS_PORT" -H ::ffff:127.0.0.11 --output-format json
    same 0 "$status"
    same '127.0.0.11 mx.good.test true' "$(jq -r '.addresses[0] | "\(.address) \(.names[0].name) \(.names[0].confirmed)"' <<<"$output")"
    run "$rdns" --no-connect --resolver "127.0.0.1:$FAKE_DNS_PORT" -H mx.good.test --resolve mx.good.test:::ffff:127.0.0.11
    same 0 "$status"
    run grep -c ip6.arpa "$FAKE_DNS_LOG"
    same 0 "$output"
    # The name has no AAAA record: of another address it would be said that it is not confirmed.
    run "$rdns" --no-connect --resolver "127.0.0.1:$FAKE_DNS_PORT" -H ::ffff:7f00:c
    same 2 "$status"
    contains "$output" 127.0.0.12
    fake_smtp_start - --listen 127.0.0.11:0 <<'END'
name mx.good.test
END
    run "$banner" --resolver "127.0.0.1:$FAKE_DNS_PORT" -H ::ffff:127.0.0.11 -p "$FAKE_SMTP_PORT" --ehlo monitor.test \
        --output-format json
    same "127.0.0.11 $FAKE_SMTP_PORT" "$(jq -r '.conversations[0] | "\(.address) \(.port)"' <<<"$output")"
    lacks "$output" smtp.ptr
    lacks "$output" smtp.name
}

teardown() {
    fake_smtp_stop
    fake_dns_stop
}
