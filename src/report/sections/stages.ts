import type { RootContent } from 'mdast';
import type { CandidateDecision, Decision } from '../../records/decision.ts';
import { formatCount, formatMs, NOT_MEASURED } from '../../shared/units.ts';
import { outOf } from '../figures.ts';
import { code, heading, left, paragraph, right, table, type Line } from '../mdast.ts';
import { STAGES } from '../wordings.ts';

/** The whole path of an item, stage by stage. */
export function stages({ candidates, line }: Decision): RootContent[] {
  const names = Object.entries(STAGES);
  return [
    heading(3, 'The whole path'),
    paragraph('Medians of items that went from the file to the answer; end to end is measured directly, not added up.'),
    table(
      [
        left('Model'),
        right('Items'),
        ...names.map(([, title]) => right(title)),
        right('Slowest'),
        right(`Over ${line.budget_ms} ms`),
      ],
      candidates.map(rowOf),
    ),
  ];
}

function rowOf({ id, latency }: CandidateDecision): Line[] {
  const names = Object.keys(STAGES);
  if (latency === null || latency.stages.n === 0) {
    return [code(id), ...Array<string>(names.length + 3).fill(NOT_MEASURED)];
  }
  const { n, medians, end_to_end_max_ms: slowest, end_to_end_over_budget: over } = latency.stages;
  const byName: Readonly<Partial<Record<string, number | null>>> = medians;
  return [
    code(id),
    formatCount(n),
    ...names.map((name) => (byName[name] === null ? 'does not occur' : formatMs(byName[name]))),
    formatMs(slowest),
    outOf(over, n),
  ];
}
