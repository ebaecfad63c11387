#!/usr/bin/env bats
# A server that stalls, floods, injects, lies or hangs up, at each step that each plugin takes: the state is right, and it
# is there inside the deadline. A row is a step, with the exit status and the finding that it leads to. The steps of one
# test are servers side by side, at addresses of their own.

load helper
load assert

FIRST=10 # the last octet of the first row's address, 127.0.0.10
LAST=24
LIMIT=4 # seconds, -t

setup() {
    local i
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH SSL_CERT_FILE SSL_CERT_DIR
    fake_certificates
    cd "$BATS_TEST_TMPDIR" || return 1
    {
        printf '%s\n' 'soa test' 'soa 127.in-addr.arpa' 'monitor.test A 127.0.0.1' '1.0.0.127.in-addr.arpa PTR monitor.test'
        for ((i = FIRST; i <= LAST; i++)); do
            printf '%s\n' "m$i.test A 127.0.0.$i" "$i.0.0.127.in-addr.arpa PTR m$i.test" "d$i.test MX 10 m$i.test"
        done
    } >zone
    fake_dns_start zone
}

teardown() {
    fake_smtp_stop
    fake_dns_stop
}

# ask PLUGIN NUMBER: what it says of the server of that row, into NUMBER.out; its exit status into NUMBER.status.
ask() {
    local program words status=0
    program=$(plugin "$1")
    case $1 in
    check_smtp_banner)
        words=(-H "m$2.test" --mail-null --postmaster example.test --probe vrfy --probe expn --probe help)
        ;;
    check_starttls) words=(-H "m$2.test" --name mail.test --ca-file "$FAKE_CERTIFICATES/authority.pem" --quick) ;;
    check_mx) words=(-d "d$2.test" -w 1: --rcpt --tls --severity mx.bad-address=ignore --severity mx.certificate=ignore) ;;
    check_rdns) words=(-H "127.0.0.$2") ;;
    esac
    "$program" "${words[@]}" -p "$FAKE_SMTP_PORT" --resolver "127.0.0.1:$FAKE_DNS_PORT" -t "$LIMIT" -v \
        >"$2.out" 2>&1 </dev/null || status=$?
    echo "$status" >"$2.status"
}

# says NUMBER STEP STATUS ID: that is what it said, in time. An ID of - is no finding worse than a note.
says() {
    local states=(OK WARNING CRITICAL UNKNOWN) first
    same "$2: exit status $3" "$2: exit status $(cat "$1.status")" || {
        cat "$1.out" >&2
        return 1
    }
    if [ "$4" = - ]; then
        ! grep -E '^(WARNING|CRITICAL|UNKNOWN) ' "$1.out" >&2 || return 1
    else
        grep -q "^${states[$3]} $4 " "$1.out" || {
            printf '%s: no "%s" in:\n%s\n' "$2" "$4" "$(cat "$1.out")" >&2
            return 1
        }
    fi
    # Not a matter of how fast the machine is: a plugin that does not end by itself would never.
    first=$(grep -o ' time=[0-9]*' "$1.out" | tail -n 1)
    [ "${first#* time=}" -le $((LIMIT * 2)) ]
}

# rows PLUGIN ACTIONS: for each line "STEP STATUS ID" of standard input a server that answers this step with these
# actions of fake_smtp. tls-EHLO is the EHLO under TLS; HELO is said where EHLO is refused.
rows() {
    local plugin=$1 actions=$2 number=$FIRST listen=() step status id rows=() row pids=()
    echo 'certificate good' >script
    while read -r step status id; do
        rows+=("$number $step $status $id")
        listen+=(--listen "127.0.0.$number:0")
        printf '@127.0.0.%s\nname m%s.test\ntls-versions 1.2-1.3\ndomain example.test d%s.test\n' "$number" "$number" "$number"
        [ "$step" != HELO ] || echo 'on EHLO 502 5.5.1 no'
        case $step in
        tls-*) echo "[tls] on ${step#tls-}" ;;
        *) echo "on $step" ;;
        esac
        printf '%s\n' "$actions"
        number=$((number + 1))
    done >>script
    fake_smtp_start script "${listen[@]}"
    for row in "${rows[@]}"; do
        ask "$plugin" "${row%% *}" 3>&- &
        pids+=($!)
    done
    wait "${pids[@]}"
    for row in "${rows[@]}"; do
        # shellcheck disable=SC2086 # the words of the row
        says $row
    done
}

