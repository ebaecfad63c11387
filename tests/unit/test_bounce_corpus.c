/*
 * Real bounces and replies of others, below $SHARED_DIR/data/corpora/bounces: how many are read
 * rightly. The bars are those of the issue; what is wrong is printed when BOUNCE_VERBOSE is set.
 */
#include "cases.h"

#include <stdio.h>
#include <string.h>

#include "mail/bounce_format.h"
#include "mail/bounce_message.h"
#include "mail/bounce_mime.h"
#include "mail/bounce_rules.h"
#include "mail/bounce_text.h"

static struct arena arena;
static struct bounce_rules rules;
static struct bounce_formats *formats;
static char folder[2048];

/* ---- files */

/* The whole file in `memory`; .start is NULL when there is none. */
static struct slice read_file(struct arena *memory, const char *path)
{
    FILE *file = fopen(path, "rb");
    struct slice text = {0};

    if (file == NULL)
        return text;
    if (fseek(file, 0, SEEK_END) == 0) {
        long size = ftell(file);
        char *bytes = arena_array(memory, (size_t)size + 1, 1);

        rewind(file);
        text = slice_new(bytes, fread(bytes, 1, (size_t)size, file));
    }
    (void)fclose(file);
    return text;
}

#define COLUMNS 10

/* Takes a line of a table apart. False: there is no more. */
static bool take_row(struct slice *rest, struct slice columns[COLUMNS])
{
    struct slice line;

    if (!bounce_line_take(rest, &line))
        return false;
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] = slice_of("");
        if (line.start != NULL)
            (void)slice_split(&line, '\t', &columns[i]);
    }
    return true;
}

/* ---- messages */

struct score {
    size_t messages, exact, extra;       /* of bounces and delayed: recipients */
    size_t delayed, delayed_as_failed;   /* warnings */
    size_t negatives, false_alarms;      /* what is no bounce */
    size_t complaints, complaints_right; /* kinds */
    size_t replies, replies_right;       /* groups of classes, by recipient */
    size_t words, words_right;           /* groups of replies alone */
    size_t listings, listings_right;     /* blocklist wordings */
};

static struct score score;

#define WANTED_MAX 32

struct wanted {
    const char *set;
    struct slice mailbox; /* what is not read yet; empty: the messages are files */
    char file[256];
    struct slice kind;
    struct slice recipients[WANTED_MAX];
    struct slice classes[WANTED_MAX];
    size_t count;
};

static void complain(const struct wanted *wanted, const char *what, struct slice one,
                     const char *other)
{
    if (getenv("BOUNCE_VERBOSE") != NULL)
        print_message("# %s/%s: %s: %.*s %s\n", wanted->set, wanted->file, what, SLICE_PRINTF(one),
                      other);
}

/* Whether an address is one of "a|b". */
static bool is_one_of(struct slice address, struct slice choices)
{
    struct slice choice;

    while (slice_split(&choices, '|', &choice))
        if (slice_equals_ignoring_case(choice, address))
            return true;
    return false;
}

static bool is_wanted(const struct wanted *wanted, struct slice address)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (is_one_of(address, wanted->recipients[i]))
            return true;
    return false;
}

/* One sign apart from the table's, which then has it wrong: the message is not counted as right,
 * but the address is not one too many. */
static bool is_misprint(const struct wanted *wanted, struct slice address)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (slice_distance(wanted->recipients[i], address) == 1)
            return true;
    return false;
}

static const struct bounce_recipient *find(const struct bounce_message *bounce,
                                           struct slice choices)
{
    for (size_t i = 0; i < bounce->count; i++)
        if (is_one_of(bounce->recipients[i].address, choices))
            return &bounce->recipients[i];
    return NULL;
}

static void score_recipients(const struct wanted *wanted, const struct bounce_message *bounce)
{
    bool is_exact = true;

    for (size_t i = 0; i < bounce->count; i++) {
        if (is_wanted(wanted, bounce->recipients[i].address))
            continue;
        is_exact = false;
        score.extra += is_misprint(wanted, bounce->recipients[i].address) ? 0 : 1;
        complain(wanted, "wrong address", bounce->recipients[i].address, bounce->format);
    }
    for (size_t i = 0; i < wanted->count; i++) {
        if (wanted->recipients[i].length > 0 && find(bounce, wanted->recipients[i]) == NULL) {
            is_exact = false;
            complain(wanted, "missed", wanted->recipients[i], bounce->format);
        }
    }
    score.messages++;
    score.exact += is_exact;
}

