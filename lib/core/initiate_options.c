#include "core/initiate_read.h"

#include "core/file_name.h"
#include "core/job_error.h"

#include <string.h>

#define NAME(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum err read_u32(struct reading *r, struct span name, json_t *value, uint32_t min,
                         uint32_t max, uint32_t *out)
{
    uint64_t n = 0;
    TRY(read_integer(r, name, value, min, max, &n));
    *out = (uint32_t)n;
    return ERR_OK;
}

/* ---- simulate */

static enum err read_duration(struct reading *r, struct span name, json_t *value)
{
    return read_u32(r, name, value, 0, JOB_TIMEOUT_MS_MAX, &r->out->spec.simulate.duration_ms);
}

static enum err read_progress(struct reading *r, struct span name, json_t *value)
{
    return read_u32(r, name, value, 0, JOB_TIMEOUT_MS_MAX, &r->out->spec.simulate.progress_ms);
}

static enum err read_size(struct reading *r, struct span name, json_t *value)
{
    return read_integer(r, name, value, 0, INITIATE_SIMULATED_BYTES_MAX,
                        &r->out->spec.simulate.size_bytes);
}

static enum err read_fail_attempts(struct reading *r, struct span name, json_t *value)
{
    return read_u32(r, name, value, 0, INITIATE_FAIL_ATTEMPTS_MAX,
                    &r->out->spec.simulate.fail_attempts);
}

static enum err read_error_code(struct reading *r, struct span name, json_t *value)
{
    struct span code;
    TRY(read_text(r, name, value, 1, JOB_CODE_MAX, &code));
    if (job_error_parse(code) == JOB_ERROR_NONE) {
        return refuse(r, name, "must be one of the documented error codes of a job");
    }
    r->out->spec.simulate.error_code = code;
    return ERR_OK;
}

static enum err read_stall(struct reading *r, struct span name, json_t *value)
{
    r->out->spec.simulate.stalls = true;
    return read_u32(r, name, value, 0, 100, &r->out->spec.simulate.stall_at_percent);
}

static enum err read_simulate(struct reading *r, struct span name, json_t *value)
{
    static const struct member members[] = {
        {NAME("durationMs"), read_duration},
        {NAME("progressMs"), read_progress},
        {NAME("size"), read_size},
        {NAME("failAttempts"), read_fail_attempts},
        {NAME("errorCode"), read_error_code},
        {NAME("stallAtPercent"), read_stall},
    };
    if (!r->rules->allow_simulate) {
        return refuse(r, name, "simulation is not allowed on this server");
    }
    struct job_spec *spec = &r->out->spec;
    spec->has_simulate = true;
    spec->simulate.progress_ms = INITIATE_PROGRESS_MS_DEFAULT;
    TRY(read_members(r, "/options/simulate", value, members, COUNT(members)));
    if (spec->simulate.fail_attempts > 0 && spec->simulate.error_code.len == 0) {
        spec->simulate.error_code = job_error_code(JOB_ERROR_SOURCE_UNREACHABLE);
    }
    return ERR_OK;
}

/* ---- options */

static enum err read_file_name(struct reading *r, struct span name, json_t *value)
{
    struct span text;
    TRY(read_text(r, name, value, 1, JOB_FILE_NAME_MAX, &text));
    r->out->spec.file_name = file_name_sanitise(text, r->out->file_name);
    return ERR_OK;
}

static enum err read_format(struct reading *r, struct span name, json_t *value)
{
    static const struct span formats[FORMAT_COUNT] = {
        [FORMAT_ORIGINAL] = NAME("original"), [FORMAT_GZIP] = NAME("gzip"),
        [FORMAT_ZSTD] = NAME("zstd"),         [FORMAT_ZIP] = NAME("zip"),
        [FORMAT_TAR] = NAME("tar"),
    };
    const struct span text = {json_string_value(value), json_string_length(value)};
    for (size_t i = 0; i < FORMAT_COUNT && text.ptr != NULL; i++) {
        if (!span_eq(text, formats[i])) {
            continue;
        }
        r->out->spec.format = (enum job_format)i;
        r->has_format = true;
        return ERR_OK;
    }
    return refuse(r, name, "must be one of original, gzip, zstd, zip, tar");
}

static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)((at - digits) % 16) : -1;
}

static enum err read_sha256(struct reading *r, struct span name, json_t *value)
{
    const char *text = json_string_value(value);
    bool valid = text != NULL && json_string_length(value) == SHA256_HEX_LEN;
    for (size_t i = 0; valid && i < SHA256_SIZE; i++) {
        const int high = hex_value(text[2 * i]);
        const int low = hex_value(text[2 * i + 1]);
        valid = high >= 0 && low >= 0;
        r->out->spec.sha256[i] = valid ? (unsigned char)(high * 16 + low) : 0;
    }
    r->out->spec.has_sha256 = valid;
    return valid ? ERR_OK : refuse(r, name, "must be 64 hexadecimal digits");
}

static enum err read_priority(struct reading *r, struct span name, json_t *value)
{
    return read_u32(r, name, value, 0, INITIATE_PRIORITY_MAX, &r->out->priority);
}

static enum err read_delay(struct reading *r, struct span name, json_t *value)
{
    TRY(read_u32(r, name, value, 0, INITIATE_DELAY_S_MAX, &r->out->delay_ms));
    r->out->delay_ms *= 1000;
    return ERR_OK;
}

static enum err read_timeout(struct reading *r, struct span name, json_t *value)
{
    TRY(read_u32(r, name, value, INITIATE_TIMEOUT_S_MIN, JOB_TIMEOUT_MS_MAX / 1000,
                 &r->out->timeout_ms));
    r->out->timeout_ms *= 1000;
    return ERR_OK;
}

static enum err read_max_attempts(struct reading *r, struct span name, json_t *value)
{
    return read_u32(r, name, value, 1, JOB_MAX_ATTEMPTS_MAX, &r->out->max_attempts);
}

enum err initiate_read_options(struct reading *r, struct span name, json_t *value)
{
    static const struct member members[] = {
        {NAME("fileName"), read_file_name},
        {NAME("format"), read_format},
        {NAME("sha256"), read_sha256},
        {NAME("priority"), read_priority},
        {NAME("delaySeconds"), read_delay},
        {NAME("timeoutSeconds"), read_timeout},
        {NAME("maxAttempts"), read_max_attempts},
        {NAME("simulate"), read_simulate},
    };
    (void)name;
    return read_members(r, "/options", value, members, COUNT(members));
}
