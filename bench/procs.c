#include "procs.h"

#include "samples.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

void procs_parse(struct procs *p, const char *text)
{
    memset(p, 0, sizeof *p);
    for (const char *rest = text; *rest != '\0';) {
        const char *sign = strchr(rest, '=');
        if (sign == NULL || (size_t)(sign - rest) >= PROC_LABEL_MAX || p->count == PROCS_MAX) {
            fprintf(stderr, "load: --pids wants label=pid,…\n");
            exit(2);
        }
        char *end;
        memcpy(p->at[p->count].label, rest, (size_t)(sign - rest));
        p->at[p->count++].pid = (int)strtol(sign + 1, &end, 10);
        rest = *end == ',' ? end + 1 : end;
    }
}

/* schedstat has nanoseconds, but for each thread on its own. */
static uint64_t cpu_ns(int pid)
{
    char path[300];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *threads = opendir(path);
    uint64_t sum = 0;
    for (struct dirent *d; threads != NULL && (d = readdir(threads)) != NULL;) {
        if (d->d_name[0] == '.') {
            continue;
        }
        unsigned long long ns = 0;
        snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid, d->d_name);
        FILE *f = fopen(path, "r");
        if (f != NULL) {
            sum += fscanf(f, "%llu", &ns) == 1 ? ns : 0;
            fclose(f);
        }
    }
    if (threads != NULL) {
        closedir(threads);
    }
    return sum;
}

static uint64_t own_cpu_us(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000 +
           (uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

static void machine(uint64_t *busy, uint64_t *steal)
{
    unsigned long long v[8] = {0};
    FILE *f = fopen("/proc/stat", "r");
    if (f != NULL) {
        if (fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1], &v[2], &v[3],
                   &v[4], &v[5], &v[6], &v[7]) != 8) {
            memset(v, 0, sizeof v);
        }
        fclose(f);
    }
    *busy = v[0] + v[1] + v[2] + v[5] + v[6];
    *steal = v[7];
}

void procs_mark(struct procs *p)
{
    for (size_t i = 0; i < p->count; i++) {
        p->at[i].cpu_ns = cpu_ns(p->at[i].pid);
    }
    p->own_cpu_us = own_cpu_us();
    machine(&p->busy_ticks, &p->steal_ticks);
    p->time_us = clock_us();
}

void procs_print_cpu(const struct procs *p, const char *unit, double per)
{
    double total = 0, used_us[PROCS_MAX];
    for (size_t i = 0; i < p->count; i++) {
        used_us[i] = (double)(cpu_ns(p->at[i].pid) - p->at[i].cpu_ns) / 1000;
        total += used_us[i];
    }
    const double wall_us = (double)(clock_us() - p->time_us);
    const double cores = (double)sysconf(_SC_NPROCESSORS_ONLN);
    const double tick_us = 1e6 / (double)sysconf(_SC_CLK_TCK);
    const double own = (double)(own_cpu_us() - p->own_cpu_us);
    uint64_t busy, steal;
    machine(&busy, &steal);
    double foreign = (double)(busy - p->busy_ticks) * tick_us - own - total;
    foreign = foreign < 0 ? 0 : foreign;
    printf(",\"measured_s\":%.3f,\"server_cpu_s\":%.3f,\"load_cpu_s\":%.3f", wall_us / 1e6,
           total / 1e6, own / 1e6);
    printf(",\"foreign_cpu_pct\":%.1f,\"steal_pct\":%.1f", 100 * foreign / (wall_us * cores),
           100 * (double)(steal - p->steal_ticks) * tick_us / (wall_us * cores));
    if (per > 0) {
        printf(",\"cpu_us_per_%s\":%.1f", unit, total / per);
    }
    printf(",\"cpu_us_by_process\":{");
    for (size_t i = 0; i < p->count; i++) {
        printf("%s\"%s\":%.1f", i == 0 ? "" : ",", p->at[i].label,
               per > 0 ? used_us[i] / per : used_us[i]);
    }
    printf("}");
}

static uint64_t line_kib(int pid, const char *file, const char *name)
{
    char path[64], line[256];
    unsigned long long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    FILE *f = fopen(path, "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) {
            kib = strtoull(line + strlen(name), NULL, 10);
            break;
        }
    }
    if (f != NULL) {
        fclose(f);
    }
    return kib;
}

uint64_t procs_pss_kib(const struct procs *p)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < p->count; i++) {
        sum += line_kib(p->at[i].pid, "smaps_rollup", "Pss:");
    }
    return sum;
}

uint64_t procs_rss_kib(const struct procs *p)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < p->count; i++) {
        sum += line_kib(p->at[i].pid, "status", "VmRSS:");
    }
    return sum;
}
