// Streams of events as one text: read for a moment, then held against the description.
import { document, faults } from './api.mjs';

const MOMENT_MS = 60;
const EVENTS = { status: 'JobStatus', progress: 'RunningJob', error: 'FailedJob', result: 'CompletedJob', undefined: 'JobStatus' };

// All of a body, or of an event stream what comes in a moment.
export function readStream(response) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    const done = () => resolve(Buffer.concat(chunks).toString());
    if (/^text\/event-stream/.test(response.headers['content-type'] ?? '')) {
      setTimeout(() => { response.destroy(); done(); }, MOMENT_MS);
    }
    response.on('data', (chunk) => chunks.push(chunk));
    response.on('end', done);
    response.on('error', (error) => (error.code === 'ECONNRESET' || response.destroyed ? done() : reject(error)));
  });
}

// What is wrong with the whole frames of a stream.
export function eventFaults(text) {
  const frames = text.split('\n\n').slice(0, -1);
  const found = frames[0] === 'retry: 3000' ? [] : [`begins with ${frames[0]}`];
  let newest = 0;
  for (const frame of frames.slice(1)) {
    const fields = Object.fromEntries(frame.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
    if (fields.data === undefined) continue; // a comment
    const schema = EVENTS[fields.event];
    if (!schema || !document.components.schemas[schema]) { found.push(`event ${fields.event}`); continue; }
    found.push(...faults(`/components/schemas/${schema}`, JSON.parse(fields.data)).map((fault) => `event ${fields.event}: ${fault}`));
    if (fields.id !== undefined && /^[0-9]+$/.test(fields.id)) {
      if (Number(fields.id) <= newest) found.push(`id ${fields.id} after ${newest}`);
      newest = Number(fields.id);
    }
  }
  return found;
}
