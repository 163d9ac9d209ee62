// links: base core wire
#include "tests/unit/wire_samples.h"

static void assert_round_trip(const struct wire_message *m)
{
    struct wire_packet p;
    wire_packet_init(&p);
    cr_assert_eq(wire_add(&p, m), ERR_OK, "kind %d", (int)m->kind);
    struct echo e;
    const char *what = NULL;
    cr_assert_eq(read_bytes(wire_packet_bytes(&p), &e, &what), ERR_OK, "kind %d: %s", (int)m->kind,
                 what);
    cr_assert_eq(e.delivered, 1);
    cr_assert_eq(e.last, m->kind);
    cr_assert(span_eq(wire_packet_bytes(&p), wire_packet_bytes(&e.packet)), "kind %d",
              (int)m->kind);
    wire_packet_clear(&p);
    wire_packet_clear(&e.packet);
}

Test(wire, test_wire_round_trip_when_fields_are_at_limits_then_equal)
{
    for (unsigned k = 0; k < WIRE_KIND_COUNT; k++) {
        const struct wire_message most = largest((enum wire_kind)k);
        const struct wire_message few = least((enum wire_kind)k);
        assert_round_trip(&most);
        assert_round_trip(&few);
    }
    const struct wire_message failed = failed_result();
    assert_round_trip(&failed);
}

static void on_submit(void *context, const struct wire_message *m)
{
    size_t *seen = context;
    (*seen)++;
    cr_assert_eq(m->kind, WIRE_SUBMIT);
    cr_assert_eq(m->request_id, UINT64_MAX);
    cr_assert(span_eq(m->submit.job_id, SPAN(ID)));
    cr_assert(span_eq(m->submit.user_id, text(JOB_USER_ID_MAX)));
    cr_assert_eq(m->submit.file_id, JOB_FILE_ID_MAX);
    cr_assert_eq(m->submit.priority, WIRE_PRIORITY_MAX);
    cr_assert_eq(m->submit.delay_ms, UINT32_MAX);
    cr_assert_eq(m->submit.spec.len, JOB_SPEC_MAX);
    cr_assert(span_eq(m->submit.fingerprint, hash_span(WIRE_HASH_SIZE)));
}

static void on_heartbeat(void *context, const struct wire_message *m)
{
    size_t *seen = context;
    (*seen)++;
    cr_assert(m->heartbeat.draining);
    cr_assert_eq(m->heartbeat.running_count, WIRE_RUNNING_MAX);
    for (size_t i = 0; i < WIRE_RUNNING_MAX; i++) {
        cr_assert_str_eq(m->heartbeat.running[i].job_id, ID);
        cr_assert_eq(m->heartbeat.running[i].fence, WIRE_NUMBER_MAX - i);
    }
}

static void on_result(void *context, const struct wire_message *m)
{
    size_t *seen = context;
    (*seen)++;
    const unsigned char sha256[SHA256_SIZE] = {9, 8};
    cr_assert_eq(m->result.outcome, OUTCOME_COMPLETED);
    cr_assert_arr_eq(m->result.artifact.sha256, sha256, SHA256_SIZE);
    cr_assert(span_eq(m->result.artifact.content_type, text(JOB_CONTENT_TYPE_MAX)));
}

Test(wire, test_wire_read_when_valid_then_fields_are_the_senders)
{
    static const struct {
        enum wire_kind kind;
        wire_on_message *look;
    } cases[] = {
        {WIRE_SUBMIT, on_submit}, {WIRE_HEARTBEAT, on_heartbeat}, {WIRE_RESULT, on_result}};
    struct wire_reader *r = NULL;
    cr_assert_eq(wire_reader_new(&r), ERR_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct wire_packet p;
        wire_packet_init(&p);
        const struct wire_message m = largest(cases[i].kind);
        cr_assert_eq(wire_add(&p, &m), ERR_OK);
        cr_assert_eq(wire_add(&p, &m), ERR_OK);
        size_t seen = 0;
        cr_assert_eq(wire_read(r, wire_packet_bytes(&p), cases[i].look, &seen, NULL), ERR_OK);
        cr_assert_eq(seen, 2);
        wire_packet_clear(&p);
    }
    wire_reader_destroy(&r);
}

