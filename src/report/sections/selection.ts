import type { RootContent } from 'mdast';
import type { BestConfiguration, Decision } from '../../records/decision.ts';
import { formatMs, NOT_MEASURED } from '../../shared/units.ts';
import { statedShare } from '../figures.ts';
import { code, heading, left, paragraph, right, table } from '../mdast.ts';

type Criteria = BestConfiguration['selection_criteria'];

const SPEED_SOURCES: Readonly<Record<Criteria['speed_data_source'], string>> = {
  benchmark: 'the measured mean latency at batch 1',
  parameter_proxy: 'the parameter count, because not all candidates were measured',
};

/** How the selector chose among the candidates that it could choose from. */
export function selection({ best_configuration: best, provisional }: Decision): RootContent[] {
  if (best === null) {
    return [];
  }
  const criteria = best.selection_criteria;
  return [
    heading(2, 'How the selector chose'),
    paragraph(
      `It chose among the candidates ${provisional ? 'that no gate refuses' : 'that pass all gates'}. ${rule(criteria)} Speed is ${SPEED_SOURCES[criteria.speed_data_source]}.`,
    ),
    table(
      [left('Backbone'), left('Trial'), right(criteria.metric), right('Speed (fastest = 1)'), right('Mean latency')],
      criteria.all_candidates.map((entry) => [
        code(entry.backbone),
        code(entry.trial_name),
        entry.accuracy.toFixed(4),
        entry.speed_score === null ? 'unknown' : entry.speed_score.toFixed(2),
        entry.benchmark_latency_ms === undefined ? NOT_MEASURED : formatMs(entry.benchmark_latency_ms),
      ]),
    ),
  ];
}

function rule(criteria: Criteria): string {
  if (criteria.accuracy_threshold === null) {
    return `Rule: the highest ${criteria.metric}; no threshold is set, so speed does not count.`;
  }
  const kind = criteria.use_relative_threshold ? 'of the best' : 'absolute';
  const gain =
    criteria.min_accuracy_gain === null
      ? ''
      : `, or if the best is not more than ${statedShare(criteria.min_accuracy_gain)} better`;
  return `Rule: the highest ${criteria.metric}; a faster candidate within ${statedShare(criteria.accuracy_threshold)} (${kind}) is preferred${gain}.`;
}
