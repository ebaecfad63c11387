#include <math.h>

#include "banner.h"
#include "base/text.h"
#include "smtp_show.h"

#define RANGE_TEXT 100
/* A keyword of so many X is one that a middlebox has written over. */
#define MASKED_MIN 4

/* ---- --require, --forbid: KEYWORD or KEYWORD=PARAMETER */

static bool offers(const struct smtp_ehlo *ehlo, struct arena *arena, const char *wanted)
{
    struct slice text = slice_of(wanted);
    size_t equals = slice_find(text, '=');
    const char *name = arena_copy_slice(arena, slice_sub(text, 0, equals));
    if (ehlo == NULL) {
        return false;
    }
    return equals == text.length ? smtp_ehlo_find(ehlo, name) != NULL
                                 : smtp_ehlo_has_parameter(ehlo, name, wanted + equals + 1);
}

static void judge_wishes(const struct banner_judge *judge, const struct smtp_ehlo *ehlo)
{
    const struct option_list *required = &judge->config->required;
    const struct option_list *forbidden = &judge->config->forbidden;
    struct arena *arena = judge->report->arena;
    for (size_t i = 0; i < required->count; i++) {
        if (!offers(ehlo, arena, required->values[i])) {
            banner_judge_add(judge, BANNER_F_KEYWORD_MISSING, "%s is required and not offered",
                             required->values[i]);
        }
    }
    for (size_t i = 0; i < forbidden->count; i++) {
        if (offers(ehlo, arena, forbidden->values[i])) {
            banner_judge_add(judge, BANNER_F_KEYWORD_FORBIDDEN, "%s is forbidden and offered",
                             forbidden->values[i]);
        }
    }
}

/* ---- SIZE */

static void judge_size(const struct banner_judge *judge, const struct smtp_ehlo *ehlo)
{
    const struct range *warning = &judge->config->size_warning;
    const struct range *critical = &judge->config->size_critical;
    uint64_t octets;
    enum smtp_size kind = smtp_ehlo_size(ehlo, &octets);
    if (!warning->is_set && !critical->is_set) {
        return;
    }
    if (kind != SMTP_SIZE_LIMITED && kind != SMTP_SIZE_UNLIMITED) {
        banner_judge_add(judge, BANNER_F_SIZE_ABSENT, "%s",
                         kind == SMTP_SIZE_ABSENT ? "SIZE is not offered"
                         : kind == SMTP_SIZE_UNSPECIFIED
                             ? "SIZE is offered without a limit"
                             : "SIZE is offered with what is no number");
        return;
    }
    double size = kind == SMTP_SIZE_UNLIMITED ? (double)INFINITY : (double)octets;
    bool is_critical = range_alerts(critical, size);
    if (!is_critical && !range_alerts(warning, size)) {
        return;
    }
    struct text text;
    text_init(&text, RANGE_TEXT);
    range_print(is_critical ? critical : warning, &text);
    banner_judge_add_as(judge, BANNER_F_SIZE, is_critical ? STATE_CRITICAL : STATE_WARNING,
                        "SIZE %llu%s is outside of what is wanted (%s threshold: %s)",
                        (unsigned long long)octets,
                        kind == SMTP_SIZE_UNLIMITED ? " (no limit)" : "",
                        is_critical ? "critical" : "warning", text.start);
    text_release(&text);
}

/* ---- what a middlebox does */

static bool is_masked(struct slice name)
{
    for (size_t i = 0; i < name.length; i++) {
        if (name.start[i] != 'X' && name.start[i] != '*') {
            return false;
        }
    }
    return name.length >= MASKED_MIN;
}

