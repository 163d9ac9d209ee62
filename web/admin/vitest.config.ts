import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Nothing waits in them: what takes long is a busy machine.
  test: { include: ['test/**/*.test.ts'], pool: 'threads', maxWorkers: 1, testTimeout: 60_000 },
});
