import { defineConfig } from 'tsdown';

// What the three entries have in common is in chunks of its own, so that a page has one core.
export default defineConfig({
  entry: { index: 'src/index.ts', react: 'src/react/index.ts', testing: 'src/testing/index.ts' },
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  dts: true,
  minify: true,
  clean: true,
  fixedExtension: false,
});
