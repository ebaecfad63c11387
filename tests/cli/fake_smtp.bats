#!/usr/bin/env bats
# The scripted SMTP server, spoken to by hand. Its words stand in tests/fake_smtp/README.md.

load helper
load assert
bats_require_minimum_version 1.5.0

teardown() {
    fake_smtp_stop
}

# call [ADDRESS]: a connection in clear; everything below speaks over it. In its own subshell when it shall end by itself.
call() {
    exec {IN}<>"/dev/tcp/${1-127.0.0.1}/$FAKE_SMTP_PORT"
    OUT=$IN
}

hang_up() {
    exec {IN}>&-
}

# reply: prints one reply, without its CR; fails when it does not come, or the connection ends within it.
reply() {
    local line
    while :; do
        IFS= read -r -t "${patience-5}" -u "$IN" line || {
            printf '%s' "$line"
            return 1
        }
        printf '%s\n' "${line%$'\r'}"
        [[ $line == [0-9][0-9][0-9]-* ]] || return 0
    done
}

# say LINE...: says each line, and prints the reply to it.
say() {
    local line
    for line; do
        printf '%s\r\n' "$line" >&"$OUT" || return 1
        reply || return 1
    done
}

# talk [@ADDRESS] LINE...: a session in clear; prints the greeting and the reply to each line.
talk() {
    local address=127.0.0.1
    case ${1-} in
    @*)
        address=${1#@}
        shift
        ;;
    esac
    (
        call "$address"
        reply || exit
        say "$@"
    )
}

# codes [@ADDRESS] LINE...: the code of the last line of each reply of such a session.
codes() {
    talk "$@" | sed -n 's/^\([0-9]\{3\}\)\( .*\)\{0,1\}$/\1/p' | tr '\n' ' ' | sed 's/ $//'
}

# octets [@ADDRESS] [TEXT]: all that the server says until it closes, in hexadecimal digits, when TEXT was said at once.
octets() {
    local address=127.0.0.1
    case ${1-} in
    @*)
        address=${1#@}
        shift
        ;;
    esac
    (
        call "$address"
        # shellcheck disable=SC2059
        printf "${1-}" >&"$OUT"
        timeout 60 cat <&"$IN" | od -An -v -tx1 | tr -d ' \n'
    )
    echo
}

hex() {
    # shellcheck disable=SC2059
    printf "$1" | od -An -v -tx1 | tr -d ' \n'
    echo
}

# ends_with_reset: the connection of `call` ends with an error, not with an end.
ends_with_reset() {
    local status=0
    timeout 60 cat <&"$IN" >/dev/null 2>"$BATS_TEST_TMPDIR/error" || status=$?
    same 1 "$status"
    contains "$(cat "$BATS_TEST_TMPDIR/error")" "reset"
}

# milliseconds COMMAND...: how long it takes.
milliseconds() {
    local start=${EPOCHREALTIME/[.,]/}
    "$@" >/dev/null || :
    echo $(((${EPOCHREALTIME/[.,]/} - start) / 1000))
}

# at_least LEAST NUMBER. There is no test for "at most": how busy the machine is, nobody knows.
at_least() {
    if [ "$2" -lt "$1" ]; then
        printf '%s is less than %s\n' "$2" "$1" >&2
        return 1
    fi
}

# with_tls OPENSSL-WORDS... -- LINE...: a session over TLS after STARTTLS; prints the reply to each line. What openssl
# says goes to the file "tls". The lines are in small letters: openssl has plans of its own with R and Q.
with_tls() {
    local words=() status=0 pid
    while [ "$1" != -- ]; do
        words+=("$1")
        shift
    done
    shift
    rm -f "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
    mkfifo "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
    timeout 60 openssl s_client -connect "127.0.0.1:$FAKE_SMTP_PORT" -CAfile "$FAKE_CERTIFICATES/authority.pem" \
        -quiet -no_ign_eof "${words[@]}" <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/tls" 3>&- &
    pid=$!
    exec {OUT}>"$BATS_TEST_TMPDIR/in" {IN}<"$BATS_TEST_TMPDIR/out"
    say "$@" || status=$?
    exec {OUT}>&- {IN}<&-
    wait "$pid" 2>/dev/null || :
    return "$status"
}

starttls() {
    with_tls -starttls smtp -servername mail.test "$@"
}

# handshake OPENSSL-WORDS...: prints what openssl says of a handshake after STARTTLS; fails with it.
handshake() {
    timeout 60 openssl s_client -connect "127.0.0.1:$FAKE_SMTP_PORT" -starttls smtp -CAfile "$FAKE_CERTIFICATES/authority.pem" \
        -verify_return_error "$@" </dev/null 2>&1 3>&-
}

# signature_type: "ECDSA" as OpenSSL 3.0 prints it, "ecdsa_secp256r1_sha256" as 3.5 does, in lower case with "_".
signature_type() {
    handshake "$@" | sed -n 's/^Peer signature type: //p' | tr '[:upper:]-' '[:lower:]_'
}

# stalls: a handshake that stands still behind the ClientHello; then the client goes away.
stalls() {
    local pid output=$BATS_TEST_TMPDIR/stalled result=0
    openssl s_client -state -starttls smtp -connect "127.0.0.1:$FAKE_SMTP_PORT" </dev/null >"$output" 2>&1 3>&- &
    pid=$!
    poll_until 60 grep -q 'SSL_connect:.* write client hello' "$output" || result=1
    kill "$pid" || result=1
    wait "$pid" || :
    [ "$result" = 0 ] || cat "$output" >&2
    return "$result"
}

