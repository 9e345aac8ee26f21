import type { LatencyRecord } from '../../../records/latency.ts';
import type { MlflowDataset, RunDraft } from '../../../records/mlflow.ts';
import type { EvaluationRecord } from '../../../records/predictions.ts';
import { KIND_TAG, MODEL_TAG, RECORD_ID_TAG, type GroupingTags } from '../tagNames.ts';
import { paramsOf, tagsOf } from './fields.ts';

/** What the study says of every run. */
export interface DraftContext {
  readonly grouping: GroupingTags;
  /** The study's own tags, `mlflow.tags`. */
  readonly tags: Readonly<Record<string, string>>;
  /** The files that lie beside the record. */
  readonly artifacts: RunDraft['artifacts'];
}

/** The tags of a run of any kind. */
export function commonTags(
  { tags }: DraftContext,
  kind: string,
  { recordId, story, toolVersion }: { recordId: string; story: string; toolVersion?: string },
): Readonly<Record<string, string | undefined>> {
  return {
    ...tags,
    [RECORD_ID_TAG]: recordId,
    [KIND_TAG]: kind,
    'beltbench.story': story,
    'beltbench.version': toolVersion,
    'mlflow.source.name': 'beltbench',
    'mlflow.source.type': 'LOCAL',
  };
}

/** What a latency and an evaluation record have in common. */
export function subjectDraft(
  context: DraftContext,
  kind: 'latency' | 'evaluation',
  record: LatencyRecord | EvaluationRecord,
  own: {
    tags: Readonly<Record<string, string>>;
    params: Readonly<Record<string, string | number | readonly number[]>>;
  },
): Omit<RunDraft, 'metrics' | 'dataset'> {
  const { grouping } = context;
  const { model, preprocessing, input_size: size, trained_input_size: trained } = record;
  return {
    recordId: record.record_id,
    name: `${kind} ${record.candidate_id}`,
    startTime: Date.parse(record.started_at),
    endTime: Date.parse(record.finished_at),
    status: record.status === 'finished' ? 'FINISHED' : 'FAILED',
    tags: tagsOf({
      ...commonTags(context, kind, {
        recordId: record.record_id,
        story: record.story,
        toolVersion: record.tool_version,
      }),
      [grouping.studyKeyHash]: record.study_key_hash,
      [grouping.trialKeyHash]: record.trial_key_hash,
      [MODEL_TAG]: record.backbone,
      ...(grouping.backbone !== undefined && { [grouping.backbone]: record.backbone }),
      'beltbench.candidate_id': record.candidate_id,
      'beltbench.failure': record.failure,
      'beltbench.notice': record.notice,
      'beltbench.warnings': record.warnings.map(({ code }) => code),
      'beltbench.open_questions': record.open_questions,
      ...own.tags,
    }),
    params: paramsOf({
      candidate_id: record.candidate_id,
      backbone: record.backbone,
      trial_name: record.trial_name,
      model_file: model.file,
      model_sha256: model.sha256,
      input_size: `${size.height}x${size.width}`,
      trained_input_size: trained && `${trained.height}x${trained.width}`,
      ...Object.fromEntries(Object.entries(preprocessing).map(([key, value]) => [`preprocessing.${key}`, value])),
      ...own.params,
    }),
    artifacts: context.artifacts,
  };
}

/** Figures of the model's file. */
export function modelMetrics({ model }: LatencyRecord | EvaluationRecord): (readonly [string, number | null])[] {
  return [
    ['model_size_bytes', model.file_size_bytes],
    ['parameter_count', model.parameter_count],
    ['multiply_adds', model.multiply_adds],
    ['int8_weight_share', model.int8_weight_share],
  ];
}

const MOST_DIGEST = 36;

/** The images as a dataset input; a digest takes 36 characters, so the whole fingerprint stands in its source. */
export function datasetOf(
  story: string,
  fingerprint: string,
  context: string,
  profile?: MlflowDataset['profile'],
): MlflowDataset {
  return {
    name: story,
    digest: fingerprint.slice(0, MOST_DIGEST),
    context,
    source: { fingerprint },
    ...(profile !== undefined && { profile }),
  };
}
