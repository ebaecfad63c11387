#!/usr/bin/env bats
# Icinga Director itself takes the basket that is installed, keeps of it what it says, and deploys from its templates services that
# Icinga 2 runs in the lab.
#
# Not one of the tests of the build, because of PostgreSQL and 40 packages: tests/system/icinga-director runs it.

load ../cli/helper
load ../cli/assert
load network
load engines

setup_file() {
    [ -z "$(obstacle)" ] || return 0
    network_open
    engine_lab_start 'director names=director.example.org issuer=root chain=- use=none'
    director_start
}

teardown_file() {
    network_close
}

setup() {
    local reason
    reason=$(obstacle | head -n 1)
    [ -z "$reason" ] || skip "$reason"
    BASKET=$NETWORK/installed/usr/share/postmaster-plugins/director/postmaster-plugins.json
}

obstacle() {
    engine_obstacle icinga-director icingacli icinga2
    command -v curl >/dev/null 2>&1 || echo "curl is not installed"
}

# PHP takes extensions by its maintainer scripts, which have not run.
director_start() {
    local folder
    folder=$(server_folder director)
    install -m 644 "$NETWORK/certificates/director.pem" "$folder/director.example.org.crt"
    install -m 644 "$NETWORK/certificates/director.key" "$folder/director.example.org.key"
    install -m 644 "$NETWORK/certificates/authority.pem" "$folder/ca.crt"
    cp "$SRCDIR/tools/lab/catalogue.conf" "$folder/"
    cat >"$folder/api.conf" <<'END'
object ApiListener "api" { bind_host = "127.0.0.1" }
object ApiUser "director" {
	password = "director"
	permissions = [ "*" ]
}
END
    cat >"$folder/resources.ini" <<'END'
[director]
type = "db"
db = "pgsql"
host = "127.0.0.1"
dbname = "director"
username = "director"
password = "director"
charset = "utf8"
END
    LISTEN_SECONDS=120 engine_start director icinga-director 127.0.0.1:5665 <<'END'
hostname director.example.org
echo '127.0.0.1 director.example.org' >>/etc/hosts
ensure_user postgres 7001
ensure_user nagios 7003
as() { user=$1; shift; setpriv --reuid "$user" --regid "$user" --clear-groups "$@"; }

mkdir -p /var/lib/base /run/postgresql
chown postgres /var/lib/base /run/postgresql
binaries=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
as postgres "$binaries/initdb" -D /var/lib/base -A trust -E UTF8 --no-sync >/dev/null
as postgres "$binaries/postgres" -D /var/lib/base -c fsync=off -c listen_addresses=127.0.0.1 &
tries=0
until as postgres "$binaries/psql" -q -c 'create role director login' -c 'create database director owner director' >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ]
    sleep 0.1
done
as postgres "$binaries/psql" -q -c 'create extension pgcrypto' director

mkdir -p /etc/php.d /etc/icingaweb2/enabledModules /etc/icingaweb2/modules/director
rm -rf /etc/php/8.2/cli/conf.d
for extension in ctype dom gettext iconv intl xml curl pdo pgsql pdo_pgsql posix simplexml soap sockets xmlreader xmlwriter; do
    echo "extension=$extension" >>/etc/php.d/all.ini
done
for module in director incubator reactbundle; do
    ln -sfn "/usr/share/icingaweb2/modules/$module" "/etc/icingaweb2/enabledModules/$module"
done
cp /srv/test/resources.ini /etc/icingaweb2/
printf '[db]\nresource = "director"\n' >/etc/icingaweb2/modules/director/config.ini
printf '[config]\nendpoint = "director.example.org"\nhost = "127.0.0.1"\nport = 5665\nusername = "director"\npassword = "director"\n' \
    >/etc/icingaweb2/modules/director/kickstart.ini

