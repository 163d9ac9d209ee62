// Where each number of docs/openapi.yaml and docs/asyncapi.yaml comes from: a constant of the C code
// (tests/contract/print_api.c), what a body without it is read as, or a value that is pinned here with its reason.
export const NUMBERS = ['maximum', 'minimum', 'maxLength', 'minLength', 'maxItems', 'minItems', 'default'];

const JOBS = '/paths/~1v1~1download~1jobs/get/parameters';
const MANY = '/paths/~1v1~1download~1subscribe/get/parameters';
const FILE = '/paths/~1v1~1download~1files~1{key}~1{fileName}';
const SCHEMAS = '/components/schemas';
const OPTIONS = `${SCHEMAS}/InitiateOptions/properties`;
const SIMULATE = `${SCHEMAS}/Simulate/properties`;
const COMMON = `${SCHEMAS}/JobCommon/properties`;
const RESULT = `${SCHEMAS}/JobResult/properties`;
const LINK = `${SCHEMAS}/DownloadLink/properties`;

export const BY_CONSTANT = {
  INITIATE_DELAY_S_MAX: [`${OPTIONS}/delaySeconds/maximum`],
  INITIATE_TIMEOUT_S_MIN: [`${OPTIONS}/timeoutSeconds/minimum`],
  INITIATE_PRIORITY_MAX: [`${OPTIONS}/priority/maximum`],
  INITIATE_FAIL_ATTEMPTS_MAX: [`${SIMULATE}/failAttempts/maximum`],
  INITIATE_PROGRESS_MS_DEFAULT: [`${SIMULATE}/progressMs/default`],
  INITIATE_SIMULATED_BYTES_MAX: [`${SIMULATE}/size/maximum`],
  JOB_FILE_ID_MAX: [`${SCHEMAS}/FileId/maximum`],
  JOB_FILE_IDS_MAX: [`${SCHEMAS}/InitiateRequest/properties/file_ids/maxItems`],
  JOB_USER_ID_MAX: [`${SCHEMAS}/UserId/maxLength`, `${COMMON}/userId/maxLength`],
  JOB_FILE_NAME_MAX: [`${SCHEMAS}/FileName/maxLength`, `${RESULT}/fileName/maxLength`, `${LINK}/fileName/maxLength`,
    `${FILE}/parameters/1/schema/maxLength`],
  JOB_CONTENT_TYPE_MAX: [`${RESULT}/contentType/maxLength`, `${FILE}/parameters/3/schema/maxLength`],
  JOB_MESSAGE_MAX: [`${SCHEMAS}/JobError/properties/message/maxLength`],
  JOB_ARTIFACT_KEY_MAX: [`${FILE}/parameters/0/schema/maxLength`],
  JOB_WORKER_ID_MAX: [`${SCHEMAS}/HistoryEvent/properties/workerId/maxLength`],
  JOB_PRIORITY_DEFAULT: [`${OPTIONS}/priority/default`],
  JOB_MAX_ATTEMPTS_DEFAULT: [`${OPTIONS}/maxAttempts/default`],
  JOB_MAX_ATTEMPTS_MAX: [`${OPTIONS}/maxAttempts/maximum`, `${COMMON}/maxAttempts/maximum`],
  JOB_TIMEOUT_S_MAX: [`${OPTIONS}/timeoutSeconds/maximum`, `${OPTIONS}/timeoutSeconds/default`],
  JOB_TIMEOUT_MS_MAX: [`${SIMULATE}/durationMs/maximum`, `${SIMULATE}/progressMs/maximum`],
  JOB_LOG_MAX: [`${SCHEMAS}/History/properties/events/maxItems`],
  JOB_STATUS_COUNT: [`${JOBS}/1/schema/maxItems`],
  JOB_LIST_LIMIT_DEFAULT: [`${JOBS}/2/schema/default`],
  JOB_LIST_LIMIT_MAX: [`${JOBS}/2/schema/maximum`, `${SCHEMAS}/JobList/properties/jobs/maxItems`],
  STREAM_JOBS_MAX: [`${MANY}/0/schema/maxItems`],
  STREAM_CURSOR_MAX: [`${MANY}/3/schema/maxLength`, `${MANY}/4/schema/maxLength`],
  REQUEST_ID_MAX: ['/components/headers/X-Request-Id/schema/maxLength', `${SCHEMAS}/Problem/properties/requestId/maxLength`],
};

