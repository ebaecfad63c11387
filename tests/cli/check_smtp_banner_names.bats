#!/usr/bin/env bats
# check_smtp_banner through the real binary: the names of servers and addresses, and what is asked beyond EHLO. The
# rest of the table of conditions: check_smtp_banner.bats.

load helper
load assert
load banner

setup() {
    banner_setup
}

teardown() {
    banner_teardown
}

# greet TEXT: a server with this greeting.
greet() {
    serve <<<"220 $1
offer STARTTLS"
}

# ---- the name in the greeting

@test "banner-name: localhost.localdomain" {
    greet 'localhost.localdomain ESMTP'
    check
    same 1 "$status"
    finding WARNING banner-name
    contains "$output" '220 localhost.localdomain ESMTP'
}

@test "banner-name: one label, ESMTP, an address, nothing" {
    serve <<'END'
[connection=1] 220 mail ESMTP
[connection=2] 220 ESMTP ready
[connection=3] 220 [127.0.0.2] ESMTP
[connection=4] on connect send 220 \r\n
[connection=5] on connect send 220\r\n
220 mail_1.test ESMTP
offer STARTTLS
END
    local i
    for i in 1 2 3 4 5 6; do
        check
        same 1 "$status"
        finding WARNING banner-name
    done
}

@test "masked: the greeting is asterisks" {
    greet '**************************'
    check
    same 1 "$status"
    finding WARNING masked
    no_finding WARNING banner-name
}

@test "masked: an EHLO keyword is written over" {
    serve <<<'on EHLO
    250-mail.test
    250-STARTTLS
    250-XXXXXXXXXXXXXX
    250 SIZE 1000'
    check
    finding WARNING masked
    contains "$output" 'XXXXXXXXXXXXXX'
}

@test "banner-unexpected: --banner-match name=NAME, case and final dot ignored" {
    greet 'Mail.Test ESMTP'
    check --banner-match name=mail.test.
    same 0 "$status"
    check --banner-match name=other.test
    same 1 "$status"
    finding WARNING banner-unexpected
}

@test "banner-unresolved: the name of the greeting has no address" {
    greet 'nowhere.test ESMTP'
    check --banner-match any
    same 1 "$status"
    finding WARNING banner-unresolved
    contains "$output" 'nowhere.test'
}

@test "banner-elsewhere: the name of the greeting has other addresses, of either family" {
    zone 'other.test A 127.0.0.7' 'six.test AAAA ::7'
    serve <<'END'
[connection=1] 220 other.test ESMTP
220 six.test ESMTP
offer STARTTLS
END
    check --banner-match any
    same 1 "$status"
    finding WARNING banner-elsewhere
    contains "$output" '127.0.0.7'
    contains "$output" 'fix: Publish other.test A 127.0.0.2'
    check --banner-match any
    finding WARNING banner-elsewhere
    contains "$output" '::7'
}

@test "names over IPv6: PTR in ip6.arpa, AAAA of the greeting" {
    [ -e /proc/net/if_inet6 ] && grep -q '^0*1 ' /proc/net/if_inet6 || skip "no IPv6 loopback"
    zone 'six.test AAAA ::1' 'soa ip6.arpa' \
        '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa PTR six.test'
    fake_smtp_start - --listen '[::1]:0' <<<'220 six.test ESMTP
offer STARTTLS'
    check -H six.test
    same 0 "$status"
    contains "$output" "[::1]:$FAKE_SMTP_PORT"
    contains "$output" 'ptr_ok=1'
}

# ---- PTR

@test "ptr-missing: no PTR record" {
    without 2.0.0.127.in-addr.arpa PTR
    greet 'mail.test ESMTP'
    check
    same 1 "$status"
    finding WARNING ptr-missing
    contains "$output" 'ptr_ok=0'
    contains "$output" 'fix: Let the owner of the address publish: 2.0.0.127.in-addr.arpa PTR mail.test'
}

@test "ptr-unconfirmed: the PTR name has another address" {
    without 2.0.0.127.in-addr.arpa PTR
    zone '2.0.0.127.in-addr.arpa PTR liar.test' 'liar.test A 127.0.0.9'
    greet 'mail.test ESMTP'
    check --banner-match any
    same 1 "$status"
    finding WARNING ptr-unconfirmed
    contains "$output" 'ptr_ok=0'
}

