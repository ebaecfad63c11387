#!/usr/bin/env bats
# check_smtp_banner through the real binary, against a scripted mail server and scripted DNS. Each row of the table of
# conditions is a test of its own, named by its id. The names of servers and addresses: check_smtp_banner_names.bats.

load helper
load assert
load banner

setup() {
    banner_setup
}

teardown() {
    banner_teardown
}

# ---- the good case

@test "a sane server is OK: host, address, port and the server's own words" {
    serve <<<'offer STARTTLS'
    check
    same 0 "$status"
    contains "$output" "SMTP OK - mail.test 127.0.0.2:$FAKE_SMTP_PORT: 220 mail.test ESMTP | time="
    lacks "$output" WARNING
}

@test "the conversation is one that no operator minds: EHLO and QUIT, one at a time" {
    serve <<<'offer STARTTLS'
    check
    fake_smtp_is_polite
    same $'EHLO monitor.test\nQUIT' "$(fake_smtp_said)"
}

@test "the same perfdata whatever happens" {
    serve <<<'554 go away'
    check
    contains "$output" ' time_ehlo=U '
    contains "$output" ' extensions=U size_limit=U ptr_ok=U;;;0;1'
    same 'time time_connect time_banner time_ehlo time_quit extensions size_limit ptr_ok' \
        "$(head -n 1 <<<"$output" | sed 's/.*| //; s/=[^ ]*//g')"
}

@test "perfdata: extensions, size_limit in octets, ptr_ok" {
    serve <<<'offer STARTTLS'
    check
    contains "$output" ' extensions=5 size_limit=10240000B ptr_ok=1;;;0;1'
}

@test "JSON has the stable keys" {
    require_tool jq
    serve <<<'offer STARTTLS'
    check --output-format json
    same '["address","port","stages","greeting","banner_name","extensions","ptr","transcript","purpose"]' \
        "$(jq -c '.conversations[0] | keys_unsorted' <<<"$output")"
    same "127.0.0.2 $FAKE_SMTP_PORT 220 mail.test ESMTP|mail.test" \
        "$(jq -r '.conversations[0] | "\(.address) \(.port) \(.greeting)|\(.banner_name)"' <<<"$output")"
    same '["connect","banner","ehlo","quit"]' "$(jq -c '[.conversations[0].stages[].name]' <<<"$output")"
    same '[{"name":"mail.test","confirmed":true}]' "$(jq -c '.conversations[0].ptr' <<<"$output")"
    same '["greeting",220,"","mail.test ESMTP",false]' \
        "$(jq -c '.conversations[0].transcript[1] | [.verb, .code, .enhanced, .text, .tls]' <<<"$output")"
    same 'number' "$(jq -r '.conversations[0].transcript[1].ms | type' <<<"$output")"
}

@test "JSON of a usage error has its keys, too" {
    require_tool jq
    run_banner --output-format json
    same 3 "$status"
    same '[]' "$(jq -c .conversations <<<"$output")"
}

@test "Prometheus: a sample for each address" {
    serve <<<'offer STARTTLS'
    check --output-format prometheus
    contains "$output" "postmaster_smtp_address_up{target=\"mail.test\",address=\"127.0.0.2:$FAKE_SMTP_PORT\"} 1"
    contains "$output" 'stage="banner"'
}

@test "-v prints the conversation with its times, -vv each line of a reply" {
    serve <<<'offer STARTTLS'
    check
    contains "$output" ' s EHLO monitor.test: 250 mail.test PIPELINING'
    contains "$output" ' s QUIT: 221 2.0.0 Bye ('
    check -v
    contains "$output" '    250-PIPELINING'
    contains "$output" '    250 STARTTLS'
}

@test "the time limit is 30 seconds unless -t says else" {
    run_banner --help
    contains "$output" 'default: 30)'
}

@test "all addresses of a host, and the worst of them" {
    serve --listen 127.0.0.3:0 <<<'@127.0.0.3 554 not here
offer STARTTLS'
    zone 'mail.test A 127.0.0.3'
    check
    same 2 "$status"
    contains "$output" "SMTP CRITICAL - mail.test 127.0.0.3:$FAKE_SMTP_PORT: "
    same 1 "$(fake_smtp_connections 127.0.0.2)"
    same 1 "$(fake_smtp_connections 127.0.0.3)"
}