// Defaults of a body's members stand in print_api's `defaults` under their own name.
export const DEFAULTS = [...['priority', 'delaySeconds', 'timeoutSeconds', 'maxAttempts'].map((name) => `${OPTIONS}/${name}/default`),
  ...['durationMs', 'progressMs', 'size', 'failAttempts'].map((name) => `${SIMULATE}/${name}/default`)];

// [reason, { place: value }]: no constant is behind these; whoever changes one changes it here too.
export const PINNED = [
  ['the edges of a body are tried one by one in fuzz.test.mjs', {
    ...Object.fromEntries(['priority', 'delaySeconds'].map((name) => [`${OPTIONS}/${name}/minimum`, 0])),
    ...Object.fromEntries(['durationMs', 'progressMs', 'size', 'failAttempts', 'stallAtPercent'].map((name) => [`${SIMULATE}/${name}/minimum`, 0])),
    [`${OPTIONS}/maxAttempts/minimum`]: 1,
    [`${SIMULATE}/stallAtPercent/maximum`]: 100,
    [`${SCHEMAS}/FileId/minimum`]: 1,
  }],
  ['text and lists that are given are not empty', {
    [`${JOBS}/1/schema/minItems`]: 1, [`${JOBS}/2/schema/minimum`]: 1, [`${JOBS}/3/schema/minLength`]: 1,
    [`${MANY}/0/schema/minItems`]: 1, [`${FILE}/parameters/0/schema/minLength`]: 1, [`${FILE}/parameters/1/schema/minLength`]: 1,
    [`${SCHEMAS}/UserId/minLength`]: 1, [`${SCHEMAS}/FileName/minLength`]: 1,
    [`${SCHEMAS}/InitiateRequest/properties/file_ids/minItems`]: 1, '/components/parameters/IdempotencyKey/schema/minLength': 1,
    '/components/headers/X-Request-Id/schema/minLength': 1, [`${SCHEMAS}/Problem/properties/requestId/minLength`]: 1,
  }],
  ['counts, times and sizes of replies begin here by their nature', {
    [`${FILE}/parameters/2/schema/minimum`]: 1, [`${SCHEMAS}/EpochSeconds/minimum`]: 0, [`${COMMON}/version/minimum`]: 1,
    [`${COMMON}/progress/minimum`]: 0, [`${COMMON}/progress/maximum`]: 100, [`${COMMON}/etaSeconds/minimum`]: 0,
    [`${COMMON}/attempts/minimum`]: 0, [`${COMMON}/maxAttempts/minimum`]: 1, [`${COMMON}/bytesDone/minimum`]: 0,
    [`${COMMON}/bytesTotal/minimum`]: 0, [`${SCHEMAS}/QueuedJob/properties/queuePosition/minimum`]: 0,
    [`${RESULT}/size/minimum`]: 0, [`${LINK}/size/minimum`]: 0, [`${SCHEMAS}/HistoryEvent/properties/version/minimum`]: 1,
    [`${SCHEMAS}/HistoryEvent/properties/attempt/minimum`]: 0,
    '/components/headers/Retry-After/schema/minimum': 1, '/components/headers/Retry-After-Required/schema/minimum': 1,
  }],
  ['all statuses of errors (RFC 9110 §15)', {
    [`${SCHEMAS}/Problem/properties/status/minimum`]: 400, [`${SCHEMAS}/Problem/properties/status/maximum`]: 599,
  }],
  ['a hint for generated code, with room; what is enforced is the limit of all headers or of the target', {
    [`${FILE}/get/parameters/0/schema/maxLength`]: 1024, [`${FILE}/get/parameters/1/schema/maxLength`]: 1024,
    [`${FILE}/get/parameters/2/schema/maxLength`]: 1024, [`${FILE}/get/parameters/3/schema/maxLength`]: 64,
    [`${FILE}/get/parameters/4/schema/maxLength`]: 64, '/components/parameters/IfNoneMatch/schema/maxLength': 1024,
    '/components/parameters/LastEventIdHeader/schema/maxLength': 1024, '/components/parameters/LastEventIdQuery/schema/maxLength': 1024,
  }],
  ['opaque or bounded by others, with room to grow', {
    [`${JOBS}/3/schema/maxLength`]: 256, [`${SCHEMAS}/JobList/properties/nextCursor/maxLength`]: 256,
    [`${SCHEMAS}/JobId/minLength`]: 20, [`${SCHEMAS}/JobId/maxLength`]: 64, [`${SCHEMAS}/Stage/maxLength`]: 32,
    [`${SCHEMAS}/Ticket/properties/ticket/minLength`]: 16, [`${SCHEMAS}/Ticket/properties/ticket/maxLength`]: 1024,
    '/components/headers/Location/schema/maxLength': 4096, [`${RESULT}/url/maxLength`]: 4096, [`${LINK}/url/maxLength`]: 4096,
    '/components/headers/Last-Modified/schema/maxLength': 64, '/components/headers/RateLimit/schema/maxLength': 256,
    '/components/headers/RateLimit-Policy/schema/maxLength': 256, [`${SCHEMAS}/Problem/properties/instance/maxLength`]: 1024,
  }],
  ['255 characters, each perhaps with a backslash, and two quotes; the pattern counts them', {
    '/components/parameters/IdempotencyKey/schema/maxLength': 512,
  }],
  ['a choice, no number', { '/components/parameters/Named/schema/default': '0' }],
];