@test "ptr-unconfirmed: the PTR name does not exist" {
    without 2.0.0.127.in-addr.arpa PTR
    zone '2.0.0.127.in-addr.arpa PTR gone.test'
    greet 'mail.test ESMTP'
    check --banner-match any
    finding WARNING ptr-unconfirmed
}

@test "ptr-generic: the address in the name; a word for dial-up" {
    without 2.0.0.127.in-addr.arpa PTR
    zone '2.0.0.127.in-addr.arpa PTR ip-127-0-0-2.isp.test' 'ip-127-0-0-2.isp.test A 127.0.0.2'
    greet 'ip-127-0-0-2.isp.test ESMTP'
    check
    same 1 "$status"
    finding WARNING ptr-generic
}

@test "ptr-generic: not when one of several names is one by hand" {
    zone '2.0.0.127.in-addr.arpa PTR a7.dyn.isp.test' 'a7.dyn.isp.test A 127.0.0.2'
    greet 'mail.test ESMTP'
    check
    same 0 "$status"
}

@test "ptr-mismatch: PTR name and greeting differ; any match of several is a match" {
    zone 'two.test A 127.0.0.2'
    greet 'two.test ESMTP'
    check
    same 1 "$status"
    finding WARNING ptr-mismatch
    contains "$output" 'the PTR name is mail.test, the greeting says two.test'
}

@test "ptr-mismatch: any match of several PTR names is a match, case ignored" {
    zone '2.0.0.127.in-addr.arpa PTR Two.test' 'two.test A 127.0.0.2'
    greet 'TWO.test. ESMTP'
    check
    same 0 "$status"
}

@test "ptr-mismatch: --banner-match domain and any" {
    without 2.0.0.127.in-addr.arpa PTR
    zone '2.0.0.127.in-addr.arpa PTR lb.example.co.uk' 'lb.example.co.uk A 127.0.0.2' 'mx.other.co.uk A 127.0.0.2' \
        'n1.mx.example.co.uk A 127.0.0.2'
    serve <<'END'
[connection=3-] 220 mx.other.co.uk ESMTP
220 n1.mx.example.co.uk ESMTP
offer STARTTLS
END
    check
    finding WARNING ptr-mismatch
    check --banner-match domain
    same 0 "$status"
    check --banner-match domain
    finding WARNING ptr-mismatch
    check --banner-match any
    same 0 "$status"
}

@test "names-unknown: SERVFAIL of the reverse zone is UNKNOWN, not a missing PTR" {
    without 2.0.0.127.in-addr.arpa PTR
    zone '2.0.0.127.in-addr.arpa PTR SERVFAIL'
    greet 'mail.test ESMTP'
    check
    same 3 "$status"
    finding UNKNOWN names-unknown
    no_finding WARNING ptr-missing
    contains "$output" 'ptr_ok=U'
}

@test "names-unknown: the addresses of the PTR name, and of the greeting" {
    without 2.0.0.127.in-addr.arpa PTR
    zone '2.0.0.127.in-addr.arpa PTR bad.test' 'bad.test ANY SERVFAIL'
    greet 'bad.test ESMTP'
    check -H 127.0.0.2
    same 3 "$status"
    finding UNKNOWN names-unknown
    no_finding WARNING ptr-unconfirmed
    no_finding WARNING banner-unresolved
}

@test "names-unknown: a family that says no does not speak for the one that is silent" {
    zone 'half.test A NODATA' 'half.test AAAA SERVFAIL'
    greet 'half.test ESMTP'
    check --banner-match any
    same 3 "$status"
    finding UNKNOWN names-unknown
}

@test "--no-names asks DNS nothing about the server" {
    without 2.0.0.127.in-addr.arpa PTR
    greet 'nowhere.test ESMTP'
    check --no-names --ehlo monitor.test
    same 0 "$status"
    same 0 "$(fake_dns_count ' (PTR|nowhere)')"
    same 0 "$(fake_dns_count 'in-addr')"
}

@test "a PTR record with many names is looked up within bounds" {
    local i
    without 2.0.0.127.in-addr.arpa PTR
    for ((i = 0; i < 100; i++)); do
        zone "2.0.0.127.in-addr.arpa PTR n$i.test"
    done
    greet 'mail.test ESMTP'
    check --banner-match any
    finding WARNING ptr-unconfirmed
    contains "$output" '(the first 20 names were looked up)'
    [ "$(fake_dns_count ' n[0-9]+\.test ')" -le 40 ]
}

