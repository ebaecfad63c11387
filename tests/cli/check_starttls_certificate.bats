#!/usr/bin/env bats
# check_starttls and certificates, through the real binary: chain, name, dates, keys, OCSP, pins. tests/make_certificates
# says what each certificate is.

load helper
load assert
load starttls

# shows CERTIFICATES [LINE...] -- [WORDS...]: a good server with these certificates, checked.
shows() {
    local lines=("certificate $1" 'offer AUTH PLAIN' '[!tls] on MAIL default')
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        lines+=("$1")
        shift
    done
    shift || :
    modern "${lines[@]}"
    check "$@"
}

# stop: between two servers of one test.
stop() {
    fake_smtp_stop
}

# lenient_and_strict CERTIFICATE ID TEXT: WARNING for a server of the public, CRITICAL for submission.
lenient_and_strict() {
    shows "$1" -- --quick
    same 1 "$status"
    alone WARNING "$2" "$3"
    stop
    shows "$1" -- --quick --submission
    same 2 "$status"
    alone CRITICAL "$2" "$3"
}

# ---- good ones

# made NAME EXTENSION...: a self-signed certificate for mail.test, NAME.pem and NAME.key, with extensions of its own.
made() {
    printf '%s\n' '[req]' prompt=no distinguished_name=dn x509_extensions=v3 '[dn]' CN=mail.test '[v3]' "${@:2}" >"$1.cnf"
    openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -config "$1.cnf" \
        -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

@test "name-mismatch: a NUL inside of a name is shown, and ends no name" {
    require_tool openssl jq
    # dNSName mail.test NUL .evil.test
    made nul 2.5.29.17=DER:30:16:82:14:6d:61:69:6c:2e:74:65:73:74:00:2e:65:76:69:6c:2e:74:65:73:74
    modern 'certificate ./nul'
    check --quick
    finding WARNING name-mismatch 'x00.evil.test'
    check --quick --output-format json
    contains "$(jq -r '.conversations[0].certificates[0].names[0]' <<<"$output")" 'x00.evil.test'
}

@test "name-mismatch: of a thousand names the last is the right one" {
    require_tool openssl
    local names=() i
    for ((i = 1; i <= 1200; i++)); do
        names+=("DNS.$i=n$i.test")
    done
    made many subjectAltName=@names '[names]' "${names[@]}" DNS.1201=mail.test
    modern 'certificate ./many'
    check --quick
    no_finding name-mismatch
}

@test "ECDSA, RSA, P-384 and Ed25519 are good" {
    local name
    for name in good rsa ec384 ed25519; do
        shows "$name" --
        clean
        stop
    done
}

# ---- the chain

@test "self-signed: WARNING on 25, CRITICAL for submission" {
    lenient_and_strict self-signed self-signed 'is self-signed'
}

@test "unknown-authority: a root that is sent and not trusted" {
    shows unknown-authority-sent -- --quick
    same 1 "$status"
    finding WARNING unknown-authority 'CN=Foreign-Root'
    finding WARNING extra-root
    stop
    shows unknown-authority-sent -- --quick --submission
    same 2 "$status"
    finding CRITICAL unknown-authority 'CN=Foreign-Root'
}

@test "SSL_CERT_FILE: of many authorities those are trusted that a chain leads to" {
    local name
    for name in foreign-root extra-root self-signed expired-intermediate; do
        cat "$FAKE_CERTIFICATES/$name.pem" "$FAKE_CERTIFICATES/$name.key"
        echo 'a line between'
    done >many.pem
    cat "$FAKE_CERTIFICATES/authority.pem" >>many.pem
    modern 'certificate good rsa'
    local words=(-H 127.0.0.1 -p "$FAKE_SMTP_PORT" --name mail.test --ehlo m.test -v)
    SSL_CERT_FILE=$PWD/many.pem SSL_CERT_DIR=/nowhere run_starttls "${words[@]}"
    clean
    run_starttls "${words[@]}" --ca-file many.pem
    clean
    # No authorities at all are no trouble of ours: nothing is trusted.
    SSL_CERT_FILE=/nowhere/file.pem SSL_CERT_DIR=/nowhere run_starttls "${words[@]}"
    same 1 "$status"
    finding WARNING unknown-authority
}

@test "unknown-authority: --ca-file makes an authority known" {
    modern 'certificate unknown-authority-sent'
    run_starttls -H 127.0.0.1 -p "$FAKE_SMTP_PORT" --name mail.test --ca-file "$FAKE_CERTIFICATES/foreign-root.pem" \
        --ehlo m.test --quick -v
    no_finding unknown-authority
}

@test "unknown-authority: an intermediate is sent whose root nobody knows" {
    modern
    run_starttls -H 127.0.0.1 -p "$FAKE_SMTP_PORT" --name mail.test --ca-file "$FAKE_CERTIFICATES/foreign-root.pem" \
        --ehlo m.test --quick -v
    alone WARNING unknown-authority 'CN=Test-Root'
}

@test "incomplete-chain: the intermediate is missing" {
    lenient_and_strict missing-intermediate incomplete-chain 'its issuer CN=Test-Intermediate'
}

@test "incomplete-chain: an unknown issuer that is not sent looks the same" {
    shows unknown-authority -- --quick
    alone WARNING incomplete-chain 'CN=Foreign-Root'
}

@test "wrong-order: WARNING on 25, CRITICAL for submission" {
    shows wrong-order -- --quick
    finding WARNING wrong-order
    contains "$output" 'seen: CN=mail.test,O=postmaster-plugins tests; CN=Test-Root'
    stop
    shows wrong-order -- --quick --submission
    same 2 "$status"
    finding CRITICAL wrong-order
}

@test "extra-root: the root is sent, too" {
    shows extra-root -- --quick
    same 1 "$status"
    alone WARNING extra-root
}

@test "extra-certificate: one that is not of the chain, and one twice" {
    shows unrelated-extra -- --quick
    same 1 "$status"
    finding WARNING extra-certificate
    stop
    shows duplicate -- --quick
    alone WARNING extra-certificate
}

@test "expired-intermediate: WARNING on 25, CRITICAL for submission" {
    lenient_and_strict expired-intermediate expired-intermediate 'CN=Test-Old'
}

@test "expired-intermediate: one that is not valid yet" {
    shows early-intermediate -- --quick
    alone WARNING expired-intermediate 'is not valid before'
}

@test "bad-chain: issued by a certificate that is no authority" {
    shows leaf-issuer -- --quick
    same 1 "$status"
    finding WARNING bad-chain 'invalid CA certificate'
    check --quick --submission
    same 2 "$status"
    finding CRITICAL bad-chain 'invalid CA certificate'
}

@test "all that is wrong is told, not the first thing only" {
    shows expired-intermediate -- --quick --name mail.other.test
    finding WARNING expired-intermediate
    finding WARNING name-mismatch
}

@test "--pkix: off, warn and crit for chain and name, not for dates" {
    shows self-signed -- --quick --name mail.other.test --pkix off
    clean
    stop
    shows self-signed -- --quick --submission --pkix warn
    same 1 "$status"
    finding WARNING self-signed
    stop
    shows wrong-name -- --quick --pkix crit
    same 2 "$status"
    alone CRITICAL name-mismatch
    stop
    shows expired -- --quick --pkix off
    alone CRITICAL expired
}

# ---- the name

@test "name-mismatch: WARNING on 25, CRITICAL for submission" {
    lenient_and_strict wrong-name name-mismatch 'is not for mail.test but for other.test'
}

@test "name-mismatch: the domain's name is not the exchanger's" {
    shows domain-name -- --quick --name mail.example.test
    alone WARNING name-mismatch
}

@test "a wildcard stands for one whole left-most label" {
    shows wildcard -- --quick --name mx9.example.test
    clean
    check --quick --name a.b.example.test
    alone WARNING name-mismatch
    check --quick --name example.test
    finding WARNING name-mismatch
}

@test "name-mismatch: partial, deep and lone wildcards match nothing" {
    local name
    for name in partial-wildcard deep-wildcard wildcard-alone; do
        shows "$name" -- --quick --name mx1.example.test
        alone WARNING name-mismatch
        stop
    done
}

@test "case and the trailing dot do not count" {
    shows good -- --quick --name MAIL.Test.
    clean
}

@test "an internationalised name is compared as A-labels" {
    shows idn -- --quick --name bücher.test
    clean
    contains "$(cat "$FAKE_SMTP_LOG")" 'sni=xn--bcher-kva.test'
}

@test "-H ADDRESS is matched by an iPAddress; where there is none, the name is not known" {
    modern 'certificate address'
    run_starttls -H 127.0.0.1 -p "$FAKE_SMTP_PORT" --ca-file "$FAKE_CERTIFICATES/authority.pem" --ehlo m.test --quick -v
    clean
    stop
    modern
    run_starttls -H 127.0.0.1 -p "$FAKE_SMTP_PORT" --ca-file "$FAKE_CERTIFICATES/authority.pem" --ehlo m.test --quick -v
    clean
    finding OK no-name 'the server was given by its address, the certificate is for mail.test'
    stop
    printf '%s\n' "$MODERN" 'certificate address' >script
    fake_smtp_start script --listen 127.0.0.2
    run_starttls -H 127.0.0.2 -p "$FAKE_SMTP_PORT" --ca-file "$FAKE_CERTIFICATES/authority.pem" --ehlo m.test --quick -v
    alone WARNING name-mismatch 'is not for 127.0.0.2 but for 127.0.0.1'
    stop
    modern implicit-tls 'offer AUTH PLAIN'
    run_starttls -H 127.0.0.1 -p "$FAKE_SMTP_PORT" --ca-file "$FAKE_CERTIFICATES/authority.pem" --ehlo m.test --quick -v \
        --implicit-tls
    clean
    finding OK no-name 'the certificate is for mail.test'
    stop
    modern 'certificate expired'
    run_starttls -H 127.0.0.1 -p "$FAKE_SMTP_PORT" --ca-file "$FAKE_CERTIFICATES/authority.pem" --ehlo m.test --quick -v
    alone CRITICAL expired
    finding OK no-name
    contains "$output" '--name NAME verifies it'
}

@test "no-names: the common name counts with --allow-cn only" {
    shows no-names -- --quick
    finding WARNING no-names
    finding WARNING name-mismatch
    check --quick --allow-cn
    alone WARNING no-names
}

@test "SNI is --name, --sni wins, and none sends none" {
    modern
    check --quick
    check --quick --sni mx1.example.test
    check --quick --sni none
    check --quick --sni MX2.example.test.
    same 'mail.test
mx1.example.test
-
mx2.example.test' "$(sed -n 's/.* sni=//p' "$FAKE_SMTP_LOG")"
}

@test "a server that chooses the certificate by name shows the right one" {
    modern '[sni=mail.test] certificate good' 'certificate wrong-name'
    check --quick
    clean
}

# ---- dates

@test "expired: CRITICAL whatever the port" {
    shows expired -- --quick
    same 2 "$status"
    alone CRITICAL expired 'expired on'
    contains "$output" ' cert_days=-1'
}

@test "not-yet-valid: CRITICAL" {
    shows not-yet-valid -- --quick
    same 2 "$status"
    alone CRITICAL not-yet-valid 'is not valid before'
}

@test "expires: WARNING below 14 days, CRITICAL below 3, as -D says" {
    shows soon -- --quick
    same 1 "$status"
    alone WARNING expires 'expires in 4 days'
    check --quick -D 30,10
    same 2 "$status"
    alone CRITICAL expires
    check --quick -D 2
    clean
    contains "$output" 'cert_days=4;2: '
}

@test "chain-expires: an intermediate that expires before the server's" {
    shows soon-intermediate -- --quick
    same 1 "$status"
    alone WARNING chain-expires 'CN=Test-Soon'
    contains "$output" 'cert_days=59;14:;3: chain_days=4;14:;3:'
}

@test "--days-ahead verifies as of then" {
    modern
    check --quick --days-ahead 100
    same 2 "$status"
    alone CRITICAL expired ', as of 20'
    check --quick --days-ahead 30
    clean
    contains "$output" 'cert_days=29;'
}

@test "validity: a trusted certificate of eight years" {
    shows long -- --quick
    same 1 "$status"
    alone WARNING validity 'is valid for 3001 days'
}

# ---- keys, signatures, usage

@test "key-weak: RSA 1024" {
    shows weak-key -- --quick
    same 1 "$status"
    alone WARNING key-weak '1024 bits'
}

@test "key-weak: an intermediate with P-192" {
    shows weak-intermediate -- --quick
    same 1 "$status"
    alone WARNING key-weak 'CN=Test-Weak,O=postmaster-plugins tests of the chain has a key of 192 bits'
}

@test "no-handshake: the server's own key on P-192, a curve that senders do not offer" {
    shows weak-ec-key -- --quick
    alone CRITICAL no-handshake
}

@test "key-weak: DSA" {
    server <<<'certificate dsa
tls-versions 1.2
ciphers ALL'
    check --quick
    finding WARNING key-weak 'DSA'
}

@test "key-broken: RSA 512" {
    server <<<'certificate very-weak-key
tls-versions 1.2'
    check --quick
    same 2 "$status"
    finding CRITICAL key-broken '512 bits'
}

@test "signature-weak: SHA-1 and MD5" {
    shows sha1 -- --quick
    same 1 "$status"
    alone WARNING signature-weak 'ecdsa-with-SHA1'
    stop
    shows md5 -- --quick
    same 1 "$status"
    alone WARNING signature-weak 'md5WithRSAEncryption'
}

@test "signature-weak: an intermediate signed with SHA-1" {
    shows sha1-intermediate -- --quick
    alone WARNING signature-weak 'CN=Test-SHA1'
}

@test "usage: extended key usage without serverAuth; none at all is good" {
    shows client-only -- --quick
    same 1 "$status"
    alone WARNING usage
    stop
    shows no-usage -- --quick
    clean
}

@test "authority-leaf: the server has the certificate of an authority" {
    shows authority-leaf -- --quick
    same 1 "$status"
    alone WARNING authority-leaf
}

# ---- both kinds of certificate

@test "RSA and ECDSA are both looked at: one that is bad is found" {
    shows 'good rsa-expired' --
    same 2 "$status"
    alone CRITICAL expired 'the RSA certificate of mail.test'
    contains "$output" ' certificates=2 '
    stop
    shows 'rsa expired' --
    same 2 "$status"
    alone CRITICAL expired 'the EC certificate of mail.test'
}

@test "two certificates: the first line tells how long the one lasts that expires first" {
    shows 'good rsa' --
    same 0 "$status"
    contains "$output" 'TLS 1.3, 2 certificates, the first expires in 59 days | '
}

@test "RSA and ECDSA in JSON, each on its connection" {
    require_tool jq
    shows 'good rsa' -- --output-format json
    same 'EC RSA' "$(jq -r '[.conversations[0, 1].certificates[0].key_type] | join(" ")' <<<"$output")"
}

# ---- OCSP

@test "no-staple: a note where the authority has a responder, and nothing where it has none" {
    shows responder -- --quick
    clean
    finding OK no-staple
    stop
    shows good -- --quick
    clean
    no_finding no-staple
    stop
    shows good 'ocsp good' -- --quick
    clean
    no_finding no-staple
}

@test "revoked: CRITICAL" {
    shows revoked 'ocsp revoked' -- --quick
    same 2 "$status"
    alone CRITICAL revoked
}

@test "staple-invalid: stale, unknown, and about another certificate are notes" {
    local name
    for name in stale-ocsp unknown-ocsp other-ocsp; do
        shows "$name" "ocsp $name" -- --quick
        clean
        finding OK staple-invalid
        stop
    done
}

@test "staple-invalid: octets that are no OCSP response" {
    mkdir folder
    cp "$FAKE_CERTIFICATES"/good.* folder
    echo nonsense >folder/good.ocsp
    FAKE_CERTIFICATES=$PWD/folder server <<<"$MODERN
ocsp good"
    check --quick
    finding OK staple-invalid
}

@test "must-staple: without a response, and with a stale one" {
    shows must-staple -- --quick
    same 2 "$status"
    alone CRITICAL must-staple 'the server sends none'
    stop
    shows must-staple-stale 'ocsp must-staple-stale' -- --quick
    alone CRITICAL must-staple 'not valid at this time'
    stop
    shows must-staple 'ocsp must-staple' -- --quick
    clean
}

# ---- pins

@test "pin: fingerprint, key, serial and issuer; any of them will do" {
    require_tool jq
    local good rsa serial
    modern 'certificate good rsa'
    check --output-format json
    good=$(jq -r '.conversations[0].certificates[0].fingerprint_sha256' <<<"$output")
    rsa=$(jq -r '.conversations[1].certificates[0].fingerprint_sha256' <<<"$output")
    serial=$(jq -r '.conversations[0].certificates[0].serial' <<<"$output")
    check --pin "sha256:$good" --pin "sha256:$(sed 's/../&:/g; s/:$//' <<<"${rsa^^}")"
    clean
    check --quick --pin "serial:00$serial"
    clean
    check --pin 'issuer:CN=Test-Intermediate,O=postmaster-plugins tests'
    clean
    check --pin "sha256:$good"
    same 2 "$status"
    alone CRITICAL pin 'the RSA certificate'
    contains "$output" "seen: sha256:$rsa spki-sha256:"
}

@test "pin: the SHA-256 of the key is OpenSSL's" {
    require_tool openssl
    local key
    key=$(openssl x509 -in "$FAKE_CERTIFICATES/good.pem" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum)
    modern
    check --quick --pin "spki-sha256:${key%% *}"
    clean
    check --quick --pin "spki-sha256:00${key:2:62}"
    alone CRITICAL pin
}
