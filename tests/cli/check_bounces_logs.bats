#!/usr/bin/env bats
# check_bounces through the real binary on logs of our own writing: what is counted, thresholds and limits, what it
# says of logs that it cannot read. Rotation and state: check_bounces_rotation.bats.

load helper
load assert
load bounces

setup() {
    bounces=$(plugin check_bounces)
    rules=$SRCDIR/share/bounce-rules.conf
    now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    bounces_setup
}

# ---- counting

@test "Postfix: delivered, bounced, expired and deferred are counted, each once" {
    {
        sent 7
        bounced 2
        line deferred 4.2.2 '452 4.2.2 mailbox full' a@example.org ABCDEF1
        line deferred 4.2.2 '452 4.2.2 mailbox full' a@example.org ABCDEF1
        line deferred 4.2.2 '452 4.2.2 mailbox full' b@example.org ABCDEF1
        echo "$now mx postfix/qmgr[1]: ABCDEF9: from=<s@example.com>, status=expired, returned to sender"
    } >mail.log
    check --log mail.log
    figure delivered 7
    figure bounced 2
    figure expired 1
    figure deferred 2
    figure rate 30%
    figure recipient 2
    figure full 2
    figure transient 1
}

@test "Postfix: probes, content filters and bounces of bounces are not counted" {
    {
        sent 1
        line deliverable 2.1.5 '250 2.1.5 Ok'
        line undeliverable 5.1.1 '550 5.1.1 no'
        echo "$now mx postfix/smtp[7]: ABCDEF2: to=<a@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as ABCDEF3)"
        echo "$now mx postfix/bounce[7]: ABCDEF4: sender non-delivery notification: ABCDEF5"
        echo "$now mx postfix/qmgr[7]: ABCDEF5: from=<>, size=100, nrcpt=1 (queue active)"
        line bounced 5.1.1 '550 5.1.1 no' spam@example.org ABCDEF5
        echo "$now mx postfix/qmgr[7]: ABCDEF5: removed"
        line bounced 5.1.1 '550 5.1.1 no' other@example.org ABCDEF5
    } >mail.log
    check --log mail.log --output-format json
    same '{"delivered":1,"bounced":1,"ignored":{"probe":2,"re-injected":1,"local-hop":0,"queued":0,"null-sender":1}}' \
        "$(jq -c '{delivered: .perfdata.delivered.value, bounced: .perfdata.bounced.value, ignored}' <<<"$output")"
}

@test "Exim, Sendmail and OpenSMTPD are found out line by line, and --log-format takes one of them" {
    {
        sent 1
        echo "${now:0:10} ${now:11:8} 1vKx2a-00000000abC-1def ** b@example.org R=r T=t H=mx [192.0.2.7]: 550 5.1.1 User unknown"
        echo "Nov  2 03:04:05 mx sm-mta[9]: 5B21abCD000009: to=<a@example.org>,<c@example.org>, delay=0, mailer=esmtp, relay=mx. [192.0.2.7], dsn=2.0.0, stat=Sent (ok)"
        echo "Nov  2 03:04:05 mx smtpd[7]: 5f mta delivery evpid=11aa22bb from=<s@x> to=<a@y> rcpt=<-> source=\"-\" relay=\"192.0.2.7 (mx)\" delay=2s result=\"PermFail\" stat=\"550 no\""
    } >mail.log
    check --log mail.log
    figure delivered 3
    figure bounced 2
    check --log mail.log --log-format sendmail
    figure delivered 2
    figure bounced 0
    check --log mail.log --log-format exim
    figure delivered 0
    figure bounced 1
}

@test "several logs are one sum" {
    sent 3 >one.log
    bounced 2 >two.log
    check --log one.log --log two.log
    figure delivered 3
    figure bounced 2
}

@test "a packed log is read" {
    sent 5 >mail.log
    gzip mail.log
    check --log mail.log.gz
    figure delivered 5
}

@test "a last line without an end counts when the log is read once and for all" {
    sent 2 | head -c -1 >mail.log
    check --log mail.log
    figure delivered 2
}

@test "--window counts by the stamps of the lines: an hour, and bounces.old-lines says what is older" {
    {
        sent 2
        now=$(date -u -d '-2 hours' +%Y-%m-%dT%H:%M:%SZ) sent 3
        now=$(date -d '-30 minutes' '+%b %e %H:%M:%S') sent 4
    } >mail.log
    check --log mail.log --window 1h -v
    figure delivered 6
    finding OK bounces.old-lines
    contains "$output" "3 of the deliveries, bounces and deferrals are older than the window of 1 h"
    check --log mail.log --window 3h
    figure delivered 9
}

