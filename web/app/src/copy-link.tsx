// A link for the visitor to copy by hand, where the browser does not let the page do it: one that came by plain HTTP has
// no clipboard, and others need leave. The link is nowhere but in here, and gone when this is closed.
import { useEffect, useId, useRef } from 'react';

/** @returns whether it is in the clipboard now. */
export async function copied(text: string): Promise<boolean> {
  return await navigator.clipboard?.writeText(text).then(() => true, () => false) ?? false;
}

export interface CopyLinkProps {
  url: string;
  /** Of the download. */
  name: string;
  /** It was closed. */
  done(copied: boolean): void;
}

export function CopyLink({ url, name, done }: CopyLinkProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const title = useId();
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
    field.current?.focus();
    field.current?.select();
  }, []);

  // The old way: it works where there is no clipboard, but only at once in a click, and only on what is selected.
  function copy() {
    field.current?.select();
    if (document.execCommand('copy')) dialog.current?.close('copied');
  }

  return (
    <dialog ref={dialog} aria-labelledby={title} onClose={() => done(dialog.current?.returnValue === 'copied')}>
      <form method="dialog">
        <h2 id={title}>Link to {name}</h2>
        <p>The browser does not let this page copy by itself. Whoever has the link can get the file until it expires.</p>
        <label>Link <input ref={field} readOnly value={url} autoComplete="off" spellCheck={false} /></label>
        <div className="actions">
          <button type="button" className="primary" onClick={copy}>Copy</button>
          <button>Close</button>
        </div>
      </form>
    </dialog>
  );
}
