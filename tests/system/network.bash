# shellcheck shell=bash
# For the bats files of this folder: `load network`, after `load ../cli/helper`.
#
# Networks and file systems for real servers, none of which this machine sees. `network_open` makes two network
# namespaces with nothing but a cable between them, so that nothing can leave; the servers' one and that of somebody
# outside. The addresses look public and are nobody's: 44.128.0.0/16 and 3ffe:501::/32. A server runs in process and
# mount namespaces of its own, in the system's file system with the server's packages (tools/setup-servers) laid over
# it and everything that it writes kept in memory. So several mail servers run side by side, each on port 25 of its own
# address, with their paths, users and files as their packages have them.
#
# Root is needed, and a kernel that lets it make namespaces: `network_require` in setup; in setup_file, where nothing can be
# skipped, `[ -z "$(network_obstacle ...)" ] || return 0`.
#
#     NETWORK              folder of what runs: NETWORK/NAME/log is what a server said
#     SERVERS_DIR          what tools/setup-servers unpacked
#     OUTSIDE OUTSIDE6     addresses of the one outside
# shellcheck disable=SC2034

SERVERS_DIR=${SERVERS_DIR-$SRCDIR/build/servers}
OUTSIDE=44.128.9.66
OUTSIDE6=3ffe:501:9::66

# A server that does not listen by then never will.
LISTEN_SECONDS=20

# network_obstacle IMAGE...: prints why the servers can't run, if so.
network_obstacle() {
    local image tool
    if [ "$(id -u)" -ne 0 ]; then
        echo "real servers need root"
        return
    fi
    for tool in ip nsenter setpriv ss unshare; do
        command -v "$tool" >/dev/null 2>&1 || echo "$tool is not installed"
    done
    for image; do
        [ -f "$SERVERS_DIR/$image.packages" ] || echo "$image is not unpacked: tools/setup-servers"
    done
    _network_may_mount || echo "this system lets nobody make networks and file systems"
}

# A mount of ours must be possible, and must not be seen outside.
_network_may_mount() {
    local folder status=0
    folder=$(mktemp -d "${BATS_TEST_TMPDIR-$BATS_FILE_TMPDIR}/mount.XXXXXX")
    mkdir "$folder/root"
    unshare --net --mount --propagation unchanged --pid --uts --fork --kill-child \
        "$SRCDIR/tests/system/in-root" "$folder" true >/dev/null 2>&1 || status=1
    if mountpoint -q "$folder/memory"; then
        umount -R "$folder/memory"
        status=1
    fi
    return "$status"
}

# network_require IMAGE...: skips, with a reason, where the servers can't run.
network_require() {
    local reason
    reason=$(network_obstacle "$@" | head -n 1)
    [ -z "$reason" ] || skip "$reason"
}

# What dies with this shell: nothing is left when a test is killed.
_network_spawn() {
    setpriv --pdeathsig KILL "$@" </dev/null 3>&- &
}

# _network_child PID: the first process in the namespaces that unshare, as PID, made.
_network_child() {
    local child
    # The file has no end of line.
    read -r child _ 2>/dev/null <"/proc/$1/task/$1/children" || :
    echo "$child"
}

# network_open: both networks, for one test file or one test.
network_open() {
    NETWORK=$(mktemp -d "${BATS_TEST_TMPDIR-$BATS_FILE_TMPDIR}/network.XXXXXX")
    chmod 755 "$NETWORK"
    _network_spawn unshare --net sleep infinity
    NETWORK_INSIDE=$!
    _network_spawn unshare --net sleep infinity
    NETWORK_OUTSIDE=$!
    poll_until 5 _network_apart "$NETWORK_INSIDE" && poll_until 5 _network_apart "$NETWORK_OUTSIDE" || return 1
    ip link add name inside netns "$NETWORK_INSIDE" type veth peer name outside netns "$NETWORK_OUTSIDE"
    inside ip link set lo up
    inside ip address add 44.128.0.1/24 dev lo
    inside ip address add 44.128.9.1/24 dev inside
    inside ip -6 address add 3ffe:501:9::1/64 dev inside nodad
    inside ip link set inside up
    outside ip link set lo up
    outside ip address add "$OUTSIDE/24" dev outside
    outside ip -6 address add "$OUTSIDE6/64" dev outside nodad
    outside ip link set outside up
    outside ip route add 44.128.0.0/16 via 44.128.9.1
    outside ip -6 route add 3ffe:501::/32 via 3ffe:501:9::1
    # The tests of a file see what setup_file opened.
    export NETWORK NETWORK_INSIDE NETWORK_OUTSIDE
}

