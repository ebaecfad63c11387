#!/usr/bin/env bats
# check_open_relay: what a user types and sees, each finding through the program, against a scripted server. The server
# is behind the PROXY protocol, so that we are strangers to it. What the operator sees of us stands in its log.

load helper
load assert
load counter
load relay

setup() {
    relay_setup
}

teardown() {
    fake_smtp_stop
    fake_dns_stop
}

# ---- closed servers

@test "4.2: a closed server, all default probes refused: OK, in six polite sessions of at most two refusals" {
    server </dev/null
    check
    same 0 "$status"
    first_line 'RELAY OK - 11 of 11 probes refused |'
    first_line 'accepted=0 refused=11 deferred=0 skipped=0 ambiguous=0 sessions=6 time='
    fake_smtp_is_polite
    same 2 "$(most_errors)"
    same 6 "$(fake_smtp_connections)"
}

@test "4.2: each way to refuse that servers have is a refusal" {
    local reply
    for reply in '454 4.7.1 <x@y.example>: Relay access denied' '554 5.7.1 <x@y.example>: Relay access denied' \
        '550 5.7.1 Relaying denied' '550 relay not permitted' '550 restricted characters in address' \
        '501 5.1.3 Bad recipient address syntax' '513 Relaying denied.' '503 5.7.1 Relay not allowed' \
        '550 Invalid recipient: <x@y.example>' '551 User not local' '553 sorry, that domain is not in my list' \
        '550 5.1.1 User unknown' '501 <x>: domain literals not allowed'; do
        server <<<"rcpt postmaster@* 250 Ok
on RCPT $reply"
        check
        same "0 $reply" "$status $reply"
        fake_smtp_stop
    done
}

@test "4.3: RSET comes after an acceptance and before another sender only; one MAIL for two probes of a sender" {
    server </dev/null
    check --probe B3 --probe B12 --probe A2
    # Two of one sender: no RSET. C-C was accepted before A2: RSET.
    same 'EHLO monitor.test
MAIL FROM:<>
RCPT TO:<postmaster@example.test>
RSET
MAIL FROM:<>
RCPT TO:<recipient@foreign.example>
QUIT
EHLO monitor.test
MAIL FROM:<probe@foreign.example>
RCPT TO:<recipient%foreign.example@example.test>
RCPT TO:<"recipient@foreign.example"@example.test>
QUIT' "$(fake_smtp_said)"
}

@test "4.4: neither DATA nor any content by default, whatever is accepted" {
    server <<<'on RCPT 250 Ok'
    check --extended --max-sessions 60 --max-connections 60
    same 0 "$(fake_smtp_said | grep -c DATA)"
    fake_smtp_is_polite
}

@test "RFC 6409 4.3: a submission service that wants authentication" {
    server <<<'on MAIL 530 5.7.0 Authentication required'
    check
    same 0 "$status"
    finding OK auth
}

@test "authentication is wanted at RCPT" {
    server <<<'on RCPT 550 5.7.1 Authentication required'
    check
    same 0 "$status"
    finding OK auth
}

# ---- open ones

@test "3: an open relay, which refuses what cannot exist: CRITICAL, the dialogue quoted" {
    server <<<'rcpt *.invalid> 550 5.1.2 No
rcpt *.invalid 550 5.1.2 No
[to=*@example.test] on RCPT
on RCPT 250 2.1.5 Ok'
    check
    same 2 "$status"
    finding CRITICAL open
    first_line 'open relay: takes mail from (probe@foreign.example) to (recipient@foreign.example) (A1, A2, A3, A4, A5, A6, A18)'
    contains "$output" 'seen: A1 MAIL FROM:(probe@foreign.example) RCPT TO:(recipient@foreign.example): 250 2.1.5 Ok'
    contains "$output" 'reject_unauth_destination'
    fake_smtp_is_polite
}

@test "3: a server that accepts even what cannot exist is an open relay or a sink" {
    server <<<'on RCPT 250 Ok'
    check
    same 2 "$status"
    finding CRITICAL accepts-all
    check --severity relay.accepts-all=ok --severity relay.ambiguous=ok
    same 0 "$status"
}

@test "4.1: a server that trusts its own domain as the sender is open to A3 and A4 alone, and the fix says so" {
    server <<<'[sender=*@example.test to=*@foreign.example] on RCPT 251 Will forward'
    check
    same 2 "$status"
    finding CRITICAL open
    first_line '(A3, A4)'
    contains "$output" 'claims to send from example.test'
}

@test "4.1: a server whose greeting is masked: its name is that of the reply to EHLO, and A5 is asked" {
    local greeting
    for greeting in '220 ********' '220 ESMTP'; do
        server <<END
$greeting
[sender=probe@mail.test to=recipient@foreign.example] on RCPT 250 ok
END
        check
        same 2 "$status"
        contains "$output" 'accepted A5 '
        fake_smtp_stop
    done
    # Without any name it has its address for one.
    server <<'END'
220 hello
on EHLO 250 hello
[sender=probe@?203.0.113.25? to=recipient@foreign.example] on RCPT 250 ok
END
    check --probe A5
    same 2 "$status"
    contains "$output" 'MAIL FROM:(probe@[203.0.113.25])'
}

