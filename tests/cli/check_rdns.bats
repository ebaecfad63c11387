#!/usr/bin/env bats
# check_rdns through the real binary against scripted DNS and SMTP servers. Each row of the table of conditions is a
# test of its own, named by its id; then the servers that lie.

load helper
load assert

setup() {
    rdns=$(plugin check_rdns)
    findings_of rdns
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH FAKE_CERTIFICATES
    cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
    fake_smtp_stop
    fake_dns_stop
}

# zone: starts the DNS server with the lines of standard input.
zone() {
    {
        printf 'soa test\nsoa 0.127.in-addr.arpa\nsoa 2.0.192.in-addr.arpa\nsoa 8.b.d.0.1.0.0.2.ip6.arpa\n'
        cat
    } >zone.dns
    fake_dns_start zone.dns
}

# server: starts an SMTP server at 127.0.0.2 and 127.0.0.3 with the script of standard input.
server() {
    fake_smtp_start - --listen 127.0.0.2:0 --listen 127.0.0.3:0
}

# run_rdns WORDS...: sets output and status.
run_rdns() {
    status=0
    output=$("$rdns" --resolver "127.0.0.1:$FAKE_DNS_PORT" --port "${FAKE_SMTP_PORT-25}" "$@" 2>errors </dev/null) || status=$?
    same '' "$(cat errors)"
}

# names LINES [WORDS...]: DNS alone, of 192.0.2.25.
names() {
    zone <<<"$1"
    run_rdns -H 192.0.2.25 --no-connect -v "${@:2}"
}

# spoken SCRIPT [WORDS...]: 127.0.0.2 is mail.test and says what the script says.
spoken() {
    server <<<"$1"
    zone <<'END'
2.0.0.127.in-addr.arpa PTR mail.test
mail.test A 127.0.0.2
node.test A 127.0.0.2
far.test A 127.0.0.77
END
    run_rdns -H 127.0.0.2 -v "${@:2}"
}

PTR='25.2.0.192.in-addr.arpa PTR'
GOOD="$PTR mail.test
mail.test A 192.0.2.25"

# ---- the good case

@test "a confirmed name that the server uses is OK, with all figures" {
    spoken ''
    same 0 "$status"
    contains "$output" 'RDNS OK - 127.0.0.2: 127.0.0.2 is mail.test | addresses=1 confirmed=1 unconfirmed=0 ptr_names=1 generic=0 time=0'
    fake_smtp_is_polite
    same 'QUIT' "$(fake_smtp_said | grep -v EHLO)"
}

@test "JSON has the stable keys" {
    require_tool jq
    spoken '' --output-format json
    same '[{"address":"127.0.0.2","host":null,"names":[{"name":"mail.test","confirmed":true}],"helo":"mail.test","banner":"mail.test"}]' \
        "$(jq -c .addresses <<<"$output")"
    run_rdns --output-format json
    same '[]' "$(jq -c .addresses <<<"$output")"
}

@test "Prometheus has a sample for each address" {
    spoken '' --output-format prometheus
    contains "$output" 'postmaster_rdns_address_confirmed{target="127.0.0.2",address="127.0.0.2"} 1'
}

@test "-H HOST checks all addresses of the host" {
    zone <<'END'
mail.test A 192.0.2.25
mail.test A 192.0.2.26
mail.test AAAA 2001:db8::25
25.2.0.192.in-addr.arpa PTR mail.test
26.2.0.192.in-addr.arpa PTR mail.test
5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR mail.test
END
    run_rdns -H mail.test --no-connect
    same 0 "$status"
    contains "$output" 'RDNS OK - mail.test: 3 of 3 addresses have a confirmed name | addresses=3 confirmed=3'
}

@test "-H ::ffff:ADDRESS is the IPv4 address" {
    zone <<<"$GOOD"
    run_rdns -H ::ffff:192.0.2.25 --no-connect
    same 0 "$status"
    contains "$output" ': 192.0.2.25 is mail.test | addresses=1 confirmed=1'
}

