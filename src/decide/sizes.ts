import type { Claims } from '../config/modelCardSchema.ts';
import type { Size } from '../config/preprocessing.ts';

/** "128x128": height, then width. */
export function sizeText({ height, width }: Size): string {
  return `${height}x${width}`;
}

export function sameSize(a: Size, b: Size): boolean {
  return a.height === b.height && a.width === b.width;
}

/** The size at which a claimed latency was taken; one number means a square. */
export function claimedSize({ input_size: size }: Claims): Size | undefined {
  if (size === undefined) {
    return undefined;
  }
  return typeof size === 'number' ? { height: size, width: size } : { height: size[0], width: size[1] };
}
