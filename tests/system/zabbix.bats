#!/usr/bin/env bats
# The agent of Zabbix itself, set up as README.md tells: it takes the UserParameters that are installed, runs plugins by them in the lab and answers whom Zabbix
# is with their JSON: the state and every figure that the templates look for.

# shellcheck disable=SC2016 # what the agent must refuse has them

load ../cli/helper
load ../cli/assert
load network
load engines

setup_file() {
    [ -z "$(engine_obstacle zabbix-agent2 zabbix_agent2)" ] || return 0
    network_open
    engine_lab_start
    agent_start
}

teardown_file() {
    network_close
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    engine_require zabbix-agent2 zabbix_agent2
}

agent_start() {
    local folder
    folder=$(server_folder agent)
    printf '[check_dnsbl]\nbase-catalogue = /srv/test/catalogue.conf\nexclude = abandoned.lab.test\n' >"$folder/monitoring-plugins.ini"
    printf '[strict]\nseverity = spf.none=ignore\n' >>"$folder/monitoring-plugins.ini"
    cp "$SRCDIR/tools/lab/catalogue.conf" "$folder/"
    # Without the line that installs it and the one that starts a service; then the trial.
    sed -n '/^<!-- zabbix -->/,/^<!-- end -->/p' "$SRCDIR/README.md" >"$folder/readme"
    grep '^cp ' "$folder/readme" >"$folder/lines"
    # The folder that the UserParameters name, wherever the build was configured to install its plugins.
    engine_start agent zabbix-agent2 127.0.0.1:10050 <<'END'
ensure_user zabbix 7002
mkdir -p /run/zabbix
chown zabbix /run/zabbix
cp /srv/test/monitoring-plugins.ini /etc/
printf '%s\n' LogType=console ListenIP=127.0.0.1 >>/etc/zabbix/zabbix_agent2.conf
sh -eux /srv/test/lines
folder=$(sed -n 's/.*,\(.*\)\/check_spf .*/\1/p' /usr/share/postmaster-plugins/zabbix/postmaster-plugins.conf)
if [ ! -e "$folder" ]; then
    mkdir -p "${folder%/*}"
    ln -s /usr/lib/nagios/plugins "$folder"
fi
setpriv --reuid zabbix --regid zabbix --clear-groups zabbix_agent2
END
}

# ask KEY: prints the agent's answer to a server: `ZBXD`, 1, the length in eight octets, the text.
ask() {
    local length
    printf -v length '\\x%02x' ${#1}
    # shellcheck disable=SC2016
    inside timeout 30 bash -c '
        exec 5<>/dev/tcp/127.0.0.1/10050
        printf "ZBXD\1$1\0\0\0\0\0\0\0%s" "$2" >&5
        tail -c +14 <&5' ask "$length" "$1"
}

# by_hand PLUGIN OPTION...: what the plugin prints there.
by_hand() {
    in_server agent "/usr/lib/nagios/plugins/$1" --output-format=json "${@:2}" || :
}

# What differs from run to run.
TIMES='del(.time, .perfdata.time, .perfdata.questions, .lists[]?.ms)'

@test "README.md shows what the agent says" {
    local trial
    trial=$(grep '^zabbix_agent2 -t' "$NETWORK/agent/readme")
    same 1 "$(wc -l <"$NETWORK/agent/lines")"
    in_server agent sh -c "cd / && $trial" >shown
    grep -qxF -f shown "$NETWORK/agent/readme" || { cat shown && false; }
}

@test "three plugins run by their keys, and the agent has their JSON: state, every figure, all they tell" {
    local answer
    answer=$(ask 'postmaster.spf[shop.lab.test,2.5,]')
    same 2 "$(jq .state <<<"$answer")"
    same "$(by_hand check_spf -d shop.lab.test | jq -c "$TIMES")" "$(jq -c "$TIMES" <<<"$answer")"
    answer=$(ask 'postmaster.dmarc[example.lab.test,2.5,]')
    same 0 "$(jq .state <<<"$answer")"
    same "$(by_hand check_dmarc -d example.lab.test | jq -c "$TIMES")" "$(jq -c "$TIMES" <<<"$answer")"
    answer=$(ask 'postmaster.dnsbl[192.0.2.99,1,]')
    same 2 "$(jq .state <<<"$answer")"
    same "$(by_hand check_dnsbl -H 192.0.2.99 -t 1 --extra-opts | jq -c "$TIMES")" "$(jq -c "$TIMES" <<<"$answer")"
}

@test "a section gives further options; what is wrong with a key is JSON, too" {
    same 2 "$(ask 'postmaster.spf[press.lab.test,2.5]' | jq .state)"
    same 0 "$(ask 'postmaster.spf[press.lab.test,2.5,strict]' | jq .state)"
    same '3 /etc/monitoring-plugins.ini: there is no section [lenient]' \
        "$(ask 'postmaster.spf[press.lab.test,2.5,lenient]' | jq -r '"\(.state) \(.summary)"')"
    same '3 option --domain: expected a domain name (the name is empty), got ""' "$(ask 'postmaster.spf' | jq -r '"\(.state) \(.summary)"')"
}

@test "what a shell would run is refused by the agent" {
    # The length of the text stands before the reason.
    contains "$(ask 'postmaster.spf[$(id),2.5]' | tr -d '\0')" 'not allowed'
    contains "$(ask 'postmaster.spf[x"; id; ",2.5]' | tr -d '\0')" 'not allowed'
}
