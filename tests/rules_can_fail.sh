#!/bin/sh
# A rule that nothing can break is no rule: each row of layers.sh and style.sh is shown a source that breaks it
# and must say so.
set -u

tests=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
: >"$work/rows"

# breaks SCRIPT RULE PATH: the source on standard input, as PATH of a tree with nothing else in it, breaks RULE.
breaks() {
    echo row >>"$work/rows" # a pipe's end is a shell of its own: counted in a file
    row=$(wc -l <"$work/rows" | tr -d ' ')
    tree=$work/$row
    mkdir -p "$tree/${3%/*}"
    cat >"$tree/$3"
    cp "$SRCDIR/.clang-format" "$tree"
    : >"$tree/Makefile.am"
    case $3 in
    *.c) (cd "$tree" && ${CC:-cc} -c -o "${3%.c}.o" "$3") >/dev/null 2>&1 ;;
    esac
    output=$(SRCDIR=$tree BUILDDIR=$tree COMPILE='' SANITIZERS='' sh "$tests/$1" 2>&1)
    line=$(printf '%s\n' "$output" | grep -E "^(not )?ok [0-9]+ - $2")
    case $line in
    "not ok "*) echo "ok $row - $1 sees that $3 breaks: $2" ;;
    *"# SKIP "*) echo "ok $row - $1 sees that $3 breaks: $2 # SKIP ${line##*# SKIP }" ;;
    *)
        echo "not ok $row - $1 sees that $3 breaks: $2"
        printf '%s\n' "$output" | sed 's/^/# /'
        ;;
    esac
}

include() {
    printf '#include %s\n' "$1"
}

body() {
    printf 'void f(void);\nvoid f(void)\n{\n    %s;\n}\n' "$1"
}

include '"mail/ip.h"' | breaks layers.sh 'common/base includes no floor' common/base/a.c
include '"report/state.h"' | breaks layers.sh 'common/mail includes no floor' common/mail/a.c
include '"net/dns.h"' | breaks layers.sh 'common/report includes no floor' common/report/a.c
include '"plugin/plugin.h"' | breaks layers.sh 'common/net includes no floor' common/net/a.c
include '"dnsbl.h"' | breaks layers.sh 'common/plugin includes no floor' common/plugin/a.h
include '<plugins/dnsbl.h>' | breaks layers.sh 'common/ knows no plugin' common/base/a.h
include '"tests/unit/cases.h"' | breaks layers.sh 'plugins/ includes common/' plugins/a.c
include '<ares.h>' | breaks layers.sh '<ares.h>' common/net/loop.c
include '<ldns/wire2host.h>' | breaks layers.sh '<ldns/ldns.h>' common/mail/ip.c
include '<openssl/evp.h>' | breaks layers.sh '<openssl/...>' common/net/dns.c
include '<idn2.h>' | breaks layers.sh '<idn2.h>' common/mail/domain.c
include '<libpsl.h>' | breaks layers.sh '<libpsl.h>' common/mail/domain.c
include '<gmime/gmime.h>' | breaks layers.sh '<gmime/...>' common/mail/bounce_text.c
include '<zlib.h>' | breaks layers.sh '<zlib.h>' plugins/bounces_logs.c
include '<systemd/sd-journal.h>' | breaks layers.sh '<systemd/...>' plugins/bounces_logs.c
body 'exit(1)' | breaks layers.sh 'the program ends' plugins/a.c
body '_Exit(1)' | breaks layers.sh 'out of memory ends' plugins/a.c
body 'strcpy(a, b)' | breaks layers.sh 'no function that overflows' tests/unit/a.c
body 'n = atoi (a)' | breaks layers.sh 'no function that overflows' plugins/a.c
body 'sprintf(a, "x")' | breaks layers.sh 'no function that overflows' common/base/a.c
body 'system("ls")' | breaks layers.sh 'programs are started' plugins/a.c
body 'p = malloc(1)' | breaks layers.sh 'memory comes from' common/net/a.c
include '<poll.h>' | breaks layers.sh 'mail/ and report/ include no header' common/report/a.c
include '"base/clock.h"' | breaks layers.sh 'mail/ and report/ include no header' common/mail/a.h
body 'fprintf(stderr, "x")' | breaks layers.sh 'mail/ and report/ do no I/O' common/mail/a.c
body 't = time(NULL)' | breaks layers.sh 'mail/ and report/ do no I/O' common/report/a.c
echo 'typedef struct a a;' | breaks layers.sh 'structs, unions and enums' plugins/a.h
echo 'int last;' | breaks layers.sh 'mail/ and report/ keep nothing' common/mail/a.c
echo 'int *f(void); int *f(void) { static int last = 1; return &last; }' |
    breaks layers.sh 'mail/ and report/ keep nothing' common/report/a.c
echo 'int f(size_t size);' | breaks layers.sh 'every header compiles alone' common/base/a.h
echo 'struct a { int b; };' | breaks layers.sh 'every header compiles alone' plugins/a.h

echo 'int  a;' | breaks style.sh 'sources are formatted' common/base/a.c
awk 'BEGIN { for (i = 0; i < 601; i++) print "int a;" }' | breaks style.sh 'no file is longer' plugins/a.c
printf 'int a; \n' | breaks style.sh 'no blank ends a line' tests/unit/a.c
printf '#!/bin/sh\necho \t\n' | breaks style.sh 'no blank ends a line' tools/a
printf 'int a;' | breaks style.sh 'every file ends with a newline' plugins/a.c
printf '/* TO%s */\n' 'DO: later' | breaks style.sh 'nothing is left' plugins/a.c
printf '#ifndef B_H\n#define B_H\n#endif\n' | breaks style.sh "a header's guard" plugins/a.h
echo '@test "a" { false; }' | breaks style.sh 'Makefile.am knows' tests/cli/a.bats

echo "1..$(wc -l <"$work/rows" | tr -d ' ')"
