#include "mail/spf.h"

#include <string.h>

#include "mail/domain.h"

static const char *const result_names[] = {
    [SPF_NONE] = "none",           [SPF_NEUTRAL] = "neutral",   [SPF_PASS] = "pass",
    [SPF_FAIL] = "fail",           [SPF_SOFTFAIL] = "softfail", [SPF_TEMPERROR] = "temperror",
    [SPF_PERMERROR] = "permerror",
};

const char *spf_result_name(enum spf_result result)
{
    return result_names[result];
}

bool spf_result_parse(struct slice text, enum spf_result *result)
{
    for (size_t i = 0; i < sizeof result_names / sizeof result_names[0]; i++) {
        if (slice_equals_text_ignoring_case(text, result_names[i])) {
            *result = (enum spf_result)i;
            return true;
        }
    }
    return false;
}

enum spf_selection spf_select(const struct dns_answer *answer, struct slice *text)
{
    size_t found = 0;
    *text = SLICE_LITERAL("");
    if (!dns_answer_is_settled(answer))
        return SPF_SELECT_PENDING;
    if (answer->status == DNS_BAD_NAME)
        return SPF_SELECT_NONE;
    if (!dns_status_is_answer(answer->status))
        return SPF_SELECT_ERROR;
    for (size_t i = 0; i < answer->record_count; i++) {
        if (spf_record_is(answer->records[i].text) && found++ == 0)
            *text = answer->records[i].text;
    }
    return found == 0 ? SPF_SELECT_NONE : found == 1 ? SPF_SELECT_RECORD : SPF_SELECT_MULTIPLE;
}

bool spf_domain_is_valid(const char *domain)
{
    char normal[DOMAIN_TEXT_SIZE];
    return domain[0] != '[' && domain_normalize(slice_of(domain), normal) == DOMAIN_FINE &&
           domain_label_count(normal) > 1;
}

/* One run of check_host() and everything below it. */
struct evaluation {
    const struct spf_request *request;
    struct dns_answers *answers;
    struct arena *arena;  /* of the verdict */
    struct arena scratch; /* of this run */
    struct spf_macro_values values;
    struct spf_verdict *verdict;
    unsigned lookups;
    unsigned voids;
    bool is_pending; /* an answer was missing: what follows is only walked to ask more */
};

/* What a mechanism came to; an exception is a result. */
enum match { NO_MATCH, MATCH, EXCEPTION };

struct outcome {
    enum match match;
    enum spf_result exception;
};

static struct outcome matched(bool yes)
{
    return (struct outcome){.match = yes ? MATCH : NO_MATCH};
}

static struct outcome exception(enum spf_result result)
{
    return (struct outcome){.match = EXCEPTION, .exception = result};
}

/* The first problem is kept: it is the one that ended the walk. */
static void blame(struct evaluation *e, const char *holder, const char *problem)
{
    if (e->is_pending || e->verdict->problem != NULL)
        return;
    e->verdict->problem = problem;
    e->verdict->holder = arena_copy(e->arena, holder);
}

/* The target of an include or a redirect has no record. */
static void blame_missing(struct evaluation *e, const char *holder, const struct spf_term *term,
                          const char *target)
{
    static const uint32_t known = SPF_LETTER('d') | SPF_LETTER('o');
    if (e->is_pending || e->verdict->problem != NULL)
        return;
    blame(e, holder,
          arena_format(e->arena, "%.*s: %s has no SPF record", SLICE_PRINTF(term->text),
                       target == NULL ? "a name that is not valid" : target));
    if ((spf_macro_letters(term->domain) & ~known) == 0)
        return;
    e->verdict->missing = arena_copy_slice(e->arena, term->text);
    e->verdict->missing_redirect = term->kind == SPF_TERM_REDIRECT;
}

static const struct dns_answer *ask(struct evaluation *e, const char *name, unsigned type)
{
    const struct dns_answer *answer = dns_answers_get(e->answers, name, type);
    if (!dns_answer_is_settled(answer) && !e->is_pending) {
        char buffer[12];
        blame(e, name,
              arena_format(e->arena, "no answer to the question %s %s", name,
                           dns_type_name(type, buffer)));
        e->is_pending = true;
    }
    return answer;
}

