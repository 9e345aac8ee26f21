import type { ControllerCommand, Flag } from './flagTable.ts';

/** Above any belt: a number beyond it is a slip of the keyboard. */
const MOST = 1e12;
const plan = {
  name: 'plan',
  kind: 'text',
  describe: "the plan; left out, the study's reports/STORY/plan.json",
} as const satisfies Flag;
const deployment = {
  name: 'deployment',
  kind: 'text',
  required: true,
  describe: 'whom it is about',
} as const satisfies Flag;
const mode = { name: 'mode', kind: 'text', required: true, describe: 'the mode of the line' } as const satisfies Flag;

export const CHOOSE = {
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
} as const satisfies ControllerCommand;

export const OBSERVE = {
  usage: 'observe',
  unused: ['only'],
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
} as const satisfies ControllerCommand;

export const FEEDBACK = {
  usage: 'feedback',
  unused: ['only'],
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
} as const satisfies ControllerCommand;
