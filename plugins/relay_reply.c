#include "relay_reply.h"

#include "mail/smtp_text.h"

#define TEXT_READ 1024
#define NOT_AVAILABLE 421
#define AUTHENTICATION_REQUIRED 530
#define BAD_SEQUENCE 503

static const struct name {
    const char *name, *verdict;
} NAMES[RELAY_MEANINGS] = {
    [RELAY_UNASKED] = {"unasked",        "skipped" },
    [RELAY_ACCEPTED] = {"accepted",       "accepted"},
    [RELAY_REFUSED] = {"refused",        "refused" },
    [RELAY_REFUSED_RELAY] = {"refused-relay",  "refused" },
    [RELAY_REFUSED_US] = {"refused-us",     "refused" },
    [RELAY_REFUSED_DOMAIN] = {"refused-domain", "refused" },
    [RELAY_REFUSED_SENDER] = {"refused-sender", "refused" },
    [RELAY_REFUSED_LATE] = {"refused-late",   "refused" },
    [RELAY_NEEDS_AUTH] = {"needs-auth",     "refused" },
    [RELAY_NEEDS_TLS] = {"needs-tls",      "refused" },
    [RELAY_DEFERRED] = {"deferred",       "deferred"},
    [RELAY_VOID] = {"void",           "void"    },
    [RELAY_SILENT] = {"silent",         "skipped" },
};

const char *relay_meaning_name(enum relay_meaning meaning)
{
    return NAMES[meaning].name;
}

const char *relay_meaning_verdict(enum relay_meaning meaning)
{
    return NAMES[meaning].verdict;
}

bool relay_meaning_parse(struct slice name, enum relay_meaning *meaning)
{
    for (int i = 0; i < RELAY_MEANINGS; i++) {
        if (slice_equals_text(name, NAMES[i].name)) {
            *meaning = (enum relay_meaning)i;
            return true;
        }
    }
    return false;
}

bool relay_meaning_is_refusal(enum relay_meaning meaning)
{
    return meaning >= RELAY_REFUSED && meaning <= RELAY_NEEDS_TLS;
}

bool relay_meaning_is_about_recipient(enum relay_meaning meaning)
{
    return meaning == RELAY_REFUSED || meaning == RELAY_REFUSED_RELAY ||
           meaning == RELAY_REFUSED_DOMAIN;
}

bool relay_meaning_is_conclusive(enum relay_meaning meaning)
{
    return meaning == RELAY_ACCEPTED || relay_meaning_is_refusal(meaning);
}

/* ---- words */

struct words {
    char text[TEXT_READ + 1];
    size_t length;
};

static bool has(const struct words *words, const char *word)
{
    struct slice text = slice_new(words->text, words->length);
    return slice_find_text(text, word) < text.length;
}

/* Ends with NULL. */
static bool has_any(const struct words *words, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (has(words, *list)) {
            return true;
        }
    }
    return false;
}

static bool is_separator(char c)
{
    static const char SEPARATORS[] = " \t\r\n<>()[]{}\",;:'";
    return slice_find(SLICE_LITERAL(SEPARATORS), c) < sizeof SEPARATORS - 1;
}

static bool is_name(const char *token, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool is_inner_dot = token[i] == '.' && i > 0 && i + 1 < length;
        if (is_inner_dot || token[i] == '@' || token[i] == '%' || token[i] == '!') {
            return true;
        }
    }
    return false;
}

/* In lower case, addresses and names blanked out. */
static void read_words(struct slice text, struct words *words)
{
    words->length = text.length < TEXT_READ ? text.length : TEXT_READ;
    for (size_t i = 0; i < words->length; i++) {
        char c = text.start[i];
        words->text[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c == '\n' ? ' ' : c);
    }
    for (size_t i = 0; i < words->length;) {
        size_t end = i;
        while (end < words->length && !is_separator(words->text[end])) {
            end++;
        }
        bool is_blank = is_name(words->text + i, end - i);
        for (; i < end; i++) {
            words->text[i] = is_blank ? ' ' : words->text[i];
        }
        i++;
    }
}

