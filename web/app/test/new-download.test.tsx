// @vitest-environment jsdom
// The form that asks for a download, and what it says when the server refuses.
import { StrictMode, act } from 'react';
import { cleanup, render } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DownloadError, createDownloadClient } from '@longhaul/client';
import type { DownloadClient, InitiateRequest } from '@longhaul/client';
import { DownloadProvider } from '@longhaul/client/react';
import { createFakeServer } from '../../client/src/testing/index.js';
import { NewDownload } from '../src/new-download.js';

let client: DownloadClient;
let asked: InitiateRequest[];
let refuse: (error: DownloadError) => void; // what was asked for last
beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  asked = [];
  client = createDownloadClient({ fetch: createFakeServer().fetch });
  const start = (request: InitiateRequest) => new Promise<never>((_, reject) => {
    asked.push(request);
    refuse = reject;
  });
  render(<StrictMode><DownloadProvider client={client}><NewDownload start={start} /></DownloadProvider></StrictMode>);
});
afterEach(() => {
  cleanup();
  client.close();
});

const $ = <T extends HTMLElement>(selector: string) => document.querySelector<T>(selector);
const field = (name: string) => $<HTMLInputElement>(`[name=${name}]`)!;
const submit = () => act(() => $<HTMLFormElement>('form')!.requestSubmit());
const refused = (pointer?: string) => act(async () => {
  refuse(new DownloadError('VALIDATION_FAILED', 'must have 1 to 255 bytes', { status: 400, pointer }));
});
const ask = () => {
  field('file_id').value = '42';
  field('fileName').value = 'ü'.repeat(255);
  submit();
};

test('a refusal that names a field is said there, and the focus is in it', async () => {
  ask();
  await refused('/options/fileName');
  const { activeElement } = document;
  expect(activeElement).toBe(field('fileName'));
  expect(activeElement!.getAttribute('aria-invalid')).toBe('true');
  const said = document.getElementById(activeElement!.getAttribute('aria-describedby')!)!;
  expect(said.textContent).toBe('Not accepted: must have 1 to 255 bytes.');
  expect(activeElement!.closest('details')!.open).toBe(true); // else nobody sees it
  expect(document.querySelectorAll('.fault, [aria-invalid]')).toHaveLength(2);
  submit();
  expect(document.querySelectorAll('.fault, [aria-invalid], [aria-describedby]')).toHaveLength(0);
  await refused('/file_id');
  expect(document.activeElement).toBe(field('file_id'));
  expect(document.querySelectorAll('[aria-invalid]')).toHaveLength(1);
});

test('a refusal leaves alone who went elsewhere meanwhile', async () => {
  const elsewhere = document.body.appendChild(document.createElement('button'));
  ask();
  elsewhere.focus();
  await refused('/options/fileName');
  expect(document.activeElement).toBe(elsewhere);
  expect(field('fileName').getAttribute('aria-invalid')).toBe('true');
  elsewhere.remove();
});

test('a refusal of what the form has no field for is said at its end', async () => {
  for (const pointer of [undefined, '', '/userId', '/options']) {
    field('fileName').focus();
    ask();
    await refused(pointer);
    expect($('[role=alert]')!.textContent).toBe('The server does not accept this request. must have 1 to 255 bytes');
    expect([document.querySelectorAll('[aria-invalid]').length, document.activeElement]).toEqual([0, field('fileName')]);
  }
});

test('while it asks it asks no more, and the button keeps the focus', async () => {
  const button = $<HTMLButtonElement>('button')!;
  button.focus();
  ask();
  expect([button.textContent, button.getAttribute('aria-disabled'), document.activeElement]).toEqual(['Preparing…', 'true', button]);
  expect(button.disabled).toBe(false); // Chromium takes the focus from those that are
  submit();
  expect(asked).toHaveLength(1);
  await refused();
  expect(button.getAttribute('aria-disabled')).not.toBe('true');
  submit();
  expect(asked).toHaveLength(2);
});
