// links: base
#include "base/options.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct config {
    bool insecure;
    const char *bind;
    int64_t slots;
    const char *secret;
};

static const struct option_def defs[] = {
    {.name = "insecure",
     .type = OPTION_FLAG,
     .offset = offsetof(struct config, insecure),
     .help = "allow plain tcp"},
    {.name = "bind-requests",
     .type = OPTION_TEXT,
     .offset = offsetof(struct config, bind),
     .default_text = "ipc://x",
     .value_name = "ENDPOINT",
     .help = "where to listen"},
    {.name = "slots",
     .type = OPTION_NUMBER,
     .offset = offsetof(struct config, slots),
     .default_text = "8",
     .min = 1,
     .max = 1024,
     .value_name = "N",
     .help = "jobs at a time"},
    {.name = "link-secret",
     .type = OPTION_SECRET,
     .offset = offsetof(struct config, secret),
     .value_name = "TEXT",
     .help = "signs links"},
};
static const struct option_table table = {"longhaul-test", "tests options", defs, 4};

static struct config config;
static struct buf message;
static char path[] = "/tmp/longhaul-options-XXXXXX";
static char argument[4096];

static void start(void)
{
    cr_assert_eq(clearenv(), 0);
    buf_init(&message, 1 << 16);
}

static void stop(void)
{
    options_clear(&table, &config);
    buf_clear(&message);
    (void)unlink(path);
}

TestSuite(options, .init = start, .fini = stop);

/* Up to three words; NULL ends them. */
static enum options_outcome parse(const char *a, const char *b, const char *c)
{
    static char words[4][4096] = {"longhaul-test"};
    const char *const given[] = {a, b, c};
    char *argv[5] = {words[0]};
    int argc = 1;
    for (size_t i = 0; i < 3 && given[i] != NULL; i++) {
        cr_assert_eq(span_copy(span_of(given[i]), words[argc], sizeof words[0]), ERR_OK);
        argv[argc] = words[argc];
        argc++;
    }
    options_clear(&table, &config);
    config = (struct config){0};
    buf_reset(&message);
    return options_parse(&table, argc, argv, &config, &message);
}

static bool told(const char *part)
{
    cr_assert_eq(buf_char(&message, '\0'), ERR_OK);
    return strstr(message.data, part) != NULL;
}

static const char *secret_file(const char *bytes, size_t len, const char *flag)
{
    const int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
    cr_assert_eq(close(fd), 0);
    (void)snprintf(argument, sizeof argument, "%s%s", flag, path);
    return argument;
}

static void expect_usage(const char *a, const char *b, const char *part)
{
    cr_expect_eq(parse(a, b, NULL), OPTIONS_EXIT_USAGE, "%s %s", a, b != NULL ? b : "");
    cr_expect(told(part), "\"%s\" is not in: %s", part, message.data);
    cr_expect_null(config.secret);
}

Test(options, test_parse_when_unknown_then_usage_names_it)
{
    expect_usage("--nosuch", NULL, "unknown option --nosuch");
    expect_usage("--nosuch=5", NULL, "unknown option --nosuch\n");
    expect_usage("word", NULL, "unknown option word");
    expect_usage("", NULL, "unknown option \n");
    expect_usage("-", NULL, "unknown option -\n");
    expect_usage("--", NULL, "unknown option --\n");
    expect_usage("-slots", "3", "unknown option -slots");
    expect_usage("--slot", "3", "unknown option --slot\n");
    expect_usage("--no-slots", NULL, "unknown option --no-slots");
    expect_usage("--slots-file", "x", "unknown option --slots-file");
    expect_usage("--no-", NULL, "unknown option --no-\n");
}

Test(options, test_parse_when_value_is_missing_then_usage)
{
    expect_usage("--slots", NULL, "--slots needs a value");
    expect_usage("--bind-requests", "--insecure", "--bind-requests needs a value");
    expect_usage("--link-secret-file", NULL, "--link-secret-file needs a value");
}

Test(options, test_parse_when_flag_has_a_value_then_usage)
{
    expect_usage("--insecure=1", NULL, "--insecure takes no value");
}

Test(options, test_parse_when_number_is_wrong_then_usage)
{
    expect_usage("--slots", "0", "--slots: 0 is not between 1 and 1024");
    expect_usage("--slots", "1025", "not between");
    expect_usage("--slots", "99999999999999999999", "not between");
    expect_usage("--slots", "-1", "not between");
    expect_usage("--slots", "8x", "\"8x\" is not a whole number");
    expect_usage("--slots=", NULL, "not a whole number");
    expect_usage("--slots", "08", "not a whole number");
}

Test(options, test_parse_when_environment_is_wrong_then_usage_names_the_variable)
{
    cr_assert_eq(setenv("LONGHAUL_SLOTS", "many", 1), 0);
    expect_usage(NULL, NULL, "LONGHAUL_SLOTS: \"many\"");
    cr_assert_eq(unsetenv("LONGHAUL_SLOTS"), 0);
    cr_assert_eq(setenv("LONGHAUL_INSECURE", "yes", 1), 0);
    expect_usage(NULL, NULL, "LONGHAUL_INSECURE: \"yes\" is none of");
}

Test(options, test_parse_when_secret_is_empty_or_given_twice_then_usage)
{
    expect_usage("--link-secret", "", "--link-secret is empty");
    cr_assert_eq(setenv("LONGHAUL_LINK_SECRET", "hush-hush", 1), 0);
    cr_assert_eq(setenv("LONGHAUL_LINK_SECRET_FILE", "/nowhere", 1), 0);
    expect_usage(NULL, NULL, "both set");
    cr_expect_not(told("hush"), "a secret is never shown");
}

