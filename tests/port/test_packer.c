// links: ports core base support
/* Packed bytes as other programs read them: unzip, tar, gzip, zstd, Python. */
#include "ports/packer.h"

#include "support/child.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READER_MS = 60000 };

static char dir[64], path[96];
static struct packer *packer;
static FILE *artifact;

static void setup(void)
{
    (void)snprintf(dir, sizeof dir, "/tmp/longhaul-packer-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
}

static void teardown(void)
{
    const char *const argv[] = {"rm", "-rf", "--", dir, NULL};
    packer_destroy(&packer);
    (void)child_wait(child_start(argv, NULL), READER_MS);
}

TestSuite(packer, .init = setup, .fini = teardown, .timeout = 60);

static void take_output(void)
{
    const struct span out = packer_output(packer);
    cr_assert_leq(out.len, PACKER_OUTPUT_MAX);
    if (out.len > 0) {
        cr_assert_eq(fwrite(out.ptr, 1, out.len, artifact), out.len);
    }
    packer_taken(packer);
}

static void begin(enum job_format format)
{
    (void)snprintf(path, sizeof path, "%s/artifact", dir);
    artifact = fopen(path, "we");
    cr_assert_not_null(artifact);
    cr_assert_eq(packer_new(format, &packer), ERR_OK);
}

static void add(const char *name, int64_t size_bytes, struct span bytes)
{
    const struct packer_entry e = {
        .name = name, .size_bytes = size_bytes, .modified_s = 1700000000};
    cr_assert_eq(packer_begin(packer, &e), ERR_OK, "%s", name);
    while (bytes.len > 0) {
        const size_t len = bytes.len < PACKER_WRITE_MAX ? bytes.len : PACKER_WRITE_MAX;
        cr_assert_eq(packer_write(packer, (struct span){bytes.ptr, len}), ERR_OK);
        take_output();
        bytes = (struct span){bytes.ptr + len, bytes.len - len};
    }
    cr_assert_eq(packer_end(packer), ERR_OK);
    take_output();
}

static void finish(void)
{
    cr_assert_eq(packer_finish(packer), ERR_OK);
    take_output();
    packer_destroy(&packer);
    cr_assert_eq(fclose(artifact), 0);
}

/* Runs a shell script with the artifact as $1, which must end well. */
static void check(const char *script)
{
    char log[96];
    (void)snprintf(log, sizeof log, "%s/log", dir);
    const char *const argv[] = {"sh", "-ec", script, "sh", path, NULL};
    const int code = child_wait(child_start(argv, log), READER_MS);
    if (code != 0) {
        const char *const show[] = {"cat", log, NULL};
        (void)child_wait(child_start(show, NULL), READER_MS);
    }
    cr_assert_eq(code, 0, "%s: %d", script, code);
}

static char *noise(size_t len)
{
    char *bytes = malloc(len);
    uint64_t x = 88172645463325252;
    cr_assert_not_null(bytes);
    for (size_t i = 0; i < len; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        bytes[i] = (char)(x >> 32);
    }
    return bytes;
}

/* What readers must find again. */
static void keep(const char *name, struct span bytes)
{
    char file[128];
    (void)snprintf(file, sizeof file, "%s/%s", dir, name);
    FILE *f = fopen(file, "we");
    cr_assert_not_null(f);
    cr_assert_eq(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
    cr_assert_eq(fclose(f), 0);
}

static const struct {
    enum job_format format;
    const char *test, *unpack;
} READERS[] = {
    {FORMAT_GZIP, "gzip -t < $1", "gzip -dc < $1"},
    {FORMAT_ZSTD, "zstd -tq < $1", "zstd -dc < $1"},
    {FORMAT_ZIP, "unzip -tq $1", "unzip -p $1 a.bin"},
    {FORMAT_ZIP, "python3 -m zipfile -t $1", "bsdtar -xOf $1 a.bin"},
    {FORMAT_TAR, "tar -tf $1", "tar -xOf $1 a.bin"},
    {FORMAT_TAR, "bsdtar -tf $1", "bsdtar -xOf $1 a.bin"},
};

static void check_all(const char *what, struct span bytes, bool say_size)
{
    char script[256];
    keep("a.bin", bytes);
    for (size_t i = 0; i < sizeof READERS / sizeof READERS[0]; i++) {
        if (READERS[i].format == FORMAT_TAR && !say_size) {
            continue;
        }
        begin(READERS[i].format);
        add("a.bin", say_size ? (int64_t)bytes.len : -1, bytes);
        finish();
        check(READERS[i].test);
        (void)snprintf(script, sizeof script, "%s > %s/out; cmp %s/out %s/a.bin # %s",
                       READERS[i].unpack, dir, dir, dir, what);
        check(script);
    }
}

Test(packer, every_reader_finds_the_bytes_again)
{
    const size_t len = 3000001;
    char *bytes = noise(len);
    check_all("noise", (struct span){bytes, len}, true);
    memset(bytes, 'z', len);
    check_all("one letter", (struct span){bytes, len}, true);
    check_all("one byte", (struct span){bytes, 1}, true);
    free(bytes);
}

Test(packer, every_reader_finds_bytes_of_an_unknown_number_again)
{
    const size_t len = 700000;
    char *bytes = noise(len);
    check_all("noise", (struct span){bytes, len}, false);
    check_all("nothing", (struct span){"", 0}, false);
    free(bytes);
}

Test(packer, an_empty_file_is_a_file)
{
    check_all("nothing", (struct span){"", 0}, true);
}

Test(packer, refuses_more_and_fewer_bytes_than_the_size_that_was_said)
{
    const struct packer_entry e = {.name = "a", .size_bytes = 3, .modified_s = -1};
    static const enum job_format FORMATS[] = {FORMAT_GZIP, FORMAT_ZSTD, FORMAT_ZIP, FORMAT_TAR};
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(packer_new(FORMATS[i], &packer), ERR_OK);
        cr_assert_eq(packer_begin(packer, &e), ERR_OK);
        cr_assert_eq(packer_write(packer, SPAN("ab")), ERR_OK);
        cr_assert_eq(packer_write(packer, SPAN("cd")), ERR_INVALID);
        packer_destroy(&packer);
        cr_assert_eq(packer_new(FORMATS[i], &packer), ERR_OK);
        cr_assert_eq(packer_begin(packer, &e), ERR_OK);
        cr_assert_eq(packer_write(packer, SPAN("ab")), ERR_OK);
        cr_assert_eq(packer_end(packer), ERR_INVALID);
        packer_destroy(&packer);
    }
}

Test(packer, refuses_a_file_without_a_size_in_a_tar)
{
    const struct packer_entry e = {.name = "a", .size_bytes = -1, .modified_s = -1};
    cr_assert_eq(packer_new(FORMAT_TAR, &packer), ERR_OK);
    cr_assert_eq(packer_begin(packer, &e), ERR_INVALID);
}

/* 252 bytes: three for each character. */
static const char *long_name(size_t i, char out[256])
{
    int len = snprintf(out, 256, "%04zu", i);
    while (len < 250) {
        len += snprintf(out + len, 256 - (size_t)len, "\xe2\x82\xac");
    }
    return out;
}

static void add_many(void)
{
    char name[256];
    for (size_t i = 0; i < JOB_FILE_IDS_MAX; i++) {
        add(long_name(i, name), (int64_t)4, SPAN("text"));
    }
}

static const char CHECK_NAMES[] = "names = ['%04d' % i + '\\u20ac' * 82 for i in range(1000)]\n"
                                  "assert a.NAMES() == names, a.NAMES()[:2]\n";

static void check_python(const char *open, const char *names, const char *more)
{
    char script[1024], text[512];
    size_t len = 0;
    for (const char *c = CHECK_NAMES; *c != '\0';) {
        const bool here = strncmp(c, "NAMES", 5) == 0;
        len += (size_t)snprintf(text + len, sizeof text - len, "%.*s", here ? 64 : 1,
                                here ? names : c);
        c += here ? 5 : 1;
    }
    (void)snprintf(script, sizeof script, "python3 - $1 <<'END'\n%s%s%s\nEND", open, text, more);
    check(script);
}

Test(packer, a_zip_of_a_thousand_long_names_has_them_in_utf_8)
{
    begin(FORMAT_ZIP);
    add_many();
    finish();
    check_python("import sys, zipfile\na = zipfile.ZipFile(sys.argv[1])\n", "namelist",
                 "assert all(i.flag_bits & 0x808 == 0x808 for i in a.infolist())\n"
                 "assert all(a.read(i) == b'text' for i in a.infolist())\n"
                 "assert all(i.external_attr >> 16 == 0o100644 for i in a.infolist())");
    check("unzip -tq $1; test $(bsdtar -tf $1 | wc -l) = 1000");
}

Test(packer, a_tar_of_a_thousand_long_names_has_them_and_names_no_owner)
{
    begin(FORMAT_TAR);
    add_many();
    finish();
    check_python("import sys, tarfile\na = tarfile.open(sys.argv[1])\n", "getnames",
                 "assert all(i.uid == i.gid == 0 and i.uname == i.gname == '' for i in a)\n"
                 "assert all(i.mode == 0o644 and i.mtime == 1700000000 for i in a)");
    check("test $(tar -tf $1 | wc -l) = 1000");
}

Test(packer, the_same_files_give_the_same_bytes)
{
    static const enum job_format FORMATS[] = {FORMAT_GZIP, FORMAT_ZSTD, FORMAT_ZIP, FORMAT_TAR};
    for (size_t i = 0; i < 4; i++) {
        begin(FORMATS[i]);
        add("a", 5, SPAN("hello"));
        finish();
        check("mv $1 $1.first");
        begin(FORMATS[i]);
        add("a", 5, SPAN("hello"));
        finish();
        check("cmp $1 $1.first");
    }
    begin(FORMAT_GZIP);
    add("a", 5, SPAN("hello"));
    finish();
    check("test \"$(od -An -tx1 -N8 $1)\" = ' 1f 8b 08 00 00 00 00 00'"); /* no name, no time */
}

Test(packer, can_be_given_up_at_any_moment)
{
    static const enum job_format FORMATS[] = {FORMAT_GZIP, FORMAT_ZSTD, FORMAT_ZIP, FORMAT_TAR};
    const struct packer_entry e = {.name = "a", .size_bytes = 10, .modified_s = -1};
    char *bytes = noise(PACKER_WRITE_MAX);
    const struct packer_entry huge = {
        .name = "a", .size_bytes = INT64_C(1) << 50, .modified_s = -1};
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(packer_new(FORMATS[i], &packer), ERR_OK);
        packer_destroy(&packer);
        cr_assert_eq(packer_new(FORMATS[i], &packer), ERR_OK);
        cr_assert_eq(packer_begin(packer, &e), ERR_OK);
        packer_destroy(&packer);
        cr_assert_eq(packer_new(FORMATS[i], &packer), ERR_OK);
        cr_assert_eq(packer_begin(packer, &e), ERR_OK);
        cr_assert_eq(packer_write(packer, SPAN("half")), ERR_OK);
        packer_destroy(&packer);
        cr_assert_eq(packer_new(FORMATS[i], &packer), ERR_OK);
        cr_assert_eq(packer_begin(packer, &huge), ERR_OK);
        cr_assert_eq(packer_write(packer, (struct span){bytes, PACKER_WRITE_MAX}), ERR_OK);
        packer_destroy(&packer); /* within the timeout: does not write the rest */
    }
    free(bytes);
}
