import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { decisionSchema } from '../../src/records/decision.ts';
import { describe } from '../describe.ts';
import { childrenRunning } from '../runtime/processes.ts';
import { finish, withLine, type Line } from './line.ts';

/** Waits until the journal of the running measurement holds some rounds. */
async function untilRounds(line: Line, atLeast: number): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const partial = line.path('reports', 'runs', '.partial');
    const keys = existsSync(partial) ? await readdir(partial) : [];
    const files = await Promise.all(keys.map((key) => readdir(line.path('reports', 'runs', '.partial', key))));
    if (files.flat().filter((name) => name.startsWith('round-') && name.endsWith('.json')).length >= atLeast) {
      return;
    }
    await sleep(20);
  }
  throw new Error('no round was journalled within 12 s');
}

async function samplesOf(line: Line) {
  const names = (await readdir(line.path('reports', 'runs'))).filter((name) => name.startsWith('latency-'));
  return await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(line.path('reports', 'runs', name, 'samples.json'), 'utf8'))),
  );
}

async function decisionOf(line: Line) {
  return decisionSchema.parse(JSON.parse(await readFile(line.path('reports', 'STORY-1', 'decision.json'), 'utf8')));
}

const MANY_ROUNDS = { benchmarking: { iterations: 400, warmup_iterations: 5, rounds: 40 } };

