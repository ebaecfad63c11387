# shellcheck shell=bash disable=SC2154
# For the bats files of check_mx: `load mx` behind helper and assert.

# Two exchangers, and no more.
# shellcheck disable=SC2034
TWO='example.test MX 10 mx1.example.test
example.test MX 20 mx2.example.test
mx1.example.test A 127.0.0.2
mx2.example.test A 127.0.0.3'

mx_setup() {
    mx=$(plugin check_mx)
    findings_of mx
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH FAKE_CERTIFICATES
    cd "$BATS_TEST_TMPDIR" || return 1
}

# zone: starts the DNS server with the lines of standard input.
zone() {
    {
        printf 'soa test\n'
        cat
    } >zone.dns
    fake_dns_start zone.dns
}

# servers [OPTION...]: starts the SMTP servers 127.0.0.2 to 127.0.0.4 with the script of standard input.
servers() {
    fake_smtp_start - --listen 127.0.0.2:0 --listen 127.0.0.3:0 --listen 127.0.0.4:0 "$@"
}

# run_mx WORDS...: sets output and status.
run_mx() {
    status=0
    output=$("$mx" --resolver "127.0.0.1:$FAKE_DNS_PORT" --port "${FAKE_SMTP_PORT-25}" "$@" 2>errors </dev/null) || status=$?
    same '' "$(cat errors)"
}

# check WORDS...: the domain example.test, with the findings; that its exchangers are on loopback is no fault here.
check() {
    run_mx -d example.test -v --internal "$@"
}
