#!/usr/bin/env bats
# check_dmarc through the real binary against scripted DNS. Each row of the table of conditions is a test of its own,
# named by its id.

load helper
load assert

setup() {
    dmarc=$(plugin check_dmarc)
    findings_of dmarc
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
    fake_dns_stop
}

# zone: starts the server with the lines of standard input.
zone() {
    {
        printf 'soa test\n'
        cat
    } >zone.dns
    fake_dns_start zone.dns
}

# run_dmarc WORDS...: sets output and status.
run_dmarc() {
    status=0
    output=$("$dmarc" --resolver "127.0.0.1:$FAKE_DNS_PORT" "$@" 2>errors </dev/null) || status=$?
    same '' "$(cat errors)"
}

# check WORDS...: the domain example.test, with the findings.
check() {
    run_dmarc -d example.test -v "$@"
}

# publish TEXT [WORDS...]: a zone with that record of example.test, and check. Further lines come from the file
# "extra.dns". The domain has SPF, a key and mail.
publish() {
    touch extra.dns
    {
        printf '_dmarc.example.test TXT "%s"\n' "$1"
        cat extra.dns
        cat <<'END'
example.test TXT "v=spf1 mx -all"
example.test MX 10 mail.example.test
sel._domainkey.example.test TXT "v=DKIM1; p=AAAA"
END
    } >all
    zone <all
    check "${@:2}"
}

BASE='example.test MX 10 m.example.test
m.example.test A 192.0.2.1
example.test TXT "v=spf1 mx -all"'

# domain DOMAIN [WORDS...]: BASE and the lines of standard input, and check of that domain.
domain() {
    { printf "%s\n" "$BASE" && cat; } >lines
    zone <lines
    run_dmarc -v -d "$@"
}

# repairs FINDING TEXT: the fix of the finding is TEXT.
repairs() {
    awk -v id="dmarc.$1" '$2 == id { on = 1; next } on && /^ +fix: / { sub(/^ +fix: /, ""); print; exit }' <<<"$output" >fix
    same "$2" "$(cat fix)"
}

# ---- the good case

@test "a good record is OK, with its figures" {
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test'
    same 0 "$status"
    contains "$output" 'DMARC OK - example.test: effective policy reject, record of example.test: v=DMARC1; p=reject; rua=mailto:a@example.test | policy=2;;;0;2 effective_policy=2;;;0;2 pct=100;;;0;100 rua_count=1'
    contains "$output" 'walk_queries=2'
}

@test "legal white space around = and ; is OK" {
    publish 'v = DMARC1 ; p = reject ; rua = mailto:a@example.test , mailto:b@example.test ;'
    same 0 "$status"
}

@test "all names of the walk are asked at once, then all that its records need: two rounds at most" {
    local name
    # Nothing is ever answered: what is asked did not wait for anything.
    zone <<<'[silent] default'
    run_dmarc -d a.b.c.d.e.f.g.h.i.example.test -t 1
    same 3 "$status"
    for name in a.b.c.d.e.f.g.h.i.example.test {e.f.g.h.i,f.g.h.i,g.h.i,h.i,i}.example.test example.test test; do
        [ "$(fake_dns_count " _dmarc\.$name TXT")" -gt 0 ] || {
            echo "$name was not asked for" >&2
            return 1
        }
    done
    fake_dns_stop
    # The walk is answered, and nothing else.
    zone <<'END'
[silent] default
[!silent] _dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:a@in.example.test,mailto:b@reports.test"
END
    run_dmarc -d example.test -t 1
    for name in 'in.example.test MX' 'in.example.test A' 'in.example.test AAAA' 'reports.test MX' 'reports.test A' \
        'reports.test AAAA' 'example.test._report._dmarc.reports.test TXT'; do
        [ "$(fake_dns_count " $name ")" -gt 0 ] || {
            echo "$name was not asked for" >&2
            return 1
        }
    done
}

@test "JSON has the stable keys" {
    require_tool jq
    publish 'v=DMARC1; p=reject; sp=quarantine; rua=mailto:a@example.test' --output-format json
    same 'example.test example.test reject quarantine reject' "$(jq -r '"\(.record_domain) \(.organizational_domain) \(.policy) \(.subdomain_policy) \(.effective_policy)"' <<<"$output")"
    same '[{"name":"_dmarc.example.test","status":"answered","found":true},{"name":"_dmarc.test","status":"NXDOMAIN","found":false}]' "$(jq -c .walk <<<"$output")"
    same '[{"uri":"mailto:a@example.test","kind":"rua","authorized":true}]' "$(jq -c .reports <<<"$output")"
    same 'reject' "$(jq -r .rfc7489.policy <<<"$output")"
}

# ---- the table, row by row

@test "dns-error: a time-out is UNKNOWN and names the step" {
    zone <<'END'
[silent] _dmarc.example.test ANY
example.test A 192.0.2.1
END
    check -t 2
    same 3 "$status"
    finding UNKNOWN dns-error
    contains "$output" '_dmarc.example.test TXT'
}

@test "dns-error: SERVFAIL of a name above is UNKNOWN" {
    zone <<'END'
_dmarc.test ANY SERVFAIL
example.test A 192.0.2.1
END
    check
    same 3 "$status"
    finding UNKNOWN dns-error
    no_finding CRITICAL none
}

