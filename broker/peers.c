#include "broker/peers.h"

#include "base/log.h"
#include "base/log_limit.h"
#include "base/map.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

struct packet {
    struct wire_packet wire; /* first: a wire_packet * is a packet * */
    struct packet *next;
};

struct peers {
    void *router;
    peers_on_gone *gone;
    void *context;
    struct map *by_id;
    struct list free, dirty;
    struct packet *spare;
    size_t spare_count;
    uint64_t serial;
    struct log_limit full;
    int64_t now_ms; /* of the last packet */
    struct peer all[PEERS_MAX];
};

enum err peers_new(void *router, peers_on_gone *gone, void *context, struct peers **out)
{
    struct peers *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return ERR_NOMEM;
    }
    const enum err e = map_new(PEERS_MAX, &p->by_id);
    if (e != ERR_OK) {
        free(p);
        return e;
    }
    p->router = router;
    p->gone = gone;
    p->context = context;
    list_init(&p->free);
    list_init(&p->dirty);
    for (size_t i = 0; i < PEERS_MAX; i++) {
        list_append(&p->free, &p->all[i].link);
    }
    *out = p;
    return ERR_OK;
}

static void packet_destroy(struct wire_packet *wire)
{
    if (wire != NULL) {
        wire_packet_clear(wire);
        free((struct packet *)(void *)wire);
    }
}

void peers_destroy(struct peers **p)
{
    if (*p == NULL) {
        return;
    }
    for (size_t i = 0; i < PEERS_MAX; i++) {
        packet_destroy((*p)->all[i].packet);
    }
    while ((*p)->spare != NULL) {
        struct packet *next = (*p)->spare->next;
        packet_destroy(&(*p)->spare->wire);
        (*p)->spare = next;
    }
    map_destroy(&(*p)->by_id);
    free(*p);
    *p = NULL;
}

static struct wire_packet *packet_take(struct peers *p)
{
    struct packet *taken = p->spare;
    if (taken != NULL) {
        p->spare = taken->next;
        p->spare_count--;
        return &taken->wire;
    }
    taken = calloc(1, sizeof *taken);
    if (taken == NULL) {
        return NULL;
    }
    wire_packet_init(&taken->wire);
    return &taken->wire;
}

static void packet_give(struct peers *p, struct wire_packet *wire)
{
    if (p->spare_count >= PEERS_PACKETS_MAX) {
        packet_destroy(wire);
        return;
    }
    struct packet *given = (struct packet *)(void *)wire;
    wire_packet_reset(wire);
    given->next = p->spare;
    p->spare = given;
    p->spare_count++;
}

static struct span id_span(const struct peer *peer)
{
    return (struct span){(const char *)peer->id, PEER_ID_LEN};
}

static struct peer *peer_admit(struct peers *p, struct span id)
{
    struct list *link = list_pop(&p->free);
    if (link == NULL) {
        return NULL;
    }
    struct peer *peer = LIST_ENTRY(link, struct peer, link);
    if (map_put(p->by_id, id, peer) != ERR_OK) {
        list_append(&p->free, &peer->link);
        return NULL;
    }
    memcpy(peer->id, id.ptr, PEER_ID_LEN);
    peer->used = true;
    peer->serial = ++p->serial;
    peer->worker = NULL;
    return peer;
}

struct peer *peers_of(struct peers *p, const void *id, size_t id_len, int64_t now_ms)
{
    if (id_len != PEER_ID_LEN || *(const unsigned char *)id != 0) {
        return NULL;
    }
    const struct span key = {id, id_len};
    p->now_ms = now_ms;
    struct peer *peer = map_get(p->by_id, key);
    if (peer == NULL) {
        peer = peer_admit(p, key);
    }
    if (peer != NULL) {
        peer->seen_ms = now_ms;
    }
    return peer;
}

struct peer_ref peer_ref(struct peer *peer)
{
    return (struct peer_ref){peer, peer == NULL ? 0 : peer->serial};
}

struct peer *peer_get(struct peer_ref ref)
{
    return ref.peer != NULL && ref.peer->used && ref.peer->serial == ref.serial ? ref.peer : NULL;
}

static void peer_quiet(struct peers *p, struct peer *peer)
{
    if (peer->packet != NULL) {
        packet_give(p, peer->packet);
        peer->packet = NULL;
        list_remove(&peer->link);
    }
}

static void peer_forget(struct peers *p, struct peer *peer)
{
    p->gone(p->context, peer);
    peer_quiet(p, peer);
    (void)map_remove(p->by_id, id_span(peer));
    peer->used = false;
    peer->worker = NULL;
    list_append(&p->free, &peer->link);
}

/* False: the peer is not connected any more. */
static bool transmit(struct peers *p, const struct peer *peer, struct span bytes)
{
    if (zmq_send(p->router, peer->id, PEER_ID_LEN, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        const int why = errno;
        uint64_t left_out;
        if (why == EAGAIN && log_limit_pass(&p->full, p->now_ms, &left_out)) {
            log_warn("peer.full", "dropped a packet of %zu bytes; left out: %" PRIu64, bytes.len,
                     left_out);
        }
        return why != EHOSTUNREACH;
    }
    if (zmq_send(p->router, bytes.ptr, bytes.len, ZMQ_DONTWAIT) < 0) {
        log_error("peer.send", "%s", zmq_strerror(errno));
    }
    return true;
}

static bool peer_send(struct peers *p, struct peer *peer)
{
    const bool there = transmit(p, peer, wire_packet_bytes(peer->packet));
    wire_packet_reset(peer->packet);
    return there;
}

void peers_say(struct peers *p, struct peer *peer, const struct wire_message *m)
{
    assert(peer->used);
    if (peer->packet == NULL) {
        peer->packet = packet_take(p);
        if (peer->packet == NULL) {
            log_error("peer.nomem", NULL);
            return;
        }
        list_append(&p->dirty, &peer->link);
    }
    enum err e = wire_add(peer->packet, m);
    if (e == ERR_FULL) {
        /* Should it be unreachable, the flush at the end of the turn finds out again. */
        (void)peer_send(p, peer);
        e = wire_add(peer->packet, m);
    }
    if (e != ERR_OK) {
        log_error("peer.pack", "kind=%d error=%s", (int)m->kind, err_name(e));
    }
}

void peers_flush(struct peers *p)
{
    struct list *link;
    while ((link = list_pop(&p->dirty)) != NULL) {
        struct peer *peer = LIST_ENTRY(link, struct peer, link);
        assert(peer->packet != NULL); /* that is what being in the list means */
        const bool there = peer->packet->items == 0 || peer_send(p, peer);
        packet_give(p, peer->packet);
        peer->packet = NULL;
        if (!there) {
            peer_forget(p, peer);
        }
    }
}

void peers_sweep(struct peers *p, int64_t now_ms)
{
    for (size_t i = 0; i < PEERS_MAX; i++) {
        struct peer *peer = &p->all[i];
        if (peer->used && peer->worker == NULL && peer->packet == NULL &&
            now_ms - peer->seen_ms > PEER_IDLE_MS) {
            peer_forget(p, peer);
        }
    }
}
