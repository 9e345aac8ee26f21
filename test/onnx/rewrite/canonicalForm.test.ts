import * as assert from 'uvu/assert';
import type { ModelProto, NodeProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { cleanShapes } from '../../../src/onnx/rewrite/cleanShapes.ts';
import { fixInputs } from '../../../src/onnx/rewrite/fixInputs.ts';
import { foldBatchNorm } from '../../../src/onnx/rewrite/foldBatchNorm.ts';
import { foldIdentity } from '../../../src/onnx/rewrite/foldIdentity.ts';
import { foldShapes } from '../../../src/onnx/rewrite/foldShapes.ts';
import { fuseGelu } from '../../../src/onnx/rewrite/fuseGelu.ts';
import { fuseLayerNorm } from '../../../src/onnx/rewrite/fuseLayerNorm.ts';
import { rewriteGrn } from '../../../src/onnx/rewrite/grn/rewriteGrn.ts';
import { linearToGemm } from '../../../src/onnx/rewrite/linearToGemm.ts';
import { upgradeOpset } from '../../../src/onnx/rewrite/upgradeOpset.ts';
import { describe } from '../../describe.ts';
import { assertSameOutputs, fixtureNames, operatorCounts, readFixture, rewritten } from './run.ts';

const PASSES = [
  fixInputs(),
  foldShapes,
  foldIdentity,
  foldBatchNorm,
  upgradeOpset,
  fuseLayerNorm,
  fuseGelu,
  linearToGemm,
  cleanShapes,
  rewriteGrn,
  cleanShapes,
];

interface Network {
  readonly gelus: number;
  readonly norms: number;
  readonly gemms: number;
  /** Blocks whose linear layers are no convolutions. */
  readonly blocks: number;
}

/** Counted in the networks' code, not in a graph. */
const NETWORKS: ReadonlyMap<string, Network> = new Map([
  ['convnextv2-official', { gelus: 3, norms: 6, gemms: 7, blocks: 3 }],
  ['convnextv2-timm', { gelus: 4, norms: 9, gemms: 9, blocks: 4 }],
  ['convnextv2-timm-convmlp', { gelus: 4, norms: 9, gemms: 1, blocks: 0 }],
  ['resnet-basic', { gelus: 0, norms: 0, gemms: 1, blocks: 0 }],
  ['resnet-bottleneck', { gelus: 0, norms: 0, gemms: 1, blocks: 0 }],
]);

const WRITTEN_OUT = ['Erf', 'Sub', 'Pow', 'Identity', 'Constant', 'ReduceL2', 'BatchNormalization'];

/** A block behind its LayerNorm, from its last operator up: nothing leaves the matrix of [tokens, channels]. */
const BLOCK = ['Reshape', 'Gemm', 'Mul', 'Gelu', 'Gemm', 'Reshape', 'LayerNormalization'];

/** The operators upstream of a node, itself first, each followed through its first input. */
function upstream({ graph }: ModelProto, from: NodeProto): readonly string[] {
  const operators: string[] = [];
  for (let node: NodeProto | undefined = from; node !== undefined && operators.length < BLOCK.length;) {
    operators.push(node.opType);
    const input: string = node.input[0] ?? '';
    node = graph?.node.find(({ output }) => output.includes(input));
  }
  return operators;
}

describe('the canonical form', (it) => {
  for (const name of fixtureNames()) {
    it(`is what ${name} is brought into, with the same outputs`, async () => {
      const network = NETWORKS.get(name.split('.')[0] ?? '');
      assert.ok(network, `no counts for ${name}`);
      const original = await readFixture(name);
      const { model, reports } = rewritten(original, ...PASSES);
      const counts = operatorCounts(model);
      const blocks = model.graph?.node.filter((node) => upstream(model, node).join() === BLOCK.join()).length ?? 0;
      const { Gelu: gelus = 0, LayerNormalization: norms = 0, Gemm: gemms = 0 } = counts;
      assert.equal({ gelus, norms, gemms, blocks }, network);
      assert.ok((counts['Reshape'] ?? 0) <= 2 * blocks + 2, 'a reshape too many');
      assert.equal(
        WRITTEN_OUT.filter((operator) => operator in counts),
        [],
      );
      assert.equal(
        reports.flatMap(({ leftAlone }) => leftAlone),
        [],
      );
      await assertSameOutputs(original, model);
    });
  }
});
