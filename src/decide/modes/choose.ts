import { hint } from '../../config/hint.ts';
import { STOP } from '../../config/modesChecks.ts';
import { printable } from '../../config/shown.ts';
import type { Deployment, Plan } from '../../records/plan.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { answerWith, nobody } from './answered.ts';
import type { Ask, Choice, PassedOver, Resources } from './ask.ts';
import { groundAgainstLastResort, hardGround, isOffered, softGround, unsuitable } from './exclude.ts';
import { orderFor, type Order } from './order.ts';
import { own } from '../../shared/values.ts';
import type { Tracker } from './tracker.ts';

/**
 * Which deployment works now: rules.md 4. What the mode demands filters first; then the caller's
 * preference, the first matching rule or the mode's own order says who is tried, and the first that
 * is suitable, fits and has not failed is the answer; else the plan's last resort, said as such.
 * Where the chain of a preference or a rule is at its end, the mode's own order goes on.
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
  for (const [place, name] of order.deployments.entries()) {
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
      reason: `${order.why}${name === order.first.deployment ? '' : `, but ${whyNot(order, passedOver)}${whyThen(ask, order, place, name)}`}${overlooked === undefined ? '' : `; the rule ignores that ${overlooked.reason}`}`,
      first: order.first,
      is_last_resort: false,
      ignored_suitability: overlooked !== undefined,
      passed_over: passedOver,
      notes,
    };
  }
  const outside = eligible.filter((name) => {
    const deployment = own(plan.deployments, name);
    const isTried = order.deployments.includes(name);
    return (
      !isTried && deployment !== undefined && softGround(question(name, deployment), resources, false) === undefined
    );
  });
  const unanswered = { order, why: whyNobody(order, passedOver, outside), passedOver, notes };
  return lastResort(plan, ask, tracker, resources, unanswered);
}

/** A question that nobody in its order can answer, and why. */
interface Unanswered {
  readonly order: Order;
  readonly why: string;
  readonly passedOver: readonly PassedOver[];
  readonly notes: readonly string[];
}

/** Always answered as what it is. In a line's plan it must hold the recall floor; where it does not, the belt stops. */
function lastResort(
  plan: Plan,
  ask: Ask,
  tracker: Tracker,
  resources: Resources,
  { order, why, passedOver, notes }: Unanswered,
): Choice {
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
  const figures = tracker.get(ask.mode)?.get(name);
  const unfit = groundAgainstLastResort({ plan, ask, name, deployment, figures }, resources);
  if (unfit !== undefined) {
    const stops = plan.kind === 'line';
    return {
      outcome: stops ? STOP : 'none',
      ...nobody(plan, ask),
      ...rest,
      reason: `${why}; the last resort ${name} cannot be taken: ${unfit.reason}${stops ? '; stop, divert the belt to manual inspection' : ''}`,
      is_last_resort: stops,
    };
  }
  return {
    outcome: 'last_resort',
    ...answerWith(plan, ask, name, deployment, figures),
    ...rest,
    reason: `${why}; ${name} is the plan's last resort`,
    is_last_resort: true,
  };
}

/** Why the first one is not it, where another one is. */
function whyThen({ mode }: Ask, { chained }: Order, place: number, name: string): string {
  return place < chained
    ? `; ${name} is the first after it that can do it`
    : `, and nobody of its chain can do it either; ${name} is the next of mode ${mode} itself`;
}

function whyNobody(order: Order, passedOver: readonly PassedOver[], outside: readonly string[]): string {
  const { first, why, chainOf } = order;
  const tried =
    first.deployment === null ? why : `${why}, but ${whyNot(order, passedOver)}, and nobody after it can do it`;
  return chainOf === undefined || outside.length === 0
    ? tried
    : `${tried}; not in ${chainOf}'s chain: ${outside.join(', ')}, which ${outside.length === 1 ? 'meets' : 'meet'} the demands`;
}

function whyNot({ first }: Order, passedOver: readonly PassedOver[]): string {
  return passedOver.find(({ deployment }) => deployment === first.deployment)?.reason ?? 'it is not available';
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
