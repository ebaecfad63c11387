#!/usr/bin/env bats
# The page of mailcheck --html in a real browser: headless Chromium. No test leaves the machine: the page is a file.

load ../cli/helper
load ../cli/assert

setup() {
    require_tool chromium
    mailcheck=$(plugin mailcheck/mailcheck)
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir plugins
    fake_dns_start - <<'ZONE'
soa test
one.test MX 10 mx1.one.test
mx1.one.test A 44.128.0.1
ZONE
}

teardown() {
    fake_dns_stop
}

# fake SERVICE MEMBERS: a plugin that says so.
fake() {
    cat >"plugins/check_$1" <<SCRIPT
#!/bin/sh
cat <<'JSON'
{"plugin":"check_$1","version":"0",$2}
JSON
SCRIPT
    chmod +x "plugins/check_$1"
}

page() {
    "$mailcheck" --plugin-dir plugins --resolver "127.0.0.1:$FAKE_DNS_PORT" --html page.html one.test >shown || :
    [ -s page.html ]
}

browse() {
    chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --user-data-dir="$PWD/profile" --virtual-time-budget=2000 \
        --enable-logging=stderr "$@" "file://$PWD/page.html" 2>log
}

# What a hostile server, zone or list could say: each tries to leave the place where it stands.
HOSTILE='</title><script>document.title=\"broken\"</script></style></script></svg></text>\"><img src=x onerror=document.title=1 class=\"evil\">'"'"' onload=alert(1) &lt;b&gt;'

hostile_plugins() {
    local finding="{\"id\":\"x.bad\",\"state\":2,\"subject\":\"$HOSTILE\",\"text\":\"$HOSTILE\",\"why\":\"$HOSTILE\",\"seen\":\"$HOSTILE\",\"fix\":\"$HOSTILE\",\"reference\":\"$HOSTILE\"}"
    local service
    for service in smtp_banner rdns dkim dmarc tlsrpt; do
        fake "$service" "\"state\":2,\"summary\":\"$HOSTILE\",\"findings\":[$finding]"
    done
    fake mx "\"state\":2,\"summary\":\"$HOSTILE\",\"findings\":[],\"exchangers\":[{\"host\":\"mx1.one.test\",\"addresses\":[{\"address\":\"44.128.0.1\",\"working\":false,\"failure\":\"$HOSTILE\"}]}]"
    fake starttls "\"state\":2,\"summary\":\"$HOSTILE\",\"findings\":[$finding],\"conversations\":[{\"address\":\"44.128.0.1\",\"protocol\":\"$HOSTILE\"}]"
    fake spf "\"state\":2,\"summary\":\"x\",\"findings\":[],\"tree\":{\"record\":\"$HOSTILE\",\"domain\":\"$HOSTILE\",\"lookups\":1,\"void_lookups\":0,\"addresses\":1,\"children\":[{\"record\":null,\"term\":\"$HOSTILE\",\"status\":\"$HOSTILE\",\"children\":[]}]}"
    fake dnsbl "\"state\":2,\"summary\":\"x\",\"findings\":[],\"lists\":[{\"target\":\"$HOSTILE\",\"zone\":\"$HOSTILE\",\"outcome\":\"$HOSTILE\",\"severity\":\"critical\"}]"
}

@test "hostile strings from servers, zones and lists break out of nothing" {
    hostile_plugins
    page
    browse --dump-dom >dom
    grep -q '<title>Mail of one.test</title>' dom
    same 1 "$(grep -o '<script' dom | wc -l)"
    same 0 "$(grep -o '<img' dom | wc -l)"
    same 0 "$(grep -c ' onload=' <(grep -oE '<[a-z]+( [a-z-]+="[^"]*")*( onload=)' dom))"
    # The text itself is there to be read.
    grep -qF '&lt;script&gt;document.title=' dom
    same 0 "$(grep -c -e CONSOLE -e 'Content Security Policy' log)"
}

