#include <string.h>

#include "base/plural.h"
#include "base/text.h"
#include "dkim.h"
#include "mail/dkim_weak.h"

#define DAY ((int64_t)86400)

/* "example.org/sel" for the subject of a finding. */
static const char *signer(const struct dkim_judge *judge, const struct dkim_signature *signature)
{
    return arena_format(judge->facts->arena, "%s/%s",
                        signature->domain[0] ? signature->domain : "?",
                        signature->selector[0] ? signature->selector : "?");
}

static struct finding *add(const struct dkim_judge *judge, const struct dkim_verdict *verdict,
                           enum dkim_finding definition, const char *text)
{
    return report_add(judge->report, definition, signer(judge, verdict->signature), "%s", text);
}

/* ---- the result */

static enum dkim_finding field_finding(enum dkim_signature_fault fault)
{
    switch (fault) {
    case DKIM_SIGNATURE_FROM:
        return DKIM_F_FROM_H;
    case DKIM_SIGNATURE_IDENTITY_DOMAIN:
        return DKIM_F_I_D;
    case DKIM_SIGNATURE_ALGORITHM:
        return DKIM_F_ALG;
    case DKIM_SIGNATURE_TIME_ORDER:
        return DKIM_F_X;
    default:
        return DKIM_F_SIG_SYNTAX;
    }
}

static enum dkim_finding finding_of(const struct dkim_verdict *verdict)
{
    switch (verdict->reason) {
    case DKIM_FIELD:
        return field_finding(verdict->signature->fault);
    case DKIM_HEADER_CUT:
        return DKIM_F_HEADER_LIMIT;
    case DKIM_SHA1_REFUSED:
    case DKIM_KEY_HASH:
    case DKIM_KEY_WRONG_TYPE:
        return DKIM_F_ALG;
    case DKIM_EXPIRED:
        return DKIM_F_X;
    case DKIM_KEY_UNREACHABLE:
        return DKIM_F_SIG_DNS;
    case DKIM_KEY_SUBDOMAIN:
        return DKIM_F_I_D;
    case DKIM_BODY_SHORT:
        return DKIM_F_L_LONG;
    case DKIM_BODY_CHANGED:
        return DKIM_F_BH;
    case DKIM_HEADER_CHANGED:
    case DKIM_SIGNATURE_WRONG:
        return DKIM_F_B;
    default:
        return DKIM_F_SIG_KEY;
    }
}

static void judge_result(const struct dkim_judge *judge, const struct dkim_verdict *verdict)
{
    struct arena *arena = judge->facts->arena;
    const char *text = dkim_verdict_text(arena, verdict);
    if (verdict->is_legacy && verdict->result == DKIM_PASS)
        add(judge, verdict, DKIM_F_LEGACY,
            verdict->signature->hash == DKIM_SHA1
                ? "verifies only where rsa-sha1 is still taken"
                : "verifies only where short keys are still taken");
    if (verdict->result == DKIM_PASS)
        return;
    if (verdict->reason == DKIM_BODY_CHANGED && verdict->header_known)
        text = arena_format(arena, "%s; the signed header fields are %s", text,
                            verdict->header_right ? "unchanged" : "changed, too");
    const struct dns_answer *answer = verdict->answer;
    if (verdict->unchecked != NULL && dns_status_is_answer(verdict->unchecked->status))
        add(judge, verdict, DKIM_F_DNS_BOGUS,
            arena_format(arena,
                         "SERVFAIL for the question %s TXT, but an answer without DNSSEC "
                         "validation: the signatures of the zone are broken",
                         answer->name));
    else if (verdict->reason == DKIM_KEY_UNREACHABLE && !dns_answer_is_settled(answer))
        report_add_as(judge->report, DKIM_F_SIG_DNS, judge->common->timeout_result,
                      signer(judge, verdict->signature), "%s", text);
    else
        add(judge, verdict, finding_of(verdict), text);
}

/* ---- the tags */

static void judge_times(const struct dkim_judge *judge, const struct dkim_verdict *verdict)
{
    const struct dkim_signature *signature = verdict->signature;
    struct arena *arena = judge->facts->arena;
    if (signature->has_time && signature->time > judge->facts->now + DKIM_CLOCK_SKEW)
        add(judge, verdict, DKIM_F_T_FUTURE,
            arena_format(arena, "the signature was made %lld s in the future (t=)",
                         (long long)(signature->time - judge->facts->now)));
    if (!signature->has_time || !signature->has_expiry || signature->expiry <= signature->time ||
        signature->expiry - signature->time <= judge->config->max_lifetime * DAY)
        return;
    const char *lasts = "without end";
    if (signature->expiry < INT64_MAX)
        lasts = arena_format(arena, "for %lld days",
                             (long long)((signature->expiry - signature->time) / DAY));
    add(judge, verdict, DKIM_F_LIFETIME,
        arena_format(arena, "the signature is valid %s, wanted are at most %ld days", lasts,
                     judge->config->max_lifetime));
}

