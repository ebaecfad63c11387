#!/usr/bin/env bats
# mailcheck through the real binary: which plugins it runs with which words, what it makes of what they say, what a person
# reads. The plugins are scripts of the tests that write down how they were called; mailcheck_lab.bats has the real ones.

load helper
load assert
load mailcheck

setup() {
    mailcheck=$(plugin mailcheck/mailcheck)
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH NO_COLOR
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir plugins
    fake_dns_start - <<'ZONE'
soa test
one.test MX 10 mx1.one.test
one.test MX 20 mx2.one.test
mx1.one.test A 44.128.0.1
mx2.one.test A 44.128.0.2
mx2.one.test AAAA 2a00:1450::2
two.test MX 10 mx1.one.test
1.0.128.44.in-addr.arpa PTR mx1.one.test
2.0.128.44.in-addr.arpa PTR mx1.one.test
[delay=3000] late.test MX 10 mx1.one.test
private.test MX 10 mx.private.test
mx.private.test A 10.0.0.1
dark.test MX 10 mx.dark.test
mx.dark.test ANY SERVFAIL
lost.test MX 10 mx1.one.test
lost.test MX 20 mx.lost.test
none.test MX 0 .
broken.test ANY SERVFAIL
xn--bcher-kva.test MX 10 mx1.one.test
ZONE
}

teardown() {
    fake_dns_stop
}

# ---- which plugins

@test "a domain: each plugin that applies, each exchanger once" {
    all_fine
    check one.test
    same 0 "$status"
    called '--domain one.test'
    called "check_mx --output-format=json"
    called "--host mx1.one.test"
    called "--host mx2.one.test"
    same 2 "$(grep -c '^check_smtp_banner ' calls)"
    same 2 "$(grep -c '^check_dnsbl ' calls)"
    same 2 "$(grep -c '^check_starttls .*--host mx[12].one.test' calls)"
    same 2 "$(grep -c '^check_rdns .*--host mx[12].one.test' calls)"
    same 1 "$(grep -c '^check_dkim .*--discover' calls)"
    not_called check_open_relay
    same 13 "$(wc -l <calls)"
}

@test "the exchangers are asked for once, and what is known of them is handed on" {
    all_fine
    check one.test
    same 1 "$(fake_dns_count ' one.test MX ')"
    same 1 "$(fake_dns_count ' mx2.one.test AAAA ')"
    not_called --mx
    called '--host mx1.one.test --resolve=mx1.one.test:44.128.0.1'
    called '--host mx2.one.test --resolve=mx2.one.test:2a00:1450::2 --resolve=mx2.one.test:44.128.0.2'
    called '--hostname=44.128.0.1 --hostname=2a00:1450::2 --hostname=44.128.0.2'
}

@test "addresses that are not known, or not on the Internet, are left to check_dnsbl to find" {
    all_fine
    check --only dnsbl private.test
    called '--mx private.test'
    check --only dnsbl dark.test
    called '--mx dark.test'
    not_called --hostname
}

@test "an exchanger without an address is told by check_mx alone" {
    all_fine
    check lost.test
    not_called '--host mx.lost.test'
    check --only smtp_banner lost.test
    called '--host mx.lost.test'
}

@test "a server of several domains is asked once, and each domain has what it said" {
    all_fine
    fake smtp_banner 1 '{"id":"smtp.slow","state":1,"subject":"mx1","text":"slow","seen":null,"fix":"More","reference":"r"}'
    check --only smtp_banner --only starttls one.test two.test
    same 1 "$(grep -c '^check_smtp_banner .*--host mx1.one.test' calls)"
    same 1 "$(grep -c '^check_starttls .*--host mx1.one.test' calls)"
    says 'WARNING   two.test: of 2 checks 1 warning, 1 fine'
    says 'checks=6'
}

@test "one conversation serves where one is enough" {
    all_fine
    check one.test
    same 1 "$(grep -c '^check_mx .*--no-connect' calls)"
    same 2 "$(grep -c '^check_rdns .*--no-connect' calls)"
    called '--severity smtp.ptr-missing=ignore'
    : >calls
    check --skip smtp_banner one.test
    not_called --no-connect
    : >calls
    check --set mx.rcpt --skip rdns one.test
    not_called --no-connect
    not_called smtp.ptr
}