# refused SCRIPT EXPECTED: the script is not taken, with this message.
refused() {
    local output status=0
    printf '%s\n' "$1" >"$BATS_TEST_TMPDIR/script"
    output=$("$(plugin tests/fake_smtp/fake_smtp)" --script "$BATS_TEST_TMPDIR/script" 2>&1) || status=$?
    same 1 "$status"
    contains "$output" "$BATS_TEST_TMPDIR/script:$2"
}

# ---- a sane server

@test "an empty script is a sane server: greeting, EHLO, one transaction, no relay, QUIT (RFC 5321 4.1)" {
    fake_smtp_start </dev/null
    same "220 mail.test ESMTP
250-mail.test
250-PIPELINING
250-SIZE 10240000
250-ENHANCEDSTATUSCODES
250 8BITMIME
250 2.1.0 Ok
250 2.1.5 Ok
554 5.7.1 <x@foreign.test>: Relay access denied
550 5.1.1 <nobody@example.test>: User unknown
250 2.1.5 Ok
250 2.0.0 Ok
252 2.5.2 Cannot VRFY user
221 2.0.0 Bye" "$(talk "EHLO client.test" "MAIL FROM:<me@client.test>" "RCPT TO:<Alice@Example.test>" \
        "RCPT TO:<x@foreign.test>" "RCPT TO:<nobody@example.test>" "rcpt to:<postmaster>" NOOP "VRFY alice" QUIT)"
    fake_smtp_is_polite
}

@test "the order of commands is kept, and their syntax (RFC 5321 4.1.4, 4.1.1)" {
    fake_smtp_start </dev/null
    same "220 503 501 250 503 503 250 503 501 501 554 503 250 503 500 502 502 221" "$(codes "MAIL FROM:<>" EHLO \
        "HELO c.test" "RCPT TO:<alice@example.test>" DATA "MAIL FROM:<>" "MAIL FROM:<>" "RCPT TO:alice@example.test" \
        "RCPT <alice@example.test>" "RCPT TO:<@mail.test:x@foreign.test>" DATA RSET "RCPT TO:<alice@example.test>" \
        BLURB STARTTLS AUTH QUIT)"
}

@test "a message is taken and counted, not kept; LMTP answers for each recipient (RFC 2033 4.2)" {
    fake_smtp_start - --listen 127.0.0.1 --listen "unix:$BATS_TEST_TMPDIR/lmtp" <<'EOF'
@127.0.0.1 lmtp
mailbox *
EOF
    (
        call
        reply
        say "EHLO c.test" "LHLO c.test" "MAIL FROM:<>" "RCPT TO:<a@example.test>" "RCPT TO:<b@example.test>" DATA
        printf 'one\r\n..two\r\n' >&"$OUT"
        say .
        reply
        say QUIT
    ) >"$BATS_TEST_TMPDIR/talk"
    same "220 500 250 250 250 250 354 250 250 221" "$(grep -o '^[0-9]* ' "$BATS_TEST_TMPDIR/talk" | tr -d '\n' | sed 's/ $//')"
    fake_smtp_settle
    contains "$(cat "$FAKE_SMTP_LOG")" "clear data message 12 octets"
    lacks "$(cat "$FAKE_SMTP_LOG")" two
    run ! fake_smtp_is_polite
}

@test "parameters of MAIL: the size limit holds, what EHLO does not offer is refused (RFC 1870 6.1, RFC 5321 4.1.1.11)" {
    fake_smtp_start <<'EOF'
[helo=small.*] offer SIZE 1000
[helo=utf8.*] offer SMTPUTF8
EOF
    same "220 250 552 555 555 250" "$(codes "EHLO c.test" "MAIL FROM:<> SIZE=10240001" "MAIL FROM:<> SMTPUTF8" \
        "MAIL FROM:<> BLURB=1" "MAIL FROM:<> BODY=8BITMIME SIZE=10240000")"
    same "220 250 552 250" "$(codes "EHLO small.test" "MAIL FROM:<> SIZE=1001" "MAIL FROM:<> SIZE=1000")"
    same "220 250 250" "$(codes "EHLO utf8.test" "MAIL FROM:<> SMTPUTF8")"
}

@test "name, domains, mailboxes and what EHLO offers are the script's" {
    fake_smtp_start <<'EOF'
name mx.example.test
domain a.test b.test
mailbox al* info
offer SIZE 1000
offer starttls
offer AUTH PLAIN LOGIN
withhold pipelining 8BITMIME
EOF
    same "220 mx.example.test ESMTP
250-mx.example.test
250-ENHANCEDSTATUSCODES
250-SIZE 1000
250-starttls
250 AUTH PLAIN LOGIN" "$(talk "EHLO c.test")"
    same "220 250 250 250 250 550 554 334 535 535" "$(codes "EHLO c.test" "MAIL FROM:<>" "RCPT TO:<Alfred@a.test>" \
        "RCPT TO:<info@B.test>" "RCPT TO:<bob@b.test>" "RCPT TO:<info@example.test>" "AUTH LOGIN" dXNlcg== "AUTH PLAIN AAAA")"
}

# ---- replies

