#include "gateway/frames.h"

#include <stdlib.h>
#include <string.h>

struct frames *frames_new(struct span bytes)
{
    struct frames *f = malloc(sizeof *f + bytes.len);
    if (f == NULL) {
        return NULL;
    }
    f->references = 1;
    f->len = bytes.len;
    if (bytes.len > 0) {
        memcpy(f->bytes, bytes.ptr, bytes.len);
    }
    return f;
}

struct frames *frames_hold(struct frames *f)
{
    f->references++;
    return f;
}

void frames_release(struct frames **f)
{
    if (*f != NULL && --(*f)->references == 0) {
        free(*f);
    }
    *f = NULL;
}
