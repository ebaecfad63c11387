#!/usr/bin/env bats
# The scripted DNS server, asked by dig and by hand. Its words stand in tests/fake_dns/README.md.

load helper
load assert
bats_require_minimum_version 1.5.0

setup() {
    require_tool dig
}

teardown() {
    fake_dns_stop
}

# ask [@ADDRESS] DIG-WORDS...: one try of one second.
ask() {
    local server=@127.0.0.1
    case $1 in
    @*)
        server=$1
        shift
        ;;
    esac
    timeout "${patience-5}" dig +tries=1 +time=1 +nocookie -p "$FAKE_DNS_PORT" "$server" "$@"
}

# unanswered DIG-WORDS...: the question gets no answer while others take a millisecond.
unanswered() {
    local patience=0.4 status=0
    ask "$@" >/dev/null || status=$?
    same 124 "$status"
}

# status_of DIG-WORDS...: the RCODE's name.
status_of() {
    ask "$@" | sed -n 's/.*status: \([A-Z0-9]*\),.*/\1/p'
}

# flags_of DIG-WORDS...: the header's flags.
flags_of() {
    ask "$@" | sed -n 's/^;; flags: \([a-z ]*\);.*/\1/p'
}

# next_datagram DESCRIPTOR: prints it in hexadecimal digits.
next_datagram() {
    timeout 2 dd bs=65535 count=1 status=none <&"$1" | od -An -v -tx1 | tr -d ' \n'
    echo
}

# datagrams COUNT NAME: asks for the TXT of NAME, a single label below test, with the id 0x1234; prints the
# octets of COUNT answers, each a line of hexadecimal digits.
datagrams() {
    local name=$2 socket i
    exec {socket}<>"/dev/udp/127.0.0.1/$FAKE_DNS_PORT"
    printf '\x12\x34\x01\0\0\x01\0\0\0\0\0\0%b%s\x04test\0\0\x10\0\x01' \
        "\\x$(printf '%02x' ${#name})" "$name" >&"$socket"
    for ((i = 0; i < $1; i++)); do
        next_datagram "$socket"
    done
    exec {socket}>&-
}

# refused SCRIPT EXPECTED: the script is not taken, with this message.
refused() {
    local output status=0
    printf '%s\n' "$1" >"$BATS_TEST_TMPDIR/script"
    output=$("$(plugin tests/fake_dns/fake_dns)" --script "$BATS_TEST_TMPDIR/script" 2>&1) || status=$?
    same 1 "$status"
    contains "$output" "$BATS_TEST_TMPDIR/script:$2"
}

# ---- records

@test "records of all types are answered as written; several lines are an RRset in their order" {
    fake_dns_start <<'EOF'
; a comment
# and another
example.test 60 IN MX 10 mail.example.test ; behind a record
example.test MX 20 other.example.test.
example.test TXT "v=spf1 -all; not a comment" "second"
example.test TYPE65280 \# 4 01020304
_25._tcp.mail.test TLSA 3 1 1 ABCD
odd.test A \# 3 010203
EOF
    same "10 mail.example.test.
20 other.example.test." "$(ask +short example.test MX)"
    same '"v=spf1 -all; not a comment" "second"' "$(ask +short example.test TXT)"
    same '\# 4 01020304' "$(ask +short example.test TYPE65280)"
    same '3 1 1 ABCD' "$(ask +short _25._tcp.mail.test TLSA)"
    contains "$(ask example.test MX)" "60	IN	MX	10 mail.example.test."
    contains "$(ask odd.test A)" malformed
}

@test "an unknown name is NXDOMAIN with the SOA of the nearest zone, its TTL the lesser of two (RFC 2308 5)" {
    fake_dns_start <<'EOF'
soa test 60
sub.test 500 SOA a. b. 1 2 3 4 77
EOF
    same NXDOMAIN "$(status_of no.such.test A)"
    contains "$(ask no.such.test A)" "test.			60	IN	SOA"
    contains "$(ask x.sub.test A)" "sub.test.		77	IN	SOA	a. b. 1 2 3 4 77"
    contains "$(ask else.where A)" ".			300	IN	SOA"
    same "qr rd ra" "$(flags_of no.such.test A)"
}

