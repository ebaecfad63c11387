#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "mail/tlsrpt.h"

static struct arena arena;

/* clang-format off */
static const struct row {
    const char *label;
    const char *text;
    bool version_right, is_near_miss, is_usable;
    const char *faults; /* of its URIs, digits of enum dmarc_uri_fault */
    const char *repaired;
} rows[] = {
    {"RFC 8460 3: mailto",                           "v=TLSRPTv1; rua=mailto:a@b.org",                  true,  false, true,  "0",  "v=TLSRPTv1; rua=mailto:a@b.org"},
    {"RFC 8460 3: https",                            "v=TLSRPTv1; rua=https://b.org/v1/x?a=b",          true,  false, true,  "0",  "v=TLSRPTv1; rua=https://b.org/v1/x?a=b"},
    {"RFC 8460 3: both, and a final semicolon",      "v=TLSRPTv1;rua=mailto:a@b.org , https://c.org;",  true,  false, true,  "00", "v=TLSRPTv1; rua=mailto:a@b.org,https://c.org"},
    {"RFC 8460 3: extensions are ignored",           "v=TLSRPTv1; rua=mailto:a@b.org; 1-x.y=z",         true,  false, true,  "0",  "v=TLSRPTv1; rua=mailto:a@b.org"},
    {"RFC 8460 3: no rua",                           "v=TLSRPTv1;",                                     true,  false, false, "",   "v=TLSRPTv1; rua=mailto:tls-reports@example.org"},
    {"RFC 8460 3: an empty rua",                     "v=TLSRPTv1; rua=",                                true,  false, false, "1",  "v=TLSRPTv1; rua=mailto:tls-reports@example.org"},
    {"RFC 8460 3: mailto: is missing",               "v=TLSRPTv1; rua=a@b.org",                         true,  false, false, "2",  "v=TLSRPTv1; rua=mailto:a@b.org"},
    {"RFC 8460 3: another scheme",                   "v=TLSRPTv1; rua=http://b.org",                    true,  false, false, "3",  "v=TLSRPTv1; rua=mailto:tls-reports@example.org"},
    {"RFC 8460 3: https without a host",             "v=TLSRPTv1; rua=https:///x",                      true,  false, false, "4",  "v=TLSRPTv1; rua=mailto:tls-reports@example.org"},
    {"RFC 8460 3: one good address is enough",       "v=TLSRPTv1; rua=x,mailto:a@b.org",                true,  false, true,  "20", "v=TLSRPTv1; rua=mailto:a@b.org"},
    {"RFC 8460 3: a raw ! in the address",           "v=TLSRPTv1; rua=mailto:a!x@b.org",                true,  false, false, "5",  "v=TLSRPTv1; rua=mailto:a%21x@b.org"},
    {"RFC 8460 3: a raw comma in the address",       "v=TLSRPTv1; rua=mailto:a,x@b.org",                true,  false, false, "42", "v=TLSRPTv1; rua=mailto:a%2Cx@b.org"},
    {"RFC 8460 3: a raw semicolon in the address",   "v=TLSRPTv1; rua=mailto:a;x@b.org",                true,  false, false, "4",  "v=TLSRPTv1; rua=mailto:tls-reports@example.org"},
    {"RFC 8460 3: a duplicate tag",                  "v=TLSRPTv1; rua=mailto:a@b.org; rua=mailto:c@d.org", true, false, false, "0", "v=TLSRPTv1; rua=mailto:a@b.org"},
    {"RFC 8460 3: white space around =",             "v=TLSRPTv1; rua = mailto:a@b.org",                true,  false, false, "0",  "v=TLSRPTv1; rua=mailto:a@b.org"},
    {"RFC 8460 3: the semicolon is missing",         "v=TLSRPTv1 rua=mailto:a@b.org",                   false, true,  false, "",   "v=TLSRPTv1; rua=mailto:tls-reports@example.org"},
    {"RFC 8460 3: the version alone",                "v=TLSRPTv1",                                      false, true,  false, "",   "v=TLSRPTv1; rua=mailto:tls-reports@example.org"},
    {"RFC 8460 3: the version to the letter",        "v=TLSRPTV1; rua=mailto:a@b.org",                  false, true,  false, "0",  "v=TLSRPTv1; rua=mailto:a@b.org"},
    {"RFC 8460 3: another version",                  "v=TLSRPTv2; rua=mailto:a@b.org",                  false, true,  false, "0",  "v=TLSRPTv1; rua=mailto:a@b.org"},
    {"RFC 8460 3: white space in the version",       "v = TLSRPTv1; rua=mailto:a@b.org",                false, true,  false, "0",  "v=TLSRPTv1; rua=mailto:a@b.org"},
    {"RFC 8460 3: white space before v",             " v=TLSRPTv1; rua=mailto:a@b.org",                 false, true,  false, "0",  "v=TLSRPTv1; rua=mailto:a@b.org"},
    {"RFC 8460 3: the version is not first",         "rua=mailto:a@b.org; v=TLSRPTv1;",                 false, true,  false, "0",  "v=TLSRPTv1; rua=mailto:a@b.org"},
    {"RFC 8460 3: another text",                     "v=spf1 -all",                                     false, false, false, "",   "v=TLSRPTv1; rua=mailto:tls-reports@example.org"},
    {"RFC 8460 3: an empty text",                    "",                                                false, false, false, "",   "v=TLSRPTv1; rua=mailto:tls-reports@example.org"},
};
/* clang-format on */

