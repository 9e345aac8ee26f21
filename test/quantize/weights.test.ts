import * as assert from 'uvu/assert';
import { kernelLayout } from '../../src/onnx/kernelLayout.ts';
import { quantizeWeights, type WeightOptions } from '../../src/quantize/weights.ts';
import { mulberry32, type Random } from '../../src/stats/prng.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';

const FULL = { weights: 'per_channel', weight_range: 'full' } as const;
const REDUCED = { weights: 'per_channel', weight_range: 'reduced' } as const;
const PAIR_SAFE = { weights: 'per_channel', weight_range: 'pair_safe' } as const;

/** 36 float32 numbers that Python computes alike. */
const NUMBERS = Float32Array.from({ length: 36 }, (_, i) => ((((i * 7919) % 10007) - 5003) / 10007) * (1 + (i % 3)));

interface Shape {
  readonly dims: readonly number[];
  readonly axis: number;
}

/** A matrix either way round, a convolution, one with an odd number of channels, a depthwise one, an odd K. */
const SHAPES: readonly Shape[] = [
  { dims: [96, 40], axis: 1 },
  { dims: [40, 96], axis: 0 },
  { dims: [24, 16, 3, 3], axis: 0 },
  { dims: [32, 3, 7, 7], axis: 0 },
  { dims: [24, 1, 5, 5], axis: 0 },
  { dims: [33, 20], axis: 1 },
];

/** Bell-shaped, with a few outliers: what makes channels differ in how far their pairs reach. */
function randomWeights(random: Random, { dims }: Shape): Float32Array {
  const count = dims.reduce((product, size) => product * size, 1);
  const spread = 2 ** (random() * 20 - 10);
  return Float32Array.from({ length: count }, () => {
    const bell = random() + random() + random() - 1.5;
    return bell * spread * (random() < 0.01 ? 4 : 1);
  });
}

/** One output channel's integers, in the order in which they are summed. */
function inOrder(data: Int8Array, { dims, axis }: Shape, output: number): number[] {
  const { places, outputStride } = kernelLayout(dims, axis);
  return Array.from(places, (place) => data[output * outputStride + place] ?? NaN);
}

/** What vpmaddubsw keeps of a pair at the activations that drive it farthest: the int16 and the exact sum. */
function worstSums(first: number, second: number): [kept: number, exact: number][] {
  return [0, 255].flatMap((a) =>
    [0, 255].map((b): [number, number] => {
      const exact = a * first + b * second;
      return [Math.min(Math.max(exact, -32768), 32767), exact];
    }),
  );
}

function outputsOf({ dims, axis }: Shape): number {
  return dims[axis] ?? 0;
}

function saturatingPairs(data: Int8Array, shape: Shape): number {
  let saturating = 0;
  for (let output = 0; output < outputsOf(shape); output += 1) {
    const row = inOrder(data, shape, output);
    for (let k = 0; k < row.length; k += 2) {
      saturating += worstSums(row[k] ?? 0, row[k + 1] ?? 0).some(([kept, exact]) => kept !== exact) ? 1 : 0;
    }
  }
  return saturating;
}

describe('quantizeWeights', (it) => {
  // Expected numbers: quantize_data of onnxruntime 1.30's quantization/quant_utils.py, symmetric QInt8, on each channel.
  it("equals the Python tool's integers and scales for a matrix", () => {
    const { data, scales } = quantizeWeights({ dims: [12, 3], data: NUMBERS }, { axis: 1, ...FULL });
    assert.equal(scales, Float32Array.of(0.003936614375561476, 0.007312991190701723, 0.0107900844886899));
    const columns = [
      [-127, -32, 63, -96, -1, 94, -65, 30, 125, -34, 61, -98],
      [80, -91, 11, 113, -58, 44, -127, -25, 78, -94, 9, 111],
      [23, 127, -47, 57, -117, -13, 91, -83, 21, 125, -49, 55],
    ];
    assert.equal(
      [0, 1, 2].map((column) => [...data].filter((_, i) => i % 3 === column)),
      columns,
    );
  });

  it("equals the Python tool's integers and scales in reduced range", () => {
    const { data, scales } = quantizeWeights({ dims: [12, 3], data: NUMBERS }, { axis: 1, ...REDUCED });
    assert.equal(scales, Float32Array.of(0.007811719086021185, 0.014511716552078724, 0.021411573514342308));
    const columns = [
      [-64, -16, 32, -48, 0, 47, -33, 15, 63, -17, 31, -49],
      [40, -46, 5, 57, -29, 22, -64, -12, 39, -47, 4, 56],
      [12, 64, -24, 29, -59, -7, 46, -42, 11, 63, -25, 28],
    ];
    assert.equal(
      [0, 1, 2].map((column) => [...data].filter((_, i) => i % 3 === column)),
      columns,
    );
  });

  it("equals the Python tool's integers and scales for a convolution", () => {
    const { data, scales } = quantizeWeights({ dims: [3, 3, 2, 2], data: NUMBERS }, { axis: 0, ...FULL });
    assert.equal(scales, Float32Array.of(0.0107900844886899, 0.009947367943823338, 0.010608321987092495));
    const kernels = [
      [-46, 54, 23, -12, -62, 127, 23, 7, -47, -35, 77, 57],
      [0, -43, -127, 37, 32, -14, -26, -93, 99, 12, -18, -90],
      [46, 53, 21, -13, -65, 127, 23, 6, -50, -36, 77, 56],
    ];
    assert.equal([...data], kernels.flat());
  });

  it("equals the Python tool's integers with one scale for all", () => {
    const options: WeightOptions = { axis: 0, weights: 'per_tensor', weight_range: 'full' };
    const { data, scales } = quantizeWeights({ dims: [3, 3, 2, 2], data: NUMBERS }, options);
    assert.equal(scales, Float32Array.of(0.0107900844886899));
    assert.equal([...data.subarray(12, 24)], [0, -39, -117, 34, 30, -13, -24, -86, 91, 11, -17, -83]);
  });

  it('rounds halves to the even integer', () => {
    const data = Float32Array.of(127, 0.5, 1.5, -0.5, -2.5, 63.5);
    assert.equal([...quantizeWeights({ dims: [1, 6], data }, { axis: 0, ...FULL }).data], [127, 0, 2, 0, -2, 64]);
  });

  it('gives channels of zeros, and of subnormal numbers, scale 1', () => {
    const data = Float32Array.of(0, 0, 1e-40, -1e-40, 3, -4);
    for (const options of [FULL, REDUCED, PAIR_SAFE]) {
      const { scales, data: integers } = quantizeWeights({ dims: [3, 2], data }, { axis: 0, ...options });
      assert.equal([scales[0], scales[1], ...integers.subarray(0, 4)], [1, 1, 0, 0, 0, 0]);
    }
  });

  it('does not go below the scales that it is given as minimum', () => {
    const data = Float32Array.of(127, 1, 127, 1);
    const minimumScales = Float32Array.of(0.5, 2);
    const result = quantizeWeights({ dims: [2, 2], data }, { axis: 0, ...FULL, minimumScales });
    assert.equal(result.scales, Float32Array.of(1, 2));
    assert.equal([...result.data], [127, 1, 64, 0]);
  });

  it('refuses weights that are not finite', async () => {
    for (const bad of [NaN, -Infinity]) {
      const data = Float32Array.of(1, bad, 2, 3);
      await rejects(
        () => quantizeWeights({ dims: [2, 2], data }, { axis: 0, ...FULL }),
        new RegExp(`received ${bad};`),
      );
    }
  });
});