@test "other types of a known name, and names between known ones, are NODATA with an SOA (RFC 2308 2.2)" {
    fake_dns_start <<'EOF'
soa test 60
a.b.c.test A 192.0.2.1
bare.test A NODATA
EOF
    local question
    for question in "a.b.c.test MX" "b.c.test A" "c.test TXT" "bare.test A" "bare.test MX"; do
        # shellcheck disable=SC2086
        same NOERROR "$(status_of $question)"
        # shellcheck disable=SC2086
        contains "$(ask $question)" "ANSWER: 0, AUTHORITY: 1"
    done
    same NXDOMAIN "$(status_of x.a.b.c.test A)"
}

@test "RCODEs by name and number, for one type or all" {
    fake_dns_start <<'EOF'
fail.test ANY SERVFAIL
refused.test A REFUSED
refused.test MX 10 mail.test
form.test ANY FORMERR
notimp.test ANY NOTIMP
gone.test ANY NXDOMAIN
nine.test ANY RCODE9
high.test ANY RCODE23
EOF
    same SERVFAIL "$(status_of fail.test TXT)"
    same REFUSED "$(status_of refused.test A)"
    same NOERROR "$(status_of refused.test MX)"
    same FORMERR "$(status_of form.test A)"
    same NOTIMP "$(status_of notimp.test A)"
    same NXDOMAIN "$(status_of gone.test A)"
    same NOTAUTH "$(status_of nine.test A)"
    same BADCOOKIE "$(status_of high.test A)"
}

@test "CNAMEs are followed inside the script, to data, to nowhere, and never round in circles" {
    fake_dns_start <<'EOF'
soa test 60
a.test CNAME b.test
b.test CNAME c.test
c.test A 192.0.2.1
dead.test CNAME nowhere.test
empty.test CNAME c.test
loop.test CNAME pool.test
pool.test CNAME loop.test
fails.test CNAME broken.test
broken.test ANY SERVFAIL
*.w.test CNAME c.test
EOF
    same "b.test.
c.test.
192.0.2.1" "$(ask +short a.test A)"
    same "b.test." "$(ask +short a.test CNAME)"
    same NXDOMAIN "$(status_of dead.test A)"
    contains "$(ask dead.test A)" "nowhere.test."
    contains "$(ask dead.test A)" "test.			60	IN	SOA"
    same NOERROR "$(status_of empty.test MX)"
    contains "$(ask empty.test MX)" "ANSWER: 1, AUTHORITY: 1"
    same SERVFAIL "$(status_of loop.test A)"
    same SERVFAIL "$(status_of fails.test A)"
    contains "$(ask fails.test A)" "ANSWER: 0"
    same "c.test.
192.0.2.1" "$(ask +short x.w.test A)"
}

@test "a wildcard answers for all names below; the longest wins, and a name of its own beats it" {
    fake_dns_start <<'EOF'
*.bl.test A 127.0.0.2
*.3.bl.test A 127.0.0.3
1.3.bl.test A 127.0.0.4
2.3.bl.test TXT "own"
* ANY REFUSED
EOF
    same 127.0.0.2 "$(ask +short 9.9.bl.test A)"
    same 127.0.0.3 "$(ask +short 9.3.bl.test A)"
    same 127.0.0.3 "$(ask +short 9.9.3.bl.test A)"
    same 127.0.0.4 "$(ask +short 1.3.bl.test A)"
    same "" "$(ask +short 2.3.bl.test A)"
    same NOERROR "$(status_of 9.3.bl.test TXT)"
    same REFUSED "$(status_of else.where A)"
}

