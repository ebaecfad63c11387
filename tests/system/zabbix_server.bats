#!/usr/bin/env bats
# Zabbix itself: its frontend takes the templates that are installed, its server runs the plugins by them in the lab, by external
# check and by its agent, and has their states, figures and problems, and what it discovered in their JSON.
#
# Not one of the tests of the build, because of PostgreSQL and 40 packages: tests/system/zabbix-server runs it.

# shellcheck disable=SC2016 # macros of Zabbix have dollar signs

load ../cli/helper
load ../cli/assert
load network
load engines

setup_file() {
    [ -z "$(obstacle)" ] || return 0
    network_open
    engine_lab_start
    agent_start
    zabbix_start
    zabbix_login
    export ZABBIX_TOKEN
    zabbix_import
    host_create mail external 'external check'
    host_create agent agent 'Zabbix agent'
}

teardown_file() {
    network_close
}

setup() {
    local reason
    reason=$(obstacle | head -n 1)
    [ -z "$reason" ] || skip "$reason"
}

obstacle() {
    engine_obstacle zabbix-server zabbix_server
    engine_obstacle zabbix-agent2 zabbix_agent2
}

# What a new result may take: the server reads its configuration, runs the check, reads the discovered items.
ZABBIX_SECONDS=120

# ini: what the plugins must know of the lab; of both machines the same.
ini() {
    cat <<'END'
[check_dnsbl]
base-catalogue = /srv/test/catalogue.conf
exclude = abandoned.lab.test
exclude = silent.lab.test
[check_mx]
internal
[check_open_relay]
state-file = none
interval = 0
base-probes = /usr/share/postmaster-plugins/relay-probes.conf
[check_bounces]
base-rules = /usr/share/postmaster-plugins/bounce-rules.conf
END
}

# bounce CLASS: a line of a mail log, of now, about a recipient whose mail came back.
bounce() {
    local reply
    case $1 in
    blocked) reply='554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org' ;;
    *) reply='550 5.1.1 <a@one.test>: User unknown' ;;
    esac
    printf '%s mail postfix/smtp[901]: 4F0023C1: to=<a@one.test>, relay=mx.one.test[192.0.2.25]:25, delay=1, dsn=%s, status=bounced (host mx.one.test[192.0.2.25] said: %s (in reply to RCPT TO command))\n' \
        "$(date -u '+%Y-%m-%dT%H:%M:%S.000000+00:00')" "$(cut -d ' ' -f 2 <<<"$reply")" "$reply"
}

# The folder that the UserParameters name, wherever the build was configured to install its plugins.
PLUGIN_FOLDER='
folder=$(sed -n "s/.*,\(.*\)\/check_spf .*/\1/p" /usr/share/postmaster-plugins/zabbix/postmaster-plugins.conf)
if [ ! -e "$folder" ]; then
    mkdir -p "${folder%/*}"
    ln -s /usr/lib/nagios/plugins "$folder"
fi'

agent_start() {
    local folder
    folder=$(server_folder agent)
    ini >"$folder/monitoring-plugins.ini"
    cp "$SRCDIR/tools/lab/catalogue.conf" "$folder/"
    echo office@people.lab.test >"$folder/addresses"
    bounce blocked >"$folder/maillog"
    cat >"$folder/agent.conf" <<'END'
LogType=console
Hostname=agent
ListenIP=127.44.8.25
Server=127.0.0.1
ControlSocket=/run/zabbix/agent.sock
Include=/usr/share/postmaster-plugins/zabbix/postmaster-plugins.conf
END
    engine_start agent zabbix-agent2 127.44.8.25:10050 <<END
ensure_user zabbix 7002
mkdir -p /run/zabbix
chown zabbix /run/zabbix
cp /srv/test/monitoring-plugins.ini /etc/
$PLUGIN_FOLDER
setpriv --reuid zabbix --regid zabbix --clear-groups zabbix_agent2 -c /srv/test/agent.conf
END
}