static void judge_keywords(const struct banner_judge *judge, const struct smtp_ehlo *ehlo)
{
    const struct smtp_keyword *damaged = smtp_ehlo_damaged_starttls(ehlo);
    for (size_t i = 0; i < ehlo->count; i++) {
        const struct smtp_keyword *keyword = &ehlo->keywords[i];
        const char *name = smtp_show_text(judge->report, keyword->name);
        unsigned bad = keyword->faults & (SMTP_KEYWORD_BAD_NAME | SMTP_KEYWORD_BAD_PARAMETER);
        if (is_masked(keyword->name)) {
            if (keyword != damaged) {
                banner_judge_add(judge, BANNER_F_MASKED, "an EHLO keyword is written over: \"%s\"",
                                 name);
            }
        } else if (bad != 0 || (keyword->faults & SMTP_KEYWORD_DUPLICATE) != 0) {
            banner_judge_add(judge, BANNER_F_KEYWORD_FORM, "EHLO keyword \"%s\" %s", name,
                             (bad & SMTP_KEYWORD_BAD_NAME) != 0 ? "is none by its characters"
                             : bad != 0 ? "has a parameter with characters that are not allowed"
                                        : "stands there twice");
        }
    }
}

static void judge_starttls(const struct banner_judge *judge, const struct smtp_ehlo *ehlo)
{
    const struct smtp_session *session = judge->address->session;
    const struct smtp_keyword *damaged = smtp_ehlo_damaged_starttls(ehlo);
    if (session->request->implicit_tls || session->request->lmtp ||
        session->request->target.path != NULL || smtp_ehlo_find(ehlo, "STARTTLS") != NULL) {
        return;
    }
    const char *damage =
        damaged == NULL
            ? ""
            : arena_format(judge->report->arena, "; something on the way has made \"%s\" of it",
                           smtp_show_text(judge->report, damaged->name));
    banner_judge_add_as(judge, BANNER_F_NO_STARTTLS,
                        judge->plan->is_submission ? STATE_CRITICAL : STATE_WARNING,
                        "STARTTLS is not offered%s", damage);
}

/* RFC 4954 4: what shows the password only under TLS. */
static void judge_auth(const struct banner_judge *judge, const struct smtp_ehlo *ehlo)
{
    const struct smtp_session *session = judge->address->session;
    bool is_local = session->request->target.path != NULL;
    bool is_clear = !session->request->implicit_tls && !is_local;
    if (smtp_ehlo_find(ehlo, "AUTH") == NULL) {
        return;
    }
    bool has_plain = smtp_ehlo_has_parameter(ehlo, "AUTH", "PLAIN");
    bool has_login = smtp_ehlo_has_parameter(ehlo, "AUTH", "LOGIN");
    if (is_clear && (has_plain || has_login)) {
        banner_judge_add(judge, BANNER_F_AUTH_CLEAR, "AUTH %s%s%s is offered without TLS",
                         has_plain ? "PLAIN" : "", has_plain && has_login ? " " : "",
                         has_login ? "LOGIN" : "");
    }
    if (!judge->plan->is_submission && is_clear && !session->request->lmtp) {
        banner_judge_add(judge, BANNER_F_AUTH_MX, "AUTH is offered where mail of others comes in");
    }
}

static struct slice without_dot(struct slice name)
{
    bool has_dot = name.length > 0 && name.start[name.length - 1] == '.';
    return slice_sub(name, 0, name.length - has_dot);
}

static void judge_name(const struct banner_judge *judge, const struct smtp_ehlo *ehlo)
{
    const struct smtp_entry *greeting = banner_greeting(judge->address->session);
    struct smtp_name name;
    if (greeting == NULL) {
        return;
    }
    smtp_name_parse(greeting->text, &name);
    if (!slice_equals_ignoring_case(without_dot(name.name), without_dot(ehlo->name.name))) {
        banner_judge_add(judge, BANNER_F_EHLO_NAME,
                         "the reply to EHLO has the name \"%s\", the greeting has another",
                         smtp_show_text(judge->report, ehlo->name.name));
    }
}

void banner_judge_ehlo(const struct banner_judge *judge, const struct smtp_ehlo *ehlo)
{
    judge_wishes(judge, ehlo);
    if (ehlo == NULL) {
        return;
    }
    judge_size(judge, ehlo);
    judge_keywords(judge, ehlo);
    judge_starttls(judge, ehlo);
    judge_auth(judge, ehlo);
    judge_name(judge, ehlo);
}
