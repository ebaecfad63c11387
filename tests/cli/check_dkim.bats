#!/usr/bin/env bats
# check_dkim through the real binary against scripted DNS: the keys. Each row of the table of conditions is a test of
# its own, named by its id. The messages are in check_dkim_message.bats.

load helper
load assert

setup_file() {
    # Keys are made once for all tests.
    "$(plugin tests/cli/dkim_sign)" keys "$BATS_FILE_TMPDIR"
}

setup() {
    dkim=$(plugin check_dkim)
    keys=$BATS_FILE_TMPDIR
    findings_of dkim
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
    fake_dns_stop
}

# quoted TEXT: as strings of a TXT record.
quoted() {
    local text=$1
    while [ "${#text}" -gt 200 ]; do
        printf '"%s" ' "${text:0:200}"
        text=${text:200}
    done
    printf '"%s"' "$text"
}

# zone: starts the server with the lines of standard input.
zone() {
    {
        printf 'soa test\n'
        cat
    } >zone.dns
    fake_dns_start zone.dns
}

# run_dkim WORDS...: sets output and status.
run_dkim() {
    status=0
    output=$("$dkim" --resolver "127.0.0.1:$FAKE_DNS_PORT" "$@" 2>errors </dev/null) || status=$?
    same '' "$(cat errors)"
}

check() {
    run_dkim -d example.test -s sel -v "$@"
}

# publish RECORD [WORDS...]: a zone with that key record, and check. Further lines come from the file "extra.dns".
publish() {
    touch extra.dns
    {
        printf 'sel._domainkey.example.test TXT %s\n' "$(quoted "$1")"
        cat extra.dns
    } >all
    zone <all
    check "${@:2}"
}

# record NAME: a record that dkim_sign made.
record() {
    cat "$keys/$1.record"
}

# ---- the good case

@test "a good RSA key is OK, with its figures" {
    publish "$(record rsa2048)"
    same 0 "$status"
    contains "$output" 'DKIM OK - sel._domainkey.example.test: rsa, 2048 bits | keys=1 good_keys=1 bits=2048;2048:;1024: age=U signatures=0 passed=0 time='
}

@test "a good Ed25519 key is OK" {
    publish "$(record ed25519)"
    same 0 "$status"
    contains "$output" 'ed25519, 256 bits'
}

@test "a selector as a whole name, several selectors and domains" {
    zone <<END
a._domainkey.example.test TXT $(quoted "$(record rsa2048)")
b._domainkey.example.test TXT $(quoted "$(record ed25519)")
a._domainkey.second.test TXT $(quoted "$(record rsa2048)")
b._domainkey.second.test TXT $(quoted "$(record rsa2048)")
c._domainkey.third.test TXT $(quoted "$(record rsa2048)")
END
    run_dkim -d example.test -d second.test -s a -s b -s c._domainkey.third.test -v
    same 0 "$status"
    contains "$output" '5 of 5 selectors have a key'
    contains "$output" 'c._domainkey.third.test: rsa, 2048 bits'
}

@test "domain and selector as U-labels are asked as A-labels" {
    zone <<END
xn--schlssel-95a._domainkey.xn--bcher-kva.test TXT $(quoted "$(record rsa2048)")
END
    run_dkim -d bücher.test -s schlüssel
    same 0 "$status"
    run_dkim -s schlüssel._domainkey.bücher.test
    same 0 "$status"
}

@test "JSON has the stable keys" {
    require_tool jq
    cat >extra.dns <<END
alias._domainkey.example.test CNAME host.test
host.test CNAME key.test
key.test TXT $(quoted "$(record rsa2048)")
END
    publish "v=DKIM1; t=y:s; k=rsa; p=$(record rsa2048 | sed 's/.*p=//')" --output-format json
    same 'example.test sel rsa 2048 ["y","s"] true []' "$(jq -r '.keys[0] | "\(.domain) \(.selector) \(.key_type) \(.bits) \(.flags) \(.testing) \(.chain)"' <<<"$output")"
    run_dkim -d example.test -s alias --output-format json
    same '["host.test","key.test"]' "$(jq -c '.keys[0].chain' <<<"$output")"
}