@test "dns-bogus: SERVFAIL that goes away without validation is CRITICAL" {
    zone <<'END'
[cd] _dmarc.example.test TXT "v=DMARC1; p=reject"
[!cd] _dmarc.example.test TXT SERVFAIL
END
    check
    same 2 "$status"
    finding CRITICAL dns-bogus
}

@test "ns-differ: a server with another record is WARNING, one without is CRITICAL" {
    cat >zone.dns <<'END'
example.test SOA ns1.example.test. root.example.test. 1 1 1 1 60
example.test NS ns1.example.test
example.test NS ns2.example.test
example.test NS ns3.example.test
ns1.example.test A 127.0.0.1
ns2.example.test A 127.0.0.2
ns3.example.test A 127.0.0.3
_dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:a@example.test"
@127.0.0.2 _dmarc.example.test TXT "v=DMARC1; p=none; rua=mailto:a@example.test"
@127.0.0.3 _dmarc.example.test TXT NODATA
example.test MX 10 mail.example.test
END
    fake_dns_start zone.dns --listen 127.0.0.1:0 --listen 127.0.0.2:0 --listen 127.0.0.3:0
    check --authoritative --authoritative-port "$FAKE_DNS_PORT"
    same 2 "$status"
    finding WARNING ns-differ
    finding CRITICAL ns-missing
}

@test "ns-silent: a server without an answer is UNKNOWN" {
    cat >zone.dns <<'END'
example.test SOA ns1.example.test. root.example.test. 1 1 1 1 60
example.test NS ns1.example.test
example.test NS ns2.example.test
ns1.example.test A 127.0.0.1
ns2.example.test A 127.0.0.2
_dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:a@example.test"
@127.0.0.2 _dmarc.example.test TXT REFUSED
example.test MX 10 mail.example.test
example.test TXT "v=spf1 mx -all"
END
    fake_dns_start zone.dns --listen 127.0.0.1:0 --listen 127.0.0.2:0
    check --authoritative --authoritative-port "$FAKE_DNS_PORT"
    same 3 "$status"
    finding UNKNOWN ns-silent
}

@test "ns-unknown: no name servers are found" {
    zone <<'END'
_dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:a@example.test"
_dmarc.example.test SOA SERVFAIL
example.test MX 10 mail.example.test
example.test TXT "v=spf1 mx -all"
END
    check --authoritative
    same 3 "$status"
    finding UNKNOWN ns-unknown
}

@test "txt-cname: TXT beside a CNAME is WARNING" {
    cat >extra.dns <<'END'
_dmarc.example.test CNAME other.test
other.test TXT "v=DMARC1; p=none"
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test'
    same 1 "$status"
    finding WARNING txt-cname
}

@test "cname-dangling: a CNAME without a record at its end is CRITICAL" {
    zone <<'END'
_dmarc.example.test CNAME gone.test
example.test A 192.0.2.1
END
    check
    same 2 "$status"
    finding CRITICAL cname-dangling
}

@test "a CNAME to a record is fine" {
    zone <<'END'
_dmarc.example.test CNAME host.test
host.test TXT "v=DMARC1; p=reject; rua=mailto:a@example.test"
example.test MX 10 mail.example.test
example.test TXT "v=spf1 mx -all"
END
    check
    same 0 "$status"
}

@test "none: no record anywhere is CRITICAL, with one to publish" {
    zone <<'END'
example.test A 192.0.2.1
END
    check
    same 2 "$status"
    finding CRITICAL none
    contains "$output" 'Publish at _dmarc.example.test: v=DMARC1; p=none; rua=mailto:dmarc-reports@example.test'
    contains "$output" 'policy=U'
}

@test "inherited: the policy of a domain above is a note, with the tag and the existence test" {
    zone <<'END'
_dmarc.example.test TXT "v=DMARC1; p=reject; sp=quarantine; np=reject; rua=mailto:a@example.test"
example.test MX 10 mail.example.test
news.example.test A 192.0.2.1
news.example.test TXT "v=spf1 -all"
END
    run_dmarc -d news.example.test -v --severity dmarc.sp-weak=ignore
    same 0 "$status"
    finding OK inherited
    contains "$output" 'the policy comes from sp= at _dmarc.example.test; the name exists'
    run_dmarc -d gone.example.test -v --severity dmarc.sp-weak=ignore
    contains "$output" 'the policy comes from np= at _dmarc.example.test; the name does not exist (NXDOMAIN)'
}

@test "none: of several records one is to be kept, and none published beside them" {
    domain example.test <<'END'
_dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:a@example.test"
_dmarc.example.test TXT "v=DMARC1; p=none"
END
    finding CRITICAL multiple
    finding CRITICAL none
    contains "$output" 'fix: Keep one of the records at _dmarc.example.test and remove the others'
    lacks "$output" 'fix: Publish'
}

@test "multiple: several records at one name are CRITICAL, and the walk goes on" {
    zone <<'END'
_dmarc.news.example.test TXT "v=DMARC1; p=none"
_dmarc.news.example.test TXT "v=DMARC1; p=quarantine"
_dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:a@example.test"
news.example.test A 192.0.2.1
example.test MX 10 mail.example.test
END
    run_dmarc -d news.example.test -v
    same 2 "$status"
    finding CRITICAL multiple
    contains "$output" 'effective_policy=2'
}