@test "--mx DOMAIN checks the addresses of all exchangers, each once" {
    server <<<'name mail.test'
    zone <<'END'
example.test MX 10 mail.test
example.test MX 20 mail2.test
mail.test A 127.0.0.2
mail2.test A 127.0.0.2
mail2.test A 127.0.0.3
2.0.0.127.in-addr.arpa PTR mail.test
3.0.0.127.in-addr.arpa PTR mail.test
END
    run_rdns --mx example.test -v
    same 2 "$status"
    contains "$output" 'rdns.not-confirmed mail2.test (127.0.0.3): its name mail.test does not lead back to it'
    contains "$output" 'addresses=2 confirmed=1 unconfirmed=1'
    same 2 "$(fake_smtp_connections)"
}

@test "--no-connect speaks to nobody" {
    spoken '' --no-connect
    same 0 "$status"
    same 0 "$(fake_smtp_connections)"
}

# ---- the table

@test "no-ptr: no PTR is CRITICAL, with the record to publish, IPv6 too" {
    names 'x.test A 192.0.2.1'
    same 2 "$status"
    finding CRITICAL no-ptr
    contains "$output" 'publish: 25.2.0.192.in-addr.arpa. PTR'
    run_rdns -H 2001:db8::25 --no-connect -v
    finding CRITICAL no-ptr
}

@test "not-confirmed: a name that leads elsewhere, or nowhere, is CRITICAL" {
    names "$PTR mail.test"$'\nmail.test A 192.0.2.99'
    same 2 "$status"
    finding CRITICAL not-confirmed
    contains "$output" 'Publish: mail.test. A 192.0.2.25'
    fake_dns_stop
    names "$PTR gone.test"
    same 2 "$status"
    finding CRITICAL not-confirmed
}

@test "partly-confirmed: any one name is enough, the others are WARNING" {
    names "$GOOD"$'\n'"$PTR old.test"
    same 1 "$status"
    finding WARNING partly-confirmed
    contains "$output" '1 of 2 names does not lead back to the address: old.test'
}

@test "many: more than ten names are WARNING, or as --max-names says" {
    local i crowd=''
    for ((i = 0; i < 40; i++)); do
        crowd+="$PTR m$i.test"$'\n'"m$i.test A 192.0.2.25"$'\n'
    done
    names "$crowd"
    same 1 "$status"
    finding WARNING many
    contains "$output" 'ptr_names=40'
    run_rdns -H 192.0.2.25 --no-connect --max-names 40
    same 0 "$status"
}

@test "cname: the delegation of RFC 2317 is a note" {
    names $'25.2.0.192.in-addr.arpa CNAME 25.24-31.2.0.192.in-addr.arpa\n25.24-31.2.0.192.in-addr.arpa PTR mail.test\nmail.test A 192.0.2.25'
    same 0 "$status"
    finding OK cname
}

@test "cname-dangling: an alias that leads to nothing is CRITICAL" {
    names '25.2.0.192.in-addr.arpa CNAME 25.24-31.2.0.192.in-addr.arpa'
    same 2 "$status"
    finding CRITICAL cname-dangling
    no_finding CRITICAL no-ptr
}

@test "not-confirmed: a PTR record for the root is shown as a dot" {
    names "$PTR ."
    same 2 "$status"
    finding CRITICAL not-confirmed
    contains "$output" 'its name . does not lead back to it'
}

@test "not-confirmed: no record is to be published for a name that is none, but another name set" {
    local name
    for name in . localhost my_mail.test 'bad<name.test'; do
        names "$PTR $name"
        same 2 "$status"
        finding CRITICAL not-confirmed
        contains "$output" 'Let the owner of the network, the provider as a rule, publish: 25.2.0.192.in-addr.arpa. PTR '
        lacks "$output" 'Publish: '
        fake_dns_stop
    done
    names "$PTR my_mail.test"$'\n'"$PTR mail.test"
    finding CRITICAL not-confirmed
    contains "$output" 'Publish: mail.test. A 192.0.2.25'
}

@test "bad-name: a name that is no host name is WARNING" {
    local name
    for name in my_mail.test localhost 192.0.2.25; do
        names "$PTR $name"$'\n'"$name A 192.0.2.25"
        same 1 "$status"
        finding WARNING bad-name
        fake_dns_stop
    done
}

@test "generic: the address or a word of dial-up lines in the name is WARNING" {
    local name
    for name in 192-0-2-25.isp.example.test host25.2.0.192.isp.example.test a1.dyn.example.test; do
        names "$PTR $name"$'\n'"$name A 192.0.2.25"
        same 1 "$status"
        finding WARNING generic
        contains "$output" 'generic=1'
        fake_dns_stop
    done
}

