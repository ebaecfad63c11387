#!/usr/bin/env bats
# check_spf through the real binary against scripted DNS. Each row of the table of conditions is a test of its own,
# named by its id.

load helper
load assert

setup() {
    spf=$(plugin check_spf)
    findings_of spf
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
    fake_dns_stop
}

# zone [OPTION...]: starts the server with the lines of standard input.
zone() {
    {
        printf 'soa test\n'
        cat
    } >zone.dns
    fake_dns_start zone.dns "$@"
}

# run_spf WORDS...: sets output, status and errors.
run_spf() {
    status=0
    output=$("$spf" --resolver "127.0.0.1:$FAKE_DNS_PORT" "$@" 2>errors </dev/null) || status=$?
    errors=$(cat errors)
    same '' "$errors"
}

# check WORDS...: the domain example.test, with the findings.
check() {
    run_spf -d example.test -v "$@"
}

# record TEXT: a zone with that record of example.test, further lines on standard input.
record() {
    {
        printf 'example.test TXT "%s"\n' "$1"
        cat
    } | zone_of_pipe
}

# A zone from a pipe must not be started in the pipe's own shell.
zone_of_pipe() {
    cat >piped
}

# publish TEXT: as record, and check.
publish() {
    record "$1"
    zone <piped
    check "${@:2}"
}

# fixes: the different "Publish at" lines of the output, one a line.
fixes() {
    grep -o 'Publish at .*' <<<"$output" | sort -u || :
}

# ---- the good case

@test "a good record is OK, with its figures" {
    zone <<'END'
example.test TXT "v=spf1 mx include:_spf.good.test -all"
example.test MX 10 mail.example.test
mail.example.test A 8.8.8.8
mail.example.test AAAA 2a01::8
_spf.good.test TXT "v=spf1 ip4:9.9.9.0/24 -all"
END
    run_spf -d example.test
    same 0 "$status"
    contains "$output" 'SPF OK - example.test: 2 DNS lookups, v=spf1 mx include:_spf.good.test -all'
    contains "$output" '| lookups=2;7;10;0 void_lookups=0;;;0 record_bytes=37B;;;0 includes=1;;;0 addresses=257;;;0 time='
}

@test "-v prints the tree with lookups, void lookups and addresses of each branch" {
    publish 'v=spf1 mx include:_spf.good.test -all' <<'END'
example.test MX 10 mail.example.test
mail.example.test A 8.8.8.8
_spf.good.test TXT "v=spf1 ip4:9.9.9.0/24 include:deep.good.test -all"
deep.good.test TXT "v=spf1 exists:%{i}.x.test -all"
END
    same 0 "$status"
    contains "$output" 'example.test: v=spf1 mx include:_spf.good.test -all [lookups 4, void 0, addresses 257]'
    contains "$output" '  mx: lookups 1, exchangers 1, addresses 1'
    contains "$output" '  include:_spf.good.test: v=spf1 ip4:9.9.9.0/24 include:deep.good.test -all [lookups 2, void 0, addresses 256]'
    contains "$output" '    include:deep.good.test: v=spf1 exists:%{i}.x.test -all [lookups 1, void 0, addresses 0]'
    contains "$output" '      exists:%{i}.x.test: lookups 1, depends on the message'
}

@test "JSON carries the same tree, and the results" {
    require_tool jq
    zone <<'END'
example.test TXT "v=spf1 include:_spf.good.test -all"
_spf.good.test TXT "v=spf1 ip4:9.9.9.0/24 -all"
END
    run_spf -d example.test --ip 9.9.9.9 --output-format json
    same 0 "$status"
    same 'v=spf1 include:_spf.good.test -all' "$(jq -r .record <<<"$output")"
    same '_spf.good.test 256 0' "$(jq -r '.tree.children[0] | "\(.domain) \(.addresses) \(.lookups)"' <<<"$output")"
    same 'pass include:_spf.good.test' "$(jq -r '.results[0] | "\(.result) \(.mechanism)"' <<<"$output")"
    same '[]' "$(jq -c .tree.children[0].children <<<"$output")"
}

# ---- the table, row by row

@test "dns-error: a time-out of an include is UNKNOWN and says which name" {
    publish 'v=spf1 include:slow.test -all' -t 2 <<'END'
[silent] slow.test ANY
END
    same 3 "$status"
    finding UNKNOWN dns-error
    contains "$output" 'slow.test TXT'
}

@test "dns-error: SERVFAIL of the record itself is UNKNOWN" {
    zone <<'END'
example.test ANY SERVFAIL
END
    check
    same 3 "$status"
    finding UNKNOWN dns-error
    contains "$output" 'SERVFAIL for the question example.test TXT'
}

@test "dns-error: REFUSED is UNKNOWN" {
    zone <<'END'
example.test ANY REFUSED
END
    check
    same 3 "$status"
    finding UNKNOWN dns-error
}

@test "dns-bogus: SERVFAIL, and an answer with checking disabled, is CRITICAL" {
    zone <<'END'
[!cd] example.test TXT SERVFAIL
example.test TXT "v=spf1 -all"
END
    check
    same 2 "$status"
    finding CRITICAL dns-bogus
}

@test "none: no record is CRITICAL" {
    zone <<'END'
example.test A 8.8.8.8
END
    check
    same 2 "$status"
    finding CRITICAL none
}

@test "none: NXDOMAIN is CRITICAL" {
    zone </dev/null
    check
    same 2 "$status"
    finding CRITICAL none
    contains "$output" NXDOMAIN
}

@test "none: a name of one label is CRITICAL" {
    zone </dev/null
    run_spf -d localhost -v
    same 2 "$status"
    finding CRITICAL none
}

