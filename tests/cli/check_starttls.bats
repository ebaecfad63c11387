#!/usr/bin/env bats
# check_starttls through the real binary against the scripted server: who is asked, the dialogue up to the handshake and
# behind it, and servers that refuse, stall, flood, inject and lie at each step.

load helper
load assert
load starttls

# ---- the good case

@test "rate-limited: under TLS, too" {
    modern '[tls] on EHLO 421 4.7.0 too many connections'
    check --quick
    same 1 "$status"
    finding WARNING rate-limited '421 4.7.0 too many connections'
    no_finding ehlo-tls
}

@test "local: a name of --ehlo that the server does not take is ours" {
    modern 'on EHLO 501 Syntactically invalid argument' 'on HELO 501 Syntactically invalid argument'
    check --quick --ehlo bad_name
    same 3 "$status"
    finding UNKNOWN local
}

@test "left-out: a server that greets slowly is judged by its first connection" {
    modern '[delay=2500] on connect'
    check -t 6
    clean
    finding OK left-out 'were left out'
    no_finding timeout
}

@test "a good server is OK, with its figures" {
    modern 'ocsp good'
    check
    clean
    contains "$output" "STARTTLS OK - 127.0.0.1:$FAKE_SMTP_PORT: TLS 1.3, 1 certificate, expires in 59 days | time="
    contains "$output" ' cert_days=59;14:;3: chain_days=59;14:;3: cert_bits=256 tls_version=1.3 certificates=1 addresses=1'
    fake_smtp_is_polite
}

@test "perfdata has the same labels whatever is found" {
    local want='time time_connect time_banner time_ehlo time_tls cert_days chain_days cert_bits tls_version certificates addresses' word got=
    server <<<'554 no'
    check
    for word in ${output#*|}; do
        case $word in
        *=*) got+="${got:+ }${word%%=*}" ;;
        *) break ;;
        esac
    done
    same "$want" "$got"
    contains "$output" 'time_tls=U cert_days=U'
}

@test "QUIT and close_notify end each session, one connection at a time" {
    modern 'certificate good rsa'
    check --ciphers AES128
    fake_smtp_is_polite
    same 1 "$(fake_smtp_most_open)"
    same 0 "$(fake_smtp_count ' data ')"
}

@test "EHLO is said again under TLS" {
    modern
    check --quick
    same 'EHLO monitor.test
STARTTLS
EHLO monitor.test
QUIT' "$(fake_smtp_said)"
}

@test "--quick: one connection" {
    modern
    check --quick
    clean
    same 1 "$(fake_smtp_connections)"
}

@test "JSON has the stable keys, the transcript, and each certificate" {
    require_tool jq
    modern
    check --output-format json
    same '["address","banner_name","certificates","cipher","extensions","greeting","group","host","name","port","probe","protocol","ptr","raw_key","stages","staple","transcript","verify_errors"]' "$(jq -c '.conversations[0] | keys' <<<"$output")"
    # OpenSSL 3.5 prefers a hybrid group.
    contains "$(jq -r ".conversations[0].group" <<<"$output")" X25519
    same '1.3 2 0' "$(jq -r '.conversations[0] | "\(.protocol) \(.certificates | length) \(.verify_errors | length)"' <<<"$output")"
    same '["bits","fingerprint_sha256","issuer","key_type","names","not_after","not_before","serial","signature","subject"]' "$(jq -c '.conversations[0].certificates[0] | keys' <<<"$output")"
    same '["first","other-key","tls-1.2","old-tls","weak-ciphers"]' "$(jq -c '[.conversations[].probe]' <<<"$output")"
    same 'QUIT 221 true' "$(jq -r '.conversations[0].transcript[-1] | "\(.verb) \(.code) \(.tls)"' <<<"$output")"
}

@test "the JSON fingerprint is OpenSSL's" {
    require_tool jq openssl
    modern
    check --quick --output-format json
    same "$(openssl x509 -in "$FAKE_CERTIFICATES/good.pem" -noout -fingerprint -sha256 | tr -d : | sed 's/.*=//' | tr A-F a-f)" \
        "$(jq -r '.conversations[0].certificates[0].fingerprint_sha256' <<<"$output")"
}

