import { createHash } from 'node:crypto';
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { runInspect } from '../../../src/cli/commands/inspect.ts';
import { goldenPathOf } from '../../../src/cli/inspect/goldenPair.ts';
import { type GoldenCheck, goldenCheckSchema } from '../../../src/records/golden.ts';
import { describe } from '../../describe.ts';
import { blueFearingClassifier, tinyClassifier, withModel } from '../../runtime/models.ts';
import { rejects } from '../../throws.ts';
import { withLine } from '../line.ts';

/** What stands in a pair's file; a test spoils some of it. */
type Content = Record<string, unknown>;

function tensor(name: string, dims: readonly number[], values: readonly number[]): Content {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) {
    bytes.writeFloatLE(value, 4 * index);
  }
  return { name, dims, float32_base64: bytes.toString('base64') };
}

/** An image of 8x8 with these means of red, green and blue. */
function image(red: number, green: number, blue: number): Content {
  const values = [red, green, blue].flatMap((level) => Array.from({ length: 64 }, () => level));
  return tensor('x', [1, 3, 8, 8], values);
}

/** The tiny classifier's logits are 8 * red + 0.25 and 8 * blue - 0.25: exact in binary. */
function pairOf(model: Uint8Array): Content {
  return {
    schema: 'beltbench/golden',
    version: 1,
    model_sha256: createHash('sha256').update(model).digest('hex'),
    made_by: 'by hand',
    tolerance: 0.0001,
    input: image(0.5, 0.25, 0.125),
    output: tensor('y', [1, 2], [4.25, 0.75]),
  };
}

async function inspect(path: string, check = true) {
  const outcome = await runInspect({ model: path, check });
  // As a reader of the JSON gets it.
  const document: { golden_pair: unknown } = JSON.parse(JSON.stringify(outcome.document));
  return { ...outcome, golden: document.golden_pair };
}

/** Inspects a model with a pair beside it. */
async function inspectWith(changes: Content, model = tinyClassifier()) {
  let found: (Awaited<ReturnType<typeof inspect>> & { golden: GoldenCheck }) | undefined;
  await withModel(model, async (path) => {
    await writeFile(goldenPathOf(path), JSON.stringify({ ...pairOf(model), ...changes }));
    const outcome = await inspect(path);
    found = { ...outcome, golden: goldenCheckSchema.parse(outcome.golden) };
  });
  if (found === undefined) {
    throw new Error('nothing was inspected');
  }
  return found;
}

describe('inspect, where a golden pair lies beside the model', (it) => {
  it('passes a model that answers as the pair says', async () => {
    const { golden, text, exitCode } = await inspectWith({});
    assert.equal(golden, {
      file: 'model.golden.json',
      verdict: 'PASS',
      tolerance: 0.0001,
      max_abs_difference: 0,
      reason: null,
    });
    assert.match(text, /golden pair\s+PASS \(model\.golden\.json\): largest difference 0\.0e\+0, tolerance 0\.0001/);
    assert.is(exitCode, 0);
  });

  it('tells the largest difference of all outputs, also one that is tolerated', async () => {
    const { golden } = await inspectWith({ output: tensor('y', [1, 2], [4.25 + 2 ** -15, 0.75 - 2 ** -14]) });
    assert.equal([golden.verdict, golden.max_abs_difference], ['PASS', 2 ** -14]);
  });

  it('fails a model that answers otherwise: exit code 1 with --check', async () => {
    const { golden, text, exitCode } = await inspectWith({ output: tensor('y', [1, 2], [4.25, 0.5]) });
    assert.equal([golden.verdict, golden.max_abs_difference], ['FAIL', 0.25]);
    assert.match(text, /FAIL .*does not answer as it did; largest difference 2\.5e-1, tolerance 0\.0001/);
    assert.is(exitCode, 1);
  });

  it('fails a model that the pair does not belong to, without running it', async () => {
    const { golden, exitCode } = await inspectWith({ model_sha256: 'ab'.repeat(32) }, blueFearingClassifier());
    assert.equal([golden.verdict, golden.max_abs_difference], ['FAIL', null]);
    assert.match(golden.reason ?? '', /another model file \(sha256 abababababab, this one is [0-9a-f]{12}\)/);
    assert.is(exitCode, 1);
  });

  it('fails a model that answers NaN or infinite numbers', async () => {
    const overflowing = tinyClassifier({
      classes: [
        [3e38, 0, 0, 0],
        [0, 0, 8, -0.25],
      ],
    });
    const { golden } = await inspectWith({ input: image(10, 0, 0.125) }, overflowing);
    assert.equal([golden.verdict, golden.max_abs_difference], ['FAIL', null]);
    assert.match(golden.reason ?? '', /NaN or infinite/);
  });

  it('says one line of a model that the runtime cannot run', async () => {
    await rejects(() => inspectWith({}, blueFearingClassifier()), /model\.onnx cannot be run on \[1, 3, 8, 8\]/);
  });
});

