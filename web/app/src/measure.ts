// What a job's pictures tell only together: how fast it runs, when it will be done, and when one that waits will
// start. Smoothed, because each single measurement jumps.
import { useEffect, useReducer, useState } from 'react';
import type { Job } from '@longhaul/client';

export interface Measures {
  /** Of the picture that was the last to count; 0: none. */
  readonly version: number;
  readonly bytes: number;
  /** In the queue; null: not in it, or not known. */
  readonly place: number | null;
  /** When bytes or place were as they are for the first time; of a place: as far as was seen. */
  readonly atMs: number;
  /** null until two pictures of a running job have been seen. */
  readonly bytesPerSecond: number | null;
  /** Whether the place was seen falling, and `atMs` is when. */
  readonly fell: boolean;
  /** How long it takes the place to fall by one; null until that was seen. */
  readonly placeMs: number | null;
  /** When the job will be done, or start, as it is to be shown; null where nobody knows. In ms, by the server's clock. */
  readonly endMs: number | null;
}

export const NONE: Measures = {
  version: 0, bytes: 0, place: null, atMs: 0, bytesPerSecond: null, fell: false, placeMs: null, endMs: null,
};

/** How much of a new measurement counts. */
const SMOOTHING = 0.3;
/** Estimates and their times are whole seconds: two that are as near say the same. */
const SAME_MS = 1500;
/** A change of more than this share of what was left is no noise: it counts at once. */
const JUMP = 0.5;
/** How old a place may be: a page asks for ten of them every 10 s, and few have more than thirty. */
const LOOK_MS = 30_000;
/** A place that stays for so many times as long as usual says nothing of when it will fall. */
const STALLED = 4;
const TICK_MS = 1000;

const toward = (from: number, to: number, share = SMOOTHING) => from + share * (to - from);

function speedOf(before: Measures, bytes: number, nowMs: number): number | null {
  if (!before.atMs || bytes <= before.bytes || nowMs <= before.atMs) return before.bytesPerSecond;
  const measured = (bytes - before.bytes) / ((nowMs - before.atMs) / 1000);
  return before.bytesPerSecond === null ? measured : toward(before.bytesPerSecond, measured);
}

function endOf({ endMs }: Measures, estimateMs: number, nowMs: number): number {
  if (endMs === null || endMs <= nowMs) return estimateMs;
  const change = Math.abs(estimateMs - endMs);
  if (change <= SAME_MS) return endMs;
  return change > JUMP * (endMs - nowMs) ? estimateMs : toward(endMs, estimateMs);
}

const placeOf = (job: Job) => (job.status === 'queued' && job.queuePosition) || null;

// One place is as good as any other: a fall by several is as many measurements.
function placeMsOf({ placeMs, atMs }: Measures, fallen: number, nowMs: number): number {
  const measured = (nowMs - atMs) / fallen;
  return placeMs === null ? measured : toward(placeMs, measured, 1 - (1 - SMOOTHING) ** fallen);
}

// A place that grew begins anew: how often others go in front nobody knows. And the first start that is seen tells
// when it was, but not how long after the one before it.
function waiting(before: Measures, job: Job, nowMs: number): Measures {
  const { version } = job;
  const place = placeOf(job);
  if (place === null) return { ...NONE, version };
  if (before.place === null || before.place < place || nowMs < before.atMs) return { ...NONE, version, place, atMs: nowMs };
  if (before.place === place) return { ...before, version };
  const fallen = before.place - place;
  if (!before.fell && fallen === 1) return { ...NONE, version, place, atMs: nowMs, fell: true };
  const placeMs = placeMsOf(before, fallen, nowMs);
  const endMs = endOf(before, nowMs + place * placeMs, nowMs);
  return { ...NONE, version, place, atMs: nowMs, fell: true, placeMs, endMs };
}

/** What is known with one more picture. */
export function measure(before: Measures, job: Job, nowMs: number): Measures {
  const { version, bytesDone: bytes } = job;
  if (job.status === 'queued') return waiting(before, job, nowMs);
  if (job.status !== 'running') return { ...NONE, version };
  const estimateMs = job.etaSeconds === null ? null : (job.updatedAt + job.etaSeconds) * 1000;
  const past = before.place === null ? before : NONE; // its start was another matter than its end
  const atMs = past.atMs && bytes === past.bytes ? past.atMs : nowMs; // nothing came since: that counts when something does
  return {
    ...NONE, version, bytes, atMs, bytesPerSecond: speedOf(past, bytes, nowMs),
    endMs: estimateMs === null ? null : endOf(past, estimateMs, nowMs),
  };
}

// Until a waiting job starts. A place that was seen some time ago may have fallen meanwhile, but by no more than fits
// in that time; once the time is over, or nothing moves any more, nobody knows.
function leftOf({ place, placeMs, atMs, endMs }: Measures, nowMs: number): number | null {
  if (endMs === null) return null;
  if (place === null || placeMs === null) return Math.max(0, endMs - nowMs);
  if (nowMs - atMs > STALLED * placeMs + LOOK_MS) return null;
  const leftMs = Math.max(endMs - nowMs, (place - 1) * placeMs - LOOK_MS);
  return leftMs > 0 ? leftMs : null;
}

/** Until a running job is done, or a queued one starts, in whole seconds; null where nobody knows. */
export function secondsToEnd(measures: Measures, nowMs: number): number | null {
  const leftMs = leftOf(measures, nowMs);
  return leftMs === null ? null : Math.ceil(leftMs / 1000);
}

// For a time that counts down without news. (That of a running job is ticked by its hook.)
function useTick(on: boolean): void {
  const [, tick] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (!on) return undefined;
    const timer = setInterval(tick, TICK_MS);
    return () => clearInterval(timer);
  }, [on]);
}

/**
 * @param nowMs the server's time. Counted while rendering, not in an effect: when many pictures come at once, each
 * effect that changes a state would be one more rendering, and React gives up after fifty in a row.
 */
export function useMeasures(job: Job | undefined, nowMs: number): Measures {
  const [measures, setMeasures] = useState(NONE);
  useTick(measures.place !== null && measures.endMs !== null);
  if (!job || (measures.version === job.version && measures.place === placeOf(job))) return measures;
  const next = measure(measures, job, nowMs);
  setMeasures(next);
  return next;
}
