#include "mail/bounce_provider.h"

#include <stdbool.h>
#include <string.h>

/* A host or a domain that ends with the suffix; with a dot before it only what stands below. */
struct provider_suffix {
    const char *suffix;
    const char *provider;
};

static const struct provider_suffix hosts[] = {
    {"google.com",                  "gmail.com"         },
    {"googlemail.com",              "gmail.com"         },
    {"mail.protection.outlook.com", "outlook.com"       },
    {"mx.microsoft",                "outlook.com"       },
    {"outlook.com",                 "outlook.com"       },
    {"hotmail.com",                 "outlook.com"       },
    {"office365.us",                "outlook.com"       },
    {"outlook.cn",                  "outlook.com"       },
    {"yahoodns.net",                "yahoo.com"         },
    {"yahoo.com",                   "yahoo.com"         },
    {"yahoo.co.jp",                 "yahoo.co.jp"       },
    {"aol.com",                     "yahoo.com"         },
    {"mail.icloud.com",             "icloud.com"        },
    {"icloud.com",                  "icloud.com"        },
    {"apple.com",                   "icloud.com"        },
    {"t-online.de",                 "t-online.de"       },
    {"web.de",                      "gmx.net"           },
    {"gmx.net",                     "gmx.net"           },
    {"mail.com",                    "gmx.net"           },
    {"kundenserver.de",             "ionos.com"         },
    {"1and1.com",                   "ionos.com"         },
    {"ionos.com",                   "ionos.com"         },
    {"strato.de",                   "strato.de"         },
    {"rzone.de",                    "strato.de"         },
    {"pphosted.com",                "proofpoint.com"    },
    {"ppe-hosted.com",              "proofpoint.com"    },
    {"gpphosted.com",               "proofpoint.com"    },
    {"mimecast.com",                "mimecast.com"      },
    {"mimecast.co.za",              "mimecast.com"      },
    {"messagelabs.com",             "messagelabs.com"   },
    {"barracudanetworks.com",       "barracuda.com"     },
    {"iphmx.com",                   "cisco.com"         },
    {"trendmicro.com",              "trendmicro.com"    },
    {"trendmicro.eu",               "trendmicro.com"    },
    {"fireeyecloud.com",            "trellix.com"       },
    {"sophos.com",                  "sophos.com"        },
    {"mailcontrol.com",             "forcepoint.com"    },
    {"hornetsecurity.com",          "hornetsecurity.com"},
    {"antispamcloud.com",           "n-able.com"        },
    {"mailspamprotection.com",      "siteground.com"    },
    {"mx.cloudflare.net",           "cloudflare.net"    },
    {"mailgun.org",                 "mailgun.org"       },
    {"amazonaws.com",               "amazonaws.com"     },
    {"awsapps.com",                 "amazonaws.com"     },
    {"zoho.com",                    "zoho.com"          },
    {"zoho.eu",                     "zoho.com"          },
    {"zoho.in",                     "zoho.com"          },
    {"protonmail.ch",               "proton.me"         },
    {"proton.me",                   "proton.me"         },
    {"messagingengine.com",         "fastmail.com"      },
    {"registrar-servers.com",       "namecheap.com"     },
    {"privateemail.com",            "namecheap.com"     },
    {"secureserver.net",            "secureserver.net"  },
    {"emailsrvr.com",               "rackspace.com"     },
    {"ovh.net",                     "ovh.net"           },
    {"ovh.ca",                      "ovh.net"           },
    {"gandi.net",                   "gandi.net"         },
    {"infomaniak.ch",               "infomaniak.com"    },
    {"mail.ru",                     "mail.ru"           },
    {"yandex.ru",                   "yandex.ru"         },
    {"yandex.net",                  "yandex.ru"         },
    {"rambler.ru",                  "rambler.ru"        },
    {"qq.com",                      "qq.com"            },
    {"netease.com",                 "163.com"           },
    {"163.com",                     "163.com"           },
    {"126.com",                     "163.com"           },
    {"aliyun.com",                  "aliyun.com"        },
    {"mxhichina.com",               "aliyun.com"        },
    {"sina.com.cn",                 "sina.com"          },
    {"naver.com",                   "naver.com"         },
    {"daum.net",                    "daum.net"          },
    {"kakao.com",                   "daum.net"          },
    {"docomo.ne.jp",                "docomo.ne.jp"      },
    {"spmode.ne.jp",                "docomo.ne.jp"      },
    {"ezweb.ne.jp",                 "au.com"            },
    {"au.com",                      "au.com"            },
    {"softbank.ne.jp",              "softbank.ne.jp"    },
    {"biglobe.ne.jp",               "biglobe.ne.jp"     },
    {"nifty.com",                   "nifty.com"         },
    {"comcast.net",                 "comcast.net"       },
    {"charter.net",                 "charter.net"       },
    {"spectrum.com",                "charter.net"       },
    {"rr.com",                      "charter.net"       },
    {"cox.net",                     "cox.net"           },
    {"att.net",                     "att.net"           },
    {"prodigy.net",                 "att.net"           },
    {"bellsouth.net",               "att.net"           },
    {"verizon.net",                 "yahoo.com"         },
    {"orange.fr",                   "orange.fr"         },
    {"wanadoo.fr",                  "orange.fr"         },
    {"free.fr",                     "free.fr"           },
    {"laposte.net",                 "laposte.net"       },
    {"sfr.fr",                      "sfr.fr"            },
    {"bbox.fr",                     "bouyguestelecom.fr"},
    {"libero.it",                   "libero.it"         },
    {"tim.it",                      "tim.it"            },
    {"aruba.it",                    "aruba.it"          },
    {"seznam.cz",                   "seznam.cz"         },
    {"wp.pl",                       "wp.pl"             },
    {"onet.pl",                     "onet.pl"           },
    {"interia.pl",                  "interia.pl"        },
    {"bluewin.ch",                  "bluewin.ch"        },
    {"freenet.de",                  "freenet.de"        },
    {"btinternet.com",              "bt.com"            },
    {"bt.com",                      "bt.com"            },
    {"virginmedia.com",             "virginmedia.com"   },
    {"sky.com",                     "sky.com"           },
    {"ziggo.nl",                    "ziggo.nl"          },
    {"kpnmail.nl",                  "kpn.com"           },
    {"telenet.be",                  "telenet.be"        },
    {"uol.com.br",                  "uol.com.br"        },
    {"terra.com.br",                "terra.com.br"      },
    {"locaweb.com.br",              "locaweb.com.br"    },
    {"tutanota.de",                 "tuta.com"          },
    {"mailbox.org",                 "mailbox.org"       },
    {"posteo.de",                   "posteo.de"         },
};

