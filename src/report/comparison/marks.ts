/** A place on the picture, in pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Centres nearer than this in both directions touch. */
const CLEARANCE = 12;

/** Where a mark may stand from its point, the best first. */
const OFFSETS: readonly Place[] = [12, 22, 32].flatMap((far) => [
  { x: far, y: -far },
  { x: -far, y: -far },
  { x: far, y: far },
  { x: -far, y: far },
  { x: 0, y: -far - 4 },
  { x: 0, y: far + 4 },
]);

/**
 * A place for each point's mark beside the point, clear of the points and of the other marks as far as
 * there is room; where there is none, the first place.
 */
export function placeMarks(points: readonly Place[]): Place[] {
  const placed: Place[] = [];
  for (const point of points) {
    const choices = OFFSETS.map(({ x, y }) => ({ x: point.x + x, y: point.y + y }));
    const free = choices.find((choice) => [...points, ...placed].every((taken) => !touches(choice, taken)));
    placed.push(free ?? choices[0] ?? point);
  }
  return placed;
}

function touches(a: Place, b: Place): boolean {
  return Math.abs(a.x - b.x) < CLEARANCE && Math.abs(a.y - b.y) < CLEARANCE;
}
