import type { CandidateDecision, Decision, Gate } from '../records/decision.ts';
import type { LatencyJudgement, Proportion } from '../records/judgement.ts';
import type { OperatingPoint } from '../records/sweep.ts';
import {
  formatAtLeast,
  formatCount,
  formatMs,
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

export function notEnoughSamples(needs: number): string {
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

/** "29 of 660 = 4.39 % (3.0-6.2 %)". */
export function falseRejects(point: OperatingPoint | undefined): string {
  if (point === undefined) {
    return NOT_MEASURED;
  }
  const rate = rateWithInterval(point.false_reject_rate, point.false_reject_interval);
  return `${outOf(point.false_rejects, point.others)} = ${rate}`;
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
