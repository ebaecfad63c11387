/*
 * What the files of the Zabbix export share: one template while it is made.
 *
 * check_dnsbl has two templates, of which a host gets one: "Postmaster DNSBL by external check"
 * (Zabbix server or proxy runs the plugin) and "... by Zabbix agent" (the agent runs it, by the
 * UserParameter that export_zabbix_agent prints). A plugin that asks no network has the second one
 * only. Their one check has the plugin's JSON as its value; all other items depend on it. Names of
 * keys, macros and templates are part of people's configurations: they never change.
 */
#ifndef COMMON_PLUGIN_EXPORT_ZABBIX_H
#define COMMON_PLUGIN_EXPORT_ZABBIX_H

#include "plugin/export_object.h"
#include "plugin/export_option.h"

struct zabbix_template {
    const struct plugin_definition *definition;
    struct arena *arena;
    struct export_options options;
    bool by_agent;
    const char *name;    /* "Postmaster DNSBL by external check" */
    const char *service; /* "DNSBL" */
    const char *prefix;  /* "postmaster.dnsbl", of all keys */
    const char *macro;   /* "POSTMASTER.DNSBL" */
    const char *check;   /* the key of the check */
};

/* Thirty-two hexadecimal digits of the form of a UUID of version 4 (RFC 9562 5.4), always the same
 * for the same thing. */
const char *zabbix_uuid(const struct zabbix_template *template, const char *kind, const char *name);

/* {"component": "list"} and further tags. */
json_t *zabbix_tags(const char *component);
void zabbix_add_tag(json_t *tags, const char *tag, const char *value);

/* Takes what is at the path out of the plugin's JSON. */
json_t *zabbix_preprocessing(const char *path);
/* A further step, with one parameter. What a step can't do is an error of the item; else the value
 * is dropped, or replaced where `instead` is not NULL. */
void zabbix_add_step(json_t *steps, const char *type, const char *parameter);
void zabbix_add_dropping_step(json_t *steps, const char *type, const char *parameter);
void zabbix_add_replacing_step(json_t *steps, const char *type, const char *parameter,
                               const char *instead);
/* A text is kept when it changes, and once a day. */
void zabbix_add_text_steps(json_t *steps);
/* A number that is null has no value. */
void zabbix_add_number_steps(json_t *steps);

/* An item that depends on the check. `kind` is "item" or "prototype". */
json_t *zabbix_item(const struct zabbix_template *template, const char *kind, const char *key,
                    const char *name, const char *description);
void zabbix_set_text_type(json_t *item);
/* `unit` as the tables write it. */
void zabbix_set_number_type(json_t *item, const char *unit);

json_t *zabbix_discovery_rules(const struct zabbix_template *template);
json_t *zabbix_dashboards(const struct zabbix_template *template);

#endif
