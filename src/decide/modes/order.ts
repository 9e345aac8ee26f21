import type { Plan } from '../../records/plan.ts';
import type { Ask, Choice } from './ask.ts';
import { own } from '../../shared/values.ts';
import { prioritiesOf, rank, type Ranking } from './rank.ts';
import type { Tracker } from './tracker.ts';

/** Who is tried, in this order, and what put the first one first. */
export interface Order {
  readonly deployments: readonly string[];
  /** So many of them are the first one and its chain; what follows is the mode's own order. */
  readonly chained: number;
  /** Whose chain ends the order, where one does: who stands in none is not tried. */
  readonly chainOf: string | undefined;
  readonly first: Choice['first'];
  /** Why the first one is first, or why there is none. */
  readonly why: string;
  /** Whether the rule that chose the first says that its suitability does not count. */
  readonly ignoresSuitability: boolean;
  readonly notes: readonly string[];
}

/**
 * The caller's preference, else the first rule that matches, each with its fallback chain; then, or
 * alone, the mode's own order: its primary and fallback chain as the plan names them, else by priorities.
 *
 * @param eligible what meets the hard requirements: the mode's own order is made among these
 */
export function orderFor(plan: Plan, ask: Ask, tracker: Tracker, eligible: readonly string[]): Order {
  const head = headOf(plan, ask);
  const ranking = rank(plan, ask.mode, tracker, eligible);
  const planned = plannedOrder(plan, ask.mode, tracker, eligible, ranking);
  if (head === undefined) {
    return ownOrder(plan, ask, planned ?? byPriorities(plan, ranking), ranking);
  }
  const chain = own(plan.fallback_chains, head.name);
  // Without a plan of the mode's own, a chain is all there is.
  const after = planned ?? { deployments: chain === undefined ? ranking.ranked : [], chainOf: head.name };
  const deployments = [...new Set([head.name, ...(chain ?? []), ...after.deployments])];
  return {
    ...orderedFrom(plan, head),
    deployments,
    chained: chain === undefined ? deployments.length : chain.length + 1,
    chainOf: after.chainOf,
    notes: chain !== undefined && planned === undefined ? [] : ranking.notes,
  };
}

/** Who is tried of a mode itself, and whose chain ends there. */
interface OwnOrder {
  readonly deployments: readonly string[];
  readonly chainOf: string | undefined;
}

function ownOrder(plan: Plan, { mode }: Ask, { deployments, chainOf }: OwnOrder, { notes }: Ranking): Order {
  const demanded = own(plan.modes, mode);
  const [leader] = deployments;
  return {
    deployments,
    chained: deployments.length,
    chainOf,
    first: { deployment: leader ?? null, by: leader === undefined ? 'nobody' : 'order', rule: null },
    why:
      leader === undefined
        ? `nobody ${chainOf === undefined ? '' : `of ${chainOf} and its chain `}meets what mode ${mode} demands`
        : leader === demanded?.primary
          ? `${leader} is the primary of mode ${mode}`
          : `${leader} comes first in mode ${mode} ${(demanded?.primary ?? null) === null ? `by ${prioritiesOf(plan, mode).join(', then ')}` : 'of those that are left, by its plan and by what was observed'}`,
    ignoresSuitability: false,
    notes,
  };
}

function byPriorities(plan: Plan, { ranked }: Ranking): OwnOrder {
  const [leader] = ranked;
  const chain = leader === undefined ? undefined : own(plan.fallback_chains, leader);
  return leader === undefined || chain === undefined
    ? { deployments: ranked, chainOf: undefined }
    : { deployments: [leader, ...chain], chainOf: leader };
}

/** A mode's primary and chain, as far as they are eligible; `undefined` where the plan names none. */
function plannedOrder(
  plan: Plan,
  mode: string,
  tracker: Tracker,
  eligible: readonly string[],
  { ranked }: Ranking,
): OwnOrder | undefined {
  const { primary = null, fallback_chain: chain = [] } = own(plan.modes, mode) ?? {};
  if (primary === null) {
    return undefined;
  }
  const named = chain.length > 0 ? chain : own(plan.fallback_chains, primary);
  const among = new Set(eligible);
  const deployments = [...new Set([primary, ...(named ?? ranked)])].filter((name) => among.has(name));
  const before = tracker.has(mode) ? rank(plan, mode, NOTHING_OBSERVED, eligible).ranked : ranked;
  return {
    deployments: overtaken(deployments, before, ranked),
    chainOf: named === undefined ? undefined : primary,
  };
}

const NOTHING_OBSERVED: Tracker = new Map();

/** The planned order, but who is ranked before another one only since the line was observed passes it. */
function overtaken(planned: readonly string[], before: readonly string[], after: readonly string[]): readonly string[] {
  if (before.every((name, index) => name === after[index])) {
    return planned;
  }
  const placesBefore = new Map(before.map((name, index) => [name, index]));
  const left = new Set(planned);
  const ranked = after.filter((name) => left.has(name));
  const order: string[] = [];
  for (const first of planned) {
    while (left.has(first)) {
      const next = passing(first, ranked, left, placesBefore) ?? first;
      order.push(next);
      left.delete(next);
    }
  }
  return order;
}

/** Of those left, the best one that stands before another only by what was observed. */
function passing(
  first: string,
  ranked: readonly string[],
  left: ReadonlySet<string>,
  placesBefore: ReadonlyMap<string, number>,
): string | undefined {
  const place = placesBefore.get(first) ?? 0;
  return ranked.slice(0, ranked.indexOf(first)).find((name) => left.has(name) && (placesBefore.get(name) ?? 0) > place);
}

interface Head {
  readonly name: string;
  readonly rule: number | null;
  readonly ignoresSuitability: boolean;
}

function orderedFrom(
  plan: Plan,
  { name, rule, ignoresSuitability }: Head,
): Pick<Order, 'first' | 'why' | 'ignoresSuitability'> {
  if (rule === null) {
    const why = `${name} is preferred by the caller`;
    return { first: { deployment: name, by: 'caller', rule }, why, ignoresSuitability };
  }
  const when = JSON.stringify(plan.rules[rule]?.when ?? {});
  const why = `rule ${rule + 1} ${when === '{}' ? '(always)' : when} chooses ${name}`;
  return { first: { deployment: name, by: 'rule', rule }, why, ignoresSuitability };
}

function headOf(plan: Plan, ask: Ask): Head | undefined {
  if (ask.preferred !== undefined) {
    return { name: ask.preferred, rule: null, ignoresSuitability: false };
  }
  const index = plan.rules.findIndex(({ when }) => matches(when, ask));
  const rule = plan.rules[index];
  return rule === undefined
    ? undefined
    : { name: rule.choose, rule: index, ignoresSuitability: rule.ignore_suitability };
}

function matches({ mode, priority, ...capabilities }: Plan['rules'][number]['when'], ask: Ask): boolean {
  return (
    (mode === undefined || [mode].flat().includes(ask.mode)) &&
    (priority === undefined || (ask.priority !== undefined && [priority].flat().includes(ask.priority))) &&
    Object.keys(capabilities).every((needed) => ask.needs?.includes(needed) === true)
  );
}
