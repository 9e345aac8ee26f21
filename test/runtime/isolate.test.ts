import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { besideModule, startIsolate, type Isolate } from '../../src/runtime/isolate.ts';
import { BeltbenchError } from '../../src/shared/errors.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { isAlive, survivors } from './processes.ts';

const echoPath = fileURLToPath(new URL('../fixtures/echoChild.ts', import.meta.url));

async function withChild(use: (child: Isolate) => Promise<void>): Promise<void> {
  const child = startIsolate(echoPath, 'echo');
  try {
    await use(child);
  } finally {
    await child.close();
  }
}

async function thrownBy(answer: Promise<unknown>): Promise<unknown> {
  return await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
}

describe('startIsolate', (it) => {
  it('carries values to a process of its own and back, typed arrays and undefined included', async () => {
    await withChild(async (child) => {
      const value = { floats: Float32Array.of(0.1, -Infinity), nothing: undefined, list: [1n, 'two'] };
      assert.equal(await child.call('echo', value), value);
      assert.is.not(await child.call('pid'), process.pid);
    });
  });

  it('answers requests one after the other, in their order', async () => {
    await withChild(async (child) => {
      const order: string[] = [];
      await Promise.all([
        child.call<string>('echoAfter', { ms: 60, value: 'slow' }).then((value) => order.push(value)),
        child.call<string>('echoAfter', { ms: 0, value: 'fast' }).then((value) => order.push(value)),
        child.call<string>('echo', 'last').then((value) => order.push(value)),
      ]);
      assert.equal(order, ['slow', 'fast', 'last']);
    });
  });

  it('lets the child collect garbage when it wants to', async () => {
    await withChild(async (child) => {
      assert.is(await child.call('hasGc'), true);
    });
  });

  it('rejects with the child’s known error, and goes on', async () => {
    await withChild(async (child) => {
      await rejects(() => child.call('mistake'), /^classes are wrong; correct them$/);
      const thrown = await thrownBy(child.call('mistake'));
      assert.is(thrown instanceof BeltbenchError && thrown.code, 'bad_card');
      assert.is(await child.call('echo', 'still here'), 'still here');
    });
  });

  it('rejects with an unknown error that keeps the child’s stack', async () => {
    await withChild(async (child) => {
      const thrown = await thrownBy(child.call('bug'));
      assert.instance(thrown, Error);
      assert.not.instance(thrown, BeltbenchError);
      assert.match(thrown instanceof Error ? (thrown.stack ?? '') : '', /TypeError: a bug of ours\n\s+at .*echoChild/);
    });
  });

  it('rejects with a thrown text, and for a method that the child does not have', async () => {
    await withChild(async (child) => {
      const text = await thrownBy(child.call('text'));
      assert.is(text instanceof Error && text.message, 'only a text');
      const unknown = await thrownBy(child.call('sing'));
      assert.is(unknown instanceof Error && unknown.message, 'no handler for sing');
    });
  });

  it('rejects every pending call in one line when the child is killed, and every later one', async () => {
    await withChild(async (child) => {
      const pid = await child.call<number>('pid');
      const pending = [thrownBy(child.call('forever')), thrownBy(child.call('echo', 1))];
      process.kill(pid, 'SIGKILL');
      for (const thrown of [...(await Promise.all(pending)), await thrownBy(child.call('echo', 2))]) {
        assert.is(thrown instanceof BeltbenchError && thrown.code, 'process_lost', 'no finding about the model');
        assert.match(String(thrown), /process for echo ended with SIGKILL \(out of memory\?\); run again$/);
      }
    });
  });

  it('keeps a child that has loaded through Ctrl-C and SIGTERM, which its parent handles', async () => {
    await withChild(async (child) => {
      process.kill(await child.call<number>('pid'), 'SIGINT');
      process.kill(await child.call<number>('pid'), 'SIGTERM');
      assert.is(await child.call('echoAfter', { ms: 50, value: 'still here' }), 'still here');
    });
  });

  it('calls a child interrupted, not failed, that Ctrl-C ended while it was loading', async () => {
    const child = startIsolate(fileURLToPath(new URL('../fixtures/loadingChild.ts', import.meta.url)), 'slow');
    const thrown = await thrownBy(child.call('pid'));
    await child.close();
    assert.is(thrown instanceof BeltbenchError && thrown.code, 'interrupted');
  });

  it('says what a child that crashed said last', async () => {
    await withChild(async (child) => {
      await rejects(
        () => child.call('crash'),
        /process for echo ended with exit code 1: RangeError: out of its depth; run again/,
      );
    });
  });

  it('keeps the end of what a talkative child says, in a short message', async () => {
    await withChild(async (child) => {
      const thrown = await thrownBy(child.call('complain', 2000));
      assert.match(String(thrown), /ended with exit code 3: complaint 1999 x+; run again$/);
      assert.ok(String(thrown).length < 500);
    });
  });

  it('says why when there is no such module', async () => {
    const child = startIsolate(fileURLToPath(new URL('../fixtures/noSuchChild.ts', import.meta.url)), 'nobody');
    try {
      await rejects(() => child.call('pid'), /process for nobody ended with exit code 1: Error.*noSuchChild/);
    } finally {
      await child.close();
    }
  });

  it('has ended the child when close is over, and can be closed twice', async () => {
    const child = startIsolate(echoPath, 'echo');
    const pid = await child.call<number>('pid');
    await child.close();
    assert.not(isAlive(pid));
    await child.close();
    await rejects(() => child.call('pid'), /process for echo ended/);
  });

  it('can be closed before the child has loaded', async () => {
    const child = startIsolate(echoPath, 'echo');
    const pending = thrownBy(child.call('pid'));
    await child.close();
    assert.instance(await pending, BeltbenchError);
  });

  it('runs the child’s module where the parent is a program on Node’s command line', () => {
    const isolate = new URL('../../src/runtime/isolate.ts', import.meta.url).href;
    // A child that ran this program too would have a parent to send to, and would start one more.
    const program = `
      if (process.send !== undefined) process.exit(7);
      import(${JSON.stringify(isolate)}).then(async ({ startIsolate }) => {
        const child = startIsolate(${JSON.stringify(echoPath)}, 'echo');
        console.log(await child.call('echo', 'my own program'));
        await child.close();
      });`;
    const said = execFileSync(process.execPath, ['--import', 'tsx', '--eval', program], { encoding: 'utf8' });
    assert.is(said, 'my own program\n');
  });

  it('leaves no child behind when the parent is killed', async () => {
    const script = fileURLToPath(new URL('../fixtures/orphaningParent.ts', import.meta.url));
    const parent = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(said.toString());
    assert.ok(isAlive(pid), 'the child runs while its parent does');
    parent.kill('SIGKILL');
    assert.equal(await survivors([pid]), []);
  });
});

describe('besideModule', (it) => {
  it('finds the module in the source and in the build', () => {
    assert.is(
      besideModule('file:///house/src/measure/latency.ts', 'latencyChild'),
      '/house/src/measure/latencyChild.ts',
    );
    assert.is(
      besideModule('file:///a%20b/dist/measure/latency.js', 'latencyChild'),
      '/a b/dist/measure/latencyChild.js',
    );
  });
});
