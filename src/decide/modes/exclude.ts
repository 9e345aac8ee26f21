import type { Deployment, Plan } from '../../records/plan.ts';
import { countOf, formatAtLeast, formatAtMost, formatMs, formatShare } from '../../shared/units.ts';
import type { Ask, PassedOver, Resources } from './ask.ts';
import { own } from '../../shared/values.ts';
import type { Figures } from './tracker.ts';

/** One deployment under one question. */
export interface Questioned {
  readonly plan: Plan;
  readonly ask: Ask;
  readonly name: string;
  readonly deployment: Deployment;
  /** What the line says of it in this mode. */
  readonly figures: Figures | undefined;
}

type Finding = Pick<PassedOver, 'ground' | 'reason'> | undefined;

/** What no rule, preference or last resort of the ask can overrule: the mode's demands, proven before or on the line. */
export function hardGround(questioned: Questioned): PassedOver | undefined {
  return first(questioned, [notAskedFor, requirementNotMet, refutedByFeedback, observedOverBudget, observedFailures]);
}

/** What else keeps a deployment from being taken now. */
export function softGround(
  questioned: Questioned,
  resources: Resources,
  ignoresSuitability: boolean,
): PassedOver | undefined {
  return first(questioned, [
    failedJustNow,
    lacksCapability,
    ...(ignoresSuitability ? [] : [unsuitable]),
    ({ deployment }) => lacksMemory(deployment, resources),
    ({ deployment }) => lacksThreads(deployment, resources),
  ]);
}

/** Why a deployment cannot be taken as the last resort: of a line's mode it may miss the budget, and nothing else. */
export function groundAgainstLastResort(questioned: Questioned, resources: Resources): PassedOver | undefined {
  const { deployment, plan } = questioned;
  return plan.kind === 'line'
    ? first(questioned, [
        notAskedFor,
        failedJustNow,
        recallNotCertified,
        refutedByFeedback,
        observedFailures,
        () => lacksMemory(deployment, resources),
        () => lacksThreads(deployment, resources),
      ])
    : first(questioned, [failedJustNow]);
}

function first(
  questioned: Questioned,
  checks: readonly ((questioned: Questioned) => Finding)[],
): PassedOver | undefined {
  for (const check of checks) {
    const finding = check(questioned);
    if (finding !== undefined) {
      return { deployment: questioned.name, ...finding };
    }
  }
  return undefined;
}

function notAskedFor({ ask, name }: Questioned): Finding {
  return ask.only === undefined || ask.only.length === 0 || ask.only.includes(name)
    ? undefined
    : { ground: 'not_asked_for', reason: 'it is not among those of --only' };
}

/** What a mode of a line demands; a plan that does not say whether it is met proves nothing. */
function demandedOf(plan: Plan, mode: string): string[] {
  const limit = own(plan.modes, mode)?.max_false_reject_rate ?? null;
  return plan.kind === 'line' ? ['budget', 'recall', ...(limit === null ? [] : ['false_rejects'])] : [];
}

interface Contradiction {
  readonly requirement: 'recall' | 'false_rejects';
  readonly reason: string;
}

/** A verdict is as good as the number it rests on: what of a line's PASS the plan's own numbers contradict. */
function contradicted({ plan, ask, deployment }: Asked): Contradiction[] {
  const entry = own(deployment.modes, ask.mode);
  const demands = own(plan.modes, ask.mode);
  if (plan.kind !== 'line' || entry === undefined || demands === undefined) {
    return [];
  }
  const passes = (name: string): boolean =>
    entry.requirements.some(({ requirement, verdict }) => requirement === name && verdict === 'PASS');
  const { target_recall: floor, max_false_reject_rate: limit } = demands;
  const certified = entry.thresholds?.certified_recall ?? null;
  const rate = entry.false_reject_rate;
  const found: Contradiction[] = [];
  if (floor !== null && passes('recall') && (certified === null || certified < floor - ROUNDING)) {
    const reason =
      certified === null
        ? 'no certified recall (`thresholds.certified_recall`) stands beside its PASS'
        : `certified at ${formatAtLeast(certified)}, below the floor of ${formatShare(floor, 1)}`;
    found.push({ requirement: 'recall', reason });
  }
  if (limit !== null && passes('false_rejects') && rate !== null && rate > limit + ROUNDING) {
    const reason = `${formatShare(rate, 2)}, above the limit of ${formatShare(limit, 1)}`;
    found.push({ requirement: 'false_rejects', reason });
  }
  return found;
}

const ROUNDING = 1e-9;

type Asked = Pick<Questioned, 'plan' | 'ask' | 'deployment'>;

/** Whether a deployment holds a mode's recall floor, as far as the stored predictions prove it. */
export function recallNotCertified({ plan, ask, deployment }: Asked): Finding {
  const verdict = own(deployment.modes, ask.mode)?.requirements.find(({ requirement }) => requirement === 'recall');
  const holds =
    verdict?.verdict === 'PASS' &&
    !contradicted({ plan, ask, deployment }).some(({ requirement }) => requirement === 'recall');
  return holds ? undefined : { ground: 'requirements', reason: `its recall is not certified for mode ${ask.mode}` };
}

