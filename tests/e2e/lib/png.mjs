// A screenshot made small: its pixels with a palette of at most 256 colours. Reads what Chromium writes (PNG
// third edition, 8 bits a channel, RGB or RGBA without a transparent pixel, not interlaced), and nothing else.
import assert from 'node:assert/strict';
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const COLOURS_MAX = 256;
const CHANNELS = { 2: 3, 6: 4 }; // by colour type

function* chunksOf(png) {
  for (let at = SIGNATURE.length; at < png.length;) {
    const size = png.readUInt32BE(at);
    yield { type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + size) };
    at += size + 12;
  }
}

// Which of the neighbours is nearest to what they foretell together (§9.4).
function paeth(left, up, corner) {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

const FORETELL = [() => 0, (left) => left, (_, up) => up, (left, up) => (left + up) >> 1, paeth]; // by filter type

// { width, height, pixels }: a number 0xRRGGBB each, row by row.
function decode(png) {
  const chunks = [...chunksOf(png)];
  const head = chunks.find(({ type }) => type === 'IHDR').data;
  const [width, height, step] = [head.readUInt32BE(0), head.readUInt32BE(4), CHANNELS[head[9]]];
  assert.ok(head[8] === 8 && step && head[12] === 0, 'a PNG as Chromium writes it');
  const raw = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
  const size = width * step;
  const rows = Buffer.alloc(size * height);
  for (let y = 0; y < height; y++) {
    const foretell = FORETELL[raw[y * (size + 1)]];
    for (let i = 0, at = y * size; i < size; i++, at++) {
      const left = i >= step ? rows[at - step] : 0;
      const up = y ? rows[at - size] : 0;
      const corner = y && i >= step ? rows[at - size - step] : 0;
      rows[at] = raw[y * (size + 1) + 1 + i] + foretell(left, up, corner);
    }
  }
  return { width, height, pixels: Uint32Array.from({ length: width * height }, (_, i) => rows.readUIntBE(i * step, 3)) };
}

// The colours that are most seen, and for every other one the nearest of them.
function paletteOf(pixels) {
  const seen = new Map();
  for (const pixel of pixels) seen.set(pixel, (seen.get(pixel) ?? 0) + 1);
  const colours = [...seen].sort(([, a], [, b]) => b - a).map(([colour]) => colour);
  const palette = colours.slice(0, COLOURS_MAX);
  const far = (a, b) => [16, 8, 0].reduce((sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2, 0);
  const nearest = (colour) => palette.reduce((best, one, i) => (far(one, colour) < far(palette[best], colour) ? i : best), 0);
  return { palette, index: new Map(colours.map((colour, i) => [colour, i < palette.length ? i : nearest(colour)])) };
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

export function shrink(png) {
  const { width, height, pixels } = decode(png);
  const { palette, index } = paletteOf(pixels);
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]); // 8 bits a pixel, of a palette
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  const rows = Buffer.alloc((width + 1) * height); // without a filter: neighbours in a palette are no neighbours
  pixels.forEach((pixel, i) => { rows[i + Math.floor(i / width) + 1] = index.get(pixel); });
  return Buffer.concat([SIGNATURE, chunk('IHDR', head),
    chunk('PLTE', Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))),
    chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}