static unsigned address_type(const struct evaluation *e)
{
    return e->values.ip.family == IP_V4 ? DNS_A : DNS_AAAA;
}

static struct outcome dns_failed(struct evaluation *e, const char *domain,
                                 const struct spf_term *term, const struct dns_answer *answer)
{
    char buffer[12];
    blame(e, domain,
          arena_format(e->arena, "%.*s: %s for the question %s %s", SLICE_PRINTF(term->text),
                       dns_status_name(answer->status), answer->name,
                       dns_type_name(answer->type, buffer)));
    return exception(SPF_TEMPERROR);
}

/* The answer holds what a mechanism may go on with; a name that cannot be asked for matches
 * nothing. */
static bool is_error(const struct dns_answer *answer)
{
    return dns_answer_is_settled(answer) && answer->status != DNS_BAD_NAME &&
           !dns_status_is_answer(answer->status);
}

static bool is_void(const struct dns_answer *answer)
{
    return answer->status == DNS_NXDOMAIN || answer->status == DNS_NODATA;
}

/* RFC 7208 4.6.4; a term is void once, however many of its look-ups were. */
static bool count_void(struct evaluation *e, const char *domain, const struct spf_term *term)
{
    e->voids++;
    if (e->voids <= SPF_VOID_LIMIT)
        return true;
    blame(e, domain,
          arena_format(e->arena, "%.*s is void lookup number %u, the limit is %d",
                       SLICE_PRINTF(term->text), e->voids, SPF_VOID_LIMIT));
    return false;
}

static bool count_lookup(struct evaluation *e, const char *domain, const struct spf_term *term)
{
    e->lookups++;
    if (e->lookups <= SPF_LOOKUP_LIMIT)
        return true;
    blame(e, domain,
          arena_format(e->arena, "%.*s is DNS lookup number %u, the limit is %d",
                       SLICE_PRINTF(term->text), e->lookups, SPF_LOOKUP_LIMIT));
    return false;
}

static bool address_matches(const struct evaluation *e, const struct dns_answer *answer,
                            unsigned prefix)
{
    for (size_t i = 0; i < answer->record_count; i++) {
        struct ip_network network = {.address = answer->records[i].address, .prefix = prefix};
        if (ip_network_contains(&network, &e->values.ip))
            return true;
    }
    return false;
}

static unsigned prefix_of(const struct evaluation *e, const struct spf_term *term)
{
    return e->values.ip.family == IP_V4 ? term->prefix4 : term->prefix6;
}

/*
 * The names of <ip> that resolve back to it, at most ten asked, RFC 7208 5.5; the one nearest to
 * `target` first: itself, then one below it, then any. NULL when there is none.
 */
static const char *validated_name(struct evaluation *e, const char *target,
                                  const struct dns_answer *ptr)
{
    const char *within = NULL;
    const char *any = NULL;
    if (ptr->record_count > e->verdict->ptr_names)
        e->verdict->ptr_names = ptr->record_count;
    for (size_t i = 0; i < ptr->record_count && i < SPF_NAMES_LIMIT; i++) {
        const char *name = ptr->records[i].target;
        const struct dns_answer *addresses = ask(e, name, address_type(e));
        if (!address_matches(e, addresses, e->values.ip.family == IP_V4 ? 32 : 128))
            continue;
        if (domain_equal(name, target))
            return name;
        if (within == NULL && domain_is_within(name, target))
            within = name;
        if (any == NULL)
            any = name;
    }
    return within != NULL ? within : any;
}

static const struct dns_answer *ask_ptr(struct evaluation *e)
{
    char name[80];
    return ask(e, ip_ptr_name(&e->values.ip, name), DNS_PTR);
}

/* Normal form of a name for comparing; the name itself when it has none. */
static const char *normal_form(struct evaluation *e, const char *name)
{
    char normal[DOMAIN_TEXT_SIZE];
    if (domain_normalize(slice_of(name), normal) != DOMAIN_FINE)
        return name;
    return arena_copy(&e->scratch, normal);
}

