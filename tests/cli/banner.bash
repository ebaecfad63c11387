# shellcheck shell=bash
# shellcheck disable=SC2034 # output and status are read by the tests
# For the bats files of check_smtp_banner: a mail server at 127.0.0.2 that is mail.test, we are monitor.test.

banner_setup() {
    banner=$(plugin check_smtp_banner)
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH SSL_CERT_FILE SSL_CERT_DIR FAKE_CERTIFICATES
    cd "$BATS_TEST_TMPDIR" || return 1
    dns_runs=no
    cat >zone.dns <<'END'
soa test
soa 127.in-addr.arpa
mail.test A 127.0.0.2
2.0.0.127.in-addr.arpa PTR mail.test
monitor.test A 127.0.0.1
1.0.0.127.in-addr.arpa PTR monitor.test
END
}

banner_teardown() {
    local result=0
    fake_smtp_stop || result=1
    fake_dns_stop || result=1
    return "$result"
}

# zone LINE...: further lines of the zone.
zone() {
    printf '%s\n' "$@" >>zone.dns
}

# without NAME TYPE: takes lines out of the zone.
without() {
    grep -v "^$1 $2 " zone.dns >zone.new || :
    mv zone.new zone.dns
}

start_dns() {
    [ "$dns_runs" = yes ] || fake_dns_start zone.dns
    dns_runs=yes
}

# serve [OPTION...]: starts the mail server with the script of standard input.
serve() {
    fake_smtp_start - --listen 127.0.0.2:0 "$@"
}

# run_banner WORDS...: sets output and status.
run_banner() {
    status=0
    output=$("$banner" "$@" 2>errors </dev/null) || status=$?
    same '' "$(cat errors)"
}

# check WORDS...: mail.test, with the findings. Words of one's own come last and win.
check() {
    start_dns
    run_banner -H mail.test -p "${FAKE_SMTP_PORT-25}" --resolver "127.0.0.1:$FAKE_DNS_PORT" -v "$@"
}

# free_port: a port on which nobody listens.
free_port() {
    echo 1
}

# finding STATE ID: stands in the output.
finding() {
    local line
    while IFS= read -r line; do
        case $line in
        "$1 smtp.$2 "*) return 0 ;;
        esac
    done <<<"$output"
    printf 'no "%s smtp.%s" in:\n%s\n' "$1" "$2" "$output" >&2
    return 1
}

no_finding() {
    if finding "$1" "$2" 2>/dev/null; then
        printf '"%s smtp.%s" in:\n%s\n' "$1" "$2" "$output" >&2
        return 1
    fi
}
