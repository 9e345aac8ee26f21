import type { Gate } from '../records/decision.ts';
import type { LatencyJudgement, Verdict } from '../records/judgement.ts';
import type { Sweep } from '../records/sweep.ts';
import { countOf, formatMs, formatShare, formatShareInterval } from '../shared/units.ts';
import { minimumSamples } from '../stats/quantile.ts';
import { targetsNeeded } from '../stats/certificate.ts';
import type { LatencyDemand } from './latency.ts';
import type { RecallDemand } from './sweep.ts';

/** The latency gate: is the share of items within the budget proven, refuted, or neither? */
export function latencyGate(
  judged: LatencyJudgement | undefined,
  demand: LatencyDemand,
  failure: string | undefined,
): Gate {
  const demanded = `at least ${formatShare(demand.requiredShare, 1)} within ${formatMs(demand.budgetMs)} at ${formatShare(demand.confidence, 0)} confidence`;
  if (judged === undefined) {
    return notEnough(
      'latency',
      failure === undefined ? 'not measured' : `the measurement failed: ${failure}`,
      failure === undefined ? 'run `beltbench measure`' : 'mend the model or its card and run `beltbench measure`',
    );
  }
  const late = `${judged.over_budget} of ${countOf(judged.n, 'inference')} over ${formatMs(demand.budgetMs)}`;
  const bound = `${late}: with ${formatShare(demand.confidence, 0)} confidence at most ${formatShare(judged.miss_rate_upper)} are`;
  switch (judged.verdict) {
    case 'PASS':
      return { gate: 'latency', verdict: 'PASS', reason: `${bound}; required: ${demanded}`, needs: null, excess: null };
    case 'FAIL':
      return {
        gate: 'latency',
        verdict: 'FAIL',
        reason: `${late}: with ${formatShare(demand.confidence, 0)} confidence at least ${formatShare(judged.miss_rate_lower)} are; required: ${demanded}`,
        needs: null,
        excess: latencyExcess(judged, demand),
      };
    case 'NOT_ENOUGH_DATA': {
      const needed = minimumSamples(demand.requiredShare, demand.confidence, judged.over_budget);
      return notEnough(
        'latency',
        `${bound}; not proven: ${demanded}`,
        `${countOf(judged.more_samples ?? 0, 'more sample')} without another late one, planned as one new run of ${needed} iterations`,
      );
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
export function recallGate(
  sweep: Sweep | undefined,
  demand: RecallDemand,
  target: string,
  failure: string | undefined,
): Gate {
  const floor = `${target} recall ${formatShare(demand.targetRecall, 1)} at ${formatShare(demand.confidence, 0)} confidence`;
  if (sweep === undefined) {
    return notEnough(
      'recall',
      failure === undefined ? 'not evaluated' : `the evaluation failed: ${failure}`,
      failure === undefined ? 'run `beltbench evaluate`' : 'mend the model or its card and run `beltbench evaluate`',
    );
  }
  const { certificate } = sweep;
  if (certificate.state === 'not_enough_data') {
    return notEnough(
      'recall',
      `${countOf(certificate.targets, `${target} image`)} cannot prove ${floor}, not even without a miss`,
      `${certificate.more} more ${target} images (${certificate.needed} in all, with no miss)`,
    );
  }
  const { point } = certificate;
  const limit = formatShare(demand.maxFalseRejectRate, 1);
  const at = `at threshold ${formatThreshold(point.threshold)} ${point.misses} of ${point.targets} missed (${certificate.allowed_misses} allowed), certified recall ${formatShare(point.recall_lower_bound)}`;
  const rejects = `false rejects ${point.false_rejects} of ${point.others} = ${formatShare(point.false_reject_rate, 1)}${point.false_reject_interval === null ? '' : ` (95 %: ${formatShareInterval(point.false_reject_interval)})`}`;
  switch (certificate.false_rejects) {
    case 'PASS':
      return {
        gate: 'recall',
        verdict: 'PASS',
        reason: `${at}; ${rejects}, limit ${limit}`,
        needs: null,
        excess: null,
      };
    case 'FAIL':
      return {
        gate: 'recall',
        verdict: 'FAIL',
        reason: `${at}, but ${rejects}, limit ${limit}; no threshold that the data allow stays within it`,
        needs: null,
        excess: demand.maxFalseRejectRate === 0 ? null : (point.false_reject_rate ?? 0) / demand.maxFalseRejectRate,
      };
    case 'NOT_ENOUGH_DATA':
      return notEnough(
        'recall',
        `${at}; ${rejects}: neither within nor beyond the limit of ${limit} for certain`,
        needForRecall(sweep, demand, target),
      );
  }
}

/** More targets certify a higher threshold, which rejects less; more others narrow the rate itself. */
function needForRecall(sweep: Sweep, demand: RecallDemand, target: string): string {
  const allowed = sweep.certificate.state === 'certified' ? sweep.certificate.allowed_misses : 0;
  const next = targetsNeeded({ recallFloor: demand.targetRecall, confidence: demand.confidence }, allowed + 1);
  const others = minimumSamples(
    1 - demand.maxFalseRejectRate,
    demand.confidence,
    Math.floor(demand.maxFalseRejectRate * sweep.others),
  );
  const wider = `${next - sweep.targets} more ${target} images would allow ${countOf(allowed + 1, 'miss', 'misses')}`;
  return others > sweep.others
    ? `${wider}; some ${others - sweep.others} more other images would narrow the rate`
    : wider;
}

/** The worst of several verdicts: a FAIL is final, a doubt outweighs a pass. */
export function combine(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('FAIL')) {
    return 'FAIL';
  }
  return verdicts.includes('NOT_ENOUGH_DATA') ? 'NOT_ENOUGH_DATA' : 'PASS';
}

export function notEnough(gate: Gate['gate'], reason: string, needs: string): Gate {
  return { gate, verdict: 'NOT_ENOUGH_DATA', reason, needs, excess: null };
}

function formatThreshold(threshold: number | null): string {
  return threshold === null ? '+infinity' : threshold.toPrecision(6);
}
