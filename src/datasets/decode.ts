import sharp, { type SharpOptions } from 'sharp';
import { reasonOf } from '../shared/errors.ts';
import type { Size } from '../config/preprocessing.ts';
import { sniffFormat, type ImageFormat } from './imageFormat.ts';
import { UnreadableImage } from './unreadableImage.ts';

/** Pixels of the largest image that is decoded: 48 MB as RGB. */
export const MAX_IMAGE_PIXELS = 4096 * 4096;

/** Decoded pixels: `height` x `width` x 3 bytes, rows from the top, RGB. */
export interface RgbImage extends Size {
  /** The image's id or path, for messages. */
  readonly name: string;
  readonly data: Uint8Array;
}

/**
 * The stored values are the contract with the training side, whose loaders (PIL, torchvision) apply
 * neither an embedded colour profile nor the EXIF orientation; so neither is applied here.
 */
const READ_AS_STORED: SharpOptions = { autoOrient: false, ignoreIcc: true };

/**
 * Decodes one image to 8-bit RGB, the only way pixels enter beltbench, whether it measures,
 * evaluates or calibrates. Greyscale becomes three equal channels, 16-bit keeps its upper byte,
 * CMYK is converted with libvips's own profile, and what is transparent is laid on black, the
 * belt's background. The EXIF orientation and embedded colour profiles are ignored.
 *
 * @throws UnreadableImage for anything that is not a whole, intact PNG, JPEG, WebP or TIFF of at
 * most 4096 x 4096 pixels; a half image is never filled up with grey
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<RgbImage> {
  if (requireFormat(bytes, name) === 'tiff') {
    await readHeader(bytes, name);
  }
  const { data, info } = await sharp(bytes, {
    ...READ_AS_STORED,
    failOn: 'error',
    limitInputPixels: MAX_IMAGE_PIXELS,
  })
    .flatten({ background: '#000000' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((thrown: unknown) => {
      const tooMany = reasonOf(thrown).includes('pixel limit');
      throw new UnreadableImage(name, tooMany ? 'too_many_pixels' : 'broken', saidBy(thrown), { cause: thrown });
    });
  if (info.channels !== 3) {
    throw new Error(`${name} was decoded to ${info.channels} channels instead of 3`);
  }
  return { name, width: info.width, height: info.height, data };
}

/**
 * Reads an image's size from its header without decoding a pixel.
 *
 * @throws UnreadableImage when it is no image, its header is broken, or it is refused for its size or depth
 */
export async function readHeader(bytes: Uint8Array, name: string): Promise<Size> {
  requireFormat(bytes, name);
  // Without sharp's own limit, so that the message can say the size that was refused.
  const { width, height, depth } = await sharp(bytes, { ...READ_AS_STORED, limitInputPixels: false })
    .metadata()
    .catch((thrown: unknown) => {
      throw new UnreadableImage(name, 'broken', saidBy(thrown), { cause: thrown });
    });
  if (width * height > MAX_IMAGE_PIXELS) {
    throw new UnreadableImage(
      name,
      'too_many_pixels',
      `it is ${width} x ${height} pixels, and at most ${MAX_IMAGE_PIXELS} are decoded`,
    );
  }
  // A float TIFF of 0..1 would be cut to 0 and 1 and pass as a black image.
  if (depth !== 'uchar' && depth !== 'ushort') {
    throw new UnreadableImage(name, 'unsupported_depth', `its values are ${depth}, and 8 or 16 bits are read`);
  }
  return { width, height };
}

function requireFormat(bytes: Uint8Array, name: string): ImageFormat {
  if (bytes.length === 0) {
    throw new UnreadableImage(name, 'empty', 'it has 0 bytes');
  }
  const format = sniffFormat(bytes);
  if (format === undefined) {
    throw new UnreadableImage(name, 'not_an_image', 'its first bytes are no PNG, JPEG, WebP or TIFF signature');
  }
  return format;
}

/** The decoders' words, each line once, because some are told dozens of times. */
function saidBy(thrown: unknown): string {
  const lines = reasonOf(thrown).split('\n');
  const said = [...new Set(lines.map((line) => line.trim()))].join(' ').trim();
  return said.replace(/:$/, '').slice(0, 200);
}