@test "4.1: a server that takes source routes is open to A18 alone" {
    server <<<'rcpt @* 250 Ok'
    check
    same 2 "$status"
    first_line '(A18)'
    contains "$output" 'Refuse source routes'
}

@test "4.2: 251 and 252 at RCPT are acceptances" {
    local reply
    for reply in '251 User not local; will forward' '252 Cannot verify'; do
        server <<<"rcpt *@foreign.example $reply"
        check
        same 2 "$status"
        finding CRITICAL open
        fake_smtp_stop
    done
}

@test "4.2: each way to put off that servers have is no answer" {
    local reply
    for reply in '450 4.2.0 Greylisted' '451 4.7.1 Greylisting in action, please come back in 5 minutes' \
        '450 4.3.2 Service currently unavailable' '451 4.3.0 Temporary lookup failure' '450 later'; do
        server <<<"rcpt *@foreign.example $reply"
        check -t 5
        same "3 $reply" "$status $reply"
        finding UNKNOWN deferred
        fake_smtp_stop
    done
}

@test "3: B forms accepted by a server that refuses unknown names: it routes them on" {
    server <<<'rcpt *%foreign.example@example.test 250 Ok
rcpt nx-* 550 5.1.1 No'
    check
    same 2 "$status"
    finding CRITICAL routes-on
    first_line 'accepted=1 refused=10'
}

@test "3: B forms accepted by a server that accepts everything for its domain: WARNING, ambiguous" {
    server <<<'rcpt *@example.test 250 Ok'
    check
    same 1 "$status"
    finding WARNING ambiguous
    first_line 'accepted=0 refused=7 deferred=0 skipped=0 ambiguous=4'
}

@test "4.2: words about us to the control of unknown names are no refusal of them: ambiguous" {
    local reply
    for reply in '554 5.7.1 Service unavailable; blocked using x.test' '530 5.7.0 Authentication required' '450 later' close; do
        server <<END
rcpt nx-*@example.test $reply
rcpt *foreign.example*@example.test 250 ok
END
        check
        same "$reply: 1" "$reply: $status"
        finding WARNING ambiguous
        fake_smtp_stop
    done
}

@test "4.1: a catch-all for the server's own name is ambiguous, whatever the domain refuses" {
    server <<<'[to=*@mail.test] on RCPT 250 ok'
    check --extended --max-sessions 80 --max-connections 80
    same 1 "$status"
    finding WARNING ambiguous
    contains "$output" 'accepts everything for mail.test'
    fake_smtp_stop
    server <<<'[to=*%foreign.example@mail.test] on RCPT 250 ok'
    check --extended --max-sessions 80 --max-connections 80
    same 2 "$status"
    finding CRITICAL routes-on
    contains "$output" 'refuses unknown names of mail.test'
}

@test "A17: XCLIENT that is offered to us and taken" {
    server <<<'offer XCLIENT NAME ADDR
on XCLIENT 220 mail.test'
    check --probe A17
    same 2 "$status"
    finding CRITICAL xclient
    check --probe A17b
    same 0 "$status"
    contains "$output" 'it is not offered'
}

@test "A16: another EHLO name that is trusted; one that is refused is refused" {
    server <<<'[helo=example.test to=*foreign.example] on RCPT 250 Ok
[helo=mail.test] on EHLO 550 5.7.1 You are not me
[helo=mail.test] on HELO 550 5.7.1 You are not me'
    check --probe A16 --probe A16b
    same 2 "$status"
    first_line '(A16)'
    contains "$output" 'refused A16b'
}

# ---- DATA

@test "4.4: --data-abort, refused at DATA: OK with a note" {
    server <<<'rcpt *@foreign.example 250 Ok
on DATA 554 5.7.1 No relaying'
    check --data-abort --max-sessions 20 --max-connections 30
    same 0 "$status"
    finding OK refused-late
    contains "$output" 'DATA: 554 5.7.1 No relaying'
    fake_smtp_is_polite
}

@test "4.4: --data-abort with the default limits: a server that refuses everything at DATA is OK, within its connections" {
    server <<'END'
[to=*@foreign.example] on RCPT 250 ok
[to=*foreign.example*] on RCPT 250 ok
on DATA 554 5.7.1 no
END
    check --data-abort
    same 0 "$status"
    finding OK refused-late
    [ "$(fake_smtp_connections)" -le 15 ]
    same 2 "$(most_errors)"
    fake_smtp_is_polite
    # What could not be asked at DATA is no open relay either.
    check --data-abort --max-sessions 3
    same 3 "$status"
    finding UNKNOWN incomplete
    contains "$output" 'accepted at RCPT and not asked at DATA'
}