# Whoever speaks to mx1.one.test does so for a while: nobody else may then, but check_smtp_banner beside another.
alone() {
    cat >alone <<SCRIPT
case \$* in
*--no-connect*) ;;
*mx1.one.test* | *"--domain one.test --tls"*)
    case \$0 in
    */check_smtp_banner) busy="$PWD/busy.banner" ;;
    *) busy="$PWD/busy" ;;
    esac
    mkdir "\$busy" || echo "\$0 \$*" >>"$PWD/clash"
    echo . >>"$PWD/spoken"
    sleep 0.03
    rmdir "\$busy"
    ;;
esac
SCRIPT
    sed -i "2i . '$PWD/alone'" plugins/check_*
}

@test "a server has one conversation beside that of check_smtp_banner, over all plugins and domains" {
    all_fine
    alone
    check --relay --set mx.tls one.test two.test
    same 0 "$status"
    [ ! -e clash ]
    # banner, starttls, check_mx of one domain, open_relay of both.
    same 5 "$(wc -l <spoken)"
}

# banner_says CODE [ID STATE]: the object of check_smtp_banner for a server that answers EHLO with this code; 0: nothing.
banner_says() {
    local outcome=answered
    [ "$1" -ne 0 ] || outcome=ended
    cat >plugins/check_smtp_banner <<SCRIPT
#!/bin/sh
echo "check_smtp_banner \$*" >>"$PWD/calls"
echo '{"plugin":"check_smtp_banner","state":2,"summary":"s","findings":[{"id":"${2-smtp.no-reply}","state":${3-2}}],"conversations":[{"transcript":[{"verb":"greeting","outcome":"answered","code":220},{"verb":"EHLO","outcome":"$outcome","code":$1}]}]}'
SCRIPT
}

@test "no exchanger greets: that is said first, of the domain" {
    all_fine
    banner_says 0
    check one.test
    same 2 "$status"
    says 'MAIL CRITICAL - one.test: no exchanger takes mail: mx1.one.test, mx2.one.test'
    says '  CRITICAL  one.test  mailcheck.all-down'
    fake mx 2 '{"id":"mx.all-down","state":2,"subject":"one.test","text":"no exchanger works","seen":null,"fix":"Start one","reference":"r"}'
    check --set mx.rcpt one.test
    lacks "$output" mailcheck.all-down
    banner_says 250
    check --skip mx one.test
    lacks "$output" mailcheck.all-down
}

@test "an exchanger that refuses us, or that this host cannot reach, is not called down" {
    all_fine
    banner_says 554
    check one.test
    same 2 "$status"
    lacks "$output" mailcheck.all-down
    banner_says 0 smtp.local-failure 3
    check one.test
    lacks "$output" mailcheck.all-down
}

@test "what is not known of the greeting leaves no check out" {
    all_fine
    fake starttls 2 '{"id":"starttls.expired","state":2,"subject":"mx1.one.test","text":"expired","seen":null,"fix":"Renew it","reference":"r"}'
    banner_says 0 smtp.local-failure 3
    check one.test
    says '  starttls.expired'
    lacks "$output" 'left out'
    cat >plugins/check_smtp_banner <<SCRIPT
#!/bin/sh
echo '{"plugin":"check_smtp_banner","state":3,"summary":"unknown option","findings":[],"conversations":[]}'
exit 3
SCRIPT
    check one.test
    same 2 "$status"
    says '  starttls.expired'
    lacks "$output" 'left out'
    banner_says 554
    check one.test
    says 'starttls     mx1.one.test: left out, it did not greet'
}

@test "an IPv4 address in IPv6 clothes is that address" {
    all_fine
    check --only rdns ::ffff:44.128.0.1 44.128.0.1
    same 1 "$(grep -c '^check_rdns .*--host 44.128.0.1' calls)"
    says 'domains=1'
}

