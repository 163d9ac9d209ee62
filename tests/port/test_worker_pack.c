// links: support wire core base zmq pthread crypto
/* What an attempt that packs makes, and how it fails: a real worker, real sources, a scripted
 * broker, and other programs that read what was made. */
#include "core/digest.h"
#include "support/pack_rig.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_SIZE = 256 };

static struct worker_rig rig;

static void setup(void)
{
    worker_rig_start(&rig);
}

static void teardown(void)
{
    worker_rig_stop(&rig);
}

TestSuite(worker_pack, .init = setup, .fini = teardown, .timeout = 110);

/* ---- refusals and failures */

Test(worker_pack, a_missing_file_is_named_before_any_is_fetched)
{
    pack_start(&rig, NULL);
    const struct attempt a = pack_list(&rig, PACK_IDS(RIG_NAMED, 999, RIG_FILE_INSIDE), FORMAT_ZIP);
    pack_failed(&rig, &a, "SOURCE_NOT_FOUND", false,
                "File 999: The source does not have this file.");
    cr_assert_eq(atomic_load(&rig.source.served), 0);
    pack_nothing_left(&rig);
}

Test(worker_pack, a_source_that_fails_in_the_middle_fails_the_archive_and_is_named)
{
    static const struct {
        enum rig_file file;
        const char *code;
        bool retryable;
    } TABLE[] = {
        {RIG_SHORT, "SOURCE_UNREACHABLE", true},       {RIG_NGINX_404, "SOURCE_NOT_FOUND", false},
        {RIG_NGINX_403, "SOURCE_FORBIDDEN", false},    {RIG_NGINX_500, "SOURCE_UNREACHABLE", true},
        {RIG_PRIVATE, "SOURCE_FORBIDDEN", false},      {RIG_WRONG_SIZE, "CHECKSUM_MISMATCH", true},
        {RIG_WRONG_SHA, "CHECKSUM_MISMATCH", true},    {RIG_FILE_LINK, "SOURCE_FORBIDDEN", false},
        {RIG_FILE_OUTSIDE, "SOURCE_FORBIDDEN", false},
    };
    char message[MESSAGE_SIZE];
    pack_start(&rig, NULL);
    for (size_t i = 0; i < sizeof TABLE / sizeof TABLE[0]; i++) {
        const struct attempt a =
            pack_list(&rig, PACK_IDS(RIG_FILE_INSIDE, TABLE[i].file, RIG_NAMED),
                      i % 2 == 0 ? FORMAT_ZIP : FORMAT_TAR);
        (void)snprintf(message, sizeof message, "File %d: ", (int)TABLE[i].file);
        pack_failed(&rig, &a, TABLE[i].code, TABLE[i].retryable, message);
        pack_nothing_left(&rig);
    }
}

Test(worker_pack, a_source_that_stops_sending_is_named)
{
    static const char *const more[] = {"--stall-s", "1", NULL};
    pack_start(&rig, more);
    const struct attempt a = pack_list(&rig, PACK_IDS(RIG_FILE_INSIDE, RIG_STALL), FORMAT_ZIP);
    pack_failed(&rig, &a, "SOURCE_STALLED", true, "File 7: The source stopped sending.");
    pack_nothing_left(&rig);
}

Test(worker_pack, a_tar_of_a_file_without_a_size_that_is_too_long_to_keep_is_refused)
{
    static const char *const more[] = {"--spool-bytes-max", "999999", NULL};
    pack_start(&rig, more);
    const struct attempt a = pack_list(&rig, PACK_IDS(RIG_NAMED, RIG_UNSIZED), FORMAT_TAR);
    pack_failed(&rig, &a, "SOURCE_TOO_LARGE", false, "File 27: A tar must know a file's size");
    pack_nothing_left(&rig);
}

Test(worker_pack, the_limit_of_sizes_holds_for_the_sum)
{
    static const char *const more[] = {"--source-bytes-max", "3500000", NULL};
    pack_start(&rig, more);
    struct attempt a = pack_list(&rig, PACK_IDS(RIG_FILE_INSIDE, RIG_NGINX_FILE), FORMAT_ZIP);
    pack_failed(&rig, &a, "SOURCE_TOO_LARGE", false, "The files together");
    a = pack_list(&rig, PACK_IDS(RIG_FILE_INSIDE, RIG_UNSIZED), FORMAT_ZIP);
    pack_failed(&rig, &a, "SOURCE_TOO_LARGE", false, "");
    pack_nothing_left(&rig);
}

