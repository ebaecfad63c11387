/*
 * The foreign suites for RFC 7208, run whole: each case of each YAML document in
 * $SHARED_DIR/data/corpora/spf-openspf-rfc7208 and spf-pyspf-extra is evaluated against its own
 * zone data.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "mail/spf.h"

static char suites[1024];

struct suite {
    yaml_document_t *document;
    yaml_node_t *zone;
};

/* Cases of pyspf's own modes ("strict"), which no RFC knows: RFC 7208 6 has unknown modifiers
 * ignored. */
static const struct {
    const char *name;
    const char *result;
} own_modes[] = {
    {"default-modifier",       "neutral"},
    {"default-modifier-harsh", "neutral"},
};

static const char *scalar(const yaml_node_t *node)
{
    if (node == NULL || node->type != YAML_SCALAR_NODE)
        return NULL;
    return (const char *)node->data.scalar.value;
}

static yaml_node_t *member(struct suite *suite, const yaml_node_t *map, const char *key)
{
    if (map == NULL || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top;
         pair++) {
        const char *name = scalar(yaml_document_get_node(suite->document, pair->key));
        if (name != NULL && strcmp(name, key) == 0)
            return yaml_document_get_node(suite->document, pair->value);
    }
    return NULL;
}

/* A name of the zone as spf.c asks for it. */
static bool same_name(const char *key, const char *asked)
{
    char name[SPF_NAME_SIZE];
    return spf_target_name(slice_of(key), name) && strcmp(name, asked) == 0;
}

static yaml_node_t *find_name(struct suite *suite, const char *asked)
{
    if (suite->zone == NULL)
        return NULL;
    for (yaml_node_pair_t *pair = suite->zone->data.mapping.pairs.start;
         pair < suite->zone->data.mapping.pairs.top; pair++) {
        const char *key = scalar(yaml_document_get_node(suite->document, pair->key));
        if (key != NULL && same_name(key, asked))
            return yaml_document_get_node(suite->document, pair->value);
    }
    return NULL;
}

/* One "- TYPE: value" of a name. */
struct entry {
    const char *type;
    yaml_node_t *value;
};

static struct entry entry_at(struct suite *suite, yaml_node_t *list, size_t index)
{
    yaml_node_t *node =
        yaml_document_get_node(suite->document, list->data.sequence.items.start[index]);
    if (node->type == YAML_SCALAR_NODE)
        return (struct entry){scalar(node), NULL};
    yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    return (struct entry){scalar(yaml_document_get_node(suite->document, pair->key)),
                          yaml_document_get_node(suite->document, pair->value)};
}

