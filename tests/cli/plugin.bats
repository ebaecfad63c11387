#!/usr/bin/env bats
# What every plugin has in common, through a program that has an option of each kind (sample_plugin.c).

load helper
load assert

setup() {
    sample=$(plugin tests/cli/sample_plugin)
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    cd "$BATS_TEST_TMPDIR" || return 1
}

# run_sample WORDS...: sets output, status and errors (standard error).
run_sample() {
    status=0
    output=$(timeout 30 "$sample" "$@" 2>errors </dev/null) || status=$?
    errors=$(cat errors)
}

# ends STATUS: the last run ended so and said nothing on standard error.
ends() {
    same "$1" "$status"
    same "" "$errors"
}

# refused MESSAGE WORDS...: a usage error is one UNKNOWN line with this message, exit 3, nothing on standard error.
refused() {
    local message=$1
    shift
    run_sample "$@"
    same "SAMPLE UNKNOWN - $message | broken=U time=U" "$output"
    ends 3
}

# says PART WORDS...: the details of a good run have this part.
says() {
    local part=$1
    shift
    run_sample -v -d example.org "$@"
    ends 0
    contains "$output" "$part"
}

# ini NAME: writes the file from standard input.
ini() {
    cat >"$1"
}

# ---- states and exit codes

@test "the exit code is the worst state in the order OK, UNKNOWN, WARNING, CRITICAL" {
    run_sample -d example.org
    contains "$output" "SAMPLE OK - "
    ends 0
    run_sample -d example.org --find sample.note-that-has-an-unusually-long-identifier
    ends 0
    run_sample -d example.org --find sample.unsure
    contains "$output" "SAMPLE UNKNOWN - "
    ends 3
    run_sample -d example.org --find sample.unsure --find sample.old-record
    contains "$output" "SAMPLE WARNING - "
    ends 1
    run_sample -d example.org --find sample.unsure --find sample.old-record --find sample.broken
    contains "$output" "SAMPLE CRITICAL - "
    ends 2
}

@test "--exit-ok and --always-ok exit with 0 and still say what was found" {
    for option in --exit-ok --always-ok; do
        run_sample -d example.org --find sample.broken "$option"
        contains "$output" "SAMPLE CRITICAL - "
        ends 0
    done
    run_sample -d example.org --find nothing-works --exit-ok
    contains "$output" "SAMPLE UNKNOWN - nothing works"
    ends 0
    refused 'option --port: expected a whole number from 1 to 65535, got "x"' --exit-ok -d example.org -p x
}

@test "failed means of our own are UNKNOWN" {
    run_sample -d example.org --find nothing-works
    contains "$output" "SAMPLE UNKNOWN - nothing works"
    ends 3
}

# ---- usage errors

