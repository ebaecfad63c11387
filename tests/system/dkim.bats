#!/usr/bin/env bats
# check_dkim against real signers, with keys that they make themselves: dkimpy, and OpenDKIM, which miltertest feeds as a
# mail server would. The keys are published by fake_dns. All on loopback, each program with a configuration below the
# test's own folder.

load ../cli/helper
load ../cli/assert

setup() {
    PATH=$PATH:/usr/sbin:/sbin
    dkim=$(plugin check_dkim)
    here=$SRCDIR/tests/system
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    cd "$BATS_TEST_TMPDIR" || return 1
    opendkim=
}

teardown() {
    opendkim_stop
    fake_dns_stop
}

# The interpreter of the system: its packages are there, whatever else is first in PATH.
require_dkimpy() {
    require_tool dknewkey
    /usr/bin/python3 -c 'import dkim, nacl' 2>/dev/null || skip "python3-dkim or python3-nacl is not installed"
}

require_opendkim() {
    require_tool opendkim miltertest openssl
}

quoted() {
    local text=$1
    while [ "${#text}" -gt 200 ]; do
        printf '"%s" ' "${text:0:200}"
        text=${text:200}
    done
    printf '"%s"' "$text"
}

# verify FILE [WORDS...]: sets output and status.
verify() {
    status=0
    output=$("$dkim" --resolver "127.0.0.1:$FAKE_DNS_PORT" --message "$1" -v "${@:2}" 2>errors) || status=$?
    same '' "$(cat errors)"
}

# key NAME [BITS]: the private key NAME.pem, and NAME.record with what is to be published. Ed25519 without BITS.
key() {
    if [ -n "${2-}" ]; then
        openssl genrsa -out "$1.pem" "$2" 2>/dev/null
        printf 'v=DKIM1; k=rsa; p=%s' "$(openssl pkey -in "$1.pem" -pubout -outform DER | base64 -w 0)" >"$1.record"
    else
        openssl genpkey -algorithm ed25519 -out "$1.pem"
        # The raw key is the end of the DER.
        printf 'v=DKIM1; k=ed25519; p=%s' \
            "$(openssl pkey -in "$1.pem" -pubout -outform DER | tail -c 32 | base64 -w 0)" >"$1.record"
    fi
    printf '%s._domainkey.example.test TXT %s\n' "$1" "$(quoted "$(cat "$1.record")")" >>zone.dns
}

# opendkim_start: opendkim in the foreground, with KeyTable and the configuration lines of standard input.
opendkim_start() {
    opendkim_stop
    {
        # The folder of a test may lie below one that everybody writes to.
        printf '%s\n' "Socket local:$PWD/milter" "PidFile $PWD/opendkim.pid" 'Mode s' 'Syslog no' 'Background no' \
            'RequireSafeKeys no' 'InternalHosts 127.0.0.1' "KeyTable $PWD/KeyTable"
        cat
    } >opendkim.conf
    rm -f milter
    opendkim -f -x opendkim.conf >opendkim.log 2>&1 </dev/null 3>&- &
    opendkim=$!
}

opendkim_stop() {
    [ -n "$opendkim" ] || return 0
    # It would see a gentler signal after five seconds only.
    kill -KILL "$opendkim" 2>/dev/null || :
    wait "$opendkim" 2>/dev/null || :
    opendkim=
}

# opendkim_signs FROM TO: the message FROM as opendkim signs it.
opendkim_signs() {
    miltertest -D "socket=local:$PWD/milter" -D "message=$PWD/$1" -s "$here/milter_feed.lua" >"$2" || {
        cat opendkim.log >&2
        return 1
    }
}

messages() {
    local rest='To: bob@example.net\r\nSubject:  two  blanks\r\n\tand a fold \r\nDate: Fri, 11 Jul 2003 21:00:37 -0700\r\n'
    local head="From: Alice <alice@example.test>\r\n$rest"
    # shellcheck disable=SC2059
    {
        printf "$head\r\nHello\r\nthere.\r\n" >plain.eml
        printf "$head\r\n" >empty.eml
        printf "$head\r\nHello\r\n\r\n \t\r\n\r\n\r\n" >empty-lines.eml
        printf "$head\r\n a  b\t \tc \r\n.\r\n..\r\n\t\r\nend \r\n" >blanks.eml
        printf "${head}X-Empty: \r\nX-Twice: 1\r\nX-Twice:  2\r\nX-Octets: J\xfcrgen \xff\r\n\r\n\x80\xff\x01\r\n" >odd.eml
        printf "From: a@example.test\r\n$rest\r\n%0200000d\r\n%070000d\r\n" 1 2 >long.eml
    }
}

# ---- dkimpy

@test "what dkimpy signs verifies, and what was changed on the way does not, as dkimpy itself says" {
    local verdict name wrong=0 passed=0 failed=0
    require_dkimpy
    mkdir mail
    dknewkey --ktype rsa rsa 2>/dev/null
    dknewkey --ktype ed25519 ed25519 2>/dev/null
    /usr/bin/python3 "$here/dkimpy_sign.py" mail rsa.key rsa.dns ed25519.key ed25519.dns >list
    fake_dns_start - <<EOF
py-rsa._domainkey.example.test TXT $(quoted "$(cat rsa.dns)")
py-ed25519._domainkey.example.test TXT $(quoted "$(cat ed25519.dns)")
EOF
    while read -r verdict name; do
        verify "mail/$name.eml"
        case $verdict in
        pass)
            passed=$((passed + 1))
            [[ $output == *' signatures=1 passed=1 '*' s=py-'*': pass'* ]] || wrong=1
            ;;
        *)
            failed=$((failed + 1))
            [[ $status -eq 2 && $output == *' signatures=1 passed=0 '*': fail'* ]] || wrong=1
            ;;
        esac
        if [ "$wrong" -ne 0 ]; then
            printf '%s: dkimpy says %s\n%s\n' "$name" "$verdict" "$output" >&2
            return 1
        fi
    done <list
    [ "$passed" -gt 100 ]
    [ "$failed" -gt 100 ]
}

