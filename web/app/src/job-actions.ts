// What a visitor does with a job: one thing at a time, and nothing that was meant for what stood there before.
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { MouseEvent } from 'react';
import { DownloadError, isTerminal } from '@longhaul/client';
import type { DownloadClient, Job } from '@longhaul/client';
import { useDownloadClient } from '@longhaul/client/react';
import { say } from './announce.js';
import { copied } from './copy-link.js';
import type { Action } from './job-look.js';
import { navigate, pathOf } from './route.js';

const COPIED = 'Link copied';
/**
 * For so long the actions of a job rest once there are others, or one is done: another button is under the pointer then, and
 * whoever clicks once more, since nothing happened, would get the opposite of what they asked for.
 */
const REST_MS = 600;

// By a click, as a visitor would: nothing is left on the page when a link turns out to be none.
async function download(client: DownloadClient, jobId: string) {
  const { url } = await client.link(jobId);
  Object.assign(document.createElement('a'), { href: url, download: '' }).click();
}

// Whether the visitor asked for it, or the server says so. Kept until the end: a picture from a stream may not have it yet.
function useCanceling(job: Job) {
  const [canceling, setCanceling] = useState(false);
  const going = !isTerminal(job);
  const marked = going && job.stage === 'canceling';
  useEffect(() => {
    if (!going || marked) setCanceling(marked);
  }, [going, marked]);
  return [canceling, setCanceling] as const;
}

// Which end of a job it is; null before any.
const endOf = (job: Job) => (isTerminal(job) ? job.version : null);

/** The actions of a job: how they go, and what came of the last one. */
export function useActions(job: Job) {
  const client = useDownloadClient();
  const [canceling, setCanceling] = useCanceling(job);
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<DownloadError | null>(null);
  const [said, setSaid] = useState('');
  const [link, setLink] = useState(''); // to be copied by hand
  const end = endOf(job);
  useEffect(() => setFailure(null), [end]); // of what is no longer to be done

  function report(text: string) {
    setSaid(text);
    say(text);
  }

  async function copy(jobId: string) {
    const url = new URL((await client.link(jobId)).url, location.href).href;
    if (await copied(url)) report(COPIED);
    else setLink(url);
  }

  function closeLink(wasCopied: boolean) {
    setLink('');
    if (wasCopied) report(COPIED);
  }

  async function cancel(jobId: string) {
    setCanceling(true);
    await client.cancel(jobId).catch((error: unknown) => {
      setCanceling(false);
      throw error;
    });
  }

  const byAction: Record<Action, (jobId: string) => Promise<unknown>> = {
    cancel,
    copy,
    download: (jobId) => download(client, jobId),
    renew: (jobId) => client.status(jobId),
    retry: (jobId) => client.retry(jobId),
    again: (jobId) => client.retry(jobId),
    details: async (jobId) => navigate(pathOf(jobId)),
  };

  async function act(action: Action) {
    setSaid('');
    setFailure(null);
    setPending(true);
    try {
      await byAction[action](job.jobId);
    } catch (reason) {
      if (!(reason instanceof DownloadError)) throw reason;
      const { job: now = job } = client.snapshot(job.jobId);
      if (endOf(now) === end) setFailure(reason); // else that was why
    } finally {
      setPending(false);
    }
  }
  return { canceling, pending, failure, said, link, closeLink, act };
}

// Whether `key` changed just now. What is there from the beginning does not rest.
function useRest(key: string): boolean {
  const before = useRef(key);
  const [resting, setResting] = useState(false);
  useLayoutEffect(() => { // before anybody sees what came
    if (before.current === key) return undefined;
    before.current = key;
    setResting(true);
    const timer = setTimeout(() => setResting(false), REST_MS);
    return () => clearTimeout(timer);
  }, [key]);
  return resting;
}

/**
 * For the buttons of the actions that are `offered`, of which one may be `pending`. A button that goes takes the focus with it:
 * then the download itself gets it.
 */
export function useButtons(offered: readonly Action[], pending: boolean, act: (action: Action) => unknown) {
  const names = offered.join();
  const resting = useRest(`${names} ${pending}`) || pending;
  const article = useRef<HTMLElement>(null);
  const acted = useRef(false);
  useEffect(() => {
    if (acted.current && document.activeElement === document.body) article.current?.focus({ preventScroll: true });
    acted.current = false; // what comes later is nobody's doing
  }, [names]);

  function press(action: Action, { detail }: MouseEvent) {
    // The second click of two is for what the first one was on: that may have been another row.
    if (resting || detail > 1) return;
    acted.current = true;
    void act(action);
  }
  return { article, resting, press };
}
