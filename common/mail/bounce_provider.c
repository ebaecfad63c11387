#include "mail/bounce_provider.h"

#include <stdbool.h>

/* A host or a domain that ends with the suffix; with a dot before it only what stands below. */
struct provider_suffix {
    struct slice suffix;
    const char *provider;
};
/* clang-format off */
#define SUFFIX(suffix, provider) {{suffix, sizeof suffix - 1}, provider}
/* clang-format on */

static const struct provider_suffix hosts[] = {
    SUFFIX("google.com", "gmail.com"),
    SUFFIX("googlemail.com", "gmail.com"),
    SUFFIX("mail.protection.outlook.com", "outlook.com"),
    SUFFIX("mx.microsoft", "outlook.com"),
    SUFFIX("outlook.com", "outlook.com"),
    SUFFIX("hotmail.com", "outlook.com"),
    SUFFIX("office365.us", "outlook.com"),
    SUFFIX("outlook.cn", "outlook.com"),
    SUFFIX("yahoodns.net", "yahoo.com"),
    SUFFIX("yahoo.com", "yahoo.com"),
    SUFFIX("yahoo.co.jp", "yahoo.co.jp"),
    SUFFIX("aol.com", "yahoo.com"),
    SUFFIX("mail.icloud.com", "icloud.com"),
    SUFFIX("icloud.com", "icloud.com"),
    SUFFIX("apple.com", "icloud.com"),
    SUFFIX("t-online.de", "t-online.de"),
    SUFFIX("web.de", "gmx.net"),
    SUFFIX("gmx.net", "gmx.net"),
    SUFFIX("mail.com", "gmx.net"),
    SUFFIX("kundenserver.de", "ionos.com"),
    SUFFIX("1and1.com", "ionos.com"),
    SUFFIX("ionos.com", "ionos.com"),
    SUFFIX("strato.de", "strato.de"),
    SUFFIX("rzone.de", "strato.de"),
    SUFFIX("pphosted.com", "proofpoint.com"),
    SUFFIX("ppe-hosted.com", "proofpoint.com"),
    SUFFIX("gpphosted.com", "proofpoint.com"),
    SUFFIX("mimecast.com", "mimecast.com"),
    SUFFIX("mimecast.co.za", "mimecast.com"),
    SUFFIX("messagelabs.com", "messagelabs.com"),
    SUFFIX("barracudanetworks.com", "barracuda.com"),
    SUFFIX("iphmx.com", "cisco.com"),
    SUFFIX("trendmicro.com", "trendmicro.com"),
    SUFFIX("trendmicro.eu", "trendmicro.com"),
    SUFFIX("fireeyecloud.com", "trellix.com"),
    SUFFIX("sophos.com", "sophos.com"),
    SUFFIX("mailcontrol.com", "forcepoint.com"),
    SUFFIX("hornetsecurity.com", "hornetsecurity.com"),
    SUFFIX("antispamcloud.com", "n-able.com"),
    SUFFIX("mailspamprotection.com", "siteground.com"),
    SUFFIX("mx.cloudflare.net", "cloudflare.net"),
    SUFFIX("mailgun.org", "mailgun.org"),
    SUFFIX("amazonaws.com", "amazonaws.com"),
    SUFFIX("awsapps.com", "amazonaws.com"),
    SUFFIX("zoho.com", "zoho.com"),
    SUFFIX("zoho.eu", "zoho.com"),
    SUFFIX("zoho.in", "zoho.com"),
    SUFFIX("protonmail.ch", "proton.me"),
    SUFFIX("proton.me", "proton.me"),
    SUFFIX("messagingengine.com", "fastmail.com"),
    SUFFIX("registrar-servers.com", "namecheap.com"),
    SUFFIX("privateemail.com", "namecheap.com"),
    SUFFIX("secureserver.net", "secureserver.net"),
    SUFFIX("emailsrvr.com", "rackspace.com"),
    SUFFIX("ovh.net", "ovh.net"),
    SUFFIX("ovh.ca", "ovh.net"),
    SUFFIX("gandi.net", "gandi.net"),
    SUFFIX("infomaniak.ch", "infomaniak.com"),
    SUFFIX("mail.ru", "mail.ru"),
    SUFFIX("yandex.ru", "yandex.ru"),
    SUFFIX("yandex.net", "yandex.ru"),
    SUFFIX("rambler.ru", "rambler.ru"),
    SUFFIX("qq.com", "qq.com"),
    SUFFIX("netease.com", "163.com"),
    SUFFIX("163.com", "163.com"),
    SUFFIX("126.com", "163.com"),
    SUFFIX("aliyun.com", "aliyun.com"),
    SUFFIX("mxhichina.com", "aliyun.com"),
    SUFFIX("sina.com.cn", "sina.com"),
    SUFFIX("naver.com", "naver.com"),
    SUFFIX("daum.net", "daum.net"),
    SUFFIX("kakao.com", "daum.net"),
    SUFFIX("docomo.ne.jp", "docomo.ne.jp"),
    SUFFIX("spmode.ne.jp", "docomo.ne.jp"),
    SUFFIX("ezweb.ne.jp", "au.com"),
    SUFFIX("au.com", "au.com"),
    SUFFIX("softbank.ne.jp", "softbank.ne.jp"),
    SUFFIX("biglobe.ne.jp", "biglobe.ne.jp"),
    SUFFIX("nifty.com", "nifty.com"),
    SUFFIX("comcast.net", "comcast.net"),
    SUFFIX("charter.net", "charter.net"),
    SUFFIX("spectrum.com", "charter.net"),
    SUFFIX("rr.com", "charter.net"),
    SUFFIX("cox.net", "cox.net"),
    SUFFIX("att.net", "att.net"),
    SUFFIX("prodigy.net", "att.net"),
    SUFFIX("bellsouth.net", "att.net"),
    SUFFIX("verizon.net", "yahoo.com"),
    SUFFIX("orange.fr", "orange.fr"),
    SUFFIX("wanadoo.fr", "orange.fr"),
    SUFFIX("free.fr", "free.fr"),
    SUFFIX("laposte.net", "laposte.net"),
    SUFFIX("sfr.fr", "sfr.fr"),
    SUFFIX("bbox.fr", "bouyguestelecom.fr"),
    SUFFIX("libero.it", "libero.it"),
    SUFFIX("tim.it", "tim.it"),
    SUFFIX("aruba.it", "aruba.it"),
    SUFFIX("seznam.cz", "seznam.cz"),
    SUFFIX("wp.pl", "wp.pl"),
    SUFFIX("onet.pl", "onet.pl"),
    SUFFIX("interia.pl", "interia.pl"),
    SUFFIX("bluewin.ch", "bluewin.ch"),
    SUFFIX("freenet.de", "freenet.de"),
    SUFFIX("btinternet.com", "bt.com"),
    SUFFIX("bt.com", "bt.com"),
    SUFFIX("virginmedia.com", "virginmedia.com"),
    SUFFIX("sky.com", "sky.com"),
    SUFFIX("ziggo.nl", "ziggo.nl"),
    SUFFIX("kpnmail.nl", "kpn.com"),
    SUFFIX("telenet.be", "telenet.be"),
    SUFFIX("uol.com.br", "uol.com.br"),
    SUFFIX("terra.com.br", "terra.com.br"),
    SUFFIX("locaweb.com.br", "locaweb.com.br"),
    SUFFIX("tutanota.de", "tuta.com"),
    SUFFIX("mailbox.org", "mailbox.org"),
    SUFFIX("posteo.de", "posteo.de"),
};

