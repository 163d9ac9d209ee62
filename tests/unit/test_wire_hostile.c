// links: base core wire
/* Bytes that no honest peer sends. */
#include "tests/unit/wire_samples.h"

/* ---- hostile bytes */

Test(wire, test_wire_read_when_a_message_is_cut_anywhere_then_nothing_is_delivered)
{
    for (unsigned k = 0; k < WIRE_KIND_COUNT; k++) {
        const struct wire_message few = least((enum wire_kind)k);
        struct wire_message most = largest((enum wire_kind)k);
        if (k == WIRE_HELLO || k == WIRE_HEARTBEAT) {
            most.hello.running_count = most.heartbeat.running_count = 0;
            most = few;
        }
        if (k == WIRE_REPORT) {
            most.report = bare_report();
        }
        if (k == WIRE_SUBMIT) {
            most.submit.spec.len = 64;
        }
        if (k == WIRE_ASSIGN) {
            most.assign.spec.len = 64;
        }
        struct wire_packet p;
        wire_packet_init(&p);
        cr_assert_eq(wire_add(&p, &few), ERR_OK);
        const size_t first = p.bytes.len;
        cr_assert_eq(wire_add(&p, &most), ERR_OK);
        for (size_t len = 0; len < p.bytes.len; len++) {
            const enum err expected = len == first ? ERR_OK : ERR_INVALID;
            cr_assert_eq(read_raw(p.bytes.data, len), expected, "kind %u at %zu", k, len);
        }
        wire_packet_clear(&p);
    }
}

/* Any outcome is right as long as it is memory-safe and what is delivered keeps the rules, which
 * on_echo asserts by adding it to a packet again. */
Test(wire, test_wire_read_when_any_bit_is_flipped_then_rules_still_hold)
{
    for (unsigned k = 0; k < WIRE_KIND_COUNT; k++) {
        struct wire_message m = largest((enum wire_kind)k);
        if (k == WIRE_SUBMIT) {
            m.submit.spec.len = 16;
        }
        if (k == WIRE_ASSIGN) {
            m.assign.spec.len = 16;
        }
        if (k == WIRE_REPORT) {
            m.report = full_report(1);
            report_workers[0].jobs_count = 2;
            memset(report.minutes + 2, 0, sizeof report.minutes - 2 * sizeof report.minutes[0]);
        }
        if (k == WIRE_HELLO) {
            m.hello.running_count = 2;
        }
        if (k == WIRE_HEARTBEAT) {
            m.heartbeat.running_count = 2;
        }
        struct wire_packet p;
        wire_packet_init(&p);
        cr_assert_eq(wire_add(&p, &m), ERR_OK);
        for (size_t bit = 0; bit < p.bytes.len * 8; bit++) {
            p.bytes.data[bit / 8] = (char)(p.bytes.data[bit / 8] ^ (1 << bit % 8));
            (void)read_raw(p.bytes.data, p.bytes.len);
            p.bytes.data[bit / 8] = (char)(p.bytes.data[bit / 8] ^ (1 << bit % 8));
        }
        wire_packet_clear(&p);
    }
}

#define RAW(bytes) read_raw("" bytes, sizeof(bytes) - 1)

