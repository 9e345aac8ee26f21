import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { profileModel } from '../../src/quantize/profile.ts';
import { readProfile } from '../../src/quantize/profiling/readProfile.ts';
import { inTempDir } from '../datasets/fixtures.ts';
import { describe } from '../describe.ts';
import { blueFearingClassifier, busyClassifier, withModel } from '../runtime/models.ts';
import { rejects } from '../throws.ts';
import { leavingNothing } from './leavingNothing.ts';

describe('profileModel', (it) => {
  it('says how the time of an inference spreads over operators, and leaves nothing behind', async () => {
    await withModel(busyClassifier(), async (path) => {
      await leavingNothing(async () => {
        const operators = await profileModel(path, { threads: 1, inputSize: { height: 64, width: 64 } });
        const [slowest] = operators;
        assert.is(slowest?.operator, 'Conv');
        assert.is(slowest?.nodes, 4);
        assert.ok((slowest?.ms ?? 0) > 0.1, `${slowest?.ms} ms`);
        const shares = operators.reduce((sum, { share }) => sum + share, 0);
        assert.ok(Math.abs(shares - 1) < 1e-9, `${shares}`);
        assert.equal(
          operators.map(({ ms }) => ms),
          operators.map(({ ms }) => ms).toSorted((a, b) => b - a),
        );
      });
    });
  });

  it('leaves nothing behind when the model cannot be run', async () => {
    await withModel(blueFearingClassifier(), async (path) => {
      await leavingNothing(async () => {
        await rejects(
          () => profileModel(path, { threads: 1, inputSize: { height: 8, width: 8 } }),
          /model\.onnx cannot be run on \[1, 3, 8, 8\]/,
        );
      });
    });
  });
});

type Event = Readonly<Record<string, unknown>>;

function run(ts: number): Event {
  return { cat: 'Session', name: 'model_run', ts, dur: 100, args: {} };
}

function kernel(operator: string, ts: number, dur: number): Event {
  return { cat: 'Node', name: `${operator}_1_kernel_time`, ts, dur, args: { op_name: operator } };
}

async function read(content: string, warmUp = 1) {
  let operators: Awaited<ReturnType<typeof readProfile>> = [];
  await inTempDir(async (dir) => {
    await writeFile(join(dir, 'profile.json'), content);
    operators = await readProfile(join(dir, 'profile.json'), warmUp);
  });
  return operators;
}

describe('readProfile', (it) => {
  it('adds up kernels by operator, without the warm-up', async () => {
    const trace = [
      // The runtime writes an inference behind its nodes.
      kernel('Conv', 10, 9000),
      kernel('Relu', 20, 9000),
      run(5),
      kernel('Conv', 210, 40),
      kernel('Conv', 250, 20),
      kernel('Relu', 270, 10),
      run(200),
      kernel('Conv', 410, 60),
      kernel('Conv', 470, 40),
      kernel('Relu', 510, 30),
      run(400),
    ];
    assert.equal(await read(JSON.stringify(trace)), [
      { operator: 'Conv', ms: 0.08, share: 0.8, nodes: 2 },
      { operator: 'Relu', ms: 0.02, share: 0.2, nodes: 1 },
    ]);
  });

  it('passes over events of other kinds and of no sense', async () => {
    const trace = [
      run(0),
      kernel('Conv', 1, 10),
      { cat: 'Node', name: 'Conv_1_fence_before', ts: 1, dur: 99, args: { op_name: 'Conv' } },
      { cat: 'Node', name: 'Conv_1_kernel_time', ts: 1, dur: -5, args: { op_name: 'Conv' } },
      { cat: 'Node', name: 'Conv_1_kernel_time', ts: 1, dur: '5', args: { op_name: 'Conv' } },
      { cat: 'Node', name: 'Conv_1_kernel_time', ts: 1, dur: 5, args: null },
      null,
      7,
      'text',
      [],
    ];
    assert.equal(await read(JSON.stringify(trace), 0), [{ operator: 'Conv', ms: 0.01, share: 1, nodes: 1 }]);
  });

  it('refuses a file that is cut off, no list, or without inferences that count', async () => {
    await rejects(() => read('[{"cat":'), /profile\.json cannot be read: .*; run again$/);
    await rejects(() => read('{}'), /it is no list of events/);
    await rejects(() => read(JSON.stringify([run(0)])), /it holds 1 inferences, and the first 1 do not count/);
  });
});