Test(wire, test_wire_add_when_packet_is_full_then_full_and_readable)
{
    struct wire_packet p;
    wire_packet_init(&p);
    const struct wire_message small = least(WIRE_PING);
    for (size_t i = 0; i < WIRE_ITEMS_MAX; i++) {
        cr_assert_eq(wire_add(&p, &small), ERR_OK);
    }
    cr_assert_eq(wire_add(&p, &small), ERR_FULL);
    cr_assert_eq(read_raw(p.bytes.data, p.bytes.len), ERR_OK);

    wire_packet_reset(&p);
    cr_assert_eq(p.items, 0);
    const struct wire_message large = largest(WIRE_HEARTBEAT);
    size_t added = 0;
    enum err err = ERR_OK;
    while ((err = wire_add(&p, &large)) == ERR_OK) {
        added++;
    }
    cr_assert_eq(err, ERR_FULL);
    cr_assert_gt(added, 4);
    cr_assert_leq(p.bytes.len, WIRE_PACKET_MAX);
    cr_assert_eq(read_raw(p.bytes.data, p.bytes.len), ERR_OK, "the arena holds a full packet");
    wire_packet_clear(&p);
}

Test(wire, test_wire_add_when_a_reader_would_refuse_then_invalid_and_unchanged)
{
    struct wire_packet p;
    wire_packet_init(&p);
    struct wire_message m = largest(WIRE_SUBMIT);
    m.submit.spec.len = JOB_SPEC_MAX + 1;
    cr_assert_eq(wire_add(&p, &m), ERR_INVALID);
    m = largest(WIRE_HEARTBEAT);
    m.heartbeat.running_count++;
    cr_assert_eq(wire_add(&p, &m), ERR_INVALID);
    m = largest(WIRE_PING);
    m.kind = WIRE_KIND_COUNT;
    cr_assert_eq(wire_add(&p, &m), ERR_INVALID);
    cr_assert_eq(p.items, 0);
    cr_assert_eq(p.bytes.len, 0);
    wire_packet_clear(&p);
}

/* ---- rules: one broken field each */