@test "two good addresses are told" {
    serve --listen 127.0.0.3:0 <<<'offer STARTTLS'
    zone 'mail.test A 127.0.0.3' '3.0.0.127.in-addr.arpa PTR mail.test'
    check
    same 0 "$status"
    contains "$output" '(2 of 2 addresses)'
}

@test "--first-address, and --all-addresses behind it" {
    serve --listen 127.0.0.3:0 <<<'offer STARTTLS'
    zone 'mail.test A 127.0.0.3' '3.0.0.127.in-addr.arpa PTR mail.test'
    check --first-address
    same 1 "$(fake_smtp_connections)"
    check --first-address --all-addresses
    same 3 "$(fake_smtp_connections)"
}

@test "an address without a name, and a port" {
    serve <<<'offer STARTTLS'
    check -H 127.0.0.2
    same 0 "$status"
    contains "$output" "SMTP OK - 127.0.0.2:$FAKE_SMTP_PORT: 220 mail.test"
}

@test "LMTP on a Unix socket: LHLO, no names, no STARTTLS" {
    fake_smtp_start - --listen unix:"$PWD/lmtp" <<<'lmtp'
    start_dns
    run_banner -H unix:"$PWD/lmtp" --lmtp --resolver "127.0.0.1:$FAKE_DNS_PORT"
    same 0 "$status"
    contains "$(fake_smtp_said)" 'LHLO '
}

@test "implicit TLS: the greeting comes under it, octet by octet too" {
    fake_certificates
    serve <<'END'
implicit-tls
[chunk=7] on handshake
[chunk=1] on connect
END
    check --implicit-tls -p "$FAKE_SMTP_PORT" -v
    same 0 "$status"
    contains "$output" ' TLS EHLO monitor.test'
    fake_smtp_is_polite
}

# ---- before the greeting

@test "no-address: NXDOMAIN is CRITICAL" {
    start_dns
    check -H gone.test
    same 2 "$status"
    finding CRITICAL no-address
    contains "$output" 'NXDOMAIN'
}

@test "no-address: a name without an address is CRITICAL" {
    zone 'text.test TXT "x"'
    check -H text.test
    finding CRITICAL no-address
}

@test "no-address: -4 and -6 name the family; an address of the other one is a usage error" {
    zone 'four.test A 127.0.0.1' 'six.test AAAA ::1'
    check -H six.test -4
    finding CRITICAL no-address
    contains "$output" 'the name has no IPv4 address; -4 leaves out those of IPv6'
    check -H four.test -6
    contains "$output" 'the name has no IPv6 address; -6 leaves out those of IPv4'
    check -H ::1 -4
    same 3 "$status"
    contains "$output" '::1 is none of the family that -4 asks for'
}

@test "dns-error: SERVFAIL of our resolver is UNKNOWN" {
    zone 'bad.test ANY SERVFAIL'
    check -H bad.test
    same 3 "$status"
    finding UNKNOWN dns-error
    contains "$output" 'SERVFAIL for the question bad.test A'
}

@test "dns-error: silence of our resolver is UNKNOWN" {
    zone '[silent] slow.test ANY'
    check -H slow.test -t 1
    same 3 "$status"
    finding UNKNOWN dns-error
}

@test "dns-error: a family that is not known does not hide behind the other" {
    serve <<<'offer STARTTLS'
    zone 'mail.test AAAA SERVFAIL'
    check
    same 3 "$status"
    finding UNKNOWN dns-error
    same 1 "$(fake_smtp_connections)"
    check -4
    same 0 "$status"
}

@test "many-addresses: those beyond the limit are not passed over in silence" {
    local i
    for ((i = 1; i <= 260; i++)); do
        echo "many.test A 127.1.$((i / 250)).$((i % 250 + 1))"
    done >>zone.dns
    serve </dev/null
    check -H many.test --no-names -t 5 --severity smtp.connect=ignore
    finding UNKNOWN many-addresses
    contains "$output" '4 of 260 addresses were not asked'
}

