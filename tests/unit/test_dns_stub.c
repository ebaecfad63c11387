/* What the resolver library sees of a question and its answer. */
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
#define OPT "\0\0\x29\4\xd0\0\0\0\0\0\0"
#define LABEL_31 "0123456789012345678901234567890"
#define LABELS_7                                                                                   \
    "\37" LABEL_31 "\37" LABEL_31 "\37" LABEL_31 "\37" LABEL_31 "\37" LABEL_31 "\37" LABEL_31      \
    "\37" LABEL_31

/* A copy that ends where its memory ends, for the sanitizers. */
static uint8_t *copy(const struct slice *message, uint8_t **memory)
{
    *memory = malloc(message->length + 1);
    assert_non_null(*memory);
    memcpy(*memory + 1, message->start, message->length);
    return *memory + 1;
}

/* ---- the question */

static const struct row {
    const char *label;
    struct slice message;
    struct slice stub; /* empty: there is none */
} rows[] = {
  /* clang-format off */
    {"a question: its id, name, type and class are left",
     S("\x12\x34\1\0\0\1\0\0\0\0\0\1" QUESTION OPT), S("\x12\x34\0\0\0\1\0\0\0\0\0\0" QUESTION)},
    {"octets that are none of host names are others, case is left",
     S("\0\1\1\0\0\1\0\0\0\0\0\0\3a:B\5%{i}.\0\0\1\0\1"), S("\0\1\0\0\0\1\0\0\0\0\0\0\3axB\5xxixx\0\0\1\0\1")},
    {"a dot, an asterisk, a slash, NUL, a space and an octet above 127 in a label",
     S("\0\1\1\0\0\1\0\0\0\0\0\0\7.*/\0 \xff_\0\0\1\0\1"), S("\0\1\0\0\0\1\0\0\0\0\0\0\7xxxxxx_\0\0\1\0\1")},
    {"the root", S("\0\1\1\0\0\1\0\0\0\0\0\0\0\0\2\0\1"), S("\0\1\0\0\0\1\0\0\0\0\0\0\0\0\2\0\1")},
    {"a name of 255 octets (RFC 1035 3.1)",
     S("\0\1\1\0\0\1\0\0\0\0\0\0" LABELS_7 "\35" "01234567890123456789012345678" "\0\0\1\0\1"),
     S("\0\1\0\0\0\1\0\0\0\0\0\0" LABELS_7 "\35" "01234567890123456789012345678" "\0\0\1\0\1")},
    {"a name of 256 octets", S("\0\1\1\0\0\1\0\0\0\0\0\0" LABELS_7 "\36" "012345678901234567890123456789" "\0\0\1\0\1"), S("")},
    {"no question", S("\x12\x34\1\0\0\0\0\0\0\0\0\0" QUESTION), S("")},
    {"two questions", S("\x12\x34\1\0\0\2\0\0\0\0\0\0" QUESTION QUESTION), S("")},
    {"256 and one questions", S("\x12\x34\1\0\1\1\0\0\0\0\0\0" QUESTION), S("")},
    {"a question that is compressed (RFC 1035 4.1.4)", S("\x12\x34\1\0\0\1\0\0\0\0\0\0\xc0\x0c\0\1\0\1"), S("")},
    {"a header that is cut", S("\x12\x34\1\0\0\1\0\0\0\0\0"), S("")},
    {"a header alone", S("\x12\x34\1\0\0\1\0\0\0\0\0\0"), S("")},
    {"a name without its end", S("\x12\x34\1\0\0\1\0\0\0\0\0\0\1x\4test"), S("")},
    {"a label that is longer than what came", S("\x12\x34\1\0\0\1\0\0\0\0\0\0\77x"), S("")},
    {"a type and half a class", S("\x12\x34\1\0\0\1\0\0\0\0\0\0" NAME "\0\1\0"), S("")},
    {"nothing", S(""), S("")},
  /* clang-format on */
};

static void test_row(void **state)
{
    const struct row *row = *state;
    uint8_t stub[DNS_STUB_MAX];
    uint8_t *memory;
    const uint8_t *message = copy(&row->message, &memory);
    assert_int_equal(dns_stub_make(message, row->message.length, stub), row->stub.length);
    if (row->stub.length > 0)
        assert_memory_equal(stub, row->stub.start, row->stub.length);
    free(memory);
}

