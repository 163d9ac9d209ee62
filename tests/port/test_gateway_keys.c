// links: gateway core base
/* The ring of keys and its file: each state of the file is tried once and complained of once, and
 * the keys that were good last stay in use. */
#include "gateway/counters.h"
#include "gateway/key_ring.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOKS = 3 };

/* HS256 by the first secret; expires at 2000000. */
static const char token[] = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MSIsImV4cCI6MjAwMDAwMH0.yS_s_"
                            "MIVcRiFtXYXtSmO6Qd5DEkn0k2WD-mNhoij-m4";
#define GOOD "0123456789abcdef0123456789abcdef\n"
#define OTHER "fedcba9876543210fedcba9876543210\n"
static const struct jwt_policy policy = {.source = JWT_FROM_SECRET, .pinned = 1U << JWT_HS256};

static char folder[64], path[96], next[96];
static struct metrics *counters;
static struct key_ring *ring;

/* As a tool should: another file takes the name at once. */
static void replace(const char *secret)
{
    const int fd = open(next, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, secret, strlen(secret)), (ssize_t)strlen(secret));
    cr_assert_eq(close(fd), 0);
    cr_assert_eq(rename(next, path), 0);
}

static void setup(void)
{
    (void)snprintf(folder, sizeof(folder), "/tmp/longhaul-keys-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/secret", folder);
    (void)snprintf(next, sizeof(next), "%s/next", folder);
    cr_assert_eq(counters_new(&counters), ERR_OK);
    replace(GOOD);
    cr_assert_eq(key_ring_open(path, &policy, counters, &ring), ERR_OK);
}

static void teardown(void)
{
    key_ring_close(&ring);
    metrics_destroy(&counters);
    (void)unlink(path);
    (void)rmdir(path);
    (void)rmdir(folder);
}

TestSuite(gateway_keys, .init = setup, .fini = teardown, .timeout = 60);

/* Looks some times at what is there: how often it was loaded and refused, since the beginning, and
 * whether the token is good. */
static void check(int64_t loads, int64_t refusals, bool good)
{
    for (int i = 0; i < LOOKS; i++) {
        key_ring_look(ring);
    }
    cr_assert_eq(metrics_value(counters, COUNT_KEY_LOADS), loads);
    cr_assert_eq(metrics_value(counters, COUNT_KEY_LOADS_FAILED), refusals);
    struct claims claims;
    struct jwt_keys *keys = key_ring_hold(ring);
    const enum token_fault fault = jwt_keys_check(keys, &policy, span_of(token), 1000000, &claims);
    jwt_keys_release(&keys);
    cr_assert_eq(fault == TOKEN_OK, good);
}

Test(gateway_keys, test_look_when_the_file_is_wrong_then_refused_once)
{
    replace("too short\n");
    check(1, 1, true);
    replace("short again\n");
    check(1, 2, true);
}

/* Known to all, or to many: whoever knows it could sign. Each is long enough for a secret. */
Test(gateway_keys, test_secret_when_it_is_a_file_of_keys_then_refused_with_the_option_that_is_meant)
{
    static const struct {
        const char *text, *kind;
    } files[] = {
        {"-----BEGIN PUBLIC "
         "KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n",
         "a PEM key or certificate"},
        {"subject=CN = id.example\n-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUKq\n",
         "a PEM key or certificate"},
        {"{\"kid-1\": \"-----BEGIN CERTIFICATE-----\\nMIIBszCCAVmgAwIBAgIUKq\"}",
         "a PEM key or certificate"},
        {"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}",
         "a JSON Web Key Set"},
        {"\xef\xbb\xbf\r\n{ \"keys\" : [ ] , \"more\" : \"xxxxxxxxxxxx\" }", "a JSON Web Key Set"},
        {"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN9", "a JSON Web Key Set"},
        {"{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ\"}", "a JSON Web Key"},
        {"[{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\"0vx7agoebGcQSuuPiL\"}]", "a JSON Web Key"},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct jwt_keys *keys = NULL;
        struct buf message;
        buf_init(&message, 1024);
        cr_assert_eq(jwt_keys_new(&policy, span_of(files[i].text), &message, &keys), ERR_INVALID,
                     "file %zu", i);
        cr_assert_eq(buf_char(&message, '\0'), ERR_OK);
        cr_assert_not_null(strstr(message.data, files[i].kind), "file %zu: %s", i, message.data);
        cr_assert_not_null(strstr(message.data, "--jwt-jwks-file"));
        buf_clear(&message);
    }
}

Test(gateway_keys, test_secret_when_it_only_looks_like_json_then_taken)
{
    struct jwt_keys *keys = NULL;
    struct buf message;
    buf_init(&message, 1024);
    cr_assert_eq(
        jwt_keys_new(&policy, SPAN("{keys: 0123456789abcdef0123456789abcdef}"), &message, &keys),
        ERR_OK);
    cr_assert_eq(jwt_keys_count(keys), 1);
    jwt_keys_release(&keys);
    buf_clear(&message);
}

Test(gateway_keys, test_look_when_the_file_is_missing_then_refused_once)
{
    cr_assert_eq(unlink(path), 0);
    check(1, 1, true);
    replace(OTHER);
    check(2, 1, false);
}

Test(gateway_keys, test_look_when_it_is_no_file_or_cannot_be_opened_then_refused_once)
{
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(mkdir(path, 0700), 0);
    check(1, 1, true);
    cr_assert_eq(rmdir(path), 0);
    cr_assert_eq(symlink("secret", path), 0); /* to itself: who may open everything cannot either */
    check(1, 2, true);
}

Test(gateway_keys, test_look_when_nothing_changed_then_loaded_once)
{
    check(1, 0, true);
}

Test(gateway_keys, test_look_when_the_keys_are_others_then_loaded_once)
{
    replace(OTHER);
    check(2, 0, false);
    replace(GOOD);
    check(3, 0, true);
}
