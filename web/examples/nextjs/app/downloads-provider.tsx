'use client';
// One client for the whole app: all components share its stream.
import type { ReactNode } from 'react';
import { createDownloadClient } from '@longhaul/client';
import { DownloadProvider } from '@longhaul/client/react';

const client = createDownloadClient();

export const Downloads = ({ children }: { children: ReactNode }) => (
  <DownloadProvider client={client}>{children}</DownloadProvider>
);
