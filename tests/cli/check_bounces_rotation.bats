#!/usr/bin/env bats
# check_bounces from run to run: its state file, logs that are rotated, copied, emptied or lost, runs that are killed. No
# line may be lost and none counted twice.

load helper
load assert
load bounces

# A pipe that nobody writes to: reading it with a time-out is a pause without a process.
exec {silence}<> <(:)

setup() {
    bounces=$(plugin check_bounces)
    rules=$SRCDIR/share/bounce-rules.conf
    now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    bounces_setup
}

# ---- reading on

@test "bounces.first-run: the first run begins at the end, the next one counts what was added" {
    sent 5 >mail.log
    follow -v
    finding OK bounces.first-run
    figure delivered 0
    sent 3 >>mail.log
    follow -v
    lacks "$output" bounces.first-run
    figure delivered 3
    follow
    figure delivered 3
}

@test "--from-start counts what is there at the first run, and nothing twice" {
    sent 5 >mail.log
    follow --from-start
    figure delivered 5
    bounced 2 >>mail.log
    follow --from-start
    figure delivered 5
    figure bounced 2
}

@test "a line that is not yet finished is left for the next run" {
    : >mail.log
    follow
    line sent 2.0.0 '250 ok' >one
    head -c 60 one >>mail.log
    follow
    figure delivered 0
    tail -c +61 one >>mail.log
    follow
    figure delivered 1
}

@test "a first run that begins within a line does not take its rest for a line" {
    line sent 2.0.0 '250 ok' >one
    head -c 60 one >mail.log
    follow
    tail -c +61 one >>mail.log
    sent 2 >>mail.log
    follow
    figure delivered 2
}

@test "the window moves on whatever the interval of the check: what is older than it is forgotten" {
    {
        now=$(date -u -d '-50 minutes' +%Y-%m-%dT%H:%M:%SZ) sent 3
        sent 4
    } >mail.log
    check --log mail.log --state-file state --from-start --window 1h
    figure delivered 7
    check --log mail.log --state-file state --window 30m
    figure delivered 4
    check --log mail.log --state-file state --window 1h
    figure delivered 4
}

@test "a deferral is counted once, over many runs" {
    local run
    : >mail.log
    follow
    for ((run = 0; run < 3; run++)); do
        line deferred 4.2.2 '452 4.2.2 mailbox full' a@example.org ABCDEF1 >>mail.log
        follow
        figure deferred 1
        figure full 1
    done
}

@test "a bounce of a bounce is known in a later run, until its queue id is free" {
    : >mail.log
    follow
    echo "$now mx postfix/qmgr[7]: ABCDEF5: from=<>, size=100, nrcpt=1 (queue active)" >>mail.log
    follow
    line bounced 5.1.1 '550 5.1.1 no' a@example.org ABCDEF5 >>mail.log
    follow
    figure bounced 0
    echo "$now mx postfix/qmgr[7]: ABCDEF5: removed" >>mail.log
    line bounced 5.1.1 '550 5.1.1 no' a@example.org ABCDEF5 >>mail.log
    follow
    figure bounced 1
}

@test "causes, providers and samples outlive the run" {
    : >mail.log
    follow
    line bounced 5.7.1 '550 5.7.1 blocked using zen.spamhaus.org' >>mail.log
    follow --output-format json
    cp state before
    first=$(jq -c '[.classes, .groups, .providers, .blocklists, .samples]' <<<"$output")
    follow --output-format json
    same "$first" "$(jq -c '[.classes, .groups, .providers, .blocklists, .samples]' <<<"$output")"
    contains "$first" Spamhaus
    same "$(grep -v ^place before)" "$(grep -v ^place state)"
}

# ---- rotation

@test "renamed: the old file is finished first, then the new one" {
    sent 2 >mail.log
    follow --from-start
    sent 3 >>mail.log
    mv mail.log mail.log.1
    sent 4 >mail.log
    follow
    figure delivered 9
    follow
    figure delivered 9
}

@test "renamed: what the server still writes into the old file is counted by the next run" {
    sent 2 >mail.log
    follow --from-start
    mv mail.log mail.log.1
    sent 1 >mail.log
    follow
    figure delivered 3
    sent 2 >>mail.log.1
    sent 1 >>mail.log
    follow
    figure delivered 6
    follow
    figure delivered 6
}

@test "renamed, with a last line without an end" {
    sent 2 >mail.log
    follow --from-start
    sent 2 | head -c -1 >>mail.log
    mv mail.log mail.log.1
    sent 1 >mail.log
    follow
    follow
    figure delivered 5
}

