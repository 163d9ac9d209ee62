// One connection that carries events: opened, read until it ends, watched for silence. A reader of its
// own on fetch, because EventSource cannot send headers and gives up for good on any answer but 200.
import type { Job } from './api.js';
import { replyError } from './error.js';
import type { Http } from './http.js';
import { createSseParser } from './sse.js';
import { anyOf } from './wait.js';

/** The first bytes leave the server at once: what keeps them this long is a proxy that buffers. */
const OPEN_MS_MAX = 5000;
/** The server sends a comment every 15 s: three lost ones are a dead connection. */
const SILENCE_MS_MAX = 45_000;

export interface StreamEvents {
  /** The first bytes came. */
  open(): void;
  job(job: Job, eventId: string): void;
  retry(ms: number): void;
}

// The endpoint of one job works behind proxies that were set up for its path alone.
function pathOf(jobIds: readonly string[]): string {
  return jobIds.length === 1
    ? `subscribe/${encodeURIComponent(jobIds[0]!)}?named=1`
    : `subscribe?named=1&jobId=${jobIds.map(encodeURIComponent).join('&jobId=')}`;
}

/** Resolves when the server ended the stream, or had nothing newer to send; everything else throws. */
export async function readStream(
  http: Http, jobIds: readonly string[], lastEventId: string, signal: AbortSignal, on: StreamEvents,
): Promise<void> {
  const limit = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expect = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => limit.abort(), ms);
  };
  expect(OPEN_MS_MAX);
  try {
    const response = await http.send(pathOf(jobIds), {
      headers: { accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) },
      signal: anyOf(signal, limit.signal),
    });
    const { status, headers, ok, body } = response;
    if (status === 204) return;
    if (!ok || !headers.get('content-type')?.startsWith('text/event-stream')) throw await replyError(response);
    const parse = createSseParser(({ data, id }) => on.job(JSON.parse(data) as Job, id), on.retry);
    const decoder = new TextDecoder();
    const reader = body!.getReader();
    for (let opened = false; ;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted(); // what came too late is not delivered
      if (done) return;
      expect(SILENCE_MS_MAX);
      if (!opened) on.open();
      opened = true;
      parse(decoder.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(timer);
    limit.abort(); // whatever way it ended, the connection is freed
  }
}
