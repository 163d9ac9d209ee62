#include "core/link.h"

#include "core/percent.h"
#include "core/plain_text.h"
#include "core/query.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAC_BYTES = 32,
    MAC_TEXT_LEN = 43, /* base64url of MAC_BYTES without padding */
};

struct link_signer {
    EVP_MAC_CTX *keys[LINK_SECRETS_MAX];
    size_t count;
};

/* ---- signer */

static EVP_MAC_CTX *new_key(EVP_MAC *mac, struct span secret)
{
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *key = EVP_MAC_CTX_new(mac);
    if (key != NULL &&
        EVP_MAC_init(key, (const unsigned char *)secret.ptr, secret.len, params) != 1) {
        EVP_MAC_CTX_free(key);
        key = NULL;
    }
    return key;
}

enum err link_signer_new(const struct span *secrets, size_t count, struct link_signer **out)
{
    if (count < 1 || count > LINK_SECRETS_MAX) {
        return ERR_INVALID;
    }
    for (size_t i = 0; i < count; i++) {
        if (secrets[i].len < LINK_SECRET_BYTES_MIN) {
            return ERR_INVALID;
        }
    }
    struct link_signer *s = calloc(1, sizeof *s);
    EVP_MAC *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    bool made = s != NULL && mac != NULL;
    for (size_t i = 0; made && i < count; i++) {
        s->keys[i] = new_key(mac, secrets[i]);
        made = s->keys[i] != NULL;
        s->count++;
    }
    EVP_MAC_free(mac);
    if (!made) {
        link_signer_destroy(&s);
        return ERR_NOMEM;
    }
    *out = s;
    return ERR_OK;
}

void link_signer_destroy(struct link_signer **s)
{
    if (*s == NULL) {
        return;
    }
    for (size_t i = 0; i < LINK_SECRETS_MAX; i++) {
        EVP_MAC_CTX_free((*s)->keys[i]);
    }
    free(*s);
    *s = NULL;
}

/* ---- signature */

static bool mac_number(EVP_MAC_CTX *key, uint64_t n)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(n >> (56 - 8 * i));
    }
    return EVP_MAC_update(key, bytes, sizeof bytes) == 1;
}

static bool mac_part(EVP_MAC_CTX *key, struct span part)
{
    return mac_number(key, part.len) &&
           (part.len == 0 || EVP_MAC_update(key, (const unsigned char *)part.ptr, part.len) == 1);
}

static void base64url(const unsigned char mac[MAC_BYTES], char out[MAC_TEXT_LEN])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t i = 0; i < MAC_TEXT_LEN; i++) {
        const size_t bit = i * 6;
        const unsigned high = mac[bit / 8];
        const unsigned low = bit / 8 + 1 < MAC_BYTES ? mac[bit / 8 + 1] : 0;
        const unsigned pair = high << 8 | low;
        out[i] = digits[pair >> (10 - bit % 8) & 63];
    }
}

static enum err signature(EVP_MAC_CTX *key, const struct link *l, char out[MAC_TEXT_LEN])
{
    unsigned char mac[MAC_BYTES];
    size_t len = 0;
    const bool made = EVP_MAC_init(key, NULL, 0, NULL) == 1 &&
                      mac_part(key, SPAN("longhaul-link-1")) && mac_part(key, l->key) &&
                      mac_part(key, l->file_name) && mac_part(key, l->content_type) &&
                      mac_number(key, (uint64_t)l->expires_at_s) &&
                      EVP_MAC_final(key, mac, &len, sizeof mac) == 1;
    if (!made || len != sizeof mac) {
        return ERR_NOMEM; /* the only way in which computing can fail */
    }
    base64url(mac, out);
    return ERR_OK;
}

static bool part_valid(struct span part, size_t min, size_t max)
{
    return part.len >= min && part.len <= max && plain_text(part);
}

enum err link_sign(struct link_signer *s, const struct link *l, struct buf *out)
{
    if (!part_valid(l->key, 1, JOB_ARTIFACT_KEY_MAX) ||
        !part_valid(l->file_name, 1, JOB_FILE_NAME_MAX) ||
        !part_valid(l->content_type, 0, JOB_CONTENT_TYPE_MAX) || l->expires_at_s < 0) {
        return ERR_INVALID;
    }
    char text[MAC_TEXT_LEN];
    TRY(signature(s->keys[0], l, text));
    (void)buf_text(out, LINK_PATH_PREFIX);
    percent_encode(out, l->key);
    (void)buf_char(out, '/');
    percent_encode(out, l->file_name);
    (void)buf_text(out, "?e=");
    (void)buf_i64(out, l->expires_at_s);
    (void)buf_text(out, "&ct=");
    percent_encode(out, l->content_type);
    (void)buf_text(out, "&s=");
    (void)buf_append(out, text, sizeof text);
    return buf_error(out);
}

