import type { AggregatedRuns } from '../../decide/aggregate.ts';
import { planRounds } from '../../measure/inputs.ts';
import { summarizeBatches } from '../../measure/summary.ts';
import type { LatencyRecord, LatencySamples } from '../../records/latency.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { countOf } from '../../shared/units.ts';
import type { RunStore } from '../../store/store.ts';

/** Far above what the order of a sum can change, far below what a clock can tell. */
const ROUNDING = 1e-9;

/**
 * A latency record's samples. They must be all that its settings ask for, and its figures theirs: the
 * selector reads the mean from one, the verdict comes from the other.
 *
 * @throws BeltbenchError `bad_record` when they contradict each other
 */
export async function readSamples(store: RunStore, record: LatencyRecord): Promise<LatencySamples> {
  const samples = await store.readSamples(record);
  const problem = incompleteness(record, samples) ?? contradiction(record, samples);
  if (problem !== undefined) {
    throw new BeltbenchError(
      'bad_record',
      `${record.record_id}: record.json must sum up what samples.json holds, received ${problem}; remove its folder and run \`beltbench measure\``,
    );
  }
  return samples;
}

/**
 * The samples of the run that stands for several. All runs that the mean is made of are read, because
 * each must be as its samples say.
 *
 * @throws BeltbenchError `bad_record` when one is not
 */
export async function readAggregated(store: RunStore, runs: AggregatedRuns): Promise<LatencySamples> {
  for (const other of runs.averaged.filter((run) => run !== runs.representative)) {
    await readSamples(store, other);
  }
  return await readSamples(store, runs.representative);
}

function incompleteness({ settings }: LatencyRecord, { rounds }: LatencySamples): string | undefined {
  const planned = planRounds(settings);
  const left = new Map(rounds.map((round) => [`${round.round}/${round.batch_size}`, round]));
  const wrong = planned.find(({ round, batchSize, iterations }) => {
    const taken = left.get(`${round}/${batchSize}`);
    return taken?.samples_ms.length !== iterations || taken.start_offsets_ms.length !== iterations;
  });
  if (wrong !== undefined) {
    return `no round ${wrong.round} of batch size ${wrong.batchSize} with ${countOf(wrong.iterations, 'sample')} and as many start times`;
  }
  return rounds.length === planned.length
    ? undefined
    : `${countOf(rounds.length, 'round')}, and the settings are of ${planned.length}`;
}

function contradiction(record: LatencyRecord, samples: LatencySamples): string | undefined {
  const stated = figuresOf(record);
  const counted = figuresOf(summarizeBatches(samples));
  const wrong = [...new Set([...counted.keys(), ...stated.keys()])].find(
    (name) => !isSame(stated.get(name), counted.get(name)),
  );
  return wrong === undefined
    ? undefined
    : `${wrong} ${stated.get(wrong) ?? 'none'} against ${counted.get(wrong) ?? 'none'}`;
}

/** What the selector and `select` read, by names such as "batch_1.mean_ms"; the rest is for display, and a version may define it otherwise. */
function figuresOf({
  batch_1: batch1,
  other_batches: others,
  metrics,
}: ReturnType<typeof summarizeBatches>): Map<string, number> {
  const batches = Object.entries({ ...(batch1 === null ? {} : { batch_1: batch1 }), ...others });
  return new Map<string, number>([
    ...batches.flatMap(
      ([batch, { n, mean_ms: mean }]) =>
        [
          [`${batch}.n`, n],
          [`${batch}.mean_ms`, mean],
        ] as const,
    ),
    ...Object.entries(metrics),
  ]);
}

function isSame(a: number | undefined, b: number | undefined): boolean {
  return typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) <= ROUNDING * Math.abs(b) : a === b;
}
