#!/usr/bin/env bats
# The examples for engines (share/examples), as they are installed: every command line in them is one that the plugins take, every
# Nagios command is one that they print, every family and label of an alert is one that they write.

load helper
load assert

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    export MP_STATE_PATH=$BATS_TEST_TMPDIR
    programs
    examples=$BATS_TEST_TMPDIR/examples
    cp -r "$BUILDDIR/examples" "$examples"
    # What is a path of some site becomes one of here; and the name of every plugin one of a wrapper.
    find "$examples" -type f -exec sed -i -e "s,[^ =\"]*/check_,$BATS_TEST_TMPDIR/plugins/check_,g" \
        -e "s,/var/log/mail.log,$SRCDIR/tools/lab/maillog,g" \
        -e "s,/var/lib/[a-z_]*/\([a-z]*\.state\),$BATS_TEST_TMPDIR/\1,g" -e "s,/etc/opendkim/,$BATS_TEST_TMPDIR/,g" \
        -e "s,/etc/monitoring-plugins.ini,$examples/monitoring-plugins.ini,g" {} +
    echo 'mail._domainkey.example.org example.org:mail:/nowhere' >KeyTable
}

teardown() {
    fake_smtp_stop
    fake_dns_stop
}

# programs: sets plugins to the names of all of them.
programs() {
    local file
    plugins=()
    for file in "$BUILDDIR"/nagios/check_*.cfg; do
        file=${file##*/}
        plugins+=("${file%.cfg}")
    done
    [ ${#plugins[@]} -ge 12 ]
}

# wrap OPTION...: makes the folder plugins, of programs that are the plugins with these further options, and with the data of this
# source. They ask a server that knows no name, so that nothing is connected to.
wrap() {
    local program words
    fake_dns_start - <<<'soa example.org'
    mkdir plugins
    for program in "${plugins[@]}"; do
        words=(--resolver "127.0.0.1:$FAKE_DNS_PORT")
        case $program in
        check_bounces) words=(--base-rules "$SRCDIR/share/bounce-rules.conf") ;;
        check_dnsbl) words+=(--base-catalogue "$SRCDIR/share/dnsbl-catalogue.conf") ;;
        check_open_relay) words+=(--base-probes "$SRCDIR/share/relay-probes.conf") ;;
        esac
        printf '#!/bin/sh\nexec %q "$@" -t 5 %s %s\n' "$BUILDDIR/$program" "$*" "${words[*]}" >"plugins/$program"
        chmod +x "plugins/$program"
    done
}

# taken COMMAND-LINE: the plugin knows its options and their values. Only wrong usage ends with 3 in spite of --exit-ok.
taken() {
    local status=0
    bash -c "$1" >taken.out 2>&1 </dev/null || status=$?
    [ "$status" -eq 0 ] || {
        printf '%s\nends with %s:\n' "$1" "$status" >&2
        cat taken.out >&2
        return 1
    }
}

