#include "support/worker_rig.h"

#include "support/child.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATH_SIZE = 256,
    LINE_SIZE = 1024,
    ASSIGN_MS = 60000,
    NGINX_TRIES_MAX = 1000,
    NGINX_TRY_MS = 10
};

void worker_rig_path(const struct worker_rig *r, const char *name, char *out, size_t size)
{
    cr_assert_lt(snprintf(out, size, "%s/%s", r->dir, name), (int)size);
}

unsigned char rig_byte(size_t i)
{
    return (unsigned char)(i * 13 + i / 509);
}

static FILE *create(const struct worker_rig *r, const char *name)
{
    char path[PATH_SIZE];
    worker_rig_path(r, name, path, sizeof path);
    FILE *f = fopen(path, "we");
    cr_assert_not_null(f);
    return f;
}

static void make_folder(const struct worker_rig *r, const char *name)
{
    char path[PATH_SIZE];
    worker_rig_path(r, name, path, sizeof path);
    cr_assert_eq(mkdir(path, 0755), 0);
}

static void make_file(const struct worker_rig *r, const char *name, size_t len)
{
    FILE *f = create(r, name);
    for (size_t i = 0; i < len; i++) {
        (void)fputc(rig_byte(i), f);
    }
    cr_assert_eq(fclose(f), 0);
}

/* ---- nginx */

/* Bound but not listening: it keeps the port for nginx, which shares it by SO_REUSEPORT. */
static int reserve_port(unsigned short *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    const int on = 1;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&at, size), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

static void write_nginx_conf(const struct worker_rig *r)
{
    FILE *f = create(r, "nginx.conf");
    (void)fprintf(f,
                  "daemon off; master_process off; pid %s/nginx.pid; error_log %s/nginx.err;\n"
                  "events { worker_connections 256; }\n"
                  "http { access_log off; root %s/www; client_body_temp_path %s/t1;\n"
                  " proxy_temp_path %s/t2; fastcgi_temp_path %s/t3; uwsgi_temp_path %s/t4;\n"
                  " scgi_temp_path %s/t5; sendfile on;\n"
                  " server { listen 127.0.0.1:%u reuseport;\n"
                  "  location /forbidden { return 403; } location /broken { return 500; }\n"
                  " } }\n",
                  r->dir, r->dir, r->dir, r->dir, r->dir, r->dir, r->dir, r->dir,
                  (unsigned)r->nginx_port);
    cr_assert_eq(fclose(f), 0);
}

