import { createHash } from 'node:crypto';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { readModel } from '../../src/onnx/read.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { encode, linearModel, withFiles } from './build.ts';

describe('readModel', (it) => {
  it('gives the decoded model, its bytes and the hash that sha256sum prints', () =>
    withFiles({ 'm.onnx': encode(linearModel()) }, async (folder) => {
      const loaded = await readModel(join(folder, 'm.onnx'));
      assert.is(loaded.graph.node[0]?.opType, 'MatMul');
      assert.equal(Buffer.from(loaded.bytes), Buffer.from(encode(linearModel())));
      assert.is(loaded.sha256, createHash('sha256').update(encode(linearModel())).digest('hex'));
      assert.is(loaded.sizeBytes, loaded.bytes.length);
      assert.equal(loaded.externalFiles, []);
    }));

  it('refuses a file that does not exist', () =>
    withFiles({}, (folder) =>
      rejects(() => readModel(join(folder, 'm.onnx')), /m\.onnx: cannot be read \(ENOENT[^/]*\): name a file/),
    ));

  it('refuses a folder', () =>
    withFiles({}, async (folder) => {
      await mkdir(join(folder, 'm.onnx'));
      await rejects(() => readModel(join(folder, 'm.onnx')), /is a folder: name the \.onnx file/);
    }));

  it('refuses a device, which has no size', () => rejects(() => readModel('/dev/zero'), /is a device or pipe/));

  it('refuses an empty file', () =>
    withFiles({ 'm.onnx': '' }, (folder) => rejects(() => readModel(join(folder, 'm.onnx')), /is empty \(0 bytes\)/)));

  it('refuses a sparse file of 3 GB by its size, without reading it', () =>
    withFiles({ 'm.onnx': '' }, async (folder) => {
      await truncate(join(folder, 'm.onnx'), 3 * 1024 ** 3);
      const start = performance.now();
      await rejects(
        () => readModel(join(folder, 'm.onnx')),
        /has 3221225472 bytes; an ONNX file has at most 2147483647/,
      );
      assert.ok(performance.now() - start < 500, 'the file was read');
    }));

  it('says what a file that is no ONNX model seems to be', () =>
    withFiles({}, async (folder) => {
      const path = join(folder, 'm.onnx');
      const mistaken: readonly [content: Uint8Array | string, message: RegExp][] = [
        ['<!DOCTYPE html><html>404</html>', /is no ONNX model but a text file/],
        ['version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n', /a Git LFS pointer.*git lfs pull/],
        [gzipSync(encode(linearModel())), /a gzip archive: unpack it/],
        [new Uint8Array([0x50, 0x4b, 3, 4, 20, 0, 0, 0]), /a zip archive.*torch\.onnx\.export/],
        [new Uint8Array([0x1c, 0, 0, 0, 0x4f, 0x52, 0x54, 0x4d, 0]), /an \.ort file/],
        [new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10]), /a PNG image/],
        [new Uint8Array([0xff, 0xfe, 0xfd, 0xfc, 0xfb]), /is no ONNX model \(.*\): name a \.onnx file/],
      ];
      for (const [content, message] of mistaken) {
        await writeFile(path, content);
        await rejects(() => readModel(path), message);
      }
    }));

  it('follows a symbolic link to the model file itself', () =>
    withFiles({ 'm.onnx': encode(linearModel()) }, async (folder) => {
      await symlink(join(folder, 'm.onnx'), join(folder, 'link.onnx'));
      assert.is((await readModel(join(folder, 'link.onnx'))).graph.node.length, 1);
    }));
});