@test "dnsbl and listed write what blocklists hold (RFC 5782 2.1, 2.4, 5)" {
    fake_dns_start <<'EOF'
dnsbl bl.test ipv4 ipv6 domain
listed bl.test 192.0.2.99 127.0.0.2,127.0.0.4 "open relay; see https://bl.test/?192.0.2.99"
listed bl.test 2001:db8::1 127.0.0.3
listed bl.test spam.example. 127.0.1.2 "spam"
EOF
    same 127.0.0.2 "$(ask +short 2.0.0.127.bl.test A)"
    same '"test entry"' "$(ask +short 2.0.0.127.bl.test TXT)"
    same NXDOMAIN "$(status_of 1.0.0.127.bl.test A)"
    same 127.0.0.2 "$(ask +short 2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.test A)"
    same 127.0.0.2 "$(ask +short test.bl.test A)"
    same NXDOMAIN "$(status_of invalid.bl.test A)"
    same "127.0.0.2
127.0.0.4" "$(ask +short 99.2.0.192.bl.test A)"
    same '"open relay; see https://bl.test/?192.0.2.99"' "$(ask +short 99.2.0.192.bl.test TXT)"
    same 127.0.0.3 "$(ask +short 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.test A)"
    same 127.0.1.2 "$(ask +short spam.example.bl.test A)"
}

# ---- the message

@test "the case of the question is kept in the answer" {
    fake_dns_start <<<'example.test A 192.0.2.1'
    contains "$(ask ExAmPlE.tEsT A)" "ExAmPlE.tEsT.		300	IN	A	192.0.2.1"
}

@test "EDNS is answered with EDNS, version 1 with BADVERS, none with none (RFC 6891 6.1.1, 6.1.3)" {
    fake_dns_start <<'EOF'
a.test A 192.0.2.1
[no-opt] deaf.test A 192.0.2.1
[edns no-opt] afraid.test ANY FORMERR
afraid.test A 192.0.2.1
EOF
    contains "$(ask a.test A)" "EDNS: version: 0, flags:; udp: 1232"
    contains "$(ask +dnssec a.test A)" "EDNS: version: 0, flags: do; udp: 1232"
    same BADVERS "$(status_of +edns=1 +noednsnegotiation a.test A)"
    contains "$(ask +noedns a.test A)" "ADDITIONAL: 0"
    contains "$(ask deaf.test A)" "ADDITIONAL: 0"
    same FORMERR "$(status_of afraid.test A)"
    same NOERROR "$(status_of +noedns afraid.test A)"
}

@test "what does not fit the asker's size is truncated over UDP and whole over TCP (RFC 1035 4.2.1, RFC 6891 6.2.5)" {
    {
        for i in {1..12}; do
            printf 'big.test TXT "%s %090d"\n' "$i" 0
        done
    } >"$BATS_TEST_TMPDIR/script"
    fake_dns_start "$BATS_TEST_TMPDIR/script"
    same "qr tc rd ra" "$(flags_of +noedns +ignore big.test TXT)"
    same "qr tc rd ra" "$(flags_of +bufsize=1232 +ignore big.test TXT)"
    contains "$(ask +bufsize=1232 +ignore big.test TXT)" "EDNS: version: 0"
    same "qr rd ra" "$(flags_of +bufsize=4096 +ignore big.test TXT)"
    same 12 "$(ask +noedns +short big.test TXT | wc -l)"
    same 1 "$(fake_dns_count '^tcp ')"
}

@test "flags: ad, aa, no-ra, and a default that a rule turns off" {
    fake_dns_start <<'EOF'
[aa] default
a.test A 192.0.2.1
[ad !aa] b.test A 192.0.2.1
[no-ra] c.test A 192.0.2.1
EOF
    same "qr aa rd ra" "$(flags_of a.test A)"
    same "qr rd ra ad" "$(flags_of b.test A)"
    same "qr aa rd" "$(flags_of c.test A)"
    same "qr aa ra cd" "$(flags_of +norecurse +cd a.test A)"
}

