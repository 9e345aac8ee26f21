import type { Gate } from '../records/decision.ts';
import type { LatencyJudgement, Verdict } from '../records/judgement.ts';
import type { OperatingPoint, Sweep } from '../records/sweep.ts';
import {
  countOf,
  formatAtLeast,
  formatAtMost,
  formatCount,
  formatMs,
  formatShare,
  formatShareInterval,
  formatThreshold,
} from '../shared/units.ts';
import { targetsNeeded } from '../stats/certificate.ts';
import { complement } from '../stats/complement.ts';
import { minimumSamples } from '../stats/quantile.ts';
import type { LatencyDemand, RecallDemand } from './demands.ts';
import { beyondOneRun } from './plan.ts';

/** What is missing for a verdict, and the way out. */
export interface Doubt {
  readonly reason: string;
  readonly needs: string;
}

/**
 * Why a gate has nothing to judge. A model that failed to run here, as it is, cannot be deployed:
 * more data would not help it. One that was not measured may yet pass.
 */
export type Obstacle = ({ readonly kind: 'missing' } & Doubt) | { readonly kind: 'failed'; readonly reason: string };

function stoppedBy(gate: Gate['gate'], obstacle: Obstacle): Gate {
  return obstacle.kind === 'failed' ? fail(gate, obstacle.reason, null) : notEnough(gate, obstacle);
}

/** The latency gate: is the share of items within the budget proven, refuted, or neither? */
export function latencyGate(judged: LatencyJudgement | undefined, demand: LatencyDemand, obstacle: Obstacle): Gate {
  if (judged === undefined) {
    return stoppedBy('latency', obstacle);
  }
  const sure = `with ${formatShare(demand.confidence, 0)} confidence`;
  const late = `${formatCount(judged.over_budget)} of ${countOf(judged.n, 'inference')} over ${formatMs(demand.budgetMs)}`;
  const atMost = `${late}: ${sure} at most ${formatAtMost(judged.miss_rate_upper)} are`;
  const demanded = `at least ${formatShare(demand.requiredShare, 1)} within the budget`;
  switch (judged.verdict) {
    case 'PASS':
      return pass('latency', `${atMost}; required: ${demanded}`);
    case 'FAIL':
      return fail(
        'latency',
        `${late}: ${sure} at least ${formatAtLeast(judged.miss_rate_lower)} are; required: ${demanded}`,
        latencyExcess(judged, demand),
      );
    case 'NOT_ENOUGH_DATA': {
      if (judged.doubt === 'load') {
        return notEnough('latency', {
          reason: `${late}, but other processes took much of the machine meanwhile, and the fastest of the inferences were in time: the load may be the cause`,
          needs: 'close what else runs and run `beltbench measure --force-new`',
        });
      }
      const needed = minimumSamples(demand.requiredShare, demand.confidence, judged.over_budget);
      return notEnough('latency', {
        reason: `${atMost}; not proven: ${demanded}`,
        needs: `${countOf(needed - judged.n, 'more sample')} without another late one, planned as one new run of ${countOf(needed, 'iteration')}${beyondOneRun(needed)}`,
      });
    }
  }
}

/** How far the percentile that must meet the budget lies beyond it. */
function latencyExcess(judged: LatencyJudgement, demand: LatencyDemand): number {
  const required = judged.percentiles.find(({ p, state }) => p >= demand.requiredShare && state === 'measured');
  const value = required?.state === 'measured' ? required.value_ms : judged.max_ms;
  return value / demand.budgetMs;
}

/** The recall gate: is there a threshold that holds the certified recall within the limit on false rejects? */
export function recallGate(sweep: Sweep | undefined, demand: RecallDemand, target: string, obstacle: Obstacle): Gate {
  if (sweep === undefined) {
    return stoppedBy('recall', obstacle);
  }
  const { certificate, repeated_targets: repeated } = sweep;
  const once =
    repeated === 0
      ? ''
      : `; ${countOf(repeated, `copy of a ${target} image`, `copies of ${target} images`)} not counted`;
  const limit = formatShare(demand.maxFalseRejectRate, 1);
  const { refuted_at: refutedAt } = certificate;
  if (certificate.state === 'not_enough_data' && refutedAt !== null) {
    return fail(
      'recall',
      `${countOf(certificate.targets, `${target} image`)} certify no threshold, and ${evenAt(refutedAt, demand, target)} ${rejectsAt(refutedAt)}, limit ${limit}${once}`,
      rejectExcess(refutedAt, demand),
    );
  }
  if (certificate.state === 'not_enough_data') {
    return notEnough('recall', {
      reason: `${countOf(certificate.targets, `${target} image`)} cannot prove ${target} recall ${formatShare(demand.targetRecall, 1)} at ${formatShare(demand.confidence, 0)} confidence, not even without a miss${once}`,
      needs: `${countOf(certificate.more, `more ${target} image`)} (${formatCount(certificate.needed)} in all, with no miss)`,
    });
  }
  const { point } = certificate;
  const certified = `at threshold ${thresholdText(point)} ${outOf(point.misses, point.targets)} missed (${formatCount(certificate.allowed_misses)} allowed), certified recall ${formatAtLeast(point.recall_lower_bound)}${once}`;
  const rejects = rejectsAt(point);
  const review = reviewInstead(sweep, target);
  switch (certificate.false_rejects) {
    case 'PASS':
      return pass('recall', `${certified}; ${rejects}, limit ${limit}`);
    case 'FAIL':
      return fail(
        'recall',
        `${certified}, but ${rejects}, limit ${limit}${refutedAt === null ? '' : `; ${evenAt(refutedAt, demand, target)} ${rejectsAt(refutedAt)}`}${review}`,
        rejectExcess(refutedAt ?? point, demand),
      );
    case 'NOT_ENOUGH_DATA':
      return notEnough('recall', {
        reason: `${certified}; ${rejects}: ${overLimit(point, demand) ? `beyond the limit of ${limit} there, but a higher threshold, which rejects less, may yet be certified` : `not proven to stay within the limit of ${limit}`}${review}`,
        needs: needForRecall(point, certificate.allowed_misses, demand, target),
      });
  }
}