@test "the words of Postfix and of a server are no queue id, no mailbox that expired" {
    {
        sent 1
        echo "$now mx postfix/smtp[1]: warning: to=<z@x.example>, relay=x, delay=1, delays=0/0/0/1, dsn=5.0.0, status=bounced (no)"
        echo "${now:0:10} ${now:11:8} 1vKx2a-00000000abC-1def == i@x.example R=dnslookup defer (-51): retry time not reached"
    } >mail.log
    check --log mail.log --output-format json --recipients
    same '[1,0,1,"network"]' \
        "$(jq -c '[.perfdata.delivered.value, .perfdata.bounced.value, .perfdata.deferred.value, .samples[0].class]' <<<"$output")"
}

@test "Postfix: the address before it was rewritten stands beside the recipient in JSON" {
    line bounced 5.1.1 '550 5.1.1 no' b@example.org | sed 's/ relay=/ orig_to=<bb@ours.example>,&/' >mail.log
    check --log mail.log --output-format json --recipients
    same '["b@example.org","bb@ours.example"]' \
        "$(jq -c '.messages[0].recipients[0] | [.recipient, .original_recipient]' <<<"$output")"
}

@test "a deferral is not hard, whatever its words: no suppression list takes it" {
    line deferred 5.1.1 '550 5.1.1 User unknown' >mail.log
    check --log mail.log --output-format json --recipients
    same '[["delayed",false]]' "$(jq -c '[.messages[] | [.kind, .recipients[0].hard]]' <<<"$output")"
}

@test "control characters of a reply are shown as what they are, also by a later run" {
    : >mail.log
    follow
    line bounced 5.1.1 $'550 5.1.1 \e]0;x\a no' >>mail.log
    follow -v
    contains "$output" '550 5.1.1 \x1B]0;x\x07 no'
    follow -v
    contains "$output" '550 5.1.1 \x1B]0;x\x07 no'
}

@test "bounces.future-lines: stamps ahead of the clock are told" {
    now=$(date -u -d '+3 hours' +%Y-%m-%dT%H:%M:%SZ) sent 3 >mail.log
    check --log mail.log --window 1h -v
    figure delivered 3
    finding OK bounces.future-lines
    contains "$output" '3 of the deliveries, bounces and deferrals are stamped more than 5 minutes ahead'
    { now=$(date -u -d '+1 minute' +%Y-%m-%dT%H:%M:%SZ) sent 1; sent 1; } >mail.log
    check --log mail.log --window 1h -v
    lacks "$output" future-lines
}

# ---- the rate

@test "bounces.rate: CRITICAL names the rate, the window, the blocklist, the provider and the words" {
    {
        sent 40
        for ((i = 0; i < 12; i++)); do
            line bounced 5.7.1 'host mx.example.org[192.0.2.7] said: 550 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org'
        done
    } >mail.log
    check --log mail.log --window 1h
    same 2 "$status"
    contains "$output" 'BOUNCES CRITICAL - 23.1 % bounced (12 of 52 in 1 h), 12 blocked by Spamhaus at example.org: 550 5.7.1 Client host'
    figure rate '23.08%;10;20'
    figure blocked 12
}

@test "bounces.rate: the cause beside the rate counts bounces, not deferrals, be they more" {
    {
        sent 40
        bounced 12
        for ((i = 0; i < 30; i++)); do
            line deferred 4.4.1 'connect to mx.example.org[192.0.2.7]:25: Connection timed out'
            line deferred 4.7.1 '450 4.7.1 blocked using zen.spamhaus.org'
        done
    } >mail.log
    check --log mail.log
    same 2 "$status"
    contains "$output" 'BOUNCES CRITICAL - 23.1 % bounced (12 of 52 in all), 12 bad-mailbox at example.org: 550 5.1.1'
}

@test "bounces.rate: WARNING above 10, OK at 10, and -w and -c set the levels" {
    { sent 88; bounced 12; } >mail.log
    check --log mail.log -v
    same 1 "$status"
    finding WARNING bounces.rate
    { sent 90; bounced 10; } >mail.log
    check --log mail.log
    same 0 "$status"
    check --log mail.log -w 5 -c 8
    same 2 "$status"
}