@test "-v shows session, certificate and transcript" {
    modern
    check
    contains "$output" 'TLS 1.3, TLS_AES_256_GCM_SHA384, key exchange X25519'
    contains "$output" 'EC 256 bits, CN=mail.test'
    contains "$output" 'TLS EHLO monitor.test: 250 mail.test'
}

@test "Prometheus has the days of each certificate" {
    modern 'certificate good rsa'
    check --output-format prometheus
    contains "$output" 'postmaster_starttls_certificate_days{target="127.0.0.1",address="127.0.0.1:'
    contains "$output" 'key="RSA"} 59'
    contains "$output" 'key="EC"} 59'
}

# ---- usage

@test "usage errors name the option" {
    run_starttls
    same 3 "$status"
    contains "$output" 'give either -H HOST or --mx DOMAIN'
    run_starttls -H mail.test --mx example.test
    contains "$output" 'give either -H HOST or --mx DOMAIN'
    local value
    for value in '5,10' x '1,2,3' -1 '14,' ',3'; do
        run_starttls -H mail.test "--days=$value"
        same 3 "$status"
        contains "$output" 'option --days: expected WARN[,CRIT]'
    done
    for value in sha256:12 md5:00 sha256:zz issuer: serial:; do
        run_starttls -H mail.test --pin "$value"
        same 3 "$status"
        contains "$output" 'option --pin: expected sha256:HEX'
    done
}

@test "local: authorities that cannot be read are UNKNOWN, not a bad certificate" {
    modern
    check --ca-file /nowhere/authorities.pem
    same 3 "$status"
    alone UNKNOWN local '/nowhere/authorities.pem'
}

@test "local: a folder without hashed certificates" {
    modern
    check --ca-file "$FAKE_CERTIFICATES/authority.pem" --ca-path .
    same 3 "$status"
    finding UNKNOWN local 'no folder of hashed certificates'
}

@test "--ca-path: a hashed folder" {
    modern
    run_starttls -H 127.0.0.1 -p "$FAKE_SMTP_PORT" --name mail.test --ca-path "$FAKE_CERTIFICATES/authority" --ehlo m.test
    same 0 "$status"
}

@test "local: a source address that is not ours" {
    modern
    check --source 192.0.2.1
    same 3 "$status"
    alone UNKNOWN local
}

# ---- the way to the server

@test "connect: nobody listens" {
    server <<<refused
    check
    same 2 "$status"
    alone CRITICAL connect 'connection refused'
}

@test "connect: a Unix socket that is not there" {
    run_starttls -H unix:"$PWD/nothing" --lmtp --ehlo m.test -v
    same 2 "$status"
    finding CRITICAL connect
}

@test "greeting: 554 is CRITICAL, in the server's words, and only QUIT follows" {
    server <<<'554 5.3.2 no service here'
    check
    same 2 "$status"
    alone CRITICAL greeting '554 5.3.2 no service here'
    same QUIT "$(fake_smtp_said)"
}

@test "greeting: 421 is CRITICAL" {
    server <<<'421 4.3.2 closing down'
    check
    alone CRITICAL greeting '421 4.3.2 closing down'
}

@test "rate-limited: 421 with too many connections is WARNING, and not: no TLS" {
    server <<<'421 4.7.0 Too many connections from you'
    check
    same 1 "$status"
    alone WARNING rate-limited
}

@test "silent: a greeting that does not come is CRITICAL within the deadline" {
    local began=${EPOCHREALTIME/[.,]/}
    server <<<'on connect silent'
    check -t 1
    same 2 "$status"
    alone CRITICAL silent 'no greeting within'
    [ $((${EPOCHREALTIME/[.,]/} - began)) -lt 5000000 ]
}

@test "the final line of a late greeting is awaited" {
    server <<<"220-mail.test
    wait 300
220 mail.test ready
$MODERN"
    check --quick
    clean
}

@test "closed: the connection ends before the greeting" {
    server <<<'on connect cut'
    check
    alone CRITICAL closed 'greeting'
}

@test "no-smtp: another service answers" {
    server <<<'on connect send SSH-2.0-OpenSSH_9.2 220\r\n'
    check
    alone CRITICAL no-smtp 'SSH-2.0'
}

