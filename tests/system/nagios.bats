#!/usr/bin/env bats
# Nagios 4 itself, set up by the lines that README.md tells, with the services of share/examples as they are: it runs the plugins in the
# lab, and has their state, output and every figure.

load ../cli/helper
load ../cli/assert
load network
load engines

setup_file() {
    [ -z "$(engine_obstacle nagios nagios4)" ] || return 0
    network_open
    engine_lab_start
    nagios_start
}

teardown_file() {
    network_close
}

setup() {
    engine_require nagios nagios4
    status=$NETWORK/nagios/status.dat
}

nagios_start() {
    local folder
    folder=$(server_folder nagios)
    cat >"$folder/hosts.cfg" <<'END'
define host {
    name                    lab-host
    use                     generic-host
    max_check_attempts      1
    contacts                nagiosadmin
    register                0
}
define host {
    use                     lab-host
    host_name               smtp
    address                 127.44.8.25
    hostgroups              postmaster-servers,postmaster-domains
    _MAIL_NAME              smtp.example.lab.test
    _MAIL_DOMAIN            example.lab.test
    _DKIM_SELECTOR          a2026
}
define host {
    use                     lab-host
    host_name               press
    address                 127.0.0.25
    hostgroups              postmaster-servers,postmaster-domains
    _MAIL_NAME              mx1.press.lab.test
    _MAIL_DOMAIN            press.lab.test
    _DKIM_SELECTOR          mail
}
define host {
    use                     lab-host
    host_name               people
    address                 127.44.8.25
    hostgroups              postmaster-servers,postmaster-domains
    _MAIL_NAME              smtp.example.lab.test
    _MAIL_DOMAIN            people.lab.test
    _DKIM_SELECTOR          mail
}
define host {
    use                     lab-host
    host_name               shop
    address                 127.44.0.25
    hostgroups              postmaster-domains
    _MAIL_DOMAIN            shop.lab.test
    _DKIM_SELECTOR          shop1
}
END
    # A perfdata file as graphing tools ask for it.
    cat >"$folder/nagios.cfg" <<'END'
process_performance_data=1
service_perfdata_file=/srv/test/perfdata
service_perfdata_file_template=$HOSTNAME$\t$SERVICEDESC$\t$SERVICESTATE$\t$SERVICEPERFDATA$
service_perfdata_file_mode=a
service_perfdata_file_processing_interval=0
END
    # Without the line that installs it, the one that opens an editor, and the start of a service.
    sed -n '/^<!-- nagios -->/,/^<!-- end -->/p' "$SRCDIR/README.md" >"$folder/readme"
    grep -E '^(echo|cp|nagios4 -v)' "$folder/readme" | sed 's/ && service .*/ >\/srv\/test\/verified/' >"$folder/lines"
    engine_start nagios nagios <<'END'
ensure_user nagios 7001
ensure_user www-data 7002
mkdir -p /etc/nagios-plugins/config /var/log/nagios4/archives /var/lib/nagios4/spool/checkresults /var/lib/nagios4/rw \
    /run/nagios4 /var/tmp
ln -sfn /run /var/run
chown -R nagios /var/log/nagios4 /var/lib/nagios4 /run/nagios4
rm -f /etc/nagios-plugins/config/*
# The first checks of all services at once, and a status file that is written when something is new; a mail for nobody.
sed -i -e 's,^service_inter_check_delay_method=.*,service_inter_check_delay_method=n,' -e 's,^use_syslog=.*,use_syslog=0,' \
    -e 's,^check_result_reaper_frequency=.*,check_result_reaper_frequency=1,' -e 's,^process_performance_data=.*,,' \
    -e 's,^status_update_interval=.*,status_update_interval=1,' -e 's,^status_file=.*,status_file=/srv/test/status.dat,' \
    -e 's,^enable_notifications=.*,enable_notifications=0,' -e '/objects\/localhost.cfg/d' /etc/nagios4/nagios.cfg
cat /srv/test/nagios.cfg >>/etc/nagios4/nagios.cfg
cp /srv/test/hosts.cfg /etc/nagios4/conf.d/mail.cfg
sh -eux /srv/test/lines || { cat /srv/test/verified; exit 1; }
nagios4 /etc/nagios4/nagios.cfg
END
    poll_until "$ENGINE_SECONDS" _nagios_has_all || {
        cat "$NETWORK/nagios/log" "$NETWORK/nagios/verified" >&2
        return 1
    }
}

# Every service was checked.
_nagios_has_all() {
    [ -s "$NETWORK/nagios/status.dat" ] && awk '
        /^servicestatus / { services++ }
        /^hoststatus / { host = 1 }
        /^\t}/ { host = 0 }
        /^\thas_been_checked=1/ && !host { checked++ }
        END { exit services < 12 || checked < services }
    ' "$NETWORK/nagios/status.dat"
}

# value HOST SERVICE KEY: prints what status.dat has.
value() {
    awk -v host="$1" -v service="$2" -v key="$3=" '
        /^[a-z]+ \{/ { is_host = is_service = 0 }
        $0 == "\thost_name=" host { is_host = 1 }
        $0 == "\tservice_description=" service { is_service = 1 }
        is_host && is_service && index($0, "\t" key) == 1 { print substr($0, length(key) + 2); exit }
    ' "$status"
}

# Times differ from run to run.
without_time() {
    sed -E 's/(^| )(time[a-z_]*)=[0-9.]+s/\1\2=s/g' <<<"$1"
}

# by_hand HOST SERVICE STATE PLUGIN OPTION...: Nagios has this state, and what the plugin prints when it is run there by hand.
by_hand() {
    local printed code=0 plugin_output
    same "$1: $2: $3" "$1: $2: $(value "$1" "$2" current_state)"
    printed=$(in_server nagios "/usr/lib/nagios/plugins/$4" "${@:5}") || code=$?
    same "$3" "$code"
    # Nagios writes another sign for the semicolon.
    plugin_output=$(sed -E 's/ [|] .*//; s/;/:/g' <<<"$printed")
    same "$plugin_output" "$(value "$1" "$2" plugin_output)"
    same "$(without_time "${printed##* | }")" "$(without_time "$(value "$1" "$2" performance_data)")"
}

@test "Nagios takes the commands and the services without a warning" {
    contains "$(cat "$NETWORK/nagios/verified")" 'Total Warnings: 0'
    contains "$(cat "$NETWORK/nagios/verified")" 'Total Errors:   0'
}

@test "README.md shows what Nagios says" {
    local line shown=0
    same 3 "$(wc -l <"$NETWORK/nagios/lines")"
    while IFS= read -r line; do
        grep -qxF -- "$line" "$status"
        shown=$((shown + 1))
    done < <(grep '^	plugin_output=' "$NETWORK/nagios/readme")
    [ "$shown" -ge 3 ]
}

@test "DNS: state, output and every figure of SPF, DKIM, DMARC and TLS reporting" {
    by_hand smtp DMARC 0 check_dmarc -d example.lab.test
    by_hand shop DMARC 2 check_dmarc -d shop.lab.test
    by_hand smtp SPF 1 check_spf -d example.lab.test --mx
    by_hand shop SPF 2 check_spf -d shop.lab.test --mx
    by_hand smtp DKIM 0 check_dkim -d example.lab.test -s a2026
    by_hand shop DKIM 2 check_dkim -d shop.lab.test -s shop1
    by_hand smtp 'TLS reporting' 0 check_tlsrpt -d example.lab.test
}

@test "SMTP: state, output and every figure of greeting, certificate, exchangers, relaying and recipients" {
    by_hand smtp 'SMTP greeting' 0 check_smtp_banner -H 127.44.8.25 -w 5 -c 20
    by_hand press 'SMTP greeting' 1 check_smtp_banner -H 127.0.0.25 -w 5 -c 20
    by_hand press 'SMTP certificate' 2 check_starttls -H 127.0.0.25 --name mx1.press.lab.test
    by_hand press 'Certificates of the exchangers' 2 check_starttls --mx press.lab.test
    by_hand smtp 'Reverse DNS' 0 check_rdns -H 127.44.8.25
    by_hand press 'Reverse DNS' 2 check_rdns -H 127.0.0.25
    by_hand press 'Mail exchangers' 2 check_mx -d press.lab.test
    by_hand people 'Open relay' 0 check_open_relay -H 127.44.8.25 -d people.lab.test
    by_hand smtp 'Open relay' 3 check_open_relay -H 127.44.8.25 -d example.lab.test
    by_hand people 'Mail to postmaster' 0 check_recipient --address postmaster@people.lab.test
    by_hand shop 'Mail to postmaster' 2 check_recipient --address postmaster@shop.lab.test
}

@test "a list that answers nobody here is UNKNOWN" {
    by_hand smtp 'DNS blocklists' 3 check_dnsbl -H 127.44.8.25
}

@test "the perfdata file has a line for each check, as graphing tools read it" {
    local wanted
    wanted=$(value shop SPF performance_data)
    [ -n "$wanted" ]
    same "shop	SPF	CRITICAL	$wanted" "$(grep '^shop	SPF	' "$NETWORK/nagios/perfdata" | tail -n 1)"
}