static bool is_about_counter(const struct words *words)
{
    return smtp_text_is_rate_limit(slice_new(words->text, words->length));
}

static bool is_about_relaying(const struct words *words)
{
    static const char *const NOT[] = {"open relay", "open-relay", "relays list", NULL};
    return (has(words, "relay") && !has_any(words, NOT)) || has(words, "not a gateway");
}

static bool is_about_authentication(const struct words *words)
{
    static const char *const WORDS[] = {"authentication required",
                                        "authentication is required",
                                        "must authenticate",
                                        "auth required",
                                        "requires authentication",
                                        "auth first",
                                        "authenticate first",
                                        "not authenticated",
                                        "unauthenticated",
                                        "need to authenticate",
                                        "smtp auth",
                                        NULL};
    return has_any(words, WORDS);
}

static bool is_about_us(const struct words *words, const struct smtp_status *status)
{
    static const char *const WORDS[] = {"blocked using",
                                        "client host",
                                        "blacklist",
                                        "block list",
                                        "blocklist",
                                        "rbl",
                                        "dnsbl",
                                        "helo command",
                                        "helo name",
                                        "reverse dns",
                                        "reverse name",
                                        "ptr record",
                                        "no ptr",
                                        "reputation",
                                        "banned",
                                        "your ip",
                                        "your host",
                                        "your address",
                                        "client address",
                                        "open relay",
                                        "open-relay",
                                        "ip address",
                                        NULL};
    bool is_reverse = status->class == 5 && status->subject == 7 && status->detail == 25;
    return is_reverse || has_any(words, WORDS);
}

static bool is_about_domain(const struct words *words, const struct smtp_status *status)
{
    static const char *const WORDS[] = {"domain not found",
                                        "unrouteable",
                                        "unroutable",
                                        "does not resolve",
                                        "nullmx",
                                        "null mx",
                                        "no mx",
                                        "unknown domain",
                                        "host not found",
                                        "host unknown",
                                        "unknown host",
                                        "domain does not exist",
                                        "cannot resolve",
                                        "could not be found",
                                        "no valid mx",
                                        "domain of sender",
                                        "unresolvable",
                                        "no such domain",
                                        "dns domain",
                                        "find mx",
                                        "nxdomain",
                                        "verify failed",
                                        "verification failed",
                                        "domain must exist",
                                        "domain name not found",
                                        "invalid domain",
                                        NULL};
    bool is_address = status->subject == 1 &&
                      (status->detail == 2 || status->detail == 8 || status->detail == 10);
    /* RFC 3463 3.5; Exchange Online says 5.4.1 of recipients that it does not know. */
    bool is_route = status->subject == 4 && !has(words, "access denied");
    return (status->class != 0 && (is_address || is_route)) || has_any(words, WORDS);
}

/* The sender, whatever is wrong with it: SPF, a claim to be local, a callback. */
static bool is_about_sender(const struct words *words, const struct smtp_status *status)
{
    static const char *const WORDS[] = {"sender address",
                                        "sender rejected",
                                        "sender verify",
                                        "sender domain",
                                        "return path",
                                        "spf",
                                        NULL};
    bool is_sender = status->class == 5 && status->subject == 1 && status->detail == 7;
    return is_sender || has_any(words, WORDS);
}

static enum relay_meaning domain_meaning(const struct words *words,
                                         const struct smtp_status *status)
{
    bool is_sender =
        (status->class != 0 && status->subject == 1 && status->detail == 8) || has(words, "sender");
    return is_sender ? RELAY_REFUSED_SENDER : RELAY_REFUSED_DOMAIN;
}

static enum relay_meaning read_deferral(const struct words *words, const struct smtp_status *status)
{
    static const char *const GREY[] = {"greylist",  "graylist",  "grey-list", "gray-list",
                                       "grey list", "gray list", NULL};
    if (is_about_counter(words)) {
        return RELAY_VOID;
    }
    if (has_any(words, GREY)) {
        return RELAY_DEFERRED;
    }
    if (is_about_relaying(words)) {
        return RELAY_REFUSED_RELAY;
    }
    return is_about_domain(words, status) ? domain_meaning(words, status) : RELAY_DEFERRED;
}

