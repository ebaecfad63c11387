# shellcheck shell=bash disable=SC2154
# check_smtp_banner; a part of tests/bench/run. The peer looks at greeting and EHLO alone: so does --no-names.

[ -x "$build/tests/fake_smtp/fake_smtp" ] || make -s -C "$build" tests/fake_smtp/fake_smtp >/dev/null
cat >"$work/banner.dns" <<'END'
soa test
soa 127.in-addr.arpa
mail.test A 127.0.0.2
2.0.0.127.in-addr.arpa PTR mail.test
END
# A server whose own time counts, too: it greets after 100 ms.
printf 'offer STARTTLS\n@127.0.0.3 [delay=100] on connect\n' >"$work/banner.smtp"
"$build/tests/fake_smtp/fake_smtp" --script "$work/banner.smtp" --listen 127.0.0.2:0 --listen 127.0.0.3:0 \
    --port-file "$work/banner_smtp.port" &
servers+=($!)
until [ -s "$work/banner_smtp.port" ]; do sleep 0.01; done
banner_port=$(cat "$work/banner_smtp.port")
serve banner 0

cc -std=c11 -O2 -D_POSIX_C_SOURCE=200809L -o "$work/bare_client" "$here/bare_client.c"

# banner_beside ADDRESS: sets banner_bare, the measure of what the server and a process of any kind cost, and banner_peers.
banner_beside() {
    banner_bare=("a bare client" -- "$work/bare_client" "$1" "$banner_port")
    banner_peers=()
    if [ -x /usr/lib/nagios/plugins/check_smtp ]; then
        banner_peers=(--vs check_smtp /usr/lib/nagios/plugins/check_smtp -H "$1" -p "$banner_port")
    else
        echo "    (check_smtp is not installed: no figure beside it)"
    fi
}

heading "check_smtp_banner: greeting, EHLO, QUIT, of a server that answers at once (--no-names)"
banner_beside 127.0.0.2
"$work/measure" 25 "${banner_bare[@]}" --vs "check_smtp_banner --no-names" "$build/check_smtp_banner" -H 127.0.0.2 -p "$banner_port" \
    --ehlo bench.test --no-names "${banner_peers[@]}"
heading "check_smtp_banner: the same with the names of address and greeting, asked of DNS"
"$work/measure" 25 check_smtp_banner -- "$build/check_smtp_banner" -H mail.test -p "$banner_port" \
    --resolver "127.0.0.1:$port" --ehlo bench.test
heading "check_smtp_banner: of a server that greets after 100 ms: the bare client is the least"
banner_beside 127.0.0.3
"$work/measure" 15 "${banner_bare[@]}" --vs "check_smtp_banner --no-names" "$build/check_smtp_banner" -H 127.0.0.3 -p "$banner_port" \
    --ehlo bench.test --no-names "${banner_peers[@]}"
