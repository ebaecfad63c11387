#!/usr/bin/env bats
# mailcheck with the real plugins, in the lab of tools/demo: what it finds, and how it treats the servers.

load helper
load assert
load mailcheck

setup_file() {
    local specifications
    mapfile -t specifications <"$SRCDIR/tools/lab/certificates"
    fake_certificates "${specifications[@]}"
    export FAKE_CERTIFICATES
}

setup() {
    mailcheck=$(plugin mailcheck/mailcheck)
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH NO_COLOR COLUMNS
    cd "$BATS_TEST_TMPDIR" || return 1
    cat "$SRCDIR"/tools/lab/*.dns >lab.dns
    fake_dns_start lab.dns
    fake_smtp_start "$SRCDIR/tools/lab/starttls.smtp" --listen 127.0.0.25:0 --listen 127.0.0.26:0 --listen 127.0.0.27:0
    cat >lab.ini <<INI
[*]
mx.internal
mx.port = $FAKE_SMTP_PORT
smtp_banner.port = $FAKE_SMTP_PORT
starttls.port = $FAKE_SMTP_PORT
rdns.port = $FAKE_SMTP_PORT
open_relay.port = $FAKE_SMTP_PORT
open_relay.base-probes = $SRCDIR/share/relay-probes.conf
open_relay.state-file = none
open_relay.interval = 0
starttls.ca-file = $FAKE_CERTIFICATES/authority.pem
dnsbl.base-catalogue = $SRCDIR/tools/lab/catalogue.conf
INI
}

teardown() {
    fake_dns_stop
    fake_smtp_stop
}

lab() {
    status=0
    output=$("$mailcheck" --plugin-dir "$BUILDDIR" --config lab.ini --resolver "127.0.0.1:$FAKE_DNS_PORT" "$@" 2>errors </dev/null) ||
        status=$?
    same '' "$(cat errors)"
}

@test "a broken domain: what is wrong, with the words of the plugins, each told once" {
    lab press.lab.test
    same 2 "$status"
    says '  CRITICAL  mx1.press.lab.test (127.0.0.25:'
    says '    why   Senders that verify keep the mail; mail programs warn or refuse.'
    says '    fix   Renew it, install it and reload the server'
    says 'spf.none'
    says 'dmarc.strict-clash'
    says 'rdns.no-ptr'
    lacks "$output" smtp.ptr-missing
    says '  OK        smtp_banner  mx1.press.lab.test 127.0.0.25:'
    says "More about a finding: $BUILDDIR/check_starttls --explain starttls.expired"
}

@test "an exchanger has two conversations at a time at most, and one where one is enough" {
    lab press.lab.test
    fake_smtp_is_polite 2
    # One for the greeting of each, the rest for TLS: one kind of certificate and version after another.
    all=$(fake_smtp_connections)
    for host in mx1 mx2; do
        "$(plugin check_starttls)" -H "$host.press.lab.test" -p "$FAKE_SMTP_PORT" --resolver "127.0.0.1:$FAKE_DNS_PORT" \
            --ca-file "$FAKE_CERTIFICATES/authority.pem" >shown || :
    done
    fake_smtp_settle
    same $((all * 2 - 2)) "$(fake_smtp_connections)"
}

@test "two domains with the same exchangers: the servers notice one" {
    printf 'also.test MX 10 mx1.press.lab.test\nalso.test MX 20 mx2.press.lab.test\n' >>lab.dns
    fake_dns_stop
    fake_dns_start lab.dns
    lab press.lab.test
    fake_smtp_settle
    before=$(fake_smtp_connections)
    lab press.lab.test also.test
    fake_smtp_settle
    same "$((before * 2))" "$(fake_smtp_connections)"
    says '  CRITICAL  also.test'
}

@test "open relaying is tested only when it is asked for, and then after the others" {
    lab press.lab.test
    fake_smtp_settle
    same 0 "$(fake_smtp_said | grep -c '^RCPT')"
    lab --relay --only smtp_banner --only open_relay press.lab.test
    fake_smtp_settle
    [ "$(fake_smtp_said | grep -c '^RCPT')" -gt 0 ]
    fake_smtp_is_polite 2
}

@test "a server by its address" {
    lab 127.0.0.25
    same 2 "$status"
    says '127.0.0.25: '
    says 'starttls.expired'
    fake_smtp_is_polite 2
}

@test "--html: the path with state and TLS of each address" {
    lab --html page.html press.lab.test
    grep -qF '>works, TLS 1.3; ' page.html
    grep -qF '>preference 20</text>' page.html
    grep -qF 'data-copy=' page.html
}

@test "a server that is gone is told once" {
    fake_dns_stop
    sed -i 's/^mx1.press.lab.test A .*/mx1.press.lab.test A 127.0.0.99/' lab.dns
    fake_dns_start lab.dns
    lab press.lab.test
    says 'connection refused'
    same 1 "$(grep -c '  smtp.connect$' <<<"$output")"
    lacks "$output" starttls.connect
    says '  -         starttls     mx1.press.lab.test: left out, it did not greet'
}