@test "none: --allow-none makes it OK" {
    zone <<'END'
example.test A 8.8.8.8
END
    check --allow-none
    same 0 "$status"
    finding OK none-allowed
}

@test "multiple: two records are CRITICAL" {
    publish 'v=spf1 -all' <<'END'
example.test TXT "v=spf1 mx -all"
END
    same 2 "$status"
    finding CRITICAL multiple
}

@test "version: v=spf10 is CRITICAL and the record is repaired" {
    publish 'v=spf10 mx -all' </dev/null
    same 2 "$status"
    finding CRITICAL version
    contains "$output" 'Publish at example.test: v=spf1 mx -all'
}

@test "version: v=spf1; is CRITICAL" {
    publish 'v=spf1; -all' </dev/null
    finding CRITICAL version
    contains "$output" 'v=spf1 -all'
}

@test "version: a space before it is CRITICAL" {
    publish ' v=spf1 -all' </dev/null
    finding CRITICAL version
}

@test "version: a byte order mark is CRITICAL" {
    publish '\239\187\191v=spf1 -all' </dev/null
    finding CRITICAL version
    contains "$output" 'a byte order mark'
}

@test "version: quotes inside are CRITICAL" {
    publish '\"v=spf1 -all\"' </dev/null
    finding CRITICAL version
}

@test "version: a bad one beside a good one is WARNING" {
    publish 'v=spf1 -all' <<'END'
example.test TXT "v=spf10 -all"
END
    same 1 "$status"
    finding WARNING version-beside
}

@test "type99: WARNING" {
    publish 'v=spf1 -all' <<'END'
example.test TYPE99 \# 12 0B763D73706631202D616C6C
END
    same 1 "$status"
    finding WARNING type99
}

@test "senderid: WARNING" {
    publish 'v=spf1 -all' <<'END'
example.test TXT "spf2.0/pra -all"
END
    finding WARNING senderid
}

@test "rdata: an empty TXT is WARNING" {
    publish 'v=spf1 -all' <<'END'
example.test TXT ""
END
    finding WARNING empty-txt
}

@test "rdata: strings that glue two terms are CRITICAL" {
    zone <<'END'
example.test TXT "v=spf1 ~all" "ip4:8.8.8.8"
END
    check
    same 2 "$status"
    finding CRITICAL rdata
    contains "$output" 'v=spf1 ~all ip4:8.8.8.8'
}

@test "size: more than 450 octets of TXT at the name are WARNING" {
    local long
    long=$(printf 'x%.0s' {1..240})
    publish 'v=spf1 -all' <<END
example.test TXT "$long" "$long"
END
    same 1 "$status"
    finding WARNING size
}

@test "size: truncation and no TCP is CRITICAL" {
    zone <<'END'
[truncate tcp=closed] example.test TXT "v=spf1 -all"
END
    check -t 5
    same 2 "$status"
    finding CRITICAL size-lost
}

@test "txt-cname: WARNING" {
    zone <<'END'
example.test TXT "v=spf1 -all"
example.test CNAME other.test
END
    check
    finding WARNING txt-cname
}

# Two servers on loopback; the zone's own, asked without recursion at the port of the test.
servers() {
    cat >zone.dns
    cat >>zone.dns <<'END'
soa test
example.test SOA ns1.test. admin.test. 1 3600 600 86400 300
example.test NS ns1.test.
example.test NS ns2.test.
ns1.test A 127.0.0.2
ns2.test A 127.0.0.3
END
    fake_dns_start zone.dns --listen 127.0.0.1:0 --listen 127.0.0.2:0 --listen 127.0.0.3:0
    check -4 --authoritative --authoritative-port "$FAKE_DNS_PORT" "$@"
}

@test "ns-differ: servers that agree are OK" {
    servers <<'END'
example.test TXT "v=spf1 -all"
END
    same 0 "$status"
    no_finding WARNING ns-differ
    same 2 "$(fake_dns_count '127\.0\.0\.[23] example\.test TXT -')"
}

@test "ns-differ: another record at one server is WARNING" {
    servers <<'END'
example.test TXT "v=spf1 -all"
@127.0.0.3 example.test TXT "v=spf1 mx -all"
END
    finding WARNING ns-differ
    contains "$output" 'ns2.test'
}

@test "ns-differ: no record at one server is CRITICAL" {
    servers <<'END'
example.test TXT "v=spf1 -all"
@127.0.0.3 example.test TXT NODATA
END
    same 2 "$status"
    finding CRITICAL ns-missing
}

@test "ns-differ: a server that refuses is UNKNOWN" {
    servers <<'END'
example.test TXT "v=spf1 -all"
@127.0.0.3 example.test ANY REFUSED
END
    same 3 "$status"
    finding UNKNOWN ns-silent
    contains "$output" 'ns2.test'
}

@test "ns-differ: a silent server is UNKNOWN" {
    servers -t 4 <<'END'
example.test TXT "v=spf1 -all"
@127.0.0.3 [silent] default
END
    same 3 "$status"
    finding UNKNOWN ns-silent
}

@test "syntax: a bad term is CRITICAL, named with the record that holds it" {
    publish 'v=spf1 include:i.test -all' <<'END'
i.test TXT "v=spf1 a/33 -all"
END
    same 2 "$status"
    finding CRITICAL syntax
    contains "$output" 'CRITICAL spf.syntax i.test: a/33'
}

@test "syntax: behind all counts too" {
    publish 'v=spf1 -all moo:x' </dev/null
    same 2 "$status"
    finding CRITICAL syntax
}

@test "syntax: empty include" {
    publish 'v=spf1 include: -all' </dev/null
    finding CRITICAL syntax
}

@test "syntax: empty exists" {
    publish 'v=spf1 exists: -all' </dev/null
    finding CRITICAL syntax
}