@test "a usage error names the option, the value and what was expected" {
    d='-d example.org'
    while IFS='#' read -r words message; do
        # shellcheck disable=SC2086
        refused "$message" $words
    done <<EOT
#option --domain is missing: expected --domain DOMAIN
--domian x#unknown option --domian; did you mean --domain?
$d --resolvr ::1#unknown option --resolvr; did you mean --resolver?
$d --zzzzzzzz#unknown option --zzzzzzzz; see --help
$d -Z#unknown option -Z; see --help
$d --out x#option --out is ambiguous: --output-format or --output-file
$d mail.example.org#unexpected argument "mail.example.org": expected an option, see --help
$d -p#option --port: expected a value, PORT
$d -p --verbose#option --port: expected a value, PORT, got the option --verbose; a value like that is written --port=PORT
$d --port --key=hush#option --port: expected a value, PORT, got the option --key; a value like that is written --port=PORT
$d -p 10x#option --port: expected a whole number from 1 to 65535, got "10x"
$d -p -1#option --port: expected a whole number from 1 to 65535, got "-1"
$d -p 99999999999#option --port: expected a whole number from 1 to 65535, got "99999999999"
$d --port=#option --port: expected a whole number from 1 to 65535, got ""
$d -t 0#option --timeout: expected seconds from 0.01 to 3600, got "0"
$d -t 10x#option --timeout: expected seconds from 0.01 to 3600, got "10x"
$d -t 3601#option --timeout: expected seconds from 0.01 to 3600, got "3601"
$d --timeout-result=ignore#option --timeout-result: expected ok, warning, critical or unknown, got "ignore"
$d -w :18#option --warning: expected a range [@]start:end such as 10, 10:, ~:10, 10:20 or @10:20, got ":18"
$d --resolver localhost#option --resolver: expected ADDR, ADDR:PORT or [IPv6]:PORT, got "localhost"
$d --resolver ::1:66000#option --resolver: expected ADDR, ADDR:PORT or [IPv6]:PORT, got "::1:66000"
$d -4 -6#options --use-ipv4 and --use-ipv6: expected one of them, got both
$d --exit-ok=yes#option --exit-ok: expected no value, got "yes"
$d --max-output 255#option --max-output: expected a whole number from 256 to 1048576 octets, got "255"
$d --output-format xml#option --output-format: expected text, multi-line, json, prometheus or checkmk, got "xml"
$d --export yaml#option --export: expected man, bash, icinga2, nagios, director, zabbix, zabbix-agent or json, got "yaml"
$d --severity sample.brokn=ok#option --severity: expected the id of a finding, got "sample.brokn"; did you mean sample.broken?
$d --severity sample.broken=bad#option --severity: expected ID=STATE with one of the states ok, warning, critical, unknown or ignore, got "sample.broken=bad"
$d --severity sample.broken#option --severity: expected ID=STATE with one of the states ok, warning, critical, unknown or ignore, got "sample.broken"
$d --severity =ok#option --severity: expected ID=STATE with one of the states ok, warning, critical, unknown or ignore, got "=ok"
--explain=sample.unsur#option --explain: expected the id of a finding, got "sample.unsur"; did you mean sample.unsure?
EOT
}

@test "what an option brings never reaches the output raw" {
    refused 'option --port: expected a whole number from 1 to 65535, got "\x1B[1m!(x)\x0A"' \
        -d example.org --port=$'\e[1m|<x>\n'
    refused 'option --sender: expected printable text in UTF-8 without control characters, got "a\x0D\x0Ab"' \
        -d example.org --sender=$'a\r\nb'
    refused 'unknown option --\xFF; see --help' $'--\xff'
}

@test "a secret is shown in no error" {
    refused 'option --key: expected printable text in UTF-8 without control characters' -d x --key=$'hush\r'
    refused 'unknown option --kex; did you mean --key?' --kex=hush
}

@test "a usage error speaks the format that was asked for, wherever --output-format stands" {
    require_tool jq
    for words in '-p x --output-format json' '--output-format=json -p x' '--output-fo json --nonsense' \
        '-p x --output-format text --output-format json'; do
        # shellcheck disable=SC2086
        run_sample -d example.org $words
        ends 3
        same 3 "$(jq .state <<<"$output")"
        same null "$(jq .perfdata.broken.value <<<"$output")"
    done
    contains "$(jq -r .summary <<<"$output")" 'option --port: expected a whole number'
    run_sample -p x --output-format prometheus
    ends 3
    contains "$output" '# SAMPLE UNKNOWN - option --port: expected a whole number'
    contains "$output" 'postmaster_sample_state{'
    run_sample -p x --output-format checkmk
    ends 3
    contains "$output" '3 "SAMPLE'
}

@test "a plugin's own judgement of an argument is a usage error too" {
    refused 'option --file: cannot read /nonexistent: No such file or directory' -d x --file /nonexistent
}

# ---- options

