#include "record_judge.h"

#include <string.h>

void record_judge_failure(const struct record_judge *judge, const char *subject,
                          const struct dns_answer *answer, const struct dns_answer *unchecked)
{
    char buffer[12];
    const char *type = dns_type_name(answer->type, buffer);
    if (dns_status_is_answer(answer->status))
        return;
    if (unchecked != NULL && dns_status_is_answer(unchecked->status))
        report_add(judge->report, judge->bogus, subject,
                   "%s %s: SERVFAIL, but an answer without DNSSEC validation: the signatures are "
                   "broken",
                   answer->name, type);
    else if (dns_answer_is_settled(answer))
        report_add(judge->report, judge->error, subject, "%s for the question %s %s",
                   dns_answer_word(answer), answer->name, type);
    else
        report_add_as(judge->report, judge->error, judge->timeout_result, subject,
                      "no answer in time to the question %s %s", answer->name, type);
}

void record_judge_expected(struct report *report, size_t finding, const char *subject,
                           const char *name, const char *text, const char *expected)
{
    if (expected == NULL || text == NULL || strcmp(text, expected) == 0)
        return;
    struct finding *added =
        report_add(report, finding, subject, "the record is not the expected one");
    report_seen(report, added, "%s", text[0] == '\0' ? "no record" : text);
    report_fix(report, added, "Publish at %s: %s", name, expected);
}

void record_judge_change(struct report *report, size_t finding, const char *subject,
                         const struct record_memory *memory, int64_t now, long changed_for)
{
    int64_t age = now - memory->since;
    if (!memory->has_changed || age < 0 || age > changed_for)
        return;
    struct finding *added =
        report_add(report, finding, subject, "the record changed %lld s ago", (long long)age);
    report_seen(report, added, "before: %s",
                memory->previous[0] == '\0' ? "no record" : memory->previous);
}
