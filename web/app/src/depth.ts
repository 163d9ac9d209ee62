// Brings somebody who comes back to where they were in a list.
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { UseDownloadJobs } from '@longhaul/client/react';
import { keepingDepth, keptDepth } from './route.js';

/** Of those that there were: they come one page after the other, and nobody waits for more than a few. */
const ROWS_MAX = 200;
/** What makes so many of the server's pages of 50; and an end where pages are smaller. */
const PAGES_MAX = 4;

const DEEDS = ['wheel', 'touchmove', 'keydown', 'pointerdown'];

/** Page by page, as it was gone down in: later looks at the list ask for no more than its first page. @param shown which list it is. */
export function useDepth(shown: unknown, { jobs, hasMore, loading, error, loadMore }: UseDownloadJobs): void {
  const [before] = useState(() => ({ ...keptDepth(), shown }));
  const now = useRef(0);
  const there = useRef(!before.y);
  const pages = useRef(1); // of this visit
  const rows = jobs.length;
  useEffect(() => { now.current = rows; });
  useEffect(() => keepingDepth(() => ({ rows: now.current, y: scrollY })), []);
  useEffect(() => {
    const life = new AbortController();
    const arrive = () => { there.current = true; }; // who does something meanwhile is somewhere
    for (const deed of DEEDS) addEventListener(deed, arrive, { signal: life.signal, passive: true });
    return () => life.abort();
  }, []);
  useLayoutEffect(() => {
    if (there.current) return;
    there.current = shown !== before.shown; // who looks at something else is somewhere else
    if (there.current || loading || (error && !rows)) return;
    const fallsShort = hasMore && !error && rows < Math.min(ROWS_MAX, before.rows);
    if (fallsShort && pages.current++ < PAGES_MAX) return void loadMore();
    there.current = true;
    scrollTo(0, before.y);
  }, [shown, before, rows, hasMore, loading, error, loadMore]);
}
