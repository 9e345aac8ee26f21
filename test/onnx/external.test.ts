import { createHash } from 'node:crypto';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  type ModelProto,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
} from '../../src/onnx/generated/onnx_pb.ts';
import { readModel } from '../../src/onnx/read.ts';
import { tensorValues } from '../../src/onnx/tensor.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { encode, linearModel, rawBytes, tensor, withFiles } from './build.ts';

const weights = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
/** The weights of the linear model, 4 bytes into the file. */
const data = Buffer.concat([Buffer.alloc(4), rawBytes(weights)]);

function externalModel(entries: Readonly<Record<string, string>>): ModelProto {
  return linearModel(
    tensor('w', [4, 2], {
      dataType: DataType.FLOAT,
      dataLocation: DataLocation.EXTERNAL,
      externalData: Object.entries(entries).map(([key, content]) => ({ key, value: content })),
    }),
  );
}

function hash(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

describe('external data', (it) => {
  it('are read into the tensor, which then is like any other', () => {
    const model = encode(externalModel({ location: './w.bin', offset: '4', length: '32' }));
    return withFiles({ 'm.onnx': model, 'w.bin': data }, async (folder) => {
      const loaded = await readModel(join(folder, 'm.onnx'));
      const weight = loaded.graph.initializer[0];
      assert.ok(weight !== undefined);
      assert.equal([...tensorValues(weight)], [...weights]);
      assert.is(weight.dataLocation, DataLocation.DEFAULT);
      assert.equal(weight.externalData, []);
      assert.equal(loaded.externalFiles, [{ location: 'w.bin', sizeBytes: 36, sha256: hash(data) }]);
      assert.is(loaded.sizeBytes, model.length + 36);
    });
  });

  it('change the hash of the model when they change', () => {
    const model = encode(externalModel({ location: 'w.bin', offset: '4' }));
    return withFiles({ 'm.onnx': model, 'w.bin': data }, async (folder) => {
      const before = await readModel(join(folder, 'm.onnx'));
      assert.is(before.sha256, hash(`${hash(model)}  model\n${hash(data)}  w.bin\n`));
      await writeFile(join(folder, 'w.bin'), Buffer.alloc(36));
      assert.is.not((await readModel(join(folder, 'm.onnx'))).sha256, before.sha256);
    });
  });

  it('may lie in a folder below the model', () =>
    withFiles({ 'm.onnx': encode(externalModel({ location: 'weights/w.bin' })) }, async (folder) => {
      await mkdir(join(folder, 'weights'));
      await writeFile(join(folder, 'weights', 'w.bin'), rawBytes(weights));
      assert.is((await readModel(join(folder, 'm.onnx'))).externalFiles[0]?.location, 'weights/w.bin');
    }));

  it('are refused when their path leaves the folder', async () => {
    const escapes = [
      '../w.bin',
      'a/../../w.bin',
      '/etc/passwd',
      String.raw`..\w.bin`,
      String.raw`C:\w.bin`,
      '',
      '.',
      './/',
      'a\0b',
    ];
    for (const location of escapes) {
      await withFiles({ 'm.onnx': encode(externalModel({ location })) }, (folder) =>
        rejects(
          () => readModel(join(folder, 'm.onnx')),
          /tensor "w" keeps its data in ".*".*inside the model's folder/,
        ),
      );
    }
  });

  it('are refused when a symbolic link leads out of the folder', () =>
    withFiles({ 'w.bin': data }, async (outside) => {
      const model = encode(externalModel({ location: 'link/w.bin', offset: '4' }));
      await withFiles({ 'm.onnx': model }, async (folder) => {
        await symlink(outside, join(folder, 'link'));
        await rejects(
          () => readModel(join(folder, 'm.onnx')),
          /"link\/w\.bin" is a link that leaves the model's folder/,
        );
      });
    }));

  it('are refused when a neighbouring folder only begins with the same name', () =>
    withFiles({}, async (folder) => {
      await mkdir(join(folder, 'model'));
      await mkdir(join(folder, 'model-secret'));
      await writeFile(join(folder, 'model-secret', 'w.bin'), data);
      await writeFile(join(folder, 'model', 'm.onnx'), encode(externalModel({ location: 'w.bin' })));
      await symlink(join(folder, 'model-secret', 'w.bin'), join(folder, 'model', 'w.bin'));
      await rejects(() => readModel(join(folder, 'model', 'm.onnx')), /leaves the model's folder/);
    }));

  it('are refused when the file is missing, or no file', () =>
    withFiles({ 'm.onnx': encode(externalModel({ location: 'w.bin' })) }, async (folder) => {
      await rejects(() => readModel(join(folder, 'm.onnx')), /"w\.bin" cannot be found \(ENOENT.*copy that file/);
      await mkdir(join(folder, 'w.bin'));
      await rejects(
        () => readModel(join(folder, 'm.onnx')),
        /m\.onnx: its external data cannot be used: .*w\.bin: is a folder/,
      );
    }));

  it('are refused when a part lies outside the file or has another length', async () => {
    const wrong: readonly Readonly<Record<string, string>>[] = [
      { location: 'w.bin', offset: '5' },
      { location: 'w.bin', offset: '4', length: '31' },
      { location: 'w.bin', offset: '4', length: '64' },
      { location: 'w.bin', offset: '999999999999999' },
    ];
    for (const entries of wrong) {
      await withFiles({ 'm.onnx': encode(externalModel(entries)), 'w.bin': data }, (folder) =>
        rejects(() => readModel(join(folder, 'm.onnx')), /tensor "w" needs 32 bytes and names .*, which has 36/),
      );
    }
  });

  it('are refused when an offset is no number', async () => {
    for (const offset of ['-1', '1e3', '0x10', '', '99999999999999999999']) {
      await withFiles({ 'm.onnx': encode(externalModel({ location: 'w.bin', offset })), 'w.bin': data }, (folder) =>
        rejects(() => readModel(join(folder, 'm.onnx')), /which is no number of bytes/),
      );
    }
  });

  it('count towards the 2 GB limit without being read', () =>
    withFiles({ 'm.onnx': encode(externalModel({ location: 'w.bin' })), 'w.bin': '' }, async (folder) => {
      await truncate(join(folder, 'w.bin'), 2 ** 31 - 1);
      const start = performance.now();
      await rejects(
        () => readModel(join(folder, 'm.onnx')),
        /w\.bin: has 2147483647 bytes; a model and its external data/,
      );
      assert.ok(performance.now() - start < 500, 'the file was read');
    }));
});
