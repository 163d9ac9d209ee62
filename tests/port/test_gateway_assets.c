// links: base core gateway
#include "gateway/assets.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/longhaul-assets-XXXXXX";
static struct assets *assets;

static const char *in_root(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", root, name);
    return path;
}

static void folder(const char *name)
{
    cr_assert_eq(mkdir(in_root(name), 0700), 0, "%s", name);
}

static void file(const char *name, const char *content)
{
    FILE *out = fopen(in_root(name), "w");
    cr_assert_not_null(out, "%s", name);
    (void)fputs(content, out);
    (void)fclose(out);
}

static void set_up(void)
{
    cr_assert_not_null(mkdtemp(root));
    folder("docs");
    folder("docs/assets");
    folder("app");
    file("openapi.json", "{}");
    file("docs/index.html", "<p>docs");
    file("docs/assets/x-0123.js", "1");
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static void tear_down(void)
{
    assets_destroy(&assets);
    (void)nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

TestSuite(assets, .init = set_up, .fini = tear_down);

static struct asset_match find(const char *path)
{
    return assets_find(assets, ASSETS_PUBLIC, span_of(path));
}

static bool holds(const struct asset_form *form, const char *text)
{
    return form->bytes != NULL && form->len == strlen(text) &&
           memcmp(form->bytes, text, form->len) == 0;
}

Test(assets, test_load_when_there_is_no_folder_then_not_found)
{
    cr_expect_eq(assets_load(in_root("none"), &assets), ERR_NOT_FOUND);
    cr_expect_null(assets);
    cr_expect_null(find("/docs").asset);
}

Test(assets, test_load_when_it_is_no_folder_then_error)
{
    cr_expect_eq(assets_load(in_root("openapi.json"), &assets), ERR_IO);
}

Test(assets, test_load_when_too_many_files_then_too_large)
{
    for (int i = 0; i < ASSETS_FILES_MAX; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "app/%d.txt", i);
        file(name, "x");
    }
    cr_expect_eq(assets_load(root, &assets), ERR_TOO_LARGE);
}

Test(assets, test_load_when_too_many_bytes_then_too_large)
{
    file("app/a.bin", "");
    file("app/b.bin", "");
    cr_assert_eq(truncate(in_root("app/a.bin"), ASSETS_BYTES_MAX / 2), 0);
    cr_assert_eq(truncate(in_root("app/b.bin"), ASSETS_BYTES_MAX / 2), 0);
    cr_expect_eq(assets_load(root, &assets), ERR_TOO_LARGE, "both and the rest");
    cr_assert_eq(truncate(in_root("app/b.bin"), ASSETS_BYTES_MAX + 1L), 0);
    cr_expect_eq(assets_load(root, &assets), ERR_TOO_LARGE, "one alone");
}

Test(assets, test_load_when_too_deep_then_too_large)
{
    char name[64] = "app";
    for (size_t len = 3; len < 3 + 2 * ASSETS_DEPTH_MAX; len += 2) {
        (void)snprintf(name + len, sizeof name - len, "/d");
        folder(name);
    }
    cr_expect_eq(assets_load(root, &assets), ERR_TOO_LARGE);
}

Test(assets, test_load_when_hidden_or_link_or_odd_name_then_left_out)
{
    folder("app/assets");
    file("app/assets/.hidden", "secret");
    file("app/assets/odd name", "x");
    file("app/assets/ok.txt", "x");
    cr_assert_eq(symlink("/etc/passwd", in_root("app/assets/link.txt")), 0);
    cr_assert_eq(symlink("/etc", in_root("app/assets/etc")), 0);
    cr_assert_eq(mkfifo(in_root("app/assets/pipe"), 0600), 0);
    cr_assert_eq(assets_load(root, &assets), ERR_OK);
    cr_expect_eq(assets_count(assets), 4);
    cr_expect_null(find("/assets/.hidden").asset);
    cr_expect_null(find("/assets/odd name").asset);
    cr_expect_null(find("/assets/link.txt").asset);
    cr_expect_null(find("/assets/pipe").asset);
    cr_expect_not_null(find("/assets/ok.txt").asset);
}

Test(assets, test_find_when_path_is_not_in_the_table_then_nothing)
{
    static const char *const paths[] = {
        "",
        "/openapi.json/",
        "//openapi.json",
        "/OPENAPI.JSON",
        "/openapi",
        "/docs/index.html",
        "/docs/../openapi.json",
        "/docs/assets/../index.html",
        "/docs/assets/..",
        "/docs/assets/",
        "/docs/assets/x-0123.js/",
        "/docs/assets/x-0123.jS",
        "/docs/assets/%78-0123.js",
        "/docs/assets/../../openapi.json",
        "/downloads/a", /* there is no app here */
        "/",
    };
    cr_assert_eq(assets_load(root, &assets), ERR_OK);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        cr_expect_null(find(paths[i]).asset, "%s", paths[i]);
    }
}

Test(assets, test_find_when_name_is_overlong_then_nothing)
{
    char path[ASSETS_PATH_MAX * 2];
    memset(path, 'a', sizeof path);
    memcpy(path, "/docs/assets/", 13);
    cr_assert_eq(assets_load(root, &assets), ERR_OK);
    cr_expect_null(assets_find(assets, ASSETS_PUBLIC, (struct span){path, sizeof path}).asset);
}

