// The ways in which Longhaul is put behind a proxy: the configurations that ship, the one of the
// original document, and nginx told nothing but where to go.
import { readFileSync } from 'node:fs';
import { startHaproxy } from './haproxy.mjs';
import { startNginx } from './nginx.mjs';
import { shipped, substitute } from './proxy.mjs';

const SNIPPETS = new URL('../fixtures/original-snippets.md', import.meta.url);

// The original document's blocks of a language, letter for letter.
export function originalBlocks(language) {
  const text = readFileSync(SNIPPETS, 'utf8');
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter((m) => m[1] === language).map((m) => m[2]);
}

const at = (port) => `127.0.0.1:${port}`;

// `more` is put into the server block: pages of a test.
export function originalSite([gateway], more = '') {
  const [text] = originalBlocks('nginx');
  return (port) => substitute(text, [
    ['listen 80;', `listen ${at(port)};${more}`],
    ['http://api:3000', `http://${at(gateway)}`],
  ]);
}

export function defaultSite([gateway]) {
  return (port) => `server { listen ${at(port)}; location / { proxy_pass http://${at(gateway)}; } }`;
}

export function nginxSite([gateway, second], more = '') {
  return (port) => substitute(shipped('nginx.conf'), [
    ['listen 80;', `listen ${at(port)};${more}`],
    ['server 127.0.0.1:8080', `server ${at(gateway)}`],
    ...(second ? [['# server 127.0.0.1:8081', `server ${at(second)}`]] : []),
  ]);
}

export function haproxyConfiguration([gateway, second]) {
  return (port) => substitute(shipped('haproxy.cfg'), [
    ['bind :80', `bind ${at(port)}`],
    ['server gateway1 127.0.0.1:8080', `server gateway1 ${at(gateway)}`],
    ...(second ? [['# server gateway2 127.0.0.1:8081', `server gateway2 ${at(second)}`]] : []),
  ]);
}

// Each: starts it in front of gateways at these ports. `edit` may change the configuration further.
const edited = (configuration, edit) => (port, folder) => edit(configuration(port, folder));
const same = (text) => text;
export const FRONTS = {
  'nginx as in the original document': (ports, edit = same) => startNginx(edited(originalSite(ports), edit)),
  'nginx by default': (ports, edit = same) => startNginx(edited(defaultSite(ports), edit)),
  'nginx as recommended': (ports, edit = same) => startNginx(edited(nginxSite(ports), edit)),
  'HAProxy as recommended': (ports, edit = same) => startHaproxy(edited(haproxyConfiguration(ports), edit)),
};
