// The event streams of a fake server, with the ways in which real ones break.
import type { Job } from '../api.js';
import { isTerminal } from '../job.js';

interface Stream {
  jobIds: readonly string[];
  named: boolean;
  seen: Map<string, number>;
  controller: ReadableStreamDefaultController<Uint8Array>;
  held: string[]; // by a proxy that buffers
}

export interface EventStreams {
  /** A stream of these jobs. `lastEventId` is one that this server gave. undefined: it has seen all ends. */
  open(jobIds: readonly string[], named: boolean, lastEventId: string, signal?: AbortSignal | null): Response | undefined;
  tell(job: Job, transition: boolean): void;
  heartbeat(): void;
  cut(): void;
  end(): void;
  readonly count: number;
  /** As behind a proxy that keeps everything until the stream ends. */
  buffering: boolean;
}

const encoder = new TextEncoder();

// A cursor says which version of each job was seen; to clients it is opaque.
const cursorOf = ({ jobIds, seen }: Stream) => (
  jobIds.length === 1 ? `${seen.get(jobIds[0]!)}` : jobIds.map((jobId) => `${jobId}.${seen.get(jobId) ?? 0}`).join('~'));

function readCursor(jobIds: readonly string[], cursor: string): Map<string, number> {
  if (jobIds.length === 1) return new Map(cursor ? [[jobIds[0]!, Number(cursor)]] : []);
  return new Map(cursor.split('~').filter(Boolean).map((part): [string, number] => {
    const dot = part.lastIndexOf('.');
    return [part.slice(0, dot), Number(part.slice(dot + 1))];
  }));
}

export function createEventStreams(find: (jobId: string) => Job | undefined): EventStreams {
  const streams = new Set<Stream>();

  function write(stream: Stream, text: string) {
    if (self.buffering) stream.held.push(text);
    else stream.controller.enqueue(encoder.encode(text));
  }

  function finish(stream: Stream) {
    if (!streams.delete(stream)) return;
    for (const text of stream.held) stream.controller.enqueue(encoder.encode(text));
    stream.controller.close();
  }

  function send(stream: Stream, job: Job, transition: boolean) {
    stream.seen.set(job.jobId, job.version);
    const names = [transition || isTerminal(job) ? 'status' : 'progress'];
    if (job.status === 'failed') names.push('error');
    if (job.status === 'completed') names.push('result');
    if (!stream.named) names.push('');
    const data = `data: ${JSON.stringify(job)}\n`;
    write(stream, names.map((name, i) => (
      `${name && `event: ${name}\n`}${i === names.length - 1 ? `id: ${cursorOf(stream)}\n` : ''}${data}\n`)).join(''));
    if (isOver(stream)) finish(stream);
  }

  const isOver = ({ jobIds, seen }: Stream) => jobIds.every((jobId) => {
    const job = find(jobId);
    return !job || (isTerminal(job) && seen.get(jobId) === job.version);
  });

  function begin(stream: Stream) {
    streams.add(stream);
    write(stream, 'retry: 3000\n\n');
    for (const jobId of stream.jobIds) {
      const job = find(jobId);
      if (job && streams.has(stream) && stream.seen.get(jobId) !== job.version) send(stream, job, true);
    }
  }

  const self: EventStreams = {
    buffering: false,
    get count() { return streams.size; },
    open(jobIds: readonly string[], named: boolean, lastEventId: string, signal?: AbortSignal | null) {
      const stream = { jobIds, named, seen: readCursor(jobIds, lastEventId), held: [] as string[] } as unknown as Stream;
      if (lastEventId && isOver(stream)) return undefined;
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          stream.controller = controller;
          begin(stream);
        },
        cancel: () => void streams.delete(stream),
      });
      signal?.addEventListener('abort', () => {
        if (streams.delete(stream)) stream.controller.error(signal.reason);
      });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    },
    tell(job: Job, transition: boolean) {
      for (const stream of [...streams]) if (stream.jobIds.includes(job.jobId)) send(stream, job, transition);
    },
    heartbeat: () => streams.forEach((stream) => write(stream, ':\n\n')),
    cut() {
      for (const stream of streams) stream.controller.error(new TypeError('the connection was cut'));
      streams.clear();
    },
    end: () => [...streams].forEach(finish),
  };
  return self;
}
