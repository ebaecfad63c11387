# shellcheck shell=bash disable=SC2154
# check_mx; a part of tests/bench/run. The peer is what a script does: one exchanger after the other, with nc.

mx_listens=()
mx_hosts=()
{
    for ((i = 1; i <= 20; i++)); do
        printf 'bench.test MX %s m%s.bench.test\nm%s.bench.test A 127.0.1.%s\n' "$i" "$i" "$i" "$i"
    done
} >"$work/mx.dns"
for ((i = 1; i <= 20; i++)); do
    mx_listens+=(--listen "127.0.1.$i:0")
    mx_hosts+=("127.0.1.$i")
done
echo '@127.0.1.7 [delay=8000] on connect' >"$work/mx.smtp"
cat >"$work/mx_nc.sh" <<'END'
port=$1
shift
for host; do
    printf 'QUIT\r\n' | nc -w 10 "$host" "$port"
done
END

# mx_serve SCRIPT: starts fake_smtp; sets $smtp_port.
mx_serve() {
    rm -f "$work/smtp.port"
    "$build/tests/fake_smtp/fake_smtp" --script "$1" --port-file "$work/smtp.port" "${mx_listens[@]}" &
    servers+=($!)
    until [ -s "$work/smtp.port" ]; do sleep 0.01; done
    smtp_port=$(cat "$work/smtp.port")
}

[ -x "$build/tests/fake_smtp/fake_smtp" ] || make -s -C "$build" tests/fake_smtp/fake_smtp >/dev/null
serve mx 0
mx_peers=()
mx_serve /dev/null
if has nc; then
    mx_peers=(--vs "nc, one after another" sh "$work/mx_nc.sh" "$smtp_port" "${mx_hosts[@]}")
fi
heading "check_mx: 20 exchangers that answer at once"
"$work/measure" 5 check_mx -- "$build/check_mx" --resolver "127.0.0.1:$port" -d bench.test -p "$smtp_port" --internal \
    "${mx_peers[@]}"
mx_serve "$work/mx.smtp"
heading "check_mx: 20 exchangers, one of them a tarpit of 8 s: 8,000 ms is the least"
"$work/measure" 1 check_mx -- "$build/check_mx" --resolver "127.0.0.1:$port" -d bench.test -p "$smtp_port" --internal