_network_apart() {
    [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ] &&
        [ "$(cat "/proc/$1/comm" 2>/dev/null)" = sleep ]
}

# network_close: ends everything; for teardown, or teardown_file when setup_file had opened it.
network_close() {
    local file
    [ -n "${NETWORK-}" ] || return 0
    for file in "$NETWORK"/*/pid; do
        [ ! -f "$file" ] || _network_end "$(cat "$file")"
    done
    kill -KILL "$NETWORK_INSIDE" "$NETWORK_OUTSIDE" 2>/dev/null || :
    wait "$NETWORK_INSIDE" "$NETWORK_OUTSIDE" 2>/dev/null || :
}

# _network_end PID: with the first process of a process namespace all of them end, before unshare does.
_network_end() {
    local child
    child=$(_network_child "$1")
    kill -KILL "${child:-$1}" 2>/dev/null || :
    wait "$1" 2>/dev/null || :
}

# inside COMMAND...: as somebody on the servers' host.
inside() {
    nsenter --net="/proc/$NETWORK_INSIDE/ns/net" -- "$@"
}

# outside COMMAND...: as somebody elsewhere, from OUTSIDE or OUTSIDE6.
outside() {
    nsenter --net="/proc/$NETWORK_OUTSIDE/ns/net" -- "$@"
}

# server_folder NAME: makes the folder of a server that will be started; prints it.
server_folder() {
    local folder=$NETWORK/$1
    rm -rf "$folder"
    mkdir -m 777 "$folder"
    # mkdir heeds the umask.
    chmod 777 "$folder"
    echo "$folder"
}

# server_start NAME IMAGE ADDRESS[:PORT]...: runs FOLDER/start, a script of sh, in the server's file system and returns
# when the server listens at the addresses (port 25; of IPv6 in brackets). There FOLDER is /srv/test. The script
# prepares and runs the server in the foreground, without `exec`: its shell is what ends the server when a test is
# killed. What both print is FOLDER/log. Not in a pipe: the server ends with the shell that called this. An empty IMAGE: what
# the system has installed.
server_start() {
    local name=$1 image=$2 folder=$NETWORK/$1 pid
    shift 2
    [ -z "$image" ] || ln -s "$(cd "$SERVERS_DIR/$image" && pwd)" "$folder/image"
    setpriv --pdeathsig KILL nsenter --net="/proc/$NETWORK_INSIDE/ns/net" -- \
        unshare --mount --propagation unchanged --pid --uts --fork --kill-child \
        "$SRCDIR/tests/system/in-root" "$folder" sh /srv/test/start >>"$folder/log" 2>&1 </dev/null 3>&- &
    pid=$!
    echo "$pid" >"$folder/pid"
    poll_until "$LISTEN_SECONDS" _server_is_up "$pid" "$@" || :
    if ! _server_listens_at "$@"; then
        echo "$name does not listen at $*:" >&2
        cat "$folder/log" >&2
        return 1
    fi
}

_server_is_up() {
    ! kill -0 "$1" 2>/dev/null || _server_listens_at "${@:2}"
}

# Asks the kernel, not the server: a connection would stand in its log.
_server_listens_at() {
    local address port listening
    listening=$(inside ss -Hlntu)
    for address; do
        port=25
        case $address in
        \[*\]:*) port=${address##*:} address=${address%:*} ;;
        \[*\]) ;;
        *:*) port=${address##*:} address=${address%%:*} ;;
        esac
        grep -qF -e "$address:$port " -e "*:$port " <<<"$listening" || return 1
    done
}

# server_stop NAME: ends a server; its address is free when this returns.
server_stop() {
    _network_end "$(cat "$NETWORK/$1/pid")"
    rm "$NETWORK/$1/pid"
}

# in_server NAME COMMAND...: in the server's file system and network.
in_server() {
    local child
    child=$(_network_child "$(cat "$NETWORK/$1/pid")")
    shift
    nsenter --target "$child" --net --mount --pid --root --wd=/ -- "$@"
}
