import type { Choice } from '../../decide/modes/ask.ts';
import { choose } from '../../decide/modes/choose.ts';
import { judgeTracked } from '../../decide/modes/tracker.ts';
import { formatAtLeast } from '../../shared/units.ts';
import { ObservationLog } from '../../store/observations.ts';
import type { FlagArgs } from '../flagTable.ts';
import type { CommonArgs, Outcome } from '../io.ts';
import type { CHOOSE } from '../modesFlags.ts';
import { printable } from '../printable.ts';
import { planPathOf, readPlan } from '../work/modesPlan.ts';

type ChooseArgs = CommonArgs & FlagArgs<(typeof CHOOSE)['flags']>;

/** `beltbench choose --mode M`: which deployment works now. Exits with 1 where none does: the belt stops. */
export async function runChoose(args: ChooseArgs): Promise<Outcome> {
  const path = await planPathOf(args);
  const plan = await readPlan(path);
  const { tracked, damaged } = await new ObservationLog(path).read();
  const { mode, priority, needs, prefer: preferred, failed, only, memoryMb, threads } = args;
  const ask = { mode, priority, needs, preferred, failed, only };
  const choice = choose(plan, ask, judgeTracked(plan, tracked), { memoryMb, threads });
  const notes = [...choice.notes, ...(damaged === 0 ? [] : [damagedNote(damaged)])];
  return {
    document: { command: 'choose', story: plan.story, notice: plan.notice, ...choice, notes },
    text: describe({ ...choice, notes }, plan.notice, args.quiet),
    exitCode: choice.deployment === null ? 1 : 0,
  };
}

export function damagedNote(damaged: number): string {
  return `${damaged} ${damaged === 1 ? 'line' : 'lines'} of observations.jsonl ${damaged === 1 ? 'is no whole record and is' : 'are no whole records and are'} left out`;
}

/** The first line is the answer alone, for scripts. */
function describe(choice: Choice, notice: string | null, quiet: boolean): string {
  const { deployment, reason, passed_over: passedOver, speed, thresholds, settings, notes } = choice;
  const answer = deployment ?? choice.outcome;
  const lines = [
    ...(notice === null ? [] : [notice]),
    reason,
    ...passedOver.map(({ deployment: name, ground, reason: why }) => `passed over: ${name} (${ground}): ${why}`),
    ...(speed === null || speed.units_per_second === null
      ? []
      : [`speed: ${speed.units_per_second.toPrecision(4)} per second (${speed.said})`]),
    ...(thresholds === null
      ? []
      : [
          `target from score ${thresholds.target_from ?? '+infinity'} on, certified recall ${formatAtLeast(thresholds.certified_recall)}`,
        ]),
    ...(Object.keys(settings).length === 0 ? [] : [`settings: ${JSON.stringify(settings)}`]),
    ...notes.map((note) => `note: ${note}`),
  ];
  return [answer, ...(quiet ? [] : lines)].map((line) => `${printable(line)}\n`).join('');
}
