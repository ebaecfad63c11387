#!/usr/bin/env bats
# check_open_relay: replies whose words are about something else than relaying, and what a server says of itself and of us.

load helper
load assert
load relay

setup() {
    relay_setup
}

teardown() {
    fake_smtp_stop
}

# says REPLY: the server says that to whoever writes to another domain; to its postmaster it is kind.
says() {
    server <<<"[to=*foreign.example] on RCPT $1"
    check
    fake_smtp_stop
}

@test "4.2: a foreign domain that was looked up and does not exist was not refused for relaying: UNKNOWN" {
    local reply
    for reply in '550 5.1.2 x' '550 5.4.310 DNS domain foreign.example does not exist' '550 No such domain' \
        '550 Cannot find MX for foreign.example' '550 foreign.example: NXDOMAIN' '550 Recipient verify failed' \
        '550 Verification failed for <recipient@foreign.example>' '550 Unrouteable address' '550 Host unknown' \
        '550 Domain does not exist'; do
        says "$reply"
        same "3 $reply" "$status $reply"
        finding UNKNOWN domain-refused
    done
}

@test "4.2: words about HELO, the sender or our address at RCPT (smtpd_delay_reject) are about us: UNKNOWN" {
    local reply
    for reply in '550 5.7.1 <monitor.test>: Helo command rejected: Host not found' '554 Sender address rejected' \
        '550 5.7.1 <probe@foreign.example>: Sender address rejected: Domain not found' '550 Sender verify failed' \
        '550 5.1.7 x' '501 <probe@foreign.example>: sender domain must exist' '550 5.7.1 SPF fail' \
        '554 5.7.1 <198.51.100.66>: Client host rejected: Access denied' '554 5.7.1 198.51.100.66 is not welcome' \
        '550 5.7.1 Service unavailable; client [198.51.100.66] blocked using x.test' '550 5.7.25 no PTR'; do
        says "$reply"
        same "3 $reply" "$status $reply"
        finding UNKNOWN blocked 2>/dev/null || finding UNKNOWN domain-refused
    done
}

@test "4.1: a greeting without a name that can be used: the probes of the server's own name are asked all the same" {
    local greeting
    for greeting in 'mail_1.test ESMTP' '[203.0.113.25] ESMTP' 'ESMTP' '********' 'mail ESMTP'; do
        server <<END
220 $greeting
[sender=probe@mail.test to=recipient@foreign.example] on RCPT 250 ok
END
        check
        same "2 $greeting" "$status $greeting"
        contains "$output" 'accepted A5 '
        contains "$output" 'refused A18 '
        fake_smtp_stop
    done
}

@test "0.9: which address of the reply to EHLO is ours: not the server's name, nor a version; one that is ours is" {
    local line
    for line in '[203.0.113.25] Hello monitor.test [198.51.100.66]' '[203.0.113.25]' \
        'mail.test ESMTP 203.0.113.25 at your service' '[10.0.0.2] Hello monitor.test [198.51.100.66]' \
        'mail.test Version 8.17.1.9 ready' 'mail.test Hello monitor.test [198.51.100.66]'; do
        server <<END
on EHLO 250 $line
rcpt *.invalid 550 5.1.2 no
[to=*@foreign.example] on RCPT 250 ok
END
        check
        same "2 $line" "$status $line"
        finding CRITICAL open
        same 0 "$(grep -c 'sees us' <<<"$output")"
        fake_smtp_stop
    done
}

@test "a probe of one's own is for no third party, whatever stands beside a placeholder" {
    local recipient
    server </dev/null
    for recipient in '<{L}@x{X}>' '<{L}@{D}x>' '<{L}@evil{D}>' '<{L}@{X}.com>' '<{L}@[8.8.8.8]>' '<{L}@8.8.8.8>' '<a@com>' \
        '<a@gmail.com>' '<{L}%gmail.com@{D}>' '<@gmail.com:{T}>'; do
        echo "X1 relay default - <{F}> $recipient" >mine
        check --probe X1 --probe-file mine
        same "3 $recipient" "$status $recipient"
        first_line 'mine:1: '
    done
    same 0 "$(fake_smtp_connections)"
}