@test "a CNAME to a key is fine, and -v shows the chain" {
    zone <<END
sel._domainkey.example.test CNAME key.host.test
key.host.test TXT $(quoted "$(record rsa2048)")
END
    check
    same 0 "$status"
    contains "$output" 'sel._domainkey.example.test, CNAME key.host.test: rsa, 2048 bits'
}

@test "white space in the record, as RFC 6376 3.2 allows it, is fine" {
    publish " v = DKIM1 ; k = rsa ; p = $(record rsa2048 | sed 's/.*p=//; s/.\{60\}/& /g') ; "
    same 0 "$status"
}

# ---- the table, row by row

@test "dns-error: SERVFAIL and no answer are UNKNOWN" {
    zone <<'END'
sel._domainkey.example.test ANY SERVFAIL
[silent] slow._domainkey.example.test ANY
END
    check
    same 3 "$status"
    finding UNKNOWN dns-error
    run_dkim -d example.test -s slow -v -t 2
    same 3 "$status"
    finding UNKNOWN dns-error
}

@test "dns-bogus: SERVFAIL that goes away without validation is CRITICAL" {
    zone <<END
[cd] sel._domainkey.example.test TXT $(quoted "$(record rsa2048)")
[!cd] sel._domainkey.example.test TXT SERVFAIL
END
    check
    same 2 "$status"
    finding CRITICAL dns-bogus
}

@test "ns-differ: a server with another key is WARNING, one without is CRITICAL" {
    cat >zone.dns <<END
example.test SOA ns1.example.test. root.example.test. 1 1 1 1 60
example.test NS ns1.example.test
example.test NS ns2.example.test
example.test NS ns3.example.test
ns1.example.test A 127.0.0.1
ns2.example.test A 127.0.0.2
ns3.example.test A 127.0.0.3
sel._domainkey.example.test TXT $(quoted "$(record rsa2048)")
@127.0.0.2 sel._domainkey.example.test TXT $(quoted "$(record ed25519)")
@127.0.0.2 sel._domainkey.example.test TXT "an older one"
@127.0.0.3 sel._domainkey.example.test TXT NODATA
END
    fake_dns_start zone.dns --listen 127.0.0.1:0 --listen 127.0.0.2:0 --listen 127.0.0.3:0
    check --authoritative --authoritative-port "$FAKE_DNS_PORT"
    same 2 "$status"
    finding WARNING ns-differ
    finding CRITICAL ns-missing
    # Several records of one server stand in one line.
    contains "$output" "seen: there: an older one and $(record ed25519); elsewhere: $(record rsa2048 | head -c 20)"
}

@test "ns-silent and ns-unknown are UNKNOWN" {
    cat >zone.dns <<END
example.test SOA ns1.example.test. root.example.test. 1 1 1 1 60
example.test NS ns1.example.test
example.test NS ns2.example.test
ns1.example.test A 127.0.0.1
ns2.example.test A 127.0.0.2
sel._domainkey.example.test TXT $(quoted "$(record rsa2048)")
@127.0.0.2 sel._domainkey.example.test TXT REFUSED
sel._domainkey.other.test TXT $(quoted "$(record rsa2048)")
sel._domainkey.other.test SOA SERVFAIL
END
    fake_dns_start zone.dns --listen 127.0.0.1:0 --listen 127.0.0.2:0
    check --authoritative --authoritative-port "$FAKE_DNS_PORT"
    same 3 "$status"
    finding UNKNOWN ns-silent
    run_dkim -d other.test -s sel -v --authoritative
    same 3 "$status"
    finding UNKNOWN ns-unknown
}

@test "txt-cname: TXT beside a CNAME is WARNING" {
    cat >extra.dns <<'END'
sel._domainkey.example.test CNAME other.test
other.test TXT "v=DKIM1; p="
END
    publish "$(record rsa2048)"
    same 1 "$status"
    finding WARNING txt-cname
}

@test "no-key: nothing at the selector is CRITICAL" {
    zone <<'END'
example.test A 192.0.2.1
END
    check
    same 2 "$status"
    finding CRITICAL no-key
    contains "$output" 'keys=0 good_keys=0 bits=U'
}