@test "bounces.few-mails: one bounce of five is no alarm, --min-mails says otherwise" {
    { sent 4; bounced 1; } >mail.log
    check --log mail.log -v
    same 0 "$status"
    finding OK bounces.few-mails
    check --log mail.log --min-mails 5
    same 1 "$status"
}

@test "bounces.no-mails: silence is told, and can be made an alarm" {
    echo "$now mx postfix/smtpd[1]: connect from x[192.0.2.1]" >mail.log
    check --log mail.log -v
    same 0 "$status"
    finding OK bounces.no-mails
    figure rate U
    check --log mail.log --severity bounces.no-mails=warning
    same 1 "$status"
}

# ---- limits

@test "bounces.blocklisted: one mail is one" {
    line bounced 5.7.1 '550 5.7.1 blocked using zen.spamhaus.org' >mail.log
    check --log mail.log -v
    finding OK bounces.blocklisted
    contains "$output" "1 mail was refused because of it in all"
}

@test "bounces.limit: a count of a group warns and is critical; the perfdata carries both" {
    {
        sent 100
        for ((i = 0; i < 3; i++)); do
            line bounced 5.7.1 '550 5.7.1 blocked using zen.spamhaus.org'
        done
    } >mail.log
    check --log mail.log --limit blocked=1,4 -v
    same 1 "$status"
    finding WARNING bounces.limit
    finding OK bounces.blocklisted
    contains "$output" "3 mails were refused because of it in all"
    contains "$output" "3 blocked in all, limit blocked=1,4"
    figure blocked '3;0;3'
    check --log mail.log --limit blocked=,3
    same 2 "$status"
    check --log mail.log --limit class:bad-mailbox=1
    same 0 "$status"
}

@test "bounces.limit: deferrals, providers and shares" {
    {
        sent 95
        bounced 5
        for ((i = 0; i < 25; i++)); do
            line deferred 4.7.1 '450 4.7.1 Greylisted, try again in 300 seconds'
        done
    } >mail.log
    check --log mail.log --limit deferred=15%,30%
    same 1 "$status"
    contains "$output" '25 deferred (20.0 % of 125) in all'
    check --log mail.log --limit grey=20%
    same 1 "$status"
    check --log mail.log --limit provider:example.org=2%,5%
    same 2 "$status"
    contains "$output" '5 bounced at example.org (5.0 % of 100) in all'
    check --log mail.log --limit provider:example.net=1
    same 0 "$status"
    check --log mail.log --limit complaints=1
    same 0 "$status"
}

@test "bounces.limit: a provider is found under any of its names" {
    line bounced 5.1.1 '550 5.1.1 no' a@hosted.example | sed 's/relay=[^,]*/relay=aspmx.l.google.com[192.0.2.7]:25/' >mail.log
    for name in gmail.com google.com googlemail.com; do
        check --log mail.log --limit "provider:$name=0"
        same 1 "$status"
        contains "$output" '1 bounced at gmail.com in all'
    done
}

@test "a limit with a mistyped name: the nearest one is offered, and all are listed" {
    sent 1 >mail.log
    check --log mail.log --limit blokced=1,2
    same 3 "$status"
    contains "$output" 'did you mean blocked?'
    contains "$output" 'recipient, full, rate, grey, blocked, size, transient, config, unknown'
}

@test "bounces.limit: a share of few mails is not judged, a count is" {
    { sent 3; bounced 2; } >mail.log
    check --log mail.log --limit recipient=10%
    same 0 "$status"
    check --log mail.log --limit recipient=2
    same 1 "$status"
}

@test "wrong limits and windows are usage errors that say what is expected" {
    local wrong
    sent 1 >mail.log
    for wrong in blocked blocked= blocked=x nonsense=1 provider:=1 blocked=1,2,3 class:blocke=1 deferred=120%; do
        check --log mail.log --limit "$wrong"
        same 3 "$status"
        contains "$output" 'expected NAME=WARN,CRIT'
    done
    for wrong in 0 1x h 1y -1 99999999999; do
        check --log mail.log "--window=$wrong"
        same 3 "$status"
        contains "$output" 'expected a time up to 366d'
    done
    check
    same 3 "$status"
    contains "$output" 'nothing to read'
    check --log mail.log --log mail.log
    contains "$output" 'given twice'
    check --log mail.log --from-start
    contains "$output" '--from-start needs --state-file'
}

# ---- JSON

