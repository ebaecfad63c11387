# shellcheck shell=bash disable=SC2154
# mailcheck; a part of tests/bench/run. A domain with two exchangers, beside the slowest of the plugins that it runs, which
# is wanted to be 30 ms less at most. That one is asked for both exchangers, as mailcheck does: it finds them, then speaks to both
# side by side. What both wait for at 0 ms are the cores: the plugins and the servers of the test share them.

mailcheck_folder=$work/mailcheck
[ -x "$build/tests/make_certificates" ] || make -s -C "$build" tests/make_certificates >/dev/null
[ -x "$build/tests/fake_smtp/fake_smtp" ] || make -s -C "$build" tests/fake_smtp/fake_smtp >/dev/null
"$build/tests/make_certificates" "$mailcheck_folder"
cat >"$work/mailcheck.dns" <<'END'
soa test
bench.test MX 10 m1.bench.test
bench.test MX 20 m2.bench.test
m1.bench.test A 127.0.2.1
m2.bench.test A 127.0.2.2
1.2.0.127.in-addr.arpa PTR m1.bench.test
2.2.0.127.in-addr.arpa PTR m2.bench.test
bench.test TXT "v=spf1 mx -all"
_dmarc.bench.test TXT "v=DMARC1; p=reject"
END
printf 'tls-versions 1.2-1.3\ncertificate good rsa\n' >"$work/mailcheck.smtp"

# mailcheck_serve MS: the DNS server and the mail servers, each answer so late; sets $port and $mailcheck_words.
mailcheck_serve() {
    rm -f "$work/mailcheck.port" "$work/mailcheck.smtp.port"
    serve mailcheck "$1"
    "$build/tests/fake_smtp/fake_smtp" --script "$work/mailcheck.smtp" --certificates "$mailcheck_folder" --latency "$1" \
        --listen 127.0.2.1:0 --listen 127.0.2.2:0 --port-file "$work/mailcheck.smtp.port" &
    servers+=($!)
    until [ -s "$work/mailcheck.smtp.port" ]; do sleep 0.01; done
    mailcheck_port=$(cat "$work/mailcheck.smtp.port")
    mailcheck_words=(--plugin-dir "$build" --resolver "127.0.0.1:$port" --set mx.internal
        --set "smtp_banner.port=$mailcheck_port" --set "starttls.port=$mailcheck_port" --skip dnsbl)
}

for mailcheck_ms in 0 20; do
    mailcheck_serve "$mailcheck_ms"
    heading "mailcheck: two exchangers, 11 checks, every answer after $mailcheck_ms ms"
    "$work/measure" 15 "check_starttls --mx" -- "$build/check_starttls" --mx bench.test -p "$mailcheck_port" \
        --resolver "127.0.0.1:$port" \
        --vs "check_smtp_banner" "$build/check_smtp_banner" -H m1.bench.test -p "$mailcheck_port" --resolver "127.0.0.1:$port" \
        --vs "mailcheck" "$build/mailcheck/mailcheck" "${mailcheck_words[@]}" bench.test
done
