// What is said aloud, in turns: so that somebody who hears the page hears all that matters, and not all at once.

export interface Turns {
  /** News of this job, in place of what was to be said of it. */
  add(jobId: string, sentence: string): void;
  /** What was to be said of this job is true no longer. */
  drop(jobId: string): void;
  stop(): void;
}

/** More at a time nobody wants to hear. */
const SENTENCES_MAX = 3;

/**
 * The first news are said at once, later ones `pauseMs` after the last turn: the newest, and of others how many they are.
 * @param show takes the text in place of the one before; '' once that is true no longer.
 * @param others says of so many more jobs that they are left out; without it they are, silently.
 */
export function createTurns(pauseMs: number, show: (text: string) => void, others?: (count: number) => string): Turns {
  const news = new Map<string, string>();
  let said: readonly string[] = []; // the jobs of the last turn
  let dueMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function turn() {
    timer = undefined;
    if (!news.size) return;
    dueMs = Date.now() + pauseMs;
    said = [...news.keys()].slice(-SENTENCES_MAX);
    const more = news.size - said.length;
    show([...[...news.values()].slice(-SENTENCES_MAX), ...(more && others ? [others(more)] : [])].join(' '));
    news.clear();
  }

  return {
    add(jobId, sentence) {
      news.delete(jobId); // a newer one stands at the end
      news.set(jobId, sentence);
      timer ??= setTimeout(turn, Math.max(0, dueMs - Date.now()));
    },
    drop(jobId) {
      news.delete(jobId);
      if (!said.includes(jobId)) return;
      said = [];
      show('');
    },
    stop() { clearTimeout(timer); },
  };
}