static void score_classes(const struct wanted *wanted, const struct bounce_message *bounce)
{
    for (size_t i = 0; i < wanted->count; i++) {
        enum bounce_class class = BOUNCE_UNKNOWN;
        struct bounce_verdict verdict;
        const struct bounce_recipient *recipient = find(bounce, wanted->recipients[i]);

        if (recipient == NULL || !bounce_class_parse(wanted->classes[i], &class))
            continue;
        bounce_rules_classify(&rules, &recipient->reply, &verdict);
        score.replies++;
        if (bounce_class_group(verdict.class) == bounce_class_group(class)) {
            score.replies_right++;
            continue;
        }
        complain(wanted, "class", wanted->classes[i],
                 verdict.rule != NULL ? verdict.rule->id : "unknown");
        complain(wanted, "   of", slice_sub(recipient->reply.text, 0, 300), "");
    }
}

/* The next message of a mailbox file, whose rows stand in its order. */
static struct slice take_message(struct slice *mailbox)
{
    size_t end = slice_find_text(slice_sub(*mailbox, 1, mailbox->length), "\nFrom ");
    struct slice message = slice_sub(*mailbox, 0, end + 1 < mailbox->length ? end + 2 : end + 1);

    *mailbox = slice_sub(*mailbox, message.length, mailbox->length);
    return message;
}

static void score_message(struct wanted *wanted)
{
    char path[4096];
    struct arena own;
    struct bounce_message bounce;

    if (wanted->count == 0)
        return;
    arena_init(&own);
    (void)snprintf(path, sizeof path, "%s/messages/%s/eml/%s", folder, wanted->set, wanted->file);
    struct slice text =
        wanted->mailbox.length > 0 ? take_message(&wanted->mailbox) : read_file(&own, path);
    assert_non_null(text.start);
    bounce_message_read(formats, &own, text, &bounce);
    if (slice_equals_text(wanted->kind, "bounce")) {
        if (bounce.kind != BOUNCE_KIND_FAILURE)
            complain(wanted, "a failure is", slice_of(bounce_kind_name(bounce.kind)),
                     bounce.format);
        score_recipients(wanted, &bounce);
        score_classes(wanted, &bounce);
    } else if (slice_equals_text(wanted->kind, "delayed")) {
        score.delayed++;
        if (bounce.kind != BOUNCE_KIND_DELAYED)
            complain(wanted, "a delay is", slice_of(bounce_kind_name(bounce.kind)), bounce.format);
        score.delayed_as_failed += bounce.kind == BOUNCE_KIND_FAILURE;
        score_recipients(wanted, &bounce);
    } else if (slice_equals_text(wanted->kind, "feedback")) {
        score.complaints++;
        score.complaints_right += bounce.kind == BOUNCE_KIND_COMPLAINT;
        score_recipients(wanted, &bounce);
    } else {
        score.negatives++;
        score.false_alarms += bounce.kind == BOUNCE_KIND_FAILURE ||
                              bounce.kind == BOUNCE_KIND_DELAYED ||
                              bounce.kind == BOUNCE_KIND_COMPLAINT;
        if (!slice_equals_text(wanted->kind, bounce_kind_name(bounce.kind)))
            complain(wanted, "it is", wanted->kind, bounce_kind_name(bounce.kind));
    }
    arena_release(&own);
}

static bool score_set(const char *set)
{
    char path[4096];
    struct slice columns[COLUMNS];
    struct wanted wanted = {.set = set};

    (void)snprintf(path, sizeof path, "%s/messages/%s/expected.tsv", folder, set);
    struct slice table = read_file(&arena, path);
    if (table.start == NULL || !take_row(&table, columns))
        return false;
    (void)snprintf(path, sizeof path, "%s/messages/%s/mbox-0", folder, set);
    wanted.mailbox = read_file(&arena, path);
    while (take_row(&table, columns)) {
        if (!slice_equals_text(columns[0], wanted.file)) {
            score_message(&wanted);
            (void)snprintf(wanted.file, sizeof wanted.file, "%.*s", SLICE_PRINTF(columns[0]));
            wanted.kind = columns[2];
            wanted.count = 0;
        }
        assert_true(wanted.count < WANTED_MAX);
        wanted.recipients[wanted.count] = columns[3];
        wanted.classes[wanted.count++] = columns[7];
    }
    score_message(&wanted);
    return true;
}

