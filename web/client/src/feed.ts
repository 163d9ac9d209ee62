// News of a set of jobs: by one stream while that works, by questions while it does not.
import type { Desk } from './desk.js';
import { createPolling } from './poll.js';
import type { Poller } from './poll.js';
import { FAILURES_MAX, createStreaming } from './streaming.js';

/** How news come at present, for people to see. */
export interface Connection {
  /** `idle`: nothing to watch. `offline`: asking, and nobody answers so that it helps. */
  readonly state: 'idle' | 'connecting' | 'live' | 'polling' | 'offline';
  /** While polling: the pause between two questions. */
  readonly everyMs?: number;
}

/**
 * `auto` (the default) streams, and asks for what a stream does not bring. `sse` asks for nothing that a stream could
 * bring: of over 200 jobs those beyond wait until another connection is made. `poll` only asks.
 */
export type Transport = 'auto' | 'sse' | 'poll';

export interface Feed {
  /** The jobs to bring news of, until the next call. None: everything is closed. */
  want(jobIds: readonly string[]): void;
  /** There may be a network again: tries what it pauses before, at once unless a server asked to wait. */
  hurry(): void;
}

/** @param connect is told how news come. */
export function createFeed(desk: Desk, poller: Poller, transport: Transport, connect: (connection: Connection) => void): Feed {
  let wanted: readonly string[] = [];
  let live = false;
  let failures = transport === 'poll' ? FAILURES_MAX : 0;

  const going = () => wanted.filter((jobId) => !desk.store.over(jobId));
  // What is beyond a stream's limit is asked for even while that works.
  const left = () => going().filter((jobId) => !live || !streaming.carries(jobId));

  const polling = createPolling(
    poller,
    left,
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
    streaming.run(wanted.length > 0 && transport !== 'poll');
    polling.run(transport !== 'sse' && (live || failures >= FAILURES_MAX) && left().length > 0);
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
      if (jobIds.some((jobId) => !before.includes(jobId))) {
        streaming.renew();
        polling.hurry();
      }
      update();
    },
  };
}