@test "values arrive" {
    says 'hostname=2001:db8::1' -H 2001:DB8::1
    says 'domain=example.org sender=nobody mode=quick port=25 pause=0 strict=0'
    says 'domain=xn--bcher-kva.example sender= mode=whole port=587 pause=0.5 strict=1' \
        --domain $'b\xc3\xbccher.EXAMPLE.' --sender= --mode=WHOLE -p587 --pause 0.5 --strict
    says $'zone=a.example\nzone=b.example' --zone a.example --zone=B.example.
    says $'server=192.0.2.1\nserver=2001:db8::1' --server 192.0.2.1 --server=2001:DB8:0::1
    says $'label=quick\nlabel=whole' --label quick --label WHOLE
    says $'resolver=192.0.2.1\nresolver=192.0.2.1:5353\nresolver=[::1]:53\nresolver=::1' --resolver 192.0.2.1 \
        --resolver 192.0.2.1:5353 --resolver '[::1]:53' --resolver ::1
}

@test "the common options arrive" {
    says 'worst=OK timeout=7 timeout_result=UNKNOWN v4=0 v6=0'
    says 'worst=CRITICAL timeout=2.5 timeout_result=CRITICAL v4=1 v6=0' --worst=2 -t 2.5 --timeout-res critical -4
    says 'v4=0 v6=1' --use-ipv6
    says 'left=3' -t 3
}

@test "-w and -c of a count: a bare N means N or more, a range is a range" {
    run_sample -d x --find sample.broken --severity sample.broken=ok -w 2 -c 2
    contains "$output" 'broken=1;1;1'
    ends 0
    run_sample -d x --find sample.broken --severity sample.broken=ok -c 2:5
    contains "$output" 'broken=1;;2:5'
    run_sample -d x -c 1
    ends 0
    run_sample -d x -c @0:0
    ends 2
}

@test "--severity gives a finding another state, or drops it" {
    for state in 'ok 0' 'warning 1' 'CRITICAL 2' 'unknown 3' '1 1' 'ignore 0'; do
        run_sample -d x --find sample.broken --severity "sample.broken=${state% *}"
        ends "${state#* }"
    done
    lacks "$output" 'sample.broken'
    run_sample -d x --find sample.broken --severity sample.broken=ok --severity sample.broken=warning
    ends 1
    run_sample -d x --find sample.broken --severity sample.old-record=critical --severity sample.broken=warning
    ends 1
}

# ---- output

@test "verbosity: one line, then the findings" {
    run_sample -d x --find sample.broken
    same 1 "$(wc -l <<<"$output")"
    run_sample -d x --find sample.broken -v
    contains "$output" $'\n''CRITICAL sample.broken'
    contains "$output" 'Mend it'
    run_sample -d x --find sample.broken -vvvvv
    ends 2
}

@test "every format is what it says" {
    require_tool jq
    run_sample -d x --find sample.broken --output-format text
    contains "$output" 'SAMPLE CRITICAL - the sample: it is as --find says (sample.broken) | broken=1 time=0'
    run_sample -d x --find sample.broken --output-format multi-line
    contains "$output" '\_ [CRITICAL] the sample'
    run_sample -d x --find sample.broken --output-format JSON
    same 1 "$(wc -l <<<"$output")"
    same '"check_sample" 2 "sample.broken" 1' \
        "$(jq -c '.plugin, .state, .findings[0].id, .perfdata.broken.value' <<<"$output" | tr '\n' ' ' | sed 's/ $//')"
    run_sample -d x --find sample.broken --output-format prometheus
    contains "$output" 'postmaster_sample_state{target="x"} 2'
    run_sample -d x --find sample.broken --output-format checkmk
    contains "$output" '2 "SAMPLE x" broken=1'
}

@test "--max-output bounds the text" {
    zones=()
    for i in {1..200}; do zones+=(--zone "zone$i.example"); done
    run_sample -d x -v --max-output 300 "${zones[@]}"
    [ "${#output}" -lt 300 ]
    contains "$output" 'more'
    run_sample -d x -v --max-output 100000 "${zones[@]}"
    contains "$output" 'zone=zone200.example'
}

