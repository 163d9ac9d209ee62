/* Replay: feeds the files of a folder to a fuzz target, where libFuzzer is not built in.
 *
 * The first input is always the empty one. A folder that does not exist is an empty corpus. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>

enum { INPUT_BYTES_MAX = 1 << 20, PATH_BYTES_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static uint8_t input[INPUT_BYTES_MAX];

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    const size_t len = fread(input, 1, sizeof input, file);
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput(input, len);
    return 0;
}

static int replay_folder(const char *folder, unsigned *count)
{
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return 0;
    }
    int failed = 0;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[PATH_BYTES_MAX];
        const int len = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || len < 0 || (size_t)len >= sizeof path) {
            continue;
        }
        failed |= replay_file(path);
        ++*count;
    }
    (void)closedir(dir);
    return failed;
}

int main(int argc, char **argv)
{
    unsigned count = 0;
    int failed = 0;
    (void)LLVMFuzzerTestOneInput(input, 0);
    for (int i = 1; i < argc; i++) {
        failed |= replay_folder(argv[i], &count);
    }
    (void)printf("%u inputs replayed\n", count);
    return failed;
}