@test "v: a version in other letters is CRITICAL, with the corrected record" {
    publish 'v=dmarc1; p=reject; rua=mailto:a@example.test'
    same 2 "$status"
    finding CRITICAL v
    contains "$output" 'Publish at _dmarc.example.test: v=DMARC1; p=reject; rua=mailto:a@example.test'
}

@test "v: not the first tag, DMARC1x, and a space before it" {
    local text
    for text in 'p=reject; v=DMARC1' 'v=DMARC1x; p=reject' ' v=DMARC1; p=reject'; do
        publish "$text"
        same 2 "$status"
        finding CRITICAL v
        fake_dns_stop
    done
}

@test "location: a record at the domain itself is CRITICAL" {
    zone <<'END'
example.test TXT "v=DMARC1; p=reject"
END
    check
    same 2 "$status"
    finding CRITICAL location
    contains "$output" 'Publish at _dmarc.example.test: v=DMARC1; p=reject'
}

@test "location: _dmarc twice, and the doubled name of the zone" {
    local name
    for name in _dmarc._dmarc.example.test _dmarc.example.test.example.test; do
        zone <<<"$name TXT \"v=DMARC1; p=reject\""
        check
        same 2 "$status"
        finding CRITICAL location
        fake_dns_stop
    done
}

@test "location-beside: such a record beside a good one is WARNING" {
    cat >extra.dns <<'END'
_dmarc._dmarc.example.test TXT "v=DMARC1; p=none"
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test'
    same 1 "$status"
    finding WARNING location-beside
}

@test "foreign: another text in place of the record is CRITICAL, beside it WARNING" {
    publish 'v=spf1 -all'
    same 2 "$status"
    finding CRITICAL foreign
    fake_dns_stop
    cat >extra.dns <<'END'
_dmarc.example.test TXT "v=spf1 -all"
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test'
    same 1 "$status"
    finding WARNING foreign-beside
}

@test "syntax: a missing semicolon is CRITICAL, with the corrected record" {
    publish 'v=DMARC1 p=reject'
    same 2 "$status"
    finding CRITICAL syntax
    contains "$output" 'Publish at _dmarc.example.test: v=DMARC1; p=reject'
}

@test "syntax: curly quotes are CRITICAL, with the corrected record" {
    publish 'v=\226\128\156DMARC1\226\128\157; p=reject'
    same 2 "$status"
    finding CRITICAL syntax
    contains "$output" 'Publish at _dmarc.example.test: v=DMARC1; p=reject'
}

@test "syntax: a duplicate tag makes the record none" {
    publish 'v=DMARC1; p=reject; p=none'
    same 2 "$status"
    finding CRITICAL syntax
    finding CRITICAL none
}

@test "syntax: a word that is no tag is CRITICAL, the rest holds" {
    publish 'v=DMARC1; p=reject; reject; rua=mailto:a@example.test'
    same 2 "$status"
    finding CRITICAL syntax
    contains "$output" 'effective_policy=2'
}

@test "p-missing: with rua it acts as p=none, without it is dropped" {
    publish 'v=DMARC1; rua=mailto:a@example.test'
    same 2 "$status"
    finding CRITICAL p-missing
    contains "$output" 'receivers take the whole record as p=none'
    contains "$output" 'effective_policy=0'
    fake_dns_stop
    publish 'v=DMARC1; sp=none'
    finding CRITICAL p-missing
    contains "$output" 'receivers drop the whole record'
    contains "$output" 'effective_policy=U'
}

@test "p-bad: a mistyped policy is CRITICAL, with the corrected record" {
    publish 'v=DMARC1; p=rejct; rua=mailto:a@example.test'
    same 2 "$status"
    finding CRITICAL p-bad
    contains "$output" 'Publish at _dmarc.example.test: v=DMARC1; p=reject; rua=mailto:a@example.test'
}

@test "p-bad: the corrected record has no URI that rua-uri condemns beside it" {
    publish 'v=DMARC1; p=rejct; rua=mailto:)(img src=x onerror=1@c..org,mailto:a@example.test'
    finding CRITICAL p-bad
    finding WARNING rua-uri
    contains "$output" 'Publish at _dmarc.example.test: v=DMARC1; p=reject; rua=mailto:a@example.test'
    lacks "$(grep -F 'Publish at' <<<"$output")" img
    fake_dns_stop
    publish 'v=DMARC1; p=rejct; rua=mailto:a@[192.0.2.1]'
    finding CRITICAL p-bad
    lacks "$(grep -F 'Publish at' <<<"$output")" rua=
}

@test "sp-bad: turns p=reject into none" {
    publish 'v=DMARC1; p=reject; sp=quarentine; rua=mailto:a@example.test'
    same 2 "$status"
    finding CRITICAL sp-bad
    contains "$output" 'effective_policy=0'
    contains "$output" 'v=DMARC1; p=reject; sp=quarantine; rua=mailto:a@example.test'
}

@test "np-bad: turns p=reject into none" {
    publish 'v=DMARC1; p=reject; np=x; rua=mailto:a@example.test'
    same 2 "$status"
    finding CRITICAL np-bad
    contains "$output" 'effective_policy=0'
}