@test "not-asked: addresses for which there was no time are UNKNOWN, or what --timeout-result says" {
    local i listeners=()
    zone 'many.test A 127.0.0.2'
    for ((i = 1; i <= 63; i++)); do
        zone "many.test A 127.1.0.$i"
        listeners+=(--listen "127.1.0.$i:0")
    done
    zone 'many.test A 127.1.0.64'
    serve "${listeners[@]}" <<<'on connect silent'
    check -H many.test --no-names -t 1 --severity smtp.no-greeting=ignore --severity smtp.connect=ignore
    same 3 "$status"
    finding UNKNOWN not-asked
    check -H many.test --no-names -t 1 --severity smtp.no-greeting=ignore --severity smtp.connect=ignore \
        --timeout-result warning
    finding WARNING not-asked
}

@test "connect: nobody listens" {
    serve </dev/null
    check -p "$(free_port)"
    same 2 "$status"
    finding CRITICAL connect
    contains "$output" 'connection refused'
}

@test "connect: refused by the server of one address" {
    serve <<<'refused'
    check
    finding CRITICAL connect
}

@test "connect: never established, inside the deadline" {
    serve <<<'unreachable'
    SECONDS=0
    check -t 1
    [ "$SECONDS" -lt 4 ]
    finding CRITICAL connect
    contains "$output" 'no connection within'
}

@test "local-failure: a source address that is not ours is UNKNOWN" {
    serve </dev/null
    check --source 192.0.2.99
    same 3 "$status"
    finding UNKNOWN local-failure
}

@test "local-failure: no route of ours is UNKNOWN, not the server's fault" {
    require_tool unshare
    unshare -rn true 2>/dev/null || skip "no right to make a network namespace"
    status=0
    output=$(unshare -rn "$(plugin check_smtp_banner)" -H 192.0.2.25 --ehlo monitor.test --no-names -t 2 -v) || status=$?
    same 3 "$status"
    finding UNKNOWN local-failure
    contains "$output" 'no route'
}

@test "tls: a handshake that fails before the greeting" {
    serve <<<'offer STARTTLS'
    check --implicit-tls -p "$FAKE_SMTP_PORT"
    same 2 "$status"
    finding CRITICAL tls
    contains "$output" 'does not answer in TLS: 220 mail.test ESMTP'
}

# ---- the greeting

@test "refused: 554, and nothing but QUIT is said" {
    serve <<<'554 5.7.1 go away'
    check
    same 2 "$status"
    finding CRITICAL refused
    contains "$output" '554 5.7.1 go away'
    same 'QUIT' "$(fake_smtp_said)"
}

@test "refused: 521 (RFC 7504)" {
    serve <<<'521 mail.test does not accept mail'
    check
    finding CRITICAL refused
}

@test "refused: 421 without a word about rates" {
    serve <<<'421 4.3.2 Service shutting down'
    check
    same 2 "$status"
    finding CRITICAL refused
}

@test "refused: 450" {
    serve <<<'450 4.3.0 later'
    check
    finding CRITICAL refused
}

@test "refused: a code that is none of a greeting" {
    serve <<<'354 go on'
    check
    finding CRITICAL refused
}

@test "busy: 421 with too many connections is WARNING" {
    serve <<<'421 4.7.0 mail.test Error: too many connections from 127.0.0.1'
    check
    same 1 "$status"
    finding WARNING busy
    no_finding CRITICAL refused
}

@test "busy: in reply to EHLO" {
    serve <<<'on EHLO 421 4.7.0 Rate limit exceeded'
    check
    same 1 "$status"
    finding WARNING busy
}

@test "no-greeting: silence ends inside the deadline" {
    serve <<<'on connect silent'
    SECONDS=0
    check -t 1
    [ "$SECONDS" -lt 4 ]
    same 2 "$status"
    finding CRITICAL no-greeting
    contains "$output" 'no greeting within'
}

@test "no-greeting: a tarpit that is not done in time; what came of it is shown" {
    serve <<<'[chunk=2 pause=300] on connect'
    check -t 1
    finding CRITICAL no-greeting
    contains "$output" 'no whole greeting within'
    contains "$output" 'only: 220'
}

@test "no-greeting: 220- without its end" {
    serve <<'END'
on connect
    send 220-mail.test wait\r\n
    silent
END
    check -t 1
    finding CRITICAL no-greeting
}

@test "no-greeting: closed at once" {
    serve <<<'on connect close'
    check
    finding CRITICAL no-greeting
    contains "$output" 'the connection was closed while the greeting was awaited'
}

@test "no-greeting: reset" {
    serve <<<'on connect reset'
    check
    finding CRITICAL no-greeting
    contains "$output" 'reset'
}

