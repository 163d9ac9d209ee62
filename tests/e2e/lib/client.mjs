// What a client of the API does, and nothing cleverer.
import { call } from './http.mjs';
import { Events } from './sse.mjs';
import { until } from './wait.mjs';

export const TERMINAL = new Set(['completed', 'failed', 'canceled']);

export class Client {
  constructor(base) {
    this.base = base;
    this.api = `${base}/v1/download`;
  }

  initiate(body, headers = {}) {
    return call(`${this.api}/initiate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  // Asks for a job that must be accepted; its id.
  async submit(body, headers) {
    const reply = await this.initiate(body, headers);
    if (reply.status !== 202) throw new Error(`initiate: ${reply.status} ${reply.text}`);
    return reply.json.jobId;
  }

  simulate(simulate, options = {}) {
    return this.submit({ file_id: 1, options: { ...options, simulate } });
  }

  status(jobId, headers) { return call(`${this.api}/status/${jobId}`, { headers }); }
  cancel(jobId) { return call(`${this.api}/cancel/${jobId}`, { method: 'POST' }); }
  result(jobId, headers) { return call(`${this.api}/${jobId}`, { headers }); }

  // Polls until `test` holds for the status object, and returns that.
  until(jobId, what, test, limitMs) {
    return until(`${jobId} ${what}`, async () => {
      const { status, json, text } = await this.status(jobId);
      if (status !== 200 || !test(json)) throw new Error(`${status} ${text}`); // `until` says what was last
      return json;
    }, limitMs);
  }

  terminal(jobId, limitMs) {
    return this.until(jobId, 'terminal', (job) => TERMINAL.has(job.status), limitMs);
  }

  running(jobId) { return this.until(jobId, 'running', (job) => job.status === 'running'); }

  async completed(jobId, limitMs) {
    const job = await this.terminal(jobId, limitMs);
    if (job.status !== 'completed') throw new Error(`not completed: ${JSON.stringify(job)}`);
    return job;
  }

  events(jobId, { query = '', headers = {} } = {}) {
    return Events.open(`${this.api}/subscribe/${jobId}${query}`, headers);
  }

  // A link of a result as an absolute URL.
  link(url) { return new URL(url, this.base).href; }
}
