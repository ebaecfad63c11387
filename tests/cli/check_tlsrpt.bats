#!/usr/bin/env bats
# check_tlsrpt through the real binary against scripted DNS. Each row of the table of conditions is a test of its own,
# named by its id.

load helper
load assert

setup() {
    tlsrpt=$(plugin check_tlsrpt)
    findings_of tlsrpt
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
    fake_dns_stop
    fake_smtp_stop
}

# zone: starts the server with the lines of standard input.
zone() {
    {
        printf 'soa test\n'
        cat
    } >zone.dns
    fake_dns_start zone.dns
}

check() {
    status=0
    output=$("$tlsrpt" --resolver "127.0.0.1:$FAKE_DNS_PORT" -d example.test -v "$@" 2>errors </dev/null) || status=$?
    same '' "$(cat errors)"
}

# publish TEXT [WORDS...]: a zone with that record of example.test, and check. Further lines come from the file
# "extra.dns".
publish() {
    touch extra.dns
    {
        printf '_smtp._tls.example.test TXT "%s"\n' "$1"
        cat extra.dns
        printf 'example.test MX 10 mail.example.test\nreports.test A 192.0.2.1\n'
    } >all
    zone <all
    check "${@:2}"
}

@test "a good record is OK, with its figures" {
    publish 'v=TLSRPTv1; rua=mailto:a@example.test,https://reports.test/v1?a=b'
    same 0 "$status"
    contains "$output" 'TLSRPT OK - example.test: v=TLSRPTv1; rua=mailto:a@example.test,https://reports.test/v1?a=b | records=1 rua_count=2 rua_usable=2 time='
}

@test "JSON has the stable keys" {
    require_tool jq
    publish 'v=TLSRPTv1; rua=mailto:a@example.test' --output-format json
    same 'v=TLSRPTv1; rua=mailto:a@example.test' "$(jq -r .record <<<"$output")"
    same '[{"uri":"mailto:a@example.test","scheme":"mailto","tls":null}]' "$(jq -c .reports <<<"$output")"
}

@test "absent: no record is OK, --require makes it CRITICAL" {
    zone <<'END'
example.test MX 10 mail.example.test
END
    check
    same 0 "$status"
    finding OK absent
    contains "$output" 'Publish at _smtp._tls.example.test: v=TLSRPTv1; rua=mailto:tls-reports@example.test'
    check --require
    same 2 "$status"
    finding CRITICAL required
}

@test "absent: with MTA-STS or DANE it is WARNING" {
    zone <<'END'
_mta-sts.example.test TXT "v=STSv1; id=1"
END
    check
    same 1 "$status"
    finding WARNING absent-policy
    contains "$output" 'MTA-STS is on'
    fake_dns_stop
    zone <<'END'
example.test MX 10 mail.example.test
_25._tcp.mail.example.test TLSA \# 35 0301010000000000000000000000000000000000000000000000000000000000000000
END
    check
    same 1 "$status"
    contains "$output" 'DANE is on'
}

@test "record: several, none that begins rightly, no rua, a duplicate tag are CRITICAL" {
    local text
    for text in 'v=TLSRPTv1;' 'v=TLSRPTv1 rua=mailto:a@example.test' 'v=tlsrptv1; rua=mailto:a@example.test' \
        'v=TLSRPTv1; rua=mailto:a@example.test; rua=mailto:b@example.test' 'v=TLSRPTv1; rua = mailto:a@example.test'; do
        publish "$text"
        same 2 "$status"
        finding CRITICAL record
        contains "$output" 'Publish at _smtp._tls.example.test: v=TLSRPTv1; rua=mailto:'
        fake_dns_stop
    done
    cat >extra.dns <<'END'
_smtp._tls.example.test TXT "v=TLSRPTv1; rua=mailto:b@example.test"
END
    publish 'v=TLSRPTv1; rua=mailto:a@example.test'
    same 2 "$status"
    finding CRITICAL record
    contains "$output" '2 records'
}

