import type { Deployment, PlanMode, Suitability } from '../../records/plan.ts';

/** What a caller wants to have done. */
export interface Ask {
  readonly mode: string;
  /** What matters most to the caller, as rules name it. */
  readonly priority?: string | undefined;
  /** Required capabilities. */
  readonly needs?: readonly string[] | undefined;
  /** Tried first, before any rule. */
  readonly preferred?: string | undefined;
  /** What failed to load or to run just now. */
  readonly failed?: readonly string[] | undefined;
  /** Left out or empty, every deployment counts. */
  readonly only?: readonly string[] | undefined;
}

/** What is free for the model; left out, it does not count. */
export interface Resources {
  readonly memoryMb?: number | undefined;
  readonly threads?: number | undefined;
}

/** Why a deployment was passed over, in the order in which it is asked. */
export type Ground =
  | 'not_asked_for'
  | 'requirements'
  | 'feedback'
  | 'observed_latency'
  | 'observed_failures'
  | 'failed'
  | 'capabilities'
  | 'suitability'
  | 'memory'
  | 'threads';

/** One deployment that was passed over, with the numbers. */
export interface PassedOver {
  readonly deployment: string;
  readonly ground: Ground;
  readonly reason: string;
}

/** The speed that the answer rests on, and why it is not the observed one. */
export interface SpeedFigure {
  readonly source: 'observed' | 'benchmark' | 'none';
  readonly units_per_second: number | null;
  readonly observations: number;
  readonly said: string;
}

/** The answer, as `choose --json` prints it. */
export interface Choice {
  /** `none`: nothing is left, and the plan has no last resort. */
  readonly outcome: 'deployment' | 'last_resort' | 'stop' | 'none';
  readonly deployment: string | null;
  readonly mode: string;
  /** One sentence with the numbers. */
  readonly reason: string;
  /** What put the first one first. */
  readonly first: {
    readonly deployment: string | null;
    readonly by: 'caller' | 'rule' | 'order' | 'nobody';
    readonly rule: number | null;
  };
  readonly is_last_resort: boolean;
  readonly ignored_suitability: boolean;
  readonly passed_over: readonly PassedOver[];
  readonly speed: SpeedFigure | null;
  /** With how many threads it was measured, and what it takes; `null`: not measured. */
  readonly threads: number | null;
  readonly memory_mb: number | null;
  readonly thresholds: Suitability['thresholds'];
  /** Free-form fields of the plan, carried through. */
  readonly settings: Deployment['model'];
  readonly model: Deployment['model'];
  /** What the mode demands; `null` where the plan does not say. */
  readonly demands: Pick<PlanMode, 'budget_ms' | 'target_recall' | 'max_false_reject_rate'> | null;
  readonly notes: readonly string[];
}
