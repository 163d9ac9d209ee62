// The form that asks for a download.
import { useEffect, useId, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { DownloadError } from '@longhaul/client';
import type { InitiateRequest } from '@longhaul/client';
import { Problem } from './problem.js';
import { navigate, pathOf } from './route.js';

const FORMATS = ['original', 'gzip', 'zstd', 'zip', 'tar'] as const;
const FIELDS = ['file_id', 'fileName', 'format', 'priority'] as const;
type Field = typeof FIELDS[number];

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
  const faultId = useId();
  const form = useRef<HTMLFormElement>(null);
  const shown = useRef(false);
  // The one that the server refused, if it says so and there is one.
  const wrong = FIELDS.find((name) => error?.pointer?.endsWith(`/${name}`));
  useEffect(() => {
    const field = wrong && form.current?.elements.namedItem(wrong);
    if (!(field instanceof HTMLElement)) return;
    field.closest('details')?.setAttribute('open', '');
    const { activeElement: now } = document;
    if (now === document.body || form.current!.contains(now)) field.focus(); // who went elsewhere meanwhile stays there
  }, [wrong, error]);
  useEffect(() => {
    shown.current = true;
    return () => { shown.current = false; };
  }, []);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy) return;
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

  const known = (name: Field) => ({ name, ...(name === wrong && { 'aria-invalid': true, 'aria-describedby': faultId }) });
  const faultOf = (name: Field) => name === wrong && <p className="fault" role="alert" id={faultId}>Not accepted: {error?.message}.</p>;
  return (
    <form className="new" ref={form} onSubmit={(event) => void submit(event)} aria-label="New download">
      <label>
        File id{' '}
        <input {...known('file_id')} type="number" inputMode="numeric" min={1} max={Number.MAX_SAFE_INTEGER} step={1} required />
      </label>
      <button className="primary" aria-disabled={busy}>{busy ? 'Preparing…' : 'Prepare'}</button>
      {faultOf('file_id')}
      <details>
        <summary>Options</summary>
        <label>Name <input {...known('fileName')} maxLength={255} autoComplete="off" /></label>
        {faultOf('fileName')}
        <label>
          Format{' '}
          <select {...known('format')}>
            <option value="">as it is</option>
            {FORMATS.slice(1).map((format) => <option key={format}>{format}</option>)}
          </select>
        </label>
        {faultOf('format')}
        <label>Priority <input {...known('priority')} type="number" min={0} max={9} step={1} placeholder="5" /></label>
        {faultOf('priority')}
      </details>
      {error && !wrong && <Problem error={error} />}
    </form>
  );
}
