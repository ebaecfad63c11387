#!/usr/bin/env bats
# The plugins that speak SMTP against real servers (servers.bash), from somebody outside, by the names that nsd serves. What a
# plugin says is one half; that every server was left as it should be is the other.

load ../cli/helper
load ../cli/assert
load network
load servers
load server_logs
load relays

IMAGES='exim nsd opensmtpd postfix unbound'

setup_file() {
    # shellcheck disable=SC2086 # a list of words
    [ -z "$(network_obstacle $IMAGES)" ] || return 0
    fake_certificates 'rsa-expired key=rsa2048 from=-100 to=-10'
    export FAKE_CERTIFICATES
    network_open
    nsd_start <<'EOF'
backup MX 10 mx2
backup MX 20 mx1
half MX 10 mx1
half MX 20 gone
gone A 44.128.0.99
EOF
    unbound_start
    exim_start exim
    opensmtpd_start opensmtpd certificate=none
}

teardown_file() {
    network_close
}

setup() {
    # shellcheck disable=SC2086
    network_require $IMAGES
}

teardown() {
    # Each test has a Postfix of its own. What a test starts ends with it, at the latest.
    [ ! -f "${NETWORK-}/postfix/pid" ] || server_stop postfix
}

# run_outside PLUGIN [OPTION...]: sets status and output; nothing may be on standard error.
run_outside() {
    local program
    program=$(plugin "$1")
    status=0
    output=$(outside "$program" --resolver "$UNBOUND" "${@:2}" 2>"$BATS_TEST_TMPDIR/errors") || status=$?
    same "" "$(cat "$BATS_TEST_TMPDIR/errors")"
}

authority() {
    echo "$FAKE_CERTIFICATES/authority.pem"
}

# ---- check_mx

@test "check_mx: Postfix, Exim and OpenSMTPD at six addresses work and know postmaster" {
    postfix_start postfix
    run_outside check_mx -d example.test --rcpt --unknown
    same 0 "$status"
    contains "$output" 'mx_up=3;'
    contains "$output" 'addr_up=6 '
    contains "$output" 'catchall_mx=0'
    server_is_content postfix
    server_is_content exim
    server_is_content opensmtpd
    # The name that is said is that of our address.
    contains "$(cat "$NETWORK/exim/log")" 'SMTP connection from outside.test [44.128.9.66]'
}

@test "check_mx --tls: trusted, and without STARTTLS" {
    postfix_start postfix
    run_outside check_mx -d example.test --tls --ca-file "$(authority)" -v
    same 1 "$status"
    contains "$output" 'mx.starttls-missing mx3.example.test: 44.128.0.27 does not offer STARTTLS'
    contains "$output" 'mx.starttls-missing mx3.example.test: 3ffe:501::27 does not offer STARTTLS'
    lacks "$output" 'mx.certificate'
    server_is_content postfix
    server_is_content exim
    server_is_content opensmtpd
}

@test "check_mx: a backup that answers nobody, and a first exchanger that is stopped" {
    postfix_start postfix
    run_outside check_mx -d half.example.test -t 8
    same 1 "$status"
    contains "$output" '(mx.backup-down)'
    server_is_content postfix
    server_stop postfix
    run_outside check_mx -d example.test
    same 2 "$status"
    contains "$output" '(mx.primary-down)'
}

@test "check_mx --unknown: a backup that knows no recipients takes what the first refuses" {
    postfix_backup_start postfix 'relay_domains = backup.example.test'
    run_outside check_mx -d backup.example.test --unknown
    same 1 "$status"
    contains "$output" '(mx.backscatter)'
    server_is_content postfix
}

@test "check_mx: postscreen puts strangers off, and check_mx says so; the next time it knows us" {
    postfix_postscreen_start postfix
    run_outside check_mx -d example.test --rcpt
    same 1 "$status"
    contains "$output" '(mx.rcpt-deferred)'
    run_outside check_mx -d example.test --rcpt
    same 0 "$status"
    server_is_content postfix
}

# ---- check_starttls

@test "check_starttls: Postfix, Exim, sendmail and chasquid are trusted at both addresses, and left in order" {
    local host
    network_require sendmail syslog chasquid
    postfix_start postfix
    sendmail_start sendmail
    chasquid_start chasquid
    for host in mx1.example.test mx2.example.test mail.example.test mail.test; do
        run_outside check_starttls -H "$host" --ca-file "$(authority)" --quick
        same 0 "$status"
        contains "$output" 'addresses=2'
        contains "$output" 'tls_version=1.3'
    done
    server_is_content postfix
    server_is_content exim
    server_is_content sendmail
    server_is_content chasquid
    server_stop sendmail
    server_stop chasquid
}

