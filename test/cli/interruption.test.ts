import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { describe } from '../describe.ts';
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
