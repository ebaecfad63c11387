#include <string.h>

#include "base/memory.h"
#include "mail/dns_answer.h"
#include "mail/domain.h"

/* Most CNAMEs followed, as in mail/dns_wire. */
#define CHAIN_MAX 16

struct reader {
    struct dns_answers *answers;
    struct arena *arena;
};

static const struct {
    const char *word;
    enum dns_status status;
} STATUS_WORDS[] = {
    {"TIMEOUT",     DNS_PENDING    },
    {"NXDOMAIN",    DNS_NXDOMAIN   },
    {"NODATA",      DNS_NODATA     },
    {"SERVFAIL",    DNS_SERVFAIL   },
    {"REFUSED",     DNS_REFUSED    },
    {"MALFORMED",   DNS_MALFORMED  },
    {"TRUNCATED",   DNS_TRUNCATED  },
    {"NO-RESOLVER", DNS_NO_RESOLVER},
};

static const unsigned TYPES[] = {DNS_A,  DNS_NS,  DNS_CNAME, DNS_SOA,  DNS_PTR,
                                 DNS_MX, DNS_TXT, DNS_AAAA,  DNS_TLSA, DNS_SPF};

static bool read_type(struct slice word, unsigned *type)
{
    char buffer[12];
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
        if (slice_equals_text(word, dns_type_name(TYPES[i], buffer))) {
            *type = TYPES[i];
            return true;
        }
    }
    return false;
}

static struct slice next_word(struct slice *rest)
{
    *rest = slice_trim(*rest, " \t\r");
    size_t length = 0;
    while (length < rest->length && rest->start[length] != ' ' && rest->start[length] != '\t') {
        length++;
    }
    struct slice word = slice_sub(*rest, 0, length);
    *rest = slice_trim(slice_sub(*rest, length, rest->length), " \t\r");
    return word;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "..." strings one after another; \xHH is an octet, \" and \\ themselves. */
static bool read_text(struct arena *arena, struct slice rest, struct dns_record *record)
{
    char *text = arena_alloc(arena, rest.length + 1);
    uint8_t *strings = arena_alloc(arena, rest.length + 1);
    size_t length = 0;
    while (rest.length > 0) {
        if (rest.start[0] != '"') {
            return false;
        }
        size_t from = length;
        size_t at = 1;
        for (; at < rest.length && rest.start[at] != '"'; at++) {
            char c = rest.start[at];
            if (c == '\\' && at + 3 < rest.length && rest.start[at + 1] == 'x') {
                int high = hex_digit(rest.start[at + 2]);
                int low = hex_digit(rest.start[at + 3]);
                if (high < 0 || low < 0) {
                    return false;
                }
                c = (char)(high * 16 + low);
                at += 3;
            } else if (c == '\\' && at + 1 < rest.length) {
                c = rest.start[++at];
            }
            text[length++] = c;
        }
        if (at == rest.length || length - from > 255) {
            return false;
        }
        strings[record->string_count++] = (uint8_t)(length - from);
        rest = slice_trim(slice_sub(rest, at + 1, rest.length), " \t\r");
    }
    record->text = slice_new(text, length);
    record->strings = strings;
    return record->string_count > 0;
}

static const char *read_name(struct arena *arena, struct slice word)
{
    char normal[DOMAIN_TEXT_SIZE] = "";
    if (!slice_equals_text(word, ".") && domain_normalize(word, normal) != DOMAIN_FINE) {
        return NULL;
    }
    return arena_copy(arena, normal);
}

static bool read_data(struct arena *arena, struct slice rest, struct dns_record *record)
{
    uint64_t number;
    switch (record->type) {
    case DNS_A:
    case DNS_AAAA:
        return ip_parse(rest, &record->address) &&
               (record->address.family == IP_V4) == (record->type == DNS_A);
    case DNS_MX:
        if (!slice_to_number(next_word(&rest), 65535, &number)) {
            return false;
        }
        record->preference = (unsigned)number;
        record->target = read_name(arena, rest);
        return record->target != NULL;
    case DNS_TXT:
    case DNS_SPF:
        return read_text(arena, rest, record);
    case DNS_SOA: /* the primary; what else it says is left out */
        record->target = read_name(arena, next_word(&rest));
        return record->target != NULL;
    case DNS_CNAME:
    case DNS_NS:
    case DNS_PTR:
        record->target = read_name(arena, rest);
        return record->target != NULL;
    default:
        return false;
    }
}

static void add_record(struct reader *reader, const struct dns_record *record)
{
    size_t index = dns_answers_put(reader->answers, record->name, record->type, DNS_PLAIN);
    const struct dns_answer *old = dns_answers_get(reader->answers, record->name, record->type);
    struct dns_answer answer = *old;
    struct dns_record *records = arena_array(reader->arena, old->record_count + 1, sizeof *records);
    if (old->record_count > 0) {
        memcpy(records, old->records, old->record_count * sizeof *records);
    }
    records[old->record_count] = *record;
    answer.status = DNS_OK;
    answer.rcode = 0;
    answer.records = records;
    answer.record_count++;
    answer.ttl = record->ttl;
    dns_answers_settle(reader->answers, index, &answer);
}

static void add_status(struct reader *reader, const char *name, bool any_type, unsigned type,
                       enum dns_status status)
{
    struct dns_answer answer = {.status = status, .rcode = status == DNS_NXDOMAIN ? 3 : 0};
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
        if (any_type || TYPES[i] == type) {
            size_t index = dns_answers_put(reader->answers, name, TYPES[i], DNS_PLAIN);
            dns_answers_settle(reader->answers, index, &answer);
        }
    }
}

