'use client';
// Asks for a file, and goes to its job at once.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { useRouter } from 'next/navigation';
import { DownloadError } from '@longhaul/client';
import { useDownloadClient } from '@longhaul/client/react';
import { problemText } from '../lib/words';

export function NewDownload() {
  const client = useDownloadClient();
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<DownloadError>();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fileId = Number(new FormData(event.currentTarget).get('file_id'));
    setBusy(true);
    setError(undefined);
    try {
      // A double click, or a reload before the answer, makes one job: the client sends an idempotency key.
      const { jobId } = await client.initiate({ file_id: fileId });
      router.push(`/downloads/${jobId}`);
    } catch (reason) {
      if (!(reason instanceof DownloadError)) throw reason;
      setError(reason);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <label>
        {'File id '}
        <input name="file_id" type="number" min={1} max={Number.MAX_SAFE_INTEGER} required />
      </label>
      <button disabled={busy}>{busy ? 'Starting…' : 'Start download'}</button>
      {error && <p role="alert">{problemText(error)}</p>}
    </form>
  );
}