@test "JSON: classes, groups, providers, blocklists, samples, and the recipients on request" {
    {
        sent 2
        line bounced 5.1.1 'host x said: 550 5.1.1 User unknown' gone@example.org
        line deferred 4.7.1 '450 4.7.1 Greylisted, try again in 300 seconds' late@example.org
        line bounced 5.7.1 '550 5.7.1 Client host blocked using zen.spamhaus.org' c@example.org
    } >mail.log
    check --log mail.log --output-format json --recipients
    same '{"name":"Spamhaus","count":1,"bounced":1,"deferred":0}' "$(jq -c '.blocklists[]' <<<"$output")"
    same 'bad-mailbox blocked greylisted' "$(jq -r '[.classes[].name] | sort | join(" ")' <<<"$output")"
    same 'blocked grey recipient' "$(jq -r '[.groups[].name] | sort | join(" ")' <<<"$output")"
    same '{"name":"example.org","count":3,"bounced":2,"deferred":1,"delivered":2}' "$(jq -c '.providers[]' <<<"$output")"
    same '3 0' "$(jq -r '"\(.samples | length) \(.omitted)"' <<<"$output")"
    same '[["delivered",2],["bounce",1],["delayed",1],["bounce",1]]' \
        "$(jq -c '[.messages[] | [.kind, (.recipients | length)]]' <<<"$output")"
    same '{"recipient":"gone@example.org","original_recipient":null,"status":"5.1.1","reply_code":550,"class":"bad-mailbox","group":"recipient","hard":true,"blocklist":null}' \
        "$(jq -c '.messages[1].recipients[0] | del(.rule)' <<<"$output")"
    check --log mail.log --output-format json
    same '[]' "$(jq -c .messages <<<"$output")"
}

@test "-v shows class, group, rule and words of each cause" {
    bounced 3 >mail.log
    check --log mail.log -v
    contains "$output" '3 at example.org: bad-mailbox, group recipient (bad-mailbox.'
    contains "$output" '550 5.1.1 User unknown'
}

# ---- rules

@test "--test-rules prints class, group, hard or soft, rule and blocklist of each line" {
    printf '550 5.1.1 User unknown\n554 5.7.1 blocked using zen.spamhaus.org\n' >replies
    check --test-rules replies
    same 0 "$status"
    contains "$output" 'bad-mailbox recipient hard bad-mailbox.'
    contains "$output" ' Spamhaus: 554 5.7.1 blocked using zen.spamhaus.org'
    output=$(echo '452 4.2.2 mailbox full' | "$bounces" --base-rules "$rules" --test-rules -)
    contains "$output" 'mailbox-full full soft '
}

@test "--rules: a rule of the user is asked first, and a broken file is a usage error with its line" {
    printf '[policy]\nours: user unknown\n' >mine.conf
    bounced 2 >mail.log
    check --log mail.log --rules mine.conf -v
    contains "$output" 'policy, group blocked (policy.ours)'
    printf '[policy]\nours user unknown\n' >mine.conf
    check --log mail.log --rules mine.conf
    same 3 "$status"
    contains "$output" 'mine.conf:2'
}

# ---- logs that cannot be read

@test "bounces.log-missing: there is no such log" {
    check --log nothing.log -v
    same 3 "$status"
    finding UNKNOWN bounces.log-missing
}

@test "bounces.permission: names the group adm" {
    [ "$(id -u)" != 0 ] || command -v setpriv >/dev/null || skip "root may read everything, and setpriv is not installed"
    sent 1 >mail.log
    chmod 0 mail.log
    chmod 0755 "$BATS_TEST_TMPDIR"
    if [ "$(id -u)" = 0 ]; then
        status=0
        output=$(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all "$bounces" \
            --base-rules "$rules" --log mail.log -v 2>&1) || status=$?
        case $output in
        *"the rules:"* | *"Permission denied"*"/check_bounces"* | '') skip "the source is not open to other users" ;;
        esac
    else
        check --log mail.log -v
    fi
    same 3 "$status"
    finding UNKNOWN bounces.permission
    contains "$output" 'group adm'
}

@test "bounces.log-unreadable: a FIFO, a folder and a device in place of the log end at once" {
    mkfifo fifo
    mkdir folder
    for thing in fifo folder /dev/null; do
        check --log "$thing" -v
        same 3 "$status"
        finding UNKNOWN bounces.log-unreadable
        contains "$output" 'not a regular file'
    done
}

@test "bounces.log-unreadable: a packed log that is cut short; what could be read counts" {
    sent 2000 >mail.log
    gzip mail.log
    head -c -200 mail.log.gz >cut.gz
    check --log cut.gz -v
    same 3 "$status"
    finding UNKNOWN bounces.log-unreadable
}

