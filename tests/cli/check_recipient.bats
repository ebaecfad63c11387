#!/usr/bin/env bats
# check_recipient through the real binary against scripted DNS and SMTP servers. Each row of the table of conditions is a
# test of its own, named by its id.

load helper
load assert
load counter
load recipient

setup() {
    recipient_setup
}

teardown() {
    recipient_teardown
}

# ---- the good case

@test "an address that is accepted, while one that nobody has is refused, is OK" {
    serve </dev/null
    check alice@example.test
    same 0 "$status"
    contains "$output" "RECIPIENT OK - alice@example.test: deliverable: mx1.example.test (127.0.0.2:$FAKE_SMTP_PORT) says: 250 "
    contains "$output" ' | undeliverable=0 deliverable=1 deferred=0 unknown=0 addresses=1 rcpt_code=250 time_rcpt=0'
    no_finding OK catch-all
    no_finding OK catch-all-unknown
    fake_smtp_is_polite
}

@test "the control is asked behind the address, on a connection of its own, and DATA is never said" {
    serve </dev/null
    check alice@example.test
    fake_smtp_is_polite
    same 2 "$(fake_smtp_connections)"
    same 'EHLO monitor.test MAIL FROM:<postmaster@monitor.test> RCPT TO:<alice@example.test> QUIT' "$(fake_smtp_said 1 | xargs)"
    [[ $(fake_smtp_said 2 | xargs) =~ ^'EHLO monitor.test MAIL FROM:<postmaster@monitor.test> RCPT TO:<'[a-z2-7]{20}'@example.test> QUIT'$ ]]
}

@test "JSON has the stable keys" {
    require_tool jq
    serve </dev/null
    run_recipient --address alice@example.test --address bob@example.test --address nothing --output-format json
    same 2 "$status"
    same '[["alice@example.test","deliverable","mx1.example.test",250,"2.1.5"],["bob@example.test","undeliverable","mx1.example.test",550,"5.1.1"],["nothing","syntax",null,null,null]]' \
        "$(jq -c '[.recipients[] | [.address, .verdict, .exchanger, .code, .enhanced]]' <<<"$output")"
    same '["address","age","code","enhanced","exchanger","text","verdict"]' "$(jq -c '.recipients[2] | keys' <<<"$output")"
}

@test "JSON has the key on a usage error, too" {
    require_tool jq
    run_recipient --output-format json
    same 3 "$status"
    same '[]' "$(jq -c .recipients <<<"$output")"
}

@test "-vv shows what was said" {
    serve </dev/null
    check alice@example.test -v
    contains "$output" 'RCPT TO:(alice@example.test): 250 '
    contains "$output" '(control) at mx1.example.test: 550 '
}

# ---- syntax

@test "recipient.syntax: the column of the fault is named, and nobody is asked" {
    serve </dev/null
    check 'alice@example@test'
    same 2 "$status"
    finding CRITICAL syntax
    contains "$output" 'column 14: there is a second "@" (RFC 5321 4.1.2)'
    contains "$output" 'undeliverable=1 deliverable=0'
    same 0 "$(fake_smtp_connections)"
}

@test "recipient.syntax: no comment, no line end, nothing obsolete goes to the wire" {
    serve </dev/null
    check 'alice(me)@example.test'
    contains "$output" 'column 6: there is a comment'
    check $'alice@example.test>\r\nDATA'
    contains "$output" 'column 19: an address is given without angle brackets'
    check $'alice\r\nDATA@example.test'
    contains "$output" 'column 6: '
    same 0 "$(fake_smtp_connections)"
}