@test "4.4: --data-abort, taken at DATA: CRITICAL; the connection is closed without an octet behind DATA" {
    server <<<'rcpt *@foreign.example 250 Ok'
    check --data-abort
    same 2 "$status"
    finding CRITICAL open
    first_line 'says go on to DATA'
    fake_smtp_settle
    same 1 "$(fake_smtp_said | grep -c DATA)"
    same 0 "$(fake_smtp_count ' clear (data|partial|early|lost) ')"
    same DATA "$(fake_smtp_said "$(awk '$5 == "C" && $6 == "DATA" { print $2 }' "$FAKE_SMTP_LOG")" | tail -n 1)"
}

# ---- inside views

@test "0.9: what a server accepts from its own host is no open relay" {
    bare_server <<<'on RCPT 250 Ok'
    check_as INSIDE
    same 3 "$status"
    finding UNKNOWN trusted
    first_line 'not an outside view'
    check_as INSIDE --trusted-source
    same 0 "$status"
    finding OK trusted
}

@test "--trusted-source: what is accepted from a public address is meant to be, too" {
    server <<<'[to=*@foreign.example] on RCPT 250 Ok'
    check --trusted-source
    same 0 "$status"
    finding OK trusted
    contains "$output" '--trusted-source'
}

@test "0.9: the address of the server in its reply to EHLO is not ours" {
    server <<'END'
on EHLO send 250-[203.0.113.25] Hello monitor.test [198.51.100.66]\r\n250 SIZE\r\n
[to=*@foreign.example] on RCPT 250 Ok
END
    check
    same 2 "$status"
    finding CRITICAL accepts-all || finding CRITICAL open
}

@test "0.9: a closed server seen from inside stays OK" {
    bare_server </dev/null
    check_as INSIDE
    same 0 "$status"
    first_line '11 of 11 probes refused'
}

@test "0.9: a server with a private address is one whose network we are in" {
    server <<<'on RCPT 250 Ok'
    check_as INSIDE --proxy-protocol v2,10.0.0.7:4242,10.0.0.25:25
    same 3 "$status"
    finding UNKNOWN trusted
    first_line '10.0.0.25 is a private address'
    local pair
    for pair in 172.16.0.7:4242,172.31.0.25:25 192.168.1.7:4242,192.168.9.25:25 169.254.0.7:4242,169.254.0.25:25 \
        127.0.0.7:4242,127.0.0.25:25 '[fd00::7]:4242,[fd00::25]:25' '[fe80::7]:4242,[fe80::25]:25' '[::1]:4242,[::1]:25'; do
        check_as INSIDE --proxy-protocol "v2,$pair"
        same "3 $pair" "$status $pair"
        finding UNKNOWN trusted
    done
    # The neighbours of those networks are anybody's.
    for pair in 172.32.0.7:4242,172.15.0.25:25 192.169.1.7:4242,192.167.9.25:25; do
        check_as INSIDE --proxy-protocol "v2,$pair"
        same "2 $pair" "$status $pair"
    done
}

@test "0.9: the reply to EHLO says that the server sees us inside, and we are behind its NAT" {
    server <<<'on EHLO 250 mail.test Hello monitor.test [203.0.113.25]
on RCPT 250 Ok'
    check
    same 3 "$status"
    finding UNKNOWN trusted
    first_line 'it sees us come from 203.0.113.25'
}

@test "0.9: a NAT in front of the server hides its clients, and it trusts them all: an open relay" {
    server <<<'on EHLO 250 mail.test Hello monitor.test [172.17.0.1]
on RCPT 250 Ok'
    check
    same 2 "$status"
    finding CRITICAL accepts-all
    first_line 'it sees us as 172.17.0.1, not as 198.51.100.66'
    contains "$output" 'Let the server see the addresses of its clients'
    finding OK seen-as
}

# ---- no answers

@test "3: greylisting of everybody, postmaster included: UNKNOWN" {
    server <<<'on RCPT 450 4.7.1 Greylisted, try again in 300 seconds'
    check
    same 3 "$status"
    finding UNKNOWN deferred
    first_line 'deferred=11'
    same 0 "$(fake_smtp_said | grep -c DATA)"
}

@test "4.2: a deferral is asked about again in another session of the run, and then counts" {
    server <<<'[first=1 each] on RCPT 450 4.3.2 Service currently unavailable'
    check --max-sessions 30 --max-connections 30
    same 0 "$status"
    first_line 'refused=11 deferred=0'
    fake_smtp_stop
    server <<<'[first=2] on RCPT 450 4.2.0 Greylisted, come back in 1 second'
    check --probe A1
    same 0 "$status"
}

@test "greylisting of the server's own recipients alone does not hide that it refuses to relay" {
    server <<<'rcpt postmaster@example.test 450 4.2.0 Greylisted, see https://postgrey.example/'
    check
    same 0 "$status"
    finding OK control-deferred
}

@test "RFC 5321 4.5.1: a closed server without a postmaster is OK with a note; one that is not for the domain is no verdict" {
    server <<<'mailbox alice'
    check
    same 0 "$status"
    finding OK control-deferred
    check -d other.test
    same 3 "$status"
    finding UNKNOWN blocked
    contains "$output" 'correct --domain'
}