@test "another text beside the record is fine" {
    cat >extra.dns <<'END'
_smtp._tls.example.test TXT "other"
END
    publish 'v=TLSRPTv1; rua=mailto:a@example.test'
    same 0 "$status"
}

@test "txt-cname and cname-dangling are CRITICAL" {
    cat >extra.dns <<'END'
_smtp._tls.example.test CNAME other.test
other.test TXT "v=TLSRPTv1; rua=mailto:b@example.test"
END
    publish 'v=TLSRPTv1; rua=mailto:a@example.test'
    same 2 "$status"
    finding CRITICAL txt-cname
    fake_dns_stop
    zone <<'END'
_smtp._tls.example.test CNAME gone.test
END
    check
    same 2 "$status"
    finding CRITICAL cname-dangling
}

@test "uri: one bad address is WARNING, all of them CRITICAL" {
    local uri
    for uri in http://reports.test/ b@example.test mailto:a@gone.test https://gone.test/ 'mailto:a!b@example.test'; do
        publish "v=TLSRPTv1; rua=$uri,mailto:a@example.test"
        same 1 "$status"
        finding WARNING uri
        fake_dns_stop
        publish "v=TLSRPTv1; rua=$uri"
        same 2 "$status"
        finding CRITICAL uri-all
        fake_dns_stop
    done
}

@test "uri: a raw comma splits the address" {
    publish 'v=TLSRPTv1; rua=mailto:a,b@example.test'
    same 2 "$status"
    finding CRITICAL uri-all
}

@test "uri: a raw semicolon splits the record" {
    publish 'v=TLSRPTv1; rua=mailto:a;b@example.test'
    same 2 "$status"
    finding CRITICAL record
}

@test "rua-limit: -w and -c compare the usable report addresses" {
    publish 'v=TLSRPTv1; rua=mailto:a@example.test,mailto:b@gone.test' --severity tlsrpt.uri=ok -w 2:
    same 1 "$status"
    finding WARNING rua-limit
    contains "$output" '1 usable report address, wanted is 2: (-w)'
    contains "$output" ' rua_count=2 rua_usable=1;2: '
    check --severity tlsrpt.uri=ok -w 1: -c 1:
    same 0 "$status"
    fake_dns_stop
    zone </dev/null
    check -c 1:
    same 2 "$status"
    finding CRITICAL rua-limit
    contains "$output" '0 usable report addresses, wanted is 1: (-c)'
    contains "$output" ' rua_usable=0;;1: '
    check --help
    contains "$output" 'the number of usable report addresses'
}

@test "rua-limit: what is not known stays unknown, unless it changes nothing" {
    cat >extra.dns <<'END'
late.test MX SERVFAIL
END
    publish 'v=TLSRPTv1; rua=mailto:a@late.test,mailto:a@example.test' -w 2:
    same 3 "$status"
    lacks "$output" 'rua-limit'
    contains "$output" ' rua_usable=U;2: '
    check -w 3: -c 0:
    same 1 "$status"
    finding WARNING rua-limit
    fake_dns_stop
    zone <<<'_smtp._tls.example.test ANY SERVFAIL'
    check -c 1:
    same 3 "$status"
    lacks "$output" 'rua-limit'
}

@test "uri-unknown: a report host without an answer is UNKNOWN" {
    cat >extra.dns <<'END'
dead.test ANY SERVFAIL
END
    publish 'v=TLSRPTv1; rua=mailto:a@dead.test'
    same 3 "$status"
    finding UNKNOWN uri-unknown
}

@test "unknown-tag: an extension is a note" {
    publish 'v=TLSRPTv1; rua=mailto:a@example.test; x-1=y'
    same 0 "$status"
    finding OK unknown-tag
}

@test "dns-error and dns-bogus" {
    zone <<'END'
_smtp._tls.example.test TXT SERVFAIL
END
    check
    same 3 "$status"
    finding UNKNOWN dns-error
    fake_dns_stop
    zone <<'END'
[cd] _smtp._tls.example.test TXT "v=TLSRPTv1; rua=mailto:a@example.test"
[!cd] _smtp._tls.example.test TXT SERVFAIL
END
    check
    same 2 "$status"
    finding CRITICAL dns-bogus
}

