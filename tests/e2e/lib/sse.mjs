// A reader of Server-Sent Events that keeps what EventSource hides: comments, retry lines, which
// frame carried an id, and the order of everything. Follows the HTML standard §9.2.6 (parsing).
import { open } from './http.mjs';
import { until, within } from './wait.mjs';

export class Events {
  static async open(url, headers = {}) {
    const response = await within(`stream ${url}`,
      open(url, { headers: { accept: 'text/event-stream', ...headers } }));
    return new Events(response);
  }

  constructor(response) {
    this.response = response;
    this.status = response.statusCode;
    this.headers = response.headers;
    this.frames = []; // { event, data, id, retry, comment }, undefined where absent
    this.buffer = '';
    response.setEncoding('utf8');
    response.on('data', (text) => this.take(text));
    this.cut = false; // the connection broke in place of a clean end
    this.ended = new Promise((resolve) => {
      response.on('end', () => resolve());
      response.on('error', () => { this.cut = true; resolve(); });
      response.on('close', () => resolve());
    });
    response.on('aborted', () => { this.cut = true; });
  }

  take(text) {
    this.buffer += text;
    for (let end; (end = this.buffer.indexOf('\n\n')) >= 0;) {
      this.frames.push(parse(this.buffer.slice(0, end)));
      this.buffer = this.buffer.slice(end + 2);
    }
  }

  get messages() { return this.frames.filter((frame) => frame.data !== undefined); }
  named(name) { return this.messages.filter((frame) => frame.event === name); }
  get unnamed() { return this.messages.filter((frame) => frame.event === undefined); }
  get ids() { return this.messages.filter((f) => f.id !== undefined).map((f) => Number(f.id)); }

  // What EventSource would send as Last-Event-ID.
  get lastId() { return this.frames.map((f) => f.id).filter((id) => id !== undefined).at(-1); }

  frame(what, test, limitMs) {
    return until(`frame: ${what}`, () => this.frames.find(test), limitMs);
  }

  // The first message whose status object fits.
  message(what, test, limitMs) {
    return this.frame(what, (frame) => frame.data !== undefined && test(JSON.parse(frame.data), frame), limitMs);
  }

  finish(limitMs) { return within('end of stream', this.ended, limitMs); }

  close() {
    this.response.destroy();
  }
}

export function parse(block) {
  const frame = {};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === '') frame.comment = value;
    else if (field === 'data' && frame.data !== undefined) frame.data += `\n${value}`;
    else frame[field] = value;
  }
  return frame;
}
