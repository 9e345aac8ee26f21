import { execFileSync, spawn } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { ObservationLog } from '../../src/store/observations.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { ABOUT, fill, run, totals } from './observationFactory.ts';
import { inTempDir } from './records.ts';

const TSX = import.meta.resolve('tsx');
const WRITER = join(import.meta.dirname, '../fixtures/appendObservations.ts');
describe('ObservationLog', (it) => {
  it('gives back what was appended, to another process too', async () => {
    await inTempDir(async (dir) => {
      const log = new ObservationLog(join(dir, 'plan.json'));
      await log.append(run(4));
      await log.append(run(9, { success: false, seconds: null }));
      await log.append({ kind: 'verdict', ...ABOUT, truth: 'target', called: 'other', count: 2 }, true);
      await log.append({ kind: 'rating', ...ABOUT, rating: 0.75 }, true);
      await log.append(run(1, { revision: 'r2' }));
      const { tracked, damaged } = await new ObservationLog(join(dir, 'plan.json')).read();
      assert.is(damaged, 0);
      assert.equal(
        tracked.map(({ revision, total }) => [revision, total]),
        [
          ['r1', 2],
          ['r2', 1],
        ],
      );
      assert.equal(tracked[0]?.current, { n: 2, successes: 1, timed: 1, work: 4, seconds: 0.01 });
      assert.equal(tracked[0]?.reviews.target, { target: 0, maybe: 0, other: 2 });
      assert.equal(tracked[0]?.ratings, { n: 1, sum: 0.75 });
    });
  });

  it('is empty where nothing was observed', async () => {
    await inTempDir(async (dir) => {
      assert.equal(await new ObservationLog(join(dir, 'plan.json')).read(), { tracked: [], damaged: 0 });
    });
  });

  it('keeps sums over the newest one to two blocks of 500, and the total of all', async () => {
    await inTempDir(async (dir) => {
      const log = new ObservationLog(join(dir, 'plan.json'));
      await fill(log, 1700);
      const [cell] = (await log.read()).tracked;
      assert.equal([cell?.total, cell?.previous?.n, cell?.current.n], [1700, 500, 200]);
    });
  });

  it('skips a torn line, a foreign line and one that is far too long, and says how many', async () => {
    await inTempDir(async (dir) => {
      const log = new ObservationLog(join(dir, 'plan.json'));
      await log.append(run());
      const whole = await readFile(log.path, 'utf8');
      await writeFile(log.path, `${whole}${whole.slice(0, -20)}`);
      await log.append(run());
      await writeFile(
        log.path,
        `${await readFile(log.path, 'utf8')}{"kind":"other"}\nnull\n${'x'.repeat(3_000_000)}\n`,
      );
      await log.append(run());
      const { tracked, damaged } = await log.read();
      assert.equal([tracked[0]?.total, damaged], [3, 4]);
    });
  });

  it('does not take a last line that is not whole yet, and takes it when it is', async () => {
    await inTempDir(async (dir) => {
      const log = new ObservationLog(join(dir, 'plan.json'));
      const line = JSON.stringify(run());
      await writeFile(log.path, `${line}\n${line}`);
      assert.equal(totals(await log.read()), { fast: 1 });
      await writeFile(log.path, `${line}\n${line}\n`);
      assert.equal(totals(await log.read()), { fast: 2 });
    });
  });

  it('refuses an observation that it would not read again', async () => {
    await inTempDir(async (dir) => {
      const log = new ObservationLog(join(dir, 'plan.json'));
      let refused = false;
      await log.append(run(-1)).catch(() => (refused = true));
      assert.ok(refused);
      assert.equal(totals(await log.read()), {});
    });
  });

  it('waits for the disk where it is asked to; what the disk did not confirm stands in the log all the same', async () => {
    await inTempDir(async (dir) => {
      // A device takes every byte and has no disk to wait for.
      await symlink('/dev/null', join(dir, 'observations.jsonl'));
      const log = new ObservationLog(join(dir, 'plan.json'));
      await log.append(run());
      let message = '';
      await log.append(run(), true).catch((thrown: unknown) => (message = String(thrown)));
      assert.match(
        message,
        /observations\.jsonl has the record, but .* did not confirm it: EINVAL.*do not report it again/,
      );
    });
  });

  it('does not wait for a pipe that lies in its place', async () => {
    await inTempDir(async (dir) => {
      const log = new ObservationLog(join(dir, 'plan.json'));
      execFileSync('mkfifo', [log.path]);
      await rejects(() => log.read(), /observations\.jsonl is not a file; move it away/);
      await rejects(() => log.append(run()), /observations\.jsonl cannot be written: ENXIO/);
    });
  });

  it('counts seeded targets apart: only of them it is known that a miss would have shown', async () => {
    await inTempDir(async (dir) => {
      const log = new ObservationLog(join(dir, 'plan.json'));
      const verdict = { kind: 'verdict', ...ABOUT, truth: 'target', called: 'target', count: 5 } as const;
      await log.append(verdict);
      await log.append({ ...verdict, count: 3, seeded: true });
      const [cell] = (await log.read()).tracked;
      assert.equal(cell?.reviews.target, { target: 8, maybe: 0, other: 0 });
      assert.equal(cell?.seeded, { target: 3, maybe: 0, other: 0 });
    });
  });

  it('says in one line that it cannot be written or read', async () => {
    await inTempDir(async (dir) => {
      await mkdir(join(dir, 'observations.jsonl'));
      const log = new ObservationLog(join(dir, 'plan.json'));
      await rejects(() => log.append(run()), /observations\.jsonl cannot be written: EISDIR/);
      await rejects(() => log.read(), /observations\.jsonl is not a file|cannot be read/);
      await rejects(
        () => new ObservationLog(join(dir, 'none', 'plan.json')).append(run()),
        /cannot be written: ENOENT/,
      );
    });
  });
});

describe('several writers at once', (it) => {
  const start = (plan: string, deployment: string, count: number) =>
    spawn(process.execPath, ['--import', TSX, WRITER, plan, deployment, String(count)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });

  it('lose no observation: 4 processes of 500 each', async () => {
    await inTempDir(async (dir) => {
      const plan = join(dir, 'plan.json');
      const names = ['a', 'b', 'c', 'd'];
      await Promise.all(
        names.map(async (name) => {
          const writer = start(plan, name, 500);
          writer.stdout.resume();
          await new Promise((resolve) => writer.on('close', resolve));
        }),
      );
      const read = await new ObservationLog(plan).read();
      assert.equal(
        names.map((name) => totals(read)[name]),
        names.map(() => 500),
      );
      assert.is(read.damaged, 0);
      assert.equal(
        read.tracked.map(({ current, previous }) => current.work + (previous?.work ?? 0)),
        names.map(() => (500 * 501) / 2),
      );
    });
  });

  it('lose nothing that was appended when one of them is killed', async () => {
    await inTempDir(async (dir) => {
      const plan = join(dir, 'plan.json');
      const [victim, other] = [start(plan, 'victim', 1e6), start(plan, 'other', 300)];
      other.stdout.resume();
      let said = '';
      victim.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.length > 1500) {
          victim.kill('SIGKILL');
        }
      });
      await Promise.all(
        [victim, other].map(async (child) => await new Promise((resolve) => child.on('close', resolve))),
      );
      const appended = said.split('\n').length - 1;
      const read = await new ObservationLog(plan).read();
      assert.is(totals(read)['other'], 300);
      assert.ok((totals(read)['victim'] ?? 0) >= appended, `${appended} were appended`);
      assert.is(read.damaged, 0);
    });
  });
});
