import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { ModelProto } from '../../src/onnx/generated/onnx_pb.ts';
import { GraphBuilder } from '../../src/onnx/graph.ts';
import { writeModel } from '../../src/quantize/writeModel.ts';
import { describe } from '../describe.ts';
import { inTempDir } from '../store/records.ts';
import { rejects } from '../throws.ts';

function model(): ModelProto {
  const graph = new GraphBuilder();
  graph.output(graph.node('Relu', [graph.input('x', [2])], { dims: [2], output: 'y' }));
  return graph.build('relu', { notice: 'a test' });
}

describe('writeModel', (it) => {
  it('tells the size and the SHA-256 of the file', async () => {
    await inTempDir(async (folder) => {
      const path = join(folder, 'shift.onnx');
      const { byteLength, sha256 } = await writeModel(path, model());
      const bytes = await readFile(path);
      assert.is(byteLength, bytes.length);
      assert.is(sha256, createHash('sha256').update(bytes).digest('hex'));
    });
  });

  it('replaces an older file and leaves nothing beside it', async () => {
    await inTempDir(async (folder) => {
      const path = join(folder, 'shift.onnx');
      await writeFile(path, 'x'.repeat(10_000));
      const { byteLength } = await writeModel(path, model());
      assert.is((await readFile(path)).length, byteLength);
      assert.equal(await readdir(folder), ['shift.onnx']);
    });
  });

  it('leaves nothing behind when the file cannot take its name', async () => {
    await inTempDir(async (folder) => {
      await mkdir(join(folder, 'shift.onnx', 'occupied'), { recursive: true });
      await rejects(
        () => writeModel(join(folder, 'shift.onnx'), model()),
        /shift\.onnx cannot be written: .*nothing half-written is left/,
      );
      assert.equal(await readdir(folder), ['shift.onnx']);
    });
  });

  it('says what to do when the folder does not exist', async () => {
    await inTempDir(async (folder) => {
      const path = join(folder, 'absent', 'shift.onnx');
      await rejects(() => writeModel(path, model()), /absent.*name a folder that exists/);
    });
  });
});
