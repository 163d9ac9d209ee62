// A client on a fake server, and what a test asks of both.
import { onTestFinished } from 'vitest';
import { createDownloadClient } from '../../src/index.js';
import type { ClientOptions, DownloadClient, JobSnapshot } from '../../src/index.js';
import { createFakeServer } from '../../src/testing/index.js';
import type { FakeServer, FakeServerOptions } from '../../src/testing/index.js';

export interface Setup {
  server: FakeServer;
  client: DownloadClient;
  /** Paths of the requests of a kind, without `/v1/download/`. */
  asked(kind: 'status' | 'subscribe' | 'initiate'): string[];
  /** Watches a job; the list grows with each snapshot. */
  watched(jobId: string): JobSnapshot[];
}

export function setUp(options: ClientOptions & { server?: FakeServerOptions } = {}): Setup {
  const server = createFakeServer(options.server);
  const client = createDownloadClient({ fetch: server.fetch, ...options });
  onTestFinished(() => client.close());
  return {
    server,
    client,
    asked: (kind) => server.requests
      .map(({ path }) => path.replace('/v1/download/', ''))
      .filter((path) => path.startsWith(kind)),
    watched(jobId) {
      const seen: JobSnapshot[] = [];
      client.subscribe(jobId, (snapshot) => seen.push(snapshot));
      return seen;
    },
  };
}

export const statuses = (seen: JobSnapshot[]) => seen.map(({ job }) => job?.status);
