// links: ports core base support zlib
/* A file of more than 4 GiB in a zip, whose old fields cannot say so. A program of its own, because
 * of its deflate. */
#include "ports/packer.h"

#include "support/child.h"

#include <assert.h>
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { READER_MS = 60000, BLOCK_MAX = 4096 };

static unsigned char zeros[PACKER_WRITE_MAX];
static char dir[64], path[96];
static struct packer *packer;
static FILE *artifact;

/* ---- deflate */

typedef int deflate_call(z_streamp stream, int flush);
static deflate_call *zlib_deflate;
static struct {
    unsigned char bytes[BLOCK_MAX];
    size_t len, said;
} block; /* a chunk of zeros */

/* Between two full flushes the same bytes deflate to the same bytes (zlib.h, Z_FULL_FLUSH). */
static void make_block(void)
{
    z_stream s = {.next_in = zeros,
                  .avail_in = sizeof zeros,
                  .next_out = block.bytes,
                  .avail_out = sizeof block.bytes};
    *(void **)&zlib_deflate = dlsym(RTLD_NEXT, "deflate");
    cr_assert_not_null(zlib_deflate);
    cr_assert_eq(deflateInit2(&s, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL,
                              Z_DEFAULT_STRATEGY),
                 Z_OK);
    cr_assert_eq(zlib_deflate(&s, Z_FULL_FLUSH), Z_OK);
    cr_assert(s.avail_in == 0 && s.avail_out > 0);
    block.len = s.total_out;
    (void)deflateEnd(&s); /* Z_DATA_ERROR: it was not finished */
}

/* libarchive finds this one in zlib's place, whose own takes 15 s of a core for 4 GiB of zeros.
 * What comes out is a stream of deflate as any other. */
int deflate(z_streamp s, int flush)
{
    if (s->avail_in == 0) {
        return zlib_deflate(s, flush);
    }
    assert(s->avail_in == sizeof zeros && flush == Z_NO_FLUSH);
    const size_t left = block.len - block.said;
    const size_t len = left < s->avail_out ? left : s->avail_out;
    memcpy(s->next_out, block.bytes + block.said, len);
    s->next_out += len;
    s->avail_out -= (uInt)len;
    s->total_out += len;
    block.said += len;
    if (block.said == block.len) {
        block.said = 0;
        s->next_in += s->avail_in;
        s->total_in += s->avail_in;
        s->avail_in = 0;
    }
    return Z_OK;
}

/* ---- the archive */

static void setup(void)
{
    (void)snprintf(dir, sizeof dir, "/tmp/longhaul-packer-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/artifact", dir);
    artifact = fopen(path, "we");
    cr_assert_not_null(artifact);
    make_block();
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
    const struct span chunk = {(const char *)zeros, sizeof zeros};
    cr_assert_eq(packer_begin(packer, &e), ERR_OK);
    for (uint64_t i = 0; i < chunks; i++) {
        cr_assert_eq(packer_write(packer, chunk), ERR_OK);
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
    check("unzip -tq $1 after");
    check("test $(unzip -p $1 after | wc -c) = 262144");
    check("bsdtar -tvf $1 | grep -q 4295491584");
}
