#!/usr/bin/env bats
# What is installed for Icinga 2, Director and Grafana says what the tables of the programs say: names of commands, variables and
# figures. tests/system/icinga2.bats gives it to Icinga itself.

load helper
load assert

setup_file() {
    local program
    command -v jq >/dev/null 2>&1 || return 0
    # The tables of all programs, an object a line.
    for program in $(programs); do
        "$(path_of "$program")" --export=json | jq -c .
    done >"$BATS_FILE_TMPDIR/tables"
    [ "$(wc -l <"$BATS_FILE_TMPDIR/tables")" -ge 13 ]
}

setup() {
    require_tool jq
    cd "$BATS_TEST_TMPDIR" || return 1
}

# The programs that an engine runs, as Makefile.am has them.
programs() {
    sed -n '/^plugin_programs = /,/[^\\]$/s/^[[:space:]]*\(check_[a-z_]*\).*/\1/p' "$SRCDIR/Makefile.am"
    echo mailcheck
}

path_of() {
    if [ "$1" = mailcheck ]; then
        plugin mailcheck/mailcheck
    else
        plugin "$1"
    fi
}

# tables [OPTION OF JQ]... FILTER: of every table.
tables() {
    jq "$@" "$BATS_FILE_TMPDIR/tables"
}

@test "the commands for Icinga 2 in the build folder are what the programs print" {
    local program
    for program in $(programs); do
        "$(path_of "$program")" --export=icinga2 | diff - "$BUILDDIR/icinga2/$program.conf"
    done
    same "$(programs | wc -l)" "$(find "$BUILDDIR/icinga2" -maxdepth 1 -name '*.conf' | wc -l)"
}

@test "basket and dashboards have every program, every option for engines and every figure" {
    tables -r '.command' | sort >commands
    jq -r '.Command | keys[]' "$BUILDDIR/director/postmaster-plugins.json" | sort | diff commands -
    tables -r '.command + "_" + (.options[] | select(.for_engines).name | gsub("-"; "_"))' |
        sort >variables
    jq -r '.Datafield[].varname' "$BUILDDIR/director/postmaster-plugins.json" | sort | diff variables -
    jq -r '.Command[].arguments[] | .value // .set_if' "$BUILDDIR/director/postmaster-plugins.json" | tr -d '$' | sort |
        diff variables -
    tables -r '.command + " " + .metrics[].label' | sort >figures
    jq -r '.panels[].targets[]?.query' "$BUILDDIR/grafana/influxdb.json" |
        sed "s/.*FROM \"\([a-z_]*\)\" WHERE (\"metric\" = '\([a-z0-9_]*\)' .*/\1 \2/" | sort | diff figures -
    jq -r '.panels[].targets[]?.target' "$BUILDDIR/grafana/graphite.json" |
        sed 's/.*[$]service\.\([a-z_]*\)\.perfdata\.\([a-z0-9_]*\)\.value.*/\1 \2/' | sort | diff figures -
}

@test "the basket's links lead to its fields, and a template of each command says how often it is run" {
    local basket=$BUILDDIR/director/postmaster-plugins.json
    same true "$(jq '([.Command[].fields[].datafield_id | tostring]) == (.Datafield | keys_unsorted)' "$basket")"
    same true "$(jq '[.Command | keys[]] - [.ServiceTemplate[].check_command] == []' "$basket")"
    tables -c '[.command, .check_interval]' | sort >intervals
    jq -c '.ServiceTemplate | to_entries[] | select(.key == .value.check_command) | [.key, .value.check_interval]' "$basket" |
        sort | diff intervals -
}

@test "a variable has the kind that its field wants: else Director shows it as a fault" {
    jq -r '(.Datafield | map({key: .varname, value: (.datatype | sub(".*DataType"; "") | ascii_downcase)}) | from_entries) as $fields |
        (.Command[], .ServiceTemplate[]).vars | to_entries[] |
        select((.value | type) != ($fields[.key] // "boolean")) | .key' "$BUILDDIR/director/postmaster-plugins.json" >wrong
    same '' "$(cat wrong)"
}

@test "the panels of a dashboard do not overlap and have ids of their own" {
    local source
    for source in influxdb graphite; do
        same true "$(jq '[.panels[].id] | length == (unique | length)' "$BUILDDIR/grafana/$source.json")"
        same true "$(jq '[.panels[] | .gridPos as $at | range($at.y; $at.y + $at.h) as $line | range($at.x; $at.x + $at.w)
            | [., $line]] | length == (unique | length)' "$BUILDDIR/grafana/$source.json")"
    done
}

@test "the address of the host is given where nothing else is to be checked, and only there" {
    local program basket=$BUILDDIR/director/postmaster-plugins.json
    # An option that takes the place of the host is no option of the others.
    for program in check_dnsbl check_rdns check_starttls; do
        grep -qF "macro(\"\$postmaster_${program#check_}_mx\$\")" "$BUILDDIR/icinga2/$program.conf"
        same '{}' "$(jq -c ".Command.postmaster_${program#check_}.vars" "$basket")"
        same "{\"host\":\"\$address\$\",\"none\":null}" "$(jq -c ".ServiceTemplate | {
            host: .postmaster_${program#check_}.vars | (.postmaster_${program#check_}_host // .postmaster_dnsbl_hostname[0]),
            none: .postmaster_${program#check_}_domain.vars | (.postmaster_${program#check_}_host // .postmaster_dnsbl_hostname)}" \
            "$basket")"
    done
    for program in check_open_relay check_smtp_banner; do
        grep -qxF "	vars.postmaster_${program#check_}_host = \"\$check_address\$\"" "$BUILDDIR/icinga2/$program.conf"
    done
}

@test "an option whose value may be left out: its variable may be true" {
    # shellcheck disable=SC2016 # names of Icinga
    grep -A 10 -F '"--journal" = {' "$BUILDDIR/icinga2/check_bounces.conf" | tr -d '\n\t' |
        grep -qF 'value = {{var value = macro("$postmaster_bounces_journal$")if (!value) {return []}if (typeof(value) == Boolean) {return ""}return value}}'
    grep -qF '_journal = true' "$SRCDIR/share/icinga2/services/bounces.conf"
}

@test "rules and zones use commands and variables that exist" {
    local word
    tables -r '.command, .command + "_" + (.options[] | select(.for_engines).name | gsub("-"; "_"))' |
        sort -u >known
    # Of the rules themselves.
    printf 'postmaster_%s\n' domains endpoint recipients server skip | sort >own
    find "$SRCDIR/share/icinga2" -name '*.conf' >files
    [ "$(wc -l <files)" -ge 10 ]
    # In the remarks, too.
    xargs grep -ohE 'postmaster_[a-z0-9_]+' <files | sort -u | comm -23 - <(sort -u known own) >unknown
    same '' "$(cat unknown)"
    # Each of their own variables is one that a rule reads, and each command has a rule.
    while read -r word; do
        grep -qE "^apply .*host\.vars\.$word\)|^[[:space:]].*host\.vars\.$word\>" "$SRCDIR"/share/icinga2/services/*.conf
    done <own
    sed -n 's/^[[:space:]]import "\(.*\)"$/\1/p' "$SRCDIR"/share/icinga2/services/*.conf | sort -u |
        diff <(tables -r .command | sort) -
}
