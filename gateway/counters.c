#include "gateway/counters.h"

#define REQUESTS "longhaul_gateway_requests_total"
#define REQUESTS_HELP "Requests answered, by route and class of the status code"
#define ROW(route, class)                                                                          \
    {                                                                                              \
        .name = REQUESTS, .help = REQUESTS_HELP,                                                   \
        .labels = "route=\"" route "\",code=\"" class "\"", .type = METRIC_COUNTER                 \
    }
#define ROUTE(route) ROW(route, "2xx"), ROW(route, "3xx"), ROW(route, "4xx"), ROW(route, "5xx")
#define LABELED(n, h, l)                                                                           \
    {                                                                                              \
        .name = "longhaul_gateway_" n, .help = h, .labels = l, .type = METRIC_COUNTER              \
    }
#define KEY_LOAD(result)                                                                           \
    LABELED("key_loads_total", "Loads of the file with the keys of tokens, by result",             \
            "result=\"" result "\"")
#define FAULT(fault, word)                                                                         \
    [COUNT_TOKEN_FAULTS + TOKEN_##fault - 1] = LABELED(                                            \
        "token_faults_total", "Tokens and tickets refused, by fault", "fault=\"" word "\"")
#define RATE_LIMIT(scope, word)                                                                    \
    [COUNT_RATE_LIMITED + RATE_##scope] =                                                          \
        LABELED("rate_limited_total", "Requests over a rate limit, by what was counted",           \
                "by=\"" word "\"")
#define REJECTION(code)                                                                            \
    [COUNT_REJECTIONS + COUNTED_##code] =                                                          \
        LABELED("rejections_total",                                                                \
                "Requests refused for who asked or for load, by the "                              \
                "problem's code",                                                                  \
                "code=\"" #code "\"")
#define COUNTER(n, h)                                                                              \
    {                                                                                              \
        .name = "longhaul_gateway_" n, .help = h, .type = METRIC_COUNTER                           \
    }
#define GAUGE(n, h)                                                                                \
    {                                                                                              \
        .name = "longhaul_gateway_" n, .help = h, .type = METRIC_GAUGE                             \
    }

static const struct metric_def counter_defs[COUNT_TOTAL] = {
    ROUTE("initiate"),
    ROUTE("start"),
    ROUTE("status"),
    ROUTE("jobs"),
    ROUTE("history"),
    ROUTE("subscribe"),
    ROUTE("subscribe_many"),
    ROUTE("result"),
    ROUTE("cancel"),
    ROUTE("retry"),
    ROUTE("remove"),
    ROUTE("tickets"),
    ROUTE("files"),
    ROUTE("assets"),
    ROUTE("admin"),
    ROUTE("other"),
    [COUNT_CONNECTIONS] = GAUGE("connections", "Open client connections"),
    [COUNT_STREAMS] = GAUGE("streams", "Open event streams"),
    [COUNT_STREAMS_STUCK] =
        COUNTER("streams_stuck_total", "Event streams closed because their reader did not drain"),
    [COUNT_WATCHES] = GAUGE("watches", "Jobs that have event streams, by loop"),
    [COUNT_MEMBERS] = GAUGE("stream_jobs", "Jobs that event streams follow, each stream's own"),
    [COUNT_IN_FLIGHT] = GAUGE("in_flight", "Requests that wait for a broker or for Redis"),
    [COUNT_BROKER_REPEATS] = COUNTER("broker_repeats_total", "Calls sent to a broker again"),
    [COUNT_BROKER_TIMEOUTS] =
        COUNTER("broker_timeouts_total", "Calls that no broker answered in time"),
    [COUNT_BROKER_PACKETS_BAD] =
        COUNTER("broker_packets_bad_total", "Packets from brokers that were not valid"),
    [COUNT_EVENTS] = COUNTER("events_total", "Events received from brokers"),
    [COUNT_RECORD_READS] = COUNTER("record_reads_total", "Records read from Redis"),
    [COUNT_FILE_BYTES] = COUNTER("file_bytes_total", "Bytes of artifacts sent"),
    [COUNT_KEY_LOADS] = KEY_LOAD("ok"),
    [COUNT_KEY_LOADS_FAILED] = KEY_LOAD("failed"),
    FAULT(MISSING, "missing"),
    FAULT(AMBIGUOUS, "ambiguous"),
    FAULT(SCHEME, "scheme"),
    FAULT(MALFORMED, "malformed"),
    FAULT(ALGORITHM, "algorithm"),
    FAULT(KEY, "key"),
    FAULT(SIGNATURE, "signature"),
    FAULT(CLAIMS, "claims"),
    FAULT(EXPIRED, "expired"),
    FAULT(EARLY, "early"),
    FAULT(ISSUER, "issuer"),
    FAULT(AUDIENCE, "audience"),
    FAULT(SUBJECT, "subject"),
    FAULT(TICKET, "ticket"),
    RATE_LIMIT(ADDRESS, "address"),
    RATE_LIMIT(USER, "user"),
    RATE_LIMIT(TICKETS, "tickets"),
    REJECTION(UNAUTHENTICATED),
    REJECTION(FORBIDDEN),
    REJECTION(QUOTA_EXCEEDED),
    REJECTION(RATE_LIMITED),
    REJECTION(QUEUE_FULL),
    REJECTION(UNAVAILABLE),
};

enum err counters_new(struct metrics **out)
{
    return metrics_new(counter_defs, COUNT_TOTAL, out);
}

void count_request(struct metrics *m, enum counted_route route, int status)
{
    const int class = status / 100 - 2;
    if (class >= 0 && class < COUNTED_CLASSES) {
        metrics_add(m, COUNT_REQUESTS + (size_t)route * COUNTED_CLASSES + (size_t) class, 1);
    }
}

static const enum problem_code rejections[COUNTED_REJECTIONS] = {
    [COUNTED_UNAUTHENTICATED] = PROBLEM_UNAUTHENTICATED,
    [COUNTED_FORBIDDEN] = PROBLEM_FORBIDDEN,
    [COUNTED_QUOTA_EXCEEDED] = PROBLEM_QUOTA_EXCEEDED,
    [COUNTED_RATE_LIMITED] = PROBLEM_RATE_LIMITED,
    [COUNTED_QUEUE_FULL] = PROBLEM_QUEUE_FULL,
    [COUNTED_UNAVAILABLE] = PROBLEM_UNAVAILABLE,
};

void count_rejection(struct metrics *m, enum problem_code code)
{
    for (size_t i = 0; i < COUNTED_REJECTIONS; i++) {
        if (rejections[i] == code) {
            metrics_add(m, COUNT_REJECTIONS + i, 1);
        }
    }
}