@test "default-name: the neighbours have the same name, and it is not theirs: WARNING" {
    names "$PTR unnamed.test"$'\nunnamed.test A 192.0.2.25\n*.2.0.192.in-addr.arpa PTR unnamed.test'
    same 1 "$status"
    finding WARNING default-name
    fake_dns_stop
    names "$PTR farm.test"$'\nfarm.test A 192.0.2.25\nfarm.test A 192.0.2.24\n*.2.0.192.in-addr.arpa PTR farm.test'
    same 0 "$status"
}

@test "expect: another name, or none, is CRITICAL" {
    names "$GOOD" --expect Mail.TEST.
    same 0 "$status"
    run_rdns -H 192.0.2.25 --no-connect -v --expect other.test
    same 2 "$status"
    finding CRITICAL expect
    contains "$output" 'expected: other.test'
    fake_dns_stop
    names 'x.test A 192.0.2.1' --expect mail.test
    finding CRITICAL expect
}

@test "helo-syntax: HELO that is no full name is CRITICAL; seen in the reply to EHLO alone, WARNING" {
    local helo
    for helo in localhost mail my_mail.test localhost.localdomain '*****'; do
        names "$GOOD" --helo "$helo"
        same 2 "$status"
        finding CRITICAL helo-syntax
        fake_dns_stop
    done
    spoken 'on EHLO 250 localhost'
    same 1 "$status"
    finding WARNING helo-syntax
}

@test "helo-resolve: HELO without an address, with another, or another literal is WARNING" {
    local helo
    for helo in gone.test far.test '[192.0.2.99]' '[IPv6:2001:db8::1]'; do
        names "$GOOD"$'\nfar.test A 192.0.2.77' --helo "$helo"
        same 1 "$status"
        finding WARNING helo-resolve
        fake_dns_stop
    done
    names "$GOOD" --helo '[192.0.2.25]'
    no_finding WARNING helo-resolve
}

@test "helo-ptr: another name that leads back, too, is a note, WARNING with --strict" {
    names "$GOOD"$'\nnode.test A 192.0.2.25' --helo node.test
    same 0 "$status"
    finding OK helo-ptr
    run_rdns -H 192.0.2.25 --no-connect -v --helo node.test --strict
    same 1 "$status"
    finding WARNING helo-ptr
}

@test "banner: another name in the banner is a note, WARNING with --strict" {
    local name
    for name in node.test far.test gone.test; do
        spoken "220 $name ESMTP"
        finding OK banner
        same 0 "$status"
        run_rdns -H 127.0.0.2 -v --strict
        same 1 "$status"
        finding WARNING banner
        fake_smtp_stop
        fake_dns_stop
    done
}

@test "banner-name: a banner without a full name is a note, WARNING with --strict" {
    local banner
    for banner in '220 ***********' '220 ESMTP ready' '220 localhost'; do
        spoken "$banner"
        same 0 "$status"
        finding OK banner-name
        run_rdns -H 127.0.0.2 -v --strict
        same 1 "$status"
        finding WARNING banner-name
        fake_smtp_stop
        fake_dns_stop
    done
}

@test "ns-differ, ns-missing: a server of the reverse zone with another name, or none: WARNING" {
    cat >zone.dns <<'END'
soa 2.0.192.in-addr.arpa
2.0.192.in-addr.arpa NS ns1.test
2.0.192.in-addr.arpa NS ns2.test
2.0.192.in-addr.arpa NS ns3.test
ns1.test A 127.0.0.1
ns2.test A 127.0.0.2
ns3.test A 127.0.0.3
25.2.0.192.in-addr.arpa PTR mail.test
mail.test A 192.0.2.25
@127.0.0.2 25.2.0.192.in-addr.arpa PTR other.test
@127.0.0.3 25.2.0.192.in-addr.arpa PTR NXDOMAIN
END
    fake_dns_start zone.dns --listen 127.0.0.1:0 --listen 127.0.0.2:0 --listen 127.0.0.3:0
    run_rdns -H 192.0.2.25 --no-connect -v --authoritative --authoritative-port "$FAKE_DNS_PORT"
    same 1 "$status"
    finding WARNING ns-differ
    contains "$output" 'there: other.test; elsewhere: '
    finding WARNING ns-missing
}