# ---- MAIL and RCPT: never a message

@test "mail-null: the empty sender is accepted, and nothing more is said" {
    serve <<<'offer STARTTLS'
    check --mail-null
    same 0 "$status"
    same $'EHLO monitor.test\nMAIL FROM:<>\nRSET\nQUIT' "$(fake_smtp_said)"
    fake_smtp_is_polite
}

@test "mail-null: refused is CRITICAL, deferred is WARNING" {
    serve <<<'[connection=1] mail <> 550 5.1.8 no bounces
mail <> 451 4.3.0 later
offer STARTTLS'
    check --mail-null
    same 2 "$status"
    finding CRITICAL mail-null
    contains "$output" 'the empty sender is refused: 550 5.1.8 no bounces'
    check --mail-null
    same 1 "$status"
    finding WARNING mail-deferred
    contains "$output" 'the empty sender is put off: 451 4.3.0 later'
}

@test "mail-refused: --mail ADDRESS" {
    serve <<<'mail bad@example.test 553 5.1.8 not you
mail late@example.test 450 4.1.8 later
offer STARTTLS'
    check --mail good@example.test
    same 0 "$status"
    check --mail bad@example.test
    same 2 "$status"
    finding CRITICAL mail-refused
    contains "$output" 'the sender bad@example.test is refused: 553 5.1.8 not you'
    check --mail late@example.test
    same 1 "$status"
    finding WARNING mail-deferred
}

@test "disk-full: 452 4.3.1, and 452 without an enhanced code" {
    serve <<<'[connection=1] on MAIL 452 4.3.1 Insufficient system storage
[connection=2] on MAIL 452 Insufficient system storage
on MAIL 452 4.5.3 something else
offer STARTTLS'
    check --mail-null
    same 2 "$status"
    finding CRITICAL disk-full
    check --mail a@example.test
    finding CRITICAL disk-full
    check --mail-null
    same 1 "$status"
    finding WARNING mail-deferred
}

@test "busy: a sender that comes too often" {
    serve <<<'on MAIL 451 4.7.1 Rate limit exceeded
offer STARTTLS'
    check --mail-null
    same 1 "$status"
    finding WARNING busy
}

@test "mail-unjudged: 530 says nothing of the sender" {
    serve <<<'on MAIL 530 5.7.0 Must issue a STARTTLS command first
offer STARTTLS'
    check --mail-null
    same 3 "$status"
    finding UNKNOWN mail-unjudged
}

@test "no-reply: silence at MAIL" {
    serve <<<'on MAIL silent
offer STARTTLS'
    check --mail-null -t 1
    same 2 "$status"
    finding CRITICAL no-reply
    contains "$output" 'no reply to MAIL'
}

@test "closing: 421 at MAIL" {
    serve <<<'on MAIL 421 4.3.0 going down
offer STARTTLS'
    check --mail-null
    finding CRITICAL closing
}

@test "postmaster: accepted, bare and with the domain" {
    serve <<<'offer STARTTLS'
    check --postmaster example.test
    same 0 "$status"
    contains "$(fake_smtp_said)" 'RCPT TO:<postmaster@example.test>'
    fake_smtp_is_polite
}

@test "postmaster-refused and postmaster-bare" {
    serve <<<'[connection=1] rcpt postmaster@example.test 550 5.1.1 unknown
[connection=2-] rcpt postmaster 550 5.1.1 unknown
offer STARTTLS'
    check --postmaster example.test
    same 1 "$status"
    finding WARNING postmaster-refused
    contains "$output" 'postmaster@example.test is refused: 550'
    no_finding WARNING postmaster-bare
    check --postmaster example.test
    finding WARNING postmaster-bare
    contains "$output" 'postmaster without a domain is refused: 550'
    no_finding WARNING postmaster-refused
}

@test "postmaster-deferred: greylisting is no refusal" {
    serve <<<'on RCPT 450 4.7.1 Greylisted
offer STARTTLS'
    check --postmaster example.test
    same 1 "$status"
    finding WARNING postmaster-deferred
    no_finding WARNING postmaster-refused
}

@test "size-ignored: a message over the limit is accepted" {
    serve <<<'on MAIL 250 2.1.0 Ok
offer STARTTLS'
    check --probe size
    same 1 "$status"
    finding WARNING size-ignored
    contains "$output" 'the limit is 10240000'
}