describe('quantizeWeights, pair_safe', (it) => {
  it('leaves no pair that u8 activations could make saturate, in any order of axes', () => {
    const random = mulberry32(11);
    let unsafe = 0;
    for (let i = 0; i < 10; i += 1) {
      for (const shape of SHAPES) {
        const constant = { dims: shape.dims, data: randomWeights(random, shape) };
        for (const weights of ['per_channel', 'per_tensor'] as const) {
          const safe = quantizeWeights(constant, { axis: shape.axis, weights, weight_range: 'pair_safe' });
          assert.is(saturatingPairs(safe.data, shape), 0, shape.dims.join('x'));
        }
        unsafe += saturatingPairs(quantizeWeights(constant, { axis: shape.axis, ...FULL }).data, shape);
      }
    }
    assert.ok(unsafe > 1000, `full range has ${unsafe} such pairs, else this test would show nothing`);
  });

  it('has scales from those of full to those of reduced range', () => {
    const random = mulberry32(12);
    for (const shape of SHAPES) {
      const constant = { dims: shape.dims, data: randomWeights(random, shape) };
      const scalesOf = (options: typeof FULL | typeof REDUCED | typeof PAIR_SAFE): Float32Array =>
        quantizeWeights(constant, { axis: shape.axis, ...options }).scales;
      const [full, safe, reduced] = [scalesOf(FULL), scalesOf(PAIR_SAFE), scalesOf(REDUCED)];
      assert.ok(safe.every((scale, output) => scale >= (full[output] ?? NaN) && scale <= (reduced[output] ?? NaN)));
    }
  });

  it('grows a scale only as far as it takes: the next smaller float32 would saturate', () => {
    const random = mulberry32(13);
    const shape = { dims: [64, 30], axis: 1 };
    const constant = { dims: shape.dims, data: randomWeights(random, shape) };
    const { scales } = quantizeWeights(constant, { axis: 1, ...PAIR_SAFE });
    const full = quantizeWeights(constant, { axis: 1, ...FULL }).scales;
    let grown = 0;
    for (const [output, scale] of scales.entries()) {
      if (scale > (full[output] ?? NaN)) {
        grown += 1;
        const smaller = Float32Array.of(scale);
        new Uint32Array(smaller.buffer)[0] = (new Uint32Array(smaller.buffer)[0] ?? 0) - 1;
        const column = Float32Array.from({ length: 64 }, (_, k) => constant.data[k * 30 + output] ?? NaN);
        const minimumScales = smaller;
        const tooSmall = quantizeWeights({ dims: [64, 1], data: column }, { axis: 1, ...FULL, minimumScales });
        assert.ok(saturatingPairs(tooSmall.data, { dims: [64, 1], axis: 1 }) > 0);
      }
    }
    assert.ok(grown >= 3, `${grown} channels grew`);
  });

  it('leaves channels whose pairs are safe as full range has them', () => {
    // Unlike signs, and like signs whose sum is small, cannot add up.
    const data = Float32Array.of(127, -127, 100, 20, -64, -64, 0, 127);
    const constant = { dims: [1, 8], data };
    assert.equal(quantizeWeights(constant, { axis: 0, ...PAIR_SAFE }), quantizeWeights(constant, { axis: 0, ...FULL }));
  });

  it('stays safe above a minimum scale', () => {
    const random = mulberry32(14);
    const shape = { dims: [64, 30], axis: 1 };
    const constant = { dims: shape.dims, data: randomWeights(random, shape) };
    const { scales } = quantizeWeights(constant, { axis: 1, ...PAIR_SAFE });
    const minimumScales = scales.map((scale) => scale * (1 + random()));
    const { data } = quantizeWeights(constant, { axis: 1, ...PAIR_SAFE, minimumScales });
    assert.is(saturatingPairs(data, shape), 0);
  });
});
