#include "cli/args.h"

#include <stdlib.h>
#include <string.h>

/* One parse. */
struct parser {
    char *const *argv;
    int argc, at;
    struct args *out;
    struct buf *message;
    uint64_t seen; /* bits of arg_defs */
    bool has_command;
    bool words_only; /* after -- */
};

static void *field_of(const struct parser *p, const struct arg_def *def)
{
    return (unsigned char *)p->out + def->offset;
}

static enum err complain(const struct parser *p, const char *before, const char *what,
                         const char *after)
{
    const enum command_id id = p->out->command;
    const bool known = id < CMD_COUNT;
    (void)buf_printf(p->message, "longhaul: %s%s%s\nSee longhaul %s%s--help\n", before, what, after,
                     known ? commands[id].name : "", known ? " " : "");
    return ERR_INVALID;
}

bool choice_next(const char **rest, struct span *word)
{
    bool found = false;
    if (*rest != NULL && **rest != '\0') {
        struct span tail;
        found = true;
        *rest = span_cut(span_of(*rest), ' ', word, &tail) ? tail.ptr : NULL;
    }
    return found;
}

static bool choice_allowed(const char *choices, struct span value)
{
    struct span word;
    while (choice_next(&choices, &word)) {
        if (span_eq(word, value)) {
            return true;
        }
    }
    return false;
}

static bool choices_allowed(const struct arg_def *def, struct span value)
{
    struct span one, rest = value;
    bool more = def->kind == ARG_LIST;
    while (more) {
        more = span_cut(rest, ',', &one, &rest);
        if (!choice_allowed(def->choices, one)) {
            return false;
        }
    }
    return def->kind == ARG_LIST || choice_allowed(def->choices, value);
}

static enum err put(const struct parser *p, const struct arg_def *def, const char *called,
                    const char *value)
{
    if (def->kind == ARG_NUMBER) {
        int64_t n = 0;
        if (span_to_i64(span_of(value), &n) != ERR_OK || n < def->min || n > def->max) {
            (void)buf_printf(p->message, "longhaul: %s takes a number from %lld to %lld\n", called,
                             (long long)def->min, (long long)def->max);
            return ERR_INVALID;
        }
        memcpy(field_of(p, def), &n, sizeof n);
        return ERR_OK;
    }
    if (def->choices != NULL && !choices_allowed(def, span_of(value))) {
        const char *rule = def->kind == ARG_LIST ? " takes one or several, joined by commas, of: "
                                                 : " takes one of: ";
        return complain(p, called, rule, def->choices);
    }
    if (value[0] == '\0') {
        return complain(p, called, " must not be empty", "");
    }
    memcpy(field_of(p, def), &value, sizeof value);
    return ERR_OK;
}

static void turn_on(const struct parser *p, const struct arg_def *def)
{
    const bool on = true;
    memcpy(field_of(p, def), &on, sizeof on);
}

static enum err add_word(struct parser *p, const char *word)
{
    if (!p->has_command) {
        p->out->command = command_find(span_of(word));
        p->has_command = p->out->command != CMD_COUNT;
        return p->has_command ? ERR_OK : complain(p, "there is no command ", word, "");
    }
    if (p->out->words_count == WORDS_MAX) {
        return complain(p, "too many words", "", "");
    }
    p->out->words[p->out->words_count++] = word;
    return ERR_OK;
}

/* `value`: what stands behind '=' or the letter; NULL: the next word of argv. */
static enum err take(struct parser *p, size_t index, const char *called, const char *value)
{
    const struct arg_def *def = &arg_defs[index];
    p->seen |= (uint64_t)1 << index;
    if (def->kind == ARG_SWITCH) {
        if (value != NULL) {
            return complain(p, called, " takes no value", "");
        }
        turn_on(p, def);
        return ERR_OK;
    }
    if (value == NULL && p->at < p->argc) {
        value = p->argv[p->at++];
    }
    return value != NULL ? put(p, def, called, value) : complain(p, called, " needs a value", "");
}

static enum err take_long(struct parser *p, const char *word)
{
    struct span name, value;
    const bool inlined = span_cut(span_of(word + 2), '=', &name, &value);
    for (size_t i = 0; i < arg_defs_count; i++) {
        if (span_eq(name, span_of(arg_defs[i].name))) {
            char called[64];
            const struct span plain = {word, name.len + 2};
            TRY(span_copy(plain, called, sizeof called));
            return take(p, i, called, inlined ? value.ptr : NULL);
        }
    }
    return complain(p, "there is no option ", word, "");
}

