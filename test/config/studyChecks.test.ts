import * as assert from 'uvu/assert';
import { studyProblem } from '../../src/config/studyChecks.ts';
import { studySchema } from '../../src/config/studySchema.ts';
import { describe } from '../describe.ts';
import { study } from './folder.ts';

function problem(changes: Record<string, unknown> = {}, only: readonly string[] = []): string | undefined {
  return studyProblem(studySchema.parse(study(changes)), only);
}

function withDataset(changes: Record<string, unknown>): Record<string, unknown> {
  const dataset = { root: 'images', classes: { fine: 'a', flawed: 'b' }, target_class: 'flawed' };
  return { dataset: { ...dataset, ...changes } };
}

function withOption(option: string, options: Record<string, unknown>): Record<string, unknown> {
  return { candidates: [{ id: 'one', card: 'one.model.yaml', option }], options };
}

const THREE = { fine: 'a', flawed: 'b', other: 'c' };

describe('studyProblem', (it) => {
  const sound: [string, Record<string, unknown>, string[]?][] = [
    ['two classes', {}],
    ['three classes', withDataset({ classes: THREE })],
    ['a maybe class with a folder', withDataset({ classes: THREE, maybe_class: 'other' })],
    ['a maybe class without a folder', withDataset({ maybe_class: 'maybe' })],
    ['class folders in folders', withDataset({ classes: { fine: 'x/a', flawed: 'x/b' } })],
    ['folders with dots in their names', withDataset({ classes: { fine: '..a', flawed: 'b..c' } })],
    ['the device of the earlier tools', { benchmarking: { device: 'cpu' } }],
    ['more batch sizes than 1', { benchmarking: { batch_sizes: [8, 1] } }],
    ['as many iterations as rounds', { benchmarking: { iterations: 10, rounds: 10 } }],
    ['no room for maybe', { thresholds: { production: { maybe: 0.75, target: 0.75 } } }],
    ['an absolute threshold above 1', { selection: { accuracy_threshold: 1.5, use_relative_threshold: false } }],
    ['a candidate of the study', {}, ['one']],
    ['a letter where the study names no options', withOption('F', {})],
    ['a letter of the options', withOption('C', { A: { what: 'a' }, C: { what: 'c' } })],
  ];
  for (const [name, changes, only] of sound) {
    it(`finds nothing wrong with ${name}`, () => {
      assert.is(problem(changes, only), undefined);
    });
  }

  const unsound: [string, Record<string, unknown>, RegExp, string[]?][] = [
    [
      'a letter that is none of the options',
      withOption('F', { A: { what: 'a' }, C: { what: 'c' } }),
      /candidate `one` names the option F, which `options` lacks; allowed here: A, C$/,
    ],
    [
      'one class',
      withDataset({ classes: { flawed: 'b' } }),
      /`dataset\.classes` needs at least 2 classes, received 1; add CLASS: FOLDER/,
    ],
    [
      'a target that is no class',
      withDataset({ target_class: 'flawd' }),
      /`dataset\.target_class` is `flawd`, .*did you mean `flawed`/,
    ],
    [
      'a maybe class that is the target',
      withDataset({ maybe_class: 'flawed' }),
      /`dataset\.maybe_class` must differ from the target class, received `flawed`; name the class for uncertain items/,
    ],
    [
      'a maybe class beside two others',
      withDataset({ classes: THREE, maybe_class: 'maybe' }),
      /exactly one class beside it and the target, received fine, other; remove the others/,
    ],
    [
      'a maybe class that leaves none clear',
      withDataset({ maybe_class: 'fine' }),
      /exactly one class beside it and the target, received none; add it/,
    ],
    [
      'a class folder above the split',
      withDataset({ classes: { fine: '../a', flawed: 'b' } }),
      /inside the split, received `\.\.\/a`/,
    ],
    [
      'a class folder from the root',
      withDataset({ classes: { fine: '/a/', flawed: 'b' } }),
      /inside the split, received `\/a\/`/,
    ],
    [
      'a class folder of Windows',
      withDataset({ classes: { fine: 'C:\\a', flawed: 'b' } }),
      /inside the split, received `C:\\a`/,
    ],
    [
      'two classes in one folder',
      withDataset({ classes: { fine: 'a', flawed: './a/' } }),
      /every class needs a folder of its own, received `a` twice; correct `dataset\.classes`/,
    ],
    [
      'two candidates of one id',
      {
        candidates: [
          { id: 'one', card: 'x' },
          { id: 'one', card: 'y' },
        ],
      },
      /candidate ids must differ, received `one` twice; rename one/,
    ],
    [
      'a candidate that --only invents',
      {},
      /--only names `onne`, which is no candidate, did you mean `one`/,
      ['one', 'onne'],
    ],
    [
      'no batch of 1',
      { benchmarking: { batch_sizes: [8, 16] } },
      /`benchmarking\.batch_sizes` must hold 1, .*received \[8, 16\]; add 1/,
    ],
    [
      'a batch size twice',
      { benchmarking: { batch_sizes: [1, 8, 8] } },
      /`benchmarking\.batch_sizes` must differ, received 8 twice; remove one/,
    ],
    [
      'fewer iterations than rounds',
      { benchmarking: { iterations: 9, rounds: 10 } },
      /`benchmarking\.iterations` \(9\) must be at least `rounds` \(10\).*raise it/,
    ],
    [
      'a GPU',
      { benchmarking: { device: 'cuda' } },
      /`benchmarking\.device` must be null or `cpu`, because the line PC has no accelerator, received `cuda`; remove it/,
    ],
    [
      'production thresholds the wrong way round',
      { thresholds: { production: { maybe: 0.8, target: 0.5 } } },
      /`thresholds\.production\.maybe` \(0\.8\) must not be above `target` \(0\.5\); swap them/,
    ],
    [
      'a relative threshold in percent',
      { selection: { accuracy_threshold: 1.5 } },
      /`selection\.accuracy_threshold` must be at most 1, being a share of the best, received 1\.5; a share is written as 0\.015, not in percent/,
    ],
    [
      'a relative gain above 1',
      { selection: { min_accuracy_gain: 300 } },
      /`selection\.min_accuracy_gain` must be at most 1, .* received 300; .* 0\.015/,
    ],
  ];
  for (const [name, changes, pattern, only] of unsound) {
    it(`says what is wrong with ${name}`, () => {
      assert.match(problem(changes, only) ?? '', pattern);
    });
  }
});
