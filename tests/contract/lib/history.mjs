// What was seen of each job, and whether it can have happened.
const ENDS = ['completed', 'failed', 'canceled'];

export class History {
  constructor() {
    this.jobs = new Map(); // id -> { statuses: Map version -> status, retried, removedAt, newest }
    this.ids = [];
    this.kept = [];
    this.links = [];
    this.clock = 0;
  }

  get size() { return this.ids.length; }
  tick() { return ++this.clock; }

  // One of those that were there before.
  keep({ jobId, result }) {
    this.kept.push(jobId);
    this.job(jobId);
    if (result?.url) this.links.push(result.url);
  }

  // The newest ones are asked for most, then those that were kept, which nobody removes.
  known(index, method) {
    const kept = this.kept.length > 0 && method !== 'DELETE';
    if (index % 4 === 0 && kept) return this.kept[(index / 4) % this.kept.length];
    if (this.ids.length === 0) return 'x'.repeat(27);
    const id = this.ids[Math.max(0, this.ids.length - 1 - (index % 40))];
    return method === 'DELETE' && this.kept.includes(id) ? 'x'.repeat(27) : id;
  }

  link(index) { return this.links.length > 0 ? this.links[Math.max(0, this.links.length - 1 - (index % 20))] : undefined; }

  job(id) {
    if (!this.jobs.has(id)) {
      this.jobs.set(id, { statuses: new Map(), retried: false, removedAt: Infinity, newest: 0, end: null });
      this.ids.push(id);
    }
    return this.jobs.get(id);
  }

  // Noted before the reply is there: others see the effect first.
  retrying(id) {
    if (this.jobs.has(id)) this.job(id).retried = true;
  }

  // Faults of what the reply claims. `reply.begun` is when its request was sent.
  learn(one, reply) {
    if (reply.status === 202 && one.body && reply.json?.jobId) this.job(reply.json.jobId);
    if (!this.jobs.has(reply.id)) return [];
    const job = this.jobs.get(reply.id);
    if (one.method === 'DELETE' || reply.method === 'DELETE') {
      if (reply.status === 204) job.removedAt = Math.min(job.removedAt, this.tick());
    } else if (reply.begun > job.removedAt && reply.status < 400) {
      return ['a removed job is there again'];
    }
    return reply.json?.version !== undefined ? this.observe(job, reply) : [];
  }

  observe(job, reply) {
    const { version, status, result } = reply.json;
    const known = job.statuses.get(version);
    if (result?.url) this.links.push(result.url);
    job.statuses.set(version, status);
    if (known !== undefined && known !== status) return [`version ${version} was ${known} and is ${status}`];
    const found = [];
    if (job.end !== null && !job.retried && version > job.end.version) {
      found.push(`${job.end.status} at version ${job.end.version}, ${status} at ${version}, and nobody retried it`);
    }
    if (ENDS.includes(status) && version > (job.end?.version ?? 0)) job.end = { version, status };
    return found;
  }
}