@test "greetings of any form: in several lines, without a final one, no SMTP, with bare LF, NUL and octets above 127" {
    fake_smtp_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 --listen 127.0.0.3:0 --listen 127.0.0.4:0 <<'EOF'
@127.0.0.1
220-mail.test ESMTP
220-No unsolicited mail
220 ready
    close
@127.0.0.2
220-mail.test
    close
@127.0.0.3
on connect reply SSH-2.0-x 220
    close
@127.0.0.4
on connect send 220 a\0\xE4\nb\ \r\n
    close
EOF
    same "$(hex '220-mail.test ESMTP\r\n220-No unsolicited mail\r\n220 ready\r\n')" "$(octets)"
    same "$(hex '220-mail.test\r\n')" "$(octets @127.0.0.2)"
    same "$(hex 'SSH-2.0-x 220\r\n')" "$(octets @127.0.0.3)"
    same "$(hex '220 a\0\xE4\nb \r\n')" "$(octets @127.0.0.4)"
}

@test "refusals at each step: 554 and 421 greetings, and codes of the script at every command" {
    fake_smtp_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 --listen 127.0.0.3:0 <<'EOF'
@127.0.0.1
554 No service
@127.0.0.2
421 4.3.2 Later
@127.0.0.3
on EHLO 502 5.5.1 What
on MAIL 452 4.3.1 Disk full
on NOOP 421 4.3.2 Bye
EOF
    same "220 502 250 452 503 421" "$(codes @127.0.0.3 "EHLO c.test" "HELO c.test" "MAIL FROM:<>" "RCPT TO:<a@b.test>" NOOP)"
    same "554 503 221" "$(codes "EHLO c.test" QUIT)"
    same "$(hex '421 4.3.2 Later\r\n')" "$(octets @127.0.0.2)"
    fake_smtp_is_polite
    same 1 "$(fake_smtp_count ' 127.0.0.2 clear shut connect')"
}

@test "a reply in one segment with another, unasked; one that never ends; one of a megabyte; garbage" {
    fake_smtp_start <<'EOF'
on NOOP
    250 one
    250 two
on HELP endless 214-more\r\n
on VRFY
    repeat 1048576 x
    send \r\n
    close
on EXPN
    garbage 1000
    close
EOF
    (
        call
        reply
        printf 'NOOP\r\n' >&"$OUT"
        same "$(hex '250 one\r\n250 two\r\n')" "$(timeout 60 dd bs=4096 count=1 status=none <&"$IN" | od -An -v -tx1 | tr -d ' \n')"
        printf 'HELP\r\n' >&"$OUT"
        same 5000000 "$(head -c 5000000 <&"$IN" | wc -c)"
    )
    (
        call
        reply
        printf 'VRFY a\r\n' >&"$OUT"
        same 1048578 "$(timeout 60 cat <&"$IN" | wc -c)"
    )
    (
        call
        reply
        printf 'EXPN a\r\n' >&"$OUT"
        same 1000 "$(timeout 60 cat <&"$IN" | LC_ALL=C tr -dc '\200-\377' | wc -c)"
    )
}

@test "variables: the server prints back what it knows of the client" {
    fake_smtp_start <<'EOF'
220 ${name} has [${client}] number ${number}
on EHLO 250 Hello ${helo} \x5B${client}\x5D, $5
on RCPT 550 <${to}> from <${sender}> says ${argument}
EOF
    # shellcheck disable=SC2016
    same '220 mail.test has [127.0.0.1] number 1
250 Hello c.test [127.0.0.1], $5
250 2.1.0 Ok
550 <a@b> from <<>> says TO:<a@b> X=1' "$(talk "EHLO c.test" "MAIL FROM:<>" "RCPT TO:<a@b> X=1")"
}

# ---- time

@test "delays: before the greeting, between its lines, before a reply, in the middle of a line; --latency for the rest" {
    fake_smtp_start - --latency 400 <<'EOF'
[delay=300] on connect
on EHLO
    250-mail
    wait 150
    send 250 e
    wait 150
    send nd\r\n
EOF
    (
        # The server waits from the connection on: a client that is late sees less of it.
        before=${EPOCHREALTIME/[.,]/}
        call
        reply >/dev/null
        at_least 290 "$(((${EPOCHREALTIME/[.,]/} - before) / 1000))"
        at_least 290 "$(milliseconds say "EHLO c.test")"
        at_least 390 "$(milliseconds say "MAIL FROM:<>")"
        say QUIT
    )
    fake_smtp_is_polite
}

@test "[delay=0] is answered at once where all else waits for --latency" {
    fake_smtp_start - --latency 60000 <<'EOF'
[delay=0] on connect
[delay=0] on NOOP
EOF
    same "220 250" "$(codes NOOP)"
}

@test "pieces: an octet at a time for one rule, or for everything" {
    fake_smtp_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 <<'EOF'
[chunk=1 pause=20] on NOOP 250 0123456789
@127.0.0.2
chunk 2 5
EOF
    (
        call
        reply
        # 16 octets: 15 pauses, if each goes alone.
        at_least 300 "$(milliseconds say NOOP)"
        printf 'RSET\r\n' >&"$OUT"
        same "$(hex '250 2.0.0 Ok\r\n')" "$(timeout 60 dd bs=4096 count=1 status=none <&"$IN" | od -An -v -tx1 | tr -d ' \n')"
    )
    at_least 45 "$(milliseconds talk @127.0.0.2)"
}

# ---- ends

