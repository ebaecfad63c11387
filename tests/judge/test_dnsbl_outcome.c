/* One answer, what the list says of its test entries, and the outcome that follows. */
#include "dnsbl_judge.h"
#include "tests/judge/dnsbl_fixture.h"

static const char catalogue[] =
    "[bl.test]\n"
    "operator = Test list\n"
    "targets = ip4 ip6 domain\n"
    "severity = critical\n"
    "scope = ip\n"
    "code = 127.0.0.2 critical: spam source\n"
    "code = 127.0.0.[3;4] warning: suspicious\n"
    "code = 127.0.0.10 info range: end-user range\n"
    "code = 127.0.0.11 ok: known good\n"
    "code = 127.0.1.[0..255]: score {4}\n"
    "[plain.test]\n"
    "targets = ip4\n"
    "severity = warning\n"
    "[bits.test]\n"
    "targets = ip4\n"
    "severity = warning\n"
    "error-bit = 127.0.0.1 blocked: refused\n"
    "bit = 127.0.0.2: black\n"
    "bit = 127.0.0.4 critical: red\n"
    "[info.test]\n"
    "targets = ip4\n"
    "severity = info\n"
    "code = 127.0.0.2: noted\n"
    "[ok.test]\n"
    "targets = ip4\n"
    "severity = ok\n"
    "code = 127.0.0.2: harmless\n"
    "[errors.test]\n"
    "targets = ip4\n"
    "error = 127.0.0.255 blocked: its own refusal\n"
    "error = 127.0.0.254 over-quota: its own quota\n"
    "error = 127.0.0.253 key-bad: its own key\n"
    "error = 127.0.1.255 wrong-kind: a domain list\n"
    "error = 127.0.0.252 failed: it cannot\n"
    "error = 127.0.10.[0..255] blocked if-wildcard: it lists the world\n"
    "error = REFUSED over-quota: too many, by REFUSED\n"
    "error = SERVFAIL blocked: refused, by SERVFAIL\n"
    "[allow.test]\n"
    "class = allowlist\n"
    "targets = ip4\n"
    "[data.test]\n"
    "class = data\n"
    "targets = ip4\n"
    "[policy.test]\n"
    "class = policy\n"
    "targets = ip4\n"
    "severity = info\n"
    "[untested.test]\n"
    "targets = ip4\n"
    "test-listed = ip4 none\n"
    "test-unlisted = ip4 none\n"
    "[<KEY>.dq.test]\n"
    "targets = ip4\n"
    "key-name = dq\n"
    "[secret.test]\n"
    "private = yes\n"
    "[retired]\n"
    "gone.test = 2024-06-05 | Gone Inc | emptied | bl.test\n";

#define T "target 192.0.2.1\n"
#define REPLY(zone) "reply " zone " 192.0.2.1 "

#define ROW(label_, facts_, outcome_, ...)                                                         \
    {                                                                                              \
        .label = label_, .text = facts_, .outcome = outcome_, __VA_ARGS__                          \
    }