@test "the output is one write" {
    require_tool strace
    # LeakSanitizer cannot work below strace.
    ASAN_OPTIONS=detect_leaks=0 strace -e trace=write -o trace "$sample" -d x -v --find sample.broken >/dev/null || :
    if ! grep -q 'write(1' trace; then skip "strace cannot trace here"; fi
    same 1 "$(grep -c 'write(' trace)"
}

@test "a write that fails is UNKNOWN" {
    [ -c /dev/full ] || skip "there is no /dev/full"
    for words in '-d x' '-d x --exit-ok' '--help' '--export man' '-d x -p x'; do
        status=0
        # shellcheck disable=SC2086
        "$sample" $words >/dev/full 2>errors || status=$?
        errors=$(cat errors)
        ends 3
    done
}

@test "a closed standard output is UNKNOWN, and so is a reader who went away" {
    status=0
    "$sample" -d x >&- 2>errors || status=$?
    errors=$(cat errors)
    ends 3
    # A pipe that was opened for writing while a reader was there, who then went away.
    mkfifo gone
    exec {reader}<>gone
    exec {writer}>gone
    exec {reader}>&-
    status=0
    "$sample" -d x 2>errors 1>&"$writer" || status=$?
    exec {writer}>&-
    errors=$(cat errors)
    ends 3
}

@test "a closed descriptor's number goes to no file: the output is written into none" {
    : >held
    status=0
    "$sample" -d x --hold held >&- 2>errors || status=$?
    same '' "$(cat held)"
    same 3 "$status"
    status=0
    "$sample" -d x --hold held <&- >&- 2>&- || status=$?
    same '' "$(cat held)"
    same 3 "$status"
}

@test "--output-file is written in one step and nothing is printed" {
    echo old >out.prom
    (
        umask 027
        run_sample -d x --find sample.old-record --output-format prometheus --output-file out.prom
        same '' "$output"
        ends 1
    )
    contains "$(cat out.prom)" 'postmaster_sample_state{target="x"} 1'
    same out.prom "$(find out.prom -perm 640)"
    same 'errors out.prom' "$(echo *)"
    run_sample -d x --find nothing-works --output-file out.prom
    same '' "$output"
    ends 3
    contains "$(cat out.prom)" 'SAMPLE UNKNOWN - nothing works'
}

@test "--output-file that cannot be written is UNKNOWN on standard output" {
    refused 'cannot write /nonexistent/x: No such file or directory' -d x --exit-ok --output-file /nonexistent/x
    mkdir folder
    refused 'cannot write folder: it is not a regular file' -d x --output-file folder
    same 'errors folder' "$(echo *)"
    run_sample -d x -p x --output-file out.txt
    contains "$output" 'option --port'
    ends 3
    [ ! -e out.txt ]
}

# ---- files

@test "files are read whole, standard input too, and are bounded" {
    printf '%0999d\n' 0 >exact
    says 'file has 1000 octets' --file exact
    echo >>exact
    refused 'option --file: cannot read exact: it is too large' -d x --file exact
    status=0
    output=$(printf 'abc' | "$sample" -v -d x --file -) || status=$?
    contains "$output" 'file has 3 octets'
    : >empty
    says 'file has 0 octets' --file empty
}

@test "a file that would stall is refused" {
    mkfifo pipe
    refused 'option --file: cannot read pipe: it is not a regular file' -d x --file pipe
    refused 'option --file: cannot read /dev/zero: it is not a regular file' -d x --file /dev/zero
    refused 'option --file: cannot read .: it is not a regular file' -d x --file .
}

@test "standard input that does not end is given up" {
    mkfifo pipe
    exec {writer}<>pipe
    status=0
    output=$(timeout 20 "$sample" -d x --file - <pipe) || status=$?
    exec {writer}>&-
    contains "$output" 'option --file: cannot read standard input: it does not end in time'
    same 3 "$status"
}

# ---- ini files

