// links: base core
#include "core/source_names.h"

#include <criterion/criterion.h>
#include <string.h>

struct pair {
    const char *in;
    const char *out; /* NULL: refused */
};

typedef enum err name_reader(struct span in, char out[FILE_NAME_SIZE]);

static void check(name_reader *read, const struct pair *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char name[FILE_NAME_SIZE];
        const enum err e = read(span_of(table[i].in), name);
        cr_assert_eq(e == ERR_OK, table[i].out != NULL, "%s: %s", table[i].in, err_name(e));
        if (table[i].out != NULL) {
            cr_assert_str_eq(name, table[i].out);
        }
    }
}

#define CHECK(read, table) check(read, table, sizeof(table) / sizeof((table)[0]))

Test(source_names, cleans_what_others_call_a_file)
{
    static const struct pair TABLE[] = {
        {"", NULL},
        {".", NULL},
        {"..", NULL},
        {"...", NULL},
        {"   ", NULL},
        {"a/..", NULL},
        {"a/", NULL},
        {"report.pdf", "report.pdf"},
        {"../../etc/passwd", "passwd"},
        {"C:\\windows\\x.txt", "x.txt"},
        {" x y ", "x y"},
        {"a\r\nb\x7f.txt", "ab.txt"},
        {"na\xc3\xafve", "na\xc3\xafve"},
        {"bad\xff\xc3", "bad__"},
        {"over\xc0\xaflong", "over__long"},
        {"sur\xed\xa0\x80rogate", "sur___rogate"},
        {"rtl\xe2\x80\xae"
         "exe.txt",
         "rtlexe.txt"},
        {"c1\xc2\x85z", "c1z"},
        {".hidden", ".hidden"},
    };
    CHECK(source_name_clean, TABLE);
}

Test(source_names, cuts_a_long_name_at_a_characters_border)
{
    char raw[JOB_FILE_NAME_MAX + 10];
    char name[FILE_NAME_SIZE];
    memset(raw, 'a', sizeof raw);
    raw[JOB_FILE_NAME_MAX - 1] = '\xc3';
    raw[JOB_FILE_NAME_MAX] = '\xa9';
    cr_assert_eq(source_name_clean((struct span){raw, sizeof raw}, name), ERR_OK);
    cr_assert_eq(strlen(name), JOB_FILE_NAME_MAX - 1);
}

Test(source_names, drops_a_nul_byte)
{
    char name[FILE_NAME_SIZE];
    cr_assert_eq(source_name_clean((struct span){"a\0b", 3}, name), ERR_OK);
    cr_assert_str_eq(name, "ab");
}

Test(source_names, takes_the_last_segment_of_a_url)
{
    static const struct pair TABLE[] = {
        {"http://h", NULL},
        {"http://h/", NULL},
        {"http://h/a/", NULL},
        {"http://h/a/%2e%2e", NULL},
        {"http://h/a/b.txt?x=/y#/z", "b.txt"},
        {"http://h/a%20b%2Fc.txt", "c.txt"},
        {"http://h/100%", "100%"},
        {"http://h/%zz%4", "%zz%4"},
        {"http://h/%C3%A9t%C3%A9", "\xc3\xa9t\xc3\xa9"},
    };
    CHECK(source_name_of_url, TABLE);
}

Test(source_names, reads_content_disposition)
{
    static const struct pair TABLE[] = {
        {"", NULL},
        {"attachment", NULL},
        {"attachment; filename=", NULL},
        {"attachment; filename=x.txt", "x.txt"},
        {"attachment; FileName=\"a;b.txt\"", "a;b.txt"},
        {"attachment; filename=\"a\\\"b.txt\"", "a\"b.txt"},
        {"attachment; filename=\"x\"; filename*=UTF-8''%e2%82%ac.txt", "\xe2\x82\xac.txt"},
        {"attachment; filename*=iso-8859-1'en'%A3.txt", "\xc2\xa3.txt"},
        {"attachment; filename*=KOI8-R''%A3.txt; filename=y.txt", "y.txt"},
        {"attachment; filename*=broken; filename=y.txt", "y.txt"},
        {"attachment; filename=\"../../x\"", "x"},
        {"attachment; filename=\"unclosed", "unclosed"},
    };
    CHECK(source_name_of_disposition, TABLE);
}

Test(source_names, knows_a_media_type)
{
    static const char *const GOOD[] = {"text/plain", "application/vnd.x+json; a=\"b\"", "a/b"};
    static const char *const BAD[] = {"",   "text",  "/",           "a/",
                                      "/b", "a b/c", "a/b\r\nX: y", "\xff/x"};
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        cr_assert(source_content_type_valid(span_of(GOOD[i])), "%s", GOOD[i]);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        cr_assert_not(source_content_type_valid(span_of(BAD[i])), "%s", BAD[i]);
    }
}
