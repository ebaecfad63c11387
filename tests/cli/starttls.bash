# shellcheck shell=bash
# For the bats files of check_starttls: `load starttls`, behind helper and assert.

setup() {
    starttls=$(plugin check_starttls)
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH SSL_CERT_FILE SSL_CERT_DIR
    fake_certificates
    cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
    fake_smtp_stop
    fake_dns_stop
}

# What a server has against which nothing is to be said.
MODERN='tls-versions 1.2-1.3'

# server [OPTION...]: starts the server with the script on standard input.
server() {
    cat >script
    fake_smtp_start script "$@"
}

# modern [LINE...]: a server that speaks TLS 1.2 and 1.3 only, with these lines besides.
modern() {
    printf '%s\n' "$MODERN" "$@" >script
    fake_smtp_start script
}

# run_starttls WORDS...: sets output and status.
run_starttls() {
    status=0
    output=$("$starttls" "$@" 2>errors </dev/null) || status=$?
    same '' "$(cat errors)"
}

# check WORDS...: the server at 127.0.0.1 by the name mail.test, with the findings.
check() {
    run_starttls -H 127.0.0.1 -p "$FAKE_SMTP_PORT" --name mail.test --ca-file "$FAKE_CERTIFICATES/authority.pem" \
        --ehlo monitor.test -v "$@"
}

# finding STATE ID [TEXT]: stands in the output, with that text in its line.
finding() {
    local line
    while IFS= read -r line; do
        case $line in
        "$1 starttls.$2 "*"${3-}"*) return 0 ;;
        esac
    done <<<"$output"
    printf 'no "%s starttls.%s ...%s" in:\n%s\n' "$1" "$2" "${3-}" "$output" >&2
    return 1
}

# no_finding ID: in no state.
no_finding() {
    lacks "$output" " starttls.$1 "
}

# clean: nothing worse than a note was found.
clean() {
    same 0 "$status"
    contains "${output%%$'\n'*}" 'STARTTLS OK'
}

# alone STATE ID [TEXT]: this and nothing else that is worse than a note.
alone() {
    local line count=0
    finding "$@"
    while IFS= read -r line; do
        case $line in
        'CRITICAL starttls.'* | 'WARNING starttls.'* | 'UNKNOWN starttls.'*) count=$((count + 1)) ;;
        esac
    done <<<"$output"
    if [ "$count" -ne 1 ]; then
        printf 'more than "%s" in:\n%s\n' "$2" "$output" >&2
        return 1
    fi
}
