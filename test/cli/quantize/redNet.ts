import type { ModelProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { floats, model, node, value } from '../../onnx/build.ts';
import { uniform } from '../../onnx/randomWeights.ts';
import { SIDE } from '../line.ts';

const CHANNELS = 16;
const SAME = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

/** Says how red an image is on average, as `rednessModel` does, but through convolutions that can be INT8. */
export function redNet(steepness = 40, shift = 0): ModelProto {
  const small = uniform(11);
  const stem = Array.from({ length: CHANNELS * 27 }, () => (small() - 0.5) / 10);
  // The middle of the first filter's red plane: it passes red on as it is.
  stem.splice(0, 27, ...Array.from({ length: 27 }, (_, index) => (index === 4 ? 1 : 0)));
  const mix = Array.from({ length: CHANNELS * CHANNELS }, (_, index) => (index % (CHANNELS + 1) === 0 ? 1 : 0));
  const head = Array.from({ length: 2 * CHANNELS }, (_, index) => (index === CHANNELS ? steepness : 0));
  return model({
    input: [value('input', [1, 3, SIDE, SIDE])],
    output: [value('logits', [1, 2])],
    initializer: [
      floats('stem.w', [CHANNELS, 3, 3, 3], stem),
      floats(
        'stem.b',
        [CHANNELS],
        Array.from({ length: CHANNELS }, () => 0),
      ),
      floats('mix.w', [CHANNELS, CHANNELS, 1, 1], mix),
      floats(
        'mix.b',
        [CHANNELS],
        Array.from({ length: CHANNELS }, () => 0),
      ),
      floats('head.w', [2, CHANNELS], head),
      floats('head.b', [2], [0, -steepness * (0.5 + shift)]),
    ],
    node: [
      node('Conv', ['input', 'stem.w', 'stem.b'], ['stem'], SAME),
      node('Relu', ['stem'], ['stem_relu']),
      node('Conv', ['stem_relu', 'mix.w', 'mix.b'], ['mix'], { kernel_shape: [1, 1] }),
      node('Relu', ['mix'], ['mix_relu']),
      node('GlobalAveragePool', ['mix_relu'], ['pooled']),
      node('Flatten', ['pooled'], ['flat'], { axis: 1 }),
      node('Gemm', ['flat', 'head.w', 'head.b'], ['logits'], { transB: 1 }),
    ],
  });
}
