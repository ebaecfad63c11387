#!/usr/bin/env bats
# check_mx against exchangers that are down, refuse, stall, flood, lie and inject. The rows of what exchangers say, each
# named by its id.

load helper
load assert
load mx

setup() {
    mx_setup
}

teardown() {
    fake_smtp_stop
    fake_dns_stop
}

# seconds_below N: the last run with --output-format json took less.
seconds_below() {
    local seconds
    seconds=$(jq .time <<<"$output")
    if ! awk -v s="$seconds" -v most="$1" 'BEGIN { exit !(s < most) }'; then
        echo "$seconds s" >&2
        return 1
    fi
}

# two WORDS...: the servers of standard input, two exchangers of different preference, and check.
two() {
    servers
    zone <<<"$TWO"
    check "$@"
}

# ---- down

@test "all-down: no exchanger works: CRITICAL" {
    two -t 5 <<<'@127.0.0.2,127.0.0.3 refused'
    same 2 "$status"
    finding CRITICAL all-down
    contains "$output" 'mx_up=0;2:;1:;0;2 mx_down=2'
    contains "$output" 'MX CRITICAL - example.test: no exchanger works: mx1.example.test 127.0.0.2: connection refused; mx2.example.test 127.0.0.3: connection refused (mx.all-down)'
    contains "$output" '127.0.0.2: connection refused'
}

@test "primary-down: the best preference is down, a backup works: CRITICAL" {
    two -t 5 <<<'@127.0.0.2 refused'
    same 2 "$status"
    contains "$output" 'MX CRITICAL - mx1.example.test: the exchanger does not work: 127.0.0.2: connection refused (mx.primary-down)'
}

@test "down: one of two of the best preference is down: WARNING" {
    servers <<<'@127.0.0.2 refused'
    zone <<<"${TWO/20/10}"
    check
    same 1 "$status"
    finding WARNING down
}

@test "backup-down: a backup is down: WARNING" {
    two <<<'@127.0.0.3 refused'
    same 1 "$status"
    finding WARNING backup-down
}

@test "address-down: one address is dead, another works: WARNING" {
    servers </dev/null
    zone <<'END'
example.test MX 10 mx1.example.test
mx1.example.test A 127.0.0.2
mx1.example.test A 127.0.0.9
END
    check -w 1:
    same 1 "$status"
    finding WARNING address-down
    contains "$output" 'mx_up=1;1:;1:;0;1 mx_down=0'
    contains "$output" 'addr_up=1 addr_down=1'
}

@test "address-down: a dead AAAA is named as such" {
    servers </dev/null
    zone <<<$'example.test MX 10 mx1.example.test\nmx1.example.test A 127.0.0.2\nmx1.example.test AAAA ::1'
    check -w 1: --no-connect
    contains "$output" '::1'
    check -w 1:
    if finding UNKNOWN own-trouble 2>/dev/null; then
        skip "this host has no IPv6 loopback"
    fi
    finding WARNING address-down
    contains "$output" 'who has IPv6 alone cannot deliver'
}

@test "working: fewer than -w is WARNING, fewer than -c CRITICAL" {
    servers </dev/null
    zone <<<$'example.test MX 10 mx1.example.test\nmx1.example.test A 127.0.0.2'
    check
    same 1 "$status"
    finding WARNING working
    contains "$output" 'Add a second exchanger, or give -w 1: when one is meant'
    check -w 1:
    same 0 "$status"
    check -w 3: -c 2:
    same 2 "$status"
    finding CRITICAL working
    contains "$output" '1 of 1 exchanger works, -c wants 2 or more'
}

@test "a greeting of 554 is down, and QUIT is all that is said" {
    two <<<'@127.0.0.3 554 No SMTP service here'
    same 1 "$status"
    finding WARNING backup-down
    contains "$output" '554 No SMTP service here'
    fake_smtp_is_polite
    same 1 "$(fake_smtp_said | grep -c EHLO)"
}

@test "a greeting of 250, 2200, SSH, or nothing but a line end is down" {
    local greeting
    for greeting in '250 hello' 'on connect send 2200 garbage\r\n' 'on connect send SSH-2.0-x 220\r\n' 'on connect send \r\n'; do
        servers <<<"@127.0.0.3 $greeting"
        zone <<<"$TWO"
        check -t 3
        finding WARNING backup-down
        lacks "$output" $'\r'
        fake_smtp_stop
        fake_dns_stop
    done
}