# ---- check_smtp_banner

@test "check_smtp_banner: a server that stalls" {
    rows check_smtp_banner '    silent' <<'END'
connect 2 smtp.no-greeting
EHLO 2 smtp.no-reply
HELO 2 smtp.no-reply
MAIL 2 smtp.no-reply
RCPT 2 smtp.no-reply
RSET 2 smtp.no-reply
VRFY 3 smtp.probe-unanswered
EXPN 3 smtp.probe-unanswered
HELP 3 smtp.probe-unanswered
QUIT 0 -
END
}

@test "check_smtp_banner: a server that floods" {
    rows check_smtp_banner '    endless 250-flood\r\n' <<'END'
connect 2 smtp.not-smtp
EHLO 2 smtp.not-smtp
HELO 2 smtp.not-smtp
MAIL 2 smtp.not-smtp
RCPT 2 smtp.not-smtp
RSET 2 smtp.not-smtp
VRFY 3 smtp.probe-unanswered
EXPN 3 smtp.probe-unanswered
HELP 3 smtp.probe-unanswered
QUIT 0 -
END
}

@test "check_smtp_banner: a server that injects a reply" {
    rows check_smtp_banner $'    default\n    250 2.0.0 injected' <<'END'
connect 1 smtp.unsolicited
EHLO 1 smtp.unsolicited
HELO 1 smtp.unsolicited
MAIL 1 smtp.unsolicited
RCPT 1 smtp.unsolicited
RSET 1 smtp.unsolicited
VRFY 1 smtp.unsolicited
EXPN 1 smtp.unsolicited
HELP 1 smtp.unsolicited
QUIT 0 -
END
}

@test "check_smtp_banner: a server that has a code of four digits" {
    rows check_smtp_banner '    2500 lie' <<'END'
connect 2 smtp.not-smtp
EHLO 2 smtp.not-smtp
HELO 2 smtp.not-smtp
MAIL 2 smtp.not-smtp
RCPT 2 smtp.not-smtp
RSET 2 smtp.not-smtp
VRFY 3 smtp.probe-unanswered
EXPN 3 smtp.probe-unanswered
HELP 3 smtp.probe-unanswered
QUIT 0 -
END
}

@test "check_smtp_banner: a server that answers with 354, which is due to nothing" {
    rows check_smtp_banner '    354 lie' <<'END'
connect 2 smtp.refused
EHLO 2 smtp.ehlo-failed
HELO 2 smtp.ehlo-failed
MAIL 2 smtp.mail-null
RCPT 1 smtp.postmaster-refused
RSET 1 smtp.reply-form
VRFY 1 smtp.reply-form
EXPN 1 smtp.reply-form
HELP 1 smtp.reply-form
QUIT 0 -
END
}

@test "check_smtp_banner: a server that closes the connection" {
    rows check_smtp_banner '    cut' <<'END'
connect 2 smtp.no-greeting
EHLO 2 smtp.no-reply
HELO 2 smtp.no-reply
MAIL 2 smtp.no-reply
RCPT 2 smtp.no-reply
RSET 2 smtp.no-reply
VRFY 3 smtp.probe-unanswered
EXPN 3 smtp.probe-unanswered
HELP 3 smtp.probe-unanswered
QUIT 0 -
END
}

@test "check_smtp_banner: a server that resets the connection" {
    rows check_smtp_banner '    reset' <<'END'
connect 2 smtp.no-greeting
EHLO 2 smtp.no-reply
HELO 2 smtp.no-reply
MAIL 2 smtp.no-reply
RCPT 2 smtp.no-reply
RSET 2 smtp.no-reply
VRFY 3 smtp.probe-unanswered
EXPN 3 smtp.probe-unanswered
HELP 3 smtp.probe-unanswered
QUIT 0 -
END
}

# ---- check_starttls

