#!/usr/bin/env bats
# The SMTP engine (common/net/smtp.h) against the scripted server: misfortunes at each step, and what the operator of
# the server sees of us. What each dialogue should look like is read from the transcripts of both sides.

load helper
load assert

setup() {
    play=$(plugin tests/cli/smtp_play)
    cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
    fake_smtp_stop
}

# server [OPTION...]: starts the server with the script on standard input.
server() {
    fake_certificates
    cat >script
    fake_smtp_start script "$@"
}

# play WORDS...: sets output and status, one line each in lines.
play() {
    status=0
    output=$("$play" -n mail.test -a "$FAKE_CERTIFICATES/authority.pem" "${@:1:$#-1}" "127.0.0.1:$FAKE_SMTP_PORT" \
        "${@: -1}" 2>&1 </dev/null) || status=$?
    mapfile -t lines <<<"$output"
}

FULL='EHLO STARTTLS? EHLO@ MAIL=<> RCPT*=<postmaster@example.test> RSET'
WHOLE='connect greeting:220 EHLO:250 STARTTLS:220 handshake EHLO+:250 MAIL+:250 RCPT+:250 RSET+:250 QUIT+:221'

@test "a sane server: every step, trusted, QUIT and close_notify on both sides" {
    server <<<'ocsp good'
    play "$FULL"
    same "$WHOLE" "${lines[0]}"
    contains "$output" 'tls 1.3 EC mail.test'
    contains "$output" 'staple 1'
    contains "$output" 'notified'
    lacks "$output" 'error'
    fake_smtp_is_polite
    same 0 "$(fake_smtp_count ' data ')"
}

@test "octet by octet, in the clear and in split TLS records" {
    server <<<'chunk 1 1'
    play -t 30 'EHLO STARTTLS EHLO@'
    same 'connect greeting:220 EHLO:250 STARTTLS:220 handshake EHLO+:250 QUIT+:221' "${lines[0]}"
    fake_smtp_is_polite
}

@test "RFC 5321 4.3.1: the final line of a greeting that comes late is awaited" {
    server <<<'220-mail.test
    wait 700
220 mail.test ready'
    play EHLO
    same 'connect greeting:220 EHLO:250 QUIT:221' "${lines[0]}"
    fake_smtp_is_polite
}

@test "RFC 5321 3.1: after 554 only QUIT" {
    server <<<'554 no service'
    play EHLO
    same 'connect greeting:554 QUIT:221' "${lines[0]}"
    same 'QUIT' "$(fake_smtp_said)"
    fake_smtp_is_polite
}

@test "a reset at each step ends the dialogue in that step" {
    local step word
    for step in connect EHLO STARTTLS MAIL RCPT RSET QUIT; do
        server <<<"on $step reset"
        play "$FULL"
        word=$step
        # The reset may overtake the news that the connection stands.
        [ "$step" != connect ] || [ "${lines[0]}" = connect=reset ] || word=greeting
        contains "${lines[0]##* }" "$word"
        contains "${lines[0]##* }" '=reset'
        fake_smtp_stop
    done
}

# ends LINE STEP OUTCOME: the dialogue ended so in that step; where the server reads commands, QUIT is said all the same, and
# the reply not waited for.
ends() {
    local word=$2 farewell=''
    case $2 in
    connect) word=greeting ;;
    EHLO | MAIL | RCPT | RSET) farewell=' QUIT=unheard' ;;
    esac
    case $1 in
    *" $word=$3$farewell" | *" $word+=$3$farewell") ;;
    *)
        printf 'no "%s=%s%s" at the end of:\n%s\n' "$word" "$3" "$farewell" "$1" >&2
        return 1
        ;;
    esac
}

@test "silence at each step ends the dialogue in that step, within its budget" {
    local step
    for step in connect EHLO STARTTLS MAIL RCPT RSET QUIT; do
        server <<<"on $step silent"
        play -t 3600 -b 0.5 "$FULL"
        ends "${lines[0]}" "$step" silent
        # All was played, and not cut off by -t.
        same 0 "$status"
        fake_smtp_stop
    done
}