@test "no-smtp: a code of four digits is no greeting" {
    server <<<'on connect send 2200 garbage\r\n'
    check
    alone CRITICAL no-smtp '2200'
}

@test "no-smtp: a flood instead of a greeting, and instead of the reply to EHLO" {
    server <<<'on connect endless 2'
    check -t 5
    alone CRITICAL no-smtp
    fake_smtp_stop
    server <<<'on EHLO endless 250-mail.test\r\n'
    check -t 5
    alone CRITICAL no-smtp
}

@test "ehlo: 421 is CRITICAL" {
    server <<<'on EHLO 421 4.3.2 going down'
    check
    alone CRITICAL ehlo '421 4.3.2 going down'
}

@test "ehlo: refused with 502, and HELO is taken" {
    server <<<'on EHLO 502 5.5.1 not implemented'
    check
    same 2 "$status"
    alone CRITICAL ehlo '502 5.5.1 not implemented'
}

@test "silent: the reply to EHLO stops in the middle" {
    server <<<'on EHLO
    send 250-mail.te
    silent'
    check -t 1
    alone CRITICAL silent '250-mail.te'
}

@test "closed: a reset instead of the reply to EHLO" {
    server <<<'on EHLO reset'
    check
    alone CRITICAL closed 'reset'
}

@test "out-of-turn: the server says what nobody asked" {
    server <<<"$MODERN
on EHLO
    default
    250 surprise"
    check --quick
    finding WARNING out-of-turn 'surprise'
}

@test "timeout: what the deadline left unasked is UNKNOWN, or what --timeout-result says" {
    # Most of the time goes to the first connection; what is left is too short for any other one.
    server <<<"[delay=800] on connect
[delay=600] on EHLO
$MODERN"
    check -t 3 --ciphers ALL
    same 3 "$status"
    alone UNKNOWN timeout 'the ciphers of --ciphers'
    check -t 3 --ciphers ALL --timeout-result critical
    same 2 "$status"
    alone CRITICAL timeout
}

# ---- STARTTLS

@test "not-offered: CRITICAL, with what EHLO said" {
    server <<<'withhold STARTTLS'
    check
    same 2 "$status"
    alone CRITICAL not-offered
    contains "$output" 'seen: 250 mail.test PIPELINING'
}

@test "not-offered: the message names who demands it" {
    server <<<'withhold STARTTLS'
    check --submission
    alone CRITICAL not-offered '--submission demands TLS'
}

@test "the keyword counts in any case" {
    modern 'withhold STARTTLS' '[!tls] offer StartTLS'
    check --quick
    clean
}

@test "stripped: XXXXXXXA and XSTARTTLS are STARTTLS behind a middlebox" {
    local word
    for word in XXXXXXXA XSTARTTLS; do
        server <<<"withhold STARTTLS
offer $word"
        check
        alone CRITICAL stripped "$word"
        fake_smtp_stop
    done
}

@test "refused: 454 and 502 to STARTTLS" {
    local code
    for code in '454 4.7.0 TLS not available' '502 5.5.1 no'; do
        server <<<"on STARTTLS $code"
        check
        alone CRITICAL refused "$code"
        fake_smtp_is_polite
        fake_smtp_stop
    done
}

@test "refused: STARTTLS is answered with 250 or 334" {
    server <<<'on STARTTLS 250 okay'
    check
    same 2 "$status"
    alone CRITICAL refused '250 okay'
    fake_smtp_is_polite
    fake_smtp_stop
    server <<<'on STARTTLS 334 go on'
    check
    same 2 "$status"
    finding CRITICAL refused '334 go on'
}

@test "silent: no reply to STARTTLS" {
    server <<<'on STARTTLS silent'
    check -t 1
    alone CRITICAL silent 'STARTTLS'
}

@test "no-handshake: 220, then silence" {
    server <<<'on handshake silent'
    check -t 1
    alone CRITICAL no-handshake
}

@test "no-handshake: 220, then the end" {
    local how
    for how in cut reset; do
        server <<<"on handshake $how"
        check
        alone CRITICAL no-handshake "the connection was $([ "$how" = cut ] && echo closed || echo reset) in"
        fake_smtp_stop
    done
}

@test "no-handshake: 220, then an alert" {
    server <<<'on handshake alert 40'
    check
    alone CRITICAL no-handshake 'handshake failure'
    contains "$output" ' handshake: the server refused the TLS handshake: handshake failure ('
}