@test "policy-limit: -w and -c compare the effective policy, 0 none, 1 quarantine, 2 reject" {
    publish 'v=DMARC1; p=quarantine; rua=mailto:a@example.test' -w 2:
    same 1 "$status"
    finding WARNING policy-limit
    contains "$output" 'the effective policy is quarantine (1), wanted is 2: (-w)'
    contains "$output" ' effective_policy=1;2:;;0;2 '
    check -w 2: -c 1:
    same 1 "$status"
    check -c 2:
    same 2 "$status"
    finding CRITICAL policy-limit
    contains "$output" ' effective_policy=1;;2:;0;2 '
    check -w 1: -c 1:
    same 0 "$status"
    run_dmarc --help
    contains "$(tr -s ' \n' ' ' <<<"$output")" 'WARNING when the effective policy (0 none, 1 quarantine, 2 reject) is outside RANGE.'
}

@test "policy-limit: what is not known stays unknown" {
    zone <<<'_dmarc.example.test ANY SERVFAIL'
    check -w 2: -c 2:
    same 3 "$status"
    contains "$output" ' effective_policy=U;2:;2:;0;2 '
    lacks "$output" 'policy-limit'
}

@test "p-none: weaker than --min-policy is WARNING" {
    publish 'v=DMARC1; p=none; rua=mailto:a@example.test'
    same 1 "$status"
    finding WARNING p-none
    check --min-policy none
    same 0 "$status"
    check --min-policy reject
    same 1 "$status"
}

@test "t-y: the effective policy is one level lower" {
    publish 'v=DMARC1; p=reject; t=y; rua=mailto:a@example.test'
    same 1 "$status"
    finding WARNING t-y
    no_finding WARNING p-none
    contains "$output" 'policy=2;;;0;2 effective_policy=1;;;0;2'
    check --min-policy reject
    finding WARNING p-none
}

@test "pct: below 100 is WARNING, 100 a note, anything else WARNING" {
    publish 'v=DMARC1; p=reject; pct=50; rua=mailto:a@example.test'
    same 1 "$status"
    finding WARNING pct
    contains "$output" 'pct=50'
    fake_dns_stop
    publish 'v=DMARC1; p=reject; pct=100; rua=mailto:a@example.test'
    same 0 "$status"
    finding OK pct-removed
    fake_dns_stop
    publish 'v=DMARC1; p=reject; pct=half; rua=mailto:a@example.test'
    same 1 "$status"
    finding WARNING pct
}

@test "rf-ri: removed tags are a note" {
    publish 'v=DMARC1; p=reject; rf=afrf; ri=86400; rua=mailto:a@example.test'
    same 0 "$status"
    finding OK rf-ri
}

@test "unknown-tag: is a note that knows what may be meant" {
    publish 'v=DMARC1; p=reject; polciy=none; rua=mailto:a@example.test'
    same 0 "$status"
    finding OK unknown-tag
    contains "$output" '"p" may be meant'
}

@test "sp-weak and np-weak are WARNING" {
    publish 'v=DMARC1; p=reject; sp=none; rua=mailto:a@example.test'
    same 1 "$status"
    finding WARNING sp-weak
    fake_dns_stop
    publish 'v=DMARC1; p=reject; np=none; rua=mailto:a@example.test'
    same 1 "$status"
    finding WARNING np-weak
}

@test "sp-ignored: sp below the organizational domain is WARNING" {
    cat >extra.dns <<'END'
_dmarc.news.example.test TXT "v=DMARC1; p=reject; sp=reject; rua=mailto:a@example.test"
news.example.test A 192.0.2.1
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test'
    run_dmarc -d news.example.test -v
    same 1 "$status"
    finding WARNING sp-ignored
}

@test "psd: psd=y on a domain that is no public suffix is WARNING, psd=n a note" {
    publish 'v=DMARC1; p=reject; psd=y; rua=mailto:a@example.test'
    same 1 "$status"
    finding WARNING psd
    fake_dns_stop
    publish 'v=DMARC1; p=reject; psd=n; rua=mailto:a@example.test'
    same 0 "$status"
    finding OK psd-set
    fake_dns_stop
    publish 'v=DMARC1; p=reject; psd=maybe; rua=mailto:a@example.test'
    same 1 "$status"
    finding WARNING psd
}

@test "psl-differ: both organizational domains are shown" {
    cat >extra.dns <<'END'
_dmarc.b.example.test TXT "v=DMARC1; p=reject; psd=n; rua=mailto:a@example.test"
a.b.example.test A 192.0.2.1
END
    publish 'v=DMARC1; p=quarantine; rua=mailto:a@example.test'
    run_dmarc -d a.b.example.test -v --severity dmarc.strict-clash=ignore
    same 1 "$status"
    finding WARNING psl-differ
    contains "$output" 'b.example.test by the tree walk and example.test by the public suffix list; the policy reject and quarantine'
}

@test "--rfc7489 lets the old rule decide" {
    cat >extra.dns <<'END'
_dmarc.b.example.test TXT "v=DMARC1; p=reject; psd=n; rua=mailto:a@example.test"
a.b.example.test A 192.0.2.1
END
    publish 'v=DMARC1; p=quarantine; rua=mailto:a@example.test'
    run_dmarc -d a.b.example.test -v --rfc7489
    contains "$output" 'policy=1;;;0;2 effective_policy=1;;;0;2'
}

