# shellcheck shell=bash
# For the bats files of this folder: `load wire`, after `load network`. What was said on the wire, whatever a server tells
# in its log: wire.py listens beside the servers.

# wire_open: from now on all is written down, until network_close. Skips, with a reason, where it can't be.
wire_open() {
    local folder
    [ -x /usr/bin/python3 ] || skip "python3 is not installed"
    folder=$(server_folder wire)
    setpriv --pdeathsig KILL nsenter --net="/proc/$NETWORK_INSIDE/ns/net" -- \
        /usr/bin/python3 "$SRCDIR/tests/system/wire.py" "$folder/log" >"$folder/output" 2>&1 </dev/null 3>&- &
    echo $! >"$folder/pid"
    poll_until 10 _wire_listens "$folder" || {
        cat "$folder/output" >&2
        return 1
    }
}

_wire_listens() {
    grep -q '^ready$' "$1/log" 2>/dev/null
}

# There was a connection to the server, and each has come to its end.
_wire_is_over() {
    awk -v server="$1" '
        $2 == server && $3 == "open" { open[$1] = 1; sessions++ }
        $2 == server && ($4 == "rst" || $4 == "fin" && ++fins[$1] == 2) { delete open[$1] }
        END { exit sessions == 0 || length(open) > 0 }
    ' "$NETWORK/wire/log"
}

# wire_is_polite ADDRESS [ABORTED]: there was a session with the server of that address; each ended with QUIT, its reply, and
# nothing behind them; but for ABORTED (0) ones, which ended with DATA, its 354, and not an octet more. The client said one line
# at a time. Else it says what was not so.
wire_is_polite() {
    poll_until 10 _wire_is_over "$1" || echo "$1: there was no session, or it has not ended" >&2
    awk -v server="$1" -v aborted="${2-0}" '
        function complain(number, what) { print "session " number ": " what; bad = 1 }
        $2 != server { next }
        $3 == "open" {
            sessions[$1] = 1
            said[$1] = "connect"
            answered[$1] = 0
        }
        $3 == "C" && $4 == "line" {
            if (!answered[$1])
                complain($1, "says " $5 " before the reply to " said[$1])
            said[$1] = $5
            answered[$1] = 0
        }
        $3 == "S" && $4 == "line" && $5 ~ /^[0-9][0-9][0-9]$/ && !answered[$1] {
            answered[$1] = 1
            code[$1] = $5
        }
        $3 == "C" && $4 == "part" { complain($1, "says " $0) }
        $3 == "C" && ($4 == "fin" || $4 == "rst") { left[$1] = $4 }
        END {
            for (number in sessions) {
                sum++
                if (said[number] == "DATA" && code[number] == 354) {
                    aborts++
                    if (left[number] == "")
                        complain(number, "is not closed behind DATA")
                } else if (said[number] != "QUIT" || code[number] != 221) {
                    complain(number, "ends with " said[number] ", " code[number])
                }
            }
            if (aborts + 0 != aborted)
                complain(server, aborts + 0 " sessions ended with DATA")
            exit bad || sum == 0
        }
    ' "$NETWORK/wire/log" >&2 || {
        cat "$NETWORK/wire/log" >&2
        return 1
    }
}