@test "syntax: a:ADDRESS becomes ip4:ADDRESS" {
    publish 'v=spf1 a:8.8.8.8 -all' </dev/null
    finding CRITICAL syntax
    contains "$output" 'Publish at example.test: v=spf1 ip4:8.8.8.8 -all'
}

@test "syntax: ip4 over 32, ip6 over 128, /032 and //" {
    publish 'v=spf1 ip4:8.8.8.8/33 ip6:2a01::/129 ip4:8.8.8.0/032 ip4:8.8.8.0//24 -all' </dev/null
    finding CRITICAL syntax
    same 4 "$(grep -c '^CRITICAL spf.syntax' <<<"$output")"
}

@test "--domains-file: what is no domain names its line and the value" {
    printf 'a.test\nhttps://b.test/\n' >domains
    status=0
    output=$("$(plugin check_spf)" --domains-file domains --resolver 127.0.0.1:9) || status=$?
    same 3 "$status"
    contains "$output" '--domains-file: line 2: expected a domain name, no URL ("b.test" is meant?), got "https://b.test/"'
}

@test "syntax: a dash that is not ASCII, a control character, a tab" {
    publish 'v=spf1 ip4:8.8.8.8 \226\128\147all' </dev/null
    finding CRITICAL syntax
    contains "$output" 'v=spf1 ip4:8.8.8.8 -all'
    fake_dns_stop
    publish 'v=spf1 mx\001 -all' </dev/null
    finding CRITICAL syntax
    fake_dns_stop
    publish 'v=spf1 mx\009-all' </dev/null
    finding CRITICAL syntax
}

@test "typo: ip: is CRITICAL, and the likely word is given" {
    publish 'v=spf1 ip:8.8.8.8 -all' </dev/null
    same 2 "$status"
    finding CRITICAL typo
    contains "$output" 'most likely ip4:8.8.8.8 is meant'
}

@test "typo: ipv4:" {
    publish 'v=spf1 ipv4:8.8.8.8 -all' </dev/null
    finding CRITICAL typo
}

@test "typo: include= and mx= are no mechanisms" {
    publish 'v=spf1 include=i.test mx=m.test -all' </dev/null
    same 2 "$(grep -c '^CRITICAL spf.typo' <<<"$output")"
    contains "$output" 'v=spf1 include:i.test mx:m.test -all'
}

@test "unknown-mod: OK with a note; ra, rp and rr are known" {
    publish 'v=spf1 foo=bar ra=x rp=10 rr=all -all' </dev/null
    same 0 "$status"
    finding OK unknown-mod
    same 1 "$(grep -c '^OK spf.unknown-mod' <<<"$output")"
}

@test "macro: a bad letter, %a, %{d0}, c outside exp are CRITICAL" {
    publish 'v=spf1 exists:%{z}.x.test exists:%a.x.test exists:%{d0}.x.test exists:%{c}.x.test -all' </dev/null
    same 2 "$status"
    same 4 "$(grep -c '^CRITICAL spf.macro' <<<"$output")"
}

@test "macro: upper case is valid" {
    publish 'v=spf1 exists:%{L}.x.test -all' </dev/null
    same 0 "$status"
}

@test "macro-p: WARNING" {
    publish 'v=spf1 exists:%{p}.x.test -all' </dev/null
    same 1 "$status"
    finding WARNING macro-p
}

@test "ptr: WARNING" {
    publish 'v=spf1 ptr -all' </dev/null
    same 1 "$status"
    finding WARNING ptr
}

@test "mod-twice: redirect, and exp, twice are CRITICAL" {
    publish 'v=spf1 exp=e.test exp=e.test redirect=r.test redirect=s.test' </dev/null
    same 2 "$status"
    same 2 "$(grep -c '^CRITICAL spf.mod-twice' <<<"$output")"
}

@test "lookups: eight are WARNING, and --lookup-warning moves that" {
    publish 'v=spf1 a a a a a a a a -all' <<'END'
example.test A 8.8.8.8
END
    same 1 "$status"
    finding WARNING lookups-near
    check --lookup-warning 9
    same 0 "$status"
}

@test "lookups: eleven are CRITICAL, with what each term costs and the record with addresses" {
    publish 'v=spf1 a a a a a include:i.test -all' <<'END'
example.test A 8.8.8.8
i.test TXT "v=spf1 a a a a a -all"
i.test A 9.9.9.9
END
    same 2 "$status"
    finding CRITICAL lookups-over
    contains "$output" '11 DNS lookups, the limit is 10'
    contains "$output" 'include:i.test 6'
    contains "$output" 'Publish at example.test: v=spf1 a include:i.test -all'
}

@test "lookups: exp is not counted" {
    publish 'v=spf1 mx -all exp=e.test' <<'END'
example.test MX 1 m.test
m.test A 8.8.8.8
e.test TXT "no"
END
    contains "$output" 'lookups=1;7;10;0'
}

@test "lookups: -w and -c" {
    publish 'v=spf1 a a -all' -w 2 -c 5 <<'END'
example.test A 8.8.8.8
END
    same 1 "$status"
    finding WARNING lookups-warning
    check -c 2
    same 2 "$status"
    finding CRITICAL lookups-critical
}

@test "void: one is WARNING and named" {
    publish 'v=spf1 a:gone.test ip4:8.8.8.8 -all' </dev/null
    same 1 "$status"
    finding WARNING void-some
    contains "$output" 'a:gone.test 1'
}

@test "void: three are CRITICAL" {
    publish 'v=spf1 a:gone1.test mx:gone2.test exists:gone3.test -all' </dev/null
    same 2 "$status"
    finding CRITICAL void-over
    contains "$output" 'void_lookups=3'
}

