#include "core/plain_text.h"

#include "base/json_text.h"

static bool is_c1(struct span s)
{
    return (unsigned char)s.ptr[0] == 0xC2 && (unsigned char)s.ptr[1] < 0xA0;
}

bool plain_text(struct span text)
{
    while (text.len > 0) {
        const unsigned char c = (unsigned char)text.ptr[0];
        size_t len = 1;
        if (c >= 0x80) {
            len = utf8_sequence_len(text);
            if (len == 0 || (len == 2 && is_c1(text))) {
                return false;
            }
        } else if (c < 0x20 || c == 0x7F) {
            return false;
        }
        text.ptr += len;
        text.len -= len;
    }
    return true;
}