static const struct provider_suffix domains[] = {
    {"gmail.com",      "gmail.com"     },
    {"googlemail.com", "gmail.com"     },
    {"outlook.com",    "outlook.com"   },
    {"outlook.de",     "outlook.com"   },
    {"outlook.fr",     "outlook.com"   },
    {"outlook.jp",     "outlook.com"   },
    {"hotmail.com",    "outlook.com"   },
    {"hotmail.co.uk",  "outlook.com"   },
    {"hotmail.de",     "outlook.com"   },
    {"hotmail.es",     "outlook.com"   },
    {"hotmail.fr",     "outlook.com"   },
    {"hotmail.it",     "outlook.com"   },
    {"live.com",       "outlook.com"   },
    {"live.co.uk",     "outlook.com"   },
    {"live.de",        "outlook.com"   },
    {"live.fr",        "outlook.com"   },
    {"live.nl",        "outlook.com"   },
    {"msn.com",        "outlook.com"   },
    {"yahoo.com",      "yahoo.com"     },
    {"yahoo.co.in",    "yahoo.com"     },
    {"yahoo.co.uk",    "yahoo.com"     },
    {"yahoo.com.br",   "yahoo.com"     },
    {"yahoo.de",       "yahoo.com"     },
    {"yahoo.es",       "yahoo.com"     },
    {"yahoo.fr",       "yahoo.com"     },
    {"yahoo.it",       "yahoo.com"     },
    {"ymail.com",      "yahoo.com"     },
    {"rocketmail.com", "yahoo.com"     },
    {"aol.com",        "yahoo.com"     },
    {"verizon.net",    "yahoo.com"     },
    {"yahoo.co.jp",    "yahoo.co.jp"   },
    {"icloud.com",     "icloud.com"    },
    {"me.com",         "icloud.com"    },
    {"mac.com",        "icloud.com"    },
    {"gmx.de",         "gmx.net"       },
    {"gmx.net",        "gmx.net"       },
    {"gmx.at",         "gmx.net"       },
    {"gmx.ch",         "gmx.net"       },
    {"gmx.com",        "gmx.net"       },
    {"web.de",         "gmx.net"       },
    {"mail.com",       "gmx.net"       },
    {"proton.me",      "proton.me"     },
    {"protonmail.com", "proton.me"     },
    {"pm.me",          "proton.me"     },
    {"mail.ru",        "mail.ru"       },
    {"bk.ru",          "mail.ru"       },
    {"inbox.ru",       "mail.ru"       },
    {"list.ru",        "mail.ru"       },
    {"yandex.ru",      "yandex.ru"     },
    {"yandex.com",     "yandex.ru"     },
    {"ya.ru",          "yandex.ru"     },
    {"qq.com",         "qq.com"        },
    {"foxmail.com",    "qq.com"        },
    {"163.com",        "163.com"       },
    {"126.com",        "163.com"       },
    {"yeah.net",       "163.com"       },
    {"docomo.ne.jp",   "docomo.ne.jp"  },
    {"ezweb.ne.jp",    "au.com"        },
    {"au.com",         "au.com"        },
    {"softbank.ne.jp", "softbank.ne.jp"},
    {"i.softbank.jp",  "softbank.ne.jp"},
    {"orange.fr",      "orange.fr"     },
    {"wanadoo.fr",     "orange.fr"     },
    {"sbcglobal.net",  "att.net"       },
    {"bellsouth.net",  "att.net"       },
    {"att.net",        "att.net"       },
};

/* Whether `name` is the suffix or ends with a dot and the suffix. */
static bool is_below(struct slice name, const char *suffix)
{
    size_t length = strlen(suffix);

    if (!slice_ends_with_ignoring_case(name, suffix))
        return false;
    return name.length == length || name.start[name.length - length - 1] == '.';
}

static struct slice without_dot(struct slice name)
{
    if (name.length > 0 && name.start[name.length - 1] == '.')
        name.length--;
    return name;
}

const char *bounce_provider_of_host(struct slice host)
{
    host = without_dot(host);
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        if (is_below(host, hosts[i].suffix))
            return hosts[i].provider;
    return NULL;
}

const char *bounce_provider_of_domain(struct slice domain)
{
    domain = without_dot(domain);
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++)
        if (slice_equals_text_ignoring_case(domain, domains[i].suffix))
            return domains[i].provider;
    return NULL;
}

struct slice bounce_provider(struct slice host, struct slice recipient)
{
    const char *name = bounce_provider_of_host(host);
    size_t at = recipient.length;

    while (at > 0 && recipient.start[at - 1] != '@')
        at--;
    struct slice domain =
        at > 0 ? without_dot(slice_sub(recipient, at, recipient.length)) : slice_of("");
    if (name == NULL)
        name = bounce_provider_of_domain(domain);
    return name != NULL ? slice_of(name) : domain;
}