function requirementNotMet({ plan, ask, deployment }: Questioned): Finding {
  const requirements = own(deployment.modes, ask.mode)?.requirements ?? [];
  const unmet = requirements
    .filter(({ verdict }) => verdict !== 'PASS')
    .map(({ requirement, verdict, reason }) => `${requirement}: ${verdict.replaceAll('_', ' ')}: ${reason}`);
  const unjudged = demandedOf(plan, ask.mode)
    .filter((name) => !requirements.some(({ requirement }) => requirement === name))
    .map((name) => `${name}: never judged for mode ${ask.mode}`);
  const contradictions = contradicted({ plan, ask, deployment }).map(
    ({ requirement, reason }) => `${requirement}: ${reason}`,
  );
  const reasons = [...unmet, ...unjudged, ...contradictions];
  return reasons.length === 0 ? undefined : { ground: 'requirements', reason: reasons.join('; ') };
}

/** A miss rate that workers found in practice outweighs the certificate, which is about other images. */
export function refutedByFeedback({ plan, ask, figures }: Questioned): Finding {
  const verdict = figures?.recallVerdict;
  if (figures?.recall === undefined || verdict?.verdict !== 'FAIL') {
    return undefined;
  }
  const { k, n } = figures.recall;
  const floor = own(plan.modes, ask.mode)?.target_recall;
  return {
    ground: 'feedback',
    reason: `recall is refuted on the line: of ${n} reviewed targets ${k} were found, so recall is at most ${formatAtMost(verdict.upperBound)}, and the floor is ${formatShare(floor, 1)}`,
  };
}

function observedOverBudget({ plan, ask, figures }: Questioned): Finding {
  const budgetMs = own(plan.modes, ask.mode)?.budget_ms ?? null;
  if (budgetMs === null || figures?.unitsPerSecond === undefined) {
    return undefined;
  }
  const perUnitMs = 1000 / figures.unitsPerSecond;
  return figures.timed >= plan.tracker.min_observations && perUnitMs > budgetMs
    ? {
        ground: 'observed_latency',
        reason: `the mean over its newest ${figures.timed} timed observations is ${formatMs(perUnitMs)} per item, and the budget is ${formatMs(budgetMs)}`,
      }
    : undefined;
}

function observedFailures({ plan, name, deployment, figures }: Questioned): Finding {
  const least = plan.tracker.min_success_rate;
  if (least === null) {
    return undefined;
  }
  if (figures === undefined || figures.observations < plan.tracker.min_observations) {
    const claimed = deployment.benchmark.success_rate;
    return claimed !== null && claimed < least
      ? {
          ground: 'observed_failures',
          reason: `by its benchmark ${name} succeeds in ${formatShare(claimed, 1)}, and at least ${formatShare(least, 1)} is demanded`,
        }
      : undefined;
  }
  const { successes, observations, successAtMost } = figures;
  return successAtMost !== undefined && successAtMost < least
    ? {
        ground: 'observed_failures',
        reason: `${successes} of its newest ${observations} runs succeeded, so at most ${formatAtMost(successAtMost)} do, and at least ${formatAtLeast(least, 1)} is demanded`,
      }
    : undefined;
}

function failedJustNow({ ask, name }: Questioned): Finding {
  return ask.failed?.includes(name) === true
    ? { ground: 'failed', reason: 'it failed to load or to run, says the caller' }
    : undefined;
}

function lacksCapability({ plan, ask, deployment }: Questioned): Finding {
  const lacking = (ask.needs ?? []).filter(
    (needed) => !deployment.capabilities.includes(needed) && isOffered(plan, needed),
  );
  return lacking.length === 0 ? undefined : { ground: 'capabilities', reason: `it lacks ${lacking.join(', ')}` };
}

/** A capability that no deployment lists serves the rules only. */
export function isOffered(plan: Plan, capability: string): boolean {
  return Object.values(plan.deployments).some(({ capabilities }) => capabilities.includes(capability));
}

/** A mode that no deployment lists excludes nobody. */
export function unsuitable({ plan, ask, deployment }: Asked): Finding {
  const entry = own(deployment.modes, ask.mode);
  if (entry === undefined) {
    return Object.values(plan.deployments).some(({ modes }) => Object.hasOwn(modes, ask.mode))
      ? { ground: 'suitability', reason: `it does not list mode ${ask.mode}, which others do` }
      : undefined;
  }
  const quality = entry.quality_score === null ? '' : ` (quality ${entry.quality_score})`;
  return entry.suitable
    ? undefined
    : { ground: 'suitability', reason: `it is not suitable for mode ${ask.mode}${quality}` };
}

function lacksMemory({ memory_mb: memoryMb }: Deployment, { memoryMb: freeMb }: Resources): Finding {
  if (freeMb === undefined || (memoryMb !== null && memoryMb <= freeMb)) {
    return undefined;
  }
  return {
    ground: 'memory',
    reason:
      memoryMb === null
        ? `nobody has measured its memory, and ${freeMb} MB are free`
        : `it takes ${memoryMb} MB, and ${freeMb} MB are free`,
  };
}

/** Its latency was proven with its own number of threads, so with fewer nothing is proven. */
function lacksThreads({ threads }: Deployment, { threads: free }: Resources): Finding {
  return free === undefined || threads === null || threads <= free
    ? undefined
    : {
        ground: 'threads',
        reason: `it runs with ${countOf(threads, 'thread')}, and ${free} ${free === 1 ? 'is' : 'are'} free`,
      };
}
