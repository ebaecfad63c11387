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
#     FAKE_SMTP_PORT, FAKE_SMTP_LOG, FAKE_SMTP_SCRIPT, FAKE_SMTP_PID     likewise; the log is its transcript
#     FAKE_CERTIFICATES   folder that fake_certificates made; fake_smtp_start gives it to the server
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

# require_terminal: skips the test where script(1) can give a program no terminal.
require_terminal() {
    require_tool script
    script -qec true /dev/null </dev/null >/dev/null 2>&1 || skip "no pseudo-terminal can be had"
}

# traced PROGRAM: prints the path of a program that is the same and has its connections written down, for
# no_connection_to. Skips the test where that cannot be done. Leaks cannot be looked for under strace.
traced() {
    printf '#!/bin/sh\nASAN_OPTIONS=detect_leaks=0 exec strace -f -A -o "%s" -e trace=connect,sendto,sendmsg,sendmmsg "%s" "$@"\n' \
        "$BATS_TEST_TMPDIR/connections" "$1" >"$BATS_TEST_TMPDIR/traced"
    chmod +x "$BATS_TEST_TMPDIR/traced"
    echo "$BATS_TEST_TMPDIR/traced"
}

# no_connection_to WORD...: none of the words stands in what the traced program connected or sent to; it did connect.
no_connection_to() {
    local word
    grep -q 'connect(.*127\.0\.0\.' "$BATS_TEST_TMPDIR/connections"
    for word; do
        ! grep -F -- "$word" "$BATS_TEST_TMPDIR/connections" >&2 || return 1
    done
}

_server_listens() {
    [ -s "$1/port" ] || ! kill -0 "$2" 2>/dev/null
}

# Those that were started, as program:pid:folder.
_servers=()