@test "the PTR record of an address is told once" {
    all_fine
    check 44.128.0.1
    called '--severity smtp.ptr-unconfirmed=ignore'
    not_called smtp.bad-address
    : >calls
    check --skip rdns 44.128.0.1
    not_called --severity
}

@test "of a server that did not greet the others tell nothing" {
    require_tool jq
    all_fine
    fake starttls 2 '{"id":"starttls.connect","state":2,"subject":"mx1.one.test","text":"refused","seen":null,"fix":"Start it","reference":"r"}'
    banner_says 0
    check --relay one.test
    called check_rdns
    says 'CRITICAL  one.test: of 15 checks 2 critical, 9 fine, 4 left out'
    says '  -         starttls     mx1.one.test: left out, it did not greet'
    says '  -         open_relay   mx1.one.test: left out, it did not greet'
    lacks "$output" starttls.connect
    check --relay --html page.html one.test
    grep -qF '<span class="ok">9 fine</span>, 4 left out</p>' page.html
    check --json one.test
    same 'left-out null' "$(jq -r '.domains[0].checks[] | select(.plugin == "check_starttls") | "\(.outcome) \(.result)"' <<<"$output" | sort -u)"
    same 'finished' "$(jq -r '.domains[0].checks[] | select(.result != null).outcome' <<<"$output" | sort -u)"
    banner_says 250
    check one.test
    says starttls.connect
    # Another port is another server.
    banner_says 0
    check --set smtp_banner.port=587 one.test
    says starttls.connect
}

@test "a server that did not greet is not asked by those that had not begun" {
    all_fine
    banner_says 0
    sed -i "2i echo \$\$ >>'$PWD/banners'" plugins/check_smtp_banner
    # check_mx, which speaks before the others, goes on until mailcheck knows that both checks of the banner have ended.
    cat >wait_for_banners <<SCRIPT
tries=0
until [ -s "$PWD/banners" ] && [ "\$(wc -l <"$PWD/banners")" -eq 2 ] && ! kill -0 \$(cat "$PWD/banners") 2>/dev/null; do
    tries=\$((tries + 1))
    [ \$tries -lt 2000 ] || exit 3
    sleep 0.01
done
SCRIPT
    sed -i "2i . '$PWD/wait_for_banners'" plugins/check_mx
    check --relay --set mx.tls one.test
    called '--domain one.test --tls'
    not_called check_starttls
    not_called check_open_relay
    says '  -         starttls     mx1.one.test: left out, it did not greet'
}

@test "an address: the plugins for a server" {
    all_fine
    check 2001:DB8::25
    same 0 "$status"
    same 'check_dnsbl check_rdns check_smtp_banner check_starttls' \
        "$(cut -d ' ' -f 1 calls | sort | tr '\n' ' ' | sed 's/ $//')"
    called '--host 2001:db8::25'
    not_called --name
}

@test "an address: its certificate is verified by the name that leads back to it, and by no other" {
    all_fine
    check 44.128.0.1
    same 0 "$status"
    same '--name mx1.one.test' "$(grep '^check_starttls ' calls | grep -o -e '--name [^ ]*')"
    same 1 "$(grep -c -e '--name' calls)"
    : >calls
    # The name has another address; and a mapped address is the IPv4 one.
    check ::ffff:44.128.0.2
    called '--host 44.128.0.2'
    not_called --name
}

@test "an internationalised domain goes out in A-labels" {
    all_fine
    check bücher.test
    same 0 "$status"
    called '--domain xn--bcher-kva.test'
}

@test "every plugin gets the resolver and a deadline inside ours" {
    all_fine
    check -t 7 --use-ipv4 one.test
    same 13 "$(grep -c -e "--timeout=[1-6]\.[0-9]* -4 --resolver 127.0.0.1:$FAKE_DNS_PORT" calls)"
    # Who shares a server shares the time.
    : >calls
    check -t 7 --use-ipv4 --relay one.test
    same 2 "$(grep -c -e '^check_starttls .*--timeout=3\.' calls)"
    same 2 "$(grep -c -e '^check_open_relay .*--timeout=6\.' calls)"
}