@test "a connection ends at each step: closed, reset, half closed, or kept in silence" {
    local step line
    for step in connect EHLO MAIL RCPT DATA QUIT; do
        fake_smtp_start <<EOF
[connection=1] on $step close
[connection=2] on $step reset
[connection=3] on $step silent
[connection=4] on $step half-close
EOF
        for line in close reset silent half-close; do
            (
                call
                if [ "$step" != connect ]; then
                    reply
                    case $step in
                    MAIL) say "EHLO c.test" ;;
                    RCPT) say "EHLO c.test" "MAIL FROM:<>" ;;
                    DATA) say "EHLO c.test" "MAIL FROM:<>" "RCPT TO:<postmaster>" ;;
                    esac
                    printf '%s FROM:<>\r\n' "$step" >&"$OUT"
                fi
                case $line in
                reset) ends_with_reset ;;
                silent)
                    patience=0.2
                    same "" "$(reply)"
                    ;;
                *) same "" "$(timeout 60 cat <&"$IN")" ;;
                esac
            ) >/dev/null
        done
        fake_smtp_settle
        same 1 "$(fake_smtp_count "^[^ ]+ 1 .* shut $step")"
        same 1 "$(fake_smtp_count "^[^ ]+ 2 .* reset $step")"
        same 0 "$(fake_smtp_count "^[^ ]+ 3 .* (reset $step|S $step)")"
        same 1 "$(fake_smtp_count "^[^ ]+ 4 .* shut $step")"
        fake_smtp_stop
    done
}

@test "nothing listens, or nobody ever answers: refused and unreachable listeners" {
    fake_smtp_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 --listen 127.0.0.3:0 <<'EOF'
@127.0.0.2 refused
@127.0.0.3 unreachable
EOF
    same "220 221" "$(codes QUIT)"
    run call 127.0.0.2
    contains "$output" "refused"
    local status=0
    timeout 0.5 bash -c ": </dev/tcp/127.0.0.3/$FAKE_SMTP_PORT" 2>/dev/null || status=$?
    same 124 "$status"
}

@test "QUIT unanswered, or answered and the connection kept (RFC 5321 4.1.1.10)" {
    fake_smtp_start <<'EOF'
[connection=1] on QUIT silent
on QUIT
    default
    stay
EOF
    (
        call
        reply
        patience=0.2
        printf 'QUIT\r\n' >&"$OUT"
        same "" "$(reply)"
    )
    same "220 221 250" "$(codes QUIT NOOP)"
}

# ---- conditions

@test "by connection: the Nth, how many are open, and who calls" {
    fake_smtp_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 <<'EOF'
[open=2] 421 4.7.0 Too many connections from ${client}
[connection=2] 220 second
[connection=4-] 220 later
@127.0.0.2 [from=127.0.0.*] 220 loopback
EOF
    same "220 mail.test ESMTP" "$(talk)"
    same "220 second" "$(talk)"
    (
        call
        same "220 mail.test ESMTP" "$(reply)"
        same "421 4.7.0 Too many connections from 127.0.0.1" "$(talk)"
        same "220 loopback" "$(talk @127.0.0.2)"
        say QUIT
    )
    fake_smtp_settle
    same "220 later" "$(talk)"
    same 2 "$(fake_smtp_most_open)"
    same 5 "$(fake_smtp_connections 127.0.0.1)"
}

@test "greylisting: the first time for each recipient, or for some time" {
    fake_smtp_start <<'EOF'
[to=slow@* within=1500] on RCPT 450 4.7.1 Greylisted
[first=1 each] on RCPT 450 4.7.1 Greylisted
EOF
    same "220 250 250 450 450 250 250 550" "$(codes "EHLO c.test" "MAIL FROM:<>" "RCPT TO:<alice@example.test>" \
        "RCPT TO:<b@example.test>" "RCPT TO:<alice@example.test>" "RCPT TO:<ALICE@example.test>" "RCPT TO:<b@example.test>")"
    greylisted() {
        same "220 250 250 $1" "$(codes "EHLO c.test" "MAIL FROM:<>" "RCPT TO:<slow@example.test>")"
    }
    greylisted 450
    greylisted 450
    poll_until 5 greylisted 550 2>/dev/null
}

@test "error counters: so many refusals, then 421 and the end; and the second recipient of a message" {
    fake_smtp_start <<'EOF'
[errors=3] on any 421 4.7.0 Too many errors
[recipients=1] on RCPT 452 4.5.3 One at a time
[after=2 session] on RSET 421 4.7.0 Too many RSET
EOF
    same "220 250 250 250 452 501 250 500 421" "$(codes "EHLO c.test" "MAIL FROM:<>" "RCPT TO:<alice@example.test>" \
        "RCPT TO:<abuse@example.test>" EHLO NOOP BLURB NOOP)"
    same "220 250 250 421" "$(codes RSET RSET RSET)"
    same "220 250 250 421" "$(codes RSET RSET RSET)"
}

@test "relay decisions by table: patterns of recipients and senders, source routes and literals" {
    fake_smtp_start <<'EOF'
mail *@bad.test 550 5.7.1 Sender refused
[sender=*@example.test] on RCPT 250 2.1.5 Trusted
[sender=<>] on RCPT 250 2.1.5 Bounce
rcpt *%*@* 250 2.1.5 Routed
rcpt *@[127.0.0.1] 250 2.1.5 Literal
[to=*@\[192.0.2.*\] tls] on RCPT 250 never
rcpt "relaytest\\@foreign.test"@* 250 2.1.5 Quoted
rcpt * 454 4.7.1 Relay access denied
EOF
    same "220 250 550 250 454 250 250 250 454 250 250 250 250 250" "$(codes "EHLO c.test" "MAIL FROM:<a@bad.test>" \
        "MAIL FROM:<a@foreign.test>" "RCPT TO:<x@foreign.test>" "RCPT TO:<x%foreign.test@mail.test>" \
        "RCPT TO:<x@[127.0.0.1]>" 'RCPT TO:<"relaytest\@foreign.test"@example.test>' 'RCPT TO:<x@[192.0.2.1]>' RSET \
        "MAIL FROM:<alice@example.test>" "RCPT TO:<x@foreign.test>" RSET "MAIL FROM:<>")"
    same "220 250 250 250" "$(codes "EHLO c.test" "MAIL FROM:<>" "RCPT TO:<x@foreign.test>")"
}

