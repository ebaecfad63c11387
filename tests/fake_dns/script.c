#include "script.h"

#include <ldns/ldns.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "script_list.h"

#define LINE_MAX_OCTETS (512U << 10)
#define DEFAULT_TTL 300
#define RDATA_MAX 65535

/* A pointer to the name in the question (RFC 1035 4.1.4), type, class, TTL, RDLENGTH. */
#define RECORD_FIXED_SIZE 12

static const char blanks[] = " \t\r";

bool script_fail(struct script_line *line, const char *format, ...)
{
    va_list arguments;
    int written =
        snprintf(line->message, SCRIPT_MESSAGE_SIZE, "%s:%zu: ", line->file, line->number);

    if (written < 0 || written >= SCRIPT_MESSAGE_SIZE)
        return false;
    va_start(arguments, format);
    vsnprintf(line->message + written, (size_t)(SCRIPT_MESSAGE_SIZE - written), format, arguments);
    va_end(arguments);
    return false;
}

struct slice script_word(struct slice *rest)
{
    struct slice trimmed = slice_trim(*rest, blanks);
    size_t end = 0;

    while (end < trimmed.length && strchr(blanks, trimmed.start[end]) == NULL)
        end += trimmed.start[end] == '\\' && end + 1 < trimmed.length ? 2 : 1;
    *rest = slice_trim(slice_sub(trimmed, end, trimmed.length), blanks);
    return slice_sub(trimmed, 0, end);
}

static bool parse_name(struct script_line *line, struct slice word, struct name *name)
{
    char text[NAME_TEXT_SIZE];
    bool good = false;

    if (word.length >= sizeof(text))
        return script_fail(line, "a name is too long");
    memcpy(text, word.start, word.length);
    text[word.length] = '\0';

    ldns_rdf *dname = ldns_dname_new_frm_str(text);

    if (dname != NULL) {
        good = name_read(name, ldns_rdf_data(dname), ldns_rdf_size(dname)) > 0;
        ldns_rdf_deep_free(dname);
    }
    return good || script_fail(line, "\"%s\" is no domain name", text);
}

static bool parse_type(struct script_line *line, struct slice word, uint16_t *type)
{
    char text[32];

    if (word.length == 0)
        return script_fail(line, "a type is missing");
    snprintf(text, sizeof(text), "%.*s", SLICE_PRINTF(word));
    *type = (uint16_t)ldns_get_rr_type_by_name(text);
    if (*type == 0 || *type == DNS_TYPE_OPT)
        return script_fail(line, "\"%s\" is no type of record", text);
    return true;
}

static bool parse_hex(struct slice text, uint8_t *octets, size_t *length)
{
    static const char digits[] = "0123456789abcdef";
    size_t count = 0;

    for (size_t i = 0; i < text.length; i++) {
        char low = text.start[i];

        if (low == ' ' || low == '\t')
            continue;
        if (low >= 'A' && low <= 'F')
            low = (char)(low + ('a' - 'A'));
        const char *digit = low == '\0' ? NULL : strchr(digits, low);

        if (digit == NULL || count / 2 >= RDATA_MAX)
            return false;
        if (count % 2 == 0)
            octets[count / 2] = 0;
        octets[count / 2] = (uint8_t)(octets[count / 2] << 4 | (digit - digits));
        count++;
    }
    *length = count / 2;
    return count % 2 == 0;
}

struct question {
    struct name name;
    uint32_t ttl;
    uint16_t type;
    struct slice rest;  /* behind the type */
    struct slice whole; /* for libldns; a NUL follows it */
};

static bool parse_question(struct script_line *line, struct slice statement,
                           struct question *question)
{
    struct slice rest = statement;
    struct slice word = script_word(&rest);
    uint64_t ttl = DEFAULT_TTL;

    question->whole = statement;
    if (!parse_name(line, word, &question->name))
        return false;
    word = script_word(&rest);
    if (word.length > 0 && word.start[0] >= '0' && word.start[0] <= '9') {
        if (!slice_to_number(word, INT32_MAX, &ttl))
            return script_fail(line, "\"%.*s\" is no TTL", SLICE_PRINTF(word));
        word = script_word(&rest);
    }
    if (slice_equals_text_ignoring_case(word, "IN"))
        word = script_word(&rest);
    question->ttl = (uint32_t)ttl;
    question->rest = rest;
    return parse_type(line, word, &question->type);
}

static struct zone_rule *rule_of(struct script_line *line, const struct question *question)
{
    struct zone_rule like = {
        .listeners = line->listeners,
        .has_address = line->has_address,
        .also = line->bracket.also,
        .type = question->type,
        .condition = line->bracket.condition,
    };
    struct zone_rule *rule = zone_rule_at(&line->script->zone, &question->name, &like);
    struct behaviour behaviour = line->bracket.behaviour;

    behaviour_complete(&behaviour, &rule->behaviour);
    rule->behaviour = behaviour;
    return rule;
}

/* Gives the rule of the question its answer. NULL after a message when it has another one. */
static struct zone_rule *answer_with(struct script_line *line, const struct question *question,
                                     enum zone_content content)
{
    struct zone_rule *rule = rule_of(line, question);

