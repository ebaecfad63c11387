# shellcheck shell=bash
# For the bats files of this folder: `load server_logs`, after `load servers`. What a server has to say of us: its queue and
# its log.

# server_queue NAME: prints the files of messages that it has.
server_queue() {
    local child
    child=$(_network_child "$(cat "$NETWORK/$1/pid")")
    (
        cd "/proc/$child/root" || exit 1
        find var/spool/postfix/incoming var/spool/postfix/active var/spool/postfix/deferred \
            var/spool/postfix/hold var/spool/postfix/corrupt var/spool/postfix/maildrop \
            var/spool/exim4/input var/spool/smtpd/queue var/spool/smtpd/incoming var/spool/smtpd/corrupt \
            var/spool/mqueue var/lib/chasquid/queue -type f 2>/dev/null
    ) || :
}

# The words of each server's log: a session begins, it ends with QUIT, it was closed behind DATA before a message came, something
# that an operator would look after, a message was taken. chasquid tells of messages and errors only: see wire.bash.
_server_words_of_log() {
    case $(basename "$(readlink "$NETWORK/$1/image")") in
    postfix)
        begin='smtpd\[.*: connect from|postscreen\[.*: CONNECT from'
        # A client that postscreen knows is handed on.
        quit='smtpd\[.*: disconnect from .* quit=1|postscreen\[.*: (DISCONNECT|PASS OLD)'
        bad='lost connection|timeout after|improper command|SSL_accept error|PREGREET|HANGUP|NON-SMTP|BARE NEWLINE'
        bad="$bad|COMMAND (PIPELINING|COUNT|LENGTH|TIME)|too many errors|fatal:|panic:"
        aborted='lost connection after DATA \(0 bytes\)'
        taken='message-id='
        ;;
    exim)
        begin='SMTP connection from .*TCP/IP connection count'
        quit='SMTP connection from .* closed by QUIT'
        bad='SMTP connection from .* (lost|closed by DROP|closed after)|synchronization error|TLS error|timed out'
        aborted='SMTP connection from .* lost while reading message data \(header\)'
        taken=' <= '
        ;;
    opensmtpd)
        begin='smtp connected'
        quit='smtp disconnected reason=quit'
        bad='smtp disconnected reason=([^q]|q[^u])'
        aborted='smtp disconnected reason=disconnect'
        taken='smtp message msgid='
        ;;
    sendmail)
        begin='NOQUEUE: connect from'
        quit='<-- QUIT'
        bad='lost input channel|pre-greeting|rejecting commands|STARTTLS=server, error|timeout waiting'
        aborted='collect: premature EOM: unexpected close'
        taken='msgid='
        ;;
    chasquid)
        begin='' quit=''
        bad='panic'
        aborted='error: DATA failed: 552'
        taken=' queued ip='
        ;;
    esac
}

# _server_count REGEX LOG
_server_count() {
    grep -cE "$1" "$2" || :
}

_server_has_seen_us_off() {
    [ "$(_server_count "$begin" "$1")" -eq "$(_server_count "$quit|$aborted|$bad" "$1")" ]
}

# server_is_content NAME [ABORTED]: there was a session, each ended with QUIT and nothing unusual, but for ABORTED (0) ones that
# were closed behind DATA; no message was taken and none is queued. Else it says what was amiss.
server_is_content() {
    local begin quit aborted bad taken log=$NETWORK/$1/log queue
    _server_words_of_log "$1"
    if [ -n "$begin" ]; then
        if ! grep -qE "$begin" "$log" || ! poll_until 5 _server_has_seen_us_off "$log"; then
            echo "$1: not every session ended with QUIT, or there was none:" >&2
            cat "$log" >&2
            return 1
        fi
    fi
    if grep -E "$bad|$taken" "$log" | grep -vE "$aborted" >&2; then
        echo "$1: is not content with that" >&2
        return 1
    fi
    if [ "$(_server_count "$aborted" "$log")" -ne "${2-0}" ]; then
        echo "$1: $(_server_count "$aborted" "$log") sessions were closed behind DATA:" >&2
        cat "$log" >&2
        return 1
    fi
    queue=$(server_queue "$1")
    if [ -n "$queue" ]; then
        printf '%s: has queued %s\n' "$1" "$queue" >&2
        return 1
    fi
}