@test "3: blocked: postmaster is refused, too, in words about us" {
    server <<<'on RCPT 554 5.7.1 Service unavailable; Client host [198.51.100.66] blocked using bl.example'
    check
    same 3 "$status"
    finding UNKNOWN blocked
    first_line 'refuses us even postmaster@example.test: 554 5.7.1 Service unavailable'
}

@test "3: no answer about the postmaster is no control: UNKNOWN, unless the probes were refused plainly" {
    local control reply
    for control in close '421 4.3.2 later' silent; do
        for reply in '554 5.7.1 Service unavailable; blocked using x.test' '550 no' '550 5.1.1 user unknown'; do
            server <<END
rcpt postmaster@* $control
on RCPT $reply
END
            check -t 3
            same "$control, $reply: 3" "$control, $reply: $status"
            finding UNKNOWN incomplete || finding UNKNOWN blocked
            fake_smtp_stop
        done
    done
    server <<<'rcpt postmaster@* close'
    check
    same 0 "$status"
}

@test "4.2: words about us, to all but the postmaster, whom blocklists spare, say nothing about relaying" {
    server <<<'[to=*@foreign.example] on RCPT 550 5.7.1 Client host [198.51.100.66] blocked using zen.spamhaus.org'
    check
    same 3 "$status"
    finding UNKNOWN blocked
    first_line 'blocked using zen.spamhaus.org'
}

@test "4.2: the answer of an error counter is void, and the probe is asked again in a new session" {
    server <<<'[errors=1] on RCPT 550 Rejected for too many bad recipients'
    check --max-sessions 20 --max-connections 30
    same 0 "$status"
    first_line 'refused=11 deferred=0 skipped=0'
}

@test "4.3: a server that hangs up at the third error, and one that drops with 421, get verdicts" {
    server <<<'[errors=2] on any 421 4.5.0 Too many errors'
    check
    same 0 "$status"
    fake_smtp_stop
    server <<<'[errors=1] on RCPT 421 4.7.0 Too many errors
[errors=1] on MAIL 421 4.7.0 Too many errors'
    check --per-session 1 --max-sessions 20
    same 0 "$status"
}

@test "4.2: who takes no RSET, or one MAIL a connection, answers the session and not the probe: it is asked anew" {
    local probe
    for probe in 'sender=<>' 'sender=alice@example.test' 'sender=probe@mail.test'; do
        server <<END
on RSET 502 5.5.1 not implemented
[$probe to=recipient@foreign.example] on RCPT 250 ok
END
        check
        same 2 "$status"
        finding CRITICAL open
        fake_smtp_is_polite
        fake_smtp_stop
    done
    server <<'END'
[after=1 session] on MAIL 503 5.5.1 one sender only
[sender=alice@example.test to=recipient@foreign.example] on RCPT 250 ok
END
    check
    same 2 "$status"
    finding CRITICAL open
    fake_smtp_stop
    server <<<'[after=1 session] on MAIL 550 one message a connection'
    check
    same 0 "$status"
    same 0 "$(grep -c 'skipped A[1-6] ' <<<"$output")"
}

@test "4.2: 503 at RCPT without words about relaying is about the order of commands; chasquid's 503 5.7.1 is a refusal" {
    server <<<'rcpt *@foreign.example 503 5.5.1 Bad sequence of commands'
    check --max-sessions 30 --max-connections 40
    same 3 "$status"
    finding UNKNOWN incomplete
    fake_smtp_stop
    server <<<'rcpt *@foreign.example 503 5.7.1 not here'
    check
    same 0 "$status"
}

@test "3.8: two sessions in a row that end with 421 are the last ones" {
    server <<<'on RCPT 421 4.7.0 Try again later'
    check
    same 3 "$status"
    finding UNKNOWN incomplete
    same 2 "$(fake_smtp_connections)"
}

@test "4.3: a tarpit that says nothing to the second MAIL does not end as 'not a relay'" {
    server <<<'[errors=1] on MAIL silent
[errors=1] on RCPT silent'
    check -t 1.5
    same 3 "$status"
    finding UNKNOWN incomplete
    contains "$output" 'A'
}

@test "some of the rest not asked: OK when the deciding probes were answered" {
    server </dev/null
    check --max-sessions 4
    same 0 "$status"
    finding OK skipped
    first_line 'skipped=4'
    same 4 "$(fake_smtp_connections)"
}

@test "deciding probes not asked for want of sessions: UNKNOWN, and which" {
    server </dev/null
    check --max-sessions 2
    same 3 "$status"
    finding UNKNOWN incomplete
    first_line '--max-sessions was reached'
}

@test "4.3: --interval stands between two connections: where it does not fit into the time, there is no second one" {
    server </dev/null
    check --interval 60 -t 5
    same 3 "$status"
    finding UNKNOWN incomplete
    same 1 "$(fake_smtp_connections)"
}