Test(worker_pack, the_sha256_of_a_job_is_the_sources)
{
    const uint64_t file_id = RIG_FILE_INSIDE;
    struct job_spec spec = {
        .file_ids = &file_id, .file_ids_count = 1, .format = FORMAT_GZIP, .has_sha256 = true};
    pack_start(&rig, NULL);
    struct attempt a = pack_spec(&rig, &spec, PACK_TIMEOUT_MS);
    pack_failed(&rig, &a, "CHECKSUM_MISMATCH", false,
                "The file does not have the requested SHA-256.");
    pack_nothing_left(&rig);
    struct digest d;
    digest_init(&d);
    for (size_t i = 0; i < RIG_FILE_BYTES; i++) {
        const char byte = (char)rig_byte(i);
        cr_assert_eq(digest_add(&d, (struct span){&byte, 1}), ERR_OK);
    }
    cr_assert_eq(digest_end(&d, spec.sha256), ERR_OK);
    a = pack_spec(&rig, &spec, PACK_TIMEOUT_MS);
    pack_made(&rig, &a, "file.bin.gz", "application/gzip");
}

/* ---- what is made */

Test(worker_pack, a_single_file_is_packed_in_every_format_under_its_own_name)
{
    static const struct {
        enum job_format format;
        const char *name, *type, *script;
    } TABLE[] = {
        {FORMAT_GZIP, "report.pdf.gz", "application/gzip", "gzip -dc < $2 | cmp - $1/www/file.bin"},
        {FORMAT_ZSTD, "report.pdf.zst", "application/zstd",
         "zstd -dc < $2 | cmp - $1/www/file.bin"},
        {FORMAT_ZIP, "report.pdf.zip", "application/zip",
         "unzip -tq $2; unzip -p $2 report.pdf | cmp - $1/www/file.bin"},
        {FORMAT_TAR, "report.pdf.tar", "application/x-tar",
         "tar -xOf $2 report.pdf | cmp - $1/www/file.bin"},
    };
    pack_start(&rig, NULL);
    for (size_t i = 0; i < sizeof TABLE / sizeof TABLE[0]; i++) {
        const struct attempt a = pack_one(&rig, RIG_NGINX_FILE, TABLE[i].format);
        pack_made(&rig, &a, TABLE[i].name, TABLE[i].type);
        pack_check(&rig, TABLE[i].script, &a);
    }
}

Test(worker_pack, an_empty_file_is_packed_in_every_format)
{
    pack_start(&rig, NULL);
    struct attempt a = pack_one(&rig, RIG_NGINX_EMPTY, FORMAT_GZIP);
    pack_made(&rig, &a, "empty file.txt.gz", "application/gzip");
    pack_check(&rig, "test $(gzip -dc < $2 | wc -c) = 0", &a);
    a = pack_one(&rig, RIG_NGINX_EMPTY, FORMAT_ZSTD);
    pack_made(&rig, &a, "empty file.txt.zst", "application/zstd");
    pack_check(&rig, "zstd -tq < $2; test $(zstd -dc < $2 | wc -c) = 0", &a);
    a = pack_list(&rig, PACK_IDS(RIG_NGINX_EMPTY), FORMAT_TAR);
    pack_made(&rig, &a, "download.tar", "application/x-tar");
    pack_check(&rig, "test \"$(tar -tf $2)\" = 'empty file.txt'", &a);
    a = pack_list(&rig, PACK_IDS(RIG_NGINX_EMPTY), FORMAT_ZIP);
    pack_made(&rig, &a, "download.zip", "application/zip");
    pack_check(&rig, "unzip -tq $2", &a);
}

Test(worker_pack, an_archive_has_every_file_of_its_list_from_every_kind_of_source)
{
    static const char CHECK[] =
        "python3 - $2 $1/www/file.bin <<'END'\n"
        "import sys, zipfile, tarfile\n"
        "file = open(sys.argv[2], 'rb').read()\n"
        "stub = bytes((i * 7 + i // 251) & 255 for i in range(1000000))\n"
        "want = [('file.bin', file), ('na\\u00efve name.txt', stub), ('empty file.txt', b''),\n"
        "        ('breaks', stub), ('report.pdf', file), ('unsized-small', stub[:100000])]\n"
        "if zipfile.is_zipfile(sys.argv[1]):\n"
        "    z = zipfile.ZipFile(sys.argv[1])\n"
        "    have = [(i.filename, z.read(i)) for i in z.infolist()]\n"
        "    last = z.infolist()[-1].date_time[0]\n"
        "else:\n"
        "    z = tarfile.open(sys.argv[1])\n"
        "    have = [(i.name, z.extractfile(i).read()) for i in z]\n"
        "    last = 2015 if z.getmembers()[-1].mtime == 1445412480 else 0\n"
        "assert have == want, [(n, len(b)) for n, b in have]\n"
        "assert last == 2015, last\n"
        "END\n";
    pack_start(&rig, NULL);
    for (size_t i = 0; i < 2; i++) {
        const struct attempt a = pack_list(&rig,
                                           PACK_IDS(RIG_FILE_INSIDE, RIG_NAMED, RIG_NGINX_EMPTY,
                                                    RIG_BREAKS, RIG_NGINX_FILE, RIG_UNSIZED_SMALL),
                                           i == 0 ? FORMAT_ZIP : FORMAT_TAR);
        pack_made(&rig, &a, i == 0 ? "download.zip" : "download.tar",
                  i == 0 ? "application/zip" : "application/x-tar");
        pack_check(&rig, CHECK, &a);
    }
}

