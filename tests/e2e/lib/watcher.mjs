// A client that watches a job to its end as EventSource does: again with the last id whenever the
// connection ends, whatever that took.
import { Client } from './client.mjs';
import { until } from './wait.mjs';

export class Watcher {
  constructor(base, jobId) {
    this.client = new Client(base);
    this.jobId = jobId;
    this.messages = []; // of all connections, as Events has them
    this.connections = 0; // that were streams of this job
    this.failures = []; // status codes, or error codes of connections that were none
    this.done = this.run();
  }

  async run() {
    for (let lastId; ;) {
      const events = await until('a connection', () => this.connect(lastId), 60_000);
      if (events.status === 204) return;
      await events.finish(120_000);
      this.messages.push(...events.messages);
      if (events.messages.length > 0) this.connections++;
      lastId = events.lastId ?? lastId;
    }
  }

  async connect(lastId) {
    const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
    try {
      const events = await this.client.events(this.jobId, { headers });
      if (events.status === 200 || events.status === 204) {
        this.current = events;
        return events;
      }
      events.close();
      this.failures.push(events.status);
    } catch (error) {
      this.failures.push(error.code ?? error.message);
    }
    return undefined;
  }

  // Waits until the present connection has shown a status object like this.
  seen(what, test) {
    return until(`watcher: ${what}`, () => (
      [...this.messages, ...this.current?.messages ?? []].some((frame) => test(JSON.parse(frame.data)))));
  }

  get versions() {
    return this.messages.filter((frame) => frame.id !== undefined).map((frame) => Number(frame.id));
  }

  // Versions of the changes of status, as the named events had them.
  get changes() {
    return this.messages.filter((frame) => frame.event === 'status').map((frame) => JSON.parse(frame.data).version);
  }
}
