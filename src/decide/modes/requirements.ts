import type { CandidateDecision, Decision } from '../../records/decision.ts';
import type { Suitability } from '../../records/plan.ts';
import type { Sweep } from '../../records/sweep.ts';
import { countOf, formatAtLeast, formatCount, formatShare, formatThreshold } from '../../shared/units.ts';

type Requirements = Suitability['requirements'];

/**
 * What a mode demands of a deployment, and whether it is proven: the budget, the recall floor, and
 * the limit on false rejects, of which each is the mode's or else the study's.
 *
 * @param line of the decision that was made with the mode's own demands
 */
export function requirementsOf(candidate: CandidateDecision, line: Decision['line']): Requirements {
  const gate = (name: string) => candidate.gates.find((entry) => entry.gate === name);
  const unjudged = { verdict: 'NOT_ENOUGH_DATA', reason: 'not judged' } as const;
  const latency = gate('latency') ?? unjudged;
  const recall = gate('recall') ?? unjudged;
  const { verdict, reason } = recall;
  const rejects = candidate.sweep?.certificate;
  return [
    { requirement: 'budget', verdict: latency.verdict, reason: latency.reason },
    { requirement: 'recall', ...(recallOf(candidate.sweep, line) ?? { verdict, reason }) },
    {
      requirement: 'false_rejects',
      verdict: rejects?.state === 'certified' ? rejects.false_rejects : verdict,
      reason,
    },
  ];
}

/** The recall alone: whether false rejects stay within a limit is another requirement. */
function recallOf(
  sweep: Sweep | null,
  { target_recall: floor, recall_confidence: confidence, target_class: target }: Decision['line'],
): Pick<Requirements[number], 'verdict' | 'reason'> | undefined {
  if (sweep === null) {
    return undefined;
  }
  const demanded = `the floor is ${formatShare(floor, 1)} at ${formatShare(confidence, 0)} confidence`;
  const { certificate } = sweep;
  if (certificate.state === 'not_enough_data') {
    const { targets, needed, more } = certificate;
    return {
      verdict: 'NOT_ENOUGH_DATA',
      reason: `${countOf(targets, `${target} image`)} cannot prove it, not even without a miss; ${formatCount(more)} more (${formatCount(needed)} in all) could; ${demanded}`,
    };
  }
  const { threshold, misses, targets, recall_lower_bound: proven } = certificate.point;
  const from = threshold === null ? '+infinity' : formatThreshold(threshold, 'down');
  return {
    verdict: 'PASS',
    reason: `from score ${from} on ${formatCount(misses)} of ${formatCount(targets)} missed, certified recall ${formatAtLeast(proven)}; ${demanded}`,
  };
}

/** Where to cut the scores; `null` without a certificate. */
export function thresholdsOf(sweep: Sweep | null): Suitability['thresholds'] {
  if (sweep?.certificate.state !== 'certified') {
    return null;
  }
  const { point } = sweep.certificate;
  return {
    target_from: point.threshold,
    certified_recall: point.recall_lower_bound,
    targets: point.targets,
    misses: point.misses,
    review_band:
      sweep.review_band === null
        ? null
        : {
            maybe_from: sweep.review_band.maybe_from,
            target_from: sweep.review_band.target_from,
            reviewed: sweep.review_band.reviewed,
          },
  };
}
