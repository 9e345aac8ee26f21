import type { RootContent } from 'mdast';
import type { Decision } from '../../records/decision.ts';
import { sentence } from '../figures.ts';
import { bullets, code, heading } from '../mdast.ts';
import { GATES } from '../wordings.ts';

/** What would settle an open decision, or how near the candidates came to passing. */
export function openEnds({ verdict, needs, nearest_misses: misses }: Decision): RootContent[] {
  switch (verdict) {
    case 'SELECTED':
      return [];
    case 'NOT_ENOUGH_DATA':
      return needs.length === 0 ? [] : [heading(2, 'What would settle it'), bullets(needs.map(sentence))];
    case 'NO_CANDIDATE_PASSES':
      return misses.length === 0
        ? []
        : [
            heading(2, 'Nearest misses'),
            bullets(
              misses.map(({ gate, candidate, reason }) => [
                `${wordOf(gate)}: `,
                code(candidate),
                `: ${sentence(reason)}`,
              ]),
            ),
          ];
  }
}

function wordOf(gate: string): string {
  return Object.entries(GATES).find(([name]) => name === gate)?.[1] ?? gate;
}
