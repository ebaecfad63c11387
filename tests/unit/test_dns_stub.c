/* What is left of an answer for the resolver library. */
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "cases.h"
#include "net/dns_stub.h"

#define S CASES_SLICE
/* The name x.test, and the type and class of A IN. */
#define NAME "\1x\4test\0"
#define QUESTION NAME "\0\1\0\1"
#define RECORD "\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1"

static const struct row {
    const char *label;
    struct slice message;
    struct slice stub; /* empty: there is none */
} rows[] = {
  /* clang-format off */
    {"an answer: its question is left",
     S("\x12\x34\x85\x80\0\1\0\1\0\0\0\0" QUESTION RECORD), S("\x12\x34\x80\2\0\1\0\0\0\0\0\0" QUESTION)},
    {"NXDOMAIN is no other than an answer",
     S("\x12\x34\x81\x83\0\1\0\0\0\0\0\0" QUESTION), S("\x12\x34\x80\2\0\1\0\0\0\0\0\0" QUESTION)},
    {"FORMERR stays: the server has no EDNS (RFC 6891 7)",
     S("\x12\x34\x81\x81\0\1\0\0\0\0\0\0" QUESTION), S("\x12\x34\x80\1\0\1\0\0\0\0\0\0" QUESTION)},
    {"truncation does not stay: who asks again is the caller",
     S("\x12\x34\x87\x80\0\1\0\1\0\0\0\1" QUESTION), S("\x12\x34\x80\2\0\1\0\0\0\0\0\0" QUESTION)},
    {"records that are cut off do no harm",
     S("\x12\x34\x81\x80\0\1\0\1\0\0\0\0" QUESTION "\xc0"), S("\x12\x34\x80\2\0\1\0\0\0\0\0\0" QUESTION)},
    {"the root", S("\0\1\x81\x80\0\1\0\0\0\0\0\0\0\0\2\0\1"), S("\0\1\x80\2\0\1\0\0\0\0\0\0\0\0\2\0\1")},
    {"no question", S("\x12\x34\x81\x80\0\0\0\0\0\0\0\0" QUESTION), S("")},
    {"two questions", S("\x12\x34\x81\x80\0\2\0\0\0\0\0\0" QUESTION QUESTION), S("")},
    {"256 and one questions", S("\x12\x34\x81\x80\1\1\0\0\0\0\0\0" QUESTION), S("")},
    {"a question that is compressed (RFC 1035 4.1.4)", S("\x12\x34\x81\x80\0\1\0\0\0\0\0\0\xc0\x0c\0\1\0\1"), S("")},
    {"a header that is cut", S("\x12\x34\x81\x80\0\1\0\0\0\0\0"), S("")},
    {"a header alone", S("\x12\x34\x81\x80\0\1\0\0\0\0\0\0"), S("")},
    {"a name without its end", S("\x12\x34\x81\x80\0\1\0\0\0\0\0\0\1x\4test"), S("")},
    {"a label that is longer than what came", S("\x12\x34\x81\x80\0\1\0\0\0\0\0\0\77x"), S("")},
    {"a type and half a class", S("\x12\x34\x81\x80\0\1\0\0\0\0\0\0" NAME "\0\1\0"), S("")},
    {"nothing", S(""), S("")},
  /* clang-format on */
};

static void test_row(void **state)
{
    const struct row *row = *state;
    size_t length = row->message.length;
    /* Right to the end of the memory, for the sanitizers. */
    uint8_t *memory = malloc(length + 1);
    assert_non_null(memory);
    uint8_t *message = memory + 1;
    memcpy(message, row->message.start, length);
    assert_int_equal(dns_stub_make(message, length), row->stub.length);
    if (row->stub.length > 0)
        assert_memory_equal(message, row->stub.start, row->stub.length);
    free(memory);
}

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, test_row, rows);
    return cases_run(&cases, "dns_stub");
}
