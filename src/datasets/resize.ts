import { BeltbenchError } from '../shared/errors.ts';
import type { Preprocessing, Size } from '../config/preprocessing.ts';
import type { RgbImage } from './decode.ts';
import { resample } from './resample.ts';

/**
 * Brings an image to the model's input size by the card's resize and crop rule. Returns the very
 * same image, uncopied, when nothing has to be done.
 *
 * @throws BeltbenchError `bad_dataset` when `resize: none` meets an image of another size;
 * `bad_card` when `shorter_side` leaves less than the crop needs
 */
export async function resizeImage(image: RgbImage, spec: Preprocessing, size: Size): Promise<RgbImage> {
  return RULES[spec.resize](image, spec, size);
}

const RULES: Readonly<Record<Preprocessing['resize'], typeof keepSize>> = {
  none: keepSize,
  stretch: (image, spec, size) => scaleTo(image, size, spec),
  shorter_side: scaleShorterSide,
  letterbox: fitInside,
};

function keepSize(image: RgbImage, spec: Preprocessing, size: Size): RgbImage {
  const fits = spec.crop === 'center' ? isAtLeast(image, size) : isSize(image, size);
  if (!fits) {
    throw new BeltbenchError(
      'bad_dataset',
      `${image.name} is ${text(image)}, but the model takes ${text(size)} and its card says \`resize: none\`; cut the images to that size or choose \`resize: stretch\`, \`shorter_side\` or \`letterbox\``,
    );
  }
  return cropCenter(image, size);
}

/** As torchvision's `Resize(int)` and `CenterCrop`: the longer side is cut down to whole pixels. */
function scaleShorterSide(image: RgbImage, spec: Preprocessing, size: Size): RgbImage {
  const shorter = Math.min(image.width, image.height);
  const side = spec.resizeTo ?? Math.min(size.width, size.height);
  const scaled = scaleTo(
    image,
    {
      height: Math.trunc((side * image.height) / shorter),
      width: Math.trunc((side * image.width) / shorter),
    },
    spec,
  );
  if (!isAtLeast(scaled, size)) {
    throw new BeltbenchError(
      'bad_card',
      `\`resize_to: ${side}\` makes ${image.name} ${text(scaled)}, which is less than the model's ${text(size)}; raise \`resize_to\``,
    );
  }
  return cropCenter(scaled, size);
}

function fitInside(image: RgbImage, spec: Preprocessing, size: Size): RgbImage {
  const scale = Math.min(size.height / image.height, size.width / image.width);
  const fitted = scaleTo(
    image,
    {
      height: Math.max(1, roundHalfToEven(image.height * scale)),
      width: Math.max(1, roundHalfToEven(image.width * scale)),
    },
    spec,
  );
  const top = Math.floor((size.height - fitted.height) / 2);
  const left = Math.floor((size.width - fitted.width) / 2);
  return placeOnBlack(fitted, size, top, left);
}

function cropCenter(image: RgbImage, size: Size): RgbImage {
  const top = roundHalfToEven((image.height - size.height) / 2);
  const left = roundHalfToEven((image.width - size.width) / 2);
  return placeOnBlack(image, size, -top, -left);
}

function scaleTo(image: RgbImage, size: Size, spec: Preprocessing): RgbImage {
  return isSize(image, size) ? image : resample(image, size, spec.interpolation);
}

/** Puts the image's corner at (`top`, `left`) of a black canvas; what lies outside is cut off. */
function placeOnBlack(image: RgbImage, size: Size, top: number, left: number): RgbImage {
  if (isSize(image, size)) {
    return image;
  }
  const data = new Uint8Array(size.height * size.width * 3);
  const firstColumn = Math.max(0, -left);
  const lastColumn = Math.min(image.width, size.width - left);
  for (let y = Math.max(0, top); y < Math.min(size.height, top + image.height); y += 1) {
    const row = (y - top) * image.width;
    const pixels = image.data.subarray((row + firstColumn) * 3, (row + lastColumn) * 3);
    data.set(pixels, (y * size.width + left + firstColumn) * 3);
  }
  return { name: image.name, height: size.height, width: size.width, data };
}

function isSize(image: Size, size: Size): boolean {
  return image.height === size.height && image.width === size.width;
}

function isAtLeast(image: Size, size: Size): boolean {
  return image.height >= size.height && image.width >= size.width;
}

/** Python's `round`, which the training side's crop uses. */
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (Math.abs(floor) % 2) : Math.round(value);
}

function text(size: Size): string {
  return `${size.width} x ${size.height} pixels`;
}
