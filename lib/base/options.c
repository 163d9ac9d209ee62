#include "base/options.h"

#include "base/option_value.h"
#include "base/span.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_BYTES_MAX = 64, /* of an option, for the name of its variable */
    HELP_COLUMN = 34,
};

static void variable_name(const char *option, const char *suffix, char *out, size_t cap)
{
    const int len = snprintf(out, cap, "LONGHAUL_%s%s", option, suffix);
    assert(len > 0 && (size_t)len < cap);
    (void)len;
    for (char *c = out; *c != '\0'; c++) {
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
    }
}

static enum err take_environment(const struct option_parser *p, const struct option_def *def)
{
    char name[NAME_BYTES_MAX];
    variable_name(def->name, "", name, sizeof name);
    const char *text = getenv(name);
    if (def->type == OPTION_SECRET) {
        char file_name[NAME_BYTES_MAX];
        variable_name(def->name, "_FILE", file_name, sizeof file_name);
        const char *path = getenv(file_name);
        if (path != NULL && text != NULL) {
            return option_complain(p, "%s and %s are both set", name, file_name);
        }
        if (path != NULL) {
            return option_put_secret_file(p, (struct option_setting){def, file_name}, path);
        }
    }
    return text != NULL ? option_put(p, (struct option_setting){def, name}, text) : ERR_OK;
}

static enum err take_defaults(const struct option_parser *p)
{
    for (size_t i = 0; i < p->table->count; i++) {
        const struct option_def *def = &p->table->defs[i];
        if (def->default_text != NULL) {
            const enum err e =
                option_put(p, (struct option_setting){def, def->name}, def->default_text);
            assert(e == ERR_OK); /* the table is ours */
            TRY(e);
        }
        TRY(take_environment(p, def));
    }
    return ERR_OK;
}

/* How a word of argv names an option. */
enum spelling { SPELLED_PLAIN, SPELLED_NO, SPELLED_FILE, SPELLED_UNKNOWN };

static enum spelling spelling_of(const struct option_def *def, struct span word)
{
    const struct span name = span_of(def->name);
    if (span_eq(word, name)) {
        return SPELLED_PLAIN;
    }
    if (def->type == OPTION_FLAG && span_starts(word, SPAN("no-")) &&
        span_eq((struct span){word.ptr + 3, word.len - 3}, name)) {
        return SPELLED_NO;
    }
    if (def->type == OPTION_SECRET && word.len == name.len + 5 && span_starts(word, name) &&
        span_eq((struct span){word.ptr + name.len, 5}, SPAN("-file"))) {
        return SPELLED_FILE;
    }
    return SPELLED_UNKNOWN;
}

static enum spelling find_option(const struct option_table *table, struct span word,
                                 const struct option_def **out)
{
    for (size_t i = 0; i < table->count; i++) {
        const enum spelling how = spelling_of(&table->defs[i], word);
        if (how != SPELLED_UNKNOWN) {
            *out = &table->defs[i];
            return how;
        }
    }
    return SPELLED_UNKNOWN;
}

/* Takes argv[*at] and its value, and moves *at past them. */
static enum err take_flag(const struct option_parser *p, char *const *argv, int *at)
{
    const char *word = argv[(*at)++];
    struct span name;
    struct span inline_value;
    const bool has_inline = span_cut(span_of(word), '=', &name, &inline_value);
    const struct option_def *def = NULL;
    enum spelling how = SPELLED_UNKNOWN;
    if (span_starts(name, SPAN("--"))) {
        how = find_option(p->table, (struct span){name.ptr + 2, name.len - 2}, &def);
    }
    if (how == SPELLED_UNKNOWN) {
        return option_complain(p, "unknown option %.*s", (int)(name.len < 64 ? name.len : 64),
                               name.ptr);
    }
    char called[NAME_BYTES_MAX + 8] = "";
    if (span_copy(name, called, sizeof called) != ERR_OK) {
        return option_complain(p, "an option's name is too long");
    }
    const struct option_setting s = {def, called};
    if (def->type == OPTION_FLAG) {
        return has_inline ? option_complain(p, "%s takes no value", called)
                          : option_put(p, s, how == SPELLED_PLAIN ? "1" : "0");
    }
    const char *value = has_inline ? inline_value.ptr : argv[*at];
    if (value == NULL || (!has_inline && span_starts(span_of(value), SPAN("--")))) {
        return option_complain(p, "%s needs a value", called);
    }
    *at += has_inline ? 0 : 1;
    return how == SPELLED_FILE ? option_put_secret_file(p, s, value) : option_put(p, s, value);
}

static void describe(struct buf *m, const struct option_def *def)
{
    const char *value = def->value_name != NULL ? def->value_name : "VALUE";
    const size_t start = m->len;
    if (def->type == OPTION_FLAG) {
        (void)buf_printf(m, "  --[no-]%s", def->name);
    } else if (def->type == OPTION_SECRET) {
        (void)buf_printf(m, "  --%s[-file] %s|PATH", def->name, value);
    } else {
        (void)buf_printf(m, "  --%s %s", def->name, value);
    }
    const size_t width = m->len - start;
    const size_t pad = width + 1 < HELP_COLUMN ? HELP_COLUMN - width : 1;
    (void)buf_printf(m, "%*s%s", (int)pad, "", def->help);
    if (def->type != OPTION_SECRET && def->default_text != NULL) {
        (void)buf_printf(m, " (default %s)", def->default_text);
    }
    (void)buf_char(m, '\n');
}

static void write_help(const struct option_table *table, struct buf *m)
{
    (void)buf_printf(m, "%s: %s\n\n", table->program, table->summary);
    for (size_t i = 0; i < table->count; i++) {
        describe(m, &table->defs[i]);
    }
    (void)buf_text(m, "  --check-config                  check the configuration and exit\n"
                      "  --version                       print the version and exit\n"
                      "  --help                          print this text and exit\n\n"
                      "Each option is also read from the environment: --some-name as "
                      "LONGHAUL_SOME_NAME.\nA flag goes before it. A secret may be in a file: "
                      "--some-name-file, LONGHAUL_SOME_NAME_FILE.\n");
}

static bool asked(int argc, char *const *argv, const char *flag)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], flag) == 0) {
            return true;
        }
    }
    return false;
}

static enum err take_flags(const struct option_parser *p, int argc, char *const *argv,
                           bool *check_only)
{
    for (int at = 1; at < argc;) {
        if (strcmp(argv[at], "--check-config") == 0) {
            *check_only = true;
            at++;
        } else {
            TRY(take_flag(p, argv, &at));
        }
    }
    return ERR_OK;
}

enum options_outcome options_parse(const struct option_table *table, int argc, char *const *argv,
                                   void *config, struct buf *message)
{
    if (asked(argc, argv, "--help")) {
        write_help(table, message);
        return OPTIONS_EXIT_OK;
    }
    if (asked(argc, argv, "--version")) {
        (void)buf_printf(message, "%s %s\n", table->program, LONGHAUL_VERSION);
        return OPTIONS_EXIT_OK;
    }
    const struct option_parser p = {table, config, message};
    bool check_only = false;
    enum err e = take_defaults(&p);
    if (e == ERR_OK) {
        e = take_flags(&p, argc, argv, &check_only);
    }
    if (e != ERR_OK) {
        options_clear(table, config);
        return OPTIONS_EXIT_USAGE;
    }
    return check_only ? OPTIONS_CHECK_CONFIG : OPTIONS_RUN;
}

void options_clear(const struct option_table *table, void *config)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->defs[i].type == OPTION_SECRET) {
            option_forget_secret((unsigned char *)config + table->defs[i].offset);
        }
    }
}