# PHP takes extensions by its maintainer scripts, which have not run.
zabbix_start() {
    local folder
    folder=$(server_folder zabbix)
    ini >"$folder/monitoring-plugins.ini"
    cp "$SRCDIR/tools/lab/catalogue.conf" "$folder/"
    echo office@people.lab.test >"$folder/addresses"
    cat >"$folder/server.conf" <<'END'
LogType=console
ListenIP=127.0.0.1
DBHost=127.0.0.1
DBName=zabbix
DBUser=zabbix
ExternalScripts=/usr/lib/zabbix/externalscripts
CacheUpdateFrequency=1
Timeout=4
StartPollers=4
StartPollersUnreachable=1
StartTrappers=1
StartPingers=0
StartDiscoverers=0
StartHTTPPollers=0
SocketDir=/run/zabbix
PidFile=/run/zabbix/server.pid
END
    cat >"$folder/zabbix.conf.php" <<'END'
<?php
$DB['TYPE'] = 'POSTGRESQL';
$DB['SERVER'] = '127.0.0.1';
$DB['PORT'] = '0';
$DB['DATABASE'] = 'zabbix';
$DB['USER'] = 'zabbix';
$DB['PASSWORD'] = '';
$DB['SCHEMA'] = '';
$DB['ENCRYPTION'] = false;
$DB['VAULT_URL'] = '';
$DB['DOUBLE_IEEE754'] = true;
$ZBX_SERVER = '127.0.0.1';
$ZBX_SERVER_PORT = '10051';
$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
END
    LISTEN_SECONDS=180 engine_start zabbix zabbix-server 127.0.0.1:10051 127.0.0.1:8080 <<'END'
ensure_user postgres 7001
ensure_user zabbix 7002
as() { user=$1; shift; setpriv --reuid "$user" --regid "$user" --clear-groups "$@"; }
cp /srv/test/monitoring-plugins.ini /etc/
mkdir -p /run/zabbix /etc/zabbix /usr/lib/zabbix/externalscripts /var/lib/base /run/postgresql /etc/php.d
ln -s /usr/lib/nagios/plugins/check_* /usr/lib/zabbix/externalscripts/
chown zabbix /run/zabbix
chown postgres /var/lib/base /run/postgresql
cp /srv/test/zabbix.conf.php /etc/zabbix/
binaries=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
as postgres "$binaries/initdb" -D /var/lib/base -A trust -E UTF8 --no-sync >/dev/null
as postgres "$binaries/postgres" -D /var/lib/base -c fsync=off -c listen_addresses=127.0.0.1 &
tries=0
until as postgres "$binaries/psql" -q -c 'create role zabbix login' -c 'create database zabbix owner zabbix' >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ]
    sleep 0.1
done
for part in schema images data; do
    zcat "/usr/share/zabbix-server-pgsql/$part.sql.gz" | "$binaries/psql" -q -h 127.0.0.1 -U zabbix zabbix >/dev/null
done
for extension in ctype dom gettext xml bcmath gd mbstring pgsql simplexml sockets xmlreader xmlwriter; do
    echo "extension=$extension" >>/etc/php.d/all.ini
done
PHP_INI_SCAN_DIR=/etc/php.d as zabbix php8.2 -d memory_limit=512M -d post_max_size=16M -d max_execution_time=300 \
    -S 127.0.0.1:8080 -t /usr/share/zabbix &
as zabbix zabbix_server -f -c /srv/test/server.conf
END
}