/* Its port is bound before it listens, so a refused connection only means: not yet. */
static void await_nginx(const struct worker_rig *r)
{
    const struct sockaddr_in at = {.sin_family = AF_INET,
                                   .sin_port = htons(r->nginx_port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int refused = -1;
    for (int i = 0; i < NGINX_TRIES_MAX && refused != 0; i++) {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        refused = connect(fd, (const struct sockaddr *)&at, sizeof at);
        (void)close(fd);
        if (refused != 0) {
            (void)poll(NULL, 0, NGINX_TRY_MS);
        }
    }
    cr_assert_eq(refused, 0, "nginx does not start");
}

/* One process, so that nothing of it is left when a test crashes. */
static void start_nginx(struct worker_rig *r)
{
    char conf[PATH_SIZE], log[PATH_SIZE];
    r->port_fd = reserve_port(&r->nginx_port);
    write_nginx_conf(r);
    worker_rig_path(r, "nginx.conf", conf, sizeof conf);
    worker_rig_path(r, "nginx.log", log, sizeof log);
    const char *const argv[] = {"/usr/sbin/nginx", "-c", conf, "-e", log, "-p", r->dir, NULL};
    r->nginx = child_start(argv, log);
    await_nginx(r);
}

/* ---- the catalogue */

static void entry(FILE *f, enum rig_file id, const char *more, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void entry(FILE *f, enum rig_file id, const char *more, const char *format, ...)
{
    char url[LINE_SIZE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(url, sizeof url, format, args);
    va_end(args);
    (void)fprintf(f, "{\"file_id\": %d, \"url\": \"%s\"%s}\n", (int)id, url, more);
}

static void write_refusals(const struct worker_rig *r, FILE *f)
{
    const unsigned p = r->source.port;
    static const struct {
        enum rig_file id;
        const char *target;
    } REDIRECTS[] = {
        {RIG_TO_PRIVATE, "http://10.0.0.1:9/x"},
        {RIG_TO_LOOPBACK6, "http://[::1]:9/x"},
        {RIG_TO_MAPPED, "http://[::ffff:169.254.169.254]/x"},
        {RIG_TO_FTP, "ftp://127.0.0.1/x"},
    };
    for (size_t i = 0; i < sizeof REDIRECTS / sizeof REDIRECTS[0]; i++) {
        entry(f, REDIRECTS[i].id, "", "http://127.0.0.1:%u/to?%s", p, REDIRECTS[i].target);
    }
    entry(f, RIG_LOOP, "", "http://127.0.0.1:%u/loop", p);
    entry(f, RIG_PRIVATE, "", "http://10.0.0.1:9/x");
    entry(f, RIG_NO_NAME, "", "http://no-such-host.invalid/x");
    entry(f, RIG_REFUSES, "", "http://127.0.0.1:1/x");
    entry(f, RIG_FILE_OUTSIDE, "", "file:///etc/passwd");
    entry(f, RIG_FILE_INSIDE, "", "file://%s/www/file.bin", r->dir);
    entry(f, RIG_FILE_LINK, "", "file://%s/www/link", r->dir);
}

static void write_catalogue(const struct worker_rig *r)
{
    FILE *f = create(r, "catalogue.jsonl");
    const unsigned n = r->nginx_port, p = r->source.port;
    entry(f, RIG_NGINX_FILE, ", \"fileName\": \"report.pdf\", \"contentType\": \"application/pdf\"",
          "http://127.0.0.1:%u/file.bin", n);
    entry(f, RIG_NGINX_404, "", "http://127.0.0.1:%u/absent", n);
    entry(f, RIG_NGINX_403, "", "http://127.0.0.1:%u/forbidden", n);
    entry(f, RIG_NGINX_500, "", "http://127.0.0.1:%u/broken", n);
    entry(f, RIG_NGINX_EMPTY, "", "http://127.0.0.1:%u/empty%%20file.txt", n);
    entry(f, RIG_WRONG_SIZE, ", \"size\": 17", "http://127.0.0.1:%u/file.bin", n);
    entry(f, RIG_WRONG_SHA,
          ", \"sha256\": \"00000000000000000000000000000000000000000000000000000000000000aa\"",
          "http://127.0.0.1:%u/file.bin", n);
    static const struct {
        enum rig_file id;
        const char *path;
    } STUBS[] = {
        {RIG_SHORT, "short"},     {RIG_STALL, "stall"},
        {RIG_SILENT, "silent"},   {RIG_BREAKS, "breaks"},
        {RIG_BUSY, "busy"},       {RIG_BREAKS_CHANGED, "breaks-changed"},
        {RIG_NAMED, "named"},     {RIG_BREAKS_WRONG, "breaks-wrong"},
        {RIG_UNSIZED, "unsized"}, {RIG_UNSIZED_SMALL, "unsized-small"},
    };
    for (size_t i = 0; i < sizeof STUBS / sizeof STUBS[0]; i++) {
        entry(f, STUBS[i].id, "", "http://127.0.0.1:%u/%s", p, STUBS[i].path);
    }
    write_refusals(r, f);
    cr_assert_eq(fclose(f), 0);
}

void worker_rig_add(const struct worker_rig *r, uint64_t file_id, const char *url, const char *more)
{
    char path[PATH_SIZE];
    worker_rig_path(r, "catalogue.jsonl", path, sizeof path);
    FILE *f = fopen(path, "ae");
    cr_assert_not_null(f);
    (void)fprintf(f, "{\"file_id\": %llu, \"url\": \"%s\"%s}\n", (unsigned long long)file_id, url,
                  more);
    cr_assert_eq(fclose(f), 0);
}

/* ---- start and stop */

void worker_rig_start(struct worker_rig *r)
{
    char link[PATH_SIZE], endpoint[PATH_SIZE];
    memset(r, 0, sizeof *r);
    (void)snprintf(r->dir, sizeof r->dir, "/tmp/longhaul-worker-XXXXXX");
    cr_assert_not_null(mkdtemp(r->dir));
    cr_assert_eq(chmod(r->dir, 0755), 0); /* nginx may run as another user */
    id_source_init(&r->ids);
    make_folder(r, "www");
    make_file(r, "www/file.bin", RIG_FILE_BYTES);
    make_file(r, "www/empty file.txt", 0);
    worker_rig_path(r, "www/link", link, sizeof link);
    cr_assert_eq(symlink("/etc/passwd", link), 0);
    stub_source_start(&r->source);
    start_nginx(r);
    write_catalogue(r);
    for (int i = 0; i < RIG_BROKERS; i++) {
        (void)snprintf(endpoint, sizeof endpoint, "ipc://%s/broker-%d.sock", r->dir, i);
        stub_broker_open(&r->brokers[i], endpoint);
    }
}

void worker_rig_stop(struct worker_rig *r)
{
    if (r->worker > 0) {
        (void)child_stop(r->worker, SIGKILL);
    }
    (void)child_stop(r->nginx, SIGKILL);
    (void)close(r->port_fd);
    for (int i = 0; i < RIG_BROKERS; i++) {
        stub_broker_close(&r->brokers[i]);
    }
    stub_source_stop(&r->source);
    const char *const argv[] = {"rm", "-rf", "--", r->dir, NULL};
    (void)child_wait(child_start(argv, NULL), STUB_PATIENCE_MS);
}

void worker_rig_worker(struct worker_rig *r, const char *const *more)
{
    char program[PATH_SIZE], brokers[PATH_SIZE], store[PATH_SIZE], catalogue[PATH_SIZE];
    char root[PATH_SIZE], log[PATH_SIZE];
    const char *bin = getenv("LONGHAUL_BIN");
    (void)snprintf(program, sizeof program, "%s/longhaul-worker",
                   bin != NULL ? bin : "build/dev/bin");
    cr_assert_eq(access(program, X_OK), 0, "%s is not there; set LONGHAUL_BIN", program);
    (void)snprintf(brokers, sizeof brokers, "ipc://%s/broker-0.sock,ipc://%s/broker-1.sock", r->dir,
                   r->dir);
    (void)snprintf(store, sizeof store, "file:%s/store", r->dir);
    worker_rig_path(r, "catalogue.jsonl", catalogue, sizeof catalogue);
    worker_rig_path(r, "www", root, sizeof root);
    worker_rig_path(r, "worker.log", log, sizeof log);
    const char *argv[RIG_ARGS_MAX] = {program,   "--brokers",       brokers,       "--worker-id",
                                      "w1",      "--store",         store,         "--catalog",
                                      catalogue, "--source-allow",  "127.0.0.0/8", "--source-root",
                                      root,      "--allow-simulate"};
    size_t count = 14;
    for (; *more != NULL; more++) {
        cr_assert_lt(count, RIG_ARGS_MAX - 1);
        argv[count++] = *more;
    }
    argv[count] = NULL;
    r->worker = child_start(argv, log);
    (void)stub_welcome(&r->brokers[0]);
    (void)stub_expect(&r->brokers[0], WIRE_HEARTBEAT); /* joined, by this Welcome or a later one */
}

/* ---- phrases */

struct attempt rig_attempt(struct worker_rig *r, uint64_t fence)
{
    struct attempt a = {.fence = fence};
    job_id_new(&r->ids, 0, 1790000000000, a.job_id);
    return a;
}

struct attempt rig_assign(struct worker_rig *r, uint64_t file_id)
{
    const struct attempt a = rig_attempt(r, 1);
    const struct job_spec spec = {.file_ids = &file_id, .file_ids_count = 1};
    stub_assign(&r->brokers[0], &a, &spec, ASSIGN_MS, 0);
    return a;
}

struct attempt rig_simulate(struct worker_rig *r, const struct simulate *plan, uint32_t failures)
{
    static const uint64_t file_id = 42;
    const struct attempt a = rig_attempt(r, 1);
    const struct job_spec spec = {
        .file_ids = &file_id, .file_ids_count = 1, .has_simulate = true, .simulate = *plan};
    stub_assign(&r->brokers[0], &a, &spec, ASSIGN_MS, failures);
    return a;
}

const struct wire_result *rig_done(struct worker_rig *r, const struct attempt *a)
{
    const struct wire_result *result = &stub_expect(&r->brokers[0], WIRE_RESULT)->result;
    cr_assert_str_eq(result->attempt.job_id, a->job_id);
    cr_assert_eq(result->attempt.fence, a->fence);
    stub_ack(&r->brokers[0], a, ACK_RECORDED);
    return result;
}

void rig_failed_with(struct worker_rig *r, const struct attempt *a, const char *code,
                     bool retryable)
{
    const struct wire_result *result = rig_done(r, a);
    cr_assert_eq(result->outcome, OUTCOME_FAILED, "outcome %d", (int)result->outcome);
    cr_assert(span_eq(result->failure.code, span_of(code)), "%.*s: %.*s",
              SPAN_ARG(result->failure.code), SPAN_ARG(result->failure.message));
    cr_assert_eq(result->failure.retryable, retryable);
}

unsigned char *rig_artifact(const struct worker_rig *r, const struct attempt *a, size_t *len)
{
    char path[PATH_SIZE];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/store/objects/%s.%llu", r->dir, a->job_id,
                   (unsigned long long)a->fence);
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        return NULL;
    }
    cr_assert_eq(fstat(fileno(f), &st), 0);
    unsigned char *bytes = malloc((size_t)st.st_size + 1);
    *len = fread(bytes, 1, (size_t)st.st_size + 1, f);
    (void)fclose(f);
    return bytes;
}

size_t rig_files_in(const struct worker_rig *r, const char *folder)
{
    char path[PATH_SIZE];
    size_t count = 0;
    (void)snprintf(path, sizeof path, "%s/store/%s", r->dir, folder);
    DIR *d = opendir(path);
    cr_assert_not_null(d);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        count += e->d_name[0] != '.' && strstr(e->d_name, ".lock") == NULL ? 1 : 0;
    }
    (void)closedir(d);
    return count;
}
