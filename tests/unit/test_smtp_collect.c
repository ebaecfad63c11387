#include <string.h>

#include "cases.h"
#include "net/interfaces.h"
#include "smtp_collect.h"
#include "smtp_server.h"

#define ENOUGH_SECONDS 5

static const char ZONE[] = "mail.test A 127.0.0.1\n"
                           "1.0.0.127.in-addr.arpa PTR monitor.test\n"
                           "monitor.test A 127.0.0.1\n"
                           "9.0.0.127.in-addr.arpa PTR balancer.test\n"
                           "balancer.test A 127.0.0.9\n";

struct setting {
    struct plugin plugin;
    struct smtp_options options;
    struct smtp_targets targets;
    struct dns_answers *answers;
    struct loop *loop;
    struct smtp_collect collect;
};

static void set_up(struct setting *setting, const struct smtp_options *options)
{
    *setting = (struct setting){.options = *options, .loop = loop_new()};
    setting->answers = dns_answers_new(&setting->plugin.arena, 100);
    assert_int_equal(dns_answers_read(setting->answers, ZONE, true), 0);
    assert_null(smtp_targets_read(&setting->plugin.arena, &setting->options, &setting->targets));
    smtp_collect_targets(&setting->targets, &setting->plugin, NULL, setting->answers,
                         deadline_in(ENOUGH_SECONDS));
    smtp_collect_init(&setting->collect, &setting->plugin, &setting->targets, setting->loop, NULL,
                      setting->answers, NULL);
}

static void tear_down(struct setting *setting)
{
    smtp_collect_release(&setting->collect);
    loop_free(setting->loop);
    arena_release(&setting->plugin.arena);
}

static const struct row {
    const char *label;
    struct smtp_options options;
    const char *source, *name;
} rows[] = {
    {"the name of the address that the kernel would take",
     {.host = "mail.test"},
     "127.0.0.1",                                                                                                 "monitor.test" },
    {"--ehlo",                                             {.host = "mail.test", .ehlo = "me.test"}, "127.0.0.1", "me.test"      },
    {"the server sees the source of the PROXY header",
     {.host = "mail.test", .proxy = "v1,127.0.0.9:1,127.0.0.1:25"},
     "127.0.0.9",                                                                                                 "balancer.test"},
};

static void test_name(void **state)
{
    const struct row *row = *state;
    struct setting setting;
    char text[IP_TEXT_SIZE];
    set_up(&setting, &row->options);
    assert_int_equal(setting.targets.count, 1);
    struct ip_address source = smtp_collect_source(&setting.targets.list[0]);
    assert_string_equal(ip_print(&source, text), row->source);
    assert_string_equal(
        smtp_collect_ehlo(&setting.collect, &setting.targets.list[0], deadline_in(ENOUGH_SECONDS)),
        row->name);
    tear_down(&setting);
}

static void test_source_option(void **state)
{
    const char *sources[] = {"127.0.0.9"};
    struct setting setting;
    (void)state;
    set_up(&setting, &(struct smtp_options){
                         .host = "mail.test", .sources = {sources, 1}
    });
    assert_string_equal(
        smtp_collect_ehlo(&setting.collect, &setting.targets.list[0], deadline_in(ENOUGH_SECONDS)),
        "balancer.test");
    tear_down(&setting);
}

static void test_no_source(void **state)
{
    const struct endpoint nowhere = {.port = 25};
    const struct smtp_target path = {.stream = {.path = "/run/lmtp"}};
    (void)state;
    assert_int_equal(interfaces_source(&nowhere).family, IP_NONE);
    assert_int_equal(smtp_collect_source(&path).family, IP_NONE);
}

static void test_conversation(void **state)
{
    static const struct smtp_step steps[] = {{.verb = SMTP_VERB_EHLO}};
    struct smtp_server server = {
        .scripts = {"S220 mail.test\nCEHLO monitor.test\nS250 mail.test\nCQUIT\nS221 bye\nH\n"}};
    struct setting setting;
    struct deadline deadline = deadline_in(ENOUGH_SECONDS);
    (void)state;
    smtp_server_start(&server);
    set_up(&setting, &(struct smtp_options){.host = "mail.test", .port = server.port});
    struct smtp_session *session =
        smtp_collect_add(&setting.collect, &setting.targets.list[0], steps, 1, NULL, deadline);
    assert_true(smtp_collect_run(&setting.collect, deadline));
    smtp_server_stop(&server);
    assert_string_equal(server.problem, "");
    assert_string_equal(session->request->name, "monitor.test");
    assert_string_equal(session->request->tls.server_name, "mail.test");
    assert_true(smtp_session_is_greeted(session));
    tear_down(&setting);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_name, rows);
    cases_add(&cases, "--source is where we come from", test_source_option, NULL);
    cases_add(&cases, "no address, no source", test_no_source, NULL);
    cases_add(&cases, "a conversation with the name of our address", test_conversation, NULL);
    return cases_run(&cases, "smtp_collect");
}