@test "what needs no exchangers does not wait for them" {
    all_fine
    check late.test
    same 0 "$status"
    called '--host mx1.one.test'
    same check_dkim,check_dmarc,check_dnsbl,check_mx,check_spf,check_tlsrpt \
        "$(grep -B20 -m1 -e '--host mx1' calls | sed '$d' | sed 's/ .*//' | sort | tr '\n' ',' | sed 's/,$//')"
}

@test "a domain that takes no mail (RFC 7505): no server is looked for" {
    all_fine
    check none.test
    same 0 "$status"
    not_called check_smtp_banner
    not_called check_starttls
    not_called --mx
    called 'check_mx '
}

@test "--relay: each exchanger is tested, with the domain" {
    all_fine
    check --relay one.test
    called 'check_open_relay '
    same 2 "$(grep -c '^check_open_relay .*--host mx[12].one.test .*--domain one.test' calls)"
}

@test "--only and --skip" {
    all_fine
    check --only spf --only dmarc --skip dmarc one.test
    same 'check_spf' "$(cut -d ' ' -f 1 calls)"
    check --only spam one.test
    same 3 "$status"
    says 'option --only: expected'
}

@test "--selector: these are looked at, none is guessed" {
    all_fine
    check --selector a --selector b --only dkim one.test
    called '--selector a --selector b'
    not_called --discover
}

@test "--set gives a plugin an option" {
    all_fine
    check --set spf.ip=192.0.2.1 --set dmarc.parked one.test
    same 1 "$(grep -c '^check_spf .*--ip=192.0.2.1' calls)"
    same 1 "$(grep -c '^check_dmarc .*--parked' calls)"
    same 1 "$(grep -c -e --parked calls)"
    check --set ip=192.0.2.1 one.test
    same 3 "$status"
    says 'option --set: expected SERVICE.OPTION'
}

@test "--config: settings for all domains and for one" {
    all_fine
    cat >mail.ini <<'INI'
# for all
[*]
skip = tlsrpt
dnsbl.exclude = zen.example
[one.test]
dkim.selector = mail2026
spf.ip = 192.0.2.1
[two.test]
only = spf
INI
    check --config mail.ini one.test two.test
    same 0 "$status"
    not_called check_tlsrpt
    same 1 "$(grep -c '^check_spf .*--domain one.test --ip=192.0.2.1' calls)"
    same 1 "$(grep -c '^check_spf .*--domain two.test$' calls)"
    same 1 "$(grep -c '^check_dkim .*--selector=mail2026$' calls)"
    not_called '--domain two.test --discover'
    same 2 "$(grep -c '^check_dnsbl .*--exclude=zen.example' calls)"
}

@test "--config: a line that is no setting is told with its place" {
    all_fine
    printf '[one.test]\nspam.x = 1\n' >mail.ini
    check --config mail.ini one.test
    same 3 "$status"
    says 'mail.ini:2: expected SERVICE.OPTION = VALUE'
    check --config missing.ini one.test
    same 3 "$status"
    says 'missing.ini'
    printf '[one.test]\nskip = spf, dkim\n' >mail.ini
    check --config mail.ini one.test
    same 3 "$status"
    says 'mail.ini:2: expected only or skip = one service that --only knows, got "skip=spf, dkim"'
}

@test "--config: the name of a section is written as a domain may be" {
    local heading
    all_fine
    for heading in ONE.test one.test. ' one.test '; do
        printf '[%s]\nspf.ip = 192.0.2.1\n' "$heading" >mail.ini
        : >calls
        check --config mail.ini One.Test.
        called '--domain one.test --ip=192.0.2.1'
    done
    printf '[2001:0DB8::1]\nsmtp_banner.port = 26\n' >mail.ini
    check --config mail.ini 2001:db8::1
    called '--port=26'
}

