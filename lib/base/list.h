/* List: intrusive, doubly linked, circular. The anchor is a link that is in no element.
 * An unlinked link points at itself, so that list_remove is safe to repeat. */
#ifndef LONGHAUL_BASE_LIST_H
#define LONGHAUL_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *prev;
    struct list *next;
};

#define LIST_ENTRY(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void list_init(struct list *l)
{
    l->prev = l;
    l->next = l;
}
static inline bool list_empty(const struct list *l)
{
    return l->next == l;
}
static inline void list_append(struct list *anchor, struct list *link)
{
    link->prev = anchor->prev;
    link->next = anchor;
    anchor->prev->next = link;
    anchor->prev = link;
}
static inline void list_remove(struct list *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    list_init(link);
}
/* Takes the first link out; NULL when empty. */
static inline struct list *list_pop(struct list *anchor)
{
    struct list *first = anchor->next;
    if (first == anchor) {
        return NULL;
    }
    list_remove(first);
    return first;
}

#endif