/* Expands into a text of at most `most` characters; %{p} is looked up when it stands there. */
static void expand(struct evaluation *e, struct slice string, const char *domain, size_t most,
                   struct slice *expanded)
{
    struct spf_macro_values values = e->values;
    values.domain = domain;
    if (spf_macro_letters(string) & SPF_LETTER('p'))
        values.validated = validated_name(e, normal_form(e, domain), ask_ptr(e));
    struct text text;
    text_init(&text, most);
    spf_macro_expand(string, &values, &text);
    *expanded = text_slice(&text);
    expanded->start = arena_copy_slice(&e->scratch, *expanded);
    text_release(&text);
}

/* The <target-name> of a term, RFC 7208 4.8; NULL when it is no domain name. */
static const char *target_of(struct evaluation *e, const struct spf_term *term, const char *domain)
{
    char name[SPF_NAME_SIZE];
    struct slice expanded;
    if (term->domain.start == NULL)
        return domain;
    expand(e, term->domain, domain, (size_t)4 * SPF_VALUE_MAX, &expanded);
    if (e->is_pending && (spf_macro_letters(term->domain) & SPF_LETTER('p')) != 0)
        return NULL; /* the name may yet be another: nothing to ask for */
    return spf_target_name(expanded, name) ? arena_copy(&e->scratch, name) : NULL;
}

static struct outcome match_a(struct evaluation *e, const struct spf_term *term, const char *domain,
                              const char *target)
{
    const struct dns_answer *answer = ask(e, target, address_type(e));
    if (is_error(answer))
        return dns_failed(e, domain, term, answer);
    if (is_void(answer) && !count_void(e, domain, term))
        return exception(SPF_PERMERROR);
    return matched(address_matches(e, answer, prefix_of(e, term)));
}

static struct outcome match_mx(struct evaluation *e, const struct spf_term *term,
                               const char *domain, const char *target)
{
    const struct dns_answer *mx = ask(e, target, DNS_MX);
    bool some_void = is_void(mx);
    if (is_error(mx))
        return dns_failed(e, domain, term, mx);
    if (mx->record_count > SPF_NAMES_LIMIT) {
        blame(e, domain,
              arena_format(e->arena, "%.*s: %s has %zu exchangers, the limit is %d",
                           SLICE_PRINTF(term->text), target, mx->record_count, SPF_NAMES_LIMIT));
        return exception(SPF_PERMERROR);
    }
    for (size_t i = 0; i < mx->record_count; i++) {
        const char *exchanger = mx->records[i].target;
        if (exchanger[0] == '\0' || strcmp(exchanger, ".") == 0)
            continue; /* null MX, RFC 7505 3 */
        const struct dns_answer *answer = ask(e, exchanger, address_type(e));
        if (is_error(answer))
            return dns_failed(e, domain, term, answer);
        some_void = some_void || is_void(answer);
        if (address_matches(e, answer, prefix_of(e, term)))
            return matched(true);
    }
    if (some_void && !count_void(e, domain, term))
        return exception(SPF_PERMERROR);
    return matched(false);
}

/* An error in the look-up of the names is no match, RFC 7208 5.5. */
static struct outcome match_ptr(struct evaluation *e, const struct spf_term *term,
                                const char *domain, const char *target)
{
    const struct dns_answer *ptr = ask_ptr(e);
    if (is_void(ptr) && !count_void(e, domain, term))
        return exception(SPF_PERMERROR);
    const char *wanted = normal_form(e, target);
    const char *name = validated_name(e, wanted, ptr);
    return matched(name != NULL && domain_is_within(name, wanted));
}

static struct outcome match_exists(struct evaluation *e, const struct spf_term *term,
                                   const char *domain, const char *target)
{
    const struct dns_answer *answer = ask(e, target, DNS_A);
    if (is_error(answer))
        return dns_failed(e, domain, term, answer);
    if (is_void(answer) && !count_void(e, domain, term))
        return exception(SPF_PERMERROR);
    return matched(answer->record_count > 0);
}

static enum spf_result check_host(struct evaluation *e, const char *domain, bool in_include);

