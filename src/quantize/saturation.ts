import { GraphBuilder } from '../onnx/graph.ts';
import { GraphEditor } from '../onnx/rewrite/graphEditor.ts';
import { encodeModel } from '../onnx/encode.ts';
import type { Recipe } from '../records/recipe.ts';
import { runOnce } from '../runtime/runOnce.ts';

/** How this host's kernels sum products of 8-bit integers. */
export interface SaturationProbe {
  /** `saturates`: in pairs of 16 bits, as CPUs without VNNI do. */
  readonly result: 'exact' | 'saturates' | 'unknown';
  /** What the probe's sum came out as. */
  readonly sum: number;
}

const ROWS = 4;
const TERMS = 64;
const COLUMNS = 16;
const LARGEST_ACTIVATION = 255;
const LARGEST_WEIGHT = 127;
const EXACT_SUM = TERMS * LARGEST_ACTIVATION * LARGEST_WEIGHT;
/** Of each pair of products no more remains than the largest int16. */
const SATURATED_SUM = (TERMS / 2) * (2 ** 15 - 1);

/**
 * Asks the runtime's own kernel whether it saturates on this host, where no instruction could be
 * asked for without native code: one MatMulIntegerToFloat of the largest u8 activations and s8
 * weights (int8.md 7).
 *
 * @throws BeltbenchError `inference_failed` when the runtime cannot run it
 */
export async function probeSaturation(): Promise<SaturationProbe> {
  const activations = new Float32Array(ROWS * TERMS).fill(LARGEST_ACTIVATION);
  const outputs = await runOnce(probeModel(), { x: { dims: [ROWS, TERMS], values: activations } });
  const sums = outputs.get('y')?.values ?? new Float32Array();
  return judgeSums(sums);
}

/** @param sums of every row and column, all of which should be the same */
export function judgeSums(sums: Float32Array): SaturationProbe {
  const sum = sums.find((other) => other !== EXACT_SUM) ?? EXACT_SUM;
  const isSame = sums.length > 0 && sums.every((other) => other === sum);
  if (isSame && sum === EXACT_SUM) {
    return { result: 'exact', sum };
  }
  return { result: isSame && sum === SATURATED_SUM ? 'saturates' : 'unknown', sum };
}

/**
 * The integers that are fast and right on a host. On x86 u8 activations, whose weights must not
 * saturate 16-bit sums unless the probe has shown that they cannot; on ARM64 s8, which its kernels
 * for two signed operands take (int8.md 5 and 7).
 *
 * @param arch as `process.arch`
 */
export function recipeForHost({ result }: SaturationProbe, arch: string): Pick<Recipe, 'activations' | 'weight_range'> {
  if (arch === 'arm64') {
    return { activations: 's8', weight_range: 'full' };
  }
  return { activations: 'u8', weight_range: result === 'exact' ? 'full' : 'pair_safe' };
}

function probeModel(): Uint8Array {
  const builder = new GraphBuilder();
  const x = builder.input('x', [ROWS, TERMS]);
  builder.output(builder.node('Identity', [x], { dims: [ROWS, COLUMNS], output: 'y' }));
  const graph = new GraphEditor(builder.build('saturation'));
  const one = graph.addFloats('one', [], Float32Array.of(1));
  const zero = graph.addConstant('zero', [], Uint8Array.of(0));
  const weights = new Int8Array(TERMS * COLUMNS).fill(LARGEST_WEIGHT);
  const integers = graph.addNode({ opType: 'QuantizeLinear', inputs: [x.name, one, zero] });
  const product = graph.addNode({
    opType: 'MatMulIntegerToFloat',
    domain: 'com.microsoft',
    inputs: [integers, graph.addConstant('weights', [TERMS, COLUMNS], weights), one, one],
  });
  graph.replaceUses('y', product);
  return encodeModel(graph.build());
}
