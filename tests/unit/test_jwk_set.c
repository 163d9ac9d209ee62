// links: base core
#include "core/jwk_set.h"
#include "core/jwt_algorithm.h"
#include "core/jwt_head.h"
#include "core/ticket.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct buf message;

static enum err parse(const char *text, struct jwk_set *out)
{
    buf_init(&message, 1024);
    const enum err e = jwk_set_parse(span_of(text), out, &message);
    cr_expect_eq(e == ERR_OK, message.len == 0, "%s", text);
    buf_clear(&message);
    return e;
}

#define RSA(more) "{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"" more "}"
#define EC(more) "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"" more "}"

Test(jwk_set, test_parse_when_file_is_no_public_key_set_then_refused)
{
    static const char *const bad[] = {
        "",
        "x",
        "[]",
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":[]}",
        "{\"keys\":[7]}",
        "{\"keys\":[" RSA("") "],\"keys\":[]}",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
        "{\"keys\":[" RSA("") ",{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
        "{\"keys\":[" RSA(",\"d\":\"AQ\"") "]}",
        "{\"keys\":[" RSA(",\"kid\":7") "]}",
        "{\"keys\":[" RSA(",\"kid\":\"\"") "]}",
        "{\"keys\":[" RSA(",\"kid\":\"a\"") "," RSA(",\"kid\":\"a\"") "]}",
        "{\"keys\":[" RSA("") "," RSA("") "]}",
        "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQ\"}]}",
        "{\"keys\":[" RSA(",\"use\":\"enc\"") "]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":7}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"A\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"AQ==\"}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"R=A\"}]}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct jwk_set set;
        cr_expect_eq(parse(bad[i], &set), ERR_INVALID, "%s", bad[i]);
        cr_expect_eq(set.count, 0);
    }
}

Test(jwk_set, test_parse_when_too_much_then_refused)
{
    static char text[JWK_SET_BYTES_MAX + 2];
    struct jwk_set set;
    memset(text, ' ', sizeof text - 1);
    cr_expect_eq(parse(text, &set), ERR_TOO_LARGE);
    size_t at = (size_t)snprintf(text, sizeof text, "{\"keys\":[");
    for (int i = 0; i <= JWK_KEYS_MAX; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at,
                               "%s{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\",\"kid\":\"%d\"}",
                               i > 0 ? "," : "", i);
    }
    (void)snprintf(text + at, sizeof text - at, "]}");
    cr_expect_eq(parse(text, &set), ERR_FULL);
}

/* Passed over: no kind of ours, not for signatures, an algorithm that is none or not the key's. */
#define USELESS                                                                                    \
    "{\"kty\":\"OKP\"}," RSA(",\"use\":\"enc\"") "," RSA(",\"key_ops\":[\"encrypt\"]") "," RSA(    \
        ",\"alg\":\"RSA-OAEP\"") "," EC(",\"alg\":\"RS256\"")
#define BOUND RSA(",\"kid\":\"e\",\"alg\":\"PS256\",\"key_ops\":[\"sign\",\"verify\"],\"p\":\"A\"")

Test(jwk_set, test_parse_when_some_keys_are_of_no_use_then_passed_over)
{
    struct jwk_set set;
    cr_assert_eq(parse("{\"keys\":[" USELESS "," EC(",\"kid\":\"e\"") "," BOUND "]}", &set),
                 ERR_OK);
    cr_assert_eq(set.count, 2);
    cr_expect_eq(set.keys[0].kind, JWT_KEY_P256);
    cr_expect_not(set.keys[0].bound);
    cr_expect_str_eq(set.keys[0].json,
                     "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"}");
    cr_expect_eq(set.keys[1].kind, JWT_KEY_RSA);
    cr_expect(set.keys[1].bound && set.keys[1].algorithm == JWT_PS256);
    cr_expect_eq(set.keys[1].kid_len, 1);
    cr_expect_str_eq(set.keys[1].json, "{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"}");
    jwk_set_clear(&set);
}

