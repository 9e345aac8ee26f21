import { BeltbenchError } from '../../shared/errors.ts';
import { countOf } from '../../shared/units.ts';
import type { FlagArgs } from '../flagTable.ts';
import type { CommonArgs, Outcome } from '../io.ts';
import type { OBSERVE } from '../modesFlags.ts';
import { printable } from '../printable.ts';
import { report } from '../work/modesReport.ts';

type ObserveArgs = CommonArgs & FlagArgs<(typeof OBSERVE)['flags']>;

/** `beltbench observe`: what a deployment did on the line. */
export async function runObserve(args: ObserveArgs): Promise<Outcome> {
  const success = successOf(args);
  const { seconds, work } = args;
  if (success && seconds === undefined) {
    throw new BeltbenchError('bad_usage', 'a success needs its time, received none; add --seconds N');
  }
  const { record, log, figures, damaged } = await report(args, false, (about) => ({
    kind: 'performance',
    ...about,
    work: work ?? 1,
    seconds: seconds ?? null,
    success,
  }));
  const speed = figures?.unitsPerSecond;
  return {
    document: {
      command: 'observe',
      record,
      log,
      damaged,
      newest: {
        observations: figures?.observations ?? 0,
        successes: figures?.successes ?? 0,
        units_per_second: speed ?? null,
        mean_seconds: figures?.meanSeconds ?? null,
      },
      total: figures?.total ?? 0,
    },
    text: `${printable(`${args.deployment} in ${args.mode}: ${countOf(figures?.total ?? 0, 'observation')}; of the newest ${figures?.observations ?? 0}, ${figures?.successes ?? 0} succeeded${speed === undefined ? '' : `, ${speed.toPrecision(4)} per second`}`)}\n`,
    exitCode: 0,
  };
}

function successOf({ success = false, failure = false }: ObserveArgs): boolean {
  if (success === failure) {
    throw new BeltbenchError(
      'bad_usage',
      `an observation is a --success or a --failure, received ${success ? 'both' : 'neither'}; give one of them`,
    );
  }
  return success;
}