@test "a message given in octets is sent behind the query's id" {
    fake_dns_start <<'EOF'
raw.test TXT \message 8180 0000000000000000 FF
EOF
    same "12348180"0000000000000000ff "$(datagrams 1 raw)"
}

# ---- conditions

@test "a rule for one address makes servers that differ; all have one port" {
    fake_dns_start - --listen 127.0.0.1:0 --listen 127.0.0.2 --listen '[::1]:0' <<'EOF'
a.test A 192.0.2.1
@127.0.0.2 a.test A 192.0.2.2
@127.0.0.2,::1 only.test A 192.0.2.3
@127.0.0.2 ns.test ANY REFUSED
ns.test A 192.0.2.4
EOF
    same 192.0.2.1 "$(ask +short a.test A)"
    same 192.0.2.2 "$(ask @127.0.0.2 +short a.test A)"
    same 192.0.2.1 "$(ask @::1 +short a.test A)"
    same NXDOMAIN "$(status_of only.test A)"
    same 192.0.2.3 "$(ask @::1 +short only.test A)"
    same REFUSED "$(status_of @127.0.0.2 ns.test A)"
    same 192.0.2.4 "$(ask +tcp +short ns.test A)"
    same 192.0.2.1 "$(ask @::1 +tcp +short a.test A)"
}

@test "SERVFAIL unless CD is set: what a validating resolver says of bogus data (RFC 4035 5.5)" {
    fake_dns_start <<'EOF'
[!cd] bogus.test ANY SERVFAIL
[ad] bogus.test A 192.0.2.1
EOF
    same SERVFAIL "$(status_of bogus.test A)"
    same "qr rd ra" "$(flags_of bogus.test A)"
    same 192.0.2.1 "$(ask +cd +short bogus.test A)"
    same "qr rd ra ad cd" "$(flags_of +cd bogus.test A)"
}

@test "rules depend on RD, DO, and the transport" {
    fake_dns_start <<'EOF'
[!rd] a.test ANY REFUSED
a.test A 192.0.2.1
[do] b.test A 192.0.2.2
b.test A 192.0.2.1
[tcp] c.test A 192.0.2.2
[udp] c.test A 192.0.2.1
EOF
    same REFUSED "$(status_of +norecurse a.test A)"
    same 192.0.2.1 "$(ask +short a.test A)"
    same 192.0.2.2 "$(ask +short +dnssec b.test A)"
    same 192.0.2.1 "$(ask +short b.test A)"
    same 192.0.2.2 "$(ask +short +tcp c.test A)"
    same 192.0.2.1 "$(ask +short c.test A)"
}

@test "rules change with the count, of the rule or of each question" {
    fake_dns_start <<'EOF'
[first=2] a.test A 192.0.2.1
[first=3] a.test A 192.0.2.2
a.test A 192.0.2.3
[after=2] *.limit.test ANY REFUSED
*.limit.test A 127.0.0.2
[first=1 each] *.slow.test ANY SERVFAIL
*.slow.test A 127.0.0.2
EOF
    same 192.0.2.1 "$(ask +short a.test A)"
    same 192.0.2.1 "$(ask +short A.test A)"
    same 192.0.2.2 "$(ask +short a.test A)"
    same 192.0.2.3 "$(ask +short a.test A)"
    same 127.0.0.2 "$(ask +short 1.limit.test A)"
    same 127.0.0.2 "$(ask +short 2.limit.test A)"
    same REFUSED "$(status_of 3.limit.test A)"
    same SERVFAIL "$(status_of 1.slow.test A)"
    same SERVFAIL "$(status_of 2.slow.test A)"
    same NOERROR "$(status_of 1.slow.test A)"
    same NOERROR "$(status_of 2.slow.test A)"
}