@test "sections, and rules of one address before those of all" {
    fake_smtp_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 <<'EOF'
on NOOP 250 everywhere
@127.0.0.2 [helo=known.*]
on NOOP 250 known
@127.0.0.2
on NOOP 250 second
@*
on RSET 250 all
EOF
    same "250 everywhere" "$(talk NOOP | tail -n 1)"
    same "250 second" "$(talk @127.0.0.2 NOOP | tail -n 1)"
    same "250 known" "$(talk @127.0.0.2 "HELO known.test" NOOP | tail -n 1)"
    same "250 all" "$(talk @127.0.0.2 RSET | tail -n 1)"
}

@test "IPv4 and IPv6 on the same port" {
    grep -qs 00000000000000000000000000000001 /proc/net/if_inet6 || skip "there is no ::1"
    fake_smtp_start - --listen 127.0.0.1:0 --listen '[::1]:0' <<<'@::1 name six.test'
    same "220 mail.test ESMTP" "$(talk)"
    same "220 six.test ESMTP" "$(talk @::1)"
    fake_smtp_settle
    contains "$(cat "$FAKE_SMTP_LOG")" " 2 ::1 clear open accept ::1 "
}

# ---- what the transcript says of the client

@test "talk before the greeting, pipelining and injected commands are seen; a patient client is polite" {
    fake_smtp_start <<'EOF'
[delay=200] on connect
[delay=200] on NOOP
EOF
    talk "EHLO c.test" NOOP QUIT
    fake_smtp_is_polite
    same "EHLO c.test
NOOP
QUIT" "$(fake_smtp_said 1)"

    octets 'EHLO c.test\r\nQUIT\r\n'
    fake_smtp_settle
    # bash writes line by line.
    same 19 "$(awk '$2 == 2 && $5 == "early" && $6 == "connect" { n += $7 } END { print n }' "$FAKE_SMTP_LOG")"
    run ! fake_smtp_is_polite
    contains "$output" "connection 2: speaks before the reply to connect is complete"

    (
        call
        reply
        printf 'NOOP\r\n' >&"$OUT"
        printf 'RSET\r\nQUIT\r\n' >&"$OUT"
        reply
        reply
        reply
    )
    fake_smtp_settle
    contains "$(grep -E '^[^ ]+ 3 ' "$FAKE_SMTP_LOG")" "early NOOP"
    same 1 "$(fake_smtp_count '^[^ ]+ 3 .* early RSET 6 octets')"
}

@test "servers that punish early talk: a teaser before the greeting, and pipelining" {
    fake_smtp_start <<'EOF'
on accept
    220-mail.test ESMTP
    wait 200
[early] on connect 521 5.7.1 Protocol error
    close
220 mail.test ESMTP
[early] on any 554 5.5.0 SMTP protocol error
EOF
    same "220-mail.test ESMTP
220 mail.test ESMTP
250 2.0.0 Ok" "$(talk NOOP)"
    same "$(hex '220-mail.test ESMTP\r\n521 5.7.1 Protocol error\r\n')" "$(octets 'EHLO c.test\r\n')"
    (
        call
        reply
        # One write, so one segment.
        printf 'NOOP\r\nRSET\r\n' >"$BATS_TEST_TMPDIR/both"
        cat "$BATS_TEST_TMPDIR/both" >&"$OUT"
        same "554 5.5.0 SMTP protocol error" "$(reply)"
    )
}

@test "a client without QUIT, with a line that has no end, and two at a time are not polite" {
    fake_smtp_start </dev/null
    talk "EHLO c.test"
    run ! fake_smtp_is_polite
    contains "$output" "connection 1: ends without QUIT"
    (
        call
        reply
        talk QUIT
        printf 'NOOP\nNOO' >&"$OUT"
        reply
    )
    run ! fake_smtp_is_polite
    contains "$output" "connection 3: makes 2 to 127.0.0.1 at a time"
    contains "$output" "connection 2: sends a partial line"
    same 1 "$(fake_smtp_count 'C NOOP NOOP\\x0A$')"
}

@test "lines of the client that are too long are dropped, and answered once (RFC 5321 4.5.3.1.4)" {
    fake_smtp_start </dev/null
    (
        call
        reply
        head -c 40000 /dev/zero | tr '\0' x >&"$OUT"
        printf '\r\nNOOP\r\n' >&"$OUT"
        reply
        reply
    ) >"$BATS_TEST_TMPDIR/talk"
    same "220 500 250" "$(cut -c 1-3 "$BATS_TEST_TMPDIR/talk" | tr '\n' ' ' | sed 's/ $//')"
    fake_smtp_settle
    contains "$(cat "$FAKE_SMTP_LOG")" " ... 16384 octets"
}