@test "--config: what is none of an ini file is told, whatever is checked" {
    all_fine
    printf '[one.test\nspf.ip = 192.0.2.1\n' >mail.ini
    check --config mail.ini one.test
    same 3 "$status"
    says '--config: mail.ini:1: expected ] at the end'
    printf 'spf.ip = 192.0.2.1\n' >mail.ini
    check --config mail.ini one.test
    same 3 "$status"
    says '--config: mail.ini:1: expected a [section] before the first option'
    printf '[*.test]\nspf.ip = 192.0.2.1\n' >mail.ini
    check --config mail.ini one.test
    same 3 "$status"
    says '--config: mail.ini:1: expected a section [*], or one of a domain or an address, got [*.test]'
    printf '[other.test]\nmaybe = later\n' >mail.ini
    check --config mail.ini one.test
    same 0 "$status"
}

# ---- what is made of what they say

@test "a finding: the state, its id, what, why, seen, fix and where it is written" {
    all_fine
    fake spf 2 "$FINDING"
    check one.test
    same 2 "$status"
    says 'MAIL CRITICAL - one.test: it is bad (spf.bad) | critical=1 warning=0 unknown=0 ok=12'
    says 'CRITICAL  one.test: of 13 checks 1 critical, 12 fine'
    says '  CRITICAL  one.test  spf.bad'
    says '    what  it is bad'
    says '    why   Because of that.'
    says '    seen  v=spf1 oops'
    says '    fix   Publish v=spf1 -all'
    says '    see   RFC 7208 4.6'
    says '  OK        dmarc        dmarc says 0'
}

@test "worst first, over all plugins" {
    all_fine
    fake mx 1 '{"id":"mx.few","state":1,"subject":"one.test","text":"few","seen":null,"fix":"More","reference":"r"}'
    fake spf 2 "$FINDING"
    check one.test
    same 'spf.bad mx.few' "$(grep -oE '^  [A-Z].*(spf.bad|mx.few)$' <<<"$output" | grep -oE '[a-z.]+$' | tr '\n' ' ' | sed 's/ $//')"
}

@test "notes of a plugin are no findings of ours" {
    all_fine
    fake spf 0 '{"id":"spf.note","state":0,"subject":"one.test","text":"a note","seen":null,"fix":"-","reference":"r"}'
    check one.test
    same 0 "$status"
    same 0 "$(grep -c 'a note' <<<"$output")"
}

@test "several domains: each for itself, and all in short" {
    all_fine
    fake spf 2 "$FINDING"
    check one.test two.test
    same 2 "$status"
    says 'In short:'
    says '  CRITICAL  two.test  1 critical, 9 fine'
    says 'More about a finding: plugins/check_spf --explain spf.bad'
    says 'CRITICAL  two.test: of 10 checks 1 critical, 9 fine'
    says 'domains=2'
}

@test "mailcheck.critical, mailcheck.warning, mailcheck.unknown: from the states of the plugins" {
    all_fine
    fake spf 2 "$FINDING"
    fake mx 1 '{"id":"mx.few","state":1,"subject":"one.test","text":"few","seen":null,"fix":"More","reference":"r"}'
    fake rdns 3 '{"id":"rdns.dns","state":3,"subject":"one.test","text":"no answer","seen":null,"fix":"Ask","reference":"r"}'
    check --output-format multi-line one.test
    same 2 "$status"
    says '[CRITICAL] one.test: it is bad (spf.bad)'
    says '[WARNING] one.test: few (mx.few)'
    says '[UNKNOWN] one.test: no answer (rdns.dns)'
}

@test "mailcheck.unknown: a plugin that gave up, with its own words" {
    all_fine
    fake spf 3
    check one.test
    same 3 "$status"
    says 'check_spf: spf says 3 (mailcheck.unknown)'
}

@test "mailcheck.not-installed" {
    all_fine
    rm plugins/check_spf
    check one.test
    same 3 "$status"
    says 'plugins/check_spf is not there (mailcheck.not-installed)'
    says '  UNKNOWN   one.test  mailcheck.not-installed'
    says '    fix   Install the plugins, or name their folder with --plugin-dir'
}

