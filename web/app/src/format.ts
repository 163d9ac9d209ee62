// Numbers for people.

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

export function formatBytes(bytes: number): string {
  let unit = 0;
  while (bytes >= 999.5 && unit < UNITS.length - 1) {
    bytes /= 1000;
    unit++;
  }
  return `${unit && bytes < 10 ? bytes.toFixed(2) : Math.round(bytes)} ${UNITS[unit]}`;
}

const twoDigits = (n: number) => String(n).padStart(2, '0');

/** A time that is known: 4:07, or 1:04:07. */
export function formatClock(seconds: number): string {
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  return `${hours ? `${hours}:${twoDigits(minutes)}` : minutes}:${twoDigits(Math.floor(seconds % 60))}`;
}

/** A time that is guessed, no more exact than the guess. */
export function formatAbout(seconds: number): string {
  if (seconds < 10) return `about ${Math.max(1, seconds)} s`;
  if (seconds < 60) return `about ${Math.round(seconds / 5) * 5} s`;
  if (seconds < 3600) return `about ${Math.round(seconds / 60)} min`;
  return `about ${Math.round(seconds / 3600)} h`;
}

const DAY_MS = 86_400_000;

/** The heading that a job of this day stands under. */
export function formatDay(epochSeconds: number, now: number): string {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const at = epochSeconds * 1000;
  if (at >= midnight) return 'Today';
  if (at >= midnight - DAY_MS) return 'Yesterday';
  return new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' });
}
