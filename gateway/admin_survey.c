#include "gateway/admin_survey.h"

#include "gateway/loop.h"

struct asked {
    struct survey_wait wait;
    struct exchange *exchange;
    void (*then)(struct exchange *x, const struct survey *s);
};

static void on_surveyed(struct survey_wait *w, const struct survey *s)
{
    struct asked *a = LIST_ENTRY(w, struct asked, wait);
    a->exchange->state = NULL;
    a->exchange->on_end = NULL;
    a->then(a->exchange, s);
}

static void on_end(struct exchange *x)
{
    struct asked *a = x->state;
    survey_cancel(&a->wait);
}

void admin_survey(struct exchange *x, void (*then)(struct exchange *x, const struct survey *s))
{
    struct asked *a = exchange_alloc(x, sizeof *a);
    *a = (struct asked){.wait.done = on_surveyed, .exchange = x, .then = then};
    x->state = a;
    x->on_end = on_end;
    survey_ask(&x->loop->survey, &a->wait);
}
