import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { prepareCandidates, type PreparedCandidate } from '../../../src/cli/work/prepare.ts';
import { loadStudy } from '../../../src/config/study.ts';
import { TensorProto_DataType as DataType, type ValueInfoProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { card, study, withFolder } from '../../config/folder.ts';
import { describe } from '../../describe.ts';
import { encode, model, node, value } from '../../onnx/build.ts';
import { rejects } from '../../throws.ts';

const IMAGE = value('image', [1, 3, 16, 16]);
const LOGITS = value('logits', [1, 2]);

/** Prepares the only candidate of a study: a file with these ports, which no preparation runs. */
async function prepare(
  ports: { readonly input?: readonly ValueInfoProto[]; readonly output?: ValueInfoProto },
  changes: Record<string, unknown> = {},
): Promise<PreparedCandidate> {
  const { input = [IMAGE], output = LOGITS } = ports;
  const graph = { input: [...input], output: [output], node: [node('Identity', ['image'], ['logits'])] };
  const files = {
    'beltbench.yaml': study(),
    'one.model.yaml': card({ input_size: 16, trained_input_size: 16, ...changes }),
    'one.onnx': encode(model(graph)),
  };
  let prepared: PreparedCandidate | undefined;
  await withFolder(files, async (dir) => {
    [prepared] = await prepareCandidates(await loadStudy(join(dir, 'beltbench.yaml')));
  });
  if (prepared === undefined) {
    throw new Error('nothing was prepared');
  }
  return prepared;
}

describe('prepareCandidates', (it) => {
  it('takes a model that can be fed images', async () => {
    assert.equal((await prepare({})).inputSize, { height: 16, width: 16 });
    assert.equal((await prepare({ input: [value('image', ['batch', 'channels', 16, 16])] })).warnings, []);
  });

  it('takes outputs that say one value per class along several axes', async () => {
    for (const dims of [[1, 2, 1, 1], [2], ['batch', 2], ['batch', 'classes']]) {
      assert.ok(await prepare({ output: value('logits', dims) }), dims.join());
    }
  });

  const unusable: [string, Parameters<typeof prepare>[0], RegExp][] = [
    [
      'takes bytes',
      { input: [value('image', [1, 3, 16, 16], DataType.UINT8)] },
      /one\.onnx: the input `image` must be float32 \[batch, 3, height, width\], received uint8 \[1, 3, 16, 16\]; export it/,
    ],
    ['takes one channel', { input: [value('image', [1, 1, 16, 16])] }, /received float32 \[1, 1, 16, 16\]/],
    ['takes its channels last', { input: [value('image', [1, 16, 16, 3])] }, /received float32 \[1, 16, 16, 3\]/],
    ['takes rows of numbers', { input: [value('image', [1, 768])] }, /received float32 \[1, 768\]/],
    ['has two inputs', { input: [IMAGE, value('mask', [1])] }, /has one input, received 2 inputs \(image, mask\)/],
    [
      'answers whole numbers',
      { output: value('logits', [1, 2], DataType.INT64) },
      /one\.onnx: the output `logits` must be float32, received int64; export the class scores/,
    ],
    [
      'answers for other classes',
      { output: value('logits', [1, 3, 1, 1]) },
      /one\.model\.yaml names 2 classes \(fine, flawed\), the output `logits` of .*one\.onnx has 3; correct `classes`/,
    ],
  ];
  for (const [name, ports, pattern] of unusable) {
    it(`refuses a model that ${name}, before anything runs`, async () => {
      await rejects(() => prepare(ports), pattern);
    });
  }

  it("passes on what the card's preprocessing makes doubtful", async () => {
    const { warnings } = await prepare({}, { scale: 1, std: [0.229, 0.224, 0.225] });
    assert.equal(
      warnings.map(({ code }) => code),
      ['odd_preprocessing'],
    );
  });
});