@test "void: names without AAAA and an IPv6 sender are WARNING" {
    publish 'v=spf1 a:x.test a:y.test a:z.test ip6:2a01::1 -all' <<'END'
x.test A 8.8.8.1
y.test A 8.8.8.2
z.test A 8.8.8.3
END
    same 1 "$status"
    finding WARNING void-family
}

@test "mx-names: eleven exchangers are CRITICAL" {
    publish 'v=spf1 mx -all' < <(for i in 1 2 3 4 5 6 7 8 9 10 11; do
        printf 'example.test MX %s m%s.test\nm%s.test A 8.8.8.%s\n' "$i" "$i" "$i" "$i"
    done)
    same 2 "$status"
    finding CRITICAL mx-names
}

@test "ptr-names: an address with eleven names is WARNING" {
    publish 'v=spf1 ptr -all' --ip 8.8.8.8 --severity spf.result-fail=ok < <(for i in 1 2 3 4 5 6 7 8 9 10 11; do
        printf '8.8.8.8.in-addr.arpa PTR m%s.test\nm%s.test A 8.8.8.8\n' "$i" "$i"
    done)
    finding WARNING ptr-names
}

@test "time: more than 20 s for a receiver that asks one after the other is WARNING" {
    zone --latency 2300 < <(
        printf 'example.test TXT "v=spf1'
        for i in 1 2 3 4 5 6 7 8 9; do printf ' a:a%s.test' "$i"; done
        printf ' -all"\n'
        for i in 1 2 3 4 5 6 7 8 9; do printf 'a%s.test A 8.8.8.%s\n' "$i" "$i"; done
    )
    check -t 15
    finding WARNING time
}

@test "include-none: NXDOMAIN is CRITICAL and the record without it is given" {
    publish 'v=spf1 include:gone.test ip4:8.8.8.8 -all' </dev/null
    same 2 "$status"
    finding CRITICAL include-none
    contains "$output" 'Publish at example.test: v=spf1 ip4:8.8.8.8 -all'
}

@test "include-none: a target that depends on the message is judged with --ip only" {
    publish 'v=spf1 include:%{i}.test -all' </dev/null
    same 0 "$status"
    check --ip 8.8.8.8
    same 2 "$status"
    finding CRITICAL result-permerror
}

@test "redirect-none: CRITICAL" {
    publish 'v=spf1 redirect=gone.test' </dev/null
    same 2 "$status"
    finding CRITICAL redirect-none
}

@test "child-error: permerror in an included record is CRITICAL here too" {
    publish 'v=spf1 include:i.test -all' <<'END'
i.test TXT "v=spf1 moo:x -all"
END
    same 2 "$status"
    finding CRITICAL child-error
}

@test "child-error: temperror in an included record is UNKNOWN" {
    publish 'v=spf1 include:i.test -all' <<'END'
i.test ANY SERVFAIL
END
    same 3 "$status"
    finding UNKNOWN dns-error
}

@test "loop: a record that includes itself is CRITICAL" {
    publish 'v=spf1 include:example.test -all' </dev/null
    same 2 "$status"
    finding CRITICAL loop
}

@test "loop: two records that redirect to each other are CRITICAL" {
    publish 'v=spf1 redirect=r.test' <<'END'
r.test TXT "v=spf1 redirect=example.test"
END
    finding CRITICAL loop
}

@test "dup-include: WARNING" {
    publish 'v=spf1 include:i.test include:i.test -all' <<'END'
i.test TXT "v=spf1 ip4:8.8.8.8 -all"
END
    same 1 "$status"
    finding WARNING dup-include
}

@test "a-mx-void: a, mx and an exchanger without address are WARNING" {
    publish 'v=spf1 a:gone.test mx -all' <<'END'
example.test MX 1 gone.example.test
END
    same 2 "$(grep -c '^WARNING spf.a-mx-void' <<<"$output")"
}

@test "a-mx-void: a domain that could be registered is WARNING" {
    publish 'v=spf1 a:mail.gone.test -all' </dev/null
    finding WARNING dead-domain
    contains "$output" 'the domain gone.test does not exist'
}

@test "all-plus: +all, all and /0 are CRITICAL" {
    publish 'v=spf1 +all' </dev/null
    same 2 "$status"
    finding CRITICAL all-plus
    fake_dns_stop
    publish 'v=spf1 all' </dev/null
    finding CRITICAL all-plus
    fake_dns_stop
    publish 'v=spf1 ip4:0.0.0.0/0 -all' </dev/null
    finding CRITICAL all-plus
}

@test "all-plus: inside an include" {
    publish 'v=spf1 include:i.test -all' <<'END'
i.test TXT "v=spf1 +all"
END
    same 2 "$status"
    contains "$output" 'CRITICAL spf.all-plus i.test'
}

@test "all-neutral: WARNING" {
    publish 'v=spf1 ip4:8.8.8.8 ?all' </dev/null
    same 1 "$status"
    finding WARNING all-neutral
}

@test "no-all: WARNING" {
    publish 'v=spf1 ip4:8.8.8.8' </dev/null
    same 1 "$status"
    finding WARNING no-all
}

@test "all-soft and all-fail: OK, and --require-all picks" {
    publish 'v=spf1 ip4:8.8.8.8 ~all' </dev/null
    same 0 "$status"
    finding OK all-soft
    check --require-all softfail
    same 0 "$status"
    check --require-all fail
    same 1 "$status"
    finding WARNING all-required
    fake_dns_stop
    publish 'v=spf1 ip4:8.8.8.8 -all' --require-all softfail </dev/null
    same 0 "$status"
    finding OK all-fail
}

@test "after-all: mechanisms behind all, and redirect beside it, are WARNING" {
    publish 'v=spf1 -all ip4:8.8.8.8 redirect=r.test' </dev/null
    same 1 "$status"
    finding WARNING after-all
    finding WARNING redirect-ignored
    contains "$output" 'Publish at example.test: v=spf1 -all'
}

