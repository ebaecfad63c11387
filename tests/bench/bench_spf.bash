# shellcheck shell=bash disable=SC2154
# check_spf; a part of tests/bench/run. The peers read nothing but /etc/resolv.conf, so they and the server run in a
# network and mount namespace of their own, where 127.0.0.1 port 53 is the server's; without the right to make one,
# check_spf is measured alone.

{
    printf 'ten.test TXT "v=spf1'
    for ((i = 0; i < 10; i++)); do printf ' include:i%s.test' "$i"; done
    printf ' -all"\n'
    for ((i = 0; i < 10; i++)); do printf 'i%s.test TXT "v=spf1 ip4:9.9.%s.0/24 -all"\n' "$i" "$i"; done
} >"$work/spf_ten.dns"
for ((i = 0; i < 1000; i++)); do
    printf 'd%s.test TXT "v=spf1 mx a include:i%s.test -all"\nd%s.test MX 1 m%s.test\nd%s.test A 8.8.1.1\n' \
        "$i" "$i" "$i" "$i" "$i"
    printf 'm%s.test A 8.8.1.2\ni%s.test TXT "v=spf1 ip4:9.9.9.0/24 -all"\n' "$i" "$i"
done >"$work/spf_thousand.dns"
printf 'd%s.test\n' {0..999} >"$work/spf_domains"

# The last mechanism denies: every include is read by every program.
cat >"$work/mail_spf.pl" <<'END'
use Mail::SPF;
my $server = Mail::SPF::Server->new();
foreach my $domain (@ARGV) {
    my $request = Mail::SPF::Request->new(
        scope => "mfrom", identity => "u\@$domain", ip_address => "8.8.4.4", helo_identity => "h.$domain");
    print $server->process($request)->code, "\n";
}
END
cat >"$work/pyspf.py" <<'END'
import sys, spf
for domain in sys.argv[1:]:
    print(spf.check2(i="8.8.4.4", s="u@" + domain, h="h." + domain))
END
cat >"$work/libspf2.sh" <<'END'
for domain; do
    spfquery.libspf2 -ip=8.8.4.4 -sender="u@$domain" -helo="h.$domain"
done
END

# spf_inside RUNS LABEL ZONE LATENCY DOMAINS-FILE: in the namespace, or outside it and without peers.
cat >"$work/spf_inside" <<'END'
set -euo pipefail
listen=127.0.0.1:0
peers=()
mapfile -t domains <"$5"
if [ "$NAMESPACE" = yes ]; then
    ip link set lo up
    echo 'nameserver 127.0.0.1' >"$WORK/resolv.conf"
    mount --bind "$WORK/resolv.conf" /etc/resolv.conf
    listen=127.0.0.1:53
    if command -v spfquery.libspf2 >/dev/null; then
        peers+=(--vs "spfquery of libspf2" sh "$WORK/libspf2.sh" "${domains[@]}")
    else
        echo "    (spfquery of libspf2 is not installed: no figure beside it)"
    fi
    if perl -MMail::SPF -e1 2>/dev/null; then
        peers+=(--vs "Mail::SPF" perl "$WORK/mail_spf.pl" "${domains[@]}")
    else
        echo "    (Mail::SPF is not installed: no figure beside it)"
    fi
    if /usr/bin/python3 -c 'import spf' 2>/dev/null; then
        peers+=(--vs "pyspf" /usr/bin/python3 "$WORK/pyspf.py" "${domains[@]}")
    else
        echo "    (pyspf is not installed: no figure beside it)"
    fi
else
    echo "    (no right to make a namespace: no figures of peers)"
fi
rm -f "$WORK/spf.port"
"$BUILD/tests/fake_dns/fake_dns" --script "$3" --latency "$4" --listen "$listen" --port-file "$WORK/spf.port" &
server=$!
trap 'kill "$server"' EXIT
until [ -s "$WORK/spf.port" ]; do sleep 0.01; done
"$WORK/measure" "$1" "$2" -- "$BUILD/check_spf" --resolver "127.0.0.1:$(cat "$WORK/spf.port")" -t 60 \
    --domains-file "$5" --ip 8.8.4.4 "${peers[@]}"
END

spf_measure() {
    if unshare -n -m true 2>/dev/null; then
        NAMESPACE=yes WORK=$work BUILD=$build unshare -n -m bash "$work/spf_inside" "$@"
    else
        NAMESPACE=no WORK=$work BUILD=$build bash "$work/spf_inside" "$@"
    fi
}

echo ten.test >"$work/spf_one"
heading "check_spf: a record with ten includes, 20 ms latency: two rounds, 40 ms is the least"
spf_measure 15 check_spf "$work/spf_ten.dns" 20 "$work/spf_one"
heading "check_spf: 1,000 domains in one run, no latency"
spf_measure 3 check_spf "$work/spf_thousand.dns" 0 "$work/spf_domains"
