import { studySchema, type StudyFile } from '../../src/config/studySchema.ts';
import type { CandidateInput, DecisionInput } from '../../src/decide/inputs.ts';
import { datasetAuditSchema, type DatasetAudit } from '../../src/records/dataset.ts';
import { model, sha, SIZE, SUBJECT } from './baseFactories.ts';
import { latencyRecord, samplesOf, steady } from './latencyFactories.ts';
import { evaluationOf, predictionsFrom } from './predictionFactories.ts';

/** The story's line: pits and clean fruit, 30 ms. */
export function study(overrides: Record<string, unknown> = {}): StudyFile {
  return studySchema.parse({
    story: 'STORY-006',
    dataset: { root: 'data', classes: { clean: 'clean', pit: 'pit' }, target_class: 'pit' },
    candidates: [{ id: 'a', card: 'a.model.yaml' }],
    ...overrides,
  });
}

/** A candidate that passes every gate unless the overrides say otherwise. */
export function candidate(id = 'a', overrides: Partial<CandidateInput> = {}, meanMs = 10): CandidateInput {
  const record = latencyRecord({ candidate: id, meanMs });
  const predictions = predictionsFrom(Array<number>(600).fill(0.9), Array<number>(600).fill(0.1));
  return {
    id,
    backbone: 'resnet50',
    trialName: id,
    option: undefined,
    status: undefined,
    claims: {},
    claimsSource: undefined,
    model: model(),
    inputSize: SIZE,
    trainedInputSize: SIZE,
    classes: ['clean', 'pit'],
    preprocessing: SUBJECT.preprocessing,
    openQuestions: [],
    latencyRecords: [record],
    samples: new Map([[record.record_id, samplesOf([{ ms: steady(1000, meanMs) }])]]),
    evaluation: evaluationOf(predictions, { candidate: id }),
    predictions,
    parameters: 23_512_130,
    warnings: [],
    ...overrides,
  };
}

export function decisionInput(
  candidates: readonly CandidateInput[],
  overrides: Partial<Omit<DecisionInput, 'candidates'>> = {},
): DecisionInput {
  return {
    study: study({ candidates: candidates.map(({ id }) => ({ id, card: `${id}.model.yaml` })) }),
    candidates,
    dataset: undefined,
    warnings: [],
    overrides: [],
    unstated: [],
    toolVersion: '0.1.0',
    studyFile: 'beltbench.yaml',
    ...overrides,
  };
}

export function datasetAudit(overrides: Partial<DatasetAudit> = {}): DatasetAudit {
  return datasetAuditSchema.parse({
    schema: 'beltbench/dataset',
    version: 1,
    split: 'val',
    target_class: 'pit',
    fingerprint: sha('data'),
    splits: [
      {
        split: 'val',
        classes: [
          { class_name: 'clean', folder: 'clean', images: 660, unreadable: 0 },
          { class_name: 'pit', folder: 'pit', images: 566, unreadable: 0 },
        ],
        other_files: 0,
        ignored_links: [],
      },
    ],
    duplicates: { groups: 0, within_split: 0, leak: 0, contradictory: 0 },
    duplicate_groups: [],
    leaked_ids: [],
    unreadable: [],
    sizes: [{ height: 128, width: 128, images: 1226 }],
    odd_sizes: [],
    ...overrides,
  });
}

/** So many pairs of identical images of one class in the evaluated split, as the audit lists them. */
export function copies(className: string, pairs: number): DatasetAudit['duplicate_groups'] {
  return Array.from({ length: pairs }, (_, index) => ({
    content_hash: sha(`${className} ${index}`),
    kinds: ['within_split'],
    images: ['a', 'b'].map((name) => ({
      id: `val/${className}/${index}${name}.png`,
      split: 'val',
      class_name: className,
    })),
  }));
}
