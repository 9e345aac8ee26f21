import { latencySamplesSchema, type LatencySamples, type Round } from '../../../src/records/latency.ts';
import type { ComparedModel, ComparisonInput, MeasuredRun } from '../../../src/decide/compare/inputs.ts';
import { LINE_PC, model, sha } from '../baseFactories.ts';
import { datasetAudit, study } from '../factories.ts';
import { latencyRecord, samplesOf } from '../latencyFactories.ts';
import { evaluationOf, predictionsFrom } from '../predictionFactories.ts';

/** Second `n` of the day on which everything here happens. */
export const second = (n: number): string => new Date(Date.UTC(2025, 0, 1, 0, 0, n)).toISOString();

/** One turn: which round, when it began, in seconds, and its latency. */
export interface TurnFacts {
  readonly round: number;
  readonly at: number;
  readonly ms: number;
  readonly samples?: number;
  readonly batchSize?: number;
}

/** Raw samples of the turns; launches at the given seconds. */
export function samplesAt(turns: readonly TurnFacts[], launches: readonly number[] = [0]): LatencySamples {
  const base = samplesOf(
    turns.map(({ ms, samples = 40 }) => ({ ms: Array.from({ length: samples }, () => ms) })),
    launches.length,
  );
  return latencySamplesSchema.parse({
    ...base,
    launches: base.launches.map((launch, index) => ({ ...launch, started_at: second(launches[index] ?? 0) })),
    rounds: base.rounds.map((round, index): Round => {
      const { round: number = 1, at = 0, ms = 0, batchSize = 1 } = turns[index] ?? {};
      const offsets = round.samples_ms.map((_, sample) => sample * ms);
      return { ...round, round: number, batch_size: batchSize, started_at: second(at), start_offsets_ms: offsets };
    }),
  });
}

export function run(samples: LatencySamples, facts: Parameters<typeof latencyRecord>[0] = {}): MeasuredRun {
  return { record: latencyRecord(facts), samples };
}

/** Two models in turns, one round per entry; in odd rounds the variant goes first. */
export function session(rounds: readonly (readonly [referenceMs: number, variantMs: number])[]) {
  const turns = (of: 0 | 1) =>
    rounds.map((ms, index): TurnFacts => ({
      round: index + 1,
      at: 10 * (index + 1) + ((index + of) % 2),
      ms: ms[of],
    }));
  return { reference: samplesAt(turns(0)), variant: samplesAt(turns(1)) };
}

const PITS = Array<number>(300).fill(0.9);
const CLEANS = Array<number>(300).fill(0.1);
/** Ten rounds, each a little different. */
const TEN = Array.from({ length: 10 }, (_, index) => 10 + ((index * 7) % 11) / 100);

export function compared(id: string, overrides: Partial<ComparedModel> = {}): ComparedModel {
  const predictions = predictionsFrom(PITS, CLEANS);
  return {
    id,
    status: undefined,
    model: model({ sha256: sha(id) }),
    run: undefined,
    evaluation: evaluationOf(predictions, { candidate: id }),
    predictions,
    latencyFailure: undefined,
    evaluationFailure: undefined,
    pairSums: undefined,
    warnings: [],
    ...overrides,
  };
}

/** An fp32 model and an INT8 variant of it that takes `ratio` of its time and answers alike. */
export function comparisonInput(overrides: Partial<ComparisonInput> = {}, ratio = 0.4): ComparisonInput {
  const { reference, variant } = session(TEN.map((ms) => [ms, ms * ratio]));
  const int8 = model({ sha256: sha('int8'), int8_weight_share: 0.97, int8_multiply_add_share: 0.98 });
  return {
    study: study({ candidates: ['fp32', 'int8'].map((id) => ({ id, card: `${id}.model.yaml` })) }),
    group: 'net',
    reference: compared('fp32', { run: run(reference, { candidate: 'fp32' }) }),
    variants: [compared('int8', { model: int8, run: run(variant, { candidate: 'int8', meanMs: 10 * ratio }) })],
    hostClass: LINE_PC,
    saturation: 'exact',
    dataset: datasetAudit(),
    accuracyMargin: 0.015,
    warnings: [],
    toolVersion: '0.1.0',
    commands: ['npx beltbench compare --group net'],
    ...overrides,
  };
}
