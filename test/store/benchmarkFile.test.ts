import { mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { aggregateRuns } from '../../src/decide/aggregate.ts';
import { trialBenchmarkOf } from '../../src/decide/trials/trialBenchmark.ts';
import type { TrialBenchmark } from '../../src/records/trialBenchmark.ts';
import { BenchmarkFile } from '../../src/store/benchmarkFile.ts';
import { latencyRecord, samplesOf } from '../decide/latencyFactories.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';

function benchmark(meanMs: number): TrialBenchmark {
  const runs = aggregateRuns([latencyRecord({ meanMs })], 'latest');
  assert.ok(runs);
  const demand = { budgetMs: 30, requiredShare: 0.99, confidence: 0.95 };
  return trialBenchmarkOf(runs, samplesOf([{ ms: [meanMs] }]), demand, 'latest');
}

async function withFile(use: (file: BenchmarkFile) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'beltbench-benchmark-'));
  try {
    await use(new BenchmarkFile(dir, 'benchmark.json'));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

describe('BenchmarkFile', (it) => {
  it('reads what it wrote, and leaves an unchanged file alone', async () => {
    await withFile(async (file) => {
      assert.is(await file.read(), undefined);
      assert.is(await file.write(benchmark(20)), undefined);
      assert.equal(await file.read(), benchmark(20));
      await utimes(file.path, 1, 1);
      await file.write(benchmark(20));
      assert.is((await stat(file.path)).mtimeMs, 1000);
      assert.is(await file.write(benchmark(21)), undefined);
      assert.is((await file.read())?.batch_1.mean_ms, 21);
    });
  });

  it("keeps another tool's file once, also when a kill came in between, and never loses a second one", async () => {
    await withFile(async (file) => {
      for (const foreign of ['{"batch_1": {"mean_ms": 7}}', 'not JSON']) {
        await writeFile(file.path, foreign);
        await rm(`${file.path}.before`, { force: true });
        assert.is(await file.read(), undefined);
        assert.is(await file.write(benchmark(20)), `${file.path}.before`);
        assert.is(await readFile(`${file.path}.before`, 'utf8'), foreign);
        await writeFile(file.path, foreign);
        await file.write(benchmark(20));
        assert.is((await file.read())?.batch_1.mean_ms, 20);
      }
      await writeFile(file.path, 'another');
      await rejects(
        () => file.write(benchmark(20)),
        /benchmark\.json\.before cannot be written: EEXIST.*: move it away, and run again$/,
      );
      assert.is(await readFile(file.path, 'utf8'), 'another');
    });
  });

  it('refuses a folder in its place', async () => {
    await withFile(async (file) => {
      await mkdir(file.path);
      await rejects(() => file.write(benchmark(20)), /benchmark\.json is no regular file; remove it/);
      await rejects(() => file.read(), /no regular file/);
    });
  });
});
