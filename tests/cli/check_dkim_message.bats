#!/usr/bin/env bats
# check_dkim --message through the real binary: messages that the test signs itself, against scripted DNS. Each row of
# the table of conditions is a test of its own, named by its id.

load helper
load assert

setup_file() {
    "$(plugin tests/cli/dkim_sign)" keys "$BATS_FILE_TMPDIR"
}

setup() {
    dkim=$(plugin check_dkim)
    sign=$(plugin tests/cli/dkim_sign)
    keys=$BATS_FILE_TMPDIR
    findings_of dkim
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    cd "$BATS_TEST_TMPDIR" || return 1
    cat >plain.eml <<'END'
From: Alice <alice@example.test>
To: bob@example.net
Subject: Hi
Date: Fri, 11 Jul 2003 21:00:37 -0700
Message-ID: <1@example.test>

Hello
there.
END
}

teardown() {
    fake_dns_stop
}

quoted() {
    local text=$1
    while [ "${#text}" -gt 200 ]; do
        printf '"%s" ' "${text:0:200}"
        text=${text:200}
    done
    printf '"%s"' "$text"
}

# serve: a zone with all keys, further lines from standard input.
serve() {
    {
        printf 'soa test\n'
        local name
        for name in rsa2048 rsa1024 rsa512 ed25519; do
            printf '%s._domainkey.example.test TXT %s\n' "$name" "$(quoted "$(cat "$keys/$name.record")")"
        done
        printf 'tlsrpt._domainkey.example.test TXT %s\n' "$(quoted "$(cat "$keys/rsa2048.record"); s=tlsrpt")"
        printf 'testing._domainkey.example.test TXT %s\n' "$(quoted "$(cat "$keys/rsa2048.record"); t=y")"
        printf 'strict._domainkey.example.test TXT %s\n' "$(quoted "$(cat "$keys/rsa2048.record"); t=s")"
        printf 'sha1._domainkey.example.test TXT %s\n' "$(quoted "$(cat "$keys/rsa2048.record"); h=sha1")"
        printf 'revoked._domainkey.example.test TXT "v=DKIM1; p="\n'
        printf 'dead._domainkey.example.test TXT SERVFAIL\n'
        printf 'rsa2048._domainkey.other.test TXT %s\n' "$(quoted "$(cat "$keys/rsa2048.record")")"
        printf 'rsa2048._domainkey.news.example.test TXT %s\n' "$(quoted "$(cat "$keys/rsa2048.record")")"
        cat
    } >zone.dns
    fake_dns_start zone.dns
}

# All that should be signed, once more than it occurs.
ALL=from:from:subject:subject:to:to:date:date:reply-to:content-type:message-id

# signed [TAGS] [KEY] [SELECTOR] [ALGORITHM]: the message, HEADERS or ALL of its fields signed, with a signature that is good but for the further tags.
signed() {
    local headers=${HEADERS-$ALL}
    "$sign" sign "$keys/${2-rsa2048}.pem" \
        "v=1; a=${4-rsa-sha256}; c=relaxed/simple; d=example.test; s=${3-${2-rsa2048}}; h=$headers; ${1-}${1:+; }bh=<h>; b=<b>" \
        <plain.eml
}

# run_dkim WORDS...: --message on standard input.
run_dkim() {
    status=0
    output=$("$dkim" --resolver "127.0.0.1:$FAKE_DNS_PORT" --message - -v "$@" 2>errors <message.eml) || status=$?
    same '' "$(cat errors)"
}

# verify WORDS...: the message of signed, in message.eml.
verify() {
    serve </dev/null
    run_dkim "$@"
}

# ---- the good case

@test "a good signature is OK, from a file and from standard input" {
    signed >message.eml
    verify
    same 0 "$status"
    contains "$output" 'DKIM OK - message: 1 signature, all verify'
    contains "$output" 'signatures=1 passed=1'
    contains "$output" 'signature 1: d=example.test s=rsa2048 a=rsa-sha256 c=relaxed/simple: pass'
    output=$("$dkim" --resolver "127.0.0.1:$FAKE_DNS_PORT" --message message.eml)
    contains "$output" 'DKIM OK'
}

