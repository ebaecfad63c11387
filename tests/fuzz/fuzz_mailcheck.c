/*
 * What mailcheck makes of a plugin's JSON: read, judged, shown to a person and drawn as a page. The
 * first octet says which plugin it is from; it is at once its table of findings.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mailcheck/mailcheck.h"
#include "mailcheck/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nothing but our own markup: no element, no attribute that is not ours, no raw control. */
static void require_safe_page(const struct text *page)
{
    static const char *const never[] = {"<img", "<script>", "<!--", "\033"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        if (strstr(page->start, never[i]) != NULL)
            abort();
    }
    size_t scripts = 0;
    for (const char *at = page->start; (at = strstr(at, "<script")) != NULL; at++)
        scripts++;
    if (scripts != 1)
        abort();
}

static void require_safe_text(const struct text *text)
{
    for (size_t i = 0; i < text->length; i++) {
        unsigned char octet = (unsigned char)text->start[i];
        if ((octet < ' ' && octet != '\n') || octet == 0x7f)
            abort();
    }
}

static void look(struct mailcheck_facts *facts)
{
    struct report report;
    struct text out;
    const struct mailcheck_style style = {.width = 80};
    report_init(&report, facts->arena, &mailcheck_definition.tables);
    mailcheck_items(facts);
    mailcheck_judge(facts, STATE_UNKNOWN, &report);
    text_init(&out, PAGE_MAX);
    mailcheck_show(facts, &style, &out);
    require_safe_text(&out);
    text_clear(&out);
    if (page_print(facts, 0, &out))
        require_safe_page(&out);
    text_release(&out);
    report_release(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ip_address address = {
        .family = IP_V4, .bytes = {192, 0, 2, 1}
    };
    struct arena arena;
    if (size < 2 || size > 20000)
        return 0;
    const char *service = mailcheck_services[data[0] % MAILCHECK_SERVICES];
    struct slice json = slice_new((const char *)data + 1, size - 1);
    arena_init(&arena);
    struct exchanger exchanger = {
        .host = "mx1.example.org",
        .addresses = &address,
        .address_count = 1,
        .is_resolved = true,
    };
    struct processes_job job = {.outcome = PROCESSES_EXITED};
    text_init(&job.output, PROCESSES_OUTPUT_MAX);
    text_append_slice(&job.output, json);
    const char *argv[] = {"/plugins/check", "", "", NULL};
    struct mailcheck_check check = {
        .argv = argv,
        .service = service,
        .plugin = arena_format(&arena, "check_%s", service),
        .target = "example.org",
        .job = &job,
    };
    check.object = mailcheck_read(json, check.plugin, &check.state);
    struct mailcheck_subject subject = {
        .name = "example.org",
        .exchangers = {.status = EXCHANGERS_FOUND, .list = &exchanger, .count = 1},
        .checks = &check,
        .check_count = 1,
    };
    struct mailcheck_facts facts = {
        .arena = &arena,
        .subjects = &subject,
        .subject_count = 1,
    };
    look(&facts);
    json_decref(check.object);
    text_release(&job.output);
    arena_release(&arena);
    return 0;
}
