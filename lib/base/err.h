/* Errors: one enum for every module; zero is success.
 *
 * A function that can fail returns `enum err` and is marked MUST_CHECK. The error says what the
 * caller can do about it; details for people go to the log, once, where the error stops. */
#ifndef LONGHAUL_BASE_ERR_H
#define LONGHAUL_BASE_ERR_H

enum err {
    ERR_OK = 0,
    ERR_NOMEM,       /* allocation failed */
    ERR_INVALID,     /* input breaks a rule; never our own bug */
    ERR_TOO_LARGE,   /* input or result is over a named limit */
    ERR_FULL,        /* a bounded queue or table has no room now */
    ERR_NOT_FOUND,   /* no such thing */
    ERR_EXISTS,      /* it is there already */
    ERR_CONFLICT,    /* contradicts what is recorded */
    ERR_STALE,       /* the caller's fence is old: drop the attempt */
    ERR_TIMEOUT,     /* no answer in time; outcome unknown */
    ERR_UNAVAILABLE, /* a dependency is down; nothing was done, or it may be repeated */
    ERR_IO,          /* the system refused a read or write (errno was logged) */
    ERR_CLOSED,      /* the peer ended it */
    ERR_DENIED,      /* not allowed */
    ERR_UNSUPPORTED, /* well formed, but not offered here */
    ERR_INTERNAL,    /* a state that should not be; logged */
    ERR_COUNT
};

#define MUST_CHECK __attribute__((warn_unused_result))

/* For functions that hold nothing: pass the error on. Where something is held, `goto out`. */
#define TRY(expr)                                                                                  \
    do {                                                                                           \
        const enum err try_err_ = (expr);                                                          \
        if (try_err_ != ERR_OK) {                                                                  \
            return try_err_;                                                                       \
        }                                                                                          \
    } while (0)

/* Lower-case constant text for logs, e.g. "too_large". Never NULL. */
const char *err_name(enum err e);

#endif
