// links: workers support wire ports core base
/* What the worker's program refuses before it starts. */
#include "workers/options.h"

#include <criterion/criterion.h>
#include <string.h>

enum { MESSAGE_MAX = 4096 };

/* The message is the caller's. */
static enum err check(const char *worker_id, struct buf *message)
{
    static struct worker_config config; /* too large for a stack frame */
    const struct worker_options o = {.brokers = "ipc:///tmp/nobody.sock",
                                     .worker_id = worker_id,
                                     .store = "file:/tmp/nothing",
                                     .slots = 1};
    buf_init(message, MESSAGE_MAX);
    return worker_config_check(&o, &config, message);
}

/* An operator names a worker in an address: no id may need an escape there. */
Test(worker_options, test_worker_id_when_an_address_could_not_hold_it_as_it_is_then_refused)
{
    static const char *const bad[] = {"rack%2F7", "rack/7", "..",  ".w",
                                      "w 1",      "w:1",    "w?x", "wörker"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buf message;
        cr_assert_eq(check(bad[i], &message), ERR_INVALID, "%s", bad[i]);
        cr_assert_eq(buf_char(&message, '\0'), ERR_OK);
        cr_assert_not_null(strstr(message.data, "--worker-id takes"), "%s", message.data);
        cr_assert_not_null(strstr(message.data, bad[i]), "%s", message.data);
        buf_clear(&message);
    }
}

Test(worker_options, test_worker_id_when_plain_then_taken)
{
    struct buf message;
    cr_assert_eq(check("worker-1.eu_2", &message), ERR_OK, "%.*s", (int)message.len, message.data);
    buf_clear(&message);
}