@test "check_starttls: each fault of a certificate on a port of Postfix" {
    local port certificate state id
    postfix_start postfix port=2501:expired port=2502:wrong-name port=2503:self-signed \
        port=2504:missing-intermediate port=2505:soon port=2506:unknown-authority-sent port=2507:not-yet-valid \
        port=2508:expired-intermediate
    while read -r port certificate state id; do
        run_outside check_starttls -H mx1.example.test -4 -p "$port" --ca-file "$(authority)" --quick
        echo "$certificate: $output"
        same "$state" "$status"
        contains "$output" "($id)"
    done <<'EOF'
2501 expired 2 starttls.expired
2502 wrong-name 1 starttls.name-mismatch
2503 self-signed 1 starttls.self-signed
2504 missing-intermediate 1 starttls.incomplete-chain
2505 soon 1 starttls.expires
2506 unknown-authority-sent 1 starttls.unknown-authority
2507 not-yet-valid 2 starttls.not-yet-valid
2508 expired-intermediate 1 starttls.expired-intermediate
EOF
    server_is_content postfix
}

@test "check_starttls: a certificate of each key type is found, and judged by itself" {
    local tls='smtpd_tls_protocols = >=TLSv1.2'
    postfix_start postfix certificate=good,rsa "$tls"
    run_outside check_starttls -H mx1.example.test --ca-file "$(authority)"
    same 0 "$status"
    contains "$output" 'certificates=2'
    server_stop postfix
    postfix_start postfix certificate=wrong-name,rsa "$tls"
    run_outside check_starttls -H mx1.example.test --ca-file "$(authority)"
    same 1 "$status"
    contains "$output" '(starttls.name-mismatch)'
    server_stop postfix
    postfix_start postfix certificate=good,rsa-expired "$tls"
    run_outside check_starttls -H mx1.example.test --ca-file "$(authority)"
    same 2 "$status"
    contains "$output" 'the RSA certificate'
    contains "$output" '(starttls.expired)'
}

@test "check_starttls: but for handshakes that must fail, each session of a full check ends with QUIT" {
    postfix_start postfix
    run_outside check_starttls -H mx1.example.test -4 --ca-file "$(authority)"
    same 1 "$status"
    contains "$output" '(starttls.old-tls)'
    ended() {
        [ "$(grep -c ': connect from' "$NETWORK/postfix/log")" -eq \
            "$(grep -cE ': disconnect from .* (quit=1|starttls=0/1) ' "$NETWORK/postfix/log")" ]
    }
    poll_until 5 ended
    # No RSA certificate, and no weak cipher.
    same 2 "$(grep -c 'lost connection after STARTTLS' "$NETWORK/postfix/log")"
    lacks "$(cat "$NETWORK/postfix/log")" message-id=
}

@test "check_starttls: OpenSMTPD without STARTTLS, and 6.8.0p2, whose handshake breaks off" {
    run_outside check_starttls -H mx3.example.test --ca-file "$(authority)"
    same 2 "$status"
    contains "$output" '(starttls.not-offered)'
    server_is_content opensmtpd
    grep -q '=6\.8\.0p2' "$SERVERS_DIR/opensmtpd.packages" || skip "this OpenSMTPD is another one"
    OPENSMTPD=44.128.0.37 opensmtpd_start another
    run_outside check_starttls -H 44.128.0.37 --name mx3.example.test --ca-file "$(authority)"
    same 2 "$status"
    contains "$output" '(starttls.no-handshake)'
}

@test "check_starttls --mx: the one exchanger of three without TLS is named" {
    postfix_start postfix
    run_outside check_starttls --mx example.test --ca-file "$(authority)" --quick
    same 2 "$status"
    contains "$output" 'mx3.example.test'
    contains "$output" '(starttls.not-offered)'
    contains "$output" 'addresses=6'
    lacks "$output" 'warning'
    server_is_content postfix
    server_is_content exim
    server_is_content opensmtpd
}

@test "check_starttls: postscreen makes us wait, and TLS is good" {
    postfix_postscreen_start postfix
    run_outside check_starttls -H mx1.example.test --ca-file "$(authority)" --quick
    same 0 "$status"
    server_is_content postfix
}

@test "check_starttls --injection: Postfix and Exim carry out no command that came in clear" {
    local host
    postfix_start postfix
    for host in mx1.example.test mx2.example.test; do
        run_outside check_starttls -H "$host" -4 --ca-file "$(authority)" --quick --injection -v
        same 0 "$status"
        contains "$output" 'starttls.injection-safe'
    done
}

