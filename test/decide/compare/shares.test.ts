import * as assert from 'uvu/assert';
import { pairAnswers } from '../../../src/decide/compare/answers.ts';
import { accuracyQuestion, judgeShare, recallQuestion } from '../../../src/decide/compare/shares.ts';
import type { PairedShare } from '../../../src/records/comparison.ts';
import { describe } from '../../describe.ts';
import { near } from '../../stats/close.ts';
import { predictionsFrom, predictionsOf } from '../predictionFactories.ts';

const MARGIN = 0.015;
const PIT = { target: 'pit', maybe: undefined };

/** `lost` of `n` clean images only the reference gets right, `won` only the variant. */
function judged(won: number, lost: number, n: number): PairedShare {
  const rest = Array<number>(n - won - lost).fill(0.1);
  const [right, wrong] = [
    (count: number) => Array<number>(count).fill(0.1),
    (count: number) => Array<number>(count).fill(0.9),
  ];
  const reference = predictionsFrom([], [...wrong(won), ...right(lost), ...rest]);
  const variant = predictionsFrom([], [...right(won), ...wrong(lost), ...rest]);
  return judgeShare(pairAnswers(reference, variant), accuracyQuestion(PIT), MARGIN);
}

describe('judgeShare', (it) => {
  it("gives Tango's interval and the exact p of methods.md B2", () => {
    const share = judged(25, 23, 1226);
    near(share.difference ?? undefined, 0.001631, 5.1e-7);
    near(share.interval?.[0], -0.00979, 5.1e-7);
    near(share.interval?.[1], 0.013158, 5.1e-7);
    near(share.exact_p ?? undefined, 0.885433497287, 1e-12);
    assert.equal([share.n, share.only_variant_right, share.only_reference_right], [1226, 25, 23]);
  });

  const cases: [string, [won: number, lost: number, n: number], PairedShare['verdict'], RegExp][] = [
    ['equivalent within the margin', [5, 4, 1226], 'equivalent', /^\+0\.08 points .*exact McNemar p = 1$/],
    ['equivalent for a loss that is real but does not matter', [0, 8, 1226], 'equivalent', /more than noise, but less/],
    ['worse for a loss that is no noise and may matter', [20, 40, 1226], 'worse', /^-1\.63 points/],
    ['better for a gain that is no noise and may matter', [40, 20, 1226], 'better', /^\+1\.63 points/],
    ['not enough data for a loss that noise explains', [1, 4, 200], 'not_enough_data', /^-1\.50 points/],
    ['not enough data on few images, though nothing changed', [0, 0, 40], 'not_enough_data', /^0\.00 points/],
  ];
  for (const [name, counts, verdict, reason] of cases) {
    it(`says ${name}`, () => {
      const share = judged(...counts);
      assert.is(share.verdict, verdict);
      assert.match(share.reason, reason);
      assert.is(share.needs === null, verdict !== 'not_enough_data');
    });
  }

  it('says how many images would tell', () => {
    assert.match(judged(0, 0, 40).needs ?? '', /^about 253 images .*within 1\.5 points$/);
    assert.match(judged(1, 6, 200).needs ?? '', /^about \d+ images to tell a difference of this size from noise$/);
  });

  it('has no verdict without a common image', () => {
    const share = judgeShare([], recallQuestion(PIT), MARGIN);
    assert.is(share.verdict, 'not_enough_data');
    assert.is(share.difference, null);
    assert.match(share.reason, /no pit image that both/);
  });
});

describe('the recall of the target class', (it) => {
  const classes = ['clean', 'maybe', 'pit'];
  const row = { clean: [0.8, 0.1, 0.1], maybe: [0.1, 0.8, 0.1], pit: [0.1, 0.1, 0.8] } as const;

  it('counts its own images only, and takes an answer of maybe for no miss', () => {
    const reference = predictionsOf(classes, [
      ['pit', row.pit],
      ['pit', row.pit],
      ['pit', row.clean],
      ['clean', row.clean],
    ]);
    const variant = predictionsOf(classes, [
      ['pit', row.maybe],
      ['pit', row.clean],
      ['pit', row.pit],
      ['clean', row.pit],
    ]);
    const question = recallQuestion({ target: 'pit', maybe: 'maybe' });
    const share = judgeShare(pairAnswers(reference, variant), question, MARGIN);
    assert.equal([share.n, share.only_reference_right, share.only_variant_right], [3, 1, 1]);
  });
});

describe('pairAnswers', (it) => {
  it('goes by id, label and bytes: an image that changed in between is another one', () => {
    const reference = predictionsFrom([0.9, 0.8], [0.1]);
    const changed = { ...reference, content_hashes: ['0'.repeat(64), ...reference.content_hashes.slice(1)] };
    assert.equal(
      pairAnswers(reference, changed).map(({ id }) => id),
      reference.ids.slice(1),
    );
  });

  it('does not mind the order of the images, nor that of the classes', () => {
    const reference = predictionsFrom([0.9], [0.2]);
    const variant = {
      ...predictionsOf(
        ['pit', 'clean'],
        [
          ['clean', [0.3, 0.7]],
          ['pit', [0.6, 0.4]],
        ],
        reference.ids.toReversed(),
      ),
    };
    const pairs = pairAnswers(reference, variant);
    assert.equal(
      pairs.map(({ label, variant: { answer, probabilities } }) => [label, answer, probabilities.get('pit')]),
      [
        ['pit', 'pit', 0.6],
        ['clean', 'clean', 0.3],
      ],
    );
  });
});
