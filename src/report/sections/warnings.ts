import type { RootContent } from 'mdast';
import type { Decision } from '../../records/decision.ts';
import { sentence } from '../figures.ts';
import { bullets, heading, paragraph, strong } from '../mdast.ts';
import { groupWarnings } from '../warningGroups.ts';
import { whom } from '../whom.ts';

/** Every doubt: those of the whole first, then those of candidates; what several share is said once. */
export function warnings(
  decision: Pick<Decision, 'warnings'> & { readonly candidates: readonly { readonly id: string }[] },
): RootContent[] {
  const groups = groupWarnings(decision);
  const all = decision.candidates.map(({ id }) => id);
  return [
    heading(2, 'Warnings'),
    groups.length === 0
      ? paragraph('None.')
      : bullets(
          groups.map(({ message, candidates }) =>
            candidates.length === 0 ? sentence(message) : [strong(...whom(candidates, all)), `: ${sentence(message)}`],
          ),
        ),
  ];
}
