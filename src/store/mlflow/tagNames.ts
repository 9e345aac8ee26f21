import type { StudyFile } from '../../config/studySchema.ts';

/** Which record a run is: found before one is made, so that each record is one run. */
export const RECORD_ID_TAG = 'beltbench.record_id';
/** "latency", "evaluation", "sweep" or "decision". */
export const KIND_TAG = 'beltbench.kind';
export const BENCHMARK_KEY_TAG = 'benchmark_key';
export const PREDICTIONS_KEY_TAG = 'predictions_key';
/** The hash of what a latency was measured on. */
export const HOST_CLASS_TAG = 'beltbench.host_class';
/** Where training tools name the network. */
export const MODEL_TAG = 'code.model';

/** The names of the tags that join records with training runs; the study may rename them. */
export interface GroupingTags {
  readonly studyKeyHash: string;
  readonly trialKeyHash: string;
  /** `undefined`: the study names none beside `code.model`. */
  readonly backbone: string | undefined;
}

export function groupingTags(tags: StudyFile['tags']): GroupingTags {
  return {
    studyKeyHash: tags?.grouping?.study_key_hash ?? 'code.grouping.study_key_hash',
    trialKeyHash: tags?.grouping?.trial_key_hash ?? 'code.grouping.trial_key_hash',
    backbone: tags?.backbone,
  };
}