Test(assets, test_find_when_address_is_a_page_then_its_file)
{
    cr_assert_eq(assets_load(root, &assets), ERR_OK);
    const struct asset_match docs = find("/docs"), script = find("/docs/assets/x-0123.js");
    cr_assert_not_null(docs.asset);
    cr_expect(holds(&docs.asset->plain, "<p>docs"));
    cr_expect(span_eq(docs.asset->content_type, SPAN("text/html; charset=utf-8")));
    cr_expect_not(docs.immutable);
    cr_expect_null(docs.asset->gzip.bytes);
    cr_assert_not_null(script.asset);
    cr_expect(script.immutable);
    cr_expect(span_eq(script.asset->content_type, SPAN("text/javascript; charset=utf-8")));
    cr_expect_eq(find("/docs/").asset, docs.asset);
}

Test(assets, test_find_when_page_has_addresses_of_its_own_then_one_file_for_all)
{
    file("app/index.html", "<p>app");
    cr_assert_eq(assets_load(root, &assets), ERR_OK);
    cr_expect_not_null(find("/").asset);
    cr_expect_eq(find("/downloads/001m85ey01jqzsqqk6vxq13ev85").asset, find("/").asset);
    cr_expect_null(find("/downloads/a/b").asset);
}

static bool moves(const char *from, const char *to)
{
    const struct asset_match m = find(from);
    return m.asset != NULL && span_eq(m.moved_to, span_of(to));
}

Test(assets, test_find_when_a_slash_is_too_many_and_it_is_no_pages_then_nothing)
{
    file("app/index.html", "<p>app");
    cr_assert_eq(assets_load(root, &assets), ERR_OK);
    static const char *const paths[] = {
        "//",
        "///",
        "//evil.example/",
        "//downloads/a/",
        "/downloads//",
        "/downloads/a//",
        "/downloads//a/",
        "/downloads/a/b/",
        "/downloads/../",
        "/downloads/./",
        "/downloads/%2fevil/",
        "/downloads/a%2f/",
        "/downloads/a@b/",
        "/downloads/a\\/",
        "/docs//",
        "/docs/index.html/",
        "/docs/assets/",
        "/docs/assets/x-0123.js/",
        "/openapi.json/",
        "/Downloads",
        "/downloads*",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        cr_expect_null(find(paths[i]).asset, "%s", paths[i]);
    }
}

Test(assets, test_find_when_there_is_no_page_then_no_address_leads_to_it)
{
    cr_assert_eq(assets_load(root, &assets), ERR_OK);
    cr_expect_null(find("/downloads").asset);
    cr_expect_null(find("/downloads/").asset);
    cr_expect_null(find("/downloads/a/").asset);
    cr_expect_null(find("/docs/errors/").asset);
    cr_expect_null(assets_find(assets, ASSETS_ADMIN, SPAN("/downloads")).asset);
}

Test(assets, test_find_when_a_pages_address_has_a_slash_too_many_then_it_moved)
{
    file("app/index.html", "<p>app");
    file("docs/errors.html", "<p>errors");
    cr_assert_eq(assets_load(root, &assets), ERR_OK);
    cr_expect(
        moves("/downloads/001m85ey01jqzsqqk6vxq13ev85/", "/downloads/001m85ey01jqzsqqk6vxq13ev85"));
    cr_expect(moves("/downloads/_-/", "/downloads/_-"));
    cr_expect(moves("/downloads/", "/"), "one step, not two");
    cr_expect(moves("/downloads", "/"));
    cr_expect(moves("/docs/errors/", "/docs/errors"));
    cr_expect_eq(find("/docs/").moved_to.len, 0, "it has an address of its own");
    cr_expect_eq(find("/downloads/a").moved_to.len, 0);
    cr_expect_eq(find("/").moved_to.len, 0);
}

Test(assets, test_load_when_there_is_a_compressed_form_then_it_belongs_to_the_plain_one)
{
    file("openapi.json.gz", "packed");
    file("docs/assets/alone.js.gz", "packed");
    cr_assert_eq(assets_load(root, &assets), ERR_OK);
    const struct asset *a = find("/openapi.json").asset;
    cr_assert_not_null(a);
    cr_expect(holds(&a->plain, "{}"));
    cr_expect(holds(&a->gzip, "packed"));
    cr_expect_str_eq(a->plain.etag,
                     "\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"");
    cr_expect_str_eq(a->gzip.etag,
                     "\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a-gz\"");
    cr_expect_not_null(find("/docs/assets/alone.js.gz").asset, "it is a file like others");
}

Test(assets, test_load_when_file_is_empty_then_it_is_served_empty)
{
    file("docs/assets/empty.css", "");
    cr_assert_eq(assets_load(root, &assets), ERR_OK);
    const struct asset *a = find("/docs/assets/empty.css").asset;
    cr_assert_not_null(a);
    cr_expect(holds(&a->plain, ""));
    cr_expect_str_eq(a->plain.etag,
                     "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"");
}