Test(jwt_algorithm, test_pins_when_wrong_for_the_source_then_refused)
{
    struct row {
        const char *text;
        enum jwt_source source;
        enum err err;
        const char *bad;
    };
    static const struct row rows[] = {
        {"none", JWT_FROM_SECRET, ERR_NOT_FOUND, "none"},
        {"none", JWT_FROM_KEY_SET, ERR_NOT_FOUND, "none"},
        {"rs256", JWT_FROM_KEY_SET, ERR_NOT_FOUND, "rs256"},
        {"RS256,", JWT_FROM_KEY_SET, ERR_NOT_FOUND, ""},
        {"RS256,HS256", JWT_FROM_KEY_SET, ERR_DENIED, "HS256"},
        {"RS256", JWT_FROM_SECRET, ERR_DENIED, "RS256"},
        {"HS256,ES256", JWT_FROM_SECRET, ERR_DENIED, "ES256"},
        {"EdDSA", JWT_FROM_KEY_SET, ERR_NOT_FOUND, "EdDSA"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        jwt_algorithms pinned;
        struct span bad;
        cr_expect_eq(jwt_algorithms_parse(span_of(rows[i].text), rows[i].source, &pinned, &bad),
                     rows[i].err, "%s", rows[i].text);
        cr_expect(span_eq(bad, span_of(rows[i].bad)), "%s", rows[i].text);
    }
}

Test(jwt_algorithm, test_pins_when_empty_then_by_the_source)
{
    jwt_algorithms pinned;
    struct span bad;
    cr_assert_eq(jwt_algorithms_parse(SPAN(""), JWT_FROM_SECRET, &pinned, &bad), ERR_OK);
    cr_expect_eq(pinned, 1U << JWT_HS256);
    cr_expect_eq(jwt_secret_bytes_min(pinned), 32);
    cr_assert_eq(jwt_algorithms_parse(SPAN(""), JWT_FROM_KEY_SET, &pinned, &bad), ERR_OK);
    cr_expect_eq(pinned, 1U << JWT_RS256 | 1U << JWT_ES256);
    cr_assert_eq(jwt_algorithms_parse(SPAN("HS256, HS512"), JWT_FROM_SECRET, &pinned, &bad),
                 ERR_OK);
    cr_expect_eq(jwt_secret_bytes_min(pinned), 64);
    cr_expect_eq(jwt_algorithm_kind(JWT_ES384), JWT_KEY_P384);
}

Test(ticket, test_ticket_when_not_64_hex_digits_then_invalid)
{
    char text[TICKET_LEN + 1];
    memset(text, 'a', sizeof text);
    cr_expect(ticket_valid((struct span){text, TICKET_LEN}));
    cr_expect_not(ticket_valid((struct span){text, TICKET_LEN + 1}));
    cr_expect_not(ticket_valid((struct span){text, TICKET_LEN - 1}));
    cr_expect_not(ticket_valid(SPAN("")));
    text[5] = 'A';
    cr_expect_not(ticket_valid((struct span){text, TICKET_LEN}));
    text[5] = 'g';
    cr_expect_not(ticket_valid((struct span){text, TICKET_LEN}));
}

Test(ticket, test_value_when_written_then_read_back)
{
    char hash[TICKET_HASH_SIZE];
    struct buf text;
    buf_init(&text, TICKET_VALUE_MAX);
    struct ticket_value v = {.user = SPAN("u:1"), .until_s = 1767000030, .admin = true};
    ticket_value_write(&v, &text);
    cr_assert(span_eq(buf_as_span(&text), SPAN("A1767000030:u:1")));
    v = (struct ticket_value){0};
    cr_assert_eq(ticket_value_read(buf_as_span(&text), &v), ERR_OK);
    cr_expect(v.admin && v.until_s == 1767000030 && span_eq(v.user, SPAN("u:1")));
    static const char *const bad[] = {
        "",     "U",    "A",     "uu1",    "U1",    "U:u1",
        "U12:", "U1x:", "U1x:u", "u12:u1", "x1:u1", "U99999999999999999999:u1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_expect_eq(ticket_value_read(span_of(bad[i]), &v), ERR_INVALID, "%s", bad[i]);
    }
    buf_clear(&text);
    cr_assert_eq(ticket_hash(SPAN("abc"), hash), ERR_OK); /* FIPS 180-4's example */
    cr_expect_str_eq(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

Test(jwt_head, test_head_when_one_rule_is_broken_then_that_fault)
{
    struct row {
        const char *json;
        enum token_fault fault;
    };
    static const struct row rows[] = {
        {"", TOKEN_MALFORMED},
        {"null", TOKEN_MALFORMED},
        {"[]", TOKEN_MALFORMED},
        {"{}", TOKEN_MALFORMED},
        {"{\"alg\":7}", TOKEN_MALFORMED},
        {"{\"alg\":[\"RS256\"]}", TOKEN_MALFORMED},
        {"{\"alg\":\"RS256\",\"alg\":\"RS256\"}", TOKEN_MALFORMED},
        {"{\"alg\":\"HS256\",\"alg\":\"RS256\"}", TOKEN_MALFORMED},
        {"{\"alg\":\"RS256\",\"crit\":[]}", TOKEN_MALFORMED},
        {"{\"alg\":\"RS256\",\"crit\":\"exp\"}", TOKEN_MALFORMED},
        {"{\"alg\":\"RS256\",\"crit\":null}", TOKEN_MALFORMED},
        {"{\"alg\":\"RS256\",\"kid\":1}", TOKEN_MALFORMED},
        {"{\"alg\":\"RS256\",\"kid\":null}", TOKEN_MALFORMED},
        {"{\"alg\":\"RS256\\u0000\"}", TOKEN_MALFORMED},
        {"{\"alg\":\"none\"}", TOKEN_ALGORITHM},
        {"{\"alg\":\"\"}", TOKEN_ALGORITHM},
        {"{\"alg\":\"HS256\"}", TOKEN_ALGORITHM},
        {"{\"alg\":\"RS512\"}", TOKEN_ALGORITHM},
        {"{\"alg\":\"rs256\"}", TOKEN_ALGORITHM},
    };
    struct jwt_head head;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(jwt_head_parse(span_of(rows[i].json), 1U << JWT_RS256, &head), rows[i].fault,
                     "%s", rows[i].json);
    }
    char json[JWK_KID_MAX + 64], kid[JWK_KID_MAX + 2] = {0};
    memset(kid, 'k', JWK_KID_MAX + 1);
    (void)snprintf(json, sizeof json, "{\"alg\":\"RS256\",\"kid\":\"%s\"}", kid);
    cr_expect_eq(jwt_head_parse(span_of(json), 1U << JWT_RS256, &head), TOKEN_KEY);
}

Test(jwt_head, test_head_when_right_then_algorithm_and_kid)
{
    struct jwt_head head;
    const struct span with = SPAN("{\"typ\":\"JWT\",\"kid\":\"k\",\"alg\":\"ES256\"}");
    cr_assert_eq(jwt_head_parse(with, 1U << JWT_ES256, &head), TOKEN_OK);
    cr_expect(head.algorithm == JWT_ES256 && head.has_kid && head.kid_len == 1);
    cr_assert_eq(jwt_head_parse(SPAN("{\"alg\":\"ES256\",\"kid\":\"\"}"), 1U << JWT_ES256, &head),
                 TOKEN_OK);
    cr_expect(head.has_kid && head.kid_len == 0, "a name that no key has");
    cr_assert_eq(jwt_head_parse(SPAN("{\"alg\":\"ES256\"}"), 1U << JWT_ES256, &head), TOKEN_OK);
    cr_expect_not(head.has_kid);
}
