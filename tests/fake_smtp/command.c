#include "command.h"

/* Path = "<" ... ">"; a quoted string may hold a ">". */
static size_t bracket_end(struct slice text)
{
    bool quoted = false;

    for (size_t i = 1; i < text.length; i++) {
        if (text.start[i] == '\\')
            i++;
        else if (text.start[i] == '"')
            quoted = !quoted;
        else if (text.start[i] == '>' && !quoted)
            return i;
    }
    return text.length;
}

static void read_path(struct command *command, const char *prefix, size_t prefix_length)
{
    struct slice rest = command->argument;

    if (!slice_starts_with_ignoring_case(rest, prefix))
        return;
    rest = slice_trim(slice_sub(rest, prefix_length, rest.length), " \t");
    if (slice_starts_with(rest, "<")) {
        size_t end = bracket_end(rest);

        command->has_path = end < rest.length;
        command->path = slice_sub(rest, 1, end - 1);
        command->parameters = slice_trim(slice_sub(rest, end + 1, rest.length), " \t");
    } else {
        size_t end = slice_find(rest, ' ');

        command->path = slice_sub(rest, 0, end);
        command->parameters = slice_trim(slice_sub(rest, end, rest.length), " \t");
        command->has_path = command->bare_path = command->path.length > 0;
    }
    if (command->has_path && command->path.length == 0)
        command->path = SLICE_LITERAL("<>");
}

void command_parse(struct command *command, struct slice line)
{
    size_t end = 0;

    while (end < line.length && line.start[end] != ' ' && line.start[end] != '\t')
        end++;
    *command = (struct command){
        .verb = slice_sub(line, 0, end),
        .argument = slice_trim(slice_sub(line, end, line.length), " \t"),
        .path = SLICE_LITERAL(""),
        .parameters = SLICE_LITERAL(""),
    };
    command->step = step_of_verb(command->verb);
    if (command->step == STEP_MAIL)
        read_path(command, "FROM:", 5);
    else if (command->step == STEP_RCPT)
        read_path(command, "TO:", 3);
}