@test "size-ignored: refused, also for want of space, is as it should be" {
    serve <<<'[argument=*SIZE=*] on MAIL 452 4.4.5 Insufficient disk space; try again later
offer STARTTLS'
    check --probe size
    same 0 "$status"
}

@test "8bitmime-refused and smtputf8-refused: offered, and refused beside a plain MAIL" {
    serve <<<'[argument=*BODY=*] on MAIL 555 5.5.4 what
[argument=*SMTPUTF8*] on MAIL 555 5.5.4 what
offer SMTPUTF8
offer STARTTLS'
    check --probe 8bitmime --probe smtputf8
    same 1 "$status"
    finding WARNING 8bitmime-refused
    finding WARNING smtputf8-refused
}

@test "8bitmime-refused: what is not offered is not asked" {
    serve <<<'withhold 8BITMIME
offer STARTTLS'
    check --probe 8bitmime
    same 0 "$status"
    lacks "$(fake_smtp_said)" 'BODY='
}

# ---- what is disclosed: asked for on request only

@test "vrfy: a note, a warning with --policy strict" {
    serve <<<'[argument=postmaster] on VRFY 250 2.1.5 postmaster@mail.test
on VRFY 550 5.1.1 unknown
offer STARTTLS'
    check --probe vrfy
    same 0 "$status"
    finding OK vrfy
    check --policy strict
    same 1 "$status"
    finding WARNING vrfy
}

@test "vrfy: 550 to a name that nobody has discloses beside 252 to another" {
    serve <<<'[argument=postmaster] on VRFY 252 2.0.0 postmaster
on VRFY 550 5.1.1 unknown
offer STARTTLS'
    check --policy strict
    finding WARNING vrfy
}

@test "vrfy: 252 and 502 to all disclose nothing" {
    serve <<<'[connection=1-2] on VRFY 502 5.5.1 no
on VRFY 550 5.7.1 not allowed
offer STARTTLS'
    check --policy strict
    same 0 "$status"
    check --policy strict
    same 0 "$status"
}

@test "expn: an answer is a note, a warning with --policy strict" {
    serve <<<'on EXPN 250 2.1.5 root@mail.test
offer STARTTLS'
    check --probe expn
    same 0 "$status"
    finding OK expn
    check --policy strict
    finding WARNING expn
}

@test "version: in the greeting" {
    greet 'mail.test ESMTP Sendmail 8.17.1.9/8.17.1.9/Debian-2'
    check
    same 0 "$status"
    finding OK version
    contains "$output" 'Sendmail 8.17.1.9'
    check --policy strict
    same 1 "$status"
    finding WARNING version
}

@test "version: in HELP" {
    serve <<<'on HELP 214 2.0.0 This is sendmail version 8.17.1.9
offer STARTTLS'
    check --probe help
    same 0 "$status"
    finding OK version
    check
    no_finding OK version
}

@test "mail-first: MAIL without EHLO, in a connection of its own" {
    serve <<<'on MAIL 250 2.1.0 Ok
offer STARTTLS'
    check --probe mail-first
    same 0 "$status"
    finding OK mail-first
    same 2 "$(fake_smtp_connections)"
    same 1 "$(fake_smtp_most_open)"
    check --policy strict
    same 1 "$status"
    finding WARNING mail-first
}

@test "mail-first: a sane server refuses it" {
    serve <<<'offer STARTTLS'
    check --probe mail-first
    same 0 "$status"
    no_finding OK mail-first
}

@test "early-talk: never without --probe early-talk, then a warning where it is served" {
    serve <<<'offer STARTTLS'
    check --policy strict
    same 0 "$status"
    same 0 "$(fake_smtp_count ' early ')"
    check --probe early-talk
    same 1 "$status"
    finding WARNING early-talk
}

@test "early-talk: it is the first connection, before the server knows us" {
    serve <<<'on accept wait 200
[early connection=1] on connect 554 5.5.1 Protocol error
offer STARTTLS'
    check --probe early-talk
    same 0 "$status"
    no_finding WARNING early-talk
    contains "$output" '220 mail.test'
}

@test "expn: the prohibition of the command tells nothing" {
    serve <<<'on EXPN 550 Administrative prohibition
on VRFY 252 2.0.0 perhaps
offer STARTTLS'
    check --policy strict
    no_finding WARNING expn
}

