import type { Random } from '../../src/stats/prng.ts';

/** Width and height of every crop, in pixels. */
export const imageSize = 128;

/** The two channels that carry fruit (the line's camera leaves green black) and how solid each pixel is, 0..1. */
export interface Canvas {
  readonly red: Float32Array;
  readonly blue: Float32Array;
  readonly solid: Float32Array;
}

/** A soft-edged ellipse that adds to the colours and may be ringed by a shadow. Lengths in pixels, colours in 0..255. */
export interface Mark {
  x: number;
  y: number;
  radiusX: number;
  radiusY: number;
  /** Radians. */
  tilt: number;
  /** Half the width of the edge, as a share of the radius. */
  softness: number;
  red: number;
  blue: number;
  /** Share of the blue light that is swallowed, 0..1. */
  absorbed: number;
  /** How much light the surrounding ring takes away, 0..1. */
  rim: number;
  /** Radians: where the ring is darkest. */
  rimAngle: number;
}

/** A black canvas. */
export function blankCanvas(): Canvas {
  const pixels = imageSize * imageSize;
  return { red: new Float32Array(pixels), blue: new Float32Array(pixels), solid: new Float32Array(pixels) };
}

/** A number between `low` and `high`. */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/** 0 below `from`, 1 above `to`, smooth between; `from` may lie above `to`. */
export function smoothstep(from: number, to: number, value: number): number {
  return ease(Math.min(1, Math.max(0, (value - from) / (to - from))));
}

function ease(t: number): number {
  return t * t * (3 - 2 * t);
}

/** Calls `visit` for every pixel of the canvas within `reach` of a point. */
export function visitAround(
  centre: { x: number; y: number },
  reach: number,
  visit: (x: number, y: number, index: number) => void,
): void {
  for (let y = nearestPixel(centre.y - reach); y <= nearestPixel(centre.y + reach); y++) {
    for (let x = nearestPixel(centre.x - reach); x <= nearestPixel(centre.x + reach); x++)
      visit(x, y, y * imageSize + x);
  }
}

function nearestPixel(coordinate: number): number {
  return Math.min(imageSize - 1, Math.max(0, Math.round(coordinate)));
}

/** Smooth noise in -1..1 whose grains are `grain` pixels wide. */
export function valueNoise(random: Random, grain: number): (x: number, y: number) => number {
  const side = Math.ceil(imageSize / grain) + 2;
  const lattice = new Float32Array(side * side);
  for (let node = 0; node < lattice.length; node++) lattice[node] = between(random, -1, 1);
  const at = (column: number, row: number): number => lattice[row * side + column] ?? 0;
  return (x, y) => {
    const column = Math.floor(x / grain);
    const row = Math.floor(y / grain);
    const right = ease(x / grain - column);
    const down = ease(y / grain - row);
    const top = at(column, row) * (1 - right) + at(column + 1, row) * right;
    const bottom = at(column, row + 1) * (1 - right) + at(column + 1, row + 1) * right;
    return top * (1 - down) + bottom * down;
  };
}

/** Paints a mark onto what is there. */
export function paintMark(canvas: Canvas, mark: Mark): void {
  const { red, blue } = canvas;
  const cos = Math.cos(mark.tilt);
  const sin = Math.sin(mark.tilt);
  visitAround(mark, Math.max(mark.radiusX, mark.radiusY) * 1.9, (x, y, index) => {
    const dx = x - mark.x;
    const dy = y - mark.y;
    const across = (dx * cos + dy * sin) / mark.radiusX;
    const along = (dy * cos - dx * sin) / mark.radiusY;
    const depth = Math.sqrt(across * across + along * along);
    const fill = smoothstep(1 + mark.softness, 1 - mark.softness, depth);
    const shade = mark.rim === 0 ? 1 : 1 - mark.rim * ringAt(depth, Math.atan2(dy, dx) - mark.rimAngle);
    red[index] = (red[index] ?? 0) * shade + mark.red * fill;
    blue[index] = (blue[index] ?? 0) * shade * (1 - mark.absorbed * fill) + mark.blue * fill;
  });
}

/** The shadow around a mark: strongest just outside the edge and on one side. */
function ringAt(depth: number, angle: number): number {
  return (0.675 + 0.325 * Math.cos(angle)) * Math.exp(-(((depth - 1.3) / 0.26) ** 2));
}