static const struct row {
    const char *label;
    const char *text;
    enum dnsbl_outcome outcome;
    enum dnsbl_severity severity;
    enum dnsbl_scope scope;
    const char *meaning;
    const char *evidence; /* codes of the reply that decided; NULL: not looked at */
    size_t choice;
    bool is_allowed;
} rows[] = {
    /* LISTED */
    ROW("LISTED: a code of the list's table", "list bl.test\n" T REPLY("bl.test") "127.0.0.2",
        DNSBL_LISTED, .severity = DNSBL_CRITICAL, .scope = DNSBL_SCOPE_IP, .meaning = "spam source",
        .evidence = "127.0.0.2"),
    ROW("LISTED: the code has a severity and a scope of its own",
        "list bl.test\n" T REPLY("bl.test") "127.0.0.10", DNSBL_LISTED, .severity = DNSBL_INFO,
        .scope = DNSBL_SCOPE_RANGE, .meaning = "end-user range"),
    ROW("LISTED: several codes are joined, the worst one weighs (RFC 5782 2.3)",
        "list bl.test\n" T REPLY("bl.test") "127.0.0.10 127.0.0.2 127.0.0.3", DNSBL_LISTED,
        .severity = DNSBL_CRITICAL, .scope = DNSBL_SCOPE_IP,
        .meaning = "end-user range; spam source; suspicious",
        .evidence = "127.0.0.10, 127.0.0.2, 127.0.0.3"),
    ROW("LISTED: a meaning with an octet of the answer",
        "list bl.test\n" T REPLY("bl.test") "127.0.1.42", DNSBL_LISTED, .severity = DNSBL_CRITICAL,
        .scope = DNSBL_SCOPE_IP, .meaning = "score 42"),
    ROW("LISTED: a list without codes means every answer in 127/8 (RFC 5782 2.1)",
        "list plain.test\n" T REPLY("plain.test") "127.0.0.99", DNSBL_LISTED,
        .severity = DNSBL_WARNING, .scope = DNSBL_SCOPE_IP, .meaning = "listed"),
    ROW("LISTED: bits are joined, the worst one weighs",
        "list bits.test\n" T REPLY("bits.test") "127.0.0.6", DNSBL_LISTED,
        .severity = DNSBL_CRITICAL, .scope = DNSBL_SCOPE_IP, .meaning = "black; red"),
    ROW("LISTED: a policy list counts", "list policy.test\n" T REPLY("policy.test") "127.0.0.2",
        DNSBL_LISTED, .severity = DNSBL_INFO, .scope = DNSBL_SCOPE_IP, .meaning = "listed"),
    ROW("LISTED: a domain",
        "list bl.test\ntarget spam.example\nreply bl.test spam.example 127.0.0.2", DNSBL_LISTED,
        .severity = DNSBL_CRITICAL, .scope = DNSBL_SCOPE_IP, .meaning = "spam source"),
    ROW("LISTED: an IPv6 address (RFC 5782 2.4)",
        "list bl.test\ntarget 2001:db8::1\nreply bl.test 2001:db8::1 127.0.0.2", DNSBL_LISTED,
        .severity = DNSBL_CRITICAL, .scope = DNSBL_SCOPE_IP, .meaning = "spam source"),
    ROW("LISTED: although the test that must not be listed got no answer",
        "list bl.test\n" T REPLY("bl.test") "127.0.0.2\ntest bl.test unlisted TIMEOUT",
        DNSBL_LISTED, .severity = DNSBL_CRITICAL, .scope = DNSBL_SCOPE_IP,
        .meaning = "spam source"),
    ROW("LISTED: although the test entry is missing",
        "list bl.test\n" T REPLY("bl.test") "127.0.0.2\ntest bl.test listed NXDOMAIN", DNSBL_LISTED,
        .severity = DNSBL_CRITICAL, .scope = DNSBL_SCOPE_IP, .meaning = "spam source"),
    ROW("LISTED: an old list whose every other answer is good weighs by its bad one",
        "list bl.test\n" T REPLY("bl.test") "127.0.0.11 127.0.0.3", DNSBL_LISTED,
        .severity = DNSBL_WARNING, .scope = DNSBL_SCOPE_IP, .meaning = "known good; suspicious"),

    /* LISTED, unknown code */
    ROW("UNKNOWN CODE: in 127/8 but not in the table: WARNING, whatever the list weighs",
        "list bl.test\n" T REPLY("bl.test") "127.0.0.77", DNSBL_LISTED_UNKNOWN_CODE,
        .severity = DNSBL_WARNING, .scope = DNSBL_SCOPE_IP, .meaning = "code not in the catalogue",
        .evidence = "127.0.0.77"),
    ROW("UNKNOWN CODE: of a list of little weight, too",
        "list info.test\n" T REPLY("info.test") "127.0.0.77", DNSBL_LISTED_UNKNOWN_CODE,
        .severity = DNSBL_WARNING, .scope = DNSBL_SCOPE_IP, .meaning = "code not in the catalogue"),
    ROW("UNKNOWN CODE: beside a known one it is a known listing",
        "list bl.test\n" T REPLY("bl.test") "127.0.0.77 127.0.0.2", DNSBL_LISTED,
        .severity = DNSBL_CRITICAL, .scope = DNSBL_SCOPE_IP,
        .meaning = "code not in the catalogue; spam source"),
    ROW("UNKNOWN CODE: beside a harmless one it does not weigh as much as the list",
        "list bl.test\n" T REPLY("bl.test") "127.0.0.77 127.0.0.10", DNSBL_LISTED,
        .severity = DNSBL_WARNING, .scope = DNSBL_SCOPE_IP,
        .meaning = "code not in the catalogue; end-user range"),
    ROW("UNKNOWN CODE: behind a known one, too",
        "list bl.test\n" T REPLY("bl.test") "127.0.0.2 127.0.0.77", DNSBL_LISTED,
        .severity = DNSBL_CRITICAL, .scope = DNSBL_SCOPE_IP,
        .meaning = "spam source; code not in the catalogue"),
    ROW("UNKNOWN CODE: no bit of the table is set",
        "list bits.test\n" T REPLY("bits.test") "127.0.0.8", DNSBL_LISTED_UNKNOWN_CODE,
        .severity = DNSBL_WARNING, .scope = DNSBL_SCOPE_IP, .meaning = "code not in the catalogue"),

    /* NOT LISTED */
    ROW("NOT LISTED: NXDOMAIN, and the test entry is there", "list bl.test\n" T, DNSBL_NOT_LISTED,
        .meaning = "not listed"),
    ROW("NOT LISTED: no data means the same", "list bl.test\n" T REPLY("bl.test") "NODATA",
        DNSBL_NOT_LISTED, .meaning = "not listed"),
    ROW("NOT LISTED: a code that is good", "list bl.test\n" T REPLY("bl.test") "127.0.0.11",
        DNSBL_NOT_LISTED, .severity = DNSBL_OK, .scope = DNSBL_SCOPE_IP, .meaning = "known good"),
    ROW("NOT LISTED: a list whose answers are harmless, known or not",
        "list ok.test\n" T REPLY("ok.test") "127.0.0.2 127.0.0.99", DNSBL_NOT_LISTED,
        .severity = DNSBL_OK, .scope = DNSBL_SCOPE_IP,
        .meaning = "harmless; code not in the catalogue"),
    ROW("NOT LISTED: an allowlist's answer is good",
        "list allow.test\n" T REPLY("allow.test") "127.0.0.2", DNSBL_NOT_LISTED,
        .severity = DNSBL_OK, .scope = DNSBL_SCOPE_IP, .meaning = "listed", .is_allowed = true),
    ROW("NOT LISTED: a data service's answer is data",
        "list data.test\n" T REPLY("data.test") "127.0.0.2", DNSBL_NOT_LISTED, .severity = DNSBL_OK,
        .scope = DNSBL_SCOPE_IP, .meaning = "listed"),
    ROW("NOT LISTED: without self-tests the list is trusted",
        "list bl.test\n" T "test bl.test listed none\ntest bl.test unlisted none", DNSBL_NOT_LISTED,
        .meaning = "not listed"),
    ROW("NOT LISTED: gone at the second look",
        "list bl.test\n" T REPLY("bl.test") "127.0.0.2\nunconfirmed bl.test 192.0.2.1",
        DNSBL_NOT_LISTED, .meaning = "gone at the second look"),
    ROW("NOT LISTED: a list without test entry whose zone is there",
        "list untested.test\n" T "apex untested.test soa 192.0.2.9\n"
        "apex untested.test ns 192.0.2.9",
        DNSBL_NOT_LISTED, .meaning = "not listed"),

    /* filters */
    ROW("FILTER: a code that it names counts",
        "list bl.test=127.0.0.[2..4]\n" T REPLY("bl.test") "127.0.0.3", DNSBL_LISTED,
        .severity = DNSBL_WARNING, .scope = DNSBL_SCOPE_IP, .meaning = "suspicious"),
    ROW("FILTER: a code that it does not name does not",
        "list bl.test=127.0.0.[3..4]\n" T REPLY("bl.test") "127.0.0.2", DNSBL_NOT_LISTED,
        .severity = DNSBL_OK, .meaning = "the answer is none of those that count"),
    ROW("FILTER: of several codes those count that it names",
        "list bl.test=127.0.0.10\n" T REPLY("bl.test") "127.0.0.2 127.0.0.10", DNSBL_LISTED,
        .severity = DNSBL_INFO, .scope = DNSBL_SCOPE_RANGE, .meaning = "end-user range"),
    ROW("FILTER: error codes are looked for first, whatever it names",
        "list bl.test=127.0.0.2\n" T REPLY("bl.test") "127.255.255.254", DNSBL_BLOCKED,
        .meaning = "the question came through a public resolver, or one without a name of its own"),
    ROW("FILTER: that names error codes makes them no listing",
        "list bl.test=127.255.255.[250..255]\n" T REPLY("bl.test") "127.255.255.255",
        DNSBL_OVER_QUOTA, .meaning = "too many questions"),
    ROW("FILTER: of an allowlist", "list allow.test=127.0.0.5\n" T REPLY("allow.test") "127.0.0.2",
        DNSBL_NOT_LISTED, .severity = DNSBL_OK,
        .meaning = "the answer is none of those that count"),
    ROW("FILTER: the second one of a zone reads the answer to the first",
        "list bl.test=127.0.0.2\nlist bl.test=127.0.0.10\n" T REPLY("bl.test") "127.0.0.10",
        DNSBL_LISTED, .severity = DNSBL_INFO, .scope = DNSBL_SCOPE_RANGE,
        .meaning = "end-user range", .choice = 1),
    ROW("FILTER: the second one of a zone reads its failure",
        "list bl.test=127.0.0.2\nlist bl.test=127.0.0.10\n" T REPLY("bl.test") "SERVFAIL",
        DNSBL_ERROR, .meaning = "SERVFAIL", .choice = 1),
    ROW("FILTER: the second one of a zone knows its apex",
        "list bl.test=127.0.0.2\nlist bl.test=127.0.0.10\n" T
        "test bl.test listed NXDOMAIN\napex bl.test soa NXDOMAIN",
        DNSBL_DEAD, .meaning = "the zone does not exist", .choice = 1),

    /* BLIND */
    ROW("BLIND: neither the target nor the test entry is there",
        "list bl.test\n" T "test bl.test listed NXDOMAIN\napex bl.test soa NODATA\n"
        "apex bl.test ns NODATA",
        DNSBL_BLIND, .meaning = "its test entry is missing"),
    ROW("BLIND: no data for both",
        "list bl.test\n" T REPLY("bl.test") "NODATA\n"
                                            "test bl.test listed NODATA",
        DNSBL_BLIND, .meaning = "its test entry is missing"),
    ROW("BLIND: an apex that was not answered says nothing",
        "list bl.test\n" T "test bl.test listed NXDOMAIN\napex bl.test soa TIMEOUT\n"
        "apex bl.test ns SERVFAIL",
        DNSBL_BLIND, .meaning = "its test entry is missing"),

    /* BLOCKED */
    ROW("BLOCKED: 127.255.255.254, a public resolver",
        "list plain.test\n" T REPLY("plain.test") "127.255.255.254", DNSBL_BLOCKED,
        .meaning = "the question came through a public resolver, or one without a name of its own",
        .evidence = "127.255.255.254"),
    ROW("BLOCKED: 127.255.255.252, a misspelt zone",
        "list plain.test\n" T REPLY("plain.test") "127.255.255.252", DNSBL_BLOCKED,
        .meaning = "the name of the zone is misspelt"),
    ROW("BLOCKED: any other code in 127.255.255.0/24 on any list",
        "list plain.test\n" T REPLY("plain.test") "127.255.255.1", DNSBL_BLOCKED,
        .meaning = "the list refuses to answer"),
    ROW("BLOCKED: codes about keys on a list without key",
        "list plain.test\n" T REPLY("plain.test") "127.255.255.250", DNSBL_BLOCKED,
        .meaning = "the key is disabled"),
    ROW("BLOCKED: an error code beside a listing counts first",
        "list bl.test\n" T REPLY("bl.test") "127.0.0.2 127.255.255.254", DNSBL_BLOCKED,
        .meaning = "the question came through a public resolver, or one without a name of its own"),
    ROW("BLOCKED: REFUSED", "list bl.test\n" T REPLY("bl.test") "REFUSED", DNSBL_BLOCKED,
        .meaning = "the server answers REFUSED"),
    ROW("BLOCKED: the list's own code", "list errors.test\n" T REPLY("errors.test") "127.0.0.255",
        DNSBL_BLOCKED, .meaning = "its own refusal"),
    ROW("BLOCKED: the list's own bit beside others (URIBL, SURBL)",
        "list bits.test\n" T REPLY("bits.test") "127.0.0.3", DNSBL_BLOCKED, .meaning = "refused"),
    ROW("BLOCKED: the list's own rcode", "list errors.test\n" T REPLY("errors.test") "SERVFAIL",
        DNSBL_BLOCKED, .meaning = "refused, by SERVFAIL"),
    ROW("BLOCKED: a target that is absent, when the test entry says so",
        "list plain.test\n" T "test plain.test listed 127.255.255.254", DNSBL_BLOCKED,
        .meaning = "the question came through a public resolver, or one without a name of its own",
        .evidence = "127.255.255.254"),
    ROW("BLOCKED: a target that is absent, when the test entry is refused",
        "list plain.test\n" T "test plain.test listed REFUSED", DNSBL_BLOCKED,
        .meaning = "the server answers REFUSED"),
    ROW("BLOCKED: the answer that the unlisted test gets, too (dnswl)",
        "list errors.test\n" T REPLY(
            "errors.test") "127.0.10.0\ntest errors.test unlisted 127.0.10.0",
        DNSBL_BLOCKED, .meaning = "it lists the world", .evidence = "127.0.10.0"),
    ROW("LISTED: the same answer when the unlisted test does not get it",
        "list errors.test\n" T REPLY("errors.test") "127.0.10.0", DNSBL_LISTED,
        .severity = DNSBL_WARNING, .scope = DNSBL_SCOPE_IP, .meaning = "listed"),

    /* OVER QUOTA */
    ROW("OVER QUOTA: 127.255.255.255", "list plain.test\n" T REPLY("plain.test") "127.255.255.255",
        DNSBL_OVER_QUOTA, .meaning = "too many questions"),
    ROW("OVER QUOTA: the list's own code",
        "list errors.test\n" T REPLY("errors.test") "127.0.0.254", DNSBL_OVER_QUOTA,
        .meaning = "its own quota"),
    ROW("OVER QUOTA: the list's own rcode (SPFBL)",
        "list errors.test\n" T REPLY("errors.test") "REFUSED", DNSBL_OVER_QUOTA,
        .meaning = "too many, by REFUSED"),

    /* KEY BAD */
    ROW("KEY BAD: 127.255.255.250 on a keyed zone",
        "list <KEY>.dq.test\nkey dq abcd\n" T REPLY("<KEY>.dq.test") "127.255.255.250",
        DNSBL_KEY_BAD, .meaning = "the key is disabled"),
    ROW("KEY BAD: 127.255.255.251 on a keyed zone",
        "list <KEY>.dq.test\nkey dq abcd\n" T REPLY("<KEY>.dq.test") "127.255.255.251",
        DNSBL_KEY_BAD, .meaning = "the key is rejected, or in use by another account"),
    ROW("KEY BAD: the list's own code", "list errors.test\n" T REPLY("errors.test") "127.0.0.253",
        DNSBL_KEY_BAD, .meaning = "its own key"),
    ROW("KEY BAD: a keyed zone without its test entry",
        "list <KEY>.dq.test\nkey dq abcd\n" T "test <KEY>.dq.test listed NXDOMAIN", DNSBL_KEY_BAD,
        .meaning = "with this key its test entry is missing"),
    ROW("KEY BAD: a keyed zone that lists the target and not its test entry is listed",
        "list <KEY>.dq.test\nkey dq abcd\n" T REPLY(
            "<KEY>.dq.test") "127.0.0.2\ntest <KEY>.dq.test listed NXDOMAIN",
        DNSBL_LISTED, .severity = DNSBL_WARNING, .scope = DNSBL_SCOPE_IP, .meaning = "listed"),
    ROW("DEAD: a keyed zone whose apex does not exist",
        "list <KEY>.dq.test\nkey dq abcd\n" T
        "test <KEY>.dq.test listed NXDOMAIN\napex <KEY>.dq.test soa NXDOMAIN",
        DNSBL_DEAD, .meaning = "the zone does not exist"),

    /* WRONG KIND */
    ROW("WRONG KIND: the answer of a domain list to an address",
        "list errors.test\n" T REPLY("errors.test") "127.0.1.255", DNSBL_WRONG_KIND,
        .meaning = "a domain list"),

    /* WILDCARD */
    ROW("WILDCARD: what must not be listed is, and the target, too",
        "list bl.test\n" T REPLY("bl.test") "127.0.0.2\ntest bl.test unlisted 127.0.0.2",
        DNSBL_WILDCARD, .meaning = "it lists even what must not be listed",
        .evidence = "127.0.0.2"),
    ROW("WILDCARD: a random label is listed",
        "list bl.test\n" T REPLY("bl.test") "127.0.0.2\ntest bl.test random 127.0.0.4",
        DNSBL_WILDCARD, .meaning = "it lists even what must not be listed",
        .evidence = "127.0.0.4"),
    ROW("WILDCARD: a list that lists what must not be listed does not clear anybody",
        "list bl.test\n" T "test bl.test unlisted 127.0.0.2", DNSBL_WILDCARD,
        .meaning = "it lists even what must not be listed"),
    ROW("WILDCARD: not when the target got no answer",
        "list bl.test\n" T REPLY("bl.test") "TIMEOUT\ntest bl.test unlisted 127.0.0.2",
        DNSBL_TIMEOUT, .meaning = "time-out"),
    ROW("WILDCARD of refusals: the list blocks",
        "list bl.test\n" T "test bl.test unlisted 127.255.255.254", DNSBL_BLOCKED,
        .meaning = "the question came through a public resolver, or one without a name of its own",
        .evidence = "127.255.255.254"),
    ROW("WILDCARD of addresses outside 127/8: somebody else answers",
        "list bl.test\n" T "test bl.test unlisted 203.0.113.80", DNSBL_TAMPERED,
        .meaning = "the answer is not in 127.0.0.0/8", .evidence = "203.0.113.80"),
    ROW("WILDCARD: a listing that is gone at the second look does not hide it",
        "list bl.test\n" T REPLY(
            "bl.test") "127.0.0.2\nunconfirmed bl.test 192.0.2.1\ntest bl.test unlisted 127.0.0.2",
        DNSBL_WILDCARD, .meaning = "it lists even what must not be listed"),

    /* TAMPERED */
    ROW("TAMPERED: an answer outside 127/8 (RFC 5782 2.1)",
        "list bl.test\n" T REPLY("bl.test") "91.195.240.117", DNSBL_TAMPERED,
        .meaning = "the answer is not in 127.0.0.0/8", .evidence = "91.195.240.117"),
    ROW("TAMPERED: beside one in it",
        "list bl.test\n" T REPLY("bl.test") "127.0.0.2 91.195.240.117", DNSBL_TAMPERED,
        .meaning = "the answer is not in 127.0.0.0/8"),
    ROW("TAMPERED: only the test entry is answered for by somebody else",
        "list bl.test\n" T "test bl.test listed 91.195.240.117", DNSBL_TAMPERED,
        .meaning = "the answer is not in 127.0.0.0/8"),

    /* RETIRED, DEAD, skipped */
    ROW("RETIRED: not asked", "list gone.test\n" T, DNSBL_RETIRED, .meaning = "the list is gone"),
    ROW("RETIRED: nor is a zone below it", "list bl.gone.test\n" T, DNSBL_RETIRED,
        .meaning = "the list is gone"),
    ROW("DEAD: the SOA of the zone does not exist (RFC 8020 2)",
        "list bl.test\n" T "test bl.test listed NXDOMAIN\napex bl.test soa NXDOMAIN\n"
        "apex bl.test ns TIMEOUT",
        DNSBL_DEAD, .meaning = "the zone does not exist"),
    ROW("DEAD: the NS of the zone do not exist",
        "list bl.test\n" T "test bl.test listed NXDOMAIN\napex bl.test soa TIMEOUT\n"
        "apex bl.test ns NXDOMAIN",
        DNSBL_DEAD, .meaning = "the zone does not exist"),
    ROW("DEAD: not while the test entry is there",
        "list bl.test\n" T "apex bl.test soa NXDOMAIN\napex bl.test ns NXDOMAIN", DNSBL_NOT_LISTED,
        .meaning = "not listed"),
    ROW("DEAD: a list without test entry whose zone does not exist",
        "list untested.test\n" T "apex untested.test soa NXDOMAIN\n"
        "apex untested.test ns NXDOMAIN",
        DNSBL_DEAD, .meaning = "the zone does not exist"),
    ROW("ERROR: a list without test entry whose zone cannot be asked for",
        "list untested.test\n" T "apex untested.test soa SERVFAIL\n"
        "apex untested.test ns SERVFAIL",
        DNSBL_ERROR, .meaning = "SERVFAIL"),
    ROW("ERROR: of a list without test entry when only one of both questions timed out",
        "list untested.test\n" T "apex untested.test soa SERVFAIL\napex untested.test ns TIMEOUT",
        DNSBL_ERROR, .meaning = "SERVFAIL"),
    ROW("NOT LISTED: a list without test entry whose zone has an SOA",
        "list untested.test\n" T "apex untested.test soa 192.0.2.9\napex untested.test ns TIMEOUT",
        DNSBL_NOT_LISTED, .meaning = "not listed"),
    ROW("TIMEOUT: a list without test entry whose zone is silent",
        "list untested.test\n" T "apex untested.test soa TIMEOUT\napex untested.test ns TIMEOUT",
        DNSBL_TIMEOUT, .meaning = "time-out"),
    ROW("SKIPPED: a keyed list without key", "list <KEY>.dq.test\n" T, DNSBL_SKIPPED,
        .meaning = "no key is given"),
    ROW("SKIPPED: a list that is not in public DNS", "list secret.test\n" T, DNSBL_SKIPPED,
        .meaning = "it is not in public DNS"),
    ROW("SKIPPED: too many targets for its rate", "list bl.test\n" T "skip bl.test rate",
        DNSBL_SKIPPED, .meaning = "too many targets for its rate"),
    ROW("SKIPPED: the deadline came first", "list bl.test\n" T "unasked bl.test", DNSBL_SKIPPED,
        .meaning = "the deadline came before it was asked"),
    ROW("BLOCKED: left alone because it refused us", "list bl.test\n" T "skip bl.test blocked",
        DNSBL_BLOCKED, .meaning = "it refused us lately"),
    ROW("OVER QUOTA: left alone because it was asked too often",
        "list bl.test\n" T "skip bl.test over-quota", DNSBL_OVER_QUOTA,
        .meaning = "it refused us lately"),
    ROW("ERROR: no name server of it was found", "list bl.test\n" T "skip bl.test no-server",
        DNSBL_ERROR, .meaning = "no name server of it was found"),

    /* TIMEOUT, ERROR */
    ROW("TIMEOUT: silence", "list bl.test\n" T REPLY("bl.test") "TIMEOUT", DNSBL_TIMEOUT,
        .meaning = "time-out"),
    ROW("TIMEOUT: the target is absent, and the test entry is not known",
        "list bl.test\n" T "test bl.test listed TIMEOUT", DNSBL_TIMEOUT, .meaning = "time-out"),
    ROW("ERROR: SERVFAIL", "list bl.test\n" T REPLY("bl.test") "SERVFAIL", DNSBL_ERROR,
        .meaning = "SERVFAIL"),
    ROW("ERROR: the target is absent, and the test entry fails",
        "list bl.test\n" T "test bl.test listed SERVFAIL", DNSBL_ERROR, .meaning = "SERVFAIL"),
    ROW("ERROR: another rcode", "list bl.test\n" T REPLY("bl.test") "NOTIMP", DNSBL_ERROR,
        .meaning = "NOTIMP"),
    ROW("ERROR: malformed", "list bl.test\n" T REPLY("bl.test") "MALFORMED", DNSBL_ERROR,
        .meaning = "malformed answer"),
    ROW("ERROR: truncated", "list bl.test\n" T REPLY("bl.test") "TRUNCATED", DNSBL_ERROR,
        .meaning = "truncated, TCP fails"),
    ROW("ERROR: no resolver", "list bl.test\n" T REPLY("bl.test") "NO-RESOLVER", DNSBL_ERROR,
        .meaning = "no server reached"),
    ROW("ERROR: a name that cannot be asked for", "list bl.test\n" T REPLY("bl.test") "BAD-NAME",
        DNSBL_ERROR, .meaning = "name not valid in DNS"),
    ROW("ERROR: the list's own code for it",
        "list errors.test\n" T REPLY("errors.test") "127.0.0.252", DNSBL_ERROR,
        .meaning = "it cannot"),
};