@test "nothing is fetched, and nothing but the own style and script is allowed" {
    hostile_plugins
    page
    same 0 "$(grep -cE '(src|href)="?[^#"]*(http|//|data:)' page.html)"
    grep -qF "default-src 'none'" page.html
    grep -oE "nonce-[a-z2-7]+" page.html | sort -u >nonces
    same 1 "$(wc -l <nonces)"
    cp nonces before
    page
    grep -oE "nonce-[a-z2-7]+" page.html | sort -u >nonces
    same 0 "$(comm -12 nonces before | wc -l)"
}

@test "the pictures are drawn, the repair can be copied, no error is on the console" {
    hostile_plugins
    fake smtp_banner '"state":0,"summary":"fine","findings":[],"conversations":[{"address":"44.128.0.1","transcript":[{"verb":"EHLO","code":250,"outcome":"answered"}]}]'
    fake starttls '"state":2,"summary":"old","findings":[{"id":"x.bad","state":2,"subject":"mx1.one.test (44.128.0.1:25)","text":"it is old","seen":null,"fix":"Renew","reference":"RFC 1"}],"conversations":[{"address":"44.128.0.1","protocol":"1.2"}]'
    fake mx '"state":0,"summary":"fine","findings":[]'
    fake spf '"state":2,"summary":"bad","findings":[{"id":"x.bad","state":2,"subject":"one.test","text":"it is bad","why":"Because.","seen":"v=spf1","fix":"Publish v=spf1 -all","reference":"RFC 7208"}],"tree":{"record":"v=spf1 include:a.test","domain":"one.test","lookups":1,"void_lookups":0,"addresses":1,"children":[{"record":"v=spf1 ~all","domain":"a.test","term":"include:a.test","lookups":0,"void_lookups":0,"addresses":0,"children":[]}]}'
    fake dnsbl '"state":0,"summary":"clean","findings":[],"lists":[{"target":"44.128.0.1","zone":"zen.test","outcome":"not-listed","severity":null},{"target":"44.128.0.1","zone":"bad.test","outcome":"listed","severity":"critical"}]'
    page
    browse --dump-dom >dom
    # The path in two forms, the tree, the matrix.
    same 4 "$(grep -c '<svg .*role="img" aria-label="[^"]' dom)"
    same 4 "$(grep -c '<svg' dom)"
    grep -qF 'works, TLS 1.2; 1 finding</text>' dom
    grep -qE '<rect class="box critical"[^>]*><text [^>]*>44.128.0.1<' <(sed 's/<[/]rect>//g' dom)
    grep -qF '1 of 2 answers are a listing; 0 questions had no answer that counts.' dom
    # The list with a listing stands first.
    same 'bad.test zen.test' "$(grep -oE '>(bad|zen).test</text>' dom | tr -d '<>/' | sed 's/text$//' | tr '\n' ' ' | sed 's/ $//')"
    grep -q 'include:a.test' dom
    grep -q 'class="cell critical"' dom
    grep -qE 'Publish v=spf1 -all</span><button type="button" aria-live="polite" aria-describedby="fix[0-9]+" data-copy="fix' dom
    grep -qF '<dd class="raw">Because.</dd>' dom
    same 0 "$(grep -c CONSOLE log)"
    browse --screenshot="$PWD/shot.png" --window-size=390,900 >/dev/null
    [ -s shot.png ]
}

@test "a button copies its repair, and tells so" {
    hostile_plugins
    page
    nonce=$(grep -oE 'nonce="[a-z2-7]+"' page.html | head -n 1)
    sed -i "s|</body>|<script $nonce>document.querySelector('button').click();setTimeout(function(){document.title=document.querySelector('button').textContent+'/'+getSelection()},200)</script></body>|" page.html
    browse --dump-dom >dom
    # With a clipboard, or where there is none with the repair marked to be copied by hand.
    grep -qE '<title>(Copied|Selected)/' dom
    same 0 "$(grep -c CONSOLE log)"
}

@test "headings go down step by step, and what scrolls can be reached with the keyboard" {
    hostile_plugins
    page
    grep -oE '<h[1-6]' page.html | tr -d '<h' >levels
    same 1 "$(head -n 1 levels)"
    awk 'NR > 1 && $1 > before + 1 { exit 1 } { before = $1 }' levels
    same "$(grep -o 'class="scroll"' page.html | wc -l)" \
        "$(grep -oE 'class="scroll" tabindex="0" role="region" aria-label="[^"]+"' page.html | wc -l)"
}

@test "nothing is wider than a telephone but what scrolls by itself" {
    hostile_plugins
    page
    nonce=$(grep -oE 'nonce="[a-z2-7]+"' page.html | head -n 1)
    sed -i "s|</body>|<script $nonce>document.title='width '+(document.documentElement.scrollWidth-document.documentElement.clientWidth)</script></body>|" page.html
    browse --window-size=390,900 --dump-dom >dom
    grep -qF '<title>width 0</title>' dom
}
