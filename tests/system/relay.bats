#!/usr/bin/env bats
# check_open_relay and real servers (servers.bash, relays.bash), from somebody outside and from the server's own host: the
# states of its tables, within its default deadline; and that QUIT ended every session, in the server's log and on the wire, and
# nothing is in its queue.

load ../cli/helper
load ../cli/assert
load network
load wire
load servers
load server_logs
load relays

setup() {
    network_require nsd postfix
    relay=$(plugin check_open_relay)
    fake_certificates
    cd "$BATS_TEST_TMPDIR" || return 1
    network_open
    wire_open
    nsd_start </dev/null
}

teardown() {
    network_close
}

# check WHERE ADDRESS [OPTION...]: sets status, output and seconds; WHERE is inside or outside.
check() {
    local began=${EPOCHREALTIME/[.,]/}
    status=0
    output=$("$1" "$relay" -H "$2" -d example.test --to "probe@$FOREIGN" --from probe@outside.test \
        --base-probes "$SRCDIR/share/relay-probes.conf" --resolver "$NSD" --state-file state -v "${@:3}") || status=$?
    seconds=$(((${EPOCHREALTIME/[.,]/} - began) / 1000000))
}

# finding STATE ID: stands in the output.
finding() {
    contains "$output" "$1 relay.$2 "
}

@test "Postfix, Exim, OpenSMTPD, sendmail and chasquid as they come: a verdict within the default deadline, OK" {
    local row server address
    for row in "postfix $POSTFIX" "exim $EXIM" "opensmtpd $OPENSMTPD" "sendmail $SENDMAIL" "chasquid $CHASQUID"; do
        read -r server address <<<"$row"
        network_require "$server" syslog
        # chasquid does not start without a certificate; OpenSMTPD 6.8 with one speaks TLS that breaks off.
        "${server}_start" "$server" "certificate=$([ "$server" = chasquid ] && echo good || echo none)"
        rm -f state
        check outside "$address"
        echo "$server, $seconds s: ${output%%$'\n'*}"
        same "$server 0" "$server $status"
        contains "$output" 'accepted=0'
        contains "$output" 'ambiguous=0'
        [ "$seconds" -lt 30 ]
        server_is_content "$server"
        wire_is_polite "$address"
        server_stop "$server"
    done
}

@test "all probes to Postfix and Exim, in one long run: none is accepted, and they do not mind" {
    local row server address
    for row in "postfix $POSTFIX" "exim $EXIM"; do
        read -r server address <<<"$row"
        network_require "$server"
        "${server}_start" "$server" certificate=none
        rm -f state
        check outside "$address" --extended --max-sessions 60 --max-connections 60 --interval 0.1 -t 120
        same "$server 0" "$server $status"
        contains "$output" 'accepted=0 refused=89 deferred=0 skipped=0 ambiguous=0'
        server_is_content "$server"
        wire_is_polite "$address"
        server_stop "$server"
    done
}

@test "Postfix opened by sender: CRITICAL, A3 and A4 and no other stranger, and why" {
    postfix_open_by_sender_start mx1 certificate=none
    check outside "$POSTFIX"
    same 2 "$status"
    finding CRITICAL open
    contains "${output%%$'\n'*}" 'takes mail from (alice@example.test)'
    contains "$output" 'claims to send from example.test'
    contains "$output" 'refused A1 '
    contains "$output" 'accepted A3 '
    contains "$output" 'accepted A4 '
    server_is_content mx1
    wire_is_polite "$POSTFIX"
}

@test "Postfix opened wholly: CRITICAL; --data-abort is let go on to DATA, and nothing is queued" {
    postfix_open_start mx1 certificate=none
    check outside "$POSTFIX"
    same 2 "$status"
    finding CRITICAL accepts-all
    contains "$output" 'accepted A1 '
    server_is_content mx1
    wire_is_polite "$POSTFIX"
    rm state
    check outside "$POSTFIX" --data-abort --probe A1
    same 2 "$status"
    contains "$output" 'says go on to DATA'
    wire_is_polite "$POSTFIX" 1
    server_is_content mx1 1
}

@test "Postfix as a backup without a list of recipients, which routes on: WARNING, ambiguous" {
    postfix_backup_start mx1 certificate=none
    check outside "$POSTFIX"
    same 1 "$status"
    finding WARNING ambiguous
    contains "$output" 'accepted=0'
    server_is_content mx1
    wire_is_polite "$POSTFIX"
}

@test "postscreen with deep tests puts everybody off once: the probes are asked again and refused" {
    postfix_postscreen_start mx1 certificate=none
    check outside "$POSTFIX"
    same 0 "$status"
    contains "$output" 'accepted=0'
    server_is_content mx1
    wire_is_polite "$POSTFIX"
}

@test "greylisting of the server's own recipients: the probes were refused plainly, OK with a note" {
    network_require postgrey
    postgrey_start --delay=3600
    postfix_start mx1 certificate=none \
        'smtpd_recipient_restrictions = permit_mynetworks, check_policy_service inet:127.0.0.1:10023'
    check outside "$POSTFIX"
    same 0 "$status"
    finding OK control-deferred
    server_is_content mx1
    wire_is_polite "$POSTFIX"
}

@test "what a server accepts from its own host is no open relay: UNKNOWN" {
    local row server address
    for row in 'postfix 127.0.0.1' 'exim 127.0.0.26'; do
        read -r server address <<<"$row"
        network_require "$server"
        "${server}_start" "$server" certificate=none
        rm -f state
        check inside "$address"
        same "$server 3" "$server $status"
        finding UNKNOWN trusted
        server_is_content "$server"
        wire_is_polite "$address"
        server_stop "$server"
    done
}

@test "an open relay seen from its own host, at its public address: UNKNOWN, for it may trust its host alone" {
    postfix_open_start mx1 certificate=none
    check inside "$POSTFIX"
    same 3 "$status"
    finding UNKNOWN trusted
    contains "$output" "$POSTFIX is an address of this machine"
    server_is_content mx1
    wire_is_polite "$POSTFIX"
}
