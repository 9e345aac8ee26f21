import * as assert from 'uvu/assert';
import { paretoFrontier } from '../../src/stats/paretoFrontier.ts';
import { mulberry32 } from '../../src/stats/prng.ts';
import { describe } from '../describe.ts';

describe('paretoFrontier', (it) => {
  it('keeps what is best by some axis, and drops what another point beats', () => {
    const points = [
      [1, 3],
      [2, 2],
      [3, 1],
      [3, 3],
      [2, 3],
    ];
    assert.equal(paretoFrontier(points), [true, true, true, false, false]);
  });

  it('keeps equal points together, and all without an axis', () => {
    assert.equal(paretoFrontier([[1], [1], [2]]), [true, true, false]);
    assert.equal(paretoFrontier([[], []]), [true, true]);
  });

  it('takes values that only rounding tells apart for equal', () => {
    assert.equal(
      paretoFrontier([
        [-0.8000000000000002, 1],
        [-0.8, 1],
        [-0.8, 1 + 1e-9],
      ]),
      [true, true, false],
    );
    assert.equal(paretoFrontier([[9e7 + 1], [9e7]]), [false, true]);
  });

  it('always keeps a best point of each axis, and every dropped one is beaten by a kept one', () => {
    const random = mulberry32(5);
    for (let round = 0; round < 50; round += 1) {
      const points = Array.from({ length: 12 }, () => [1, 2, 3].map(() => Math.floor(random() * 6)));
      const kept = paretoFrontier(points);
      for (const [index, point] of points.entries()) {
        const beaten = points.some(
          (other, at) =>
            kept[at] === true &&
            other.every((value, axis) => value <= (point[axis] ?? 0)) &&
            other.some((value, axis) => value < (point[axis] ?? 0)),
        );
        assert.is(kept[index], !beaten, JSON.stringify(points));
      }
    }
  });
});
