import * as assert from 'uvu/assert';
import { mulberry32, shuffle } from '../../src/stats/prng.ts';
import { describe } from '../describe.ts';

describe('mulberry32', (it) => {
  it('gives the sequences of methods.md 0.2', () => {
    const one = mulberry32(1);
    assert.equal(
      [one(), one(), one(), one()],
      [0.6270739405881613, 0.002735721180215478, 0.5274470399599522, 0.9810509674716741],
    );
    const answer = mulberry32(42);
    assert.equal([answer(), answer()], [0.6011037519201636, 0.44829055899754167]);
  });
});

describe('shuffle', (it) => {
  it('keeps every item and leaves its input alone', () => {
    const items = Object.freeze(['a', 'b', 'c', 'd', 'e']);
    const shuffled = shuffle(items, mulberry32(7));
    assert.not.equal(shuffled, items);
    assert.equal(shuffled.toSorted(), ['a', 'b', 'c', 'd', 'e']);
  });

  it('gives the same order for the same seed', () => {
    assert.equal(shuffle([1, 2, 3, 4, 5, 6], mulberry32(3)), shuffle([1, 2, 3, 4, 5, 6], mulberry32(3)));
  });

  it('makes every order of three equally likely', () => {
    const random = mulberry32(11);
    const seen = new Map<string, number>();
    for (let draw = 0; draw < 6000; draw++) {
      const order = shuffle(['a', 'b', 'c'], random).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    assert.is(seen.size, 6);
    // 1000 expected, standard deviation 29: five of them is far out.
    for (const [order, count] of seen) assert.ok(Math.abs(count - 1000) < 145, `${order}: ${count}`);
  });

  it('takes empty and single lists', () => {
    assert.equal(shuffle([], mulberry32(1)), []);
    assert.equal(shuffle(['only'], mulberry32(1)), ['only']);
  });
});
