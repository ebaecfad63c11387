# shellcheck shell=bash disable=SC2154
# check_dkim and check_dmarc; a part of tests/bench/run. The peers of check_dkim read a key from their own files or
# functions and ask no DNS; check_dkim asks the server on loopback besides.

sign=$build/tests/cli/dkim_sign
[ -x "$sign" ] || make -s -C "$build" tests/cli/dkim_sign >/dev/null
"$sign" keys "$work"

# dkim_txt NAME FILE: a TXT record in strings of 200 octets.
dkim_txt() {
    local text
    text=$(cat "$2")
    printf '%s TXT' "$1"
    while [ -n "$text" ]; do
        printf ' "%s"' "${text:0:200}"
        text=${text:200}
    done
    printf '\n'
}

# A message of 10 MB with a good signature: the body hash is that of the body, the header is signed with it. The tags
# are in relaxed form already, so that what is signed can be written down here; a field that h= names once more than it is
# there adds nothing.
dkim_message() {
    local tags fields signature
    awk 'BEGIN { for (i = 0; i < 140000; i++)
        printf "0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 01234567\r\n" }' >"$work/body"
    fields=from:from:subject:subject:to:date:reply-to:content-type
    tags="v=1; a=rsa-sha256; c=$1; d=example.test; s=sel; h=$fields; bh=$(openssl dgst -sha256 -binary \
        "$work/body" | base64 -w0); b="
    signature=$({
        if [ "${1%/*}" = relaxed ]; then
            printf 'from:a@example.test\r\nsubject:Hi\r\ndkim-signature:%s' "$tags"
        else
            printf 'From: a@example.test\r\nSubject: Hi\r\nDKIM-Signature: %s' "$tags"
        fi
    } | openssl dgst -sha256 -sign "$work/rsa2048.pem" | base64 -w0)
    printf 'DKIM-Signature: %s%s\r\nFrom: a@example.test\r\nSubject: Hi\r\n\r\n' "$tags" "$signature"
    cat "$work/body"
}

# verifies WORDS COMMAND...: it says these of the message; else its figure would be worth nothing.
verifies() {
    local output
    output=$("${@:2}" 2>&1) || :
    case $output in
    *"$1"*) ;;
    *) echo "    ($2 does not say that the signature verifies: its figure is worth nothing)" ;;
    esac
}

cat >"$work/dkimpy.py" <<'END'
import sys, dkim
key = open(sys.argv[2], "rb").read()
with open(sys.argv[1], "rb") as message:
    print(dkim.verify(message.read(), dnsfunc=lambda name, timeout=5: key))
END

{
    dkim_txt sel._domainkey.example.test "$work/rsa2048.record"
    echo '_dmarc.example.test TXT "v=DMARC1; p=reject; rua=mailto:d@reports.test"'
    echo 'example.test TXT "v=spf1 -all"'
    echo 'reports.test MX 1 mx.reports.test'
    echo 'mx.reports.test A 192.0.2.1'
    echo 'example.test._report._dmarc.reports.test TXT "v=DMARC1"'
} >"$work/dkim.dns"
serve dkim 0
for form in simple/simple relaxed/relaxed; do
    heading "check_dkim: a message of $((140000 * 77 / 1000000)) MB, c=$form; the first line is the hash alone"
    dkim_message "$form" >"$work/message.eml"
    check_dkim=("$build/check_dkim" --resolver "127.0.0.1:$port" --message "$work/message.eml")
    verifies ' passed=1 ' "${check_dkim[@]}"
    peers=()
    if /usr/bin/python3 -c 'import dkim' 2>/dev/null; then
        dkimpy=(/usr/bin/python3 "$work/dkimpy.py" "$work/message.eml" "$work/rsa2048.record")
        verifies True "${dkimpy[@]}"
        peers+=(--vs "dkimpy" "${dkimpy[@]}")
    else
        echo "    (dkimpy is not installed: no figure beside it)"
    fi
    if PATH=$PATH:/usr/sbin has opendkim; then
        # -t verifies a message as the milter would, here with the keys of a file; its status does not tell.
        printf 'sel._domainkey.example.test %s\n' "$(cat "$work/rsa2048.record")" >"$work/opendkim.keys"
        printf 'TestPublicKeys %s\nMode v\nSyslog no\n' "$work/opendkim.keys" >"$work/opendkim.conf"
        opendkim=("$(PATH=$PATH:/usr/sbin command -v opendkim)" -x "$work/opendkim.conf" -t "$work/message.eml")
        verifies succeeded "${opendkim[@]}"
        peers+=(--vs "opendkim -t" "${opendkim[@]}")
    fi
    "$work/measure" 7 "openssl dgst" -- openssl dgst -sha256 "$work/message.eml" \
        --vs check_dkim "${check_dkim[@]}" "${peers[@]}"
done

cp "$work/dkim.dns" "$work/dmarc.dns"
serve dmarc 20
heading "check_dmarc: a record with reports to another organization, 20 ms latency: two rounds, 40 ms is the least"
"$work/measure" 15 check_dmarc -- "$build/check_dmarc" --resolver "127.0.0.1:$port" -d example.test