@test "mailcheck.no-result: a plugin that crashes, says nothing, or says what is no result" {
    all_fine
    printf '#!/bin/sh\nkill -SEGV $$\n' >plugins/check_spf
    printf '#!/bin/sh\nexit 0\n' >plugins/check_mx
    printf '#!/bin/sh\necho "{\\"plugin\\":\\"check_other\\",\\"state\\":0}"\n' >plugins/check_rdns
    printf '#!/bin/sh\necho "{\\"plugin\\":\\"check_dmarc\\",\\"state\\":7}"\n' >plugins/check_dmarc
    printf 'no program' >plugins/check_tlsrpt
    check --output-format multi-line one.test
    same 3 "$status"
    says 'check_spf was ended by signal 11 (mailcheck.no-result)'
    says 'check_mx ended with status 0 and without a result (mailcheck.no-result)'
    says 'check_rdns ended with status 0 and without a result (mailcheck.no-result)'
    says 'check_dmarc ended with status 0 and without a result (mailcheck.no-result)'
    says 'check_tlsrpt'
    check --only spf --set "spf.helo=it's" one.test
    says 'fix   See what it says by hand: plugins/check_spf -v --resolver'
    says "--domain one.test"
    same 1 "$(tr -s ' \n' ' ' <<<"$output" | grep -cF "'--helo=it'\\''s'")"
}

@test "mailcheck.out-of-time: what is not finished is named, the rest is told" {
    all_fine
    printf '#!/bin/sh\nexec sleep 1000\n' >plugins/check_spf
    check -t 1 one.test
    same 3 "$status"
    says 'check_spf was not finished in time (mailcheck.out-of-time)'
    says '  OK        dmarc        dmarc says 0'
}

@test "mailcheck.dns: the exchangers are not known, and that is no 'none'" {
    all_fine
    check broken.test
    same 3 "$status"
    says 'broken.test: the exchangers are not known: SERVFAIL (mailcheck.dns)'
    says "    seen  asked 127.0.0.1:$FAKE_DNS_PORT"
    same 1 "$(tr -s ' \n' ' ' <<<"$output" | grep -cF "fix See whether the resolver answers: dig MX broken.test @127.0.0.1 -p $FAKE_DNS_PORT ")"
    not_called check_smtp_banner
}

@test "mailcheck.nothing-run: nothing was asked, which is not fine" {
    all_fine
    check --only starttls gone.test
    same 3 "$status"
    says 'gone.test: no check was run: the domain does not exist (mailcheck.nothing-run)'
    says 'UNKNOWN   gone.test: nothing was checked'
    check --only starttls none.test
    says 'no check was run: the domain takes no mail (null MX)'
    check --only spf --skip spf one.test
    says 'no check was run: all are left out'
    [ ! -e calls ]
}

@test "a hostile plugin text reaches nobody raw" {
    all_fine
    fake spf 2 '{"id":"spf.bad","state":2,"subject":"a\u001b[31mb","text":"x | y <b>\u0007","seen":"\u202e","fix":"f","reference":"r"}'
    check one.test
    same 2 "$status"
    same 0 "$(printf '%s' "$output" | tail -n +2 | LC_ALL=C grep -c -e $'\e' -e $'\a' -e '<b>' -e '|')"
}

# ---- how it is shown

@test "--json: one object with each plugin's whole object" {
    require_tool jq
    all_fine
    fake spf 2 "$FINDING"
    check --json one.test two.test
    same 2 "$status"
    same 1 "$(wc -l <<<"$output")"
    same 'one.test 2 13' "$(jq -r '.domains[0] | "\(.domain) \(.state) \(.checks | length)"' <<<"$output")"
    same 'spf says 2' "$(jq -r '.domains[0].checks[] | select(.plugin == "check_spf").result.summary' <<<"$output")"
    same 'mailcheck.critical|it is bad (spf.bad)|Because of that.|RFC 7208 4.6' \
        "$(jq -r '.findings[0] | "\(.id)|\(.text)|\(.why)|\(.reference)"' <<<"$output")"
    same 'mx1.one.test 10 44.128.0.1' \
        "$(jq -r '.domains[0].exchangers[0] | "\(.host) \(.preference) \(.addresses[0])"' <<<"$output")"
    same "$output" "$("$mailcheck" --plugin-dir plugins --resolver "127.0.0.1:$FAKE_DNS_PORT" --output-format json one.test two.test |
        jq -c --argjson time "$(jq .time <<<"$output")" --argjson shown "$(jq .perfdata.time <<<"$output")" \
            '.time = $time | .perfdata.time = $shown')"
}