@test "not-smtp: 2200" {
    serve <<<'on connect send 2200 garbage\r\n'
    check
    same 2 "$status"
    finding CRITICAL not-smtp
    contains "$output" '2200 garbage'
}

@test "not-smtp: SSH with 220 in its banner" {
    serve <<<'on connect send SSH-2.0-x 220\r\n'
    check
    finding CRITICAL not-smtp
    contains "$output" 'SSH-2.0-x 220'
}

@test "not-smtp: octets without sense" {
    serve <<'END'
on connect
    garbage 300
    send \r\n
END
    check
    finding CRITICAL not-smtp
    same 0 "$(LC_ALL=C grep -c '[[:cntrl:]]' <<<"$output")"
    [ "$(head -n 1 <<<"$output" | LC_ALL=C wc -c)" -lt 600 ]
}

@test "not-smtp: a line of a megabyte" {
    serve <<'END'
on connect
    send 220\x20
    repeat 1000000 x
END
    check
    finding CRITICAL not-smtp
    [ "${#output}" -lt 8200 ]
}

@test "not-smtp: a line without end, inside the deadline" {
    serve <<'END'
on connect
    send 220\x20
    endless x
END
    check -t 2
    finding CRITICAL not-smtp
}

@test "not-smtp: a greeting of more lines than are read" {
    serve <<'END'
on connect
    endless 220-mail.test\r\n
END
    check -t 2
    finding CRITICAL not-smtp
}

@test "greeting of several lines: the final one is awaited" {
    serve <<'END'
220-mail.test ESMTP
    wait 200
220 mail.test ESMTP ready
offer STARTTLS
END
    check
    same 0 "$status"
    fake_smtp_is_polite
}

@test "replies octet by octet are replies" {
    serve <<'END'
chunk 1
offer STARTTLS
END
    check
    same 0 "$status"
}

@test "greeting-code: 250 where 220 is due" {
    serve <<<'250 mail.test ESMTP
offer STARTTLS'
    check
    same 1 "$status"
    finding WARNING greeting-code
}

@test "reply-form: lines that end with LF alone" {
    serve <<<'on connect send 220 mail.test ESMTP\n
offer STARTTLS'
    check
    same 1 "$status"
    finding WARNING reply-form
    contains "$output" 'LF alone'
}

@test "reply-form: NUL in the greeting, shown and not printed" {
    serve <<<'on connect send 220 mail.test\0 x\r\n
offer STARTTLS'
    check
    finding WARNING reply-form
    contains "$output" '\x00'
}

@test "reply-form: a line over 512 octets" {
    serve <<'END'
on connect
    send 220 mail.test\x20
    repeat 600 x
    send \r\n
offer STARTTLS
END
    check
    finding WARNING reply-form
    contains "$output" '512'
}

@test "reply-form: the codes of the lines differ" {
    serve <<<'on EHLO
    send 250-mail.test\r\n220-SIZE 1000\r\n250 STARTTLS\r\n'
    check
    finding WARNING reply-form
    contains "$output" 'reply to EHLO'
}

@test "reply-form: terminal controls, markup and perfdata of the server stay harmless" {
    serve <<<'on connect send 220 mail.test \e[2J|x=1;;; <b>\xff\r\n
offer STARTTLS'
    check
    finding WARNING reply-form
    contains "$output" '220 mail.test \x1B[2J!x=1;;; (b)\xFF'
    same 1 "$(head -n 1 <<<"$output" | tr -cd '|' | wc -c)"
}

@test "unsolicited: a second reply behind the greeting is taken for no reply" {
    serve <<'END'
on connect
    send 220 mail.test ESMTP\r\n250 injected\r\n
offer STARTTLS
END
    check
    same 1 "$status"
    finding WARNING unsolicited
    contains "$output" '250 injected'
    contains "$output" 'EHLO monitor.test: 250 mail.test'
}

@test "slow: -w and -c are for the greeting" {
    serve <<<'[delay=300] on connect
offer STARTTLS'
    check -w 0.1 -c 5
    same 1 "$status"
    finding WARNING slow
    check -w 0.1 -c 0.2
    same 2 "$status"
    finding CRITICAL slow
    contains "$output" ' time_banner=0.3'
    contains "$output" 's;0.1;0.2 time_ehlo='
    check -w 5 -c 10
    same 0 "$status"
}

