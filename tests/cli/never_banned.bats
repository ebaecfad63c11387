#!/usr/bin/env bats
# check_open_relay and check_recipient, run for an hour, against servers that ban (counter.bash): never with the defaults,
# and every time with a verdict; and that the counter does ban who leaves them.

load helper
load assert
load counter
load recipient
load relay

setup() {
    recipient_setup
    relay_setup
}

teardown() {
    recipient_teardown
}

# relay_run WANTED [OPTION...]: a check from outside ends with that status. Defaults, but for who we are, and for the
# pauses of a second, which change nothing of what is counted.
relay_run() {
    local wanted=$1
    shift
    check_as OUTSIDE --state-file state "$@"
    same "$wanted" "$status" || {
        echo "$output" >&2
        return 1
    }
}

# recipient_run WANTED WORDS...: the same.
recipient_run() {
    local wanted=$1
    shift
    run_recipient --state-file state "$@"
    same "$wanted" "$status" || {
        echo "$output" >&2
        return 1
    }
}

# each_recipient WORDS...: a check for each of six addresses.
each_recipient() {
    local name
    for name in alice bob carol dave erin frank; do
        recipient_run 0 --address "$name@example.test" "$@" || return 1
    done
}

# recipient_list: a check of the file `addresses`.
recipient_list() {
    run_recipient --state-file state --addresses-file addresses
}

# addresses COUNT: makes the file `addresses`, the half of which does not exist.
addresses() {
    local i
    for ((i = 0; i < $1; i++)); do
        echo "$([ $((i % 2)) -eq 0 ] && echo alice+"$i" || echo nobody"$i")@example.test"
    done >addresses
}

@test "check_open_relay, 60 checks of a closed server in an hour: never banned" {
    server </dev/null
    run_for 60 60 relay_run 0
    never_banned
    fake_smtp_is_polite
    # It did not come by saying nothing: each check asked.
    [ "$(fake_smtp_connections)" -ge 60 ]
}

@test "check_open_relay, 60 checks of an open relay in an hour: never banned, always CRITICAL" {
    server <<<'[to=*@foreign.example] on RCPT 250 Ok'
    run_for 60 60 relay_run 2
    never_banned
    fake_smtp_is_polite
}

@test "check_open_relay, 60 checks in an hour of a server that knows neither EHLO nor RSET: never banned, nor a third error" {
    server <<<$'on EHLO 502 5.5.1 not implemented\non RSET 502 5.5.1 not implemented'
    run_for 60 60 relay_run 0
    never_banned
    same 2 "$(most_errors)"
    fake_smtp_is_polite
    contains "$output" '11 of 11 probes refused'
}

@test "check_open_relay that leaves the defaults is banned, by connections and by errors" {
    server </dev/null
    run_for 1 60 relay_run 0 --extended --max-sessions 60 --max-connections 60
    is_banned
    fake_smtp_stop
    rm state
    server </dev/null
    run_for 1 60 relay_run 0 --per-session 8
    is_banned
    fake_smtp_stop
    server </dev/null
    run_for 10 60 relay_run 0 --state-file none
    is_banned
}

@test "check_recipient, 60 checks of one address in an hour: never banned, and it asks each time" {
    serve </dev/null
    run_for 60 60 recipient_run 0 --address alice@example.test
    never_banned
    fake_smtp_is_polite
    # The address that nobody has is tried again when its answer has expired.
    same 61 "$(fake_smtp_connections)"
}

@test "check_recipient, six addresses of one server each minute of half an hour: never banned, a verdict each time" {
    serve <<<'mailbox alice bob carol dave erin frank'
    run_for 30 60 each_recipient
    never_banned
    fake_smtp_is_polite
    contains "$output" ' s ago'
    contains "$output" 'unknown=0'
}

@test "check_recipient, an address that is refused, 60 checks in an hour: never banned" {
    serve <<<'on RCPT 550 5.1.1 no such user'
    run_for 60 60 recipient_run 2 --address alice@example.test
    never_banned
    same 60 "$(fake_smtp_connections)"
}

@test "check_recipient, 60 checks in an hour of a server that knows neither EHLO nor the address: never banned, nor a third error" {
    serve <<<$'on EHLO 502 5.5.1 not implemented\non RCPT 550 5.1.1 no such user'
    run_for 60 60 recipient_run 2 --address alice@example.test
    never_banned
    same 2 "$(most_errors)"
    fake_smtp_is_polite
}

@test "check_recipient, a list of 40 addresses: never banned; it goes round, and knows all in half an hour" {
    serve <<<'[to=alice*] on RCPT 250 2.1.5 Ok'
    addresses 40
    run_for 30 60 recipient_list
    never_banned
    contains "$output" 'undeliverable=20'
    contains "$output" 'deliverable=20 deferred=0 unknown=0 addresses=40'
}

@test "check_recipient that leaves the defaults is banned" {
    serve <<<'[to=alice*] on RCPT 250 2.1.5 Ok'
    addresses 40
    run_for 1 60 recipient_run 2 --addresses-file addresses --max-connections 1000
    is_banned
    fake_smtp_stop
    rm state
    serve </dev/null
    run_for 10 60 recipient_run 0 --address alice@example.test --state-file none
    is_banned
}