@test "bounces.unknown-format: a log of something else is not silence" {
    for ((i = 0; i < 5; i++)); do
        echo "$now host cron[1]: nothing to see"
    done >mail.log
    check --log mail.log -v
    same 3 "$status"
    finding UNKNOWN bounces.unknown-format
}

@test "bounces.journal-missing, bounces.permission or a count: --journal never hangs and never lies" {
    check --journal --window 1h -v
    case $output in
    *bounces.journal-missing* | *bounces.permission* | *bounces.log-missing*) same 3 "$status" ;;
    *) figure delivered "$(jq .perfdata.delivered.value < <("$bounces" --base-rules "$rules" --journal --window 1h --output-format json))" ;;
    esac
}

@test "--journal=UNIT reads a journal of our own, on from its cursor" {
    local remote=${JOURNAL_REMOTE-/usr/lib/systemd/systemd-journal-remote}
    case $("$bounces" --base-rules "$rules" --journal -v) in
    *bounces.journal-missing*) skip "built without libsystemd" ;;
    esac
    [ -x "$remote" ] || skip "systemd-journal-remote is not installed"
    entry() {
        printf '__REALTIME_TIMESTAMP=%s\n__MONOTONIC_TIMESTAMP=%s\nPRIORITY=6\nSYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=postfix/smtp\n_SYSTEMD_UNIT=postfix@-.service\n_BOOT_ID=0123456789abcdef0123456789abcdef\n_MACHINE_ID=0123456789abcdef0123456789abcdef\nMESSAGE=%s\n\n' \
            "$((began + $1))" "$1" "$2"
    }
    local began
    began=$(($(date +%s) * 1000000))
    mkdir journal
    for ((i = 0; i < 3; i++)); do
        entry "$((i + 1))" "A00000$i: to=<a@example.org>, relay=m[192.0.2.7]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)"
    done | "$remote" -o journal/one.journal - 2>/dev/null
    check --journal=postfix --journal-directory journal --state-file state --from-start
    figure delivered 3
    check --journal=postfix --journal-directory journal --state-file state
    figure delivered 3
    entry 10 "A000009: to=<a@example.org>, relay=m[192.0.2.7]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (550 no)" |
        "$remote" -o journal/two.journal - 2>/dev/null
    check --journal=postfix --journal-directory journal --state-file state
    figure delivered 3
    figure bounced 1
}

@test "Exim and OpenSMTPD: bounces of bounces are not counted" {
    cat >mail.log <<END
$now 1vABcd-0001Ab-Ci <= <> R=1vABcd-0001Ab-Ce U=exim P=local S=1000
$now 1vABcd-0001Ab-Ci ** me@lab.test R=dnslookup T=remote_smtp: all hosts failed
$now 1vABcd-0001Ab-Ci Completed
$now 1vABcd-0001Ab-Ck ** me@lab.test R=dnslookup T=remote_smtp: all hosts failed
$now mx smtpd[1]: 0000000000000005 mta delivery evpid=0000000500000001 from=<> to=<e@lab.test> rcpt=<-> source="192.0.2.5" relay="192.0.2.1 (mx.lab.test)" delay=1s result="PermFail" stat="550 5.1.1 user unknown"
$now mx smtpd[1]: 0000000000000006 mta delivery evpid=0000000600000001 from=<a@lab.test> to=<e@lab.test> rcpt=<-> source="192.0.2.5" relay="192.0.2.1 (mx.lab.test)" delay=1s result="PermFail" stat="550 5.1.1 user unknown"
END
    check --log mail.log --window all --output-format json
    same 2 "$(jq .perfdata.bounced.value <<<"$output")"
    same 2 "$(jq '.ignored["null-sender"]' <<<"$output")"
}

