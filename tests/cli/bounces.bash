# shellcheck shell=bash
# For the bats files of check_bounces: `load bounces`, and bounces_setup in setup().
#
# Variables, for the tests: output, status and figures (perfdata) of the last check. The file sets `bounces`, the
# program, `rules`, the shipped rules, and `now`, the stamp of its lines.
# shellcheck disable=SC2034,SC2154

bounces_setup() {
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    cd "$BATS_TEST_TMPDIR" || return 1
    next_id=0
}

# check WORDS...: sets output, figures and status; nothing may stand on standard error.
check() {
    status=0
    output=$("$bounces" --base-rules "$rules" "$@" 2>errors </dev/null) || status=$?
    figures=" ${output#*| } "
    figures="${figures%%$'\n'*} "
    same '' "$(cat errors)"
}

# follow WORDS...: the check of mail.log with its state file.
follow() {
    check --log mail.log --state-file state --window all "$@"
}

# figure NAME VALUE: stands in the perfdata.
figure() {
    contains "$figures" " $1=$2 " || contains "$figures" " $1=$2;"
}

# line STATUS DSN TEXT [TO] [ID]: one line of Postfix about a delivery, of this moment.
line() {
    next_id=$((next_id + 1))
    printf '%s mx postfix/smtp[7]: %s: to=<%s>, relay=mx.example.org[192.0.2.7]:25, delay=1, delays=0/0/0/1, dsn=%s, status=%s (%s)\n' \
        "$now" "${5-$(printf 'A%07X' "$next_id")}" "${4-user$next_id@example.org}" "$2" "$1" "$3"
}

# sent COUNT, bounced COUNT: so many lines.
sent() {
    local i
    for ((i = 0; i < $1; i++)); do
        line sent 2.0.0 '250 2.0.0 Ok'
    done
}

bounced() {
    local i
    for ((i = 0; i < $1; i++)); do
        line bounced 5.1.1 'host mx.example.org[192.0.2.7] said: 550 5.1.1 User unknown (in reply to RCPT TO command)'
    done
}
