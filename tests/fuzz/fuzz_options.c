// links: base
/* Any words on the command line: no crash, no leak, and an answer that fits the outcome. */
#include "base/options.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum { WORDS_MAX = 16, WORD_SIZE = 128 };

struct config {
    bool flag;
    const char *text;
    int64_t number;
    const char *secret;
};

static const struct option_def defs[] = {
    {.name = "f", .type = OPTION_FLAG, .offset = offsetof(struct config, flag), .help = "a flag"},
    {.name = "text",
     .type = OPTION_TEXT,
     .offset = offsetof(struct config, text),
     .default_text = "t",
     .help = "a text"},
    {.name = "n",
     .type = OPTION_NUMBER,
     .offset = offsetof(struct config, number),
     .min = -5,
     .max = 500,
     .help = "a number"},
    {.name = "s",
     .type = OPTION_SECRET,
     .offset = offsetof(struct config, secret),
     .help = "a secret"},
};
static const struct option_table table = {"fuzz", "takes anything", defs, 4};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Words are separated by newlines; a file's name could reach devices, so none is tried. */
static int split(struct span input, char words[WORDS_MAX][WORD_SIZE], char *argv[WORDS_MAX + 1])
{
    int argc = 1;
    while (input.len > 0 && argc < WORDS_MAX) {
        struct span word;
        (void)span_cut(input, '\n', &word, &input);
        if (span_starts(word, SPAN("--s-file")) ||
            span_copy(word, words[argc], WORD_SIZE) != ERR_OK) {
            continue;
        }
        argv[argc] = words[argc];
        argc++;
    }
    argv[argc] = NULL;
    return argc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static char words[WORDS_MAX][WORD_SIZE] = {"fuzz"};
    char *argv[WORDS_MAX + 1] = {words[0]};
    const int argc = split((struct span){(const char *)data, len}, words, argv);
    struct config config = {.number = 0};
    struct buf message;
    buf_init(&message, 1 << 16);
    const enum options_outcome outcome = options_parse(&table, argc, argv, &config, &message);
    const bool runs = outcome == OPTIONS_RUN || outcome == OPTIONS_CHECK_CONFIG;
    assert((message.len == 0) == runs);
    assert(!runs || (config.text != NULL && config.number >= -5 && config.number <= 500));
    assert(runs || config.secret == NULL);
    assert(config.secret == NULL || strlen(config.secret) > 0);
    options_clear(&table, &config);
    buf_clear(&message);
    return 0;
}