@test "the PROXY protocol: both versions are expected and recorded; without a header there is no service" {
    fake_smtp_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 <<'EOF'
@127.0.0.1 proxy-protocol v1
@127.0.0.2 proxy-protocol v2
220 Hello ${client}
    close
EOF
    same "$(hex '220 Hello 192.0.2.1\r\n')" "$(octets 'PROXY TCP4 192.0.2.1 192.0.2.2 1234 25\r\n')"
    same "$(hex '220 Hello 127.0.0.1\r\n')" "$(octets 'PROXY UNKNOWN\r\n')"
    same "$(hex '220 Hello 2001:db8::1\r\n')" "$(octets @127.0.0.2 '\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x24\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2\x04\xd2\0\x19')"
    same "$(hex '220 Hello 127.0.0.1\r\n')" "$(octets @127.0.0.2 '\r\n\r\n\0\r\nQUIT\n\x20\0\0\0')"
    same "" "$(octets 'EHLO c.test\r\n')"
    same "" "$(octets 'PROXY TCP4 192.0.2.1 2001:db8::2 1234 25\r\n')"
    fake_smtp_settle
    same "proxy accept v1 TCP4 192.0.2.1 192.0.2.2 1234 25
proxy accept v1 UNKNOWN
proxy accept v2 TCP6 2001:db8::1 2001:db8::2 1234 25
proxy accept v2 LOCAL
proxy accept malformed
proxy accept malformed" "$(sed -n 's/.* clear \(proxy .*\)/\1/p' "$FAKE_SMTP_LOG")"
    fake_smtp_stop
    fake_smtp_start <<<'on other 500 What is that'
    same "220 500" "$(codes 'PROXY TCP4 192.0.2.1 192.0.2.2 1234 25')"
}

# ---- TLS

@test "STARTTLS: the chain verifies, EHLO is wanted anew, and the client ends as it should (RFC 3207 4.2)" {
    require_tool openssl
    fake_certificates
    fake_smtp_start </dev/null
    same "503 250 250 221" "$(starttls -- "mail from:<>" "ehlo c.test" "mail from:<>" "quit" |
        sed -n 's/^\([0-9]*\) .*/\1/p' | tr '\n' ' ' | sed 's/ $//')"
    fake_smtp_settle
    contains "$(cat "$FAKE_SMTP_LOG")" "tls tls handshake TLSv1.3"
    contains "$(cat "$FAKE_SMTP_LOG")" "sni=mail.test"
    same 1 "$(fake_smtp_count 'clear S EHLO 250-STARTTLS')"
    same 0 "$(fake_smtp_count 'tls S EHLO 250[- ]STARTTLS')"
    contains "$(handshake -verify_hostname mail.test)" "Verify return code: 0 (ok)"
}