@test "--public-suffix-list names another list" {
    cat >extra.dns <<'END'
_dmarc.a.b.example.test TXT "v=DMARC1; p=reject; rua=mailto:a@example.test"
END
    printf 'test\nexample.test\n' >list
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test'
    run_dmarc -d a.b.example.test -v --public-suffix-list list
    contains "$output" 'example.test by the tree walk and b.example.test by the public suffix list'
}

@test "mid-record: a record between that is not used is a note" {
    cat >extra.dns <<'END'
_dmarc.b.example.test TXT "v=DMARC1; p=none"
a.b.example.test A 192.0.2.1
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test'
    run_dmarc -d a.b.example.test -v
    finding OK mid-record
    contains "$output" 'effective_policy=2'
}

@test "deep: more than eight labels is a note" {
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test'
    run_dmarc -d a.b.c.d.e.f.g.example.test -v
    finding OK deep
    same 0 "$(fake_dns_count 'TXT.* _dmarc\.b\.c\.d\.e\.f\.g\.example\.test ')"
    contains "$output" 'walk_queries=8'
}

@test "adkim-aspf: an invalid mode is WARNING" {
    publish 'v=DMARC1; p=reject; adkim=strict; rua=mailto:a@example.test'
    same 1 "$status"
    finding WARNING adkim-aspf
}

@test "t-bad: an invalid t is WARNING" {
    publish 'v=DMARC1; p=reject; t=yes; rua=mailto:a@example.test'
    same 1 "$status"
    finding WARNING t-bad
}

@test "fo: 0 with 1, repeats and unknown values are WARNING; without ruf it is a note" {
    local value
    for value in 0:1 d:d x; do
        publish "v=DMARC1; p=reject; fo=$value; rua=mailto:a@example.test; ruf=mailto:a@example.test"
        same 1 "$status"
        finding WARNING fo
        fake_dns_stop
    done
    publish 'v=DMARC1; p=reject; fo=1; rua=mailto:a@example.test'
    same 0 "$status"
    finding OK fo-unused
}

@test "rua-none: no aggregate reports is WARNING" {
    publish 'v=DMARC1; p=reject'
    same 1 "$status"
    finding WARNING rua-none
    contains "$output" 'rua_count=0'
}

@test "rua-uri: no mailto:, another scheme, empty, raw comma or !, more than two, twice" {
    local value
    for value in a@example.test https://example.test '' mailto:a,b@example.test 'mailto:a!b@example.test' \
        mailto:a@example.test,mailto:b@example.test,mailto:c@example.test \
        mailto:a@example.test,mailto:a@example.test; do
        publish "v=DMARC1; p=reject; rua=$value"
        same 1 "$status"
        finding WARNING rua-uri
        fake_dns_stop
    done
}

@test "rua-size: an obsolete size is a note, a bad one WARNING" {
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test!10m'
    same 0 "$status"
    finding OK rua-size
    fake_dns_stop
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test!10mb'
    same 1 "$status"
    finding WARNING rua-size-bad
}

@test "rua-host: one dead report domain is WARNING, all of them CRITICAL" {
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test,mailto:b@gone.example.test'
    same 1 "$status"
    finding WARNING rua-host
    fake_dns_stop
    cat >extra.dns <<'END'
null.example.test MX 0 .
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@null.example.test,mailto:b@gone.example.test'
    same 2 "$status"
    finding CRITICAL rua-host-all
    contains "$output" 'null MX'
}

@test "rua-host-unknown: a report domain without an answer is UNKNOWN" {
    cat >extra.dns <<'END'
slow.example.test ANY SERVFAIL
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@slow.example.test'
    same 3 "$status"
    finding UNKNOWN rua-host-unknown
}

@test "rua-ext: another organization that has not agreed is WARNING, with the name" {
    cat >extra.dns <<'END'
other.test MX 10 mail.other.test
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@other.test'
    same 1 "$status"
    finding WARNING rua-ext
    contains "$output" 'Let other.test publish at example.test._report._dmarc.other.test: v=DMARC1'
}

@test "rua-ext: a record, also by a wildcard, is enough" {
    cat >extra.dns <<'END'
other.test MX 10 mail.other.test
*._report._dmarc.other.test TXT "v=DMARC1"
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@other.test'
    same 0 "$status"
}

@test "rua-ext: the name of the policy domain counts, not the queried one" {
    cat >extra.dns <<'END'
other.test MX 10 mail.other.test
example.test._report._dmarc.other.test TXT "v=DMARC1;"
news.example.test A 192.0.2.1
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@other.test'
    run_dmarc -d news.example.test -v
    no_finding WARNING rua-ext
}

@test "ruf-ext: likewise for failure reports" {
    cat >extra.dns <<'END'
other.test MX 10 mail.other.test
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test; ruf=mailto:a@other.test'
    same 1 "$status"
    finding WARNING ruf-ext
}

@test "ext-unknown: no answer about the agreement is UNKNOWN" {
    cat >extra.dns <<'END'
other.test MX 10 mail.other.test
example.test._report._dmarc.other.test TXT SERVFAIL
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@other.test'
    same 3 "$status"
    finding UNKNOWN ext-unknown
}