/* -oFILE, -o FILE, -q; letters are not joined. */
static enum err take_short(struct parser *p, const char *word)
{
    for (size_t i = 0; i < arg_defs_count; i++) {
        if (arg_defs[i].letter != 0 && arg_defs[i].letter == word[1]) {
            const char called[] = {'-', word[1], '\0'};
            return take(p, i, called, word[2] != '\0' ? word + 2 : NULL);
        }
    }
    return complain(p, "there is no option ", word, "");
}

static enum err take_next(struct parser *p)
{
    const char *word = p->argv[p->at++];
    if (p->words_only || word[0] != '-' || word[1] == '\0') {
        return add_word(p, word);
    }
    if (strcmp(word, "--") == 0) {
        p->words_only = true;
        return ERR_OK;
    }
    return word[1] == '-' ? take_long(p, word) : take_short(p, word);
}

static enum err take_environment(const struct parser *p, args_env env)
{
    for (size_t i = 0; i < arg_defs_count; i++) {
        const struct arg_def *def = &arg_defs[i];
        const bool given = (p->seen & ((uint64_t)1 << i)) != 0;
        const char *value = def->variable != NULL && !given ? env(def->variable) : NULL;
        if (value != NULL && value[0] != '\0') {
            TRY(put(p, def, def->variable, value));
        }
    }
    return ERR_OK;
}

/* An option must be one of its command, and words neither too few nor too many. */
static enum err check(const struct parser *p)
{
    const struct args *a = p->out;
    if (!p->has_command) {
        return complain(p, "a command is missing", "", "");
    }
    for (size_t i = 0; i < arg_defs_count; i++) {
        const bool fits = (arg_defs[i].commands & (1U << (unsigned)a->command)) != 0;
        if ((p->seen & ((uint64_t)1 << i)) != 0 && !fits) {
            return complain(p, "the command has no option --", arg_defs[i].name, "");
        }
    }
    const struct command *c = &commands[a->command];
    if (a->words_count < c->words_min) {
        return complain(p, "missing: ", c->words, "");
    }
    if (a->words_count > c->words_max) {
        return complain(p, "unexpected word: ", a->words[c->words_max], "");
    }
    if (a->token != NULL && a->token_file != NULL) {
        return complain(p, "a token and a token file exclude each other", "", "");
    }
    return ERR_OK;
}

static size_t index_of(const char *name)
{
    size_t i = 0;
    while (i + 1 < arg_defs_count && strcmp(arg_defs[i].name, name) != 0) {
        i++;
    }
    return i;
}

/* A flag takes the place of both variables: --token over LONGHAUL_TOKEN_FILE. */
static void prefer_flags(const struct parser *p)
{
    const bool token = (p->seen & ((uint64_t)1 << index_of("token"))) != 0;
    const bool file = (p->seen & ((uint64_t)1 << index_of("token-file"))) != 0;
    if (token != file) {
        *(token ? &p->out->token_file : &p->out->token) = NULL;
    }
    p->out->url_given = (p->seen & ((uint64_t)1 << index_of("url"))) != 0;
}

static void set_defaults(struct args *a)
{
    *a = (struct args){.command = CMD_COUNT, .url = "http://127.0.0.1:8080", .timeout_s = -1};
    a->priority = a->delay_s = a->job_timeout_s = a->max_attempts = a->limit = -1;
}

enum err args_parse(int argc, char *const *argv, args_env env, struct args *out,
                    struct buf *message)
{
    struct parser p = {.argv = argv, .argc = argc, .at = 1, .out = out, .message = message};
    set_defaults(out);
    out->words = calloc(WORDS_MAX, sizeof *out->words);
    if (out->words == NULL) {
        return ERR_NOMEM;
    }
    while (p.at < argc) {
        TRY(take_next(&p));
        if (out->version) {
            return ERR_OK;
        }
    }
    TRY(take_environment(&p, env));
    prefer_flags(&p);
    if (out->help || (out->check_config && !p.has_command)) {
        return ERR_OK;
    }
    return check(&p);
}

void args_clear(struct args *a)
{
    free(a->words);
    a->words = NULL;
}
