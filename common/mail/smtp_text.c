#include "mail/smtp_text.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool contains(struct slice text, const char *word)
{
    struct slice pattern = slice_of(word);
    for (size_t i = 0; i + pattern.length <= text.length; i++) {
        if (slice_equals_ignoring_case(slice_sub(text, i, pattern.length), pattern)) {
            return true;
        }
    }
    return false;
}

static bool contains_any(struct slice text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (contains(text, words[i])) {
            return true;
        }
    }
    return false;
}

bool smtp_text_is_rate_limit(struct slice text)
{
    static const char *const words[] = {
        "too many",          "too much",         "too fast",        "too frequent",
        "rate limit",        "rate-limit",       "ratelimit",       "limit exceeded",
        "exceeded",          "connection limit", "connection rate", "throttl",
        "concurrent",        "concurrency",      "too often",       "slow down",
        "maximum number of", "simultaneous",     "error limit",
    };
    return contains_any(text, words, sizeof words / sizeof words[0]);
}

bool smtp_text_is_about_client(struct slice text)
{
    static const char *const words[] = {
        "banned",         "black list",
        "blacklist",      "block list",
        "blocked",        "blocklist",
        "client host",    "dnsbl",
        "helo",           "is listed",
        "listed at",      "listed by",
        "listed on",      "not allowed to connect",
        "reputation",     "reverse dns",
        "reverse lookup", "spamhaus",
        "your host",      "your ip",
        "your server",
    };
    return contains_any(text, words, sizeof words / sizeof words[0]);
}

bool smtp_text_is_about_relaying(struct slice text)
{
    return contains(text, "relay");
}

bool smtp_text_is_prohibition(struct slice text)
{
    static const char *const words[] = {
        "prohibit",      "not permitted", "not allowed",   "disabled",        "disallowed",
        "not available", "forbidden",     "not supported", "not implemented", "access denied",
    };
    return contains_any(text, words, sizeof words / sizeof words[0]);
}

/* "8.17.1.9", "v4.96": octets up to the end of the number; 0 when there is no dot in it. */
static size_t version_length(struct slice text)
{
    size_t at = text.length > 0 && (text.start[0] == 'v' || text.start[0] == 'V') ? 1 : 0;
    size_t from = at;
    bool has_dot = false;
    while (at < text.length && (is_digit(text.start[at]) || text.start[at] == '.')) {
        has_dot = has_dot || (text.start[at] == '.' && at > from && at + 1 < text.length &&
                              is_digit(text.start[at + 1]));
        at++;
    }
    return has_dot ? at : 0;
}

/* word 1*( SP / "/" / "-" / "(" ) ["v"] number "." number */
struct slice smtp_text_version(struct slice text)
{
    size_t word = 0; /* where the last word of letters began */
    size_t end = 0;  /* and where it ended */
    for (size_t i = 0; i < text.length; i++) {
        bool starts = i == 0 || (!is_letter(text.start[i - 1]) && !is_digit(text.start[i - 1]));
        if (!starts) {
            continue;
        }
        size_t length = version_length(slice_sub(text, i, text.length));
        char before = (char)(i > 0 ? text.start[i - 1] : '\n');
        bool is_separated = before == ' ' || before == '/' || before == '-' || before == '(';
        if (length > 0 && is_separated && end > word && i - end <= 2) {
            return slice_sub(text, word, i + length - word);
        }
        if (is_letter(text.start[i])) {
            word = i;
            end = i;
            while (end < text.length && is_letter(text.start[end])) {
                end++;
            }
        }
    }
    return slice_new(text.start, 0);
}
