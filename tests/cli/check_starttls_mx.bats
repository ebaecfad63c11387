#!/usr/bin/env bats
# check_starttls and who is asked: the addresses of a host, and every address of every exchanger (--mx), against
# scripted DNS and SMTP.

load helper
load assert
load starttls

# zone: starts the DNS server with the lines of standard input.
zone() {
    {
        printf 'soa test\n'
        cat
    } >zone.dns
    fake_dns_start zone.dns
}

# servers: SMTP on three addresses, one port, with the script on standard input.
servers() {
    {
        echo "$MODERN"
        cat
    } >script
    fake_smtp_start script --listen 127.0.0.1:0 --listen 127.0.0.2:0 --listen 127.0.0.3:0
}

# resolve WORDS...: check_starttls with both.
resolve() {
    run_starttls --resolver "127.0.0.1:$FAKE_DNS_PORT" -p "${FAKE_SMTP_PORT-25}" --ehlo m.test \
        --ca-file "$FAKE_CERTIFICATES/authority.pem" -v "$@"
}

EXCHANGERS='example.test MX 10 mx1.example.test
example.test MX 20 mx2.example.test
mx1.example.test A 127.0.0.1
mx1.example.test A 127.0.0.2
mx2.example.test A 127.0.0.3'

@test "every address of a host is asked, and the worst counts" {
    servers <<<'@127.0.0.2 certificate expired'
    zone <<<'mail.test A 127.0.0.1
mail.test A 127.0.0.2'
    resolve -H mail.test --quick
    same 2 "$status"
    alone CRITICAL expired 'mail.test (127.0.0.2:'
    contains "$output" ' certificates=2 addresses=2'
    resolve -H mail.test --quick --first-address
    contains "$output" ' addresses=1'
}

@test "--mx: every address of every exchanger, each by its own name" {
    servers <<<''
    zone <<<"$EXCHANGERS"
    resolve --mx example.test --quick
    clean
    contains "$output" ' addresses=3'
    same '127.0.0.1 mx1.example.test
127.0.0.2 mx1.example.test
127.0.0.3 mx2.example.test' "$(sed -n 's/^[^ ]* [^ ]* \([^ ]*\) .* sni=/\1 /p' "$FAKE_SMTP_LOG" | sort)"
    fake_smtp_is_polite
}

@test "--mx: one exchanger with a certificate for another name" {
    servers <<<'@127.0.0.3 certificate domain-name'
    zone <<<"$EXCHANGERS"
    resolve --mx example.test --quick
    same 1 "$status"
    alone WARNING name-mismatch 'mx2.example.test (127.0.0.3:'
}

@test "--mx: one exchanger down is CRITICAL and named" {
    servers <<<'@127.0.0.2 refused'
    zone <<<"$EXCHANGERS"
    resolve --mx example.test --quick
    same 2 "$status"
    alone CRITICAL connect 'mx1.example.test (127.0.0.2:'
}

@test "--mx: all probes, at most one connection to an address at a time" {
    servers <<<''
    zone <<<"$EXCHANGERS"
    resolve --mx example.test
    clean
    same 1 "$(fake_smtp_most_open)"
    fake_smtp_is_polite
}

@test "no-address: of one exchanger WARNING, of all CRITICAL" {
    servers <<<''
    zone <<<'example.test MX 10 mx1.example.test
example.test MX 20 gone.example.test
mx1.example.test A 127.0.0.1
lost.test MX 10 gone.example.test'
    resolve --mx example.test --quick
    same 1 "$status"
    alone WARNING no-address 'gone.example.test'
    resolve --mx lost.test --quick
    same 2 "$status"
    alone CRITICAL no-address 'gone.example.test'
}

@test "no-address: a host that does not exist, and a domain" {
    zone <<<'other.test TXT "x"'
    resolve -H mail.test
    same 2 "$status"
    alone CRITICAL no-address 'the name does not exist'
    resolve -H other.test
    alone CRITICAL no-address 'no A and no AAAA record'
    resolve --mx mail.test
    alone CRITICAL no-address 'the domain does not exist'
    resolve --mx other.test
    alone CRITICAL no-address 'neither MX records nor an address'
}

@test "no-address: an exchanger written as an address" {
    zone <<<'example.test MX 10 192.0.2.1'
    resolve --mx example.test
    finding CRITICAL no-address 'written as an address'
}

@test "null-mx: the domain takes no mail" {
    zone <<<'example.test MX 0 .'
    resolve --mx example.test
    same 2 "$status"
    alone CRITICAL null-mx
}

@test "implicit-mx: a note, and the domain's own address is asked" {
    servers <<<'certificate domain-name'
    zone <<<'example.test A 127.0.0.1'
    resolve --mx example.test --quick
    clean
    finding OK implicit-mx
}

