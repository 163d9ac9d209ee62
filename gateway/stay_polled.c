#include "gateway/stay_polled.h"

static void on_early(h2o_socket_t *sock, const char *err)
{
    (void)err; /* there is none, nothing was read */
    h2o_socket_read_stop(sock);
}

void stay_polled_begin(h2o_socket_t *sock)
{
    h2o_socket_dont_read(sock, 1);
    h2o_socket_read_start(sock, on_early);
}

void stay_polled_end(h2o_socket_t *sock)
{
    h2o_socket_dont_read(sock, 0);
}
