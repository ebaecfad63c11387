#!/usr/bin/env bats
# check_starttls, versions of TLS and ciphers, through the real binary.

load helper
load assert
load starttls

# lenient_and_strict ID TEXT: the server of `script`: WARNING for one of the public, CRITICAL for submission.
lenient_and_strict() {
    fake_smtp_start script
    check
    same 1 "$status"
    finding WARNING "$1" "$2"
    check --submission
    same 2 "$status"
    finding CRITICAL "$1" "$2"
}

# ---- versions

@test "old-tls: TLS 1.0 and 1.1 beside the new ones" {
    local version
    for version in 1.0 1.1; do
        echo "tls-versions $version-1.3" >script
        lenient_and_strict old-tls 'TLS 1.1 is accepted'
        fake_smtp_stop
    done
}

@test "old-tls: nothing newer than TLS 1.0 is spoken" {
    echo 'tls-versions 1.0' >script
    lenient_and_strict old-tls 'TLS 1.0 is accepted'
    finding CRITICAL no-tls-1.2 'nothing newer than TLS 1.0'
    contains "$output" ' tls_version=1 '
}

@test "--min-tls: 1.1 allows it, 1.3 forbids 1.2" {
    server <<<'tls-versions 1.1-1.3'
    check --min-tls 1.1
    clean
    check --min-tls 1.3
    alone WARNING old-tls 'TLS 1.2 is accepted, the least should be 1.3'
    fake_smtp_stop
    server <<<'tls-versions 1.3'
    check --min-tls 1.3
    clean
}

@test "no-tls-1.2: TLS 1.3 alone" {
    echo 'tls-versions 1.3' >script
    lenient_and_strict no-tls-1.2 'TLS 1.2 is refused'
}

@test "no-tls-1.3: TLS 1.2 alone" {
    echo 'tls-versions 1.2' >script
    lenient_and_strict no-tls-1.3 'TLS 1.3 is not spoken'
    contains "$output" ' tls_version=1.2 '
}