    if (rule->content != ZONE_NOTHING &&
        (rule->content != ZONE_RECORDS || content != ZONE_RECORDS)) {
        script_fail(line, "this question has another answer already");
        return NULL;
    }
    rule->content = content;
    if (content != ZONE_RCODE && !rule->also)
        zone_mark_existing(&line->script->zone, &question->name, line->listeners);
    return rule;
}

static bool add_record(struct script_line *line, const struct question *question, uint32_t ttl,
                       const uint8_t *rdata, size_t length)
{
    if (question->type == DNS_TYPE_ANY)
        return script_fail(line, "ANY is no type of record");

    struct zone_rule *rule = answer_with(line, question, ZONE_RECORDS);
    uint16_t type = question->type;
    uint8_t fixed[RECORD_FIXED_SIZE] = {
        0xC0,
        DNS_HEADER_SIZE,
        (uint8_t)(type >> 8),
        (uint8_t)type,
        0,
        DNS_CLASS_IN,
        (uint8_t)(ttl >> 24),
        (uint8_t)(ttl >> 16),
        (uint8_t)(ttl >> 8),
        (uint8_t)ttl,
        (uint8_t)(length >> 8),
        (uint8_t)length,
    };

    if (rule == NULL)
        return false;
    rule->record_count++;
    return (zone_rule_append(rule, fixed, sizeof(fixed)) &&
            zone_rule_append(rule, rdata, length)) ||
           script_fail(line, "the records of this question don't fit a message");
}

/* RFC 3597 5, for all types: libldns would refuse what is not good RDATA of a type that it knows.
 */
static bool parse_generic_record(struct script_line *line, const struct question *question,
                                 struct slice text)
{
    struct slice word = script_word(&text);
    uint8_t octets[RDATA_MAX];
    size_t length = 0;
    uint64_t stated = 0;

    if (!slice_to_number(word, RDATA_MAX, &stated) || !parse_hex(text, octets, &length) ||
        length != stated)
        return script_fail(line, "\\# wants a length and so many octets in hexadecimal digits");
    return add_record(line, question, question->ttl, octets, length);
}

static bool parse_record(struct script_line *line, const struct question *question)
{
    ldns_rr *record = NULL;
    uint8_t *wire = NULL;
    size_t size = 0;
    ldns_status status =
        ldns_rr_new_frm_str(&record, question->whole.start, DEFAULT_TTL, NULL, NULL);

    if (status == LDNS_STATUS_OK)
        status = ldns_rr2wire(&wire, record, LDNS_SECTION_ANSWER, &size);

    size_t owner = record == NULL ? 0 : ldns_rdf_size(ldns_rr_owner(record));
    size_t before = owner + RECORD_FIXED_SIZE - 2;
    bool good;

    if (status != LDNS_STATUS_OK)
        good = script_fail(line, "%s", ldns_get_errorstr_by_id(status));
    else if (size < before)
        good = script_fail(line, "not a record");
    else
        good = add_record(line, question, ldns_rr_ttl(record), wire + before, size - before);
    free(wire);
    ldns_rr_free(record);
    return good;
}

static bool parse_message(struct script_line *line, const struct question *question,
                          struct slice text)
{
    uint8_t octets[RDATA_MAX];
    size_t length = 0;

    if (!parse_hex(text, octets, &length) || length == 0)
        return script_fail(line, "\\message wants hexadecimal digits");

    struct zone_rule *rule = answer_with(line, question, ZONE_MESSAGE);

    if (rule == NULL)
        return false;
    return zone_rule_append(rule, octets, length) || script_fail(line, "the message is too long");
}

/* "NXDOMAIN", "RCODE9": exactly one word, in capital letters. */
static bool rcode_parse(struct slice word, uint16_t *rcode)
{
    static const char *const names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                        "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                        "NXRRSET", "NOTAUTH", "NOTZONE"};
    uint64_t number = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (slice_equals_text(word, names[i])) {
            *rcode = (uint16_t)i;
            return true;
        }
    }
    if (!slice_starts_with(word, "RCODE") ||
        !slice_to_number(slice_sub(word, 5, word.length), 4095, &number))
        return false;
    *rcode = (uint16_t)number;
    return true;
}

bool script_parse_question(struct script_line *line, struct slice statement)
{
    struct question question;
    uint16_t rcode = 0;

    if (!parse_question(line, statement, &question))
        return false;

    struct slice rest = question.rest;
    struct slice word = script_word(&rest);

    if (word.length == 0)
        return line->bracket.also ? script_fail(line, "\"also\" wants an answer")
                                  : rule_of(line, &question) != NULL;
    if (rest.length == 0 && slice_equals_text(word, "NODATA"))
        return answer_with(line, &question, ZONE_NODATA) != NULL;
    if (rest.length == 0 && rcode_parse(word, &rcode)) {
        struct zone_rule *rule = answer_with(line, &question, ZONE_RCODE);

        if (rule != NULL)
            rule->rcode = rcode;
        return rule != NULL;
    }
    if (slice_equals_text(word, "\\message"))
        return parse_message(line, &question, rest);
    if (slice_equals_text(word, "\\#"))
        return parse_generic_record(line, &question, rest);
    return parse_record(line, &question);
}

