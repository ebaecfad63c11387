/*
 * Reads YAML from standard input and prints it as JSON; every scalar is a string. For jq.
 */
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "plugin/export_object.h"

static json_t *value_of(yaml_document_t *document, int index)
{
    yaml_node_t *node = yaml_document_get_node(document, index);
    json_t *value;

    switch (node->type) {
    case YAML_SEQUENCE_NODE:
        value = export_array();
        for (yaml_node_item_t *item = node->data.sequence.items.start;
             item < node->data.sequence.items.top; item++)
            export_append(value, value_of(document, *item));
        return value;
    case YAML_MAPPING_NODE:
        value = export_object();
        for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
             pair < node->data.mapping.pairs.top; pair++) {
            const yaml_node_t *key = yaml_document_get_node(document, pair->key);

            export_set(value, (const char *)key->data.scalar.value,
                       value_of(document, pair->value));
        }
        return value;
    default:
        return json_stringn((const char *)node->data.scalar.value, node->data.scalar.length);
    }
}

int main(void)
{
    yaml_parser_t parser;
    yaml_document_t document;
    struct text out;

    if (!yaml_parser_initialize(&parser))
        return EXIT_FAILURE;
    yaml_parser_set_input_file(&parser, stdin);
    if (!yaml_parser_load(&parser, &document) || yaml_document_get_root_node(&document) == NULL) {
        fprintf(stderr, "line %zu: %s\n", parser.problem_mark.line + 1,
                parser.problem != NULL ? parser.problem : "there is no document");
        yaml_parser_delete(&parser);
        return EXIT_FAILURE;
    }
    text_init(&out, 1 << 24);
    export_dump(value_of(&document, 1), &out);
    fwrite(out.start, 1, out.length, stdout);
    text_release(&out);
    yaml_document_delete(&document);
    yaml_parser_delete(&parser);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
