#!/usr/bin/env bats
# check_recipient: what each reply says of an address, through the program: the enhanced code first, then the code, then the
# words. One address is asked about for each reply.

load helper
load assert
load recipient

setup() {
    recipient_setup
}

teardown() {
    recipient_teardown
}

# means VERDICT ID: each line of standard input, as the reply to RCPT, leads to that verdict and to that finding.
means() {
    local line lines=() addresses=() i=0 got
    : >script
    while IFS= read -r line; do
        lines+=("$line")
        addresses+=(--address "a$i@example.test")
        echo "rcpt a$i@* $line" >>script
        i=$((i + 1))
    done
    serve <script
    run_recipient "${addresses[@]}" --catchall off --max-connections 1000 --output-format json
    got=$(jq -r '. as $all | .recipients[] | "\(.verdict) \(.address as $a | [$all.findings[] | select(.subject == $a) | .id] | join(","))"' <<<"$output")
    for ((i = 0; i < ${#lines[@]}; i++)); do
        same "$1 recipient.$2: ${lines[i]}" "$(sed -n "$((i + 1))p" <<<"$got"): ${lines[i]}"
    done
    fake_smtp_stop
}

@test "2.4: no such user: x.1.1, x.1.2, x.1.3, x.1.6, 5.4.1 of Exchange Online, and the words" {
    means undeliverable no-such-user <<'END'
550 5.1.1 User unknown
550 5.1.1 blocked by quota, see http://x.test
553 5.1.2 no
501 5.1.3 Bad recipient
550 5.1.6 moved
550 5.1.0 unknown user
550 5.4.1 Recipient address rejected: Access denied. [AS1]
550 sorry, no mailbox here by that name. (#5.1.1)
550 <a@b>: Recipient address rejected: User unknown in relay recipient table
550 mailbox not found on this relay
550 No such user here, see http://help.test/
550 no such recipient (client host mail.x)
550 <relay@example.org>: no such user
554 delivery error: dd This user doesn't have a yahoo.com account
END
    means undeliverable moved <<<'551 5.1.6 moved'
    means undeliverable rejected <<<'550 No'
}

@test "2.4: disabled, full, the disk, the number of recipients, no mail at all" {
    means disabled disabled <<<$'550 5.2.1 x\n550 account disabled'
    means full full <<<$'550 5.2.2 x\n552 x\n550 mailbox is full'
    means full full-now <<<'452 4.2.2 x'
    means unknown disk-full <<<'452 4.3.1 x'
    means unknown disk-full <<<'452 Requested action not taken'
    means unknown too-many <<<$'452 4.5.3 x\n452 too many recipients\n550 5.5.3 x'
    means no-domain null-mx <<<$'556 5.1.10 null MX\n550 5.1.10 null MX\n556 no mail'
}

@test "2.4: what refuses us: x.7.x, blocklists, relaying, PTR, policy, AUTH; it is no verdict and no greylisting" {
    local line
    means refused-us refused-us <<'END'
550 5.7.1 User unknown
550 relay not permitted
553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)
454 4.7.1 Relay access denied
530 Authentication required
538 Encryption required for requested authentication mechanism
550 SPF check failed
550 spam
550 DMARC
550 Administrative prohibition
451 4.7.0 rate limit exceeded
552 5.3.4 Message too big for system
552 Message size exceeds fixed maximum message size
554 No
END
    # Who speaks of our host is not asked about a second address.
    for line in '550 5.7.25 no reverse DNS' '550 listed at spamhaus' '450 4.7.25 no PTR' '450 4.7.1 Client host rejected' '554 5.7.1 Client host [127.0.0.1] blocked using x.test'; do
        means refused-us refused-us <<<"$line"
    done
    means refused-us sender-refused <<<'550 5.1.8 bad'
    means refused-us sender-refused <<<'550 Sender verify failed'
}

@test "2.4: greylisted, being verified, put off without a reason, forwarded, not verified" {
    means greylisted greylisted <<'END'
450 4.7.1 x
450 4.2.0 x
451 4.7.1 Please try again in 5 minutes
450 4.3.2 Service currently unavailable
451 Greylisted, come back
END
    means unknown being-verified <<<'450 4.1.1 x'
    means unknown deferred <<<$'450 x\n451 4.3.2 x\n454 4.7.0 TLS not available due to local problem'
    means deliverable forwarded <<<'251 2.1.5 will forward'
    means deliverable unverified <<<'252 2.1.5 cannot verify'
}

@test "2.4: replies that are none to RCPT: 354, 503" {
    means unknown untold <<<$'354 go on\n503 bad sequence'
}
