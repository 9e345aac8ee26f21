import { valueAt } from '../config/valueAt.ts';
import { formatShare } from '../shared/units.ts';
import type { DecisionInput } from './inputs.ts';

/** What the decision takes for granted because nobody has confirmed it or nothing measured it. */
export function listAssumptions({ study, candidates, unstated }: DecisionInput): string[] {
  const { thresholds, dataset } = study;
  const assumptions = [
    'Images and inferences are independent of each other, and the line will see what the images show, in the same light.',
    'The validation images were not used to train, stop or choose any of the models; where they were, recall and accuracy are too high.',
    'Inferences were timed back to back in one process per model; a belt that pauses, heat after many minutes, and a restart may change them.',
  ];
  if (thresholds.confirmed_by === undefined || thresholds.confirmed_by === null) {
    assumptions.push(
      `At most ${formatShare(thresholds.max_false_reject_rate, 1)} of the others may be rejected: \`thresholds.max_false_reject_rate\` is nobody's word yet; write who confirmed it into \`thresholds.confirmed_by\`.`,
    );
  }
  if (unstated.length > 0) {
    const values = unstated.map((key) => `\`${key}: ${String(valueAt(study, key.split('.')))}\``);
    assumptions.push(
      `The study leaves to the defaults, which are nobody's word yet: ${values.join(', ')}; state what holds on this line.`,
    );
  }
  const open = candidates.filter(({ openQuestions }) => openQuestions.length > 0).map(({ id }) => id);
  if (open.length > 0) {
    const cards = open.length === candidates.length && open.length > 1 ? 'all candidates' : open.join(', ');
    assumptions.push(
      `The model cards of ${cards} leave questions open; the usual answers were assumed, as the models' contracts show.`,
    );
  }
  assumptions.push(`An image sent to review is seen by a worker who recognises every ${dataset.target_class}.`);
  return assumptions;
}
