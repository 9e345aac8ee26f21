import type { CandidateInput, DecisionInput } from '../../src/decide/inputs.ts';
import type { Predictions } from '../../src/records/predictions.ts';
import { model } from './baseFactories.ts';
import { candidate, copies, datasetAudit, study } from './factories.ts';
import { evaluationOf, predictionsFrom } from './predictionFactories.ts';

/*
 * The decision story in small: its four models with their counts of right answers on 1226 images,
 * at latencies measured at one input size, and a dataset that leaks.
 */

interface Figures {
  readonly id: string;
  readonly meanMs: number;
  /** Pits of 566 below 0.5, all of them above 0.3. */
  readonly missed: number;
  /** Cleans of 660 above 0.5. */
  readonly rejected: number;
  readonly parameters: number;
  readonly overrides?: Partial<CandidateInput>;
}

const repeat = (score: number, count: number): number[] => Array<number>(count).fill(score);

/** Errors stand at the start of each class for an even `shift`, and from `shift` on otherwise. */
export function answersOf(missed: number, rejected: number, shift = 0): Predictions {
  const place = (length: number, wrong: number, wrongScore: number, rightScore: number): number[] => {
    const scores = repeat(rightScore, length);
    return scores.fill(wrongScore, shift, shift + wrong);
  };
  return predictionsFrom(place(566, missed, 0.4, 0.95), place(660, rejected, 0.6, 0.05));
}

const FIGURES: readonly Figures[] = [
  {
    id: 'resnet50-production',
    meanMs: 16,
    missed: 46,
    rejected: 40,
    parameters: 23_512_130,
    overrides: { status: 'production' },
  },
  { id: 'resnet50-phase1', meanMs: 16.2, missed: 40, rejected: 33, parameters: 23_512_130, overrides: { option: 'C' } },
  {
    id: 'convnextv2-tiny',
    meanMs: 27,
    missed: 42,
    rejected: 29,
    parameters: 27_867_650,
    overrides: {
      option: 'A',
      claims: { accuracy: 0.9421, latency_ms: 58, input_size: 224 },
      claimsSource: 'evaluation_results.json',
    },
  },
  {
    id: 'resnet18',
    meanMs: 9,
    missed: 59,
    rejected: 40,
    parameters: 11_177_538,
    overrides: { option: 'D', model: model({ parameter_count: 11_177_538, subnormal_weights: 1200 }) },
  },
];

/** The story's four candidates; ConvNeXt and the Phase 1 ResNet50 differ on 48 images. */
export function storyCandidates(): CandidateInput[] {
  return FIGURES.map(({ id, meanMs, missed, rejected, parameters, overrides }) => {
    const predictions = answersOf(missed, rejected, id === 'resnet50-phase1' ? 20 : 0);
    return candidate(
      id,
      { predictions, evaluation: evaluationOf(predictions, { candidate: id }), parameters, ...overrides },
      meanMs,
    );
  });
}

export const OPTIONS = {
  A: { what: 'optimise ConvNeXt V2', for: ['best accuracy'], against: ['engineering'], effort: '2-3 days' },
  B: { what: 'variants near ResNet50', effort: '1-2 days of training' },
  C: { what: 'accept ResNet50 and optimise the thresholds', effort: '1 day' },
  D: { what: 'ResNet18 where speed is paramount', effort: 'trained' },
  E: { what: 'hybrid' },
};

/** The story as an input, with the sections of the study that a test is about. */
export function story(sections: Record<string, unknown> = {}, candidates = storyCandidates()): DecisionInput {
  return {
    study: study({
      candidates: candidates.map(({ id }) => ({ id, card: `${id}.model.yaml` })),
      options: OPTIONS,
      ...sections,
    }),
    candidates,
    dataset: datasetAudit({
      duplicates: { groups: 49, within_split: 9, leak: 16, contradictory: 0 },
      duplicate_groups: copies('clean', 9),
      leaked_ids: Array.from({ length: 17 }, (_, index) => `pit/${index}.png`),
    }),
    warnings: [],
    overrides: [],
    unstated: [],
    toolVersion: '0.1.0',
    studyFile: 'beltbench.yaml',
  };
}