@test "no-handshake: 220, then octets without sense" {
    server <<<'on handshake garbage 300'
    check
    finding CRITICAL no-handshake
}

@test "no-handshake: half of it, then silence" {
    server <<<'[record=2] on handshake silent'
    check -t 1
    alone CRITICAL no-handshake
}

@test "response-injection: text behind the 220, in one segment with it" {
    server <<<"$MODERN
on STARTTLS
    220 Go ahead
    250 injected"
    check --quick
    same 2 "$status"
    alone CRITICAL response-injection '250 injected'
}

@test "response-injection: text in a segment of its own, so that no handshake succeeds" {
    server <<<'on handshake send 250 injected\r\n'
    check
    finding CRITICAL response-injection '250 injected'
    finding CRITICAL no-handshake
}

@test "command-injection: the NOOP from the clear is answered under TLS" {
    server <<<"$MODERN
on STARTTLS
    220 Go ahead
    keep-input"
    check --injection
    same 2 "$status"
    alone CRITICAL command-injection
}

@test "command-injection: an answer that comes late is seen at QUIT" {
    server <<<"$MODERN
on STARTTLS
    220 Go ahead
    keep-input
[tls] on NOOP
    wait 1200
    250 2.0.0 Ok"
    check --injection -t 20
    alone CRITICAL command-injection
}

@test "injection-safe: silence, a refusal and the end are safe" {
    modern
    check --injection
    clean
    finding OK injection-safe
    fake_smtp_stop
    server <<<"$MODERN
[early] on STARTTLS 554 5.5.0 no pipelining here"
    check --injection
    clean
    finding OK injection-safe
    fake_smtp_stop
    server <<<"$MODERN
[early] on STARTTLS reset"
    check --injection
    clean
    finding OK injection-safe
}

@test "--injection sends nothing odd on the first connection, and without it never" {
    modern
    check --injection
    same 0 "$(fake_smtp_said 1 | grep -c NOOP || :)"
    same 1 "$(fake_smtp_count ' dropped ')"
    fake_smtp_stop
    modern
    check
    same 0 "$(fake_smtp_count ' dropped | early ')"
}

# ---- behind the handshake

@test "ehlo-tls: EHLO under TLS is refused" {
    server <<<"$MODERN
[tls] on EHLO 503 5.5.1 not now"
    check --quick
    same 2 "$status"
    finding CRITICAL ehlo-tls '503 5.5.1 not now'
}

@test "ehlo-tls: no reply, the end, and 421 to EHLO under TLS" {
    local action
    for action in silent cut '421 4.3.2 closing'; do
        server <<<"$MODERN
[tls] on EHLO $action"
        check --quick -t 1
        finding CRITICAL ehlo-tls
        fake_smtp_stop
    done
}

@test "starttls-again: STARTTLS is offered under TLS" {
    server <<<"$MODERN
[tls] on EHLO
    250-mail.test
    250 STARTTLS"
    check --quick
    same 1 "$status"
    alone WARNING starttls-again
}

@test "no-auth: a submission server without AUTH under TLS" {
    modern
    check --quick --submission
    same 2 "$status"
    alone CRITICAL no-auth
    fake_smtp_stop
    modern 'offer AUTH PLAIN LOGIN'
    check --quick --submission
    clean
}

@test "required: --require names an extension that is not offered" {
    modern 'offer LIMITS RCPTMAX=10'
    check --quick --require LIMITS
    clean
    check --quick --require REQUIRETLS
    alone CRITICAL required 'REQUIRETLS'
}

@test "REQUIRETLS under TLS and LIMITS are shown, and --require asks for them" {
    require_tool jq
    modern '[tls] offer REQUIRETLS' 'offer LIMITS MAILMAX=20'
    check --quick --require REQUIRETLS --require limits
    clean
    contains "$output" ' REQUIRETLS'
    check --quick --output-format json
    same '["LIMITS MAILMAX=20","REQUIRETLS"]' \
        "$(jq -c '.conversations[0].extensions | map(select(test("^(LIMITS|REQUIRETLS)"))) | sort' <<<"$output")"
}