@test "--extra-opts reads a section first and the command line wins" {
    ini a.ini <<'EOT'
# for the tests
[check_sample]
domain = ini.example
port = 26
zone = one.example
zone = two.example
strict
; quotes keep blanks
sender = " a "
w = 1
severity = sample.broken=warning
[other]
d = other.example
EOT
    run_sample -v --extra-opts=@a.ini
    ends 0
    contains "$output" 'domain=ini.example sender= a  mode=quick port=26 pause=0 strict=1'
    contains "$output" $'zone=one.example\nzone=two.example'
    contains "$output" 'broken=0;0'
    run_sample -v -p 27 --extra-opts @a.ini --zone three.example --find sample.broken
    ends 1
    contains "$output" 'port=27'
    contains "$output" $'zone=two.example\nzone=three.example'
    run_sample -v --extra-opts=other@a.ini
    contains "$output" 'domain=other.example'
    run_sample -v --extra-opts=@a.ini --extra-opts=other@a.ini
    contains "$output" 'domain=other.example'
    contains "$output" 'port=26'
}

@test "--extra-opts finds the file of the system" {
    ini a.ini <<'EOT'
[check_sample]
d = mp.example
EOT
    mkdir etc
    sed s/mp.example/nagios.example/ a.ini >etc/plugins.ini
    export NAGIOS_CONFIG_PATH=/nonexistent:etc
    run_sample -v --extra-opts
    contains "$output" 'domain=nagios.example'
    export MP_CONFIG_FILE=a.ini
    run_sample -v --extra-opts
    contains "$output" 'domain=mp.example'
    run_sample -v --extra-opts -p 30
    contains "$output" 'domain=mp.example'
    contains "$output" 'port=30'
}

@test "--extra-opts reads standard input" {
    output=$(printf '[s]\nd=piped.example\n' | "$sample" -v --extra-opts=s@-)
    contains "$output" 'domain=piped.example'
}

@test "an ini section with a mistake names file and line and shows no secret" {
    printf '[check_sample]\nport = 10x\n' >a.ini
    refused 'a.ini:2: option --port: expected a whole number from 1 to 65535, got "10x"' --extra-opts=@a.ini
    printf '[check_sample]\n\nprt = 10\n' >a.ini
    refused 'a.ini:3: unknown option --prt; did you mean --port?' --extra-opts=@a.ini
    printf '[check_sample]\nkey = "hush\n' >a.ini
    refused 'a.ini:2: expected a quote at the end of the value too' --extra-opts=@a.ini
    printf '[check_sample]\nkex = hush\n' >a.ini
    refused 'a.ini:2: unknown option --kex; did you mean --key?' --extra-opts=@a.ini
    printf '[check_sample]\nextra-opts = x\n' >a.ini
    refused 'a.ini:2: option --extra-opts: expected on the command line only' --extra-opts=@a.ini
    printf '[check_sample]\nhelp\n' >a.ini
    refused 'a.ini:2: option --help: expected on the command line only' --extra-opts=@a.ini
    printf '[check_sample]\nport\n' >a.ini
    refused 'a.ini:2: option --port: expected a value, PORT' --extra-opts=@a.ini
    printf '[check_sample]\nd = x\nseverity = sample.x=ok\n' >a.ini
    refused 'a.ini:3: option --severity: expected the id of a finding, got "sample.x"; did you mean sample.broken?' \
        --extra-opts=@a.ini
    refused 'a.ini: there is no section [none]' --extra-opts=none@a.ini
    refused 'option --extra-opts: cannot read none.ini: No such file or directory' --extra-opts=@none.ini
}

@test "an ini section may choose the format, also that of later mistakes" {
    require_tool jq
    printf '[check_sample]\noutput-format = json\n' >a.ini
    run_sample -d x --extra-opts=@a.ini
    same 0 "$(jq .state <<<"$output")"
    run_sample -d x --extra-opts=@a.ini -p x
    same 3 "$(jq .state <<<"$output")"
}

# ---- help

@test "--help, -h and -? print the same help and exit with 3" {
    run_sample --help
    ends 3
    help=$output
    for option in -h '-?' --hel; do
        run_sample "$option"
        ends 3
        same "$help" "$output"
    done
}

