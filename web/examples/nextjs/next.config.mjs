import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));

/** @type {import('next').NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  compress: false, // files and their ranges pass through as they are; a proxy in front compresses pages
  turbopack: { root }, // lockfiles further up are other projects'
};
