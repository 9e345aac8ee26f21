import type { CandidateDecision, Decision, Gate } from '../records/decision.ts';

/** What could not be run has no figures, and is near to nothing. */
const HAS_FIGURES: Readonly<Record<Gate['gate'], (candidate: CandidateDecision) => boolean>> = {
  latency: ({ latency }) => latency !== null,
  recall: ({ sweep }) => sweep !== null,
  comparability: () => true,
};

/** Per gate that fails somewhere, the candidate that is nearest to passing it; of equally near ones the study's first. */
export function nearestMisses(candidates: readonly CandidateDecision[]): Decision['nearest_misses'] {
  return (['latency', 'recall', 'comparability'] as const).flatMap((name) => {
    const failing = candidates
      .filter(HAS_FIGURES[name])
      .flatMap(({ id, gates }) =>
        gates.flatMap(({ gate, verdict, reason, excess }) =>
          gate === name && verdict === 'FAIL' ? [{ gate, candidate: id, reason, excess: excess ?? Infinity }] : [],
        ),
      );
    const least = Math.min(...failing.map(({ excess }) => excess));
    const nearest = failing.find(({ excess }) => excess === least);
    return nearest === undefined ? [] : [{ gate: name, candidate: nearest.candidate, reason: nearest.reason }];
  });
}
