#!/usr/bin/env bats
# mailcheck and plugins that do not behave, terminals, and files that cannot be written: through the real binary.

load helper
load assert
load mailcheck

setup() {
    mailcheck=$(plugin mailcheck/mailcheck)
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH NO_COLOR COLUMNS
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir plugins
    fake_dns_start - <<'ZONE'
soa test
one.test MX 10 mx1.one.test
mx1.one.test A 44.128.0.1
[silent] silent.test ANY
ZONE
    all_fine
}

teardown() {
    fake_dns_stop
}

# script_plugin NAME: a plugin that is this script, from standard input.
script_plugin() {
    printf '#!/bin/sh\n%s\n' "$(cat)" >"plugins/check_$1"
}

# ---- plugins

@test "one that prints without end is ended at once, and the rest is told" {
    script_plugin spf <<<'exec yes "{\"plugin\":\"check_spf\",\"state\":0}"'
    check one.test
    same 3 "$status"
    says 'check_spf printed more than a result can be, and was ended (mailcheck.no-result)'
    says '  OK        dmarc        dmarc says 0'
}

@test "one that cannot be started is named with its folder" {
    chmod -x plugins/check_spf
    check one.test
    same 3 "$status"
    says 'plugins/check_spf could not be started: Permission denied (mailcheck.no-result)'
    says '    fix   Let this user read and run it and enter its folder, or name another'
}

@test "one that hangs with what it started, and one that closes its output and stays" {
    script_plugin spf <<<'sleep 1000 & echo $! >>pids; sleep 1000'
    script_plugin dmarc <<<'echo "{\"plugin\":\"check_dmarc\",\"state\":0}"; exec >&-; echo $$ >>pids; exec sleep 1000'
    check -t 3 --output-format multi-line one.test
    same 3 "$status"
    says 'check_spf was not finished in time (mailcheck.out-of-time)'
    says 'check_dmarc was not finished in time (mailcheck.out-of-time)'
    same 2 "$(wc -l <pids)"
    while read -r pid; do
        poll_until 5 eval "! kill -0 $pid 2>/dev/null"
    done <pids
}

@test "JSON that is cut, garbage, empty, too deep, of another kind, with NUL in it" {
    script_plugin spf <<<'printf "{\"plugin\":\"check_spf\",\"state\":0,\"findings\":[{\"id\":\"x"'
    script_plugin dmarc <<<'head -c 100000 /dev/urandom'
    script_plugin tlsrpt <<<'awk "BEGIN { for (i = 0; i < 100000; i++) printf \"[\" }"'
    script_plugin dkim <<<'printf "{\"plugin\":\"check_dkim\",\"state\":0}\000trailing"'
    script_plugin mx <<<'echo "[{\"plugin\":\"check_mx\",\"state\":0}]"'
    script_plugin rdns <<<'echo "{\"plugin\":\"check_rdns\",\"state\":\"0\"}"'
    check --output-format multi-line one.test
    same 3 "$status"
    for plugin in spf dmarc tlsrpt dkim mx rdns; do
        says "check_$plugin ended with status 0 and without a result (mailcheck.no-result)"
    done
    says 'unknown=6'
}

@test "members of the wrong kind are no members" {
    script_plugin spf <<'SCRIPT'
echo '{"plugin":"check_spf","state":2,"summary":["no"],"findings":[1,null,[],{},{"state":2,"id":7,"text":{},"fix":[]},{"state":99}],"tree":[]}'
SCRIPT
    check --html page.html one.test
    same 2 "$status"
    says '  CRITICAL  one.test  '
    [ -s page.html ]
}

@test "a result of megabytes is read, shown and bounded" {
    script_plugin spf <<'SCRIPT'
awk 'BEGIN {
    printf "{\"plugin\":\"check_spf\",\"state\":1,\"summary\":\"s\",\"findings\":["
    for (i = 0; i < 20000; i++)
        printf "%s{\"id\":\"spf.x%d\",\"state\":1,\"subject\":\"one.test\",\"text\":\"some long text that says nothing at all\",\"seen\":\"seen\",\"fix\":\"fix\",\"reference\":\"r\"}", i ? "," : "", i
    print "]}"
}'
SCRIPT
    check one.test
    same 1 "$status"
    [ "${#output}" -lt 1100000 ]
    says 'spf.x0'
    check --json one.test
    same 1 "$status"
    [ "${#output}" -lt 4300000 ]
    jq -e '.state == 1' <<<"$output" >/dev/null
}

# ---- no plugins, no network

@test "no folder of plugins: each is named, and how to name the folder" {
    rm -r plugins
    check --output-format multi-line one.test
    same 3 "$status"
    says 'plugins/check_spf is not there (mailcheck.not-installed)'
    check one.test
    says '    fix   Install the plugins, or name their folder with --plugin-dir'
}

@test "no resolver answers: what needs none is run, and the answer comes in time" {
    fake_dns_stop
    status=0
    output=$("$mailcheck" --plugin-dir plugins --resolver 127.0.0.1:9 -t 2 one.test) || status=$?
    same 3 "$status"
    says 'one.test: the exchangers are not known: '
    says '  OK        dmarc        dmarc says 0'
    fake_dns_start - <<<'soa test'
}

