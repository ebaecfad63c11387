# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # FAKE_SMTP_LOG is set by helper.bash; what is set here is read by the tests
# A counter as fail2ban is one: `load counter` behind helper. A host is banned for 5 errors in a connection, or for 20
# connections in ten minutes. Time is that of the test: between two checks the state file is made older, by which the plugin
# sees the minutes pass; what the server saw is counted from its transcript.

BAN_ERRORS=5
BAN_CONNECTIONS=20

# make_older FILE SECONDS: takes so many from all times of a state file, where there is one.
make_older() {
    [ -e "$1" ] || return 0
    awk -F '\t' -v OFS='\t' -v seconds="$2" '{
        for (field = 2; field <= NF; field++)
            if (length($field) == 10 && $field ~ /^1[0-9]*$/)
                $field -= seconds
        print
    }' "$1" >"$1.older"
    mv "$1.older" "$1"
}

# run_for CHECKS SECONDS COMMAND...: so many checks, one each so many seconds; the command has `--state-file state`. It sets
# `connections`, the number of each check.
run_for() {
    local checks=$1 seconds=$2 before=0 after i
    shift 2
    connections=()
    every=$seconds
    for ((i = 0; i < checks; i++)); do
        "$@" || return 1
        after=$(fake_smtp_connections)
        connections+=($((after - before)))
        before=$after
        make_older state "$seconds"
    done
}

# busiest: prints the most connections in ten minutes.
busiest() {
    printf '%s\n' "${connections[@]}" | awk -v every="$every" '
        # Both ends count.
        BEGIN { span = int(600 / every) + 1 }
        {
            sum += $1
            counts[NR] = $1
            if (NR > span)
                sum -= counts[NR - span]
            if (sum > most)
                most = sum
        }
        END { print most + 0 }'
}

# most_errors: prints the most errors that one connection had.
most_errors() {
    awk '$5 == "S" && $7 ~ /^[45][0-9][0-9]$/ { if (++errors[$2] > most) most = errors[$2] } END { print most + 0 }' \
        "$FAKE_SMTP_LOG"
}

is_banned() {
    [ "$(busiest)" -ge "$BAN_CONNECTIONS" ] || [ "$(most_errors)" -ge "$BAN_ERRORS" ]
}

# never_banned: else it says for what.
never_banned() {
    ! is_banned || {
        echo "banned: $(busiest) connections in ten minutes, $(most_errors) errors in one" >&2
        return 1
    }
}
