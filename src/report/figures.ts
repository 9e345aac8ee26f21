import type { CandidateDecision, Decision, Gate } from '../records/decision.ts';
import type { LatencyJudgement, Proportion } from '../records/judgement.ts';
import type { OperatingPoint, Sweep } from '../records/sweep.ts';
import {
  formatAtLeast,
  formatCount,
  formatMs,
  formatMsInterval,
  formatMsNumber,
  formatShare,
  formatShareInterval,
  NOT_MEASURED,
} from '../shared/units.ts';

/*
 * The texts of figures that several sections show. What is absent says so.
 */

/** The candidate that the decision names, selected or provisional. */
export function selectedOf({ candidates, selected }: Decision): CandidateDecision | undefined {
  return candidates.find(({ id }) => id === selected);
}

export function gateOf(candidate: CandidateDecision, name: Gate['gate']): Gate | undefined {
  return candidate.gates.find(({ gate }) => gate === name);
}

/** "94.05 % (92.6-95.2 %)". */
export function rateWithInterval(
  value: number | null | undefined,
  interval: readonly [number, number] | null | undefined,
): string {
  const rate = formatShare(value);
  return interval === null || interval === undefined ? rate : `${rate} (${formatShareInterval(interval)})`;
}

export function proportionText(proportion: Proportion | undefined): string {
  return rateWithInterval(proportion?.value, proportion?.interval);
}

/** "29 of 660". */
export function outOf(part: number, whole: number): string {
  return `${formatCount(part)} of ${formatCount(whole)}`;
}

/** "16.28 ms (16.12-16.50)": the mean, and the lowest and highest mean of a round. */
export function meanText(latency: LatencyJudgement | null): string {
  if (latency === null) {
    return NOT_MEASURED;
  }
  const { mean_ms: mean, rounds_spread_ms: spread } = latency;
  return `${formatMs(mean)} (${spread === null ? 'one round' : formatMsInterval(spread)})`;
}

/** "18.20 ms (18.31)": a percentile, and what it does not exceed. */
export function boundedPercentile(latency: LatencyJudgement, p: number): string {
  const percentile = latency.percentiles.find((entry) => entry.p === p);
  return percentile?.state === 'measured'
    ? `${formatMs(percentile.value_ms)} (${formatMsNumber(percentile.upper_bound_ms)})`
    : percentileText(latency, p);
}

/** The same in a sentence: "18.20 ms (at most 18.31)". */
export function percentileAtMost(latency: LatencyJudgement, p: number): string {
  const percentile = latency.percentiles.find((entry) => entry.p === p);
  return percentile?.state === 'measured'
    ? `${formatMs(percentile.value_ms)} (at most ${formatMsNumber(percentile.upper_bound_ms)})`
    : percentileText(latency, p);
}

/** "18.20 ms", or how many samples it takes. */
export function percentileText(latency: LatencyJudgement | null, p: number): string {
  const percentile = latency?.percentiles.find((entry) => entry.p === p);
  if (percentile === undefined) {
    return NOT_MEASURED;
  }
  return percentile.state === 'measured' ? formatMs(percentile.value_ms) : notEnoughSamples(percentile.needs);
}

/** 0.999 -> "p99.9". */
export function percentileName(p: number): string {
  return `p${plainPercent(p)}`;
}

function notEnoughSamples(needs: number): string {
  return `not enough samples (needs ${formatCount(needs)})`;
}

/** The operating point whose recall is certified, if there is one. */
export function certifiedPoint({ sweep }: CandidateDecision): OperatingPoint | undefined {
  return sweep?.certificate.state === 'certified' ? sweep.certificate.point : undefined;
}

/** "99.12 %", or what is missing for it. */
export function certifiedRecall({ sweep }: CandidateDecision): string {
  if (sweep === null) {
    return NOT_MEASURED;
  }
  return sweep.certificate.state === 'certified'
    ? `at least ${formatAtLeast(sweep.certificate.point.recall_lower_bound)}`
    : `not enough images (needs ${formatCount(sweep.certificate.needed)})`;
}

/** "29 of 660 = 4.4 % (3.0-6.2 %)". */
export function countedRate(part: number, whole: number, interval: readonly [number, number] | null): string {
  const rate = whole === 0 ? '' : ` = ${formatShare(part / whole, 1)}`;
  return `${outOf(part, whole)}${rate}${interval === null ? '' : ` (${formatShareInterval(interval)})`}`;
}

/** The same of an operating point's false rejects. */
export function falseRejects(point: OperatingPoint | undefined): string {
  return point === undefined
    ? NOT_MEASURED
    : countedRate(point.false_rejects, point.others, point.false_reject_interval);
}

/** The targets that a certificate and a review band rest on: copies of one image count once. */
export function certifyingTargets({ targets, repeated_targets: repeated }: Sweep): number {
  return targets - repeated;
}

/** Keys of the study, by how they begin, that it leaves to their defaults. */
export function unstatedUnder({ unstated }: Decision['line'], ...beginnings: readonly string[]): string[] {
  return unstated.filter((key) => beginnings.some((beginning) => key.startsWith(beginning)));
}

/** The gates that keep a candidate from passing, if any: "recall, comparability". */
export function decidingGates({ verdict, gates }: CandidateDecision): string | undefined {
  const deciding = gates.filter((gate) => gate.verdict === verdict).map(({ gate }) => gate);
  return verdict === 'PASS' ? undefined : deciding.join(', ');
}

export function sizeText(size: { readonly height: number; readonly width: number } | null): string {
  return size === null ? 'unknown' : `${size.height}x${size.width}`;
}

/** A share as the study states it, with no more digits than it has: 0.99 -> "99 %", 0.975 -> "97.5 %". */
export function statedShare(share: number): string {
  return `${plainPercent(share)} %`;
}

/** Ends a sentence that another room began. */
export function sentence(text: string): string {
  return /[.!?]\s*$/.test(text) ? text : `${text}.`;
}

function plainPercent(share: number): string {
  return String(Number((share * 100).toPrecision(12)));
}
