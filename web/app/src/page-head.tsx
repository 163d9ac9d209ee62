// The top of a page: what it is, how news come, and how much is going on.
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { Connection } from '@longhaul/client';
import { useDownloadClient } from '@longhaul/client/react';
import { hasNavigated } from './route.js';

const WORDS: Record<Connection['state'], string> = {
  idle: 'nothing to wait for', connecting: 'connecting', live: 'live', polling: 'updating', offline: 'not up to date',
};

function listenToNetwork(listener: () => void) {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
}

function Live() {
  const client = useDownloadClient();
  const { state: known, everyMs } = useSyncExternalStore(client.subscribeConnection, client.connection);
  const online = useSyncExternalStore(listenToNetwork, () => navigator.onLine);
  const state = online ? known : 'offline';
  const [wasLive, setWasLive] = useState(false);
  useEffect(() => {
    if (state === 'live' || state === 'idle') setWasLive(state === 'live');
  }, [state]);
  const word = !online ? 'offline' : state === 'connecting' && wasLive ? 'reconnecting' : WORDS[state];
  const every = state === 'polling' && everyMs ? ` every ${Math.round(everyMs / 1000)} s` : '';
  return <p className={`live ${state}`}><span aria-hidden="true">●</span> {word}{every}</p>;
}

export function PageHead({ title, counts }: { title: string; counts?: string | undefined }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // Whoever hears the page, or uses its keys, begins a new page at its top.
  useEffect(() => {
    if (hasNavigated()) heading.current?.focus({ preventScroll: true });
    document.title = title;
  }, [title]);
  return (
    <header>
      <h1 ref={heading} tabIndex={-1}>{title}</h1>
      <Live />
      {counts && <p className="counts">{counts}</p>}
    </header>
  );
}