@test "a byte order mark that an editor put before the message is none of its octets" {
    signed >whole.eml
    { printf '\xef\xbb\xbf'; cat whole.eml; } >message.eml
    verify
    same 0 "$status"
    contains "$output" 'DKIM OK - message: 1 signature, all verify'
}

@test "every combination of canonicalizations verifies" {
    local form
    serve </dev/null
    for form in simple simple/simple simple/relaxed relaxed relaxed/simple relaxed/relaxed; do
        "$sign" sign "$keys/rsa2048.pem" "v=1; a=rsa-sha256; c=$form; d=example.test; s=rsa2048; h=$ALL; bh=<h>; b=<b>" \
            <plain.eml >message.eml
        run_dkim
        same 0 "$status"
    done
}

@test "domains and selectors as U-labels are A-labels for DNS, i= and From (RFC 8616 4)" {
    sed -i 's/^From: .*/From: Alice <alice@b\xc3\xbccher.test>/' plain.eml
    serve <<END
xn--schlssel-95a._domainkey.xn--bcher-kva.test TXT $(quoted "$(cat "$keys/rsa2048.record")")
END
    "$sign" sign "$keys/rsa2048.pem" \
        "v=1; a=rsa-sha256; c=relaxed/simple; d=bücher.test; i=älter@Bücher.test; s=schlüssel; h=$ALL; bh=<h>; b=<b>" \
        <plain.eml >message.eml
    run_dkim --align
    same 0 "$status"
    contains "$output" 'd=xn--bcher-kva.test s=xn--schlssel-95a a=rsa-sha256 c=relaxed/simple: pass'
    # What IDNA refuses is no domain.
    "$sign" sign "$keys/rsa2048.pem" \
        $'v=1; a=rsa-sha256; d=b\u2603\u202e'"cher.test; s=rsa2048; h=$ALL; bh=<h>; b=<b>" <plain.eml >message.eml
    run_dkim
    same 2 "$status"
    finding CRITICAL sig-syntax
}

@test "RSA and Ed25519 together are OK" {
    signed '' ed25519 ed25519 ed25519-sha256 >first.eml
    mv plain.eml first.plain
    mv first.eml plain.eml
    signed >message.eml
    verify
    same 0 "$status"
    contains "$output" 'signatures=2 passed=2'
}

@test "JSON has the stable keys" {
    require_tool jq
    signed 't=1700000000; x=1700086400' >message.eml
    verify --align --output-format json
    same 'example.test rsa2048 rsa-sha256 relaxed/simple permerror 1700086400 null true' \
        "$(jq -r '.signatures[0] | "\(.domain) \(.selector) \(.algorithm) \(.canonicalization) \(.result) \(.expires) \(.body_length) \(.aligned)"' <<<"$output")"
    same '["from","from","subject"]' "$(jq -c '.signatures[0].headers[0:3]' <<<"$output")"
}

# ---- the table, row by row

@test "unsigned: no signature is CRITICAL" {
    cp plain.eml message.eml
    verify
    same 2 "$status"
    finding CRITICAL unsigned
}

@test "bh: a changed body is CRITICAL, and it says that the header is unchanged" {
    signed | sed 's/there\./There./' >message.eml
    verify
    same 2 "$status"
    finding CRITICAL bh
    contains "$output" 'the signed header fields are unchanged'
}

@test "b: a changed header is CRITICAL, and it says so" {
    signed | sed 's/^Subject: Hi/Subject: [list] Hi/' >message.eml
    verify
    same 2 "$status"
    finding CRITICAL b
    contains "$output" 'the body hash is right, but a signed header field was changed'
}

@test "b: made with another key is CRITICAL, and it says so" {
    signed '' rsa1024 rsa2048 >message.eml
    verify
    same 2 "$status"
    finding CRITICAL b
    contains "$output" 'not made with the published key'
}

