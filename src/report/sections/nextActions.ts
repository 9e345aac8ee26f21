import type { RootContent } from 'mdast';
import type { Decision } from '../../records/decision.ts';
import { heading, left, paragraph, table } from '../mdast.ts';

export function nextActions({ next_actions: actions }: Decision): RootContent[] {
  return [
    heading(2, 'Next actions'),
    actions.length === 0
      ? paragraph('None defined: the study names no `next_actions`.')
      : table(
          [left('Owner'), left('Due'), left('Action')],
          actions.map(({ text, owner, due }) => [owner ?? 'nobody yet', due ?? 'no date', text]),
        ),
  ];
}
