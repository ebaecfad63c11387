#!/usr/bin/env bats
# check_bounces through the real binary on messages: Maildirs, mboxes, single files; nothing counted twice, nothing
# changed, nothing that hangs.

load helper
load assert
load bounces

exec {silence}<> <(:)

setup() {
    bounces=$(plugin check_bounces)
    rules=$SRCDIR/share/bounce-rules.conf
    bounces_setup
    messages=$SRCDIR/tests/corpus/bounce_message
    mkdir -p box/new box/cur box/tmp
}

# arrive NAME FILE [FOLDER]: a message of the corpus comes to the Maildir.
arrive() {
    cat "$messages/$2.eml" >"box/${3-new}/$1"
}

follow_box() {
    check --maildir box --state-file state --window all "$@"
}

@test "a message from standard input, with its recipients in JSON" {
    output=$("$bounces" --base-rules "$rules" --message - --output-format json --recipients \
        <"$messages/qmail.eml")
    same 'ann@lab.test bob@lab.test' "$(jq -r '[.messages[].recipients[].recipient] | join(" ")' <<<"$output")"
    same 'bad-mailbox mailbox-full' "$(jq -r '[.messages[].recipients[].class] | join(" ")' <<<"$output")"
}

@test "the address that was expanded is given as the original one" {
    local name
    for name in postfix-expanded sendmail-expanded; do
        check --message "$messages/$name.eml" --output-format json --recipients
        same 'bob@home.test ann@lab.test' "$(jq -r '.messages[].recipients[] | "\(.recipient) \(.original_recipient)"' <<<"$output")"
    done
}

@test "kinds: failures, delays and complaints are counted, answers of machines are not" {
    arrive 1.a.lab dsn
    arrive 2.a.lab dsn-delayed
    arrive 3.a.lab complaint
    arrive 4.a.lab vacation
    arrive 5.a.lab challenge
    arrive 6.a.lab bogus
    arrive 7.a.lab letter
    check --maildir box
    same 0 "$status"
    figure bounced 1
    figure deferred 1
    figure complaints 1
    figure rate U
    figure recipient 1
}

@test "a Maildir: what moves from new to cur and gets flags is not counted again" {
    arrive 1.a.lab dsn
    arrive 2.b.lab postfix
    follow_box
    figure bounced 2
    mv box/new/1.a.lab box/cur/1.a.lab:2,S
    arrive 3.c.lab exim
    follow_box
    figure bounced 3
    mv box/cur/1.a.lab:2,S box/cur/1.a.lab:2,FS
    rm box/new/2.b.lab
    follow_box
    figure bounced 3
}

@test "messages are only read" {
    arrive 1.a.lab dsn
    arrive 2.b.lab qmail cur
    before=$(find box -type f -exec cksum {} + | sort)
    follow_box
    same "$before" "$(find box -type f -exec cksum {} + | sort)"
}

@test "messages older than the window are not counted" {
    arrive 1.a.lab dsn
    arrive 2.b.lab dsn
    touch -d '3 hours ago' box/new/1.a.lab
    check --maildir box --window 1h
    figure bounced 1
}

@test "an mbox: each message by its From line, and a rewritten one is not counted again" {
    date=$(LC_ALL=C date '+%a %b %d %H:%M:%S %Y')
    {
        echo "From MAILER-DAEMON $date"
        cat "$messages/dsn.eml"
        echo
        echo "From MAILER-DAEMON $date"
        cat "$messages/sendmail.eml"
        echo
        echo "From here on it is text."
        echo
    } >box.mbox
    check --mbox box.mbox --state-file state --window 1h
    figure bounced 2
    {
        echo "From MAILER-DAEMON $date"
        cat "$messages/courier.eml"
        echo
        cat box.mbox
    } >new.mbox
    mv new.mbox box.mbox
    check --mbox box.mbox --state-file state --window 1h
    figure bounced 3
}

@test "a byte order mark that an editor put before a message hides nothing of it" {
    for name in dsn qmail; do
        check --message "$messages/$name.eml" --output-format json --recipients
        plain=$(jq -c '[.messages[] | {kind, recipients}]' <<<"$output")
        { printf '\xef\xbb\xbf'; cat "$messages/$name.eml"; } >marked.eml
        check --message marked.eml --output-format json --recipients
        same "$plain" "$(jq -c '[.messages[] | {kind, recipients}]' <<<"$output")"
        output=$("$bounces" --base-rules "$rules" --message - --output-format json --recipients <marked.eml)
        same "$plain" "$(jq -c '[.messages[] | {kind, recipients}]' <<<"$output")"
        cp marked.eml "box/new/$name"
    done
    check --maildir box
    figure bounced 3
    { printf '\xef\xbb\xbf'; mbox dsn; } >box.mbox
    check --mbox box.mbox
    figure bounced 1
}

