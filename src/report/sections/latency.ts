import type { RootContent } from 'mdast';
import type { CandidateDecision, Decision } from '../../records/decision.ts';
import type { LatencyJudgement } from '../../records/judgement.ts';
import { formatAtLeast, formatAtMost, formatCount, formatMs, NOT_MEASURED } from '../../shared/units.ts';
import { boundedPercentile, meanText, outOf, percentileName, statedShare } from '../figures.ts';
import { code, heading, left, paragraph, right, table, type Line } from '../mdast.ts';
import { VERDICTS } from '../wordings.ts';

/** The distribution of the latencies, and how often they missed the budget. */
export function latency({ candidates, line }: Decision): RootContent[] {
  const shares = new Set(candidates.flatMap((candidate) => candidate.latency?.percentiles.map(({ p }) => p) ?? []));
  const percentiles = [...shares].toSorted((a, b) => a - b);
  return [
    heading(2, 'Latency in detail'),
    paragraph(
      `One inference at batch 1, one after the other, without decoding. In brackets behind a mean are the lowest and highest mean of a round. Percentiles are by nearest rank, in brackets what they do not exceed at ${statedShare(line.confidence)} confidence.`,
    ),
    table(
      [
        left('Model'),
        right('Samples'),
        right('Mean'),
        ...percentiles.map((p) => right(percentileName(p))),
        right('Slowest'),
      ],
      candidates.map((candidate) => distributionRow(candidate, percentiles)),
    ),
    paragraph(`Against the budget of ${line.budget_ms} ms:`),
    table(
      [
        left('Model'),
        right('Over the budget'),
        right(`True share, at ${statedShare(line.confidence)} confidence`),
        right('Late episodes'),
        left('Verdict'),
      ],
      candidates.map(budgetRow),
    ),
  ];
}

function distributionRow({ id, latency: judged }: CandidateDecision, percentiles: readonly number[]): Line[] {
  if (judged === null) {
    return [code(id), ...Array<string>(percentiles.length + 3).fill(NOT_MEASURED)];
  }
  return [
    code(id),
    formatCount(judged.n),
    meanText(judged),
    ...percentiles.map((p) => boundedPercentile(judged, p)),
    formatMs(judged.max_ms),
  ];
}

function budgetRow({ id, latency: judged }: CandidateDecision): Line[] {
  if (judged === null) {
    return [code(id), ...Array<string>(4).fill(NOT_MEASURED)];
  }
  return [
    code(id),
    outOf(judged.over_budget, judged.n),
    missRate(judged),
    formatCount(judged.late_episodes),
    VERDICTS[judged.verdict],
  ];
}

/** The bound that speaks: from below where the budget is missed for certain. */
function missRate({ verdict, miss_rate_upper: upper, miss_rate_lower: lower }: LatencyJudgement): string {
  return verdict === 'FAIL' ? `at least ${formatAtLeast(lower)}` : `at most ${formatAtMost(upper)}`;
}