@test "the end without a word at each step" {
    local step word
    for step in connect EHLO STARTTLS MAIL RCPT RSET QUIT; do
        server <<<"on $step cut"
        play "$FULL"
        word=$step
        [ "$step" != connect ] || word=greeting
        contains "${lines[0]##* }" "$word"
        contains "${lines[0]##* }" '=closed'
        fake_smtp_stop
    done
}

@test "RFC 5321 3.8: 421 at each step is followed by nothing but QUIT" {
    local step
    for step in EHLO STARTTLS MAIL RCPT RSET; do
        server <<<"on $step
    421 4.3.2 Closing"
        play "$FULL"
        contains "${lines[0]}" "$step"
        contains "${lines[0]}" ':421 QUIT'
        fake_smtp_stop
    done
}

@test "a line without end at each step is cut off" {
    local step
    for step in connect EHLO MAIL RCPT; do
        server <<<"on $step endless 2"
        play "$FULL"
        ends "${lines[0]}" "$step" malformed
        fake_smtp_stop
    done
}

@test "a reply without end is cut off" {
    server <<<'on EHLO endless 250-mail.test\r\n'
    play EHLO
    same 'connect greeting:220 EHLO=malformed QUIT=unheard' "${lines[0]}"
}

@test "octets without sense at each step" {
    local step
    for step in connect EHLO MAIL; do
        server <<<"on $step
    garbage 300
    send \\r\\n"
        play "$FULL"
        ends "${lines[0]}" "$step" malformed
        fake_smtp_stop
    done
}

@test "RFC 3207 6: text injected behind the reply to STARTTLS is kept apart" {
    server <<<'on STARTTLS
    220 Go ahead
    250 injected'
    play 'EHLO STARTTLS EHLO@'
    same 'connect greeting:220 EHLO:250 STARTTLS:220 handshake EHLO+:250 QUIT+:221' "${lines[0]}"
    contains "$output" 'clear 250 injected'
}

@test "RFC 3207 6, CVE-2011-0411: a server that takes a command from the clear is told from one that does not" {
    server <<<'on STARTTLS
    220 Go ahead
    keep-input'
    play 'EHLO STARTTLS% listen@'
    contains "${lines[0]}" 'listen+:250'
    fake_smtp_stop
    server </dev/null
    play 'EHLO STARTTLS% listen@'
    contains "${lines[0]}" 'listen+=silent QUIT+:221'
}

@test "RFC 3207 4: STARTTLS refused, and a handshake that fails" {
    server <<<'on STARTTLS 454 4.7.0 no TLS now'
    play 'EHLO STARTTLS EHLO@'
    same 'connect greeting:220 EHLO:250 STARTTLS:454 QUIT:221' "${lines[0]}"
    fake_smtp_is_polite
    fake_smtp_stop
    server <<<'on handshake alert 40'
    play 'EHLO STARTTLS'
    same 'connect greeting:220 EHLO:250 STARTTLS:220 handshake=tls' "${lines[0]}"
    contains "$output" 'alert handshake failure'
}

@test "certificates: everything that is wrong is said" {
    local name
    for name in expired self-signed missing-intermediate expired-intermediate unknown-authority-sent client-only; do
        server <<<"certificate $name"
        play 'EHLO STARTTLS EHLO@'
        contains "${lines[0]}" 'handshake EHLO+:250'
        case $name in
        expired) contains "$output" 'error 0 certificate has expired' ;;
        self-signed) contains "$output" 'error 0 self' ;;
        missing-intermediate) contains "$output" 'error 0 unable to get local issuer' ;;
        expired-intermediate) contains "$output" 'error 1 certificate has expired' ;;
        unknown-authority-sent) contains "$output" 'error 1 self' ;;
        client-only) contains "$output" 'error 0 un' ;;
        esac
        fake_smtp_stop
    done
}

