import * as assert from 'uvu/assert';
import {
  type ModelProto,
  type NodeProto,
  TensorProto_DataType as DataType,
} from '../../../src/onnx/generated/onnx_pb.ts';
import { foldIdentity } from '../../../src/onnx/rewrite/foldIdentity.ts';
import { describe } from '../../describe.ts';
import { floats, int64s, model, node, tensor, value } from '../build.ts';
import { assertSameOutputs, onEveryFixture, operatorCounts, rewritten } from './run.ts';

/** x [batch, 2, 3, 4] -> nodes -> y, with constants to read. */
function around(nodes: readonly NodeProto[], batch: number | string = 1): ModelProto {
  return model({
    input: [value('x', [batch, 2, 3, 4])],
    output: [value('y', [batch, 2, 3, 4])],
    initializer: [
      floats('bias', [4], [1, 2, 3, 4]),
      floats('half', [], [0.5]),
      tensor('off', [], { dataType: DataType.BOOL, int32Data: [0] }),
      tensor('on', [], { dataType: DataType.BOOL, int32Data: [1] }),
      int64s('same', [1, 2, 3, -1]),
      int64s('ones', [1, 1]),
      int64s('none', []),
    ],
    node: [...nodes],
  });
}

async function leaves(original: ModelProto, operators: Readonly<Record<string, number>>): Promise<ModelProto> {
  const { model: after } = rewritten(original, foldIdentity);
  assert.equal(operatorCounts(after), operators);
  await assertSameOutputs(original, after, 0);
  return after;
}

const behindRelu = (...middle: readonly NodeProto[]) => [
  node('Relu', ['x'], ['a']),
  ...middle,
  node('Neg', ['b'], ['y']),
];

describe('foldIdentity', (it) => {
  it('lets layers that share an initialiser through Identity read it themselves', async () => {
    const after = await leaves(
      around([
        node('Identity', ['bias'], ['bias_2']),
        node('Identity', ['bias_2'], ['bias_3']),
        node('Add', ['x', 'bias_2'], ['a']),
        node('Add', ['a', 'bias_3'], ['y']),
      ]),
      { Add: 2 },
    );
    assert.equal(
      after.graph?.node.map(({ input }) => input[1]),
      ['bias', 'bias'],
    );
  });

  it('removes what hands on the value as it is', async () => {
    const noOps: readonly NodeProto[] = [
      node('Identity', ['a'], ['b']),
      node('Dropout', ['a'], ['b']),
      node('Dropout', ['a', 'half', 'off'], ['b', 'mask']),
      node('Cast', ['a'], ['b'], { to: DataType.FLOAT }),
      node('CastLike', ['a', 'bias'], ['b']),
      node('Reshape', ['a', 'same'], ['b']),
      node('Expand', ['a', 'ones'], ['b']),
      node('Transpose', ['a'], ['b'], { perm: [0, 1, 2, 3] }),
    ];
    for (const noOp of noOps) {
      await leaves(around(behindRelu(noOp)), { Relu: 1, Neg: 1 });
    }
  });

  it('leaves what changes the value', async () => {
    const others: readonly (readonly NodeProto[])[] = [
      [node('Cast', ['a'], ['i'], { to: DataType.INT32 }), node('Cast', ['i'], ['b'], { to: DataType.FLOAT })],
      [
        node('Transpose', ['a'], ['t'], { perm: [0, 2, 1, 3] }),
        node('Transpose', ['t'], ['b'], { perm: [0, 2, 1, 3] }),
      ],
      [node('Flatten', ['a'], ['f']), node('Reshape', ['f', 'same'], ['b'])],
    ];
    for (const nodes of others) {
      const counts = operatorCounts(around(behindRelu(...nodes)));
      await leaves(around(behindRelu(...nodes)), counts);
    }
  });

  it('does not take axes of size 1 that change places for an identity', async () => {
    const original = around([node('Transpose', ['x'], ['t'], { perm: [1, 0, 2, 3] }), node('Neg', ['t'], ['y'])]);
    original.graph?.output.splice(0, 1, value('y', [2, 1, 3, 4]));
    await leaves(original, { Transpose: 1, Neg: 1 });
  });

  it('leaves a Dropout in training mode, or whose mask is read, and says why', () => {
    const masked = around([node('Dropout', ['x'], ['d', 'mask']), node('Where', ['mask', 'd', 'x'], ['y'])]);
    const training = around([node('Dropout', ['x', 'half', 'on'], ['y'])]);
    for (const [original, reason] of [
      [masked, /^the mask of this Dropout is read$/],
      [training, /training mode, or may be: export the model for inference$/],
    ] as const) {
      const { model: after, reports } = rewritten(original, foldIdentity);
      assert.is(operatorCounts(after)['Dropout'], 1);
      assert.match(reports[0]?.leftAlone[0]?.reason ?? '', reason);
    }
  });

  it('keeps the names of outputs, and an Identity between an input and an output', async () => {
    await leaves(around([node('Relu', ['x'], ['a']), node('Identity', ['a'], ['y'])]), { Relu: 1 });
    await leaves(around([node('Identity', ['x'], ['a']), node('Identity', ['a'], ['y'])]), { Identity: 1 });
    const twoOutputs = around([node('Relu', ['x'], ['a']), node('Identity', ['a'], ['y'])]);
    twoOutputs.graph?.output.push(value('a', [1, 2, 3, 4]));
    await leaves(twoOutputs, { Relu: 1, Identity: 1 });
    assert.is(rewritten(twoOutputs, foldIdentity).reports[0]?.rewritten, 0);
  });

  it('leaves a Reshape alone that keeps the shape of one batch only', () => {
    const original = around(behindRelu(node('Reshape', ['a', 'same'], ['b'])), 'N');
    assert.is(operatorCounts(rewritten(original, foldIdentity).model)['Reshape'], 1);
  });

  it('keeps the answers of what exporters write, without an Identity', async () => {
    await onEveryFixture([foldIdentity], (name, after) => {
      assert.is(operatorCounts(after)['Identity'], undefined, name);
    });
  });
});