@test "sig-syntax: missing tag, v=2, duplicate tag, bad b=, bh= and h= are CRITICAL" {
    local tags
    serve </dev/null
    while read -r tags; do
        {
            printf 'DKIM-Signature: %s\n' "$tags"
            cat plain.eml
        } >message.eml
        run_dkim
        same 2 "$status"
        finding CRITICAL sig-syntax
    done <<'END'
v=1; a=rsa-sha256; d=example.test; s=rsa2048; h=from; b=AAAA
v=2; a=rsa-sha256; d=example.test; s=rsa2048; h=from; bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=; b=AAAA
v=1; v=1; a=rsa-sha256; d=example.test; s=rsa2048; h=from; bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=; b=AAAA
v=1; a=rsa-sha256; d=example.test; s=rsa2048; h=from; bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=; b=*
v=1; a=rsa-sha256; d=example.test; s=rsa2048; h=from; bh=*; b=AAAA
v=1; a=rsa-sha256; d=example.test; s=rsa2048; h=from::to; bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=; b=AAAA
v=1; a=rsa-sha256; d=example.test; s=rsa2048; h=from; l=-1; bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=; b=AAAA
END
}

@test "alg: rsa-sha1, unknown, not that of the key, forbidden by h= are CRITICAL" {
    signed '' rsa2048 rsa2048 rsa-sha1 >message.eml
    verify
    same 2 "$status"
    finding CRITICAL alg
    run_dkim --legacy
    same 1 "$status"
    finding WARNING legacy
    signed | sed 's/a=rsa-sha256/a=rsa-sha512/' >message.eml
    run_dkim
    finding CRITICAL alg
    signed '' rsa2048 ed25519 >message.eml
    run_dkim
    finding CRITICAL alg
    signed '' rsa2048 sha1 >message.eml
    run_dkim
    finding CRITICAL alg
}

@test "sig-key: no key, revoked, too short, not for mail are CRITICAL" {
    local selector
    serve </dev/null
    for selector in gone revoked tlsrpt; do
        signed '' rsa2048 "$selector" >message.eml
        run_dkim
        same 2 "$status"
        finding CRITICAL sig-key
    done
    signed '' rsa512 >message.eml
    run_dkim
    finding CRITICAL sig-key
    contains "$output" '512 bits'
    run_dkim --legacy
    finding WARNING legacy
    signed '' rsa2048 tlsrpt >message.eml
    run_dkim --tls-report
    same 0 "$status"
}

@test "sig-dns: a key that cannot be asked for is UNKNOWN" {
    signed '' rsa2048 dead >message.eml
    verify
    same 3 "$status"
    finding UNKNOWN sig-dns
}

@test "ed-only: no RSA signature is WARNING" {
    signed '' ed25519 ed25519 ed25519-sha256 >message.eml
    verify
    same 1 "$status"
    finding WARNING ed-only
}

@test "x: expired, or not after t=, is CRITICAL" {
    signed 't=1700000000; x=1700086400' >message.eml
    verify
    same 2 "$status"
    finding CRITICAL x
    signed "t=$EPOCHSECONDS; x=$EPOCHSECONDS" >message.eml
    run_dkim
    finding CRITICAL x
}

@test "t: from the future is WARNING, a long lifetime, too" {
    signed "t=$((EPOCHSECONDS + 3600))" >message.eml
    verify
    same 1 "$status"
    finding WARNING t
    signed "t=$EPOCHSECONDS; x=$((EPOCHSECONDS + 30 * 86400))" >message.eml
    run_dkim
    same 1 "$status"
    finding WARNING lifetime
    run_dkim --max-lifetime 31
    same 0 "$status"
}

@test "l: l= is WARNING, longer than the body CRITICAL" {
    signed 'l=5' >message.eml
    echo 'more' >>message.eml
    verify
    same 1 "$status"
    finding WARNING l
    contains "$output" 'octets of the body are not signed'
    signed 'l=500' >message.eml
    run_dkim
    same 2 "$status"
    finding CRITICAL l-long
}

@test "from-h: From not in h= is CRITICAL" {
    HEADERS=subject:to:date signed >message.eml
    verify
    same 2 "$status"
    finding CRITICAL from-h
}

@test "i-d: i= outside of d=, or below it with t=s, is CRITICAL" {
    signed 'i=a@other.test' >message.eml
    verify
    same 2 "$status"
    finding CRITICAL i-d
    signed 'i=a@news.example.test' >message.eml
    run_dkim
    same 0 "$status"
    signed 'i=a@news.example.test' rsa2048 strict >message.eml
    run_dkim
    same 2 "$status"
    finding CRITICAL i-d
}

