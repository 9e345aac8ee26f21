import { between, blankCanvas, imageSize, paintMark, smoothstep, valueNoise, visitAround } from './canvas.ts';
import type { Canvas, Mark } from './canvas.ts';
import type { Random } from '../../src/stats/prng.ts';

/** The classes, in the order of the demo models' outputs. */
export const fruitClasses = ['clean', 'pit'] as const;
export type FruitClass = (typeof fruitClasses)[number];

/** How hard the task is: shares of images, and how stone-like a mark may look (0 a faint red cloud, 1 a stone). */
export const difficulty = {
  /** Share of each class whose mark is drawn from one and the same range: nobody can tell these apart. */
  ambiguous: { clean: 0.07, pit: 0.01, from: 0.5, to: 0.58 },
  /** Share of clean fruit with a mark that resembles a stone, and how far the likeness goes. */
  lookalike: { share: 0.5, from: 0, to: 0.38 },
  /** The stones: a share of faint ones, the rest plain. */
  stone: { faintShare: 0.25, faintFrom: 0.57, plainFrom: 0.68, to: 1 },
};

interface Body {
  x: number;
  y: number;
  radius: number;
  /** Pixels from the middle to the farthest point. */
  extent: number;
  outline: (angle: number) => number;
}

function makeBody(random: Random, x: number, y: number, radius: number): Body {
  const waves = [2, 3, 4, 5].map((order) => ({
    order,
    height: between(random, 0, 0.5 / order ** 1.5),
    phase: between(random, 0, 2 * Math.PI),
  }));
  const steps = 720;
  const reach = new Float32Array(steps + 1).fill(radius);
  for (const { order, height, phase } of waves) {
    for (let step = 0; step <= steps; step++) {
      const wave = radius * height * Math.cos((step / steps) * 2 * Math.PI * order + phase);
      reach[step] = (reach[step] ?? 0) + wave;
    }
  }
  const outline = (angle: number): number => {
    const turn = angle / (2 * Math.PI);
    return reach[Math.round((turn - Math.floor(turn)) * steps)] ?? radius;
  };
  return { x, y, radius, extent: Math.max(...reach), outline };
}

/** Skin, flesh and mottling: blue at the edge, redder towards the middle. */
function paintBody(random: Random, canvas: Canvas, body: Body): void {
  const { red, blue, solid } = canvas;
  const skin = { red: between(random, 75, 145), blue: between(random, 150, 245) };
  const redness = between(random, 0, 1) ** 1.6;
  const light = between(random, 0.68, 1.08);
  const glow = between(random, 0.72, 0.86);
  const coarse = valueNoise(random, between(random, 9, 15));
  const tint = valueNoise(random, between(random, 12, 20));
  const fine = valueNoise(random, 2.6);
  visitAround(body, body.extent * 1.1, (x, y, index) => {
    const dx = x - body.x;
    const dy = y - body.y;
    const depth = Math.sqrt(dx * dx + dy * dy) / body.outline(Math.atan2(dy, dx));
    if (depth > 1.1) return;
    const core = smoothstep(1, 0.35, depth + 0.18 * tint(x, y));
    const rim = 0.14 * Math.exp(-(((depth - glow) / 0.1) ** 2));
    const mottle = light * (1 + 0.17 * coarse(x, y) + 0.07 * fine(x, y) + rim);
    const cover = smoothstep(1.06, 0.9, depth);
    const behind = solid[index] ?? 0;
    const share = behind === 0 ? 1 : cover;
    const newRed = mottle * (skin.red + (10 + 55 * redness) * core + 14 * tint(x, y));
    const newBlue = mottle * (skin.blue - (20 + 85 * redness) * core - 16 * tint(x, y));
    red[index] = (red[index] ?? 0) * (1 - share) + newRed * share;
    blue[index] = (blue[index] ?? 0) * (1 - share) + newBlue * share;
    solid[index] = Math.max(behind, cover);
  });
}

/** A place inside the body, `depth` of the way from the middle to the outline. */
function placeIn(random: Random, body: Body, depth: number): { x: number; y: number } {
  const angle = between(random, 0, 2 * Math.PI);
  const reach = depth * body.outline(angle);
  return { x: body.x + reach * Math.cos(angle), y: body.y + reach * Math.sin(angle) };
}

function makeMark(random: Random, body: Body, look: Partial<Mark> & { radius: number; depth: number }): Mark {
  const { radius, depth, ...given } = look;
  const stretch = between(random, 0.75, 1.3);
  return {
    ...placeIn(random, body, depth),
    radiusX: radius * stretch,
    radiusY: radius / stretch,
    tilt: between(random, 0, Math.PI),
    softness: 0.5,
    red: 0,
    blue: 0,
    absorbed: 0,
    rim: 0,
    rimAngle: between(random, 0, 2 * Math.PI),
    ...given,
  };
}

