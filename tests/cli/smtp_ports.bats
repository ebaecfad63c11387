#!/usr/bin/env bats
# The ports that mean something, 25, 465 and 587, through the real binaries: in a network namespace of its own each, where
# they are free and ours.

load helper
load assert

setup() {
    require_tool unshare ip jq
    unshare -rn ip link set lo up 2>/dev/null || skip "no right to make a network namespace"
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH SSL_CERT_FILE SSL_CERT_DIR
    fake_certificates
    cd "$BATS_TEST_TMPDIR" || return 1
    echo 'soa test
example.test MX 10 mail.example.test
mail.example.test A 127.0.0.1' >ports.dns
    cat >inside <<'END'
# inside PORT COMMAND...: the servers of `script` and ports.dns, and the command beside them.
port=$1
shift
ip link set lo up
rm -f smtp.port dns.port
"$BUILDDIR/tests/fake_smtp/fake_smtp" --script script --certificates "$FAKE_CERTIFICATES" --listen "127.0.0.1:$port" \
    --port-file smtp.port --log smtp.log &
smtp=$!
"$BUILDDIR/tests/fake_dns/fake_dns" --script ports.dns --listen 127.0.0.1:53 --port-file dns.port &
dns=$!
i=0
until [ -s smtp.port ] && [ -s dns.port ]; do
    i=$((i + 1))
    [ "$i" -lt 3000 ] || exit 99
    sleep 0.01
done
status=0
"$@" --resolver 127.0.0.1 --ehlo monitor.test || status=$?
kill "$smtp" "$dns"
wait
exit "$status"
END
}

# ask PORT PLUGIN [OPTION...]: the server of `script` at that port of 127.0.0.1.
ask() {
    local port=$1 program
    program=$(plugin "$2")
    status=0
    output=$(BUILDDIR="$BUILDDIR" FAKE_CERTIFICATES="$FAKE_CERTIFICATES" \
        unshare -rn sh ./inside "$port" "$program" "${@:3}" 2>errors </dev/null) || status=$?
    same '' "$(cat errors)"
}

# tls PORT [OPTION...]: check_starttls with one connection.
tls() {
    ask "$1" check_starttls -H 127.0.0.1 -p "$1" --name mail.test --ca-file "$FAKE_CERTIFICATES/authority.pem" -v "${@:2}"
}

# banner PORT [OPTION...]
banner() {
    ask "$1" check_smtp_banner -H 127.0.0.1 -p "$1" --no-names -v "${@:2}"
}

SUBMISSION='tls-versions 1.2-1.3
offer AUTH PLAIN
[!tls] withhold AUTH
[!tls] on MAIL 530 5.7.0 Must issue a STARTTLS command first'

@test "check_starttls: the same certificate is a WARNING on 25, CRITICAL on 587 and 465" {
    printf '%s\n' "$SUBMISSION" 'certificate self-signed' >script
    tls 25 --quick
    same 1 "$status"
    contains "$output" 'WARNING starttls.self-signed 127.0.0.1:25:'
    tls 587 --quick
    same 2 "$status"
    contains "$output" 'CRITICAL starttls.self-signed 127.0.0.1:587:'
    echo implicit-tls >>script
    tls 465 --quick
    same 2 "$status"
    contains "$output" 'CRITICAL starttls.self-signed 127.0.0.1:465:'
}

@test "check_starttls: TLS 1.1 is a WARNING on 25, CRITICAL on 587 and 465 (RFC 8314 4)" {
    printf '%s\n' "${SUBMISSION/1.2-1.3/1.1-1.3}" >script
    tls 25 --enforced
    same 1 "$status"
    contains "$output" 'WARNING starttls.old-tls'
    tls 587
    same 2 "$status"
    contains "$output" 'CRITICAL starttls.old-tls'
    echo implicit-tls >>script
    tls 465
    same 2 "$status"
    contains "$output" 'CRITICAL starttls.old-tls'
}

