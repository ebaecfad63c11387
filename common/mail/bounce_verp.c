#include "mail/bounce_verp.h"

#include <stdbool.h>

#include "mail/bounce_text.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

/* The text behind the last `c` before `end`; 0: there is none. */
static size_t behind_last(struct slice text, size_t end, char c)
{
    while (end > 0 && text.start[end - 1] != c)
        end--;
    return end;
}

static struct slice skip(struct slice text, size_t count)
{
    return slice_sub(text, count, text.length);
}

/* numbers = *( 1*DIGIT "-" ) [ 4HEXDIG "-" ]          of mailings; the last only behind a number */
static struct slice without_numbers(struct slice text)
{
    bool has_number = false;

    for (;;) {
        size_t digits = 0;

        while (digits < text.length && is_digit(text.start[digits]))
            digits++;
        if (digits == 0 || digits == text.length || text.start[digits] != '-')
            break;
        text = skip(text, digits + 1);
        has_number = true;
    }
    if (has_number && text.length > 5 && text.start[4] == '-' && is_hex(text.start[0]) &&
        is_hex(text.start[1]) && is_hex(text.start[2]) && is_hex(text.start[3]))
        text = skip(text, 5);
    return text;
}

/* user = [ name "+" / name "-return-" / word "-" ] numbers local */
static struct slice user_of(struct slice text)
{
    static const char *const words[] = {"bounce-", "bounces-", "return-", "verp-"};
    size_t plus = slice_find(text, '+');
    size_t behind = bounce_text_find(text, 0, "-return-");

    if (plus < text.length)
        return without_numbers(skip(text, plus + 1));
    if (behind < text.length)
        return without_numbers(skip(text, behind + sizeof "-return-" - 1));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_starts_with_ignoring_case(text, words[i]))
            return without_numbers(skip(text, slice_of(words[i]).length));
    /* Where a name of the list ends and the user begins is not to be known. */
    return slice_find(text, '-') < text.length ? slice_of("") : text;
}

struct slice bounce_verp_recipient(struct arena *arena, struct slice address)
{
    static const char *const others[] = {"srs0", "srs1", "prvs=", "btv1="};
    size_t at = behind_last(address, address.length, '@');
    struct slice local = slice_sub(address, 0, at > 0 ? at - 1 : 0);
    size_t equals = behind_last(local, local.length, '=');

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (slice_starts_with_ignoring_case(local, others[i]))
            return slice_of("");
    if (equals == 0)
        return slice_of("");
    struct slice user = user_of(slice_sub(local, 0, equals - 1));
    struct slice domain = skip(local, equals);
    if (user.length == 0 || slice_find(domain, '.') == domain.length)
        return slice_of("");
    struct slice recipient =
        slice_of(arena_format(arena, "%.*s@%.*s", SLICE_PRINTF(user), SLICE_PRINTF(domain)));
    return bounce_address_is(recipient) ? recipient : slice_of("");
}
