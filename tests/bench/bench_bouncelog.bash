# shellcheck shell=bash disable=SC2154
# check_bounces on a log of Postfix; a part of tests/bench/run. One line of six is about a delivery.

bouncelog_megabytes=100
awk -v most="$bouncelog_megabytes" 'BEGIN {
    srand(1)
    while (size < most * 1000000) {
        n++
        id = sprintf("4%09X", n)
        at = sprintf("Nov 22 %02d:%02d:%02d mx postfix", n / 3600 % 24, n / 60 % 60, n % 60)
        to = "to=<user" n % 9999 "@d" n % 500 ".example>, relay=mx.d" n % 500 ".example[192.0.2.7]:25, delay=1, delays=0/0/0/1"
        chance = rand()
        end = "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4cW5Yk1zDWz9sT8)"
        if (chance > .95)
            end = "dsn=5.1.1, status=bounced (host mx said: 550 5.1.1 User unknown (in reply to RCPT TO command))"
        else if (chance > .9)
            end = "dsn=4.7.1, status=deferred (host mx said: 450 4.7.1 Greylisted, try again in 300 seconds)"
        lines = at "/smtpd[12]: connect from host" n % 977 ".example.com[192.0.2.1]\n"
        lines = lines at "/smtpd[12]: " id ": client=host.example.com[192.0.2.1], sasl_method=PLAIN, sasl_username=me\n"
        lines = lines at "/cleanup[13]: " id ": message-id=<" n "@example.com>\n"
        lines = lines at "/qmgr[14]: " id ": from=<me@example.com>, size=3456, nrcpt=1 (queue active)\n"
        lines = lines at "/smtp[15]: " id ": " to ", " end "\n" at "/qmgr[14]: " id ": removed\n"
        size += length(lines)
        printf "%s", lines
    }
}' >"$work/mail.log"
# Without the pipe grep ends at the first match: its output is thrown away.
echo "grep -c status=bounced '$work/mail.log' | cat" >"$work/grep.sh"
bouncelog_peers=(--vs "grep -c" sh "$work/grep.sh")
if has pflogsumm; then
    bouncelog_peers+=(--vs pflogsumm pflogsumm "$work/mail.log")
fi
heading "check_bounces: a log of $bouncelog_megabytes MB"
"$work/measure" 3 check_bounces -- "$build/check_bounces" --base-rules share/bounce-rules.conf --log "$work/mail.log" -t 600 \
    "${bouncelog_peers[@]}"