mkdir -p /var/lib/icinga2/certs /run/icinga2 /var/cache/icinga2 /var/log/icinga2 /var/spool/icinga2
cp /srv/test/*.crt /srv/test/*.key /var/lib/icinga2/certs/
cd /etc/icinga2
echo 'const NodeName = "director.example.org"' >>constants.conf
cp /srv/test/api.conf features-enabled/
ln -sf ../features-available/checker.conf features-enabled/
rm -f conf.d/*
cat >zones.conf <<'CONF'
object Endpoint NodeName { host = "127.0.0.1" }
object Zone "master" { endpoints = [ NodeName ] }
object Zone "director-global" { global = true }
CONF
chown -R nagios /var/lib/icinga2 /run/icinga2 /var/cache/icinga2 /var/log/icinga2 /var/spool/icinga2
icinga2 daemon
END
}

# director ARGUMENT...: icingacli director.
director() {
    in_server director env PHP_INI_SCAN_DIR=/etc/php.d php8.2 /usr/bin/icingacli director "$@"
}


# What is in Director of the commands and templates of the basket.
basket_dump() {
    director basket dump --name all
}

# How often Director has noted that something was changed.
changes() {
    in_server director env --chdir=/tmp psql -At -h 127.0.0.1 -U director -c 'select count(*) from director_activity_log' director
}

# plain BASKET: in one form. Director gives fields numbers of its own, keeps numbers as words, sorts, and leaves out what is empty.
plain() {
    jq -S '.Datafield as $fields |
        {Command, ServiceTemplate, Datafield: ([.Datafield[]] | sort_by(.varname) | map(del(.originalId)))} |
        (.Command[], .ServiceTemplate[]).fields |= (map(.varname = $fields[.datafield_id | tostring].varname | del(.datafield_id)) |
            sort_by(.varname)) |
        walk(if type == "number" then tostring
            elif type == "object" then with_entries(select(.value | IN(null, false, [], {}) | not))
            else . end)' "$1"
}

@test "the basket comes in, and is there as it was given" {
    cd "$BATS_TEST_TMPDIR" || return 1
    director migration run
    director kickstart run
    director basket restore <"$BASKET"
    director basket restore <<<'{"Basket": {"all": {"basket_name": "all", "owner_type": "user", "owner_value": "test",
        "objects": {"Command": true, "ServiceTemplate": true}}}}'
    basket_dump >dump
    plain dump >there
    plain "$BASKET" | diff - there
    [ "$(jq '.Datafield | length' dump)" -gt 400 ]
}

@test "a second restore changes nothing" {
    local before
    cd "$BATS_TEST_TMPDIR" || return 1
    basket_dump >before
    before=$(changes)
    [ "$before" -gt 0 ]
    director basket restore <"$BASKET"
    basket_dump | cmp before -
    same "$before" "$(changes)"
    # What was changed there is as in the basket again.
    director command set postmaster_spf --timeout 1
    basket_dump >changed
    same 1 "$(jq -r .Command.postmaster_spf.timeout changed)"
    director basket restore <"$BASKET"
    basket_dump >after
    plain before >there
    plain after | diff there -
}

# Services, the template of each, their variables, the state that they have in the lab, and what is printed by hand.
rows() {
    cat <<'END'
banner|postmaster_smtp_banner|{}|0|check_smtp_banner -H 127.44.8.25
rdns|postmaster_rdns|{}|0|check_rdns -H 127.44.8.25
tls|postmaster_starttls|{"postmaster_starttls_warning": "30:"}|1|check_starttls -H 127.44.8.25 -w 30:
lists|postmaster_dnsbl|{"postmaster_dnsbl_base_catalogue": "/srv/test/catalogue.conf", "postmaster_dnsbl_hostname": ["192.0.2.99", "192.0.2.10"], "postmaster_dnsbl_exclude": ["abandoned.lab.test", "silent.lab.test"]}|2|check_dnsbl -H 192.0.2.99 -H 192.0.2.10 --exclude abandoned.lab.test --exclude silent.lab.test --base-catalogue /srv/test/catalogue.conf
host|postmaster_dnsbl|{"postmaster_dnsbl_base_catalogue": "/srv/test/catalogue.conf", "postmaster_dnsbl_exclude": ["abandoned.lab.test", "silent.lab.test"]}|0|check_dnsbl -H 127.44.8.25 --exclude abandoned.lab.test --exclude silent.lab.test --base-catalogue /srv/test/catalogue.conf
spf|postmaster_spf|{"postmaster_spf_domain": ["shop.lab.test"], "postmaster_spf_mx": false, "postmaster_spf_lookup_warning": 2}|2|check_spf -d shop.lab.test --lookup-warning 2
dkim|postmaster_dkim|{"postmaster_dkim_domain": ["example.lab.test"], "postmaster_dkim_selector": ["a2026", "b2026"]}|0|check_dkim -d example.lab.test -s a2026 -s b2026
dmarc|postmaster_dmarc|{"postmaster_dmarc_domain": ["shop.lab.test"]}|2|check_dmarc -d shop.lab.test
reports|postmaster_tlsrpt|{"postmaster_tlsrpt_domain": ["example.lab.test"]}|0|check_tlsrpt -d example.lab.test
mx|postmaster_mx|{"postmaster_mx_domain": ["shop.lab.test"]}|2|check_mx -d shop.lab.test
left|postmaster_recipient|{"postmaster_recipient_address": ["left@people.lab.test"]}|2|check_recipient --address left@people.lab.test
of-domain|postmaster_rdns_domain|{"postmaster_rdns_mx": ["shop.lab.test"]}|2|check_rdns --mx shop.lab.test
END
}

api() {
    inside curl -s --max-time 10 -k -u director:director -H 'Accept: application/json' "${@:2}" "https://127.0.0.1:5665/v1/$1"
}

# has_result SERVICE: sets result. There is none before Icinga has read what was deployed.
has_result() {
    result=$(api "objects/services/mail!$1" | jq -c '.results[0]?.attrs.last_check_result')
    [ -n "$result" ] && [ "$result" != null ]
}

@test "Icinga runs what Director deploys, and has state, output and every figure" {
    local name template vars wanted command status printed first result
    cd "$BATS_TEST_TMPDIR" || return 1
    director host create mail --json '{"object_type": "object", "address": "127.44.8.25", "check_command": "dummy"}'
    while IFS='|' read -r name template vars _; do
        director service create "$name" --json "$(jq -nc --arg template "$template" --argjson vars "$vars" \
            '{object_type: "object", host: "mail", imports: [$template], vars: $vars}')" </dev/null
    done < <(rows)
    director config deploy
    while IFS='|' read -r name _ _ wanted command; do
        echo "$name: $command"
        poll_until 90 has_result "$name"
        status=0
        # shellcheck disable=SC2086 # a list of words
        printed=$(in_server director /usr/lib/nagios/plugins/$command -v </dev/null) || status=$?
        first=${printed%%$'\n'*}
        same "$wanted" "$status"
        same "$wanted" "$(jq .state <<<"$result")"
        same "${first%% | *}" "$(jq -r '.output | split("\n")[0] | rtrimstr(" ")' <<<"$result")"
        same "$(labels "${first#* | }")" "$(labels "$(jq -r '.performance_data | join(" ")' <<<"$result")")"
    done < <(rows)
}

# labels PERFDATA: without the time that it took.
labels() {
    sed -E 's/( |^)(time[a-z_]*)=[0-9.]+s/\1\2=s/g' <<<"$1"
}
