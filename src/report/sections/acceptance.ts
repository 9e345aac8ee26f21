import type { RootContent } from 'mdast';
import type { Decision } from '../../records/decision.ts';
import { sentence } from '../figures.ts';
import { heading, taskList } from '../mdast.ts';

/** The story's boxes, ticked only where the records or the study show it. */
export function acceptance({ acceptance: boxes }: Decision): RootContent[] {
  return boxes.length === 0
    ? []
    : [
        heading(2, 'Acceptance'),
        taskList(boxes.map(({ box, ticked, why }) => ({ done: ticked, line: `${box}: ${sentence(why)}` }))),
      ];
}
