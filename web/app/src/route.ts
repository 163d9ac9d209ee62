// Two addresses: `/`, which may say what is shown (`?show=failed`), and `/downloads/<job>`.
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let navigated = false;
const tell = () => {
  navigated = true;
  listeners.forEach((listener) => listener());
};
addEventListener('popstate', tell);

/** How far down somebody was in a list. */
export interface Depth {
  rows: number;
  /** Of the page, in pixels. */
  y: number;
}

let depth: () => Depth | null = () => null;
// It stays with this page's place in the history: for who comes back, and for a reload.
const keepDepth = () => history.replaceState(depth() ?? history.state, '');
addEventListener('pagehide', keepDepth);

/** Keeps what `tell` says when the page is left. @returns what ends that. */
export function keepingDepth(tellDepth: () => Depth): () => void {
  depth = tellDepth;
  return () => { depth = () => null; };
}

/** Where somebody was who comes back. */
export const keptDepth = (): Depth => ({ rows: 0, y: 0, ...history.state as Partial<Depth> | null });

export function navigate(path: string): void {
  keepDepth();
  history.pushState(null, '', path);
  tell();
  scrollTo(0, 0);
}

/** Another address for what is shown already: there is no way back to the one before. */
export function readdress(path: string): void {
  history.replaceState(history.state, '', path);
  listeners.forEach((listener) => listener());
}

/** Whether this page took the place of another one, without the browser loading it. */
export const hasNavigated = () => navigated;

export const pathOf = (jobId: string) => `/downloads/${encodeURIComponent(jobId)}`;

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The job in the address, whether there is one of this name or not; null on the page of all. */
export function useJobIdInAddress(): string | null {
  const path = useSyncExternalStore(subscribe, () => location.pathname);
  return /^\/downloads\/([^/]+)\/?$/.exec(path)?.[1] ?? null;
}

/** What the address of the page of all says is to be shown; '' where it says nothing. */
export function useShownInAddress(): string {
  return useSyncExternalStore(subscribe, () => new URLSearchParams(location.search).get('show') ?? '');
}
