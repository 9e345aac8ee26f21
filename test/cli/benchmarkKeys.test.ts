import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { gatherRecords } from '../../src/cli/work/gather.ts';
import { openSession } from '../../src/cli/work/session.ts';
import { decide } from '../../src/decide/decide.ts';
import { summarizeBatches } from '../../src/measure/summary.ts';
import type { Decision } from '../../src/records/decision.ts';
import { latencySamplesSchema, type LatencySamples } from '../../src/records/latency.ts';
import { near } from '../stats/close.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { withLine, type Line } from './line.ts';
import { quietIo } from './quietIo.ts';

type Json = Record<string, unknown>;

/** What `beltbench decide` decides; a process per answer would take its time. */
async function decideOn(line: Line): Promise<Decision> {
  const args = { study: line.path('beltbench.yaml'), only: [], json: true, quiet: true };
  return decide(await gatherRecords(await openSession(args, quietIo())));
}

const plainOf = (decision: Decision) => decision.candidates.find(({ id }) => id === 'plain');

/** The folders of plain's latency records. */
async function latencyFolders(line: Line): Promise<string[]> {
  const names = await readdir(line.path('reports', 'runs'));
  return names.filter((name) => name.startsWith('latency-plain-'));
}

async function rewrite(line: Line, folder: string, change: (record: Json) => Json): Promise<void> {
  const path = line.path('reports', 'runs', folder, 'record.json');
  await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')) as Json)));
}

/** Sets every sample of a record to `ms`. */
async function sameSamples(line: Line, folder: string, ms: number): Promise<LatencySamples> {
  const path = line.path('reports', 'runs', folder, 'samples.json');
  const samples = latencySamplesSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  const rounds = samples.rounds.map((round) => ({ ...round, samples_ms: round.samples_ms.map(() => ms) }));
  await writeFile(path, JSON.stringify({ ...samples, rounds }));
  return { ...samples, rounds };
}

/** In place of plain's latency record, finished runs of these means, in this order. */
async function storeRuns(line: Line, means: readonly number[]): Promise<void> {
  const [original = ''] = await latencyFolders(line);
  for (const [index, mean] of means.entries()) {
    const name = `latency-plain-run-${index}`;
    await cp(line.path('reports', 'runs', original), line.path('reports', 'runs', name), { recursive: true });
    const samples = await sameSamples(line, name, mean);
    await rewrite(line, name, (record) => ({
      ...record,
      ...summarizeBatches(samples),
      record_id: name,
      started_at: `2026-03-01T08:0${index}:00.000Z`,
    }));
  }
  await rm(line.path('reports', 'runs', original), { recursive: true });
}

const without = (record: Json, ...keys: string[]): Json =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));

describe('several runs of one key in the file store (rules.md 2)', (it) => {
  it('of 200, 150 and 210 ms are one candidate of 210, 200 or 186.67 ms by latest, median or mean, never 150', async () => {
    await withLine(async (line) => {
      await line.cli('run', '--quiet');
      await storeRuns(line, [200, 150, 210]);
      for (const [aggregation, expected] of [
        ['latest', 210],
        ['median', 200],
        ['mean', 186.67],
      ] as const) {
        await line.writeStudy({ line: { budget_ms: 300 }, benchmark: { latency_aggregation: aggregation } });
        const decision = await decideOn(line);
        const latency = plainOf(decision)?.latency;
        near(latency?.mean_ms, expected, 0.005, aggregation);
        assert.equal([latency?.runs_count, latency?.runs_spread_ms], [3, [150, 210]], aggregation);
        const entry = decision.best_configuration?.selection_criteria.all_candidates.find(
          ({ backbone }) => backbone === 'plain',
        );
        assert.is(entry?.benchmark_runs_count, 3);
      }
    });
  });
});

describe('a mean that its own samples contradict', (it) => {
  it('is refused, also in a run that only the median of several rests on', async () => {
    await withLine(async (line) => {
      await line.cli('run', '--quiet');
      await storeRuns(line, [200, 150, 210]);
      await rewrite(line, 'latency-plain-run-1', (record) => ({
        ...record,
        batch_1: { ...(record['batch_1'] as Json), mean_ms: 1 },
      }));
      await line.writeStudy({ benchmark: { latency_aggregation: 'median' } });
      await rejects(
        () => decideOn(line),
        /latency-plain-run-1: record\.json must sum up what samples\.json holds, received batch_1\.mean_ms 1 against 150/,
      );
    });
  });
});

describe('a record without a key in the file store (rules.md 2)', (it) => {
  it('is found by the hashes of study and trial, with a warning, unless its settings contradict', async () => {
    await withLine(async (line) => {
      await line.cli('run', '--quiet');
      const [folder = ''] = await latencyFolders(line);
      await rewrite(line, folder, (record) => without(record, 'benchmark_key', 'key_parts'));
      const found = await decideOn(line);
      const plain = plainOf(found);
      assert.match(plain?.latency?.benchmark_key ?? '', /^legacy_[0-9a-f]{64}$/);
      const warning = plain?.warnings.find(({ code }) => code === 'legacy_record');
      assert.match(warning?.message ?? '', /without a benchmark key.*run `beltbench measure`/);
      assert.is(plain?.verdict, 'PASS');

      const settingsOf = (record: Json): Json => record['settings'] as Json;
      await rewrite(line, folder, (record) => ({ ...record, settings: { ...settingsOf(record), iterations: 301 } }));
      assert.is(plainOf(await decideOn(line))?.latency, null, 'measured with 301 iterations, the study asks for 300');

      await rewrite(line, folder, (record) => ({
        ...record,
        settings: { ...settingsOf(record), iterations: 300 },
        trial_key_hash: '0'.repeat(64),
      }));
      assert.is(plainOf(await decideOn(line))?.latency, null, 'of another trial');

      await line.cli('measure', '--only', 'plain', '--quiet');
      const measured = plainOf(await decideOn(line));
      assert.match(measured?.latency?.benchmark_key ?? '', /^[0-9a-f]{64}$/, 'a record with a key counts instead');
      assert.equal(
        measured?.warnings.filter(({ code }) => code === 'legacy_record'),
        [],
      );
    });
  });
});
