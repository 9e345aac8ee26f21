import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { comparisonSchema } from '../../src/records/comparison.ts';
import { describe } from '../describe.ts';
import { childrenRunning } from '../runtime/processes.ts';
import { CANDIDATES, comparisonOf, recordsOf, withVariant } from './compareLine.ts';
import { int8Model } from './int8Model.ts';
import { finish, writeCard, type Line } from './line.ts';

describe('beltbench compare', (it) => {
  it('measures the group together, evaluates it, and writes markdown, JSON and chart', async () => {
    await withVariant(async (line) => {
      const { status, stdout, stderr } = await line.cli('compare', '--group', 'net');
      assert.is(status, 0, stderr);
      assert.match(stdout, /^group net, held against sharp_eyed, within \+\/- 1\.50 points/m);
      assert.match(stdout, /small: .*; accuracy (equivalent|NOT ENOUGH DATA)/);
      const { reference, variants } = await comparisonOf(line);
      assert.is(reference.id, 'sharp_eyed');
      const [small] = variants;
      assert.is(small?.speed.rounds, 8);
      assert.ok(small?.speed.ratio !== null);
      assert.is(small?.model.int8_multiply_add_share, 1);
      assert.is(small?.accuracy_difference.n, 80);
      assert.is(small?.recall_difference.n, 40);
      assert.equal([small?.saturation.weights?.layers, small?.saturation.weights?.worst_sum], [1, 127]);
      assert.ok(['exact', 'saturates'].includes(small?.saturation.host ?? ''), 'the CPU was probed');
      const markdown = await readFile(line.path('reports', 'STORY-1', 'compare-net.md'), 'utf8');
      assert.match(markdown, /!\[[^\]]*\]\(compare-net\.svg\)/);
      assert.match(await readFile(line.path('reports', 'STORY-1', 'compare-net.svg'), 'utf8'), /^<svg /);
      assert.is((await recordsOf(line, 'latency')).length, 2, 'plain is none of the group');
    });
  });

  it('reuses what it measured together, to the last byte of the report', async () => {
    await withVariant(async (line) => {
      await line.cli('compare');
      const report = () => readFile(line.path('reports', 'STORY-1', 'compare-net.md'), 'utf8');
      const first = await report();
      const { status, stderr } = await line.cli('compare', '--group', 'net');
      assert.is(status, 0, stderr);
      assert.match(stderr, /net: reused the latency records of .* all took turns/);
      assert.is((await recordsOf(line, 'latency')).length, 2);
      assert.is((await recordsOf(line, 'evaluation')).length, 2);
      assert.is(await report(), first);
      const part = await line.cli('compare', '--only', 'sharp_eyed', 'small', '--quiet');
      assert.is(part.status, 0, part.stderr);
      assert.is(await report(), first, 'a narrowed comparison stands beside the whole one');
      const names = await readdir(line.path('reports', 'STORY-1'));
      assert.ok(names.includes('compare-net.only-sharp_eyed+small.json'), names.join(' '));
    });
  });

  it('never puts latencies of two sessions side by side: it measures the group again', async () => {
    await withVariant(async (line) => {
      await line.cli('measure', '--only', 'sharp_eyed', '--quiet');
      await line.cli('measure', '--only', 'small', '--quiet');
      assert.is((await recordsOf(line, 'latency')).length, 2);
      const { status, stderr } = await line.cli('compare', '--group', 'net');
      assert.is(status, 0, stderr);
      assert.is((await recordsOf(line, 'latency')).length, 4);
      assert.is((await comparisonOf(line)).variants[0]?.speed.rounds, 8);
    });
  });

  it('takes the records of a measure in which the group took turns with others', async () => {
    await withVariant(async (line) => {
      await line.cli('measure', '--quiet');
      await line.cli('compare', '--quiet');
      assert.is((await recordsOf(line, 'latency')).length, 3);
      assert.is((await comparisonOf(line)).variants[0]?.speed.rounds, 8);
    });
  });

  it('goes on after kill -9 with the rounds that are missing, and pairs those that belong together', async () => {
    await withVariant(
      async (line) => {
        const child = line.start('compare');
        const ended = finish(child);
        await untilRounds(line, 5);
        child.kill('SIGKILL');
        await ended;
        const { status, stderr } = await line.cli('compare');
        assert.is(status, 0, stderr);
        const rounds = (await comparisonOf(line)).variants[0]?.speed.rounds ?? 0;
        assert.ok(rounds >= 38 && rounds <= 40, `${rounds} of 40 rounds paired`);
      },
      { benchmarking: { iterations: 400, warmup_iterations: 2, rounds: 40 } },
    );
  });

  it('does not answer with an earlier session when a process was killed in the one that was asked for', async () => {
    if (process.platform !== 'linux') {
      return;
    }
    await withVariant(
      async (line) => {
        assert.is((await line.cli('compare')).status, 0);
        const before = await recordsOf(line, 'latency');
        const child = line.start('compare', '--force-new');
        const ended = finish(child);
        await untilRounds(line, 2);
        const [first] = childrenRunning('latencyChild', child.pid);
        assert.ok(first !== undefined && process.kill(first, 'SIGKILL'));
        const { status, stdout } = await ended;
        assert.is(status, 2);
        assert.match(stdout, /ended with SIGKILL \(out of memory\?\); run again/);
        assert.is((await comparisonOf(line)).variants[0]?.speed.ratio, null);
        const again = await line.cli('compare');
        assert.is(again.status, 0, again.stderr);
        assert.ok((await recordsOf(line, 'latency')).length > before.length, 'measured, not taken from before');
      },
      { benchmarking: { iterations: 400, warmup_iterations: 2, rounds: 40 } },
    );
  });

  it('lists the images that changed their class, missed defects first', async () => {
    await withVariant(
      async (line) => {
        const { stdout } = await line.cli('compare', '--quiet');
        assert.match(stdout, /defect to fine, p\(defect\) 0\.\d+ to 0\.\d+/);
        const [small] = (await comparisonOf(line)).variants;
        assert.ok((small?.flips.length ?? 0) > 0);
        assert.is(small?.flips[0]?.kind, 'new_miss');
        assert.is(small?.accuracy_difference.verdict, 'worse');
        assert.ok((small?.probability_change?.max ?? 0) > 0.1);
      },
      {},
      int8Model(40, 0.2),
    );
  });

  it('prints one JSON document with every group', async () => {
    await withVariant(async (line) => {
      const { stdout, status } = await line.cli('compare', '--json', '--quiet');
      assert.is(status, 0);
      const document: { command: string; groups: unknown[] } = JSON.parse(stdout);
      assert.is(document.command, 'compare');
      assert.equal(
        document.groups.map((group) => comparisonSchema.parse(group).group),
        ['net'],
      );
    });
  });

  it('takes a group by the backbone of the cards, under a safe file name', async () => {
    await withVariant(
      async (line) => {
        await writeCard(line, 'sharp_eyed', { backbone: 'red net/1' });
        await writeCard(line, 'small', { backbone: 'red net/1' });
        const { status, stderr } = await line.cli('compare', '--group', 'red net/1', '--quiet');
        assert.is(status, 0, stderr);
        const names = await readdir(line.path('reports', 'STORY-1'));
        assert.is(names.filter((name) => /^compare-red_net_1-[0-9a-f]{8}\.(md|svg|json)$/.test(name)).length, 3);
        const report = names.find((name) => name.endsWith('.json')) ?? 'none';
        const { reproduce } = comparisonSchema.parse(
          JSON.parse(await readFile(line.path('reports', 'STORY-1', report), 'utf8')),
        );
        assert.match(reproduce.commands[0] ?? '', / --group 'red net\/1'$/);
      },
      { candidates: CANDIDATES.map(({ id, card }) => ({ id, card })) },
    );
  });
});

