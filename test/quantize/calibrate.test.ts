import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { contentHashOf } from '../../src/datasets/contentHash.ts';
import type { ModelProto } from '../../src/onnx/generated/onnx_pb.ts';
import { calibrate, type CalibrationJob } from '../../src/quantize/calibrate.ts';
import type { CalibrationImage } from '../../src/quantize/job.ts';
import type { StatisticsByValue } from '../../src/quantize/observeProtocol.ts';
import { AS_IS } from '../datasets/fixtures.ts';
import { describe } from '../describe.ts';
import { encode, floats, model, node, value } from '../onnx/build.ts';
import { BLUE, type Colour, RED, withBed } from '../measure/bench.ts';
import { rejects } from '../throws.ts';
import { leavingNothing } from './leavingNothing.ts';

/** Means of the channels, less a half, and how far they are from 0. */
function network(): ModelProto {
  return model({
    input: [value('x', [1, 3, 8, 8])],
    output: [value('y', [1, 3])],
    initializer: [floats('half', [], [0.5])],
    node: [
      node('GlobalAveragePool', ['x'], ['means']),
      node('Flatten', ['means'], ['flat']),
      node('Sub', ['flat', 'half'], ['centred']),
      node('Abs', ['centred'], ['y']),
    ],
  });
}

const TAPS = [
  { value: 'x', channelAxis: 1 },
  { value: 'centred', channelAxis: undefined },
  { value: 'y', channelAxis: 1 },
];

/** Calibrates on images of one colour each, and `files` beside them. */
async function run(
  colours: readonly Colour[],
  changes: Partial<CalibrationJob> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly statistics: StatisticsByValue; readonly progress: readonly number[] }> {
  let statistics: StatisticsByValue | undefined;
  const progress: number[] = [];
  await withBed(encode(network()), colours, async ({ dir, imagePaths }) => {
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(dir, name), content);
    }
    const images: CalibrationImage[] = [];
    for (const path of [...imagePaths, ...Object.keys(files).map((name) => join(dir, name))]) {
      images.push({ path, contentHash: contentHashOf(await readFile(path)) });
    }
    const job = { model: network(), taps: TAPS, images, preprocessing: AS_IS, threads: 1, ...changes };
    await leavingNothing(async () => {
      statistics = await calibrate({ inputSize: { height: 8, width: 8 }, ...job }, (done) => progress.push(done));
    });
  });
  if (statistics === undefined) {
    throw new Error('nothing was calibrated');
  }
  return { statistics, progress };
}

describe('calibrate', (it) => {
  it('observes what the images make of every tapped value, the input and an output too', async () => {
    const { statistics } = await run([RED, RED, BLUE]);
    assert.equal([...statistics.keys()], ['x', 'centred', 'y']);
    const input = statistics.get('x');
    assert.equal([input?.count, input?.min, input?.max], [3 * 3 * 64, 0, AS_IS.scale * 255]);
    assert.equal([...(input?.channels?.mean ?? [])], [(2 * AS_IS.scale * 255) / 3, 0, (AS_IS.scale * 255) / 3]);
    const centred = statistics.get('centred');
    assert.equal([centred?.count, centred?.min, centred?.max], [9, -0.5, AS_IS.scale * 255 - 0.5]);
    assert.is(centred?.channels, undefined);
    assert.is(
      centred?.histogram.counts.reduce((sum, count) => sum + count, 0),
      9,
    );
    assert.equal([...(statistics.get('y')?.channels?.min ?? [])], [0.5, 0.5, 0.5]);
  });

  it('tells how far it is', async () => {
    const { progress } = await run(Array.from({ length: 19 }, (): Colour => RED));
    assert.equal(progress, [8, 16, 19]);
  });

  it('refuses to calibrate on nothing', async () => {
    await rejects(() => run([]), /at least one image, received none; name another folder/);
  });

  it('refuses an image that can no longer be read, which would silently weigh the others more', async () => {
    await rejects(
      () => run([RED], {}, { 'broken.png': 'no image' }),
      /must not change while they are used, and .*broken\.png did \(.*cannot be used as an image/,
    );
  });

  it('refuses an image that is no longer the listed one', async () => {
    await withBed(encode(network()), [RED], async ({ imagePaths: [path = ''] }) => {
      const images = [{ path, contentHash: contentHashOf(Uint8Array.of(1)) }];
      await rejects(() => run([], { images }), /must not change while they are used, and .*0\.png did/);
    });
  });

  it('names the value and the image where a number is not finite', async () => {
    const logarithm = model({
      input: [value('x', [1, 3, 8, 8])],
      output: [value('y', [1, 3, 1, 1])],
      node: [node('Log', ['x'], ['log']), node('GlobalAveragePool', ['log'], ['y'])],
    });
    await rejects(
      () => run([[9, 9, 9], RED, [9, 9, 9]], { model: logarithm, taps: [{ value: 'log', channelAxis: 1 }] }),
      /received -Infinity in `log` for .*1\.png; /,
    );
  });

  it('refuses a model that takes other images, on one line', async () => {
    const changes = { inputSize: { height: 9, width: 9 }, preprocessing: { ...AS_IS, resize: 'stretch' } as const };
    await rejects(() => run([RED], changes), /^the prepared model cannot be run on \[1, 3, 9, 9\]: .*`input_size`/);
  });
});
