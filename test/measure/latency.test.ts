import * as assert from 'uvu/assert';
import { measureLatency, type LatencyEvents, type LatencyJob } from '../../src/measure/latency.ts';
import type { LaunchResult } from '../../src/measure/turn.ts';
import { launchSchema, roundSchema, type Round } from '../../src/records/latency.ts';
import { BeltbenchError } from '../../src/shared/errors.ts';
import { describe } from '../describe.ts';
import { blueFearingClassifier, tinyClassifier } from '../runtime/models.ts';
import { childrenRunning } from '../runtime/processes.ts';
import { BLUE, GREEN, openParams, RED, withBed, type Bed } from './bench.ts';

/** What a session told, in the order in which it told it. */
interface Log {
  readonly events: LatencyEvents;
  readonly launches: [string, LaunchResult][];
  readonly rounds: [string, Round][];
  readonly failures: [id: string, code: string, message: string][];
  readonly asked: string[];
}

function newLog(mayGoOn: (asked: readonly string[]) => boolean = () => true): Log {
  const launches: [string, LaunchResult][] = [];
  const rounds: [string, Round][] = [];
  const failures: [string, string, string][] = [];
  const asked: string[] = [];
  const events: LatencyEvents = {
    onLaunch: async (id, launch) => await Promise.resolve(void launches.push([id, launch])),
    onRound: async (id, round) => await Promise.resolve(void rounds.push([id, round])),
    onFailure: async (id, { code, message }) => await Promise.resolve(void failures.push([id, code, message])),
    beforeTurn: (id, phase, round) => {
      asked.push(`${phase} ${id} ${round ?? ''}`.trim());
      return mayGoOn(asked);
    },
  };
  return { events, launches, rounds, failures, asked };
}

function jobOf(
  id: string,
  bed: Bed,
  rounds: readonly number[] = [1, 2, 3],
  batchSizes: readonly number[] = [1],
): LatencyJob {
  return {
    id,
    open: openParams(bed, { batchSizes, warmupIterations: 1 }),
    missingRounds: rounds.flatMap((round) => batchSizes.map((batchSize) => ({ round, batchSize, iterations: 4 }))),
  };
}

/** "round candidate", in the order of the turns. */
function order({ rounds }: Log): string[] {
  return rounds.map(([id, { round }]) => `${round} ${id}`);
}

/** Turns that the resumed session has left. */
function isMissing(turn: string): boolean {
  return /^(3 a|4 .|2 b|3 b)$/.test(turn);
}

