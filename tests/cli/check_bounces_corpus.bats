#!/usr/bin/env bats
# check_bounces on the logs of others, where they are there: the counts of each file against those of another counter.

load helper
load assert
load bounces

setup() {
    bounces=$(plugin check_bounces)
    rules=$SRCDIR/share/bounce-rules.conf
    corpus=${SHARED_DIR-$SRCDIR/../shared}/data/corpora/bounces/logs
    bounces_setup
}

# What the counter counts differently: it takes what goes to a content filter for a delivery, bounces of bounces for
# bounces, and does not know Exim's cut-through deliveries (">>").
@test "delivered, bounced, deferred and expired of every log of the corpus" {
    [ -r "$corpus/expected-counts.tsv" ] || skip "$corpus/expected-counts.tsv is not there"
    require_tool jq awk
    while IFS=$'\t' read -r folder file _; do
        [ "$folder" != set ] || continue
        "$bounces" --base-rules "$rules" --log "$corpus/$folder/$file" --output-format json >>found.json || :
        grep -cE '^[^ ]+ [^ ]+ [^ ]+ >> ' "$corpus/$folder/$file" >>through || :
    done <"$corpus/expected-counts.tsv"
    jq -r '[(.sources[0].name | split("/")[-2:][]),
        .perfdata.delivered.value + .ignored["re-injected"], .perfdata.bounced.value + .ignored["null-sender"],
        .perfdata.deferred.value, .perfdata.expired.value, .ignored["local-hop"]] | @tsv' found.json |
        paste - through | awk -F '\t' -v OFS='\t' '{ print $1, $2, $3 - $8, $4, $5, $6, $7 }' >found
    awk -F '\t' -v OFS='\t' 'NR > 1 { print $1, $2, $4, $7, $6, $8, $10 }' "$corpus/expected-counts.tsv" >expected
    [ "$(wc -l <expected)" -gt 100 ]
    diff expected found >&2
}

@test "recipients of every message of an mbox of the corpus" {
    mailbox=${SHARED_DIR-$SRCDIR/../shared}/data/corpora/bounces/messages/sisimai-mbox
    [ -r "$mailbox/mbox-0" ] || skip "$mailbox/mbox-0 is not there"
    require_tool jq awk
    check --mbox "$mailbox/mbox-0" --output-format json --recipients
    jq -r '.messages[].recipients[].recipient | ascii_downcase' <<<"$output" | sort >found
    awk -F '\t' 'NR > 1 && $3 == "bounce" { print tolower($4) }' "$mailbox/expected.tsv" | sort >expected
    [ "$(wc -l <expected)" -gt 30 ]
    diff expected found >&2
}
