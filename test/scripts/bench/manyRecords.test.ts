import { readdir, rm } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { fill } from '../../../scripts/bench/toolsStore.ts';
import { decideStudy } from '../../../src/cli/work/decideStudy.ts';
import { openSession } from '../../../src/cli/work/session.ts';
import { withLine, type Line } from '../../cli/line.ts';
import { quietIo } from '../../cli/quietIo.ts';
import { describe } from '../../describe.ts';

async function decideOn(line: Line) {
  const args = { study: line.path('beltbench.yaml'), only: [], json: true, quiet: true };
  const session = await openSession(args, quietIo());
  return { decision: (await decideStudy(session)).decision, listing: await session.store.list() };
}

describe('the records of the store’s benchmark', (it) => {
  it('are valid, of every kind, and enough for a decision that reads the raw files of its own records alone', async () => {
    await withLine(async (line) => {
      await line.writeStudy({ line: { budget_ms: 30, required_share: 0.9 }, benchmarking: { iterations: 300 } });
      await fill(line.path('beltbench.yaml'), 40);
      const { decision, listing } = await decideOn(line);
      assert.equal(listing.problems, []);
      assert.equal([listing.latency.length, listing.evaluations.length, listing.sweeps.length], [24, 8, 8]);
      assert.is(decision.verdict, 'SELECTED');
      const named = decision.reproduce.records.map(({ record_id: id }) => id);
      assert.is(named.length, 4);
      for (const folder of await readdir(line.path('reports', 'runs'))) {
        for (const raw of named.includes(folder) ? [] : ['samples.json', 'predictions.json', 'dataset.json']) {
          await rm(line.path('reports', 'runs', folder, raw), { force: true });
        }
      }
      assert.equal((await decideOn(line)).decision, decision);
    });
  });
});
