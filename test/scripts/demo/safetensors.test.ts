import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { parseSafetensors, readSafetensors } from '../../../scripts/demo/safetensors.ts';
import { describe } from '../../describe.ts';
import { rejects } from '../../throws.ts';

/** A file with this header and these half-precision bit patterns. */
function fileOf(header: object | string, halves: number[]): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + 2 * halves.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  for (const [index, half] of halves.entries()) {
    view.setUint16(8 + text.length + 2 * index, half, true);
  }
  return bytes;
}

function tensor(shape: number[], begin: number, end: number, dtype = 'F16') {
  return { dtype, shape, data_offsets: [begin, end] };
}

describe('safetensors', (it) => {
  it('reads every kind of half-precision number exactly', () => {
    // 1, -2, the largest, the least normal, the least subnormal, the nearest to 1/3, both zeros: from IEEE 754.
    const halves = [0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x3555, 0x0000, 0x8000];
    const weights = parseSafetensors(fileOf({ w: tensor([8], 0, 16) }, halves), 'test');
    const expected = [1, -2, 65504, 2 ** -14, 2 ** -24, 0.333251953125, 0, -0];
    const data = [...(weights.get('w')?.data ?? [])];
    assert.is(data.length, expected.length);
    for (const [index, value] of expected.entries()) {
      assert.ok(Object.is(data[index], value), `${data[index]} is not ${value}`);
    }
  });

  it('gives each tensor its name, shape and values, whatever their order in the header', () => {
    const header = {
      __metadata__: { format: 'pt' },
      second: tensor([2, 1], 4, 8),
      first: tensor([1, 2], 0, 4),
    };
    const weights = parseSafetensors(fileOf(header, [0x3c00, 0x4000, 0x4200, 0x4400]), 'test');
    assert.equal([...weights.keys()].toSorted(), ['first', 'second']);
    assert.equal(weights.get('first'), { dims: [1, 2], data: Float32Array.of(1, 2) });
    assert.equal(weights.get('second'), { dims: [2, 1], data: Float32Array.of(3, 4) });
  });

  it('refuses what is no such file', async () => {
    await rejects(() => parseSafetensors(new Uint8Array(4), 'f'), /it has 4 bytes/);
    await rejects(() => parseSafetensors(fileOf('{"a":', []), 'f'), /no JSON/);
    await rejects(() => parseSafetensors(fileOf('[1]', []), 'f'), /no JSON object/);
    const claimsTooMuch = new Uint8Array(16).fill(0xff);
    await rejects(() => parseSafetensors(claimsTooMuch, 'f'), /header claims 18446744073709551615 bytes/);
  });

  it('refuses a tensor of another type, naming it', async () => {
    const file = fileOf({ w: tensor([1], 0, 4, 'F32') }, [0, 0]);
    await rejects(() => parseSafetensors(file, 'f'), /tensor w: .*F16/);
  });

  it('refuses a shape that its bytes do not fill, without allocating for it', async () => {
    const file = fileOf({ w: tensor([2 ** 40, 2 ** 40], 0, 2) }, [0]);
    await rejects(() => parseSafetensors(file, 'f'), /tensor w of shape/);
  });

  it('refuses tensors that overlap, leave a gap or pass the end', async () => {
    const halves = [0, 0];
    const overlap = fileOf({ a: tensor([1], 0, 2), b: tensor([1], 0, 2) }, halves);
    const gap = fileOf({ a: tensor([1], 2, 4) }, halves);
    const beyond = fileOf({ a: tensor([3], 0, 6) }, halves);
    await rejects(() => parseSafetensors(overlap, 'f'), /tensor b /);
    await rejects(() => parseSafetensors(gap, 'f'), /expected 2 bytes from 0/);
    await rejects(() => parseSafetensors(beyond, 'f'), /bytes 0 to 6 of 4/);
  });

  it('refuses bytes that belong to no tensor', async () => {
    const file = fileOf({ w: tensor([1], 0, 2) }, [0, 0]);
    await rejects(() => parseSafetensors(file, 'f'), /2 bytes at its end/);
  });

  it('refuses a weight that is not finite', async () => {
    for (const half of [0x7c00, 0xfc00, 0x7e00]) {
      await rejects(() => parseSafetensors(fileOf({ w: tensor([1], 0, 2) }, [half]), 'f'), /tensor w .*not finite/);
    }
  });

  it('reads from disk with the hash of the file, and says which file cannot be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'beltbench-safetensors-'));
    try {
      const path = join(folder, 'w.safetensors');
      const bytes = fileOf({ w: tensor([1], 0, 2) }, [0x3c00]);
      await writeFile(path, bytes);
      const { weights, sha256 } = await readSafetensors(path);
      assert.equal(weights.get('w')?.data, Float32Array.of(1));
      assert.is(sha256, createHash('sha256').update(bytes).digest('hex'));
      await rejects(() => readSafetensors(join(folder, 'absent')), /absent: ENOENT/);
      await rejects(() => readSafetensors(folder), /no plain file/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
