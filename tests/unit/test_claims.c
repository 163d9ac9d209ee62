// links: base core
#include "core/claims.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { NOW = 1000000, LEEWAY = 30 };

static const struct claims_policy POLICY = {
    .issuer = {"https://id.example", 18}, .audience = {"longhaul", 8}, .leeway_s = LEEWAY};
static const struct claims_policy OPEN = {.leeway_s = LEEWAY};

static enum token_fault check(const char *json, struct claims *out)
{
    return claims_check(span_of(json), &POLICY, NOW, out);
}

/* The right claims, with `more` in place of one of them. */
#define RIGHT_ISS "\"iss\":\"https://id.example\""
#define RIGHT_AUD "\"aud\":\"longhaul\""
#define RIGHT_EXP "\"exp\":1000100"
#define RIGHT_SUB "\"sub\":\"u1\""
#define WITH(more) "{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_EXP "," RIGHT_SUB "," more "}"

struct row {
    const char *json;
    enum token_fault fault;
};

static const struct row refused[] = {
    {"", TOKEN_CLAIMS},
    {"null", TOKEN_CLAIMS},
    {"[]", TOKEN_CLAIMS},
    {"\"x\"", TOKEN_CLAIMS},
    {"{", TOKEN_CLAIMS},
    {"{}x", TOKEN_CLAIMS},
    {"{}", TOKEN_CLAIMS},
    {WITH("\"sub\":\"u2\""), TOKEN_CLAIMS}, /* a member twice */
    {WITH("\"exp\":2000000"), TOKEN_CLAIMS},
    /* exp */
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_SUB "}", TOKEN_CLAIMS},
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_SUB ",\"exp\":\"1000100\"}", TOKEN_CLAIMS},
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_SUB ",\"exp\":null}", TOKEN_CLAIMS},
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_SUB ",\"exp\":true}", TOKEN_CLAIMS},
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_SUB ",\"exp\":1e300}", TOKEN_CLAIMS},
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_SUB ",\"exp\":1e999}", TOKEN_CLAIMS},
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_SUB ",\"exp\":99999999999999999999}", TOKEN_CLAIMS},
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_SUB ",\"exp\":0}", TOKEN_EXPIRED},
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_SUB ",\"exp\":-5}", TOKEN_EXPIRED},
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_SUB ",\"exp\":999970}", TOKEN_EXPIRED},
    /* nbf */
    {WITH("\"nbf\":1000031"), TOKEN_EARLY},
    {WITH("\"nbf\":9000000000000"), TOKEN_EARLY},
    {WITH("\"nbf\":\"0\""), TOKEN_CLAIMS},
    {WITH("\"nbf\":null"), TOKEN_CLAIMS},
    /* iss */
    {"{" RIGHT_AUD "," RIGHT_EXP "," RIGHT_SUB "}", TOKEN_ISSUER},
    {"{" RIGHT_AUD "," RIGHT_EXP "," RIGHT_SUB ",\"iss\":\"https://id.example/\"}", TOKEN_ISSUER},
    {"{" RIGHT_AUD "," RIGHT_EXP "," RIGHT_SUB ",\"iss\":\"\"}", TOKEN_ISSUER},
    {"{" RIGHT_AUD "," RIGHT_EXP "," RIGHT_SUB ",\"iss\":[\"https://id.example\"]}", TOKEN_CLAIMS},
    /* aud */
    {"{" RIGHT_ISS "," RIGHT_EXP "," RIGHT_SUB "}", TOKEN_AUDIENCE},
    {"{" RIGHT_ISS "," RIGHT_EXP "," RIGHT_SUB ",\"aud\":\"longhaul2\"}", TOKEN_AUDIENCE},
    {"{" RIGHT_ISS "," RIGHT_EXP "," RIGHT_SUB ",\"aud\":[]}", TOKEN_AUDIENCE},
    {"{" RIGHT_ISS "," RIGHT_EXP "," RIGHT_SUB ",\"aud\":[\"a\",\"b\"]}", TOKEN_AUDIENCE},
    {"{" RIGHT_ISS "," RIGHT_EXP "," RIGHT_SUB ",\"aud\":[\"longhaul\",1]}", TOKEN_CLAIMS},
    {"{" RIGHT_ISS "," RIGHT_EXP "," RIGHT_SUB ",\"aud\":{\"longhaul\":1}}", TOKEN_CLAIMS},
    {"{" RIGHT_ISS "," RIGHT_EXP "," RIGHT_SUB ",\"aud\":null}", TOKEN_CLAIMS},
    /* sub */
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_EXP "}", TOKEN_SUBJECT},
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_EXP ",\"sub\":\"\"}", TOKEN_SUBJECT},
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_EXP ",\"sub\":7}", TOKEN_SUBJECT},
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_EXP ",\"sub\":\"a\\nb\"}", TOKEN_SUBJECT},
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_EXP ",\"sub\":\"a\\u0000b\"}", TOKEN_CLAIMS},
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_EXP ",\"sub\":\"\\u0085\"}", TOKEN_SUBJECT},
    {"{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_EXP ",\"sub\":\"\xff\"}", TOKEN_CLAIMS},
    /* scopes */
    {WITH("\"scope\":7"), TOKEN_CLAIMS},
    {WITH("\"scp\":[7]"), TOKEN_CLAIMS},
    {WITH("\"scp\":{}"), TOKEN_CLAIMS},
};