@test "cname-dangling: a CNAME without a key at its end is CRITICAL" {
    zone <<'END'
sel._domainkey.example.test CNAME gone.test
END
    check
    same 2 "$status"
    finding CRITICAL cname-dangling
    contains "$output" 'gone.test'
}

@test "multiple: two records are CRITICAL even if one is good" {
    cat >extra.dns <<'END'
sel._domainkey.example.test TXT "v=DKIM1; p="
END
    publish "$(record rsa2048)" --severity dkim.p-empty=ok
    same 2 "$status"
    finding CRITICAL multiple
}

@test "wildcard: an answer for every selector is WARNING" {
    cat >extra.dns <<'END'
*._domainkey.example.test TXT "v=DKIM1; p=AA=="
END
    publish "$(record rsa2048)"
    same 1 "$status"
    finding WARNING wildcard
}

@test "wildcard: v=DKIM1; p= for all that has no key is what parked domains publish" {
    cat >extra.dns <<'END'
*._domainkey.example.test TXT "v=DKIM1; p="
END
    publish "$(record rsa2048)"
    same 0 "$status"
    no_finding WARNING wildcard
}

@test "a record behind a CNAME is repaired where it stands" {
    zone <<END
sel._domainkey.example.test CNAME key.provider.test
key.provider.test TXT $(quoted "t=y; $(record rsa2048)")
END
    check
    contains "$output" 'Publish at key.provider.test: v=DKIM1; k=rsa; p='
    lacks "$output" 'Publish at sel._domainkey'
}

@test "not-dkim: SPF or DMARC at the selector is CRITICAL" {
    publish 'v=spf1 include:example.net -all'
    same 2 "$status"
    finding CRITICAL not-dkim
}

@test "not-dkim: the version of another record says so, whatever tags it has" {
    publish 'v=DMARC1; p=none'
    same 2 "$status"
    finding CRITICAL not-dkim
    no_finding CRITICAL v
}

@test "ent: _domainkey is NXDOMAIN although the selector is there" {
    cat >extra.dns <<'END'
_domainkey.example.test ANY NXDOMAIN
END
    publish "$(record rsa2048)"
    same 1 "$status"
    finding WARNING ent
}

@test "v: not first, or not exactly DKIM1, is CRITICAL; absent is a note" {
    local data
    data=$(record rsa2048 | sed 's/.*p=//')
    publish "k=rsa; v=DKIM1; p=$data"
    same 2 "$status"
    finding CRITICAL v
    contains "$output" "Publish at sel._domainkey.example.test: v=DKIM1; k=rsa; p=${data:0:60}"
    fake_dns_stop
    publish "v=dkim1; p=$data"
    finding CRITICAL v
    fake_dns_stop
    publish "k=rsa; p=$data"
    same 0 "$status"
    finding OK v-absent
}

@test "taglist: duplicate tag, upper-case tag, quotes, backslashes, two records in one" {
    local data text
    data=$(record rsa2048 | sed 's/.*p=//')
    for text in "v=DKIM1; k=rsa; k=rsa; p=$data" "v=DKIM1; P=$data" "\\\"v=DKIM1; p=AAAA\\\"" \
        "v=DKIM1\\\\; k=rsa\\\\; p=AAAA" "v=DKIM1; p=AAAAv=DKIM1; p=AAAA"; do
        publish "$text"
        same 2 "$status"
        finding CRITICAL taglist
        fake_dns_stop
    done
}

@test "unknown-tag: is a note, an empty g= is WARNING" {
    publish "$(record rsa2048); x=1"
    same 0 "$status"
    finding OK unknown-tag
    fake_dns_stop
    publish "$(record rsa2048); g=*"
    same 0 "$status"
    finding OK g
    fake_dns_stop
    publish "$(record rsa2048); g="
    same 1 "$status"
    finding WARNING g-empty
}

@test "p-missing: no p= is CRITICAL" {
    publish 'v=DKIM1; k=rsa'
    same 2 "$status"
    finding CRITICAL p-missing
}

@test "p-empty: a revoked key is CRITICAL; --expect-revoked turns it" {
    publish 'v=DKIM1; p='
    same 2 "$status"
    finding CRITICAL p-empty
    check --expect-revoked
    same 0 "$status"
    fake_dns_stop
    publish "$(record rsa2048)" --expect-revoked
    same 2 "$status"
    finding CRITICAL not-revoked
    run_dkim -d gone.test -s sel --expect-revoked
    same 0 "$status"
}