static void test_messages(void **state)
{
    static const char *const sets[] = {
        "sisimai",     "flufl",     "smallsets",           "mailgem",
        "mediawiki",   "negatives", "sisimai-newline-dos", "sisimai-newline-mac",
        "sisimai-mbox"};

    (void)state;
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        if (!score_set(sets[i])) {
            print_message("# %s/messages/%s is not there\n", folder, sets[i]);
            skip();
        }
    }
    print_message("# %zu messages: recipients exactly right %zu, wrong extra addresses %zu\n",
                  score.messages, score.exact, score.extra);
    print_message("# %zu warnings, %zu of them called failed; %zu negatives, %zu false alarms\n",
                  score.delayed, score.delayed_as_failed, score.negatives, score.false_alarms);
    print_message("# %zu complaints, %zu known; group right for %zu of %zu recipients\n",
                  score.complaints, score.complaints_right, score.replies_right, score.replies);
    assert_true(score.messages > 0);
    assert_true(score.exact * 100 >= score.messages * 99);
    assert_int_equal(score.extra, 0);
    assert_int_equal(score.delayed_as_failed, 0);
    assert_int_equal(score.false_alarms, 0);
    assert_int_equal(score.complaints_right, score.complaints);
    assert_true(score.replies_right * 100 >= score.replies * 90);
}

/* ---- replies alone */

static void score_reply(const struct bounce_reply *reply, struct slice wanted)
{
    enum bounce_class class = BOUNCE_UNKNOWN;
    struct bounce_verdict verdict;

    if (!bounce_class_parse(wanted, &class))
        return;
    bounce_rules_classify(&rules, reply, &verdict);
    bool is_right = bounce_class_group(verdict.class) == bounce_class_group(class);
    score.words++;
    score.words_right += is_right;
    if (class == BOUNCE_BLOCKED) {
        score.listings++;
        score.listings_right += is_right;
    }
    if (!is_right && getenv("BOUNCE_VERBOSE") != NULL)
        print_message("# %.*s is not %s: %.*s\n", SLICE_PRINTF(wanted),
                      verdict.rule != NULL ? verdict.rule->id : "unknown",
                      SLICE_PRINTF(slice_sub(reply->text, 0, 300)));
}

/* A text of a report without its message: what a host said. */
static struct slice said(struct slice text)
{
    size_t start = bounce_text_find(text, 0, "said:");

    return start < text.length ? slice_sub(text, start + 5, text.length) : text;
}

static void test_replies(void **state)
{
    char path[4096];
    struct slice columns[COLUMNS];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/responses/zonemta.tsv", folder);
    struct slice table = read_file(&arena, path);
    if (table.start == NULL || !take_row(&table, columns)) {
        print_message("# %s is not there\n", path);
        skip();
    }
    while (take_row(&table, columns))
        score_reply(&(struct bounce_reply){.text = columns[0], .host = slice_of("")}, columns[3]);
    (void)snprintf(path, sizeof path, "%s/responses/crisp/expected.tsv", folder);
    table = read_file(&arena, path);
    assert_true(table.start != NULL && take_row(&table, columns));
    while (take_row(&table, columns)) {
        (void)snprintf(path, sizeof path, "%s/responses/crisp/txt/%.*s", folder,
                       SLICE_PRINTF(columns[0]));
        struct slice text = read_file(&arena, path);

        score_reply(&(struct bounce_reply){.text = said(text), .host = columns[8]}, columns[7]);
    }
    print_message("# %zu replies: group right for %zu; blocklist wordings %zu of %zu\n",
                  score.words, score.words_right, score.listings_right, score.listings);
    assert_true(score.words_right * 100 >= score.words * 90);
    assert_true(score.listings_right * 100 >= score.listings * 98);
}

static int open_rules(void)
{
    const char *source = getenv("SRCDIR");
    const char *shared = getenv("SHARED_DIR");
    char path[4096];
    struct bounce_rules_error error;

    arena_init(&arena);
    (void)snprintf(folder, sizeof folder, "%s/data/corpora/bounces",
                   shared != NULL ? shared : "../shared");
    (void)snprintf(path, sizeof path, "%s/share/bounce-rules.conf", source != NULL ? source : ".");
    struct slice text = read_file(&arena, path);
    bounce_rules_init(&rules, &arena);
    if (text.start == NULL || !bounce_rules_read(&rules, text, "rules", &error))
        return -1;
    bounce_rules_compile(&rules);
    formats = bounce_formats_new(&arena);
    bounce_mime_open();
    return 0;
}

int main(void)
{
    struct cases cases = {0};

    if (open_rules() != 0)
        return 1;
    cases_add(&cases, "recipients, warnings, negatives and complaints of real messages",
              test_messages, NULL);
    cases_add(&cases, "groups and blocklists of real replies", test_replies, NULL);
    int result = cases_run(&cases, "bounce_corpus");
    bounce_mime_close();
    arena_release(&arena);
    return result;
}
