// Numbers for people.

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

export function formatBytes(bytes: number): string {
  let unit = 0;
  while (bytes >= 999.5 && unit < UNITS.length - 1) {
    bytes /= 1000;
    unit++;
  }
  return `${unit && bytes < 9.995 ? bytes.toFixed(2) : Math.round(bytes)} ${UNITS[unit]}`;
}

const twoDigits = (n: number) => String(n).padStart(2, '0');

/** A time that is known: 4:07, or 1:04:07. */
export function formatClock(seconds: number): string {
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  return `${hours ? `${hours}:${twoDigits(minutes)}` : minutes}:${twoDigits(Math.floor(seconds % 60))}`;
}

/** The same with its unit: 7 s, 4:07 min, 1:04:07 h. */
export function formatPause(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${formatClock(seconds)} ${seconds < 3600 ? 'min' : 'h'}`;
}

/** A time that is guessed, no more exact than the guess. */
export function formatAbout(seconds: number): string {
  if (seconds < 10) return `about ${Math.max(1, seconds)} s`;
  if (seconds < 60) return `about ${Math.round(seconds / 5) * 5} s`;
  if (seconds < 3600) return `about ${Math.round(seconds / 60)} min`;
  return `about ${Math.round(seconds / 3600)} h`;
}

/** The heading that a job of this day stands under. */
export function formatDay(epochSeconds: number, now: number): string {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const at = epochSeconds * 1000;
  if (at >= midnight) return 'Today';
  if (at >= new Date(midnight).setHours(-24)) return 'Yesterday'; // the day may have had 23 hours, or 25
  return new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' });
}
