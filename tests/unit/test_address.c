// links: base core
#include "core/address.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct address parse(const char *text)
{
    struct address a;
    cr_assert_eq(address_parse(span_of(text), &a), ERR_OK, "%s", text);
    return a;
}

static struct cidr_list list_of(const char *text)
{
    struct cidr_list l;
    cr_assert_eq(cidr_list_parse(span_of(text), &l), ERR_OK, "%s", text);
    return l;
}

Test(address, refuses_every_address_that_is_not_of_the_public_internet)
{
    static const char *const SPECIAL[] = {"0.0.0.0",
                                          "0.1.2.3",
                                          "10.0.0.1",
                                          "10.255.255.255",
                                          "100.64.0.1",
                                          "100.127.255.255",
                                          "127.0.0.1",
                                          "127.255.255.254",
                                          "169.254.169.254",
                                          "172.16.0.1",
                                          "172.31.255.255",
                                          "192.0.0.192",
                                          "192.0.2.1",
                                          "192.168.0.1",
                                          "198.18.0.1",
                                          "198.19.255.255",
                                          "198.51.100.7",
                                          "203.0.113.9",
                                          "224.0.0.1",
                                          "239.255.255.250",
                                          "240.0.0.1",
                                          "255.255.255.255",
                                          "168.63.129.16",
                                          "::",
                                          "::1",
                                          "fe80::1",
                                          "febf::1",
                                          "fc00::1",
                                          "fd12:3456::1",
                                          "ff02::1",
                                          "2001:db8::1",
                                          "2002:a00:1::1",
                                          "2001::1",
                                          "3fff::1",
                                          "64:ff9b:1::1",
                                          "fec0::1",
                                          "100::1",
                                          "4000::1",
                                          "::ffff:10.0.0.1",
                                          "::ffff:127.0.0.1",
                                          "::ffff:169.254.169.254",
                                          "::10.0.0.1",
                                          "64:ff9b::10.0.0.1",
                                          "64:ff9b::7f00:1",
                                          "::ffff:0:10.0.0.1"};
    const struct cidr_list none = {.count = 0};
    for (size_t i = 0; i < sizeof SPECIAL / sizeof SPECIAL[0]; i++) {
        const struct address a = parse(SPECIAL[i]);
        cr_assert_not_null(address_special(&a), "%s", SPECIAL[i]);
        cr_assert_not(address_allowed(&a, &none), "%s", SPECIAL[i]);
    }
}

Test(address, allows_public_addresses_also_beside_the_special_ranges)
{
    static const char *const PUBLIC[] = {
        "1.1.1.1",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255",  "100.128.0.0",
        "126.255.255.255", "128.0.0.0",       "169.253.255.255", "172.15.255.255",  "172.32.0.0",
        "192.0.1.0",       "192.167.255.255", "192.169.0.0",     "198.17.255.255",  "198.20.0.0",
        "223.255.255.255", "168.63.129.15",   "2001:200::1",     "2606:4700::1111", "2a00::1",
        "::ffff:1.1.1.1",  "64:ff9b::1.1.1.1"};
    const struct cidr_list none = {.count = 0};
    for (size_t i = 0; i < sizeof PUBLIC / sizeof PUBLIC[0]; i++) {
        const struct address a = parse(PUBLIC[i]);
        cr_assert_null(address_special(&a), "%s: %s", PUBLIC[i], address_special(&a));
        cr_assert(address_allowed(&a, &none), "%s", PUBLIC[i]);
    }
}

Test(address, allows_what_the_list_names_in_whatever_form_it_comes)
{
    const struct cidr_list l = list_of("10.1.0.0/16, fd00::/8,192.168.7.7");
    static const struct {
        const char *text;
        bool allowed;
    } CASES[] = {{"10.1.2.3", true},          {"10.2.0.0", false},    {"::ffff:10.1.2.3", true},
                 {"64:ff9b::10.1.2.3", true}, {"fd00::1", true},      {"fc00::1", false},
                 {"192.168.7.7", true},       {"192.168.7.8", false}, {"8.8.8.8", true}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct address a = parse(CASES[i].text);
        cr_assert_eq(address_allowed(&a, &l), CASES[i].allowed, "%s", CASES[i].text);
    }
}

Test(address, refuses_lists_that_are_not_what_they_seem)
{
    static const char *const BAD[] = {"10.0.0.0/33", "10.1.2.3/8",  "10.0.0/8",    "::/129",
                                      "fd00::1/8",   "10.0.0.0/",   "10.0.0.0/ 8", "x",
                                      ",",           "10.0.0.0/8,", "10.0.0.0/-1", "10.0.0.0/08",
                                      "1.2.3.4/8/9"};
    struct cidr_list l;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        cr_assert_neq(cidr_list_parse(span_of(BAD[i]), &l), ERR_OK, "%s", BAD[i]);
    }
}

Test(address, takes_an_empty_list_and_a_full_one_but_no_more)
{
    char text[CIDR_LIST_MAX * 10 + 20] = "";
    size_t len = 0;
    cr_assert_eq(list_of("").count, 0);
    for (int i = 0; i < CIDR_LIST_MAX; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, "%s10.0.0.%d", i > 0 ? "," : "", i);
    }
    cr_assert_eq(list_of(text).count, CIDR_LIST_MAX);
    (void)snprintf(text + len, sizeof text - len, ",1.1.1.1");
    struct cidr_list l;
    cr_assert_eq(cidr_list_parse(span_of(text), &l), ERR_FULL);
}

Test(address, matches_everything_with_a_prefix_of_zero)
{
    const struct cidr_list all = list_of("0.0.0.0/0,::/0");
    const struct address four = parse("10.0.0.1"), six = parse("fe80::1");
    cr_assert(address_allowed(&four, &all));
    cr_assert(address_allowed(&six, &all));
    const struct cidr_list v4 = list_of("0.0.0.0/0");
    cr_assert_not(address_allowed(&six, &v4));
}
