#include "gateway/request_ids.h"

#include "gateway/loop.h"

bool request_id_valid(struct span id)
{
    if (id.len == 0 || id.len > REQUEST_ID_MAX) {
        return false;
    }
    for (size_t i = 0; i < id.len; i++) {
        const char c = id.ptr[i];
        const bool alphanumeric =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alphanumeric && c != '.' && c != '_' && c != '-') {
            return false;
        }
    }
    return true;
}

void request_id_new(struct id_source *ids, char out[REQUEST_ID_SIZE])
{
    unsigned char random[REQUEST_ID_BYTES];
    id_source_bytes(ids, random, sizeof random);
    hex_encode(random, sizeof random, out);
}

void request_id_take(struct exchange *x)
{
    struct span given;
    if (exchange_header_list(x, "x-request-id", &given) && request_id_valid(given)) {
        x->request_id = given;
        return;
    }
    char *text = h2o_mem_alloc_pool(&x->req->pool, REQUEST_ID_SIZE);
    request_id_new(&x->loop->ids, text);
    x->request_id = (struct span){text, REQUEST_ID_SIZE - 1};
}
