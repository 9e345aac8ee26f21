import { hint } from '../../config/hint.ts';
import { CONFIDENCE, type Figures, type ReviewedRate } from '../../decide/modes/tracker.ts';
import { CALLS, type About, type Call } from '../../records/observation.ts';
import type { Plan } from '../../records/plan.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { formatAtMost, formatShare, formatShareInterval } from '../../shared/units.ts';
import type { FlagArgs } from '../flagTable.ts';
import type { CommonArgs, Outcome } from '../io.ts';
import type { FEEDBACK } from '../modesFlags.ts';
import { printable } from '../printable.ts';
import { report, type Reported } from '../work/modesReport.ts';

type FeedbackArgs = CommonArgs & FlagArgs<(typeof FEEDBACK)['flags']>;
type Demands = Reported['demands'];

const CAVEAT =
  'Only reviewed items count: draw them without regard to what they were called (seeded targets, every n-th item), or the rates are of the reviewed ones alone.';

/** `beltbench feedback`: a worker's verdict on a reviewed item, or a rating. It waits until the disk has it. */
export async function runFeedback(args: FeedbackArgs): Promise<Outcome> {
  const { record, log, figures, demands, damaged } = await report(args, true, (about, plan) =>
    recordOf(args, about, plan),
  );
  const verdict = figures?.recallVerdict;
  return {
    document: {
      command: 'feedback',
      record,
      log,
      damaged,
      recall: rateOf(figures?.recall),
      recall_verdict: verdict?.verdict ?? null,
      seeded_targets: figures?.seededTargets ?? 0,
      false_reject_rate: rateOf(figures?.falseRejects),
      rating: figures?.rating ?? null,
      caveat: CAVEAT,
    },
    text: lines(args, figures, demands)
      .map((line) => `${printable(line)}\n`)
      .join(''),
    exitCode: 0,
  };
}

function recordOf({ verdict, called, count, rating, seeded }: FeedbackArgs, about: About, plan: Plan) {
  if ((verdict === undefined) === (rating === undefined)) {
    throw new BeltbenchError(
      'bad_usage',
      `feedback is a --verdict or a --rating, received ${verdict === undefined ? 'neither' : 'both'}; give one of them`,
    );
  }
  if (rating !== undefined && seeded === true) {
    throw new BeltbenchError('bad_usage', '--seeded is of a verdict, received a --rating; leave one of them out');
  }
  if (rating !== undefined) {
    return { kind: 'rating', ...about, rating } as const;
  }
  if (called === undefined) {
    throw new BeltbenchError(
      'bad_usage',
      'a verdict needs what the deployment had called the item, or it cannot tell a miss from a hit; add --called CLASS',
    );
  }
  const truth = callOf('--verdict', verdict ?? '', plan);
  if (truth === 'maybe') {
    throw new BeltbenchError(
      'bad_usage',
      `--verdict is what the item was, which is not \`${printable(verdict ?? '')}\`; leave out what the worker could not tell`,
    );
  }
  return {
    kind: 'verdict',
    ...about,
    truth,
    called: callOf('--called', called, plan),
    count: count ?? 1,
    seeded: seeded ?? false,
  } as const;
}

/** A class of the study, or the role it has in the code. */
function callOf(flag: string, name: string, { classes }: Plan): Call {
  const roles = new Map<string, Call>(CALLS.map((call) => [call, call]));
  if (classes !== null) {
    for (const other of classes.others) {
      roles.set(other, 'other');
    }
    if (classes.maybe !== null) {
      roles.set(classes.maybe, 'maybe');
    }
    roles.set(classes.target, 'target');
  }
  const role = roles.get(name);
  if (role === undefined) {
    throw new BeltbenchError(
      'bad_usage',
      `${flag} is one of the plan's classes, received \`${printable(name)}\`${hint(name, [...roles.keys()])}`,
    );
  }
  return role;
}

function rateOf(rate: ReviewedRate | undefined) {
  return rate === undefined || rate.interval === undefined
    ? null
    : { k: rate.k, n: rate.n, value: rate.k / rate.n, interval: [rate.interval.lower, rate.interval.upper] };
}

function lines({ deployment, mode }: FeedbackArgs, figures: Figures | undefined, demands: Demands): string[] {
  const { recall, falseRejects, recallVerdict, rating } = figures ?? {};
  return [
    `${deployment} in ${mode}: ${describe('recall', recall, 'unknown: all of them had been flagged, so a miss could not show (of seeded targets it could: add --seeded)')}; ${describe('false rejects', falseRejects, 'unknown')}${rating === undefined ? '' : `; rated ${rating.mean.toFixed(2)} (${rating.n})`}`,
    ...(recallVerdict?.verdict === 'FAIL'
      ? [
          `recall is REFUTED: with one-sided ${formatShare(demands?.confidence ?? CONFIDENCE, 0)} confidence it is at most ${formatAtMost(recallVerdict.upperBound)}, below the floor of ${formatShare(demands?.target_recall, 1)}; it is not chosen any more`,
        ]
      : []),
    CAVEAT,
  ];
}

function describe(what: string, rate: ReviewedRate | undefined, unknown: string): string {
  return rate?.interval === undefined
    ? `${what} ${unknown}`
    : `${what} ${rate.k} of ${rate.n} (two-sided 95 %: ${formatShareInterval([rate.interval.lower, rate.interval.upper])})`;
}
