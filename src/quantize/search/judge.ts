import type { Verdict } from '../../records/judgement.ts';
import type { PairedCounts, PairedRound, TrialRecord } from '../../records/quantizationTrial.ts';
import { hodgesLehmann } from '../../stats/hodgesLehmann.ts';
import { pairedDifference } from '../../stats/mcnemar.ts';
import { nearestRank, sortSamples, tailQuantile } from '../../stats/quantile.ts';

/** What a search has to reach. */
export interface SearchGoals {
  /** The accuracy that may be lost against the float model, in percentage points. */
  readonly maxAccuracyDropPoints: number;
  /** `undefined`: as fast as it gets. */
  readonly targetP99Ms: number | undefined;
  readonly maxTrials: number;
}

/** What a recipe costs in accuracy. A drop is the float model's share of right answers minus the variant's. */
export interface JudgedAccuracy {
  readonly drop: number;
  /** Tango's 95 % interval. */
  readonly dropInterval: readonly [number, number];
  /** McNemar's exact test of "no difference". */
  readonly exactP: number;
  /** Whether the drop seen on these images is within the limit. */
  readonly holdsLimit: boolean;
  /** Whether the whole interval is. */
  readonly provesLimit: boolean;
}

/** How fast a recipe's file is, beside the float model in the same session. */
export interface JudgedLatency {
  readonly p50Ms: number;
  /** By nearest rank: a latency that was really observed. */
  readonly p99Ms: number;
  /** Upper bound of p99 at 95 %; `undefined` where the samples are too few for one. */
  readonly p99UpperMs: number | undefined;
  readonly referenceP50Ms: number;
  /** Of the rounds' medians, variant over float: what the machine's drift between sessions cannot move. */
  readonly ratio: number;
  readonly ratioInterval: readonly [number, number];
  /** Whether the file is faster than the float model: PASS and FAIL where the whole interval says so. */
  readonly beatsFloat: Verdict;
  readonly meetsTarget: boolean;
}

export interface JudgedTrial {
  readonly record: TrialRecord;
  readonly accuracy: JudgedAccuracy | undefined;
  readonly latency: JudgedLatency | undefined;
  /** It has a file, the file holds the accuracy limit, and its latency is known. */
  readonly isFeasible: boolean;
}

const CONFIDENCE = 0.95;

/** Judges a trial by what its record holds; nothing that is judged is stored. */
export function judgeTrial(record: TrialRecord, goals: SearchGoals): JudgedTrial {
  const accuracy = record.accuracy === null ? undefined : judgeAccuracy(record.accuracy, goals);
  const latency = record.latency === null ? undefined : judgeLatency(record.latency.rounds, goals);
  return {
    record,
    accuracy,
    latency,
    isFeasible: record.status === 'finished' && accuracy?.holdsLimit === true && latency !== undefined,
  };
}

function judgeAccuracy(
  counts: PairedCounts,
  { maxAccuracyDropPoints: limit }: SearchGoals,
): JudgedAccuracy | undefined {
  const { only_reference_correct: lost, only_variant_correct: won, images } = counts;
  const paired = pairedDifference(lost, won, images);
  return paired === undefined
    ? undefined
    : {
        drop: paired.difference,
        dropInterval: [paired.interval.lower, paired.interval.upper],
        exactP: paired.exactP,
        // Not as shares: 0.7 / 100 is less than 7 / 1000.
        holdsLimit: (lost - won) * 100 <= limit * images,
        provesLimit: paired.interval.upper * 100 <= limit,
      };
}

function judgeLatency(rounds: readonly PairedRound[], { targetP99Ms }: SearchGoals): JudgedLatency {
  const variant = sortSamples(rounds.flatMap(({ variant_ms: samples }) => samples));
  const reference = sortSamples(rounds.flatMap(({ reference_ms: samples }) => samples));
  const logRatios = rounds.map(({ reference_ms: float, variant_ms: int8 }) =>
    Math.log(percentile(sortSamples(int8), 0.5) / percentile(sortSamples(float), 0.5)),
  );
  const located = hodgesLehmann(logRatios, CONFIDENCE);
  const p99 = tailQuantile(variant, 0.99, CONFIDENCE);
  const p99Ms = percentile(variant, 0.99);
  const ratioInterval: readonly [number, number] =
    located === undefined ? [0, Infinity] : [Math.exp(located.interval.lower), Math.exp(located.interval.upper)];
  return {
    p50Ms: percentile(variant, 0.5),
    p99Ms,
    p99UpperMs: p99.state === 'measured' ? p99.upperBound : undefined,
    referenceP50Ms: percentile(reference, 0.5),
    ratio: located === undefined ? percentile(variant, 0.5) / percentile(reference, 0.5) : Math.exp(located.estimate),
    ratioInterval,
    beatsFloat: ratioInterval[1] < 1 ? 'PASS' : ratioInterval[0] >= 1 ? 'FAIL' : 'NOT_ENOUGH_DATA',
    meetsTarget: targetP99Ms !== undefined && p99Ms <= targetP99Ms,
  };
}

function percentile(sorted: ReturnType<typeof sortSamples>, p: number): number {
  return sorted[nearestRank(sorted.length, p) - 1] ?? Number.NaN;
}
