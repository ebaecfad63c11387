# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # output and status are read by the tests
# For the bats files of check_recipient: `load recipient` behind helper and assert. The exchangers of example.test are
# mx1 at 127.0.0.2 and mx2 at 127.0.0.3.

recipient_setup() {
    recipient=$(plugin check_recipient)
    unset MP_STATE_PATH MP_CONFIG_FILE NAGIOS_CONFIG_PATH FAKE_CERTIFICATES
    cd "$BATS_TEST_TMPDIR" || return 1
    cat >zone.dns <<'END'
soa test
soa 127.in-addr.arpa
example.test MX 10 mx1.example.test
example.test MX 20 mx2.example.test
mx1.example.test A 127.0.0.2
mx2.example.test A 127.0.0.3
monitor.test A 127.0.0.1
1.0.0.127.in-addr.arpa PTR monitor.test
END
    dns_runs=no
}

recipient_teardown() {
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

# serve [OPTION...]: starts the mail servers 127.0.0.2 and 127.0.0.3 with the script of standard input.
serve() {
    fake_smtp_start - --listen 127.0.0.2:0 --listen 127.0.0.3:0 "$@"
}

# serve_names: starts the name server, if it does not run yet.
serve_names() {
    [ "$dns_runs" = yes ] || fake_dns_start zone.dns
    dns_runs=yes
}

# start_recipient WORDS...: in the background; its process is CHECK_PID.
start_recipient() {
    serve_names
    "$recipient" --resolver "127.0.0.1:$FAKE_DNS_PORT" --port "$FAKE_SMTP_PORT" "$@" >/dev/null </dev/null 3>&- &
    CHECK_PID=$!
}

# run_recipient WORDS...: sets output and status.
run_recipient() {
    local memory=(--state-file none) errors=errors.$BASHPID
    [ -z "${default_memory-}" ] || memory=()
    serve_names
    status=0
    output=$("$recipient" --resolver "127.0.0.1:$FAKE_DNS_PORT" --port "${FAKE_SMTP_PORT-25}" --interval 0 \
        "${memory[@]}" "$@" 2>"$errors" </dev/null) || status=$?
    same '' "$(cat "$errors")"
}

# check ADDRESS [WORDS...]: with the findings.
check() {
    local address=$1
    shift
    run_recipient --address "$address" -v "$@"
}

# check_with_default_memory ADDRESS [WORDS...]: with the state file that the plugin chooses.
check_with_default_memory() {
    local default_memory=yes
    check "$@"
}

# reply REPLY...: the exchanger says that to RCPT; sets output.
reply() {
    printf 'on RCPT %s\n' "$*" >script
    serve <script
    check alice@example.test
    rm script
}

# finding STATE ID: stands in the output.
finding() {
    local line
    while IFS= read -r line; do
        case $line in
        "$1 recipient.$2 "*) return 0 ;;
        esac
    done <<<"$output"
    printf 'no "%s recipient.%s" in:\n%s\n' "$1" "$2" "$output" >&2
    return 1
}

no_finding() {
    if finding "$1" "$2" 2>/dev/null; then
        printf '"%s recipient.%s" in:\n%s\n' "$1" "$2" "$output" >&2
        return 1
    fi
}

# verdict: of the first address, from the line of -v.
verdict() {
    sed -n 's/^alice@example\.test: \([a-z-]*\) at .*/\1/p' <<<"$output"
}