# mbox FILE...: an mbox of these messages of the corpus, as a mail server writes it.
mbox() {
    local name
    for name; do
        echo "From MAILER-DAEMON $(LC_ALL=C date '+%a %b %d %H:%M:%S %Y')"
        echo "Message-ID: <$((next_id += 1))@lab.test>"
        cat "$messages/$name.eml"
        echo
    done
}

follow_mbox() {
    check --mbox box.mbox --state-file state --window all "$@"
}

@test "an mbox that grew is read from its last known message on" {
    mbox dsn qmail exim >box.mbox
    follow_mbox
    figure bounced 4
    mbox courier >>box.mbox
    follow_mbox
    figure bounced 5
    # Not seen, for it stands before the place: another id would be another message.
    printf '9' | dd of=box.mbox bs=1 conv=notrunc status=none \
        seek="$(($(grep -obm 1 'ID: <2@lab' box.mbox | cut -d : -f 1) + 5))"
    grep -q 'ID: <9@lab' box.mbox
    follow_mbox
    figure bounced 5
    sed -i 's/<9@lab/<2@lab/' box.mbox
    cat box.mbox >copy.mbox
    mv copy.mbox box.mbox
    mbox sendmail >>box.mbox
    follow_mbox
    figure bounced 6
}

@test "an mbox rewritten in its place: what came before the place that we left is not lost" {
    mbox dsn dsn dsn >box.mbox
    follow_mbox
    figure bounced 3
    { head -n "$(($(wc -l <box.mbox) / 3))" box.mbox; mbox dsn dsn dsn; } >new.mbox
    cat new.mbox >box.mbox
    follow_mbox
    figure bounced 6
    : >box.mbox
    follow_mbox
    mbox qmail >>box.mbox
    follow_mbox
    figure bounced 8
}

@test "an mbox whose last message is just being written: the next run takes it, once" {
    mbox dsn >box.mbox
    follow_mbox
    mbox qmail >behind.mbox
    head -c 200 behind.mbox >>box.mbox
    follow_mbox
    figure bounced 1
    tail -c +201 behind.mbox >>box.mbox
    follow_mbox
    figure bounced 3
    follow_mbox
    figure bounced 3
}

@test "an mbox whose last message has no blank line behind it is not counted again when the next one comes" {
    mbox dsn | head -c -1 >box.mbox
    touch -d '2 minutes ago' box.mbox
    follow_mbox
    figure bounced 1
    { echo; mbox qmail; } >>box.mbox
    follow_mbox
    figure bounced 3
}

@test "bounces.first-run: with messages alone there is no word of logs" {
    arrive 1.a.lab dsn
    follow_box -v
    finding OK bounces.first-run
    contains "$output" 'all messages are new'
}

@test "bounces.message-cut: a message over 1 MB is read in part, and that is told, for each kind of source" {
    { cat "$messages/dsn.eml"; head -c 1100000 /dev/zero | tr '\0' x; echo; echo; } >big
    cp big box/new/1.a.lab
    { echo "From MAILER-DAEMON $(LC_ALL=C date '+%a %b %d %H:%M:%S %Y')"; cat big; } >big.mbox
    for words in '--maildir box' '--mbox big.mbox' '--message big'; do
        # shellcheck disable=SC2086
        check $words -v
        finding OK bounces.message-cut
        figure bounced 1
    done
    check --message "$messages/dsn.eml" -v
    lacks "$output" message-cut
}

@test "bounces.message-cut: a field of a megabyte does not hide the bounce behind it" {
    { printf 'X-A: '; head -c 1500000 /dev/zero | tr '\0' x; echo; cat "$messages/dsn.eml"; } >big
    { echo "From MAILER-DAEMON $(LC_ALL=C date '+%a %b %d %H:%M:%S %Y')"; cat big; echo; } >big.mbox
    for words in '--message big' '--mbox big.mbox'; do
        # shellcheck disable=SC2086
        check $words -v
        figure bounced 1
        finding OK bounces.message-cut
    done
}

@test "bounces.message-cut: more than a thousand recipients" {
    {
        sed -n '1,/^Reporting-MTA/p' "$messages/dsn.eml"
        for ((i = 0; i < 1100; i++)); do
            printf '\nFinal-Recipient: rfc822; a%d@lab.test\nAction: failed\nStatus: 5.1.1\n' "$i"
        done
    } >many
    check --message many -v
    figure bounced 1000
    finding OK bounces.message-cut
}

