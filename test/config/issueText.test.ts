import * as assert from 'uvu/assert';
import type { z } from 'zod';
import { modelCardSchema } from '../../src/config/modelCardSchema.ts';
import { check } from '../../src/config/problems.ts';
import { searchConfigSchema } from '../../src/config/searchConfigSchema.ts';
import { studySchema } from '../../src/config/studySchema.ts';
import { describe } from '../describe.ts';
import { card, study } from './folder.ts';

type Case = readonly [name: string, value: unknown, problem: string];

function assertSays(schema: z.ZodType, value: unknown, problem: string): void {
  assert.equal(check(schema, value), { ok: false, problem });
}

const KEYS: readonly Case[] = [
  [
    'an unknown key at the top level',
    study({ treshholds: {} }),
    'unknown key `treshholds` at the top level, did you mean `thresholds`?',
  ],
  [
    "an unknown key in a list's entry",
    study({ candidates: [{ id: 'one', card: 'x', claimed: { acuracy: 0.9 } }] }),
    'unknown key `acuracy` at `candidates.0.claimed`, did you mean `accuracy`?',
  ],
  [
    'an unknown key in a record',
    study({ options: { A: { what: 'x', fro: [] } } }),
    'unknown key `fro` at `options.A`, did you mean `for`?',
  ],
  [
    'an unknown key two levels down',
    study({ thresholds: { production: { maybee: 0.5 } } }),
    'unknown key `maybee` at `thresholds.production`, did you mean `maybe`?',
  ],
  [
    "an unknown key of the earlier tools' sections",
    study({ tags: { grouping: { trial_hash: 'x' } } }),
    'unknown key `trial_hash` at `tags.grouping`, did you mean `trial_key_hash`?',
  ],
  [
    'a key that slipped out of its section',
    study({ warmup_iterations: 5 }),
    'unknown key `warmup_iterations` at the top level; it belongs in `benchmarking`',
  ],
  [
    'a key that belongs in two places',
    study({ run: { confidence: 0.9 } }),
    'unknown key `confidence` at `run`; it belongs in `line` or `thresholds`',
  ],
  ['a key that nothing resembles', study({ run: { banana: 1 } }), 'unknown key `banana` at `run`; allowed here: mode'],
  [
    'many unknown keys',
    study({ run: { banana: 1, pear: 2, apple: 3, plum: 4, fig: 5 } }),
    'unknown key `banana` at `run`; allowed here: mode; unknown key `pear` at `run`; allowed here: mode; unknown key `apple` at `run`; allowed here: mode; and 2 more unknown keys there',
  ],
  [
    "a record's key that is none",
    study({ options: { first: { what: 'x' } } }),
    '`options` cannot have the key "first": expected one capital letter such as "A"',
  ],
];

const TYPES: readonly Case[] = [
  [
    'text for a number',
    study({ line: { budget_ms: 'thirty' } }),
    '`line.budget_ms`: expected a number, received "thirty"',
  ],
  ['a number for text', study({ title: 2026 }), '`title`: expected text, received 2026; put it in quotes'],
  ['true for text', study({ title: true }), '`title`: expected text, received true; put it in quotes'],
  [
    'text for true or false',
    study({ selection: { use_relative_threshold: 'yes' } }),
    '`selection.use_relative_threshold`: expected true or false, received "yes"',
  ],
  [
    'a fraction for a whole number',
    study({ benchmarking: { threads: 1.5 } }),
    '`benchmarking.threads`: expected a whole number, received 1.5',
  ],
  [
    'infinity',
    study({ line: { budget_ms: Number.POSITIVE_INFINITY } }),
    '`line.budget_ms`: expected a number, received Infinity',
  ],
  ['keys for a list', study({ candidates: { id: 'one' } }), '`candidates`: expected a list, received {id}'],
  ['a list for keys', study({ line: [30] }), '`line`: expected keys with values, received [30]'],
  ['a list at the top level', ['story'], 'the top level: expected keys with values, received ["story"]'],
  ['text at the top level', 'story', 'the top level: expected keys with values, received "story"'],
  [
    'a section without anything below',
    study({ line: null }),
    '`line` is empty: expected keys with values; fill it in or remove the key',
  ],
  ['a missing key', study({ story: undefined }), '`story` is missing: expected text'],
];

