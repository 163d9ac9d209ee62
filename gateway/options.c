#include "gateway/options.h"

#include "base/span.h"
#include "core/link.h"
#include "core/listen_address.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIELD(name) offsetof(struct gateway_config, name)

/* The connection cap must stay below RLIMIT_NOFILE; it is lowered to fit when the program starts.
 */
static const struct option_def option_defs[] = {
    {"listen", OPTION_TEXT, FIELD(listen), "127.0.0.1:8080", 0, 0, "IP:PORT",
     "where clients connect"},
    {"admin-listen", OPTION_TEXT, FIELD(admin_listen), "127.0.0.1:9090", 0, 0, "IP:PORT",
     "health, metrics and the operator's page"},
    {"admin-changes", OPTION_FLAG, FIELD(admin_changes), NULL, 0, 0, NULL,
     "let the operator's page cancel, retry and drain"},
    {"admin-hosts", OPTION_TEXT, FIELD(admin_hosts), NULL, 0, 0, "NAME,...",
     "names by which the operator's page is asked for, beside localhost and addresses"},
    {"brokers", OPTION_TEXT, FIELD(brokers_text), NULL, 0, 0, "ENDPOINT,...",
     "brokers' request endpoints"},
    {"broker-events", OPTION_TEXT, FIELD(events_text), NULL, 0, 0, "ENDPOINT,...",
     "brokers' event endpoints"},
    {"redis-socket", OPTION_TEXT, FIELD(redis_socket), NULL, 0, 0, "PATH", "Redis by unix socket"},
    {"redis-host", OPTION_TEXT, FIELD(redis_host), "127.0.0.1", 0, 0, "IP", "Redis by TCP"},
    {"redis-port", OPTION_NUMBER, FIELD(redis_port), "6379", 1, 65535, "PORT", "Redis by TCP"},
    {"redis-user", OPTION_TEXT, FIELD(redis_user), NULL, 0, 0, "NAME", "Redis ACL user"},
    {"redis-password", OPTION_SECRET, FIELD(redis_password), NULL, 0, 0, "TEXT", "Redis password"},
    {"threads", OPTION_NUMBER, FIELD(threads), NULL, 0, THREADS_MAX, "N",
     "event loops; 0: one for each core"},
    {"store", OPTION_TEXT, FIELD(store), NULL, 0, 0, "file:DIR", "where the artifacts are"},
    {"link-secret", OPTION_SECRET, FIELD(link_secret), NULL, 0, 0, "TEXT",
     "signs links; the same for all gateways; needed with --store"},
    {"link-secret-old", OPTION_SECRET, FIELD(link_secret_old), NULL, 0, 0, "TEXT",
     "also accepted, while secrets are exchanged"},
    {"link-ttl-s", OPTION_NUMBER, FIELD(link_ttl_s), "900", 120, 604800, "SECONDS",
     "life of a link"},
    {"public-url", OPTION_TEXT, FIELD(public_url), NULL, 0, 0, "URL", "put before links' paths"},
    {"web-dir", OPTION_TEXT, FIELD(web_dir), NULL, 0, 0, "DIR",
     "the web pages, as scripts/web builds them"},
    {"allow-simulate", OPTION_FLAG, FIELD(allow_simulate), NULL, 0, 0, NULL,
     "accept simulated jobs"},
    {"auth", OPTION_TEXT, FIELD(access.auth), "none", 0, 0, "none|jwt",
     "how callers show who they are"},
    {"jwt-jwks-file", OPTION_TEXT, FIELD(access.jwks_file), NULL, 0, 0, "PATH",
     "public keys of tokens (JWK set); read again when it changes"},
    {"jwt-secret-file", OPTION_TEXT, FIELD(access.secret_file), NULL, 0, 0, "PATH",
     "or the secret of HMAC tokens, 32 bytes or more; read again when it changes"},
    {"jwt-algorithms", OPTION_TEXT, FIELD(access.algorithms), NULL, 0, 0, "NAME,...",
     "accepted signatures; default RS256,ES256 for a JWK set, HS256 for a secret"},
    {"jwt-issuer", OPTION_TEXT, FIELD(access.issuer), NULL, 0, 0, "TEXT",
     "what `iss` must be; needed with --jwt-jwks-file"},
    {"jwt-audience", OPTION_TEXT, FIELD(access.audience), NULL, 0, 0, "TEXT",
     "what `aud` must have; needed with --jwt-jwks-file"},
    {"jwt-leeway-s", OPTION_NUMBER, FIELD(access.leeway_s), "30", 0, 300, "SECONDS",
     "by how much clocks may differ"},
    {"jwt-cookie", OPTION_TEXT, FIELD(access.cookie), NULL, 0, 0, "NAME",
     "for GET, a cookie that may hold the token"},
    {"cors-origins", OPTION_TEXT, FIELD(access.origins_text), NULL, 0, 0, "ORIGIN,...",
     "web pages of other hosts that may read replies"},
    {"rate-user", OPTION_TEXT, FIELD(access.rate_user), NULL, 0, 0, "N/s[:BURST]",
     "requests of one user; also N/m; counted by each gateway"},
    {"rate-address", OPTION_TEXT, FIELD(access.rate_address), NULL, 0, 0, "N/s[:BURST]",
     "requests of one address, likewise"},
    {"trusted-proxies", OPTION_TEXT, FIELD(access.proxies_text), NULL, 0, 0, "CIDR,...",
     "proxies whose X-Forwarded-For says the address"},
    {"shard", OPTION_NUMBER, FIELD(shard), "0", 0, SHARD_MAX, "N",
     "shard of the job ids, as its brokers have it"},
    {"heartbeat-s", OPTION_NUMBER, FIELD(heartbeat_s), "15", 1, 3600, "SECONDS",
     "comment on idle event streams"},
    {"drain-s", OPTION_NUMBER, FIELD(drain_s), "10", 0, 3600, "SECONDS",
     "longest wait for requests when stopping"},
    {"idle-timeout-s", OPTION_NUMBER, FIELD(idle_timeout_s), "90", IDLE_TIMEOUT_S_MIN, 3600,
     "SECONDS", "connections without a request are closed; must be over the proxy's own"},
    {"connections-max", OPTION_NUMBER, FIELD(connections_max), "10000", 16, 1000000, "N",
     "open client connections over all loops"},
    {"insecure", OPTION_FLAG, FIELD(insecure), NULL, 0, 0, NULL,
     "allow a public listener without authentication, and brokers by plain tcp"},
    {"verbose", OPTION_FLAG, FIELD(verbose), NULL, 0, 0, NULL, "log details"},
};

