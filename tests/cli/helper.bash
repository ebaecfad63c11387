# shellcheck shell=bash
# For the bats files of this folder: `load helper`.
#
# Nothing here waits for a fixed time: what takes its time is polled until it is there or its deadline has come.
#
# Variables, for the tests:
#     SRCDIR, BUILDDIR    top folders of the source and of the build; `make check` sets them, else both are this source
#     FAKE_DNS_PORT       of the fake_dns that was started last, the same for all its addresses
#     FAKE_DNS_LOG        its log of queries: `udp|tcp address name type flags`
#     FAKE_DNS_SCRIPT     its script
#     FAKE_DNS_PID        its process
# shellcheck disable=SC2034

SRCDIR=${SRCDIR-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}
BUILDDIR=${BUILDDIR-$SRCDIR}

# How long a server may take until it listens, in seconds.
SERVER_START_SECONDS=10

# A pipe that nobody writes to: reading it with a time-out is a pause without a process.
exec {_silence}<> <(:)

# plugin NAME: prints the path of a program that was built.
plugin() {
    local path=$BUILDDIR/$1
    if [ ! -x "$path" ]; then
        echo "$path is not built" >&2
        return 1
    fi
    printf '%s\n' "$path"
}

# poll_until SECONDS COMMAND...: runs the command again and again until it succeeds; fails at the deadline.
poll_until() {
    local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
    shift
    until "$@"; do
        if [ "${EPOCHREALTIME/[.,]/}" -ge "$end" ]; then
            return 1
        fi
        read -r -t 0.01 -u "$_silence" || :
    done
}

# require_tool NAME...: skips the test, with a reason, where a tool is missing.
require_tool() {
    local tool
    for tool; do
        command -v "$tool" >/dev/null 2>&1 || skip "$tool is not installed"
    done
}

_fake_dns_listens() {
    [ -s "$1/port" ] || ! kill -0 "$2" 2>/dev/null
}

# fake_dns_start [SCRIPT-FILE|-] [OPTION...]: starts fake_dns, with further options of its own, and returns when it
# listens. Without a file, or with "-", the script is standard input:
#
#     fake_dns_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 <<'EOF'
#     example.test MX 10 mail.example.test
#     EOF
#
# Not at the end of a pipe: there bash runs it in a shell of its own and the variables are lost. May be called
# again for one more server.
fake_dns_start() {
    local script=- folder
    folder=$(mktemp -d "${BATS_TEST_TMPDIR-$BATS_FILE_TMPDIR}/fake_dns.XXXXXX")
    if [ $# -gt 0 ] && [ "${1#--}" = "$1" ]; then
        script=$1
        shift
    fi
    if [ "$script" = - ]; then
        script=$folder/script
        cat >"$script"
    fi
    FAKE_DNS_SCRIPT=$script
    FAKE_DNS_LOG=$folder/log
    # Descriptor 3 is bats' own: who holds it open keeps bats waiting.
    "$(plugin tests/fake_dns/fake_dns)" --script "$script" --port-file "$folder/port" --log "$FAKE_DNS_LOG" "$@" \
        >"$folder/output" 2>&1 </dev/null 3>&- &
    FAKE_DNS_PID=$!
    _fake_dns_running+=("$FAKE_DNS_PID:$folder")
    poll_until "$SERVER_START_SECONDS" _fake_dns_listens "$folder" "$FAKE_DNS_PID" || :
    if ! FAKE_DNS_PORT=$(cat "$folder/port" 2>/dev/null); then
        echo "fake_dns does not listen:" >&2
        cat "$folder/output" >&2
        return 1
    fi
}

# fake_dns_stop: ends every fake_dns that was started; for teardown. Fails when one had not run cleanly to its end
# or had printed anything.
fake_dns_stop() {
    local server pid folder status result=0
    for server in "${_fake_dns_running[@]}"; do
        pid=${server%%:*}
        folder=${server#*:}
        kill "$pid" 2>/dev/null || :
        status=0
        wait "$pid" 2>/dev/null || status=$?
        if [ "$status" -ne 0 ] || [ -s "$folder/output" ]; then
            echo "fake_dns ended with status $status:" >&2
            cat "$folder/output" >&2
            result=1
        fi
    done
    _fake_dns_running=()
    return "$result"
}
_fake_dns_running=()

# fake_dns_count REGEX: prints how many lines of the log match (grep -E).
fake_dns_count() {
    grep -cE -e "$1" "$FAKE_DNS_LOG" || :
}