@test "ext-unknown: whether there must be an agreement is not known" {
    cat >extra.dns <<'END'
a.other.test MX 10 mail.other.test
_dmarc.other.test TXT SERVFAIL
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@a.other.test'
    same 3 "$status"
    finding UNKNOWN ext-unknown
    contains "$output" 'whether a.other.test must agree is not known: a question of the tree walk from there got no answer'
}

@test "ext-override: what is no address sends the reports nowhere else" {
    cat >extra.dns <<'END'
other.test MX 10 mail.other.test
example.test._report._dmarc.other.test TXT "v=DMARC1; rua=junk"
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@other.test'
    same 0 "$status"
    lacks "$output" 'ext-override'
}

@test "rua-uri: what is no address is named, and the repair is none that loses the policy" {
    publish 'v=DMARC1; p=reject; rua=junk'
    same 1 "$status"
    finding WARNING rua-uri
    contains "$output" 'rua=junk: "mailto:" is missing'
    lacks "$output" 'Publish at'
}

@test "inherited: nothing comes from a record that is dropped, and there is none" {
    domain x.example.test <<'END'
x.example.test A 192.0.2.1
_dmarc.example.test TXT "v=DMARC1; p=reject; np=bad"
END
    same 2 "$status"
    lacks "$output" 'inherited'
}

@test "ext-override: an address at a third host is WARNING" {
    cat >extra.dns <<'END'
other.test MX 10 mail.other.test
example.test._report._dmarc.other.test TXT "v=DMARC1; rua=mailto:b@third.test"
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@other.test'
    same 1 "$status"
    finding WARNING ext-override
}

@test "strict-clash: a strict policy without SPF and without a key is WARNING" {
    zone <<'END'
_dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:a@example.test"
example.test MX 10 mail.example.test
END
    check
    same 1 "$status"
    finding WARNING strict-clash
    fake_dns_stop
    zone <<'END'
_dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:a@example.test"
example.test MX 10 mail.example.test
sel._domainkey.example.test TXT "v=DKIM1; p=AAAA"
END
    check --selector sel
    same 0 "$status"
    check --selector other
    same 1 "$status"
    finding WARNING strict-clash
}

@test "strict-clash: SPF of the organizational domain serves a name below, unless aspf=s" {
    zone <<'END'
_dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:d@example.test"
_dmarc.strict.test TXT "v=DMARC1; p=reject; aspf=s; rua=mailto:d@strict.test"
example.test TXT "v=spf1 -all"
strict.test TXT "v=spf1 -all"
END
    run_dmarc -d a.example.test -v
    no_finding WARNING strict-clash
    run_dmarc -d a.strict.test -v
    finding WARNING strict-clash
}

@test "wildcard-sub: wildcards below are notes" {
    cat >extra.dns <<'END'
*.example.test TXT "v=spf1 -all"
*.example.test A 192.0.2.1
END
    publish 'v=DMARC1; p=reject; np=reject; rua=mailto:a@example.test'
    same 0 "$status"
    finding OK wildcard-sub
    contains "$output" 'np never applies'
}

@test "parked: anything but reject is WARNING" {
    publish 'v=DMARC1; p=reject; sp=quarantine; rua=mailto:a@example.test' --parked
    same 1 "$status"
    finding WARNING parked
    fake_dns_stop
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test' --parked
    same 0 "$status"
}

@test "expect: another record is WARNING" {
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test' --expect 'v=DMARC1; p=none'
    same 1 "$status"
    finding WARNING expect
    check --expect 'v=DMARC1; p=reject; rua=mailto:a@example.test'
    same 0 "$status"
}

@test "changed: a changed record is reported for a while" {
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test' --state-file state
    same 0 "$status"
    check --state-file state
    same 0 "$status"
    fake_dns_stop
    publish 'v=DMARC1; p=quarantine; rua=mailto:a@example.test' --state-file state
    same 1 "$status"
    finding WARNING changed
    contains "$output" 'before: v=DMARC1; p=reject; rua=mailto:a@example.test'
    printf 'postmaster-plugins dmarc 1\nexample.test\t1000\t1\tv=DMARC1; p=quarantine; rua=mailto:a@example.test\tx\n' >state
    check --state-file state
    same 0 "$status"
}

@test "state-file: a damaged one is UNKNOWN, and set aside; a file of somebody else is left as it is" {
    echo garbage >state
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test' --state-file state
    same 3 "$status"
    finding UNKNOWN state-file
    same garbage "$(cat state)"
    [ ! -e state.corrupt ]
    fake_dns_stop
    printf 'postmaster-plugins dmarc 1\ngarbage\n' >state
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test' --state-file state
    same 3 "$status"
    finding UNKNOWN state-file
    [ -e state.corrupt ]
}

# ---- the command line

@test "usage errors have the stable keys of the JSON" {
    require_tool jq
    status=0
    output=$("$(plugin check_dmarc)" --output-format json) || status=$?
    same 3 "$status"
    same 'null null null null null null [] null []' "$(jq -rc '"\(.record) \(.record_domain) \(.organizational_domain) \(.policy) \(.subdomain_policy) \(.effective_policy) \(.walk) \(.rfc7489) \(.reports)"' <<<"$output")"
}

@test "without a domain it is a usage error" {
    status=0
    output=$("$dmarc") || status=$?
    same 3 "$status"
    contains "$output" 'no domain'
}

