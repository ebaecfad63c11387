#!/usr/bin/env bats
# Icinga 2 itself takes the commands, rules, zones and dashboards that are installed. A master and a probe, as in the example of zones,
# run plugins in the lab and give back their state, output and figures.

load ../cli/helper
load ../cli/assert
load network
load engines

setup_file() {
    [ -z "$(engine_obstacle icinga2 icinga2)" ] && command -v curl >/dev/null 2>&1 || return 0
    network_open
    engine_lab_start 'master names=master.example.org issuer=root chain=- use=none' \
        'probe1 names=probe1.example.org issuer=root chain=- use=none' \
        'alone names=alone.example.org issuer=root chain=- use=none'
    icinga_folder master 127.0.0.1
    icinga_folder probe1 127.0.0.2
    cp "$SRCDIR/tools/lab/catalogue.conf" "$NETWORK/certificates/authority.pem" "$NETWORK/master/"
    # What a site writes: hosts.
    cat >"$NETWORK/master/site.conf" <<'END'
object ApiUser "test" {
	password = "test"
	permissions = [ "*" ]
}
include "/usr/share/postmaster-plugins/icinga2/services/servers.conf"
include "/usr/share/postmaster-plugins/icinga2/services/recipients.conf"
include "/usr/share/postmaster-plugins/icinga2/services/mailcheck.conf"
include "/usr/share/postmaster-plugins/icinga2/services/bounces.conf"

object Host "domains" {
	check_command = "dummy"
	vars.postmaster_domains["example.lab.test"] = {
		postmaster_dkim_selector = [ "a2026", "b2026" ]
		skip = [ "mx" ]
	}
	vars.postmaster_domains["shop.lab.test"] = {
		skip = [ "starttls", "rdns", "dnsbl" ]
	}
	vars.postmaster_domains["press.lab.test"] = {
		skip = [ "mx", "rdns", "dnsbl", "spf", "dkim", "dmarc", "tlsrpt" ]
	}
	vars.postmaster_starttls_ca_file = "/srv/test/authority.pem"
	vars.postmaster_recipients = [ "office@people.lab.test", "left@people.lab.test" ]
}
object Host "smtp" {
	check_command = "dummy"
	address = "127.44.8.25"
	vars.postmaster_server = true
	vars.postmaster_skip = [ "rdns" ]
	vars.postmaster_dnsbl_base_catalogue = "/srv/test/catalogue.conf"
	vars.postmaster_dnsbl_exclude = [ "abandoned.lab.test", "silent.lab.test" ]
	vars.postmaster_starttls_ca_file = "/srv/test/authority.pem"
	vars.postmaster_dnsbl_hostname = [ "192.0.2.99" ]
}
object Host "mailcheck" {
	check_command = "dummy"
	vars.postmaster_mailcheck_subject = [ "shop.lab.test" ]
	vars.postmaster_mailcheck_only = [ "spf", "dmarc", "tlsrpt" ]
	vars.postmaster_mailcheck_plugin_dir = "/usr/lib/nagios/plugins"
}
object Host "journal" {
	check_command = "dummy"
	vars.postmaster_bounces_journal = true
}
object Host "unit" {
	check_command = "dummy"
	vars.postmaster_bounces_journal = "postfix"
}
object Host "blind" {
	check_command = "dummy"
	vars.postmaster_domains["example.lab.test"] = {
		postmaster_tlsrpt_resolver = [ "127.0.0.99" ]
		skip = [ "mx", "starttls", "rdns", "dnsbl", "spf", "dkim", "dmarc" ]
	}
}
END
    icinga_start master 127.0.0.1
    icinga_start probe1 127.0.0.2
}

teardown_file() {
    network_close
}

setup() {
    engine_require icinga2 icinga2
    require_tool curl
}

# icinga_folder NAME ADDRESS: what Icinga has of NAME.example.org.
icinga_folder() {
    local folder
    folder=$(server_folder "$1")
    install -m 644 "$NETWORK/certificates/$1.pem" "$folder/$1.example.org.crt"
    install -m 644 "$NETWORK/certificates/$1.key" "$folder/$1.example.org.key"
    install -m 644 "$NETWORK/certificates/authority.pem" "$folder/ca.crt"
    cat >"$folder/api.conf" <<END
object ApiListener "api" {
	bind_host = "$2"
	accept_config = true
	accept_commands = true
}
END
}

