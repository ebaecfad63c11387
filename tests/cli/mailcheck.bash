# shellcheck shell=bash
# For the tests of mailcheck: `load mailcheck`. Plugins are scripts in the folder plugins; the program is $mailcheck, and
# its resolver fake_dns.
# shellcheck disable=SC2034,SC2154

# fake NAME STATE [JSON-OF-FINDINGS]: a plugin that notes its words in calls and says so.
fake() {
    cat >"plugins/check_$1" <<SCRIPT
#!/bin/sh
echo "check_$1 \$*" >>"$PWD/calls"
cat <<'JSON'
{"plugin":"check_$1","version":"0","target":"t","state":$2,"summary":"$1 says $2","findings":[${3-}]}
JSON
exit $2
SCRIPT
    chmod +x "plugins/check_$1"
}

all_fine() {
    local service
    for service in mx smtp_banner starttls rdns dnsbl spf dkim dmarc tlsrpt open_relay; do
        fake "$service" 0
    done
}

FINDING='{"id":"spf.bad","state":2,"subject":"one.test","text":"it is bad","why":"Because of that.","seen":"v=spf1 oops","fix":"Publish v=spf1 -all","reference":"RFC 7208 4.6"}'

check() {
    status=0
    output=$("$mailcheck" --plugin-dir plugins --resolver "127.0.0.1:$FAKE_DNS_PORT" "$@" 2>errors </dev/null) || status=$?
    same '' "$(cat errors)"
}

# called TEXT: some plugin was called with these words, in this order.
called() {
    grep -qF -e "$1" calls || {
        printf 'no call "%s" in:\n%s\n' "$1" "$(cat calls)" >&2
        return 1
    }
}

not_called() {
    ! grep -qF -e "$1" calls || {
        printf 'a call "%s" in:\n%s\n' "$1" "$(cat calls)" >&2
        return 1
    }
}

says() {
    case $output in
    *"$1"*) ;;
    *)
        printf 'no "%s" in:\n%s\n' "$1" "$output" >&2
        return 1
        ;;
    esac
}
