# shellcheck shell=bash disable=SC2034,SC2154
# For the bats files of check_open_relay: `load relay` behind helper and assert.

relay_setup() {
    relay=$(plugin check_open_relay)
    unset MP_STATE_PATH MP_CONFIG_FILE NAGIOS_CONFIG_PATH FAKE_CERTIFICATES
    cd "$BATS_TEST_TMPDIR" || return 1
}

# We come from a public address, as the server is told by the PROXY protocol.
OUTSIDE=(--proxy-protocol 'v2,198.51.100.66:4242,203.0.113.25:25')
INSIDE=()

# server [OPTION...]: starts the server with the script on standard input, behind a proxy.
server() {
    {
        echo 'proxy-protocol any'
        cat
    } >script
    fake_smtp_start script "$@"
}

# bare_server [OPTION...]: the same without.
bare_server() {
    cat >script
    fake_smtp_start script "$@"
}

# check_as VIEW WORDS...: sets output and status; VIEW is OUTSIDE or INSIDE.
check_as() {
    local -n view=$1
    local memory=(--state-file none) errors=errors.$BASHPID
    [ -z "${default_memory-}" ] || memory=()
    shift
    status=0
    output=$("$relay" --resolver "127.0.0.1:${FAKE_DNS_PORT-1}" -H 127.0.0.1 --port "${FAKE_SMTP_PORT-25}" -d example.test --ehlo monitor.test --interval 0 \
        --base-probes "$SRCDIR/share/relay-probes.conf" "${memory[@]}" -v "${view[@]}" "$@" \
        2>"$errors" </dev/null) || status=$?
    same '' "$(cat "$errors")"
}

# check_host HOST WORDS...: of that name, as fake_dns knows it.
check_host() {
    check_as INSIDE -H "$1" "${@:2}"
}

# check WORDS...: from outside.
check() {
    check_as OUTSIDE "$@"
}

# start_check WORDS...: from outside, in the background; its process is CHECK_PID.
start_check() {
    "$relay" --resolver 127.0.0.1:1 -H 127.0.0.1 --port "$FAKE_SMTP_PORT" -d example.test --ehlo monitor.test \
        --base-probes "$SRCDIR/share/relay-probes.conf" "${OUTSIDE[@]}" "$@" >/dev/null </dev/null &
    CHECK_PID=$!
}

# check_with_default_memory WORDS...: from outside, with the state file that the plugin chooses.
check_with_default_memory() {
    local default_memory=yes
    check "$@"
}

# finding STATE ID: stands in the output.
finding() {
    local line
    while IFS= read -r line; do
        case $line in
        "$1 relay.$2 "*) return 0 ;;
        esac
    done <<<"$output"
    printf 'no "%s relay.%s" in:\n%s\n' "$1" "$2" "$output" >&2
    return 1
}

# first_line TEXT: stands in the first line.
first_line() {
    contains "${output%%$'\n'*}" "$1"
}
