import * as assert from 'uvu/assert';
import { tokenLattice } from '../../../../src/onnx/rewrite/grn/tokenLattice.ts';
import { describe } from '../../../describe.ts';

/** The lattice as rows of text, `#` for a token that is taken. */
function drawn(height: number, width: number, n: number): string[] {
  const taken = new Set(tokenLattice(height, width, n));
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_column, column) => (taken.has(row * width + column) ? '#' : '.')).join(''),
  );
}

describe('tokenLattice', (it) => {
  it('takes every second token as a chessboard', () => {
    assert.equal(drawn(4, 6, 2), ['#.#.#.', '.#.#.#', '#.#.#.', '.#.#.#']);
  });

  it('takes every fourth token in rows that are shifted by two', () => {
    assert.equal(drawn(4, 8, 4), ['#...#...', '..#...#.', '#...#...', '..#...#.']);
  });

  it("takes every fifth token a knight's move apart", () => {
    assert.equal(drawn(5, 5, 5), ['#....', '...#.', '.#...', '....#', '..#..']);
  });

  it('takes exactly an n-th of the tokens, as many of each row and of every n rows of each column', () => {
    for (const n of [2, 4, 8]) {
      const tokens = tokenLattice(32, 32, n);
      assert.is(tokens.length, 1024 / n);
      const perRow = new Map<number, number>();
      tokens.forEach((token) => perRow.set(token >> 5, (perRow.get(token >> 5) ?? 0) + 1));
      assert.equal([...new Set(perRow.values())], [32 / n], `n = ${n}`);
    }
  });

  it('takes all tokens for 1', () => {
    assert.equal(tokenLattice(2, 3, 1), [0, 1, 2, 3, 4, 5]);
  });
});
