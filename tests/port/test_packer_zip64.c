// links: ports core base support
/* A file of more than 4 GiB in a zip, whose old fields cannot say so. It takes seconds of one core,
 * hence a program of its own. */
#include "ports/packer.h"

#include "support/child.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

enum { READER_MS = 60000 };

static char zeros[PACKER_WRITE_MAX];
static char dir[64], path[96];
static struct packer *packer;
static FILE *artifact;

static void setup(void)
{
    (void)snprintf(dir, sizeof dir, "/tmp/longhaul-packer-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/artifact", dir);
    artifact = fopen(path, "we");
    cr_assert_not_null(artifact);
    cr_assert_eq(packer_new(FORMAT_ZIP, &packer), ERR_OK);
}

static void teardown(void)
{
    const char *const argv[] = {"rm", "-rf", "--", dir, NULL};
    packer_destroy(&packer);
    (void)child_wait(child_start(argv, NULL), READER_MS);
}

TestSuite(packer_zip64, .init = setup, .fini = teardown, .timeout = 115);

static void take_output(void)
{
    const struct span out = packer_output(packer);
    cr_assert(out.len == 0 || fwrite(out.ptr, 1, out.len, artifact) == out.len);
    packer_taken(packer);
}

static void add(const char *name, uint64_t chunks)
{
    const struct packer_entry e = {.name = name, .size_bytes = -1, .modified_s = -1};
    cr_assert_eq(packer_begin(packer, &e), ERR_OK);
    for (uint64_t i = 0; i < chunks; i++) {
        cr_assert_eq(packer_write(packer, (struct span){zeros, sizeof zeros}), ERR_OK);
        take_output();
    }
    cr_assert_eq(packer_end(packer), ERR_OK);
    take_output();
}

static void check(const char *script)
{
    const char *const argv[] = {"sh", "-ec", script, "sh", path, NULL};
    cr_assert_eq(child_wait(child_start(argv, NULL), READER_MS), 0, "%s", script);
}

Test(packer_zip64, a_zip_holds_a_file_over_four_gibibytes)
{
    add("big", (UINT64_C(4) << 30) / sizeof zeros + 2);
    add("after", 1);
    cr_assert_eq(packer_finish(packer), ERR_OK);
    take_output();
    cr_assert_eq(fclose(artifact), 0);
    check("python3 -c 'import sys, zipfile; i = zipfile.ZipFile(sys.argv[1]).infolist();"
          "assert [x.file_size for x in i] == [4295491584, 262144], i' $1");
    check("test $(unzip -p $1 after | wc -c) = 262144");
    check("bsdtar -tvf $1 | grep -q 4295491584");
}