const RANGES: readonly Case[] = [
  ['a confidence of 1', study({ line: { confidence: 1 } }), '`line.confidence` must be below 1, received 1'],
  ['a confidence of 0', study({ line: { confidence: 0 } }), '`line.confidence` must be above 0, received 0'],
  [
    'a confidence in percent',
    study({ line: { confidence: 95 } }),
    '`line.confidence` must be below 1, received 95; a share is written as 0.95, not in percent',
  ],
  [
    'an accuracy in percent',
    study({ candidates: [{ id: 'one', card: 'x', claimed: { accuracy: 94.21 } }] }),
    '`candidates.0.claimed.accuracy` must be at most 1, received 94.21; a share is written as 0.9421, not in percent',
  ],
  ['a negative budget', study({ line: { budget_ms: -1 } }), '`line.budget_ms` must be above 0, received -1'],
  [
    'a recall of 1',
    study({ thresholds: { target_recall: 1 } }),
    '`thresholds.target_recall` must be below 1, received 1',
  ],
  [
    'a recall that no number of items could prove',
    study({ thresholds: { target_recall: 0.9999999999999999 } }),
    '`thresholds.target_recall` must be at most 0.999999999, received 0.9999999999999999',
  ],
  [
    'a budget that is none',
    study({ line: { budget_ms: 1e-320 } }),
    '`line.budget_ms` must be at least 0.001, received 1e-320',
  ],
  [
    'a date that is none',
    study({ next_actions: [{ text: 'deploy', due: 'someday' }] }),
    '`next_actions.0.due`: expected a date such as 2026-09-30, received "someday"',
  ],
  [
    'a date that no calendar has',
    study({ next_actions: [{ text: 'deploy', due: '2026-02-30' }] }),
    '`next_actions.0.due`: expected a date such as 2026-09-30, received "2026-02-30"',
  ],
  ['no threads', study({ benchmarking: { threads: 0 } }), '`benchmarking.threads` must be at least 1, received 0'],
  ['no candidates', study({ candidates: [] }), '`candidates` must have at least 1 entry, received []'],
  [
    'an empty name',
    study({ dataset: { root: '', classes: {}, target_class: 'x' } }),
    '`dataset.root` must not be empty, received ""',
  ],
  [
    'a title without end',
    study({ title: 'x'.repeat(201) }),
    `\`title\` must have at most 200 characters, received "${'x'.repeat(56)}...`,
  ],
];

const CHOICES: readonly Case[] = [
  [
    'a choice that does not exist',
    study({ preprocessing: { resize: 'strech' } }),
    '`preprocessing.resize`: expected none or stretch or shorter_side or letterbox, received "strech", did you mean `stretch`?',
  ],
  [
    'a choice that resembles none',
    study({ run: { mode: 'banana' } }),
    '`run.mode`: expected reuse_if_exists or force_new, received "banana"',
  ],
  [
    'a story that is no name',
    study({ story: 'a b' }),
    '`story`: expected 1 to 64 letters, digits, ".", "_" or "-", first a letter or digit, received "a b"',
  ],
  [
    'a control character in a name',
    study({ dataset: { root: 'a\u0000b', classes: {}, target_class: 'x' } }),
    '`dataset.root`: expected a name without control characters, received "a\\u0000b"',
  ],
  [
    'a path for a file name',
    study({ output: { filename: '../x.json' } }),
    '`output.filename`: expected a file name without folders, received "../x.json"',
  ],
];