@test "p-base64: not base64 is CRITICAL" {
    publish 'v=DKIM1; p=MIGf*'
    same 2 "$status"
    finding CRITICAL p-base64
}

@test "p-der: octets that are no key are CRITICAL, a plain RSAPublicKey is a note" {
    publish 'v=DKIM1; p=Zm9vYmFy'
    same 2 "$status"
    finding CRITICAL p-der
    fake_dns_stop
    publish "$(record plain)"
    same 0 "$status"
    finding OK p-pkcs1
}

@test "p-private: a published private key is CRITICAL" {
    publish "$(record private)"
    same 2 "$status"
    finding CRITICAL p-private
}

@test "k: unknown, or not that of the key, is CRITICAL" {
    publish 'v=DKIM1; k=dsa; p=AAAA'
    same 2 "$status"
    finding CRITICAL k
    fake_dns_stop
    publish "$(record ed25519 | sed 's/k=ed25519; //')"
    same 2 "$status"
    finding CRITICAL k
    contains "$output" "Publish at sel._domainkey.example.test: $(record ed25519)"
    fake_dns_stop
    publish "$(record ec)"
    finding CRITICAL k
}

@test "ed-len: not 32 octets, or a point of low order, is CRITICAL" {
    publish "$(record wrapped)"
    same 2 "$status"
    finding CRITICAL ed-len
    contains "$output" "Publish at sel._domainkey.example.test: $(record ed25519)"
    fake_dns_stop
    publish 'v=DKIM1; k=ed25519; p=AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
    finding CRITICAL ed-len
}

@test "bits: under 1024 is CRITICAL, under 2048 WARNING" {
    publish "$(record rsa512)"
    same 2 "$status"
    finding CRITICAL bits-short
    contains "$output" 'bits=512'
    fake_dns_stop
    publish "$(record rsa1024)"
    same 1 "$status"
    finding WARNING bits-few
}

@test "bits-limit: -w and -c stand in for the limits of RFC 8301 3.2" {
    publish "$(record rsa1024)" -w 1024:
    same 0 "$status"
    contains "$output" ' bits=1024;1024:;1024: '
    fake_dns_stop
    publish "$(record rsa1024)" -c 2048:
    same 2 "$status"
    finding CRITICAL bits-limit
    contains "$output" 'the RSA key has 1024 bits, wanted is 2048: (-c)'
    no_finding WARNING bits-few
    fake_dns_stop
    publish "$(record rsa2048)" -w 3072:
    same 1 "$status"
    finding WARNING bits-limit
    contains "$output" 'the RSA key has 2048 bits, wanted is 3072: (-w)'
    contains "$output" ' bits=2048;3072:;1024: '
    check -w 3072: --severity dkim.bits-limit=ok
    same 0 "$status"
    fake_dns_stop
    publish "$(record rsa512)" -w 512: -c 256:
    same 0 "$status"
    run_dkim --help
    contains "$output" 'the bits of the shortest RSA key'
}

@test "bits: over 4096 is WARNING" {
    # A modulus of 4104 bits that is no product of primes that anyone knows: its length is all that counts here.
    publish "v=DKIM1; p=$(long_key)" --severity dkim.weak=ok
    same 1 "$status"
    finding WARNING bits-many
}

# The base64 of an RSAPublicKey with 4104 bits: SEQUENCE, INTEGER of 514 octets, INTEGER 65537.
long_key() {
    local hex=3082020b0282020200
    while [ "${#hex}" -lt $((2 * 522)) ]; do
        hex+=c7
    done
    hex+=0203010001
    while [ -n "$hex" ]; do
        printf '%b' "\\x${hex:0:2}"
        hex=${hex:2}
    done | base64 -w0
}

@test "weak: close primes, a small factor, ROCA, an even exponent, the key of an RFC" {
    local name
    for name in close factor roca even prime; do
        publish "$(record $name)"
        same 2 "$status"
        finding CRITICAL weak
        fake_dns_stop
    done
    publish 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='
    same 2 "$status"
    finding CRITICAL weak
    contains "$output" 'example key of an RFC'
}

