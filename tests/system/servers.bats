#!/usr/bin/env bats
# The real servers of this folder, each as it comes from its package, and the SMTP engine (common/net/smtp.h) with them: what
# they answer, and what of it an operator finds in the log. Shows too that the set-ups for other tests are what they say.

load ../cli/helper
load ../cli/assert
load network
load servers
load server_logs
load relays

setup() {
    network_require nsd postfix
    play=$(plugin tests/cli/smtp_play)
    fake_certificates
    network_open
    nsd_start </dev/null
}

teardown() {
    network_close
}

WHOLE='EHLO STARTTLS? EHLO@ MAIL=<> RCPT*=<postmaster@example.test> RSET'

# talk WHERE ADDRESS HOST STEPS: sets output; WHERE is inside or outside.
talk() {
    output=$("$1" "$play" -t 20 -n "$3" -a "$FAKE_CERTIFICATES/authority.pem" "$2:25" "$4")
}

# recipient WHERE ADDRESS SENDER RECIPIENT: prints the code of the reply to RCPT.
recipient() {
    "$1" "$play" -t 20 "$2:25" "EHLO MAIL=<$3> RCPT*=<$4>" | sed -n 's/.*RCPT:\([0-9]*\).*/\1/p'
}

# say LINE...: to Postfix, each after a line of its; then hangs up.
say() {
    outside bash -c "
        exec 5<>/dev/tcp/$POSTFIX/25
        read -r -u 5 reply
        for line; do
            printf '%s\r\n' \"\$line\" >&5
            read -r -u 5 reply
        done" say "$@"
}

@test "Postfix, Exim, sendmail and chasquid: the whole dialogue, trusted, and none of them minds" {
    local row server address host
    for row in "postfix $POSTFIX mx1.example.test" "exim $EXIM mx2.example.test" \
        "sendmail $SENDMAIL mail.example.test" "chasquid $CHASQUID mail.test"; do
        read -r server address host <<<"$row"
        network_require "$server" syslog
        "${server}_start" "$server"
        for address in "$address" "[3ffe:501::${address##*.}]"; do
            talk outside "$address" "$host" "$WHOLE"
            same 'connect greeting:220 EHLO:250 STARTTLS:220 handshake EHLO+:250 MAIL+:250 RCPT+:250 RSET+:250 QUIT+:221' \
                "$(head -n 1 <<<"$output")"
            contains "$output" 'tls 1.3 EC mail.test'
            contains "$output" notified
            lacks "$output" 'error'
        done
        server_is_content "$server"
    done
}

@test "OpenSMTPD: the whole dialogue in clear; the handshake of 6.8.0p2 with OpenSSL 3 breaks off" {
    network_require opensmtpd
    opensmtpd_start mx3 certificate=none
    talk outside "$OPENSMTPD" mx3.example.test "$WHOLE"
    same 'connect greeting:220 EHLO:250 MAIL:250 RCPT:250 RSET:250 QUIT:221' "$output"
    server_is_content mx3
    server_stop mx3
    grep -q '=6\.8\.0p2' "$SERVERS_DIR/opensmtpd.packages" || skip "this OpenSMTPD is another one"
    opensmtpd_start mx3
    talk outside "$OPENSMTPD" mx3.example.test "$WHOLE"
    same 'connect greeting:220 EHLO:250 STARTTLS:220 handshake=tls' "$(head -n 1 <<<"$output")"
    contains "$output" 'alert internal error'
}

@test "Postfix and Exim with a certificate of each key type: each is presented to who asks for it" {
    local row server address key
    for row in "postfix $POSTFIX" "exim $EXIM"; do
        read -r server address <<<"$row"
        network_require "$server"
        "${server}_start" "$server" certificate=good,rsa
        for key in rsa ecdsa; do
            output=$(outside "$play" -k "$key" -n mail.test -a "$FAKE_CERTIFICATES/authority.pem" "$address:25" \
                'EHLO STARTTLS EHLO@')
            contains "$output" "$([ "$key" = rsa ] && echo 'tls 1.3 RSA' || echo 'tls 1.3 EC')"
        done
        server_is_content "$server"
    done
}

@test "a server that took a message or that was left without QUIT is not content" {
    local lines
    postfix_start mx1
    say
    run server_is_content mx1
    same 1 "$status"
    contains "$output" 'lost connection after CONNECT'
    server_stop mx1
    postfix_start mx1 'defer_transports = discard'
    lines=('HELO outside.test' 'MAIL FROM:<>' 'RCPT TO:<alice@example.test>' DATA $'Subject: x\r\n\r\nx\r\n.' QUIT)
    say "${lines[@]}"
    run server_is_content mx1
    same 1 "$status"
    contains "$output" 'message-id='
    contains "$(server_queue mx1)" var/spool/postfix/
}

@test "from outside no server relays; Postfix and Exim do so for their own host" {
    local row server address
    for row in "postfix $POSTFIX" "exim $EXIM" "opensmtpd $OPENSMTPD" "sendmail $SENDMAIL" "chasquid $CHASQUID"; do
        read -r server address <<<"$row"
        network_require "$server" syslog
        "${server}_start" "$server"
        same 250 "$(recipient outside "$address" probe@outside.test alice@example.test)"
        contains '454 550 503' "$(recipient outside "$address" probe@outside.test "relaytest@$FOREIGN")"
        server_is_content "$server"
    done
    same 250 "$(recipient inside 127.0.0.1 probe@outside.test "relaytest@$FOREIGN")"
    same 250 "$(recipient inside 127.0.0.26 probe@outside.test "relaytest@$FOREIGN")"
}

@test "Postfix opened by sender, opened wholly, and as a backup that routes on" {
    postfix_open_by_sender_start mx1
    same 554 "$(recipient outside "$POSTFIX" "probe@$FOREIGN" "relaytest@$FOREIGN")"
    same 250 "$(recipient outside "$POSTFIX" alice@example.test "relaytest@$FOREIGN")"
    server_is_content mx1
    server_stop mx1
    postfix_open_start mx1
    same 250 "$(recipient outside "$POSTFIX" "probe@$FOREIGN" "relaytest@$FOREIGN")"
    server_is_content mx1
    server_stop mx1
    postfix_backup_start mx1
    same 454 "$(recipient outside "$POSTFIX" "probe@$FOREIGN" "relaytest@$FOREIGN")"
    same 250 "$(recipient outside "$POSTFIX" "probe@$FOREIGN" "relaytest%$FOREIGN@example.test")"
    same 250 "$(recipient outside "$POSTFIX" "probe@$FOREIGN" no-such-user@example.test)"
    server_is_content mx1
}

@test "postscreen: the greeting comes in two parts, RCPT is put off once, and the second time is welcome" {
    postfix_postscreen_start mx1
    same 450 "$(recipient outside "$POSTFIX" "" alice@example.test)"
    same 250 "$(recipient outside "$POSTFIX" "" alice@example.test)"
    server_is_content mx1
    contains "$(cat "$NETWORK/mx1/log")" 'PASS NEW'
}

@test "postgrey: a stranger is put off and taken later" {
    network_require postgrey
    postfix_greylisting_start mx1
    same 450 "$(recipient outside "$POSTFIX" "" alice@example.test)"
    taken() { [ "$(recipient outside "$POSTFIX" "" alice@example.test)" = 250 ]; }
    poll_until 10 taken
    server_is_content mx1
}
