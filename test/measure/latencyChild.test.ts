import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import type { TurnParams, TurnResult } from '../../src/measure/turn.ts';
import { launchSchema, type Launch } from '../../src/records/latency.ts';
import { BeltbenchError } from '../../src/shared/errors.ts';
import { describe } from '../describe.ts';
import { blueFearingClassifier, busyClassifier, tinyClassifier } from '../runtime/models.ts';
import { isAlive, survivors } from '../runtime/processes.ts';
import { rejects } from '../throws.ts';
import { BLUE, GREEN, openParams, RED, withBed, withLatencyChild } from './bench.ts';

const TURN: TurnParams = { batchSize: 1, iterations: 20, settleIterations: 3, stageIterations: 0 };

/** A path of the line is made of stages; what lies between two clock readings is counted once. */
function stageSum({ stages }: TurnResult, index: number): number {
  const stage = stages[index];
  assert.ok(stage);
  return stage.read_ms + stage.decode_ms + (stage.resize_ms ?? 0) + stage.to_tensor_ms + stage.run_ms + stage.decide_ms;
}

describe('the measuring child, opened', (it) => {
  it('keeps session creation, the first inference and the warm-up apart, per batch size', async () => {
    await withBed(tinyClassifier(), [RED, GREEN], async (bed) => {
      await withLatencyChild(async (child) => {
        const launch = await child.call<Launch>(
          'open',
          openParams(bed, { launch: 4, batchSizes: [1, 3], warmupIterations: 5 }),
        );
        assert.equal(launchSchema.omit({ host: true }).parse(launch), launch);
        assert.is(launch.launch, 4);
        assert.ok(launch.session_create_ms > 0);
        assert.equal(
          launch.per_batch.map(({ batch_size: size, warmup_ms: warmup }) => [size, warmup.length]),
          [
            [1, 5],
            [3, 5],
          ],
        );
        assert.ok(launch.per_batch.every(({ first_inference_ms: first }) => first > 0));
      });
    });
  });

  it('works without a warm-up', async () => {
    await withBed(tinyClassifier(), [RED], async (bed) => {
      await withLatencyChild(async (child) => {
        const launch = await child.call<Launch>('open', openParams(bed, { warmupIterations: 0 }));
        assert.equal(launch.per_batch[0]?.warmup_ms, []);
      });
    });
  });

  it('refuses a model that answers NaN, at whatever batch size it is measured', async () => {
    const nan = tinyClassifier({
      classes: [
        [1, 0, 0, Number.NaN],
        [0, 0, 1, 0],
      ],
    });
    await withBed(nan, [RED], async (bed) => {
      for (const batchSizes of [[1], [4]]) {
        await withLatencyChild(async (child) => {
          await rejects(
            () => child.call('open', openParams(bed, { batchSizes })),
            /every output must be a finite number, received \[NaN, [\d.]+.* for .*model\.onnx; .*NaN weights/,
          );
        });
      }
    });
  });

  it('refuses logits where the card states probabilities, before anything is timed', async () => {
    await withBed(tinyClassifier(), [RED], async (bed) => {
      const stageSettings = { ...openParams(bed).stageSettings, outputs: 'probabilities' } as const;
      await withLatencyChild(async (child) => {
        await rejects(
          () => child.call('open', openParams(bed, { stageSettings })),
          /taken as probabilities, received \[8\.25, -0\.25\] for .*model\.onnx; write `outputs: logits`/,
        );
      });
    });
  });

  it('refuses a batch size that the file cannot take', async () => {
    await withBed(tinyClassifier({ input: [1, 3, 8, 8] }), [RED], async (bed) => {
      await withLatencyChild(async (child) => {
        await rejects(
          () => child.call('open', openParams(bed, { batchSizes: [1, 4] })),
          /takes batches of 1 only, received a batch of 4; correct `benchmarking\.batch_sizes` or export/,
        );
      });
    });
  });

  it('refuses an image that the card’s rule cannot bring to size', async () => {
    await withBed(
      tinyClassifier(),
      [RED],
      async (bed) => {
        await withLatencyChild(async (child) => {
          await rejects(() => child.call('open', openParams(bed)), /is 9 x 9 pixels, but the model takes 8 x 8/);
        });
      },
      9,
    );
  });

  it('keeps the inputs of large batches in bounds', async () => {
    const side = 64;
    const model = tinyClassifier({ input: ['N', 3, side, side] });
    const colours = Array.from({ length: 20 }, () => GREEN);
    await withBed(
      model,
      colours,
      async (bed) => {
        await withLatencyChild(async (child) => {
          // 20 batches of 50 MB would be a gigabyte.
          const inputSize = { height: side, width: side };
          await child.call('open', openParams(bed, { batchSizes: [1024], inputSize, warmupIterations: 0 }));
          const turn = { ...TURN, batchSize: 1024, iterations: 1 };
          const { peak_rss_bytes: peak } = await child.call<TurnResult>('turn', turn);
          assert.ok(peak > 250e6 && peak < 700e6, `${peak} bytes`);
        });
      },
      side,
    );
  });

  it('must be opened before it takes a turn', async () => {
    await withLatencyChild(async (child) => {
      const thrown = await child.call('turn', TURN).catch((error: unknown) => error);
      assert.instance(thrown, Error);
      assert.not.instance(thrown, BeltbenchError);
    });
  });
});

describe('a turn of the measuring child', (it) => {
  it('takes the samples asked for, in order, with their starts', async () => {
    await withBed(tinyClassifier(), [RED, GREEN], async (bed) => {
      await withLatencyChild(async (child) => {
        await child.call('open', openParams(bed));
        const before = Date.now();
        const result = await child.call<TurnResult>('turn', TURN);
        assert.is(result.samples_ms.length, 20);
        assert.is(result.settle_ms.length, 3);
        assert.equal(result.stages, []);
        assert.ok(result.samples_ms.every((ms) => ms > 0));
        assert.is(result.start_offsets_ms[0], 0);
        for (let i = 1; i < 20; i += 1) {
          const previousEnd = (result.start_offsets_ms[i - 1] ?? 0) + (result.samples_ms[i - 1] ?? 0);
          assert.ok((result.start_offsets_ms[i] ?? 0) >= previousEnd - 1e-6);
        }
        assert.ok(Date.parse(result.started_at) >= before - 1 && Date.parse(result.started_at) <= Date.now());
        assert.ok(result.cpu_ms > 0);
        assert.ok(result.peak_rss_bytes > 30e6 && result.peak_rss_bytes < 2e9);
      });
    });
  });

  it('feeds the images in turn, and goes on where the last turn ended', async () => {
    await withBed(blueFearingClassifier(), [RED, GREEN, RED, BLUE], async (bed) => {
      await withLatencyChild(async (child) => {
        // The first inference and the warm-up take images 1 and 2, this turn image 3.
        await child.call('open', openParams(bed, { warmupIterations: 1 }));
        const one = { ...TURN, iterations: 1, settleIterations: 0 };
        assert.is((await child.call<TurnResult>('turn', one)).samples_ms.length, 1);
        await rejects(() => child.call('turn', one), /model\.onnx cannot be run on \[1, 3, 8, 8\]: .*Gather/);
      });
    });
  });

  it('fills a batch with different images', async () => {
    await withBed(blueFearingClassifier(), [RED, GREEN, BLUE], async (bed) => {
      await withLatencyChild(async (child) => {
        // Every batch of three holds the blue image; every batch of two starting at the first does not.
        await rejects(
          () => child.call('open', openParams(bed, { batchSizes: [3] })),
          /cannot be run on \[3, 3, 8, 8\]/,
        );
        const two = openParams(bed, { batchSizes: [2], warmupIterations: 0 });
        assert.is((await child.call<Launch>('open', two)).per_batch.length, 1);
      });
    });
  });

  it('times every stage of the whole path, and the whole on the same clock', async () => {
    await withBed(tinyClassifier(), [RED, BLUE], async (bed) => {
      await withLatencyChild(async (child) => {
        await child.call('open', openParams(bed));
        const result = await child.call<TurnResult>('turn', { ...TURN, stageIterations: 6 });
        assert.is(result.stages.length, 6);
        for (const [index, stage] of result.stages.entries()) {
          assert.ok(stage.read_ms > 0 && stage.decode_ms > 0 && stage.to_tensor_ms > 0);
          assert.ok(stage.run_ms > 0 && stage.decide_ms > 0);
          assert.is(stage.resize_ms, null, 'the images have the model’s size');
          const sum = stageSum(result, index);
          assert.ok(stage.end_to_end_ms >= sum - 1e-9, `${stage.end_to_end_ms} ms for stages of ${sum} ms`);
        }
      });
    });
  });

  it('times the resize where there is one', async () => {
    await withBed(
      tinyClassifier(),
      [RED],
      async (bed) => {
        await withLatencyChild(async (child) => {
          const { preprocessing } = openParams(bed);
          await child.call('open', openParams(bed, { preprocessing: { ...preprocessing, resize: 'stretch' } }));
          const result = await child.call<TurnResult>('turn', { ...TURN, stageIterations: 2 });
          for (const [index, stage] of result.stages.entries()) {
            assert.ok((stage.resize_ms ?? 0) > 0);
            assert.ok(stage.end_to_end_ms >= stageSum(result, index) - 1e-9);
          }
        });
      },
      20,
    );
  });

  it('tells the collections during the samples, not the one it makes before them', async () => {
    await withBed(tinyClassifier(), [RED], async (bed) => {
      await withLatencyChild(async (child) => {
        await child.call('open', openParams(bed));
        const few = await child.call<TurnResult>('turn', { ...TURN, iterations: 1, settleIterations: 0 });
        assert.equal(few.gc, []);
        const many = await child.call<TurnResult>('turn', { ...TURN, iterations: 20_000 });
        assert.ok(many.gc.length > 0, 'twenty thousand answers do not fit into the young generation');
        const last = (many.start_offsets_ms.at(-1) ?? 0) + (many.samples_ms.at(-1) ?? 0);
        assert.ok(many.gc.every(({ offset_ms: at, duration_ms: took }) => at >= 0 && at <= last && took > 0));
      });
    });
  });

  it('burns no CPU while others have their turns, though its threads spin after a run', async () => {
    await withBed(
      busyClassifier(),
      [RED, GREEN],
      async (bed) => {
        await withLatencyChild(async (child) => {
          const inputSize = { height: 64, width: 64 };
          await child.call('open', openParams(bed, { threads: 2, inputSize, warmupIterations: 10 }));
          for (let turn = 0; turn < 2; turn += 1) {
            await sleep(300);
            const { idle_cpu_share: idle } = await child.call<TurnResult>('turn', TURN);
            assert.ok(idle !== null && idle < 0.05, `at rest it used ${idle} of a core`);
          }
          const again = await child.call<TurnResult>('turn', TURN);
          assert.is(again.idle_cpu_share, null, 'no time passed in which it could have been idle');
        });
      },
      64,
    );
  });

  it('ends when its parent is killed in the middle of it', async () => {
    if (process.platform !== 'linux') {
      return;
    }
    await withBed(
      busyClassifier(),
      [RED],
      async (bed) => {
        const script = fileURLToPath(new URL('../fixtures/endlessTurn.ts', import.meta.url));
        const params = openParams(bed, { inputSize: { height: 64, width: 64 } });
        const parent = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(params)], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const [said] = (await once(parent.stdout, 'data')) as [Buffer];
        const children = said.toString().trim().split(' ').map(Number);
        assert.ok(children.length > 0 && children.every(isAlive));
        parent.kill('SIGKILL');
        assert.equal(await survivors(children), []);
      },
      64,
    );
  });
});
