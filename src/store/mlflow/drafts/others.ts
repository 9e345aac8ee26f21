import type { Decision } from '../../../records/decision.ts';
import type { RunDraft } from '../../../records/mlflow.ts';
import type { SweepRecord } from '../../../records/sweep.ts';
import { MODEL_TAG, PREDICTIONS_KEY_TAG } from '../tagNames.ts';
import { commonTags, type DraftContext } from './common.ts';
import { metricsOf, paramsOf, tagsOf } from './fields.ts';

/** A sweep record as a run. */
export function sweepDraft(record: SweepRecord, context: DraftContext): RunDraft {
  const { sweep, thresholds } = record;
  const { production, certificate } = sweep;
  const at = Date.parse(record.started_at);
  return {
    recordId: record.record_id,
    name: `sweep ${sweep.candidate_id}`,
    startTime: at,
    endTime: at,
    status: 'FINISHED',
    tags: tagsOf({
      ...commonTags(context, 'sweep', { recordId: record.record_id, story: record.story }),
      'beltbench.candidate_id': sweep.candidate_id,
      'beltbench.sweep_key': record.sweep_key,
      [PREDICTIONS_KEY_TAG]: sweep.predictions_key,
      'beltbench.certificate': certificate.state,
      'beltbench.notice': record.notice,
    }),
    params: paramsOf({
      candidate_id: sweep.candidate_id,
      evaluation_record_id: sweep.evaluation_record_id,
      target_class: record.target_class,
      ...thresholds,
      'production.maybe_from': production.maybe_from,
      'production.target_from': production.target_from,
    }),
    metrics: metricsOf([
      ['targets', sweep.targets],
      ['others', sweep.others],
      ['auc', sweep.auc],
      ['argmax.recall', sweep.argmax.recall],
      ['argmax.false_reject_rate', sweep.argmax.false_reject_rate],
      ['production.recall', production.recall],
      ['production.recall_lower_bound', production.recall_lower_bound],
      ['production.reviewed', production.reviewed],
      ...(certificate.state === 'certified'
        ? ([
            ['certified.threshold', certificate.point.threshold],
            ['certified.recall_lower_bound', certificate.point.recall_lower_bound],
            ['certified.false_reject_rate', certificate.point.false_reject_rate],
          ] as const)
        : ([['certificate.targets_needed', certificate.needed]] as const)),
    ]),
    dataset: undefined,
    artifacts: context.artifacts,
  };
}

/**
 * A decision as a run. It has no time of its own and is written over: `recordId` must name its
 * content, `writtenAt` (ms since 1970) the file's.
 */
export function decisionDraft(
  decision: Decision,
  context: DraftContext,
  { recordId, writtenAt }: { recordId: string; writtenAt: number },
): RunDraft {
  const best = decision.best_configuration;
  return {
    recordId,
    name: `decision ${decision.story}`,
    startTime: writtenAt,
    endTime: writtenAt,
    status: 'FINISHED',
    tags: tagsOf({
      ...commonTags(context, 'decision', {
        recordId,
        story: decision.story,
        toolVersion: decision.reproduce.tool_version,
      }),
      'beltbench.verdict': decision.verdict,
      'beltbench.selected': decision.selected,
      'beltbench.notice': decision.notice,
      [MODEL_TAG]: best?.backbone,
    }),
    params: paramsOf({
      verdict: decision.verdict,
      selected: decision.selected,
      provisional: decision.provisional,
      backbone: best?.backbone,
      trial_name: best?.trial_name,
      reason: best?.selection_criteria.reason,
      overrides: decision.overrides,
      budget_ms: decision.line.budget_ms,
      target_class: decision.line.target_class,
      target_recall: decision.line.target_recall,
    }),
    metrics: metricsOf([
      ['candidates', decision.candidates.length],
      [best?.selection_criteria.metric ?? 'best_value', best?.selection_criteria.best_value],
    ]),
    dataset: undefined,
    artifacts: context.artifacts,
  };
}