@test "a server that greets and refuses EHLO and HELO is down" {
    two <<'END'
@127.0.0.3
on EHLO 502 5.5.1 What?
on HELO 502 5.5.1 What?
END
    same 1 "$status"
    finding WARNING backup-down
    contains "$output" '502 5.5.1 What?'
}

@test "no-ehlo: EHLO refused, HELO taken: WARNING, and it works" {
    two <<<'@127.0.0.3 on EHLO 502 5.5.1 What?'
    same 1 "$status"
    finding WARNING no-ehlo
    contains "$output" 'mx_up=2'
}

# ---- refusing

@test "refuses-us: 421 is WARNING, and not down" {
    two <<<'@127.0.0.3 421 4.7.0 Too many connections'
    same 1 "$status"
    finding WARNING refuses-us
    finding WARNING working
    no_finding WARNING backup-down
    contains "$output" 'mx_up=1;2:;1:;0;2 mx_down=0 mx_refusing=1'
}

@test "refuses-us: all exchangers answer 421: WARNING, not CRITICAL" {
    two <<<'421 4.7.0 Too many connections'
    same 1 "$status"
    finding WARNING working
    contains "$output" 'mx_up=0;2:;1:;0;2 mx_down=0 mx_refusing=2'
}

@test "refuses-us: EHLO answered with 421 and 451" {
    two <<'END'
@127.0.0.2 on EHLO 421 4.3.2 Too many connections
@127.0.0.3 on EHLO 451 4.7.1 Try later
END
    same 1 "$status"
    contains "$output" 'mx_refusing=2'
}

@test "refuses-us: a tarpit that greets line by line without end is not down, inside the deadline" {
    require_tool jq
    two -t 2 --output-format json <<'END'
@127.0.0.3
[chunk=1 pause=300] on connect
    220-mail.test slowly
    endless 220-still here
END
    same 1 "$status"
    contains "$output" 'mx.refuses-us'
    seconds_below 2.5
}

@test "a slow server that answers within the deadline works; the others do not wait for it" {
    require_tool jq
    two -t 8 --output-format json <<<'@127.0.0.3 [delay=700] on connect'
    same 0 "$status"
    same 2 "$(jq '.perfdata.mx_up.value' <<<"$output")"
    same true "$(jq '.exchangers[1].addresses[0].ms >= 700 and .exchangers[0].addresses[0].ms < 600' <<<"$output")"
}

@test "blocks-us: 554 5.7.1 or a blocklist in the greeting is UNKNOWN" {
    local greeting
    for greeting in '554 5.7.1 Service unavailable' '554 mx.example.test Client host [127.0.0.1] blocked using zen.example.org'; do
        servers <<<"@127.0.0.3 $greeting"
        zone <<<"$TWO"
        check -w 1:
        same 3 "$status"
        finding UNKNOWN blocks-us
        fake_smtp_stop
        fake_dns_stop
    done
}

# ---- ours

@test "own-trouble: a source address that is not ours is UNKNOWN, not down" {
    two --source 192.0.2.99 </dev/null
    same 3 "$status"
    finding UNKNOWN own-trouble
    lacks "$output" 'mx.working'
    no_finding CRITICAL all-down
}

@test "unasked: what the deadline leaves unasked is UNKNOWN" {
    servers </dev/null
    zone <<<$'[silent] mx2.example.test ANY\n[silent] mx1.example.test AAAA\n'"${TWO}"
    check -t 0.3
    same 3 "$status"
    finding UNKNOWN unasked
    check -t 0.3 --timeout-result warning
    finding WARNING unasked
}

# ---- stalling, flooding, lying at each step

@test "silence is down inside the deadline: at connect, greeting and EHLO" {
    require_tool jq
    local rule
    for rule in 'unreachable' 'on connect silent' 'on EHLO silent'; do
        two -t 2 --output-format json <<<"@127.0.0.3 $rule"
        same 1 "$status"
        contains "$output" 'mx.backup-down'
        seconds_below 2.5
        fake_smtp_stop
        fake_dns_stop
    done
}

