#include <string.h>

#include "dnsbl.h"

static const char *const OUTCOME_NAMES[DNSBL_OUTCOMES] = {
    [DNSBL_LISTED] = "listed",         [DNSBL_LISTED_UNKNOWN_CODE] = "listed-unknown-code",
    [DNSBL_NOT_LISTED] = "not-listed", [DNSBL_BLIND] = "blind",
    [DNSBL_BLOCKED] = "blocked",       [DNSBL_OVER_QUOTA] = "over-quota",
    [DNSBL_KEY_BAD] = "key-bad",       [DNSBL_WRONG_KIND] = "wrong-kind",
    [DNSBL_WILDCARD] = "wildcard",     [DNSBL_TAMPERED] = "tampered",
    [DNSBL_RETIRED] = "retired",       [DNSBL_DEAD] = "dead",
    [DNSBL_TIMEOUT] = "timeout",       [DNSBL_ERROR] = "error",
    [DNSBL_SKIPPED] = "skipped",
};

const char *dnsbl_outcome_name(enum dnsbl_outcome outcome)
{
    return OUTCOME_NAMES[outcome];
}

bool dnsbl_outcome_is_unanswered(enum dnsbl_outcome outcome)
{
    switch (outcome) {
    case DNSBL_BLIND:
    case DNSBL_BLOCKED:
    case DNSBL_OVER_QUOTA:
    case DNSBL_KEY_BAD:
    case DNSBL_TAMPERED:
    case DNSBL_TIMEOUT:
    case DNSBL_ERROR:
        return true;
    default:
        return false;
    }
}

/* ---- error answers */

/* What every list means by 127.255.255.0/24; see dnsbl_list.h. */
static enum dnsbl_outcome common_error(const struct ip_address *code, bool has_key,
                                       const char **why)
{
    switch (code->bytes[3]) {
    case 250:
        *why = "the key is disabled";
        return has_key ? DNSBL_KEY_BAD : DNSBL_BLOCKED;
    case 251:
        *why = "the key is rejected, or in use by another account";
        return has_key ? DNSBL_KEY_BAD : DNSBL_BLOCKED;
    case 252:
        *why = "the name of the zone is misspelt";
        return DNSBL_BLOCKED;
    case 254:
        *why = "the question came through a public resolver, or one without a name of its own";
        return DNSBL_BLOCKED;
    case 255:
        *why = "too many questions";
        return DNSBL_OVER_QUOTA;
    default:
        *why = "the list refuses to answer";
        return DNSBL_BLOCKED;
    }
}

static enum dnsbl_outcome outcome_of_error(enum dnsbl_error_kind kind)
{
    switch (kind) {
    case DNSBL_ERROR_BLOCKED:
        return DNSBL_BLOCKED;
    case DNSBL_ERROR_OVER_QUOTA:
        return DNSBL_OVER_QUOTA;
    case DNSBL_ERROR_KEY_BAD:
        return DNSBL_KEY_BAD;
    case DNSBL_ERROR_WRONG_KIND:
        return DNSBL_WRONG_KIND;
    case DNSBL_ERROR_FAILED:
        return DNSBL_ERROR;
    }
    return DNSBL_ERROR;
}

/* An answer that is about the asker, or comes from somebody else. False when the codes are the
 * list's. */
static bool read_error_codes(const struct dnsbl_choice *choice, const struct dnsbl_reply *reply,
                             bool on_wildcard, struct dnsbl_verdict *verdict)
{
    for (size_t i = 0; i < reply->code_count; i++) {
        const struct ip_address *code = &reply->codes[i];
        const struct dnsbl_rule *rule = dnsbl_list_error(choice->list, code, on_wildcard);
        if (rule != NULL) {
            verdict->outcome = outcome_of_error((enum dnsbl_error_kind)rule->error);
            verdict->meaning = rule->meaning;
            return true;
        }
        if (code->bytes[0] == 127 && code->bytes[1] == 255 && code->bytes[2] == 255) {
            verdict->outcome = common_error(code, choice->key != NULL, &verdict->meaning);
            return true;
        }
        if (code->bytes[0] != 127) {
            verdict->outcome = DNSBL_TAMPERED;
            verdict->meaning = "the answer is not in 127.0.0.0/8";
            return true;
        }
    }
    return false;
}