@test "stage-slow: --time for the others" {
    serve <<<'[delay=300] on EHLO
offer STARTTLS'
    check --time ehlo=0.1,0.2
    same 2 "$status"
    finding CRITICAL stage-slow
    check --time ehlo=0.1
    same 1 "$status"
    finding WARNING stage-slow
    check --time ehlo=,0.1
    same 2 "$status"
    check --time total=0.1,5 --time connect=5 --time quit=5
    same 1 "$status"
    contains "$output" 'the whole check took'
}

# ---- EHLO

@test "closing: 421 in reply to EHLO" {
    serve <<<'on EHLO 421 4.3.2 Closing down'
    check
    same 2 "$status"
    finding CRITICAL closing
    contains "$output" '421 4.3.2 Closing down in reply to EHLO'
}

@test "closing: 421 out of turn, behind the greeting" {
    serve <<'END'
on connect
    send 220 mail.test ESMTP\r\n421 4.4.2 idle\r\n
    close
END
    check
    finding CRITICAL closing
}

@test "no-reply: silence at EHLO" {
    serve <<<'on EHLO silent'
    check -t 1
    same 2 "$status"
    finding CRITICAL no-reply
    contains "$output" 'no reply to EHLO within'
}

@test "no-reply: half a reply to EHLO" {
    serve <<'END'
on EHLO
    send 250-mail.test\r\n250-SI
    silent
END
    check -t 1
    finding CRITICAL no-reply
    contains "$output" 'only: 250-mail.test 250-SI'
}

@test "no-reply: closed and reset at EHLO" {
    serve <<<'[connection=1] on EHLO close
on EHLO reset'
    check
    finding CRITICAL no-reply
    check
    finding CRITICAL no-reply
    contains "$output" 'the connection was reset while the reply to EHLO was awaited'
}

@test "no-reply: a slow greeting that left no time for EHLO is told" {
    serve <<<'[delay=1200] on connect
on EHLO silent'
    check -t 2
    finding CRITICAL no-reply
    contains "$output" '(the greeting had taken 1.2 s)'
}

@test "not-smtp: a flood in reply to EHLO" {
    serve <<'END'
on EHLO
    endless 250-FLOOD\r\n
END
    check -t 3
    finding CRITICAL not-smtp
    contains "$output" 'the reply to EHLO is no SMTP reply'
}

@test "ehlo-failed: EHLO and HELO refused" {
    serve <<<'on EHLO 550 no
on HELO 550 no'
    check
    same 2 "$status"
    finding CRITICAL ehlo-failed
    contains "$output" '550 no in reply to HELO'
}

@test "ehlo-failed: 451 to EHLO" {
    serve <<<'on EHLO 451 4.3.0 lookup failed'
    check
    finding CRITICAL ehlo-failed
}

@test "local-failure: a name of --ehlo that the server does not take is ours, not the server's fault" {
    serve <<<'[helo=bad_name] on EHLO 501 5.5.4 Invalid EHLO argument
[helo=bad_name] on HELO 501 5.5.4 Invalid HELO argument
offer STARTTLS'
    check --ehlo bad_name
    same 3 "$status"
    finding UNKNOWN local-failure
    contains "$output" 'the name of --ehlo'
    no_finding CRITICAL ehlo-failed
    check --ehlo other.test
    same 0 "$status"
}

@test "ehlo-refused: HELO alone is WARNING, and says nothing of STARTTLS" {
    serve <<<'on EHLO 502 5.5.1 what'
    check
    same 1 "$status"
    finding WARNING ehlo-refused
    no_finding WARNING no-starttls
}

@test "keyword-missing: --require, in either case, and its parameters" {
    serve <<<'offer starttls
offer AUTH CRAM-MD5'
    check --require STARTTLS --require auth=cram-md5 --require 8bitmime
    same 0 "$status"
    check --require DSN
    same 2 "$status"
    finding CRITICAL keyword-missing
    contains "$output" 'DSN is required and not offered'
    check --require AUTH=PLAIN
    finding CRITICAL keyword-missing
}

@test "keyword-missing: nothing is offered to HELO" {
    serve <<<'on EHLO 502 what'
    check --require SIZE
    finding CRITICAL keyword-missing
}

@test "keyword-forbidden: --forbid" {
    serve <<<'offer STARTTLS
offer CHUNKING'
    check --forbid chunking
    same 1 "$status"
    finding WARNING keyword-forbidden
    check --forbid DSN
    same 0 "$status"
}

