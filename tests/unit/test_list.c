// links: base
#include "base/list.h"

#include <criterion/criterion.h>

struct item {
    int number;
    struct list link;
};

static struct list anchor;
static struct item items[3] = {{.number = 0}, {.number = 1}, {.number = 2}};

static void start(void)
{
    list_init(&anchor);
    for (size_t i = 0; i < 3; i++) {
        list_init(&items[i].link);
    }
}

TestSuite(list, .init = start);

static int pop_number(void)
{
    struct list *link = list_pop(&anchor);
    return link != NULL ? LIST_ENTRY(link, struct item, link)->number : -1;
}

Test(list, test_pop_when_empty_then_null)
{
    cr_expect(list_empty(&anchor));
    cr_expect_null(list_pop(&anchor));
}

Test(list, test_remove_when_not_in_a_list_then_nothing)
{
    list_remove(&items[0].link);
    list_remove(&items[0].link);
    cr_expect(list_empty(&items[0].link));
}

Test(list, test_remove_when_in_the_middle_then_others_keep_their_order)
{
    for (size_t i = 0; i < 3; i++) {
        list_append(&anchor, &items[i].link);
    }
    list_remove(&items[1].link);
    list_remove(&items[1].link);
    cr_expect_eq(pop_number(), 0);
    cr_expect_eq(pop_number(), 2);
    cr_expect_eq(pop_number(), -1);
}

Test(list, test_pop_when_appended_then_first_comes_first)
{
    for (size_t i = 0; i < 3; i++) {
        list_append(&anchor, &items[i].link);
    }
    cr_expect_not(list_empty(&anchor));
    cr_expect_eq(pop_number(), 0);
    cr_expect(list_empty(&items[0].link), "what was popped is unlinked");
    list_append(&anchor, &items[0].link);
    cr_expect_eq(pop_number(), 1);
    cr_expect_eq(pop_number(), 2);
    cr_expect_eq(pop_number(), 0);
}
