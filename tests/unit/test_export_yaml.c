#include "cases.h"

#include "plugin/export_object.h"
#include "plugin/export_yaml.h"

static const struct row {
    const char *label;
    const char *value; /* of the member "a", as JSON */
    const char *yaml;
} rows[] = {
    {"a word needs no quotes",                 "\"DEPENDENT\"",                                     "a: DEPENDENT\n"                    },
    {"nor do words",                           "\"Postmaster MX by Zabbix agent\"",                 "a: Postmaster MX by Zabbix agent\n"},
    {"a number is a string",                   "\"6.0\"",                                           "a: '6.0'\n"                        },
    {"so is what looks like one of YAML 1.1",  "\"0x1F\"",                                          "a: '0x1F'\n"                       },
    {"a word for true (YAML 1.1)",             "\"Yes\"",                                           "a: 'Yes'\n"                        },
    {"a word for nothing",                     "\"null\"",                                          "a: 'null'\n"                       },
    {"a colon",                                "\"MX: state\"",                                     "a: 'MX: state'\n"                  },
    {"a mark of a comment",                    "\"b #c\"",                                          "a: 'b #c'\n"                       },
    {"a single quote is doubled",              "\"it's\"",                                          "a: 'it''s'\n"                      },
    {"a double quote and a backslash stay",    "\"\\\"b\\\\c\\\"\"",                                "a: '\"b\\c\"'\n"                   },
    {"nothing",                                "\"\"",                                              "a: ''\n"                           },
    {"a blank at the end",                     "\"b \"",                                            "a: 'b '\n"                         },
    {"a new line",                             "\"b\\nc\"",                                         "a: \"b\\nc\"\n"                    },
    {"strings below one another",              "[\"b\",\"1\"]",                                     "a:\n  - b\n  - '1'\n"              },
    {"an empty array",                         "[]",                                                "a: []\n"                           },
    {"an object",                              "{\"b\":\"c\",\"d\":\"e\"}",                         "a:\n  b: c\n  d: e\n"              },
    {"objects with objects below one another", "[{\"b\":{\"c\":\"d\"},\"e\":\"f\"},{\"b\":\"g\"}]",
     "a:\n  - b:\n      c: d\n    e: f\n  - b: g\n"                                                                                     },
};

static void test_row(void **state)
{
    const struct row *row = *state;
    json_t *object = export_object();
    struct text out;

    text_init(&out, 4096);
    export_set(object, "a", json_loads(row->value, JSON_DECODE_ANY, NULL));
    export_yaml_dump(object, &out);
    assert_string_equal(out.start, row->yaml);
    text_release(&out);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_row, rows);
    return cases_run(&cases, "export_yaml");
}
