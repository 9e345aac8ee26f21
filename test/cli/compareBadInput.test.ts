import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../describe.ts';
import { CANDIDATES, recordsOf, withVariant } from './compareLine.ts';
import { int8Model } from './int8Model.ts';
import { SIDE, writeCard } from './line.ts';

describe('a comparison that cannot be', (it) => {
  const cases: [name: string, args: string[], says: RegExp, changes?: Record<string, unknown>][] = [
    ['an unknown group', ['--group', 'nett'], /--group names `nett`.*did you mean `net`/],
    ['a group of one', ['--group', 'plain'], /group `plain` holds plain alone; add its variant.*quantize/],
    [
      'a margin that is no number',
      ['--margin-points', 'few'],
      /--margin-points must be a number of points.*received few/,
    ],
    ['a margin of nothing', ['--margin-points', '0'], /--margin-points must be .*from 0\.01 to 100, received 0/],
    [
      'two references',
      [],
      /beltbench\.yaml: a group has one .*received sharp_eyed, small in group `net`/,
      { candidates: CANDIDATES.map((candidate) => ({ ...candidate, reference: true })) },
    ],
    [
      'two candidates without INT8 weights',
      ['--group', 'net'],
      /group `net` must have one candidate without INT8.*received sharp_eyed, plain; write `reference: true` at one/,
      { candidates: [CANDIDATES[0], { id: 'plain', card: 'models/plain.model.yaml', group: 'net' }] },
    ],
    [
      'no INT8 candidate in any group',
      [],
      /no group of the study holds an INT8 variant.*`reference: true`/,
      { candidates: [CANDIDATES[0], { id: 'plain', card: 'models/plain.model.yaml', group: 'net' }] },
    ],
    [
      'no group of two',
      [],
      /the study has none \(groups: sharp_eyed, plain\); give a model and its variants the same `group`/,
      {
        candidates: ['sharp_eyed', 'plain'].map((id) => ({ id, card: `models/${id}.model.yaml` })),
      },
    ],
    [
      'an unknown key of a candidate',
      [],
      /refrence.*did you mean `reference`/,
      { candidates: [{ ...CANDIDATES[0], refrence: true }, CANDIDATES[1]] },
    ],
  ];
  for (const [name, args, says, changes] of cases) {
    it(`says so in one line: ${name}`, async () => {
      await withVariant(async (line) => {
        const { status, stdout, stderr } = await line.cli('compare', ...args, '--quiet');
        assert.is(status, 2, stderr);
        assert.is(stdout, '');
        assert.is(stderr.trim().split('\n').length, 1, stderr);
        assert.match(stderr, says);
        assert.not.ok(existsSync(line.path('reports')), 'nothing was measured');
      }, changes);
    });
  }

  it('says so of a variant with another class order', async () => {
    await withVariant(async (line) => {
      await writeCard(line, 'small', { classes: ['defect', 'fine'] });
      const { status, stderr } = await line.cli('compare', '--quiet');
      assert.is(status, 2);
      assert.match(stderr, /small\.model\.yaml lists the classes defect, fine.*sharp_eyed answers fine, defect/);
    });
  });

  it('says so of a variant of another input size', async () => {
    await withVariant(
      async (line) => {
        await writeCard(line, 'small', { input_size: SIDE * 2, trained_input_size: SIDE });
        const { status, stderr } = await line.cli('compare', '--quiet');
        assert.is(status, 2);
        assert.match(stderr, /small takes images of 32x32, but its reference sharp_eyed 16x16; make the variant/);
      },
      {},
      int8Model(40, 0, SIDE * 2),
    );
  });

  it('says so of predictions that were taken from the store', async () => {
    await withVariant(async (line) => {
      await line.cli('compare', '--quiet');
      const [name = ''] = await recordsOf(line, 'evaluation');
      await rm(line.path('reports', 'runs', name, 'predictions.json'));
      const { status, stderr } = await line.cli('compare', '--quiet');
      assert.is(status, 2);
      assert.match(stderr, /predictions\.json is missing; remove its folder and run again/);
    });
  });
});
