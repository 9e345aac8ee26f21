import type { Flip, ProbabilityChange } from '../../records/comparison.ts';
import { compareText } from '../order.ts';
import type { ClassRoles } from '../scores.ts';
import type { PairedAnswer } from './answers.ts';

/** From the gravest on: what the variant lets pass that the reference stopped comes first. */
const KINDS = ['new_miss', 'target_cleared', 'to_review', 'to_target', 'other'] as const satisfies Flip['kind'][];

/** The images whose class changed, the gravest first, of equal ones those whose probability moved furthest. */
export function listFlips(answers: readonly PairedAnswer[], roles: ClassRoles): Flip[] {
  return answers
    .filter(({ reference, variant }) => reference.answer !== variant.answer)
    .map((pair): Flip => ({
      id: pair.id,
      label: pair.label,
      reference_answer: pair.reference.answer,
      variant_answer: pair.variant.answer,
      reference_probability: pair.reference.probabilities.get(roles.target) ?? 0,
      variant_probability: pair.variant.probabilities.get(roles.target) ?? 0,
      kind: kindOf(pair, roles),
    }))
    .toSorted(
      (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || movedBy(b) - movedBy(a) || compareText(a.id, b.id),
    );
}

function kindOf({ label, reference, variant }: PairedAnswer, { target, maybe }: ClassRoles): Flip['kind'] {
  if (variant.answer === target) {
    return 'to_target';
  }
  if (maybe !== undefined && variant.answer === maybe) {
    return 'to_review';
  }
  const wasStopped = reference.answer === target || (maybe !== undefined && reference.answer === maybe);
  if (!wasStopped) {
    return 'other';
  }
  return label === target ? 'new_miss' : 'target_cleared';
}

function movedBy({ reference_probability: before, variant_probability: after }: Flip): number {
  return Math.abs(after - before);
}

/** How far the probabilities moved from the reference to the variant. */
export function probabilityChange(answers: readonly PairedAnswer[]): ProbabilityChange | null {
  let [sum, max, maxId] = [0, -1, ''];
  for (const { id, reference, variant } of answers) {
    const moved = Math.max(
      ...[...reference.probabilities].map(([name, before]) =>
        Math.abs((variant.probabilities.get(name) ?? 0) - before),
      ),
    );
    sum += moved;
    if (moved > max) {
      [max, maxId] = [moved, id];
    }
  }
  return answers.length === 0 ? null : { n: answers.length, mean: sum / answers.length, max, max_id: maxId };
}
