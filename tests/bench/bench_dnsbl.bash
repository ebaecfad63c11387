# shellcheck shell=bash disable=SC2154
# check_dnsbl; a part of tests/bench/run.

dnsbl=$build/check_dnsbl
{
    echo 'soa test'
    for ((i = 0; i < 100; i++)); do
        echo "dnsbl bl$i.test"
    done
} >"$work/dnsbl.dns"
for ((i = 0; i < 100; i++)); do
    printf '[bl%d.test]\noperator = List %d\n' "$i" "$i"
done >"$work/hundred.conf"
head -n 20 "$work/hundred.conf" >"$work/ten.conf"
{
    cat "$work/dnsbl.dns"
    for ((i = 0; i < 5; i++)); do
        printf '[silent] bl%d.test ANY\n[silent] *.bl%d.test ANY\n[silent] 2.0.0.127.bl%d.test ANY\n' $i $i $i
    done
} >"$work/silent.dns"

heading "check_dnsbl: one address, 100 lists, 20 ms latency, self-tests on"
serve dnsbl 20
hundred=("$dnsbl" --base-catalogue "$work/hundred.conf" --profile full --resolver "127.0.0.1:$port")
peers=()
if [ -x /usr/lib/nagios/plugins/check_rbl ]; then
    # check_rbl takes no port for its name server: it gets one of its own through Net::DNS' environment.
    mapfile -t zones < <(for ((i = 0; i < 100; i++)); do printf -- '-s\nbl%d.test\n' "$i"; done)
    peers+=(--vs "check_rbl (no self-tests)" env "RES_NAMESERVERS=127.0.0.1" "RES_OPTIONS=port:$port"
        /usr/lib/nagios/plugins/check_rbl --workers 100 -H 192.0.2.1 "${zones[@]}")
else
    echo "    (check_rbl is not installed: no figure beside it)"
fi
if has dig; then
    for ((i = 0; i < 100; i++)); do
        echo "1.2.0.192.bl$i.test A"
    done >"$work/dig.txt"
    peers+=(--vs "dig -f (one after another)" dig @127.0.0.1 -p "$port" -f "$work/dig.txt" +noall)
fi
"$work/measure" 7 "check_dnsbl" -- "${hundred[@]}" -H 192.0.2.1 "${peers[@]}"

heading "check_dnsbl: 256 addresses, 100 lists, 20 ms latency: 25,600 questions and the self-tests"
peers=()
if has dnsperf; then
    for ((t = 0; t < 256; t++)); do
        for ((i = 0; i < 100; i++)); do
            echo "$t.2.0.192.bl$i.test A"
        done
    done >"$work/dnsperf.txt"
    peers+=(--vs "dnsperf (25,600 questions)" dnsperf -s 127.0.0.1 -p "$port" -d "$work/dnsperf.txt" -n 1 -q 2000 -b 4096)
fi
"$work/measure" 7 "check_dnsbl" -- "${hundred[@]}" -H 192.0.2.0/24 "${peers[@]}"
"${hundred[@]}" -H 192.0.2.0/24 | sed 's/^[^|]*| */    figures of one run: /'

heading "check_dnsbl: a /16, 10 lists: 655,360 questions, 20 ms latency"
"$work/measure" 1 "check_dnsbl" -- "$dnsbl" -t 60 --base-catalogue "$work/ten.conf" --profile full \
    --resolver "127.0.0.1:$port" -H 44.128.0.0/16

heading "check_dnsbl: 5 of 100 lists never answer, -t 3"
serve silent 20
silent=("$dnsbl" --base-catalogue "$work/hundred.conf" --profile full --resolver "127.0.0.1:$port" -t 3)
"$work/measure" 3 "check_dnsbl -t 3" -- "${silent[@]}" -H 192.0.2.1
"${silent[@]}" -H 192.0.2.1 -v | grep -c dnsbl.timeout | sed 's/^/    lists named as silent: /'

heading "Start to exit"
"$work/measure" 15 "check_dnsbl --version" -- "$dnsbl" --version --vs "true" true
