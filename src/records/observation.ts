// What a line's controller appends and reads between two items: checked by hand, because loading the
// schema library alone takes as long as Node's own start.

/** How a deployment called an item, or what a worker found it to be; there is no uncertain truth. */
export const CALLS = ['target', 'maybe', 'other'] as const;
export type Call = (typeof CALLS)[number];
export type Truth = Exclude<Call, 'maybe'>;

/** Whom a record is about. A deployment whose model or threshold changes gets another revision, and starts anew. */
export interface About {
  /** UTC time in ISO 8601. */
  readonly at: string;
  readonly deployment: string;
  readonly mode: string;
  readonly revision: string | null;
}

/** What a deployment did: `work` units, such as items, in `seconds` for all of them; `null` where a failure took no known time. */
export interface Performance extends About {
  readonly kind: 'performance';
  readonly work: number;
  readonly seconds: number | null;
  readonly success: boolean;
}

/** What a worker found `count` reviewed items to be, and what the deployment had called them. */
export interface WorkersVerdict extends About {
  readonly kind: 'verdict';
  readonly truth: Truth;
  readonly called: Call;
  readonly count: number;
  /** They were put on the belt to be found, so that a miss shows whatever they are called. */
  readonly seeded?: boolean;
}

/** A plain rating in [0, 1]. */
export interface Rating extends About {
  readonly kind: 'rating';
  readonly rating: number;
}

/** One line of `observations.jsonl`. */
export type Observation = Performance | WorkersVerdict | Rating;

/** Sums over a run of observations; `work` and `seconds` are those of the successes, which alone are timed. */
export interface Sums {
  readonly n: number;
  readonly successes: number;
  readonly timed: number;
  readonly work: number;
  readonly seconds: number;
}

/** All that the log says of one deployment, in one revision, in one mode. */
export interface Tracked extends Omit<About, 'at'> {
  /** Observations since the beginning; the sums are of the newest only, in two blocks. */
  readonly total: number;
  readonly previous: Sums | null;
  readonly current: Sums;
  /** Reviewed items: what they were, then what they had been called. */
  readonly reviews: Readonly<Record<Truth, Readonly<Record<Call, number>>>>;
  /** Of the reviewed targets those that were seeded, by what they had been called. */
  readonly seeded: Readonly<Record<Call, number>>;
  readonly ratings: { readonly n: number; readonly sum: number };
}

const LONGEST_NAME = 100;
/** Above anything real, and far below where sums would overflow. */
const MOST = 1e15;
const MOST_ITEMS = 1e9;

/** An observation from its JSON; `undefined` where it is none. Keys beyond its own are left out. */
export function observationOf(content: unknown): Observation | undefined {
  const fields = fieldsOf(content);
  const about = aboutOf(fields);
  if (about === undefined) {
    return undefined;
  }
  switch (fields['kind']) {
    case 'performance': {
      const { work, seconds, success } = fields;
      const isTimed = isAmount(seconds) || (seconds === null && success === false);
      return isAmount(work) && isTimed && typeof success === 'boolean'
        ? { kind: 'performance', ...about, work, seconds, success }
        : undefined;
    }
    case 'verdict': {
      const { truth, called, count, seeded = false } = fields;
      return (truth === 'target' || truth === 'other') &&
        isCall(called) &&
        isCount(count) &&
        typeof seeded === 'boolean'
        ? { kind: 'verdict', ...about, truth, called, count, seeded }
        : undefined;
    }
    case 'rating': {
      const { rating } = fields;
      return isAmount(rating) && rating <= 1 ? { kind: 'rating', ...about, rating } : undefined;
    }
    default:
      return undefined;
  }
}

function fieldsOf(content: unknown): Readonly<Record<string, unknown>> {
  return typeof content === 'object' && content !== null ? { ...content } : {};
}

function aboutOf({ at, deployment, mode, revision }: Readonly<Record<string, unknown>>): About | undefined {
  const isTime = typeof at === 'string' && at.length <= LONGEST_NAME && !Number.isNaN(Date.parse(at));
  return isTime && isName(deployment) && isName(mode) && (revision === null || isName(revision))
    ? { at, deployment, mode, revision }
    : undefined;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_NAME;
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MOST;
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && isAmount(value) && value >= 1 && value <= MOST_ITEMS;
}

function isCall(value: unknown): value is Call {
  return CALLS.some((call) => call === value);
}