#define BREAK(of, statement)                                                                       \
    do {                                                                                           \
        struct wire_message m = (of);                                                              \
        statement;                                                                                 \
        struct wire_packet p;                                                                      \
        wire_packet_init(&p);                                                                      \
        cr_assert_eq(wire_add(&p, &m), ERR_INVALID, "%s", #statement);                             \
        wire_packet_clear(&p);                                                                     \
    } while (0)

Test(wire, test_wire_check_when_a_submit_breaks_a_rule_then_invalid)
{
    BREAK(largest(WIRE_SUBMIT), m.submit.job_id = SPAN(""));
    BREAK(largest(WIRE_SUBMIT), m.submit.job_id = SPAN("../etc/passwd"));
    BREAK(largest(WIRE_SUBMIT), m.submit.user_id = text(JOB_USER_ID_MAX + 1));
    BREAK(largest(WIRE_SUBMIT), m.submit.user_id = SPAN("a\0b"));
    BREAK(largest(WIRE_SUBMIT), m.submit.user_id = SPAN("a\nb"));
    BREAK(largest(WIRE_SUBMIT), m.submit.user_id = SPAN("\x7F"));
    BREAK(largest(WIRE_SUBMIT), m.submit.user_id = SPAN("\xC2\x85"));
    BREAK(largest(WIRE_SUBMIT), m.submit.user_id = SPAN("\xC0\xAF"));
    BREAK(largest(WIRE_SUBMIT), m.submit.user_id = SPAN("\xED\xA0\x80"));
    BREAK(largest(WIRE_SUBMIT), m.submit.user_id = SPAN("\xF4\x90\x80\x80"));
    BREAK(largest(WIRE_SUBMIT), m.submit.user_id = SPAN("\xE2\x82"));
    BREAK(largest(WIRE_SUBMIT), m.submit.file_id = 0);
    BREAK(largest(WIRE_SUBMIT), m.submit.file_id = JOB_FILE_ID_MAX + 1);
    BREAK(largest(WIRE_SUBMIT), m.submit.priority = WIRE_PRIORITY_MAX + 1);
    BREAK(largest(WIRE_SUBMIT), m.submit.timeout_ms = 0);
    BREAK(largest(WIRE_SUBMIT), m.submit.timeout_ms = JOB_TIMEOUT_MS_MAX + 1);
    BREAK(largest(WIRE_SUBMIT), m.submit.max_attempts = 0);
    BREAK(largest(WIRE_SUBMIT), m.submit.max_attempts = JOB_MAX_ATTEMPTS_MAX + 1);
    BREAK(largest(WIRE_SUBMIT), m.submit.spec.len = 0);
    BREAK(largest(WIRE_SUBMIT), m.submit.idempotency_owner = text(JOB_USER_ID_MAX + 1));
    BREAK(largest(WIRE_SUBMIT), m.submit.idempotency_owner = SPAN("a\nb"));
    BREAK(largest(WIRE_SUBMIT), m.submit.idempotency_hash.len--);
    BREAK(largest(WIRE_SUBMIT), m.submit.fingerprint.len = 0);
    BREAK(largest(WIRE_SUBMIT), m.trace.len--);
}

Test(wire, test_wire_check_when_another_kind_breaks_a_rule_then_invalid)
{
    BREAK(largest(WIRE_COMMAND), m.command.kind = COMMAND_KIND_COUNT);
    BREAK(largest(WIRE_SUBMIT_REPLY), m.submit_reply.code = (enum submit_code) - 1);
    BREAK(largest(WIRE_COMMAND_REPLY), m.command_reply.code = COMMAND_CODE_COUNT);
    BREAK(least(WIRE_SUBMIT_REPLY), m.submit_reply.code = SUBMIT_ACCEPTED);
    BREAK(largest(WIRE_PONG), m.pong.broker_id = SPAN(""));
    BREAK(largest(WIRE_HELLO), m.hello.worker_id = SPAN("w1:2:r"));
    BREAK(largest(WIRE_HELLO), m.hello.worker_id = SPAN("w 1"));
    BREAK(largest(WIRE_HELLO), m.hello.worker_id = SPAN("w/1"));
    BREAK(largest(WIRE_HELLO), m.hello.worker_id = SPAN("w%1"));
    BREAK(largest(WIRE_HELLO), m.hello.worker_id = SPAN(".."));
    BREAK(largest(WIRE_HELLO), m.hello.worker_id = text(JOB_WORKER_ID_MAX + 1));
    BREAK(largest(WIRE_HELLO), m.hello.slots = 0);
    BREAK(largest(WIRE_PROGRESS), m.progress.meter.percent = 101);
    BREAK(largest(WIRE_PROGRESS), m.progress.meter.percent = -2);
    BREAK(largest(WIRE_PROGRESS), m.progress.meter.eta_s = -2);
    BREAK(largest(WIRE_PROGRESS), m.progress.meter.stage = STAGE_COUNT);
    BREAK(largest(WIRE_PROGRESS), m.progress.meter.bytes_done++);
    BREAK(largest(WIRE_PROGRESS), m.progress.meter.bytes_total = -2);
    BREAK(largest(WIRE_PROGRESS), m.progress.attempt.fence = 0);
    BREAK(largest(WIRE_PROGRESS), m.progress.attempt.fence = WIRE_NUMBER_MAX + 1);
    BREAK(largest(WIRE_PROGRESS), m.progress.meter.bytes_total = (int64_t)WIRE_NUMBER_MAX + 1);
    BREAK(largest(WIRE_PROGRESS), m.progress.attempt.job_id[0] = 'U');
    BREAK(largest(WIRE_RESULT), m.result.outcome = OUTCOME_COUNT);
    BREAK(largest(WIRE_RESULT), m.result.artifact.key = SPAN("../../etc/passwd"));
    BREAK(largest(WIRE_RESULT), m.result.artifact.key = SPAN("/etc/passwd"));
    BREAK(largest(WIRE_RESULT), m.result.artifact.key = SPAN("a/./b"));
    BREAK(largest(WIRE_RESULT), m.result.artifact.key = SPAN("a/"));
    BREAK(largest(WIRE_RESULT), m.result.artifact.key = SPAN(""));
    BREAK(largest(WIRE_RESULT), m.result.artifact.key = SPAN("a\\b"));
    BREAK(largest(WIRE_RESULT), m.result.artifact.file_name = text(JOB_FILE_NAME_MAX + 1));
    BREAK(largest(WIRE_RESULT), m.result.artifact.content_type = SPAN("text/plain\r\nX: y"));
    BREAK(failed_result(), m.result.failure.code = SPAN("timeout"));
    BREAK(failed_result(), m.result.failure.code = SPAN(""));
    BREAK(failed_result(), m.result.failure.message.len++);
    BREAK(largest(WIRE_DISCARD), m.key.key = SPAN(".."));
    BREAK(largest(WIRE_ASSIGN), m.assign.spec.len = 0);
    BREAK(largest(WIRE_ACK), m.ack.code = ACK_CODE_COUNT);
    BREAK(largest(WIRE_ABORT), m.abort.reason = ABORT_REASON_COUNT);
    BREAK(largest(WIRE_EVENT), m.event.job_id = SPAN(""));
    BREAK(largest(WIRE_EVENT), m.event.user_id = text(JOB_USER_ID_MAX + 1));
    BREAK(least(WIRE_EVENT), m.event.job_id = SPAN(""));
    BREAK(largest(WIRE_EVENT), m.event.job_id = text(JOB_ID_LEN + 1));
    BREAK(largest(WIRE_EVENT), m.event.kind = EVENT_KIND_COUNT);
    BREAK(largest(WIRE_EVENT), m.event.status = JOB_STATUS_COUNT);
    BREAK(largest(WIRE_EVENT), m.event.updated_at_s = -1);
}

/* ---- specs */

static enum err spec_round_trip(const struct job_spec *spec, struct wire_reader *r,
                                struct job_spec *out)
{
    struct buf b;
    buf_init(&b, JOB_SPEC_MAX);
    enum err err = wire_spec_pack(spec, &b);
    if (err == ERR_OK) {
        err = wire_spec_unpack(r, buf_as_span(&b), out);
    }
    for (size_t len = 1; err == ERR_OK && len < b.len && len < 512; len++) {
        struct job_spec cut;
        const enum err cut_err = wire_spec_unpack(r, (struct span){b.data, len}, &cut);
        cr_assert(cut_err == ERR_OK || cut_err == ERR_INVALID);
    }
    if (err == ERR_OK) {
        err = wire_spec_unpack(r, buf_as_span(&b), out);
    }
    buf_clear(&b);
    return err;
}

Test(wire, test_wire_spec_when_at_limits_then_equal)
{
    static uint64_t ids[JOB_FILE_IDS_MAX];
    for (size_t i = 0; i < COUNT(ids); i++) {
        ids[i] = JOB_FILE_ID_MAX - i;
    }
    const struct job_spec spec = {
        .file_ids = ids,
        .file_ids_count = COUNT(ids),
        .file_name = text(JOB_FILE_NAME_MAX),
        .format = FORMAT_TAR,
        .has_sha256 = true,
        .sha256 = {7, 0, 7},
        .has_simulate = true,
        .simulate = {WIRE_SIMULATE_MS_MAX,
                     250,
                     JOB_FILE_ID_MAX,
                     UINT32_MAX,
                     {long_code, JOB_CODE_MAX},
                     true,
                     100},
        .archive = true,
    };
    struct wire_reader *r = NULL;
    cr_assert_eq(wire_reader_new(&r), ERR_OK);
    struct job_spec out;
    cr_assert_eq(spec_round_trip(&spec, r, &out), ERR_OK);
    cr_assert_eq(out.file_ids_count, COUNT(ids));
    cr_assert_arr_eq(out.file_ids, ids, sizeof(ids));
    cr_assert(span_eq(out.file_name, spec.file_name));
    cr_assert_eq(out.format, FORMAT_TAR);
    cr_assert(out.has_sha256 && out.has_simulate && out.archive);
    cr_assert_arr_eq(out.sha256, spec.sha256, SHA256_SIZE);
    cr_assert_eq(out.simulate.size_bytes, JOB_FILE_ID_MAX);
    cr_assert(span_eq(out.simulate.error_code, spec.simulate.error_code));
    wire_reader_destroy(&r);
}

Test(wire, test_wire_spec_when_it_stalls_at_0_then_that_is_not_never)
{
    const uint64_t one[] = {1};
    struct job_spec spec = {.file_ids = one, .file_ids_count = 1, .has_simulate = true}, out;
    struct wire_reader *r = NULL;
    cr_assert_eq(wire_reader_new(&r), ERR_OK);
    cr_assert_eq(spec_round_trip(&spec, r, &out), ERR_OK);
    cr_assert_not(out.simulate.stalls);
    spec.simulate.stalls = true;
    cr_assert_eq(spec_round_trip(&spec, r, &out), ERR_OK);
    cr_assert(out.simulate.stalls);
    cr_assert_eq(out.simulate.stall_at_percent, 0);
    spec.simulate.stall_at_percent = 101;
    cr_assert_eq(spec_round_trip(&spec, r, &out), ERR_INVALID);
    wire_reader_destroy(&r);
}

Test(wire, test_wire_spec_when_a_rule_is_broken_then_invalid)
{
    const uint64_t one[] = {1, 2}, zero[] = {0};
    struct buf b;
    buf_init(&b, JOB_SPEC_MAX);
    struct job_spec spec = {.file_ids = one, .file_ids_count = 0};
    cr_assert_eq(wire_spec_pack(&spec, &b), ERR_INVALID);
    spec.file_ids_count = 2;
    cr_assert_eq(wire_spec_pack(&spec, &b), ERR_INVALID, "two files and no archive");
    spec.file_ids_count = 1;
    spec.file_name = SPAN("a\0b");
    cr_assert_eq(wire_spec_pack(&spec, &b), ERR_INVALID);
    spec.file_name = SPAN("");
    spec.format = FORMAT_COUNT;
    cr_assert_eq(wire_spec_pack(&spec, &b), ERR_INVALID);
    spec.format = FORMAT_ORIGINAL;
    spec.file_ids = zero;
    cr_assert_eq(wire_spec_pack(&spec, &b), ERR_INVALID);
    cr_assert_eq(b.len, 0);
    buf_clear(&b);
}

Test(wire, test_wire_spec_when_bytes_are_hostile_then_refused)
{
    static const struct span bad[] = {
        {"", 0},
        {"\x08", 1},
        {"\x08\x00", 2},
        {"\x0A\x01\x00", 3},
        {"\x08\x01\x18\x63", 4},
        {"\x08\x01\x22\x01x", 5},
        {"\x08\x01\x12\x03"
         "a\0b",
         7},
        {"\x08\x01\x2A\x02\x30\x65", 6},
    };
    struct wire_reader *r = NULL;
    cr_assert_eq(wire_reader_new(&r), ERR_OK);
    struct job_spec out;
    for (size_t i = 0; i < COUNT(bad); i++) {
        cr_assert_eq(wire_spec_unpack(r, bad[i], &out), ERR_INVALID, "%zu", i);
    }
    const struct span big = {spec_bytes, JOB_SPEC_MAX + 1};
    cr_assert_eq(wire_spec_unpack(r, big, &out), ERR_TOO_LARGE);
    cr_assert_eq(wire_spec_unpack(r, SPAN("\x08\x01"), &out), ERR_OK);
    wire_reader_destroy(&r);
}

static void on_assign(void *context, const struct wire_message *m)
{
    struct wire_reader *r = context;
    struct job_spec spec;
    cr_assert_eq(wire_spec_unpack(r, m->assign.spec, &spec), ERR_OK);
    cr_assert_eq(spec.file_ids[0], 1);
    cr_assert_str_eq(m->assign.attempt.job_id, ID);
    cr_assert(span_eq(m->trace, text(WIRE_TRACE_SIZE)));
}

Test(wire, test_wire_spec_when_unpacked_during_delivery_then_the_message_stays)
{
    struct wire_packet p;
    wire_packet_init(&p);
    struct wire_message m = largest(WIRE_ASSIGN);
    m.assign.spec = SPAN("\x08\x01");
    cr_assert_eq(wire_add(&p, &m), ERR_OK);
    cr_assert_eq(wire_add(&p, &m), ERR_OK);
    struct wire_reader *r = NULL;
    cr_assert_eq(wire_reader_new(&r), ERR_OK);
    cr_assert_eq(wire_read(r, wire_packet_bytes(&p), on_assign, r, NULL), ERR_OK);
    wire_reader_destroy(&r);
    wire_packet_clear(&p);
}

static void on_command(void *context, const struct wire_message *m)
{
    cr_assert_eq(m->kind, WIRE_COMMAND);
    *(enum command_code *)context = m->command.newest_code;
}

static enum command_code newest_code_of(struct span frame)
{
    struct wire_reader *r = NULL;
    enum command_code newest = COMMAND_CODE_COUNT;
    cr_assert_eq(wire_reader_new(&r), ERR_OK);
    cr_assert_eq(wire_read(r, frame, on_command, &newest, NULL), ERR_OK);
    wire_reader_destroy(&r);
    return newest;
}

Test(wire, test_wire_command_when_its_asker_is_older_or_newer_then_the_newest_code_both_know)
{
    cr_expect_eq(newest_code_of(SPAN("\x08\x01\x12\x21\x5A\x1F\x08\x01\x12\x1B" ID)),
                 COMMAND_UNAVAILABLE);
    cr_expect_eq(newest_code_of(SPAN("\x08\x01\x12\x23\x5A\x21\x08\x01\x12\x1B" ID "\x20\x7F")),
                 COMMAND_CODE_COUNT - 1);
}
