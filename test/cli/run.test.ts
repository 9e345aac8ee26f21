import { readdir, readFile, rm } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { decisionSchema } from '../../src/records/decision.ts';
import { describe } from '../describe.ts';
import { withLine, writeCard, type Line } from './line.ts';

async function recordsOf(line: Line): Promise<string[]> {
  return (await readdir(line.path('reports', 'runs'))).filter((name) => !name.startsWith('.')).toSorted();
}

async function decisionOf(line: Line) {
  return decisionSchema.parse(JSON.parse(await readFile(line.path('reports', 'STORY-1', 'decision.json'), 'utf8')));
}

describe('beltbench run', (it) => {
  it('goes from models and images to a decision, and exits with 0 when a selection stands', async () => {
    await withLine(async (line) => {
      const run = await line.cli('run');
      assert.is(run.status, 0, run.stderr);
      const decision = await decisionOf(line);
      assert.is(decision.verdict, 'SELECTED');
      assert.equal(
        decision.candidates.map(({ id, verdict }) => [id, verdict]),
        [
          ['sharp_eyed', 'PASS'],
          ['plain', 'PASS'],
        ],
      );
      const markdown = await readFile(line.path('reports', 'STORY-1', 'decision.md'), 'utf8');
      assert.match(markdown, /sharp/);
      assert.match(run.stdout, /reports\/STORY-1\/decision\.md/);
    });
  });

  it('reuses every record of the same key when nothing changed, and says so (rules.md 2)', async () => {
    await withLine(async (line) => {
      await line.cli('run');
      const before = await recordsOf(line);
      const decision = await readFile(line.path('reports', 'STORY-1', 'decision.json'), 'utf8');
      const again = await line.cli('run');
      assert.is(again.status, 0);
      assert.match(again.stderr, /sharp_eyed: reused latency-sharp_eyed-/);
      assert.match(again.stderr, /plain: reused evaluation-plain-/);
      assert.equal(await recordsOf(line), before);
      assert.is(
        await readFile(line.path('reports', 'STORY-1', 'decision.json'), 'utf8'),
        decision,
        'same records, same bytes',
      );
    });
  });

  it('measures again when a setting changed, and keeps both records (rules.md 2)', async () => {
    await withLine(async (line) => {
      await line.cli('measure', '--only', 'plain');
      await line.writeStudy({ benchmarking: { iterations: 301, warmup_iterations: 5, rounds: 3 } });
      const again = await line.cli('measure', '--only', 'plain');
      assert.not.match(again.stderr, /reused/);
      assert.is((await recordsOf(line)).length, 2);
    });
  });

  it('measures again with --force-new', async () => {
    await withLine(async (line) => {
      await line.writeStudy({ benchmark: { latency_aggregation: 'mean' } });
      await line.cli('measure', '--only', 'plain');
      const again = JSON.parse((await line.cli('measure', '--only', 'plain', '--force-new', '--json')).stdout);
      assert.is((await recordsOf(line)).length, 2);
      await line.cli('evaluate');
      await line.cli('measure', '--only', 'sharp_eyed');
      await line.cli('decide');
      const plain = (await decisionOf(line)).candidates.find(({ id }) => id === 'plain');
      assert.is(plain?.latency?.runs_count, 2);
      assert.equal(again.candidates[0].judgement, plain?.latency, 'measure judges the same runs (rules.md 2)');
    });
  });

  it('answers 1 when every candidate fails the budget, and names the nearest miss', async () => {
    await withLine(async (line) => {
      await line.writeStudy({ line: { budget_ms: 0.001 } });
      const run = await line.cli('run');
      assert.is(run.status, 1, run.stderr);
      const decision = await decisionOf(line);
      assert.is(decision.verdict, 'NO_CANDIDATE_PASSES');
      assert.is(decision.selected, null);
      assert.is(decision.nearest_misses[0]?.gate, 'latency');
    });
  });

  it('answers 3 when the images cannot prove the recall, says so before it measures, and how many more it takes', async () => {
    await withLine(async (line) => {
      await line.writeStudy({ thresholds: { target_recall: 0.99 } });
      const run = await line.cli('run');
      assert.is(run.status, 3, run.stderr);
      assert.match(run.stderr, /note: .*40.*299/);
      const decision = await decisionOf(line);
      assert.is(decision.verdict, 'NOT_ENOUGH_DATA');
      assert.ok(decision.provisional);
      assert.match(decision.needs.join(' '), /259 more defect images/);
    });
  });

  it('decides from records alone when the models and images are gone', async () => {
    await withLine(async (line) => {
      await line.cli('run');
      const first = await decisionOf(line);
      await rm(line.path('models', 'plain.onnx'));
      await rm(line.path('models', 'sharp_eyed.onnx'));
      await rm(line.path('datasets'), { recursive: true });
      const decided = await line.cli('decide');
      assert.is(decided.status, 0, decided.stderr);
      assert.is((await decisionOf(line)).selected, first.selected);
    });
  });

  it('answers 3 from decide when nothing was measured yet', async () => {
    await withLine(async (line) => {
      const decided = await line.cli('decide');
      assert.is(decided.status, 3, decided.stderr);
      const decision = await decisionOf(line);
      assert.equal(
        decision.candidates.map(({ latency, accuracy }) => [latency, accuracy]),
        [
          [null, null],
          [null, null],
        ],
      );
    });
  });

  it('keeps a candidate whose trained size differs out of the ranking', async () => {
    await withLine(async (line) => {
      await writeCard(line, 'sharp_eyed', { trained_input_size: 32 });
      const run = await line.cli('run');
      assert.is(run.status, 0, run.stderr);
      const decision = await decisionOf(line);
      assert.is(decision.selected, 'plain');
      assert.is(decision.candidates[0]?.gates.find(({ gate }) => gate === 'comparability')?.verdict, 'FAIL');
      assert.ok(decision.candidates[0]?.latency, 'it is measured all the same');
    });
  });
});

describe('--json', (it) => {
  for (const command of ['measure', 'evaluate', 'sweep', 'decide', 'run']) {
    it(`prints one document and nothing else from ${command}`, async () => {
      await withLine(async (line) => {
        if (command === 'sweep' || command === 'decide') {
          await line.cli('run', '--quiet');
        }
        const { stdout, status } = await line.cli(command, '--json', '--quiet');
        assert.is(status, 0);
        assert.type(JSON.parse(stdout), 'object');
      });
    });
  }

  it('prints the audit from inspect', async () => {
    await withLine(async (line) => {
      const { stdout } = await line.cli('inspect', 'models/plain.onnx', '--json');
      assert.is(JSON.parse(stdout).parameter_count, 8);
    });
  });
});

describe('--check', (it) => {
  it('lets the verdicts of measure and sweep count', async () => {
    await withLine(async (line) => {
      assert.is((await line.cli('measure', '--check')).status, 0);
      await line.cli('evaluate');
      assert.is((await line.cli('sweep', '--check')).status, 0);
      await line.writeStudy({ line: { budget_ms: 0.001 }, thresholds: { target_recall: 0.99 } });
      const refuted = await line.cli('measure', '--check');
      assert.is(refuted.status, 1, refuted.stderr);
      assert.is((await line.cli('measure')).status, 0);
      assert.is((await line.cli('sweep', '--check')).status, 3);
    });
  });
});