static void test_answer_stub(void **state)
{
    static const struct slice query = S("\x12\x34\1\0\0\1\0\0\0\0\0\0" QUESTION);
    uint8_t stub[DNS_STUB_MAX];
    (void)state;
    size_t length = dns_stub_make((const uint8_t *)query.start, query.length, stub);
    dns_stub_answer(stub);
    assert_int_equal(length, query.length);
    assert_memory_equal(stub, "\x12\x34\x80\2\0\1\0\0\0\0\0\0" QUESTION, length);
}

/* ---- whose answer it is */

static const struct answer_row {
    const char *label;
    struct slice message;
    bool is_answer; /* to x.test A, id 0x1234 */
} answer_rows[] = {
  /* clang-format off */
    {"an answer", S("\x12\x34\x85\x80\0\1\0\1\0\0\0\0" QUESTION RECORD), true},
    {"an answer that is cut behind its question", S("\x12\x34\x85\x80\0\1\0\1\0\0\0\0" QUESTION "\xc0"), true},
    {"NXDOMAIN", S("\x12\x34\x81\x83\0\1\0\0\0\0\0\0" QUESTION), true},
    {"the name in another case (RFC 4343 3)", S("\x12\x34\x81\x80\0\1\0\0\0\0\0\0\1X\4tEsT\0\0\1\0\1"), true},
    {"another id (RFC 5452 9.1)", S("\x12\x35\x85\x80\0\1\0\1\0\0\0\0" QUESTION RECORD), false},
    {"no response: the question itself", S("\x12\x34\1\0\0\1\0\0\0\0\0\0" QUESTION), false},
    {"another name", S("\x12\x34\x81\x80\0\1\0\0\0\0\0\0\1y\4test\0\0\1\0\1"), false},
    {"a name that goes on", S("\x12\x34\x81\x80\0\1\0\0\0\0\0\0\1x\4test\3org\0\0\1\0\1"), false},
    {"labels cut elsewhere", S("\x12\x34\x81\x80\0\1\0\0\0\0\0\0\6x\4test\0\0\1\0\1"), false},
    {"another type", S("\x12\x34\x81\x80\0\1\0\0\0\0\0\0" NAME "\0\2\0\1"), false},
    {"another class", S("\x12\x34\x81\x80\0\1\0\0\0\0\0\0" NAME "\0\1\0\3"), false},
    {"no question", S("\x12\x34\x81\x80\0\0\0\0\0\0\0\0"), false},
    {"nothing", S(""), false},
  /* clang-format on */
};

static void test_answer(void **state)
{
    static const uint8_t query[] = "\x12\x34\1\0\0\1\0\0\0\0\0\1" QUESTION OPT;
    const struct answer_row *row = *state;
    uint8_t *memory;
    const uint8_t *message = copy(&row->message, &memory);
    bool is_answer = dns_stub_is_answer(query, sizeof query - 1, message, row->message.length);
    assert_int_equal(is_answer, row->is_answer);
    free(memory);
}

/* Octets of a label that differ as the cases of a letter do and are none. */
static void test_no_letters(void **state)
{
    static const uint8_t query[] = "\0\1\1\0\0\1\0\0\0\0\0\0\1[\0\0\1\0\1";
    static const uint8_t same[] = "\0\1\x81\0\0\1\0\0\0\0\0\0\1[\0\0\1\0\1";
    static const uint8_t other[] = "\0\1\x81\0\0\1\0\0\0\0\0\0\1{\0\0\1\0\1";
    (void)state;
    assert_true(dns_stub_is_answer(query, sizeof query - 1, same, sizeof same - 1));
    assert_false(dns_stub_is_answer(query, sizeof query - 1, other, sizeof other - 1));
}

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "the stub of an answer says SERVFAIL", test_answer_stub, NULL);
    CASES_TABLE(&cases, test_answer, answer_rows);
    cases_add(&cases, "[ and { are not two cases of a letter", test_no_letters, NULL);
    return cases_run(&cases, "dns_stub");
}
