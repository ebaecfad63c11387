# shellcheck shell=bash
# For the bats files of this folder: `load servers`, after `load network`.
#
# Real servers, each as its Debian package has it but for what is said here, all of them for the domain example.test with
# the recipients alice and postmaster, none of them able to send anything anywhere:
#
#     postfix_start     mx1.example.test     44.128.0.25    3ffe:501::25    127.0.0.1
#     exim_start        mx2.example.test     44.128.0.26    3ffe:501::26    127.0.0.26
#     opensmtpd_start   mx3.example.test     44.128.0.27    3ffe:501::27    127.0.0.27
#     sendmail_start    mail.example.test    44.128.0.28    3ffe:501::28    127.0.0.28
#     chasquid_start    mail.test            44.128.0.29    3ffe:501::29    127.0.0.29
#     nsd_start         zones of these names 44.128.0.53
#     unbound_start     resolver             44.128.0.54
#     postgrey_start    inside, port 10023
#
# A mail server trusts its own host (`inside`, who comes as 127.0.0.1 to the last address) as its package has it, and nobody
# `outside`. The first word of a start is the server's NAME in `network.bash`; then come `certificate=NAME[,NAME]` (of
# fake_certificates; default `good`, `none` for no TLS; two are one of each key type), and lines of configuration. Postfix also
# takes `port=NUMBER:CERTIFICATE`, a further port with another certificate.
# With another value of POSTFIX, EXIM ... for the time of the call a second one has another address. `server_logs.bash` asks
# the servers what they think of us.
# shellcheck disable=SC2034

POSTFIX=44.128.0.25
EXIM=44.128.0.26
OPENSMTPD=44.128.0.27
SENDMAIL=44.128.0.28
CHASQUID=44.128.0.29
NSD=44.128.0.53
UNBOUND=44.128.0.54

# The beginning of every start script.
_prelude() {
    cat <<EOF
set -eu
umask 022
# Some close every descriptor that they might have.
ulimit -n 1024
hostname $1
echo '127.0.0.1 localhost' >/etc/hosts
echo 'nameserver $NSD' >/etc/resolv.conf
echo '$1' >/etc/mailname
printf '%s\n' 'postmaster: root' 'abuse: root' 'root: alice' >/etc/aliases
ensure_user() {
    grep -q "^\$1:" /etc/group || echo "\$1:x:\$2:" >>/etc/group
    grep -q "^\$1:" /etc/passwd || echo "\$1:x:\$2:\$2::/nonexistent:/usr/sbin/nologin" >>/etc/passwd
}
ensure_user alice 7000
EOF
}

# _server_words NAME WORDS...: copies the certificates into the server's folder as 0.pem, 0.key, 1.pem ...; sets
# certificates to how many, and words to the other words.
_server_words() {
    local name=$1 list=good word each
    shift
    words=()
    for word; do
        case $word in
        certificate=none) list= ;;
        certificate=*) list=${word#*=} ;;
        *) words+=("$word") ;;
        esac
    done
    certificates=0
    for each in ${list//,/ }; do
        install -m 644 "$FAKE_CERTIFICATES/$each.pem" "$NETWORK/$name/$certificates.pem"
        install -m 644 "$FAKE_CERTIFICATES/$each.key" "$NETWORK/$name/$certificates.key"
        certificates=$((certificates + 1))
    done
}

# _server_address ADDRESS: gives the servers' host this address and its sister of IPv6; sets v6 to that.
_server_address() {
    v6="3ffe:501::${1##*.}"
    inside ip address add "$1/32" dev lo 2>/dev/null || :
    inside ip -6 address add "$v6/128" dev lo nodad 2>/dev/null || :
}

# ---- names