@test "exponent: a small one is WARNING, and the key is good for the rest" {
    publish "$(record three)"
    same 1 "$status"
    finding WARNING exponent
    no_finding CRITICAL weak
    contains "$output" ' good_keys=1 '
}

@test "good_keys does not count keys that no verifier may use for mail, nor one that does not fit" {
    local tags
    for tags in h=sha1 s=tlsrpt s=; do
        publish "v=DKIM1; $tags; $(record rsa2048 | sed 's/v=DKIM1; //')"
        same 2 "$status"
        contains "$output" ' keys=1 good_keys=0 '
        fake_dns_stop
    done
    publish "$(record rsa2048)" --key "$keys/rsa1024.pem"
    contains "$output" ' keys=1 good_keys=0 '
}

@test "h: without sha256 is CRITICAL, an algorithm in it, too" {
    publish "h=sha1; $(record rsa2048 | sed 's/v=DKIM1; //')"
    same 2 "$status"
    finding CRITICAL h
    fake_dns_stop
    publish "h=rsa-sha256; $(record rsa2048 | sed 's/v=DKIM1; //')"
    same 2 "$status"
    finding CRITICAL h
    contains "$output" 'names an algorithm'
}

@test "s: neither * nor email is CRITICAL" {
    publish "$(record rsa2048); s=tlsrpt"
    same 2 "$status"
    finding CRITICAL s
    contains "$output" 'TLS reports only'
}

@test "t-y is WARNING, t-s a note" {
    publish "$(record rsa2048); t=y"
    same 1 "$status"
    finding WARNING t-y
    fake_dns_stop
    publish "$(record rsa2048); t=s"
    same 0 "$status"
    finding OK t-s
}

@test "size: a truncated answer and no TCP is WARNING" {
    zone <<END
[truncate tcp=closed] sel._domainkey.example.test TXT $(quoted "$(record rsa2048)")
END
    check
    same 1 "$status"
    finding WARNING size
}

@test "pair: a key file that fits is OK, another one CRITICAL" {
    publish "$(record rsa2048)" --key "$keys/rsa2048.pem" --severity dkim.pair-mode=ok
    same 0 "$status"
    check --key "$keys/rsa2048.pkcs1.pem" --severity dkim.pair-mode=ok
    same 0 "$status"
    check --key "$keys/rsa1024.pem"
    same 2 "$status"
    finding CRITICAL pair
}

@test "pair: a file that cannot be read is UNKNOWN, one that all may read WARNING" {
    publish "$(record rsa2048)" --key ./absent
    same 3 "$status"
    finding UNKNOWN pair-unreadable
    echo garbage >garbage
    chmod 600 garbage
    check --key garbage
    same 3 "$status"
    finding UNKNOWN pair-unreadable
    cp "$keys/rsa2048.pem" key.pem
    chmod 644 key.pem
    check --key key.pem
    same 1 "$status"
    finding WARNING pair-mode
    chmod 600 key.pem
    check --key key.pem
    same 0 "$status"
}

@test "pair: the key itself in the KeyTable is compared, and never printed" {
    local secret part format
    zone <<END
sel._domainkey.example.test TXT $(quoted "$(record rsa2048)")
END
    secret=$(grep -v -- ----- "$keys/rsa2048.pem" | tr -d '\n')
    printf 'k example.test:sel:%s\n' "$secret" >table
    run_dkim --key-table table -v
    same 0 "$status"
    # Another key; one that cannot be read; and no matter which form is printed.
    for secret in "$(grep -v -- ----- "$keys/rsa1024.pem" | tr -d '\n')" "${secret:0:800}" \
        nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=; do
        printf 'k example.test:sel:%s\n' "$secret" >table
        for format in text multi-line json prometheus checkmk; do
            run_dkim --key-table table -vvv --output-format "$format"
            [ "$status" -ge 2 ]
            part=${secret:20:12}
            lacks "$output" "$part"
        done
    done
    # Nor when it was given in the wrong place.
    check --key "$secret"
    lacks "$output" "${secret:20:12}"
}

