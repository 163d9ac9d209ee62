#include "gateway/counters.h"

#define REQUESTS "longhaul_gateway_requests_total"
#define REQUESTS_HELP "Requests answered, by route and class of the status code"
#define ROW(route, class)                                                                          \
    {                                                                                              \
        .name = REQUESTS, .help = REQUESTS_HELP,                                                   \
        .labels = "route=\"" route "\",code=\"" class "\"", .type = METRIC_COUNTER                 \
    }
#define ROUTE(route) ROW(route, "2xx"), ROW(route, "3xx"), ROW(route, "4xx"), ROW(route, "5xx")
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
