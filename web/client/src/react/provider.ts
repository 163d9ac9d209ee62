// Which client the hooks of a page use.
import { createContext, createElement, useContext } from 'react';
import type { ReactNode } from 'react';
import type { DownloadClient } from '../index.js';

const Context = createContext<DownloadClient | null>(null);

/** Gives `client` to the hooks below. Make it once, outside of any component. */
export function DownloadProvider({ client, children }: { client: DownloadClient; children?: ReactNode }): ReactNode {
  return createElement(Context.Provider, { value: client }, children);
}

/** The client of the page. */
export function useDownloadClient(): DownloadClient {
  const client = useContext(Context);
  if (!client) throw new Error('no <DownloadProvider> above');
  return client;
}