describe('inspect without a golden pair', (it) => {
  it('says that there is none, and runs nothing', async () => {
    await withModel(blueFearingClassifier(), async (path) => {
      const { golden, text, exitCode } = await inspect(path);
      assert.is(golden, null);
      assert.match(text, /golden pair\s+none \(no model\.golden\.json\)/);
      assert.is(exitCode, 0);
    });
  });
});

describe('a golden pair that cannot be used', (it) => {
  const spoiled: [string, Content, RegExp][] = [
    ['of a newer version', { version: 2 }, /`version`: expected 1, received 2/],
    ['with an unknown key', { tolerence: 1 }, /unknown key `tolerence`.*did you mean `tolerance`/],
    ['that would let anything pass', { tolerance: 1000 }, /`tolerance` .*0\.1, received 1000/],
    ['whose hash is none', { model_sha256: 'abc' }, /`model_sha256`/],
    ['that holds NaN', { input: image(0.5, Number.NaN, 0) }, /`input` must hold finite numbers, received NaN/],
    ['of too few numbers', { output: tensor('y', [1, 2], [1]) }, /`output` .*\[1, 2\] must hold 8 bytes, received 4/],
    ['of absurd sizes', { input: tensor('x', [1e9, 1e9, 1e9], [1]) }, /`input` .* must hold 4e\+27 bytes, received 4/],
    ['that is no Base64', { output: { name: 'y', dims: [1, 2], float32_base64: '????' } }, /must hold 8 bytes/],
    [
      'with an input of another size',
      { input: tensor('x', [1, 3, 4, 4], new Array<number>(48).fill(0)) },
      /an input `x` \[1, 3, 4, 4\], but the model takes `x` \[N, 3, 8, 8\]/,
    ],
    ['with an input of another name', { input: { ...image(0, 0, 0), name: 'z' } }, /an input `z` .*takes `x`/],
    [
      'with an answer of another size',
      { output: tensor('y', [1, 3], [1, 2, 3]) },
      /an answer `y` \[1, 3\], but the model answers `y` \[1, 2\]/,
    ],
    ['with an answer of another name', { output: tensor('\u001b[2J', [1], [1]) }, /an answer `\uFFFD\[2J` .*answers y/],
  ];
  for (const [name, changes, says] of spoiled) {
    it(`(${name}) is one line with the way out`, async () => {
      const wayOut = /.*; export the model again, or remove the file$/;
      await rejects(() => inspectWith(changes), new RegExp(says.source + wayOut.source));
    });
  }

  const files: [string, (path: string) => Promise<unknown>, RegExp][] = [
    ['no JSON', (path) => writeFile(path, '{"schema": \u001b'), /is not valid JSON/],
    ['a list of lists without end', (path) => writeFile(path, '['.repeat(1e6)), /is not valid JSON/],
    ['no text', (path) => writeFile(path, Uint8Array.of(0xff, 0xfe)), /is not UTF-8/],
    ['a folder', (path) => mkdir(path), /is not a file; export the model again/],
    [
      'far too large',
      async (path) => {
        await writeFile(path, '');
        await truncate(path, 40 * 1024 * 1024);
      },
      /has 41943040 bytes, and at most 33554432 are read/,
    ],
  ];
  for (const [name, write, says] of files) {
    it(`(${name}) is one line`, async () => {
      await withModel(tinyClassifier(), async (path) => {
        await write(goldenPathOf(path));
        await rejects(() => inspect(path), says);
      });
    });
  }
});

describe('beltbench inspect', (it) => {
  it('exits with 2 and one line for a pair that cannot be used, with 1 for a FAIL with --check alone', async () => {
    await withLine(async (line) => {
      const pair = line.path('models', 'plain.golden.json');
      await writeFile(pair, 'no pair');
      const refused = await line.cli('inspect', 'models/plain.onnx', '--json');
      assert.is(refused.status, 2);
      assert.is(refused.stdout, '');
      assert.is(refused.stderr.trim().split('\n').length, 1, refused.stderr);
      const other = pairOf(await readFile(line.path('models', 'sharp_eyed.onnx')));
      await writeFile(pair, JSON.stringify(other));
      const failed = await line.cli('inspect', 'models/plain.onnx', '--json', '--check');
      assert.is(failed.status, 1);
      assert.is(JSON.parse(failed.stdout).golden_pair.verdict, 'FAIL');
      assert.is((await line.cli('inspect', 'models/plain.onnx')).status, 0);
    });
  });
});
