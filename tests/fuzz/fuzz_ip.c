/* Addresses and networks: what is taken is what inet_pton(3) takes, and what is printed is read
 * again. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/ip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact)
{
    if (!fact)
        abort();
}

/* The C library as a second opinion. */
static bool library_parses(struct slice text, struct ip_address *address)
{
    char copy[100];

    *address = (struct ip_address){0};
    if (text.length >= sizeof(copy) || slice_find(text, '\0') < text.length)
        return false;
    if (text.length > 0)
        memcpy(copy, text.start, text.length);
    copy[text.length] = '\0';
    address->family = slice_find(text, ':') < text.length ? IP_V6 : IP_V4;
    return inet_pton(address->family == IP_V6 ? AF_INET6 : AF_INET, copy, address->bytes) == 1;
}

static void check_address(const struct ip_address *address)
{
    struct ip_address again;
    struct ip_network network;
    char text[IP_TEXT_SIZE];
    char name[80];

    require(ip_parse(slice_of(ip_print(address, text)), &again));
    require(ip_equal(address, &again));
    require(library_parses(slice_of(text), &again));
    require(ip_equal(address, &again));
    require(strlen(ip_reverse(address, name)) < IP_REVERSE_SIZE);
    require(strlen(ip_ptr_name(address, name)) <= 72);
    require(strcmp(ip_scope_name(ip_scope(address)), "unknown") != 0);
    require(ip_network_parse(slice_of(text), &network));
    require(ip_network_contains(&network, address) && ip_network_size(&network) == 1);
}

static void check_network(const struct ip_network *network)
{
    struct ip_network again;
    char text[IP_NETWORK_TEXT_SIZE];
    uint64_t size = ip_network_size(network);
    struct ip_address first = ip_network_at(network, 0);
    struct ip_address last = ip_network_at(network, size - 1);

    require(ip_network_parse(slice_of(ip_network_print(network, text)), &again));
    require(ip_equal(&network->address, &again.address) && network->prefix == again.prefix);
    require(size > 0 && ip_compare(&first, &last) <= 0);
    require(ip_compare(&first, &network->address) <= 0);
    require(ip_network_contains(network, &network->address));
    require(ip_network_contains(network, &first) && ip_network_contains(network, &last));
    require(ip_network_has_host_bits(network) == !ip_equal(&first, &network->address));
    check_address(&last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_new((const char *)data, size);
    struct ip_address address;
    struct ip_address library;
    struct ip_network network;
    bool good = ip_parse(text, &address);

    require(good == library_parses(text, &library));
    if (good) {
        require(ip_equal(&address, &library));
        check_address(&address);
    }
    if (ip_network_parse(text, &network))
        check_network(&network);
    return 0;
}
