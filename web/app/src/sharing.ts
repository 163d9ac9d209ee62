// Whether this page's tabs may tell each other of jobs.

/** Longest wait for an answer; the page is empty until then. */
const ANSWER_MS_MAX = 2000;

/**
 * Asks for the jobs of somebody who does not exist. A server that lets this visitor see anybody's jobs (one without logins, or
 * an operator's) has none; any other refuses. Where all may be seen, no tab can tell another one what that may not know. Else
 * it could: tabs may be logged in as different users, by a cookie or by a proxy, and a stream outlives a change of logins.
 * @returns false also where nobody answers.
 */
export async function maySeeAll(): Promise<boolean> {
  const nobody = `nobody-${Math.random().toString(36).slice(2)}`; // whom no server knows
  try {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    return (await fetch(`/v1/download/jobs?userId=${nobody}&limit=1`, { method: 'HEAD', signal })).ok;
  } catch {
    return false;
  }
}
