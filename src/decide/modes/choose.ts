import { hint } from '../../config/hint.ts';
import { STOP } from '../../config/modesChecks.ts';
import { printable } from '../../config/shown.ts';
import type { Deployment, Plan } from '../../records/plan.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { countOf } from '../../shared/units.ts';
import type { Ask, Choice, PassedOver, Resources, SpeedFigure } from './ask.ts';
import { hardGround, isOffered, refutedByFeedback, softGround, unsuitable } from './exclude.ts';
import { orderFor, type Order } from './order.ts';
import { own } from './own.ts';
import type { Figures, Tracker } from './tracker.ts';

/**
 * Which deployment works now: rules.md 4. What the mode demands filters first; then the caller's
 * preference, the first matching rule or the mode's own order says who is tried, and the first that
 * is suitable, fits and has not failed is the answer; else the plan's last resort, said as such.
 *
 * @param tracker what the line says of the deployments, from `judgeTracked`
 * @throws BeltbenchError `bad_usage` when the ask names a deployment, a capability or, in a line's plan, a mode that the plan does not know
 */
export function choose(plan: Plan, ask: Ask, tracker: Tracker, resources: Resources = {}): Choice {
  assertKnown(plan, ask);
  const figures = tracker.get(ask.mode);
  const question = (name: string, deployment: Deployment) => ({
    plan,
    ask,
    name,
    deployment,
    figures: figures?.get(name),
  });
  const passedOver: PassedOver[] = [];
  const eligible: string[] = [];
  for (const [name, deployment] of Object.entries(plan.deployments)) {
    const ground = hardGround(question(name, deployment));
    if (ground === undefined) {
      eligible.push(name);
    } else {
      passedOver.push(ground);
    }
  }
  const order = orderFor(plan, ask, tracker, eligible);
  const notes = [...order.notes, ...ruleOnlyNeeds(plan, ask)];
  for (const name of order.deployments) {
    const deployment = own(plan.deployments, name);
    if (deployment === undefined || !eligible.includes(name)) {
      continue;
    }
    const ignores = order.ignoresSuitability && name === order.first.deployment;
    const ground = softGround(question(name, deployment), resources, ignores);
    if (ground !== undefined) {
      passedOver.push(ground);
      continue;
    }
    const overlooked = ignores ? unsuitable({ plan, ask, deployment }) : undefined;
    return {
      outcome: 'deployment',
      ...answerWith(plan, ask, name, deployment, figures?.get(name)),
      reason: `${whyFirst(plan, ask, order)}${name === order.first.deployment ? '' : `, but ${whyNot(order, passedOver)}; ${name} is the first after it that can do it`}${overlooked === undefined ? '' : `; the rule ignores that ${overlooked.reason}`}`,
      first: order.first,
      is_last_resort: false,
      ignored_suitability: ignores,
      passed_over: passedOver,
      notes,
    };
  }
  return lastResort(plan, ask, order, passedOver, notes, figures);
}

/** Always answered as what it is. In a line's plan it must hold the recall floor; where it does not, the belt stops. */
function lastResort(
  plan: Plan,
  ask: Ask,
  order: Order,
  passedOver: readonly PassedOver[],
  notes: readonly string[],
  figures: ReadonlyMap<string, Figures> | undefined,
): Choice {
  const why =
    order.first.deployment === null
      ? `nobody meets what mode ${ask.mode} demands`
      : `${whyFirst(plan, ask, order)}, but ${whyNot(order, passedOver)}, and nobody after it can do it`;
  const rest = { first: order.first, ignored_suitability: false, passed_over: passedOver, notes };
  const name = plan.last_resort;
  const deployment = name === null ? undefined : own(plan.deployments, name);
  if (name === null || deployment === undefined) {
    const reason =
      name === STOP
        ? `${why}; last resort: stop, divert the belt to manual inspection`
        : `${why}; the plan has no last resort`;
    return {
      outcome: name === STOP ? STOP : 'none',
      ...nobody(plan, ask),
      ...rest,
      reason,
      is_last_resort: name === STOP,
    };
  }
  const unfit = unfitAsLastResort(plan, ask, name, deployment, figures?.get(name));
  if (unfit !== undefined) {
    const stops = plan.kind === 'line';
    return {
      outcome: stops ? STOP : 'none',
      ...nobody(plan, ask),
      ...rest,
      reason: `${why}; the last resort ${name} cannot be taken: ${unfit}${stops ? '; stop, divert the belt to manual inspection' : ''}`,
      is_last_resort: stops,
    };
  }
  return {
    outcome: 'last_resort',
    ...answerWith(plan, ask, name, deployment, figures?.get(name)),
    ...rest,
    reason: `${why}; ${name} is the plan's last resort`,
    is_last_resort: true,
  };
}

function unfitAsLastResort(
  plan: Plan,
  ask: Ask,
  name: string,
  deployment: Deployment,
  figures: Figures | undefined,
): string | undefined {
  if (ask.failed?.includes(name) === true) {
    return 'it failed to load or to run, says the caller';
  }
  if (plan.kind !== 'line') {
    return undefined;
  }
  return certifiedRecall(deployment, ask.mode)
    ? refutedByFeedback({ plan, ask, name, deployment, figures })?.reason
    : `its recall is not certified for mode ${ask.mode}`;
}

