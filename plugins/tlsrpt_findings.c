#include "tlsrpt.h"

#define ROW(index, name, state_word, title_text, why_text, fix_text, reference_text)               \
    [index] = {                                                                                    \
        .id = "tlsrpt." name,                                                                      \
        .state = STATE_##state_word,                                                               \
        .title = title_text,                                                                       \
        .why = why_text,                                                                           \
        .fix = fix_text,                                                                           \
        .reference = reference_text,                                                               \
    }

const struct finding_definition tlsrpt_findings[TLSRPT_FINDINGS] = {
    ROW(TLSRPT_F_DNS_ERROR, "dns-error", UNKNOWN, "a DNS question got no usable answer",
        "Senders that meet the same answer send no reports.",
        "Ask the named question yourself (dig NAME TXT), then the name servers of its zone",
        "RFC 8460 3"),
    ROW(TLSRPT_F_DNS_BOGUS, "dns-bogus", CRITICAL, "the DNSSEC signatures of the answer are broken",
        "Senders behind a validating resolver get SERVFAIL.",
        "Sign the zone anew, or put the DS record at the parent in order", "RFC 4035 5.5"),
    ROW(TLSRPT_F_NS_DIFFER, "ns-differ", WARNING,
        "an authoritative server has other TXT records than the others",
        "Where reports go depends on the server that a sender happens to ask.",
        "Look at the serial numbers of the zone and the transfers to that server",
        "RFC 1034 4.3.5"),
    ROW(TLSRPT_F_NS_MISSING, "ns-missing", WARNING,
        "an authoritative server has no record while others have one",
        "Senders that ask it send no reports.",
        "Look at the serial numbers of the zone and the transfers to that server",
        "RFC 1034 4.3.5"),
    ROW(TLSRPT_F_NS_SILENT, "ns-silent", UNKNOWN, "an authoritative server gave no usable answer",
        "Senders lose time, or send no reports.",
        "Look whether the server runs, answers on port 53 and holds the zone", "RFC 1912 2.8"),
    ROW(TLSRPT_F_NS_UNKNOWN, "ns-unknown", UNKNOWN,
        "the authoritative servers could not be found out", "What they say cannot be compared.",
        "Look at the SOA and NS records of the zone", "RFC 1034 4.2.1"),
    ROW(TLSRPT_F_TXT_CNAME, "txt-cname", CRITICAL, "the name has TXT records beside a CNAME",
        "A name with a CNAME may have nothing else: which of both a resolver sees is chance.",
        "Remove the CNAME, or the TXT records at this name", "RFC 1034 3.6.2"),
    ROW(TLSRPT_F_CNAME_DANGLING, "cname-dangling", CRITICAL,
        "a CNAME leads to a name without a TXT record",
        "Whoever published the record there has taken it away: no reports are sent.",
        "Publish the record at the target, or in place of the CNAME", "RFC 1034 3.6.2"),
    ROW(TLSRPT_F_ABSENT, "absent", OK, "there is no TLS reporting record",
        "Nobody tells you when senders cannot reach you by TLS.",
        "Publish a record when you want reports", "RFC 8460 3"),
    ROW(TLSRPT_F_ABSENT_STS, "absent-policy", WARNING, "there is a TLS policy and no TLS reporting",
        "Mail that senders hold back because of the policy stays unseen.",
        "Publish a TLS reporting record", "RFC 8460 1"),
    ROW(TLSRPT_F_REQUIRED, "required", CRITICAL,
        "there is no TLS reporting record, and --require wants one",
        "Nobody tells you when senders cannot reach you by TLS.", "Publish a TLS reporting record",
        "--require"),
    ROW(TLSRPT_F_RECORD, "record", CRITICAL, "the record is written wrongly, or there are several",
        "Senders assume that there is no TLS reporting.",
        "Publish exactly one record, beginning with v=TLSRPTv1;", "RFC 8460 3"),
    ROW(TLSRPT_F_URI, "uri", WARNING, "reports cannot reach one of the addresses",
        "Senders send nothing to it.", "Write mailto: or https:, to a host that takes reports",
        "RFC 8460 3"),
    ROW(TLSRPT_F_URI_ALL, "uri-all", CRITICAL, "reports cannot reach any of the addresses",
        "No report arrives at all.", "Write mailto: or https:, to a host that takes reports",
        "RFC 8460 3"),
    ROW(TLSRPT_F_URI_UNKNOWN, "uri-unknown", UNKNOWN, "a report host gave no answer",
        "Whether reports arrive is not known.", "Ask for the MX or address of the host yourself",
        "RFC 8460 3"),
    ROW(TLSRPT_F_UNKNOWN_TAG, "unknown-tag", OK, "the record has extensions",
        "Senders ignore those that they do not know.", "Remove them when they are slips of the pen",
        "RFC 8460 3"),
    ROW(TLSRPT_F_EXPECT, "expect", WARNING, "the record is not the one that --expect names",
        "Somebody changed it, or the expectation is old.",
        "Restore the record, or correct --expect", "--expect"),
    ROW(TLSRPT_F_CHANGED, "changed", WARNING, "the record has changed",
        "Reports may go to somebody else now.",
        "Make sure that the change was meant; the finding ends by itself (--changed-for)",
        "--state-file"),
    ROW(TLSRPT_F_STATE_FILE, "state-file", UNKNOWN, "the state file cannot be used",
        "Changes of the record are not noticed.", "Look at the file and its folder",
        "--state-file"),
};

const struct metric_definition tlsrpt_metrics[TLSRPT_METRICS] = {
    [TLSRPT_M_RECORDS] = {"records",   "",  0, "TLS reporting records of all domains"},
    [TLSRPT_M_RUA_COUNT] = {"rua_count", "",  0, "addresses for reports of all domains"},
    [TLSRPT_M_TIME] = {"time",      "s", 3, "duration of the check"               },
};
