// links: base core
#include "core/client_address.h"

#include <criterion/criterion.h>
#include <string.h>

static struct cidr_list trusted(void)
{
    struct cidr_list list;
    cr_assert_eq(cidr_list_parse(SPAN("127.0.0.1,10.0.0.0/8,fd00::/8"), &list), ERR_OK);
    return list;
}

static void expect(const char *peer_text, const char *forwarded, const char *wanted)
{
    const struct cidr_list list = trusted();
    struct address peer, right;
    cr_assert_eq(address_parse(span_of(peer_text), &peer), ERR_OK);
    cr_assert_eq(address_parse(span_of(wanted), &right), ERR_OK);
    const struct address got = client_address(&peer, span_of(forwarded), &list);
    cr_expect_eq(memcmp(got.bytes, right.bytes, sizeof got.bytes), 0, "%s, %s", peer_text,
                 forwarded);
}

Test(client_address, test_client_when_peer_is_no_proxy_then_header_is_ignored)
{
    expect("203.0.113.9", "1.2.3.4", "203.0.113.9");
    expect("203.0.113.9", "", "203.0.113.9");
    expect("fe80::1", "10.1.1.1", "fe80::1");
}

Test(client_address, test_client_when_entry_is_garbage_then_peer)
{
    static const char *const garbage[] = {"unknown",
                                          "_hidden",
                                          "1.2.3",
                                          "1.2.3.4.5",
                                          "1.2.3.4, ",
                                          ",",
                                          " ",
                                          "1.2.3.4:x",
                                          "1.2.3.4:70000",
                                          "[::1",
                                          "[1.2.3.4]",
                                          "[2001:db8::1]x",
                                          "[2001:db8::1]:",
                                          "::1%lo",
                                          "host.example",
                                          "1.2.3.4 5",
                                          "9.9.9.9, garbage",
                                          "9.9.9.9, garbage, 10.0.0.2",
                                          "for=1.2.3.4"};
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        expect("127.0.0.1", garbage[i], "127.0.0.1");
    }
}

Test(client_address, test_client_when_behind_proxies_then_rightmost_stranger)
{
    expect("127.0.0.1", "", "127.0.0.1");
    expect("127.0.0.1", "198.51.100.7", "198.51.100.7");
    expect("127.0.0.1", "6.6.6.6, 198.51.100.7", "198.51.100.7");
    expect("127.0.0.1", "6.6.6.6,198.51.100.7 , 10.0.0.2,10.0.0.3", "198.51.100.7");
    expect("127.0.0.1", "not an address, 198.51.100.7, 10.0.0.2", "198.51.100.7");
    expect("127.0.0.1", "10.0.0.9, 10.0.0.2", "10.0.0.9");
    expect("fd00::1", "2001:db8::7", "2001:db8::7");
    expect("127.0.0.1", "198.51.100.7:4711", "198.51.100.7");
    expect("127.0.0.1", "[2001:db8::7]:4711", "2001:db8::7");
    expect("127.0.0.1", "[2001:db8::7]", "2001:db8::7");
    expect("127.0.0.1", "::ffff:198.51.100.7", "198.51.100.7");
}

Test(client_address, test_client_when_more_hops_than_believed_then_peer)
{
    char text[(FORWARDED_HOPS_MAX + 2) * 10] = "9.9.9.9";
    for (int i = 0; i < FORWARDED_HOPS_MAX; i++) {
        (void)strncat(text, ",10.0.0.2", sizeof text - strlen(text) - 1);
    }
    expect("127.0.0.1", text, "127.0.0.1");
    expect("127.0.0.1", text + strlen("9.9.9.9,"), "10.0.0.2");
}

Test(client_address, test_group_when_ipv6_then_the_first_64_bits)
{
    struct address a, b, c;
    cr_assert_eq(address_parse(SPAN("2001:db8:1:2:3:4:5:6"), &a), ERR_OK);
    cr_assert_eq(address_parse(SPAN("2001:db8:1:2::"), &b), ERR_OK);
    c = client_address_group(&a);
    cr_expect_eq(memcmp(c.bytes, b.bytes, sizeof c.bytes), 0);
    cr_assert_eq(address_parse(SPAN("192.0.2.77"), &a), ERR_OK);
    c = client_address_group(&a);
    cr_expect_eq(memcmp(c.bytes, a.bytes, sizeof c.bytes), 0);
}