_nsd_zones() {
    cat >"$1/test" <<'EOF'
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 44.128.0.53
mail A 44.128.0.29
mail AAAA 3ffe:501::29
outside A 44.128.9.66
outside AAAA 3ffe:501:9::66
EOF
    cat >"$1/example.test" <<'EOF'
@ SOA ns.test. hostmaster 1 3600 600 86400 300
@ NS ns.test.
@ MX 10 mx1
@ MX 20 mx2
@ MX 30 mx3
mx1 A 44.128.0.25
mx1 AAAA 3ffe:501::25
mx2 A 44.128.0.26
mx2 AAAA 3ffe:501::26
mx3 A 44.128.0.27
mx3 AAAA 3ffe:501::27
mail A 44.128.0.28
mail AAAA 3ffe:501::28
EOF
    cat >"$1/128.44.in-addr.arpa" <<'EOF'
@ SOA ns.test. hostmaster.test. 1 3600 600 86400 300
@ NS ns.test.
25.0 PTR mx1.example.test.
26.0 PTR mx2.example.test.
27.0 PTR mx3.example.test.
28.0 PTR mail.example.test.
29.0 PTR mail.test.
66.9 PTR outside.test.
EOF
    cat >"$1/1.0.5.0.e.f.f.3.ip6.arpa" <<'EOF'
@ SOA ns.test. hostmaster.test. 1 3600 600 86400 300
@ NS ns.test.
6.6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.9.0.0.0 PTR outside.test.
$ORIGIN 0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.5.0.e.f.f.3.ip6.arpa.
5.2.0.0 PTR mx1.example.test.
6.2.0.0 PTR mx2.example.test.
7.2.0.0 PTR mx3.example.test.
8.2.0.0 PTR mail.example.test.
9.2.0.0 PTR mail.test.
EOF
}

# nsd_start: serves example.test, test and their reverse zones. Standard input is further lines of example.test.
nsd_start() {
    local folder zone
    folder=$(server_folder nsd)
    mkdir -m 755 "$folder/zones"
    _nsd_zones "$folder/zones"
    cat >>"$folder/zones/example.test"
    cat >"$folder/nsd.conf" <<EOF
server:
    ip-address: $NSD
    username: ""
    chroot: ""
    zonesdir: "/srv/test/zones"
    database: ""
    logfile: "/dev/stdout"
    pidfile: "/run/nsd.pid"
    zonelistfile: "/run/zone.list"
    xfrdfile: "/run/xfrd.state"
    xfrdir: "/run"
    server-count: 1
    reuseport: no
remote-control:
    control-enable: no
EOF
    for zone in "$folder"/zones/*; do
        sed -i "1i \\\$TTL 3600" "$zone"
        printf 'zone:\n    name: "%s"\n    zonefile: "%s"\n' "${zone##*/}" "${zone##*/}" >>"$folder/nsd.conf"
    done
    inside ip address add "$NSD/32" dev lo
    {
        _prelude ns.test
        echo 'nsd -d -c /srv/test/nsd.conf'
    } >"$folder/start"
    server_start nsd nsd "$NSD:53"
}

# unbound_start: a resolver that knows what nsd serves, and nothing else.
unbound_start() {
    local folder
    folder=$(server_folder unbound)
    cat >"$folder/unbound.conf" <<EOF
server:
    interface: $UNBOUND
    access-control: 0.0.0.0/0 allow
    do-daemonize: no
    use-syslog: no
    logfile: ""
    chroot: ""
    username: ""
    directory: "/run"
    pidfile: "/run/unbound.pid"
    module-config: "iterator"
    local-zone: "test." nodefault
remote-control:
    control-enable: no
EOF
    local zone
    for zone in "$NETWORK"/nsd/zones/*; do
        printf 'stub-zone:\n    name: "%s"\n    stub-addr: %s\n' "${zone##*/}" "$NSD" >>"$folder/unbound.conf"
    done
    inside ip address add "$UNBOUND/32" dev lo
    {
        _prelude resolver.test
        echo 'unbound -d -p -c /srv/test/unbound.conf'
    } >"$folder/start"
    server_start unbound unbound "$UNBOUND:53"
}

# ---- mail servers

# _postfix_port NAME PORT CERTIFICATE: a line of master.cf.
_postfix_port() {
    cat "$FAKE_CERTIFICATES/$3.key" "$FAKE_CERTIFICATES/$3.pem" >"$NETWORK/$1/$3.chain"
    printf '%s inet n - n - - smtpd\n' "$2"
    printf ' -o smtpd_tls_chain_files=/srv/test/%s.chain\n' "$3"
}