@test "pair: a KeyTable row for any domain is for that of -d" {
    cp "$keys/rsa2048.pem" key.pem
    chmod 600 key.pem
    printf 'any %%:sel:key.pem\n' >table
    publish "$(record rsa2048)"
    run_dkim --key-table table -d example.test
    same 0 "$status"
    contains "$output" 'sel._domainkey.example.test'
    run_dkim --key-table table
    same 3 "$status"
    contains "$output" 'a row for % needs -d DOMAIN'
}

@test "pair: beside a revoked key the revocation is told, and nothing else" {
    publish 'v=DKIM1; p=' --key "$keys/rsa2048.pem" --severity dkim.pair-mode=ok
    finding CRITICAL p-empty
    no_finding CRITICAL pair
}

@test "pair: an OpenDKIM KeyTable and an rspamd map" {
    cp "$keys/rsa2048.pem" key.pem
    chmod 600 key.pem
    cat >table <<'END'
# comment
one example.test:sel:key.pem
any %:sel:key.pem
END
    publish "$(record rsa2048)"
    run_dkim --key-table table -v
    same 0 "$status"
    printf 'example.test sel key.pem\nexample.test gone\n' >table
    run_dkim --key-table table -v
    same 2 "$status"
    finding CRITICAL no-key
    printf 'one\n' >table
    run_dkim --key-table table
    same 3 "$status"
    contains "$output" 'line 1'
}

@test "signing-table: the keys of a domain, and a domain without one is CRITICAL" {
    cp "$keys/rsa2048.pem" key.pem
    chmod 600 key.pem
    printf 'one example.test:sel:key.pem\nany %%:sel:key.pem\nold gone.test:sel:key.pem\n' >keytable
    printf '*@example.test one\n*@*.example.test any\n*@lost.test lost:%%\n' >signing
    printf 'sel._domainkey.news.example.test TXT %s\n' "$(quoted "$(record rsa2048)")" >extra.dns
    publish "$(record rsa2048)"
    run_dkim -d example.test -d news.example.test --key-table keytable --signing-table signing -v
    same 0 "$status"
    contains "$output" '2 of 2 selectors have a key'
    contains "$output" 'sel._domainkey.news.example.test: rsa, 2048 bits'
    run_dkim -d other.test --key-table keytable --signing-table signing -v
    same 2 "$status"
    finding CRITICAL signing-table
    contains "$output" 'no row of the signing table is for other.test'
    run_dkim --key-table keytable --signing-table signing -v
    same 2 "$status"
    contains "$output" 'names the key "lost" for lost.test'
    contains "$output" 'sel._domainkey.example.test: rsa, 2048 bits'
    no_finding CRITICAL no-key
    run_dkim -d example.test -s sel --signing-table signing
    same 3 "$status"
    contains "$output" '--signing-table needs --key-table'
    printf 'example.test\n' >signing
    run_dkim --key-table keytable --signing-table signing
    same 3 "$status"
    contains "$output" '--signing-table: line 1'
}

@test "usage errors have the stable keys of the JSON" {
    require_tool jq
    status=0
    output=$("$dkim" --output-format json) || status=$?
    same 3 "$status"
    same '[] []' "$(jq -rc '"\(.keys) \(.signatures)"' <<<"$output")"
}

@test "age: a key in use for too long is WARNING" {
    publish "$(record rsa2048)" --state-file state --max-age 30
    same 0 "$status"
    contains "$output" 'age=0s'
    sed -i "s/\t[0-9]*\t0\t/\t$((EPOCHSECONDS - 40 * 86400))\t0\t/" state
    check --state-file state --max-age 30
    same 1 "$status"
    finding WARNING age
    contains "$output" '40 days'
}

@test "retired: a key that is still there is WARNING" {
    publish "$(record rsa2048)"
    run_dkim -d example.test --retired sel --retired gone -v
    same 1 "$status"
    finding WARNING retired
    no_finding CRITICAL no-key
}

@test "--discover finds usual selectors, and says that absence proves nothing" {
    zone <<END
selector1._domainkey.example.test TXT $(quoted "$(record rsa2048)")
END
    run_dkim -d example.test --discover -v
    same 0 "$status"
    contains "$output" 'selector1._domainkey.example.test: rsa, 2048 bits'
    run_dkim -d other.test --discover -v
    same 0 "$status"
    finding OK discovered-none
    contains "$output" 'proves nothing'
}

