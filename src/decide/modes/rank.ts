import type { Deployment, Plan, Priority, Suitability } from '../../records/plan.ts';
import { compareText } from '../order.ts';
import { own } from '../../shared/values.ts';
import type { Figures, Tracker } from './tracker.ts';

const PRIORITIES_WITHOUT_A_MODE: readonly Priority[] = ['quality', 'speed'];

/** What a mode compares its deployments by, the first before the next. */
export function prioritiesOf(plan: Plan, mode: string): readonly Priority[] {
  return own(plan.modes, mode)?.priorities ?? PRIORITIES_WITHOUT_A_MODE;
}

/** What the deployments are compared by; higher is better, -Infinity is not known. */
type Score = (name: string) => number;

/** One priority, and how near two scores are equal, as a share of the better. */
interface Scored {
  readonly tolerance: number;
  readonly score: Score;
}

export interface Ranking {
  readonly ranked: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Deployments by the mode's priorities: of those within `equal_within` of the best by the first
 * priority the best by the next, and so on; among equals that were all rated the
 * workers' rating, then the plan's own order, then the better score. The plan's order is this ranking
 * by the benchmark's figures; observed speeds and ratings change it.
 */
export function rank(plan: Plan, mode: string, tracker: Tracker, among: readonly string[]): Ranking {
  const planned = own(plan.modes, mode);
  const figures = tracker.get(mode);
  const priorities = prioritiesOf(plan, mode);
  const speeds = observedSpeeds(plan, figures, among);
  const observed = speeds instanceof Map;
  const scores = priorities.map((priority) => ({
    tolerance: toleranceOf(plan, priority),
    score:
      priority === 'speed' && observed
        ? (name: string) => speeds.get(name) ?? -Infinity
        : plannedScore(plan, mode, priority, among),
  }));
  const primary = planned?.primary ?? undefined;
  const place = new Map(
    [...(primary === undefined ? [] : [primary]), ...(planned?.fallback_chain ?? [])].map((name, index) => [
      name,
      index,
    ]),
  );
  const byPlan = (a: string, b: string): number =>
    (place.get(a) ?? place.size) - (place.get(b) ?? place.size) || byBareScores(a, b, scores) || compareText(a, b);
  const left = [...among];
  const ranked: string[] = [];
  while (left.length > 0) {
    const equals = equalsOfTheBest(left, scores);
    const ratings = equals.flatMap((name) => figures?.get(name)?.rating?.mean ?? []);
    // Who was never rated is not worse for it.
    const areRated = ratings.length === equals.length;
    const highest = Math.max(...ratings);
    const best = areRated ? equals.filter((_, index) => ratings[index] === highest) : equals;
    const next = best.toSorted(byPlan)[0];
    if (next === undefined) {
      break;
    }
    ranked.push(next);
    left.splice(left.indexOf(next), 1);
  }
  return { ranked, notes: priorities.includes('speed') && typeof speeds === 'string' ? [speeds] : [] };
}

/** The better of two equals after all, by the first priority in which they differ. */
function byBareScores(a: string, b: string, scores: readonly Scored[]): number {
  for (const { score } of scores) {
    const [ofA, ofB] = [score(a), score(b)];
    if (ofA !== ofB) {
      return ofA > ofB ? -1 : 1;
    }
  }
  return 0;
}

function equalsOfTheBest(names: readonly string[], scores: readonly Scored[]): readonly string[] {
  let equals = names;
  for (const { tolerance, score } of scores) {
    const best = Math.max(...equals.map(score));
    const least = best - Math.abs(best) * tolerance - 1e-12;
    // Where nothing is known of any of them, they are equals.
    equals = best === -Infinity ? equals : equals.filter((name) => score(name) >= least);
  }
  return equals;
}

function toleranceOf(plan: Plan, priority: Priority): number {
  return priority === 'quality' || priority === 'speed' ? plan.equal_within[priority] : 0;
}

function plannedScore(plan: Plan, mode: string, priority: Priority, among: readonly string[]): Score {
  const deploymentOf = (name: string): Deployment | undefined => own(plan.deployments, name);
  const entryOf = (name: string): Suitability | undefined => own(deploymentOf(name)?.modes ?? {}, mode);
  switch (priority) {
    case 'quality':
      return (name) => entryOf(name)?.quality_score ?? -Infinity;
    case 'speed': {
      // The two are on different scales, so one of them serves for all.
      const scored = among.some((name) => (entryOf(name)?.speed_score ?? null) !== null);
      return (name) =>
        (scored ? entryOf(name)?.speed_score : deploymentOf(name)?.benchmark.units_per_second) ?? -Infinity;
    }
    case 'false_rejects':
      return (name) => negative(entryOf(name)?.false_reject_rate);
    case 'memory':
      return (name) => negative(deploymentOf(name)?.memory_mb);
  }
}

function negative(value: number | null | undefined): number {
  return value === null || value === undefined ? -Infinity : -value;
}

/** Observed speeds where every deployment has enough, else why the benchmark's count: the two are never mixed. */
function observedSpeeds(
  plan: Plan,
  figures: ReadonlyMap<string, Figures> | undefined,
  among: readonly string[],
): Map<string, number> | string {
  const least = plan.tracker.min_observations;
  const speeds = new Map<string, number>();
  for (const name of among) {
    const seen = figures?.get(name);
    if (seen?.unitsPerSecond === undefined || seen.timed < least) {
      return `ordered by the benchmark's speeds: ${name} has ${seen?.timed ?? 0} of the ${least} timed observations that it takes in this mode`;
    }
    speeds.set(name, seen.unitsPerSecond);
  }
  return speeds;
}