# zabbix METHOD PARAMETERS: prints the result; fails with the error.
zabbix() {
    local answer
    answer=$(jq -n --arg method "$1" --slurpfile params <(printf '%s' "$2") --arg auth "${ZABBIX_TOKEN-}" \
        '{jsonrpc: "2.0", id: 1, method: $method, params: $params[0], auth: (if $auth == "" then null else $auth end)}' |
        inside curl -s --max-time 120 -H 'Content-Type: application/json-rpc' -d @- http://127.0.0.1:8080/api_jsonrpc.php)
    if ! jq -e 'has("result")' >/dev/null 2>&1 <<<"$answer"; then
        echo "$1: $answer" >&2
        return 1
    fi
    jq -c .result <<<"$answer"
}

zabbix_login() {
    ZABBIX_TOKEN=$(zabbix user.login '{"username": "Admin", "password": "zabbix"}' | jq -r .)
}

zabbix_import() {
    local whole rules='{}' kind
    for kind in discoveryRules items templateDashboards templates triggers valueMaps; do
        rules=$(jq -c --arg kind "$kind" '.[$kind] = {createMissing: true, updateExisting: true}' <<<"$rules")
    done
    rules=$(jq -c '.groups = {createMissing: true, updateExisting: true}' <<<"$rules")
    whole=$(jq -n --rawfile source "$NETWORK/installed/usr/share/postmaster-plugins/zabbix/postmaster-plugins.yaml" \
        --argjson rules "$rules" '{format: "yaml", source: $source, rules: $rules}')
    same true "$(zabbix configuration.import "$whole")"
}

# host_create NAME WAY TEMPLATES: the address of the lab's good server, its domain, and the templates that end so.
host_create() {
    local templates group
    group=$(zabbix hostgroup.get '{"filter": {"name": "Linux servers"}}' | jq -r '.[0].groupid')
    templates=$(zabbix template.get '{"output": ["name"], "search": {"name": "Postmaster "}}' |
        jq -c --arg way "by $3" '[.[] | select(.name | endswith($way)) | {templateid}]')
    zabbix host.create "$(jq -n --arg name "$1" --arg group "$group" --argjson templates "$templates" '{
        host: $name, groups: [{groupid: $group}], templates: $templates,
        interfaces: [{type: 1, main: 1, useip: 1, ip: "127.44.8.25", dns: "", port: "10050"}],
        macros: [{macro: "{$POSTMASTER.DOMAIN}", value: "press.lab.test"},
            {macro: "{$POSTMASTER.BOUNCES.LOG}", value: "/srv/test/maillog"},
            {macro: "{$POSTMASTER.DKIM.SELECTOR}", value: "mail"},
            {macro: "{$POSTMASTER.RECIPIENT.ADDRESSES_FILE}", value: "/srv/test/addresses"}]}')" >/dev/null
}


# host_id NAME
host_id() {
    zabbix host.get "{\"filter\": {\"host\": \"$1\"}}" | jq -r '.[0].hostid'
}

# items HOST: its items, those that were discovered among them.
items() {
    zabbix item.get "$(jq -n --arg host "$(host_id "$1")" '{hostids: [$host],
        output: ["itemid", "key_", "type", "lastvalue", "lastclock", "state", "error"]}')"
}

# check_now HOST: has its checks run, until the server has a later state of each.
check_now() {
    local before tasks
    before=$(items "$1" | jq '[.[] | select(.key_ | endswith(".state")) | .lastclock | tonumber] | max')
    tasks=$(items "$1" | jq -c '[.[] | select(.type != "18") | {type: 6, request: {itemid}}]')
    poll_until "$ZABBIX_SECONDS" checked "$1" "$before" "$tasks"
}

# The server does not know an item at once, and is told again then.
checked() {
    zabbix task.create "$3" >/dev/null
    poll_until 8 has_later_states "$1" "$2"
}

has_later_states() {
    items "$1" | jq -e --argjson before "$2" \
        '[.[] | select(.key_ | endswith(".state")) | .lastclock | tonumber] | length > 0 and min > $before' >/dev/null
}

