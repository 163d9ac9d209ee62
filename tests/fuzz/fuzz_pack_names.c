// links: base core
/* Names of files in one archive, a line each: safe, and no two alike on any file system. */
#include "core/pack_names.h"

#include "core/file_name.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

enum { NAMES_MAX = 64 };

static char made[NAMES_MAX][FILE_NAME_SIZE];

static void check(size_t count)
{
    const char *last = made[count - 1];
    char artifact[FILE_NAME_SIZE];
    assert(file_name_safe(span_of(last)));
    for (size_t i = 0; i + 1 < count; i++) {
        assert(strcasecmp(made[i], last) != 0);
    }
    pack_artifact_name(FORMAT_ZSTD, last, artifact);
    assert(file_name_safe(span_of(artifact)));
    assert(strcmp(artifact + strlen(artifact) - 4, ".zst") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pack_names names;
    struct span rest = {(const char *)data, size};
    char clean[FILE_NAME_SIZE];
    bool more = true;
    pack_names_init(&names);
    for (size_t count = 1; more && count <= NAMES_MAX; count++) {
        struct span line;
        more = span_cut(rest, '\n', &line, &rest);
        if (source_name_clean(line, clean) != ERR_OK) {
            clean[0] = '\0';
        }
        pack_names_take(&names, clean, count, made[count - 1]);
        check(count);
    }
    return 0;
}