Test(options, test_parse_when_secret_file_cannot_be_read_then_usage_says_why)
{
    expect_usage("--link-secret-file", "/nonexistent/file", "No such file");
    expect_usage("--link-secret-file", "/tmp", "Is a directory");
}

Test(options, test_parse_when_secret_file_is_too_long_then_usage)
{
    static char bytes[4097];
    memset(bytes, 'x', sizeof bytes);
    expect_usage(secret_file(bytes, sizeof bytes, "--link-secret-file="), NULL, "is over 4096");
}

Test(options, test_parse_when_secret_file_is_only_a_newline_then_usage)
{
    expect_usage(secret_file("\n", 1, "--link-secret-file="), NULL, "is empty");
}

Test(options, test_parse_when_secret_file_holds_a_nul_then_usage)
{
    expect_usage(secret_file("a\0b", 3, "--link-secret-file="), NULL, "NUL");
}

Test(options, test_parse_when_a_later_word_is_wrong_then_secret_is_freed)
{
    expect_usage("--link-secret=hush-hush", "--nosuch", "unknown option");
    cr_expect_not(told("hush"));
}

Test(options, test_parse_when_nothing_is_given_then_defaults)
{
    cr_expect_eq(parse(NULL, NULL, NULL), OPTIONS_RUN);
    cr_expect_not(config.insecure);
    cr_expect_str_eq(config.bind, "ipc://x");
    cr_expect_eq(config.slots, 8);
    cr_expect_null(config.secret);
    cr_expect_eq(message.len, 0);
}

Test(options, test_parse_when_environment_then_over_default_and_under_flag)
{
    cr_assert_eq(setenv("LONGHAUL_SLOTS", "9", 1), 0);
    cr_assert_eq(setenv("LONGHAUL_BIND_REQUESTS", "tcp://*:1", 1), 0);
    cr_assert_eq(setenv("LONGHAUL_INSECURE", "true", 1), 0);
    cr_expect_eq(parse(NULL, NULL, NULL), OPTIONS_RUN);
    cr_expect_eq(config.slots, 9);
    cr_expect_str_eq(config.bind, "tcp://*:1");
    cr_expect(config.insecure);
    cr_expect_eq(parse("--slots", "10", "--no-insecure"), OPTIONS_RUN);
    cr_expect_eq(config.slots, 10);
    cr_expect_not(config.insecure);
}

Test(options, test_parse_when_value_is_joined_or_apart_then_the_same)
{
    cr_expect_eq(parse("--bind-requests=a=b", "--slots", "1024"), OPTIONS_RUN);
    cr_expect_str_eq(config.bind, "a=b");
    cr_expect_eq(config.slots, 1024);
    cr_expect_eq(parse("--bind-requests=--odd", "--slots=1", "--insecure"), OPTIONS_RUN);
    cr_expect_str_eq(config.bind, "--odd");
    cr_expect(config.insecure);
}

Test(options, test_parse_when_given_twice_then_the_last_wins)
{
    cr_expect_eq(parse("--slots=1", "--slots=2", NULL), OPTIONS_RUN);
    cr_expect_eq(config.slots, 2);
    cr_expect_eq(parse("--link-secret=one", "--link-secret=two", NULL), OPTIONS_RUN);
    cr_expect_str_eq(config.secret, "two");
}

Test(options, test_parse_when_secret_is_in_a_file_then_one_newline_is_dropped)
{
    cr_expect_eq(parse(secret_file("hush\n\n", 6, "--link-secret-file="), NULL, NULL), OPTIONS_RUN);
    cr_expect_str_eq(config.secret, "hush\n");
}

Test(options, test_parse_when_secret_file_is_named_by_environment_then_read)
{
    cr_assert_eq(setenv("LONGHAUL_LINK_SECRET_FILE", secret_file("hush", 4, ""), 1), 0);
    cr_expect_eq(parse(NULL, NULL, NULL), OPTIONS_RUN);
    cr_expect_str_eq(config.secret, "hush");
    cr_expect_eq(parse("--link-secret=other", NULL, NULL), OPTIONS_RUN);
    cr_expect_str_eq(config.secret, "other");
    options_clear(&table, &config);
    cr_expect_null(config.secret);
}

Test(options, test_parse_when_check_config_then_said_only_if_valid)
{
    cr_expect_eq(parse("--check-config", "--slots=3", NULL), OPTIONS_CHECK_CONFIG);
    cr_expect_eq(config.slots, 3);
    expect_usage("--check-config", "--slots=0", "not between");
}

Test(options, test_parse_when_help_then_every_option_and_no_secret_is_shown)
{
    cr_assert_eq(setenv("LONGHAUL_LINK_SECRET", "hush-hush", 1), 0);
    cr_expect_eq(parse("--nosuch", "--help", NULL), OPTIONS_EXIT_OK);
    static const char *const parts[] = {
        "longhaul-test: tests options\n",
        "  --[no-]insecure                 allow plain tcp\n",
        "  --bind-requests ENDPOINT        where to listen (default ipc://x)\n",
        "  --slots N                       jobs at a time (default 8)\n",
        "  --link-secret[-file] TEXT|PATH  signs links\n",
        "--check-config",
        "--version",
        "LONGHAUL_SOME_NAME",
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        cr_expect(told(parts[i]), "\"%s\" is not in:\n%s", parts[i], message.data);
    }
    cr_expect_not(told("hush"));
}

Test(options, test_parse_when_version_then_program_and_number)
{
    cr_expect_eq(parse("--version", NULL, NULL), OPTIONS_EXIT_OK);
    cr_expect(told("longhaul-test " LONGHAUL_VERSION "\n"));
}