# same_as HOST NAME PLUGIN OPTION...: what Zabbix has of the plugin is what it prints when it is run by hand where Zabbix runs it: state,
# summary and every figure, those that are unset without a value. How long it took may differ.
same_as() {
    local printed machine=zabbix
    [ "$1" = mail ] || machine=agent
    printed=$(in_server "$machine" "/usr/lib/nagios/plugins/$3" --output-format=json --extra-opts= "${@:4}" || :)
    same "$(jq -c '[(.state | tostring), .summary, (.perfdata | to_entries[] | select(.key | startswith("time") | not) |
        "\(.key) \(.value.value)")]' <<<"$printed")" \
        "$(items "$1" | jq -c --arg prefix "postmaster.$2." --argjson printed "$printed" '
            map(select(.key_ | startswith($prefix)) | {key: .key_[$prefix | length:], value: .}) | from_entries as $items |
            [$items.state.lastvalue, $items.summary.lastvalue, ($printed.perfdata | keys_unsorted[] | select(startswith("time") | not) |
                . as $name | $items["perfdata[\($name)]"] |
                "\($name) \(if .lastclock == "0" then null else .lastvalue | tonumber end)")]')"
}

# all_same HOST
all_same() {
    same_as "$1" dkim check_dkim -d press.lab.test -s mail
    same_as "$1" dmarc check_dmarc -d press.lab.test
    same_as "$1" dnsbl check_dnsbl -H 127.44.8.25 -t 2.5
    same_as "$1" mx check_mx -d press.lab.test -t 2.5
    same_as "$1" rdns check_rdns -H 127.44.8.25 -t 2.5
    same_as "$1" recipient check_recipient --addresses-file /srv/test/addresses -t 2.5
    same_as "$1" smtp_banner check_smtp_banner -H 127.44.8.25 -t 2.5
    same_as "$1" open_relay check_open_relay -H 127.44.8.25 -d press.lab.test -t 2.5
    same_as "$1" spf check_spf -d press.lab.test
    same_as "$1" starttls check_starttls -H 127.44.8.25 -t 2.5
    same_as "$1" tlsrpt check_tlsrpt -d press.lab.test
}

# value HOST KEY
value() {
    items "$1" | jq -r --arg key "$2" '.[] | select(.key_ == $key and .lastclock != "0").lastvalue'
}

# has_discovered HOST: every item that was discovered has a value, but for those whose member is null.
has_discovered() {
    items "$1" | jq -e '[.[] | select(.key_ | test("^postmaster\\.[a-z_]+\\.[a-z]+\\[") and (contains("perfdata[") | not))] |
        length > 30 and all(.lastclock != "0" or (.key_ | test("ms\\]$|severity\\]$|record\\]$|bits\\]$|key_type\\]$")))' >/dev/null
}

@test "the templates come in, again without a change" {
    local before
    before=$(zabbix item.get '{"templated": true, "countOutput": true, "search": {"key_": "postmaster."}}')
    [ "$(jq -r . <<<"$before")" -gt 200 ]
    zabbix_import
    same "$before" "$(zabbix item.get '{"templated": true, "countOutput": true, "search": {"key_": "postmaster."}}')"
}

@test "by external check: Zabbix has state, summary and every figure of every plugin" {
    check_now mail
    all_same mail
    same 10240000 "$(value mail 'postmaster.smtp_banner.perfdata[size_limit]')"
    same 'Publish a TXT record, such as "v=spf1 mx -all", or "v=spf1 -all" for a domain without mail' \
        "$(value mail postmaster.spf.repair)"
}

@test "by the agent: the same, and the mail log of its machine" {
    check_now agent
    all_same agent
    same_as agent bounces check_bounces --log /srv/test/maillog
    same 1 "$(value agent 'postmaster.bounces.perfdata[blocked]')"
}

