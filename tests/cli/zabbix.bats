#!/usr/bin/env bats
# The templates for Zabbix and the UserParameters of its agent, as they are installed: they say what the tables say, and every path
# in them leads to something in the JSON that the plugins print in the lab.

# shellcheck disable=SC2016 # macros of Zabbix have dollar signs

load helper
load assert

setup() {
    require_tool jq
    cd "$BATS_TEST_TMPDIR" || return 1
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    sample=$(plugin tests/cli/sample_plugin)
    plugins=()
    local file
    for file in "$BUILDDIR"/nagios/check_*.cfg; do
        file=${file##*/}
        plugins+=("${file%.cfg}")
    done
    [ ${#plugins[@]} -ge 12 ]
}

teardown() {
    fake_smtp_stop
    fake_dns_stop
}

# read_yaml <FILE: prints it as JSON.
read_yaml() {
    [ -x "$BUILDDIR/tests/cli/yaml_to_json" ] || skip "libyaml is not installed"
    "$BUILDDIR/tests/cli/yaml_to_json"
}

# templates: the installed ones, in the file templates.json; skips where that can't be.
templates() {
    read_yaml <"$BUILDDIR/zabbix/postmaster-plugins.yaml" >whole.json
    jq '.zabbix_export.templates' whole.json >templates.json
}

@test "the files have what every plugin prints" {
    local name
    for name in "${plugins[@]}"; do
        "$(plugin "$name")" --export=zabbix | sed '1,/^  templates:$/d' >>templates
        "$(plugin "$name")" --export=zabbix-agent >>parameters
    done
    same "$(sort templates)" "$(sed '1,/^  templates:$/d' "$BUILDDIR/zabbix/postmaster-plugins.yaml" | sort)"
    same "$(sort parameters)" "$(sort "$BUILDDIR/zabbix/postmaster-plugins.conf")"
}

@test "a plugin that asks the network has two templates, the others that of the agent" {
    local name names=()
    templates
    for name in "${plugins[@]}"; do
        name=$("$(plugin "$name")" --export=json | jq -r .service)
        [ "$name" = BOUNCES ] || names+=("Postmaster $name by external check")
        names+=("Postmaster $name by Zabbix agent")
    done
    same "$(printf '%s\n' "${names[@]}" | sort)" "$(jq -r '.[].name' templates.json | sort)"
    same '6.0 Templates/Postmaster' "$(jq -r '.zabbix_export | "\(.version) \(.groups[0].name)"' whole.json)"
}

@test "every thing has an id of its own, of the form of a UUID of version 4 (RFC 9562 5.4), and it never changes" {
    templates
    jq -r '.. | .uuid? // empty' whole.json >ids
    same '' "$(grep -vE '^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$' ids)"
    same '' "$(sort ids | uniq -d)"
    same 81c0d39b687647b5a279bd39e669a389 "$(jq -r '.[] | select(.name == "Postmaster MX by external check").uuid' templates.json)"
}

@test "the check is the plugin with its subject, time and section; what a Zabbix agent refuses stands in none of its keys" {
    "$sample" --export=zabbix | read_yaml >sample.json
    same 'check_sample["--output-format=json","--hostname={HOST.CONN}","--domain={$POSTMASTER.DOMAIN}","--timeout={$POSTMASTER.TIMEOUT}","--extra-opts={$POSTMASTER.SAMPLE.SECTION}"]' \
        "$(jq -r '.zabbix_export.templates[0].items[0].key' sample.json)"
    same 'postmaster.sample[{HOST.CONN},{$POSTMASTER.DOMAIN},{$POSTMASTER.TIMEOUT},{$POSTMASTER.SAMPLE.SECTION}]' \
        "$(jq -r '.zabbix_export.templates[1].items[0].key' sample.json)"
    contains "$("$sample" --export=zabbix-agent)" \
        '/check_sample --output-format=json --hostname="$1" --domain="$2" --timeout="$3" --extra-opts="$4"'
    templates
    # The macros have braces and dollar signs: what is left without them is what the agent sees.
    same '' "$(jq -r '.[].items[0] | select(.type == "ZABBIX_PASSIVE").key' templates.json |
        sed -E 's/\{(\$[A-Z_.]+|HOST\.CONN)\}//g; s/^([a-z_.]+)\[(.*)\]$/\1\2/' | grep -vE '^[a-z_.,]+$')"
    same '' "$(jq -r '.[] | ([.macros[].macro] + ["{HOST.CONN}"]) as $known |
        .items[0].key | match("\\{[$A-Z_.]+\\}"; "g").string | select([.] - $known != [])' templates.json)"
}

@test "an agent's key gives its parameters in the order in which its UserParameter takes them" {
    local key name line options
    templates
    while IFS= read -r key; do
        name=${key%%[*}
        line=$(grep -F "UserParameter=${name}[*]," "$BUILDDIR/zabbix/postmaster-plugins.conf")
        # Each option with the number of its parameter; then the parameter of that number.
        options=$(grep -oE -- '--[a-z-]+="\$[0-9]"' <<<"$line" | sed -E 's/--([a-z-]+)="\$([0-9])"/\2 \1/' | sort -n |
            sed -e 's/^[0-9] //' -e 's/timeout/{$POSTMASTER.TIMEOUT}/' -e 's/^domain$/{$POSTMASTER.DOMAIN}/' \
                -e 's/^host\(name\)\?$/{HOST.CONN}/' -e "s/extra-opts/SECTION/" | tr 'a-z-' 'A-Z_' | paste -s -d ,)
        same "$options" "$(sed -E 's/^[^[]*\[(.*)\]$/\1/; s/\{\$POSTMASTER\.[A-Z_]+\.([A-Z_]+)\}/\1/g' <<<"$key")"
    done < <(jq -r '.[].items[0] | select(.type == "ZABBIX_PASSIVE").key' templates.json)
}

@test "every trigger is of items of its template, and so is every widget" {
    templates
    same '' "$(jq -r '.[] | .name as $name | ([.items[].key] | map("/" + $name + "/" + .)) as $keys |
        (.items[].triggers[]?.expression | match("/[^()]+?/postmaster\\.[a-z_]+\\.[a-z]+"; "g").string | select([.] - $keys != [])),
        (.dashboards[].pages[].widgets[].fields[].value | select(type == "object") | "/\(.host)/\(.key)" |
            select([.] - $keys != []))' templates.json)"
    same '4' "$(jq -r '[.[].items[1].triggers | length] | unique | .[]' templates.json)"
    # 24 columns, and nothing upon another.
    same '' "$(jq -r '.[].dashboards[].pages[].widgets | [.[] | {x: .x | tonumber, y: .y | tonumber, w: .width | tonumber, h: .height | tonumber}] |
        .[] as $a | .[] as $b | select($a.x + $a.w > 24 or $a != $b and $a.x < $b.x + $b.w and $b.x < $a.x + $a.w
            and $a.y < $b.y + $b.h and $b.y < $a.y + $a.h)' templates.json)"
    # A bold letter of the state is as wide as 0.65 of its height; 50 pixels a column and 170 of height are those of a small screen.
    same '' "$(jq -r '.[] | .name as $name | ([.valuemaps[].mappings[] | (.newvalue + " (" + .value + ")") | length] | max) as $letters |
        .dashboards[].pages[].widgets[] | select(.type == "ITEM") |
        (.fields[] | select(.name == "value_size").value | tonumber) as $size |
        select($letters * 0.65 * 170 * $size / 100 > 50 * (.width | tonumber)) | $name' templates.json)"
    same "$(jq length templates.json)" "$(jq '[.[].dashboards[].pages[].widgets[].fields[] | select(.name == "value_size")] | length' templates.json)"
}

# paths NAME: of the templates of a plugin, a program of jq that prints those paths that lead to nothing in its JSON.
# The conditions of discovered elements say which one it is; each one must have the member.
paths() {
    jq -r --arg name "$1" '
        def last_step: capture("^(?<parent>.*?)\\.?(?<key>[a-z0-9_]+)$");
        def steps: gsub("\\[\\*\\]"; "[]");
        def has_member: last_step | (if .parent == "" then "." else "." + .parent end) + " | has(\"" + .key + "\")";
        .[] | select(.description | startswith($name + ":")) |
        (.items[1:][].preprocessing[0].parameters[0]) as $path |
            (if $path == "$.findings[0].fix" then ".findings | all(has(\"fix\"))" else ($path[2:] | has_member) end) as $program |
            "(if \($program) then empty else \($path | @json) end),"' templates.json
    jq -r --arg name "$1" '
        def last_step: capture("^(?<parent>.*?)\\.?(?<key>[a-z0-9_]+)$");
        def steps: gsub("\\[\\*\\]"; "[]");
        def has_member: last_step | (if .parent == "" then "." else "." + .parent end) + " | has(\"" + .key + "\")";
        .[] | select(.description | startswith($name + ":")) | .discovery_rules[]? |
        ([.lld_macro_paths[].path[2:]]) as $keys |
        (.item_prototypes[] | .preprocessing[0].parameters[0]) as $path |
            ($path | capture("^\\$\\.(?<array>.*)\\[\\?\\((?<condition>.*)\\)\\]\\.(?<member>.*)\\.first\\(\\)$")) as $parts |
            ([$parts.condition | split(" && ")[] | select(contains("{#") | not) | sub("^@"; "")] | join(" and ")) as $only |
            "([.\($parts.array | steps)[]\(if $only != "" then " | select(\($only))" else "" end)] |
                if length > 0 and all(\($keys | map("(.\(.) != null)") | join(" and ")) and (\($parts.member | has_member)))
                then empty else \($path | @json) end),"' templates.json
    echo empty
}

# leads NAME OPTION...: every path of the plugin's templates leads to something in what it prints with these options; its items
# are its figures.
leads() {
    "$(plugin "$1")" "${@:2}" --output-format json >printed.json || :
    paths "$1" >program
    [ "$(wc -l <program)" -gt 10 ]
    same '' "$(jq -r -f program printed.json)"
    same "$(jq -r '.perfdata | keys_unsorted[]' printed.json)" \
        "$(jq -r --arg name "$1" '[.[] | select(.description | startswith($name + ":"))][0].items[].key |
            capture("perfdata\\[(?<label>.*)\\]$").label' templates.json)"
    checked+=("$1")
}

@test "every path of a template leads to something in the JSON of its plugin" {
    local lab checked=() specifications
    templates
    mapfile -t specifications <"$SRCDIR/tools/lab/certificates"
    FAKE_CERTIFICATES=$BATS_TEST_TMPDIR/certificates
    "$(plugin tests/make_certificates)" "$FAKE_CERTIFICATES" "${specifications[@]}"
    cat "$SRCDIR"/tools/lab/*.dns >lab.dns
    cat "$SRCDIR"/tools/lab/*.smtp >lab.smtp
    fake_dns_start lab.dns
    fake_smtp_start lab.smtp --listen 127.0.0.25:0 --listen 127.0.0.26:0 --listen 127.0.0.27:0 --listen 127.44.8.25:0 \
        --listen 127.44.0.25:0
    lab=(--resolver "127.0.0.1:$FAKE_DNS_PORT")
    leads check_dnsbl "${lab[@]}" -H 192.0.2.99 --only zen.lab.test --base-catalogue "$SRCDIR/tools/lab/catalogue.conf"
    leads check_spf "${lab[@]}" -d shop.lab.test
    leads check_dmarc "${lab[@]}" -d shop.lab.test
    leads check_tlsrpt "${lab[@]}" -d example.lab.test
    leads check_dkim "${lab[@]}" -d example.lab.test -s a2026
    lab+=(-p "$FAKE_SMTP_PORT")
    leads check_mx "${lab[@]}" -d press.lab.test --internal
    leads check_rdns "${lab[@]}" -H 127.44.8.25
    leads check_smtp_banner "${lab[@]}" -H 127.44.8.25
    leads check_starttls "${lab[@]}" -H 127.44.8.25 --ca-file "$FAKE_CERTIFICATES/authority.pem"
    leads check_recipient "${lab[@]}" --address office@people.lab.test
    leads check_open_relay "${lab[@]}" -H mail.office.lab.test -d office.lab.test --interval 0 --state-file none \
        --base-probes "$SRCDIR/share/relay-probes.conf" --proxy-protocol v2,198.51.100.66:4242,203.0.113.25:25
    printf '%s mail postfix/smtp[901]: 4F0023C1: to=<a@one.test>, relay=mx.one.test[192.0.2.25]:25, delay=1, dsn=5.7.1, status=bounced (host mx.one.test[192.0.2.25] said: 554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org (in reply to RCPT TO command))\n' \
        "$(date '+%Y-%m-%dT%H:%M:%S.000000+00:00' -u)" >maillog
    leads check_bounces --log maillog --base-rules "$SRCDIR/share/bounce-rules.conf"
    same "$(printf '%s\n' "${plugins[@]}" | sort)" "$(printf '%s\n' "${checked[@]}" | sort)"
}

@test "an empty section, which Zabbix gives for an unset macro, is that of the program where there is one" {
    "$sample" -d x --extra-opts=
    printf '[other]\nport = 587\n' >a.ini
    export MP_CONFIG_FILE=$PWD/a.ini
    "$sample" -d x --extra-opts=
    # Without the sign there must be one.
    contains "$("$sample" -d x --extra-opts || :)" 'there is no section [check_sample]'
    printf '[check_sample]\nport = 588\n' >>a.ini
    contains "$("$sample" -v -d x --extra-opts=)" 588
    printf '[check_sample]\nport = x\n' >>a.ini
    contains "$("$sample" -d x --extra-opts= || :)" 'option --port'
    MP_CONFIG_FILE=/nonexistent
    contains "$("$sample" -d x --extra-opts= || :)" 'cannot read /nonexistent'
}