@test "a greeting that refuses: nothing is asked, UNKNOWN" {
    local greeting
    for greeting in '554 5.7.1 no' '521 mail.test does not accept mail' '450 4.3.2 later'; do
        server <<<"$greeting"
        check
        same 3 "$status"
        finding UNKNOWN greeting
        same QUIT "$(fake_smtp_said)"
        fake_smtp_stop
    done
}

@test "EHLO and HELO refused: UNKNOWN with the server's words" {
    server <<<'on EHLO 550 5.7.1 bad name
on HELO 550 5.7.1 bad name'
    check
    same 3 "$status"
    finding UNKNOWN greeting
    first_line 'bad name'
}

@test "a server that refuses connections is the target's failure" {
    bare_server <<<'refused'
    check_as INSIDE
    same 2 "$status"
    finding CRITICAL unreachable
}

@test "a server that drops our packets, or says nothing, is the target's failure, too" {
    local script
    bare_server <<<'unreachable'
    check_as INSIDE -t 2
    same 2 "$status"
    finding CRITICAL unreachable
    fake_smtp_stop
    for script in 'on connect silent' 'on EHLO silent'; do
        server <<<"$script"
        check -t 2
        same 2 "$status"
        finding CRITICAL unreachable
        fake_smtp_stop
    done
}

@test "a server that bans us in the middle is not down" {
    server <<<'[connection=3-] on accept reset'
    check
    same 3 "$status"
    finding UNKNOWN incomplete
}

@test "the recipient's domain was refused because it does not exist: nothing is known" {
    server <<<'rcpt *@foreign.example 450 4.1.2 <x>: Recipient address rejected: Domain not found'
    check
    same 3 "$status"
    finding UNKNOWN domain-refused
    contains "$output" '--to'
}

@test "the sender's domain was refused, and the other senders for another reason: OK with a note" {
    server <<<'mail probe@foreign.example 553 5.1.8 Domain of sender address probe@foreign.example does not exist'
    check
    same 0 "$status"
    finding OK sender-refused
}

@test "4.2: senders that are refused for themselves say nothing about relaying: UNKNOWN" {
    local reply
    for reply in '550 Sender verify failed' '550 5.1.7 x' '517 Domain does not exist: foreign.example.'; do
        server <<<"[sender=*@*] on MAIL $reply"
        check
        same "$reply: 3" "$reply: $status"
        finding UNKNOWN domain-refused
        contains "$output" 'because of its sender'
        fake_smtp_stop
    done
    server <<<'[sender=*@*] on RCPT 550 5.7.1 SPF fail'
    check
    same 3 "$status"
    finding UNKNOWN domain-refused
}

@test "spoof protection refuses senders of its own domain; the others were refused to relay: OK with a note" {
    server <<<'[sender=*@example.test to=*@foreign.example] on RCPT 553 5.7.1 Sender address rejected: not logged in'
    check
    same 0 "$status"
    finding OK sender-refused
}

@test "530 before STARTTLS: UNKNOWN in the clear; with --starttls the answers under TLS count" {
    fake_certificates
    server <<<'[!tls] on MAIL 530 5.7.0 Must issue a STARTTLS command first'
    check
    same 3 "$status"
    finding UNKNOWN tls-needed
    check --starttls --max-sessions 20 --max-connections 30 --interval 0.1
    same 0 "$status"
    fake_smtp_stop
    server <<<'[!tls] on MAIL 530 5.7.0 Must issue a STARTTLS command first'
    check --starttls --probe A1 --interval 0.5
    same 0 "$status"
    fake_smtp_is_polite
}

@test "3: a server that relays under TLS and not in the clear: the worst of both, and the difference" {
    fake_certificates
    server <<<'[tls to=*@foreign.example] on RCPT 250 Ok'
    check --starttls --max-sessions 20 --max-connections 30
    same 2 "$status"
    finding CRITICAL open
    finding OK tls-differs
    first_line 'under TLS'
}

@test "--starttls where it is not offered: a note, and the clear answers count" {
    server <<<'withhold STARTTLS'
    check --starttls
    same 0 "$status"
    finding OK no-starttls
}

@test "--starttls with a STARTTLS that fails: the clear probes are asked, and the failure is told" {
    local failure
    fake_certificates
    for failure in 'on STARTTLS 454 4.7.0 TLS not available' 'on STARTTLS 502 5.5.1 no' 'on handshake alert 40' \
        'on STARTTLS
    220 go
    close'; do
        server <<END
$failure
[!tls sender=alice@* to=*@foreign.example] on RCPT 250 ok
END
        check --starttls
        same 2 "$status"
        finding CRITICAL open
        finding UNKNOWN tls-failed
        fake_smtp_stop
    done
}

@test "a host without an address, and a resolver that fails" {
    fake_dns_start - <<<'soa test
broken.test A SERVFAIL
broken.test AAAA SERVFAIL'
    check_host gone.test
    same 2 "$status"
    finding CRITICAL no-address
    check_host broken.test
    same 3 "$status"
    finding UNKNOWN dns-error
}