static void judge_length(const struct dkim_judge *judge, const struct dkim_verdict *verdict)
{
    const struct dkim_signature *signature = verdict->signature;
    struct arena *arena = judge->facts->arena;
    if (!signature->has_length || verdict->reason == DKIM_BODY_SHORT ||
        signature->fault == DKIM_SIGNATURE_LENGTH)
        return;
    const char *text = arena_format(arena, "l=%llu: more can be added to the body unseen",
                                    (unsigned long long)signature->length);
    if (verdict->unsigned_octets > 0)
        text = arena_format(arena, "l=%llu: %llu octet%s of the body %s not signed",
                            (unsigned long long)signature->length,
                            (unsigned long long)verdict->unsigned_octets,
                            plural(verdict->unsigned_octets, "", "s"),
                            plural(verdict->unsigned_octets, "is", "are"));
    add(judge, verdict, DKIM_F_L, text);
}

/* RFC 6376 5.4.1, RFC 8058 4: fields that a message may have once, or that decide what is shown. */
static void judge_headers(const struct dkim_judge *judge, const struct dkim_verdict *verdict)
{
    static const char *const once[] = {"From", "Subject", "To", "Date", "Reply-To", "Content-Type"};
    static const char *const wanted[] = {"Subject",
                                         "To",
                                         "Cc",
                                         "Date",
                                         "Reply-To",
                                         "MIME-Version",
                                         "Content-Type",
                                         "Content-Transfer-Encoding",
                                         "List-Unsubscribe",
                                         "List-Unsubscribe-Post"};
    const struct dkim_signature *signature = verdict->signature;
    const struct message *message = judge->facts->letter.message;
    struct text open, missing;
    if (signature->header_count == 0)
        return;
    text_init(&open, 300);
    text_init(&missing, 300);
    for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
        if (dkim_signature_signs(signature, once[i]) <= message_count(message, once[i]))
            text_printf(&open, "%s%s", open.length > 0 ? ", " : "", once[i]);
    }
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (message_count(message, wanted[i]) > 0 &&
            dkim_signature_signs(signature, wanted[i]) == 0)
            text_printf(&missing, "%s%s", missing.length > 0 ? ", " : "", wanted[i]);
    }
    if (open.length > 0)
        add(judge, verdict, DKIM_F_OVERSIGN,
            arena_format(judge->facts->arena, "a second field can be added unseen: %s",
                         open.start));
    if (missing.length > 0)
        add(judge, verdict, DKIM_F_UNSIGNED_HEADER,
            arena_format(judge->facts->arena, "fields of the message are not signed: %s",
                         missing.start));
    text_release(&open);
    text_release(&missing);
}

/* A key that verifies, and that others have as well. */
static void judge_weakness(const struct dkim_judge *judge, const struct dkim_verdict *verdict)
{
    for (unsigned bit = 1; bit <= DKIM_WEAK_LAST; bit <<= 1) {
        if (verdict->result == DKIM_PASS && (verdict->weaknesses & bit))
            add(judge, verdict, bit == DKIM_WEAK_EXPONENT_SMALL ? DKIM_F_EXPONENT : DKIM_F_WEAK,
                dkim_weak_text((enum dkim_weakness)bit));
    }
}

static void judge_signature(const struct dkim_judge *judge, const struct dkim_verdict *verdict)
{
    judge_result(judge, verdict);
    if (verdict->signature->fault == DKIM_SIGNATURE_TAG_LIST ||
        verdict->signature->fault == DKIM_SIGNATURE_MISSING)
        return;
    judge_times(judge, verdict);
    judge_length(judge, verdict);
    judge_headers(judge, verdict);
    judge_weakness(judge, verdict);
    if (verdict->result == DKIM_PASS && verdict->key->testing)
        add(judge, verdict, DKIM_F_TESTING, "the signature verifies, and the key is in test mode");
}

/* ---- the message */

