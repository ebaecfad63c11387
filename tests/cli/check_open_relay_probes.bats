#!/usr/bin/env bats
# check_open_relay: each probe of its table, as it goes to the wire, and what an acceptance of it alone is called.

load helper
load assert
load relay

setup() {
    relay_setup
}

teardown() {
    fake_smtp_stop
}

# wire: prints "SENDER RECIPIENT" for each pair that the server was asked, once, sorted.
wire() {
    fake_smtp_said | awk '
        /^MAIL FROM:/ { sender = substr($0, 11) }
        /^RCPT TO:/ { print sender " " substr($0, 9) }
    ' | sed 's/\\x5C/\\/g' | sort -u
}

# The forms of the specification, with the values of a run: from probe@foreign.example to recipient@foreign.example, the domain
# example.test, the server mail.test at 203.0.113.25.
table() {
    cat <<'END'
A1 <probe@foreign.example> <recipient@foreign.example>
A2 <> <recipient@foreign.example>
A3 <alice@example.test> <recipient@foreign.example>
A4 <postmaster@example.test> <recipient@foreign.example>
A5 <probe@mail.test> <recipient@foreign.example>
A6 <probe@[203.0.113.25]> <recipient@foreign.example>
A7 <probe> <recipient@foreign.example>
A8 <probe@localhost> <recipient@foreign.example>
A9 <probe@[127.0.0.1]> <recipient@foreign.example>
A10 <recipient@foreign.example> <recipient@foreign.example>
A11 <probe@foreign.example> recipient@foreign.example
A12 <probe@foreign.example> <recipient@foreign.example.>
A13 <probe@foreign.example> <recipient@[192.0.2.77]>
A14 <probe@foreign.example> <SMTP:recipient@foreign.example>
A15 <probe@foreign.example> <mail.test:recipient@foreign.example>
A18 <probe@foreign.example> <@mail.test:recipient@foreign.example>
A19 <probe@foreign.example> <@[203.0.113.25]:recipient@foreign.example>
A20 <probe@foreign.example> <@example.test:recipient@foreign.example>
A21 <probe@foreign.example> <@mail.test,@example.test:recipient@foreign.example>
B1 <probe@foreign.example> <recipient%foreign.example@mail.test>
B2 <probe@foreign.example> <recipient%foreign.example@[203.0.113.25]>
B3 <probe@foreign.example> <recipient%foreign.example@example.test>
B4 <probe@foreign.example> <recipient%foreign.example>
B5 <probe@foreign.example> <recipient%foreign.example@localhost>
B6 <probe@foreign.example> <recipient%foreign.example%mail.test@example.test>
B7 <probe@foreign.example> <recipient%[foreign.example]@>
B8 <probe@foreign.example> <"recipient@foreign.example">
B9 <probe@foreign.example> <"recipient%foreign.example">
B10 <probe@foreign.example> <"recipient@foreign.example"@mail.test>
B11 <probe@foreign.example> <"recipient@foreign.example"@[203.0.113.25]>
B12 <probe@foreign.example> <"recipient@foreign.example"@example.test>
B13 <probe@foreign.example> <"recipient%foreign.example"@example.test>
B14 <probe@foreign.example> <"recipient\@foreign.example"@example.test>
B15 <probe@foreign.example> <"recipient@foreign.example@example.test>
B16 <probe@foreign.example> <recipient@foreign.example@mail.test>
B17 <probe@foreign.example> <recipient@foreign.example@[203.0.113.25]>
B18 <probe@foreign.example> <recipient@foreign.example@example.test>
B19 <probe@foreign.example> <recipient@foreign.example@>
B20 <probe@foreign.example> <recipient@[foreign.example]@>
B21 <probe@foreign.example> <recipient\@foreign.example@example.test>
B22 <probe@foreign.example> <recipient@foreign.example @example.test>
B22b <probe@foreign.example> <recipient@foreign.example;@example.test>
B22c <probe@foreign.example> <alice@example.test,recipient@foreign.example>
B23 <probe@foreign.example> <foreign.example!recipient>
B24 <probe@foreign.example> <foreign.example!recipient@mail.test>
B25 <probe@foreign.example> <foreign.example!recipient@[203.0.113.25]>
B26 <probe@foreign.example> <foreign.example!recipient@example.test>
B27 <probe@foreign.example> <example.test!foreign.example!recipient>
B28 <probe@foreign.example> <"foreign.example!recipient"@example.test>
B29 <probe@foreign.example> <IMCEASMTP-recipient+40foreign.example@example.test>
B30 <probe@foreign.example> </DDA=recipient%foreign.example/@example.test>
B31 <probe@foreign.example> </S=recipient/P=foreign.example/@example.test>
END
}

