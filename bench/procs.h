/* Procs: CPU time and memory of the processes under test, from /proc. */
#ifndef LONGHAUL_BENCH_PROCS_H
#define LONGHAUL_BENCH_PROCS_H

#include <stddef.h>
#include <stdint.h>

enum { PROCS_MAX = 64, PROC_LABEL_MAX = 32 };

struct procs {
    size_t count;
    struct {
        char label[PROC_LABEL_MAX];
        int pid;
        uint64_t cpu_ns; /* at the last procs_mark */
    } at[PROCS_MAX];
    uint64_t own_cpu_us, busy_ticks, steal_ticks, time_us; /* likewise */
};

/* "label=pid,label=pid,…"; exits with a message if that is not it. */
void procs_parse(struct procs *p, const char *text);
void procs_mark(struct procs *p);
/* ,"cpu_us":{…},"foreign_cpu_pct":… since the mark; `per` > 0 divides into "cpu_us_per_<unit>". */
void procs_print_cpu(const struct procs *p, const char *unit, double per);
/* Sum over all, in KiB. PSS counts shared pages once. */
uint64_t procs_pss_kib(const struct procs *p);
uint64_t procs_rss_kib(const struct procs *p);

#endif