Test(wire, test_wire_read_when_the_packet_is_not_ours_then_refused)
{
    cr_assert_eq(RAW(""), ERR_INVALID);
    cr_assert_eq(RAW("\x08\x01"), ERR_INVALID, "no envelope");
    cr_assert_eq(RAW("\x08\x02\x12\x02\x62\x00"), ERR_INVALID, "protocol 2");
    cr_assert_eq(RAW("\x12\x02\x62\x00"), ERR_INVALID, "no protocol");
    cr_assert_eq(RAW("\x08\x01\x08\x01\x12\x02\x62\x00"), ERR_INVALID, "protocol twice");
    cr_assert_eq(RAW("\x0D\x01\x00\x00\x00\x12\x02\x62\x00"), ERR_INVALID, "protocol as fixed32");
    cr_assert_eq(RAW("\x08\x01\x10\x05"), ERR_INVALID, "items as a number");
    cr_assert_eq(RAW("\x08\x01\x12\x02\x62\x00\x03"), ERR_INVALID, "a group");
    cr_assert_eq(RAW("\x08\x01\x12\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), ERR_INVALID);
    cr_assert_eq(RAW("\x08\x01\x12\x02\x62\x00"), ERR_OK, "a ping");
    cr_assert_eq(RAW("\x08\x01\x12\x02\x62\x00\x1A\x01x"), ERR_OK, "a field of the future");
}

Test(wire, test_wire_read_when_the_body_is_not_exactly_one_then_refused)
{
    cr_assert_eq(RAW("\x08\x01\x12\x00"), ERR_INVALID, "empty envelope");
    cr_assert_eq(RAW("\x08\x01\x12\x02\x08\x05"), ERR_INVALID, "an id and no body");
    cr_assert_eq(RAW("\x08\x01\x12\x04\x62\x00\x62\x00"), ERR_INVALID, "two pings");
    cr_assert_eq(RAW("\x08\x01\x12\x06\x62\x00\xEA\x02\x00"), ERR_INVALID, "ping and alive");
    cr_assert_eq(RAW("\x08\x01\x12\x02\x7A\x00"), ERR_INVALID, "body 15 is unknown");
    cr_assert_eq(RAW("\x08\x01\x12\x04\xFA\x01\x00\x00"), ERR_INVALID);
    cr_assert_eq(RAW("\x08\x01\x12\x03\x92\x02\x00"), ERR_INVALID, "an offer with a bad length");
}

Test(wire, test_wire_read_when_parts_are_missing_then_refused)
{
    cr_assert_eq(RAW("\x08\x01\x12\x02\x52\x00"), ERR_INVALID, "submit of nothing");
    cr_assert_eq(RAW("\x08\x01\x12\x03\x8A\x02\x00"), ERR_INVALID, "progress without an attempt");
    cr_assert_eq(RAW("\x08\x01\x12\x03\x92\x02\x00"), ERR_INVALID, "result without an attempt");
    cr_assert_eq(RAW("\x08\x01\x12\x03\xCA\x02\x00"), ERR_INVALID, "assign of nothing");
    cr_assert_eq(RAW("\x08\x01\x12\x03\xD2\x02\x00"), ERR_INVALID, "ack of nothing");
    cr_assert_eq(RAW("\x08\x01\x12\x03\x92\x03\x00"), ERR_INVALID, "event of nothing");
}

Test(wire, test_wire_read_when_over_a_limit_then_too_large)
{
    char *big = calloc(1, WIRE_PACKET_MAX + 1);
    cr_assert_eq(read_raw(big, WIRE_PACKET_MAX + 1), ERR_TOO_LARGE);
    cr_assert_eq(read_raw(big, WIRE_PACKET_MAX), ERR_INVALID);

    char *at = big;
    memcpy(at, "\x08\x01", 2);
    at += 2;
    for (size_t i = 0; i < WIRE_ITEMS_MAX + 1; i++, at += 4) {
        memcpy(at, "\x12\x02\x62\x00", 4);
    }
    cr_assert_eq(read_raw(big, (size_t)(at - big)), ERR_TOO_LARGE);
    cr_assert_eq(read_raw(big, (size_t)(at - big) - 4), ERR_OK);
    free(big);
}

#define LOW7(n) (unsigned char)(((n)&0x7F) | 0x80)

/* Two bytes a part, each of which costs protobuf-c a block of memory. */
Test(wire, test_wire_read_when_tiny_parts_would_fill_memory_then_too_large)
{
    static unsigned char bomb[WIRE_PACKET_MAX];
    const size_t body = WIRE_PACKET_MAX - 16;
    const unsigned char head[] = {0x08,
                                  0x01,
                                  0x12,
                                  LOW7(body + 5),
                                  LOW7((body + 5) >> 7),
                                  (unsigned char)((body + 5) >> 14),
                                  0x82,
                                  0x02,
                                  LOW7(body),
                                  LOW7(body >> 7),
                                  (unsigned char)(body >> 14)};
    memcpy(bomb, head, sizeof(head));
    for (size_t i = 0; i < body; i += 2) {
        bomb[sizeof(head) + i] = 0x0A;
    }
    cr_assert_eq(read_raw(bomb, sizeof(head) + body), ERR_TOO_LARGE);
}

static void on_none(void *context, const struct wire_message *m)
{
    (void)m;
    *(bool *)context = true;
}

Test(wire, test_wire_read_when_the_last_envelope_is_bad_then_none_is_delivered)
{
    struct wire_packet p;
    wire_packet_init(&p);
    const struct wire_message m = largest(WIRE_OFFER);
    cr_assert_eq(wire_add(&p, &m), ERR_OK);
    cr_assert_eq(buf_append(&p.bytes, "\x12\x00", 2), ERR_OK);
    struct wire_reader *r = NULL;
    cr_assert_eq(wire_reader_new(&r), ERR_OK);
    bool delivered = false;
    const char *what = NULL;
    cr_assert_eq(wire_read(r, wire_packet_bytes(&p), on_none, &delivered, &what), ERR_INVALID);
    cr_assert_not(delivered);
    cr_assert_not_null(what);
    wire_reader_destroy(&r);
    cr_assert_null(r);
    wire_packet_clear(&p);
}