# ---- check_rdns

@test "check_rdns: the names of three servers are confirmed, in DNS, EHLO and banner" {
    local host
    postfix_start postfix
    for host in mx1.example.test mx2.example.test mx3.example.test; do
        run_outside check_rdns -H "$host" --strict
        same 0 "$status"
        contains "$output" 'confirmed=2 '
    done
    server_is_content postfix
    server_is_content exim
    server_is_content opensmtpd
}

@test "check_rdns: a Postfix that calls itself by a name of another, and an address without a name" {
    postfix_start postfix 'myhostname = mx2.example.test'
    run_outside check_rdns -H mx1.example.test
    same 1 "$status"
    contains "$output" '(rdns.helo-resolve)'
    server_is_content postfix
    run_outside check_rdns -H gone.example.test --no-connect
    same 2 "$status"
    contains "$output" '(rdns.no-ptr)'
}

# ---- check_smtp_banner

@test "check_smtp_banner: five servers as their packages have them, and none of them minds" {
    local host
    network_require sendmail syslog chasquid
    postfix_start postfix
    sendmail_start sendmail
    chasquid_start chasquid
    for host in mx1.example.test mx2.example.test mail.example.test mail.test; do
        run_outside check_smtp_banner -H "$host"
        same 0 "$status"
        contains "$output" '(2 of 2 addresses)'
        contains "$output" 'ptr_ok=1;'
    done
    run_outside check_smtp_banner -H mx3.example.test
    same 1 "$status"
    contains "$output" '(smtp.no-starttls), and 1 more (warning)'
    server_is_content postfix
    server_is_content exim
    server_is_content opensmtpd
    server_is_content sendmail
    server_is_content chasquid
}

@test "check_smtp_banner: bounces and postmaster; OpenSMTPD and chasquid do not know postmaster alone" {
    local host state
    network_require chasquid
    postfix_start postfix
    chasquid_start chasquid
    while read -r host state; do
        run_outside check_smtp_banner -H "$host" --mail-null --postmaster example.test \
            --severity smtp.no-starttls=ignore
        same "$state" "$status"
        [ "$state" -eq 0 ] || contains "$output" '(smtp.postmaster-bare)'
        lacks "$output" 'smtp.postmaster-refused'
    done <<'EOF'
mx1.example.test 0
mx2.example.test 0
mx3.example.test 1
mail.test 1
EOF
    server_is_content postfix
    server_is_content exim
    server_is_content opensmtpd
    server_is_content chasquid
}

@test "check_smtp_banner --policy strict: sendmail tells its version, its users and its lists; Postfix its users" {
    network_require sendmail syslog
    postfix_start postfix
    sendmail_start sendmail
    run_outside check_smtp_banner -H mail.example.test -4 --policy strict -v
    same 1 "$status"
    contains "$output" 'WARNING smtp.version'
    contains "$output" 'WARNING smtp.vrfy'
    contains "$output" 'WARNING smtp.expn'
    contains "$output" 'WARNING smtp.mail-first'
    run_outside check_smtp_banner -H mx1.example.test -4 --policy strict -v
    same 1 "$status"
    contains "$output" 'WARNING smtp.vrfy'
    lacks "$output" 'smtp.expn'
    lacks "$output" 'smtp.version'
    server_is_content postfix
    server_is_content sendmail
}

@test "check_smtp_banner --policy strict: chasquid hangs up at the third error, and is asked all the same" {
    network_require chasquid
    chasquid_start chasquid
    run_outside check_smtp_banner -H mail.test -4 --policy strict --postmaster example.test -v
    same 1 "$status"
    lacks "$output" 'smtp.probe-unanswered'
    contains "$output" ' HELP: '
    server_is_content chasquid
}

@test "check_smtp_banner: Exim refuses a name in EHLO that is none" {
    run_outside check_smtp_banner -H mx2.example.test -4 --ehlo bad_name
    contains "$output" '501 Syntactically invalid HELO argument(s)'
    [ "$status" -ne 0 ]
}

@test "check_smtp_banner: the delay of postscreen is measured, and its second greeting awaited" {
    postfix_postscreen_start postfix
    run_outside check_smtp_banner -H mx1.example.test -4 -w 1 -c 20
    same 1 "$status"
    contains "$output" '(smtp.slow)'
    contains "$output" 'time_banner=2.'
    server_is_content postfix
}