describe('measureLatency', (it) => {
  it('gives every candidate one turn per round, in an order shuffled by the seed', async () => {
    await withBed(tinyClassifier(), [RED, GREEN], async (bed) => {
      const jobs = ['a', 'b', 'c'].map((id) => jobOf(id, bed, [1, 2, 3, 4]));
      const log = newLog();
      await measureLatency(jobs, 5, log.events);
      assert.equal(log.failures, []);
      assert.equal(
        log.launches.map(([id]) => id),
        ['a', 'b', 'c'],
      );
      for (const [, launch] of log.launches) {
        assert.equal(launchSchema.omit({ host: true }).parse(launch), launch);
      }
      const perRound = [1, 2, 3, 4].map((round) => log.rounds.filter(([, taken]) => taken.round === round));
      for (const taken of perRound) {
        assert.equal(taken.map(([id]) => id).toSorted(), ['a', 'b', 'c']);
        assert.equal(
          taken.map(([, { position }]) => position),
          [1, 2, 3],
        );
      }
      const orders = perRound.map((taken) => taken.map(([id]) => id).join(''));
      assert.ok(new Set(orders).size > 1, `the order is ${orders.join(', ')}`);
      assert.equal(
        log.rounds.map(([, { round }]) => round),
        log.rounds.map(([, { round }]) => round).toSorted((one, two) => one - two),
      );
      for (const [, round] of log.rounds) {
        assert.equal(roundSchema.parse(round), round);
        assert.is(round.samples_ms.length, 4);
        assert.is(round.settle_ms.length, 3);
        assert.is(round.stages.length, 10);
        assert.is(round.launch, 1);
        assert.ok(round.other_cpu_share === null || round.other_cpu_share <= 1);
      }

      // What is missing after round 2 is measured in the very order of the whole session.
      const resumed = newLog();
      await measureLatency(
        [jobOf('a', bed, [3, 4]), jobOf('b', bed, [2, 3, 4]), jobOf('c', bed, [4])],
        5,
        resumed.events,
      );
      assert.equal(order(resumed), order(log).filter(isMissing));
      assert.equal(
        resumed.rounds.map(([, { position }]) => position),
        log.rounds.filter(([id, { round }]) => isMissing(`${round} ${id}`)).map(([, { position }]) => position),
      );
    });
  });

  it('measures every batch size in a candidate’s turn, and the whole path at batch 1 only', async () => {
    await withBed(tinyClassifier(), [RED], async (bed) => {
      const log = newLog();
      await measureLatency([jobOf('a', bed, [1, 2], [1, 2])], 1, log.events);
      assert.equal(
        log.rounds.map(([, { round, batch_size: size, stages }]) => [round, size, stages.length]),
        [
          [1, 1, 10],
          [1, 2, 0],
          [2, 1, 10],
          [2, 2, 0],
        ],
      );
    });
  });

  it('goes on with the others when one cannot be loaded, and when one fails in a turn', async () => {
    await withBed(blueFearingClassifier(), [RED, GREEN, RED, BLUE], async (bed) => {
      await withBed(tinyClassifier(), [RED], async (sound) => {
        // The first inference, the warm-up and the first round's settling reach the blue image.
        const fails = jobOf('fails', bed);
        const broken: LatencyJob = { ...fails, id: 'broken', open: { ...fails.open, modelPath: '/nowhere.onnx' } };
        const log = newLog();
        await measureLatency([broken, fails, jobOf('sound', sound)], 3, log.events);
        assert.equal(
          log.failures.map(([id, code]) => [id, code]),
          [
            ['broken', 'bad_model'],
            ['fails', 'inference_failed'],
          ],
        );
        assert.match(log.failures[0]?.[2] ?? '', /^\/nowhere\.onnx cannot be loaded: /);
        assert.match(log.failures[1]?.[2] ?? '', /cannot be run on \[1, 3, 8, 8\]/);
        assert.equal(order(log), ['1 sound', '2 sound', '3 sound']);
        assert.is(log.asked.filter((asked) => asked === 'measure fails 1').length, 1);
        assert.not(log.asked.includes('measure fails 2'), 'who is out is not asked for again');
      });
    });
  });

  it('goes on with the others when a process is killed, and calls it lost, not failed', async () => {
    if (process.platform !== 'linux') {
      return;
    }
    await withBed(tinyClassifier(), [RED], async (bed) => {
      const log = newLog((asked) => {
        const [child] = asked.at(-1) === 'measure a 2' ? childrenRunning('latencyChild') : [];
        return child === undefined || process.kill(child, 'SIGKILL');
      });
      await measureLatency([jobOf('a', bed), jobOf('b', bed)], 1, log.events);
      assert.equal(
        log.failures.map(([id, code]) => [id, code]),
        [['a', 'process_lost']],
      );
      assert.equal(order(log).toSorted(), ['1 a', '1 b', '2 b', '3 b']);
    });
  });

  it('stops before the turn that may not begin, and ends its children', async () => {
    await withBed(tinyClassifier(), [RED], async (bed) => {
      const log = newLog((asked) => !asked.some((turn) => turn.startsWith('measure') && turn.endsWith('2')));
      let running = 0;
      await measureLatency([jobOf('a', bed), jobOf('b', bed)], 1, {
        ...log.events,
        onRound: async (id, round) => {
          running = childrenRunning('latencyChild').length;
          await log.events.onRound(id, round);
        },
      });
      assert.is(running, process.platform === 'linux' ? 2 : 0, 'one child per candidate, kept over the rounds');
      assert.is(log.rounds.length, 2);
      assert.ok(log.rounds.every(([, { round }]) => round === 1));
      assert.equal(childrenRunning('latencyChild'), []);
    });
  });

  it('starts nothing when it may not begin at all', async () => {
    await withBed(tinyClassifier(), [RED], async (bed) => {
      const log = newLog(() => false);
      await measureLatency([jobOf('a', bed)], 1, log.events);
      assert.equal([log.asked, log.launches, log.failures], [['launch a'], [], []]);
    });
  });

  it('ends at an error while saving, which is no failure of the candidate', async () => {
    await withBed(tinyClassifier(), [RED], async (bed) => {
      const log = newLog();
      const full = new BeltbenchError('cannot_write', 'the disk is full');
      const thrown = await measureLatency([jobOf('a', bed)], 1, {
        ...log.events,
        onRound: async () => await Promise.reject(full),
      }).catch((error: unknown) => error);
      assert.is(thrown, full);
      assert.equal(log.failures, []);
      assert.equal(childrenRunning('latencyChild'), []);
    });
  });

  it('lets a bug in the child through with its stack', async () => {
    await withBed(tinyClassifier(), [], async (bed) => {
      const log = newLog();
      const thrown = await measureLatency([jobOf('a', bed)], 1, log.events).catch((error: unknown) => error);
      assert.not.instance(thrown, BeltbenchError);
      assert.match(
        thrown instanceof Error ? (thrown.stack ?? '') : '',
        /no inputs of batch size 1\n\s+at .*latencyChild/,
      );
      assert.equal(log.failures, []);
    });
  });
});
