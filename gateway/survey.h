/* Survey: what all brokers see, asked for when somebody wants to know.
 *
 * One round of questions runs at a time, and who asks meanwhile waits for its end: many operators'
 * pages cost the brokers no more than one. A broker that did not answer is left out.
 *
 * Owner: the loop that has the admin listener; all on its thread. */
#ifndef LONGHAUL_GATEWAY_SURVEY_H
#define LONGHAUL_GATEWAY_SURVEY_H

#include "base/list.h"
#include "gateway/broker_round.h"

struct gateway_loop;

struct survey {
    struct broker_link *brokers;
    struct broker_round round;
    bool running;
    struct wire_report *reports[BROKERS_MAX]; /* owned, of the last round; NULL: no answer */
    struct list waiters;
};

/* Caller's storage. */
struct survey_wait {
    struct list link;
    void (*done)(struct survey_wait *w, const struct survey *s); /* once, unless canceled */
};

void survey_open(struct survey *s, struct broker_link *brokers);
void survey_close(struct survey *s);
void survey_ask(struct survey *s, struct survey_wait *w);
void survey_cancel(struct survey_wait *w); /* nothing happens if it does not wait */

/* Sums over all reports. */
struct survey_sums {
    uint64_t slots, free, running, workers; /* of workers that are connected */
    struct tally_counts totals;
    int64_t minute;                             /* since the epoch: which one minutes[0] is */
    struct tally_counts minutes[TALLY_MINUTES]; /* newest first */
    struct tally_code codes[JOB_ERROR_COUNT];
    uint32_t steps[TALLY_STEPS];
};
void survey_sum(const struct survey *s, struct survey_sums *out);

/* Should this entry be shown? Not if its worker is gone from there and connected elsewhere. */
bool survey_shows(const struct survey *s, const struct wire_worker *w);

#endif