describe('an interrupted run', (it) => {
  it('goes on after kill -9 with the rounds that are missing', async () => {
    await withLine(async (line) => {
      await line.writeStudy(MANY_ROUNDS);
      const child = line.start('run');
      const ended = finish(child);
      await untilRounds(line, 3);
      child.kill('SIGKILL');
      await ended;
      const again = await line.cli('run');
      assert.is(again.status, 0, again.stderr);
      for (const samples of await samplesOf(line)) {
        assert.is(samples.rounds.length, 40);
        assert.ok(samples.launches.length >= 2, 'the first launch is kept and said');
        assert.ok(
          samples.rounds.some((round: { launch: number }) => round.launch === 1),
          'its rounds are kept',
        );
      }
      assert.equal(await readdir(line.path('reports', 'runs', '.partial')), []);
      const records = (await readdir(line.path('reports', 'runs'))).filter((name) => name.startsWith('latency-'));
      for (const name of records) {
        const read = async (file: string) =>
          JSON.parse(await readFile(line.path('reports', 'runs', name, file), 'utf8'));
        const [record, samples] = [await read('record.json'), await read('samples.json')];
        assert.equal(record.host_before, samples.launches[0].host, 'the machine as it was when it began');
        assert.is(record.started_at, samples.launches[0].started_at);
      }
    });
  });

  it('goes on with what --force-new asked for, instead of the record that was there before', async () => {
    await withLine(async (line) => {
      await line.writeStudy(MANY_ROUNDS);
      const measure = ['measure', '--only', 'plain', '--json'];
      const { record_id: old } = JSON.parse((await line.cli(...measure)).stdout).candidates[0];
      const child = line.start('measure', '--only', 'plain', '--force-new');
      const ended = finish(child);
      await untilRounds(line, 2);
      child.kill('SIGINT');
      assert.match((await ended).stderr, /run the same command again to go on, without --force-new/);
      const needs = JSON.parse((await line.cli('runs', 'missing', '--only', 'plain', '--json')).stdout).needs;
      assert.match(needs[0].reason, /^interrupted after \d+ of 40 rounds$/);

      const [made] = JSON.parse((await line.cli(...measure)).stdout).candidates;
      assert.is.not(made.record_id, old);
      assert.equal(
        [made.reused, (await samplesOf(line)).map(({ launches }) => launches.length).toSorted((a, b) => a - b)],
        [false, [1, 2]],
      );
      const [again] = JSON.parse((await line.cli(...measure)).stdout).candidates;
      assert.equal([again.record_id, again.reused], [made.record_id, true]);
    });
  });

  it('begins anew with --force-new: rounds of an interrupted measurement are not mixed in', async () => {
    await withLine(async (line) => {
      await line.writeStudy(MANY_ROUNDS);
      const child = line.start('measure', '--only', 'plain', '--force-new');
      const ended = finish(child);
      await untilRounds(line, 2);
      child.kill('SIGKILL');
      await ended;
      await line.cli('measure', '--only', 'plain', '--force-new', '--quiet');
      const [samples] = await samplesOf(line);
      assert.equal([samples.launches.length, samples.rounds.length], [1, 40]);
    });
  });

  it('takes a process that was killed for no failure of its model, and goes on with it the next time', async () => {
    if (process.platform !== 'linux') {
      return;
    }
    await withLine(async (line) => {
      await line.writeStudy(MANY_ROUNDS);
      const child = line.start('run');
      const ended = finish(child);
      await untilRounds(line, 2);
      const [first] = childrenRunning('latencyChild', child.pid);
      assert.ok(first !== undefined && process.kill(first, 'SIGKILL'));
      const { stderr } = await ended;
      assert.match(stderr, /sharp_eyed: .* ended with SIGKILL \(out of memory\?\); run again/);
      const { candidates } = await decisionOf(line);
      assert.equal(
        candidates.map(({ id, verdict }) => [id, verdict]),
        [
          ['sharp_eyed', 'NOT_ENOUGH_DATA'],
          ['plain', 'PASS'],
        ],
      );
      assert.match(candidates[0]?.gates[0]?.needs ?? '', /run `beltbench measure`/);
      assert.is((await samplesOf(line)).length, 1, 'no failed record is left');

      const again = await line.cli('measure', '--json');
      assert.is(again.status, 0, again.stderr);
      const of = (await samplesOf(line)).find(({ launches }) => launches.length === 2);
      assert.ok(
        of.rounds.some((round: { launch: number }) => round.launch === 1),
        'its rounds are kept',
      );
    });
  });

  it('answers 3 from measure and evaluate, with no record, when a process was killed', async () => {
    if (process.platform !== 'linux') {
      return;
    }
    await withLine(async (line) => {
      for (const [command, module] of [
        ['measure', 'latencyChild'],
        ['evaluate', 'evaluateChild'],
      ] as const) {
        const child = line.start(command, '--only', 'plain', '--json');
        const ended = finish(child);
        for (let tries = 0; tries < 3000 && child.exitCode === null; tries += 1) {
          const [first] = childrenRunning(module, child.pid);
          if (first !== undefined) {
            process.kill(first, 'SIGKILL');
            break;
          }
          await sleep(5);
        }
        const { status, stdout } = await ended;
        assert.is(status, 3, command);
        const [plain] = JSON.parse(stdout).candidates;
        assert.equal([plain.record_id, plain.failure, plain.judgement], [null, null, null]);
        assert.match(plain.lost, /ended with SIGKILL/);
      }
      assert.not.ok(
        (await readdir(line.path('reports', 'runs')).catch(() => [])).some((name) => !name.startsWith('.')),
      );
    });
  });

  for (const [signal, name] of [
    ['SIGINT', 'Ctrl-C'],
    ['SIGTERM', 'SIGTERM'],
  ] as const) {
    it(`saves the round under way on ${name}, says how to go on, and exits with 130`, async () => {
      await withLine(async (line) => {
        await line.writeStudy(MANY_ROUNDS);
        const child = line.start('run');
        const ended = finish(child);
        await untilRounds(line, 2);
        child.kill(signal);
        const { status, stderr } = await ended;
        assert.is(status, 130);
        assert.match(stderr, /run the same command again/);
        assert.not.ok(existsSync(line.path('reports', 'STORY-1')), 'no decision is written');
        assert.is((await line.cli('run')).status, 0);
      });
    });
  }
});