@test "the help has 80 columns, the version, every option, its default and unit, and every finding" {
    run_sample --help
    same 0 "$(awk 'length > 80' <<<"$output" | wc -l)"
    for part in 'check_sample 1.2.3 (postmaster-plugins)' '-H, --hostname ADDRESS' '-d, --domain DOMAIN' \
        'Usage: check_sample --domain DOMAIN [OPTION]...' '(required)' '-?' 'default: 25' \
        '(0 to 60 seconds; default: 0)' 'default: 7' '--severity ID=STATE' '--extra-opts[=SECTION@FILE]' \
        'sample.broken      CRITICAL  the sample is broken' 'check_sample -d example.org --find sample.broken' \
        'the number of broken parts' 'What is checked:' 'Exit status:' 'Licence: GPL-3.0-or-later'; do
        [ "$part" = '-?' ] || contains "$output" "$part"
    done
    lacks "$output" 'always-ok'
    options=$("$sample" --export json | grep -o '"name": "[a-z0-9-]*"' | cut -d '"' -f 4)
    for option in $options; do
        contains "$output" "--$option"
    done
}

@test "the examples of the help work" {
    "$sample" --help 2>&1 | sed -n 's/^  \(check_sample .*\)/\1/p' >commands || :
    same 2 "$(wc -l <commands)"
    while read -r _ words; do
        # shellcheck disable=SC2086
        run_sample $words
        lacks "$output" 'UNKNOWN'
    done <commands
}

@test "help and version answer before anything else is judged" {
    run_sample --port x --version
    ends 3
    same 'check_sample 1.2.3 (postmaster-plugins)' "$output"
    run_sample -V --extra-opts=@/nonexistent
    same 'check_sample 1.2.3 (postmaster-plugins)' "$output"
    refused 'unknown option --nonsense; see --help' --help --nonsense
}

@test "--explain tells what, why and how to repair" {
    run_sample --explain=sample.broken
    ends 3
    for part in 'sample.broken (CRITICAL' 'the sample is broken' 'A broken sample delivers no mail' 'Mend it: v=sample1' \
        'RFC 5321 4.2'; do
        contains "$output" "$part"
    done
    lacks "$output" 'sample.unsure'
    one=$output
    run_sample --explain sample.broken
    same "$one" "$output"
    run_sample --explain
    ends 3
    contains "$output" "$one"
    contains "$output" 'sample.unsure (UNKNOWN'
}

# ---- exports

@test "the man page is clean" {
    "$sample" --export=man >check_sample.1
    for heading in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' FINDINGS 'PERFORMANCE DATA' EXAMPLES NOTES 'SEE ALSO'; do
        grep -qx "\\.SH $heading" check_sample.1
    done
    grep -q '^\.TH CHECK_SAMPLE 1 "" "postmaster-plugins 1\.2\.3"' check_sample.1
    require_tool man
    same '' "$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man -l --warnings=w check_sample.1 2>&1 >page)"
    for part in '-t, --timeout SECONDS' "v=sample1; p=\"abc\" 'x' ~all" "\"quoted\" or 'so' \\ \`that\`" \
        "'Quoted' first word." '.dot first.' '.nothing to do' 'RFC 5321, RFC 7208, RFC 2308'; do
        contains "$(tr -s ' \n' '  ' <page)" "$part"
    done
}

@test "the man page pleases mandoc" {
    require_tool mandoc
    "$sample" --export=man >check_sample.1
    # A date would differ from build to build.
    same '' "$(mandoc -Tlint check_sample.1 | grep -v 'missing date' || :)"
}