// [place, expression with the number in it, constant or pinned number].
const RETRY = '/paths/~1v1~1download~1retry~1{jobId}/post/description';
export const PROSE = [
  ['/info/description', /body of over (\d+) bytes is 413/, 'INITIATE_BODY_MAX'],
  ['/info/description', /target of over (\d+) bytes is 414/, 'FRAMING_TARGET_MAX'],
  ['/info/description', /headers of over (\d+) bytes are 431/, 'FRAMING_FIELDS_MAX'],
  ['/info/description', /\(1-(\d+) characters of `\[0-9A-Za-z/, 'REQUEST_ID_MAX'],
  ['/info/description', /charged one more for every (\d+) jobs/, 'RATE_JOBS_A_TOKEN'],
  ['/info/description', /what is left of (\d+) is free/, 'RATE_JOBS_A_TOKEN'],
  ['/paths/~1v1~1download~1jobs/get/description', /one more for every (\d+) of `limit`/, 'RATE_JOBS_A_TOKEN'],
  ['/paths/~1v1~1download~1subscribe/get/description', /one more for every (\d+) ids/, 'RATE_JOBS_A_TOKEN'],
  ['/components/requestBodies/Initiate/description', /At most (\d+) bytes/, 'INITIATE_BODY_MAX'],
  ['/components/responses/BodyTooLarge/description', /over (\d+) bytes/, 'INITIATE_BODY_MAX'],
  ['/components/parameters/IdempotencyKey/description', /^1-(\d+) visible/, 'IDEMPOTENCY_KEY_MAX'],
  ['/components/parameters/IdempotencyKey/schema/pattern', /\[!-~\]\{0,254\}\|.*\{1,(\d+)\}/, 'IDEMPOTENCY_KEY_MAX'],
  [`${SCHEMAS}/UserId/description`, /At most (\d+) bytes/, 'JOB_USER_ID_MAX'],
  [`${SCHEMAS}/FileName/description`, /At most (\d+) bytes/, 'JOB_FILE_NAME_MAX'],
  [RETRY, /At most (\d+) times/, 'JOB_MANUAL_RETRIES_MAX'],
  ['/paths/~1v1~1download~1tickets/post/description', /within (\d+) s/, 'TICKET_TTL_S'],
  ['/paths/~1v1~1download~1{jobId}/get/description', /less than (\d+) s left/, 'LINK_LEFT_S_MIN'],
  ['/components/responses/Events/content/text~1event-stream/example', /^retry: (\d+)$/m, 'SSE_RETRY_MS'],
];

// Other numbers of two digits and more in descriptions: what they are, by what stands around them.
export const PROSE_PINNED = [/for 24 hours/, /A link lives 900 s/, /at least 80 random bits/, /100-continue/];