/** Whether a deployment holds a mode's recall floor, as far as the stored predictions prove it. */
export function certifiedRecall({ modes }: Deployment, mode: string): boolean {
  return (
    own(modes, mode)?.requirements.some(
      ({ requirement, verdict }) => requirement === 'recall' && verdict === 'PASS',
    ) === true
  );
}

/** What of an answer is about the deployment and the mode alone. */
type Answered = Pick<
  Choice,
  'deployment' | 'mode' | 'speed' | 'threads' | 'memory_mb' | 'thresholds' | 'settings' | 'model' | 'demands'
>;

function answerWith(
  plan: Plan,
  ask: Ask,
  name: string,
  deployment: Deployment,
  figures: Figures | undefined,
): Answered {
  return {
    ...nobody(plan, ask),
    deployment: name,
    speed: speedOf(plan, deployment, figures),
    threads: deployment.threads,
    memory_mb: deployment.memory_mb,
    thresholds: own(deployment.modes, ask.mode)?.thresholds ?? null,
    settings: own(own(plan.mode_settings, ask.mode) ?? {}, name) ?? {},
    model: deployment.model,
  };
}

function nobody(plan: Plan, { mode }: Ask): Answered {
  const demanded = own(plan.modes, mode);
  return {
    deployment: null,
    mode,
    speed: null,
    threads: null,
    memory_mb: null,
    thresholds: null,
    settings: {},
    model: {},
    demands:
      demanded === undefined
        ? null
        : {
            budget_ms: demanded.budget_ms,
            target_recall: demanded.target_recall,
            max_false_reject_rate: demanded.max_false_reject_rate,
          },
  };
}

function whyFirst(plan: Plan, { mode }: Ask, { first }: Order): string {
  switch (first.by) {
    case 'caller':
      return `${first.deployment} is preferred by the caller`;
    case 'rule': {
      const when = JSON.stringify(plan.rules[first.rule ?? 0]?.when ?? {});
      return `rule ${(first.rule ?? 0) + 1} ${when === '{}' ? '(always)' : when} chooses ${first.deployment}`;
    }
    case 'order':
    case 'nobody': {
      const priorities = own(plan.modes, mode)?.priorities ?? ['quality', 'speed'];
      return `${first.deployment} comes first in mode ${mode} by ${priorities.join(', then ')}`;
    }
  }
}

function whyNot({ first }: Order, passedOver: readonly PassedOver[]): string {
  return passedOver.find(({ deployment }) => deployment === first.deployment)?.reason ?? 'it is not available';
}

function speedOf(plan: Plan, { benchmark }: Deployment, figures: Figures | undefined): SpeedFigure {
  const least = plan.tracker.min_observations;
  const observations = figures?.observations ?? 0;
  if (figures?.unitsPerSecond !== undefined && observations >= least) {
    return {
      source: 'observed',
      units_per_second: figures.unitsPerSecond,
      observations,
      said: `the mean of its newest ${observations} observations in this mode`,
    };
  }
  return {
    source: benchmark.units_per_second === null ? 'none' : 'benchmark',
    units_per_second: benchmark.units_per_second,
    observations,
    said: `${countOf(observations, 'observation')} in this mode, and it takes ${least}: ${benchmark.units_per_second === null ? 'no benchmark either' : "the benchmark's figure"}`,
  };
}

function ruleOnlyNeeds(plan: Plan, { needs = [] }: Ask): string[] {
  return needs
    .filter((needed) => !isOffered(plan, needed))
    .map((needed) => `no deployment lists ${needed}: it serves the rules only, and excludes nobody`);
}

function assertKnown(plan: Plan, ask: Ask): void {
  const deployments = Object.keys(plan.deployments);
  const named = [...(ask.preferred === undefined ? [] : [ask.preferred]), ...(ask.failed ?? []), ...(ask.only ?? [])];
  for (const name of named) {
    assertOneOf(name, deployments, 'deployment');
  }
  if (plan.kind === 'line') {
    assertOneOf(ask.mode, Object.keys(plan.modes), 'mode');
  }
  if (ask.priority !== undefined) {
    assertOneOf(
      ask.priority,
      [...new Set(plan.rules.flatMap(({ when }) => when.priority ?? []))],
      'rule with the priority',
    );
  }
  const needs = ask.needs ?? [];
  const capabilities = needs.length === 0 ? [] : namedCapabilities(plan);
  for (const needed of needs) {
    assertOneOf(needed, capabilities, 'capability');
  }
}

function namedCapabilities(plan: Plan): string[] {
  const offered = Object.values(plan.deployments).flatMap(({ capabilities }) => capabilities);
  const ruled = plan.rules.flatMap(({ when: { mode: _mode, priority: _priority, ...needed } }) => Object.keys(needed));
  return [...new Set([...offered, ...ruled])];
}

/** @throws BeltbenchError `bad_usage`, with the nearest name */
export function assertOneOf(name: string, known: readonly string[], what: string): void {
  if (!known.includes(name)) {
    throw new BeltbenchError('bad_usage', `the plan has no ${what} \`${printable(name)}\`${hint(name, known)}`);
  }
}
