import type { Preprocessing, Size } from '../config/preprocessing.ts';
import type { RgbImage } from './decode.ts';

type Interpolation = Preprocessing['interpolation'];

interface Kernel {
  /** Half width in source pixels when nothing is shrunk. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

/** For every output position the first source position and its fixed-point weights. */
interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array;
  readonly stride: number;
}

const KERNELS: Readonly<Record<Exclude<Interpolation, 'nearest'>, Kernel>> = {
  linear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  cubic: { support: 2, weight: catmullRom },
  lanczos3: { support: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** 8 bits of pixel, 2 bits of headroom for the kernels' overshoot, 22 bits of weight in an int32. */
const WEIGHT_BITS = 22;

/**
 * Scales an image to `size` exactly as Pillow's `Image.resize` does, which torchvision's `Resize`
 * calls in training: pixel centres at half positions, kernels widened when shrinking (antialiased),
 * weights cut off at the edge and normalised, rounded to 8 bits after each direction. First along x,
 * then along y: Pillow's order until 12; since 13 it starts with y where the height shrinks more,
 * which changes a few values by a few levels. Source: Pillow, `src/libImaging/Resample.c`.
 *
 * sharp's own resize is not used: libvips shifts an enlarged image by half a pixel (libvips issue
 * 4841), and a model that was trained on other pixels loses accuracy without a word.
 */
export function resample(image: RgbImage, size: Size, interpolation: Interpolation): RgbImage {
  if (interpolation === 'nearest') {
    return resampleNearest(image, size);
  }
  const kernel = KERNELS[interpolation];
  const wide = size.width === image.width ? image : resampleRows(image, size.width, kernel);
  return size.height === image.height ? wide : resampleColumns(wide, size.height, kernel);
}

function resampleNearest(image: RgbImage, { height, width }: Size): RgbImage {
  const data = new Uint8Array(height * width * 3);
  const columns = Int32Array.from({ length: width }, (_, x) => Math.floor(((x + 0.5) * image.width) / width) * 3);
  let at = 0;
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor(((y + 0.5) * image.height) / height) * image.width * 3;
    for (const column of columns) {
      data.set(image.data.subarray(row + column, row + column + 3), at);
      at += 3;
    }
  }
  return { name: image.name, height, width, data };
}

function resampleRows(image: RgbImage, width: number, kernel: Kernel): RgbImage {
  const { first, count, weights, stride } = tapsOf(image.width, width, kernel);
  const source = image.data;
  const data = new Uint8ClampedArray(image.height * width * 3);
  let at = 0;
  for (let y = 0; y < image.height; y += 1) {
    const row = y * image.width;
    for (let x = 0; x < width; x += 1) {
      let from = (row + (first[x] ?? 0)) * 3;
      let [red, green, blue] = [HALF, HALF, HALF];
      const end = x * stride + (count[x] ?? 0);
      for (let tap = x * stride; tap < end; tap += 1, from += 3) {
        const weight = weights[tap] ?? 0;
        red += Math.imul(source[from] ?? 0, weight);
        green += Math.imul(source[from + 1] ?? 0, weight);
        blue += Math.imul(source[from + 2] ?? 0, weight);
      }
      data[at] = red >> WEIGHT_BITS;
      data[at + 1] = green >> WEIGHT_BITS;
      data[at + 2] = blue >> WEIGHT_BITS;
      at += 3;
    }
  }
  return { name: image.name, height: image.height, width, data: asBytes(data) };
}

function resampleColumns(image: RgbImage, height: number, kernel: Kernel): RgbImage {
  const { first, count, weights, stride } = tapsOf(image.height, height, kernel);
  const source = image.data;
  const rowBytes = image.width * 3;
  const data = new Uint8ClampedArray(height * rowBytes);
  for (let y = 0; y < height; y += 1) {
    const start = (first[y] ?? 0) * rowBytes;
    const end = y * stride + (count[y] ?? 0);
    for (let x = 0; x < rowBytes; x += 1) {
      let sum = HALF;
      for (let tap = y * stride, from = start + x; tap < end; tap += 1, from += rowBytes) {
        sum += Math.imul(source[from] ?? 0, weights[tap] ?? 0);
      }
      data[y * rowBytes + x] = sum >> WEIGHT_BITS;
    }
  }
  return { name: image.name, height, width: image.width, data: asBytes(data) };
}

/** Half of the last kept bit, so that the shift rounds. */
const HALF = 1 << (WEIGHT_BITS - 1);

function asBytes(clamped: Uint8ClampedArray<ArrayBuffer>): Uint8Array {
  return new Uint8Array(clamped.buffer);
}

function tapsOf(from: number, to: number, kernel: Kernel): Taps {
  const scale = from / to;
  const widening = Math.max(scale, 1);
  const support = kernel.support * widening;
  const stride = Math.ceil(support) * 2 + 1;
  const taps: Taps = {
    first: new Int32Array(to),
    count: new Int32Array(to),
    weights: new Int32Array(to * stride),
    stride,
  };
  for (let position = 0; position < to; position += 1) {
    const center = (position + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(from, Math.trunc(center + support + 0.5));
    const raw = Array.from({ length: end - first }, (_, tap) => kernel.weight((tap + first - center + 0.5) / widening));
    const sum = raw.reduce((total, weight) => total + weight, 0);
    taps.first[position] = first;
    taps.count[position] = raw.length;
    taps.weights.set(
      raw.map((weight) => roundAwayFromZero((weight / sum) * 2 ** WEIGHT_BITS)),
      position * stride,
    );
  }
  return taps;
}

function roundAwayFromZero(value: number): number {
  return Math.trunc(value + (value < 0 ? -0.5 : 0.5));
}

/** The cubic convolution kernel with a = -0.5 (Keys 1981). */
function catmullRom(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) {
    return (1.5 * x - 2.5) * x * x + 1;
  }
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}