/* RFC 6895 2.3. */
static const char *rcode_name(unsigned rcode)
{
    static const char *const NAMES[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                        "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                        "NXRRSET", "NOTAUTH", "NOTZONE"};
    return rcode < sizeof NAMES / sizeof NAMES[0] ? NAMES[rcode] : "an unusual error code";
}

/* No answer at all. False when there is one. */
static bool read_failure(const struct dnsbl_choice *choice, const struct dnsbl_reply *reply,
                         struct dnsbl_verdict *verdict)
{
    if (dns_status_is_answer(reply->status)) {
        return false;
    }
    const struct dnsbl_rule *rule =
        reply->status == DNS_SERVFAIL || reply->status == DNS_REFUSED || reply->status == DNS_RCODE
            ? dnsbl_list_rcode_error(choice->list, reply->rcode)
            : NULL;
    verdict->meaning =
        reply->status == DNS_RCODE ? rcode_name(reply->rcode) : dns_status_name(reply->status);
    if (rule != NULL) {
        verdict->outcome = outcome_of_error((enum dnsbl_error_kind)rule->error);
        verdict->meaning = rule->meaning;
    } else if (reply->status == DNS_PENDING) {
        verdict->outcome = DNSBL_TIMEOUT;
    } else if (reply->status == DNS_REFUSED) {
        verdict->outcome = DNSBL_BLOCKED;
        verdict->meaning = "the server answers REFUSED";
    } else {
        verdict->outcome = DNSBL_ERROR;
    }
    return true;
}

/* ---- listings */

static bool passes_filter(const struct dnsbl_choice *choice, const struct ip_address *code)
{
    return choice->server == NULL || !choice->server->has_filter ||
           dnsbl_pattern_matches(&choice->server->filter, code);
}

/* The union of all codes: worst severity, widest knowledge. */
static void read_codes(const struct dnsbl_choice *choice, const struct dnsbl_reply *reply,
                       struct arena *arena, struct dnsbl_verdict *verdict)
{
    struct text joined;
    size_t counted = 0;
    bool is_known = false;
    text_init(&joined, 500);
    for (size_t i = 0; i < reply->code_count; i++) {
        struct dnsbl_meaning meaning;
        if (!passes_filter(choice, &reply->codes[i])) {
            continue;
        }
        dnsbl_list_meaning(choice->list, &reply->codes[i], arena, &meaning);
        if (!meaning.is_known && meaning.severity != DNSBL_OK) {
            meaning.severity = DNSBL_WARNING; /* whatever the list's known codes weigh */
        }
        text_append(&joined, counted++ > 0 ? "; " : "");
        text_append(&joined, meaning.is_known ? meaning.text : "code not in the catalogue");
        is_known = is_known || meaning.is_known;
        if (meaning.severity > verdict->severity) {
            verdict->severity = meaning.severity;
            verdict->scope = meaning.scope;
        }
    }
    verdict->meaning = arena_copy_slice(arena, text_slice(&joined));
    text_release(&joined);
    verdict->is_allowed = counted > 0 && choice->list->class == DNSBL_ALLOWLIST;
    if (counted == 0 || !dnsbl_list_is_negative(choice->list) || verdict->severity == DNSBL_OK) {
        verdict->outcome = DNSBL_NOT_LISTED;
        verdict->severity = DNSBL_OK;
        verdict->meaning =
            counted == 0 ? "the answer is none of those that count" : verdict->meaning;
    } else {
        verdict->outcome = is_known ? DNSBL_LISTED : DNSBL_LISTED_UNKNOWN_CODE;
    }
}

/* ---- self-tests */

static bool is_positive(const struct dnsbl_reply *reply)
{
    return reply->status == DNS_OK;
}

static bool is_absent(const struct dnsbl_reply *reply)
{
    return reply->status == DNS_NXDOMAIN || reply->status == DNS_NODATA;
}

bool dnsbl_wants_apex(const struct dnsbl_choice *choice)
{
    for (size_t i = 0; i < DNSBL_TEST_KINDS; i++) {
        if (choice->health[i].listed.is_asked && is_absent(&choice->health[i].listed)) {
            return true;
        }
    }
    return false;
}

/* RFC 8020 2: when the zone's own name does not exist, nothing exists below it. */
static bool is_dead(const struct dnsbl_choice *choice)
{
    return choice->soa.status == DNS_NXDOMAIN || choice->ns.status == DNS_NXDOMAIN;
}

/* The point that must not be listed is: the list answers everything. */
static bool is_wildcard(const struct dnsbl_health *health)
{
    return is_positive(&health->unlisted) || is_positive(&health->random);
}

/* A list without a test entry: its zone must be there at the least. */
static void read_apex(const struct dnsbl_choice *choice, struct dnsbl_verdict *verdict)
{
    if (!choice->soa.is_asked) {
        return;
    }
    if (is_dead(choice)) {
        verdict->outcome = DNSBL_DEAD;
        verdict->meaning = "the zone does not exist";
    } else if (!dns_status_is_answer(choice->ns.status)) {
        (void)read_failure(choice, &choice->soa, verdict);
    }
}

/* "Not there" means something only when the list shows its own test entry. */
static void read_absence(const struct dnsbl_choice *choice, const struct dnsbl_health *health,
                         struct dnsbl_verdict *verdict)
{
    const struct dnsbl_reply *test = &health->listed;
    verdict->outcome = DNSBL_NOT_LISTED;
    verdict->meaning = "not listed";
    if (!test->is_asked) {
        read_apex(choice, verdict);
        return;
    }
    verdict->evidence = test;
    if (is_absent(test)) {
        verdict->outcome = is_dead(choice)       ? DNSBL_DEAD
                           : choice->key != NULL ? DNSBL_KEY_BAD
                                                 : DNSBL_BLIND;
        verdict->meaning = verdict->outcome == DNSBL_DEAD ? "the zone does not exist"
                           : verdict->outcome == DNSBL_KEY_BAD
                               ? "with this key its test entry is missing"
                               : "its test entry is missing";
    } else if (!read_failure(choice, test, verdict) &&
               !read_error_codes(choice, test, is_wildcard(health), verdict)) {
        verdict->evidence = NULL;
    }
}

/* A list that was left alone, or whose servers were not found, gave no answer: a run that skips it
 * must not look better than the one before that asked it. */
static void read_skip(const struct dnsbl_choice *choice, struct dnsbl_verdict *verdict)
{
    verdict->outcome = DNSBL_SKIPPED;
    switch (choice->skip) {
    case DNSBL_SKIP_RETIRED:
        verdict->outcome = DNSBL_RETIRED;
        verdict->meaning = "the list is gone";
        break;
    case DNSBL_SKIP_NO_KEY:
        verdict->meaning = "no key is given";
        break;
    case DNSBL_SKIP_BACK_OFF:
        verdict->outcome = choice->back_off_outcome;
        verdict->meaning = "it refused us lately";
        break;
    case DNSBL_SKIP_PRIVATE:
        verdict->meaning = "it is not in public DNS";
        break;
    case DNSBL_SKIP_RATE:
        verdict->meaning = "too many targets for its rate";
        break;
    case DNSBL_SKIP_NO_SERVER:
    case DNSBL_ASKED:
        verdict->outcome = DNSBL_ERROR;
        verdict->meaning = "no name server of it was found";
        break;
    }
}

void dnsbl_classify(const struct dnsbl_facts *facts, size_t subject, size_t choice_index,
                    struct arena *arena, struct dnsbl_verdict *verdict)
{
    const struct dnsbl_choice *choice = &facts->choices[choice_index];
    const struct dnsbl_choice *source = &facts->choices[choice->source];
    const struct dnsbl_health *health =
        &source->health[dnsbl_test_kind(facts->subjects[subject].kind)];
    size_t cell = subject * facts->choice_count + choice->source;
    const struct dnsbl_hit *hit = dnsbl_find_hit(facts, subject, choice->source);
    struct dnsbl_reply reply = {.status = (enum dns_status)facts->statuses[cell],
                                .rcode = facts->rcodes[cell]};
    *verdict = (struct dnsbl_verdict){.evidence = hit == NULL ? NULL : &hit->reply};
    if (source->skip != DNSBL_ASKED) {
        read_skip(source, verdict);
    } else if (subject >= source->cursor) {
        verdict->outcome = DNSBL_SKIPPED;
        verdict->meaning = "the deadline came before it was asked";
    } else if (read_failure(choice, &reply, verdict)) {
        return;
    } else if (hit != NULL && read_error_codes(choice, &hit->reply, is_wildcard(health), verdict)) {
        return;
    } else if (is_wildcard(health) &&
               !read_error_codes(
                   choice, is_positive(&health->unlisted) ? &health->unlisted : &health->random,
                   true, verdict)) {
        verdict->outcome = DNSBL_WILDCARD;
        verdict->evidence = is_positive(&health->unlisted) ? &health->unlisted : &health->random;
        verdict->meaning = "it lists even what must not be listed";
    } else if (is_wildcard(health)) {
        verdict->evidence = is_positive(&health->unlisted) ? &health->unlisted : &health->random;
    } else if (hit != NULL && !hit->was_unconfirmed) {
        read_codes(choice, &hit->reply, arena, verdict);
    } else if (hit != NULL) {
        verdict->outcome = DNSBL_NOT_LISTED;
        verdict->meaning = "gone at the second look";
    } else {
        read_absence(source, health, verdict);
    }
}

bool dnsbl_is_listed(const struct dnsbl_facts *facts, size_t subject, size_t source)
{
    struct arena scratch;
    bool is_listed = false;
    arena_init(&scratch);
    for (size_t c = source; c < facts->choice_count && !is_listed; c++) {
        struct dnsbl_verdict verdict;
        if (facts->choices[c].source == source) {
            dnsbl_classify(facts, subject, c, &scratch, &verdict);
            is_listed =
                verdict.outcome == DNSBL_LISTED || verdict.outcome == DNSBL_LISTED_UNKNOWN_CODE;
        }
    }
    arena_release(&scratch);
    return is_listed;
}
