#include <stdio.h>
#include <stdlib.h>

#include "cases.h"
#include "dnsbl_subjects.h"

#define MOST 3000

static struct dnsbl_subject address_of(const char *text)
{
    struct dnsbl_subject subject = {.kind = DNSBL_IP4};
    assert_true(ip_parse(slice_of(text), &subject.address));
    return subject;
}

static void test_once(void **state)
{
    struct dnsbl_facts facts = {0};
    struct dnsbl_subjects subjects = {0};
    struct dnsbl_subject first = address_of("192.0.2.1");
    struct dnsbl_subject second = address_of("192.0.2.2");
    struct dnsbl_subject name = {.kind = DNSBL_DOMAIN, .name = "a.test"};
    struct dnsbl_subject server = {.kind = DNSBL_NAME_SERVER, .name = "a.test"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_true(dnsbl_subjects_add(&subjects, &facts, &first, MOST));
        assert_true(dnsbl_subjects_add(&subjects, &facts, &second, MOST));
        assert_true(dnsbl_subjects_add(&subjects, &facts, &name, MOST));
        assert_true(dnsbl_subjects_add(&subjects, &facts, &server, MOST));
    }
    assert_int_equal(facts.subject_count, 4);
    assert_int_equal(facts.subjects[3].kind, DNSBL_NAME_SERVER);
    dnsbl_subjects_release(&subjects);
    free(facts.subjects);
}

/* The table grows several times; what is in it stays, and is not taken twice. */
static void test_many(void **state)
{
    struct dnsbl_facts facts = {0};
    struct dnsbl_subjects subjects = {0};
    char text[32];

    (void)state;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < MOST; i++) {
            (void)snprintf(text, sizeof text, "10.0.%d.%d", i / 256, i % 256);
            struct dnsbl_subject subject = address_of(text);
            assert_true(dnsbl_subjects_add(&subjects, &facts, &subject, MOST));
        }
    }
    assert_int_equal(facts.subject_count, MOST);
    struct dnsbl_subject more = address_of("192.0.2.1");
    assert_false(dnsbl_subjects_add(&subjects, &facts, &more, MOST));
    assert_int_equal(facts.subject_count, MOST);
    dnsbl_subjects_release(&subjects);
    free(facts.subjects);
}

int main(void)
{
    struct cases cases = {0};

    cases_add(&cases, "an address or a name of one kind is taken once", test_once, NULL);
    cases_add(&cases, "many are taken, and one more than is allowed is not", test_many, NULL);
    return cases_run(&cases, "dnsbl_subjects");
}