function rejectsAt(point: OperatingPoint): string {
  const interval = point.false_reject_interval;
  return `false rejects ${outOf(point.false_rejects, point.others)}${interval === null ? '' : ` = ${formatShare(point.false_reject_rate, 1)} (95 %: ${formatShareInterval(interval)})`}`;
}

/** The point that refutes all thresholds: those above it are refuted by recall, those below reject more. */
function evenAt(point: OperatingPoint, { targetRecall }: RecallDemand, target: string): string {
  return `even at threshold ${thresholdText(point)}, the highest at which ${target} recall ${formatShare(targetRecall, 1)} is not refuted (${outOf(point.misses, point.targets)} missed),`;
}

function thresholdText({ threshold }: OperatingPoint): string {
  return threshold === null ? '+infinity' : formatThreshold(threshold, 'down');
}

function rejectExcess({ false_reject_rate: rate }: OperatingPoint, demand: RecallDemand): number {
  return (rate ?? 1) / demand.maxFalseRejectRate;
}

/** A review is no reject, so two thresholds may keep what one cannot: at a price that somebody must want to pay. */
function reviewInstead(
  { review_band: band, targets, repeated_targets: repeated, others }: Sweep,
  target: string,
): string {
  if (band === null || band.maybe_from === null || band.maybe_from === band.target_from) {
    return '';
  }
  const from = formatThreshold(band.maybe_from, 'down');
  const to = band.target_from === null ? 'no score at all' : formatThreshold(band.target_from, 'up');
  const interval = band.reviewed_interval === null ? '' : ` (95 %: ${formatShareInterval(band.reviewed_interval)})`;
  const all = targets - repeated + others;
  return `; with review from ${from} and ${target} from ${to} both limits would hold, but ${outOf(band.reviewed, all)} images = ${formatShare(band.reviewed / all, 1)}${interval} would go to review: this gate counts one threshold alone`;
}

function outOf(part: number, whole: number): string {
  return `${formatCount(part)} of ${formatCount(whole)}`;
}

function overLimit(point: { false_reject_rate: number | null }, { maxFalseRejectRate }: RecallDemand): boolean {
  return point.false_reject_rate !== null && point.false_reject_rate > maxFalseRejectRate;
}

/**
 * More targets certify a higher threshold, which rejects less. More others narrow the rate itself,
 * where it is within the limit already.
 */
function needForRecall(
  { targets, others, false_rejects: falseRejects }: { targets: number; others: number; false_rejects: number },
  allowed: number,
  { targetRecall, confidence, maxFalseRejectRate }: RecallDemand,
  target: string,
): string {
  const next = targetsNeeded({ recallFloor: targetRecall, confidence }, allowed + 1) - targets;
  const wider = `at least ${countOf(next, `more ${target} image`)}, to allow ${countOf(allowed + 1, 'miss', 'misses')} and so a higher threshold`;
  if (falseRejects > maxFalseRejectRate * others) {
    return wider;
  }
  const more = minimumSamples(complement(maxFalseRejectRate), confidence, falseRejects) - others;
  return `${countOf(more, 'more other image')} without another false reject, or ${wider}`;
}

/** The worst of several verdicts: a FAIL is final, a doubt outweighs a pass. */
export function combine(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('FAIL')) {
    return 'FAIL';
  }
  return verdicts.includes('NOT_ENOUGH_DATA') ? 'NOT_ENOUGH_DATA' : 'PASS';
}

export function pass(gate: Gate['gate'], reason: string): Gate {
  return { gate, verdict: 'PASS', reason, needs: null, excess: null };
}

export function fail(gate: Gate['gate'], reason: string, excess: number | null): Gate {
  return { gate, verdict: 'FAIL', reason, needs: null, excess };
}

export function notEnough(gate: Gate['gate'], { reason, needs }: Doubt): Gate {
  return { gate, verdict: 'NOT_ENOUGH_DATA', reason, needs, excess: null };
}
