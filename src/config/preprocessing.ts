import type { z } from 'zod';
import { UNKNOWN, type preprocessingShape } from './modelCardSchema.ts';

/** A picture's or tensor's size in pixels. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** How one image becomes one tensor; see `preprocessingShape` for what each choice does. */
export interface Preprocessing {
  readonly resize: 'none' | 'stretch' | 'shorter_side' | 'letterbox';
  readonly resizeTo: number | undefined;
  readonly crop: 'none' | 'center';
  readonly interpolation: 'nearest' | 'linear' | 'cubic' | 'lanczos3';
  readonly scale: number;
  /** `undefined` means: nothing is subtracted. In the order of the model's channels. */
  readonly mean: readonly number[] | undefined;
  readonly std: readonly number[] | undefined;
  readonly channelOrder: 'rgb' | 'bgr';
}

type PreprocessingFile = {
  [K in keyof typeof preprocessingShape]?: z.infer<(typeof preprocessingShape)[K]> | undefined;
};

/** The scale that is assumed, and said to be assumed, where nobody stated one. */
export const ASSUMED_SCALE = 1 / 255;

/** Lays a card's choices over the study's defaults. `scaleKnown` is false where neither states a scale. */
export function resolvePreprocessing(
  card: PreprocessingFile,
  defaults: PreprocessingFile,
): { preprocessing: Preprocessing; scaleKnown: boolean } {
  const scale = card.scale ?? defaults.scale ?? UNKNOWN;
  const mean = card.mean ?? defaults.mean ?? 'none';
  const std = card.std ?? defaults.std ?? 'none';
  return {
    scaleKnown: scale !== UNKNOWN,
    preprocessing: {
      resize: card.resize ?? defaults.resize ?? 'stretch',
      resizeTo: card.resize_to ?? defaults.resize_to,
      crop: card.crop ?? defaults.crop ?? 'none',
      interpolation: card.interpolation ?? defaults.interpolation ?? 'linear',
      scale: scale === UNKNOWN ? ASSUMED_SCALE : toFactor(scale),
      mean: mean === 'none' ? undefined : mean,
      std: std === 'none' ? undefined : std,
      channelOrder: card.channel_order ?? defaults.channel_order ?? 'rgb',
    },
  };
}

function toFactor(scale: number | string): number {
  return typeof scale === 'number' ? scale : 1 / Number(scale.slice('1/'.length));
}