/* ---- verification */

/* Free room in a link_parsed. */
struct room {
    char *at;
    size_t left;
};

/* Decodes into the room and takes it. */
static bool take_decoded(struct room *room, struct span raw, size_t max, struct span *out)
{
    const size_t cap = max < room->left ? max : room->left;
    if (percent_decode(raw, false, room->at, cap, out) != ERR_OK) {
        return false;
    }
    room->at += out->len;
    room->left -= out->len;
    return true;
}

static bool take_copy(struct room *room, struct span text, size_t max, struct span *out)
{
    if (text.len > max || text.len > room->left) {
        return false;
    }
    if (text.len > 0) {
        memcpy(room->at, text.ptr, text.len);
    }
    *out = (struct span){room->at, text.len};
    room->at += text.len;
    room->left -= text.len;
    return true;
}

/* Key and name as they stand in the path. */
static enum err split_path(struct span path, struct span *key, struct span *name)
{
    const struct span prefix = SPAN(LINK_PATH_PREFIX);
    if (!span_starts(path, prefix)) {
        return ERR_NOT_FOUND;
    }
    const struct span rest = {path.ptr + prefix.len, path.len - prefix.len};
    if (!span_cut(rest, '/', key, name) || key->len == 0 || name->len == 0 ||
        memchr(name->ptr, '/', name->len) != NULL) {
        return ERR_NOT_FOUND;
    }
    return ERR_OK;
}

/* The query's decoded text does not outlive this call: what is kept is copied. */
static bool read_query(struct span text, struct room *room, struct link *l, char mac[MAC_TEXT_LEN])
{
    struct query q;
    struct span expiry, type, given;
    if (query_parse(text, &q) != ERR_OK || q.count != 3 ||
        query_get(&q, SPAN("e"), &expiry) != ERR_OK || query_get(&q, SPAN("ct"), &type) != ERR_OK ||
        query_get(&q, SPAN("s"), &given) != ERR_OK || given.len != MAC_TEXT_LEN) {
        return false;
    }
    memcpy(mac, given.ptr, MAC_TEXT_LEN);
    return span_to_i64(expiry, &l->expires_at_s) == ERR_OK && l->expires_at_s >= 0 &&
           take_copy(room, type, JOB_CONTENT_TYPE_MAX, &l->content_type);
}

/* All keys are tried, so that time does not tell which one fits. */
static enum err check_signature(struct link_signer *s, const struct link *l,
                                const char given[MAC_TEXT_LEN])
{
    enum err e = ERR_DENIED;
    for (size_t i = 0; i < s->count; i++) {
        char expected[MAC_TEXT_LEN];
        TRY(signature(s->keys[i], l, expected));
        if (CRYPTO_memcmp(expected, given, sizeof expected) == 0) {
            e = ERR_OK;
        }
    }
    return e;
}

enum err link_verify(struct link_signer *s, struct span path, struct span query, int64_t now_s,
                     struct link_parsed *out)
{
    struct span key, name;
    TRY(split_path(path, &key, &name));
    struct room room = {out->bytes, sizeof out->bytes};
    struct link *l = &out->link;
    char mac[MAC_TEXT_LEN];
    if (!take_decoded(&room, key, JOB_ARTIFACT_KEY_MAX, &l->key) ||
        !take_decoded(&room, name, JOB_FILE_NAME_MAX, &l->file_name) ||
        !read_query(query, &room, l, mac)) {
        return ERR_DENIED;
    }
    TRY(check_signature(s, l, mac));
    return now_s < l->expires_at_s ? ERR_OK : ERR_TIMEOUT;
}

/* ---- windows */

struct link_window link_window(int64_t completed_at_s, int64_t now_s, int64_t ttl_s)
{
    assert(ttl_s >= LINK_TTL_S_MIN);
    const int64_t window_s = ttl_s - LINK_LEFT_S_MIN;
    const int64_t age_s = now_s > completed_at_s ? now_s - completed_at_s : 0;
    const int64_t index = age_s / window_s;
    return (struct link_window){
        .index = (uint64_t)index,
        .expires_at_s = completed_at_s + index * window_s + ttl_s,
    };
}
