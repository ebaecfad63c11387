/*
 * SPF evaluation, tree and lint on a store of answers: each line of the input is a record, that of
 * example.org, a.example, b.example and c.example in this order. Seeds in the form of Go's fuzzer
 * (`string("...")`) are taken, too.
 */
#include <stdlib.h>
#include <string.h>

#include "mail/domain.h"
#include "mail/spf.h"
#include "mail/spf_lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"example.org", "a.example", "b.example", "c.example"};

static struct slice record_of(struct slice line)
{
    size_t at = slice_find_text(line, "v=spf1");
    return slice_sub(line, at < line.length ? at : 0, line.length);
}

/* The names of the lines exist, with all below them; what else is asked for has an address, or by
 * its first letter fails. */
static void answer(struct dns_answers *answers, const struct slice *lines)
{
    struct dns_question question;
    struct dns_record record;
    while (dns_answers_take_missing(answers, &question)) {
        struct dns_answer reply = {.status = DNS_OK, .records = &record, .record_count = 1};
        record = (struct dns_record){
            .name = question.name, .type = question.type, .target = "m.example"};
        if (question.type == DNS_TXT) {
            reply.status = DNS_NXDOMAIN;
            reply.record_count = 0;
            for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
                if (domain_is_within(question.name, names[i]) && lines[i].start != NULL) {
                    reply.status = DNS_OK;
                    reply.record_count = 1;
                    record.text = record_of(lines[i]);
                }
            }
        } else if (question.name[0] == 's') {
            reply = (struct dns_answer){.status = DNS_SERVFAIL};
        } else if (question.name[0] == 'n') {
            reply = (struct dns_answer){.status = DNS_NXDOMAIN, .zone = "example"};
        } else {
            record.address.family = question.type == DNS_AAAA ? IP_V6 : IP_V4;
            record.address.bytes[0] = 192;
        }
        dns_answers_settle(answers, question.index, &reply);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct spf_tree tree;
    struct spf_issues issues;
    struct spf_verdict verdict;
    struct slice lines[4] = {{0}};
    struct slice rest = slice_new((const char *)data, size);
    struct spf_request request = {.sender = "user@example.org", .helo = "mail.example.org"};
    struct spf_tree_request tree_request = {.domain = "example.org"};
    struct spf_lint_options options = {.lookup_warning = 8, .addresses_warning = 65536};
    ip_parse(SLICE_LITERAL("192.0.2.1"), &request.ip);
    for (size_t i = 0; i < 4 && rest.start != NULL; i++)
        slice_split(&rest, '\n', &lines[i]);
    arena_init(&arena);
    struct dns_answers *answers = dns_answers_new(&arena, 3000);
    int rounds = 0;
    do {
        answer(answers, lines);
        spf_tree_build(&tree_request, answers, &arena, &tree);
        spf_evaluate(&request, answers, &arena, &verdict);
        if (rounds++ > 50)
            abort();
    } while (dns_answers_missing_count(answers) > 0);
    spf_lint(&tree, &options, &arena, &issues);
    if (!verdict.complete || verdict.lookups > SPF_LOOKUP_LIMIT + 2)
        abort();
    arena_release(&arena);
    return 0;
}