@test "order: OK with a note" {
    publish 'v=spf1 exp=e.test ip4:8.8.8.8 -all' <<'END'
e.test TXT "no"
END
    same 0 "$status"
    finding OK order
}

@test "exp: no text, several texts and text that is not ASCII are WARNING" {
    publish 'v=spf1 -all exp=e.test' </dev/null
    same 1 "$status"
    finding WARNING exp
    fake_dns_stop
    publish 'v=spf1 -all exp=e.test' <<'END'
e.test TXT "one"
e.test TXT "two"
END
    finding WARNING exp
    fake_dns_stop
    publish 'v=spf1 -all exp=e.test' <<'END'
e.test TXT "\195\169"
END
    finding WARNING exp
}

@test "overlap: duplicate networks, host bits and an a-record inside are OK with notes" {
    publish 'v=spf1 ip4:9.9.9.1/24 ip4:9.9.9.7 a -all' <<'END'
example.test A 9.9.9.8
END
    same 0 "$status"
    finding OK overlap
    finding OK host-bits
    same 2 "$(grep -c '^OK spf.overlap' <<<"$output")"
}

@test "wide: more than 65536 addresses are WARNING, and --max-addresses moves that" {
    publish 'v=spf1 ip4:20.0.0.0/15 -all' </dev/null
    same 1 "$status"
    finding WARNING wide
    contains "$output" 'addresses=131072'
    check --max-addresses 131072
    same 0 "$status"
}

@test "wide: private and reserved ranges, and wide IPv6, are WARNING" {
    publish 'v=spf1 ip4:10.0.0.0/24 ip6:2a00::/16 -all' </dev/null
    same 1 "$status"
    finding WARNING private
    finding WARNING wide-v6
}

@test "parked: anything but v=spf1 -all is WARNING with --parked" {
    publish 'v=spf1 ~all' --parked </dev/null
    same 1 "$status"
    finding WARNING parked
    fake_dns_stop
    publish 'v=spf1 -all' --parked </dev/null
    same 0 "$status"
}

@test "wildcard: a record by a wildcard, or an address without one, is OK with a note" {
    publish 'v=spf1 -all' <<'END'
*.example.test TXT "v=spf1 -all"
END
    same 0 "$status"
    finding OK wildcard
    fake_dns_stop
    publish 'v=spf1 -all' <<'END'
*.example.test A 8.8.8.8
END
    finding OK wildcard-missing
}

@test "helo-spf: a HELO name without record is WARNING" {
    publish 'v=spf1 ip4:8.8.8.8 -all' --helo mail.test <<'END'
mail.test A 8.8.8.8
END
    same 1 "$status"
    finding WARNING helo-spf
}

@test "helo-spf: an address literal or a single label is no domain: none, and nothing is asked (RFC 7208 2.3)" {
    local helo
    for helo in '[192.0.2.1]' '[IPv6:2001:db8::1]' localhost; do
        publish 'v=spf1 ip4:8.8.8.8 -all' --ip 8.8.8.8 --helo "$helo" </dev/null
        same 1 "$status"
        finding WARNING helo-spf
        contains "$output" 'for which there is no SPF: none'
        contains "$output" "8.8.8.8 for HELO of ${helo,,}: none"
        contains "$output" 'Let the server greet with its full name'
        same 0 "$(fake_dns_count '192\.0\.2\.1|2001:db8|localhost')"
        fake_dns_stop
    done
}

@test "helo-fail: an address that fails for its HELO name is CRITICAL" {
    publish 'v=spf1 ip4:8.8.8.8 -all' --ip 8.8.8.8 --helo mail.test <<'END'
mail.test TXT "v=spf1 -all"
END
    same 2 "$status"
    finding CRITICAL helo-fail
}

@test "expect-ip: pass, fail, softfail, neutral, none, permerror, temperror" {
    zone <<'END'
fail.test TXT "v=spf1 ip4:8.8.8.8 -all"
soft.test TXT "v=spf1 ~all"
neutral.test TXT "v=spf1 ?all"
broken.test TXT "v=spf1 include:gone.test"
failing.test ANY SERVFAIL
END
    run_spf -d fail.test --ip 8.8.8.8 -v
    same 0 "$status"
    run_spf -d fail.test --ip 8.8.8.8,9.9.9.9 -v
    same 2 "$status"
    finding CRITICAL result-fail
    contains "$output" 'mail from 9.9.9.9 gets fail, expected is pass: -all of fail.test'
    contains "$output" 'Publish at fail.test: v=spf1 ip4:9.9.9.9 ip4:8.8.8.8 -all'
    run_spf -d soft.test --ip 9.9.9.9 -v
    same 1 "$status"
    finding WARNING result-softfail
    run_spf -d neutral.test --ip 9.9.9.9 -v
    finding WARNING result-neutral
    run_spf -d none.test --ip 9.9.9.9 -v
    finding CRITICAL result-none
    run_spf -d broken.test --ip 9.9.9.9 -v
    finding CRITICAL result-permerror
    run_spf -d failing.test --ip 9.9.9.9 -v
    same 3 "$status"
    finding UNKNOWN result-temperror
}

@test "expect-ip: --expect-result fail" {
    publish 'v=spf1 ip4:8.8.8.8 -all' --ip 9.9.9.9 --expect-result fail </dev/null
    same 0 "$status"
    check --ip 8.8.8.8 --expect-result fail
    same 2 "$status"
    finding CRITICAL result-unexpected
}

