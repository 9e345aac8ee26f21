import type { RootContent } from 'mdast';
import type { Decision } from '../../records/decision.ts';
import { bullets, heading, strong } from '../mdast.ts';

/** The story's questions, with the answers that somebody gave. */
export function discussion({ discussion: questions }: Decision): RootContent[] {
  return questions.length === 0
    ? []
    : [
        heading(2, 'Questions'),
        bullets(questions.map(({ question, answer }) => [strong(question), ` ${answer ?? 'Not answered yet.'}`])),
      ];
}