@test "a connection that is closed or reset is down: at accept, greeting and EHLO" {
    local rule
    for rule in 'on accept reset' 'on accept close' 'on connect close' 'on connect reset' 'on EHLO close' 'on EHLO reset' 'on EHLO cut'; do
        two -t 3 <<<"@127.0.0.3 $rule"
        same 1 "$status"
        finding WARNING backup-down
        fake_smtp_stop
        fake_dns_stop
    done
}

@test "a server that stalls or hangs up at QUIT works, and the deadline holds" {
    require_tool jq
    local rule
    for rule in 'on QUIT silent' 'on QUIT reset' 'on QUIT endless 221 bye'; do
        two -t 5 --output-format json <<<"@127.0.0.3 $rule"
        same 0 "$status"
        seconds_below 5
        fake_smtp_stop
        fake_dns_stop
    done
}

@test "a flood is down, and bounded: at greeting and EHLO" {
    require_tool jq
    local rule
    for rule in 'on connect endless 220-flood' 'on connect endless xxxxxxxxxxxxxxxx' 'on connect garbage 60000' 'on EHLO endless 250-FLOOD' 'on EHLO garbage 60000'; do
        two -t 3 --output-format json <<<"@127.0.0.3 $rule"
        same 1 "$status"
        contains "$output" 'mx.backup-down'
        seconds_below 3.5
        fake_smtp_stop
        fake_dns_stop
    done
}