@test "0.7: an address of the host that says nothing leaves the others their time" {
    fake_dns_start - <<<'soa test
two.test A 127.0.0.2
two.test A 127.0.0.3'
    server --listen 127.0.0.2:0 --listen 127.0.0.3:0 <<'END'
@127.0.0.2 on connect silent
@127.0.0.3 [to=*@foreign.example] on RCPT 250 ok
END
    check -H two.test -t 6
    same 2 "$status"
    finding CRITICAL unreachable
    finding CRITICAL open
}

@test "0.7: an address of the host that is slow with each reply leaves the others their time" {
    fake_dns_start - <<<'soa test
two.test A 127.0.0.2
two.test A 127.0.0.3'
    server --listen 127.0.0.2:0 --listen 127.0.0.3:0 <<'END'
@127.0.0.2 [delay=1500] on any
@127.0.0.3 [to=*@foreign.example] on RCPT 250 ok
END
    check -H two.test -t 10
    same 2 "$status"
    finding CRITICAL open
    finding UNKNOWN incomplete
}

@test "-4 and -6: the words name the family; an address of the other one is a usage error" {
    fake_dns_start - <<<'soa test
six.test AAAA ::1'
    check_host six.test -4
    same 2 "$status"
    finding CRITICAL no-address
    contains "$output" 'the name has no IPv4 address; -4 leaves out'
    check_host ::1 -4
    same 3 "$status"
    first_line '::1 is none of the family that -4 asks for'
}

@test "no route to an address is our trouble" {
    # The kernel refuses to take this one for a host's: nothing is sent.
    check_as INSIDE -H 255.255.255.255
    same 3 "$status"
    finding UNKNOWN no-route
}

@test "bad-address: a name that has an address of documentation leads to nobody" {
    require_tool strace
    relay=$(traced "$relay")
    fake_dns_start - <<<'soa test
mail.test A 127.0.0.1
mail.test A 192.0.2.25
lost.test A 198.51.100.25
lost.test AAAA 2001:db8::25'
    bare_server </dev/null
    check_host mail.test -4
    finding WARNING bad-address
    contains "$output" '192.0.2.25'
    contains "$output" 'documentation'
    check_host lost.test
    same 2 "$status"
    finding CRITICAL bad-address
    contains "$output" 'it was not asked'
    no_connection_to '192.0.2.' '198.51.100.' '2001:db8:'
}

# ---- memory

@test "a state file: answers hold, and a run asks the oldest ones again in turn" {
    server </dev/null
    check --state-file state
    same 6 "$(fake_smtp_connections)"
    check --state-file state
    same 0 "$status"
    first_line '11 of 11 probes refused,'
    first_line 'of them remembered'
    first_line 'sessions=1'
    same 7 "$(fake_smtp_connections)"
    check --state-file state --keep 0
    same 13 "$(fake_smtp_connections)"
    # 15 in ten minutes: two are left.
    check --state-file state --keep 0
    same 15 "$(fake_smtp_connections)"
    same 3 "$status"
    first_line '--max-connections in ten minutes was reached'
    check --state-file state
    same 15 "$(fake_smtp_connections)"
}

@test "what was accepted is asked about first in the next run, so that a repair shows at once" {
    server <<<'[first=2 to=*@foreign.example] on RCPT 250 Ok'
    check --state-file state
    same 2 "$status"
    check --state-file state
    same 0 "$status"
}

@test "a state file about another domain, and one that is damaged" {
    server </dev/null
    check --state-file state
    check --state-file state --to x@other.example
    first_line '11 of 11 probes refused |'
    printf 'postmaster-plugins relay 1\nrubbish\n' >state
    check --state-file state
    same 1 "$status"
    finding WARNING state-file
    [ -f state.corrupt ]
}

@test "an answer counts for the same question and the same client alone: another EHLO name, source or probe is asked anew" {
    server <<'END'
[helo=friend.test sender=alice@* to=*@foreign.example] on RCPT 250 ok
[from=198.51.100.200 sender=postmaster@* to=*@foreign.example] on RCPT 250 ok
rcpt *#* 250 ok
END
    check --state-file state --max-connections 100
    same 0 "$status"
    check --state-file state --max-connections 100 --ehlo friend.test
    same 2 "$status"
    contains "$output" 'accepted A3 '
    check --state-file state --max-connections 100 --proxy-protocol 'v2,198.51.100.200:4242,203.0.113.25:25'
    same 2 "$status"
    contains "$output" 'accepted A4 '
    # What was found as the first one is still known.
    check --state-file state --max-connections 100
    same 0 "$status"
    first_line 'of them remembered'
    first_line 'sessions=1'
    echo 'B3 routed default - <{F}> <{L}#{X}@{D}>' >mine
    check --state-file state --max-connections 100 --probe-file mine
    same 2 "$status"
    finding CRITICAL routes-on
}