@test "--json: usage errors and what is given up, too" {
    require_tool jq
    check --json --only smtp one.test
    same 3 "$status"
    same '3 option --only: expected mx,' "$(jq -r '"\(.state) \(.summary)"' <<<"$output" | cut -c1-29)"
    check one@one.test --json
    same 'option --subject:' "$(jq -r .summary <<<"$output" | cut -c1-17)"
    check --json
    same 'nothing to check was named: expected SUBJECT; see --help' "$(jq -r .summary <<<"$output")"
    check --json --config /nonexistent/ini one.test
    same 'UNKNOWN' "$(jq -r .state_text <<<"$output")"
}

@test "--json: why a check has no result" {
    require_tool jq
    all_fine
    rm plugins/check_spf
    printf '#!/bin/sh\nexec sleep 1000\n' >plugins/check_dkim
    printf '#!/bin/sh\nexit 0\n' >plugins/check_dmarc
    check --json -t 1 --only spf --only dkim --only dmarc --only tlsrpt one.test
    same 'check_dkim null out-of-time, check_dmarc null no-result, check_spf null not-installed, check_tlsrpt object finished' \
        "$(jq -r '[.domains[0].checks[] | "\(.plugin) \(.result | type) \(.outcome)"] | sort | join(", ")' <<<"$output")"
}

@test "colour: only when it is wanted, and NO_COLOR is heard" {
    all_fine
    check one.test
    same 0 "$(grep -c $'\e' <<<"$output")"
    check --color always one.test
    same 0 "$(grep -c $'\e' <<<"$output" | grep -cx 0)"
}

@test "on a terminal: no performance data, colour, a line of progress that is wiped" {
    require_terminal
    all_fine
    TERM=xterm script -qec "'$mailcheck' --plugin-dir plugins --resolver 127.0.0.1:$FAKE_DNS_PORT one.test" typescript >shown </dev/null
    same 0 "$(grep -c 'ok=13' shown)"
    grep -q $'\e\\[32mOK' shown
    grep -q '[0-9] of 13 checks done' shown
    NO_COLOR=1 TERM=xterm script -qec "'$mailcheck' --plugin-dir plugins --resolver 127.0.0.1:$FAKE_DNS_PORT one.test 2>/dev/null" typescript >shown </dev/null
    same 0 "$(grep -c $'\e' shown)"
}

@test "the id of a plugin's finding is no id of ours: the way to the plugin is told" {
    all_fine
    check --severity spf.none=ok one.test
    same 3 "$status"
    says 'option --severity: expected the id of a finding of mailcheck, got "spf.none"; that of a plugin is for it: --set SERVICE.severity=ID=STATE, check_SERVICE --explain=ID'
    check --explain=spf.none
    same 3 "$status"
    says 'check_SERVICE --explain=ID'
    check --severity mailcheck.crtical=ok one.test
    says 'did you mean mailcheck.critical?'
    lacks "$output" --set
    check --set spf.severity=spf.none=ok one.test
    same 0 "$status"
    called '--severity=spf.none=ok'
}

@test "the commands for Nagios name the program where it is, outside of the plugins' folder" {
    "$mailcheck" --export=nagios >commands
    same 0 "$(grep -cF "\$USER1\$" commands)"
    same 4 "$(grep -c '^    command_line    /.*/mailcheck ' commands)"
}

@test "nothing to check, or no domain, is a usage error" {
    check
    same 3 "$status"
    says 'UNKNOWN - nothing to check was named: expected SUBJECT'
    check 'not a domain'
    same 3 "$status"
    says 'option --subject: expected an address, or a domain name, one alone and without blanks, got "not a domain"'
    check postmaster@one.test
    same 3 "$status"
    says 'expected an address, or a domain name, no mail address ("one.test" is meant?), got "postmaster@one.test"'
    check --help
    same 3 "$status"
    says 'Usage: mailcheck [OPTION]... SUBJECT...'
}
