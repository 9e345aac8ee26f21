import type { Preprocessing, Size } from '../config/preprocessing.ts';
import type { RgbImage } from './decode.ts';

/** Writes an image into `out` from `offset` on, as 3 x height x width float32. */
export type TensorWriter = (image: RgbImage, out: Float32Array, offset?: number) => void;

/**
 * Makes the last step of preprocessing for images of one size: `(value * scale - mean) / std` as
 * float32 in NCHW, with `mean` and `std` in the order of the model's channels. A pixel has 256
 * values, so each channel's results are computed once, in float64, and rounded once to float32:
 * with a scale of 1/255 that equals float32 division by 255, bit for bit.
 *
 * The writer throws a RangeError when the image is not of `size` or `out` is too short, which is a
 * fault of the caller.
 */
export function createTensorWriter(spec: Preprocessing, size: Size): TensorWriter {
  const plane = size.height * size.width;
  const [first, second, third] = [valuesOf(spec, 0), valuesOf(spec, 1), valuesOf(spec, 2)];
  const [firstSource, thirdSource] = spec.channelOrder === 'rgb' ? [0, 2] : [2, 0];
  return (image, out, offset = 0) => {
    if (image.height !== size.height || image.width !== size.width || image.data.length !== plane * 3) {
      throw new RangeError(`${image.name} is ${image.width} x ${image.height}, not ${size.width} x ${size.height}`);
    }
    if (offset < 0 || offset + plane * 3 > out.length) {
      throw new RangeError(`a tensor of ${plane * 3} values does not fit into ${out.length} from ${offset} on`);
    }
    const { data } = image;
    for (let pixel = 0, from = 0; pixel < plane; pixel += 1, from += 3) {
      const at = offset + pixel;
      out[at] = first[data[from + firstSource] ?? 0] ?? 0;
      out[at + plane] = second[data[from + 1] ?? 0] ?? 0;
      out[at + 2 * plane] = third[data[from + thirdSource] ?? 0] ?? 0;
    }
  };
}

/** Writes one image of any size; for many of one size, `createTensorWriter` computes its tables once. */
export function writeTensor(image: RgbImage, spec: Preprocessing, out: Float32Array, offset = 0): void {
  createTensorWriter(spec, image)(image, out, offset);
}

function valuesOf(spec: Preprocessing, channel: number): Float32Array {
  const mean = spec.mean === undefined ? 0 : valueAt(spec.mean, channel, 'mean');
  const std = spec.std === undefined ? 1 : valueAt(spec.std, channel, 'std');
  const values = new Float32Array(256);
  for (let value = 0; value < 256; value += 1) {
    values[value] = (value * spec.scale - mean) / std;
  }
  return values;
}

function valueAt(values: readonly number[], channel: number, name: string): number {
  const value = values[channel];
  if (value === undefined) {
    throw new RangeError(`\`${name}\` has ${values.length} values, and the image has 3 channels`);
  }
  return value;
}