@test "dns-error: SERVFAIL is UNKNOWN, and what is known is checked" {
    servers <<<''
    zone <<<'mail.test A 127.0.0.1
mail.test AAAA SERVFAIL
example.test MX SERVFAIL'
    resolve -H mail.test --quick
    same 3 "$status"
    alone UNKNOWN dns-error 'mail.test AAAA'
    contains "$output" ' addresses=1'
    resolve --mx example.test
    same 3 "$status"
    alone UNKNOWN dns-error 'example.test MX'
}

@test "timeout: a resolver that is silent is UNKNOWN" {
    zone <<<'[silent] mail.test ANY'
    resolve -H mail.test -t 1
    same 3 "$status"
    contains "$output" 'mail.test A'
    no_finding no-address
}

@test "not-all: exchangers beyond the limit are UNKNOWN, not forgotten" {
    local i
    servers <<<''
    for ((i = 0; i < 70; i++)); do
        printf 'example.test MX %s m%s.test\n' "$i" "$i"
    done >many
    echo 'm0.test A 127.0.0.1' >>many
    zone <many
    resolve --mx example.test --quick --name mail.test
    finding UNKNOWN not-all '6 exchangers are left out'
}

@test "-4 and -6 choose the family" {
    servers <<<''
    zone <<<'mail.test A 127.0.0.1
mail.test AAAA ::1'
    resolve -H mail.test --quick -4
    clean
    contains "$output" ' addresses=1'
    resolve -H mail.test --quick -6
    contains "$output" 'mail.test ([::1]:'
    resolve -H ::1 --quick -4
    same 3 "$status"
    contains "$output" '::1 is none of the family that -4 asks for'
}

@test "no-address: -4 and -6 name the family of what an exchanger lacks" {
    zone <<<'example.test MX 10 six.example.test
six.example.test AAAA ::1'
    resolve --mx example.test --quick -4
    finding CRITICAL no-address 'the exchanger has no IPv4 address; -4 leaves out those of IPv6'
}

@test "local: an address family without a route is our own trouble" {
    zone <<<'mail.test AAAA fd00:25::25'
    if ip -6 route get fd00:25::25 >/dev/null 2>&1; then
        skip "this machine has a route for IPv6"
    fi
    resolve -H mail.test
    same 3 "$status"
    alone UNKNOWN local 'no route'
}

@test "--resolve: the address is given, DNS is not asked for it" {
    servers <<<''
    zone <<<'other.test A 127.0.0.9'
    resolve -H mail.test --resolve mail.test:127.0.0.1 --quick
    clean
}

@test "--resolve: an exchanger is asked at the address that is given" {
    servers <<<''
    zone <<<'example.test MX 10 mx1.example.test
mx1.example.test A 127.0.0.2'
    resolve --mx example.test --resolve mx1.example.test:127.0.0.3 --quick --name mail.test
    clean
    same 0 "$(fake_smtp_connections 127.0.0.2)"
    same 1 "$(fake_smtp_connections 127.0.0.3)"
    same 0 "$(fake_dns_count 'mx1.example.test A ')"
}

@test "bad-address: nobody speaks to an address of documentation, of a host or an exchanger" {
    require_tool strace
    starttls=$(traced "$starttls")
    local address
    servers <<<''
    for address in 192.0.2.25 198.51.100.25 203.0.113.25; do
        zone <<<"example.test MX 10 mail.test
mail.test A $address"
        resolve -H mail.test
        same 2 "$status"
        alone CRITICAL bad-address 'it was not asked'
        resolve --mx example.test
        same 2 "$status"
        alone CRITICAL bad-address 'it was not asked'
        contains "$output" 'documentation'
        fake_dns_stop
    done
    zone <<<'mail.test AAAA 2001:db8::25
mail.test A 127.0.0.1'
    resolve -H mail.test --quick
    same 1 "$status"
    alone WARNING bad-address 'it was not asked'
    no_connection_to '192.0.2.' '198.51.100.' '203.0.113.' '2001:db8:'
}

@test "the name in EHLO is that of our address" {
    servers <<<''
    zone <<<'mail.test A 127.0.0.1
1.0.0.127.in-addr.arpa PTR monitor.example.test
monitor.example.test A 127.0.0.1'
    run_starttls --resolver "127.0.0.1:$FAKE_DNS_PORT" -p "$FAKE_SMTP_PORT" -H mail.test --quick \
        --ca-file "$FAKE_CERTIFICATES/authority.pem"
    contains "$(fake_smtp_said)" 'EHLO monitor.example.test'
}
