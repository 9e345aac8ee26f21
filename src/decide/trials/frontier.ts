import type { TrialSelection } from '../../records/trialSelection.ts';
import { paretoFrontier } from '../../stats/paretoFrontier.ts';

type Axis = TrialSelection['frontier_axes'][number];

/** What the frontier is drawn by. */
export interface FrontierPoint {
  readonly id: string;
  readonly value: number;
  /** Relative to the fastest; lower is better. */
  readonly speed: number | undefined;
  readonly sizeBytes: number | undefined;
  readonly cost: number | undefined;
}

export interface Frontier {
  readonly axes: readonly Axis[];
  /** Per point, in the points' order. */
  readonly onFrontier: readonly boolean[];
  readonly warnings: readonly string[];
}

/**
 * The non-dominated candidates by objective, speed, size and cost. An axis counts only where every
 * candidate has it: an unknown is neither good nor bad.
 */
export function drawFrontier(points: readonly FrontierPoint[], speedAxis: 'latency' | 'parameters'): Frontier {
  const known: [Axis, (number | undefined)[]][] = [
    ['value', points.map(({ value }) => -value)],
    [speedAxis, points.map(({ speed }) => speed)],
    ['size', points.map(({ sizeBytes }) => sizeBytes)],
    ['cost', points.map(({ cost }) => cost)],
  ];
  const axes: Axis[] = [];
  const warnings: string[] = [];
  const columns: number[][] = [];
  for (const [axis, values] of known) {
    const present = values.filter((value) => value !== undefined);
    if (present.length === points.length) {
      axes.push(axis);
      columns.push(present);
    } else if (present.length > 0) {
      const unknown = points.filter((_, index) => values[index] === undefined).map(({ id }) => id);
      warnings.push(`the Pareto frontier leaves ${axis} out: unknown for ${unknown.join(', ')}`);
    }
  }
  const rows = points.map((_, index) => columns.map((column) => column[index] ?? 0));
  return { axes, onFrontier: paretoFrontier(rows), warnings };
}
