/* Peers: who is connected to the ROUTER, and what this turn has to tell each of them.
 *
 * A peer is known by the routing id that the ROUTER generated (never one that it chose itself: with
 * chosen ids a stranger could take another's messages). Envelopes for a peer are collected in one
 * packet and leave together in peers_flush at the end of the turn. A peer that the ROUTER calls
 * unreachable is forgotten, after `gone` was told.
 *
 * Nothing waits here: when a peer's pipe is full its packet is dropped. Whoever asked repeats the
 * question, and an Assign that was lost is noticed by the worker's heartbeats. */
#ifndef LONGHAUL_BROKER_PEERS_H
#define LONGHAUL_BROKER_PEERS_H

#include "base/list.h"
#include "wire/wire.h"

enum {
    PEERS_MAX = 4096,       /* connections of one broker; more are not answered */
    PEER_ID_LEN = 5,        /* what ROUTER generates: a zero byte and a number */
    PEER_IDLE_MS = 60000,   /* a peer that said nothing for so long is forgotten until it speaks */
    PEERS_PACKETS_MAX = 64, /* spare packets kept between turns */
};

struct worker;

struct peer {
    struct list link; /* in `free`, or in `dirty` while it has a packet */
    unsigned char id[PEER_ID_LEN];
    bool used;
    uint64_t serial;            /* of this use of the struct; see peer_ref */
    struct wire_packet *packet; /* NULL: nothing to say */
    struct worker *worker;      /* NULL: a gateway, or a worker before its Hello */
    int64_t seen_ms;
};

/* Names a peer over time: the struct may meanwhile stand for another connection. */
struct peer_ref {
    struct peer *peer;
    uint64_t serial;
};

struct peers;
typedef void peers_on_gone(void *context, struct peer *peer);

/* `router`: the raw ZeroMQ socket, borrowed. */
MUST_CHECK enum err peers_new(void *router, peers_on_gone *gone, void *context, struct peers **out);
void peers_destroy(struct peers **p);

/* The peer of a routing id; a new one at its first packet. NULL: it has an id of its own choice, or
 * PEERS_MAX are there. */
struct peer *peers_of(struct peers *p, const void *id, size_t id_len, int64_t now_ms);
struct peer_ref peer_ref(struct peer *peer);
struct peer *peer_get(struct peer_ref ref); /* NULL: gone */

void peers_say(struct peers *p, struct peer *peer, const struct wire_message *m);
void peers_flush(struct peers *p);                 /* sends what was said */
void peers_sweep(struct peers *p, int64_t now_ms); /* forgets idle peers without a worker */

#endif