# icinga_start NAME ADDRESS: Icinga as its package has it, with the API; in the example of zones unless it is `alone`.
icinga_start() {
    engine_start "$1" icinga2 "$2:5665" <<END
name=$1
$(
        cat <<'END2'
hostname "$name.example.org"
echo '127.0.0.1 master.example.org
127.0.0.2 probe1.example.org
127.0.0.3 probe2.example.org' >>/etc/hosts
ensure_user nagios 7001
mkdir -p /var/lib/icinga2/certs /run/icinga2 /var/cache/icinga2 /var/log/icinga2 /var/spool/icinga2
cp /srv/test/*.crt /srv/test/*.key /var/lib/icinga2/certs/
chown -R nagios /var/lib/icinga2 /run/icinga2 /var/cache/icinga2 /var/log/icinga2 /var/spool/icinga2
cd /etc/icinga2
echo "const NodeName = \"$name.example.org\"" >>constants.conf
[ "$name" = alone ] || cp /usr/share/postmaster-plugins/icinga2/zones/zones.conf .
cp /srv/test/api.conf features-enabled/
ln -sf ../features-available/checker.conf features-enabled/
rm -f conf.d/*
if [ "$name" = master ]; then
    # Nobody listens to what it writes for them: it is read in the log.
    ln -sf ../features-available/influxdb.conf ../features-available/graphite.conf ../features-available/debuglog.conf features-enabled/
    cp -r /usr/share/postmaster-plugins/icinga2/zones/zones.d .
    # The hosts of the probe are of the lab.
    sed -i 's/example\.org/example.lab.test/; s/mail2026/a2026/' zones.d/probe1/mail.conf
    sed 's/example\.lab/shop.lab/; s/postmaster_dkim_selector.*//' zones.d/probe1/mail.conf >zones.d/probe1/shop.conf
    sed 's/example\.lab/press.lab/; s/postmaster_dkim_selector.*//' zones.d/probe1/mail.conf >zones.d/probe1/press.conf
    cp /srv/test/site.conf conf.d/
fi
if [ "$name" = alone ]; then
    cp /srv/test/site.conf /srv/test/mail.conf conf.d/
fi
icinga2 daemon
END2
    )
END
}

# icinga_api PATH [OPTION OF CURL]...: prints what the REST API says, of the master or of the node at API.
icinga_api() {
    inside curl -s --max-time 10 -k -u test:test -H 'Accept: application/json' "${@:2}" "https://${API-127.0.0.1}:5665/v1/$1"
}

# icinga_check SERVICE...: has them checked now, side by side, and waits for their results.
icinga_check() {
    local filter
    filter="service.__name in $(printf '%s\n' "$@" | jq -Rnc '[inputs]')"
    jq -nc --arg filter "$filter" '{type: "Service", filter: $filter, force: true}' >"$BATS_TEST_TMPDIR/wish"
    icinga_api actions/reschedule-check -X POST -d "@$BATS_TEST_TMPDIR/wish" |
        jq -e ".results | length == $#" >/dev/null
    poll_until "$ENGINE_SECONDS" icinga_has_results "$@"
}

# icinga_has_results SERVICE...: all of them have one.
icinga_has_results() {
    icinga_read
    jq -e --args '[.results[] | select(.attrs.last_check_result != null) | .name] as $have | $ARGS.positional - $have == []' \
        "$@" <"$BATS_TEST_TMPDIR/services" >/dev/null
}

# icinga_read: reads what Icinga has of all services.
icinga_read() {
    icinga_api 'objects/services?attrs=name&attrs=display_name&attrs=zone&attrs=last_check_result' >"$BATS_TEST_TMPDIR/services"
}

# icinga_result SERVICE: sets state, output, perfdata (a line a figure) and source to what was read of it.
icinga_result() {
    local result
    result=$(jq -c --arg name "$1" '.results[] | select(.name == $name).attrs.last_check_result' "$BATS_TEST_TMPDIR/services")
    state=$(jq .state <<<"$result")
    output=$(jq -r .output <<<"$result")
    perfdata=$(jq -r '.performance_data[]' <<<"$result")
    source=$(jq -r .check_source <<<"$result")
}

