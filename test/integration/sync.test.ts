import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { RunStore } from '../../src/store/store.ts';
import { finish } from '../cli/line.ts';
import { describe } from '../describe.ts';
import { latencyRecord, roundOf, samplesOf } from '../store/records.ts';
import { withTrackedLine, type TrackedLine } from './line.ts';
import { withServer, type MlflowServer } from './server.ts';

const RECORDS = 1000;
/** So many runs are there when the server is killed. */
const KILLS = [150, 450, 750];

describe('sync to a real MLflow server', (it) => {
  it(`brings ${RECORDS} records, each once, although the server is killed three times in between`, async () => {
    await withServer(async (server) => {
      await withTrackedLine(server, async (line) => {
        const ids = await writeRecords(line);
        for (const runs of KILLS) {
          const sync = line.start('sync', '--quiet');
          const result = finish(sync);
          await untilSynced(line, runs);
          await server.kill();
          // It waits a little for the server, and then says what is left.
          const { status, stderr } = await result;
          assert.is(status, 2);
          assert.match(stderr, /^beltbench: .*run `beltbench sync`.*\n$/);
          await server.start();
        }
        const last = await line.cli('sync', '--json');
        assert.is(last.status, 0, last.stderr);
        await assertEachOnce(line, ids);
        await assertWhole(line, server);
        // The ledger is only a shortcut: the server itself says the same.
        const asked = await line.document('sync', '--verify');
        assert.equal([asked['written'], asked['repaired'], asked['already']], [0, 0, RECORDS]);
        await assertEachOnce(line, ids);
      });
    });
  });

  it('brings each record once when it is synced under two spellings of the address at once', async () => {
    await withServer(async (server) => {
      await withTrackedLine(server, async (line) => {
        const ids = await writeRecords(line, 40);
        const addresses = [server.uri, server.uri.replace('127.0.0.1', 'localhost')];
        const syncs = addresses.map((uri) => finish(line.start('sync', '--quiet', '--tracking-uri', uri)));
        for (const { status, stderr } of await Promise.all(syncs)) {
          assert.is(status, 0, stderr);
        }
        await assertEachOnce(line, ids);
      });
    });
  });
});

async function writeRecords(line: TrackedLine, count = RECORDS): Promise<string[]> {
  const store = new RunStore(line.path('reports'));
  const ids = Array.from({ length: count }, (_, index) => `latency-${String(index).padStart(4, '0')}`);
  for (const [index, id] of ids.entries()) {
    const ms = meanOf(index);
    await store.write(
      {
        ...latencyRecord(id, new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString()),
        batch_1: { n: 2, mean_ms: ms, std_ms: 1, min_ms: ms - 1, median_ms: ms, max_ms: ms + 1 },
        metrics: { latency_batch_1_ms: ms },
      },
      { 'samples.json': samplesOf(roundOf(1)) },
    );
  }
  return ids;
}

/** Returns when the ledger has so many lines. */
async function untilSynced(line: TrackedLine, runs: number): Promise<void> {
  const dir = line.path('reports', 'runs', '.mlflow');
  for (let tries = 0; tries < 30_000; tries += 1) {
    const names = await readdir(dir, { recursive: true }).catch(() => []);
    const ledger = names.find((name) => name.endsWith('.jsonl'));
    const text = ledger === undefined ? '' : await readFile(join(dir, ledger), 'utf8');
    if (text.split('\n').length > runs) {
      return;
    }
    await sleep(20);
  }
  throw new Error(`the sync does not come to ${runs} records`);
}

async function assertEachOnce(line: TrackedLine, ids: readonly string[]): Promise<void> {
  const runs = await line.runs();
  const found = runs.map(({ tags }) => tags.get('beltbench.record_id') ?? '').toSorted();
  assert.equal(found, ids);
  assert.ok(runs.every(({ status }) => status === 'FINISHED'));
}

/** Every run has its files, its latency and the images as one dataset input, also those that a kill cut in two. */
async function assertWhole(line: TrackedLine, { uri, artifactsDir }: MlflowServer): Promise<void> {
  const files = await readdir(artifactsDir, { recursive: true });
  for (const name of ['record.json', 'samples.json']) {
    assert.is(files.filter((file) => basename(file) === name).length, RECORDS, name);
  }
  const runs = await line.runs();
  const means = runs.map(({ metrics }) => metrics.get('latency_batch_1_ms') ?? 0).toSorted((a, b) => a - b);
  assert.equal(
    means,
    Array.from({ length: RECORDS }, (_, index) => meanOf(index)),
  );
  const body = JSON.stringify({ experiment_ids: [runs[0]?.experimentId], max_results: RECORDS });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${uri}/api/2.0/mlflow/runs/search`, { method: 'POST', headers, body });
  const found = (await answer.json()) as { runs: { inputs?: { dataset_inputs?: unknown[] } }[] };
  assert.equal(
    found.runs.map(({ inputs }) => inputs?.dataset_inputs?.length ?? 0),
    Array.from({ length: RECORDS }, () => 1),
  );
}

function meanOf(index: number): number {
  return 10 + index / 100;
}