@test "renamed by date, also before the extension" {
    sent 2 >mail.log
    follow --from-start
    sent 1 >>mail.log
    mv mail.log mail.log-20261121
    sent 1 >mail.log
    follow
    figure delivered 4
    sent 1 >>mail.log
    mv mail.log mail-20261122.log
    sent 1 >mail.log
    follow
    figure delivered 6
}

@test "rotated twice since the last run, the older file packed" {
    sent 2 >mail.log
    follow --from-start
    sent 3 >>mail.log
    mv mail.log mail.log.1
    sent 4 >mail.log
    mv mail.log.1 mail.log.2
    gzip mail.log.2
    mv mail.log mail.log.1
    sent 5 >mail.log
    follow
    figure delivered 14
    follow
    figure delivered 14
}

@test "while it is packed, both forms of the old file are there: it is counted once" {
    sent 2 >mail.log
    follow --from-start
    sent 3 >>mail.log
    mv mail.log mail.log.1
    gzip -k mail.log.1
    sent 1 >mail.log
    follow
    figure delivered 6
    rm mail.log.1
    follow
    figure delivered 6
}

@test "rotated, and no new file yet: the old one is finished, what comes later is counted" {
    sent 2 >mail.log
    follow --from-start
    sent 3 >>mail.log
    mv mail.log mail.log.1
    follow -v
    lacks "$output" log-missing
    figure delivered 5
    sent 1 >>mail.log.1
    sent 1 >mail.log
    follow
    figure delivered 7
    follow
    figure delivered 7
}

@test "bounces.copied: copied and emptied, the copy is finished first" {
    sent 2 >mail.log
    follow --from-start
    sent 3 >>mail.log
    cp mail.log mail.log.1
    : >mail.log
    sent 1 >>mail.log
    follow -v
    finding OK bounces.copied
    figure delivered 6
    follow -v
    lacks "$output" bounces.copied
    figure delivered 6
}

@test "bounces.copied: the emptied log has outgrown the place that we left" {
    sent 2 >mail.log
    follow --from-start
    cp mail.log mail.log.1
    : >mail.log
    sent 9 >>mail.log
    follow -v
    finding OK bounces.copied
    figure delivered 11
}

@test "bounces.truncated: emptied without a copy; the new lines count" {
    sent 4 >mail.log
    follow --from-start
    : >mail.log
    sent 1 >>mail.log
    follow -v
    same 1 "$status"
    finding WARNING bounces.truncated
    figure delivered 5
    follow -v
    lacks "$output" bounces.truncated
    figure delivered 5
}

@test "bounces.rotated-lost: the old file is gone" {
    sent 4 >mail.log
    follow --from-start
    mv mail.log elsewhere
    sent 1 >mail.log
    follow -v
    same 1 "$status"
    finding WARNING bounces.rotated-lost
    figure delivered 5
    follow
    same 0 "$status"
}

@test "files of other logs with a similar name are left alone" {
    sent 2 >mail.log
    follow --from-start
    sent 3 >mail.log.err
    sent 3 >mail.logs.1
    sent 3 >mail.log.x1
    mv mail.log mail.log.1
    sent 1 >mail.log
    follow
    figure delivered 3
}

@test "a log that is exchanged for a FIFO or a folder between two runs: the check ends, and reads on when it is back" {
    sent 2 >mail.log
    follow --from-start
    mv mail.log kept
    mkfifo mail.log
    follow -v
    finding UNKNOWN bounces.log-unreadable
    rm mail.log
    mkdir mail.log
    follow -v
    finding UNKNOWN bounces.log-unreadable
    rmdir mail.log
    mv kept mail.log
    sent 1 >>mail.log
    follow
    figure delivered 3
}

@test "a line without an end that grows over many runs costs no memory and is passed over" {
    local run
    sent 1 >mail.log
    follow --from-start
    for ((run = 0; run < 3; run++)); do
        head -c 300000 /dev/zero | tr '\0' x >>mail.log
        follow
        figure delivered 1
    done
    echo >>mail.log
    sent 2 >>mail.log
    follow
    figure delivered 3
}

# ---- the state file

@test "bounces.state-corrupt: set aside and told, for each kind of damage" {
    local damage
    sent 2 >mail.log
    follow --from-start
    cp state good
    for damage in 's/^place\t.*/place\tx/' 's/^bucket/buckit/' 's/^since.*/since\t-1/' \
        's/^delivered\t.*/delivered\t99\t1/'; do
        sed "$damage" good >state
        follow -v
        same 1 "$status"
        finding WARNING bounces.state-corrupt
        test -s state.corrupt
        follow
        same 0 "$status"
        rm state.corrupt
    done
}