# ---- OpenDKIM

@test "what opendkim signs verifies, in every form and with both algorithms, and what was changed does not" {
    local form name message
    require_opendkim
    messages
    key rsa 2048
    key ed
    fake_dns_start zone.dns
    for name in rsa ed; do
        printf 'key example.test:%s:%s/%s.pem\n' "$name" "$PWD" "$name" >KeyTable
        printf 'example.test key\n' >SigningTable
        for form in simple/simple simple/relaxed relaxed/simple relaxed/relaxed; do
            # OpenDKIM 2.11 folds its field anew behind an Ed25519 signature: in the simple form nobody can verify that.
            case $name-$form in
            ed-simple/*) continue ;;
            esac
            opendkim_start <<EOF
SigningTable $PWD/SigningTable
Canonicalization $form
SignatureAlgorithm $([ $name = rsa ] && echo rsa || echo ed25519)-sha256
EOF
            for message in plain empty empty-lines blanks odd long; do
                opendkim_signs $message.eml signed.eml
                verify signed.eml
                contains "$output" ' signatures=1 passed=1 '
                contains "$output" "s=$name"
                contains "$output" "c=$form: pass"
                sed 's/^Subject: /Subject: Re:/' signed.eml >changed.eml
                verify changed.eml
                same 2 "$status"
                contains "$output" 'CRITICAL dkim.b '
                { cat signed.eml && printf 'Buy!\r\n'; } >changed.eml
                verify changed.eml
                same 2 "$status"
                contains "$output" 'CRITICAL dkim.bh '
            done
        done
    done
}

@test "opendkim with two signatures, over-signing, an end of life, and a key of 1024 bits" {
    require_opendkim
    messages
    key rsa 2048
    key short 1024
    fake_dns_start zone.dns
    printf '%s example.test:%s:%s\n' one rsa "$PWD/rsa.pem" two short "$PWD/short.pem" >KeyTable
    printf '*@example.test %s\n' one two >SigningTable
    opendkim_start <<EOF
SigningTable refile:$PWD/SigningTable
MultipleSignatures yes
OverSignHeaders From,Subject,To,Date,Reply-To,Content-Type
SignatureTTL 86400
Canonicalization relaxed/relaxed
EOF
    opendkim_signs plain.eml signed.eml
    contains "$(cat signed.eml)" '; x='
    verify signed.eml
    contains "$output" ' signatures=2 passed=2 '
    lacks "$output" dkim.oversign
    { printf 'From: mallory@example.test\r\n' && cat signed.eml; } >changed.eml
    verify changed.eml
    same 2 "$status"
    contains "$output" ' signatures=2 passed=0 '
}

# ---- the tables of the signer

@test "OpenDKIM's KeyTable and SigningTable, and opendkim-testkey of the same mind" {
    require_tool opendkim-testkey openssl
    key good 2048
    key other 2048
    key ed
    # This one is published with the wrong key.
    sed -i 's/^other\._domainkey\.example\.test .*//' zone.dns
    printf 'other._domainkey.example.test TXT %s\n' "$(quoted "$(cat good.record)")" >>zone.dns
    chmod 600 ./*.pem
    fake_dns_start zone.dns
    cat >resolver.conf <<EOF
server:
    do-not-query-localhost: no
    module-config: "iterator"
    local-zone: "test." nodefault
forward-zone:
    name: "."
    forward-addr: 127.0.0.1@$FAKE_DNS_PORT
EOF
    printf 'KeyTable %s\nResolverConfiguration %s\n' "$PWD/KeyTable" "$PWD/resolver.conf" >testkey.conf

    printf '# keys\ngood example.test:good:%s\n' "$PWD/good.pem" >KeyTable
    both agree
    printf 'other example.test:other:%s\n' "$PWD/other.pem" >KeyTable
    both disagree
    contains "$output" 'CRITICAL dkim.pair other._domainkey.example.test'
    printf 'lost example.test:lost:%s\n' "$PWD/good.pem" >KeyTable
    both disagree
    contains "$output" 'CRITICAL dkim.no-key lost._domainkey.example.test'

    # What opendkim-testkey does not look at: the key of Ed25519, and who signs with what.
    printf '%s example.test:%s:%s\n' good good "$PWD/good.pem" ed ed "$PWD/ed.pem" other other "$PWD/other.pem" \
        >KeyTable
    printf '*@example.test good\n*@example.test ed\n' >SigningTable
    run_tables --signing-table SigningTable
    same 0 "$status"
    contains "$output" ' keys=2 good_keys=2 '
    printf '*@example.test nobody\n' >SigningTable
    run_tables --signing-table SigningTable -d example.test
    same 2 "$status"
}

run_tables() {
    status=0
    output=$("$dkim" --resolver "127.0.0.1:$FAKE_DNS_PORT" --key-table KeyTable -v "$@" 2>errors) || status=$?
    same '' "$(cat errors)"
}

# both agree|disagree: check_dkim and opendkim-testkey about KeyTable. The status of the latter does not tell.
both() {
    local count
    opendkim-testkey -x testkey.conf -vv >testkey.log 2>&1 </dev/null || :
    run_tables
    case $1 in
    agree)
        count='1 pass, 0 fail'
        same 0 "$status"
        ;;
    *)
        count='0 pass, 1 fail'
        same 2 "$status"
        ;;
    esac
    contains "$(cat testkey.log)" "$count"
}
