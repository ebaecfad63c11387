#include <string.h>

#include "cases.h"
#include "net/tls_probe.h"
#include "smtp_server.h"

#define ENOUGH_SECONDS 5
#define MANY 100 /* more than are under way at a time */
#define MILLISECOND 1000

struct fixture {
    struct arena arena;
    struct tls_probe_settings settings;
    struct smtp_server server;
    struct tls_probe probes[MANY];
};

static void fixture_open(struct fixture *f, const char *script)
{
    char error[128];
    memset(f, 0, sizeof *f);
    f->server.scripts[0] = script;
    arena_init(&f->arena);
    smtp_server_start(&f->server);
    f->settings = (struct tls_probe_settings){
        .loop = loop_new(),
        .context = tls_context_new(&(struct tls_authorities){0}, error),
        .arena = &f->arena,
    };
    assert_non_null(f->settings.context);
    for (size_t i = 0; i < MANY; i++) {
        f->probes[i].host = "mail.test";
        assert_true(endpoint_parse(slice_of("127.0.0.1"), &f->probes[i].target.endpoint));
        f->probes[i].target.endpoint.port = f->server.port;
    }
}

static void fixture_close(struct fixture *f)
{
    tls_context_free(f->settings.context);
    loop_free(f->settings.loop);
    arena_release(&f->arena);
}

/* ---- one server */

static const struct row {
    const char *label;
    const char *script;
    int budget, deadline; /* milliseconds */
    enum tls_probe_outcome outcome;
    enum tls_outcome handshake;
} rows[] = {
    {"a greeting in clear is no TLS",                     "S220 mail.test\nH\n", 5000, 9000, TLS_PROBE_NO_HANDSHAKE,
     TLS_NOT_TLS                                                                                                            },
    {"the end of the connection",                         "",                    5000, 9000, TLS_PROBE_NO_HANDSHAKE, TLS_CUT},
    {"silence longer than the budget is the server's",    "H\n",                 50,   9000, TLS_PROBE_SILENT,
     TLS_PENDING                                                                                                            },
    {"the deadline before the budget is up says nothing", "H\n",                 9000, 50,   TLS_PROBE_CUT_SHORT,
     TLS_PENDING                                                                                                            },
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct fixture f;
    fixture_open(&f, row->script);
    f.settings.budget_us = (int64_t)row->budget * MILLISECOND;
    tls_probe_run(&f.settings, f.probes, 1, deadline_in(row->deadline / 1e3));
    assert_int_equal(f.probes[0].outcome, row->outcome);
    assert_non_null(f.probes[0].tls);
    assert_int_equal(f.probes[0].tls->outcome, row->handshake);
    assert_false(tls_probe_is_ours(&f.probes[0]));
    smtp_server_stop(&f.server);
    fixture_close(&f);
}

/* ---- many */

static void test_many(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f, NULL);
    smtp_server_stop(&f.server);
    f.settings.budget_us = (int64_t)ENOUGH_SECONDS * 1000 * MILLISECOND;
    tls_probe_run(&f.settings, f.probes, MANY, deadline_in(ENOUGH_SECONDS * 2));
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(f.probes[i].outcome, TLS_PROBE_NOT_CONNECTED);
        assert_int_equal(f.probes[i].failure, STREAM_REFUSED);
        assert_null(f.probes[i].tls);
    }
    fixture_close(&f);
}

static void test_too_late(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f, NULL);
    smtp_server_stop(&f.server);
    f.settings.budget_us = MILLISECOND;
    tls_probe_run(&f.settings, f.probes, MANY, deadline_in(0));
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(f.probes[i].outcome, TLS_PROBE_NOT_ASKED);
    fixture_close(&f);
}

static void test_no_source(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f, NULL);
    smtp_server_stop(&f.server);
    f.settings.budget_us = (int64_t)ENOUGH_SECONDS * 1000 * MILLISECOND;
    assert_true(ip_parse(slice_of("192.0.2.1"), &f.probes[0].target.source));
    tls_probe_run(&f.settings, f.probes, 1, deadline_in(ENOUGH_SECONDS * 2));
    assert_int_equal(f.probes[0].outcome, TLS_PROBE_NOT_CONNECTED);
    assert_int_equal(f.probes[0].failure, STREAM_NO_SOURCE);
    assert_true(tls_probe_is_ours(&f.probes[0]));
    fixture_close(&f);
}

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "more than are under way at a time", test_many, NULL);
    cases_add(&cases, "none is asked when the time is up", test_too_late, NULL);
    cases_add(&cases, "a source address that is not this host's is our trouble", test_no_source,
              NULL);
    return cases_run(&cases, "tls_probe");
}
