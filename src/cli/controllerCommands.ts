import { argsOf, type ControllerCommand, type Flag, type FlagArgs } from './flagTable.ts';
import type { CommonArgs, Outcome } from './io.ts';
import { CHOOSE, FEEDBACK, OBSERVE } from './modesFlags.ts';

/** A controller's command that can be run, by whichever parser read its flags. */
export interface Controller extends ControllerCommand {
  readonly load: () => Promise<(common: CommonArgs, read: Readonly<Record<string, unknown>>) => Promise<Outcome>>;
}

export const CONTROLLERS: readonly Controller[] = [
  controller(CHOOSE, async () => (await import('./commands/choose.ts')).runChoose),
  controller(OBSERVE, async () => (await import('./commands/observe.ts')).runObserve),
  controller(FEEDBACK, async () => (await import('./commands/feedback.ts')).runFeedback),
];

/** A command whose run takes what its flags give. */
function controller<Flags extends readonly Flag[]>(
  command: ControllerCommand<Flags>,
  load: () => Promise<(args: CommonArgs & FlagArgs<Flags>) => Promise<Outcome>>,
): Controller {
  return {
    ...command,
    load: async () => {
      const run = await load();
      return async (common, read) => await run({ ...common, ...argsOf(command.flags, read) });
    },
  };
}
