#!/usr/bin/env bats
# NRPE itself, as its package has it (dont_blame_nrpe=0), with the commands of share/examples: check_nrpe gives back the state, the output
# and every figure of the plugins that the server ran.

load ../cli/helper
load ../cli/assert
load network
load engines

setup_file() {
    [ -z "$(engine_obstacle nrpe nrpe)" ] || return 0
    network_open
    engine_lab_start
    nrpe_start
}

teardown_file() {
    network_close
}

setup() {
    engine_require nrpe nrpe
}

# The examples with the # removed, for a domain of the lab; and one command of ours whose output is long.
nrpe_start() {
    local folder
    folder=$(server_folder nrpe)
    cp "$SRCDIR/tools/lab/maillog" "$folder/mail.log"
    engine_start nrpe nrpe :5666 <<'END'
ensure_user nagios 7001
ensure_user adm 4
mkdir -p /run/nagios /var/lib/nagios /etc/opendkim /var/log
chown nagios /run/nagios /var/lib/nagios
install -m 640 -g adm /srv/test/mail.log /var/log/mail.log
# As the comment of the example says, without usermod: this system may have none.
sed -i -e 's/^adm:.*:$/&nagios/' -e 's/^adm:.*[a-z]$/&,nagios/' /etc/group
examples=/usr/share/postmaster-plugins/examples
sed 's/example\.org/example.lab.test/g' $examples/monitoring-plugins.ini >/etc/monitoring-plugins.ini
echo 'a2026._domainkey.example.lab.test example.lab.test:a2026:/etc/opendkim/none' >/etc/opendkim/KeyTable
sed -n -e 's/example\.org/shop.lab.test/g' -e 's,=[^ ]*/\(check_[a-z_]*\),=/usr/lib/nagios/plugins/\1,' -e 's/^#command/command/p' \
    $examples/nrpe/postmaster-plugins.cfg >/etc/nagios/nrpe.d/postmaster-plugins.cfg
echo 'command[long]=/usr/lib/nagios/plugins/check_spf -d shop.lab.test -v' >>/etc/nagios/nrpe.d/postmaster-plugins.cfg
nrpe -c /etc/nagios/nrpe.cfg -f
END
}

# Times differ from run to run.
without_time() {
    sed -E 's/(^| )(time[a-z_]*)=[0-9.]+s/\1\2=s/g' <<<"$1"
}

# remote STATE COMMAND: what NRPE gives back; sets output.
remote() {
    local code=0
    output=$(in_server nrpe /usr/lib/nagios/plugins/check_nrpe -H 127.0.0.1 "${@:2}" 2>&1) || code=$?
    same "$2 $1" "$2 $code" || { echo "$output" >&2 && false; }
}

# by_hand STATE COMMAND PLUGIN OPTION...: what check_nrpe gives back is what the plugin prints and its exit status.
by_hand() {
    local code=0 printed
    remote "$1" -c "$2"
    printed=$(in_server nrpe "/usr/lib/nagios/plugins/$3" "${@:4}") || code=$?
    same "$1" "$code"
    same "$(without_time "$printed")" "$(without_time "$output")"
}

@test "fixed lines: state, output and every figure" {
    by_hand 2 postmaster_spf check_spf -d shop.lab.test --mx
    by_hand 2 postmaster_submission check_starttls -H mail.shop.lab.test -p 587
    by_hand 3 postmaster_dnsbl check_dnsbl --mx shop.lab.test
}

@test "a log that the user of NRPE reads by its group: the first run learns where it is, the next counts what is new" {
    local by_itself=(check_bounces --log /var/log/mail.log --state-file /tmp/by-hand.state -w 5 -c 10 --limit "blocked=1,9")
    by_hand 0 postmaster_bounces_section "${by_itself[@]}"
    sed "s/^[^ ]*/$(date -u +%Y-%m-%dT%H:%M:%S+00:00)/" "$SRCDIR/tools/lab/maillog" >"$NETWORK/nrpe/new.log"
    in_server nrpe sh -c 'cat /srv/test/new.log >>/var/log/mail.log'
    by_hand 2 postmaster_bounces_section "${by_itself[@]}"
    contains "$output" ' bounced=11 '
}

@test "sections of an ini file: state, output and every figure" {
    by_hand 3 postmaster_dkim_section check_dkim --extra-opts=dkim@/etc/monitoring-plugins.ini
}

@test "many lines arrive whole" {
    by_hand 2 long check_spf -d shop.lab.test -v
    [ "$(wc -l <<<"$output")" -gt 10 ]
}

@test "NRPE takes no argument, and none is needed" {
    remote 3 -c postmaster_spf -a example.lab.test
    lacks "$output" SPF
}