Test(claims, test_claims_when_one_rule_is_broken_then_that_fault)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct claims c = {.user_len = 99};
        cr_expect_eq(check(refused[i].json, &c), refused[i].fault, "%s: %s", refused[i].json,
                     token_fault_word(check(refused[i].json, &c)));
        cr_expect_eq(c.user_len, 99, "untouched");
    }
}

Test(claims, test_claims_when_all_is_right_then_the_user)
{
    static const char *const right[] = {
        WITH("\"nbf\":1000030"),
        WITH("\"nbf\":-1"),
        WITH("\"other\":{\"a\":[1]}"),
        "{" RIGHT_ISS "," RIGHT_SUB "," RIGHT_AUD ",\"exp\":999971}",
        "{" RIGHT_ISS "," RIGHT_SUB "," RIGHT_AUD ",\"exp\":999971.9}",
        "{" RIGHT_ISS "," RIGHT_SUB "," RIGHT_EXP ",\"aud\":[\"x\",\"longhaul\"]}"};
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        struct claims c;
        cr_assert_eq(check(right[i], &c), TOKEN_OK, "%s", right[i]);
        cr_expect(span_eq((struct span){c.user, c.user_len}, SPAN("u1")));
        cr_expect_not(c.admin);
    }
}

Test(claims, test_claims_when_nothing_is_configured_then_an_audience_is_refused)
{
    struct claims c;
    cr_expect_eq(claims_check(SPAN("{" RIGHT_EXP "," RIGHT_SUB "}"), &OPEN, NOW, &c), TOKEN_OK);
    cr_expect_eq(claims_check(SPAN("{" RIGHT_EXP "," RIGHT_SUB "," RIGHT_ISS "}"), &OPEN, NOW, &c),
                 TOKEN_OK);
    static const char *const with[] = {RIGHT_AUD, "\"aud\":\"\"", "\"aud\":[\"\"]", "\"aud\":[]"};
    for (size_t i = 0; i < sizeof with / sizeof with[0]; i++) {
        char json[128];
        (void)snprintf(json, sizeof json, "{" RIGHT_EXP "," RIGHT_SUB ",%s}", with[i]);
        cr_expect_eq(claims_check(span_of(json), &OPEN, NOW, &c), TOKEN_AUDIENCE, "%s", json);
    }
}

Test(claims, test_claims_when_sub_is_as_long_as_can_be_then_no_longer)
{
    char json[512], sub[CLAIMS_USER_MAX + 2];
    struct claims c;
    for (size_t len = CLAIMS_USER_MAX; len <= CLAIMS_USER_MAX + 1; len++) {
        memset(sub, 's', len);
        sub[len] = '\0';
        (void)snprintf(json, sizeof json,
                       "{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_EXP ",\"sub\":\"%s\"}", sub);
        cr_expect_eq(check(json, &c), len == CLAIMS_USER_MAX ? TOKEN_OK : TOKEN_SUBJECT);
    }
}

static bool admin_with(const char *more)
{
    char json[256];
    struct claims c;
    (void)snprintf(json, sizeof json,
                   "{" RIGHT_ISS "," RIGHT_AUD "," RIGHT_EXP "," RIGHT_SUB ",%s}", more);
    cr_assert_eq(check(json, &c), TOKEN_OK, "%s", json);
    return c.admin;
}

Test(claims, test_claims_when_scope_is_exactly_named_then_admin)
{
    static const char *const not [] = {"\"scope\":\"\"",
                                       "\"scope\":\"downloads\"",
                                       "\"scope\":\"downloads:administrator\"",
                                       "\"scope\":\"xdownloads:admin\"",
                                       "\"scope\":\"Downloads:Admin\"",
                                       "\"scope\":\"downloads:admin,x\"",
                                       "\"scp\":[\"downloads:admin x\"]",
                                       "\"scp\":[]",
                                       "\"scopes\":\"downloads:admin\""};
    static const char *const yes[] = {
        "\"scope\":\"downloads:admin\"", "\"scope\":\"a  downloads:admin b\"",
        "\"scp\":[\"a\",\"downloads:admin\"]", "\"scp\":\"downloads:admin\"",
        "\"scope\":[\"downloads:admin\"]"};
    for (size_t i = 0; i < sizeof not / sizeof not [0]; i++) {
        cr_expect_not(admin_with(not [i]), "%s", not [i]);
    }
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        cr_expect(admin_with(yes[i]), "%s", yes[i]);
    }
}

Test(claims, test_faults_when_told_then_each_has_its_own_text)
{
    for (enum token_fault f = 0; f < TOKEN_FAULT_COUNT; f++) {
        cr_expect_gt(token_fault_detail(f).len, 10);
        for (enum token_fault g = 0; g < f; g++) {
            cr_expect_str_neq(token_fault_word(f), token_fault_word(g));
        }
    }
}