@test "oversign: fields that can be added are WARNING" {
    HEADERS=from:from:subject:to:date:message-id signed >message.eml
    verify
    same 1 "$status"
    finding WARNING oversign
    contains "$output" 'a second field can be added unseen: Subject, To, Date, Reply-To, Content-Type'
    no_finding WARNING unsigned-header
}

@test "unsigned-header: security fields that are not signed are WARNING" {
    sed -i '1i List-Unsubscribe: <https://example.test/u>' plain.eml
    signed >message.eml
    verify
    same 1 "$status"
    finding WARNING unsigned-header
    contains "$output" 'not signed: List-Unsubscribe'
}

@test "dup-header: two From, Subject or Date are CRITICAL" {
    sed -i '1i From: eve@other.test' plain.eml
    signed >message.eml
    verify
    same 2 "$status"
    finding CRITICAL dup-header
}

@test "align: no aligned signature is CRITICAL, by the organizational domain" {
    signed >message.eml
    verify --align
    same 0 "$status"
    "$sign" sign "$keys/rsa2048.pem" "v=1; a=rsa-sha256; d=other.test; s=rsa2048; h=$ALL; bh=<h>; b=<b>" \
        <plain.eml >message.eml
    run_dkim --align
    same 2 "$status"
    finding CRITICAL align
    run_dkim
    same 0 "$status"
}

@test "align: relaxed takes a sub-domain, adkim=s doesn't" {
    "$sign" sign "$keys/rsa2048.pem" "v=1; a=rsa-sha256; d=news.example.test; s=rsa2048; h=$ALL; bh=<h>; b=<b>" \
        <plain.eml >message.eml
    serve <<'END'
_dmarc.example.test TXT "v=DMARC1; p=reject"
END
    run_dkim --align
    same 0 "$status"
    fake_dns_stop
    serve <<'END'
_dmarc.example.test TXT "v=DMARC1; p=reject; adkim=s"
END
    run_dkim --align
    same 2 "$status"
    finding CRITICAL align
    contains "$output" 'strict alignment'
}

@test "align: without an answer it is UNKNOWN" {
    "$sign" sign "$keys/rsa2048.pem" "v=1; a=rsa-sha256; d=news.example.test; s=rsa2048; h=$ALL; bh=<h>; b=<b>" \
        <plain.eml >message.eml
    serve <<'END'
_dmarc.example.test TXT SERVFAIL
END
    run_dkim --align
    same 3 "$status"
    finding UNKNOWN align-unknown
}

@test "expect: another d, s, a or c is WARNING; without c= it is simple/simple" {
    local wanted
    signed >message.eml
    verify --expect d=example.test,s=rsa2048,a=rsa-sha256,c=relaxed/simple
    same 0 "$status"
    for wanted in d=other.test s=other a=ed25519-sha256 c=simple/simple; do
        run_dkim --expect "$wanted"
        same 1 "$status"
        finding WARNING expect
    done
    "$sign" sign "$keys/rsa2048.pem" "v=1; a=rsa-sha256; d=example.test; s=rsa2048; h=$ALL; bh=<h>; b=<b>" \
        <plain.eml >message.eml
    run_dkim --expect c=simple/simple
    same 0 "$status"
}

@test "testing: a good signature with a key in test mode is WARNING" {
    signed '' rsa2048 testing >message.eml
    verify
    same 1 "$status"
    finding WARNING testing
}

# ---- other signers

@test "a signature made by python3-dkim verifies" {
    /usr/bin/python3 -c 'import dkim' 2>/dev/null || skip "python3-dkim is not installed"
    local form
    serve </dev/null
    for form in simple relaxed; do
        /usr/bin/python3 - "$form" <<END >message.eml
import sys, dkim
form = sys.argv[1].encode()
message = open("plain.eml", "rb").read()
key = open("$keys/rsa2048.pkcs1.pem", "rb").read()
names = [n.encode() for n in "$ALL".split(":")]
field = dkim.sign(message, b"rsa2048", b"example.test", key, canonicalize=(form, form), include_headers=names)
sys.stdout.buffer.write(field.replace(b"\r\n", b"\n") + message)
END
        run_dkim --severity dkim.oversign=ok
        same 0 "$status"
    done
}