@test "escape sequences, line ends, markup and pipes in a greeting do not get through" {
    two <<'END'
@127.0.0.3
on connect send 554 \e[31mred\e[0m <b>|x=1 \x9b31m\0\x07 %s%n\r\n
END
    finding WARNING backup-down
    lacks "$output" $'\e'
    lacks "$output" $'\a'
    lacks "$output" '<b>'
    same 1 "$(head -n 1 <<<"$output" | tr -cd '|' | wc -c)"
}

@test "what a server says out of turn is not taken for the reply to EHLO" {
    two -t 3 <<'END'
@127.0.0.3
on connect
    220 mail.test ESMTP
    250 mail.test
on EHLO 502 5.5.1 No
on HELO 502 5.5.1 No
END
    finding WARNING backup-down
}

@test "commands are never sent early, and never two at once" {
    two --rcpt --unknown <<'END'
[delay=50] on connect
[delay=20] on any
END
    fake_smtp_is_polite
}

# ---- --dead

@test "dead: a dead host is a note, and does not count" {
    servers <<<'@127.0.0.2 refused'
    zone <<<"$TWO"
    check --dead mx1.example.test -w 1:
    same 0 "$status"
    finding OK dead
    contains "$output" 'mx_up=1;1:;1:;0;1 mx_down=0'
    contains "$output" 'dead as meant'
}

@test "dead-alive: a host that should be dead answers: WARNING" {
    two --dead MX2.example.test -w 1: </dev/null
    same 1 "$status"
    finding WARNING dead-alive
}

@test "dead-absent: the host of --dead is no exchanger: WARNING" {
    two --dead mx9.example.test </dev/null
    same 1 "$status"
    finding WARNING dead-absent
}

# ---- --rcpt and --unknown

@test "--rcpt: postmaster is taken everywhere: OK, and no message is begun" {
    two --rcpt </dev/null
    same 0 "$status"
    same 2 "$(fake_smtp_said | grep -c '^RCPT TO:<postmaster@example.test>')"
    same 2 "$(fake_smtp_said | grep -c '^MAIL FROM:<>')"
    same 2 "$(fake_smtp_said | grep -c '^RSET')"
    same 0 "$(fake_smtp_said | grep -c '^DATA' || :)"
}

@test "rcpt-refused: relaying denied, with 5xx or 454, or no postmaster: CRITICAL" {
    local reply
    for reply in '554 5.7.1 Relay access denied' '454 4.7.1 Relay access denied' '550 5.1.1 No such user' '551 5.7.1 not here'; do
        two --rcpt <<<"@127.0.0.3 on RCPT $reply"
        same 2 "$status"
        finding CRITICAL rcpt-refused
        contains "$output" "$reply"
        fake_smtp_stop
        fake_dns_stop
    done
}

@test "rcpt-deferred: greylisting is WARNING" {
    two --rcpt <<<'@127.0.0.3 on RCPT 450 4.7.1 Greylisted'
    same 1 "$status"
    finding WARNING rcpt-deferred
}

@test "rcpt-untold: we are refused, the sender is refused, or there is no reply: UNKNOWN" {
    local rule
    for rule in 'on RCPT 550 5.7.1 Client host [127.0.0.1] blocked using zen.example.org' 'on MAIL 553 5.1.8 Sender unknown' 'on RCPT silent' 'on RCPT close'; do
        two --rcpt -t 2 <<<"@127.0.0.3 $rule"
        same 3 "$status"
        finding UNKNOWN rcpt-untold
        fake_smtp_stop
        fake_dns_stop
    done
}

@test "rcpt-untold: 421 ends the session, whoever the recipient is, and is no greylisting" {
    two --rcpt <<<'on RCPT 421 4.7.0 too many errors'
    same 3 "$status"
    finding UNKNOWN rcpt-untold
    lacks "$output" 'mx.rcpt-deferred'
}

@test "--from is the sender of --rcpt" {
    two --rcpt --from probe@example.org </dev/null
    same 2 "$(fake_smtp_said | grep -c '^MAIL FROM:<probe@example.org>')"
}

@test "backscatter: a backup takes what the primary refuses: WARNING" {
    two --unknown <<<'@127.0.0.3 mailbox *'
    same 1 "$status"
    finding WARNING backscatter
    contains "$output" 'catchall_mx=1'
}

@test "--unknown: all refuse, or all take: no finding" {
    two --unknown </dev/null
    same 0 "$status"
    contains "$output" 'catchall_mx=0'
    fake_smtp_stop
    fake_dns_stop
    two --unknown <<<'mailbox *'
    same 0 "$status"
    contains "$output" 'catchall_mx=2'
}

@test "unknown-untold: an unclear reply is UNKNOWN" {
    two --unknown <<<'@127.0.0.2 on RCPT 450 4.2.0 Greylisted'
    same 3 "$status"
    finding UNKNOWN unknown-untold
}

# ---- --tls

@test "starttls-missing: WARNING" {
    two --tls </dev/null
    same 1 "$status"
    finding WARNING starttls-missing
}

@test "--tls: certificates for their names are OK; certificate: another name, an expired one: WARNING" {
    fake_certificates
    two --tls --ca-file "$FAKE_CERTIFICATES/authority.pem" <<<'certificate good'
    same 0 "$status"
    fake_smtp_is_polite
    fake_smtp_stop
    fake_dns_stop
    two --tls --ca-file "$FAKE_CERTIFICATES/authority.pem" <<'END'
@127.0.0.2 certificate wrong-name
@127.0.0.3 certificate expired
END
    same 1 "$status"
    finding WARNING certificate
    contains "$output" 'it is not for the name mx1.example.test'
    contains "$output" 'expired'
}

@test "tls-failed: STARTTLS answered with 454, silence in the handshake, an alert: WARNING, and the exchanger works" {
    fake_certificates
    local rule
    for rule in 'on STARTTLS 454 4.7.0 TLS not available' 'on handshake silent' 'on handshake alert 40'; do
        two --tls --ca-file "$FAKE_CERTIFICATES/authority.pem" -t 3 <<<$'certificate good\n@127.0.0.3 '"$rule"
        same 1 "$status"
        finding WARNING tls-failed
        contains "$output" 'mx_up=2'
        fake_smtp_stop
        fake_dns_stop
    done
}

@test "tls-failed: text injected behind STARTTLS is told, and not taken for the reply to EHLO" {
    fake_certificates
    two --tls --ca-file "$FAKE_CERTIFICATES/authority.pem" -t 3 <<'END'
certificate good
@127.0.0.3
on STARTTLS
    220 Go ahead
    250 injected
END
    same 1 "$status"
    contains "$output" 'mx_up=2'
    finding WARNING tls-failed
    contains "$output" 'mx2.example.test: 127.0.0.3: text in the clear behind the reply to STARTTLS: 250 injected'
    same 1 "$(grep -c '^WARNING' <<<"$output")"
}