@test "Postfix and Sendmail: an expiry counts each recipient that still waits" {
    {
        line deferred 4.4.1 'connect to mx.lab.test: Connection timed out' a@lab.test ABCDEF3
        line deferred 4.4.1 'connect to mx.lab.test: Connection timed out' b@lab.test ABCDEF3
        line deferred 4.4.1 'connect to mx.lab.test: Connection timed out' c@lab.test ABCDEF3
        line sent 2.0.0 '250 ok' b@lab.test ABCDEF3
        echo "$now mx postfix/qmgr[1]: ABCDEF3: from=<s@lab.test>, status=expired, returned to sender"
    } >mail.log
    check --log mail.log --window all
    figure expired 2
    figure deferred 3
    figure delivered 1
    # The log names them by their last attempts, so their provider is known.
    check --log mail.log --window all --recipients --output-format json
    same 'a@lab.test c@lab.test ' "$(jq -r '.messages[] | select(.kind == "bounce") | .recipients[].recipient' <<<"$output" | sort | tr '\n' ' ')"
    same 2 "$(jq '.providers[] | select(.name == "lab.test").bounced' <<<"$output")"
    cat >mail.log <<END
$now mx sm-mta[1]: 6AM6U0ab000006: to=<d@lab.test>, delay=5+00:00:01, mailer=esmtp, relay=mx.lab.test., dsn=4.2.0, stat=Deferred: Connection timed out
$now mx sm-mta[1]: 6AM6U0ab000006: 6AM6U0ab000009: sender notify: Cannot send message for 5 days
$now mx sm-mta[1]: 6AM6U0ab000016: 6AM6U0ab000019: sender notify: Warning: could not send message for past 4 hours
END
    check --log mail.log --window all
    figure expired 1
    figure deferred 1
}

@test "an expiry counts at the provider of its last attempt, be that of an earlier run" {
    line deferred 4.4.1 'connect to mx.lab.test: Connection timed out' a@lab.test ABCDEF3 >mail.log
    line deferred 4.4.1 'connect to mx.lab.test: Connection timed out' b@lab.test ABCDEF4 >>mail.log
    line sent 2.0.0 '250 ok' b@lab.test ABCDEF4 >>mail.log
    follow --from-start
    figure deferred 2
    follow
    echo "$now mx postfix/qmgr[1]: ABCDEF3: from=<s@lab.test>, status=expired, returned to sender" >>mail.log
    follow --recipients --output-format json
    same a@lab.test "$(jq -r '.messages[] | select(.kind == "bounce") | .recipients[].recipient' <<<"$output")"
    same 1 "$(jq '.providers[] | select(.name == "lab.test").bounced' <<<"$output")"
    same '' "$(grep ^recent state)"
}

@test "a journal in a folder that is not there: told as that" {
    case $("$bounces" --base-rules "$rules" --journal -v) in
    *bounces.journal-missing*) skip "built without libsystemd" ;;
    esac
    check --journal --journal-directory gone -v
    same 3 "$status"
    contains "$output" 'No such file or directory'
}

@test "nothing could be read: no figure is given, not a zero" {
    check --log gone --window all
    figure delivered U
    figure bounced U
    figure deferred U
}

@test "Prometheus: a sample for each class and each provider that counts anything" {
    {
        sent 3
        bounced 2
        line deferred 4.2.2 '452 4.2.2 mailbox full'
    } >mail.log
    check --log mail.log --window all --output-format prometheus
    contains "$output" 'postmaster_bounces_class_bounced{target="mail.log",class="bad-mailbox"} 2'
    contains "$output" 'postmaster_bounces_class_deferred{target="mail.log",class="mailbox-full"} 1'
    contains "$output" 'postmaster_bounces_provider_bounced{target="mail.log",provider="example.org"} 2'
    contains "$output" 'postmaster_bounces_provider_delivered{target="mail.log",provider="example.org"} 3'
    same '' "$(sort <<<"$output" | uniq -d)"
}

# ---- hostile logs

@test "bounces.long-line: lines of a megabyte, NUL and controls are bounded and shown escaped" {
    {
        line bounced 5.1.1 "550 $(printf 'x%.0s' {1..3000}) end" a@example.org
        head -c 1000000 /dev/zero | tr '\0' 'y'
        echo
        head -c 1000000 /dev/zero
        echo
        line bounced 5.7.1 "550 no $(printf '\033[2J|\001')" b@example.org
        sent 3
    } >mail.log
    check --log mail.log -v
    finding OK bounces.long-line
    figure delivered 3
    figure bounced 2
    lacks "$output" "$(printf '\033')"
}

@test "ten thousand providers and as many causes are bounded, and no mail is lost from the sums" {
    awk -v now="$now" 'BEGIN { for (i = 0; i < 10000; i++)
        printf "%s mx postfix/smtp[7]: B%07X: to=<u@d%d.example>, relay=mx.d%d.example[192.0.2.7]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (550 5.1.1 User unknown)\n", now, i, i, i }' >mail.log
    check --log mail.log
    figure bounced 10000
    figure recipient 10000
}