@test "several domains: the weakest gives the figures" {
    cat >extra.dns <<'END'
_dmarc.second.test TXT "v=DMARC1; p=none; rua=mailto:a@example.test"
second.test._report._dmarc.example.test TXT "v=DMARC1"
END
    publish 'v=DMARC1; p=reject; rua=mailto:a@example.test' -d second.test
    same 1 "$status"
    finding WARNING p-none
    contains "$output" 'effective_policy=0'
}

# ---- what is not known, what is not looked at

@test "a policy that is not known is null in JSON and no sample, not \"absent\"" {
    require_tool jq
    local answer
    for answer in SERVFAIL REFUSED; do
        domain example.test <<<"_dmarc.example.test ANY $answer"
        same 3 "$status"
        contains "$output" 'example.test: organizational domain example.test, policy not known, effective not known'
        lacks "$output" absent
        contains "$output" 'policy=U;'
        contains "$output" ' rua_count=U'
        run_dmarc -d example.test --output-format json
        same 'null null null' "$(jq -r '"\(.policy) \(.effective_policy) \(.rfc7489.policy)"' <<<"$output")"
        run_dmarc -d example.test --output-format prometheus
        lacks "$output" postmaster_dmarc_domain_effective_policy
        fake_dns_stop
    done
}

@test "a policy that hangs on an answer that did not come is not guessed: np, and the record of a name below" {
    require_tool jq
    domain x.example.test <<'END'
_dmarc.example.test TXT "v=DMARC1; p=reject; sp=quarantine; np=none; rua=mailto:a@example.test"
x.example.test ANY SERVFAIL
END
    finding UNKNOWN dns-error
    no_finding OK inherited
    contains "$output" 'effective not known'
    run_dmarc -d x.example.test --output-format json
    same null "$(jq -r .effective_policy <<<"$output")"
    fake_dns_stop
    domain x.example.test <<'END'
_dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:a@example.test"
x.example.test A 192.0.2.1
_dmarc.x.example.test ANY SERVFAIL
END
    contains "$output" 'policy not known, effective not known'
}

@test "psl-differ: what the old rule finds is not known, and no \"absent\", when its name gave no answer" {
    domain a.b.example.test <<'END'
a.b.example.test A 192.0.2.1
a.b.example.test TXT "v=spf1 -all"
b.example.test MX 1 m.example.test
_dmarc.b.example.test TXT "v=DMARC1; p=reject; psd=n; rua=mailto:a@b.example.test"
_dmarc.example.test ANY SERVFAIL
END
    same 3 "$status"
    finding UNKNOWN dns-error
    contains "$output" 'what holds by RFC 7489 is not known'
    no_finding WARNING psl-differ
    lacks "$output" absent
}

@test "report addresses beyond those that are looked at are counted, and \"all\" is not said of them" {
    local i list=mailto:a@h0.test
    for ((i = 1; i < 35; i++)); do
        list+=,mailto:a@h$i.test
    done
    # In strings of at most 255 octets.
    list="v=DMARC1; p=reject; rua=$list,mailto:good@example.test"
    domain example.test --max-output 60000 <<<"_dmarc.example.test TXT $(fold -w 200 <<<"$list" | sed 's/.*/"&"/' | tr '\n' ' ')"
    contains "$output" ' rua_count=36 '
    no_finding CRITICAL rua-host-all
    finding UNKNOWN rua-host-unknown
    contains "$output" 'rua= has 36 addresses, only the first 32 were looked at'
}

# ---- repairs

@test "repairs keep the report address, and say nothing where they cannot" {
    domain example.test <<<'_dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:a!b@example.test"'
    repairs rua-uri 'Publish at _dmarc.example.test: v=DMARC1; p=reject; rua=mailto:a%21b@example.test'
    fake_dns_stop
    domain example.test <<<'_dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:a,b@example.test"'
    repairs rua-uri 'Publish at _dmarc.example.test: v=DMARC1; p=reject; rua=mailto:a%2Cb@example.test'
    fake_dns_stop
    domain example.test <<<'_dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:a@[192.0.2.1]"'
    finding WARNING rua-uri
    lacks "$(sed -n '/dmarc.rua-uri/,/fix:/p' <<<"$output")" Publish
}

@test "repairs do not open what is closed: a bad sp, adkim=strict, pct" {
    domain example.test <<<'_dmarc.example.test TXT "v=DMARC1; p=reject; sp=xx; adkim=strict; rua=mailto:a@example.test"'
    repairs sp-bad 'Publish at _dmarc.example.test: v=DMARC1; p=reject; adkim=s; rua=mailto:a@example.test'
    fake_dns_stop
    domain example.test <<<'_dmarc.example.test TXT "v=DMARC1; p=reject; pct=50; rua=mailto:a@example.test"'
    repairs pct 'Publish at _dmarc.example.test: v=DMARC1; p=reject; rua=mailto:a@example.test'
}