static bool names_address(struct slice text, const char *source)
{
    return source != NULL && source[0] != '\0' && slice_find_text(text, source) < text.length;
}

/* RFC 5321 4.2.2: "bad sequence of commands"; chasquid refuses with 503 5.7.1. */
static bool is_about_order(unsigned code, const struct smtp_status *status)
{
    return code == BAD_SEQUENCE && (status->class == 0 || status->subject == 5);
}

static enum relay_meaning read_refusal(unsigned code, const struct words *words,
                                       const struct smtp_status *status, struct slice text,
                                       const char *source)
{
    if (is_about_counter(words)) {
        return RELAY_VOID;
    }
    if (is_about_relaying(words)) {
        return RELAY_REFUSED_RELAY;
    }
    if (is_about_authentication(words)) {
        return RELAY_NEEDS_AUTH;
    }
    if (is_about_us(words, status) || names_address(text, source)) {
        return RELAY_REFUSED_US;
    }
    if (is_about_domain(words, status)) {
        return domain_meaning(words, status);
    }
    if (is_about_sender(words, status)) {
        return RELAY_REFUSED_SENDER;
    }
    return is_about_order(code, status) ? RELAY_VOID : RELAY_REFUSED;
}

enum relay_meaning relay_reply_read(unsigned code, const struct smtp_status *status,
                                    struct slice text, const char *source)
{
    struct words words;
    read_words(text, &words);
    if (code / 100 == 2) {
        return RELAY_ACCEPTED;
    }
    if (code == AUTHENTICATION_REQUIRED) {
        return has(&words, "starttls") || has(&words, "tls") ? RELAY_NEEDS_TLS : RELAY_NEEDS_AUTH;
    }
    if (code / 100 == 5) {
        return read_refusal(code, &words, status, text, source);
    }
    return code / 100 == 4 && code != NOT_AVAILABLE ? read_deferral(&words, status) : RELAY_VOID;
}

/* ---- how long to wait */

/* The number at `*at`, which is left behind it. */
static unsigned take_number(struct slice text, size_t *at)
{
    unsigned number = 0;
    while (*at < text.length && text.start[*at] >= '0' && text.start[*at] <= '9') {
        unsigned digit = (unsigned)(text.start[*at] - '0');
        number = number > RELAY_WAIT_MAX ? number : number * 10 + digit;
        (*at)++;
    }
    return number;
}

static bool is_digit_at(struct slice text, size_t at)
{
    return at < text.length && text.start[at] >= '0' && text.start[at] <= '9';
}

/* 1*DIGIT ":" 2DIGIT ":" 2DIGIT behind the first number. */
static bool take_clock(struct slice text, size_t at, unsigned hours, unsigned *seconds)
{
    if (at >= text.length || text.start[at] != ':' || !is_digit_at(text, at + 1)) {
        return false;
    }
    at++;
    unsigned minutes = take_number(text, &at);
    if (at >= text.length || text.start[at] != ':' || !is_digit_at(text, at + 1)) {
        return false;
    }
    at++;
    *seconds = hours * 3600 + minutes * 60 + take_number(text, &at);
    return hours <= 24 && minutes < 60;
}

unsigned relay_reply_wait(struct slice text)
{
    for (size_t i = 0; i < text.length;) {
        unsigned seconds = 0;
        if (!is_digit_at(text, i)) {
            i++;
            continue;
        }
        unsigned number = take_number(text, &i);
        struct slice unit = slice_trim(slice_sub(text, i, text.length), " ");
        if (take_clock(text, i, number, &seconds)) {
            number = seconds;
        } else if (slice_starts_with_ignoring_case(unit, "min")) {
            number = number > RELAY_WAIT_MAX / 60 ? RELAY_WAIT_MAX : number * 60;
        } else if (!slice_starts_with_ignoring_case(unit, "sec")) {
            continue;
        }
        return number > RELAY_WAIT_MAX ? RELAY_WAIT_MAX : number;
    }
    return 0;
}