@test "expect-ip: --sender and --helo reach the macros, and the explanation is shown" {
    zone <<'END'
example.test TXT "v=spf1 exists:%{l}.%{h}.x.test -all exp=e.test"
me.mail.test.x.test A 127.0.0.2
e.test TXT "%{s} is not from here"
mail.test TXT "v=spf1 +ip4:8.8.8.8 -all"
END
    run_spf --sender me@example.test --helo mail.test --ip 8.8.8.8 -v
    same 0 "$status"
    run_spf -d example.test --sender you --helo mail.test --ip 8.8.8.8 -v
    same 2 "$status"
    contains "$output" 'example.test explains: you@example.test is not from here'
}

@test "expect-ip: --mx takes the addresses of the exchangers" {
    zone <<'END'
example.test TXT "v=spf1 ip4:8.8.8.8 -all"
example.test MX 10 m1.test
example.test MX 20 m2.test
m1.test A 8.8.8.8
m2.test A 8.8.4.4
END
    run_spf -d example.test --mx -v
    same 2 "$status"
    contains "$output" 'mail from 8.8.4.4 gets fail'
    lacks "$output" 'mail from 8.8.8.8 gets'
}

@test "expect-ip: --mx without exchangers is UNKNOWN" {
    publish 'v=spf1 -all' --mx </dev/null
    same 3 "$status"
    finding UNKNOWN mx-unknown
}

@test "expect-text: another record is WARNING" {
    publish 'v=spf1 -all' --expect 'v=spf1 -all' </dev/null
    same 0 "$status"
    check --expect 'v=spf1 mx -all'
    same 1 "$status"
    finding WARNING expect
}

@test "changed: WARNING for --changed-for seconds, with both records" {
    publish 'v=spf1 -all' --state-file state </dev/null
    same 0 "$status"
    fake_dns_stop
    publish 'v=spf1 ~all' --state-file state </dev/null
    same 1 "$status"
    finding WARNING changed
    contains "$output" 'before: v=spf1 -all; now: v=spf1 ~all'
    check --state-file state
    finding WARNING changed
    sed -i 's/\t[1-9][0-9]*\t/\t1000\t/' state
    check --state-file state
    same 0 "$status"
}

@test "changed: a failed question is no change" {
    publish 'v=spf1 -all' --state-file state </dev/null
    fake_dns_stop
    zone <<'END'
example.test ANY SERVFAIL
END
    check --state-file state
    no_finding WARNING changed
    fake_dns_stop
    publish 'v=spf1 -all' --state-file state </dev/null
    same 0 "$status"
}

@test "changed: a corrupt state file is named and set aside, and the check goes on" {
    printf 'postmaster-plugins spf 1\nnonsense\n' >state
    publish 'v=spf1 -all' --state-file state </dev/null
    same 3 "$status"
    finding UNKNOWN state-file
    same nonsense "$(sed -n 2p state.corrupt)"
    check --state-file state
    same 0 "$status"
}

@test "changed: a file that never was the check's is UNKNOWN, and left as it is" {
    local content
    for content in 'nonsense' 'root:x:0:0:root:/root:/bin/sh' $'postmaster-plugins dmarc 1\nexample.test\t1\t0\tx\t'; do
        printf '%s\n' "$content" >state
        publish 'v=spf1 -all' --state-file state </dev/null
        same 3 "$status"
        finding UNKNOWN state-file
        contains "$output" 'is not of this check'
        same "$content" "$(cat state)"
        [ ! -e state.corrupt ]
        fake_dns_stop
    done
}

@test "changed: a damaged file that cannot be set aside is not overwritten" {
    printf 'postmaster-plugins spf 1\nnonsense\n' >state
    mkdir state.corrupt
    publish 'v=spf1 -all' --state-file state </dev/null
    same 3 "$status"
    contains "$output" 'cannot be set aside'
    same nonsense "$(sed -n 2p state)"
}

# ---- use

@test "--record judges a text in place of the published one" {
    zone <<'END'
example.test TXT "v=spf1 +all"
m.test A 8.8.8.8
example.test MX 1 m.test
END
    run_spf -d example.test --record 'v=spf1 mx -all' --ip 8.8.8.8 -v
    same 0 "$status"
    contains "$output" 'v=spf1 mx -all [lookups 1'
    same 0 "$(fake_dns_count ' example\.test TXT ')"
}

@test "--record without a domain asks nothing" {
    zone </dev/null
    run_spf --record 'v=spf1 include:i.test a:8.8.8.8 -all' -v
    same 2 "$status"
    contains "$output" 'v=spf1 include:i.test ip4:8.8.8.8 -all'
    same 0 "$(fake_dns_count .)"
}

@test "many domains: -d repeated and --domains-file" {
    zone <<'END'
one.test TXT "v=spf1 -all"
two.test TXT "v=spf1 +all"
END
    printf 'two.test # bad\n\n' >domains
    run_spf -d one.test --domains-file domains -v
    same 2 "$status"
    contains "$output" 'SPF CRITICAL - two.test'
    contains "$output" 'one.test: v=spf1 -all'
    printf '\xef\xbb\xbftwo.test\r\n' >domains
    run_spf --domains-file domains
    contains "$output" 'SPF CRITICAL - two.test'
}

@test "an internationalised domain is asked as A-labels" {
    zone <<'END'
xn--bcher-kva.test TXT "v=spf1 -all"
END
    run_spf -d bücher.test
    same 0 "$status"
    contains "$output" 'xn--bcher-kva.test'
}

@test "usage errors name what is wrong" {
    zone </dev/null
    run_spf
    same 3 "$status"
    contains "$output" 'no domain'
    run_spf -d example.test --ip 1.2.3
    same 3 "$status"
    contains "$output" '--ip'
    run_spf -d example.test --sender me@other.test
    same 3 "$status"
    contains "$output" '--sender'
    run_spf -d a.test -d b.test --record 'v=spf1 -all'
    same 3 "$status"
    contains "$output" '--record'
    run_spf -d example.test --expect-result maybe
    same 3 "$status"
}