@test "runs at the same time: one after the other asks, the others go by its answers" {
    local pids=() i
    server --latency 5 </dev/null
    for ((i = 0; i < 5; i++)); do
        check --state-file state -t 60 &
        pids+=($!)
    done
    wait "${pids[@]}"
    # The first one asks all, the others one session each.
    same $((6 + 4)) "$(fake_smtp_connections)"
    same 1 "$(fake_smtp_most_open)"
    same 10 "$(grep -c '^connected' state)"
}

@test "who waits in vain for another run asks nothing; a run that is killed has counted its connection" {
    server <<<'on connect silent'
    start_check --state-file other -t 20
    connected() { [ "$(fake_smtp_connections)" -ge 1 ]; }
    poll_until 10 connected
    check --state-file other -t 1
    same 3 "$status"
    finding UNKNOWN incomplete
    first_line 'another run of the check holds the state file'
    kill "$CHECK_PID"
    wait "$CHECK_PID" || :
    # It was killed: its connection is counted all the same.
    same 1 "$(grep -c '^connected' other)"
}

# counting_server [OPTION...]: a server that hangs up at the third error of a connection, whatever it answers; the script on
# standard input comes first.
counting_server() {
    {
        cat
        echo 'on QUIT 221 2.0.0 Bye'
        echo '[errors=2] on any 421 4.5.0 Too many errors'
    } >counting
    server "$@" <counting
}

# never_a_third_error: and nobody was hung up on.
never_a_third_error() {
    same 2 "$(most_errors)"
    same 0 "$(fake_smtp_count ' S [A-Z]+ 421 ')"
    fake_smtp_is_polite
}

@test "4.3: refused EHLO, RSET and MAIL are errors of the session, too: it ends before a third, the rest is asked in others" {
    local script
    for script in 'on EHLO 502 5.5.1 not implemented' 'on RSET 502 5.5.1 not implemented' \
        $'on EHLO 502 5.5.1 not implemented\non RSET 502 5.5.1 not implemented' \
        $'on EHLO 500 unknown command\n[sender=probe@*] on MAIL 554 5.7.1 Relay access denied'; do
        counting_server <<<"$script"
        check --max-sessions 30 --max-connections 40
        same "0 $script" "$status $script"
        first_line '11 of 11 probes refused'
        never_a_third_error
        fake_smtp_stop
    done
    # With the defaults the deciding probes are answered, one a session.
    counting_server <<<'on EHLO 502 5.5.1 not implemented'
    check
    same 0 "$status"
    finding OK skipped
    first_line 'refused=8 '
    first_line 'sessions=8 '
    never_a_third_error
}

@test "4.3: --per-session 1 asks where EHLO is refused; EHLO and HELO refused are two errors and the end" {
    counting_server <<<'on EHLO 502 5.5.1 not implemented'
    check --per-session 1
    same 0 "$status"
    never_a_third_error
    fake_smtp_stop
    counting_server <<<$'on EHLO 502 5.5.1 no\non HELO 502 5.5.1 no'
    check
    same 3 "$status"
    same 1 "$(fake_smtp_connections)"
    never_a_third_error
}

@test "0.5: QUIT ends every session, also with a server that owes a reply or says what is none" {
    local script
    for script in 'on EHLO silent' 'on EHLO send 250-mail.t' 'on MAIL send abc\r\n' 'on RCPT silent' 'on RSET silent' \
        'on RCPT send 2500 x\r\n'; do
        server <<<"$script"
        check -v -t 2.5
        fake_smtp_is_polite
        same "QUIT $script" "$(fake_smtp_said | tail -n 1) $script"
        fake_smtp_stop
    done
    contains "$output" 'QUIT: its reply was not waited for'
}

@test "0.4: no QUIT before the greeting is whole, nor where it would be TLS, nor where it would be content" {
    local script
    for script in 'on connect silent' 'on connect send 220-mail.test\r\n' 'on connect send 2200 x\r\n'; do
        server <<<"$script"
        check -t 2
        fake_smtp_settle
        same " $script" "$(fake_smtp_said) $script"
        fake_smtp_stop
    done
    server <<<$'offer STARTTLS\non STARTTLS silent'
    check -t 3 --starttls --probe A1
    fake_smtp_settle
    contains "$(fake_smtp_said)" STARTTLS
    same 0 "$(fake_smtp_said | grep -A 1 STARTTLS | grep -c QUIT)"
    fake_smtp_stop
    server <<<$'on DATA silent\n[to=*] on RCPT 250 ok'
    check -t 3 --data-abort --probe A1
    fake_smtp_settle
    contains "$(fake_smtp_said)" DATA
    same 0 "$(fake_smtp_said | grep -A 1 DATA | grep -c QUIT)"
}

@test "--extended goes round in several runs, two refusals a connection" {
    server </dev/null
    check --extended --state-file state --max-sessions 60 --max-connections 60
    same 0 "$status"
    same 2 "$(most_errors)"
    fake_smtp_is_polite
    first_line '89 of 89 probes refused'
    same 45 "$(fake_smtp_connections)"
    contains "$(cat state)" 'B31-alice'
}

