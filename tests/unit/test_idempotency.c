// links: base core
#include "core/idempotency.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void check(const char *value, const char *want)
{
    struct idempotency_key k;
    cr_assert_eq(idempotency_key_parse(span_of(value), &k), ERR_OK, "%s", value);
    cr_assert(span_eq((struct span){k.text, k.len}, span_of(want)), "%s", value);
}

Test(idempotency, test_key_parse_when_malformed_then_invalid)
{
    static const char *const bad[] = {"",        " ",         "a b",         "a\tb",
                                      "a\x7f",   "\xC3\xA4",  "\"\"",        "\"",
                                      "\"a",     "\"a\"b",    "\"a\";x=1",   "\"a\\b\"",
                                      "\"a\\\"", "\"a\\",     "\"a b\"",     "\"\xC3\xA4\"",
                                      "a\x01",   "\"a\x01\"", "\"a\" \"b\"", "\"a\"\"",
                                      "\"\\n\""};
    struct idempotency_key k;
    for (size_t i = 0; i < COUNT(bad); i++) {
        cr_assert_eq(idempotency_key_parse(span_of(bad[i]), &k), ERR_INVALID, "%s", bad[i]);
    }
    cr_assert_eq(idempotency_key_parse((struct span){"a\0b", 3}, &k), ERR_INVALID);
}

Test(idempotency, test_key_parse_when_too_long_then_invalid_and_the_limit_itself_is_fine)
{
    char text[IDEMPOTENCY_KEY_MAX + 4];
    struct idempotency_key k;
    memset(text, 'k', sizeof text);
    cr_assert_eq(idempotency_key_parse((struct span){text, IDEMPOTENCY_KEY_MAX + 1}, &k),
                 ERR_INVALID);
    cr_assert_eq(idempotency_key_parse((struct span){text, IDEMPOTENCY_KEY_MAX}, &k), ERR_OK);
    text[0] = '"';
    text[IDEMPOTENCY_KEY_MAX + 2] = '"';
    cr_assert_eq(idempotency_key_parse((struct span){text, IDEMPOTENCY_KEY_MAX + 3}, &k),
                 ERR_INVALID);
    text[IDEMPOTENCY_KEY_MAX + 1] = '"';
    cr_assert_eq(idempotency_key_parse((struct span){text, IDEMPOTENCY_KEY_MAX + 2}, &k), ERR_OK);
    cr_assert_eq(k.len, IDEMPOTENCY_KEY_MAX);
}

Test(idempotency, test_key_parse_when_well_formed_then_the_key)
{
    check("a", "a");
    check("  8e03978e-40d5-43dd-bc93-6894a57f9324\t", "8e03978e-40d5-43dd-bc93-6894a57f9324");
    check("\"8e03978e\"", "8e03978e");
    check("!~;,=\\", "!~;,=\\");
    check("a\"b", "a\"b");
    check("\"a\\\"b\\\\c\"", "a\"b\\c");
}

Test(idempotency, test_hash_when_bare_or_quoted_then_the_same_and_other_keys_differ)
{
    struct idempotency_key a, b;
    unsigned char hash_a[SHA256_SIZE], hash_b[SHA256_SIZE];
    cr_assert_eq(idempotency_key_parse(SPAN("a\"b"), &a), ERR_OK);
    cr_assert_eq(idempotency_key_parse(SPAN("\"a\\\"b\""), &b), ERR_OK);
    cr_assert_eq(idempotency_hash(&a, hash_a), ERR_OK);
    cr_assert_eq(idempotency_hash(&b, hash_b), ERR_OK);
    cr_assert_arr_eq(hash_a, hash_b, SHA256_SIZE);
    cr_assert_eq(idempotency_key_parse(SPAN("abc"), &b), ERR_OK);
    cr_assert_eq(idempotency_hash(&b, hash_b), ERR_OK);
    char hex[2 * SHA256_SIZE + 1] = "";
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", hash_b[i]);
    }
    cr_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