@test "recipient.syntax: lengths, dots, quotes and literals, each with its column" {
    local local65 label address text
    printf -v local65 'a%.0s' {1..65}
    printf -v label 'b%.0s' {1..60}
    serve </dev/null
    while IFS='|' read -r address text; do
        check "$address" --output-format json
        same "recipient.syntax $address" "$(jq -r '.findings[0].id' <<<"$output") $address"
        contains "$(jq -r '.findings[0].text' <<<"$output")" "$text"
    done <<END
$local65@example.test|column 65: the local part is longer than 64 octets (RFC 5321 4.5.3.1.1)
alice@$label.$label.$label.$label.$label.test|column 262: the domain is too long
${local65:1}@$label.$label.$label.example.test|(RFC 5321 4.5.3.1.3)
alice@$label$label.test|column 70: a label is longer than 63 octets
alice|column 6: there is no "@"
@example.test|column 1: nothing stands before the "@"
alice@|column 7: nothing stands behind the "@"
.alice@example.test|column 1: a dot stands between two characters
alice.@example.test|column 6: a dot stands between two characters
al..ice@example.test|column 4: a dot stands between two characters
al ice@example.test|column 3: there is a blank outside of quotes
"al"ice@example.test|column 5: behind the closing quote comes the "@"
"alice@example.test|column 1: the quoted local part does not end
alice@exa_mple.test|column 10: a domain has letters, digits, hyphens and dots
alice@-example.test|column 7: a label neither begins nor ends with a hyphen
alice@example.test.|column 19: a domain in an address has no final dot
alice@[127.0.0|column 7: the address literal has no closing bracket
alice@[300.0.0.1]|column 8: the address literal is neither [192.0.2.1] nor [IPv6:2001:db8::1]
alice@[IPv6:zz]|column 8: the address literal is neither
alice@[::1]|column 8: the address literal is neither
END
    same 0 "$(fake_smtp_connections)"
    # What is allowed goes to the wire as it stands.
    check '"al ice"@example.test' --catchall off
    contains "$(fake_smtp_said)" 'RCPT TO:<"al ice"@example.test>'
    check "${local65:1}@example.test" --catchall off
    contains "$(fake_smtp_said)" "RCPT TO:<${local65:1}@example.test>"
}

@test "recipient.syntax: UTF-8 in the local part needs --smtputf8" {
    serve <<<'offer SMTPUTF8'
    check 'zoë@example.test'
    contains "$output" 'column 3: a character that is not ASCII needs --smtputf8 (RFC 6531 3.3)'
    check 'zoë@example.test' --smtputf8
    no_finding CRITICAL syntax
    contains "$(fake_smtp_said 1)" ' SMTPUTF8'
}

@test "recipient.no-smtputf8: a server that does not offer it" {
    serve </dev/null
    check 'zoë@example.test' --smtputf8
    same 2 "$status"
    finding CRITICAL no-smtputf8
    same 0 "$(fake_smtp_count ' C MAIL')"
}

@test "a domain with U-labels is asked about by its A-labels" {
    zone 'xn--bcher-kva.test MX 10 mx1.example.test'
    serve <<<'domain xn--bcher-kva.test'
    check 'alice@Bücher.test'
    same 0 "$status"
    contains "$(fake_smtp_said 1)" 'RCPT TO:<alice@xn--bcher-kva.test>'
}

@test "an address literal leads to that host" {
    serve <<<'on RCPT 250 2.1.5 Ok'
    check 'alice@[127.0.0.3]' --catchall off
    same 0 "$status"
    same 1 "$(fake_smtp_connections 127.0.0.3)"
    contains "$(fake_smtp_said)" 'RCPT TO:<alice@[127.0.0.3]>'
}

# ---- the domain

@test "recipient.no-domain: NXDOMAIN" {
    check alice@gone.test
    same 2 "$status"
    finding CRITICAL no-domain
    contains "$output" 'the domain gone.test does not exist'
}

@test "recipient.null-mx: in DNS" {
    zone 'null.test MX 0 .'
    check alice@null.test
    same 2 "$status"
    finding CRITICAL null-mx
}

@test "recipient.null-mx: 556 5.1.10 of a server" {
    reply 556 5.1.10 Recipient address has null MX
    finding CRITICAL null-mx
    same no-domain "$(verdict)"
}

@test "recipient.no-address: neither MX nor an address" {
    zone 'bare.test TXT hello'
    check alice@bare.test
    same 2 "$status"
    finding CRITICAL no-address
}

@test "recipient.no-address: exchangers without an address" {
    zone 'empty.test MX 10 nowhere.empty.test'
    check alice@empty.test
    same 2 "$status"
    finding CRITICAL no-address
    contains "$output" 'no exchanger of empty.test has an address that mail can go to'
}

@test "recipient.dns-error: SERVFAIL is no verdict" {
    zone 'broken.test MX SERVFAIL'
    check alice@broken.test
    same 3 "$status"
    finding UNKNOWN dns-error
    contains "$output" 'MX of broken.test: SERVFAIL'
}

@test "a domain without MX is its own exchanger" {
    zone 'own.test A 127.0.0.2'
    serve <<<'domain own.test'
    check alice@own.test
    same 0 "$status"
}

# ---- accepted

@test "recipient.catch-all: everything is accepted; a note" {
    serve <<<'mailbox *'
    check alice@example.test
    same 0 "$status"
    finding OK catch-all
    same catch-all "$(verdict)"
    contains "$output" 'catch-all, unproved'
}

@test "recipient.catch-all: --catchall warn" {
    serve <<<'mailbox *'
    check alice@example.test --catchall warn
    same 1 "$status"
    finding WARNING catch-all
}

@test "--catchall off does not try" {
    serve <<<'mailbox *'
    check alice@example.test --catchall off
    same 0 "$status"
    no_finding OK catch-all
    same 1 "$(fake_smtp_connections)"
}

@test "recipient.catch-all-unknown: the control is put off or blocked; the result stands" {
    serve <<'END'
[to=alice@*] on RCPT 250 2.1.5 Ok
on RCPT 450 4.7.1 Greylisted
END
    check alice@example.test
    same 0 "$status"
    finding OK catch-all-unknown
    same deliverable "$(verdict)"
}

@test "recipient.catch-all-unknown: the second connection is refused" {
    serve <<<'[connection=2-] 421 4.7.0 Too many connections'
    check alice@example.test
    same 0 "$status"
    finding OK catch-all-unknown
    contains "$output" '421 4.7.0 Too many connections'
}

@test "recipient.forwarded: 251 is a note" {
    reply '251 2.1.5 User not local; will forward to <a@other.test>'
    same 0 "$status"
    finding OK forwarded
    contains "$output" 'deliverable=1'
}

@test "recipient.unverified: 252 is a WARNING" {
    reply 252 2.5.0 Cannot VRFY user, but will accept message
    same 1 "$status"
    finding WARNING unverified
}

# ---- refused for what the address is

@test "recipient.no-such-user: 550 5.1.1" {
    serve </dev/null
    check bob@example.test
    same 2 "$status"
    finding CRITICAL no-such-user
    contains "$output" 'RECIPIENT CRITICAL - bob@example.test: mx1.example.test (127.0.0.2:'
    contains "$output" 'rcpt_code=550'
    same 1 "$(fake_smtp_connections)"
}

@test "recipient.no-such-user: 5.1.2, 5.1.3, 5.1.6 and words without an enhanced code" {
    local text
    for text in '550 5.1.2 Bad destination host' '553 5.1.3 Bad address' '550 5.1.6 Mailbox has moved' \
        '550 Invalid recipient' '550 Unrouteable address' '554 no such user here'; do
        reply "$text"
        finding CRITICAL no-such-user
        same undeliverable "$(verdict)"
    done
}

@test "recipient.no-such-user: 550 5.4.1 of Exchange Online" {
    reply 550 5.4.1 Recipient address rejected: Access denied.
    finding CRITICAL no-such-user
}

@test "recipient.rejected: 550 without a reason" {
    reply 550 No
    same 2 "$status"
    finding CRITICAL rejected
}

@test "recipient.moved: 551" {
    reply '551 5.1.6 User not local; please try <a@other.test>'
    same 2 "$status"
    finding CRITICAL moved
}

@test "recipient.disabled: 5.2.1" {
    reply 550 5.2.1 The account is disabled
    same 2 "$status"
    finding CRITICAL disabled
    same disabled "$(verdict)"
}

@test "recipient.full: 5.2.2, and 552 alone" {
    reply 552 5.2.2 Over quota
    same 2 "$status"
    finding CRITICAL full
    same full "$(verdict)"
    reply 552 Requested action aborted
    finding CRITICAL full
}

# ---- refused for now

@test "recipient.full-now: 452 4.2.2" {
    reply 452 4.2.2 Over quota
    same 1 "$status"
    finding WARNING full-now
    same full "$(verdict)"
    contains "$output" 'undeliverable=0 deliverable=0 deferred=1'
}

@test "recipient.disk-full: 452 4.3.1" {
    reply 452 4.3.1 Insufficient system storage
    same 2 "$status"
    finding CRITICAL disk-full
}

@test "recipient.disk-full: at MAIL" {
    serve <<<'on MAIL 452 4.3.1 Insufficient system storage'
    check alice@example.test
    finding CRITICAL disk-full
}

@test "recipient.too-many: 452 4.5.3, though it is asked alone" {
    reply 452 4.5.3 Too many recipients
    same 1 "$status"
    finding WARNING too-many
}

@test "each address has a connection of its own, so a limit of recipients is not met" {
    serve <<'END'
[recipients=1] on RCPT 452 4.5.3 Too many recipients
mailbox alice carol
END
    run_recipient --address alice@example.test --address carol@example.test -v
    same 0 "$status"
    contains "$output" '2 addresses: 2 accepted, 0 refused, 0 put off'
    same 3 "$(fake_smtp_connections)"
}

@test "recipient.being-verified: 450 4.1.1" {
    reply 450 4.1.1 Recipient address rejected: unverified address: Address verification in progress
    same 1 "$status"
    finding WARNING being-verified
    same unknown "$(verdict)"
}

@test "recipient.deferred: 451 without a reason" {
    reply 451 4.3.0 Temporary lookup failure
    same 1 "$status"
    finding WARNING deferred
}

@test "recipient.greylisted: 4.7.1, 4.2.0, 450 4.3.2, and words" {
    local text
    for text in '450 4.7.1 Greylisted' '451 4.2.0 Not yet' '450 4.3.2 Service currently unavailable' \
        '451 Please try again later' '450 4.2.0 Greylisted, see http://postgrey.test/'; do
        reply "$text"
        same 1 "$status"
        finding WARNING greylisted
        same greylisted "$(verdict)"
    done
}

@test "recipient.greylisted: --greylist ok" {
    serve <<<'on RCPT 450 4.7.1 Greylisted'
    check alice@example.test --greylist ok
    same 0 "$status"
    finding OK greylisted
}

@test "recipient.greylisted: with a state file the time is waited for, then it is asked again" {
    serve <<<'[first=1] on RCPT 450 4.7.1 Greylisted, try again in 90 seconds'
    check alice@example.test --state-file state
    same 1 "$status"
    finding WARNING greylisted
    same 1 "$(fake_smtp_connections)"
    check alice@example.test --state-file state
    same 1 "$status"
    contains "$output" 'it is asked again from '
    same 1 "$(fake_smtp_connections)"
    read -r since due <<<"$(awk -F '\t' '/^greylisted/ { print $3, $4 }' state)"
    same 90 $((due - since))
    # The wait is over.
    sed -i "s/$due/$since/" state
    check alice@example.test --state-file state
    same 0 "$status"
    same deliverable "$(verdict)"
    same 0 "$(grep -c ^greylisted state)"
}

@test "recipient.greylisted: without a time in the reply the wait doubles" {
    serve <<<'on RCPT 450 4.7.1 Greylisted'
    check alice@example.test --state-file state
    read -r since due <<<"$(awk -F '\t' '/^greylisted/ { print $3, $4 }' state)"
    same 300 $((due - since))
    sed -i "s/$due/$since/" state
    check alice@example.test --state-file state
    contains "$output" 'asked 2 times'
    same 2 "$(awk -F '\t' '/^greylisted/ { print $5 }' state)"
    [ "$(awk -F '\t' '/^greylisted/ { print $4 - $3 }' state)" -ge 600 ]
}

@test "recipient.state-file: one that is not ours stays as it is" {
    serve </dev/null
    echo 'my notes' >state
    check alice@example.test --state-file state
    same 3 "$status"
    finding UNKNOWN state-file
    same 'my notes' "$(cat state)"
}

@test "recipient.state-file: a damaged one is set aside" {
    serve </dev/null
    printf 'postmaster-plugins recipient 1\ngreylisted\talice\n' >state
    check alice@example.test --state-file state
    finding UNKNOWN state-file
    [ -e state.corrupt ]
}

# ---- what earlier runs found

# ages SECONDS: the state file is that of so long ago.
ages() {
    make_older state "$1"
}

@test "the control is asked once in --keep seconds, and its answer is remembered" {
    serve <<<'mailbox *'
    check alice@example.test --state-file state --keep 600
    same 2 "$(fake_smtp_connections)"
    ages 300
    check alice@example.test --state-file state --keep 600
    same 3 "$(fake_smtp_connections)"
    finding OK catch-all
    same catch-all "$(verdict)"
    contains "$output" '(control) at mx1.example.test'
    ages 300
    check alice@example.test --state-file state --keep 600
    same 5 "$(fake_smtp_connections)"
}

@test "a control that is greylisted is asked again under its name, after the wait" {
    serve <<'END'
[to=alice@*] on RCPT 250 2.1.5 Ok
[first=1 each] on RCPT 450 4.7.1 Greylisted
on RCPT 550 5.1.1 no such user
END
    check alice@example.test --state-file state
    finding OK catch-all-unknown
    ages 200
    check alice@example.test --state-file state
    same 3 "$(fake_smtp_connections)"
    finding OK catch-all-unknown
    ages 200
    check alice@example.test --state-file state
    same 5 "$(fake_smtp_connections)"
    no_finding OK catch-all-unknown
    same 1 "$(fake_smtp_said | grep '^RCPT' | grep -v alice | sort -u | wc -l)"
}

@test "--max-connections: an earlier answer stands in, with its age; without one the address is unasked" {
    serve <<<'mailbox alice'
    run_recipient --address alice@example.test --address bob@example.test --address carol@example.test \
        --state-file state --max-connections 3 -v
    same 3 "$(fake_smtp_connections)"
    same 2 "$status"
    finding CRITICAL no-such-user
    finding UNKNOWN unasked
    contains "$output" 'carol@example.test: not asked: its server had 3 connections in ten minutes'
    ages 100
    check alice@example.test --state-file state --max-connections 3
    same 3 "$(fake_smtp_connections)"
    same 0 "$status"
    [[ $output == *'250 '*', 10'[0-9]' s ago'* ]]
    check alice@example.test --state-file state --max-connections 3 --output-format json
    same 10 "$(jq '.recipients[0].age / 10 | floor' <<<"$output")"
    # Who was never asked comes first when there is room again.
    ages 600
    run_recipient --address alice@example.test --address bob@example.test --address carol@example.test \
        --state-file state --max-connections 1 -v
    same 4 "$(fake_smtp_connections)"
    contains "$(fake_smtp_said 4)" carol
    [[ $output == *'alice@example.test: deliverable at '*' (70'[0-9]' s ago)'* ]]
    # And what is too old is nothing.
    run_recipient --address alice@example.test --state-file state --max-connections 1 --keep 60 -v
    same 3 "$status"
    finding UNKNOWN unasked
}

@test "what a server answers now is not covered by what it said before" {
    serve <<<'mailbox alice'
    check alice@example.test --state-file state
    fake_smtp_stop
    serve <<<'on RCPT 550 5.7.1 Client host blocked'
    check alice@example.test --state-file state
    same 3 "$status"
    finding UNKNOWN refused-us
    same 0 "$(grep -c '^answer' state)"
}

@test "checks that run at the same time share the limit" {
    local pids=() i
    serve <<<'mailbox *'
    run_recipient --address alice@example.test
    for ((i = 0; i < 12; i++)); do
        run_recipient --address "user$i@example.test" --state-file state --max-connections 7 &
        pids+=($!)
    done
    wait "${pids[@]}" || :
    same $((2 + 7)) "$(fake_smtp_connections)"
    same 7 "$(grep -c '^connected' state)"
}

@test "without --state-file there is one for all checks, below MP_STATE_PATH; a folder of others is not used" {
    serve </dev/null
    export MP_STATE_PATH=$PWD
    check_with_default_memory alice@example.test
    check_with_default_memory alice@example.test
    same 3 "$(fake_smtp_connections)"
    [ -s "postmaster-plugins-$(id -u)/recipient" ]
    chmod 777 "postmaster-plugins-$(id -u)"
    check_with_default_memory alice@example.test
    same 3 "$status"
    finding UNKNOWN state-file
}

# ---- DATA

@test "recipient.refused-late: --data-abort, accepted at RCPT and refused at DATA; a note" {
    serve <<<'on DATA 554 5.5.1 No valid recipients'
    check alice@example.test
    same 0 "$status"
    no_finding OK refused-late
    same 0 "$(fake_smtp_said | grep -c '^DATA')"
    check alice@example.test --data-abort
    same 0 "$status"
    finding OK refused-late
    same undeliverable "$(verdict)"
    contains "$output" 'accepted at RCPT, refused at DATA'
    contains "$output" 'undeliverable=1'
    contains "$output" 'rcpt_code=250'
    check alice@example.test --data-abort --severity recipient.refused-late=critical
    same 2 "$status"
    check alice@example.test --data-abort -c 0
    same 2 "$status"
    finding CRITICAL count
    check alice@example.test --data-abort --expect reject
    same 0 "$status"
    fake_smtp_is_polite
}

@test "--data-abort: who takes DATA gets not one octet of a message, and the control gets no DATA" {
    serve <<<'mailbox *'
    check alice@example.test --data-abort
    same 0 "$status"
    same catch-all "$(verdict)"
    fake_smtp_settle
    same 1 "$(fake_smtp_said | grep -c '^DATA')"
    same DATA "$(fake_smtp_said 1 | tail -n 1)"
    same 0 "$(awk '$5 == "data"' "$FAKE_SMTP_LOG" | wc -l)"
}

@test "--data-abort: greylisting that waits for DATA" {
    serve <<<'on DATA 451 4.7.1 Greylisted, come back in 60 seconds'
    check alice@example.test --data-abort
    same 1 "$status"
    finding WARNING greylisted
}

# ---- refused for what we are

@test "recipient.refused-us: 5.7.1, blocklists, relaying, PTR: the address is not judged" {
    local text
    for text in '550 5.7.1 Go away' '554 Blocked, see https://list.test/q?127.0.0.1' '550 relay not permitted' \
        '454 4.7.1 Relay access denied' '550 we do not take mail from hosts without a PTR record' \
        '550 Rejected for too many bad recipients' '550 5.7.25 Client host rejected'; do
        reply "$text"
        same 3 "$status"
        finding UNKNOWN refused-us
        same refused-us "$(verdict)"
        contains "$output" 'undeliverable=0 deliverable=0 deferred=0 unknown=1'
    done
}

@test "recipient.refused-us: a greeting of 554 ends it" {
    serve <<<'554 mx1.example.test no service for you'
    run_recipient --address alice@example.test --address bob@example.test -v
    same 3 "$status"
    finding UNKNOWN refused-us
    finding UNKNOWN unasked
    contains "$output" 'not asked: the server refused us before'
    same 1 "$(fake_smtp_connections)"
}

@test "recipient.refused-us: MAIL is refused for what we are; other replies to MAIL refuse no sender" {
    serve <<<'on MAIL 554 5.7.1 Service unavailable; Client host [127.0.0.1] blocked using zen.spamhaus.org'
    check alice@example.test
    same 3 "$status"
    finding UNKNOWN refused-us
    fake_smtp_stop
    serve <<<'on MAIL 451 4.3.0 Temporary lookup failure'
    check alice@example.test
    same 1 "$status"
    finding WARNING deferred
    fake_smtp_stop
    serve <<<'on MAIL 503 5.5.1 x'
    check alice@example.test
    same 3 "$status"
    finding UNKNOWN untold
}

@test "recipient.refused-us: who speaks of our host is not asked about further addresses" {
    serve <<<'on RCPT 554 5.7.1 Service unavailable; Client host [127.0.0.1] blocked using zen.spamhaus.org'
    run_recipient --address alice@example.test --address bob@example.test -v
    same 1 "$(fake_smtp_connections)"
    finding UNKNOWN refused-us
    finding UNKNOWN unasked
    contains "$output" 'bob@example.test: not asked: the server refused us before'
}

@test "recipient.sender-refused: MAIL is refused" {
    serve <<<'on MAIL 550 5.1.8 Sender address rejected: Domain not found'
    check alice@example.test
    same 3 "$status"
    finding UNKNOWN sender-refused
    contains "$output" '--from'
}

@test "--from '<>' is the null sender" {
    serve <<<'[sender=<>] on MAIL 250 2.1.0 Ok
on MAIL 550 5.7.1 no'
    check alice@example.test --from '<>'
    same 0 "$status"
    contains "$(fake_smtp_said 1)" 'MAIL FROM:<>'
}

@test "recipient.closing: 421 ends it, no other address is asked, no other exchanger" {
    serve <<<'on RCPT 421 4.7.0 Too many errors'
    run_recipient --address alice@example.test --address bob@example.test -v
    same 3 "$status"
    finding UNKNOWN closing
    finding UNKNOWN unasked
    same 1 "$(fake_smtp_connections)"
}

@test "recipient.untold: the connection ends instead of a reply" {
    serve <<<'on RCPT reset'
    check alice@example.test
    same 3 "$status"
    finding UNKNOWN untold
    same 1 "$(fake_smtp_connections)"
}

@test "recipient.untold: a tarpit at RCPT is no verdict" {
    serve <<<'on RCPT silent'
    check alice@example.test -t 2
    same 3 "$status"
    finding UNKNOWN untold
    no_finding CRITICAL no-such-user
}

@test "STARTTLS is used where a server insists on it, with --starttls" {
    fake_certificates
    serve <<<'[!tls] on MAIL 530 5.7.0 Must issue a STARTTLS command first'
    check alice@example.test
    same 3 "$status"
    finding UNKNOWN refused-us
    check alice@example.test --starttls
    same 0 "$status"
}

# ---- exchangers

@test "an exchanger that is down is passed over for the next one" {
    serve <<'END'
@127.0.0.2
refused
END
    check alice@example.test
    same 0 "$status"
    contains "$output" 'at mx2.example.test'
    contains "$output" 'mx1.example.test (127.0.0.2:'
}

@test "an exchanger that answers decides: the next one is not asked" {
    serve <<'END'
@127.0.0.2
on RCPT 550 5.1.1 no such user
END
    check alice@example.test
    same 2 "$status"
    same 0 "$(fake_smtp_connections 127.0.0.3)"
}

@test "recipient.unreachable: no exchanger answers" {
    serve <<'END'
refused
END
    check alice@example.test
    same 2 "$status"
    finding CRITICAL unreachable
    contains "$output" 'undeliverable=0 deliverable=0 deferred=0 unknown=1'
}

@test "recipient.unreachable: a silent primary leaves time for the backup" {
    serve <<'END'
@127.0.0.2
on connect silent
END
    check alice@example.test -t 4
    contains "$output" 'at mx2.example.test'
    same deliverable "$(verdict)"
}

@test "-6 leaves out what has IPv4 addresses alone: that is not the domain's fault" {
    serve </dev/null
    check alice@example.test -6
    same 3 "$status"
    finding UNKNOWN unasked
    contains "$output" 'has an address that -4 or -6 leave'
}

@test "a server that hangs up after the first address has not gone down" {
    serve <<<'[connection=2-] on connect close'
    run_recipient --address alice@example.test --address bob@example.test --address carol@example.test -v --catchall off
    same 3 "$status"
    finding UNKNOWN unasked
    same 2 "$(fake_smtp_connections)"
}

@test "recipient.own-trouble: a source address that we do not have" {
    serve </dev/null
    check alice@example.test --source 192.0.2.1
    same 3 "$status"
    finding UNKNOWN own-trouble
}

@test "recipient.unasked: the pauses do not fit into the time" {
    serve <<<'mailbox alice carol'
    run_recipient --address alice@example.test --address carol@example.test --interval 60 -v
    same 3 "$status"
    finding UNKNOWN unasked
    contains "$output" 'carol@example.test: not asked in time'
    contains "$output" 'deliverable=1 deferred=0 unknown=1 addresses=2'
}

@test "there is a pause between two conversations, and none behind the last" {
    serve <<<'mailbox alice carol'
    run_recipient --address alice@example.test --interval 60 --catchall off
    same 0 "$status"
    [[ $output =~ ' time='[0-9]\. ]]
    run_recipient --address alice@example.test --address carol@example.test --interval 0.3 --catchall off
    same 0 "$status"
    # The second connection opens no earlier than that after the first was closed.
    awk '$5 == "close" && $2 == 2 { closed = $1 } $5 == "open" && $2 == 3 { exit !($1 - closed >= 0.29) }' "$FAKE_SMTP_LOG"
}

@test "nothing is sent to a host that the domain does not lead to" {
    serve </dev/null
    zone 'other.test A 127.0.0.3'
    without example.test MX
    zone 'example.test MX 10 mx1.example.test'
    check alice@example.test --resolve other.test:127.0.0.3
    same 0 "$(fake_smtp_connections 127.0.0.3)"
}

@test "--resolve takes the place of DNS for an exchanger" {
    serve </dev/null
    check alice@example.test --resolve mx1.example.test:127.0.0.3
    same 0 "$status"
    same 0 "$(fake_smtp_connections 127.0.0.2)"
}

# ---- --expect reject, -w, -c

@test "recipient.accepted: --expect reject" {
    serve </dev/null
    check alice@example.test --expect reject
    same 2 "$status"
    finding CRITICAL accepted
    contains "$output" 'undeliverable=1 deliverable=1'
}

@test "recipient.accepted: a full mailbox is one" {
    serve <<<'on RCPT 552 5.2.2 Over quota'
    check alice@example.test --expect reject
    same 2 "$status"
    finding CRITICAL accepted
}

@test "--expect reject: what is refused is OK" {
    serve </dev/null
    check bob@example.test --expect reject
    same 0 "$status"
    contains "$output" 'RECIPIENT OK - bob@example.test: undeliverable: mx1.example.test'
    check alice@gone.test --expect reject
    same 0 "$status"
}

@test "--expect reject: what refuses us proves nothing" {
    serve <<<'on RCPT 550 5.7.1 Blocked'
    check bob@example.test --expect reject
    same 3 "$status"
    finding UNKNOWN refused-us
}

@test "recipient.count: -w and -c are for the number of undeliverable addresses" {
    printf '# people\nalice@example.test\n\nbob@example.test\r\nbad@@example.test\n' >list
    serve </dev/null
    run_recipient --addresses-file list -w 3 -v
    same 0 "$status"
    finding OK no-such-user
    finding OK syntax
    contains "$output" ' | undeliverable=2;'
    run_recipient --addresses-file list -w 1 -c 3 -v
    same 1 "$status"
    finding WARNING count
    contains "$output" '2 of 3 addresses are undeliverable'
    run_recipient --addresses-file list -w 1 -c 2 -v
    same 2 "$status"
    finding CRITICAL count
}

@test "an address that is given twice is asked about once" {
    serve </dev/null
    run_recipient --address bob@example.test --address bob@EXAMPLE.test -v
    contains "$output" 'addresses=1'
    same 1 "$(fake_smtp_connections)"
}

@test "--severity changes a finding" {
    serve </dev/null
    check bob@example.test --severity recipient.no-such-user=warning
    same 1 "$status"
}

# ---- notes

@test "recipient.role: a note, and WARNING with --warn" {
    serve </dev/null
    check postmaster@example.test
    same 0 "$status"
    finding OK role
    check postmaster@example.test --warn plus-tag,role
    same 1 "$status"
    finding WARNING role
    echo office >roles
    check office@example.test --roles-file roles --expect reject
    finding OK role
}

@test "recipient.plus-tag" {
    serve <<<'mailbox alice+shop'
    check alice+shop@example.test
    same 0 "$status"
    finding OK plus-tag
}

@test "recipient.disposable and recipient.free-provider: of the user's files" {
    serve </dev/null
    echo example.test >domains
    check alice@example.test --disposable-file domains --free-file domains
    same 0 "$status"
    finding OK disposable
    finding OK free-provider
    check alice@example.test --disposable-file domains --warn disposable
    finding WARNING disposable
    check alice@example.test
    no_finding OK disposable
    no_finding OK free-provider
}

@test "recipient.typo: the name that is meant is suggested" {
    serve <<<'domain gmial.com'
    zone 'gmial.com MX 10 mx1.example.test'
    check alice@gmial.com
    same 0 "$status"
    finding OK typo
    contains "$output" 'is this meant: gmail.com?'
    check alice@example.test
    no_finding OK typo
}

# ---- usage

@test "a byte order mark begins no address" {
    serve </dev/null
    printf '\xef\xbb\xbfalice@example.test\r\n' >list
    run_recipient --addresses-file list -v
    same 0 "$status"
}

# most_spoken_to: prints with how many the server was in conversation at one time: from their connection to its reply to QUIT.
most_spoken_to() {
    awk '$5 == "open" && ++open > most { most = open } $5 == "S" && $6 == "QUIT" { open-- } END { print most + 0 }' \
        "$FAKE_SMTP_LOG"
}

@test "4.4: runs at the same time talk to a server one after the other" {
    local pids=() pid name
    serve --latency 50 <<<'mailbox alice bob carol dave'
    serve_names
    for name in alice bob carol dave; do
        {
            run_recipient --address "$name@example.test" --state-file state --catchall off -t 120
            [ "$status" -eq 0 ]
        } &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid"
    done
    same 4 "$(fake_smtp_connections)"
    same 1 "$(most_spoken_to)"
    fake_smtp_is_polite 2
}

@test "who waits in vain for another run goes by what is remembered, or is unasked; a run that is killed frees the server" {
    serve <<<'rcpt bob* silent'
    check alice@example.test --state-file state
    same 0 "$status"
    start_recipient --address bob@example.test --state-file state -t 120
    is_asked() { fake_smtp_said | grep -q bob; }
    poll_until 20 is_asked
    check carol@example.test --state-file state -t 4
    same 3 "$status"
    finding UNKNOWN unasked
    contains "$output" 'another run of the check talks to its server'
    check alice@example.test --state-file state -t 4
    same 0 "$status"
    contains "$output" ' s ago)'
    kill -KILL "$CHECK_PID"
    wait "$CHECK_PID" || :
    check carol@example.test --state-file state
    same 2 "$status"
    finding CRITICAL no-such-user
}

@test "0.5: QUIT ends every session, also with a server that owes a reply or says what is none" {
    local script
    for script in 'on EHLO silent' 'on MAIL send abc\r\n' 'on RCPT silent' 'on RCPT send 250-2.1.5\r\n'; do
        serve <<<"$script"
        check alice@example.test -t 2.5
        fake_smtp_is_polite
        same "QUIT $script" "$(fake_smtp_said 1 | tail -n 1) $script"
        fake_smtp_stop
    done
    serve <<<'on DATA silent'
    check alice@example.test -t 3 --data-abort
    fake_smtp_settle
    same DATA "$(fake_smtp_said 1 | tail -n 1)"
}

@test "usage errors name the option" {
    run_recipient
    same 3 "$status"
    contains "$output" 'RECIPIENT UNKNOWN - '
    contains "$output" '--address'
    run_recipient --address a@example.test --from 'a b'
    contains "$output" '--from: expected an address, or the null sender'
    contains "$output" '"a b"'
    run_recipient --address a@example.test --warn rolle
    contains "$output" '--warn: expected role'
    contains "$output" '"rolle"'
    run_recipient --address a@example.test --proxy-protocol v3
    contains "$output" '--proxy-protocol: '
    contains "$output" '"v3"'
    seq -f 'user%g@example.test' 1001 >many
    run_recipient --addresses-file many
    same 3 "$status"
    contains "$output" '--addresses-file'
    contains "$output" '1000'
    run_recipient --addresses-file missing
    contains "$output" 'cannot read missing'
    same 3 "$status"
}

@test "--help tells the limits of such tests" {
    run_recipient --help
    same 3 "$status"
    contains "$(tr -s ' \n' ' ' <<<"$output")" 'acceptance of RCPT is not delivery'
    contains "$(tr -s ' \n' ' ' <<<"$output")" 'gets you on blocklists'
}
