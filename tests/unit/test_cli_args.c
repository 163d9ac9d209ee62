// links: base core cli
#include "cli/args.h"
#include "cli/come_back.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/help.h"

#include <criterion/criterion.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { WORDS = 12, TEXT = 65536 };

static const char *no_environment(const char *name)
{
    (void)name;
    return NULL;
}

static const char *full_environment(const char *name)
{
    static const char *const pairs[][2] = {{"LONGHAUL_URL", "http://env:1"},
                                           {"LONGHAUL_TOKEN_FILE", "/env/token"},
                                           {"LONGHAUL_USER", ""}};
    for (size_t i = 0; i < COUNT(pairs); i++) {
        if (span_eq(span_of(name), span_of(pairs[i][0]))) {
            return pairs[i][1];
        }
    }
    return NULL;
}

/* `words` end with NULL. */
static enum err parse(const char *const *words, args_env env, struct args *a, struct buf *message)
{
    char *argv[WORDS + 2] = {(char *)(uintptr_t) "longhaul"};
    int argc = 1;
    for (; words[argc - 1] != NULL; argc++) {
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    }
    buf_init(message, TEXT);
    return args_parse(argc, argv, env, a, message);
}

Test(cli_args, test_parse_when_the_line_is_wrong_then_it_says_what)
{
    static const struct {
        const char *words[WORDS];
        const char *says;
    } cases[] = {
        {{NULL}, "a command is missing"},
        {{"--json", NULL}, "a command is missing"},
        {{"fetch", NULL}, "there is no command fetch"},
        {{"get", "--bogus", NULL}, "there is no option --bogus"},
        {{"get", "-z", NULL}, "there is no option -z"},
        {{"get", "--watch", "1", NULL}, "no option --watch"},
        {{"--watch", "get", "1", NULL}, "no option --watch"},
        {{"get", "1", "-o", NULL}, "-o needs a value"},
        {{"get", "1", "--output=", NULL}, "--output must not be empty"},
        {{"list", "--all=1", NULL}, "--all takes no value"},
        {{"list", "-n", "0", NULL}, "-n takes a number from 1 to 200"},
        {{"list", "--limit", "201", NULL}, "--limit takes a number"},
        {{"list", "--limit", "5x", NULL}, "--limit takes a number"},
        {{"list", "--limit", "99999999999999999999", NULL}, "--limit takes a number"},
        {{"list", "--status", "done", NULL}, "--status takes one or several, joined by commas, of"},
        {{"list", "--status", "queued,", NULL}, "--status takes one or several"},
        {{"list", "--status", "", NULL}, "--status takes one or several"},
        {{"list", "--status", "queued,done", NULL}, "--status takes one or several"},
        {{"list", "x", NULL}, "unexpected word: x"},
        {{"status", NULL}, "missing: JOB"},
        {{"status", "a", "b", NULL}, "unexpected word: b"},
        {{"list", "--token", "t", "--token-file", "f", NULL}, "exclude each other"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct args a;
        struct buf message;
        cr_assert_eq(parse(cases[i].words, no_environment, &a, &message), ERR_INVALID, "case %zu",
                     i);
        cr_assert_eq(buf_char(&message, '\0'), ERR_OK);
        cr_assert_not_null(strstr(message.data, cases[i].says), "case %zu: %s", i, message.data);
        buf_clear(&message);
        args_clear(&a);
    }
}

Test(cli_args, test_parse_when_options_stand_anywhere_then_all_are_taken)
{
    static const char *const words[] = {"--json", "get",     "7",  "-odir", "--priority=9",
                                        "8",      "--quiet", "--", "-5",    NULL};
    struct args a;
    struct buf message;
    cr_assert_eq(parse(words, no_environment, &a, &message), ERR_OK);
    cr_assert_eq(a.command, CMD_GET);
    cr_assert(a.json && a.quiet && !a.no_progress);
    cr_assert_str_eq(a.output, "dir");
    cr_assert_eq(a.priority, 9);
    cr_assert_eq(a.delay_s, -1);
    cr_assert_eq(a.words_count, 3);
    cr_assert_str_eq(a.words[2], "-5");
    args_clear(&a);
}

Test(cli_args, test_parse_when_flag_and_environment_differ_then_the_flag_wins)
{
    static const char *const plain[] = {"list", NULL};
    static const char *const flags[] = {"list", "--url", "http://flag:2", "--token", "t", NULL};
    struct args a;
    struct buf message;
    cr_assert_eq(parse(plain, no_environment, &a, &message), ERR_OK);
    cr_assert_str_eq(a.url, "http://127.0.0.1:8080");
    args_clear(&a);
    cr_assert_eq(parse(plain, full_environment, &a, &message), ERR_OK);
    cr_assert_str_eq(a.url, "http://env:1");
    cr_assert_not(a.url_given);
    cr_assert_str_eq(a.token_file, "/env/token");
    cr_assert_null(a.user);
    args_clear(&a);
    cr_assert_eq(parse(flags, full_environment, &a, &message), ERR_OK);
    cr_assert_str_eq(a.url, "http://flag:2");
    cr_assert(a.url_given);
    cr_assert_null(a.token_file);
    args_clear(&a);
}

Test(cli_args, test_help_when_asked_of_a_command_then_words_need_not_be_there)
{
    static const char *const words[] = {"status", "--help", NULL};
    struct args a;
    struct buf message;
    cr_assert_eq(parse(words, no_environment, &a, &message), ERR_OK);
    cr_assert(a.help);
    cr_assert_eq(a.command, CMD_STATUS);
    args_clear(&a);
}

Test(cli_args, test_help_when_written_then_each_command_and_option_is_in_it)
{
    for (int i = 0; i <= CMD_COUNT; i++) {
        struct buf text;
        buf_init(&text, TEXT);
        help_write((enum command_id)i, &text);
        cr_assert_eq(buf_char(&text, '\0'), ERR_OK);
        for (size_t k = 0; k < arg_defs_count; k++) {
            const bool fits = i == CMD_COUNT ? arg_defs[k].commands == ARG_GLOBAL
                                             : (arg_defs[k].commands & (1U << (unsigned)i)) != 0;
            cr_assert_eq(strstr(text.data, arg_defs[k].help) != NULL, fits, "%d %s", i,
                         arg_defs[k].name);
        }
        buf_clear(&text);
    }
}

Test(cli_args, test_completion_when_the_shell_is_unknown_then_refused)
{
    struct buf text;
    buf_init(&text, TEXT);
    cr_assert_eq(completion_write(SPAN("powershell"), &text), ERR_NOT_FOUND);
    cr_assert_eq(completion_write(SPAN(""), &text), ERR_NOT_FOUND);
    cr_assert_eq(text.len, 0);
}

Test(cli_args, test_completion_when_written_then_it_knows_all_commands)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    for (size_t i = 0; i < COUNT(shells); i++) {
        struct buf text;
        buf_init(&text, TEXT);
        cr_assert_eq(completion_write(span_of(shells[i]), &text), ERR_OK);
        cr_assert_eq(buf_char(&text, '\0'), ERR_OK);
        for (int k = 0; k < CMD_COUNT; k++) {
            cr_assert_not_null(strstr(text.data, commands[k].name));
        }
        buf_clear(&text);
    }
}

static void check_come_back(const struct args *a, const char *want)
{
    struct buf text;
    buf_init(&text, TEXT);
    come_back_write(a, "JOB", &text);
    cr_assert_eq(buf_char(&text, '\0'), ERR_OK);
    cr_assert_str_eq(text.data, want);
    buf_clear(&text);
}

Test(cli_args, test_come_back_when_the_file_has_odd_characters_then_quoted)
{
    check_come_back(&(struct args){.output = "it's $HOME.bin"},
                    "longhaul get --job JOB -o 'it'\\''s $HOME.bin'");
    check_come_back(&(struct args){.output = "a;b"}, "longhaul get --job JOB -o 'a;b'");
}

Test(cli_args, test_come_back_when_the_url_was_a_flag_then_it_is_repeated)
{
    check_come_back(&(struct args){.url = "http://x:1"}, "longhaul get --job JOB -o .");
    check_come_back(&(struct args){.output = "f.bin", .url = "http://x:1", .url_given = true},
                    "longhaul get --job JOB -o f.bin --url http://x:1");
}
