// links: base core
#include "core/pack_names.h"

#include "core/file_name.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct pack_names names;

static void expect_taken(const char *name, uint64_t file_id, const char *want)
{
    char out[FILE_NAME_SIZE];
    pack_names_take(&names, name, file_id, out);
    cr_assert_str_eq(out, want, "%s: %s", name, out);
    cr_assert(file_name_safe(span_of(out)), "%s", out);
}

Test(pack_names, test_take_when_a_name_leads_out_of_the_folder_then_it_no_longer_does)
{
    pack_names_init(&names);
    expect_taken("../../etc/passwd", 1, "___.._etc_passwd");
    expect_taken("/etc/passwd", 2, "_etc_passwd");
    expect_taken("C:\\a.txt", 3, "C__a.txt");
    expect_taken("a\nb", 4, "a_b");
    expect_taken("..", 5, "download");
    expect_taken("nul.txt", 6, "_nul.txt");
}

Test(pack_names, test_take_when_nobody_named_the_file_then_its_id_does)
{
    pack_names_init(&names);
    expect_taken("", 42, "file-42");
    expect_taken("", 9007199254740991, "file-9007199254740991");
    expect_taken("file-42", 1, "file-42 (2)");
}

Test(pack_names, test_take_when_a_name_stands_twice_then_it_is_numbered_before_its_extension)
{
    pack_names_init(&names);
    expect_taken("a.txt", 1, "a.txt");
    expect_taken("a.txt", 2, "a (2).txt");
    expect_taken("a (2).txt", 3, "a (2) (2).txt");
    expect_taken("a.txt", 4, "a (3).txt");
    expect_taken("README", 5, "README");
    expect_taken("README", 6, "README (2)");
    expect_taken("x.tar.gz", 7, "x.tar.gz");
    expect_taken("x.tar.gz", 8, "x.tar (2).gz");
}

Test(pack_names, test_take_when_only_the_case_differs_then_it_is_numbered_too)
{
    pack_names_init(&names);
    expect_taken("Photo.JPG", 1, "Photo.JPG");
    expect_taken("photo.jpg", 2, "photo (2).jpg");
}

Test(pack_names, test_take_when_a_thousand_have_one_long_name_then_all_differ)
{
    char name[FILE_NAME_SIZE], out[FILE_NAME_SIZE], want[16];
    memset(name, 'x', sizeof name - 1);
    memcpy(name + 250, ".html", 6);
    pack_names_init(&names);
    for (size_t i = 1; i <= JOB_FILE_IDS_MAX; i++) {
        pack_names_take(&names, name, i, out);
        cr_assert_leq(strlen(out), JOB_FILE_NAME_MAX);
        (void)snprintf(want, sizeof want, " (%zu).html", i);
        cr_assert(i == 1 || strcmp(out + strlen(out) - strlen(want), want) == 0, "%zu: %s", i, out);
    }
    cr_assert_eq(names.count, JOB_FILE_IDS_MAX);
}

Test(pack_names, test_take_when_a_number_does_not_fit_then_a_whole_character_goes)
{
    char name[FILE_NAME_SIZE], out[FILE_NAME_SIZE];
    for (size_t i = 0; i < 85; i++) {
        memcpy(name + 3 * i, "\xe2\x82\xac", 4);
    }
    pack_names_init(&names);
    pack_names_take(&names, name, 1, out);
    cr_assert_str_eq(out, name);
    pack_names_take(&names, name, 2, out);
    cr_assert(file_name_safe(span_of(out)), "%s", out);
    cr_assert_eq(strlen(out), 249 + 4);
}

static void expect_artifact(enum job_format format, const char *name, const char *want,
                            const char *type)
{
    char out[FILE_NAME_SIZE];
    pack_artifact_name(format, name, out);
    cr_assert_str_eq(out, want);
    cr_assert_str_eq(pack_content_type(format), type);
}

Test(pack_names, test_artifact_name_when_packed_then_it_has_the_extension_of_the_format)
{
    expect_artifact(FORMAT_GZIP, "report.pdf", "report.pdf.gz", "application/gzip");
    expect_artifact(FORMAT_ZSTD, "report.pdf", "report.pdf.zst", "application/zstd");
    expect_artifact(FORMAT_ZIP, "report.pdf", "report.pdf.zip", "application/zip");
    expect_artifact(FORMAT_TAR, "report.pdf", "report.pdf.tar", "application/x-tar");
    expect_artifact(FORMAT_ZIP, "", "download.zip", "application/zip");
}

Test(pack_names, test_artifact_name_when_it_is_long_then_the_extension_stays)
{
    char name[FILE_NAME_SIZE], out[FILE_NAME_SIZE];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    pack_artifact_name(FORMAT_ZSTD, name, out);
    cr_assert_eq(strlen(out), JOB_FILE_NAME_MAX);
    cr_assert_str_eq(out + JOB_FILE_NAME_MAX - 5, "n.zst");
}
