// Tabs in one process: Web Locks and BroadcastChannel as browsers have them, in miniature.
import { vi } from 'vitest';

type Hold = (lock: Lock | null) => unknown;
interface Holder { lose(): void }
interface Waiter { grant(): void }

class Locks {
  private readonly held = new Map<string, Holder>();
  private readonly lines = new Map<string, Waiter[]>();

  async request(name: string, { ifAvailable, steal, signal }: LockOptions, hold: Hold): Promise<unknown> {
    if (signal && (ifAvailable || steal)) throw new DOMException('not together', 'NotSupportedError');
    signal?.throwIfAborted();
    await Promise.resolve();
    if (steal) this.held.get(name)?.lose();
    else if (this.held.has(name)) {
      if (ifAvailable) return hold(null);
      await this.wait(name, signal);
    }
    return this.hold(name, hold);
  }

  private wait(name: string, signal?: AbortSignal): Promise<void> {
    const line = this.lines.get(name) ?? [];
    this.lines.set(name, line);
    return new Promise((resolve, reject) => {
      const waiter = { grant: resolve };
      line.push(waiter);
      signal?.addEventListener('abort', () => {
        if (line.includes(waiter)) line.splice(line.indexOf(waiter), 1);
        reject(signal.reason as Error);
      });
    });
  }

  private hold(name: string, hold: Hold): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const holder = {
        lose: () => {
          this.held.delete(name);
          reject(new DOMException('stolen', 'AbortError'));
        },
      };
      this.held.set(name, holder);
      const done = () => {
        if (this.held.get(name) !== holder) return;
        this.held.delete(name);
        this.lines.get(name)?.shift()?.grant();
      };
      Promise.resolve(hold({ name, mode: 'exclusive' })).finally(done).then(resolve, reject);
    });
  }

  waiting = (): number => [...this.lines.values()].flat().length;
}

export interface Tabs {
  /** From now on this channel's messages are lost, both ways: its tab is stopped. */
  freeze(channelIndex: number): void;
  /** Requests for locks that wait. */
  waiting(): number;
  /** As browsers do when a page is left, or come back to from the browser's memory. */
  tell(event: 'pagehide' | 'pageshow'): void;
}

/** Puts both in place. */
export function stubTabs(): Tabs {
  const locks = new Locks();
  const page = new EventTarget();
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
  vi.stubGlobal('navigator', { locks });
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  return {
    freeze: (channelIndex) => void frozen.add(channels[channelIndex]!),
    waiting: locks.waiting,
    tell: (event) => void page.dispatchEvent(Object.assign(new Event(event), { persisted: true })),
  };
}