@test "check_starttls: a server that stalls" {
    rows check_starttls '    silent' <<'END'
connect 2 starttls.silent
EHLO 2 starttls.silent
STARTTLS 2 starttls.silent
handshake 2 starttls.no-handshake
tls-EHLO 2 starttls.ehlo-tls
tls-QUIT 0 -
END
}

@test "check_starttls: a server that floods" {
    rows check_starttls '    endless 250-flood\r\n' <<'END'
connect 2 starttls.no-smtp
EHLO 2 starttls.no-smtp
STARTTLS 2 starttls.no-smtp
handshake 2 starttls.response-injection
tls-EHLO 2 starttls.ehlo-tls
tls-QUIT 0 -
END
}

@test "check_starttls: a server that injects a reply" {
    rows check_starttls $'    default\n    250 2.0.0 injected' <<'END'
connect 1 starttls.out-of-turn
EHLO 1 starttls.out-of-turn
STARTTLS 2 starttls.response-injection
tls-EHLO 1 starttls.out-of-turn
tls-QUIT 0 -
END
}

@test "check_starttls: a server that has a code of four digits" {
    rows check_starttls '    2500 lie' <<'END'
connect 2 starttls.no-smtp
EHLO 2 starttls.no-smtp
STARTTLS 2 starttls.no-smtp
tls-EHLO 2 starttls.ehlo-tls
tls-QUIT 0 -
END
}

@test "check_starttls: a server that answers with 354, which is due to nothing" {
    rows check_starttls '    354 lie' <<'END'
connect 2 starttls.greeting
EHLO 2 starttls.ehlo
STARTTLS 2 starttls.refused
tls-EHLO 2 starttls.ehlo-tls
tls-QUIT 0 -
END
}

@test "check_starttls: a server that closes the connection" {
    rows check_starttls '    cut' <<'END'
connect 2 starttls.closed
EHLO 2 starttls.closed
STARTTLS 2 starttls.closed
handshake 2 starttls.no-handshake
tls-EHLO 2 starttls.ehlo-tls
tls-QUIT 0 -
END
}

@test "check_starttls: a server that resets the connection" {
    rows check_starttls '    reset' <<'END'
connect 2 starttls.closed
EHLO 2 starttls.closed
STARTTLS 2 starttls.closed
handshake 2 starttls.no-handshake
tls-EHLO 2 starttls.ehlo-tls
tls-QUIT 0 -
END
}

# ---- check_mx

@test "check_mx: a server that stalls" {
    rows check_mx '    silent' <<'END'
connect 2 mx.all-down
EHLO 2 mx.all-down
STARTTLS 1 mx.tls-failed
handshake 1 mx.tls-failed
tls-EHLO 3 mx.rcpt-untold
tls-MAIL 3 mx.rcpt-untold
tls-RCPT 3 mx.rcpt-untold
tls-RSET 0 -
tls-QUIT 0 -
END
}

@test "check_mx: a server that floods" {
    rows check_mx '    endless 250-flood\r\n' <<'END'
connect 2 mx.all-down
EHLO 2 mx.all-down
STARTTLS 1 mx.tls-failed
handshake 1 mx.tls-failed
tls-EHLO 3 mx.rcpt-untold
tls-MAIL 3 mx.rcpt-untold
tls-RCPT 3 mx.rcpt-untold
tls-RSET 0 -
tls-QUIT 0 -
END
}

@test "check_mx: a server that injects a reply" {
    rows check_mx $'    default\n    250 2.0.0 injected' <<'END'
connect 0 -
EHLO 0 -
STARTTLS 1 mx.tls-failed
tls-EHLO 0 -
tls-MAIL 0 -
tls-RCPT 0 -
tls-RSET 0 -
tls-QUIT 0 -
END
}

@test "check_mx: a server that has a code of four digits" {
    rows check_mx '    2500 lie' <<'END'
connect 2 mx.all-down
EHLO 2 mx.all-down
STARTTLS 1 mx.tls-failed
tls-EHLO 3 mx.rcpt-untold
tls-MAIL 3 mx.rcpt-untold
tls-RCPT 3 mx.rcpt-untold
tls-RSET 0 -
tls-QUIT 0 -
END
}