@test "check_starttls: 465 begins with TLS by itself, and a server in clear there is CRITICAL (RFC 8314 3.3)" {
    printf '%s\n' "$SUBMISSION" implicit-tls >script
    tls 465
    same 0 "$status"
    contains "$output" ' handshake: done '
    printf '%s\n' "$SUBMISSION" >script
    tls 465
    same 2 "$status"
    contains "$output" 'CRITICAL starttls.implicit-tls'
}

@test "check_starttls: 587 without STARTTLS, with MAIL in clear, without AUTH" {
    echo 'withhold STARTTLS' >script
    tls 587
    same 2 "$status"
    contains "$output" 'CRITICAL starttls.not-offered 127.0.0.1:587: STARTTLS is not offered, though port 587 demands TLS'
    printf '%s\n' 'tls-versions 1.2-1.3' 'offer AUTH PLAIN' >script
    tls 587
    same 1 "$status"
    contains "$output" 'WARNING starttls.mail-in-clear'
    printf '%s\n' 'tls-versions 1.2-1.3' '[!tls] on MAIL 530 5.7.0 Must issue a STARTTLS command first' >script
    tls 587
    same 2 "$status"
    contains "$output" 'CRITICAL starttls.no-auth'
    # The same server is one that the public must be let alone with.
    tls 25
    same 1 "$status"
    contains "$output" 'WARNING starttls.forced'
}

@test "check_starttls: -p is 25 where nothing is said, 465 with --implicit-tls" {
    printf '%s\n' "$SUBMISSION" >script
    ask 25 check_starttls -H 127.0.0.1 --name mail.test --ca-file "$FAKE_CERTIFICATES/authority.pem" --enforced
    same 0 "$status"
    contains "$output" '127.0.0.1:25: '
    echo implicit-tls >>script
    ask 465 check_starttls -H 127.0.0.1 --implicit-tls --name mail.test --ca-file "$FAKE_CERTIFICATES/authority.pem"
    same 0 "$status"
    contains "$output" '127.0.0.1:465: '
}

@test "check_smtp_banner: without STARTTLS a WARNING on 25, CRITICAL on 587 (RFC 3207)" {
    echo 'withhold STARTTLS' >script
    banner 25
    same 1 "$status"
    contains "$output" 'WARNING smtp.no-starttls'
    banner 587
    same 2 "$status"
    contains "$output" 'CRITICAL smtp.no-starttls'
}

@test "check_smtp_banner: AUTH in clear, and AUTH on the exchanger's port" {
    echo 'offer AUTH PLAIN LOGIN' >script
    banner 25
    same 1 "$status"
    contains "$output" 'WARNING smtp.auth-clear'
    contains "$output" 'OK smtp.auth-mx'
    banner 587
    same 1 "$status"
    contains "$output" 'WARNING smtp.auth-clear'
    lacks "$output" smtp.auth-mx
}

@test "465 begins with TLS for every plugin that speaks SMTP" {
    printf '%s\n' implicit-tls 'offer AUTH PLAIN' 'domain example.test' >script
    banner 465
    same 0 "$status"
    contains "$output" '220 mail.test ESMTP'
    lacks "$output" smtp.auth-clear
    ask 465 check_mx -d example.test -p 465 --internal
    contains "$output" ' mx_up=1;'
    ask 465 check_rdns -H 127.0.0.1 -p 465 -v
    contains "$output" 'banner mail.test'
    ask 465 check_recipient -H 127.0.0.1 -p 465 -r alice@example.test --state-file none
    contains "$output" 'deliverable'
    ask 465 check_open_relay -H 127.0.0.1 -p 465 -d example.test --to relaytest@foreign.test \
        --base-probes "$SRCDIR/share/relay-probes.conf" --state-file none --interval 0 --probe A1
    contains "$output" ' refused=1 '
}