@test "a message of 50 MB is read to its end" {
    signed >message.eml
    for _ in $(seq 50); do
        head -c 1048576 /dev/zero | tr '\0' x
        echo
    done >>message.eml
    serve </dev/null
    status=0
    output=$("$dkim" --resolver "127.0.0.1:$FAKE_DNS_PORT" --message message.eml -v) || status=$?
    same 2 "$status"
    finding CRITICAL bh
}

# ---- what is not looked at is not judged

# many COUNT MESSAGE: its DKIM-Signature field so often, then the message.
many() {
    local i
    awk '/^DKIM-Signature/ { on = 1; print; next } on && /^[ \t]/ { print; next } { exit }' "$2" >field
    for ((i = 1; i < $1; i++)); do
        cat field
    done
    cat "$2"
}

@test "signature-limit: more signatures than are tried is UNKNOWN, and not all verify" {
    require_tool jq
    signed >one.eml
    many 33 one.eml >message.eml
    verify
    same 3 "$status"
    finding UNKNOWN signature-limit
    contains "$output" 'of 33 signatures the first 32 were tried'
    contains "$output" 'signatures=33 passed=32'
    lacks "$output" 'all verify'
    run_dkim --output-format json
    same '32 1' "$(jq -r '"\(.signatures | length) \(.omitted)"' <<<"$output")"
}

@test "the summary counts what verifies, whatever findings are muted" {
    local id
    signed >good.eml
    sed 's/^Subject: .*/Subject: changed/' good.eml >message.eml
    verify --severity dkim.b=ok
    contains "$output" '0 of 1 signature verify'
    for id in dkim.b=ignore dkim.b=ok; do
        run_dkim --severity "$id"
        lacks "$output" 'all verify'
    done
    cp plain.eml message.eml
    run_dkim --severity dkim.unsigned=ignore
    contains "$output" 'message: no signature'
    sed 's/s=rsa2048/s=dead/' good.eml >message.eml
    run_dkim --severity dkim.sig-dns=ok
    contains "$output" '0 of 1 signature verify'
}

@test "header-limit: a header that is too large for the check is UNKNOWN, not unsigned and no fault of the signer" {
    signed >good.eml
    # Too many fields above, a field too large above, and one below the signature.
    { for ((i = 0; i < 5000; i++)); do printf 'X-A: b\n'; done && cat good.eml; } >message.eml
    verify
    same 3 "$status"
    finding UNKNOWN header-limit
    no_finding CRITICAL unsigned
    contains "$output" ' signatures=U passed=U '
    { printf 'X-A: %01100000d\n' 0 && cat good.eml; } >message.eml
    run_dkim
    same 3 "$status"
    finding UNKNOWN header-limit
    sed "s/^Subject: .*/Subject: $(printf %0100000d 0)/" good.eml >wide.eml
    awk '/^Message-ID/ { for (i = 0; i < 12; i++) printf "X-A: %0100000d\n", 0 } { print }' wide.eml >message.eml
    run_dkim
    same 3 "$status"
    finding UNKNOWN header-limit
    no_finding CRITICAL sig-syntax
}

@test "dns-bogus: a key whose zone is DNSSEC-broken is CRITICAL, as with -s" {
    signed >message.eml
    serve <<'END'
[!cd] bogus._domainkey.example.test TXT SERVFAIL
bogus._domainkey.example.test TXT "v=DKIM1; p=AA=="
END
    sed -i 's/s=rsa2048/s=bogus/' message.eml
    run_dkim
    same 2 "$status"
    finding CRITICAL dns-bogus
    no_finding UNKNOWN sig-dns
}

@test "l: one that is no number is a fault of the field alone" {
    signed 'l=0x5' >message.eml
    verify
    finding CRITICAL sig-syntax
    no_finding WARNING l
    signed 'l=15' >message.eml
    run_dkim
    finding WARNING l
    contains "$output" 'l=15: more can be added to the body unseen'
}

@test "Message-ID need not be signed (RFC 6376 5.4.1)" {
    HEADERS=from:from:subject:subject:to:to:date:date:reply-to:content-type
    signed >message.eml
    verify
    same 0 "$status"
    no_finding WARNING unsigned-header
}
