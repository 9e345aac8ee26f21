import type { ModelCardFile } from './modelCardSchema.ts';
import type { Preprocessing } from './preprocessing.ts';

/** What contradicts itself in a card's preprocessing, once the study's defaults are filled in. */
export function preprocessingProblem(
  card: ModelCardFile,
  spec: Preprocessing,
  scaleKnown: boolean,
): string | undefined {
  return resizeProblem(card, spec) ?? (scaleKnown ? unitProblem(spec) : undefined);
}

function resizeProblem(card: ModelCardFile, { resize, resizeTo, crop }: Preprocessing): string | undefined {
  if (resize === 'shorter_side' && (resizeTo === undefined || crop !== 'center')) {
    return `\`resize: shorter_side\` needs \`resize_to\` and \`crop: center\`, received resize_to ${resizeTo ?? 'none'} and crop ${crop}; add both or use \`stretch\``;
  }
  if (card.resize_to !== undefined && resize !== 'shorter_side') {
    return `\`resize_to\` (${card.resize_to}) has a meaning only with \`resize: shorter_side\`, received \`resize: ${resize}\`; remove it or change \`resize\``;
  }
  if (card.crop === 'center' && (resize === 'stretch' || resize === 'letterbox')) {
    return `\`crop: center\` has a meaning only with \`resize: shorter_side\` or \`none\`, received \`resize: ${resize}\`, which leaves nothing to cut; remove it or change \`resize\``;
  }
  return undefined;
}

/** The mean of values never exceeds the largest, nor does their deviation; a std of 1 divides by nothing. */
function unitProblem({ scale, mean = [], std = [] }: Preprocessing): string | undefined {
  const brightest = 255 * scale;
  const isBeyond = (value: number): boolean => value > brightest * (1 + 1e-9);
  const strange = [
    ['mean', mean.find(isBeyond)],
    ['std', std.find((value) => isBeyond(value) && value !== 1)],
  ] as const;
  const [key, value] = strange.find(([, found]) => found !== undefined) ?? [];
  return value === undefined
    ? undefined
    : `\`${key}\` holds ${value}, but pixels times \`scale\` reach only ${Number(brightest.toPrecision(6))}; it applies after scaling, so write it in scaled units`;
}

/** The usual statistics of images are those of pixels in 0..1. */
export function preprocessingDoubt(
  { scale, mean = [], std = [] }: Preprocessing,
  scaleKnown: boolean,
): string | undefined {
  const stated = [...mean, ...std];
  const looksScaled = stated.every((value) => value <= 1) && stated.some((value) => value !== 0 && value !== 1);
  return scaleKnown && scale >= 1 && looksScaled
    ? `its card scales pixels to 0..${Number((255 * scale).toPrecision(6))} but states \`mean\` and \`std\` as for 0..1 ([${stated.join(', ')}]): was \`scale: 1/255\` meant?`
    : undefined;
}