# ---- rounds

@test "a round asks all that the tree needs at its depth, and waits for none of it" {
    local i
    {
        printf '[silent] default\n[!silent] example.test TXT "v=spf1'
        for i in 1 2 3 4 5 6 7; do printf ' include:i%s.test' "$i"; done
        printf ' mx a -all"\n'
    } >tree.dns
    zone <tree.dns
    check -t 1
    for i in 'i1.test TXT' 'i2.test TXT' 'i3.test TXT' 'i4.test TXT' 'i5.test TXT' 'i6.test TXT' 'i7.test TXT' \
        'example.test MX' 'example.test A'; do
        [ "$(fake_dns_count " $i ")" -gt 0 ] || {
            echo "$i was not asked for" >&2
            return 1
        }
    done
}

# ---- repairs

@test "repair: all findings of one record show the same whole record, with the addresses that must pass" {
    publish 'v=spf1 exp=e.test a:gone.test ip4:8.8.8.8' --ip 9.9.9.9,2a01::9 <<'END'
e.test TXT "no"
END
    same 2 "$(grep -c '^WARNING spf.result-neutral' <<<"$output")"
    finding WARNING no-all
    finding OK order
    same 'Publish at example.test: v=spf1 ip4:9.9.9.9 ip6:2a01::9 ip4:8.8.8.8 ~all exp=e.test' "$(fixes)"
}

@test "repair: nobody is told to publish +all" {
    local record
    zone </dev/null
    for record in 'mx +all' 'mx !all' 'mx _all' 'mx al' 'ip:8.8.8.8 all' '-ipv4:8.8.8.8 all' 'mx all:'; do
        run_spf --record "v=spf1 $record" -v
        same 2 "$status"
        same '' "$(fixes)"
    done
    run_spf --record 'v=spf1 ip4:8.8.8.8 +-all' -v
    same 'Publish at the domain: v=spf1 ip4:8.8.8.8 -all' "$(fixes)"
    run_spf --record 'v=spf1 mx "-all"' -v
    same 'Publish at the domain: v=spf1 mx -all' "$(fixes)"
}

@test "repair: what could not be asked stays in the record" {
    publish 'v=spf1 a:failing.test a:gone.test ip4:8.8.8.8 -all' <<'END'
failing.test ANY SERVFAIL
END
    same 'Publish at example.test: v=spf1 a:failing.test ip4:8.8.8.8 -all' "$(fixes)"
}

@test "repair: a bad version beside a good record is to be removed, not published" {
    publish 'v=spf1 -all' <<'END'
example.test TXT "v=spf1;mx -all"
END
    finding WARNING version-beside
    same '' "$(fixes)"
    contains "$output" 'Remove it, or merge its terms'
}

@test "rdata: strings glued into a term that still parses are CRITICAL, with a space between" {
    zone <<'END'
example.test TXT "v=spf1 include:_spf.a.test" "include:_spf.b.test -all"
END
    check
    same 2 "$status"
    finding CRITICAL rdata
    finding CRITICAL include-none
    same 'Publish at example.test: v=spf1 include:_spf.a.test include:_spf.b.test -all' "$(fixes)"
}

@test "-4 and -6 do not change what a record means" {
    zone <<'END'
example.test TXT "v=spf1 a -all"
example.test AAAA 2a01::1
END
    check -4 --ip 2a01::1,9.9.9.9
    finding CRITICAL result-fail
    lacks "$output" 'mail from 2a01::1'
    no_finding WARNING void-some
    check -6 --ip 9.9.9.9
    finding CRITICAL result-fail
}

@test "--record has no domain to show: not in Prometheus nor in JSON; and no unit stands twice" {
    require_tool jq
    output=$("$spf" --record 'v=spf1 ip4:192.0.2.0/24 -all' --output-format prometheus) || :
    lacks "$output" record.invalid
    contains "$output" 'postmaster_spf_domain_lookups{target="record",domain=""} 0'
    contains "$output" 'postmaster_spf_record_bytes{target="record"} 28'
    lacks "$output" bytes_bytes
    output=$("$spf" --record 'v=spf1 ip4:192.0.2.0/24 -all' --output-format json) || :
    lacks "$output" record.invalid
    same 'null null' "$(jq -r '"\(.domains[0].domain) \(.tree.domain)"' <<<"$output")"
}

@test "expect-ip: a macro target without record is named" {
    publish 'v=spf1 include:%{l}.gone.test -all' --ip 9.9.9.9 </dev/null
    finding CRITICAL result-permerror
    finding CRITICAL include-none
    contains "$output" 'postmaster.gone.test has no SPF record'
    contains "$output" 'in the record of example.test: include:%{l}.gone.test'
}

@test "expect-ip: an exchanger that cannot be asked for is UNKNOWN, with --ip beside, too" {
    zone <<'END'
example.test TXT "v=spf1 ip4:9.9.9.9 -all"
example.test MX 1 a.test
example.test MX 2 b.test
a.test A SERVFAIL
b.test A 9.9.9.9
END
    check --mx
    same 3 "$status"
    finding UNKNOWN mx-unknown
    contains "$output" 'a.test'
    check --mx --ip 9.9.9.9
    finding UNKNOWN mx-unknown
}

@test "expect-ip: --mx with a null MX says so" {
    publish 'v=spf1 -all' --mx <<'END'
example.test MX 0 .
END
    finding UNKNOWN mx-unknown
    contains "$output" 'null MX'
}

