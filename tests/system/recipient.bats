#!/usr/bin/env bats
# check_recipient and real servers (servers.bash, relays.bash), from somebody outside: a known user is accepted, an unknown one is
# refused, greylisting is waited for; and QUIT ended every session, in the server's log and on the wire, and nothing is in its
# queue.

load ../cli/helper
load ../cli/assert
load network
load wire
load servers
load server_logs
load relays

setup() {
    network_require nsd postfix
    recipient=$(plugin check_recipient)
    fake_certificates
    cd "$BATS_TEST_TMPDIR" || return 1
    network_open
    wire_open
    # Nobody listens there, and there is no way to the other address.
    nsd_start <<'END'
dead MX 10 both.dead
both.dead A 44.128.0.1
both.dead AAAA fd00:25::25
six MX 10 mx.six
mx.six AAAA fd00:25::25
END
}

teardown() {
    network_close
}

# check [OPTION...]: sets status and output.
check() {
    status=0
    output=$(outside "$recipient" --resolver "$NSD" -4 --state-file none -v "$@") || status=$?
    echo "$output"
}

# finding STATE ID: stands in the output.
finding() {
    contains "$output" "$1 recipient.$2 "
}

# is_deliverable: alice, by now.
is_deliverable() {
    check --address alice@example.test --state-file state --greylist-wait 1
    [ "$status" -eq 0 ]
}

@test "Postfix, Exim, OpenSMTPD, sendmail and chasquid as they come: alice is deliverable, nobody is not" {
    local row server address
    for row in "postfix $POSTFIX" "exim $EXIM" "opensmtpd $OPENSMTPD" "sendmail $SENDMAIL" "chasquid $CHASQUID"; do
        read -r server address <<<"$row"
        network_require "$server" syslog
        # chasquid does not start without a certificate.
        "${server}_start" "$server" "certificate=$([ "$server" = chasquid ] && echo good || echo none)"
        check --address alice@example.test --resolve "mx1.example.test:$address"
        same "$server 0" "$server $status"
        contains "$output" 'alice@example.test: deliverable at mx1.example.test'
        check --address stranger@example.test --resolve "mx1.example.test:$address"
        same "$server 2" "$server $status"
        contains "$output" 'stranger@example.test: undeliverable at mx1.example.test'
        server_is_content "$server"
        wire_is_polite "$address"
        server_stop "$server"
    done
}

@test "--data-abort at Postfix, Exim, OpenSMTPD, sendmail and chasquid: closed behind 354, QUIT ends the others, nothing is queued" {
    local row server address
    for row in "postfix $POSTFIX" "exim $EXIM" "opensmtpd $OPENSMTPD" "sendmail $SENDMAIL" "chasquid $CHASQUID"; do
        read -r server address <<<"$row"
        network_require "$server" syslog
        "${server}_start" "$server" "certificate=$([ "$server" = chasquid ] && echo good || echo none)"
        check --address alice@example.test --resolve "mx1.example.test:$address" --data-abort -vv
        same "$server 0" "$server $status"
        contains "$output" '354'
        # A server that would queue it has done so when it has served another session.
        check --address stranger@example.test --resolve "mx1.example.test:$address" --data-abort
        same "$server 2" "$server $status"
        # Of three sessions, the control's among them.
        wire_is_polite "$address" 1
        server_is_content "$server" 1
        server_stop "$server"
    done
}

@test "Postfix and Exim that take longer than we have: QUIT stands in their logs, no lost connection" {
    network_require exim
    postfix_start mx1 certificate=none 'smtpd_recipient_restrictions = sleep 3, permit'
    exim_start exim certificate=none 'MAIN_ACL_CHECK_MAIL = accept delay = 3s'
    check --address alice@example.test --resolve "mx1.example.test:$POSTFIX" -t 3
    same 3 "$status"
    check --address alice@example.test --resolve "mx1.example.test:$EXIM" -t 3
    same 3 "$status"
    server_is_content mx1
    server_is_content exim
}

@test "the first exchanger is down: the second one is asked" {
    network_require exim
    exim_start exim certificate=none
    check --address alice@example.test
    same 0 "$status"
    contains "$output" 'deliverable at mx2.example.test'
    server_is_content exim
    wire_is_polite "$EXIM"
}

@test "a dual-stack exchanger that is down is down, also for a host without IPv6; one of IPv6 alone is not" {
    status=0
    output=$(outside "$recipient" --resolver "$NSD" --state-file none -v --address alice@dead.example.test) || status=$?
    same 2 "$status"
    finding CRITICAL unreachable
    contains "$output" '44.128.0.1'
    status=0
    output=$(outside "$recipient" --resolver "$NSD" --state-file none -v --address alice@six.example.test) || status=$?
    same 3 "$status"
    finding UNKNOWN own-trouble
}

@test "Postfix with postgrey: WARNING greylisted, then deliverable with the state file" {
    network_require postgrey
    postfix_greylisting_start mx1 certificate=none
    check --address alice@example.test --state-file state --greylist-wait 1
    same 1 "$status"
    finding WARNING greylisted
    poll_until 20 is_deliverable
    # The address that nobody has comes for the first time.
    finding OK catch-all-unknown
    server_is_content mx1
    wire_is_polite "$POSTFIX"
}

@test "postscreen with deep tests: WARNING greylisted at the first contact, then deliverable" {
    postfix_postscreen_start mx1 certificate=none
    check --address alice@example.test --state-file state --greylist-wait 1
    same 1 "$status"
    finding WARNING greylisted
    poll_until 20 is_deliverable
    server_is_content mx1
    wire_is_polite "$POSTFIX"
}

@test "Postfix that does not know the domain: it refuses to relay, and that is no verdict" {
    postfix_start mx1 certificate=none 'mydestination = localhost'
    check --address alice@example.test
    same 3 "$status"
    finding UNKNOWN refused-us
    server_is_content mx1
    wire_is_polite "$POSTFIX"
}
