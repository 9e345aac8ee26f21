import { assertOneOf } from '../../decide/modes/choose.ts';
import { judgeTracked, revisionIn, type Figures } from '../../decide/modes/tracker.ts';
import { own } from '../../shared/values.ts';
import type { About, Observation } from '../../records/observation.ts';
import type { Plan, PlanMode } from '../../records/plan.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { ObservationLog } from '../../store/observations.ts';
import type { CommonArgs } from '../io.ts';
import { planPathOf, readPlan } from './modesPlan.ts';

/** What `observe` and `feedback` are called with beside their own flags. */
export interface ReportArgs extends CommonArgs {
  readonly deployment: string;
  readonly mode: string;
  readonly plan: string | undefined;
}

/** The record as it was appended, and what the line says of the deployment now. */
export interface Reported {
  readonly record: Observation;
  readonly log: string;
  readonly figures: Figures | undefined;
  /** What the mode demands, where the plan says. */
  readonly demands: PlanMode | undefined;
  readonly damaged: number;
}

/**
 * Appends one record about a deployment of the plan, in its present revision.
 *
 * @throws BeltbenchError `bad_usage` when the plan knows no such deployment or, being a line's, no such mode
 */
export async function report(
  args: ReportArgs,
  durable: boolean,
  recordOf: (about: About, plan: Plan) => Observation,
): Promise<Reported> {
  const path = await planPathOf(args);
  const plan = await readPlan(path);
  assertOneOf(args.deployment, Object.keys(plan.deployments), 'deployment');
  if (plan.kind === 'line') {
    assertOneOf(args.mode, Object.keys(plan.modes), 'mode');
  }
  assertShort(args.mode);
  const deployment = own(plan.deployments, args.deployment);
  const revision = deployment === undefined ? null : revisionIn(deployment, args.mode);
  const about = { at: new Date().toISOString(), deployment: args.deployment, mode: args.mode, revision };
  const record = recordOf(about, plan);
  const log = new ObservationLog(path);
  await log.append(record, durable);
  const { tracked, damaged } = await log.read();
  const figures = judgeTracked(plan, tracked).get(args.mode)?.get(args.deployment);
  return { record, log: log.path, figures, demands: own(plan.modes, args.mode), damaged };
}

/** What a record can hold. */
const LONGEST_MODE = 100;

function assertShort(mode: string): void {
  if (mode.length < 1 || mode.length > LONGEST_MODE) {
    throw new BeltbenchError(
      'bad_usage',
      `--mode is a name of 1 to ${LONGEST_MODE} characters, received ${mode.length}; correct it`,
    );
  }
}
