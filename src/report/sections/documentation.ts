import type { RootContent } from 'mdast';
import type { Decision } from '../../records/decision.ts';
import { bullets, heading, paragraph, reference } from '../mdast.ts';

/** Where the rationale was written down. */
export function documentation({ documentation: places }: Decision): RootContent[] {
  return [
    heading(2, 'Documentation'),
    places.length === 0
      ? paragraph('None named: the study has nothing under `documentation`.')
      : bullets(places.map(reference)),
  ];
}