@test "both kinds of certificate are fetched where the server has both" {
    server <<<'certificate good rsa'
    play -k rsa 'EHLO STARTTLS EHLO@'
    contains "$output" 'tls 1.3 RSA mail.test'
    play -k ecdsa 'EHLO STARTTLS EHLO@'
    contains "$output" 'tls 1.3 EC mail.test'
}

@test "RFC 8314 3.3: TLS first; RFC 2033: LMTP over a Unix socket; PROXY versions 1 and 2" {
    server <<<'implicit-tls'
    play -i EHLO
    same 'connect handshake greeting+:220 EHLO+:250 QUIT+:221' "${lines[0]}"
    fake_smtp_is_polite
    fake_smtp_stop
    fake_smtp_start - --listen "unix:$PWD/socket" <<<'lmtp'
    same 'connect greeting:220 EHLO:250 QUIT:221' "$("$play" -l "$PWD/socket" EHLO)"
    fake_smtp_stop
    server <<<'proxy-protocol any'
    play -P 1 EHLO
    same 'connect greeting:220 EHLO:250 QUIT:221' "${lines[0]}"
    play -P 2 EHLO
    same 'connect greeting:220 EHLO:250 QUIT:221' "${lines[0]}"
    same 2 "$(fake_smtp_count ' proxy .*v[12]')"
}

@test "one connection at a time to one address, and each is held politely" {
    server </dev/null
    play -c 4 EHLO
    same 4 "${#lines[@]}"
    same 4 "$(fake_smtp_connections)"
    same 1 "$(fake_smtp_most_open)"
    fake_smtp_is_polite
}

@test "nobody listens" {
    server <<<'refused'
    play EHLO
    same 'connect=refused' "${lines[0]}"
}

TAKEN='EHLO MAIL=<> RCPT*=<postmaster@example.test>'

@test "RFC 5321 4.1.1.10: DATA that is taken ends the connection at once, without another octet, in the clear and under TLS" {
    server </dev/null
    play "$TAKEN DATA& NOOP"
    same 'connect greeting:220 EHLO:250 MAIL:250 RCPT:250 DATA:354' "$output"
    fake_smtp_settle
    same DATA "$(fake_smtp_said | tail -n 1)"
    same 0 "$(fake_smtp_count ' (clear|tls) (data|partial|early|notify|dropped) ')"
    play "EHLO STARTTLS ${TAKEN/EHLO/EHLO@} DATA& NOOP"
    same 'connect greeting:220 EHLO:250 STARTTLS:220 handshake EHLO+:250 MAIL+:250 RCPT+:250 DATA+:354' "${lines[0]}"
    fake_smtp_settle
    same DATA "$(fake_smtp_said 2 | tail -n 1)"
    same 0 "$(fake_smtp_count ' (clear|tls) (data|partial|early|notify|dropped) ')"
}

@test "RFC 5321 4.1.1.4: DATA that is refused is followed by the next command; any other answer ends the connection" {
    server <<<'[first=1] on DATA 554 5.7.1 No
[first=1] on DATA 451 4.7.1 Later
[first=1] on DATA 250 2.0.0 What?
on DATA 354 Go'
    play "$TAKEN DATA& DATA& NOOP"
    same 'connect greeting:220 EHLO:250 MAIL:250 RCPT:250 DATA:554 DATA:451 NOOP:250 QUIT:221' "$output"
    play "$TAKEN DATA& NOOP"
    same 'connect greeting:220 EHLO:250 MAIL:250 RCPT:250 DATA:250' "$output"
    fake_smtp_settle
    same 0 "$(fake_smtp_count ' clear (data|partial|early) ')"
}

@test "steps that hang on what was accepted: DATA and RSET behind RCPT, MAIL unless one holds" {
    server </dev/null
    play 'EHLO MAIL+=<> RCPT*=<a@b.test> DATA& RSET& MAIL+=<> RCPT*=<alice@example.test> RSET& MAIL+=<> RSET& XCLIENT?=NAME=x'
    same 'connect greeting:220 EHLO:250 MAIL:250 RCPT:554 RCPT:250 RSET:250 MAIL:250 QUIT:221' "$output"
    fake_smtp_is_polite
}
