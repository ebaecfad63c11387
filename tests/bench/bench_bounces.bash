# shellcheck shell=bash disable=SC2154
# check_bounces on messages; a part of tests/bench/run. The messages are those of the project's own corpus.

# bounces_maildir COUNT: a Maildir of so many messages in $work/maildir, and the same as files in $work/maildir/cur.
bounces_maildir() {
    local files count=0 file
    files=("$here"/../corpus/bounce_message/*.eml)
    rm -rf "$work/maildir"
    mkdir -p "$work/maildir/new" "$work/maildir/cur" "$work/maildir/tmp"
    while [ "$count" -lt "$1" ]; do
        for file in "${files[@]}"; do
            [ "$count" -lt "$1" ] || break
            count=$((count + 1))
            ln "$file" "$work/maildir/cur/$count.lab:2,S" 2>/dev/null || cp "$file" "$work/maildir/cur/$count.lab:2,S"
        done
    done
}

cat >"$work/peer_flufl.py" <<'END'
import email, os, sys
from flufl.bounce import scan_message
found = 0
for name in os.listdir(sys.argv[1]):
    with open(os.path.join(sys.argv[1], name), "rb") as file:
        try:
            found += len(scan_message(email.message_from_binary_file(file)))
        except Exception:
            pass
print(found)
END

for count in 1000 10000; do
    heading "check_bounces: $count messages of a Maildir"
    bounces_maildir "$count"
    peers=()
    if python3=$(command -v /usr/bin/python3) && "$python3" -c 'import flufl.bounce' 2>/dev/null; then
        peers+=(--vs flufl.bounce "$python3" "$work/peer_flufl.py" "$work/maildir/cur")
    else
        echo "    (flufl.bounce is not installed: no figure beside it)"
    fi
    "$work/measure" 3 check_bounces -- "$build/check_bounces" --base-rules share/bounce-rules.conf \
        --maildir "$work/maildir" -t 60 "${peers[@]}"
done
