// Two addresses: `/`, and `/downloads/<job>`.
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let navigated = false;
const tell = () => {
  navigated = true;
  listeners.forEach((listener) => listener());
};
addEventListener('popstate', tell);

export function navigate(path: string): void {
  history.pushState(null, '', path);
  tell();
  scrollTo(0, 0);
}

/** Whether this page took the place of another one, without the browser loading it. */
export const hasNavigated = () => navigated;

export const pathOf = (jobId: string) => `/downloads/${encodeURIComponent(jobId)}`;

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The job in the address; null on the page of all. */
export function useJobIdInAddress(): string | null {
  const path = useSyncExternalStore(subscribe, () => location.pathname);
  return /^\/downloads\/([0-9A-Za-z_-]+)\/?$/.exec(path)?.[1] ?? null;
}