static const struct option_table option_table = {
    .program = "longhaul-gateway",
    .summary = "HTTP in, jobs to brokers, events out",
    .defs = option_defs,
    .count = sizeof option_defs / sizeof option_defs[0],
};

enum options_outcome config_parse(int argc, char *const *argv, struct gateway_config *config,
                                  struct buf *message)
{
    return options_parse(&option_table, argc, argv, config, message);
}

static enum err list_split(const char *name, const char *text, struct text_list *out,
                           struct buf *message)
{
    if (text == NULL || *text == '\0') {
        (void)buf_printf(message, "--%s is needed\n", name);
        return ERR_INVALID;
    }
    out->text = strdup(text);
    if (out->text == NULL) {
        return ERR_NOMEM;
    }
    char *rest = out->text;
    for (char *item; (item = strsep(&rest, ",")) != NULL;) {
        if (*item == '\0' || out->count == BROKERS_MAX) {
            (void)buf_printf(message, "--%s: an empty item, or more than %d\n", name, BROKERS_MAX);
            return ERR_INVALID;
        }
        out->items[out->count++] = item;
    }
    return ERR_OK;
}

static enum err list_check(const char *name, const struct text_list *list, bool insecure,
                           struct buf *message)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct span item = span_of(list->items[i]);
        if (span_starts(item, SPAN("ipc://"))) {
            continue;
        }
        if (!span_starts(item, SPAN("tcp://"))) {
            (void)buf_printf(message, "--%s: %s is neither ipc:// nor tcp://\n", name,
                             list->items[i]);
            return ERR_INVALID;
        }
        if (!insecure) {
            (void)buf_printf(message,
                             "--%s: %s needs CURVE, which this build does not offer yet; pass "
                             "--insecure to use plain tcp\n",
                             name, list->items[i]);
            return ERR_DENIED;
        }
    }
    return ERR_OK;
}

static enum err listen_check(const char *name, const char *text, bool guarded, const char *why,
                             struct buf *message)
{
    struct listen_address address;
    if (listen_address_parse(span_of(text), &address) != ERR_OK) {
        (void)buf_printf(message, "--%s: %s is not IP:PORT or [IPv6]:PORT\n", name, text);
        return ERR_INVALID;
    }
    if (!listen_address_loopback(&address) && !guarded) {
        (void)buf_printf(message,
                         "--%s %s: everyone who reaches this address could use it, since there is "
                         "no authentication (%s); listen on a loopback address or pass "
                         "--insecure\n",
                         name, text, why);
        return ERR_DENIED;
    }
    return ERR_OK;
}

static enum err store_check(struct gateway_config *config, struct buf *message)
{
    if (config->store == NULL) {
        return ERR_OK;
    }
    if (!span_starts(span_of(config->store), SPAN("file:")) || config->store[5] == '\0') {
        (void)buf_printf(message, "--store: only file:DIR is offered by this build\n");
        return ERR_INVALID;
    }
    if (config->link_secret == NULL || strlen(config->link_secret) < LINK_SECRET_BYTES_MIN) {
        (void)buf_printf(message,
                         "--store needs --link-secret-file or LONGHAUL_LINK_SECRET with "
                         "at least %d characters\n",
                         LINK_SECRET_BYTES_MIN);
        return ERR_INVALID;
    }
    config->store_dir = config->store + 5;
    return ERR_OK;
}

enum err config_check(struct gateway_config *config, struct buf *message)
{
    if (config->threads == 0) {
        const long cores = sysconf(_SC_NPROCESSORS_ONLN);
        config->threads = cores < 1 ? 1 : (cores > THREADS_MAX ? THREADS_MAX : cores);
    }
    TRY(access_options_check(&config->access, message));
    TRY(listen_check("listen", config->listen, config->insecure || config->access.jwt, "auth=none",
                     message));
    TRY(listen_check("admin-listen", config->admin_listen, config->insecure,
                     "--auth is for --listen only", message));
    TRY(list_split("brokers", config->brokers_text, &config->brokers, message));
    TRY(list_split("broker-events", config->events_text, &config->events, message));
    TRY(list_check("brokers", &config->brokers, config->insecure, message));
    TRY(list_check("broker-events", &config->events, config->insecure, message));
    return store_check(config, message);
}

void config_clear(struct gateway_config *config)
{
    free(config->brokers.text);
    free(config->events.text);
    options_clear(&option_table, config);
}
