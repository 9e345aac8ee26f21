import * as assert from 'uvu/assert';
import { predictionsSchema } from '../../src/records/predictions.ts';
import { describe } from '../describe.ts';

const HASH = 'a'.repeat(64);
const WHOLE = {
  schema: 'beltbench/predictions',
  version: 1,
  classes: ['clean', 'pit'],
  ids: ['val/a.png', 'val/b.png'],
  content_hashes: [HASH, HASH],
  labels: ['clean', 'pit'],
  probabilities: [
    [0.9, 0.1],
    [0.2, 0.8],
  ],
};

describe('predictionsSchema', (it) => {
  it('accepts columns of equal length', () => {
    assert.ok(predictionsSchema.safeParse(WHOLE).success);
  });

  const broken = {
    'a missing label': { labels: ['clean'] },
    'a missing hash': { content_hashes: [HASH] },
    'a missing row': { probabilities: [[0.9, 0.1]] },
    'a row of another number of classes': { probabilities: [[0.9, 0.1], [1]] },
    'a probability above 1': {
      probabilities: [
        [0.9, 0.1],
        [0, 1.5],
      ],
    },
  };
  for (const [name, change] of Object.entries(broken)) {
    it(`refuses ${name}: a shifted column would give images each other's labels`, () => {
      assert.not.ok(predictionsSchema.safeParse({ ...WHOLE, ...change }).success);
    });
  }
});
