// News of a set of jobs: by one stream while that works, by questions while it does not.
import type { Desk } from './desk.js';
import { createPolling } from './poll.js';
import type { Poller } from './poll.js';
import { FAILURES_MAX, STREAM_JOBS_MAX, createStreaming } from './streaming.js';

/** How news come at present, for people to see. */
export interface Connection {
  /** `idle`: nothing to watch. `offline`: asking, and nobody answers so that it helps. */
  readonly state: 'idle' | 'connecting' | 'live' | 'polling' | 'offline';
  /** While polling: the pause between two questions. */
  readonly everyMs?: number;
}

export type Transport = 'auto' | 'sse' | 'poll';

export interface Feed {
  /** The jobs to bring news of, until the next call. None: everything is closed. */
  want(jobIds: readonly string[]): void;
  /** There may be a network again: tries at once what it pauses before. */
  hurry(): void;
}

/** @param connect is told how news come. */
export function createFeed(desk: Desk, poller: Poller, transport: Transport, connect: (connection: Connection) => void): Feed {
  let wanted: readonly string[] = [];
  let live = false;
  let failures = 0;

  const going = () => wanted.filter((jobId) => !desk.store.over(jobId));

  // What is beyond a stream's limit is asked for even while that works.
  const polling = createPolling(
    poller,
    () => (live ? going().slice(STREAM_JOBS_MAX) : going()),
    (everyMs, offline) => live || connect({ state: offline ? 'offline' : 'polling', everyMs }),
  );
  const streaming = createStreaming(desk, poller, {
    jobIds: going,
    always: transport === 'sse',
    state(nowLive, nowFailures) {
      if (nowLive !== live) connect({ state: nowLive ? 'live' : 'connecting' });
      live = nowLive;
      failures = nowFailures;
      update();
    },
  });

  function update() {
    const some = wanted.length > 0;
    const instead = transport === 'poll' || (!live && failures >= FAILURES_MAX);
    streaming.run(some && transport !== 'poll');
    polling.run(some && transport !== 'sse' && (instead || wanted.length > STREAM_JOBS_MAX));
  }

  return {
    hurry() {
      polling.hurry();
      streaming.hurry();
    },
    want(jobIds) {
      const before = wanted;
      wanted = jobIds;
      if (!before.length !== !jobIds.length) {
        live = false;
        connect({ state: jobIds.length ? 'connecting' : 'idle' });
      }
      update();
      if (jobIds.some((jobId) => !before.includes(jobId))) {
        streaming.renew();
        polling.hurry();
      }
    },
  };
}
