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

@test "a server that knows SSL 3.0 only cannot be spoken to" {
    # A ServerHello of version 3.0.
    server <<'END'
on handshake
    send \x16\x03\x00\x00\x2a\x02\x00\x00\x26\x03\x00ABCDEFGHIJKLMNOPQRSTUVWXYZ012345\0\0\x35\0
END
    check
    alone CRITICAL no-handshake
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

@test "cipher-weak: 3DES or RC4, where this OpenSSL has them" {
    openssl ciphers '3DES:RC4:@SECLEVEL=0' >/dev/null 2>&1 || skip "this OpenSSL has neither 3DES nor RC4"
    server <<<'tls-versions 1.2-1.3
certificate rsa
ciphers ALL:3DES:RC4'
    check
    same 1 "$status"
    finding WARNING cipher-weak
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