@test "a domain whose servers are silent does not take the time of the others" {
    check -t 5 --only dmarc --only smtp_banner silent.test one.test
    same 3 "$status"
    says 'silent.test: the exchangers are not known: '
    says '  OK        smtp_banner  smtp_banner says 0'
}

@test "hardly any time: nothing is called fine" {
    check -t 0.1 one.test
    same 3 "$status"
    says 'unknown=6 ok=0'
    says '  mailcheck.out-of-time'
}

# ---- where it goes

@test "a page that cannot be written, and one in the place of another file" {
    check --html /nonexistent/page.html one.test
    same 3 "$status"
    says 'the page of --html: cannot write /nonexistent/page.html: No such file or directory'
    says '  UNKNOWN   /nonexistent/page.html  mailcheck.page'
    says '  OK        spf          spf says 0'
    fake spf 2 "$FINDING"
    check --html /nonexistent/page.html one.test
    same 2 "$status"
    says 'CRITICAL - one.test: '
    says '  UNKNOWN   /nonexistent/page.html  mailcheck.page'
    fake spf 0
    echo before >page.html
    check --html page.html one.test
    same 0 "$status"
    same 0 "$(grep -c before page.html)"
}

@test "--html without a file: the option behind it is no file" {
    status=0
    output=$("$mailcheck" --html --only spf one.test) || status=$?
    same 3 "$status"
    says 'option --html: expected a value, FILE, got the option --only; a value like that is written --html=FILE'
    [ ! -e ./--only ]
}

@test "standard output that is closed or full is no success" {
    status=0
    "$mailcheck" --plugin-dir plugins --resolver "127.0.0.1:$FAKE_DNS_PORT" one.test >&- 2>errors || status=$?
    same 3 "$status"
    status=0
    "$mailcheck" --plugin-dir plugins --resolver "127.0.0.1:$FAKE_DNS_PORT" one.test >/dev/full 2>errors || status=$?
    same 3 "$status"
}

@test "a domain that is named twice is checked once" {
    check one.test ONE.test. one.test
    says 'domains=1'
    same 1 "$(grep -c ^check_spf calls)"
}

# on_terminal COLUMNS WORD...: what a terminal of that width is shown, in shown.
on_terminal() {
    local columns=$1
    shift
    printf 'stty cols %s; "%s" --plugin-dir plugins --resolver 127.0.0.1:%s %s\n' "$columns" "$mailcheck" "$FAKE_DNS_PORT" \
        "$*" >run
    TERM=xterm script -qec "sh run" typescript >shown </dev/null || :
}

@test "the width of the terminal is kept, by the line of progress, too" {
    require_terminal
    require_tool stty
    fake spf 2 '{"id":"spf.bad","state":2,"subject":"one.test","text":"a text of so many words that it must be broken more than once on a terminal that is as narrow as this one","seen":null,"fix":"f","reference":"r"}'
    on_terminal 60 --color never one.test
    grep -q 'a text of so many words' shown
    sed 's/\r$//; s/.*\r//; s/\x1b\[K//g' shown >lines
    same 0 "$(awk 'length($0) > 60' lines | wc -l)"
    tr '\r' '\n' <shown | sed 's/\x1b\[K//g' | grep 'checks done' >progress
    same 0 "$(awk 'length($0) > 60' progress | wc -l)"
}

@test "the line of progress names who is waited for, and is wiped" {
    require_terminal
    require_tool stty
    script_plugin spf <<<'sleep 0.2; echo "{\"plugin\":\"check_spf\",\"state\":0,\"summary\":\"s\"}"'
    on_terminal 100 one.test
    grep -q 'checks done, waiting for .*spf (one.test)' shown
    # The last one is followed by nothing but the result.
    same '' "$(tr '\r' '\n' <shown | grep -A1 'checks done' | tail -n 1 | sed 's/\x1b\[K//; s/\x1b.*//')"
}

@test "a terminal that knows no control sequence is sent none" {
    local terminal
    require_terminal
    for terminal in dumb ''; do
        printf 'TERM=%s "%s" --plugin-dir plugins --resolver 127.0.0.1:%s one.test\n' "$terminal" "$mailcheck" "$FAKE_DNS_PORT" >run
        script -qec "sh run" typescript >shown </dev/null
        same 0 "$(grep -c $'\e' shown)"
        same 0 "$(grep -c 'checks done' shown)"
        grep -q '^OK *one.test: ' shown
    done
}

@test "no progress where nobody looks, and none of it in a file" {
    require_terminal
    printf '"%s" --plugin-dir plugins --resolver 127.0.0.1:%s one.test >out 2>err\n' "$mailcheck" "$FAKE_DNS_PORT" >run
    script -qec "sh run" typescript >shown </dev/null
    same '' "$(cat err)"
    same 0 "$(grep -c 'checks done' out)"
    grep -q '^MAIL OK - ' out
}