@test "--discover: no answer is no \"no\": UNKNOWN, and the figures are not known" {
    local answer
    for answer in '*._domainkey.example.test ANY REFUSED' '*._domainkey.example.test ANY SERVFAIL' \
        '[silent] *._domainkey.example.test ANY'; do
        zone <<<"$answer"
        run_dkim -d example.test --discover -v -t 1
        same 3 "$status"
        finding UNKNOWN dns-error
        contains "$output" 'of 47 usual selectors got no usable answer'
        contains "$output" ' keys=U good_keys=U '
        no_finding OK discovered-none
        fake_dns_stop
    done
    # One is found, one is not known.
    zone <<END
selector1._domainkey.example.test TXT $(quoted "$(record rsa2048)")
selector2._domainkey.example.test ANY SERVFAIL
END
    run_dkim -d example.test --discover -v
    same 3 "$status"
    contains "$output" '1 of 47 usual selectors got no usable answer: SERVFAIL for the question selector2._domainkey.example.test TXT'
}

@test "--discover: a DNSSEC-broken zone is CRITICAL" {
    zone <<'END'
[!cd] *._domainkey.example.test ANY SERVFAIL
END
    run_dkim -d example.test --discover -v
    same 2 "$status"
    finding CRITICAL dns-bogus
}

@test "--discover: a wildcard is told, and counts for no key; a revoked key is no fault" {
    zone <<END
*._domainkey.example.test TXT $(quoted "$(record rsa2048)")
END
    run_dkim -d example.test --discover -v
    same 1 "$status"
    finding WARNING wildcard
    contains "$output" ' keys=0 '
    fake_dns_stop
    zone <<'END'
default._domainkey.example.test TXT "v=DKIM1; p="
END
    run_dkim -d example.test --discover -v
    same 0 "$status"
    contains "$output" 'default._domainkey.example.test: p= is empty'
    contains "$output" '0 of 47 selectors have a key'
}

@test "what is not known is U, and is not called \"no key\"" {
    zone <<<'[silent] default'
    run_dkim -d example.test -s sel -t 0.5 --timeout-result ok
    contains "$output" ' keys=U good_keys=U '
    lacks "$output" 'no key'
}

@test "state-file: one that cannot be used is UNKNOWN" {
    echo garbage >state
    publish "$(record rsa2048)" --state-file state
    same 3 "$status"
    finding UNKNOWN state-file
}

# ---- the command line

@test "usage errors name the option" {
    local words
    while read -r words; do
        status=0
        # shellcheck disable=SC2086
        output=$("$dkim" $words 2>&1 </dev/null) || status=$?
        same 3 "$status"
        contains "$output" 'UNKNOWN - '
    done <<'END'

-s sel
-d example.test -s a..b
--discover
-d example.test -s a -s b --key x
-d example.test -s a --max-age 3
-d example.test -s a --align
--message absent.eml
--message /
--message x --expect z=1
--message /dev/null --expect d=a.test,d=b.test
-s x._domainkey.
END
}

@test "taglist: a byte order mark before v= is named" {
    publish '\239\187\191v=DKIM1; p='
    same 2 "$status"
    finding CRITICAL taglist
    contains "$output" 'a byte order mark (U+FEFF) stands before the record'
}

@test "tag-limit: more tags than the check reads are UNKNOWN, not the fault of the record" {
    local i tags=
    for ((i = 0; i < 70; i++)); do
        tags+="x$i=1; "
    done
    publish "v=DKIM1; $tags$(record rsa2048 | sed 's/v=DKIM1; //')"
    same 3 "$status"
    finding UNKNOWN tag-limit
    no_finding CRITICAL taglist
}

@test "dns-error: the code of the answer is named" {
    local code
    for code in FORMERR NOTIMP NOTAUTH; do
        zone <<<"sel._domainkey.example.test ANY $code"
        check
        same 3 "$status"
        finding UNKNOWN dns-error
        contains "$output" "$code for the question sel._domainkey.example.test TXT"
        fake_dns_stop
    done
}