@test "check_mx: a server that answers with 354, which is due to nothing" {
    rows check_mx '    354 lie' <<'END'
connect 2 mx.all-down
EHLO 2 mx.all-down
STARTTLS 1 mx.tls-failed
tls-EHLO 3 mx.rcpt-untold
tls-MAIL 3 mx.rcpt-untold
tls-RCPT 2 mx.rcpt-refused
tls-RSET 0 -
tls-QUIT 0 -
END
}

@test "check_mx: a server that closes the connection" {
    rows check_mx '    cut' <<'END'
connect 2 mx.all-down
EHLO 2 mx.all-down
STARTTLS 1 mx.tls-failed
handshake 1 mx.tls-failed
tls-EHLO 3 mx.rcpt-untold
tls-MAIL 3 mx.rcpt-untold
tls-RCPT 3 mx.rcpt-untold
tls-RSET 0 -
tls-QUIT 0 -
END
}

@test "check_mx: a server that resets the connection" {
    rows check_mx '    reset' <<'END'
connect 2 mx.all-down
EHLO 2 mx.all-down
STARTTLS 1 mx.tls-failed
handshake 1 mx.tls-failed
tls-EHLO 3 mx.rcpt-untold
tls-MAIL 3 mx.rcpt-untold
tls-RCPT 3 mx.rcpt-untold
tls-RSET 0 -
tls-QUIT 0 -
END
}

# ---- check_rdns

@test "check_rdns: a server that stalls" {
    rows check_rdns '    silent' <<'END'
connect 3 rdns.no-banner
EHLO 3 rdns.no-helo
QUIT 0 -
END
}

@test "check_rdns: a server that floods" {
    rows check_rdns '    endless 250-flood\r\n' <<'END'
connect 3 rdns.no-banner
EHLO 3 rdns.no-helo
QUIT 0 -
END
}

@test "check_rdns: a server that injects a reply" {
    rows check_rdns $'    default\n    250 2.0.0 injected' <<'END'
connect 0 -
EHLO 0 -
QUIT 0 -
END
}

@test "check_rdns: a server that has a code of four digits" {
    rows check_rdns '    2500 lie' <<'END'
connect 3 rdns.no-banner
EHLO 3 rdns.no-helo
QUIT 0 -
END
}

@test "check_rdns: a server that answers with 354, which is due to nothing" {
    rows check_rdns '    354 lie' <<'END'
connect 3 rdns.no-banner
EHLO 3 rdns.no-helo
QUIT 0 -
END
}

@test "check_rdns: a server that closes the connection" {
    rows check_rdns '    cut' <<'END'
connect 3 rdns.no-banner
EHLO 3 rdns.no-helo
QUIT 0 -
END
}

@test "check_rdns: a server that resets the connection" {
    rows check_rdns '    reset' <<'END'
connect 3 rdns.no-banner
EHLO 3 rdns.no-helo
QUIT 0 -
END
}

# ---- all of them

@test "RFC 5321 4.5.3.2.1: a greeting after 11 seconds is late, and hides nothing else" {
    local plugin number=$FIRST listen=() pids=()
    LIMIT=30 # as without -t
    {
        printf '%s\n' 'certificate good' 'tls-versions 1.2-1.3' '[delay=11000] on connect'
        for ((number = FIRST; number < FIRST + 4; number++)); do
            printf '@127.0.0.%s\nname m%s.test\ndomain example.test d%s.test\n' "$number" "$number" "$number"
            listen+=(--listen "127.0.0.$number:0")
        done
    } >script
    fake_smtp_start script "${listen[@]}"
    number=$FIRST
    for plugin in check_smtp_banner check_starttls check_mx check_rdns; do
        ask "$plugin" "$number" 3>&- &
        pids+=($!)
        number=$((number + 1))
    done
    wait "${pids[@]}"
    for ((number = FIRST; number < FIRST + 4; number++)); do
        says "$number" "a late greeting" 0 -
    done
    grep -Eq ' time_banner=1[1-9]' "$FIRST.out"
    contains "$(cat "$FIRST.out")" ' postmaster'
}