static bool parse_default(struct script_line *line, struct slice rest)
{
    struct script *script = line->script;

    if (rest.length > 0)
        return script_fail(line, "nothing follows \"default\": options stand before it");
    if (line->bracket.also || condition_is_set(&line->bracket.condition))
        return script_fail(line, "\"default\" holds always and for every answer");
    for (size_t i = 0; i < script->listener_count; i++) {
        if ((line->listeners >> i & 1) != 0) {
            struct behaviour behaviour = line->bracket.behaviour;

            behaviour_complete(&behaviour, &script->defaults[i]);
            script->defaults[i] = behaviour;
        }
    }
    return true;
}

static bool parse_statement(struct script_line *line, struct slice statement)
{
    const struct behaviour *behaviour = &line->bracket.behaviour;
    struct slice rest = statement;
    struct slice word = script_word(&rest);

    if (word.length == 0)
        return script_fail(line, "a statement is missing");
    if (slice_equals_text(word, "default"))
        return parse_default(line, rest);
    if (behaviour_has(behaviour, BEHAVIOUR_TCP) && behaviour->tcp == BEHAVIOUR_TCP_REFUSED)
        return script_fail(line, "tcp=refused is of a whole address: it stands before \"default\"");
    if (slice_equals_text(word, "soa"))
        return script_list_soa(line, rest);
    if (slice_equals_text(word, "dnsbl"))
        return script_list_dnsbl(line, rest);
    if (slice_equals_text(word, "listed"))
        return script_list_listed(line, rest);
    return script_parse_question(line, statement);
}

static bool parse_addresses(struct script_line *line, struct slice text)
{
    struct slice part;

    line->has_address = true;
    line->listeners = 0;
    while (slice_split(&text, ',', &part)) {
        uint64_t found = 0;
        struct address address;

        if (!address_parse(&address, part))
            return script_fail(line, "\"%.*s\" is no address", SLICE_PRINTF(part));
        for (size_t i = 0; i < line->script->listener_count; i++) {
            if (address_equals(&line->script->listeners[i], &address))
                found |= UINT64_C(1) << i;
        }
        if (found == 0)
            return script_fail(line, "nobody listens at %.*s", SLICE_PRINTF(part));
        line->listeners |= found;
    }
    return true;
}

static bool parse_line(struct script_line *line, struct slice text)
{
    char message[128];

    line->has_address = false;
    line->listeners = UINT64_MAX;
    line->bracket = (struct bracket){0};
    if (slice_starts_with(text, "@")) {
        struct slice word = script_word(&text);

        if (!parse_addresses(line, slice_sub(word, 1, word.length)))
            return false;
    }
    if (slice_starts_with(text, "[")) {
        size_t end = slice_find(text, ']');

        if (end == text.length)
            return script_fail(line, "\"]\" is missing");
        if (!bracket_parse(&line->bracket, slice_sub(text, 1, end - 1), message))
            return script_fail(line, "%s", message);
        text = slice_trim(slice_sub(text, end + 1, text.length), blanks);
    }
    return parse_statement(line, text);
}

/* What stands before a ";" that is neither quoted nor escaped. */
static struct slice without_comment(struct slice text)
{
    bool quoted = false;

    if (slice_starts_with(text, "#"))
        return slice_sub(text, 0, 0);
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] == '\\')
            i++;
        else if (text.start[i] == '"')
            quoted = !quoted;
        else if (text.start[i] == ';' && !quoted)
            return slice_trim(slice_sub(text, 0, i), blanks);
    }
    return text;
}

void script_init(struct script *script, const struct address *listeners, size_t listener_count)
{
    memset(script, 0, sizeof(*script));
    arena_init(&script->arena);
    zone_init(&script->zone, &script->arena);
    script->listeners = listeners;
    script->listener_count =
        listener_count < SCRIPT_LISTENERS_MAX ? listener_count : SCRIPT_LISTENERS_MAX;
}

void script_release(struct script *script)
{
    zone_release(&script->zone);
    counter_release(&script->counter);
    arena_release(&script->arena);
}

bool script_parse(struct script *script, const char *file, struct slice text,
                  char message[static SCRIPT_MESSAGE_SIZE])
{
    struct script_line line = {.script = script, .file = file, .message = message};
    struct text copy;
    struct slice raw;
    bool good = true;

    text_init(&copy, LINE_MAX_OCTETS);
    while (good && slice_split(&text, '\n', &raw)) {
        struct slice part = without_comment(slice_trim(raw, blanks));

        line.number++;
        text_clear(&copy);
        text_append_slice(&copy, part);
        if (copy.truncated)
            good = script_fail(&line, "the line is too long");
        else if (slice_find(part, '\0') < part.length)
            good = script_fail(&line, "there is a NUL in the line");
        else if (part.length > 0)
            good = parse_line(&line, text_slice(&copy));
    }
    text_release(&copy);
    return good;
}