@test "lists, exchangers, addresses, keys and causes are discovered and followed" {
    check_now mail
    poll_until "$ZABBIX_SECONDS" has_discovered mail || items mail
    same works "$(value mail 'postmaster.mx.address[mx1.press.lab.test,127.0.0.25,outcome]')"
    same not-listed "$(value mail 'postmaster.dnsbl.list[127.44.8.25,zen.lab.test,outcome]')"
    same blocked "$(value mail 'postmaster.dnsbl.list[127.44.8.25,members.lab.test,outcome]')"
    same '220 smtp.example.lab.test ESMTP' "$(value mail 'postmaster.smtp_banner.address[127.44.8.25,25,greeting]')"
    same smtp.example.lab.test "$(value mail 'postmaster.rdns.address[127.44.8.25,"names[0].name"]')"
    same TLS_AES_256_GCM_SHA384 "$(value mail 'postmaster.starttls.address[127.44.8.25,25,cipher]')"
    [ "$(value mail 'postmaster.starttls.address[127.44.8.25,25,"certificates[0].not_after"]')" -gt 1700000000 ]
    same deliverable "$(value mail 'postmaster.recipient.recipient[office@people.lab.test,verdict]')"
    same NXDOMAIN "$(value mail 'postmaster.dkim.key[press.lab.test,mail,status]')"
    same refused "$(value mail 'postmaster.open_relay.probe[127.44.8.25:25,false,A1,verdict]')"
    same 0 "$(value mail 'postmaster.spf.domain[press.lab.test,lookups]')"
    poll_until "$ZABBIX_SECONDS" checked_value_is agent 'postmaster.bounces.blocklist[Spamhaus,count]' 1
    # Nothing that is not there any more is left as it was.
    bounce unknown >"$NETWORK/agent/maillog"
    poll_until "$ZABBIX_SECONDS" checked_value_is agent 'postmaster.bounces.blocklist[Spamhaus,count]' 0
}

# What was discovered gets its first value from the next check.
checked_value_is() {
    check_now "$1"
    value_is "$@"
}

value_is() {
    [ "$(value "$1" "$2")" = "$3" ]
}

@test "no item, no rule is without support" {
    local kind
    for kind in item discoveryrule; do
        same '[]' "$(zabbix "$kind.get" "$(jq -n --arg a "$(host_id mail)" --arg b "$(host_id agent)" \
            '{hostids: [$a, $b], output: ["key_", "error"], filter: {state: 1}}')")"
    done
}

@test "a problem has the first line of the plugin as its name; what is not known must be so twice" {
    local line names
    cd "$BATS_TEST_TMPDIR"
    names=$(zabbix problem.get "$(jq -n --arg host "$(host_id mail)" '{hostids: [$host]}')" | jq -r '.[] | "\(.severity) \(.name)"' | sort)
    contains "$names" '4 SPF CRITICAL - press.lab.test: no SPF record (no TXT record) (spf.none)'
    contains "$names" '2 DMARC WARNING - press.lab.test: the policy is reject, and there is neither an SPF record nor a DKIM key'
    lacks "$names" ' MX '
    # README.md shows some of them.
    sed -n '/^<!-- zabbix -->/,/^<!-- end -->/p' "$SRCDIR/README.md" | grep -E '^[A-Z]+ (WARNING|CRITICAL) - ' >shown
    [ "$(wc -l <shown)" -ge 2 ]
    while IFS= read -r line; do
        contains "$names" " $line"
    done <shown
    lacks "$names" TLSRPT
    zabbix usermacro.create "$(jq -n --arg host "$(host_id mail)" '{hostid: $host, macro: "{$POSTMASTER.TLSRPT.SECTION}", value: "gone"}')" \
        >/dev/null
    poll_until "$ZABBIX_SECONDS" tlsrpt_is_unknown
    poll_until "$ZABBIX_SECONDS" tlsrpt_is_a_problem
}

tlsrpt_is_unknown() {
    check_now mail
    value_is mail postmaster.tlsrpt.state 3
}

tlsrpt_is_a_problem() {
    check_now mail
    zabbix problem.get "$(jq -n --arg host "$(host_id mail)" '{hostids: [$host]}')" |
        jq -e 'any(.[]; .name == "TLSRPT UNKNOWN - /etc/monitoring-plugins.ini: there is no section [gone]" and .severity == "2")' >/dev/null
}
