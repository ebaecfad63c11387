/*
 * Plays one dialogue of net/smtp.h, for tests of the engine against scripted servers.
 *
 *     smtp_play [-t SECONDS] [-b STAGE-SECONDS] [-a AUTHORITIES] [-k rsa|ecdsa] [-n SERVER-NAME]
 *               [-P 1|2] [-i] [-l] [-c COUNT] ADDRESS:PORT|/PATH [STEPS]
 *
 * -i: TLS first; -l: LMTP; -c: so many dialogues at once. STEPS as in tests/unit/smtp_script.h.
 * Prints for each dialogue the transcript, then, where there is something to say, lines `deviation
 * TEXT`, `clear TEXT`, `tls VERSION KEY NAME`, `alert NAME`, `error DEPTH TEXT`, `staple NUMBER`,
 * `notified`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/smtp_script.h"

#define COUNT_MAX 32

struct play {
    struct smtp_settings settings;
    struct smtp_request request;
    double seconds;
    size_t count;
};

static _Noreturn void refuse(const char *what)
{
    fprintf(stderr, "smtp_play: bad %s\n", what);
    exit(2);
}

static void read_options(int argc, char **argv, struct play *play)
{
    int option;
    while ((option = getopt(argc, argv, "t:b:a:k:n:P:ilc:")) != -1) {
        switch (option) {
        case 't':
            play->seconds = strtod(optarg, NULL);
            break;
        case 'b':
            for (int verb = 0; verb < SMTP_VERBS; verb++) {
                play->settings.budgets_us[verb] = (int64_t)(strtod(optarg, NULL) * 1e6);
            }
            break;
        case 'a':
            play->settings.authorities.file = optarg;
            break;
        case 'k':
            play->request.tls.key = strcmp(optarg, "rsa") == 0 ? TLS_KEY_RSA : TLS_KEY_ECDSA;
            break;
        case 'n':
            play->request.tls.server_name = optarg;
            break;
        case 'P':
            play->request.target.proxy = optarg[0] == '1' ? PROXY_V1 : PROXY_V2;
            break;
        case 'i':
            play->request.implicit_tls = true;
            break;
        case 'l':
            play->request.lmtp = true;
            break;
        case 'c':
            play->count = strtoul(optarg, NULL, 10) % (COUNT_MAX + 1);
            break;
        default:
            refuse("option");
        }
    }
}

static void print_tls(const struct tls_facts *tls)
{
    if (tls->outcome == TLS_ESTABLISHED && tls->chain.count > 0) {
        printf("tls %s %s %s\n", tls_version_name(tls->version),
               certificate_key_name(tls->chain.list[0].key), tls->chain.list[0].common_name);
    }
    if (tls->alert_name != NULL && tls->alert != 0) {
        printf("alert %s\n", tls->alert_name);
    }
    for (size_t i = 0; i < tls->error_count; i++) {
        printf("error %u %s\n", tls->errors[i].depth, tls->errors[i].text);
    }
    if (tls->staple != TLS_STAPLE_NONE) {
        printf("staple %d\n", (int)tls->staple);
    }
    if (tls->closed_cleanly) {
        printf("notified\n");
    }
}

static void print(const struct smtp_session *session)
{
    struct text text;
    unsigned deviations = 0;
    text_init(&text, 1000);
    smtp_script_print(session, &text);
    printf("%s\n", text.start);
    text_release(&text);
    for (size_t i = 0; i < session->entry_count; i++) {
        deviations |= session->entries[i].deviations;
    }
    for (; deviations != 0; deviations &= deviations - 1) {
        printf("deviation %s\n", smtp_deviation_text(deviations));
    }
    if (session->clear_after_starttls.length > 0) {
        struct slice clear = slice_trim(session->clear_after_starttls, "\r\n");
        printf("clear %.*s\n", SLICE_PRINTF(clear));
    }
    if (session->tls != NULL) {
        print_tls(session->tls);
    }
}

int main(int argc, char **argv)
{
    struct arena arena = {0};
    struct smtp_step steps[SMTP_SCRIPT_STEPS];
    struct smtp_session *sessions[COUNT_MAX];
    struct play play = {.seconds = 5, .count = 1, .request = {.name = "monitor.test"}};
    read_options(argc, argv, &play);
    if (optind >= argc) {
        refuse("usage");
    }
    if (argv[optind][0] == '/') {
        play.request.target.path = argv[optind];
    } else if (!endpoint_parse(slice_of(argv[optind]), &play.request.target.endpoint)) {
        refuse("address");
    }
    play.request.steps = steps;
    play.request.step_count =
        smtp_script_read(&arena, optind + 1 < argc ? argv[optind + 1] : "EHLO", steps);
    if (play.request.step_count == SIZE_MAX) {
        refuse("steps");
    }
    struct loop *loop = loop_new();
    struct smtp *smtp = smtp_open(loop, &play.settings);
    for (size_t i = 0; i < play.count; i++) {
        sessions[i] = smtp_add(smtp, &arena, &play.request);
    }
    bool is_complete = smtp_run(smtp, deadline_in(play.seconds));
    for (size_t i = 0; i < play.count; i++) {
        print(sessions[i]);
    }
    smtp_close(smtp);
    loop_free(loop);
    arena_release(&arena);
    return is_complete ? 0 : 1;
}
