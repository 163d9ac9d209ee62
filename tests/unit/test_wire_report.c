// links: base core wire
/* The report of a broker: what an honest one says, and what is refused. */
#include "tests/unit/wire_samples.h"

static enum err add(const struct wire_report *r)
{
    struct wire_packet p;
    wire_packet_init(&p);
    const enum err e =
        wire_add(&p, &(struct wire_message){.request_id = 1, .kind = WIRE_REPORT, .report = r});
    wire_packet_clear(&p);
    return e;
}

Test(wire_report, test_wire_add_when_a_report_breaks_a_rule_then_refused)
{
    struct wire_report r = *full_report(2);
    r.broker_id = (struct span){0};
    cr_expect_eq(add(&r), ERR_INVALID, "no broker id");
    r = *full_report(2);
    r.minute = -1;
    cr_expect_eq(add(&r), ERR_INVALID, "a minute before the epoch");
    r = *full_report(2);
    r.workers_count = WIRE_REPORT_WORKERS_MAX + 1;
    cr_expect_eq(add(&r), ERR_INVALID, "too many workers");
    r = *full_report(2);
    report_workers[1].jobs_count++;
    cr_expect_eq(add(&r), ERR_INVALID, "too many jobs over all workers");
    r = *full_report(2);
    report_workers[1].id[0] = '\0';
    cr_expect_eq(add(&r), ERR_INVALID, "a worker without an id");
    r = *full_report(2);
    report_workers[1].version[0] = '\n';
    cr_expect_eq(add(&r), ERR_INVALID, "a control character in a version");
    r = *full_report(2);
    report_jobs[3][0] = '\0';
    cr_expect_eq(add(&r), ERR_INVALID, "no job id");
}

static void look(void *context, const struct wire_message *m)
{
    size_t *seen = context;
    const struct wire_report *r = m->report;
    (*seen)++;
    cr_assert_eq(r->minute, 29467000);
    cr_assert_eq(r->totals.of[TALLY_FAILED], 7);
    cr_assert_eq(r->minutes[59].of[TALLY_RETRIED], 5);
    cr_assert_eq(r->codes[JOB_ERROR_TIMEOUT].jobs, 2);
    cr_assert_eq(r->codes[JOB_ERROR_TIMEOUT].attempts, 3);
    cr_assert_eq(r->codes[JOB_ERROR_NONE].jobs, 4, "codes that are on no list");
    cr_assert_eq(r->codes[JOB_ERROR_INTERNAL].jobs, 0);
    cr_assert_eq(r->steps[TALLY_STEPS - 1], 6);
    cr_assert_eq(r->workers_count, 2);
    cr_assert_str_eq(r->workers[0].id, "w1");
    cr_assert_eq(r->workers[0].jobs_count, 0);
    cr_assert_str_eq(r->workers[1].id, "w2");
    cr_assert_eq(r->workers[1].jobs_count, 2);
    cr_assert_str_eq(r->workers[1].jobs[1], ID);
    cr_assert(r->workers[1].drained && !r->workers[1].stopping);
}

Test(wire_report, test_wire_read_when_a_report_is_valid_then_its_numbers_are_the_senders)
{
    struct wire_report r = {
        .broker_id = SPAN("b1"), .minute = 29467000, .workers = report_workers, .workers_count = 2};
    struct wire_reader *reader = NULL;
    struct wire_packet p;
    size_t seen = 0;
    r.totals.of[TALLY_FAILED] = 7;
    r.minutes[59].of[TALLY_RETRIED] = 5;
    r.codes[JOB_ERROR_TIMEOUT] = (struct tally_code){2, 3};
    r.codes[JOB_ERROR_NONE] = (struct tally_code){4, 0};
    r.steps[TALLY_STEPS - 1] = 6;
    memcpy(report_jobs[0], ID, JOB_ID_SIZE);
    memcpy(report_jobs[1], ID, JOB_ID_SIZE);
    report_workers[0] = (struct wire_worker){.id = "w1"};
    report_workers[1] = (struct wire_worker){.id = "w2",
                                             .drained = true,
                                             .jobs = (const char(*)[JOB_ID_SIZE])report_jobs,
                                             .jobs_count = 2};
    wire_packet_init(&p);
    cr_assert_eq(wire_reader_new(&reader), ERR_OK);
    cr_assert_eq(wire_add(&p, &(struct wire_message){.kind = WIRE_REPORT, .report = &r}), ERR_OK);
    cr_assert_eq(wire_read(reader, wire_packet_bytes(&p), look, &seen, NULL), ERR_OK);
    cr_assert_eq(seen, 1);
    wire_packet_clear(&p);
    wire_reader_destroy(&reader);
}

#define RAW(bytes) read_raw("" bytes, sizeof(bytes) - 1)

/* A packet of one envelope with a Report (field 23), whose fields are given. */
Test(wire_report, test_wire_read_when_a_report_is_not_whole_then_refused)
{
    cr_expect_eq(RAW("\x08\x01\x12\x06\xBA\x01\x03\x0A\x01"
                     "b"),
                 ERR_INVALID, "no totals");
    cr_expect_eq(RAW("\x08\x01\x12\x08\xBA\x01\x05\x0A\x01"
                     "b\x32\x00"),
                 ERR_OK, "the least report");
    cr_expect_eq(RAW("\x08\x01\x12\x0A\xBA\x01\x07\x0A\x01"
                     "b\x32\x00\x5A\x00"),
                 ERR_INVALID, "a worker without an id");
    cr_expect_eq(RAW("\x08\x01\x12\x0E\xBA\x01\x0B\x0A\x01"
                     "b\x32\x00\x5A\x04\x0A\x02w\x00"),
                 ERR_INVALID, "an embedded NUL");
}
