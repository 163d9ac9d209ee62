// Tabs in one process: Web Locks and BroadcastChannel as browsers have them, in miniature.
import { vi } from 'vitest';

type Hold = (lock: Lock | null) => Promise<unknown> | unknown;

class Locks {
  private held = new Map<string, Hold[]>();

  async request(name: string, ...rest: [Hold] | [LockOptions, Hold]): Promise<unknown> {
    const hold = rest.at(-1) as Hold;
    const { ifAvailable } = rest.length === 2 ? rest[0] as LockOptions : {} as LockOptions;
    await Promise.resolve();
    const queue = this.held.get(name);
    if (queue && ifAvailable) return hold(null);
    if (queue) await new Promise<void>((resolve) => { queue.push(() => resolve()); });
    else this.held.set(name, []);
    try {
      return await hold({ name, mode: 'exclusive' } as Lock);
    } finally {
      const next = this.held.get(name)?.shift();
      if (next) void next(null);
      else this.held.delete(name);
    }
  }
}

/** Puts both in place. `mute` is a channel whose messages are lost: its tab is frozen. */
export function stubTabs(): { freeze(channelIndex: number): void } {
  const channels: FakeChannel[] = [];
  const frozen = new Set<FakeChannel>();

  class FakeChannel {
    onmessage: ((event: MessageEvent) => void) | null = null;
    constructor(readonly name: string) { channels.push(this); }
    postMessage(data: unknown) {
      if (frozen.has(this)) return;
      const copy = structuredClone(data);
      for (const other of channels) {
        if (other !== this && other.name === this.name && !frozen.has(other)) {
          queueMicrotask(() => other.onmessage?.({ data: copy } as MessageEvent));
        }
      }
    }
    close() { this.onmessage = null; }
  }

  vi.stubGlobal('BroadcastChannel', FakeChannel);
  vi.stubGlobal('document', {});
  vi.stubGlobal('location', { href: 'https://app.example/' });
  vi.stubGlobal('navigator', { locks: new Locks() });
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('removeEventListener', () => {});
  return { freeze: (channelIndex) => void frozen.add(channels[channelIndex]!) };
}