# _server_start PREFIX PROGRAM [SCRIPT-FILE|-] [OPTION...]: sets PREFIX_SCRIPT, PREFIX_LOG, PREFIX_PID and PREFIX_PORT.
_server_start() {
    local prefix=$1 program=$2 script=- folder pid port
    shift 2
    folder=$(mktemp -d "${BATS_TEST_TMPDIR-$BATS_FILE_TMPDIR}/$program.XXXXXX")
    if [ $# -gt 0 ] && [ "${1#--}" = "$1" ]; then
        script=$1
        shift
    fi
    if [ "$script" = - ]; then
        script=$folder/script
        cat >"$script"
    fi
    # Descriptor 3 is bats' own: who holds it open keeps bats waiting.
    "$(plugin "tests/$program/$program")" --script "$script" --port-file "$folder/port" --log "$folder/log" "$@" \
        >"$folder/output" 2>&1 </dev/null 3>&- &
    pid=$!
    _servers+=("$program:$pid:$folder")
    printf -v "${prefix}_SCRIPT" %s "$script"
    printf -v "${prefix}_LOG" %s "$folder/log"
    printf -v "${prefix}_PID" %s "$pid"
    poll_until "$SERVER_START_SECONDS" _server_listens "$folder" "$pid" || :
    if ! port=$(cat "$folder/port" 2>/dev/null); then
        echo "$program does not listen:" >&2
        cat "$folder/output" >&2
        return 1
    fi
    printf -v "${prefix}_PORT" %s "$port"
}

# _server_stop PROGRAM: ends all of that program.
_server_stop() {
    local server pid folder status result=0 others=()
    for server in "${_servers[@]}"; do
        if [ "${server%%:*}" != "$1" ]; then
            others+=("$server")
            continue
        fi
        folder=${server#*:*:}
        pid=${server#*:}
        pid=${pid%%:*}
        kill "$pid" 2>/dev/null || :
        status=0
        wait "$pid" 2>/dev/null || status=$?
        if [ "$status" -ne 0 ] || [ -s "$folder/output" ]; then
            echo "$1 ended with status $status:" >&2
            cat "$folder/output" >&2
            result=1
        fi
    done
    _servers=("${others[@]}")
    return "$result"
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
    _server_start FAKE_DNS fake_dns "$@"
}

# fake_dns_stop: ends every fake_dns that was started; for teardown. Fails when one had not run cleanly to its end
# or had printed anything.
fake_dns_stop() {
    _server_stop fake_dns
}

# fake_dns_count REGEX: prints how many lines of the log match (grep -E).
fake_dns_count() {
    grep -cE -e "$1" "$FAKE_DNS_LOG" || :
}

# fake_certificates [SPECIFICATION...]: makes the certificates of tests/make_certificates, every 23 hours in the build
# folder; with certificates of one's own, in a folder of this test.
fake_certificates() {
    local folder=$BUILDDIR/tests/certificates made
    if [ $# -gt 0 ]; then
        FAKE_CERTIFICATES=$(mktemp -d "${BATS_TEST_TMPDIR-$BATS_FILE_TMPDIR}/certificates.XXXXXX")
        "$(plugin tests/make_certificates)" "$FAKE_CERTIFICATES" "$@"
        return
    fi
    FAKE_CERTIFICATES=$folder
    if [ -n "$(find "$folder/authority.pem" -mmin -1380 2>/dev/null)" ]; then
        return 0
    fi
    # Several tests may do this at once: the folder appears as a whole, and the first one wins.
    made=$(mktemp -d "$folder.XXXXXX")
    "$(plugin tests/make_certificates)" "$made"
    if [ -d "$folder" ]; then
        mv -T "$folder" "$made.old" 2>/dev/null || :
    fi
    mv -T "$made" "$folder" 2>/dev/null || :
    rm -rf "$made" "$made.old"
}

# fake_smtp_start [SCRIPT-FILE|-] [OPTION...]: starts fake_smtp, with further options of its own, and returns when
# it listens. As with fake_dns_start, the script may be standard input:
#
#     fake_smtp_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 <<'EOF'
#     @127.0.0.2
#     554 mx2.example.test
#     EOF
fake_smtp_start() {
    local certificates=()
    [ -z "${FAKE_CERTIFICATES-}" ] || certificates=(--certificates "$FAKE_CERTIFICATES")
    if [ $# -gt 0 ] && [ "${1#--}" = "$1" ]; then
        _server_start FAKE_SMTP fake_smtp "$1" "${certificates[@]}" "${@:2}"
    else
        _server_start FAKE_SMTP fake_smtp "${certificates[@]}" "$@"
    fi
}

# fake_smtp_stop: ends every fake_smtp that was started; for teardown. Fails when one had not run cleanly to its end
# or had printed anything.
fake_smtp_stop() {
    _server_stop fake_smtp
}

_fake_smtp_is_idle() {
    awk '$5 == "open" { open++ } $5 == "close" { open-- } END { exit open != 0 }' "$FAKE_SMTP_LOG"
}

# fake_smtp_settle: waits until every connection of the log has ended; before the log is read. Fails after 3 s.
fake_smtp_settle() {
    poll_until 3 _fake_smtp_is_idle || {
        echo "a connection is still open:" >&2
        cat "$FAKE_SMTP_LOG" >&2
        return 1
    }
}

# fake_smtp_count REGEX: prints how many lines of the log match (grep -E).
fake_smtp_count() {
    grep -cE -e "$1" "$FAKE_SMTP_LOG" || :
}

# fake_smtp_connections [LISTENER]: prints how many connections there were.
fake_smtp_connections() {
    awk -v listener="${1-}" '$5 == "open" && (listener == "" || $3 == listener) { n++ } END { print n + 0 }' \
        "$FAKE_SMTP_LOG"
}

# fake_smtp_said [NUMBER]: prints the lines that clients said, of one connection or of all.
fake_smtp_said() {
    awk -v number="${1-}" '$5 == "C" && (number == "" || $2 == number) {
        for (field = 1; field <= 6; field++)
            sub(/^[^ ]+ ?/, "")
        print
    }' "$FAKE_SMTP_LOG"
}

# fake_smtp_most_open: prints how many connections were open at one time, at the listener that had most.
fake_smtp_most_open() {
    awk '
        $5 == "open" { if (++open[$3] > most) most = open[$3]; is_open[$2] = 1 }
        $5 ~ /^(fin|lost|reset|close)$/ && is_open[$2] { open[$3]--; is_open[$2] = 0 }
        END { print most + 0 }
    ' "$FAKE_SMTP_LOG"
}

# fake_smtp_is_polite [MOST]: every connection of the log is one that no operator would mind: nothing was said before a reply
# was complete, no message was sent, QUIT ended each session whose greeting was whole and that the server did not end,
# close_notify each TLS session, and no listener had more than MOST (1) connections at a time. Else it says which was not.
fake_smtp_is_polite() {
    fake_smtp_settle || return 1
    awk -v most="${1-1}" '
        function complain(number, what) { print "connection " number ": " what; bad = 1 }
        { listener[$2] = $3 }
        $5 == "open" { if (++open[$3] > most) complain($2, "makes " open[$3] " to " $3 " at a time"); is_open[$2] = 1 }
        $5 ~ /^(fin|lost|reset|close)$/ && is_open[$2] { open[$3]--; is_open[$2] = 0 }
        $5 == "early" { complain($2, "speaks before the reply to " $6 " is complete") }
        $5 == "data" { complain($2, "sends a message") }
        $5 == "partial" || $5 == "long" { complain($2, "sends a " $5 " line") }
        $5 == "tls" { secured[$2] = 1 }
        $5 == "notify" { notified[$2] = 1 }
        $5 == "S" && $6 == "connect" && $7 ~ /^[0-9][0-9][0-9]$/ { greeted[$2] = 1 }
        $5 == "C" && $6 == "QUIT" { quit[$2] = 1 }
        $5 == "shut" || $5 == "reset" { if (!($2 in fin)) ended[$2] = 1 }
        $5 == "fin" { fin[$2] = 1 }
        $5 == "lost" { complain($2, "is reset") }
        END {
            for (number in listener) {
                if (greeted[number] && !quit[number] && !ended[number])
                    complain(number, "ends without QUIT")
                if (secured[number] && !notified[number])
                    complain(number, "ends without close_notify")
            }
            exit bad
        }
    ' "$FAKE_SMTP_LOG" >&2
}