# postfix_start NAME WORDS...: further words are `postscreen`, which is put before it, and lines of main.cf.
postfix_start() {
    local name=$1 folder words certificates v6 word postscreen=no
    shift
    folder=$(server_folder "$name")
    _server_words "$name" "$@"
    _server_address "$POSTFIX"
    cat >"$folder/main.cf" <<EOF
myhostname = mx1.example.test
mydestination = example.test, \$myhostname, localhost
mynetworks = 127.0.0.1/32 [::1]/128
inet_interfaces = 127.0.0.1, $POSTFIX, $v6
alias_maps = texthash:/etc/aliases-postfix
local_transport = discard:
default_transport = discard:
relay_transport = discard:
maillog_file = /dev/stdout
EOF
    if [ "$certificates" -gt 0 ]; then
        while [ "$certificates" -gt 0 ]; do
            certificates=$((certificates - 1))
            cat "$folder/$certificates.key" "$folder/$certificates.pem" >>"$folder/chain.pem"
        done
        printf 'smtpd_tls_chain_files = /srv/test/chain.pem\nsmtpd_tls_security_level = may\n' >>"$folder/main.cf"
    fi
    for word in "${words[@]}"; do
        case $word in
        postscreen) postscreen=yes ;;
        port=*)
            word=${word#port=}
            _postfix_port "$name" "${word%%:*}" "${word#*:}" >>"$folder/master.cf"
            ;;
        *) echo "$word" >>"$folder/main.cf" ;;
        esac
    done
    {
        _prelude mx1.example.test
        echo postscreen=$postscreen
        cat <<'EOF'
ensure_user postfix 7001
ensure_user postdrop 7002
cp /usr/share/postfix/dynamicmaps.cf /etc/postfix/
cat /usr/share/postfix/main.cf.debian /srv/test/main.cf >/etc/postfix/main.cf
sed 's/^\([^:]*\): /\1 /' /etc/aliases >/etc/aliases-postfix
# Nothing is in a jail: the script that fills it is Debian's own and is not run.
awk -v postscreen="$postscreen" '
    /^[a-z]/ && $5 == "y" { $5 = "n" }
    postscreen == "yes" && /^smtp +inet/ { $1 = "#" $1 }
    postscreen == "yes" && /^#(smtp +inet.*postscreen|smtpd +pass|dnsblog|tlsproxy)/ { sub(/^#/, ""); $5 = "n" }
    { print }
' /usr/share/postfix/master.cf.dist >/etc/postfix/master.cf
[ ! -f /srv/test/master.cf ] || cat /srv/test/master.cf >>/etc/postfix/master.cf
# Postfix reads a file that was changed in this second again and again until the second is over.
touch -d '1 minute ago' /etc/postfix/main.cf /etc/postfix/master.cf /etc/aliases-postfix
# What Postfix itself would make at its start, in a hundred processes.
cd /var/spool/postfix 2>/dev/null || { mkdir -p /var/spool/postfix && cd /var/spool/postfix; }
mkdir -p pid /var/lib/postfix active bounce corrupt defer deferred flush hold incoming private saved trace public maildrop
chown postfix /var/lib/postfix active bounce corrupt defer deferred flush hold incoming private saved trace public maildrop
chgrp postdrop public maildrop /usr/sbin/postdrop /usr/sbin/postqueue
chmod 700 active bounce corrupt defer deferred flush hold incoming private saved trace
chmod 710 public
chmod 730 maildrop
touch quick-start
postfix start-fg
EOF
    } >"$folder/start"
    server_start "$name" postfix "$POSTFIX" "[$v6]"
}