@test "early-talk: a server that refuses early talkers, or hangs up" {
    serve <<'END'
on accept wait 200
[early connection=1-2] on connect 554 5.5.1 Protocol error
[early] on connect close
offer STARTTLS
END
    check --probe early-talk
    same 0 "$status"
    check --probe early-talk
    same 0 "$status"
}

@test "probe-unanswered: a server that hangs up at VRFY is a server, and the rest is not known" {
    serve <<<'on VRFY 421 4.7.0 Go away
offer STARTTLS'
    check --probe vrfy --probe help
    same 3 "$status"
    finding UNKNOWN probe-unanswered
    no_finding CRITICAL closing
}

@test "probe-unanswered: one connection and no more" {
    serve <<<'[connection=2-] 421 4.7.0 Too many connections
offer STARTTLS'
    check --probe mail-first
    same 3 "$status"
    finding UNKNOWN probe-unanswered
    contains "$output" 'Too many connections'
}

@test "a refusing greeting gets no probes" {
    serve <<<'554 go away'
    check --policy strict --mail-null
    same 2 "$status"
    same 1 "$(fake_smtp_connections)"
}

# ---- servers that count errors

@test "a server that hangs up at the third error is asked in several sessions, with two refusals in each" {
    serve <<'END'
[errors=2] on VRFY 421 4.5.0 Too many errors
[errors=2] on EXPN 421 4.5.0 Too many errors
[errors=2] on HELP 421 4.5.0 Too many errors
on VRFY 502 5.5.1 no
on EXPN 502 5.5.1 no
on HELP 502 5.5.1 no
on MAIL 550 5.1.8 no bounces
offer STARTTLS
END
    check --policy strict --mail-null
    same 2 "$status"
    finding CRITICAL mail-null
    no_finding UNKNOWN probe-unanswered
    # Three sessions for the plan, one for MAIL without EHLO.
    same 4 "$(fake_smtp_connections)"
    same 0 "$(fake_smtp_count ' S [A-Z]+ 421')"
    same 2 "$(fake_smtp_said | grep -c '^VRFY')"
    same 1 "$(fake_smtp_said | grep -c '^HELP')"
    fake_smtp_is_polite
}

@test "a server that refuses less is asked in one session" {
    serve <<<'on VRFY 252 2.0.0 perhaps
on EXPN 502 5.5.1 no
on HELP 502 5.5.1 no
offer STARTTLS'
    check --probe vrfy --probe expn --probe help
    same 0 "$status"
    same 1 "$(fake_smtp_connections)"
}

@test "postmaster of several domains: the sender is said again in the session that goes on" {
    serve <<'END'
domain one.test two.test three.test
[errors=2] on RCPT 421 4.5.0 Too many errors
rcpt postmaster@three.test 550 5.1.1 third
rcpt postmaster@two.test 550 5.1.1 second
rcpt postmaster@one.test 250 2.1.5 Ok
rcpt postmaster 550 5.1.1 bare
offer STARTTLS
END
    check --postmaster one.test --postmaster two.test --postmaster three.test
    same 1 "$status"
    finding WARNING postmaster-bare
    contains "$output" 'postmaster@two.test is refused: 550 5.1.1 second'
    contains "$output" 'postmaster@three.test is refused: 550 5.1.1 third'
    lacks "$output" 'postmaster@one.test is refused'
    same 2 "$(fake_smtp_connections)"
    same 2 "$(fake_smtp_said | grep -c '^MAIL FROM:<>')"
    same 4 "$(fake_smtp_said | grep -c '^RCPT')"
    fake_smtp_is_polite
}

@test "probe-unanswered: a server that does not let us come back for the rest" {
    serve <<'END'
[connection=2-] 421 4.7.0 Too many connections
on VRFY 502 5.5.1 no
on EXPN 250 root@mail.test
offer STARTTLS
END
    check --probe vrfy --probe expn
    same 3 "$status"
    finding UNKNOWN probe-unanswered
    contains "$output" 'EXPN was not answered: 421 4.7.0 Too many connections'
    no_finding OK expn
}

@test "the session that goes on stands in JSON" {
    serve <<<'on VRFY 502 5.5.1 no
on EXPN 250 root@mail.test
offer STARTTLS'
    require_tool jq
    check --probe vrfy --probe expn --output-format json
    same '["check","continued"]' "$(jq -c '[.conversations[].purpose]' <<<"$output")"
    same 'smtp.expn' "$(jq -r '.findings[0].id' <<<"$output")"
}