@test "ns-differ, ns-missing and ns-silent" {
    cat >zone.dns <<'END'
example.test SOA ns1.example.test. root.example.test. 1 1 1 1 60
example.test NS ns1.example.test
example.test NS ns2.example.test
example.test NS ns3.example.test
example.test NS ns4.example.test
example.test MX 10 mail.example.test
ns1.example.test A 127.0.0.1
ns2.example.test A 127.0.0.2
ns3.example.test A 127.0.0.3
ns4.example.test A 127.0.0.4
_smtp._tls.example.test TXT "v=TLSRPTv1; rua=mailto:a@example.test"
@127.0.0.2 _smtp._tls.example.test TXT "v=TLSRPTv1; rua=mailto:b@example.test"
@127.0.0.3 _smtp._tls.example.test TXT NODATA
@127.0.0.4 _smtp._tls.example.test TXT REFUSED
END
    fake_dns_start zone.dns --listen 127.0.0.1:0 --listen 127.0.0.2:0 --listen 127.0.0.3:0 --listen 127.0.0.4:0
    check --authoritative --authoritative-port "$FAKE_DNS_PORT"
    finding WARNING ns-differ
    finding WARNING ns-missing
    finding UNKNOWN ns-silent
}

@test "ns-unknown: no name servers are found" {
    cat >extra.dns <<'END'
_smtp._tls.example.test SOA SERVFAIL
END
    publish 'v=TLSRPTv1; rua=mailto:a@example.test' --authoritative
    same 3 "$status"
    finding UNKNOWN ns-unknown
}

@test "expect and changed are WARNING, a bad state file UNKNOWN" {
    publish 'v=TLSRPTv1; rua=mailto:a@example.test' --expect 'v=TLSRPTv1; rua=mailto:b@example.test' --state-file state
    same 1 "$status"
    finding WARNING expect
    fake_dns_stop
    publish 'v=TLSRPTv1; rua=mailto:c@example.test' --state-file state
    same 1 "$status"
    finding WARNING changed
    echo garbage >state
    check --state-file state
    same 3 "$status"
    finding UNKNOWN state-file
}

@test "usage errors have the stable keys of the JSON" {
    require_tool jq
    status=0
    output=$("$(plugin check_tlsrpt)" --output-format json) || status=$?
    same 3 "$status"
    same 'null []' "$(jq -rc '"\(.record) \(.reports)"' <<<"$output")"
}

@test "without a domain it is a usage error" {
    status=0
    output=$("$tlsrpt") || status=$?
    same 3 "$status"
    contains "$output" 'no domain'
}

@test "what is no domain is a usage error, and no domain without reporting" {
    zone </dev/null
    local word
    for word in https://example.test/ example.test:25 192.0.2.0/24 192.0.2.256 '[192.0.2.1]' fe80::1%eth0 'a.test,b.test'; do
        check -d "$word"
        same 3 "$status"
        contains "$output" 'TLSRPT UNKNOWN - option --domain: expected a domain name'
        contains "$output" "got \"$word\""
    done
    same 0 "$(wc -l <"$FAKE_DNS_LOG")"
}

# ---- what is not known, what is not looked at

@test "absent: whether MTA-STS or DANE is on is not known without an answer: UNKNOWN" {
    local answer
    for answer in '_mta-sts.example.test ANY SERVFAIL' '[silent] _mta-sts.example.test ANY' \
        '_25._tcp.m.example.test ANY SERVFAIL'; do
        zone <<END
example.test MX 10 m.example.test
m.example.test A 192.0.2.1
$answer
END
        check -t 1
        same 3 "$status"
        finding UNKNOWN dns-error
        contains "$output" 'whether MTA-STS or DANE is on is not known'
        no_finding OK absent
        fake_dns_stop
    done
    zone <<<'example.test MX SERVFAIL'
    check
    same 3 "$status"
    finding UNKNOWN dns-error
}

