#!/bin/sh
# The rules of the house (doc/ARCHITECTURE.md), read from the sources below $SRCDIR. One row, one rule.
set -u

tests=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/rule.sh
. "$tests/rule.sh"
cd "$SRCDIR" || exit 1

product() {
    find common plugins mailcheck -name '*.[ch]' 2>/dev/null | LC_ALL=C sort
}

# shellcheck disable=SC2046 # the project's file names have no blanks
code_of() {
    [ $# -eq 0 ] || LC_ALL=C awk -f "$tests/code.awk" "$@"
}

# calls PATTERN: lines of standard input that use one of the functions.
calls() {
    grep -E "(^|[^A-Za-z0-9_.>])($1)[ 	]*\\("
}

# outside FILES-PATTERN: lines that are not in these files.
outside() {
    grep -vE "^($1):"
}

# shellcheck disable=SC2046
code_of $(product) >"$work/code"
# shellcheck disable=SC2046
code_of $(find tests -name '*.[ch]' 2>/dev/null) >"$work/test-code"

# ---- floors

below=base
for floor in base mail report net plugin; do
    [ "$floor" = base ] || below="$below|$floor"
    grep "^common/$floor/" "$work/code" | grep -E ':[ 	]*#[ 	]*include[ 	]*"' |
        grep -vE "\"($below)/[a-z0-9_]+\\.(h|inc)\"" |
        rule "common/$floor includes no floor above its own"
done
grep -E '^common/' "$work/code" | grep -E '#[ 	]*include[ 	]*[<"][^">]*(plugins|mailcheck)/' |
    rule "common/ knows no plugin"
grep -E '^plugins/' "$work/code" | grep -E ':[ 	]*#[ 	]*include[ 	]*"' |
    grep -vE '"((base|mail|report|net|plugin|plugins)/)?[a-z0-9_]+\.(h|inc)"' |
    rule "plugins/ includes common/ and itself"

# ---- one room for each library

grep -E '#[ 	]*include[ 	]*<ares' "$work/code" | outside 'common/net/dns_channel[a-z_]*\.[ch]' |
    rule "<ares.h> is included by common/net/dns_channel only"
grep -E '#[ 	]*include[ 	]*<ldns/' "$work/code" | outside 'common/mail/dns_wire\.c' |
    rule "<ldns/ldns.h> is included by common/mail/dns_wire.c only"
grep -E '#[ 	]*include[ 	]*<openssl/' "$work/code" |
    outside 'common/net/tls[a-z_]*\.[ch]|common/mail/(certificate|digest|dkim)[a-z_]*\.c' |
    rule "<openssl/...> is included by tls, certificate, digest and dkim only"
grep -E '#[ 	]*include[ 	]*<idn2' "$work/code" | outside 'common/mail/idn\.c' |
    rule "<idn2.h> is included by common/mail/idn.c only"
grep -E '#[ 	]*include[ 	]*<libpsl' "$work/code" | outside 'common/mail/public_suffix\.[ch]' |
    rule "<libpsl.h> is included by common/mail/public_suffix only"
grep -E '#[ 	]*include[ 	]*<gmime/' "$work/code" | outside 'common/mail/bounce_mime\.c' |
    rule "<gmime/...> is included by common/mail/bounce_mime.c only"
grep -E '#[ 	]*include[ 	]*<zlib' "$work/code" | outside 'plugins/bounces_lines\.c' |
    rule "<zlib.h> is included by plugins/bounces_lines.c only"
grep -E '#[ 	]*include[ 	]*<systemd/' "$work/code" | outside 'plugins/bounces_journal\.c' |
    rule "<systemd/...> is included by plugins/bounces_journal.c only"

# ---- what code may not do

calls 'exit|quick_exit|abort|err|errx' <"$work/code" | outside 'common/plugin/plugin\.c' |
    rule "the program ends in common/plugin/plugin.c only"
calls '_exit|_Exit' <"$work/code" | outside 'common/base/memory\.c' |
    rule "out of memory ends the program in common/base/memory.c only"
cat "$work/code" "$work/test-code" |
    calls 'strcpy|strcat|stpcpy|v?sprintf|strtok(_r)?|ato(i|l|ll|f)|gets|gethostby(name|addr)|alarm' |
    rule "no function that overflows, guesses or blocks"
calls 'system|popen|execl?[vpe]*|fork|vfork|posix_spawnp?' <"$work/code" | outside 'mailcheck/processes\.c' |
    rule "programs are started in mailcheck/processes.c only"
calls 'malloc|calloc|realloc|reallocarray|strdup|strndup|asprintf' <"$work/code" |
    outside 'common/base/memory\.c' |
    rule "memory comes from common/base/memory.c"
grep -E '^common/(mail|report)/' "$work/code" |
    grep -E '#[ 	]*include[ 	]*(<(unistd|fcntl|poll|netdb|pthread|signal|dirent|sys/(types|stat|time|mman))\.h>|"base/clock\.h")' |
    rule "mail/ and report/ include no header of files, sockets, processes or clocks"
grep -E '^common/(mail|report)/' "$work/code" |
    calls 'f?open|fdopen|f?read|f?write|f?printf|v?f?printf|f?puts|putchar|socket|connect|send|recv|poll|time|clock_gettime|gettimeofday|getenv|sleep|nanosleep|clock_now|clock_wall' |
    rule "mail/ and report/ do no I/O and ask for no time"
grep -E ':[ 	]*typedef[ 	]+(struct|union|enum)' "$work/code" |
    rule "structs, unions and enums keep their tag: no typedef"

# ---- what the compiler sees

label="mail/ and report/ keep nothing between two calls: no variable outside a function's frame"
objects=$(find "$BUILDDIR/common/mail" "$BUILDDIR/common/report" -name '*.o' 2>/dev/null)
if [ -n "${SANITIZERS-}" ]; then
    skip "$label" "the sanitizers add variables of their own"
elif [ -z "$objects" ]; then
    skip "$label" "no object is built"
elif ! command -v nm >/dev/null 2>&1; then
    skip "$label" "nm is not installed"
else
    # shellcheck disable=SC2086
    nm -A -f sysv $objects |
        awk -F'|' '{ gsub(/ /, "", $7) } $7 ~ /^(\.t?(data|bss)|\*COM\*)/ && $7 !~ /^\.data\.rel\.ro/ { print $1, $7 }' |
        rule "$label"
fi

product | grep '\.h$' | while read -r header; do
    printf '#include "%s"\n#include "%s"\nextern int header_stands_alone;\n' "$header" "$header" |
        ${COMPILE:-cc -std=c11 -Icommon -Iplugins -I.} -Wall -Werror -x c -fsyntax-only - 2>&1 |
        grep -E 'error|warning'
done | rule "every header compiles alone, twice"

rules_done
