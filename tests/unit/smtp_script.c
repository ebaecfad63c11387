#include "smtp_script.h"

#include <string.h>

static bool verb_of(struct slice word, enum smtp_verb *verb)
{
    for (int i = 0; i < SMTP_VERBS; i++) {
        if (slice_equals_text(word, smtp_verb_name((enum smtp_verb)i))) {
            *verb = (enum smtp_verb)i;
            return true;
        }
    }
    return false;
}

size_t smtp_script_read(struct arena *arena, const char *text,
                        struct smtp_step steps[static SMTP_SCRIPT_STEPS])
{
    static const char MARKS[] = "!?@*%&+"; /* in the order of the flags */
    struct slice rest = slice_of(text);
    struct slice word;
    size_t count = 0;
    while (text[0] != '\0' && slice_split(&rest, ' ', &word)) {
        size_t end = slice_find(word, '=');
        struct smtp_step step = {.argument = NULL};
        const char *mark;
        if (end < word.length) {
            step.argument = arena_copy_slice(arena, slice_sub(word, end + 1, word.length));
        }
        word = slice_sub(word, 0, end);
        while (word.length > 0 && (mark = strchr(MARKS, word.start[word.length - 1])) != NULL) {
            step.flags |= 1U << (mark - MARKS);
            word.length--;
        }
        step.keyword = arena_copy_slice(arena, word);
        if (count == SMTP_SCRIPT_STEPS || !verb_of(word, &step.verb)) {
            return SIZE_MAX;
        }
        steps[count++] = step;
    }
    return count;
}

static const char *failure_word(enum stream_failure failure)
{
    switch (failure) {
    case STREAM_CLOSED:
        return "closed";
    case STREAM_RESET:
        return "reset";
    case STREAM_TLS_FAILED:
        return "tls";
    case STREAM_REFUSED:
        return "refused";
    default:
        return "ended";
    }
}

void smtp_script_print(const struct smtp_session *session, struct text *text)
{
    static const char *const OUTCOMES[] = {
        [SMTP_NOT_ASKED] = "not-asked", [SMTP_ANSWERED] = "answered",
        [SMTP_SILENT] = "silent",       [SMTP_MALFORMED] = "malformed",
        [SMTP_ENDED] = "ended",         [SMTP_BAD_ARGUMENT] = "bad-argument",
    };
    text_clear(text);
    for (size_t i = 0; i < session->entry_count; i++) {
        const struct smtp_entry *entry = &session->entries[i];
        text_printf(text, "%s%s%s", i > 0 ? " " : "", smtp_verb_name(entry->verb),
                    entry->tls ? "+" : "");
        if (entry->outcome == SMTP_ANSWERED && entry->code != 0) {
            text_printf(text, ":%u", entry->code);
        } else if (entry->outcome != SMTP_ANSWERED) {
            text_printf(text, "=%s",
                        entry->outcome == SMTP_ENDED ? failure_word(entry->failure)
                                                     : OUTCOMES[entry->outcome]);
        }
    }
    text_append(text, session->quit_unheard ? " QUIT=unheard" : "");
}