@test "uri: addresses beyond those that are looked at are counted, and \"all\" is not said of them" {
    local i list=mailto:a@h0.test
    for ((i = 1; i < 35; i++)); do
        list+=,mailto:a@h$i.test
    done
    list="v=TLSRPTv1; rua=$list,mailto:good@example.test"
    zone <<END
example.test MX 10 m.example.test
_smtp._tls.example.test TXT $(fold -w 200 <<<"$list" | sed 's/.*/"&"/' | tr '\n' ' ')
END
    check --max-output 60000
    contains "$output" ' rua_count=36 '
    no_finding CRITICAL uri-all
    finding WARNING uri
    finding UNKNOWN uri-unknown
}

@test "uri: no repair repeats the record that is there" {
    zone <<'END'
_smtp._tls.example.test TXT "v=TLSRPTv1; rua=mailto:a@nx.example.test"
END
    check
    finding CRITICAL uri-all
    lacks "$output" 'Publish at'
    fake_dns_stop
    zone <<'END'
example.test MX 10 m.example.test
_smtp._tls.example.test TXT "v=TLSRPTv1; rua=mailto:a!b@example.test"
END
    check
    contains "$output" 'Publish at _smtp._tls.example.test: v=TLSRPTv1; rua=mailto:a%21b@example.test'
}

@test "figures are U where nothing was answered" {
    zone <<<'[silent] default'
    check -t 1
    contains "$output" 'records=U rua_count=U rua_usable=U time='
}

@test "uri: an IP address as host of https: is a fault of the address that is named" {
    publish 'v=TLSRPTv1; rua=https://192.0.2.1/x,mailto:a@example.test'
    same 1 "$status"
    finding WARNING uri
    contains "$output" 'rua=https://192.0.2.1/x: it names no domain to send to'
}

# ---- --https

# shake [RECORD-ADDRESSES] [WORDS...]: the record names https://mail.test, which is 127.0.0.1, where fake_smtp plays the
# lines of the file "script"; check with --https. Further lines of the zone come from "hosts".
shake() {
    fake_certificates
    printf 'implicit-tls\n' | cat - script >server
    fake_smtp_start server
    [ -f hosts ] || echo 'mail.test A 127.0.0.1' >hosts
    cat hosts - >all <<END
_smtp._tls.example.test TXT "v=TLSRPTv1; rua=$1"
example.test MX 10 mail.example.test
END
    zone <all
    check --https --https-port "$FAKE_SMTP_PORT" --ca-file "$FAKE_CERTIFICATES/authority.pem" "${@:2}"
    fake_smtp_settle
    fake_smtp_stop
}

@test "https-tls: a good certificate is OK, and nothing is said over it" {
    : >script
    shake https://mail.test/v1
    same 0 "$status"
    contains "$output" 'rua_usable=1'
    same 1 "$(fake_smtp_connections)"
    same '' "$(fake_smtp_said)"
}

@test "https-tls: JSON tells the outcome of the handshake" {
    require_tool jq
    : >script
    shake mailto:a@example.test,https://mail.test/v1 --output-format json
    same '[null,"ok"]' "$(jq -c '[.reports[].tls]' <<<"$output")"
    fake_dns_stop
    echo 'certificate self-signed' >script
    shake https://mail.test/v1 --output-format json
    contains "$(jq -r '.reports[0].tls' <<<"$output")" 'its certificate is self-signed'
}

@test "https-tls: what is wrong with a certificate is told, with the repair" {
    local name reason
    while read -r name reason; do
        echo "certificate $name" >script
        shake https://mail.test/v1
        same 2 "$status"
        finding CRITICAL https-tls
        contains "$output" "$reason"
        contains "$output" 'at mail.test, or tell those who run it'
        contains "$output" 'rua_usable=0'
        fake_dns_stop
    done <<'END'
expired its certificate expired 10 days ago
not-yet-valid its certificate is not valid yet
wrong-name its certificate is for other.test, not for mail.test
self-signed its certificate is self-signed
unknown-authority its certificate is not trusted
missing-intermediate its certificate is not trusted
expired-intermediate of its chain has expired
client-only its certificate is not trusted
END
}

