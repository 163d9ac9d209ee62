#include "cli/come_back.h"

#include <ctype.h>
#include <string.h>

static bool plain_word(struct span word)
{
    for (size_t i = 0; i < word.len; i++) {
        const char c = word.ptr[i];
        if (!isalnum((unsigned char)c) && (c == '\0' || strchr("-._/:@%+=,", c) == NULL)) {
            return false;
        }
    }
    return word.len > 0;
}

void come_back_quote(struct span word, struct buf *out)
{
    if (plain_word(word)) {
        (void)buf_span(out, word);
        return;
    }
    (void)buf_char(out, '\'');
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] == '\'') {
            (void)buf_text(out, "'\\''");
        } else {
            (void)buf_char(out, word.ptr[i]);
        }
    }
    (void)buf_char(out, '\'');
}

void come_back_write(const struct args *args, const char *job, struct buf *out)
{
    (void)buf_printf(out, "longhaul get --job %s -o ", job);
    come_back_quote(span_of(args->output != NULL ? args->output : "."), out);
    if (args->url_given) {
        (void)buf_text(out, " --url ");
        come_back_quote(span_of(args->url), out);
    }
    if (args->token_file != NULL) {
        (void)buf_text(out, " --token-file ");
        come_back_quote(span_of(args->token_file), out);
    }
}
