// What a running job's pictures tell only together: its speed, and when it will be done. Smoothed, because
// each single measurement jumps.
import { useState } from 'react';
import type { Job } from '@longhaul/client';

export interface Measures {
  /** Of the picture that was the last to count; 0: none. */
  readonly version: number;
  readonly bytes: number;
  readonly atMs: number;
  /** null until two pictures of a running job have been seen. */
  readonly bytesPerSecond: number | null;
  /** When the job will be done, as it is to be shown; null where nobody knows. In ms, by the server's clock. */
  readonly endMs: number | null;
}

const NONE: Measures = { version: 0, bytes: 0, atMs: 0, bytesPerSecond: null, endMs: null };

/** How much of a new measurement counts. */
const SMOOTHING = 0.3;
/** Estimates and their times are whole seconds: two that are as near say the same. */
const SAME_MS = 1500;
/** A change of more than this share of what was left is no noise: it counts at once. */
const JUMP = 0.5;

const toward = (from: number, to: number) => from + SMOOTHING * (to - from);

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

/** What is known with one more picture. */
export function measure(before: Measures, job: Job, nowMs: number): Measures {
  const { version, bytesDone: bytes } = job;
  if (job.status !== 'running') return { ...NONE, version };
  const estimateMs = job.etaSeconds === null ? null : (job.updatedAt + job.etaSeconds) * 1000;
  return {
    version, bytes, atMs: nowMs, bytesPerSecond: speedOf(before, bytes, nowMs),
    endMs: estimateMs === null ? null : endOf(before, estimateMs, nowMs),
  };
}

/**
 * @param nowMs the server's time. Counted while rendering, not in an effect: when many pictures come at once, each
 * effect that changes a state would be one more rendering, and React gives up after fifty in a row.
 */
export function useMeasures(job: Job | undefined, nowMs: number): Measures {
  const [measures, setMeasures] = useState(NONE);
  if (!job || measures.version === job.version) return measures;
  const next = measure(measures, job, nowMs);
  setMeasures(next);
  return next;
}