@test "keyword-form: a keyword that is none, and one twice, are notes" {
    serve <<<'on EHLO
    250-mail.test
    250-STARTTLS
    250-BAD_WORD
    250-DSN
    250 DSN'
    check
    same 0 "$status"
    finding OK keyword-form
    contains "$output" 'stands there twice'
}

@test "size: bounds below and above, and no limit" {
    serve <<<'[connection=4-] offer SIZE 0
offer STARTTLS'
    check --size-warning 20000000:
    same 1 "$status"
    finding WARNING size
    check --size-critical 20000000:
    same 2 "$status"
    check --size-warning 1000:20000000
    same 0 "$status"
    check --size-warning 1000:20000000
    finding WARNING size
    contains "$output" 'SIZE 0 (no limit)'
    check --size-warning 1000:
    same 0 "$status"
}

@test "size-absent: no SIZE, SIZE alone, SIZE with what is no number" {
    serve <<<'[connection=1] withhold SIZE
[connection=2] offer SIZE
[connection=3-] offer SIZE 10x
offer STARTTLS'
    check --size-warning 1000:
    finding WARNING size-absent
    check --size-warning 1000:
    finding WARNING size-absent
    check --size-warning 1000:
    finding WARNING size-absent
    check
    same 0 "$status"
    contains "$output" 'size_limit=U'
}

@test "no-starttls: WARNING for an exchanger, CRITICAL for submission" {
    serve </dev/null
    check
    same 1 "$status"
    finding WARNING no-starttls
    check --service submission
    same 2 "$status"
    finding CRITICAL no-starttls
}

@test "no-starttls: damaged on the way" {
    serve <<<'offer XXXXXXXA'
    check
    finding WARNING no-starttls
    contains "$output" 'XXXXXXXA'
}

@test "auth-clear: PLAIN and LOGIN without TLS" {
    serve <<<'[connection=1] offer AUTH PLAIN LOGIN
[connection=2-] offer AUTH CRAM-MD5
offer STARTTLS'
    check
    same 1 "$status"
    finding WARNING auth-clear
    contains "$output" 'AUTH PLAIN LOGIN'
    check
    same 0 "$status"
}

@test "auth-clear: under TLS there is nothing to warn of" {
    fake_certificates
    serve <<<'implicit-tls
offer AUTH PLAIN'
    check --implicit-tls -p "$FAKE_SMTP_PORT" --service submission
    same 0 "$status"
}

@test "auth-mx: a note on the exchanger's port, none for submission" {
    serve <<<'offer AUTH CRAM-MD5
offer STARTTLS'
    check
    finding OK auth-mx
    check --service submission
    no_finding OK auth-mx
}

@test "ehlo-name: another name than in the greeting is a note" {
    serve <<<'on EHLO
    250-node7.test
    250 STARTTLS'
    check
    same 0 "$status"
    finding OK ehlo-name
    contains "$output" 'node7.test'
}

@test "quit: no answer to QUIT never decides, and costs two seconds at most" {
    serve <<<'on QUIT silent
offer STARTTLS'
    SECONDS=0
    check
    [ "$SECONDS" -lt 5 ]
    same 0 "$status"
    finding OK quit
}

@test "quit: closed without a word; another code" {
    serve <<<'[connection=1] on QUIT close
on QUIT 250 bye
offer STARTTLS'
    check
    same 0 "$status"
    finding OK quit
    check
    same 0 "$status"
    contains "$output" 'not answered with 221: 250 bye'
}

# ---- transport

@test "PROXY protocol: the header comes first, and only when asked for" {
    serve <<<'proxy-protocol v1
offer STARTTLS'
    check --proxy-protocol v1,127.0.0.9:4000,127.0.0.2:25
    same 0 "$status"
    contains "$(cat "$FAKE_SMTP_LOG")" 'v1 TCP4 127.0.0.9 127.0.0.2 4000 25'
    check -t 2
    finding CRITICAL no-greeting
}

@test "local-failure: a server that expects no PROXY header is not judged by replies that are one step late" {
    local version
    serve <<<'offer STARTTLS'
    for version in v1 v2; do
        check --proxy-protocol "$version"
        same 3 "$status"
        finding UNKNOWN local-failure
        contains "$output" 'does not expect the header of --proxy-protocol: 500'
        no_finding WARNING ehlo-refused
    done
}

