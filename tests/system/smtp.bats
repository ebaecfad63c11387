#!/usr/bin/env bats
# The plugins that speak SMTP against real servers (servers.bash), from somebody outside, by the names that nsd serves. What a
# plugin says is one half; that every server was left as it should be is the other.

load ../cli/helper
load ../cli/assert
load network
load servers
load server_logs
load relays

setup_file() {
    network_require exim nsd opensmtpd postfix unbound
    fake_certificates
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
    network_require exim nsd opensmtpd postfix unbound
}

teardown() {
    # Each test has a Postfix of its own.
    [ ! -f "$NETWORK/postfix/pid" ] || server_stop postfix
    rm -f "$NETWORK/postfix/pid"
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
    rm "$NETWORK/postfix/pid"
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