@test "certificates of every kind are what they should be" {
    require_tool openssl
    fake_certificates
    local row name expected
    for row in "expired|10 (certificate has expired)" "not-yet-valid|9 (certificate is not yet valid)" \
        "self-signed|18 (self-signed certificate)" "missing-intermediate|20 (unable to get local issuer certificate)" \
        "unknown-authority|20 (unable to get local issuer certificate)" "wrong-name|62 (hostname mismatch)" \
        "expired-intermediate|10 (certificate has expired)" "client-only|26 (unsuitable certificate purpose)" \
        "wildcard|0 (ok)" "rsa|0 (ok)" "extra-root|0 (ok)" "sha1|0 (ok)"; do
        name=${row%%|*}
        expected=${row#*|}
        fake_smtp_start <<<"certificate $name"
        run handshake -servername mail.example.test -verify_hostname mail.example.test -cipher ALL:@SECLEVEL=0
        contains "$output" "${expected#*(}"
        fake_smtp_stop
    done
    contains "$(openssl x509 -in "$FAKE_CERTIFICATES/weak-key.pem" -noout -text)" "(1024 bit)"
    contains "$(openssl x509 -in "$FAKE_CERTIFICATES/sha1.pem" -noout -text)" "ecdsa-with-SHA1"
    contains "$(openssl x509 -in "$FAKE_CERTIFICATES/must-staple.pem" -noout -text)" "status_request"
    contains "$(openssl x509 -in "$FAKE_CERTIFICATES/address.pem" -noout -text)" "IP Address:127.0.0.1"
    contains "$(openssl x509 -in "$FAKE_CERTIFICATES/rsa.pem" -noout -text)" "(2048 bit)"
}

@test "RSA and ECDSA side by side, the client chooses; and a certificate for each server name" {
    require_tool openssl
    fake_certificates
    fake_smtp_start <<'EOF'
[sni=other.*] certificate wrong-name
certificate rsa good
EOF
    contains "$(signature_type -sigalgs ECDSA+SHA256)" "ecdsa"
    contains "$(signature_type -sigalgs RSA-PSS+SHA256)" "rsa_pss"
    contains "$(handshake -servername other.test -verify_hostname other.test)" "Verify return code: 0 (ok)"
    contains "$(handshake -servername mail.test -verify_hostname mail.test)" "Verify return code: 0 (ok)"
    contains "$(handshake -noservername)" "Verify return code: 0 (ok)"
    contains "$(cat "$FAKE_SMTP_LOG")" "sni=-"
}

@test "versions, ciphers, groups and signature algorithms are limited as the script says" {
    require_tool openssl
    fake_certificates
    fake_smtp_start - --listen 127.0.0.1:0 <<'EOF'
[connection=1] tls-versions 1.2
[connection=1] ciphers ECDHE-ECDSA-AES128-GCM-SHA256
[connection=2] ciphersuites TLS_CHACHA20_POLY1305_SHA256
[connection=2] groups P-384
[connection=3] tls-versions 1.0-1.1
[connection=4] tls-versions 1.3
[connection=5] tls-versions 1.2
[connection=5] ciphers aNULL
[connection=5] certificate none
[connection=6] certificate rsa
[connection=6] tls-versions 1.2
[connection=6] ciphers DHE
[connection=6] weak-dh
EOF
    contains "$(handshake)" "TLSv1.2, Cipher is ECDHE-ECDSA-AES128-GCM-SHA256"
    run handshake
    contains "$output" "TLSv1.3, Cipher is TLS_CHACHA20_POLY1305_SHA256"
    contains "$output" "secp384r1"
    contains "$(handshake -cipher ALL:@SECLEVEL=0)" "Protocol  : TLSv1.1"
    run ! handshake -tls1_2
    contains "$output" "alert protocol version"
    contains "$(handshake -cipher aNULL:@SECLEVEL=0)" "no peer certificate available"
    contains "$(handshake -cipher ALL:@SECLEVEL=0)" " Temp Key: DH, 1024 bits"
}

@test "OCSP responses are stapled: good, revoked, none (RFC 6066 8)" {
    require_tool openssl
    fake_certificates
    fake_smtp_start <<'EOF'
[connection=1] ocsp good
[connection=2] ocsp revoked
[connection=2] certificate revoked
EOF
    contains "$(handshake -status)" "Cert Status: good"
    contains "$(handshake -status)" "Cert Status: revoked"
    contains "$(handshake -status)" "OCSP response: no response sent"
}

@test "clear text behind STARTTLS is dropped, kept by a vulnerable server, or comes from the server (CVE-2011-0411)" {
    require_tool openssl
    fake_certificates
    fake_smtp_start <<'EOF'
[connection=1] on STARTTLS
    220 Go ahead
    250 injected
    close
[connection=2] on STARTTLS
    220 Go ahead
    keep-input
EOF
    same "$(hex '220 mail.test ESMTP\r\n220 Go ahead\r\n250 injected\r\n')" "$(octets 'STARTTLS\r\n')"
    # What openssl cannot say in one segment, a relay between it and the server says.
    local relay=$BATS_TEST_TMPDIR/relay connection
    require_tool perl
    cat >"$relay" <<'EOF'
use strict;
use IO::Socket::INET;
my ($port, $file) = @ARGV;
my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1:0', Listen => 1) or die;
open(my $out, '>', "$file.tmp"); print $out $listen->sockport; close($out); rename("$file.tmp", $file);
my $client = $listen->accept or die;
my $server = IO::Socket::INET->new("127.0.0.1:$port") or die;
my $injected = 0;
for (;;) {
    my $bits = '';
    vec($bits, fileno($_), 1) = 1 for ($client, $server);
    select($bits, undef, undef, 10) or last;
    for my $pair ([$client, $server], [$server, $client]) {
        next unless vec($bits, fileno($pair->[0]), 1);
        sysread($pair->[0], my $octets, 65536) or exit;
        $octets .= "NOOP injected\r\n" if $octets =~ s/^STARTTLS\r\n$/STARTTLS\r\n/ && !$injected++;
        syswrite($pair->[1], $octets);
    }
}
EOF
    for connection in 2 3; do
        rm -f "$BATS_TEST_TMPDIR/port"
        perl "$relay" "$FAKE_SMTP_PORT" "$BATS_TEST_TMPDIR/port" 3>&- &
        poll_until 5 test -s "$BATS_TEST_TMPDIR/port"
        FAKE_SMTP_PORT=$(cat "$BATS_TEST_TMPDIR/port") starttls -- "ehlo c.test" >"$BATS_TEST_TMPDIR/talk.$connection"
        fake_smtp_settle
    done
    same 1 "$(fake_smtp_count '^[^ ]+ 2 .* kept STARTTLS 15 octets')"
    same 1 "$(fake_smtp_count '^[^ ]+ 2 .* tls C NOOP NOOP injected')"
    contains "$(cat "$BATS_TEST_TMPDIR/talk.2")" "250 2.0.0 Ok"
    same 1 "$(fake_smtp_count '^[^ ]+ 3 .* dropped STARTTLS 15 octets')"
    same 0 "$(fake_smtp_count '^[^ ]+ 3 .* tls C NOOP')"
}

@test "STARTTLS that leads nowhere: offered and refused, 220 and then nothing, silence, garbage, an end, in clear again" {
    require_tool openssl
    fake_certificates
    fake_smtp_start <<'EOF'
[connection=1] on STARTTLS 454 4.7.0 TLS not available
[connection=2] on STARTTLS
    220 Go ahead
    garbage 300
    close
[connection=3] on STARTTLS
    220 Go ahead
    close
[connection=4] on STARTTLS
    220 Go ahead
    stay
[connection=5] on STARTTLS
    220 Go ahead
    silent
EOF
    same "220 454 250" "$(codes STARTTLS NOOP)"
    run ! handshake
    run ! handshake
    same "220 220 250" "$(codes STARTTLS NOOP)"
    stalls
    fake_smtp_settle
    same 5 "$(fake_smtp_count ' S STARTTLS (220|454) ')"
    same 0 "$(fake_smtp_count ' tls handshake ')"
}

@test "handshakes fail: alert, garbage, close, reset and stall at a record; records split and late" {
    require_tool openssl
    fake_certificates
    fake_smtp_start <<'EOF'
[connection=1] on handshake alert 40
    close
[connection=2] on handshake garbage 100
    close
[connection=3 record=2] on handshake close
[connection=4 record=3] on handshake reset
[connection=5 record=2] on handshake silent
[connection=6 chunk=1] on handshake
[connection=7 record=2 delay=300] on handshake
[connection=8] on accept wait 50
[connection=8] on tls send 250 unasked\r\n
[connection=9] on handshake
    wait 10
EOF
    run ! handshake
    contains "$output" "alert handshake failure"
    run ! handshake
    contains "$output" "wrong version number"
    run ! handshake
    contains "$output" "unexpected eof"
    run ! handshake
    contains "$output" "104"
    stalls
    contains "$(handshake)" "Verify return code: 0 (ok)"
    at_least 290 "$(milliseconds handshake)"
    contains "$(starttls -- "ehlo c.test")" "250 unasked"
    stalls
    fake_smtp_settle
    same 1 "$(fake_smtp_count '^[^ ]+ 4 .* reset handshake')"
    same 1 "$(fake_smtp_count '^[^ ]+ 5 .* (fin|lost) handshake')"
    same 1 "$(fake_smtp_count '^[^ ]+ 9 .* (fin|lost) handshake')"
}

@test "a client that fails the handshake, or speaks no TLS, is noted with the reason" {
    require_tool openssl
    fake_certificates
    fake_smtp_start <<<'[connection=2-] tls-versions 1.3'
    (
        call
        reply
        say STARTTLS
        printf 'EHLO again\r\n' >&"$OUT"
        timeout 60 cat <&"$IN" >/dev/null
    )
    run ! handshake -tls1_2
    fake_smtp_settle
    same 2 "$(fake_smtp_count 'clear tls-failed handshake .')"
}

@test "implicit TLS: the greeting comes behind the handshake, early records are no early talk (RFC 8314 3.3)" {
    require_tool openssl
    fake_certificates
    fake_smtp_start - --listen 127.0.0.1:0 <<'EOF'
implicit-tls
[connection=1 delay=200] on accept
EOF
    same "220 mail.test ESMTP" "$(with_tls -servername mail.test -- "ehlo c.test" | head -n 1)"
    fake_smtp_settle
    same 0 "$(fake_smtp_count ' early ')"
    same 1 "$(fake_smtp_count ' tls S connect 220')"
}

@test "close says close_notify, cut doesn't; and those of the client are noted (RFC 8446 6.1)" {
    require_tool openssl
    fake_certificates
    fake_smtp_start <<'EOF'
on NOOP close
on RSET cut
EOF
    run with_tls -starttls smtp -- noop
    run with_tls -starttls smtp -- rset
    contains "$(cat "$BATS_TEST_TMPDIR/tls")" "unexpected eof"
    starttls -- quit
    fake_smtp_settle
    same 1 "$(fake_smtp_count '^[^ ]+ 3 .* tls notify QUIT')"
}

# ---- bad usage

@test "a bad script is refused with its line" {
    refused "220 ok
on NOWHERE2! 250" '2: "NOWHERE2!" is no step of a dialogue'
    refused "on EHLO say 250" '1: "say" is no action'
    refused "on EHLO wait soon" '1: "soon" is no number'
    refused "on EHLO send \\q" '1: no escape or variable: "\q"'
    refused "on EHLO 250 \${nothing}" '1: no escape or variable'
    refused "greet 220" '1: "greet" is no statement'
    refused "[first=0] on EHLO" '1: unknown or bad word "first=0" in brackets'
    refused "[each] on EHLO" '1: "each" and "session" go with'
    refused "[pause=5] on EHLO" '1: "pause" goes with chunk=N'
    refused "[record=2] on EHLO" '1: "record" is of a handshake'
    refused "[first=2] name a.test" '1: "name" cannot count'
    refused "[delay=2] name a.test" '1: "name" has no pace'
    refused "[tls] refused" '1: "refused" is of a whole listener'
    refused "@127.0.0.9 220 a" '1: nobody listens at "127.0.0.9"'
    refused "[tls 220 a" '1: "]" is missing'
    refused "
    250 a" '2: an indented line is an action'
    refused "rcpt *" '1: a pattern and a reply are wanted'
    refused "proxy-protocol v3" '1: proxy-protocol is v1, v2 or any'
    refused "certificate /nowhere" '1: /nowhere.pem: '
    refused "tls-versions 2" '1: tls-versions wants'
    refused "ciphers NONSENSE" '1: NONSENSE: '
    refused "lmtp yes" '1: nothing follows "lmtp"'
    refused "name a b" '1: "name" wants one word'
}

@test "bad usage is refused; it listens on loopback only" {
    local program
    program=$(plugin tests/fake_smtp/fake_smtp)
    run -2 "$program"
    contains "$output" "usage:"
    run -2 "$program" --script - --listen 192.0.2.1:0
    contains "$output" "--listen 192.0.2.1:0"
    run -2 "$program" --script - --listen 0.0.0.0:0
    run -2 "$program" --script - --latency soon
    run -1 "$program" --script "$BATS_TEST_TMPDIR/none"
    contains "$output" "No such file"
    run -1 "$program" --script - --listen "unix:$BATS_TEST_TMPDIR/none/socket" </dev/null
    contains "$output" "cannot listen"
}

@test "a socket in the file system, that goes away with the server" {
    require_tool perl
    fake_smtp_start - --listen "unix:$BATS_TEST_TMPDIR/socket" <<<'@unix lmtp'
    same "220 mail.test LMTP" "$(perl -MIO::Socket::UNIX -e '
        $s = IO::Socket::UNIX->new($ARGV[0]) or die; print scalar <$s>; print $s "QUIT\r\n"; <$s>' \
        "$BATS_TEST_TMPDIR/socket" | tr -d '\r')"
    fake_smtp_is_polite
    contains "$(cat "$FAKE_SMTP_LOG")" " unix:$BATS_TEST_TMPDIR/socket clear open accept unix 0"
    fake_smtp_stop
    [ ! -e "$BATS_TEST_TMPDIR/socket" ]
}
