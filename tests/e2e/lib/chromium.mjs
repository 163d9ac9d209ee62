// Debian's Chromium, without a window and without anything of its own to say to the network.
import { chromium } from 'playwright-core';

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export const launch = (more = []) => chromium.launch({ executablePath: '/usr/bin/chromium', args: [...FLAGS, ...more] });

// In the page: collects what an EventSource shows as window.seen, its state as window.source.
export const WATCH = `
  window.watch = (url) => {
    window.seen = [];
    window.source = new EventSource(url);
    const keep = (event) => window.seen.push({
      type: event.type, kind: event.constructor.name, id: event.lastEventId,
      job: event.data === undefined ? undefined : JSON.parse(event.data), state: window.source.readyState });
    for (const type of ['open', 'message', 'status', 'progress', 'result', 'error']) {
      window.source.addEventListener(type, keep);
    }
  };`;