static void test_row(void **state)
{
    const struct row *row = *state;
    static struct dnsbl_fixture f;
    struct dnsbl_verdict verdict;
    fixture_open(&f, catalogue, row->text);
    dnsbl_classify(&f.facts, 0, row->choice, &f.arena, &verdict);
    assert_string_equal(dnsbl_outcome_name(verdict.outcome), dnsbl_outcome_name(row->outcome));
    assert_string_equal(verdict.meaning, row->meaning);
    assert_int_equal(verdict.severity, row->severity);
    assert_int_equal(verdict.is_allowed, row->is_allowed);
    if (verdict.outcome <= DNSBL_LISTED_UNKNOWN_CODE)
        assert_int_equal(verdict.scope, row->scope);
    if (row->evidence != NULL)
        assert_string_equal(dnsbl_codes_text(verdict.evidence, &f.arena), row->evidence);
    bool is_listed = row->outcome <= DNSBL_LISTED_UNKNOWN_CODE;
    if (row->choice == 0 || is_listed)
        assert_int_equal(dnsbl_is_listed(&f.facts, 0, 0), is_listed);
    fixture_close(&f);
}

static void test_names(void **state)
{
    static const struct {
        const char *name;
        bool is_unanswered;
    } outcomes[DNSBL_OUTCOMES] = {
        [DNSBL_LISTED] = {"listed",              false},
        [DNSBL_LISTED_UNKNOWN_CODE] = {"listed-unknown-code", false},
        [DNSBL_NOT_LISTED] = {"not-listed",          false},
        [DNSBL_BLIND] = {"blind",               true },
        [DNSBL_BLOCKED] = {"blocked",             true },
        [DNSBL_OVER_QUOTA] = {"over-quota",          true },
        [DNSBL_KEY_BAD] = {"key-bad",             true },
        [DNSBL_WRONG_KIND] = {"wrong-kind",          false},
        [DNSBL_WILDCARD] = {"wildcard",            false},
        [DNSBL_TAMPERED] = {"tampered",            true },
        [DNSBL_RETIRED] = {"retired",             false},
        [DNSBL_DEAD] = {"dead",                false},
        [DNSBL_TIMEOUT] = {"timeout",             true },
        [DNSBL_ERROR] = {"error",               true },
        [DNSBL_SKIPPED] = {"skipped",             false},
    };
    (void)state;
    for (unsigned i = 0; i < DNSBL_OUTCOMES; i++) {
        assert_string_equal(dnsbl_outcome_name((enum dnsbl_outcome)i), outcomes[i].name);
        assert_int_equal(dnsbl_outcome_is_unanswered((enum dnsbl_outcome)i),
                         outcomes[i].is_unanswered);
    }
}

/* The apex is worth asking for when a test entry is missing, whatever the kind of targets. */
static void test_wants_apex(void **state)
{
    static struct dnsbl_fixture f;
    (void)state;
    fixture_open(&f, catalogue, "list bl.test\n" T);
    assert_false(dnsbl_wants_apex(&f.choices[0]));
    for (size_t kind = 0; kind < DNSBL_TEST_KINDS; kind++) {
        struct dnsbl_reply *listed = &f.choices[0].health[kind].listed;
        struct dnsbl_reply before = *listed;
        listed->status = DNS_NXDOMAIN;
        assert_true(dnsbl_wants_apex(&f.choices[0]));
        listed->status = DNS_SERVFAIL;
        assert_false(dnsbl_wants_apex(&f.choices[0]));
        listed->status = DNS_NODATA;
        listed->is_asked = false;
        assert_false(dnsbl_wants_apex(&f.choices[0]));
        *listed = before;
    }
    fixture_close(&f);
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "the words of the outcomes, and which of them are no answer", test_names,
              NULL);
    cases_add(&cases, "the apex is asked for when a test entry is missing", test_wants_apex, NULL);
    return cases_run(&cases, "dnsbl_outcome");
}