static const struct provider_suffix domains[] = {
    SUFFIX("gmail.com", "gmail.com"),
    SUFFIX("googlemail.com", "gmail.com"),
    SUFFIX("outlook.com", "outlook.com"),
    SUFFIX("outlook.de", "outlook.com"),
    SUFFIX("outlook.fr", "outlook.com"),
    SUFFIX("outlook.jp", "outlook.com"),
    SUFFIX("hotmail.com", "outlook.com"),
    SUFFIX("hotmail.co.uk", "outlook.com"),
    SUFFIX("hotmail.de", "outlook.com"),
    SUFFIX("hotmail.es", "outlook.com"),
    SUFFIX("hotmail.fr", "outlook.com"),
    SUFFIX("hotmail.it", "outlook.com"),
    SUFFIX("live.com", "outlook.com"),
    SUFFIX("live.co.uk", "outlook.com"),
    SUFFIX("live.de", "outlook.com"),
    SUFFIX("live.fr", "outlook.com"),
    SUFFIX("live.nl", "outlook.com"),
    SUFFIX("msn.com", "outlook.com"),
    SUFFIX("yahoo.com", "yahoo.com"),
    SUFFIX("yahoo.co.in", "yahoo.com"),
    SUFFIX("yahoo.co.uk", "yahoo.com"),
    SUFFIX("yahoo.com.br", "yahoo.com"),
    SUFFIX("yahoo.de", "yahoo.com"),
    SUFFIX("yahoo.es", "yahoo.com"),
    SUFFIX("yahoo.fr", "yahoo.com"),
    SUFFIX("yahoo.it", "yahoo.com"),
    SUFFIX("ymail.com", "yahoo.com"),
    SUFFIX("rocketmail.com", "yahoo.com"),
    SUFFIX("aol.com", "yahoo.com"),
    SUFFIX("verizon.net", "yahoo.com"),
    SUFFIX("yahoo.co.jp", "yahoo.co.jp"),
    SUFFIX("icloud.com", "icloud.com"),
    SUFFIX("me.com", "icloud.com"),
    SUFFIX("mac.com", "icloud.com"),
    SUFFIX("gmx.de", "gmx.net"),
    SUFFIX("gmx.net", "gmx.net"),
    SUFFIX("gmx.at", "gmx.net"),
    SUFFIX("gmx.ch", "gmx.net"),
    SUFFIX("gmx.com", "gmx.net"),
    SUFFIX("web.de", "gmx.net"),
    SUFFIX("mail.com", "gmx.net"),
    SUFFIX("proton.me", "proton.me"),
    SUFFIX("protonmail.com", "proton.me"),
    SUFFIX("pm.me", "proton.me"),
    SUFFIX("mail.ru", "mail.ru"),
    SUFFIX("bk.ru", "mail.ru"),
    SUFFIX("inbox.ru", "mail.ru"),
    SUFFIX("list.ru", "mail.ru"),
    SUFFIX("yandex.ru", "yandex.ru"),
    SUFFIX("yandex.com", "yandex.ru"),
    SUFFIX("ya.ru", "yandex.ru"),
    SUFFIX("qq.com", "qq.com"),
    SUFFIX("foxmail.com", "qq.com"),
    SUFFIX("163.com", "163.com"),
    SUFFIX("126.com", "163.com"),
    SUFFIX("yeah.net", "163.com"),
    SUFFIX("docomo.ne.jp", "docomo.ne.jp"),
    SUFFIX("ezweb.ne.jp", "au.com"),
    SUFFIX("au.com", "au.com"),
    SUFFIX("softbank.ne.jp", "softbank.ne.jp"),
    SUFFIX("i.softbank.jp", "softbank.ne.jp"),
    SUFFIX("orange.fr", "orange.fr"),
    SUFFIX("wanadoo.fr", "orange.fr"),
    SUFFIX("sbcglobal.net", "att.net"),
    SUFFIX("bellsouth.net", "att.net"),
    SUFFIX("att.net", "att.net"),
};

/* Whether `name` is the suffix or ends with a dot and the suffix. */
static bool is_below(struct slice name, struct slice suffix)
{
    if (name.length < suffix.length ||
        (name.length > suffix.length && name.start[name.length - suffix.length - 1] != '.'))
        return false;
    return slice_equals_ignoring_case(slice_sub(name, name.length - suffix.length, suffix.length),
                                      suffix);
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
        if (slice_equals_ignoring_case(domain, domains[i].suffix))
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
