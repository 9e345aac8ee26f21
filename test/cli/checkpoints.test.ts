import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import * as assert from 'uvu/assert';
import { describe } from '../describe.ts';
import { withLine } from './line.ts';

/** The demo's own training log, which the repository ships. */
const LOG = new URL('../../scripts/demo/logs/resnet18.metrics.jsonl', import.meta.url).pathname;

describe('beltbench checkpoints', (it) => {
  it('ranks a real training log, and draws its curves', async () => {
    await withLine(async (line) => {
      const { status, stdout } = await line.cli('checkpoints', '--log', LOG, '--out', line.path('curves'), '--json');
      assert.is(status, 0);
      const { rankings, curves } = JSON.parse(stdout) as {
        rankings: { best_epoch: number; checkpoints: { is_best: boolean; epoch: number }[] }[];
        curves: string[];
      };
      assert.is(rankings.length, 1);
      const best = rankings[0]?.checkpoints.filter(({ is_best: isBest }) => isBest) ?? [];
      assert.equal(
        best.map(({ epoch }) => epoch),
        [rankings[0]?.best_epoch],
      );
      assert.ok(existsSync(curves[0] ?? ''));
      assert.match(await readFile(curves[0] ?? '', 'utf8'), /^<svg [\s\S]*validation loss[\s\S]*<\/svg>\n$/);
    });
  });

  it('draws a curve of its own for each log, also where two share a name', async () => {
    await withLine(async (line) => {
      const logs = ['x', 'y', 'deep/x'].map((folder) => `${folder}/metrics.json`);
      for (const log of logs) {
        await mkdir(line.path(log, '..'), { recursive: true });
        await writeFile(line.path(log), JSON.stringify([{ epoch: 1, eval_loss: 0.5 }]));
      }
      const { stdout } = await line.cli('checkpoints', '--log', ...logs, LOG, '--out', line.path('curves'), '--json');
      const { curves } = JSON.parse(stdout) as { curves: string[] };
      assert.equal(
        curves.map((file) => basename(file)),
        ['x-metrics.json.svg', 'y-metrics.json.svg', 'x-metrics.json.2.svg', 'resnet18.metrics.jsonl.svg'],
      );
      for (const [index, log] of logs.entries()) {
        assert.ok((await readFile(curves[index] ?? '', 'utf8')).includes(`>${log}: losses by epoch<`), log);
      }
    });
  });

  it('says in the text that the score tells nothing of food safety', async () => {
    await withLine(async (line) => {
      const { status, stdout } = await line.cli('checkpoints', '--log', LOG);
      assert.is(status, 0);
      assert.match(stdout, /best by score: epoch \d+/);
      assert.match(stdout, /nothing of food safety/);
    });
  });

  it('answers a missing log and a bad target index with one line and exit code 2', async () => {
    await withLine(async (line) => {
      const cases: [string[], RegExp][] = [
        [['--log', 'none.jsonl'], /none\.jsonl/],
        [
          ['--log', LOG, '--target-index', 'x'],
          /--target-index must be a whole number from 0 .*, received x; correct it/,
        ],
        [['--log', LOG, '--target-index', '7'], /--target-index .* received 7/],
      ];
      for (const [args, pattern] of cases) {
        const { status, stderr } = await line.cli('checkpoints', ...args);
        assert.is(status, 2);
        assert.is(stderr.trim().split('\n').length, 1, stderr);
        assert.match(stderr, pattern);
      }
    });
  });
});