static bool read_line(struct reader *reader, struct slice line)
{
    struct slice owner = next_word(&line);
    struct slice kind = next_word(&line);
    struct dns_record record = {.ttl = 300, .name = read_name(reader->arena, owner)};
    bool any_type = slice_equals_text(kind, "-");
    if (record.name == NULL || (!any_type && !read_type(kind, &record.type))) {
        return false;
    }
    for (size_t i = 0; i < sizeof STATUS_WORDS / sizeof STATUS_WORDS[0]; i++) {
        if (slice_equals_text(line, STATUS_WORDS[i].word)) {
            add_status(reader, record.name, any_type, record.type, STATUS_WORDS[i].status);
            return true;
        }
    }
    if (any_type || !read_data(reader->arena, line, &record)) {
        return false;
    }
    add_record(reader, &record);
    return true;
}

/* The targets of a chain of CNAMEs, from the one of `alias` on, into `chain`; their number, 0 for a
 * loop or more than the chain has room for. */
static size_t read_chain(const struct reader *reader, const struct dns_answer *alias,
                         const char *chain[static CHAIN_MAX])
{
    size_t length = 0;
    for (; alias != NULL && alias->status == DNS_OK;
         alias = dns_answers_find(reader->answers, chain[length - 1], DNS_CNAME)) {
        if (length == CHAIN_MAX) {
            return 0;
        }
        chain[length++] = alias->records[0].target;
    }
    return length;
}

/* What a resolver does: an alias gives the data of its target, or its absence, whatever the type
 * asked for; a loop is SERVFAIL. */
static void follow_alias(struct reader *reader, const struct dns_answer *alias, bool complete)
{
    const char **chain = arena_array(reader->arena, CHAIN_MAX, sizeof *chain);
    size_t length = read_chain(reader, alias, chain);
    for (size_t t = 0; t < sizeof TYPES / sizeof TYPES[0]; t++) {
        struct dns_answer answer = {.status = DNS_SERVFAIL, .rcode = 2};
        const struct dns_answer *data = &answer;
        if (length > 0 && complete) {
            data = dns_answers_get(reader->answers, chain[length - 1], TYPES[t]);
        } else if (length > 0) {
            data = dns_answers_find(reader->answers, chain[length - 1], TYPES[t]);
        }
        if (TYPES[t] == DNS_CNAME || data == NULL) {
            continue;
        }
        answer = *data;
        answer.chain = chain;
        answer.chain_length = length;
        size_t index = dns_answers_put(reader->answers, alias->name, TYPES[t], DNS_PLAIN);
        dns_answers_settle(reader->answers, index, &answer);
    }
}

static void follow_aliases(struct reader *reader, bool complete)
{
    for (size_t i = 0; i < dns_answers_count(reader->answers); i++) {
        const struct dns_answer *alias = dns_answers_at(reader->answers, i);
        if (alias->type == DNS_CNAME && alias->status == DNS_OK) {
            follow_alias(reader, alias, complete);
        }
    }
}

size_t dns_answers_read(struct dns_answers *answers, const char *text, bool complete)
{
    struct reader reader = {.answers = answers, .arena = dns_answers_arena(answers)};
    struct slice rest = slice_of(text);
    struct slice line;
    for (size_t number = 1; slice_split(&rest, '\n', &line); number++) {
        line = slice_trim(line, " \t\r");
        if (line.length > 0 && line.start[0] != '#' && !read_line(&reader, line)) {
            return number;
        }
    }
    if (complete) {
        dns_answers_set_complete(answers);
    }
    follow_aliases(&reader, complete);
    return 0;
}
