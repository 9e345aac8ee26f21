import type { RootContent } from 'mdast';
import type { CandidateDecision, Decision } from '../../records/decision.ts';
import type { LatencyJudgement } from '../../records/judgement.ts';
import { countOf, formatCount, formatMegabytes, formatMs, NOT_MEASURED } from '../../shared/units.ts';
import { code, heading, left, paragraph, right, table, type Line } from '../mdast.ts';
import { AGGREGATIONS, STEADY_STATES } from '../wordings.ts';

/** What happens before the latency is steady, and whether it ever is. */
export function startup({ candidates }: Decision): RootContent[] {
  return [
    heading(3, 'Start and steady state'),
    table(
      [
        left('Model'),
        right('Session'),
        right('First inference'),
        right('Warm-up median'),
        left('Steady state'),
        right('Steady median'),
        right('Outliers'),
        right('Threads'),
        right('Peak memory'),
      ],
      candidates.map(rowOf),
    ),
    ...severalRuns(candidates),
  ];
}

function rowOf({ id, latency }: CandidateDecision): Line[] {
  if (latency === null) {
    return [code(id), ...Array<string>(8).fill(NOT_MEASURED)];
  }
  return [
    code(id),
    spread(latency.session_create_ms),
    spread(latency.first_inference_ms),
    formatMs(latency.warmup_median_ms),
    STEADY_STATES[latency.steady_state],
    latency.steady_median_ms === null ? 'none' : formatMs(latency.steady_median_ms),
    formatCount(latency.outliers),
    formatCount(latency.threads),
    formatMegabytes(latency.peak_rss_bytes),
  ];
}

/** One launch has one figure; several have a range. */
function spread(values: readonly number[]): string {
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  if (values.length === 0) {
    return NOT_MEASURED;
  }
  return lowest === highest ? formatMs(lowest) : `${formatMs(lowest)} to ${formatMs(highest)}`;
}

function severalRuns(candidates: readonly CandidateDecision[]): RootContent[] {
  const repeated = candidates.filter(({ latency }) => latency !== null && latency.runs_count > 1);
  return repeated.flatMap(({ id, latency }) => (latency === null ? [] : [paragraph(code(id), `: ${runs(latency)}`)]));
}

function runs({ runs_count: count, runs_spread_ms: [lowest, highest], aggregation }: LatencyJudgement): string {
  return `${countOf(count, 'finished run')} with these settings, mean ${formatMs(lowest)} to ${formatMs(highest)}; ${AGGREGATIONS[aggregation]}.`;
}