async function untilRounds(line: Line, atLeast: number): Promise<void> {
  const partial = line.path('reports', 'runs', '.partial');
  for (let tries = 0; tries < 1500; tries += 1) {
    const keys = existsSync(partial) ? await readdir(partial) : [];
    const files = await Promise.all(keys.map((key) => readdir(line.path('reports', 'runs', '.partial', key))));
    if (files.flat().filter((name) => /^round-.*\.json$/.test(name)).length >= atLeast) {
      return;
    }
    await sleep(20);
  }
  throw new Error('no round was journalled within 30 s');
}

describe('the exit code of compare', (it) => {
  it('with --check is 3 where rounds or images are too few, and the way out is said', async () => {
    await withVariant(
      async (line) => {
        const { status, stdout } = await line.cli('compare', '--check', '--quiet');
        assert.is(status, 3);
        assert.match(stdout, /to settle speed: raise `benchmarking\.rounds` to 6 or more/);
        assert.match(stdout, /to settle defect recall: about \d+ defect images/);
        assert.is((await line.cli('compare', '--quiet')).status, 0, 'without --check');
        assert.is((await recordsOf(line, 'latency')).length, 2, 'too few rounds are no reason to measure again');
      },
      { benchmarking: { iterations: 30, warmup_iterations: 2, rounds: 3 } },
    );
  });

  it('with --check is 1 where a variant is worse', async () => {
    await withVariant(
      async (line) => {
        const { status, stdout } = await line.cli('compare', '--check', '--quiet');
        assert.is(status, 1);
        assert.match(stdout, /accuracy WORSE/);
      },
      { benchmarking: { iterations: 30, warmup_iterations: 2, rounds: 3 } },
      int8Model(40, 0.2),
    );
  });

  it('is 2 where a variant cannot run, and the report says why', async () => {
    await withVariant(
      async (line) => {
        const { status, stdout } = await line.cli('compare', '--quiet');
        assert.is(status, 2);
        assert.match(stdout, /small: speed FAILED; accuracy FAILED/);
        const [small] = (await comparisonOf(line)).variants;
        assert.is(small?.speed.verdict, 'failed');
        assert.match(small?.failure ?? '', /NaN|finite/i);
      },
      {},
      int8Model(Number.NaN),
    );
  });
});

describe('the reference of a group', (it) => {
  it('is the one the study names, also among several without INT8 weights', async () => {
    await withVariant(
      async (line) => {
        const { status, stderr } = await line.cli('compare', '--quiet');
        assert.is(status, 0, stderr);
        const { reference, variants } = await comparisonOf(line);
        assert.is(reference.id, 'plain');
        assert.equal(
          variants.map(({ id }) => id),
          ['sharp_eyed', 'small'],
        );
      },
      {
        candidates: [...CANDIDATES, { id: 'plain', card: 'models/plain.model.yaml', group: 'net', reference: true }],
      },
    );
  });

  it('has the preprocessing that a variant is expected to have: another one is said', async () => {
    await withVariant(async (line) => {
      await writeCard(line, 'small', { mean: [0, 0, 0], std: [1, 1, 1] });
      await line.cli('compare', '--quiet');
      const { warnings } = await comparisonOf(line);
      assert.match(
        warnings.find(({ code }) => code === 'other_preprocessing')?.message ?? '',
        /another preprocessing than that of sharp_eyed/,
      );
    });
  });
});
