// The button below a list that brings its next page.
import { useEffect, useRef } from 'react';
import type { UseDownloadJobs } from '@longhaul/client/react';
import { say } from './announce.js';

const textOf = (count: number) => (count === 1 ? '1 more download is shown.' : `${count} more downloads are shown.`);

/** It keeps the focus while rows are on their way; when it goes, the first of them that came gets it. */
export function MoreButton({ list: { jobs, hasMore, loading, error, loadMore } }: { list: UseDownloadJobs }) {
  const before = useRef<number | null>(null); // rows that there were when it was pressed
  const rows = jobs.length;
  useEffect(() => {
    if (before.current === null || loading) return;
    if (error) return; // they come when it is tried again
    const had = before.current;
    before.current = null;
    say(rows > had ? textOf(rows - had) : 'No more downloads.');
    if (!hasMore && document.activeElement === document.body) document.querySelectorAll<HTMLElement>('.job')[had]?.focus();
  }, [rows, hasMore, loading, error]);

  function press() {
    if (loading) return;
    before.current = rows;
    void loadMore();
  }

  return hasMore && (
    <button type="button" className="more" aria-disabled={loading} onClick={press}>{loading ? 'Loading…' : 'Show more'}</button>
  );
}