@test "ns-lame: a server of the reverse zone without an answer: WARNING" {
    names "$GOOD"$'\n2.0.192.in-addr.arpa NS ns1.test\nns1.test A 127.0.0.77' -t 2 --authoritative
    same 1 "$status"
    finding WARNING ns-lame
}

@test "ns-unknown: the servers of the reverse zone are not found: UNKNOWN" {
    names "$GOOD" -t 2 --authoritative
    same 3 "$status"
    finding UNKNOWN ns-unknown
}

@test "dns-error: no answer about the name, or about its address, is UNKNOWN, not unconfirmed" {
    local lines counts
    for lines in "$PTR SERVFAIL" "[silent] $PTR" "[garbage] $PTR" "$PTR mail.test"$'\nmail.test ANY REFUSED' "$PTR mail.test"$'\n[silent] mail.test ANY'; do
        names "$lines" -t 1
        same 3 "$status"
        finding UNKNOWN dns-error
        # What nobody told is no figure.
        case $lines in
        *mail.test*) counts='confirmed=0 unconfirmed=0 ptr_names=1 generic=0' ;;
        *) counts='confirmed=U unconfirmed=U ptr_names=U generic=U' ;;
        esac
        contains "$output" "$counts"
        fake_dns_stop
    done
    names "$PTR mail.test"$'\nmail.test A SERVFAIL\n'"$PTR good.test"$'\ngood.test A 192.0.2.25'
    no_finding CRITICAL not-confirmed
    contains "$output" 'confirmed=1'
}

@test "dns-bogus: SERVFAIL that goes away without validation is CRITICAL" {
    names "[!cd] $PTR SERVFAIL"$'\n'"$GOOD"
    same 2 "$status"
    finding CRITICAL dns-bogus
}

@test "no-address: a host without an address, a domain without exchangers or with a null MX: CRITICAL" {
    zone <<<'null.test MX 0 .'
    local words
    for words in '-H gone.test' '--mx gone.test' '--mx null.test'; do
        # shellcheck disable=SC2086 # a list of words
        run_rdns $words -v
        same 2 "$status"
        finding CRITICAL no-address
    done
}

@test "no-address: -4 and -6 name the family; an address of the other one is a usage error" {
    zone <<<$'four.test A 127.0.0.1\nsix.test AAAA ::1\nfour.test MX 10 four.test'
    run_rdns -H six.test -4 -v
    finding CRITICAL no-address
    contains "$output" 'there is no IPv4 address; -4 leaves out those of IPv6'
    run_rdns --mx four.test -6 -v
    contains "$output" 'there is no IPv6 address; -6 leaves out those of IPv4'
    run_rdns -H ::1 -4 -v
    same 3 "$status"
    contains "$output" '::1 is none of the family that -4 asks for'
}

@test "no-address: when the question fails it is UNKNOWN" {
    zone <<<'mail.test ANY SERVFAIL'
    run_rdns -H mail.test -v
    same 3 "$status"
    finding UNKNOWN dns-error
    run_rdns --mx mail.test -v
    same 3 "$status"
    finding UNKNOWN dns-error
}

@test "too-many: what is left out is said" {
    local i
    for ((i = 0; i < 70; i++)); do
        printf 'example.test MX %s m%s.test\nm%s.test A 192.0.2.%s\n%s.2.0.192.in-addr.arpa PTR m%s.test\n' "$i" "$i" "$i" "$i" "$i" "$i"
    done >many
    zone <many
    run_rdns --mx example.test --no-connect -v
    same 1 "$status"
    finding WARNING too-many
    contains "$output" 'addresses=64 confirmed=64'
}

@test "banner: without an answer to PTR, nothing is said of banner and address, not with --strict either" {
    server </dev/null
    zone <<<$'2.0.0.127.in-addr.arpa PTR SERVFAIL\nmail.test A 127.0.0.2'
    run_rdns -H 127.0.0.2 -v --strict
    same 3 "$status"
    finding UNKNOWN dns-error
    lacks "$output" 'rdns.banner '
    lacks "$output" 'without a name'
}

@test "no-banner: nobody speaks to an address of documentation; its names are judged" {
    require_tool strace
    rdns=$(traced "$rdns")
    zone <<<$'example.test MX 10 mail.test\nmail.test A 192.0.2.25\n25.2.0.192.in-addr.arpa PTR mail.test'
    run_rdns --mx example.test -v
    same 3 "$status"
    finding UNKNOWN no-banner
    contains "$output" 'it was not asked'
    contains "$output" 'confirmed=1'
    no_connection_to '192.0.2.'
}