# expected: "SENDER RECIPIENT" of the lines of `table` on standard input, with the control of us, sorted.
expected() {
    {
        cut -d ' ' -f 2-
        echo '<> <postmaster@example.test>'
    } | sort -u
}

# ids ARRAY: of the JSON, sorted.
ids() {
    jq -r ".$1[].id" <<<"$output" | LC_ALL=C sort -V | tr '\n' ' '
}

@test "4.1: the default set is A1 to A6, A18, B3, B12, B18, B26 and the control C-C, nothing else is asked" {
    server </dev/null
    check --output-format json
    same 'A1 A2 A3 A4 A5 A6 A18 B3 B12 B18 B26 ' "$(ids probes)"
    same "$(table | grep -E '^(A[1-6]|A18|B3|B12|B18|B26) ' | expected)" "$(wire)"
}

@test "4.1: --extended asks every form of the table, those of B from alice@ as well, and XCLIENT where it is offered" {
    server <<<$'offer XCLIENT NAME ADDR\noffer XFORWARD NAME ADDR\non XCLIENT 550 5.7.1 no\non XFORWARD 550 5.7.1 no'
    check --extended --max-sessions 100 --max-connections 100 --output-format json
    same "$({
        table
        table | sed -n 's/^B\([^ ]*\) <probe@foreign.example>/B\1 <alice@example.test>/p'
    } | expected)" "$(wire)"
    # A16: the same words behind another name.
    contains "$(fake_smtp_said)" 'EHLO example.test'
    contains "$(fake_smtp_said)" 'EHLO mail.test'
    contains "$(fake_smtp_said)" 'XCLIENT NAME=[UNAVAILABLE]'
    contains "$(fake_smtp_said)" 'XFORWARD NAME=[UNAVAILABLE]'
    same 89 "$(jq '[.probes[] | select(.verdict == "refused")] | length' <<<"$output")"
}

@test "4.1: each form of group A that is accepted, and no other, is an open relay" {
    local id
    server <<<$'rcpt x-*.invalid 550 5.1.2 no\n[to=*] on RCPT 250 ok'
    for id in $(table | grep -o '^A[0-9]*') A16 A16b; do
        check --probe "$id"
        same "2 $id" "$status $id"
        finding CRITICAL open
        first_line "($id)"
    done
}

@test "4.1: each form of group B that is accepted by a server that refuses unknown names is routed on" {
    local id
    server <<<$'rcpt nx-* 550 5.1.1 no such user\n[to=*] on RCPT 250 ok'
    for id in $(table | grep -o '^B[0-9]*b*\>'); do
        check --probe "$id"
        same "2 $id" "$status $id"
        finding CRITICAL routes-on
        first_line "($id)"
    done
    # Who takes the first of a list may have taken it for alice's.
    check --probe B22c
    same 1 "$status"
    finding WARNING ambiguous
}

@test "4.1: the same forms of a server that takes everything are ambiguous" {
    local id
    server <<<'on RCPT 250 ok'
    for id in $(table | grep -o '^B[0-9]*[bc]*'); do
        check --probe "$id"
        same "1 $id" "$status $id"
        finding WARNING ambiguous
    done
}

@test "4.1: C-A and C-B are asked behind an acceptance, each with words at random" {
    server <<<'on RCPT 250 ok'
    check
    fake_smtp_said >first
    check
    same 2 "$(fake_smtp_said | grep -c '^RCPT TO:<x-[a-z0-9]*@[a-z0-9]*\.invalid>$')"
    same 2 "$(fake_smtp_said | grep '^RCPT TO:<x-' | sort -u | wc -l)"
    same 2 "$(fake_smtp_said | grep -c '^RCPT TO:<nx-[a-z0-9]*@example\.test>$')"
    same 2 "$(fake_smtp_said | grep -c '^RCPT TO:<nx-[a-z0-9]*%nx2-[a-z0-9]*@example\.test>$')"
}

@test "4.1: sub-addressing is no relaying: no probe asks for it" {
    server <<<'rcpt *+*=*@example.test 250 2.1.5 Ok'
    check --extended --max-sessions 100 --max-connections 100
    same 0 "$status"
    first_line 'accepted=0 '
}

@test "3: submission over implicit TLS that wants authentication: OK" {
    fake_certificates
    server <<<$'implicit-tls\n[to=*foreign.example] on RCPT 550 5.7.1 Authentication required'
    check --implicit-tls
    same 0 "$status"
    finding OK auth
}
