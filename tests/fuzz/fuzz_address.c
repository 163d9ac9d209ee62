// links: base core
/* Addresses and CIDR lists as text, and every address as bytes. */
#include "core/address.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct cidr_list list;
    struct address a;
    const struct span text = {(const char *)data, len};
    const struct cidr_list none = {.count = 0};
    if (cidr_list_parse(text, &list) == ERR_OK) {
        for (size_t i = 0; i < list.count; i++) {
            assert(cidr_contains(&list.items[i], &list.items[i].base));
        }
    }
    if (address_parse(text, &a) == ERR_OK) {
        assert(address_allowed(&a, &none) == (address_special(&a) == NULL));
    }
    if (len >= ADDRESS_SIZE) {
        a = address_v6(data);
        assert(address_allowed(&a, &none) == (address_special(&a) == NULL));
    }
    return 0;
}
