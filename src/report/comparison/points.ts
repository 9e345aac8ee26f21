import type { ComparedReference, ComparedVariant, Comparison } from '../../records/comparison.ts';

/** A value with the interval it lies in; no interval for the reference, which the others are paired with. */
export interface Bar {
  readonly value: number;
  readonly interval: readonly [number, number] | null;
}

/** Where a model stands: latency in ms, accuracy in percent. */
export interface Point {
  readonly id: string;
  /** "R" for the reference, 1, 2, ... for the variants. */
  readonly mark: string;
  readonly kind: 'reference' | 'good' | 'bad' | 'open';
  readonly latencyMs: Bar;
  readonly accuracyPercent: Bar;
}

/** What of a comparison can be drawn. */
export interface Drawing {
  readonly points: readonly Point[];
  /** Models without a latency or an accuracy. */
  readonly notDrawn: readonly string[];
}

/**
 * The models as points. A variant stands where the paired differences put it from the reference, so
 * that its bars are the intervals of the differences.
 */
export function drawingOf({ reference, variants }: Comparison): Drawing {
  const placed = [
    place(reference, 'R', 'reference', { value: latencyOf(reference), interval: null }, plainAccuracy(reference)),
    ...variants.map((variant, index) =>
      place(
        variant,
        String(index + 1),
        kindOf(variant),
        pairedLatency(variant, reference),
        pairedAccuracy(variant, reference),
      ),
    ),
  ];
  return {
    points: placed.flatMap((entry) => (typeof entry === 'string' ? [] : [entry])),
    notDrawn: placed.filter((entry) => typeof entry === 'string'),
  };
}

interface MaybeBar {
  readonly value: number | undefined;
  readonly interval: readonly [number, number] | null;
}

/** The model's id where a value is missing. */
function place(
  { id }: ComparedReference,
  mark: string,
  kind: Point['kind'],
  latency: MaybeBar,
  accuracy: MaybeBar,
): Point | string {
  if (latency.value === undefined || accuracy.value === undefined) {
    return id;
  }
  return {
    id,
    mark,
    kind,
    latencyMs: { value: latency.value, interval: latency.interval },
    accuracyPercent: { value: accuracy.value, interval: accuracy.interval },
  };
}

function latencyOf({ latency }: ComparedReference): number | undefined {
  const median = latency?.percentiles.find(({ p }) => p === 0.5);
  return median?.state === 'measured' ? median.value_ms : latency?.mean_ms;
}

function plainAccuracy({ accuracy }: ComparedReference): MaybeBar {
  const value = accuracy?.accuracy.value ?? undefined;
  return { value: value === undefined ? undefined : 100 * value, interval: null };
}

function pairedLatency(variant: ComparedVariant, reference: ComparedReference): MaybeBar {
  const { ratio, interval } = variant.speed;
  const base = latencyOf(reference);
  return ratio === null || interval === null || base === undefined
    ? { value: latencyOf(variant), interval: null }
    : { value: base * ratio, interval: [base * interval[0], base * interval[1]] };
}

function pairedAccuracy(variant: ComparedVariant, reference: ComparedReference): MaybeBar {
  const { difference, interval } = variant.accuracy_difference;
  const base = plainAccuracy(reference).value;
  return difference === null || interval === null || base === undefined
    ? plainAccuracy(variant)
    : { value: base + 100 * difference, interval: [base + 100 * interval[0], base + 100 * interval[1]] };
}

function kindOf({ speed, accuracy_difference, recall_difference }: ComparedVariant): Point['kind'] {
  const found = new Set<string>([speed.verdict, accuracy_difference.verdict, recall_difference.verdict]);
  if (['slower', 'worse', 'failed'].some((verdict) => found.has(verdict))) {
    return 'bad';
  }
  return found.has('not_enough_data') ? 'open' : 'good';
}
