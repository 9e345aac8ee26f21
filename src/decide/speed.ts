import type { Warning } from '../records/common.ts';

/** What of a candidate says how fast it is. */
export interface SpeedFacts {
  readonly id: string;
  /** Batch-1 mean; `undefined` without a benchmark. */
  readonly latencyMs: number | undefined;
  readonly parameters: number | undefined;
}

export type SpeedSource = 'benchmark' | 'parameter_proxy';

/** A candidate with its speed relative to the fastest, which is 1; larger is slower. */
export type WithSpeed<T> = T & { readonly speed: number | undefined };

export interface ScoredSpeeds<T> {
  readonly scored: readonly WithSpeed<T>[];
  readonly source: SpeedSource;
  readonly warnings: readonly Warning[];
}

/**
 * The earlier tools' speed score (rules.md 1). Never mixes its two sources: one candidate without a
 * benchmark puts all of them on the proxy, the parameter count.
 */
export function scoreSpeeds<T extends SpeedFacts>(candidates: readonly T[]): ScoredSpeeds<T> {
  const unmeasured = candidates.filter(({ latencyMs }) => !isCost(latencyMs)).map(({ id }) => id);
  const source = unmeasured.length === 0 ? 'benchmark' : 'parameter_proxy';
  const costs = candidates.map(({ latencyMs, parameters }) => (source === 'benchmark' ? latencyMs : parameters));
  const fastest = Math.min(...costs.filter(isCost));
  const scored = candidates.map((candidate, index) => {
    const cost = costs[index];
    return { ...candidate, speed: isCost(cost) ? cost / fastest : undefined };
  });
  return { scored, source, warnings: warnOfProxy(unmeasured, scored) };
}

/** Nothing runs in no time or on no parameters: such a number is a fault, not a speed. */
function isCost(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value) && value > 0;
}

function warnOfProxy(unmeasured: readonly string[], scored: readonly WithSpeed<SpeedFacts>[]): Warning[] {
  if (unmeasured.length === 0) {
    return [];
  }
  const unknown = scored.filter(({ speed }) => speed === undefined).map(({ id }) => id);
  return [
    {
      code: 'speed_proxy',
      message: `no benchmark for ${unmeasured.join(', ')}: the speed of all candidates is judged by parameter count instead`,
    },
    ...(unknown.length === 0
      ? []
      : [
          {
            code: 'speed_unknown',
            message: `neither a benchmark nor a parameter count for ${unknown.join(', ')}: without a speed a candidate can only win on accuracy`,
          },
        ]),
  ];
}
