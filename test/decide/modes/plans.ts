import { readFileSync } from 'node:fs';
import type { Tracked } from '../../../src/records/observation.ts';
import { planSchema, type Plan } from '../../../src/records/plan.ts';

/** The earlier system's own file: models, rules, chains, and the answers it gave. */
export interface EarlierSystem {
  readonly models: Record<
    string,
    {
      readonly capabilities: string[];
      readonly memory_mb: number;
      readonly tokens_per_second: number;
      readonly success_rate: number;
      readonly modes: Record<string, object>;
    }
  >;
  readonly rules: object[];
  readonly fallback_chains: Record<string, string[]>;
  readonly last_resort: string;
  readonly mode_settings: Record<string, Record<string, Record<string, number>>>;
  readonly expected: {
    readonly ask: Record<string, string | number | boolean>;
    readonly model: string;
    readonly why?: string;
  }[];
}

export function earlierSystem(): EarlierSystem {
  const path = new URL('../../fixtures/modes/earlier-system.json', import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as EarlierSystem;
}

/** The earlier system as a plan file. */
export function earlierPlan(changes: object = {}): Plan {
  const { models, rules, fallback_chains, last_resort, mode_settings } = earlierSystem();
  return planSchema.parse({
    schema: 'beltbench/plan',
    version: 1,
    kind: 'general',
    deployments: Object.fromEntries(
      Object.entries(models).map(([id, { tokens_per_second, success_rate, capabilities, memory_mb, modes }]) => [
        id,
        {
          capabilities,
          memory_mb,
          modes,
          benchmark: { units_per_second: tokens_per_second, success_rate },
          model: { tokens_per_second },
        },
      ]),
    ),
    rules,
    fallback_chains,
    last_resort,
    mode_settings,
    ...changes,
  });
}

type Verdict = 'PASS' | 'FAIL' | 'NOT_ENOUGH_DATA';

/** One deployment of a line's plan in one mode, with the verdicts on its budget and its recall. */
export function entry(budget: Verdict, recall: Verdict, quality = 0.94, speed = 1): object {
  return {
    suitable: budget === 'PASS' && recall === 'PASS',
    quality_score: quality,
    speed_score: speed,
    requirements: [
      { requirement: 'budget', verdict: budget, reason: '41 of 1,000 inferences over 15.00 ms' },
      { requirement: 'recall', verdict: recall, reason: '0 of 800 missed, certified recall 99.62 %' },
    ],
    thresholds: { target_from: 0.5, certified_recall: 0.9962, targets: 800, misses: 0, review_band: null },
  };
}

/**
 * A line with a fast and an accurate model: both do in standard mode, only the fast one in high speed,
 * only the accurate one in food safety.
 */
export function linePlan(changes: object = {}): Plan {
  const demands = { budget_ms: 30, target_recall: 0.99, confidence: 0.95 };
  return planSchema.parse({
    schema: 'beltbench/plan',
    version: 1,
    kind: 'line',
    classes: { target: 'pit', others: ['clean'], maybe: null },
    deployments: {
      fast: {
        memory_mb: 200,
        threads: 1,
        revision: 'f1',
        benchmark: { units_per_second: 110 },
        modes: {
          standard: entry('PASS', 'PASS', 0.92, 1),
          high_speed: entry('PASS', 'PASS', 0.92, 1),
          food_safety: entry('PASS', 'NOT_ENOUGH_DATA', 0.92, 1),
        },
      },
      accurate: {
        memory_mb: 400,
        threads: 2,
        revision: 'a1',
        benchmark: { units_per_second: 60 },
        modes: {
          standard: entry('PASS', 'PASS', 0.95, 0.55),
          high_speed: entry('FAIL', 'PASS', 0.95, 0.55),
          food_safety: entry('PASS', 'PASS', 0.95, 0.55),
        },
      },
    },
    modes: {
      standard: { ...demands, primary: 'accurate', fallback_chain: ['fast'] },
      high_speed: { ...demands, budget_ms: 15, priorities: ['speed', 'quality'], primary: 'fast' },
      food_safety: { ...demands, target_recall: 0.995, primary: 'accurate' },
    },
    last_resort: 'stop',
    equal_within: { quality: 0.015, speed: 0.05 },
    ...changes,
  });
}

const NO_CALLS = { target: 0, maybe: 0, other: 0 };

/** What the log says of one deployment; nothing, but for what a test names. */
export function tracked(
  deployment: string,
  mode: string,
  revision: string | null,
  changes: Partial<Tracked> = {},
): Tracked {
  return {
    deployment,
    mode,
    revision,
    total: 0,
    previous: null,
    current: { n: 0, successes: 0, timed: 0, work: 0, seconds: 0 },
    reviews: { target: NO_CALLS, other: NO_CALLS },
    seeded: NO_CALLS,
    ratings: { n: 0, sum: 0 },
    ...changes,
  };
}

/** So many observations of one unit each, at so many milliseconds a unit. */
export function observed(n: number, msPerUnit: number, successes = n): object {
  return {
    total: n,
    current: { n, successes, timed: successes, work: successes, seconds: (successes * msPerUnit) / 1000 },
  };
}