# hello VERSION CIPHER COMPRESSION [EXTENSIONS]: a ServerHello as fake_smtp sends it, each a line of octets as \xHH. What
# the OpenSSL of the test server cannot speak, it can still say; no handshake comes of it. Without EXTENSIONS there are
# none, so there is no secure renegotiation (RFC 5746 3.4).
hello() {
    local extensions=${4-} length
    length=$((38 + ${#extensions} / 4))
    printf '    send \\x16%s\\0\\x%02x\\x02\\0\\0\\x%02x%sABCDEFGHIJKLMNOPQRSTUVWXYZ012345\\0%s%s%s\n' \
        "$1" "$((length + 4))" "$length" "$1" "$2" "$3" "$extensions"
}
SSL_3_0='\x03\x00'
TLS_1_2='\x03\x03'
# renegotiation_info, empty
RENEGOTIATION='\x00\x05\xff\x01\x00\x01\x00'

@test "old-tls: a server that knows SSL 3.0 only cannot be spoken to" {
    { echo 'on handshake' && hello "$SSL_3_0" '\0\x35' '\0'; } >script
    fake_smtp_start script
    check
    same 2 "$status"
    finding CRITICAL no-handshake
    finding WARNING old-tls 'SSL 3.0 is the newest that is spoken'
    check --submission
    finding CRITICAL old-tls
}

@test "old-tls: SSL 3.0 beside the new ones" {
    # The fourth connection offers what is below TLS 1.2.
    { echo "$MODERN" && echo '[connection=4] on handshake' && hello "$SSL_3_0" '\0\x35' '\0'; } >script
    fake_smtp_start script
    check
    same 1 "$status"
    alone WARNING old-tls 'SSL 3.0 is accepted, the least should be TLS 1.2'
}

# ---- ciphers

@test "cipher-broken: NULL is accepted" {
    server <<<'tls-versions 1.2-1.3
certificate rsa
ciphers ALL:eNULL'
    check
    same 2 "$status"
    alone CRITICAL cipher-broken 'NULL'
}

@test "cipher-weak and cipher-broken: what this OpenSSL cannot speak is offered all the same" {
    local state id number name
    while read -r state id number name; do
        # The fifth connection offers weak ciphers.
        { echo "$MODERN" && echo '[connection=5] on handshake' && hello "$TLS_1_2" "$number" '\0' "$RENEGOTIATION"; } >script
        fake_smtp_start script
        check -vv
        alone "$state" "$id" "$name is accepted"
        contains "$output" "TLS 1.2, $name"
        fake_smtp_settle
        # It was asked by a connection of its own.
        same 5 "$(fake_smtp_connections)"
        contains "$output" ' handshake: the server agreed, and the handshake was left there ('
        fake_smtp_stop
    done <<'END'
WARNING cipher-weak \x00\x05 RC4-SHA
WARNING cipher-weak \xc0\x11 ECDHE-RSA-RC4-SHA
WARNING cipher-weak \x00\x0a DES-CBC3-SHA
WARNING cipher-weak \xc0\x12 ECDHE-RSA-DES-CBC3-SHA
CRITICAL cipher-broken \x00\x09 DES-CBC-SHA
CRITICAL cipher-broken \x00\x03 EXP-RC4-MD5
CRITICAL cipher-broken \x00\x08 EXP-DES-CBC-SHA
CRITICAL cipher-broken \x00\x02 NULL-SHA
END
}

@test "a cipher that nobody offered, and what is no ServerHello, are no verdict about weak ciphers" {
    local rule
    for rule in "$(hello "$TLS_1_2" '\xc0\x2f' '\0' "$RENEGOTIATION")" '    send \x16\x03\x03\0\x04\x02\0\0\0'; do
        printf '%s\n' "$MODERN" '[connection=5] on handshake' "$rule" >script
        fake_smtp_start script
        check
        clean
        fake_smtp_stop
    done
}

@test "compression: a server without TLS 1.3 takes DEFLATE" {
    # The fifth connection offers it; the fourth one was about weak ciphers.
    { echo 'tls-versions 1.2' && echo '[connection=5] on handshake' &&
        hello "$TLS_1_2" '\xc0\x2f' '\x01' "$RENEGOTIATION"; } >script
    fake_smtp_start script
    check
    same 1 "$status"
    finding WARNING compression 'TLS 1.2: compressed'
    fake_smtp_stop
    server <<<'tls-versions 1.2'
    check
    no_finding compression
    fake_smtp_stop
    modern
    check
    clean
    same 5 "$(fake_smtp_connections)"
}

@test "renegotiation: a ServerHello without renegotiation_info" {
    { echo 'tls-versions 1.2' && echo '[connection=5] on handshake' && hello "$TLS_1_2" '\xc0\x2f' '\0'; } >script
    fake_smtp_start script
    check
    same 1 "$status"
    finding WARNING renegotiation 'TLS 1.2: no secure renegotiation'
    no_finding compression
    fake_smtp_stop
    { echo "$MODERN" && echo '[connection=5] on handshake' && hello "$TLS_1_2" '\x00\x05' '\0'; } >script
    fake_smtp_start script
    check
    finding WARNING renegotiation 'TLS 1.2, RC4-SHA: no secure renegotiation'
}

@test "anonymous: for submission a WARNING, for the public as it should be" {
    server <<<'tls-versions 1.2-1.3
offer AUTH PLAIN
[!tls] on MAIL 530 5.7.0 Must issue a STARTTLS command first
ciphers ALL:!eNULL'
    check --submission
    same 1 "$status"
    alone WARNING anonymous
    check --enforced
    clean
}

@test "no-forward-secrecy: RSA key exchange" {
    server <<<'tls-versions 1.2-1.3
certificate rsa
ciphers kRSA:!eNULL'
    check
    same 1 "$status"
    alone WARNING no-forward-secrecy 'TLS 1.2, AES'
}

@test "dh-weak: a group of 1024 bits" {
    server <<<'tls-versions 1.2-1.3
certificate rsa
ciphers DHE
weak-dh'
    check
    same 1 "$status"
    alone WARNING dh-weak '1024 bits'
}

@test "a group of 2048 bits is fine" {
    server <<<'tls-versions 1.2-1.3
certificate rsa
ciphers DHE'
    check
    clean
}

@test "no-ems: TLS 1.2 without extended master secret is a note" {
    modern no-extended-master-secret
    check
    clean
    finding OK no-ems 'TLS 1.2'
}

@test "early-data: tickets that allow 0-RTT" {
    modern early-data
    check
    same 1 "$status"
    alone WARNING early-data
}

@test "ciphers-missing: none of --ciphers is accepted" {
    modern 'ciphers ECDHE-ECDSA-AES256-GCM-SHA384'
    check --ciphers ECDHE-ECDSA-AES256-GCM-SHA384
    clean
    check --ciphers ECDHE-ECDSA-AES128-GCM-SHA256
    same 2 "$status"
    alone CRITICAL ciphers-missing
}

@test "ciphers-forbidden: one of --forbid-ciphers is accepted" {
    modern 'ciphers ECDHE-ECDSA-AES256-GCM-SHA384'
    check --forbid-ciphers ECDHE-ECDSA-AES128-GCM-SHA256
    clean
    check --forbid-ciphers AES256
    same 2 "$status"
    alone CRITICAL ciphers-forbidden 'ECDHE-ECDSA-AES256-GCM-SHA384 is accepted'
}

@test "a list that names no cipher is UNKNOWN, not a verdict" {
    modern
    check --ciphers NONSENSE
    same 3 "$status"
    alone UNKNOWN probe-failed 'the ciphers of --ciphers (the TLS handshake failed: no cipher match)'
    check --forbid-ciphers NONSENSE
    same 3 "$status"
}

# ---- raw public keys (RFC 7250)

# octets FILE: as \xHH.
octets() {
    od -An -v -tx1 "$1" | tr -d '\n' | sed 's/ /\\x/g'
}

# number16 NUMBER: as two octets.
number16() {
    printf '\\x%02x\\x%02x' "$(($1 / 256))" "$(($1 % 256))"
}

# The server agrees to a raw key, or chooses X.509.
AGREES='\x00\x05\x00\x14\x00\x01\x02'
CHOOSES_X509='\x00\x05\x00\x14\x00\x01\x00'

# raw_key FILE: the Certificate message with that key (RFC 7250 3), in a record of its own.
raw_key() {
    local length
    length=$(wc -c <"$1")
    printf '    send \\x16\\x03\\x03%s\\x0b\\0%s\\0%s%s\n' "$(number16 "$((length + 7))")" "$(number16 "$((length + 3))")" \
        "$(number16 "$length")" "$(octets "$1")"
}

# key_of NAME: writes the key of a certificate to the file "key", its digest to "digest".
key_of() {
    openssl x509 -in "$FAKE_CERTIFICATES/$1.pem" -noout -pubkey | openssl pkey -pubin -outform DER >key
    sha256sum <key | cut -d ' ' -f 1 >digest
}

# shows_key LINE...: a server whose second connection answers with these lines.
shows_key() {
    printf '%s\n' "$MODERN" '[connection=2] on handshake' "$@" >script
    fake_smtp_start script
}

@test "raw-key: its kind, its bits and its TLSA record are shown; it is the certificate's" {
    require_tool openssl jq
    key_of good
    shows_key "$(hello "$TLS_1_2" '\xc0\x2b' '\0' "$AGREES")" "$(raw_key key)"
    check --quick --raw-key
    clean
    finding OK raw-key "EC, 256 bits, the key of the EC certificate of mail.test: TLSA 3 1 1 $(cat digest)"
    no_finding no-raw-key
    fake_smtp_settle
    same 2 "$(fake_smtp_connections)"
    fake_smtp_stop
    fake_smtp_start script
    check --quick --raw-key --output-format json
    same "[\"raw-key\",\"EC\",256,\"$(cat digest)\"]" \
        "$(jq -c '.conversations[1] | [.probe, .raw_key.key_type, .raw_key.bits, .raw_key.spki_sha256]' <<<"$output")"
    same null "$(jq -c '.conversations[0].raw_key' <<<"$output")"
}

@test "raw-key: not asked for without the option" {
    key_of good
    shows_key "$(hello "$TLS_1_2" '\xc0\x2b' '\0' "$AGREES")" "$(raw_key key)"
    check --quick
    clean
    no_finding raw-key
    no_finding no-raw-key
    same 1 "$(fake_smtp_connections)"
}

@test "raw-key: a key of no certificate, an RSA key that is weak" {
    require_tool openssl
    key_of weak-key
    shows_key "$(hello "$TLS_1_2" '\xc0\x2f' '\0' "$AGREES")" "$(raw_key key)"
    check --quick --raw-key
    same 1 "$status"
    finding OK raw-key "RSA, 1024 bits, the key of no certificate that was shown: TLSA 3 1 1 $(cat digest)"
    alone WARNING key-weak 'the raw public key has a key of 1024 bits (RSA)'
}

@test "raw-key: in pieces, octet by octet, and with implicit TLS" {
    require_tool openssl
    key_of good
    printf '%s\n' "$MODERN" '[connection=2 chunk=1] on handshake' "$(hello "$TLS_1_2" '\xc0\x2b' '\0' "$AGREES")" \
        "$(raw_key key)" >script
    fake_smtp_start script
    check --quick --raw-key
    clean
    finding OK raw-key "$(cat digest)"
    fake_smtp_stop
    printf '%s\n' "$MODERN" implicit-tls 'offer AUTH PLAIN' '[connection=2] on handshake' \
        "$(hello "$TLS_1_2" '\xc0\x2b' '\0' "$AGREES")" "$(raw_key key)" >script
    fake_smtp_start script
    check --quick --raw-key --implicit-tls
    finding OK raw-key "$(cat digest)"
}

@test "no-raw-key: a server that chooses X.509, and the OpenSSL of the test server" {
    local rule
    for rule in "$(hello "$TLS_1_2" '\xc0\x2b' '\0' "$CHOOSES_X509")" '    default'; do
        shows_key "$rule"
        check --quick --raw-key
        clean
        finding OK no-raw-key 'a certificate is shown, though a raw public key was preferred'
        fake_smtp_stop
    done
    # Who relies on it demands it.
    fake_smtp_start script
    check --quick --raw-key --severity starttls.no-raw-key=critical
    same 2 "$status"
    alone CRITICAL no-raw-key
}

@test "bad-raw-key: octets that are no key" {
    printf 'no DER \r\n' >key
    shows_key "$(hello "$TLS_1_2" '\xc0\x2b' '\0' "$AGREES")" "$(raw_key key)"
    check --quick --raw-key
    same 1 "$status"
    alone WARNING bad-raw-key 'the raw public key cannot be read (9 octets)'
    no_finding raw-key
}

@test "raw-key: a server that agrees and sends none is no verdict" {
    local rule agrees
    agrees=$(hello "$TLS_1_2" '\xc0\x2b' '\0' "$AGREES")
    while IFS= read -r rule; do
        shows_key "$agrees" "$rule"
        check --quick --raw-key
        same 3 "$status"
        alone UNKNOWN probe-failed 'not known: raw public keys'
        fake_smtp_stop
    done <<'END'
    send \x16\x03\x03\0\x0a\x0b\0\0\x06\0\0\x04KEY
    send \x16\x03\x03\0\x0a\x0b\0\0\x06\x01\0\x03KEY
    send \x16\x03\x03\0\x04\x0b\xff\xff\xff
    send \x16\x03\x03\0\x04\x0e\0\0\0
    send 220 mail.test ESMTP\r\n
    garbage 5000
    alert 40
    cut
    reset
END
    # OpenPGP (RFC 6091), which nobody offered.
    shows_key "$(hello "$TLS_1_2" '\xc0\x2b' '\0' '\x00\x05\x00\x14\x00\x01\x01')"
    check --quick --raw-key
    alone UNKNOWN probe-failed 'no ServerHello'
}

@test "raw-key: a server that stops in the midst of the key costs no more than its time" {
    printf KEY >key
    shows_key "$(hello "$TLS_1_2" '\xc0\x2b' '\0' "$AGREES")" '    send \x16\x03\x03\0\x0a\x0b\0\0\x06\0\0' '    silent'
    check --quick --raw-key -t 2
    same 3 "$status"
    finding UNKNOWN probe-failed 'not known: raw public keys'
}

@test "raw-key: TLS 1.3 alone hides it" {
    server <<<'tls-versions 1.3'
    check --raw-key
    finding UNKNOWN probe-failed 'not known: raw public keys (the server refused the TLS handshake: protocol version)'
}

# ---- records in pieces

@test "a server that sends octet by octet is understood" {
    modern 'chunk 1'
    check --quick -t 30
    clean
}

@test "a server that asks for a certificate of ours gets none and goes on" {
    modern request-client-certificate
    check
    clean
}
