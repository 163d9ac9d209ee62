/* Option values: one setting's text, checked and stored. The inner half of base/options.h. */
#ifndef LONGHAUL_BASE_OPTION_VALUE_H
#define LONGHAUL_BASE_OPTION_VALUE_H

#include "base/options.h"

/* One parse: where values go and where complaints go. */
struct option_parser {
    const struct option_table *table;
    unsigned char *config;
    struct buf *message;
};

/* What an option was called where it was given, for complaints: "--slots" or "LONGHAUL_SLOTS". */
struct option_setting {
    const struct option_def *def;
    const char *called;
};

/* Says what is wrong and where to look; the result is ERR_INVALID. */
enum err option_complain(const struct option_parser *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

MUST_CHECK enum err option_put(const struct option_parser *p, struct option_setting s,
                               const char *text);
/* The secret is what the file holds, without one trailing newline. */
MUST_CHECK enum err option_put_secret_file(const struct option_parser *p, struct option_setting s,
                                           const char *path);
/* Wipes and frees what an OPTION_SECRET field owns. */
void option_forget_secret(void *field);

#endif