static void judge_duplicates(const struct dkim_judge *judge)
{
    static const char *const once[] = {"From", "Subject",  "Date",   "To",
                                       "Cc",   "Reply-To", "Sender", "Message-ID"};
    const struct message *message = judge->facts->letter.message;
    for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
        size_t count = message_count(message, once[i]);
        if (count > 1)
            report_add(judge->report, DKIM_F_DUP_HEADER, once[i],
                       "the message has %zu such fields, one is allowed", count);
    }
}

static void judge_algorithms(const struct dkim_judge *judge)
{
    const struct dkim_letter *letter = &judge->facts->letter;
    size_t ed25519 = 0;
    for (size_t i = 0; i < letter->count; i++)
        ed25519 += letter->verdicts[i].signature->key_type == DKIM_KEY_ED25519;
    if (letter->count > 0 && ed25519 == letter->count)
        report_add(judge->report, DKIM_F_ED_ONLY, "message",
                   "all signatures are Ed25519, which many receivers cannot verify");
}

static void judge_alignment(const struct dkim_judge *judge)
{
    const struct dkim_letter *letter = &judge->facts->letter;
    if (!judge->config->align)
        return;
    if (letter->author[0] == '\0') {
        report_add(judge->report, DKIM_F_ALIGN, "message", "From has no domain to align with");
        return;
    }
    for (size_t i = 0; i < letter->count; i++) {
        if (letter->verdicts[i].result == DKIM_PASS && letter->is_aligned[i])
            return;
    }
    if (letter->alignment_known)
        report_add(judge->report, DKIM_F_ALIGN, letter->author,
                   "no signature that verifies is in %s alignment with From",
                   letter->is_strict ? "strict" : "relaxed");
    else
        report_add(judge->report, DKIM_F_ALIGN_UNKNOWN, letter->author,
                   "the organizational domains could not be found out");
}

/* "d=example.org,c=relaxed/relaxed" against one signature. */
static bool is_expected(const struct dkim_judge *judge, const struct dkim_verdict *verdict)
{
    const struct dkim_signature *signature = verdict->signature;
    struct slice rest = slice_of(judge->config->expected);
    struct slice part;
    static const char *const forms[] = {"simple", "relaxed"};
    const char *canonicalization = arena_format(
        judge->facts->arena, "%s/%s", forms[signature->header_form], forms[signature->body_form]);
    while (slice_split(&rest, ',', &part)) {
        size_t equals = slice_find(part, '=');
        struct slice name = slice_trim(slice_sub(part, 0, equals), " ");
        struct slice value = slice_trim(slice_sub(part, equals + 1, part.length), " ");
        bool holds = (slice_equals_text(name, "d") &&
                      slice_equals_text_ignoring_case(value, signature->domain)) ||
                     (slice_equals_text(name, "s") &&
                      slice_equals_text_ignoring_case(value, signature->selector)) ||
                     (slice_equals_text(name, "a") &&
                      slice_equals_ignoring_case(value, signature->algorithm)) ||
                     (slice_equals_text(name, "c") &&
                      slice_equals_text_ignoring_case(value, canonicalization));
        if (!holds)
            return false;
    }
    return true;
}

static void judge_expectation(const struct dkim_judge *judge)
{
    const struct dkim_letter *letter = &judge->facts->letter;
    if (judge->config->expected == NULL)
        return;
    for (size_t i = 0; i < letter->count; i++) {
        if (letter->verdicts[i].result == DKIM_PASS && is_expected(judge, &letter->verdicts[i]))
            return;
    }
    report_add(judge->report, DKIM_F_EXPECT, "message",
               "no signature that verifies has %s (without c= simple/simple holds)",
               judge->config->expected);
}

void dkim_judge_message(const struct dkim_judge *judge)
{
    const struct dkim_letter *letter = &judge->facts->letter;
    if (letter->message->is_cut) {
        report_add(judge->report, DKIM_F_HEADER_LIMIT, "message",
                   "the header has more than %d fields or %d octets: nothing is known of its "
                   "signatures",
                   MESSAGE_FIELDS_MAX, MESSAGE_HEADER_MAX);
        return;
    }
    if (letter->count == 0)
        report_add(judge->report, DKIM_F_UNSIGNED, "message", "the message has no DKIM signature");
    if (letter->signature_count > letter->count)
        report_add(judge->report, DKIM_F_SIGNATURE_LIMIT, "message",
                   "of %zu signatures the first %zu were tried", letter->signature_count,
                   letter->count);
    for (size_t i = 0; i < letter->count; i++)
        judge_signature(judge, &letter->verdicts[i]);
    judge_algorithms(judge);
    judge_duplicates(judge);
    judge_alignment(judge);
    judge_expectation(judge);
}
