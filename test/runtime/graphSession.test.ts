import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import type { ModelProto } from '../../src/onnx/generated/onnx_pb.ts';
import { readModel } from '../../src/onnx/read.ts';
import { type GraphSession, type GraphSettings, openGraph } from '../../src/runtime/graphSession.ts';
import { describe } from '../describe.ts';
import { encode, floats, linearModel, model, node, value } from '../onnx/build.ts';
import { rejects } from '../throws.ts';
import { doubleClassifier, withModel } from './models.ts';

async function withGraph(
  bytes: Uint8Array,
  settings: Partial<GraphSettings>,
  use: (session: GraphSession) => Promise<void>,
): Promise<void> {
  await withModel(bytes, async (path) => {
    const session = await openGraph(path, { threads: 1, ...settings });
    await use(session);
    await session.close();
  });
}

/** Identity and Dropout, which optimization removes, around a product. */
function removable(): ModelProto {
  return model({
    input: [value('x', [1, 4])],
    output: [value('y', [1, 2]), value('r', [1, 4])],
    initializer: [floats('w', [4, 2])],
    node: [node('Relu', ['x'], ['r']), node('Identity', ['r'], ['i']), node('MatMul', ['i', 'w'], ['y'])],
  });
}

describe('openGraph', (it) => {
  it('answers every output with its shape', async () => {
    await withGraph(encode(removable()), {}, async (session) => {
      assert.is(session.inputName, 'x');
      const outputs = await session.run(Float32Array.of(1, -2, 3, 4), [1, 4]);
      assert.equal(outputs.get('r'), { dims: [1, 4], values: Float32Array.of(1, 0, 3, 4) });
      assert.equal(outputs.get('y'), { dims: [1, 2], values: Float32Array.of(8, 8) });
      assert.is(outputs.size, 2);
    });
  });

  it('answers the same when its threads give up their cores', async () => {
    await withGraph(encode(removable()), { yielding: true, threads: 2 }, async (session) => {
      const outputs = await session.run(Float32Array.of(1, -2, 3, 4), [1, 4]);
      assert.equal(outputs.get('y')?.values, Float32Array.of(8, 8));
    });
  });

  it('dumps the graph as it runs it, optimized or not', async () => {
    for (const [optimization, operators] of [
      ['all', ['MatMul', 'Relu']],
      ['disabled', ['Identity', 'MatMul', 'Relu']],
    ] as const) {
      await withModel(encode(removable()), async (path) => {
        const dumpPath = join(dirname(path), 'dump.onnx');
        const session = await openGraph(path, { threads: 1, optimization, dumpPath });
        await session.close();
        const { graph } = await readModel(dumpPath);
        assert.equal(graph.node.map(({ opType }) => opType).toSorted(), operators);
      });
    }
  });

  it('completes a profile when it is closed', async () => {
    await withModel(encode(removable()), async (path) => {
      const session = await openGraph(path, { threads: 1, profilePrefix: join(dirname(path), 'profile') });
      await session.run(Float32Array.of(1, 2, 3, 4), [1, 4]);
      await session.close();
      assert.equal((await readdir(dirname(path))).filter((name) => /^profile.*\.json$/.test(name)).length, 1);
    });
  });

  it('lets none of the warnings of a dump reach the terminal', async () => {
    await withModel(encode(removable()), async (path) => {
      const module = new URL('../../src/runtime/graphSession.ts', import.meta.url).href;
      const dumpPath = join(dirname(path), 'dump.onnx');
      const settings = JSON.stringify({ threads: 1, dumpPath });
      const program = `import(${JSON.stringify(module)}).then(({ openGraph }) => openGraph(${JSON.stringify(path)}, ${settings}))`;
      const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '-e', program]);
      assert.equal([stdout, stderr], ['', '']);
      await readModel(dumpPath);
    });
  });

  it('refuses a file that the runtime refuses', async () => {
    await withModel(Uint8Array.of(1, 2, 3), async (path) => {
      await rejects(() => openGraph(path, { threads: 1 }), /model\.onnx cannot be loaded: .*; export it again$/);
    });
  });

  it('refuses a graph of two inputs', async () => {
    const two = model({
      input: [value('a', [1]), value('b', [1])],
      output: [value('y', [1])],
      node: [node('Add', ['a', 'b'], ['y'])],
    });
    await withModel(encode(two), async (path) => {
      await rejects(() => openGraph(path, { threads: 1 }), /has one input, received 2 \(a, b\)/);
    });
  });

  it('refuses outputs that are not float32, and sizes that the graph does not take', async () => {
    await withGraph(doubleClassifier(), {}, async (session) => {
      await rejects(
        () => session.run(new Float32Array(192), [1, 3, 8, 8]),
        /output `y` must be float32, received float64/,
      );
    });
    await withGraph(encode(linearModel()), {}, async (session) => {
      await rejects(() => session.run(new Float32Array(5), [1, 5]), /cannot be run on \[1, 5\]/);
    });
  });
});
