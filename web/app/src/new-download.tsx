// The form that asks for a download.
import { useEffect, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { DownloadError } from '@longhaul/client';
import type { InitiateRequest } from '@longhaul/client';
import { Problem } from './problem.js';
import { navigate, pathOf } from './route.js';

const FORMATS = ['original', 'gzip', 'zstd', 'zip', 'tar'] as const;

// Only what was filled in is sent: the server knows the defaults.
function requestOf(form: HTMLFormElement): InitiateRequest {
  const data = new FormData(form);
  const text = (name: string) => String(data.get(name) ?? '').trim();
  const format = FORMATS.find((known) => known === text('format'));
  const options = {
    ...(text('fileName') && { fileName: text('fileName') }),
    ...(format && { format }),
    ...(text('priority') && { priority: Number(text('priority')) }),
  };
  return { file_id: Number(text('file_id')), ...(Object.keys(options).length > 0 && { options }) };
}

export function NewDownload({ start }: { start(request: InitiateRequest): Promise<{ jobId: string }> }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<DownloadError | null>(null);
  const shown = useRef(false);
  useEffect(() => {
    shown.current = true;
    return () => { shown.current = false; };
  }, []);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const { jobId } = await start(requestOf(event.currentTarget));
      if (shown.current) navigate(pathOf(jobId)); // who went elsewhere meanwhile stays there
    } catch (reason) {
      if (!(reason instanceof DownloadError)) throw reason;
      setError(reason);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className="new" onSubmit={(event) => void submit(event)} aria-label="New download">
      <label>
        File id{' '}
        <input name="file_id" type="number" inputMode="numeric" min={1} max={Number.MAX_SAFE_INTEGER} step={1} required />
      </label>
      <button className="primary" disabled={busy}>{busy ? 'Preparing…' : 'Prepare'}</button>
      <details>
        <summary>Options</summary>
        <label>Name <input name="fileName" maxLength={255} autoComplete="off" /></label>
        <label>
          Format{' '}
          <select name="format">
            <option value="">as it is</option>
            {FORMATS.slice(1).map((format) => <option key={format}>{format}</option>)}
          </select>
        </label>
        <label>Priority <input name="priority" type="number" min={0} max={9} step={1} placeholder="5" /></label>
      </details>
      {error && <Problem error={error} />}
    </form>
  );
}
