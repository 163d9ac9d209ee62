// links: base core
#include "core/digest.h"

#include <criterion/criterion.h>

static void expect(struct digest *d, const char *hex)
{
    unsigned char sha[SHA256_SIZE];
    char text[SHA256_HEX_LEN + 1];
    cr_assert_eq(digest_end(d, sha), ERR_OK);
    hex_encode(sha, sizeof sha, text);
    cr_assert_str_eq(text, hex);
}

/* FIPS 180-4, and the empty message. */
Test(digest, agrees_with_the_published_vectors)
{
    struct digest d;
    digest_init(&d);
    expect(&d, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_init(&d);
    cr_assert_eq(digest_add(&d, SPAN("a")), ERR_OK);
    cr_assert_eq(digest_add(&d, SPAN("")), ERR_OK);
    cr_assert_eq(digest_add(&d, SPAN("bc")), ERR_OK);
    expect(&d, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

Test(digest, can_be_given_up)
{
    struct digest d;
    digest_init(&d);
    cr_assert_eq(digest_add(&d, SPAN("a")), ERR_OK);
    digest_clear(&d);
    digest_clear(&d);
    cr_assert_null(d.state);
}
