/*
 * export_suite: what is generated from the tables of all plugins together; --export of a plugin is
 * for one. Run by the build, not installed.
 *
 *     export_suite director|grafana-influxdb|grafana-graphite|zabbix|zabbix-agent
 */
#include <stdio.h>

#include "base/arena.h"
#include "mailcheck/mailcheck.h"
#include "plugin/export.h"
#include "plugins/banner.h"
#include "plugins/bounces.h"
#include "plugins/dkim.h"
#include "plugins/dmarc.h"
#include "plugins/dnsbl.h"
#include "plugins/mx.h"
#include "plugins/rdns.h"
#include "plugins/recipient.h"
#include "plugins/relay.h"
#include "plugins/spf.h"
#include "plugins/starttls.h"
#include "plugins/tlsrpt.h"

/* In the order in which a dashboard shows them. */
static const struct plugin_definition *const suite[] = {
    &mailcheck_definition, &mx_definition,     &banner_definition, &starttls_definition,
    &rdns_definition,      &dnsbl_definition,  &spf_definition,    &dkim_definition,
    &dmarc_definition,     &tlsrpt_definition, &relay_definition,  &recipient_definition,
    &bounces_definition,
};
#define SUITE_COUNT (sizeof(suite) / sizeof(suite[0]))
/* Without mailcheck: Zabbix does not wait for it. */
static const struct plugin_definition *const *const plugins = suite + 1;
#define PLUGIN_COUNT (SUITE_COUNT - 1)
#define OUTPUT_MAX ((size_t)8 << 20)

static bool write_suite(const char *what, struct arena *arena, struct text *out)
{
    struct slice word = slice_of(what);

    if (slice_equals_text(word, "director"))
        export_director_suite(suite, SUITE_COUNT, arena, out);
    else if (slice_equals_text(word, "grafana-influxdb"))
        export_grafana_suite(suite, SUITE_COUNT, EXPORT_INFLUXDB, arena, out);
    else if (slice_equals_text(word, "grafana-graphite"))
        export_grafana_suite(suite, SUITE_COUNT, EXPORT_GRAPHITE, arena, out);
    else if (slice_equals_text(word, "zabbix"))
        export_zabbix_suite(plugins, PLUGIN_COUNT, arena, out);
    else if (slice_equals_text(word, "zabbix-agent"))
        for (size_t i = 0; i < PLUGIN_COUNT; i++)
            export_zabbix_agent(plugins[i], arena, out);
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    struct arena arena;
    struct text out;
    int status = 0;

    arena_init(&arena);
    text_init(&out, OUTPUT_MAX);
    if (argc != 2 || !write_suite(argv[1], &arena, &out)) {
        fputs(
            "usage: export_suite director|grafana-influxdb|grafana-graphite|zabbix|zabbix-agent\n",
            stderr);
        status = 2;
    } else if (fwrite(out.start, 1, out.length, stdout) != out.length || fflush(stdout) != 0) {
        status = 1;
    }
    text_release(&out);
    arena_release(&arena);
    return status;
}
