#include "plugin/export.h"

bool export_format_parse(struct slice text, enum export_format *format)
{
    static const struct {
        const char *name;
        enum export_format format;
    } formats[] = {
        {"man",          EXPORT_MAN         },
        {"bash",         EXPORT_BASH        },
        {"icinga2",      EXPORT_ICINGA2     },
        {"nagios",       EXPORT_NAGIOS      },
        {"director",     EXPORT_DIRECTOR    },
        {"zabbix",       EXPORT_ZABBIX      },
        {"zabbix-agent", EXPORT_ZABBIX_AGENT},
        {"json",         EXPORT_JSON        },
    };

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (slice_equals_text_ignoring_case(text, formats[i].name)) {
            *format = formats[i].format;
            return true;
        }
    }
    return false;
}

void export_write(const struct plugin_definition *definition, enum export_format format,
                  struct arena *arena, struct text *out)
{
    switch (format) {
    case EXPORT_MAN:
        export_man(definition, arena, out);
        break;
    case EXPORT_BASH:
        export_bash(definition, arena, out);
        break;
    case EXPORT_ICINGA2:
        export_icinga2(definition, arena, out);
        break;
    case EXPORT_NAGIOS:
        export_nagios(definition, arena, out);
        break;
    case EXPORT_DIRECTOR:
        export_director(definition, arena, out);
        break;
    case EXPORT_ZABBIX:
        export_zabbix(definition, arena, out);
        break;
    case EXPORT_ZABBIX_AGENT:
        export_zabbix_agent(definition, arena, out);
        break;
    case EXPORT_JSON:
        export_json(definition, arena, out);
        break;
    }
}
