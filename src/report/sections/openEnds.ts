import type { RootContent } from 'mdast';
import type { Decision } from '../../records/decision.ts';
import { sentence } from '../figures.ts';
import { bullets, code, heading } from '../mdast.ts';
import { sharedNeeds } from '../needs.ts';
import { whom } from '../whom.ts';
import { GATES } from '../wordings.ts';

/** What would settle an open decision, or how near the candidates came to passing. */
export function openEnds(decision: Decision): RootContent[] {
  const { verdict, nearest_misses: misses } = decision;
  switch (verdict) {
    case 'SELECTED':
      return [];
    case 'NOT_ENOUGH_DATA':
      return settling(decision);
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

/** One line for a need that several share. */
function settling({ candidates: judged }: Decision): RootContent[] {
  const needs = sharedNeeds(judged);
  const all = judged.map(({ id }) => id);
  return needs.length === 0
    ? []
    : [
        heading(2, 'What would settle it'),
        bullets(
          needs.map(({ kind, text, candidates }) => [
            `${wordOf(kind)} of `,
            ...whom(candidates, all),
            `: ${sentence(text)}`,
          ]),
        ),
      ];
}

function wordOf(gate: string): string {
  return Object.entries(GATES).find(([name]) => name === gate)?.[1] ?? gate;
}