@test "bounces.state-corrupt: emptied or filled with NUL after a crash: set aside and told, never a quiet first run" {
    local damage
    sent 2 >mail.log
    follow --from-start
    for damage in 0 500; do
        sent 1 >>mail.log
        head -c "$damage" /dev/zero >state
        follow -v
        same 1 "$status"
        finding WARNING bounces.state-corrupt
        contains "$output" 'set aside as state.corrupt'
        same "$damage" "$(wc -c <state.corrupt)"
        sent 3 >>mail.log
        follow -v
        same 0 "$status"
        figure delivered 3
    done
}

@test "bounces.first-run: an empty file that was made for the check is a first run, and told as empty" {
    sent 2 >mail.log
    : >state
    follow -v
    same 0 "$status"
    finding OK bounces.first-run
    contains "$output" 'the state file was empty'
    sent 1 >>mail.log
    follow
    figure delivered 1
}

@test "bounces.state-file: a file of something else is left as it is, and nothing is counted" {
    sent 2 >mail.log
    head -c 300000 /dev/urandom >state
    cp state before
    follow -v
    same 3 "$status"
    finding UNKNOWN bounces.state-file
    figure delivered U
    cmp state before
}

@test "bounces.state-file: a state file that cannot be written or is none is UNKNOWN" {
    sent 2 >mail.log
    check --log mail.log --state-file nowhere/state -v
    same 3 "$status"
    finding UNKNOWN bounces.state-file
    figure delivered U
    mkdir state
    check --log mail.log --state-file state -v
    same 3 "$status"
    finding UNKNOWN bounces.state-file
}

@test "bounces.locked: two runs at a time do not count twice" {
    require_tool python3
    sent 2 >mail.log
    follow --from-start
    python3 -c '
import fcntl, sys
lock = open("state.lock", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
open("held", "w").close()
sys.stdin.read()
' <&"$silence" &
    holder=$!
    poll_until 10 test -e held
    follow -t 1 -v
    kill "$holder"
    wait "$holder" || :
    same 3 "$status"
    finding UNKNOWN bounces.locked
    figure delivered U
    sent 1 >>mail.log
    follow
    figure delivered 3
}

@test "bounces.backlog: what could not be read in time is read by the next runs, each line once" {
    local run
    sent 200 >some
    : >mail.log
    for ((run = 0; run < 400; run++)); do
        cat some >>mail.log
    done
    follow --from-start -t 0.02 -v
    for ((run = 0; run < 2000; run++)); do
        case $output in
        *bounces.backlog*) backlog=seen ;;
        *" delivered=80000 "*) break ;;
        esac
        follow -t 0.02 -v
    done
    same seen "${backlog-}"
    figure delivered 80000
}

@test "two logs share a state file, and each is read on from its own place" {
    sent 1 >one.log
    sent 1 >two.log
    check --log one.log --log two.log --state-file state --window all --from-start
    sent 2 >>one.log
    sent 3 >>two.log
    check --log one.log --log two.log --state-file state --window all
    figure delivered 7
    mv one.log one.log.1
    sent 1 >one.log
    check --log two.log --log one.log --state-file state --window all
    figure delivered 8
}

# ---- killed

# write: the lines of one round; each log begins in its own way, as logs do.
write() {
    total=$((total + 1))
    echo "$now mx postfix/smtpd[$total]: connect from unknown[192.0.2.$((total % 250))]"
    cat good bad
}

# killed MICROSECONDS: a run that is killed after so long, or ends before.
killed() {
    local child
    "$bounces" --base-rules "$rules" --log mail.log --state-file state --window all >/dev/null 2>&1 &
    child=$!
    read -r -t "$(printf '0.%06d' "$1")" -u "$silence" || :
    kill -KILL "$child" 2>/dev/null || :
    wait "$child" 2>/dev/null || :
}

@test "SIGKILL at any point loses no line and counts none twice, also while the log is rotated" {
    local round total=0
    : >mail.log
    follow
    sent 500 >good
    bounced 40 >bad
    for round in {1..80}; do
        write >>mail.log
        killed $((RANDOM % 9000))
        case $((round % 10)) in
        3)
            mv mail.log mail.log.1
            : >mail.log
            ;;
        5)
            killed $((RANDOM % 9000))
            follow
            rm -f mail.log.1
            ;;
        8)
            follow
            write >>mail.log
            mv mail.log mail.log.1
            gzip -f mail.log.1
            write >mail.log
            ;;
        esac
    done
    follow
    follow
    figure delivered $((total * 500))
    figure bounced $((total * 40))
    figure recipient $((total * 40))
    same 'state state.lock' "$(echo state*)"
}