# ---- misbehaviour

@test "the first queries are lost, over UDP only, and each question for itself" {
    fake_dns_start <<'EOF'
[lose=1] *.lossy.test A 192.0.2.1
EOF
    unanswered a.lossy.test A
    same 192.0.2.1 "$(ask +short a.lossy.test A)"
    same 192.0.2.1 "$(ask +tcp +short b.lossy.test A)"
    unanswered b.lossy.test A
    same 3 "$(fake_dns_count '^udp ')"
}

@test "a silent name is asked and not answered, over UDP nor TCP" {
    fake_dns_start <<'EOF'
[silent] *.dead.test ANY
live.dead.test A 192.0.2.1
EOF
    unanswered x.dead.test A
    unanswered +tcp x.dead.test A
    same 192.0.2.1 "$(ask +short live.dead.test A)"
    same 1 "$(fake_dns_count '^tcp 127.0.0.1 x.dead.test A rd$')"
}

@test "delay and --latency hold an answer back, the rule's own before the server's" {
    fake_dns_start - --latency 300 <<'EOF'
a.test A 192.0.2.1
[delay=0] b.test A 192.0.2.1
[delay=600] c.test A 192.0.2.1
EOF
    local name milliseconds
    # Never before its time; a busy machine may be later.
    for name in a:300 c:600; do
        milliseconds=$(ask "${name%%:*}.test" A | sed -n 's/^;; Query time: \([0-9]*\) msec$/\1/p')
        [ "$milliseconds" -ge "${name#*:}" ]
    done
    # Asked last, answered first.
    local socket
    exec {socket}<>"/dev/udp/127.0.0.1/$FAKE_DNS_PORT"
    printf '\x12\x01\x01\0\0\x01\0\0\0\0\0\0\x01a\x04test\0\0\x01\0\x01' >&"$socket"
    printf '\x12\x02\x01\0\0\x01\0\0\0\0\0\0\x01b\x04test\0\0\x01\0\x01' >&"$socket"
    contains "$(next_datagram "$socket")" 12028180
    contains "$(next_datagram "$socket")" 12018180
    exec {socket}>&-
}

@test "answers that wait come in the order of their questions" {
    fake_dns_start <<<'[delay=50] *.test TXT "x"'
    local socket i
    exec {socket}<>"/dev/udp/127.0.0.1/$FAKE_DNS_PORT"
    for i in {10..29}; do
        printf '\x12%b\x01\0\0\x01\0\0\0\0\0\0\x01a\x04test\0\0\x10\0\x01' "\\x$i" >&"$socket"
    done
    for i in {10..29}; do
        contains "$(next_datagram "$socket")" "12${i}8180"
    done
    exec {socket}>&-
}

@test "over TCP, all questions of one connection are answered, also when the client has closed its half" {
    require_tool perl
    perl -MIO::Socket::INET -e 1 2>/dev/null || skip "perl has no IO::Socket::INET"
    fake_dns_start <<<'[delay=50] *.test TXT "x"'
    # shellcheck disable=SC2016 # perl's variables
    same "1111 1112 1113" "$(perl -MIO::Socket::INET -e '
        my $socket = IO::Socket::INET->new(Proto => "tcp", PeerAddr => "127.0.0.1", PeerPort => $ARGV[0]) or die $!;
        for my $id (0x1111 .. 0x1113) {
            my $query = pack("n6", $id, 0x100, 1, 0, 0, 0) . "\1c\4test\0" . pack("n2", 16, 1);
            syswrite($socket, pack("n", length $query) . $query);
        }
        shutdown($socket, 1);
        alarm 5;
        while (read($socket, my $length, 2)) {
            read($socket, my $answer, unpack("n", $length));
            push @ids, unpack("H4", $answer);
        }
        print "@ids";
        ' "$FAKE_DNS_PORT")"
}