static void test_row(void **state)
{
    const struct row *row = *state;
    struct tlsrpt_record record;
    char faults[50] = "";

    tlsrpt_record_parse(&arena, slice_of(row->text), &record);
    for (size_t i = 0; i < record.reports.count; i++) {
        char digit[] = {(char)('0' + (int)record.reports.list[i].fault), '\0'};
        strncat(faults, digit, 2);
    }
    assert_int_equal(record.version_right, row->version_right);
    assert_int_equal(record.is_near_miss, row->is_near_miss);
    assert_string_equal(faults, row->faults);
    assert_int_equal(tlsrpt_record_is_usable(&record), row->is_usable);
    assert_string_equal(tlsrpt_record_repair(&arena, &record, "example.org"), row->repaired);
    tlsrpt_record_parse(&arena, slice_of(row->repaired), &record);
    assert_true(tlsrpt_record_is_usable(&record));
}

/* clang-format off */
static const struct name_row {
    const char *label;
    const char *zone;
    size_t texts, records;
    bool has_record;
} names[] = {
    {"RFC 8460 3: one record",                     "_smtp._tls.example.org TXT \"v=TLSRPTv1; rua=mailto:a@b.org\"\n", 1, 1, true },
    {"RFC 8460 3: other texts are discarded",      "_smtp._tls.example.org TXT \"v=TLSRPTv1; rua=mailto:a@b.org\"\n_smtp._tls.example.org TXT \"x\"\n", 2, 1, true },
    {"RFC 8460 3: several records are none",       "_smtp._tls.example.org TXT \"v=TLSRPTv1; rua=mailto:a@b.org\"\n_smtp._tls.example.org TXT \"v=TLSRPTv1; rua=mailto:c@b.org\"\n", 2, 2, false},
    {"RFC 8460 3: strings are joined without blank", "_smtp._tls.example.org TXT \"v=TLSRPTv1; rua=mail\" \"to:a@b.org\"\n", 1, 1, true},
    {"RFC 8460 3: through a CNAME",                "_smtp._tls.example.org CNAME r.example.net\nr.example.net TXT \"v=TLSRPTv1; rua=mailto:a@b.org\"\n", 1, 1, true },
    {"RFC 8460 3: nothing",                        "example.org A 192.0.2.1\n", 0, 0, false},
    {"RFC 8460 3: no answer",                      "_smtp._tls.example.org TXT TIMEOUT\n", 0, 0, false},
};
/* clang-format on */

static void test_name(void **state)
{
    const struct name_row *row = *state;
    struct dns_answers *answers = dns_answers_new(&arena, 10);
    struct tlsrpt_discovery discovery;

    assert_int_equal(dns_answers_read(answers, row->zone, true), 0);
    tlsrpt_discover(&arena, answers, "example.org", &discovery);
    assert_string_equal(discovery.name, "_smtp._tls.example.org");
    assert_int_equal(discovery.text_count, row->texts);
    assert_int_equal(discovery.record_count, row->records);
    assert_int_equal(discovery.record != NULL, row->has_record);
}

int main(void)
{
    struct cases cases = {0};
    int status;

    arena_init(&arena);
    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_name, names);
    status = cases_run(&cases, "tlsrpt");
    arena_release(&arena);
    return status;
}
