import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readSamples } from '../../../src/cli/work/readSamples.ts';
import { summarizeBatches } from '../../../src/measure/summary.ts';
import type { LatencyRecord, LatencySamples } from '../../../src/records/latency.ts';
import { RunStore } from '../../../src/store/store.ts';
import { describe } from '../../describe.ts';
import { inTempDir, latencyRecord, roundOf, samplesOf } from '../../store/records.ts';
import { rejects } from '../../throws.ts';

const SAMPLES = samplesOf(roundOf(1), roundOf(1, 4), roundOf(2), roundOf(2, 4));
const RECORD: LatencyRecord = {
  ...latencyRecord('latency-a'),
  ...summarizeBatches(SAMPLES),
  settings: { ...latencyRecord('latency-a').settings, batch_sizes: [1, 4], iterations: 4, rounds: 2 },
};

/** What reading says when the record was saved whole and its samples were changed afterwards. */
async function read(record: LatencyRecord, samples: LatencySamples): Promise<LatencySamples> {
  let answer: LatencySamples | undefined;
  await inTempDir(async (dir) => {
    const store = new RunStore(dir);
    await store.write(record, { 'samples.json': SAMPLES });
    await writeFile(join(store.dir, record.record_id, 'samples.json'), JSON.stringify(samples));
    answer = await readSamples(store, record);
  });
  assert.ok(answer);
  return answer;
}

describe('readSamples', (it) => {
  it('gives the samples that a record sums up', async () => {
    assert.equal(await read(RECORD, SAMPLES), SAMPLES);
  });

  it('allows what the order of a sum may change', async () => {
    const { batch_1: batch } = RECORD;
    assert.ok(batch);
    const rounded = { ...RECORD, batch_1: { ...batch, mean_ms: batch.mean_ms * (1 + 1e-15) } };
    assert.equal(await read(rounded, SAMPLES), SAMPLES);
  });

  it('refuses a mean that is not the samples’, at any batch size, with both values', async () => {
    const { batch_1: batch, other_batches: others } = RECORD;
    assert.ok(batch);
    await rejects(
      () => read({ ...RECORD, batch_1: { ...batch, mean_ms: 0.5 } }, SAMPLES),
      /^latency-a: record\.json must sum up what samples\.json holds, received batch_1\.mean_ms 0\.5 against 5\.375; .*beltbench measure/,
    );
    const slower = Object.fromEntries(Object.entries(others).map(([name, each]) => [name, { ...each, mean_ms: 6 }]));
    await rejects(() => read({ ...RECORD, other_batches: slower }, SAMPLES), /batch_4\.mean_ms 6 against 5\.375/);
    await rejects(
      () => read({ ...RECORD, metrics: { ...RECORD.metrics, latency_batch_9_ms: 1 } }, SAMPLES),
      /latency_batch_9_ms 1 against none/,
    );
  });

  it('refuses samples that lack a round, or hold one too many', async () => {
    const lacking = { ...SAMPLES, rounds: SAMPLES.rounds.slice(0, 3) };
    await rejects(() => read(RECORD, lacking), /no round 2 of batch size 4 with 2 samples/);
    await rejects(() => read({ ...RECORD, ...summarizeBatches(lacking) }, lacking), /no round 2 of batch size 4/);
    const doubled = samplesOf(...SAMPLES.rounds, roundOf(2));
    await rejects(() => read({ ...RECORD, ...summarizeBatches(doubled) }, doubled), /5 rounds, .* of 4/);
  });

  it('refuses a round whose late samples were cut out, also where the figures follow', async () => {
    const cut = samplesOf(...SAMPLES.rounds.map((round) => ({ ...round, samples_ms: round.samples_ms.slice(0, 1) })));
    await rejects(() => read({ ...RECORD, ...summarizeBatches(cut) }, cut), /no round 1 of batch size 1/);
    const short = samplesOf(...SAMPLES.rounds.map((round) => ({ ...round, start_offsets_ms: [0] })));
    await rejects(() => read(RECORD, short), /as many start times/);
  });
});