const UNIONS: readonly Case[] = [
  [
    'a size in words',
    card({ trained_input_size: 'big' }),
    '`trained_input_size`: expected pixels such as 128, or a list of height and width, or `unknown`, received "big"',
  ],
  ['a size of 0', card({ trained_input_size: 0 }), '`trained_input_size` must be at least 1, received 0'],
  ['half a size', card({ input_size: [128, 'x'] }), '`input_size.1`: expected a number, received "x"'],
  ['a size of three', card({ input_size: [1, 2, 3] }), '`input_size` must have at most 2 entries, received [1, 2, 3]'],
  [
    'a missing trained size',
    card({ trained_input_size: undefined }),
    '`trained_input_size` is missing: expected pixels such as 128, or a list of height and width, or `unknown`',
  ],
  [
    'a class that is a number',
    card({ classes: ['fine', 1] }),
    '`classes.1`: expected text, received 1; put it in quotes',
  ],
  ['a single class', card({ classes: ['fine'] }), '`classes` must have at least 2 entries, received ["fine"]'],
  [
    'classes in one text',
    card({ classes: 'fine' }),
    '`classes`: expected a list of class names, or `unknown`, received "fine"',
  ],
  [
    'a scale by 0',
    card({ scale: '1/0' }),
    '`scale`: expected a positive number or a fraction such as "1/255", received "1/0"',
  ],
  ['a negative scale', card({ scale: -1 }), '`scale` must be above 0, received -1'],
  [
    'a scale that is a list',
    card({ scale: [1] }),
    '`scale`: expected a positive number or a fraction such as "1/255", or `unknown`, received [1]',
  ],
  ['a mean for two channels', card({ mean: [0.1, 0.2] }), '`mean` must have exactly 3 entries, received [0.1, 0.2]'],
  [
    'a mean in words',
    card({ mean: 'imagenet' }),
    '`mean`: expected `none` or a list of 3 numbers, one per channel, received "imagenet"',
  ],
  ['a mean of texts', card({ mean: [0.1, 'x', 0.3] }), '`mean.1`: expected a number, received "x"'],
  ['a standard deviation of 0', card({ std: [0.2, 0, 0.2] }), '`std.1` must be above 0, received 0'],
];

describe('a problem of a study in words', (it) => {
  for (const [name, value, problem] of [...KEYS, ...TYPES, ...RANGES, ...CHOICES]) {
    it(`says what is wrong with ${name}`, () => {
      assertSays(studySchema, value, problem);
    });
  }
});

describe('a problem of a model card in words', (it) => {
  for (const [name, value, problem] of UNIONS) {
    it(`says what is wrong with ${name}`, () => {
      assertSays(modelCardSchema, value, problem);
    });
  }
});

describe('a problem with hostile names', (it) => {
  it('does not let a key drive the terminal', () => {
    const checked = check(studySchema, study({ '\u001b[2Jline': {} }));
    assert.not.ok(checked.ok);
    assert.not.match(JSON.stringify(checked), /\\u001b/);
  });

  it('stays short for 60,000 unknown keys of great length', () => {
    const keys = Array.from({ length: 60_000 }, (_, index) => [`${index}${'x'.repeat(1000)}`, 1]);
    const checked = check(studySchema, study(Object.fromEntries(keys)));
    assert.not.ok(checked.ok);
    assert.ok(JSON.stringify(checked).length < 2000);
  });
});

describe("a tracking server's address that is refused", (it) => {
  const RULE = 'expected an address such as http://127.0.0.1:5000, without credentials and query';
  for (const [uri, rule] of [
    ['http://bob:SECRET@host', RULE],
    ['http://host:5000?token=SECRET', RULE],
    ['http://host/x#SECRET', RULE],
    ['SECRET', RULE],
    [['http://bob:SECRET'], 'expected text'],
  ] as const) {
    it(`is not shown: ${JSON.stringify(uri).replace('SECRET', '***')}`, () => {
      const mlflow = { tracking_uri: uri };
      for (const checked of [check(studySchema, study({ mlflow })), check(searchConfigSchema, { mlflow })]) {
        const problem = checked.ok ? '' : checked.problem;
        assert.ok(problem.includes(`\`mlflow.tracking_uri\`: ${rule}; its value is not shown`), problem);
        assert.not.match(problem, /SECRET/);
      }
    });
  }
});
