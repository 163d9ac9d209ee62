// A client that follows a stream of many jobs as EventSource does: it comes back with the last id
// that it has seen, whatever ended the connection, until it is told 204. Connections can be cut
// after any number of bytes. What it keeps are the messages that carried an id.
import assert from 'node:assert/strict';
import { open } from './http.mjs';
import { parse } from './sse.mjs';
import { pause, until } from './wait.mjs';

export class Follower {
  // url(): where to connect this time; cutAfter(): bytes after which to cut it (default: never).
  constructor(url, { cutAfter = () => Infinity, lastId } = {}) {
    Object.assign(this, { url, cutAfter, lastId });
    this.seen = new Map(); // job id -> [{ version, status, at }]
    this.connections = 0;
    this.statuses = []; // of replies
    this.stopped = false;
    this.done = this.run();
    this.done.catch(() => {});
  }

  async run() {
    while (!this.stopped) {
      const headers = { accept: 'text/event-stream' };
      if (this.lastId !== undefined) headers['last-event-id'] = this.lastId;
      const response = await open(this.url(), { headers }).catch(() => undefined);
      this.statuses.push(response?.statusCode);
      if (response?.statusCode === 204) return;
      if (response?.statusCode === 200) await this.read(response);
      else {
        response?.resume();
        await pause(50);
      }
    }
  }

  read(response) {
    this.response = response;
    this.connections++;
    let left = this.cutAfter();
    let buffer = Buffer.alloc(0);
    return new Promise((resolve) => {
      response.on('data', (chunk) => {
        if (left <= 0) return;
        buffer = Buffer.concat([buffer, chunk.subarray(0, left)]);
        left -= chunk.length;
        for (let end; (end = buffer.indexOf('\n\n')) >= 0;) {
          this.take(parse(buffer.subarray(0, end).toString()));
          buffer = buffer.subarray(end + 2);
        }
        if (left <= 0) response.destroy();
      });
      response.on('error', resolve).on('close', resolve);
    });
  }

  take(frame) {
    if (frame.id === undefined) return;
    this.lastId = frame.id;
    if (frame.data === undefined) return;
    const { jobId, version, status } = JSON.parse(frame.data);
    if (!this.seen.has(jobId)) this.seen.set(jobId, []);
    this.seen.get(jobId).push({ version, status, at: Date.now() });
  }

  statusesOf(jobId) { return (this.seen.get(jobId) ?? []).map((entry) => entry.status); }

  // Waits until the job was seen in that status.
  saw(jobId, status, limitMs) {
    return until(`${jobId} seen ${status}`, () => this.statusesOf(jobId).includes(status), limitMs);
  }

  cut() { this.response?.destroy(); }

  async stop() {
    this.stopped = true;
    this.cut();
    await this.done;
  }

  versionsOf(jobId) { return (this.seen.get(jobId) ?? []).map((entry) => entry.version); }

  // Each transition of the job's record once and in order: all of them (`whole`), or all after the
  // state that was seen first.
  assertExact(jobId, record, { whole = false } = {}) {
    const seen = this.versionsOf(jobId);
    const all = record.transitions.map((entry) => entry.version);
    const wanted = whole ? all : [seen[0], ...all.filter((version) => version > seen[0])];
    assert.deepEqual(seen, wanted, `${jobId}: ${record.log}`);
  }
}