# killed MICROSECONDS WORDS...: a run that is killed after so long, or ends before.
killed() {
    local child
    "$bounces" --base-rules "$rules" "${@:2}" --state-file state --window all >/dev/null 2>&1 &
    child=$!
    read -r -t "$(printf '0.%06d' "$1")" -u "$silence" || :
    kill -KILL "$child" 2>/dev/null || :
    wait "$child" 2>/dev/null || :
}

@test "SIGKILL at any point loses no message of a Maildir and an mbox, and counts none twice" {
    local round total=0 sources=(--maildir box --mbox box.mbox)
    : >box.mbox
    for round in {1..60}; do
        arrive "$round.a.lab" dsn
        mbox dsn >>box.mbox
        total=$((total + 2))
        killed $((RANDOM % 12000)) "${sources[@]}"
        case $((round % 6)) in
        2) mv box/new/* box/cur ;;
        4)
            check "${sources[@]}" --state-file state --window all
            rm -f box/cur/*
            tail -n +30 box.mbox >new.mbox
            cat new.mbox >box.mbox
            ;;
        esac
    done
    check "${sources[@]}" --state-file state --window all
    check "${sources[@]}" --state-file state --window all
    figure bounced "$total"
    same 'state state.lock' "$(echo state*)"
}

@test "-v shows the rule that fired and the recipient's words" {
    check --message "$messages/dsn.eml" -v
    contains "$output" '(bad-mailbox.'
    contains "$output" '550 5.1.1'
}

@test "blocklist words of a message raise the limit, and the list is named" {
    check --message "$messages/dsn-supplement.eml" --limit blocked=1,5 -v
    same 1 "$status"
    contains "$output" 'Spamhaus'
}

# ---- what cannot be read

@test "no such Maildir, mbox or message: UNKNOWN, mailbox-missing" {
    for words in '--maildir gone' '--mbox gone' '--message gone'; do
        # shellcheck disable=SC2086
        check $words -v
        same 3 "$status"
        finding UNKNOWN bounces.mailbox-missing
    done
}

@test "a folder without new and cur is no Maildir: UNKNOWN" {
    mkdir plain
    check --maildir plain -v
    same 3 "$status"
    contains "$output" 'no folders new and cur'
}

@test "a FIFO in place of a folder, of an mbox, of a message: UNKNOWN at once, mailbox-unreadable" {
    rmdir box/new
    mkfifo box/new fifo
    for words in '--maildir box' '--mbox fifo' '--message fifo'; do
        # shellcheck disable=SC2086
        check $words -v
        same 3 "$status"
        finding UNKNOWN bounces.mailbox-unreadable
    done
}

@test "a FIFO and a link among the messages are passed over" {
    arrive 1.a.lab dsn
    mkfifo box/new/2.b.lab
    ln -s /etc/passwd box/new/3.c.lab
    check --maildir box
    figure bounced 1
}

@test "a file without a From line is no mbox: UNKNOWN" {
    echo 'no mail' >text
    check --mbox text
    same 3 "$status"
    contains "$output" 'no mbox'
}

@test "a message that may not be read is told: WARNING, message-unreadable" {
    [ "$(id -u)" -ne 0 ] || skip 'root reads everything'
    arrive 1.a.lab dsn
    chmod 000 box/new/1.a.lab
    check --maildir box -v
    same 1 "$status"
    finding WARNING bounces.message-unreadable
}

@test "a message that could not be read is told again, and counted when it can be" {
    ln -s "$messages/dsn.eml" box/new/1.a.lab
    for _ in 1 2; do
        check --maildir box --state-file state -v
        finding WARNING bounces.message-unreadable
        figure bounced 0
    done
    rm box/new/1.a.lab
    arrive 1.a.lab dsn
    for _ in 1 2; do
        check --maildir box --state-file state -v
        no_finding WARNING bounces.message-unreadable
        figure bounced 1
    done
}

# ---- hostile

@test "0 octets, NUL, bare CR, 10 MB, a field of 1 MB, 1000 levels: read in bounds, none is a bounce" {
    : >box/new/1.a.lab
    printf 'a\0b\0' >box/new/2.a.lab
    printf 'Subject: x\r\rbody\r' >box/new/3.a.lab
    head -c 10000000 /dev/zero | tr '\0' 'x' >box/new/4.a.lab
    { printf 'Subject: '; head -c 1000000 /dev/zero | tr '\0' 'y'; printf '\n\nx\n'; } >box/new/5.a.lab
    for ((i = 0; i < 1000; i++)); do
        printf 'Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n' "$i" "$i"
    done >box/new/6.a.lab
    arrive 7.a.lab dsn
    check --maildir box
    same 0 "$status"
    figure bounced 1
}