@test "https-tls: WARNING while another address works" {
    echo 'certificate expired' >script
    shake https://mail.test/v1,mailto:a@example.test
    same 1 "$status"
    finding WARNING https-tls
    no_finding CRITICAL uri-all
    contains "$output" 'rua_usable=1'
}

@test "https-tls: no TLS, an alert, the end, a refused connection" {
    local action reason
    while IFS='|' read -r action reason; do
        echo "$action" >script
        shake https://mail.test/v1
        finding CRITICAL https-tls
        contains "$output" "$reason"
        fake_dns_stop
    done <<'END'
on accept send HTTP/1.1 400 Bad Request\r\n|it does not answer in TLS
on handshake alert 40|it refused the TLS handshake: handshake failure
on accept cut|the connection ended in the TLS handshake
refused|connection refused
END
}

@test "https-tls: silence past the budget is the host's" {
    echo 'on accept silent' >script
    shake https://mail.test/v1 -t 1
    finding CRITICAL https-tls
    contains "$output" 'it is silent in the TLS handshake'
}

@test "https-tls: an address that is gone does no harm beside one that works" {
    : >script
    printf 'mail.test A 127.0.0.1\nmail.test A 127.0.0.9\n' >hosts
    shake https://mail.test/v1
    same 0 "$status"
}

@test "https-tls: an address that no server can have is not asked" {
    : >script
    echo 'mail.test A 192.0.2.1' >hosts
    tlsrpt=$(traced "$tlsrpt")
    shake https://mail.test/v1
    finding CRITICAL https-tls
    contains "$output" 'it was not asked: no server can have an address of the kind'
    no_connection_to '"192.0.2.1"'
}

@test "https-tls: a port that is none" {
    echo 'mail.test A 127.0.0.1' >extra.dns
    publish 'v=TLSRPTv1; rua=https://mail.test:65536/v1' --https
    finding CRITICAL https-tls
    contains "$output" 'its port is not one of 1 to 65535'
}

@test "https-tls: the port of the address" {
    fake_certificates
    fake_smtp_start - <<<'implicit-tls'
    echo 'mail.test A 127.0.0.1' >extra.dns
    publish "v=TLSRPTv1; rua=https://user@mail.test:$FAKE_SMTP_PORT?x" --https --ca-file "$FAKE_CERTIFICATES/authority.pem"
    same 0 "$status"
    fake_smtp_stop
}

@test "https-tls: one host of many domains is asked once" {
    fake_certificates
    fake_smtp_start - <<<'implicit-tls'
    zone <<END
_smtp._tls.example.test TXT "v=TLSRPTv1; rua=https://mail.test/a"
_smtp._tls.second.test TXT "v=TLSRPTv1; rua=https://mail.test/b,https://mail.test/c"
example.test MX 10 m.example.test
second.test MX 10 m.example.test
mail.test A 127.0.0.1
END
    check -d second.test --https --https-port "$FAKE_SMTP_PORT" --ca-path "$FAKE_CERTIFICATES/authority"
    same 0 "$status"
    fake_smtp_settle
    same 1 "$(fake_smtp_connections)"
    fake_smtp_stop
}

@test "https-unknown: our own trouble is not the host's" {
    echo 'mail.test A 127.0.0.1' >extra.dns
    publish 'v=TLSRPTv1; rua=https://mail.test/v1' --https --ca-file /nowhere/file.pem
    same 3 "$status"
    finding UNKNOWN https-unknown
    contains "$output" '/nowhere/file.pem'
    contains "$output" 'rua_usable=U'
    fake_dns_stop
    publish 'v=TLSRPTv1; rua=https://mail.test/v1' --https -6
    finding UNKNOWN https-unknown
    contains "$output" 'mail.test has no address of the family that -4 or -6 leaves'
}
