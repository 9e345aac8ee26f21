import type { CandidateDecision, Decision } from '../records/decision.ts';

/** Per gate that fails somewhere, the candidate that is nearest to passing it; of equally near ones the study's first. */
export function nearestMisses(candidates: readonly CandidateDecision[]): Decision['nearest_misses'] {
  return (['latency', 'recall', 'comparability'] as const).flatMap((name) => {
    const failing = candidates.flatMap(({ id, gates }) =>
      gates.flatMap(({ gate, verdict, reason, excess }) =>
        gate === name && verdict === 'FAIL' ? [{ gate, candidate: id, reason, excess: excess ?? Infinity }] : [],
      ),
    );
    const least = Math.min(...failing.map(({ excess }) => excess));
    const nearest = failing.find(({ excess }) => excess === least);
    return nearest === undefined ? [] : [{ gate: name, candidate: nearest.candidate, reason: nearest.reason }];
  });
}