/* RFC 7208 5.2: the table of what a recursive result causes. */
static struct outcome match_include(struct evaluation *e, const struct spf_term *term,
                                    const char *domain, const char *target)
{
    enum spf_result result = target == NULL ? SPF_NONE : check_host(e, target, true);
    switch (result) {
    case SPF_PASS:
        return matched(true);
    case SPF_TEMPERROR:
    case SPF_PERMERROR:
        return exception(result);
    case SPF_NONE:
        blame_missing(e, domain, term, target);
        return exception(SPF_PERMERROR);
    default:
        return matched(false);
    }
}

static struct outcome match_term(struct evaluation *e, const struct spf_term *term,
                                 const char *domain)
{
    if (spf_term_costs_lookup(term)) {
        bool fits = count_lookup(e, domain, term);
        if (fits && (spf_macro_letters(term->domain) & SPF_LETTER('p')) != 0)
            fits = count_lookup(e, domain, term);
        if (!fits)
            return exception(SPF_PERMERROR);
        const char *target = target_of(e, term, domain);
        if (term->kind == SPF_TERM_INCLUDE)
            return match_include(e, term, domain, target);
        if (target == NULL)
            return matched(false); /* RFC 7208 4.8 leaves it open */
        if (term->kind == SPF_TERM_A)
            return match_a(e, term, domain, target);
        if (term->kind == SPF_TERM_MX)
            return match_mx(e, term, domain, target);
        if (term->kind == SPF_TERM_PTR)
            return match_ptr(e, term, domain, target);
        return match_exists(e, term, domain, target);
    }
    if (term->kind == SPF_TERM_ALL)
        return matched(true);
    return matched(ip_network_contains(&term->network, &e->values.ip));
}

/* RFC 7208 6.2: any failure on the way is "no explanation". */
static void explain(struct evaluation *e, const struct spf_record *record, const char *domain)
{
    if (record->exp == SPF_NO_TERM || e->verdict->explanation != NULL)
        return;
    const char *target = target_of(e, &record->terms[record->exp], domain);
    if (target == NULL)
        return;
    const struct dns_answer *answer = dns_answers_get(e->answers, target, DNS_TXT);
    if (!dns_answer_is_settled(answer))
        e->verdict->complete = false;
    if (answer->status != DNS_OK || answer->record_count != 1)
        return;
    size_t offset;
    struct slice string = answer->records[0].text;
    struct slice expanded;
    if (spf_macro_check(string, SPF_MACRO_EXPLANATION, &offset) != SPF_FINE)
        return;
    expand(e, string, domain, SPF_EXPLANATION_MAX, &expanded);
    for (size_t i = 0; i < expanded.length; i++) {
        if ((unsigned char)expanded.start[i] > 0x7e)
            return;
    }
    e->verdict->explanation = arena_copy_slice(e->arena, expanded);
}

static enum spf_result qualifier_result(char qualifier)
{
    switch (qualifier) {
    case '-':
        return SPF_FAIL;
    case '~':
        return SPF_SOFTFAIL;
    case '?':
        return SPF_NEUTRAL;
    default:
        return SPF_PASS;
    }
}

static void decide(struct evaluation *e, const char *mechanism, const char *domain)
{
    if (e->is_pending)
        return;
    e->verdict->mechanism = mechanism;
    e->verdict->holder = arena_copy(e->arena, domain);
}

/* RFC 7208 6.1 */
static enum spf_result follow_redirect(struct evaluation *e, const struct spf_record *record,
                                       const char *domain, bool in_include)
{
    const struct spf_term *term = &record->terms[record->redirect];
    bool fits = count_lookup(e, domain, term);
    if (fits && (spf_macro_letters(term->domain) & SPF_LETTER('p')) != 0)
        fits = count_lookup(e, domain, term);
    if (!fits)
        return SPF_PERMERROR;
    const char *target = target_of(e, term, domain);
    enum spf_result result = target == NULL ? SPF_NONE : check_host(e, target, in_include);
    if (result != SPF_NONE)
        return result;
    blame_missing(e, domain, term, target);
    return SPF_PERMERROR;
}