# complete WORD...: prints what bash offers for the last word; the words are cut at = as bash does.
complete_words() {
    # shellcheck disable=SC2016
    bash -c '
        compopt() { :; }
        source ./completion
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        COMP_LINE=
        for word; do COMP_LINE+="$word "; done
        COMP_LINE=${COMP_LINE// = /=}
        COMP_LINE=${COMP_LINE% }
        COMP_POINT=${#COMP_LINE}
        _postmaster_sample
        printf "%s\n" "${COMPREPLY[@]}"
    ' bash check_sample "$@" | tr '\n' ' ' | sed 's/ $//'
}

@test "the bash completion offers options, words, states, ids and files" {
    "$sample" --export=bash >completion
    bash -n completion
    touch 'a file' afile
    same '--output-format --output-file' "$(complete_words --outp)"
    same 'text' "$(complete_words --output-format t)"
    same 'multi-line' "$(complete_words --output-format = m)"
    same 'text multi-line json prometheus checkmk' "$(complete_words --output-format =)"
    same 'sample.broken=' "$(complete_words --severity sample.b)"
    same 'sample.broken=' "$(complete_words --severity = sample.b)"
    same 'ok warning critical unknown ignore' "$(complete_words --severity sample.broken =)"
    same 'critical' "$(complete_words --severity sample.broken = c)"
    same 'warning' "$(complete_words --severity = sample.broken = w)"
    same 'sample.unsure' "$(complete_words --explain = sample.u)"
    same 'unknown' "$(complete_words --timeout-result u)"
    same 'a file afile' "$(complete_words --file a)"
    same '' "$(complete_words -p 2)"
    same '' "$(complete_words --timeout '')"
    contains "$(complete_words '')" '--hostname'
    contains "$(complete_words --strict '')" '--hostname'
    lacks "$(complete_words --)" '--always-ok'
    contains "$(complete_words --extra-opts --)" '--port'
}

@test "the bash completion pleases shellcheck" {
    require_tool shellcheck
    "$sample" --export=bash >completion
    shellcheck completion
}

@test "the Icinga 2 command has every option for engines, none for people, no secret" {
    "$sample" --export=icinga2 >check_sample.conf
    for line in 'object CheckCommand "postmaster_sample" {' $'\timport "ipv4-or-ipv6"' \
        $'\tcommand = [ PluginContribDir + "/check_sample" ]' $'\ttimeout = 60s' $'\t\t"--zone" = {' \
        $'\t\t\tvalue = "$postmaster_sample_zone$"' $'\t\t\trepeat_key = true' $'\t\t\trequired = true' \
        $'\t\t\tset_if = "$postmaster_sample_use_ipv4$"' $'\tvars.postmaster_sample_hostname = "$check_address$"'; do
        grep -qxF "$line" check_sample.conf
    done
    for option in help version explain export output-file key always-ok; do
        same 0 "$(grep -c -e "\"--$option\"" check_sample.conf || :)"
    done
    same 0 "$(grep -c separator check_sample.conf || :)"
}

@test "Icinga 2 takes the command" {
    require_tool icinga2
    [ -r /usr/share/icinga2/include/plugins ] || skip "the template library of Icinga 2 is not installed"
    "$sample" --export=icinga2 >check_sample.conf
    mkdir data
    cat >main.conf <<'EOT'
const PluginDir = "/usr/lib/nagios/plugins"
const PluginContribDir = PluginDir
include <itl>
include <plugins>
include "check_sample.conf"
object Host "h" {
  address = "192.0.2.1"
  check_command = "postmaster_sample"
  vars.postmaster_sample_domain = "example.org"
  vars.postmaster_sample_zone = [ "a.example", "b.example" ]
}
EOT
    defines=()
    for folder in Data Cache Log Spool InitRun Config; do
        defines+=(-D "${folder}Dir=$PWD/data")
    done
    icinga2 daemon -C -c "$PWD/main.conf" "${defines[@]}" -D "RunAsUser=$(id -un)" -D "RunAsGroup=$(id -gn)"
}

@test "the Nagios commands quote their arguments and have unusual names" {
    "$sample" --export=nagios >check_sample.cfg
    same 'postmaster_sample postmaster_sample_4 postmaster_sample_6 postmaster_sample_args postmaster_sample_section' \
        "$(awk '$1 == "command_name" { print $2 }' check_sample.cfg | tr '\n' ' ' | sed 's/ $//')"
    # shellcheck disable=SC2016
    contains "$(cat check_sample.cfg)" \
        '$USER1$/check_sample --hostname '"'"'$HOSTADDRESS$'"'"' --domain '"'"'$ARG1$'"'"' $ARG2$'
}

@test "Nagios takes the commands" {
    nagios=$(command -v nagios4 || command -v nagios) || skip "nagios is not installed"
    mkdir data
    "$sample" --export=nagios >objects.cfg
    cat >>objects.cfg <<'EOT'
define timeperiod {
    timeperiod_name t
    alias t
}
define contact {
    contact_name c
    host_notification_commands postmaster_sample
    service_notification_commands postmaster_sample
    host_notification_period t
    service_notification_period t
    host_notification_options n
    service_notification_options n
}
define host {
    host_name h
    address 192.0.2.1
    max_check_attempts 1
    check_period t
    contacts c
}
define service {
    host_name h
    service_description s
    check_command postmaster_sample!example.org!-w 1
    max_check_attempts 1
    check_period t
    contacts c
}
EOT
    echo "\$USER1\$=/usr/lib/nagios/plugins" >resource.cfg
    cat >nagios.cfg <<EOT
log_file=$PWD/data/log
cfg_file=$PWD/objects.cfg
resource_file=$PWD/resource.cfg
check_result_path=$PWD/data
temp_path=$PWD/data
lock_file=$PWD/data/lock
nagios_user=$(id -un)
nagios_group=$(id -gn)
EOT
    "$nagios" -v nagios.cfg >result || :
    grep -q 'Total Errors:   0' result || { cat result >&2 && false; }
}

@test "the Director basket links each argument with a field" {
    require_tool jq
    "$sample" --export=director >basket.json
    same '"postmaster_sample" "object" "PluginContribDir + /check_sample"' \
        "$(jq -c '.Command.postmaster_sample | .object_name, .object_type, .command' basket.json | tr '\n' ' ' | sed 's/ $//')"
    same true "$(jq '(.Command.postmaster_sample.fields | map(.datafield_id | tostring)) == (.Datafield | keys_unsorted)' basket.json)"
    same true "$(jq '([.Command.postmaster_sample.arguments[] | (.value // .set_if)] | sort) == ([.Datafield[].varname | "$" + . + "$"] | sort)' basket.json)"
    same 'DataTypeArray' "$(jq -r '.Datafield[] | select(.varname == "postmaster_sample_zone").datatype' basket.json | sed 's/.*\\//')"
    same 'DataTypeBoolean' "$(jq -r '.Datafield[] | select(.varname == "postmaster_sample_strict").datatype' basket.json | sed 's/.*\\//')"
    same null "$(jq '.Command.postmaster_sample.arguments["--key"]' basket.json)"
}

@test "the JSON export has all tables" {
    require_tool jq
    "$sample" --export=json >tables.json
    same '4 2 2' "$(jq -c '[.findings, .metrics, .examples] | map(length) | map(tostring) | join(" ")' tables.json | tr -d '"')"
    same '"seconds" 0.01 3600 "seconds" true' \
        "$(jq -c '.options[] | select(.name == "timeout") | .kind, .minimum, .maximum, .unit, .common' tables.json | sed 's/3600.0/3600/' | tr '\n' ' ' | sed 's/ $//')"
    same 'Time and network' "$(jq -r '.options[] | select(.name == "resolver").group' tables.json)"
    same 0 "$(jq '[.options[] | select(.name == "always-ok")] | length' tables.json)"
}

@test "exports are the same at every run, in any place and at any time, and exit with 0" {
    for format in man bash icinga2 nagios director zabbix zabbix-agent json; do
        run_sample --export "$format"
        ends 0
        first=$output
        output=$(cd / && TZ=Asia/Tokyo LC_ALL=C "$sample" "--export=$format")
        same "$first" "$output"
    done
}