static size_t entry_count(const yaml_node_t *list)
{
    return (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
}

static const char *item(struct suite *suite, const yaml_node_t *node, size_t index)
{
    if (node->type == YAML_SCALAR_NODE)
        return scalar(node);
    if (node->data.sequence.items.start + index >= node->data.sequence.items.top)
        return "";
    return scalar(yaml_document_get_node(suite->document, node->data.sequence.items.start[index]));
}

/* A double-quoted YAML string may hold NUL: the length counts. */
static struct slice joined(struct suite *suite, struct arena *arena, const yaml_node_t *node)
{
    struct text text;
    text_init(&text, 65535);
    if (node->type == YAML_SCALAR_NODE) {
        text_append_slice(
            &text, slice_new((const char *)node->data.scalar.value, node->data.scalar.length));
    } else {
        for (yaml_node_item_t *at = node->data.sequence.items.start;
             at < node->data.sequence.items.top; at++) {
            const yaml_node_t *part = yaml_document_get_node(suite->document, *at);
            text_append_slice(
                &text, slice_new((const char *)part->data.scalar.value, part->data.scalar.length));
        }
    }
    struct slice result = text_slice(&text);
    result.start = arena_copy_slice(arena, result);
    text_release(&text);
    return result;
}

static const char *type_word(unsigned type)
{
    char buffer[12];
    return dns_type_name(type, buffer);
}

static bool add_record(struct suite *suite, struct arena *arena, struct entry entry, unsigned type,
                       struct dns_record *record)
{
    char name[SPF_NAME_SIZE];
    *record = (struct dns_record){.type = type, .name = ""};
    switch (type) {
    case DNS_TXT:
        record->text = joined(suite, arena, entry.value);
        return !slice_equals_text(record->text, "NONE");
    case DNS_A:
    case DNS_AAAA:
        return ip_parse(slice_of(scalar(entry.value)), &record->address);
    case DNS_MX:
        record->target = spf_target_name(slice_of(item(suite, entry.value, 1)), name)
                             ? arena_copy(arena, name)
                             : "";
        return true;
    default:
        record->target =
            spf_target_name(slice_of(scalar(entry.value)), name) ? arena_copy(arena, name) : "";
        return true;
    }
}

/* The word under which the records of a type stand: SPF stands for TXT unless there is a TXT. */
static const char *zone_word(struct suite *suite, yaml_node_t *list, unsigned type)
{
    if (type != DNS_TXT)
        return type_word(type);
    for (size_t i = 0; i < entry_count(list); i++) {
        if (strcmp(entry_at(suite, list, i).type, "TXT") == 0)
            return "TXT";
    }
    return "SPF";
}

static void look_up(struct suite *suite, struct arena *arena, const struct dns_question *question,
                    struct dns_answer *answer)
{
    static struct dns_record records[64];
    const char *name = question->name;
    answer->records = records;
    for (int hops = 0; hops < 16; hops++) {
        yaml_node_t *list = find_name(suite, name);
        const char *alias = NULL;
        if (list == NULL) {
            answer->status = DNS_NXDOMAIN;
            return;
        }
        const char *word = zone_word(suite, list, question->type);
        for (size_t i = 0; i < entry_count(list); i++) {
            struct entry entry = entry_at(suite, list, i);
            if (strcmp(entry.type, "TIMEOUT") == 0 && answer->record_count == 0)
                return;
            if (strcmp(entry.type, word) == 0 &&
                add_record(suite, arena, entry, question->type, &records[answer->record_count]))
                answer->record_count++;
            if (strcmp(entry.type, "CNAME") == 0)
                alias = scalar(entry.value);
        }
        answer->status = answer->record_count > 0 ? DNS_OK : DNS_NODATA;
        if (answer->record_count > 0 || alias == NULL)
            return;
        char target[SPF_NAME_SIZE];
        if (!spf_target_name(slice_of(alias), target))
            return;
        name = arena_copy(arena, target);
    }
    answer->status = DNS_MALFORMED;
}

static void evaluate(struct suite *suite, struct arena *arena, const struct spf_request *request,
                     struct spf_verdict *verdict)
{
    struct dns_answers *answers = dns_answers_new(arena, 1000);
    struct dns_question question;
    bool more;
    do {
        more = false;
        spf_evaluate(request, answers, arena, verdict);
        while (dns_answers_take_missing(answers, &question)) {
            struct dns_answer answer = {.name = question.name, .type = question.type};
            look_up(suite, arena, &question, &answer);
            dns_answers_settle(answers, question.index, &answer);
            more = true;
        }
    } while (more);
}

static const char *own_mode(const char *name)
{
    for (size_t i = 0; i < sizeof own_modes / sizeof own_modes[0]; i++) {
        if (strcmp(name, own_modes[i].name) == 0)
            return own_modes[i].result;
    }
    return NULL;
}

static bool result_is_allowed(struct suite *suite, const yaml_node_t *wanted, const char *name,
                              enum spf_result result)
{
    if (own_mode(name) != NULL)
        return strcmp(own_mode(name), spf_result_name(result)) == 0;
    if (wanted->type == YAML_SCALAR_NODE)
        return strcmp(scalar(wanted), spf_result_name(result)) == 0;
    for (size_t i = 0; item(suite, wanted, i)[0] != '\0'; i++) {
        if (strcmp(item(suite, wanted, i), spf_result_name(result)) == 0)
            return true;
    }
    return false;
}

/* The suites compare explanations without case: the nibbles of %{i} may be written either way. */
static bool explanation_fits(const char *wanted, const char *found)
{
    if (wanted == NULL)
        return true;
    if (strcmp(wanted, "DEFAULT") == 0)
        return found == NULL;
    return found != NULL && slice_equals_text_ignoring_case(slice_of(found), wanted);
}

static bool run_case(struct suite *suite, const char *name, const yaml_node_t *test)
{
    struct arena arena;
    struct spf_verdict verdict;
    struct spf_request request = {.time = 1700000000};
    arena_init(&arena);
    request.sender = scalar(member(suite, test, "mailfrom"));
    request.helo = scalar(member(suite, test, "helo"));
    const char *host = scalar(member(suite, test, "host"));
    bool fine = ip_parse(slice_of(host), &request.ip);
    evaluate(suite, &arena, &request, &verdict);
    const char *explanation = scalar(member(suite, test, "explanation"));
    if (!fine || !result_is_allowed(suite, member(suite, test, "result"), name, verdict.result) ||
        !explanation_fits(explanation, verdict.explanation)) {
        print_error("%s (%s): %s, explanation \"%s\", problem %s\n", name,
                    scalar(member(suite, test, "spec")), spf_result_name(verdict.result),
                    verdict.explanation == NULL ? "" : verdict.explanation,
                    verdict.problem == NULL ? "none" : verdict.problem);
        fine = false;
    }
    arena_release(&arena);
    return fine;
}

static void run_document(yaml_document_t *document, size_t *cases, size_t *failures)
{
    struct suite suite = {.document = document};
    yaml_node_t *root = yaml_document_get_root_node(document);
    suite.zone = member(&suite, root, "zonedata");
    yaml_node_t *tests = member(&suite, root, "tests");
    if (tests == NULL)
        return;
    for (yaml_node_pair_t *pair = tests->data.mapping.pairs.start;
         pair < tests->data.mapping.pairs.top; pair++) {
        (*cases)++;
        if (!run_case(&suite, scalar(yaml_document_get_node(document, pair->key)),
                      yaml_document_get_node(document, pair->value)))
            (*failures)++;
    }
}

static void run_file(const char *path, size_t expected)
{
    char name[2048];
    snprintf(name, sizeof name, "%s/%s", suites, path);
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        print_message("skipped: no %s\n", name);
        skip();
    }
    yaml_parser_t parser;
    yaml_document_t document;
    size_t cases = 0;
    size_t failures = 0;
    bool more = true;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_file(&parser, file);
    while (more) {
        assert_true(yaml_parser_load(&parser, &document));
        more = yaml_document_get_root_node(&document) != NULL;
        if (more)
            run_document(&document, &cases, &failures);
        yaml_document_delete(&document);
    }
    yaml_parser_delete(&parser);
    fclose(file);
    print_message("%s: %zu of %zu cases pass\n", path, cases - failures, cases);
    assert_int_equal(failures, 0);
    assert_int_equal(cases, expected);
}

static void openspf_suite_for_rfc_7208(void **state)
{
    (void)state;
    run_file("spf-openspf-rfc7208/rfc7208-tests.yml", 203);
}

static void pyspf_own_suite(void **state)
{
    (void)state;
    run_file("spf-pyspf-extra/test.yml", 16);
}

static void pyspf_older_suite_of_james(void **state)
{
    (void)state;
    run_file("spf-pyspf-extra/older/pyspf-tests.james.yml", 13);
}

static void pyspf_older_suite_of_openspf(void **state)
{
    (void)state;
    run_file("spf-pyspf-extra/older/pyspf-tests.openspf-svn.yml", 13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openspf_suite_for_rfc_7208),
        cmocka_unit_test(pyspf_own_suite),
        cmocka_unit_test(pyspf_older_suite_of_james),
        cmocka_unit_test(pyspf_older_suite_of_openspf),
    };
    const char *shared = getenv("SHARED_DIR");
    snprintf(suites, sizeof suites, "%s/data/corpora", shared == NULL ? "../shared" : shared);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