static enum spf_result evaluate_record(struct evaluation *e, const struct spf_record *record,
                                       const char *domain, bool in_include)
{
    for (size_t i = 0; i < record->count; i++) {
        const struct spf_term *term = &record->terms[i];
        if (!spf_term_is_mechanism(term))
            continue;
        struct outcome outcome = match_term(e, term, domain);
        if (outcome.match == EXCEPTION)
            return outcome.exception;
        if (outcome.match == NO_MATCH)
            continue;
        enum spf_result result = qualifier_result(term->qualifier);
        if (!in_include) {
            decide(e, arena_copy_slice(e->arena, term->text), domain);
            if (result == SPF_FAIL)
                explain(e, record, domain);
        }
        return result;
    }
    if (record->redirect != SPF_NO_TERM && record->all == SPF_NO_TERM)
        return follow_redirect(e, record, domain, in_include);
    if (!in_include)
        decide(e, "default", domain);
    return SPF_NEUTRAL;
}

static enum spf_result check_host(struct evaluation *e, const char *domain, bool in_include)
{
    struct slice text;
    struct spf_record record;
    if (!spf_domain_is_valid(domain))
        return SPF_NONE;
    const struct dns_answer *answer = ask(e, domain, DNS_TXT);
    switch (spf_select(answer, &text)) {
    case SPF_SELECT_PENDING:
        return SPF_NEUTRAL; /* no match for an include: the walk goes on to ask more */
    case SPF_SELECT_NONE:
        return SPF_NONE;
    case SPF_SELECT_ERROR:
        blame(e, domain,
              arena_format(e->arena, "%s for the question %s TXT", dns_status_name(answer->status),
                           domain));
        return SPF_TEMPERROR;
    case SPF_SELECT_MULTIPLE:
        blame(e, domain, arena_format(e->arena, "%s has several SPF records", domain));
        return SPF_PERMERROR;
    case SPF_SELECT_RECORD:
        break;
    }
    if (!spf_record_parse(text, &e->scratch, &record)) {
        const char *term = record.error_term == SPF_NO_TERM
                               ? domain
                               : arena_copy_slice(e->arena, record.terms[record.error_term].text);
        blame(e, domain, arena_format(e->arena, "%s: %s", term, spf_error_text(record.error)));
        return SPF_PERMERROR;
    }
    return evaluate_record(e, &record, domain, in_include);
}

/* RFC 7208 2.4 and 4.3: the parts of the sender. */
static void set_sender(struct evaluation *e)
{
    const struct spf_request *request = e->request;
    const char *helo = request->helo == NULL ? "" : request->helo;
    const char *sender = request->sender == NULL ? "" : request->sender;
    const char *at = strrchr(sender, '@');
    const char *local_part = "postmaster";
    const char *domain = at == NULL ? sender : at + 1;
    if (sender[0] == '\0')
        domain = helo;
    else if (at != NULL && at != sender)
        local_part = arena_copy_slice(e->arena, slice_new(sender, (size_t)(at - sender)));
    e->values = (struct spf_macro_values){
        .ip = ip_unmap(request->ip),
        .sender = arena_format(e->arena, "%s@%s", local_part, domain),
        .local_part = local_part,
        .sender_domain = domain,
        .domain = domain,
        .helo = helo[0] == '\0' ? NULL : helo,
        .receiver = request->receiver,
        .time = request->time,
    };
}

void spf_evaluate(const struct spf_request *request, struct dns_answers *answers,
                  struct arena *arena, struct spf_verdict *verdict)
{
    struct evaluation e = {
        .request = request, .answers = answers, .arena = arena, .verdict = verdict};
    *verdict = (struct spf_verdict){.complete = true};
    arena_init(&e.scratch);
    set_sender(&e);
    verdict->domain = e.values.domain;
    verdict->holder = e.values.domain;
    enum spf_result result = check_host(&e, e.values.domain, false);
    if (result == SPF_NONE)
        blame(&e, e.values.domain,
              spf_domain_is_valid(e.values.domain) ? "no SPF record" : "no valid domain name");
    verdict->result = e.is_pending ? SPF_TEMPERROR : result;
    if (e.is_pending) {
        verdict->complete = false;
        verdict->mechanism = NULL;
        verdict->explanation = NULL;
    }
    verdict->lookups = e.lookups;
    verdict->void_lookups = e.voids;
    arena_release(&e.scratch);
}
