import type { Sums, Tracked } from '../../records/observation.ts';
import type { Deployment, Plan } from '../../records/plan.ts';
import { clopperPearson, DISPLAY_CONFIDENCE, oneSidedUpper, type Interval } from '../../stats/proportion.ts';
import { assessRecallFloor, type RecallAssessment } from '../../stats/certificate.ts';
import { complement } from '../../stats/complement.ts';
import { own } from '../../shared/values.ts';

/** A rate from reviewed items: `k` of `n`, with the exact 95 % interval. */
export interface ReviewedRate {
  readonly k: number;
  readonly n: number;
  readonly interval: Interval | undefined;
}

/** What the line itself says of one deployment in one mode. */
export interface Figures {
  /** Observations since the beginning. */
  readonly total: number;
  /** Of the newest observations, which the means are over. */
  readonly observations: number;
  readonly successes: number;
  /** Of them, those whose time is known: what a speed rests on. */
  readonly timed: number;
  /** `undefined`: nothing succeeded that was timed. */
  readonly unitsPerSecond: number | undefined;
  /** Per observation. */
  readonly meanSeconds: number | undefined;
  /** The exact one-sided upper bound on the success rate. */
  readonly successAtMost: number | undefined;
  /**
   * Of the reviewed targets, those that were not cleared: of all where something cleared was reviewed, else of
   * the seeded ones; `undefined` where a miss could not have shown.
   */
  readonly recall: ReviewedRate | undefined;
  readonly seededTargets: number;
  readonly falseRejects: ReviewedRate | undefined;
  /** Against the mode's floor; `undefined` where there is none, or nothing was reviewed that could tell. */
  readonly recallVerdict: RecallAssessment | undefined;
  readonly rating: { readonly n: number; readonly mean: number } | undefined;
}

/** The figures per mode, then per deployment. */
export type Tracker = ReadonlyMap<string, ReadonlyMap<string, Figures>>;

/** The confidence of what only the line itself proves, where the mode names none. */
export const CONFIDENCE = 0.95;

/**
 * What the log says of the plan's deployments, as far as it is about their present revision: judged
 * once, so that `choose` is quick.
 */
export function judgeTracked(plan: Plan, tracked: readonly Tracked[]): Tracker {
  const tracker = new Map<string, Map<string, Figures>>();
  for (const cell of tracked) {
    const deployment = own(plan.deployments, cell.deployment);
    if (deployment !== undefined && revisionIn(deployment, cell.mode) === cell.revision) {
      const perDeployment = tracker.get(cell.mode) ?? new Map<string, Figures>();
      tracker.set(cell.mode, perDeployment.set(cell.deployment, figuresOf(plan, cell)));
    }
  }
  return tracker;
}

/** Of which revision a deployment is in a mode: what was observed of another one says nothing of it. */
export function revisionIn({ modes, revision }: Deployment, mode: string): string | null {
  return own(modes, mode)?.revision ?? revision;
}

function figuresOf(plan: Plan, { mode, total, previous, current, reviews, seeded, ratings }: Tracked): Figures {
  const demands = own(plan.modes, mode);
  const confidence = demands?.confidence ?? CONFIDENCE;
  const { n, successes, timed, work, seconds } = newest(previous, current);
  const { target, other } = reviews;
  const seededTargets = allOf(seeded);
  const reviewedOthers = allOf(other);
  // Where all that was reviewed unseeded had been flagged, a miss among it could not have come to light.
  const couldShowMisses = target.other - seeded.other + other.other > 0;
  const shown = couldShowMisses ? target : seeded;
  const reviewedTargets = allOf(shown);
  const isKnown = couldShowMisses || seededTargets > 0;
  const floor = demands?.target_recall ?? null;
  return {
    total,
    observations: n,
    successes,
    timed,
    unitsPerSecond: work > 0 && seconds > 0 ? work / seconds : undefined,
    meanSeconds: timed > 0 ? seconds / timed : undefined,
    successAtMost: oneSidedUpper(successes, n, complement(confidence)),
    recall: isKnown ? rateOf(reviewedTargets - shown.other, reviewedTargets) : undefined,
    seededTargets,
    falseRejects: rateOf(other.target, reviewedOthers),
    recallVerdict:
      floor === null || !isKnown || reviewedTargets === 0
        ? undefined
        : assessRecallFloor(shown.other, reviewedTargets, { recallFloor: floor, confidence }),
    rating: ratings.n === 0 ? undefined : { n: ratings.n, mean: ratings.sum / ratings.n },
  };
}

function allOf({ target, maybe, other }: Tracked['seeded']): number {
  return target + maybe + other;
}

function rateOf(k: number, n: number): ReviewedRate {
  return { k, n, interval: clopperPearson(k, n, DISPLAY_CONFIDENCE) };
}

function newest(previous: Sums | null, current: Sums): Sums {
  return previous === null
    ? current
    : {
        n: previous.n + current.n,
        successes: previous.successes + current.successes,
        timed: previous.timed + current.timed,
        work: previous.work + current.work,
        seconds: previous.seconds + current.seconds,
      };
}
