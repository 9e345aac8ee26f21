import type { NumberRule } from '../numbers.ts';

/** One flag of a command that a line's controller calls, as data: read with or without yargs. */
export interface Flag {
  readonly name: string;
  readonly describe: string;
  /** `list` takes one or more values, `switch` none. */
  readonly kind: 'text' | 'list' | 'switch' | 'number';
  /** Of a number. */
  readonly rule?: NumberRule;
  readonly required?: boolean;
}

export interface ControllerCommand {
  readonly usage: string;
  readonly describe: string;
  readonly example: readonly [string, string];
  readonly flags: readonly Flag[];
}

/** Above any belt: a number beyond it is a slip of the keyboard. */
const MOST = 1e12;
const plan: Flag = { name: 'plan', kind: 'text', describe: "the plan; left out, the study's reports/STORY/plan.json" };
const deployment: Flag = { name: 'deployment', kind: 'text', required: true, describe: 'whom it is about' };
const mode: Flag = { name: 'mode', kind: 'text', required: true, describe: 'the mode of the line' };

export const CHOOSE: ControllerCommand = {
  usage: 'choose',
  describe: 'say which deployment works now, for a line controller: the plan, the log, what is free',
  example: [
    '$0 choose --plan reports/STORY-006/plan.json --mode high_speed --memory-mb 500 --json',
    'exits with 1 when the belt must stop',
  ],
  flags: [
    mode,
    plan,
    { name: 'prefer', kind: 'text', describe: 'the deployment to try first' },
    { name: 'priority', kind: 'text', describe: 'what matters most now, as the rules name it' },
    { name: 'needs', kind: 'list', describe: 'capabilities that are required' },
    { name: 'failed', kind: 'list', describe: 'deployments that failed to load or to run' },
    {
      name: 'memory-mb',
      kind: 'number',
      rule: { least: 0, most: MOST, unit: 'megabytes' },
      describe: 'memory that is free, in MB of 1,000,000 bytes',
    },
    {
      name: 'threads',
      kind: 'number',
      rule: { least: 1, most: 1024, isWhole: true },
      describe: 'threads (cores) that are free',
    },
  ],
};

export const OBSERVE: ControllerCommand = {
  usage: 'observe',
  describe: 'append what a deployment did: work, seconds, success',
  example: [
    '$0 observe --deployment resnet18 --mode high_speed --work 600 --seconds 8.4 --success',
    '600 items in 8.4 seconds',
  ],
  flags: [
    deployment,
    mode,
    plan,
    {
      name: 'work',
      kind: 'number',
      rule: { least: 0, most: MOST, unit: 'items' },
      describe: 'units of work, such as items (default 1)',
    },
    {
      name: 'seconds',
      kind: 'number',
      rule: { least: 0, most: MOST, unit: 'seconds' },
      describe: 'time for all of it',
    },
    { name: 'success', kind: 'switch', describe: 'it worked' },
    { name: 'failure', kind: 'switch', describe: 'it failed' },
  ],
};

export const FEEDBACK: ControllerCommand = {
  usage: 'feedback',
  describe: "append a worker's verdict on a reviewed item, or a rating",
  example: [
    '$0 feedback --deployment resnet18 --mode high_speed --verdict pit --called clean',
    'an escape: it was a pit, and resnet18 had called it clean',
  ],
  flags: [
    deployment,
    mode,
    plan,
    { name: 'verdict', kind: 'text', describe: 'what the worker found: a class of the study, or `target` or `other`' },
    {
      name: 'called',
      kind: 'text',
      describe: 'what the deployment had called it: a class of the study, or `target`, `maybe` or `other`',
    },
    {
      name: 'count',
      kind: 'number',
      rule: { least: 1, most: 1e9, isWhole: true, unit: 'items' },
      describe: 'so many items with this verdict (default 1)',
    },
    {
      name: 'seeded',
      kind: 'switch',
      describe: 'these targets were put on the belt to be found, so that a miss would have shown',
    },
    { name: 'rating', kind: 'number', rule: { least: 0, most: 1 }, describe: 'instead: how good it is, from 0 to 1' },
  ],
};