# same_as PLUGIN OPTION...: what Icinga has is what the plugin prints when it is run by hand there with -v, but for the time it
# took.
same_as() {
    local status=0 printed first program=/usr/lib/nagios/plugins/$1
    [ "$1" != mailcheck ] || program=$(mailcheck_path)
    printed=$(in_server master "$program" -v "${@:2}") || status=$?
    same "$status" "$state"
    first=${printed%%$'\n'*}
    # Icinga takes the figures out, and leaves the blank before the bar.
    same "$(without_time "${printed/ | "${first#* | }"/}")" "$(without_time "${output/ $'\n'/$'\n'}")"
    same "$(without_time "${first#* | }")" "$(without_time "$(paste -s -d ' ' <<<"$perfdata")")"
}

# Where the command has it: in the folder of programs that the build is configured for.
mailcheck_path() {
    sed -n 's/^\tcommand = \[ "\(.*\)" \]$/\1/p' "$NETWORK/installed/usr/share/postmaster-plugins/icinga2/mailcheck.conf"
}

without_time() {
    sed -E 's/( |^)(time[a-z_]*)=[0-9.]+s/\1\2=s/g; s/[0-9.]+ m?s\>/s/g' <<<"$1"
}

# Services of the rules, the state that they have in the lab, and what is printed by hand.
rows() {
    cat <<'END'
domains!spf-shop.lab.test 2 check_spf -d shop.lab.test
domains!dmarc-example.lab.test 0 check_dmarc -d example.lab.test
domains!dkim-example.lab.test 0 check_dkim -d example.lab.test -s a2026 -s b2026
domains!dkim-shop.lab.test 1 check_dkim -d shop.lab.test --discover
domains!tlsrpt-example.lab.test 0 check_tlsrpt -d example.lab.test
domains!mx-shop.lab.test 2 check_mx -d shop.lab.test
domains!starttls-press.lab.test 2 check_starttls --mx press.lab.test --ca-file /srv/test/authority.pem
domains!recipient-left@people.lab.test 2 check_recipient --address left@people.lab.test
smtp!smtp-banner 0 check_smtp_banner -H 127.44.8.25
smtp!starttls 1 check_starttls -H 127.44.8.25 --ca-file /srv/test/authority.pem
smtp!dnsbl 2 check_dnsbl -H 192.0.2.99 --exclude abandoned.lab.test --exclude silent.lab.test --base-catalogue /srv/test/catalogue.conf
mailcheck!mailcheck 2 mailcheck --only spf --only dmarc --only tlsrpt --output-format multi-line --plugin-dir /usr/lib/nagios/plugins shop.lab.test
journal!bounces 3 check_bounces --journal
unit!bounces 3 check_bounces --journal=postfix
blind!tlsrpt-example.lab.test 3 check_tlsrpt -d example.lab.test --resolver 127.0.0.99
END
}

@test "plugins run by the rules, and Icinga has their state, output and every figure" {
    local services service wanted command
    mapfile -t services < <(rows | cut -d ' ' -f 1)
    icinga_check "${services[@]}"
    while read -r service wanted command; do
        echo "$service: $command"
        icinga_result "$service"
        same master.example.org "$source"
        same "$wanted" "$state"
        # shellcheck disable=SC2086 # a list of words
        same_as $command
    done < <(rows)
}

# names_written: what Icinga has written for each writer, `COMMAND FIGURE` a line.
names_written() {
    in_server master cat /var/log/icinga2/debug.log >log
    sed -n "s/.*InfluxdbWriter: .*'\(postmaster_[a-z_]*\),hostname=[^ ]*,service=[^ ]*,metric=\([a-z0-9_]*\) .*/\1 \2/p" \
        log | sort -u >influxdb.written
    sed -n "s/.*GraphiteWriter: .*'icinga2\.[^.]*\.services\.[^.]*\.\(postmaster_[a-z_]*\)\.perfdata\.\([a-z0-9_]*\)\.value .*/\1 \2/p" \
        log | sort -u >graphite.written
}

# names_asked: what the dashboards ask for.
names_asked() {
    local folder=$NETWORK/installed/usr/share/postmaster-plugins/grafana
    jq -r '.panels[].targets[]?.query' "$folder/influxdb.json" |
        sed "s/.*FROM \"\([a-z_]*\)\" WHERE (\"metric\" = '\([a-z0-9_]*\)' AND \"hostname\" .*\"service\" .*/\1 \2/" |
        sort -u >influxdb.asked
    jq -r '.panels[].targets[]?.target' "$folder/graphite.json" |
        sed 's/.*(icinga2\.[$]host\.services\.[$]service\.\([a-z_]*\)\.perfdata\.\([a-z0-9_]*\)\.value).*/\1 \2/' |
        sort -u >graphite.asked
}

# names_lacking: prints what is asked for these commands and was not written; true when that is nothing.
names_lacking() {
    local writer command
    names_written
    for writer in influxdb graphite; do
        for command in spf dmarc smtp_banner; do
            grep "^postmaster_$command " "$writer.asked" | comm -13 "$writer.written" - | sed "s/^/$writer: /"
        done
    done >lacking
    [ ! -s lacking ]
}

@test "the dashboards ask for the names that Icinga writes" {
    local writer
    cd "$BATS_TEST_TMPDIR" || return 1
    names_asked
    # All figures of these have a value here: Icinga writes no others. It writes them after it has the result.
    icinga_check 'domains!spf-shop.lab.test' 'domains!dmarc-example.lab.test' 'smtp!smtp-banner'
    poll_until "$ENGINE_SECONDS" names_lacking || same '' "$(cat lacking)"
    # And nothing is written that is not asked for.
    for writer in influxdb graphite; do
        same '' "$(comm -23 "$writer.written" "$writer.asked")"
    done
}

# readme_block NAME: prints what stands in a block of README.md.
readme_block() {
    awk -v name="<!-- icinga2: $1 -->" '
        $0 == "<!-- end -->" { inside = 0 }
        inside && $0 != "```" { print }
        $0 == name { inside = 1 }
    ' "$SRCDIR/README.md"
}

@test "the lines of README.md bring the services that README.md shows" {
    local services API=127.0.0.4
    icinga_folder alone "$API"
    readme_block configuration >"$NETWORK/alone/mail.conf"
    [ -s "$NETWORK/alone/mail.conf" ]
    printf 'object ApiUser "test" {\n\tpassword = "test"\n\tpermissions = [ "*" ]\n}\n' >"$NETWORK/alone/site.conf"
    icinga_start alone "$API"
    icinga_read
    mapfile -t services < <(jq -r '.results[].name' "$BATS_TEST_TMPDIR/services")
    icinga_check "${services[@]}"
    jq -r '.results | sort_by(-.attrs.last_check_result.state, .name) | .[].attrs |
        .display_name + "\n    " + (.last_check_result.output | split("\n")[0] | rtrimstr(" "))' "$BATS_TEST_TMPDIR/services" >"$BATS_TEST_TMPDIR/shown"
    server_stop alone
    diff <(readme_block services) "$BATS_TEST_TMPDIR/shown"
}

@test "all commands and rules at once: Icinga has nothing to say against them" {
    mkdir "$NETWORK/master/all"
    cat >"$NETWORK/master/all/icinga2.conf" <<'END'
include "/etc/icinga2/constants.conf"
include <itl>
include <plugins>
include <plugins-contrib>
include "/usr/share/postmaster-plugins/icinga2/*.conf"
include "/usr/share/postmaster-plugins/icinga2/services/*.conf"
object Host "all" {
	check_command = "dummy"
	address = "192.0.2.25"
	vars.postmaster_domains["example.org"] = { }
	vars.postmaster_server = true
	vars.postmaster_open_relay_domain = "example.org"
	vars.postmaster_recipients = [ "postmaster@example.org" ]
	vars.postmaster_bounces_log = [ "/var/log/mail.log" ]
	vars.postmaster_mailcheck_subject = [ "example.org" ]
}
END
    in_server master icinga2 daemon -C -c /srv/test/all/icinga2.conf -D ZonesDir=/srv/test/all -D DataDir=/srv/test/all \
        >"$BATS_TEST_TMPDIR/log" 2>&1 || { cat "$BATS_TEST_TMPDIR/log" >&2 && false; }
    same '' "$(grep -E 'warning/|critical/' "$BATS_TEST_TMPDIR/log")"
    contains "$(cat "$BATS_TEST_TMPDIR/log")" 'Instantiated 16 Services.'
}

# Last: Icinga spreads the first checks of a node over its first minute, and takes no wish of the master's till then.
@test "a probe runs the checks of its zone, and the master has their results" {
    local service domain
    poll_until 90 probe_results 3
    for service in $(probe_results 0); do
        icinga_result "$service"
        domain=${service##*!}
        domain=${domain#*-}
        echo "$service"
        same probe1.example.org "$source"
        case ${service##*!} in
        dkim-example.lab.test) same_as check_dkim -d "$domain" -s a2026 ;;
        dkim-*) same_as check_dkim -d "$domain" --discover ;;
        dnsbl-*) same_as check_dnsbl --domain "$domain" --mx "$domain" ;;
        rdns-*) same_as check_rdns --mx "$domain" ;;
        starttls-*) same_as check_starttls --mx "$domain" ;;
        dmarc-* | mx-* | spf-* | tlsrpt-*)
            service=${service##*!}
            same_as "check_${service%%-*}" -d "$domain"
            ;;
        *) false ;;
        esac
    done
}

# probe_results COUNT: prints the services of the probe's zone that have a result; false when they are fewer.
probe_results() {
    local names
    icinga_read
    mapfile -t names < <(jq -r '.results[] | select(.attrs.zone == "probe1" and .attrs.last_check_result != null) | .name' \
        "$BATS_TEST_TMPDIR/services")
    printf '%s\n' "${names[@]}"
    [ "${#names[@]}" -ge "$1" ]
}