@test "requiretls-clear: REQUIRETLS before TLS is a note" {
    modern 'offer REQUIRETLS'
    check --quick
    clean
    finding OK requiretls-clear
}

@test "mail-in-clear: a submission server takes MAIL before TLS" {
    modern 'offer AUTH PLAIN'
    check --submission
    same 1 "$status"
    alone WARNING mail-in-clear 'before TLS, which --submission demands: 250'
    same 0 "$(fake_smtp_count ' C RCPT ')"
    fake_smtp_is_polite
    fake_smtp_stop
    modern 'offer AUTH PLAIN' '[!tls] on MAIL 530 5.7.0 Must issue a STARTTLS command first'
    check --submission
    clean
}

@test "forced: a server for the public that insists on TLS; --enforced allows it" {
    modern '[!tls] on MAIL 530 5.7.0 Must issue a STARTTLS command first'
    check
    same 1 "$status"
    alone WARNING forced '530 5.7.0'
    check --enforced
    clean
    finding OK forced
}

@test "MAIL in the clear is looked at with --min-tls 1.0, too" {
    modern '[!tls] on MAIL 530 5.7.0 Must issue a STARTTLS command first'
    check --min-tls 1.0
    alone WARNING forced
}

# ---- further connections

@test "probe-failed: a server that limits connections is UNKNOWN for the rest, and asked no more" {
    modern '[connection=2-] on connect 421 4.7.0 Too many connections'
    check
    same 3 "$status"
    alone UNKNOWN probe-failed 'Too many connections'
    same 2 "$(fake_smtp_connections)"
    check --quick
    lacks "$output" probe-failed
}

@test "probe-failed: names only what is not known" {
    modern '[connection=4-] on connect 421 4.7.0 Too many connections'
    check
    alone UNKNOWN probe-failed 'not known: old versions of TLS, weak ciphers'
}

@test "probe-failed: a later connection is refused at EHLO" {
    modern '[connection=3] on EHLO 451 4.3.0 busy'
    check
    alone UNKNOWN probe-failed 'not known: TLS 1.2 (451 4.3.0 busy'
}

@test "--pause keeps connections apart" {
    modern
    check --pause 0.2
    clean
    awk '$5 == "open" { if (last && $1 - last < 0.19) exit 1; last = $1 }' "$FAKE_SMTP_LOG"
}

# ---- implicit TLS, LMTP, PROXY

@test "--implicit-tls: the handshake comes first" {
    modern implicit-tls 'offer AUTH PLAIN' 'ocsp good'
    check --implicit-tls
    clean
    same 0 "$(fake_smtp_count ' clear S connect')"
    fake_smtp_is_polite
}

@test "implicit-tls: the port speaks in the clear" {
    modern
    check --implicit-tls
    same 2 "$status"
    alone CRITICAL implicit-tls '220 mail.test'
}

@test "implicit-tls: strict by itself" {
    modern implicit-tls
    check --implicit-tls
    alone CRITICAL no-auth
}

@test "ehlo under implicit TLS: refused" {
    modern implicit-tls 'on EHLO 421 4.3.2 closing'
    check --implicit-tls --quick
    alone CRITICAL ehlo '421 4.3.2 closing'
}

@test "LMTP over a Unix socket: LHLO, and the name is not known" {
    printf '%s\n' lmtp "$MODERN" >script
    fake_smtp_start script --listen "unix:$PWD/socket"
    run_starttls -H "unix:$PWD/socket" --lmtp --ehlo m.test --ca-file "$FAKE_CERTIFICATES/authority.pem" -v
    clean
    finding OK no-name
    contains "$(fake_smtp_said)" 'LHLO m.test'
}

@test "--proxy-protocol goes before everything" {
    modern 'proxy-protocol v2'
    check --quick --proxy-protocol v2
    clean
}

@test "slow: -w and -c are about the handshake" {
    modern '[record=1 delay=300] on handshake'
    check --quick -w 0.1
    same 1 "$status"
    alone WARNING slow
    check --quick -w 0.1 -c 0.2
    same 2 "$status"
    alone CRITICAL slow
    contains "$output" ';0.1;0.2 cert_days='
}

@test "--severity turns a finding off" {
    server <<<'withhold STARTTLS'
    check --severity starttls.not-offered=ok
    same 0 "$status"
}