@test "truncate: TC over UDP, and over TCP all, nothing, half, or an end" {
    fake_dns_start - --listen 127.0.0.1 --listen 127.0.0.2 <<'EOF'
@127.0.0.2 [tcp=refused] default
[truncate] a.test A 192.0.2.1
[truncate tcp=closed] b.test A 192.0.2.1
[truncate tcp=reset] c.test A 192.0.2.1
[truncate tcp=silent] d.test A 192.0.2.1
[truncate tcp=cut] e.test A 192.0.2.1
EOF
    same "qr tc rd ra" "$(flags_of +ignore a.test A)"
    same 192.0.2.1 "$(ask +short a.test A)"
    contains "$(ask @127.0.0.2 a.test A || :)" "connection refused"
    contains "$(ask b.test A || :)" "end of file"
    contains "$(ask c.test A || :)" "connection reset"
    unanswered d.test A
    contains "$(ask e.test A || :)" "end of file"
}

@test "answers with the wrong id, question or source are seen as such by who asked" {
    fake_dns_start <<'EOF'
[wrong-id] a.test A 192.0.2.1
[wrong-question] b.test A 192.0.2.1
[wrong-source] c.test A 192.0.2.1
EOF
    contains "$(ask a.test A || :)" "ID mismatch"
    contains "$(ask b.test A || :)" "Question section mismatch: got x.test/A/IN"
    unanswered c.test A
}

@test "an answer from the wrong source has the right address and another port" {
    require_tool perl
    perl -MIO::Socket::INET -e 1 2>/dev/null || skip "perl has no IO::Socket::INET"
    fake_dns_start <<<'[wrong-source] c.test TXT "x"'
    # shellcheck disable=SC2016 # perl's variables
    same "127.0.0.1 another port 1234" "$(perl -MIO::Socket::INET -e '
        my ($port) = @ARGV;
        my $socket = IO::Socket::INET->new(Proto => "udp", LocalAddr => "127.0.0.1") or die $!;
        my $query = pack("n6", 0x1234, 0x100, 1, 0, 0, 0) . "\1c\4test\0" . pack("n2", 16, 1);
        $socket->send($query, 0, pack_sockaddr_in($port, inet_aton("127.0.0.1")));
        alarm 5;
        $socket->recv(my $answer, 65535);
        print $socket->peerhost, $socket->peerport == $port ? " same" : " another", " port ", unpack("H4", $answer);
        ' "$FAKE_DNS_PORT")"
}

@test "an answer comes twice, or a forged one comes first" {
    fake_dns_start <<'EOF'
[duplicate] twice.test TXT "x"
[also wrong-id] forged.test TXT "f"
forged.test TXT "x"
[also] two.test TXT "1"
two.test TXT "2"
EOF
    local answers
    mapfile -t answers < <(datagrams 2 twice)
    same "${answers[0]}" "${answers[1]}"
    mapfile -t answers < <(datagrams 2 forged)
    same "1261 0166" "${answers[0]:0:4} ${answers[0]: -4}"
    same "1234 0178" "${answers[1]:0:4} ${answers[1]: -4}"
    mapfile -t answers < <(datagrams 2 two)
    same "1234 0131" "${answers[0]:0:4} ${answers[0]: -4}"
    same "1234 0132" "${answers[1]:0:4} ${answers[1]: -4}"
}

@test "garbage, a header alone, and a message that is cut" {
    fake_dns_start <<'EOF'
[garbage] a.test TXT "x"
[header-only] b.test TXT "x"
[cut=20] c.test TXT "x"
[cut=1] d.test TXT "x"
EOF
    local answer
    answer=$(datagrams 1 a)
    same "128 1234" "${#answer} ${answer:0:4}"
    same 123481800001000100000000 "$(datagrams 1 b)"
    same 1234818000010001000000000163047465737400 "$(datagrams 1 c)"
    same 12 "$(datagrams 1 d)"
}

