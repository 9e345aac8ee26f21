import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { equals, fromBinary } from '@bufbuild/protobuf';
import * as ort from 'onnxruntime-node';
import * as assert from 'uvu/assert';
import { ModelProtoSchema, type ModelProto } from '../../src/onnx/generated/onnx_pb.ts';
import { GraphBuilder } from '../../src/onnx/graph.ts';
import { encodeModel, writeModel } from '../../src/onnx/write.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';

/** y = x + (3, -0.5), the summand being the middle of a larger array. */
function shiftModel(): ModelProto {
  const graph = new GraphBuilder();
  const shift = graph.initializer('shift', { dims: [2], data: Float32Array.of(9, 3, -0.5, 9).subarray(1, 3) });
  const x = graph.input('x', [2]);
  graph.output(graph.node('Add', [x, shift], { dims: [2], output: 'y' }));
  return graph.build('shift', { notice: 'a test' });
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'beltbench-write-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('write', (it) => {
  it('encodes a model that decodes to the same message', () => {
    const model = shiftModel();
    assert.ok(equals(ModelProtoSchema, fromBinary(ModelProtoSchema, encodeModel(model)), model));
  });

  it('stores floats as little-endian bytes', () => {
    const [tensor] = shiftModel().graph?.initializer ?? [];
    assert.equal([...(tensor?.rawData ?? [])], [0, 0, 0x40, 0x40, 0, 0, 0, 0xbf]);
  });

  it('keeps the metadata', () => {
    const [entry] = shiftModel().metadataProps;
    assert.equal([entry?.key, entry?.value], ['notice', 'a test']);
  });

  it('writes a file that the runtime loads and computes with', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'shift.onnx');
      await writeModel(path, shiftModel());
      const session = await ort.InferenceSession.create(path);
      const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 2), [2]) });
      assert.equal([...((y?.data ?? []) as Float32Array)], [4, 1.5]);
      await session.release();
    });
  });

  it('tells the size and the SHA-256 of the file', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'shift.onnx');
      const { byteLength, sha256 } = await writeModel(path, shiftModel());
      const bytes = await readFile(path);
      assert.is(byteLength, bytes.length);
      assert.is(sha256, createHash('sha256').update(bytes).digest('hex'));
    });
  });

  it('replaces an older file and leaves nothing beside it', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'shift.onnx');
      await writeFile(path, 'x'.repeat(10_000));
      const { byteLength } = await writeModel(path, shiftModel());
      assert.is((await readFile(path)).length, byteLength);
      assert.equal(await readdir(folder), ['shift.onnx']);
    });
  });

  it('leaves nothing behind when the file cannot take its name', async () => {
    await inFolder(async (folder) => {
      await mkdir(join(folder, 'shift.onnx', 'occupied'), { recursive: true });
      await rejects(() => writeModel(join(folder, 'shift.onnx'), shiftModel()), /cannot write the model/);
      assert.equal(await readdir(folder), ['shift.onnx']);
    });
  });

  it('says what to do when the folder does not exist', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'absent', 'shift.onnx');
      await rejects(() => writeModel(path, shiftModel()), /absent.*name a folder that exists/);
    });
  });

  it('refuses two values of one name', () => {
    const graph = new GraphBuilder();
    graph.input('x', [1]);
    assert.throws(() => graph.input('x', [2]), /two values named x/);
  });
});
