export { createFakeServer } from './fake-server.js';
export type { FakeRequest, FakeServer, FakeServerOptions, Refusal } from './fake-server.js';
export type { Progress } from './records.js';
