import type { RootContent } from 'mdast';
import type { Decision } from '../../records/decision.ts';
import { statedShare } from '../figures.ts';
import { bullets, heading } from '../mdast.ts';

/** What the line demands: the three gates in words. */
export function demands({ line }: Decision): RootContent[] {
  const { target_class: target, production } = line;
  return [
    heading(2, 'What the line demands'),
    bullets([
      `Latency: at least ${statedShare(line.required_share)} of the items within ${line.budget_ms} ms, at ${statedShare(line.confidence)} confidence.`,
      `Recall: a threshold with at least ${statedShare(line.target_recall)} recall of ${target}, at ${statedShare(line.recall_confidence)} confidence, that rejects at most ${statedShare(line.max_false_reject_rate)} of the others.`,
      'Comparability: same input size, host class, threads and images for all; each model at the size it was trained at.',
      `In production today: ${target} from a score of ${production.target}, review from ${production.maybe}.`,
    ]),
  ];
}
