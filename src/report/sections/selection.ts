import type { RootContent } from 'mdast';
import type { BestConfiguration, Decision } from '../../records/decision.ts';
import { formatMs, NOT_MEASURED } from '../../shared/units.ts';
import { statedShare } from '../figures.ts';
import { code, enumerate, heading, left, paragraph, right, table, type Line } from '../mdast.ts';

type Criteria = BestConfiguration['selection_criteria'];

const SPEED_SOURCES: Readonly<Record<Criteria['speed_data_source'], string>> = {
  benchmark: 'the measured mean latency at batch 1',
  parameter_proxy: 'the parameter count, because not all candidates were measured',
};

/** How the selector chose among the candidates that it could choose from. */
export function selection({ best_configuration: best, provisional, candidates }: Decision): RootContent[] {
  if (best === null) {
    return [];
  }
  const criteria = best.selection_criteria;
  return [
    heading(2, 'How the selector chose'),
    paragraph(
      `It chose among the candidates ${provisional ? 'that no gate refuses' : 'that pass all gates'}. ${rule(criteria)} Speed is ${SPEED_SOURCES[criteria.speed_data_source]}. It goes by these figures as they are; how sure they are stands in the comparison.`,
    ),
    table(
      [
        left('Model'),
        left('Backbone'),
        left('Trial'),
        right(criteria.metric),
        right('Speed (fastest = 1)'),
        right('Mean latency'),
      ],
      criteria.all_candidates.map((entry) => [
        modelOf(entry, candidates),
        code(entry.backbone),
        code(entry.trial_name),
        entry.accuracy.toFixed(4),
        entry.speed_score === null ? 'unknown' : entry.speed_score.toFixed(2),
        entry.benchmark_latency_ms === undefined ? NOT_MEASURED : formatMs(entry.benchmark_latency_ms),
      ]),
    ),
  ];
}

/** The earlier tools' list knows a trial by its backbone and name; the study calls it by an id. */
function modelOf(
  { backbone, trial_name: trial }: Criteria['all_candidates'][number],
  candidates: Decision['candidates'],
): Line {
  const ids = candidates
    .filter((candidate) => candidate.backbone === backbone && candidate.trial_name === trial)
    .map(({ id }) => id);
  return ids.length === 0 ? 'unknown' : enumerate(ids);
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
