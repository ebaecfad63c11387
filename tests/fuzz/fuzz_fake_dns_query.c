/* Queries to fake_dns: none crashes it, and libldns can read each answer, which has the id and the
 * question of the query and fits what the asker takes. */
#include <ldns/ldns.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake_dns/answer.h"
#include "tests/fake_dns/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact)
{
    if (!fact)
        abort();
}

static const char rules[] = "soa test 60\n"
                            "a.test A 192.0.2.1\n"
                            "a.test A 192.0.2.2\n"
                            "a.test MX 10 mail.a.test\n"
                            "b.test CNAME c.test\n"
                            "c.test CNAME a.test\n"
                            "d.test CNAME nowhere.else\n"
                            "e.test CNAME e.test\n"
                            "f.test ANY SERVFAIL\n"
                            "g.test ANY RCODE23\n"
                            "[after=2 each] h.test A REFUSED\n"
                            "*.w.test A 127.0.0.2\n"
                            "x.y.z.test TXT \"text\"\n"
                            "[truncate] t.test A 192.0.2.3\n"
                            "[duplicate] u.test TXT \"0123456789\" \"0123456789\"\n"
                            "u.test TXT \\# 435 " /* completed below */;

static void fill(struct script *script)
{
    static const struct address listener = {
        .family = AF_INET, .octets = {127, 0, 0, 1},
             .length = 4
    };
    static char text[sizeof(rules) + 870];
    char message[SCRIPT_MESSAGE_SIZE];

    /* Two character-strings of 217 and 216 octets: the answer has 505, and no room for OPT in 512.
     */
    memcpy(text, rules, sizeof(rules));
    memset(text + sizeof(rules) - 1, '3', 870);
    memcpy(text + sizeof(rules) - 1, "D9", 2);
    memcpy(text + sizeof(rules) - 1 + 436, "D8", 2);
    script_init(script, &listener, 1);
    require(script_parse(script, "rules", slice_new(text, sizeof(rules) - 1 + 870), message));
}

static void check_answer(const struct query *query, const struct answer *answer, bool tcp)
{
    ldns_pkt *packet = NULL;

    require(ldns_wire2pkt(&packet, answer->octets, answer->length) == LDNS_STATUS_OK);
    require(ldns_pkt_id(packet) == query->id && ldns_pkt_qr(packet));
    require(tcp || answer->length <= query->udp_size);
    if (query->kind == QUERY_GOOD) {
        require(memcmp(answer->octets + DNS_HEADER_SIZE, query->message + DNS_HEADER_SIZE,
                       query->question_end - DNS_HEADER_SIZE) == 0);
        require(ldns_pkt_edns(packet) == query->has_edns);
    }
    ldns_pkt_free(packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct script script;
    static struct answer_list list;
    struct query query;

    if (script.listener_count == 0)
        fill(&script);
    query_read(&query, data, size);
    for (int tcp = 0; tcp < 2; tcp++) {
        answer_query(&script, &query, 0, tcp == 1, &list);
        require(list.count == (query.kind == QUERY_IGNORED ? 0 : 1));
        for (size_t i = 0; i < list.count; i++)
            check_answer(&query, &list.answers[i], tcp == 1);
    }
    return 0;
}