@test "--resolve: an exchanger is asked at the address that is given, which confirms no name" {
    server </dev/null
    zone <<<$'example.test MX 10 mail.test\nmail.test A 127.0.0.3\n2.0.0.127.in-addr.arpa PTR mail.test'
    run_rdns --mx example.test --resolve mail.test:127.0.0.2 -v
    same 1 "$(fake_smtp_connections 127.0.0.2)"
    same 0 "$(fake_smtp_connections 127.0.0.3)"
    finding CRITICAL not-confirmed
}

# ---- servers that refuse, stall, flood and lie

@test "no-banner: refused, closed, silent, 554, 421: UNKNOWN inside the deadline, and the names are judged" {
    require_tool jq
    local rule
    for rule in '@127.0.0.2 refused' 'on accept reset' 'on connect close' 'on connect silent' '554 No service' '421 4.7.0 Too many' \
        'on connect endless 220-x' 'on connect garbage 60000' 'on connect send SSH-2.0-x\r\n'; do
        spoken "$rule" -t 2 --output-format json
        same 3 "$status"
        contains "$output" 'rdns.no-banner'
        same true "$(jq '.perfdata.confirmed.value == 1 and .time < 2.5' <<<"$output")"
        fake_smtp_stop
        fake_dns_stop
    done
}

@test "a server that stalls, floods or hangs up at EHLO or QUIT has its banner judged" {
    local rule
    for rule in 'on EHLO silent' 'on EHLO close' 'on EHLO endless 250-x' 'on EHLO 502 No' 'on QUIT silent' 'on QUIT reset'; do
        spoken "$rule" -t 2
        no_finding UNKNOWN no-banner
        case $rule in
        *QUIT* | *502*) same 0 "$status" ;;
        *)
            same 3 "$status"
            finding UNKNOWN no-helo
            ;;
        esac
        contains "$output" 'banner mail.test'
        fake_smtp_stop
        fake_dns_stop
    done
}

@test "escape sequences and markup in banner, EHLO and names do not get through" {
    server <<'END'
on connect send 220 \e[31m<b>|x=1.test \x07\r\n
on EHLO send 250 \e]0;x\x07<i>\r\n
END
    zone <<'END'
2.0.0.127.in-addr.arpa PTR \027[31m<b>|evil.test
END
    run_rdns -H 127.0.0.2 -v
    lacks "$output" $'\e'
    lacks "$output" $'\a'
    lacks "$output" '<b>'
    lacks "$output" '<i>'
    same 1 "$(head -n 1 <<<"$output" | tr -cd '|' | wc -c)"
}

@test "what a server says out of turn is not taken for its reply to EHLO" {
    spoken $'on connect\n    220 mail.test ESMTP\n    250 localhost'
    lacks "$output" 'localhost'
}

@test "own-trouble: a source address that is not ours is UNKNOWN" {
    spoken '' --source 192.0.2.99
    same 3 "$status"
    finding UNKNOWN own-trouble
    lacks "$output" 'rdns.no-banner'
}

# ---- usage

@test "usage errors: -H names the value, and a reason only where there is one" {
    local word
    zone </dev/null
    for word in 192.0.2.256 '[192.0.2.1]' https://x.test/ x.test:25 192.0.2.0/24 a@x.test; do
        run_rdns -H "$word"
        same 3 "$status"
        contains "$output" "RDNS UNKNOWN - option --host: expected a host name, an address or unix:/PATH"
        contains "$output" ", got \"$word\""
    done
    run_rdns -H a..b
    contains "$output" 'unix:/PATH (a label is empty, RFC 1035 2.3.1), got "a..b"'
}

@test "usage errors name the option" {
    local words
    for words in '' '-H 192.0.2.1 --mx example.test' '-H unix:/run/x' '-H a..b' '-H 192.0.2.1 --max-names 0' '-H x.test --expect a..b'; do
        eval "set -- $words"
        zone </dev/null
        run_rdns "$@"
        same 3 "$status"
        contains "$output" 'RDNS UNKNOWN - '
        contains "$output" '-'
        fake_dns_stop
    done
}