@test "all-plus: a/0, two halves of all addresses, and exists of a fixed name" {
    local record
    zone </dev/null
    for record in a/0 mx:m.test/0 a//0 'ip4:0.0.0.0/1 ip4:128.0.0.0/1' 'ip6:::/1 ip6:8000::/1'; do
        run_spf --record "v=spf1 $record -all" -v
        finding CRITICAL all-plus
        lacks "$output" record.invalid
    done
    fake_dns_stop
    publish 'v=spf1 exists:www.test -all' <<'END'
www.test A 8.8.8.8
END
    finding CRITICAL all-plus
}

@test "ns-differ: two records at one server are CRITICAL" {
    servers <<'END'
example.test TXT "v=spf1 -all"
@127.0.0.3 example.test TXT "v=spf1 -all"
@127.0.0.3 example.test TXT "v=spf1 mx -all"
END
    same 2 "$status"
    finding CRITICAL multiple
    contains "$output" 'ns2.test'
}

@test "ns-differ: a name server without address is UNKNOWN" {
    servers <<'END'
example.test TXT "v=spf1 -all"
example.test NS ns3.test.
END
    same 3 "$status"
    finding UNKNOWN ns-silent
    contains "$output" 'ns3.test'
}

@test "ns-differ: a resolver with another record than all servers is WARNING" {
    servers <<'END'
example.test TXT "v=spf1 -all"
@127.0.0.2 example.test TXT "v=spf1 mx -all"
@127.0.0.3 example.test TXT "v=spf1 mx -all"
END
    same 1 "$status"
    finding WARNING ns-differ
    contains "$output" 'the resolver has another record'
}

@test "options without effect are usage errors" {
    local words
    zone </dev/null
    for words in '--expect-result fail' '--sender me' '--record x --state-file s' '--record x --authoritative' \
        '--record x --record y' '--changed-for 5'; do
        # shellcheck disable=SC2086 # words
        run_spf -d example.test $words --output-format json
        same 3 "$status"
        contains "$output" '"tree":null'
    done
    same 0 "$(fake_dns_count .)"
}

@test "--record with a tab is a finding" {
    zone </dev/null
    run_spf --record $'v=spf1 mx\t-all' -v
    same 2 "$status"
    finding CRITICAL syntax
    lacks "$output" $'mx\t'
    same 'Publish at the domain: v=spf1 mx -all' "$(fixes)"
}

# ---- hostile input

@test "hostile: redirects without end" {
    zone <<'END'
example.test TXT "v=spf1 redirect=a.%{d}"
*.example.test TXT "v=spf1 redirect=a.%{d}"
END
    check
    same 2 "$status"
    finding CRITICAL lookups-over
}

@test "hostile: records that include each other in a fan end in bounded work" {
    {
        for i in $(seq 0 30); do
            [ "$i" = 0 ] && name=example || name=i$i
            printf '%s.test TXT "v=spf1' "$name"
            for k in $(seq 1 12); do printf ' include:i%s.test' "$(((i * 7 + k) % 30 + 1))"; done
            printf ' -all"\n'
        done
    } >fan.dns
    zone <fan.dns
    check
    same 2 "$status"
    finding CRITICAL lookups-over
    [ "$(fake_dns_count .)" -lt 200 ]
}

@test "hostile: a record of 60,000 octets" {
    {
        printf 'example.test TXT "v=spf1'
        for i in $(seq 1 200); do
            printf ' ip4:9.9.%s.0/24" "' "$((i % 250))"
            for k in $(seq 1 15); do printf ' ip4:8.%s.%s.1' "$k" "$((i % 250))"; done
        done
        printf ' -all"\n'
    } >big.dns
    zone <big.dns
    check
    finding WARNING size
    contains "$output" 'record_bytes='
}

@test "hostile: control characters, markup and NUL reach nobody raw" {
    publish 'v=spf1 a:\000\027[31m<script>|x -all' </dev/null
    same 2 "$status"
    lacks "$output" $'\033'
    lacks "$output" '<script>'
    contains "$output" '\x1B'
}

@test "hostile: macros that expand without end" {
    publish 'v=spf1 exists:%{d}%{d}%{d}%{d}%{d}%{d}%{d}%{d}%{d}%{d}%{d}%{d}%{d}%{d}%{d}%{d}%{d}%{d}%{d}.test -all' </dev/null
    [ "$status" -lt 3 ]
}

@test "hostile: garbage for an answer is UNKNOWN" {
    zone <<'END'
[garbage] default
example.test TXT "v=spf1 -all"
END
    check -t 3
    same 3 "$status"
    finding UNKNOWN dns-error
}

@test "resolvers: the first refuses, fails, or refers elsewhere: the second is asked; alone that is UNKNOWN, not a missing record" {
    # A referral to n.test, of a server that does not recurse (RFC 2308 2.2.1).
    local referral='\message 8100 0001 0000 0001 0000 076578616d706c65047465737400 0010 0001 c014 0002 0001 0000012c 0004 016ec014'
    for lame in REFUSED SERVFAIL NOTIMP "$referral"; do
        fake_dns_start - --listen 127.0.0.1:0 --listen 127.0.0.2:0 <<END
example.test TXT "v=spf1 -all"
@127.0.0.1 example.test TXT $lame
END
        run_spf -d example.test -v --resolver "127.0.0.2:$FAKE_DNS_PORT"
        same 0 "$status"
        contains "$output" 'v=spf1 -all'
        check
        same 3 "$status"
        finding UNKNOWN dns-error
        fake_dns_stop
    done
    contains "$output" 'referral, no answer'
}

@test "the deadline: what is known by then is judged and printed" {
    publish 'v=spf1 ip:8.8.8.8 include:slow.test -all' -t 1 <<'END'
[silent] slow.test ANY
END
    same 2 "$status"
    finding CRITICAL typo
    finding UNKNOWN dns-error
}