# exim_start NAME WORDS...: further words are lines of the main part of the configuration.
exim_start() {
    local name=$1 folder words certificates v6
    shift
    folder=$(server_folder "$name")
    _server_words "$name" "$@"
    _server_address "$EXIM"
    {
        echo 'log_file_path = /srv/test/%slog'
        echo 'MAIN_LOG_SELECTOR = +smtp_connection'
        if [ "$certificates" -gt 0 ]; then
            echo 'MAIN_TLS_ENABLE = yes'
            printf 'MAIN_TLS_CERTIFICATE = /srv/test/0.pem%s\n' "$([ "$certificates" -lt 2 ] || echo :/srv/test/1.pem)"
            printf 'MAIN_TLS_PRIVATEKEY = /srv/test/0.key%s\n' "$([ "$certificates" -lt 2 ] || echo :/srv/test/1.key)"
        fi
        [ ${#words[@]} -eq 0 ] || printf '%s\n' "${words[@]}"
    } >"$folder/main"
    {
        _prelude mx2.example.test
        echo "interfaces='<; 127.0.0.${EXIM##*.}; $EXIM; $v6'"
        cat <<'EOF'
ensure_user Debian-exim 7001
cat >/etc/exim4/update-exim4.conf.conf <<END
dc_eximconfig_configtype='internet'
dc_other_hostnames='example.test'
dc_local_interfaces='$interfaces'
dc_use_split_config='true'
CFILEMODE='644'
END
cp /srv/test/main /etc/exim4/conf.d/main/00_test
rm -rf /var/spool/exim4 /var/lib/exim4 /var/log/exim4
mkdir -p /var/spool/exim4 /var/lib/exim4 /var/log/exim4
chown Debian-exim:Debian-exim /var/spool/exim4 /var/log/exim4
ln -s log /srv/test/mainlog
chmod 666 /srv/test/log
update-exim4.conf
exim4 -bdf -q30m
EOF
    } >"$folder/start"
    server_start "$name" exim "$EXIM" "[$v6]"
}

# opensmtpd_start NAME WORDS...: further words are lines of smtpd.conf, before the others.
opensmtpd_start() {
    local name=$1 folder words certificates v6 tls=
    shift
    folder=$(server_folder "$name")
    _server_words "$name" "$@"
    _server_address "$OPENSMTPD"
    [ "$certificates" -eq 0 ] || tls='tls pki mx3.example.test'
    {
        if [ "$certificates" -gt 0 ]; then
            echo 'pki mx3.example.test cert "/etc/test.pem"'
            echo 'pki mx3.example.test key "/etc/test.key"'
        fi
        [ ${#words[@]} -eq 0 ] || printf '%s\n' "${words[@]}"
        cat <<EOF
table aliases file:/etc/aliases
listen on 127.0.0.${OPENSMTPD##*.} hostname mx3.example.test
listen on $OPENSMTPD $tls hostname mx3.example.test
listen on $v6 $tls hostname mx3.example.test
action "local" mda "exit 75" alias <aliases>
action "relay" relay
match from any for domain "example.test" action "local"
match for local action "local"
match from local for any action "relay"
EOF
    } >"$folder/smtpd.conf"
    {
        _prelude mx3.example.test
        cat <<'EOF'
ensure_user opensmtpd 7001
ensure_user opensmtpq 7002
if [ -f /srv/test/0.pem ]; then
    install -m 600 /srv/test/0.pem /etc/test.pem
    install -m 600 /srv/test/0.key /etc/test.key
fi
install -m 644 /srv/test/smtpd.conf /etc/smtpd.conf
mkdir -p -m 711 /var/spool/smtpd
smtpd -d
EOF
    } >"$folder/start"
    server_start "$name" opensmtpd "$OPENSMTPD" "[$v6]"
}

_sendmail_mc() {
    cat <<EOF
divert(0)dnl
define(\`_USE_ETC_MAIL_')dnl
include(\`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(\`debian')dnl
DOMAIN(\`debian-mta')dnl
undefine(\`confHOST_STATUS_DIRECTORY')dnl
FEATURE(\`no_default_msa')dnl
FEATURE(\`use_cw_file')dnl
DAEMON_OPTIONS(\`Family=inet, Name=MTA-v4, Port=smtp, Addr=$SENDMAIL')dnl
DAEMON_OPTIONS(\`Family=inet, Name=MTA-local, Port=smtp, Addr=127.0.0.${SENDMAIL##*.}')dnl
DAEMON_OPTIONS(\`Family=inet6, Name=MTA-v6, Port=smtp, Addr=$v6')dnl
define(\`confLOG_LEVEL', \`15')dnl
define(\`confDOMAIN_NAME', \`mail.example.test')dnl
dnl It would not listen while the machine is busy.
define(\`confQUEUE_LA', \`100000')dnl
define(\`confREFUSE_LA', \`100000')dnl
EOF
    if [ "$certificates" -gt 0 ]; then
        cat <<'EOF'
define(`confCACERT_PATH', `/etc/ssl/certs')dnl
define(`confCACERT', `/etc/mail/0.pem')dnl
define(`confSERVER_CERT', `/etc/mail/0.pem')dnl
define(`confSERVER_KEY', `/etc/mail/0.key')dnl
EOF
    fi
    [ ${#words[@]} -eq 0 ] || printf '%s\n' "${words[@]}"
    cat <<'EOF'
MAILER_DEFINITIONS
MAILER(`local')dnl
MAILER(`smtp')dnl
EOF
}

# sendmail_start NAME WORDS...: further words are lines of sendmail.mc.
sendmail_start() {
    local name=$1 folder words certificates v6
    shift
    folder=$(server_folder "$name")
    _server_words "$name" "$@"
    _server_address "$SENDMAIL"
    _sendmail_mc >"$folder/sendmail.mc"
    cp "$SERVERS_DIR/syslog/usr/bin/busybox" "$folder/"
    {
        _prelude mail.example.test
        cat <<'EOF'
ensure_user smmta 7001
ensure_user smmsp 7002
/srv/test/busybox syslogd -n -O - &
for file in /srv/test/[0-9].*; do
    [ ! -f "$file" ] || install -m 600 "$file" /etc/mail/
done
echo example.test >/etc/mail/local-host-names
m4 /srv/test/sendmail.mc >/etc/mail/sendmail.cf
mkdir -p -m 700 /var/spool/mqueue /var/run/sendmail/mta
cp /etc/aliases /etc/mail/aliases
/usr/libexec/sendmail/sendmail -bi >/dev/null
/usr/libexec/sendmail/sendmail -bD -q30m
EOF
    } >"$folder/start"
    server_start "$name" sendmail "$SENDMAIL" "[$v6]"
}

# chasquid_start NAME WORDS...: further words are lines of chasquid.conf.
chasquid_start() {
    local name=$1 folder words certificates v6
    shift
    folder=$(server_folder "$name")
    _server_words "$name" "$@"
    _server_address "$CHASQUID"
    {
        cat <<EOF
hostname: "mail.test"
smtp_address: "$CHASQUID:25"
smtp_address: "127.0.0.${CHASQUID##*.}:25"
smtp_address: "[$v6]:25"
mail_delivery_agent_bin: "/bin/false"
data_dir: "/var/lib/chasquid"
mail_log_path: "<stdout>"
EOF
        [ ${#words[@]} -eq 0 ] || printf '%s\n' "${words[@]}"
    } >"$folder/chasquid.conf"
    {
        _prelude mail.test
        cat <<'EOF'
mkdir -p /var/lib/chasquid /etc/chasquid/certs/mail.test /etc/chasquid/domains/example.test
if [ -f /srv/test/0.pem ]; then
    cp /srv/test/0.pem /etc/chasquid/certs/mail.test/fullchain.pem
    cp /srv/test/0.key /etc/chasquid/certs/mail.test/privkey.pem
fi
cp /srv/test/chasquid.conf /etc/chasquid/
printf '%s\n' 'alice: | /bin/false' 'postmaster: alice' >/etc/chasquid/domains/example.test/aliases
chasquid
EOF
    } >"$folder/start"
    server_start "$name" chasquid "$CHASQUID" "[$v6]"
}

# postgrey_start [OPTION...]: greylisting for a Postfix with
# `smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:10023`.
postgrey_start() {
    server_folder postgrey >/dev/null
    {
        _prelude grey.test
        cat <<'EOF'
ensure_user postgrey 7001
mkdir -p /var/lib/postgrey /etc/postgrey
touch /etc/postgrey/whitelist_clients /etc/postgrey/whitelist_recipients
chown postgrey /var/lib/postgrey
EOF
        echo "postgrey --inet=127.0.0.1:10023 --user=postgrey --group=postgrey $*"
    } >"$NETWORK/postgrey/start"
    server_start postgrey postgrey 127.0.0.1:10023
}
