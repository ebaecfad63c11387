#include <string.h>

#include "cases.h"
#include "net/socket_address.h"

static const struct row {
    const char *label;
    const char *text;
    socklen_t length;
    int family;
} rows[] = {
    {"an IPv4 address goes there and back",     "192.0.2.7:25",         sizeof(struct sockaddr_in),  AF_INET},
    {"so does the address without a port",      "192.0.2.7",            sizeof(struct sockaddr_in),  AF_INET},
    {"an IPv6 address goes there and back",     "[2001:db8::7]:65535",  sizeof(struct sockaddr_in6),
     AF_INET6                                                                                               },
    {"a mapped IPv4 address stays an IPv6 one", "[::ffff:192.0.2.7]:1", sizeof(struct sockaddr_in6),
     AF_INET6                                                                                               },
};

static void test_endpoint(void **state)
{
    const struct row *row = *state;
    union socket_address address;
    struct endpoint endpoint;
    char before[ENDPOINT_TEXT_SIZE];
    char after[ENDPOINT_TEXT_SIZE];

    memset(&address, 0xff, sizeof address);
    assert_true(endpoint_parse(slice_of(row->text), &endpoint));
    endpoint_print(&endpoint, before);
    assert_int_equal(socket_address_set(&address, &endpoint), row->length);
    assert_int_equal(address.any.sa_family, row->family);
    endpoint = socket_address_get(&address.any);
    assert_string_equal(endpoint_print(&endpoint, after), before);
}

static void test_path(void **state)
{
    union socket_address address;
    char path[sizeof address.un.sun_path + 1];

    (void)state;
    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = '\0';
    assert_int_equal(socket_address_set_path(&address, path), 0);
    path[sizeof path - 2] = '\0';
    assert_int_equal(socket_address_set_path(&address, path), sizeof address.un);
    assert_string_equal(address.un.sun_path, path);
    assert_int_equal(socket_address_get(&address.any).address.family, IP_NONE);
    assert_int_equal(socket_address_get(NULL).address.family, IP_NONE);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_endpoint, rows);
    cases_add(&cases, "a path that fills the address, and one that is longer", test_path, NULL);
    return cases_run(&cases, "socket_address");
}
