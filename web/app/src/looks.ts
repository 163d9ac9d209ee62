// Looks for jobs that were made or removed elsewhere, while somebody sees the page: nobody tells of those.
import { useEffect } from 'react';
import { useDownloadClient } from '@longhaul/client/react';
import type { UseDownloadJobs } from '@longhaul/client/react';

const LOST = new Set(['polling', 'offline']);

/** Between two looks, and up to a quarter more: not all pages come at once. */
const LOOK_MS = 60_000;

/** Not after a failure: whoever shows that tries again, when it is time. */
export function useLooks({ refresh, error }: UseDownloadJobs): void {
  const client = useDownloadClient();
  useEffect(() => {
    if (error) return undefined;
    const look = () => { if (!document.hidden) void refresh(); };
    const timer = setInterval(look, LOOK_MS * (1 + Math.random() / 4));
    // A stream that is lost may mean a server that is: then it is said at once.
    let before = client.connection().state;
    const stop = client.subscribeConnection(({ state }) => {
      if (LOST.has(state) && !LOST.has(before)) look();
      before = state;
    });
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [client, refresh, error]);
}