Test(worker_pack, a_tar_takes_a_file_whose_size_nobody_knows_up_to_the_limit)
{
    static const char *const more[] = {"--spool-bytes-max", "1000000", NULL};
    pack_start(&rig, more);
    struct attempt a = pack_list(
        &rig, PACK_IDS(RIG_UNSIZED, RIG_FILE_INSIDE, RIG_UNSIZED_SMALL, RIG_BREAKS), FORMAT_TAR);
    pack_made(&rig, &a, "download.tar", "application/x-tar");
    pack_check(&rig,
               "python3 - $2 $1/www/file.bin <<'END'\n"
               "import sys, tarfile\n"
               "stub = bytes((i * 7 + i // 251) & 255 for i in range(1000000))\n"
               "file = open(sys.argv[2], 'rb').read()\n"
               "t = tarfile.open(sys.argv[1])\n"
               "have = [(i.name, t.extractfile(i).read()) for i in t]\n"
               "want = [('unsized', stub), ('file.bin', file), ('unsized-small', stub[:100000]),\n"
               "        ('breaks', stub)]\n"
               "assert have == want, [(n, len(b)) for n, b in have]\n"
               "assert t.getmembers()[0].mtime == 1445412480\n"
               "END\n",
               &a);
    a = pack_one(&rig, RIG_UNSIZED, FORMAT_TAR);
    pack_made(&rig, &a, "unsized.tar", "application/x-tar");
    pack_check(&rig, "test $(tar -xOf $2 unsized | wc -c) = 1000000", &a);
    pack_check(&rig, "test -z \"$(ls $1/store/tmp | grep -v lock)\"", NULL);
}

Test(worker_pack, a_zip_takes_a_file_whose_size_nobody_knows)
{
    pack_start(&rig, NULL);
    const struct attempt a = pack_list(&rig, PACK_IDS(RIG_UNSIZED, RIG_UNSIZED_SMALL), FORMAT_ZIP);
    pack_made(&rig, &a, "download.zip", "application/zip");
    pack_check(&rig, "unzip -tq $2; test $(unzip -p $2 unsized | wc -c) = 1000000", &a);
    pack_check(&rig, "python3 -m zipfile -t $2; bsdtar -tf $2", &a);
}

Test(worker_pack, the_users_name_stays_as_it_is)
{
    const uint64_t file_id = RIG_NGINX_FILE;
    const struct job_spec spec = {.file_ids = &file_id,
                                  .file_ids_count = 1,
                                  .format = FORMAT_ZIP,
                                  .file_name = SPAN("my holiday")};
    pack_start(&rig, NULL);
    const struct attempt a = pack_spec(&rig, &spec, PACK_TIMEOUT_MS);
    pack_made(&rig, &a, "my holiday", "application/zip");
    pack_check(&rig, "test \"$(bsdtar -tf $2)\" = report.pdf", &a);
}

Test(worker_pack, a_thousand_files_of_two_names_make_one_archive)
{
    uint64_t ids[JOB_FILE_IDS_MAX];
    char url[256];
    pack_check(&rig, "printf hello > $1/www/small", NULL);
    (void)snprintf(url, sizeof url, "file://%s/www/small", rig.dir);
    for (size_t i = 0; i < JOB_FILE_IDS_MAX; i++) {
        ids[i] = 1000 + i;
        worker_rig_add(&rig, ids[i], url, i % 2 == 0 ? "" : ", \"fileName\": \"../odd.txt\"");
    }
    pack_start(&rig, NULL);
    const struct attempt a = pack_list(&rig, ids, JOB_FILE_IDS_MAX, FORMAT_ZIP);
    pack_made(&rig, &a, "download.zip", "application/zip");
    pack_check(
        &rig,
        "unzip -tq $2; test $(bsdtar -tf $2 | sort -u | wc -l) = 1000;"
        "test $(unzip -p $2 'odd (500).txt') = hello; test $(unzip -p $2 'small (500)') = hello",
        &a);
}
