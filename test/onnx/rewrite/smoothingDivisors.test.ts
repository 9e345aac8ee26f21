import * as assert from 'uvu/assert';
import { smoothingDivisors } from '../../../src/onnx/rewrite/smoothingDivisors.ts';
import { describe } from '../../describe.ts';

function divisors(inputMax: readonly number[], weightMax: readonly number[], alpha: number): number[] {
  return [...smoothingDivisors(Float32Array.from(inputMax), Float32Array.from(weightMax), alpha)];
}

describe('smoothingDivisors', (it) => {
  it("gives the divisors of the paper's figure 5: for |X| of 2, 16, 2 and 9 and |W| of 2, 1, 2 and 1 at alpha 0.5, 1, 4, 1 and 3", () => {
    assert.equal(divisors([2, 16, 2, 9], [2, 1, 2, 1], 0.5), [1, 4, 1, 3]);
  });

  it('moves everything into the weights at alpha 1, and everything into the inputs at alpha 0', () => {
    assert.equal(divisors([8, 0.5], [4, 0.25], 1), [8, 0.5]);
    assert.equal(divisors([8, 0.5], [4, 0.25], 0), [0.25, 4]);
  });

  it('leaves channels alone that calibration never saw alive, or saw without bounds', () => {
    assert.equal(divisors([0, Infinity, Number.NaN], [1, 1, 1], 0.5), [1, 1, 1]);
  });

  it('counts a weight of nothing but zeros as 1e-5, so that the channel cannot widen the range of the others', () => {
    assert.equal(divisors([10], [0], 0.5), [Math.fround(Math.sqrt(10 / 1e-5))]);
  });

  it('keeps divisors between 1e-5 and 1e5', () => {
    assert.equal(divisors([1e30, 1e-30], [1, 1], 0.5), [1e5, Math.fround(1e-5)]);
  });
});
