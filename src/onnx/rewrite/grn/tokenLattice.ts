/**
 * Every `n`-th token of a grid that is stored row by row, as ascending positions. The tokens of row r
 * stand where `column + shift * r` is a multiple of n. The shift is the one that keeps the nearest
 * two tokens furthest apart, so that they spread over the image; without it (every n-th position of
 * the row-major order) they would be whole columns wherever n divides the width. Two tokens give a
 * chessboard, four a lattice whose nearest neighbours are 2 apart.
 */
export function tokenLattice(height: number, width: number, n: number): readonly number[] {
  const shift = bestShift(n);
  const tokens: number[] = [];
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      if ((column + shift * row) % n === 0) {
        tokens.push(row * width + column);
      }
    }
  }
  return tokens;
}

function bestShift(n: number): number {
  let best = 0;
  for (let shift = 1; shift < n; shift += 1) {
    best = leastDistance(n, shift) > leastDistance(n, best) ? shift : best;
  }
  return best;
}

/** The squared distance from a token to its nearest neighbour. */
function leastDistance(n: number, shift: number): number {
  let least = n * n;
  for (let rows = 1; rows <= n; rows += 1) {
    const column = (shift * rows) % n;
    least = Math.min(least, rows * rows + Math.min(column, n - column) ** 2);
  }
  return least;
}