@test "60 checks in a row, by the clock of the machine: 15 connections, two refusals each, and a verdict every time" {
    local i
    server </dev/null
    for ((i = 0; i < 60; i++)); do
        check --state-file state
        same "check $i: 0" "check $i: $status"
    done
    same 15 "$(fake_smtp_connections)"
    same 2 "$(most_errors)"
    fake_smtp_is_polite
}

@test "the same by turns over IPv4 and IPv6: each address has its 15" {
    local i
    fake_dns_start - <<<'soa test
mail.test A 127.0.0.1
mail.test AAAA ::1'
    bare_server --listen 127.0.0.1:0 --listen '[::1]:0' </dev/null
    for ((i = 0; i < 20; i++)); do
        check_as INSIDE -H mail.test "-$((4 + i % 2 * 2))" --state-file state
        same "check $i: 0" "check $i: $status"
    done
    same 15 "$(fake_smtp_connections 127.0.0.1)"
    same 15 "$(fake_smtp_connections ::1)"
}

@test "without --state-file there is one all the same, below MP_STATE_PATH; a folder of others is not used" {
    server </dev/null
    export MP_STATE_PATH=$PWD
    check_with_default_memory
    check_with_default_memory
    first_line 'of them remembered'
    [ -s "postmaster-plugins-$(id -u)/relay-127.0.0.1-$FAKE_SMTP_PORT-example.test" ]
    chmod 777 "postmaster-plugins-$(id -u)"
    check_with_default_memory
    same 1 "$status"
    finding WARNING state-file
}

# ---- options

@test "a probe file of one's own; an id of the shipped file takes its place" {
    server <<<'rcpt odd@foreign.example 250 Ok'
    printf 'Z1 relay deciding - <{F}> <odd@{X}>\nA1 relay default - <> <{T}>\n' >mine
    check --probe-file mine --probe Z1
    same 2 "$status"
    first_line '(Z1)'
    check --probe-file mine --probe A1
    same 0 "$status"
    contains "$output" 'refused A1 MAIL FROM:()'
}

@test "usage errors: a domain is letters, digits and hyphens" {
    check -d 'x>y.test'
    same 3 "$status"
    first_line '--domain'
    [ ! -e "${FAKE_SMTP_LOG-none}" ]
}

@test "a code that is none of SMTP is told as that" {
    server <<<'on connect send 000 x\r\n'
    check
    [ "$status" -ge 2 ]
    [[ ${output%%$'\n'*} == *'127.0.0.1:'*': '[a-z0-9]* ]]
}

@test "usage errors: no probe is left" {
    check --probe A1 --skip A1
    same 3 "$status"
    first_line 'no probe is left'
    check --probe C-A
    same 3 "$status"
    first_line 'no probe is left'
}

@test "--timeout-result is for what the deadline left unasked" {
    server --latency 100 </dev/null
    check -t 1
    same 3 "$status"
    finding UNKNOWN incomplete
    check -t 1 --timeout-result critical
    same 2 "$status"
    finding CRITICAL incomplete
    first_line 'the time was up'
}

@test "usage errors: a third party, an unknown id, the server's own domain, a probe for strangers" {
    server </dev/null
    check --probe A99
    same 3 "$status"
    first_line '--probe: there is no probe "A99"'
    check --to recipient@mail.example.test
    first_line "the server's own --domain"
    check --to recipient
    first_line '--to: expected an address'
    printf 'Z1 relay default - <{F}> <victim@gmail.com>\n' >mine
    check --probe-file mine
    same 3 "$status"
    first_line 'mine:1: a domain is written out'
    same 0 "$(fake_smtp_connections)"
}

@test "--skip, --probe and --per-session" {
    server </dev/null
    check --skip A18 --skip b3
    same 0 "$status"
    first_line '9 of 9 probes refused'
    check --probe A1 --per-session 1
    first_line '1 of 1 probes refused'
    first_line 'sessions=2'
}

@test "JSON: probes and controls with stable keys" {
    require_tool jq
    server </dev/null
    check --output-format json
    same '["address","age","code","enhanced","id","reason","recipient","sender","text","tls","verdict"]' \
        "$(jq -c '.probes[0] | keys' <<<"$output")"
    same '11 refused' "$(jq -r '"\(.probes | length) \(.probes[0].verdict)"' <<<"$output")"
    same 'C-C accepted' "$(jq -r '.controls[] | select(.id == "C-C") | "\(.id) \(.verdict)"' <<<"$output")"
    bare_server <<<'refused'
    check_as INSIDE --output-format json
    same skipped "$(jq -r '.probes[0].verdict' <<<"$output")"
}

@test "hostile replies reach no terminal" {
    server <<<'on RCPT 250 \e[31mOk|\0x
name \e[31mmail'
    check -vv
    case $output in
    *$'\e'*) false ;;
    esac
    contains "$output" '\x1B'
}
