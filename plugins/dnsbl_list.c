#include "dnsbl_list.h"

#include <string.h>

#include "base/text.h"

#define MEANING_MAX 1000
#define URL_MAX 1000

const struct dnsbl_word dnsbl_classes[] = {
    {"blocklist", DNSBL_BLOCKLIST},
    {"policy",    DNSBL_POLICY   },
    {"allowlist", DNSBL_ALLOWLIST},
    {"data",      DNSBL_DATA     },
    {NULL,        0              },
};

const struct dnsbl_word dnsbl_targets[] = {
    {"ip4",         DNSBL_IP4        },
    {"ip6",         DNSBL_IP6        },
    {"domain",      DNSBL_DOMAIN     },
    {"name-server", DNSBL_NAME_SERVER},
    {"email",       DNSBL_EMAIL      },
    {"url",         DNSBL_URL        },
    {"file",        DNSBL_FILE       },
    {"asn",         DNSBL_ASN        },
    {NULL,          0                },
};

const struct dnsbl_word dnsbl_hashes[] = {
    {"none",           DNSBL_PLAIN         },
    {"sha1",           DNSBL_SHA1          },
    {"sha256-base32",  DNSBL_SHA256_BASE32 },
    {"blake2b-base32", DNSBL_BLAKE2B_BASE32},
    {"md5",            DNSBL_MD5           },
    {NULL,             0                   },
};

const struct dnsbl_word dnsbl_profiles[] = {
    {"core",   DNSBL_CORE   },
    {"full",   DNSBL_FULL   },
    {"domain", DNSBL_DOMAINS},
    {"keyed",  DNSBL_KEYED  },
    {NULL,     0            },
};

const struct dnsbl_word dnsbl_severities[] = {
    {"ok",       DNSBL_OK      },
    {"info",     DNSBL_INFO    },
    {"warning",  DNSBL_WARNING },
    {"critical", DNSBL_CRITICAL},
    {NULL,       0             },
};

const struct dnsbl_word dnsbl_scopes[] = {
    {"ip",          DNSBL_SCOPE_IP         },
    {"ip-or-range", DNSBL_SCOPE_IP_OR_RANGE},
    {"range",       DNSBL_SCOPE_RANGE      },
    {"asn",         DNSBL_SCOPE_ASN        },
    {"country",     DNSBL_SCOPE_COUNTRY    },
    {"domain",      DNSBL_SCOPE_DOMAIN     },
    {"name-server", DNSBL_SCOPE_NAME_SERVER},
    {"email",       DNSBL_SCOPE_EMAIL      },
    {"url",         DNSBL_SCOPE_URL        },
    {"file",        DNSBL_SCOPE_FILE       },
    {NULL,          0                      },
};

const struct dnsbl_word dnsbl_errors[] = {
    {"blocked",    DNSBL_ERROR_BLOCKED   },
    {"over-quota", DNSBL_ERROR_OVER_QUOTA},
    {"key-bad",    DNSBL_ERROR_KEY_BAD   },
    {"wrong-kind", DNSBL_ERROR_WRONG_KIND},
    {"failed",     DNSBL_ERROR_FAILED    },
    {NULL,         0                     },
};

const char *dnsbl_class_name(enum dnsbl_class class)
{
    return dnsbl_word_of(dnsbl_classes, class);
}

const char *dnsbl_target_name(enum dnsbl_target target)
{
    return dnsbl_word_of(dnsbl_targets, target);
}

const char *dnsbl_hash_name(enum dnsbl_hash hash)
{
    return dnsbl_word_of(dnsbl_hashes, hash);
}

const char *dnsbl_profile_name(enum dnsbl_profile profile)
{
    return dnsbl_word_of(dnsbl_profiles, profile);
}

const char *dnsbl_severity_name(enum dnsbl_severity severity)
{
    return dnsbl_word_of(dnsbl_severities, severity);
}

const char *dnsbl_scope_name(enum dnsbl_scope scope)
{
    return dnsbl_word_of(dnsbl_scopes, scope);
}

const char *dnsbl_error_name(enum dnsbl_error_kind kind)
{
    return dnsbl_word_of(dnsbl_errors, kind);
}

static bool rule_matches(const struct dnsbl_rule *rule, const struct ip_address *address)
{
    if (rule->is_rcode)
        return false;
    return rule->is_bit ? dnsbl_pattern_matches_bit(&rule->pattern, address)
                        : dnsbl_pattern_matches(&rule->pattern, address);
}