@test "none beside its cause repairs with the text that was meant, and the misplaced record comes first" {
    domain example.test <<<'_dmarc.example.test TXT "v=dmarc1; p=reject; rua=mailto:a@example.test"'
    # A repair that several findings share is printed once.
    finding CRITICAL none
    repairs v 'Publish at _dmarc.example.test: v=DMARC1; p=reject; rua=mailto:a@example.test'
    same 1 "$(grep -c Publish <<<"$output")"
    fake_dns_stop
    domain example.test <<<'_dmarc._dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:a@example.test"'
    contains "$(head -n 1 <<<"$output")" '(dmarc.location)'
    finding CRITICAL none
    repairs location 'Publish at _dmarc.example.test: v=DMARC1; p=reject; rua=mailto:a@example.test'
    same 1 "$(grep -c Publish <<<"$output")"
    fake_dns_stop
    domain example.test --parked </dev/null
    repairs none 'Publish at _dmarc.example.test: v=DMARC1; p=reject; sp=reject; np=reject'
}

@test "p-none repairs what makes the policy weak" {
    domain x.example.test <<<'_dmarc.example.test TXT "v=DMARC1; p=reject; np=none; rua=mailto:a@example.test"'
    repairs p-none 'In the record at _dmarc.example.test let np be quarantine, or leave it out so that p= holds'
    fake_dns_stop
    domain example.test <<<'_dmarc.example.test TXT "v=DMARC1; p=quarantine; t=y; rua=mailto:a@example.test"'
    repairs p-none 'Remove t=y from the record at _dmarc.example.test'
    fake_dns_stop
    domain example.test <<<'_dmarc.example.test TXT "v=DMARC1; p=reject; sp=quarentine; rua=mailto:a@example.test"'
    finding WARNING p-none
    repairs sp-bad 'Publish at _dmarc.example.test: v=DMARC1; p=reject; sp=quarantine; rua=mailto:a@example.test'
    same 1 "$(grep -c fix: <<<"$output")"
}

@test "a record behind a CNAME is repaired where it stands" {
    domain example.test <<'END'
_dmarc.example.test CNAME d.provider.test
d.provider.test TXT "v=DMARC1; p=reject"
END
    repairs rua-none 'Publish at d.provider.test: v=DMARC1; p=reject; rua=mailto:dmarc-reports@example.test'
}

@test "parked: the repair keeps the report address" {
    domain example.test --parked <<<'_dmarc.example.test TXT "v=DMARC1; p=none; rua=mailto:a@example.test"'
    repairs parked 'Publish at _dmarc.example.test: v=DMARC1; p=reject; sp=reject; np=reject; rua=mailto:a@example.test'
}

# ---- words and rows

@test "--rfc7489: with pct=0 everybody gets the next lower policy (RFC 7489 6.6.4)" {
    domain example.test --rfc7489 <<<'_dmarc.example.test TXT "v=DMARC1; p=quarantine; pct=0; rua=mailto:a@example.test"'
    contains "$output" ' effective_policy=0;'
    finding WARNING p-none
    repairs p-none 'Remove pct=0 from the record at _dmarc.example.test'
    no_finding WARNING t-y
    fake_dns_stop
    domain example.test --rfc7489 <<'END'
_dmarc.example.test TXT "v=DMARC1; p=reject"
_dmarc.example.test TXT "v=DMARC1; p=none"
END
    finding CRITICAL multiple
    contains "$output" 'by RFC 7489 the discovery ends'
}

@test "strict-clash: a revoked key is no key" {
    zone <<'END'
example.test A 192.0.2.9
s1._domainkey.example.test TXT "v=DKIM1; p="
_dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:a@example.test"
END
    run_dmarc -v -d example.test --selector s1
    finding WARNING strict-clash
}

@test "location-beside: a wildcard's answer is no record at a wrong place" {
    domain example.test <<'END'
_dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:a@example.test"
*.example.test TXT "v=DMARC1; p=none"
END
    no_finding WARNING location-beside
    finding OK wildcard-sub
}

@test "mid-record: is not said of the public suffix domain above" {
    domain x.example.test <<'END'
_dmarc.test TXT "v=DMARC1; p=reject; sp=none; np=reject; psd=y; rua=mailto:a@example.test"
_dmarc.example.test TXT "v=DMARC1; p=quarantine; rua=mailto:a@example.test"
x.example.test A 192.0.2.1
END
    no_finding OK mid-record
}

@test "inherited: a fault in the record above is named as that" {
    domain x.example.test <<'END'
_dmarc.example.test TXT "v=DMARC1; p=reject; sp=rejectt; rua=mailto:a@example.test"
x.example.test A 192.0.2.1
END
    contains "$output" 'the policy comes from a fault, taken as p=none, at _dmarc.example.test'
    fake_dns_stop
    domain x.example.test <<'END'
_dmarc.example.test TXT "v=DMARC1; p=reject; sp=rejectt"
x.example.test A 192.0.2.1
END
    no_finding OK inherited
}

@test "an IP address, a mail address and what is no selector are usage errors" {
    local word
    FAKE_DNS_PORT=9
    for word in 192.0.2.1 2001:db8::1; do
        run_dmarc -d "$word"
        same 3 "$status"
        contains "$output" "expected a domain name, no IP address, got \"$word\""
    done
    run_dmarc -d a@example.test
    same 3 "$status"
    contains "$output" 'expected a domain name, no mail address ("example.test" is meant?)'
    for word in a..b .; do
        run_dmarc -d example.test --selector "$word"
        same 3 "$status"
        contains "$output" "--selector: \"$word\" is no selector"
    done
}
