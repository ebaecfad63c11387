#!/usr/bin/env bats
# Icinga 2 itself: it takes the CheckCommands, runs plugins in the lab and gives back their state, output and figures.

load ../cli/helper
load ../cli/assert
load network
load engines

setup_file() {
    [ -z "$(engine_obstacle icinga2 icinga2)" ] || return 0
    network_open
    engine_lab_start 'master names=master issuer=root chain=- use=none'
    icinga_start master
}

teardown_file() {
    network_close
}

setup() {
    engine_require icinga2 icinga2
}

# icinga_start NAME: as the package has it, with the one line of ours, the API and the objects of a site.
icinga_start() {
    local folder
    folder=$(server_folder "$1")
    install -m 644 "$NETWORK/certificates/$1.pem" "$folder/$1.crt"
    install -m 644 "$NETWORK/certificates/$1.key" "$folder/$1.key"
    install -m 644 "$NETWORK/certificates/authority.pem" "$folder/ca.crt"
    cat >"$folder/site.conf" <<'END'
object ApiListener "api" { }
object ApiUser "test" { password = "test", permissions = [ "*" ] }
include "/usr/share/postmaster-plugins/icinga2/*.conf"

object Host "mail" {
	check_command = "dummy"
	address = "127.44.8.25"
	vars.mail_domains = [ "example.lab.test", "shop.lab.test" ]
}
apply Service "spf-" for (domain in host.vars.mail_domains) {
	check_command = "postmaster_spf"
	check_interval = 1h
	vars.postmaster_spf_domain = domain
}
apply Service "dmarc-" for (domain in host.vars.mail_domains) {
	check_command = "postmaster_dmarc"
	check_interval = 1h
	vars.postmaster_dmarc_domain = domain
}
END
    engine_start "$1" icinga2 :5665 <<'END'
ensure_user nagios 7001
mkdir -p /var/lib/icinga2/certs /run/icinga2 /var/cache/icinga2 /var/log/icinga2 /var/spool/icinga2
cp /srv/test/*.crt /srv/test/*.key /var/lib/icinga2/certs/
chown -R nagios /var/lib/icinga2 /run/icinga2 /var/cache/icinga2 /var/log/icinga2 /var/spool/icinga2
sed -i 's/^\/\/const NodeName.*/const NodeName = "master"/' /etc/icinga2/constants.conf
rm /etc/icinga2/conf.d/*
cp /srv/test/site.conf /etc/icinga2/conf.d/
ln -sf ../features-available/checker.conf /etc/icinga2/features-enabled/
icinga2 daemon
END
}

# icinga_api PATH [OPTION OF CURL]...: prints what the REST API of the engine says.
icinga_api() {
    inside curl -s --max-time 10 -k -u test:test -H 'Accept: application/json' "${@:2}" "https://127.0.0.1:5665/v1/$1"
}

# icinga_check SERVICE: has it checked now; sets state, output, perfdata (a line a figure) to what Icinga has of it then.
icinga_check() {
    local result
    icinga_api "actions/reschedule-check?service=$1&force=true" -X POST | jq -e '.results | length == 1' >/dev/null
    poll_until "$ENGINE_SECONDS" _icinga_has_result "$1"
    result=$(icinga_api "objects/services/$1" | jq '.results[0].attrs.last_check_result')
    state=$(jq .state <<<"$result")
    output=$(jq -r .output <<<"$result")
    perfdata=$(jq -r '.performance_data[]' <<<"$result")
}

_icinga_has_result() {
    icinga_api "objects/services/$1?attrs=last_check_result" |
        jq -e '.results[0].attrs.last_check_result != null' >/dev/null 2>&1
}

# same_as PLUGIN OPTION...: what Icinga has is what the plugin prints when it is run by hand there, but for the time it took.
same_as() {
    local status=0 printed
    printed=$(in_server master "/usr/lib/nagios/plugins/$1" "${@:2}") || status=$?
    same "$status" "$state"
    # Icinga leaves the blank before the bar.
    same "${printed%% | *}" "${output% }"
    same "$(without_time "${printed##* | }")" "$(without_time "$(paste -s -d ' ' <<<"$perfdata")")"
}

without_time() {
    sed -E 's/( |^)time=[0-9.]+s/\1time=s/' <<<"$1"
}

@test "plugins run, and Icinga has their state, output and every figure" {
    icinga_check 'mail!spf-shop.lab.test'
    same 2 "$state"
    same_as check_spf -d shop.lab.test
    icinga_check 'mail!dmarc-example.lab.test'
    same 0 "$state"
    same_as check_dmarc -d example.lab.test
}
