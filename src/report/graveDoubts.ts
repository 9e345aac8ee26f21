import type { CandidateDecision, Decision } from '../records/decision.ts';
import { code, type Inline } from './mdast.ts';
import { whomInShort } from './whom.ts';

/** A mean that describes no steady state must not stand in the first lines without saying so. */
export function unsteady(selected: CandidateDecision | undefined): Inline[] {
  if (selected === undefined) {
    return [];
  }
  const state = selected.latency?.steady_state;
  if (state === 'no_steady_state') {
    return [' The latency of ', code(selected.id), ' reached no steady state: the mean describes none.'];
  }
  return state === 'slowdown' ? [' The latency of ', code(selected.id), ' rose during the run and stayed higher.'] : [];
}

/** What may overturn the answer, by the code of its warning: about the whole, or of one candidate and of several. */
const GRAVE: Readonly<Record<string, string | readonly [one: string, several: string]>> = {
  images_missing: 'The images are not at hand: the records may be of others.',
  model_missing: ['is judged without its model file.', 'are judged without their model files.'],
  guessed_target: 'The target class is a guess of `init`.',
  below_chance: [
    'answers below chance: is its class order reversed, or its scale wrong?',
    'answer below chance: is their class order reversed, or their scale wrong?',
  ],
  open_question: [
    'leaves questions open in its model card: what is assumed instead may be wrong.',
    'leave questions open in their model cards: what is assumed instead may be wrong.',
  ],
  leaked_images: 'Some of the images also stand in another split.',
  copied_targets: 'Some of the target images are copies of others.',
  contradictory_labels: 'Some images stand under two labels.',
  more_threads_than_cores: ['ran with more threads than cores.', 'ran with more threads than cores.'],
  busy_machine: ['was measured on a busy machine.', 'were measured on a busy machine.'],
};

/** Doubts so grave that nobody should have to scroll to them. */
export function graveDoubts({ warnings, candidates: all }: Decision): Inline[] {
  return Object.entries(GRAVE).flatMap(([name, words]): Inline[] => {
    const found = warnings.filter((warning) => warning.code === name);
    if (found.length === 0) {
      return [];
    }
    if (typeof words === 'string') {
      return [` ${words}`];
    }
    const candidates = [...new Set(found.flatMap(({ candidate }) => (candidate === null ? [] : [candidate])))];
    const [one, several] = words;
    return [
      ' ',
      ...asBeginning(
        whomInShort(
          candidates,
          all.map(({ id }) => id),
        ),
      ),
      ` ${candidates.length === 1 ? one : several}`,
    ];
  });
}

/** With a capital where a sentence begins with a word; a name stays as it is. */
function asBeginning(parts: readonly Inline[]): Inline[] {
  return parts.map((part, index) =>
    index === 0 && typeof part === 'string' ? part.slice(0, 1).toUpperCase() + part.slice(1) : part,
  );
}