@test "--source is where the connection comes from, and EHLO says its name" {
    zone '9.0.0.127.in-addr.arpa PTR second.test' 'second.test A 127.0.0.9'
    serve <<<'offer STARTTLS'
    check --source 127.0.0.9
    same 0 "$status"
    contains "$(fake_smtp_said)" 'EHLO second.test'
    contains "$(cat "$FAKE_SMTP_LOG")" 'open accept 127.0.0.9'
}

@test "mail-unjudged: a refusal of our own address says nothing of bounces and postmaster" {
    serve <<<'on MAIL 550 5.7.1 Service unavailable; Client host [127.0.0.1] blocked using bl.test
offer STARTTLS'
    check --mail-null
    same 3 "$status"
    finding UNKNOWN mail-unjudged
    no_finding CRITICAL mail-null
    fake_smtp_stop
    serve <<<'on RCPT 554 5.7.1 Service unavailable; Client host [127.0.0.1] blocked using bl.test
offer STARTTLS'
    check --postmaster mail.test
    same 3 "$status"
    finding UNKNOWN mail-unjudged
    lacks "$output" 'smtp.postmaster'
}

@test "ehlo-name: case and a dot at the end make no other name" {
    serve <<<'on connect 220 MAIL.test. ESMTP
offer STARTTLS'
    check
    lacks "$output" 'smtp.ehlo-name'
}

@test "reply-form: a code of success that is not due" {
    serve <<<'on EHLO 251 mail.test
offer STARTTLS'
    check
    finding WARNING reply-form
    contains "$output" 'the code 251 where 250 is due'
}

@test "bad-address: nobody speaks to an address of documentation" {
    require_tool strace
    banner=$(traced "$banner")
    local address
    serve </dev/null
    zone 'a.test A 192.0.2.25' 'b.test A 198.51.100.25' 'c.test A 203.0.113.25' 'd.test AAAA 2001:db8::25'
    zone 'e.test A 127.0.0.2' 'e.test A 192.0.2.25'
    for address in a b c d; do
        check -H "$address.test"
        same 2 "$status"
        finding CRITICAL bad-address
        contains "$output" 'it was not asked'
        contains "$output" 'documentation'
    done
    check -H e.test
    same 1 "$status"
    finding WARNING bad-address
    no_connection_to '192.0.2.' '198.51.100.' '203.0.113.' '2001:db8:'
}

@test "--resolve: an address in place of DNS" {
    serve <<<'offer STARTTLS'
    check -H other.test --resolve other.test:127.0.0.2
    same 0 "$status"
    same 0 "$(fake_dns_count ' other.test ')"
}

# ---- usage

@test "a name of --ehlo that is no word, and a path that is too long for a socket, are usage errors" {
    local path
    for words in 'a b' ''; do
        run_banner -H 127.0.0.1 --ehlo "$words"
        same 3 "$status"
        contains "$output" '--ehlo'
    done
    path=$(printf '%0200d' 0)
    run_banner -H "unix:/$path"
    same 3 "$status"
    contains "$output" '107'
}

@test "values that are no good are usage errors that name the option" {
    local words
    for words in '--time banner=1' '--time ehlo' '--time ehlo=' '--time ehlo=x' '--banner-match no' \
        '--banner-match name=' '--mail alice' '--mail a@<b>' '--require =x' '--require A,B' '--forbid =' '--probe all' \
        '--policy lax' '--service imap' '--lmtp -p 25' '--proxy-protocol v3' '--size-warning x'; do
        # shellcheck disable=SC2086
        run_banner -H mail.test $words
        same 3 "$status"
        contains "$output" "UNKNOWN - "
        contains "$output" "${words%% *}"
    done
}

@test "nothing from an option reaches the wire with a line end in it" {
    serve <<<'offer STARTTLS'
    check --ehlo $'x\r\nMAIL FROM:<>'
    same 3 "$status"
    check --mail $'a@b\r\nRSET'
    same 3 "$status"
    same 0 "$(fake_smtp_connections)"
}

@test "--severity tunes a finding" {
    serve </dev/null
    check --severity smtp.no-starttls=ignore
    same 0 "$status"
    check --severity smtp.no-starttls=critical
    same 2 "$status"
}