@test "hostile queries are answered FORMERR or not at all, and the next one is served" {
    fake_dns_start <<<'a.test TXT "x"'
    local socket
    exec {socket}<>"/dev/udp/127.0.0.1/$FAKE_DNS_PORT"
    printf 'x' >&"$socket"
    printf '\x12\x34\x81\0\0\x01\0\0\0\0\0\0' >&"$socket"
    printf '\x12\x34\x01\0\0\x01\0\0\0\0\0\0\xC0\x0C\0\x10\0\x01' >&"$socket"
    same 123481010000000000000000 "$(next_datagram "$socket")"
    exec {socket}>&-
    exec {socket}<>"/dev/tcp/127.0.0.1/$FAKE_DNS_PORT"
    printf '\xFF\xFFx' >&"$socket"
    same "" "$(timeout 2 cat <&"$socket")"
    exec {socket}>&-
    same '"x"' "$(ask +short a.test TXT)"
    same 3 "$(fake_dns_count ' malformed - -$')"
}

# ---- the program

@test "the log has a line for each query, written before its answer is sent" {
    fake_dns_start <<<'a.test A 192.0.2.1'
    ask a.test A >/dev/null
    ask +tcp +cd +dnssec A.TEST MX >/dev/null
    ask +norecurse . TYPE65280 >/dev/null
    ask 'a\.b c.test' ANY +notcp >/dev/null
    same 'udp 127.0.0.1 a.test A rd
tcp 127.0.0.1 A.TEST MX rd,do,cd
udp 127.0.0.1 . TYPE65280 -
udp 127.0.0.1 a\046b\032c.test ANY rd' "$(cat "$FAKE_DNS_LOG")"
}

@test "a script that is wrong is refused with its line" {
    refused 'a.test A 192.0.2.300' '1: '
    refused $'\n; x\na.test NONSENSE 1' '3: "NONSENSE" is no type of record'
    refused 'a.test' '1: a type is missing'
    refused 'a..test A 192.0.2.1' '1: "a..test" is no domain name'
    refused '[delay=x] a.test A 192.0.2.1' '1: unknown or bad option "delay=x"'
    refused '[first=0] a.test A 192.0.2.1' '1: unknown or bad option "first=0"'
    refused '[silent a.test A 192.0.2.1' '1: "]" is missing'
    refused '@127.0.0.9 a.test A 192.0.2.1' '1: nobody listens at 127.0.0.9'
    refused $'a.test A 192.0.2.1\na.test A NXDOMAIN' '2: this question has another answer already'
    refused 'a.test TXT \# 3 0102' '1: \# wants a length'
    refused '[tcp=refused] a.test A 192.0.2.1' '1: tcp=refused is of a whole address'
    refused '[also] a.test A' '1: "also" wants an answer'
    refused 'listed bl.test 192.0.2.1' '1: listed wants'
    refused '[cd] default' '1: "default" holds always'
}

@test "nothing but loopback is listened at, and bad usage is status 2" {
    local program words
    program=$(plugin tests/fake_dns/fake_dns)
    for words in "--listen 0.0.0.0:0" "--listen 192.0.2.1:0" "--listen [::]:0" "--listen 127.0.0.1:x" \
        "--listen ::ffff:127.0.0.1" "--latency -1" "--latency 10x" "--no-such-option" "more"; do
        # shellcheck disable=SC2086
        run -2 "$program" --script /dev/null $words
    done
    run -2 "$program"
    run -1 "$program" --script "$BATS_TEST_TMPDIR/none"
}

@test "SIGTERM and SIGINT end it cleanly, with queries under way" {
    local signal
    for signal in INT TERM; do
        fake_dns_start <<<'[delay=60000] a.test TXT "x"'
        unanswered a.test TXT
        unanswered +tcp a.test TXT
        kill "-$signal" "$FAKE_DNS_PID"
        wait "$FAKE_DNS_PID"
    done
}
