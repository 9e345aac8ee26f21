import type { RootContent } from 'mdast';
import type { Decision } from '../../records/decision.ts';
import { statedShare, unstatedUnder } from '../figures.ts';
import { bullets, heading } from '../mdast.ts';

/** What the line demands: the three gates in words. */
export function demands({ line }: Decision): RootContent[] {
  const { target_class: target, production } = line;
  return [
    heading(2, 'What the line demands'),
    bullets([
      `Latency${assumed(line, 'line.')}: at least ${statedShare(line.required_share)} of the items within ${line.budget_ms} ms, at ${statedShare(line.confidence)} confidence.`,
      `Recall${assumed(line, 'thresholds.target_recall', 'thresholds.confidence')}: a threshold with at least ${statedShare(line.target_recall)} recall of ${target}, at ${statedShare(line.recall_confidence)} confidence, that rejects at most ${statedShare(line.max_false_reject_rate)} of the others.`,
      'Comparability: same input size, host class, threads and images for all; each model at the size it was trained at.',
      `In production today${assumed(line, 'thresholds.production.')}: ${target} from a score of ${production.target}, review from ${production.maybe}.`,
    ]),
  ];
}

/** What of it is a default, not the line's. */
function assumed(line: Decision['line'], ...beginnings: readonly string[]): string {
  const keys = unstatedUnder(line, ...beginnings).map((key) => `\`${key}\``);
  return keys.length === 0 ? '' : ` (assumed, as the study does not say: ${keys.join(', ')})`;
}
