// links: base core
#include "core/listen_address.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

Test(listen_address, test_parse_when_malformed_then_invalid)
{
    static const char *const bad[] = {"",
                                      ":",
                                      ":80",
                                      "127.0.0.1",
                                      "127.0.0.1:",
                                      "127.0.0.1:65536",
                                      "127.0.0.1:-1",
                                      "127.0.0.1:+1",
                                      "127.0.0.1: 80",
                                      "127.0.0.1:0x50",
                                      "127.0.0.1:080",
                                      "localhost:80",
                                      "127.1:80",
                                      "1.2.3.4.5:80",
                                      "256.0.0.1:80",
                                      "::1:80",
                                      "[::1]",
                                      "[::1:80",
                                      "::1]:80",
                                      "[]:80",
                                      "[::1]80",
                                      "[127.0.0.1]:80",
                                      "[fe80::1%eth0]:80",
                                      "[::1]:",
                                      "[:80",
                                      " 127.0.0.1:80",
                                      "127.0.0.1:80 ",
                                      "*:80",
                                      "[::g]:80",
                                      "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:80"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct listen_address a;
        cr_assert_eq(listen_address_parse(span_of(bad[i]), &a), ERR_INVALID, "%s", bad[i]);
    }
    struct listen_address a;
    cr_assert_eq(listen_address_parse((struct span){"127.0.0.1\0:80", 13}, &a), ERR_INVALID);
    cr_assert_eq(listen_address_parse((struct span){0}, &a), ERR_INVALID);
}

Test(listen_address, test_parse_when_ipv4_then_a_socket_address)
{
    struct listen_address a;
    struct sockaddr_in in;
    cr_assert_eq(listen_address_parse(SPAN("10.1.2.3:8080"), &a), ERR_OK);
    memcpy(&in, &a.socket, sizeof in);
    cr_assert_eq(in.sin_family, AF_INET);
    cr_assert_eq(ntohs(in.sin_port), 8080);
    cr_assert_eq(ntohl(in.sin_addr.s_addr), 0x0A010203U);
    cr_assert_eq(a.socket_len, sizeof in);
    cr_assert_eq(a.port, 8080);
    cr_assert_eq(listen_address_parse(SPAN("0.0.0.0:0"), &a), ERR_OK);
    cr_assert_eq(a.port, 0);
}

Test(listen_address, test_parse_when_ipv6_then_a_socket_address)
{
    struct listen_address a;
    struct sockaddr_in6 in6;
    cr_assert_eq(listen_address_parse(SPAN("[2001:db8::7]:65535"), &a), ERR_OK);
    memcpy(&in6, &a.socket, sizeof in6);
    cr_assert_eq(in6.sin6_family, AF_INET6);
    cr_assert_eq(ntohs(in6.sin6_port), 65535);
    cr_assert_eq(in6.sin6_addr.s6_addr[0], 0x20);
    cr_assert_eq(in6.sin6_addr.s6_addr[15], 7);
    cr_assert_eq(a.socket_len, sizeof in6);
}

Test(listen_address, test_loopback_when_reachable_from_outside_then_false)
{
    static const char *const outside[] = {
        "0.0.0.0:1", "10.0.0.1:1",          "128.0.0.1:1",     "126.255.255.255:1", "[::]:1",
        "[::2]:1",   "[::ffff:10.0.0.1]:1", "[2001:db8::1]:1", "[::127.0.0.1]:1"};
    for (size_t i = 0; i < COUNT(outside); i++) {
        struct listen_address a;
        cr_assert_eq(listen_address_parse(span_of(outside[i]), &a), ERR_OK, "%s", outside[i]);
        cr_assert_not(listen_address_loopback(&a), "%s", outside[i]);
    }
    const struct listen_address none = {.socket_len = 0};
    cr_assert_not(listen_address_loopback(&none));
}

Test(listen_address, test_loopback_when_only_this_machine_then_true)
{
    static const char *const inside[] = {"127.0.0.1:8080", "127.255.255.254:1", "[::1]:1",
                                         "[::ffff:127.0.0.1]:1"};
    for (size_t i = 0; i < COUNT(inside); i++) {
        struct listen_address a;
        cr_assert_eq(listen_address_parse(span_of(inside[i]), &a), ERR_OK, "%s", inside[i]);
        cr_assert(listen_address_loopback(&a), "%s", inside[i]);
    }
}