/** The mark that decides: with `likeness` it turns from a faint cloud into a compact red blob with a dark rim. */
function stoneMark(random: Random, body: Body, likeness: number): Mark {
  const cue = (): number => Math.min(1, Math.max(0, likeness + between(random, -0.08, 0.08)));
  const mix = (low: number, high: number): number => low + (high - low) * cue();
  return makeMark(random, body, {
    radius: body.radius * between(random, 0.2, 0.34) * mix(1.25, 0.95),
    depth: between(random, 0, 0.5),
    softness: mix(0.9, 0.4),
    red: mix(5, 90),
    absorbed: mix(0.05, 0.8),
    rim: mix(0, 0.5),
  });
}

/** How stone-like the deciding mark is, or undefined for a clean fruit without one. */
function drawLikeness(random: Random, fruitClass: FruitClass): number | undefined {
  const { ambiguous, lookalike, stone } = difficulty;
  if (random() < ambiguous[fruitClass]) return between(random, ambiguous.from, ambiguous.to);
  if (fruitClass === 'clean') {
    return random() < lookalike.share ? between(random, lookalike.from, lookalike.to) : undefined;
  }
  return random() < stone.faintShare
    ? between(random, stone.faintFrom, stone.plainFrom)
    : between(random, stone.plainFrom, stone.to);
}

/** What either class may carry: red areas, dark stains, reflections, speckles. */
function otherMarks(random: Random, body: Body): Mark[] {
  const { radius } = body;
  const marks: Mark[] = [];
  const add = (chance: number, look: () => Parameters<typeof makeMark>[2]): void => {
    if (random() < chance) marks.push(makeMark(random, body, look()));
  };
  add(0.4, () => ({
    radius: radius * between(random, 0.4, 0.7),
    depth: between(random, 0, 0.6),
    softness: 0.75,
    red: between(random, 10, 50),
    blue: -between(random, 10, 60),
  }));
  for (let stain = 0; stain < 2; stain++) {
    add(0.3, () => ({
      radius: radius * between(random, 0.12, 0.3),
      depth: between(random, 0.1, 0.8),
      red: -between(random, 10, 45),
      blue: -between(random, 15, 70),
    }));
  }
  add(0.3, () => ({
    radius: radius * between(random, 0.1, 0.22),
    depth: between(random, 0, 0.5),
    red: between(random, -20, 40),
    blue: between(random, 30, 80),
    rim: between(random, 0, 0.35),
  }));
  const speckles = Math.floor(between(random, 0, 1) ** 2 * 22);
  for (let speckle = 0; speckle < speckles; speckle++) {
    const size = between(random, 0.8, 1.7);
    add(1, () => ({ radius: size, depth: between(random, 0, 0.85), red: between(random, 20, 75) }));
  }
  return marks;
}

/** The crop's rectangle, which often cuts the fruit straight, as `[left, top, right, bottom]` in pixels. */
function cropAround(random: Random, body: Body): [number, number, number, number] {
  const side = (): number => body.radius * (random() < 0.5 ? between(random, 0.72, 1) : between(random, 1, 1.25));
  return [body.x - side(), body.y - side(), body.x + side(), body.y + side()];
}

/** Draws one crop, 128x128 interleaved RGB bytes, from nothing but the stream. */
export function drawFruit(random: Random, fruitClass: FruitClass): Uint8Array {
  const canvas = blankCanvas();
  const middle = imageSize / 2;
  const radius = between(random, 19, 33);
  const body = makeBody(random, middle + between(random, -6, 6), middle + between(random, -6, 6), radius);
  const crop = cropAround(random, body);
  if (random() < 0.08) {
    const beside = placeIn(random, body, between(random, 1.5, 1.8));
    paintBody(random, canvas, makeBody(random, beside.x, beside.y, between(random, 17, 26)));
  }
  paintBody(random, canvas, body);
  for (const mark of otherMarks(random, body)) paintMark(canvas, mark);
  const likeness = drawLikeness(random, fruitClass);
  if (likeness !== undefined) paintMark(canvas, stoneMark(random, body, likeness));
  return develop(random, canvas, crop);
}

/** Cuts the crop, adds the camera's haze and noise and rounds to bytes. */
function develop(
  random: Random,
  { red, blue, solid }: Canvas,
  [left, top, right, bottom]: [number, number, number, number],
): Uint8Array {
  const haze = valueNoise(random, 7);
  const hazeLevel = Math.max(0, between(random, -12, 22));
  const grain = valueNoise(random, 1.9);
  const bytes = new Uint8Array(imageSize * imageSize * 3);
  for (let y = Math.max(0, Math.round(top)); y < Math.min(imageSize, bottom); y++) {
    for (let x = Math.max(0, Math.round(left)); x < Math.min(imageSize, right); x++) {
      const index = y * imageSize + x;
      const light = (solid[index] ?? 0) * (1 + 0.05 * grain(x, y));
      const fog = (1 - light) * hazeLevel * Math.max(0, haze(x, y));
      bytes[index * 3] = toByte((red[index] ?? 0) * light + fog);
      bytes[index * 3 + 2] = toByte((blue[index] ?? 0) * light + fog * 1.3);
    }
  }
  return bytes;
}

function toByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}
