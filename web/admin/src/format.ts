/** Numbers and times as people read them. */
const whole = new Intl.NumberFormat('en');
export const count = (n: number) => whole.format(n);

export function duration(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}

export const percent = (share: number | null) => (share === null ? '–' : `${(share * 100).toFixed(1)} %`);

const clock = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });
export const time = (epochS: number) => clock.format(epochS * 1000);