@test "Nagios: each service's command is one of the plugins', with as many arguments as it has, and they are taken" {
    local checked=0 service command line index
    wrap --exit-ok
    cat "$BUILDDIR"/nagios/*.cfg >commands.cfg
    while IFS= read -r service; do
        IFS='!' read -ra words <<<"$service"
        command=$(awk -v name="${words[0]}" '$1 == "command_name" { found = $2 == name }
            $1 == "command_line" && found { sub(/^ *command_line */, ""); print; exit }' commands.cfg)
        [ -n "$command" ] || { echo "no command ${words[0]}" >&2 && false; }
        line=${command//"\$USER1\$"/$BATS_TEST_TMPDIR/plugins}
        for index in "${!words[@]}"; do
            [ "$index" -eq 0 ] || contains "$command" "\$ARG$index\$"
            line=${line//"\$ARG$index\$"/${words[index]}}
        done
        # An argument that was not given is empty, but each but the last must be.
        lacks "$line" "'\$ARG"
        line=$(sed -E "s/[$]ARG[0-9]+[$]//g; s/[$]HOSTADDRESS[$]/mail.example.org/g; s/[$]_HOSTMAIL_NAME[$]/mail.example.org/g
            s/[$]_HOSTMAIL_DOMAIN[$]/example.org/g; s/[$]_HOSTDKIM_SELECTOR[$]/mail/g" <<<"$line")
        lacks "$line" '$'
        taken "$line"
        checked=$((checked + 1))
    done < <(sed -n 's/^    check_command  *//p' "$examples/nagios/services.cfg")
    [ "$checked" -ge 12 ]
}

@test "Nagios or NRPE: no plugin is without a service" {
    local program
    for program in "${plugins[@]}"; do
        cat "$examples/nagios/services.cfg" "$examples/nrpe/postmaster-plugins.cfg" |
            grep -qE "postmaster_${program#check_}(_args|!|\$)|/$program " || { echo "$program" >&2 && false; }
    done
}

@test "NRPE: a line is a comment, and when it is not, its command is taken; so is each section of the ini file" {
    local line checked=0
    wrap --exit-ok
    same '' "$(grep -v '^#' examples/nrpe/postmaster-plugins.cfg | grep . || :)"
    while IFS= read -r line; do
        taken "$line"
        # dont_blame_nrpe=0
        lacks "$line" '$'
        checked=$((checked + 1))
    done < <(sed -n 's/^#command\[[a-z_]*\]=//p' examples/nrpe/postmaster-plugins.cfg)
    [ "$checked" -ge 5 ]
    while IFS= read -r line; do
        taken "plugins/check_$line --extra-opts=$line@$examples/monitoring-plugins.ini"
        checked=$((checked + 1))
    done < <(sed -n 's/^\[\(.*\)\]$/\1/p' examples/monitoring-plugins.ini)
    [ "$checked" -ge 8 ]
}

@test "Prometheus: each command of the unit leaves its file, and nothing beside it" {
    local line count=0
    wrap
    mkdir textfile
    while IFS= read -r line; do
        count=$((count + 1))
        FOLDER=$PWD/textfile taken "$line"
    done < <(sed -n 's/^ExecStart=//p' examples/prometheus/postmaster-plugins.service)
    [ "$count" -ge 5 ]
    same "$count" "$(find textfile -name 'postmaster_*.prom' -size +100c | wc -l)"
    same "$count" "$(find textfile -type f | wc -l)"
    # What cannot be written fails the unit, --exit-ok or not.
    run taken "FOLDER=/nowhere; $(sed -n 's/^ExecStart=//p' examples/prometheus/postmaster-plugins.service | head -n 1)"
    same 1 "$status"
    contains "$output" 'cannot write /nowhere/'
}

# lab_metrics FOLDER: runs plugins in the lab of tools/lab, each into a file of its own.
lab_metrics() {
    local specifications words
    mapfile -t specifications <"$SRCDIR/tools/lab/certificates"
    fake_certificates "${specifications[@]}"
    cat "$SRCDIR"/tools/lab/*.dns >lab.dns
    cat "$SRCDIR"/tools/lab/*.smtp >lab.smtp
    fake_dns_start lab.dns
    fake_smtp_start lab.smtp --listen 127.0.0.25:0 --listen 127.0.0.26:0 --listen 127.0.0.27:0 \
        --listen 127.44.8.25:0 --listen 127.44.0.25:0
    mkdir "$1"
    words=(--exit-ok --output-format prometheus --resolver "127.0.0.1:$FAKE_DNS_PORT")
    "$(plugin check_mx)" -d press.lab.test -p "$FAKE_SMTP_PORT" "${words[@]}" --output-file "$1/mx.prom"
    "$(plugin check_starttls)" --mx press.lab.test -p "$FAKE_SMTP_PORT" "${words[@]}" --output-file "$1/starttls.prom"
    "$(plugin check_dnsbl)" -H 192.0.2.99 --only zen.lab.test --base-catalogue "$SRCDIR/tools/lab/catalogue.conf" \
        "${words[@]}" --output-file "$1/dnsbl.prom"
    "$(plugin check_spf)" -d shop.lab.test "${words[@]}" --output-file "$1/spf.prom"
    "$(plugin check_spf)" -d example.lab.test "${words[@]}" --output-file "$1/spf-example.prom"
    "$(plugin check_dmarc)" -d shop.lab.test "${words[@]}" --output-file "$1/dmarc.prom"
    "$(plugin check_dkim)" -d shop.lab.test -s shop1 "${words[@]}" --output-file "$1/dkim.prom"
}

@test "Prometheus: every family of an alert, and every label that it speaks of, is written by a plugin" {
    lab_metrics textfile
    # Each alert as a line: its family, then the labels.
    awk '
        /- alert:/ { family = "" }
        / expr:/ && /__name__=~"postmaster_[.][+]_state"/ { family = "postmaster_mx_state" }
        / expr:/ && !/__name__/ && match($0, /(postmaster|node)_[a-z_]+/) { family = substr($0, RSTART, RLENGTH) }
        / expr:|summary:|description:/ {
            rest = $0
            while (match(rest, /\$labels\.[a-z_]+/)) {
                print family, substr(rest, RSTART + 8, RLENGTH - 8)
                rest = substr(rest, RSTART + RLENGTH)
            }
            print family, "-"
        }
    ' examples/prometheus/postmaster-plugins.rules.yml | LC_ALL=C sort -u >wanted
    [ "$(grep -c ' -$' wanted)" -ge 7 ]
    while read -r family label; do
        case $family:$label in
        # Of node_exporter itself, of Prometheus, and of the expression.
        node_textfile_mtime_seconds:* | node_textfile_scrape_error:* | *:instance | *:check) ;;
        *:-) grep -qF "$family{" textfile/*.prom || { echo "no family $family" >&2 && false; } ;;
        *) grep -qE "^${family}\{([^}]*,)?$label=" textfile/*.prom || { echo "no label $label in $family" >&2 && false; } ;;
        esac
    done <wanted
}

@test "Prometheus: promtool takes the rules and what the plugins write" {
    require_tool promtool
    promtool check rules examples/prometheus/postmaster-plugins.rules.yml
    lab_metrics textfile
    # Days and bits are what people count certificates and keys in.
    for file in textfile/*.prom; do
        status=0
        promtool check metrics <"$file" 2>complaints || status=$?
        same "" "$(grep -vE '_(days|bits) use base unit' complaints || :)"
        [ "$status" -eq 0 ] || grep -q 'use base unit' complaints
    done
}

@test "Prometheus: node_exporter shows all files of a folder" {
    local exporter output
    exporter=$(command -v prometheus-node-exporter || command -v node_exporter) || skip "node_exporter is not installed"
    require_tool curl
    lab_metrics textfile
    "$exporter" --collector.disable-defaults --collector.textfile --collector.textfile.directory="$PWD/textfile" \
        --web.listen-address=127.0.0.1:0 >exporter.log 2>&1 3>&- &
    exporter=$!
    listens() { grep -q 'Listening on.*127' exporter.log; }
    poll_until "$SERVER_START_SECONDS" listens || { cat exporter.log >&2; kill "$exporter"; false; }
    output=$(curl -s "http://$(grep -o '127\.0\.0\.1:[0-9]*' exporter.log | tail -n 1)/metrics") || :
    kill "$exporter"
    wait "$exporter" || :
    contains "$output" 'node_textfile_scrape_error 0'
    same "$(cat textfile/*.prom | grep -c '^postmaster_')" "$(grep -c '^postmaster_' <<<"$output")"
    contains "$output" 'postmaster_dmarc_state{target="shop.lab.test"} 2'
}

@test "systemd takes the units" {
    require_tool systemd-analyze
    wrap
    cp examples/prometheus/*.service examples/prometheus/*.timer .
    run systemd-analyze verify --man=no ./postmaster-plugins.timer ./postmaster-plugins.service
    same "0:" "$status:$output"
}

@test "Checkmk: the agent runs each line of mrpe.cfg, and gets a service's name, state and text" {
    local description rest count=0
    wrap --exit-ok
    # As the agent's own shell script reads them: the command is a word in single quotes when it is cached.
    while read -r description rest; do
        lacks "$rest" "'"
        taken "${rest#(*) }"
        [[ $rest =~ ^\(interval=[1-9][0-9]*\)\ / ]]
        grep -qE '^[A-Z]+ (OK|WARNING|CRITICAL|UNKNOWN) - .*[|]' taken.out
        echo "$description" >>names
        count=$((count + 1))
    done < <(grep -Ev '^[[:space:]]*($|#)' examples/checkmk/mrpe.cfg)
    [ "$count" -ge 8 ]
    same "" "$(sort names | uniq -d)"
}

@test "Checkmk: the local check prints a line for each plugin and ends with 0" {
    wrap
    sh examples/checkmk/postmaster-local >local.out
    same "$(grep -c '^".*/check_' examples/checkmk/postmaster-local)" "$(wc -l <local.out)"
    same "" "$(grep -vE '^[0-3] "[^"|]+" ([a-z0-9_]+=[-0-9.;]+([|][a-z0-9_]+=[-0-9.;]+)*|-) .+$' local.out || :)"
    same "" "$(cut -d '"' -f 2 local.out | sort | uniq -d)"
}