const struct dnsbl_rule *dnsbl_list_error(const struct dnsbl_list *list,
                                          const struct ip_address *address, bool on_wildcard)
{
    for (size_t i = 0; i < list->error_count; i++) {
        const struct dnsbl_rule *rule = &list->errors[i];

        if (rule_matches(rule, address) && (on_wildcard || !rule->if_wildcard))
            return rule;
    }
    return NULL;
}

const struct dnsbl_rule *dnsbl_list_rcode_error(const struct dnsbl_list *list, unsigned rcode)
{
    for (size_t i = 0; i < list->error_count; i++)
        if (list->errors[i].is_rcode && list->errors[i].rcode == rcode)
            return &list->errors[i];
    return NULL;
}

bool dnsbl_list_is_negative(const struct dnsbl_list *list)
{
    return list->class == DNSBL_BLOCKLIST || list->class == DNSBL_POLICY;
}

/* {1} to {4} become the octets of the answer. */
static void append_meaning(struct text *text, const char *meaning, const struct ip_address *address)
{
    for (const char *at = meaning; *at != '\0'; at++) {
        if (at[0] == '{' && at[1] >= '1' && at[1] <= '4' && at[2] == '}') {
            text_printf(text, "%u", (unsigned)address->bytes[at[1] - '1']);
            at += 2;
        } else {
            text_append_char(text, *at);
        }
    }
}

static void add_rule(const struct dnsbl_list *list, const struct dnsbl_rule *rule,
                     const struct ip_address *address, struct text *text,
                     struct dnsbl_meaning *meaning)
{
    enum dnsbl_severity severity =
        rule->severity != DNSBL_UNSET ? (enum dnsbl_severity)rule->severity : list->severity;
    enum dnsbl_scope scope =
        rule->scope != DNSBL_SCOPE_UNSET ? (enum dnsbl_scope)rule->scope : list->scope;

    if (text->length > 0)
        text_append(text, "; ");
    append_meaning(text, rule->meaning, address);
    if (!meaning->is_known || severity > meaning->severity) {
        meaning->severity = severity;
        meaning->scope = scope;
    }
    meaning->is_known = true;
}

void dnsbl_list_meaning(const struct dnsbl_list *list, const struct ip_address *address,
                        struct arena *arena, struct dnsbl_meaning *meaning)
{
    struct text text;

    *meaning =
        (struct dnsbl_meaning){false, list->severity, list->scope, "code not in the catalogue"};
    if (list->code_count == 0) {
        meaning->is_known = true;
        meaning->text = "listed";
        return;
    }
    text_init(&text, MEANING_MAX);
    for (size_t i = 0; i < list->code_count && !meaning->is_known; i++)
        if (!list->codes[i].is_bit && rule_matches(&list->codes[i], address))
            add_rule(list, &list->codes[i], address, &text, meaning);
    bool by_bits = !meaning->is_known;
    for (size_t i = 0; i < list->code_count && by_bits; i++)
        if (list->codes[i].is_bit && rule_matches(&list->codes[i], address))
            add_rule(list, &list->codes[i], address, &text, meaning);
    if (meaning->is_known)
        meaning->text = arena_copy_slice(arena, text_slice(&text));
    text_release(&text);
}

/* unreserved of RFC 3986 2.3, and ":" of an IPv6 address, which a query may hold (3.4). */
static bool is_url_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("-._~:", c) != NULL;
}

const char *dnsbl_list_url(const struct dnsbl_list *list, const char *target, struct arena *arena)
{
    static const char place[] = "{target}";
    struct text text;

    if (list->url == NULL)
        return NULL;
    const char *at = strstr(list->url, place);
    if (at == NULL)
        return list->url;
    text_init(&text, URL_MAX);
    text_append_slice(&text, slice_new(list->url, (size_t)(at - list->url)));
    for (const char *c = target; *c != '\0'; c++) {
        if (is_url_character(*c))
            text_append_char(&text, *c);
        else
            text_printf(&text, "%%%02X", (unsigned)(unsigned char)*c);
    }
    text_append(&text, at + sizeof place - 1);
    const char *url = arena_copy_slice(arena, text_slice(&text));
    text_release(&text);
    return url;
}
