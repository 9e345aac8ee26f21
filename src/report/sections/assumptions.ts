import type { RootContent } from 'mdast';
import type { Decision } from '../../records/decision.ts';
import { sentence } from '../figures.ts';
import { bullets, heading, paragraph } from '../mdast.ts';

/** What the decision takes for granted. */
export function assumptions({ assumptions: all }: Decision): RootContent[] {
  return [heading(2, 'Assumptions'), all.length === 0 ? paragraph('None.') : bullets(all.map(sentence))];
}
