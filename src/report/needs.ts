import type { CandidateDecision } from '../records/decision.ts';
import { groupTexts, type SharedText } from './groupTexts.ts';

/** What would settle the undecided among these: every need once, `kind` its gate, in the order of the gates. */
export function sharedNeeds(candidates: readonly CandidateDecision[]): SharedText[] {
  const undecided = candidates.filter(({ verdict }) => verdict === 'NOT_ENOUGH_DATA');
  return groupTexts(
    (['latency', 'recall', 'comparability'] as const).flatMap((name) =>
      undecided.flatMap(({ id, gates }) =>
        gates.flatMap(({ gate, needs }) =>
          gate === name && needs !== null ? [{ kind: gate, text: needs, candidate: id }] : [],
        ),
      ),
    ),
  );
}
