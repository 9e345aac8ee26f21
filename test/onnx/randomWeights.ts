import type { Weights } from '../../src/onnx/architectures/weights.ts';
import type { Float32Tensor } from '../../src/onnx/graph.ts';

type PerStage = readonly [number, number, number, number];
type Shapes = [name: string, dims: number[]][];

const BLOCKS = { 18: [2, 2, 2, 2], 50: [3, 4, 6, 3] } as const;

/** Names and shapes of a ResNet's tensors, written down from torchvision's module tree. */
export function resNetShapes(depth: 18 | 50, widths: PerStage, classes: number): Shapes {
  const shapes: Shapes = [...layer('conv1', [widths[0], 3, 7, 7])];
  let channels = widths[0];
  for (const [stage, width] of widths.entries()) {
    for (let index = 0; index < (BLOCKS[depth][stage] ?? 0); index += 1) {
      const name = `layer${stage + 1}.${index}`;
      const out = depth === 18 ? width : 4 * width;
      if (depth === 18) {
        shapes.push(...layer(`${name}.conv1`, [width, channels, 3, 3]), ...layer(`${name}.conv2`, [out, width, 3, 3]));
      } else {
        shapes.push(
          ...layer(`${name}.conv1`, [width, channels, 1, 1]),
          ...layer(`${name}.conv2`, [width, width, 3, 3]),
        );
        shapes.push(...layer(`${name}.conv3`, [out, width, 1, 1]));
      }
      if (index === 0 && (depth === 50 || stage > 0)) {
        shapes.push(...layer(`${name}.downsample`, [out, channels, 1, 1]));
      }
      channels = out;
    }
  }
  return [...shapes, ...layer('fc', [classes, channels])];
}

/** Names and shapes of a ConvNeXt V2's tensors, written down from the authors' module tree. */
export function convNeXtV2Shapes(depths: PerStage, dims: PerStage, classes: number): Shapes {
  const shapes: Shapes = [];
  for (const [stage, width] of dims.entries()) {
    const name = `downsample_layers.${stage}`;
    const before = dims[stage - 1];
    if (before === undefined) {
      shapes.push(...layer(`${name}.0`, [width, 3, 4, 4]), ...norm(`${name}.1`, width));
    } else {
      shapes.push(...norm(`${name}.0`, before), ...layer(`${name}.1`, [width, before, 2, 2]));
    }
    for (let index = 0; index < (depths[stage] ?? 0); index += 1) {
      const block = `stages.${stage}.${index}`;
      shapes.push(...layer(`${block}.dwconv`, [width, 1, 7, 7]), ...norm(`${block}.norm`, width));
      shapes.push(...layer(`${block}.pwconv1`, [4 * width, width]));
      shapes.push([`${block}.grn.gamma`, [4 * width]], [`${block}.grn.beta`, [4 * width]]);
      shapes.push(...layer(`${block}.pwconv2`, [width, 4 * width]));
    }
  }
  return [...shapes, ...norm('norm', dims[3]), ...layer('head', [classes, dims[3]])];
}

/**
 * Uniform weights with He's variance of 2/fan-in, which keeps activations alive behind ReLU, and
 * biases small beside them, so that no layer's part in the output vanishes.
 */
export function randomWeights(shapes: Shapes, seed: number): Weights {
  const random = uniform(seed);
  return fill(shapes, (name, dims) => {
    const fanIn = dims.slice(1).reduce((product, dim) => product * dim, 1);
    const bound = /bias|beta/.test(name) ? 0.3 : Math.sqrt(6 / fanIn);
    return () => (random() * 2 - 1) * bound;
  });
}

/** For what only looks at shapes. */
export function zeroWeights(shapes: Shapes): Weights {
  return fill(shapes, () => undefined);
}

/** Numbers in [0, 1) from a linear congruential generator. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function fill(shapes: Shapes, generatorOf: (name: string, dims: number[]) => (() => number) | undefined): Weights {
  const weights = new Map<string, Float32Tensor>();
  for (const [name, dims] of shapes) {
    const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
    const next = generatorOf(name, dims);
    weights.set(name, { dims, data: next === undefined ? data : data.map(next) });
  }
  return weights;
}

function layer(name: string, dims: number[]): Shapes {
  return [
    [`${name}.weight`, dims],
    [`${name}.bias`, dims.slice(0, 1)],
  ];
}

function norm(name: string, channels: number): Shapes {
  return layer(name, [channels]);
}
