#include <string.h>

#include "cases.h"
#include "net/proxy_header.h"

#define S CASES_SLICE

static const struct row {
    const char *label;
    enum proxy_version version;
    const char *source, *destination; /* NULL: none */
    struct slice header;
} rows[] = {
    {"version 1: IPv4",          PROXY_V1,   "192.0.2.1:1025",     "192.0.2.2:25",
     S("PROXY TCP4 192.0.2.1 192.0.2.2 1025 25\r\n")                                                                      },
    {"version 1: IPv6",          PROXY_V1,   "[2001:db8::1]:1025", "[2001:db8::2]:25",
     S("PROXY TCP6 2001:db8::1 2001:db8::2 1025 25\r\n")                                                                  },
    {"version 1: a Unix socket", PROXY_V1,   NULL,                 NULL,               S("PROXY UNKNOWN\r\n")             },
    {"version 1: two families",  PROXY_V1,   "192.0.2.1:1025",     "[2001:db8::2]:25",
     S("PROXY UNKNOWN\r\n")                                                                                               },
    {"version 2: IPv4",          PROXY_V2,   "192.0.2.1:1025",     "192.0.2.2:25",
     S("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xc0\0\x02\x02\x04\x01\0\x19")                                    },
    {"version 2: IPv6",          PROXY_V2,   "[2001:db8::1]:1025", "[2001:db8::2]:25",
     S("\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x24\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
       "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\x04\x01\0\x19")                                                        },
    {"version 2: a Unix socket", PROXY_V2,   NULL,                 NULL,               S("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0")},
    {"no header",                PROXY_NONE, "192.0.2.1:1025",     "192.0.2.2:25",     S("")                              },
};

static struct endpoint read_endpoint(const char *text)
{
    struct endpoint endpoint = {.port = 0};
    if (text != NULL) {
        assert_true(endpoint_parse(slice_of(text), &endpoint));
    }
    return endpoint;
}

static void test_row(void **state)
{
    const struct row *row = *state;
    char buffer[PROXY_HEADER_SIZE];
    struct endpoint source = read_endpoint(row->source);
    struct endpoint destination = read_endpoint(row->destination);
    size_t length = proxy_header_print(row->version, &source, &destination, buffer);
    assert_int_equal(length, row->header.length);
    assert_memory_equal(buffer, row->header.start, length);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_row, rows);
    return cases_run(&cases, "proxy_header");
}
