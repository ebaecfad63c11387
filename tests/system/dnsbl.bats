#!/usr/bin/env bats
# check_dnsbl against the real thing: a list served by rbldnsd, asked through a resolver that is unbound. All on
# loopback, each server with a configuration below the test's own folder.

load ../cli/helper
load ../cli/assert

setup() {
    PATH=$PATH:/usr/sbin:/sbin
    use_unpacked rbldnsd unbound
    require_tool rbldnsd unbound
    dnsbl=$(plugin check_dnsbl)
    cd "$BATS_TEST_TMPDIR" || return 1
    servers=()
    cat >catalogue.conf <<'EOF'
[bl.test]
operator = Real list
targets = ip4 ip6
severity = critical
code = 127.0.0.2 critical: spam source
url = https://bl.example/{target}
[names.test]
operator = Real domain list
targets = domain
severity = warning
[refused.test]
operator = Refused list
severity = warning
[dead.test]
operator = Dead list
severity = warning
EOF
}

# use_unpacked NAME...: servers that are not installed may be where tools/setup-servers unpacked them.
use_unpacked() {
    local name folder
    for name; do
        folder=${SERVERS_DIR-$SRCDIR/build/servers}/$name
        if ! command -v "$name" >/dev/null 2>&1 && [ -f "$folder.packages" ]; then
            PATH=$PATH:$folder/usr/sbin
            LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$(find "$folder/usr/lib" -name '*.so*' -printf '%h\n' |
                sort -u | paste -s -d :)
            export LD_LIBRARY_PATH
        fi
    done
}

teardown() {
    [ ${#servers[@]} -eq 0 ] || kill "${servers[@]}" 2>/dev/null || :
}

# free_port: prints a UDP port that nobody has.
free_port() {
    local port
    for port in $(shuf -i 20000-29999 -n 50); do
        if ! grep -qi ":$(printf %04X "$port") " /proc/net/udp; then
            echo "$port"
            return
        fi
    done
}

start_rbldnsd() {
    list_port=$(free_port)
    printf ':127.0.0.2:Listed, see https://bl.example/$\n192.0.2.66\n127.0.0.2\n' >ip4.zone
    printf ':2:Listed\n2001:db8:66::/64\n::ffff:7f00:2\n' >ip6.zone
    printf ':127.0.0.2:Bad domain\nbad.example\n.test\ntest\n' >names.zone
    chmod 755 .
    # It refuses to serve as root, and reads its zones below its own root folder.
    local user
    user=$(id -un)
    [ "$(id -u)" -ne 0 ] || user=nobody
    rbldnsd -n -u "$user" -r "$PWD" -w . -b "127.0.0.1/$list_port" -q \
        bl.test:ip4set:ip4.zone bl.test:ip6trie:ip6.zone names.test:dnset:names.zone \
        >rbldnsd.log 2>&1 </dev/null 3>&- &
    servers+=($!)
}

start_unbound() {
    resolver_port=$(free_port)
    cat >unbound.conf <<EOF
server:
    interface: 127.0.0.1@$resolver_port
    do-daemonize: no
    use-syslog: no
    logfile: ""
    chroot: ""
    username: ""
    directory: "$PWD"
    pidfile: "$PWD/unbound.pid"
    do-not-query-localhost: no
    module-config: "iterator"
    local-zone: "test." nodefault
    local-zone: "refused.test." refuse
    local-zone: "dead.test." static
    access-control: 127.0.0.0/8 allow
remote-control:
    control-enable: no
stub-zone:
    name: bl.test
    stub-addr: 127.0.0.1@$list_port
stub-zone:
    name: names.test
    stub-addr: 127.0.0.1@$list_port
EOF
    unbound -c unbound.conf -p >unbound.log 2>&1 </dev/null 3>&- &
    servers+=($!)
}

answers() {
    "$dnsbl" --base-catalogue catalogue.conf --resolver "127.0.0.1:$resolver_port" -H 127.0.0.2 --only bl.test \
        --profile full -t 1 | grep -q 'listed=1;'
}

run_dnsbl() {
    status=0
    output=$("$dnsbl" --base-catalogue catalogue.conf --profile full --resolver "127.0.0.1:$resolver_port" "$@" \
        2>errors) || status=$?
    same "" "$(cat errors)"
}

@test "rbldnsd through unbound: listed and not, both families, domains, refused, dead, and a resolver that dies" {
    start_rbldnsd
    start_unbound
    poll_until 20 answers || {
        cat rbldnsd.log unbound.log >&2
        return 1
    }
    run_dnsbl -H 192.0.2.66 --only bl.test -v
    same 2 "$status"
    contains "$output" "CRITICAL - 192.0.2.66: listed by Real list: spam source"
    contains "$output" "Listed, see https://bl.example/192.0.2.66"
    run_dnsbl -H 192.0.2.67 --only bl.test
    same 0 "$status"
    run_dnsbl -H 2001:db8:66::25 --only bl.test
    same 2 "$status"
    run_dnsbl -H 2001:db8:67::25 --only bl.test
    same 0 "$status"
    run_dnsbl -d bad.example -d good.example --only names.test
    same 1 "$status"
    contains "$output" "bad.example: listed by Real domain list"
    run_dnsbl -H 192.0.2.67 --min-answered 10
    same 1 "$status"
    contains "$output" "dead.test: Dead list is gone"
    run_dnsbl -H 192.0.2.67 --exclude dead.test --min-answered 10 -v
    same 0 "$status"
    contains "$output" "dnsbl.blocked refused.test: Refused list refuses to answer: the server answers REFUSED"
    kill "${servers[@]}"
    wait "${servers[@]}" 2>/dev/null || :
    servers=()
    run_dnsbl -H 192.0.2.66 --only bl.test -t 1
    same 3 "$status"
    contains "$output" "cannot be reached; nothing is known"
}
