import { count } from './format.js';

const WIDTH = 240, HEIGHT = 40;
const SVG = 'http://www.w3.org/2000/svg';

function svg(tag: string, attributes: Record<string, string>): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** A line from left (oldest) to right, its top at the largest value. */
export function sparkline(label: string, values: number[]): SVGElement {
  const most = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map((v, i) => `${(i * step).toFixed(1)},${(HEIGHT - 1 - (v / most) * (HEIGHT - 4)).toFixed(1)}`);
  const total = values.reduce((a, b) => a + b, 0);
  const drawn = svg('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img',
    'aria-label': `${label} by minute: ${count(total)} in the last hour, at most ${count(Math.max(0, ...values))} a minute`,
  });
  drawn.append(svg('polyline', { points: points.join(' '), 'vector-effect': 'non-scaling-stroke' }));
  return drawn;
}
