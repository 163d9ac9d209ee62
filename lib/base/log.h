/* Log: one JSON object a line on stderr, written with one write(2).
 *
 *     {"at":"2026-11-23T22:41:00.123Z","level":"info","program":"broker",
 *      "event":"worker.joined","detail":"worker=w1 slots=8"}          (in one line)
 *
 * `event` is a constant that operators can search for; `detail` is for people. Text of strangers
 * goes into `detail` only through "%.*s" and is escaped. base/ and core/ never log. */
#ifndef LONGHAUL_BASE_LOG_H
#define LONGHAUL_BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Called once by main, before other threads start. `program` must live as long as the process. */
void log_open(const char *program, enum log_level least);
/* A line is cut at 2 KiB. `format` may be NULL for no detail. Keeps errno. Thread-safe. */
void log_write(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, __VA_ARGS__)
#define log_warn(...) log_write(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)

#endif
