# shellcheck shell=bash
# For the bats files of this folder: `load engines`, after `load ../cli/helper` and `load network`.
#
# A monitoring engine with the plugins, as a site has them: in the servers' network of network.bash and in file systems of its
# own, where
#
#     /usr/lib/nagios/plugins              has the plugins to test
#     /usr/share/postmaster-plugins        has what is installed beside them, and the folder of programs has mailcheck
#     /etc/resolv.conf                     names the lab's DNS server, so that no plugin needs --resolver
#     /srv/test                            is the folder of the engine, NETWORK/NAME here
#
# They are those of the build, as `make install` installs them. Where ENGINE_PLUGINS and ENGINE_SHARE name folders, they are taken
# from there (the test of a package: its own, /usr/lib/nagios/plugins and /usr/share/postmaster-plugins).
#
# The engine is what tools/setup-servers unpacked, else the one that the system has installed.
#
#     setup_file() {
#         [ -z "$(engine_obstacle icinga2 icinga2)" ] || return 0
#         network_open
#         engine_lab_start
#         server_folder master                          # files of configuration go into $NETWORK/master
#         engine_start master icinga2 :5665 <<<'exec icinga2 daemon -c /srv/test/icinga2.conf'
#     }
#     teardown_file() { network_close; }
#     setup() { engine_require icinga2 icinga2; }

# A check that has no result by then never will.
# shellcheck disable=SC2034
ENGINE_SECONDS=30

# engine_obstacle IMAGE PROGRAM...: prints why the engine can't run, if so. IMAGE is a name of tools/setup-servers, PROGRAM what it
# brings.
engine_obstacle() {
    local program
    if [ ! -f "$SERVERS_DIR/$1.packages" ]; then
        for program in "${@:2}"; do
            PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null 2>&1 ||
                echo "$1 is neither unpacked nor installed: tools/setup-servers $1"
        done
    fi
    command -v jq >/dev/null 2>&1 || echo "jq is not installed"
    network_obstacle
}

# engine_require IMAGE PROGRAM...: skips, with a reason, where the engine can't run; for setup.
engine_require() {
    local reason
    reason=$(engine_obstacle "$@" | head -n 1)
    [ -z "$reason" ] || skip "$reason"
}

# engine_lab_start [SPECIFICATION...]: the lab of tools/lab in the servers' network: its DNS server at 127.0.0.1, its mail servers at
# port 25 of the addresses that they have there; their authority is NETWORK/certificates/authority.pem, which also makes the
# certificates of the specifications (tests/make_certificates). After network_open, which network_close undoes.
engine_lab_start() {
    local specifications
    mapfile -t specifications <"$SRCDIR/tools/lab/certificates"
    specifications+=("$@")
    cat "$SRCDIR"/tools/lab/*.dns >"$NETWORK/lab.dns"
    cat "$SRCDIR"/tools/lab/*.smtp >"$NETWORK/lab.smtp"
    "$(plugin tests/make_certificates)" "$NETWORK/certificates" "${specifications[@]}"
    _engine_lab_server dns "$(plugin tests/fake_dns/fake_dns)" --script "$NETWORK/lab.dns" --listen 127.0.0.1:53
    _engine_lab_server smtp "$(plugin tests/fake_smtp/fake_smtp)" --script "$NETWORK/lab.smtp" \
        --certificates "$NETWORK/certificates" --listen 127.0.0.25:25 --listen 127.0.0.26:25 --listen 127.0.0.27:25 \
        --listen 127.44.8.25:25 --listen 127.44.0.25:25
}

_engine_lab_server() {
    local folder=$NETWORK/lab-$1
    shift
    mkdir "$folder"
    setpriv --pdeathsig KILL nsenter --net="/proc/$NETWORK_INSIDE/ns/net" -- \
        "$@" --port-file "$folder/port" --log "$folder/queries" >"$folder/log" 2>&1 </dev/null 3>&- &
    echo $! >"$folder/pid"
    poll_until "$SERVER_START_SECONDS" test -s "$folder/port" || {
        cat "$folder/log" >&2
        return 1
    }
}

# Makes NETWORK/installed, once.
_engine_install() {
    local installed=$NETWORK/installed
    [ ! -d "$installed" ] || return 0
    if [ -z "${ENGINE_PLUGINS-}" ] && [ -z "${ENGINE_SHARE-}" ]; then
        env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$BUILDDIR" install DESTDIR="$installed" prefix=/usr \
            plugindir=/usr/lib/nagios/plugins >"$NETWORK/install.log" 2>&1 3>&- || {
            cat "$NETWORK/install.log" >&2
            return 1
        }
        return
    fi
    mkdir -p "$installed/usr/lib/nagios/plugins" "$installed/usr/share/postmaster-plugins"
    cp -a "${ENGINE_PLUGINS:?}"/check_* "$installed/usr/lib/nagios/plugins/"
    cp -a "${ENGINE_SHARE:?}/." "$installed/usr/share/postmaster-plugins/"
}

# engine_start NAME IMAGE ADDRESS[:PORT]...: as server_start, in NETWORK/NAME, which server_folder made; the script of sh that runs
# the engine in the foreground is standard input. Without an address it returns at once.
engine_start() {
    local folder=$NETWORK/$1 image=$2
    _engine_install
    # Links: one copy for all engines, and nothing of it in memory.
    cp -al "$NETWORK/installed" "$folder/installed"
    {
        cat <<'END'
set -eu
umask 022
echo '127.0.0.1 localhost' >/etc/hosts
rm -f /etc/resolv.conf
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
ensure_user() {
    grep -q "^$1:" /etc/group || echo "$1:x:$2:" >>/etc/group
    grep -q "^$1:" /etc/passwd || echo "$1:x:$2:$2::/nonexistent:/usr/sbin/nologin" >>/etc/passwd
}
mkdir -p /usr/lib/nagios/plugins
ln -sf /srv/test/installed/usr/lib/nagios/plugins/check_* /usr/lib/nagios/plugins/
rm -rf /usr/share/postmaster-plugins
ln -s /srv/test/installed/usr/share/postmaster-plugins /usr/share/postmaster-plugins
# Where the programs look for it.
built=$(/usr/lib/nagios/plugins/check_dnsbl --export=json | sed -n 's,.*"default": "\(/.*\)/dnsbl-catalogue.conf".*,\1,p')
[ -e "$built" ] || { mkdir -p "${built%/*}" && ln -s /usr/share/postmaster-plugins "$built"; }
built=$(sed -n 's/^\tcommand = \[ "\(.*\)" \]$/\1/p' /usr/share/postmaster-plugins/icinga2/mailcheck.conf)
[ -e "$built" ] || { mkdir -p "${built%/*}" && ln -s /srv/test/installed/usr/bin/mailcheck "$built"; }
END
        cat
    } >"$folder/start"
    [ -f "$SERVERS_DIR/$image.packages" ] || image=
    server_start "$1" "$image" "${@:3}"
}
