import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { runCli } from '../../../src/cli/commandLine.ts';
import { readHpoTree } from '../../../src/store/hpoTree.ts';
import { describe } from '../../describe.ts';
import { encode } from '../../onnx/build.ts';
import { finish, rednessModel, SIDE, withLine, type Line } from '../line.ts';
import { quietIo } from '../quietIo.ts';

const QUICK = { benchmarking: { iterations: 60, warmup_iterations: 2, rounds: 3 } };

/** A search of two backbones; each trial has metrics, and a model of its own. */
async function withSearch(use: (line: Line) => Promise<void>): Promise<void> {
  await withLine(async (line) => {
    await line.writeStudy(QUICK);
    await addTrial(line, 'resnet18/trial_0', { 'model.onnx': encode(rednessModel(40)) });
    await addTrial(line, 'resnet50/trial_3', { 'net.onnx': encode(rednessModel(41)) });
    await use(line);
  });
}

async function addTrial(line: Line, trial: string, files: Record<string, Uint8Array | string> = {}): Promise<void> {
  await mkdir(line.path('hpo', trial), { recursive: true });
  await writeFile(line.path('hpo', trial, 'metrics.json'), '{"macro-f1": 0.9}');
  for (const [name, content] of Object.entries(files)) {
    await writeFile(line.path('hpo', trial, name), content);
  }
}

/** In this process, which starts faster than one of its own. */
async function measure(line: Line, ...flags: string[]) {
  const io = quietIo();
  const args = ['measure', '--hpo', line.path('hpo'), '--study', line.path('beltbench.yaml'), ...flags];
  const status = await runCli(args, io);
  return { status, out: io.out, err: io.err };
}

async function measureJson(line: Line, ...flags: string[]) {
  const { status, out, err } = await measure(line, '--json', ...flags);
  assert.is(err.includes('beltbench:'), false, err);
  const document = JSON.parse(out);
  const states = document.trials.map((trial: { id: string; state: string }) => `${trial.id} ${trial.state}`);
  return { status, document, states };
}

async function benchmarkOf(line: Line, trial: string, name = 'benchmark.json') {
  return JSON.parse(await readFile(line.path('hpo', trial, name), 'utf8'));
}

const records = async (line: Line) =>
  (await readdir(line.path('reports', 'runs'))).filter((name) => name.startsWith('latency-')).length;

describe('measure --hpo', (it) => {
  it('writes benchmark.json beside each model, says what it skips, and reuses by key (rules.md 2)', async () => {
    await withSearch(async (line) => {
      await addTrial(line, 'resnet18/trial_1');
      await addTrial(line, 'resnet18/trial_2', { 'a.onnx': 'a', 'b.onnx': 'b' });
      const first = await measureJson(line);
      assert.is(first.status, 0);
      assert.equal(first.states, [
        'resnet18/trial_0 measured',
        'resnet18/trial_1 skipped',
        'resnet18/trial_2 skipped',
        'resnet50/trial_3 measured',
      ]);
      assert.equal(first.document.trials[1].reason, 'no ONNX file');
      assert.match(first.document.trials[2].reason, /2 ONNX files and none called model\.onnx/);

      const benchmark = await benchmarkOf(line, 'resnet50/trial_3');
      assert.equal([benchmark.backbone, benchmark.trial_name, benchmark.batch_1.n], ['resnet50', 'trial_3', 60]);
      assert.is(benchmark.metrics.latency_batch_1_ms, benchmark.batch_1.mean_ms);
      assert.match(benchmark.benchmark_key, /^[0-9a-f]{64}$/);
      assert.ok(benchmark.batch_1.p50_ms <= benchmark.batch_1.p95_ms);
      assert.is(benchmark.batch_1.p99_ms, null, '60 samples say nothing of p99');
      assert.ok(benchmark.warnings.some(({ code }: { code: string }) => code === 'steady_state_unknown'));

      const bytes = await readFile(line.path('hpo', 'resnet50/trial_3', 'benchmark.json'), 'utf8');
      const again = await measure(line);
      assert.match(again.out, /resnet18\/trial_0 .* reused/);
      assert.match(again.out, /skipped, no ONNX file: resnet18\/trial_1\n/);
      assert.match(again.out, /fewer than 100 samples \(and alike for 1 more trial\)/);
      assert.is(await readFile(line.path('hpo', 'resnet50/trial_3', 'benchmark.json'), 'utf8'), bytes);
      assert.is(await records(line), 2);

      const { trials } = await readHpoTree(line.path('hpo'));
      assert.is(trials.find((trial) => trial.backbone === 'resnet50')?.latencyMs[1], benchmark.batch_1.mean_ms);
    });
  });

  it("goes by the earlier tools' benchmark.yaml, measures again after a change and counts the runs of a key (rules.md 2)", async () => {
    await withSearch(async (line) => {
      const config = line.path('benchmark.yaml');
      const sections = {
        run: { mode: 'reuse_if_exists' },
        benchmarking: { batch_sizes: [1], iterations: 40, warmup_iterations: 1, max_length: 512, device: null },
        output: { filename: 'bench.json' },
        benchmark: { required_metrics: [], latency_aggregation: 'median' },
      };
      await writeFile(config, stringify(sections));
      const only = ['--only', 'resnet18/trial_0'];
      await measureJson(line, ...only);
      const before = await benchmarkOf(line, 'resnet18/trial_0');
      const { status, err } = await measure(line, '--config', config, ...only);
      assert.is(status, 0);
      assert.match(err, /`benchmarking\.max_length` has no meaning for images/);
      assert.not.match(err, /`output/);
      const after = await benchmarkOf(line, 'resnet18/trial_0', 'bench.json');
      assert.equal([after.settings.iterations, after.settings.rounds], [40, 3]);
      assert.is(after.latency_aggregation, 'median');
      assert.is.not(after.benchmark_key, before.benchmark_key);
      assert.is(await records(line), 2, 'both are kept');

      await measureJson(line, '--force-new', '--config', config, ...only);
      const twice = await benchmarkOf(line, 'resnet18/trial_0', 'bench.json');
      assert.equal([twice.benchmark_key, twice.benchmark_runs_count], [after.benchmark_key, 2]);
      assert.is(existsSync(line.path('hpo', 'resnet50/trial_3', 'benchmark.json')), false);

      await writeFile(config, stringify({ ...sections, benchmarking: { device: 'cuda' } }));
      const refused = await measure(line, '--config', config);
      assert.is(refused.status, 2);
      assert.match(refused.err, /^beltbench: .*`benchmarking\.device` must be null or `cpu`.*cuda.*\n$/);
    });
  });

  it('lowers rounds that their YAML does not state to its iterations, and says so', async () => {
    await withSearch(async (line) => {
      const config = line.path('benchmark.yaml');
      const only = ['--only', 'resnet18/trial_0', '--config', config];
      await writeFile(config, stringify({ benchmarking: { iterations: 2, warmup_iterations: 1 } }));
      const { status, err } = await measure(line, ...only);
      assert.is(status, 0, err);
      assert.match(err, /note: `benchmarking\.rounds` is lowered from 3 to 2, the `iterations` of --config/);
      const { settings } = await benchmarkOf(line, 'resnet18/trial_0');
      assert.equal([settings.iterations, settings.rounds], [2, 2]);
      await writeFile(config, stringify({ benchmarking: { iterations: 2, rounds: 3 } }));
      assert.match(
        (await measure(line, ...only)).err,
        /`benchmarking\.iterations` \(2\) must be at least `rounds` \(3\)/,
      );
      await writeFile(config, stringify({ benchmarking: { batch_sizes: [8] } }));
      assert.match((await measure(line, ...only)).err, /`benchmarking\.batch_sizes` must hold 1/);
    });
  });

  it('reuses from the file alone only what was aggregated the same way (rules.md 2)', async () => {
    await withSearch(async (line) => {
      const only = ['--only', 'resnet18/trial_0'];
      const aggregated = async (aggregation: string) =>
        await line.writeStudy({ ...QUICK, benchmark: { latency_aggregation: aggregation } });
      await aggregated('median');
      await measureJson(line, ...only);
      await measureJson(line, '--force-new', ...only);
      await rm(line.path('reports'), { recursive: true });
      assert.equal((await measureJson(line, ...only)).states, ['resnet18/trial_0 reused']);
      await aggregated('latest');
      assert.equal((await measureJson(line, ...only)).states, ['resnet18/trial_0 measured']);
      const { latency_aggregation: aggregation, benchmark_runs_count: count } = await benchmarkOf(
        line,
        'resnet18/trial_0',
      );
      assert.equal([aggregation, count], ['latest', 1]);
      await rm(line.path('reports'), { recursive: true });
      await aggregated('median');
      assert.equal(
        (await measureJson(line, ...only)).states,
        ['resnet18/trial_0 reused'],
        'of one run all are the same',
      );
    });
  });

  it("keeps another tool's benchmark, takes one that came with the tree, and follows no link", async () => {
    await withSearch(async (line) => {
      const file = line.path('hpo', 'resnet18/trial_0', 'benchmark.json');
      await writeFile(file, '{"batch_1": {"mean_ms": 7}}');
      const outside = line.path('precious.json');
      await writeFile(outside, 'precious');
      await symlink(outside, line.path('hpo', 'resnet50/trial_3', 'benchmark.json'));
      const { status, document, states } = await measureJson(line);
      assert.is(status, 2);
      assert.equal(states, ['resnet18/trial_0 measured', 'resnet50/trial_3 failed']);
      assert.is(await records(line), 1, 'what could not be written is not measured');
      assert.match(document.trials[1].reason, /benchmark\.json is no regular file/);
      assert.is(await readFile(outside, 'utf8'), 'precious');
      assert.equal(JSON.parse(await readFile(`${file}.before`, 'utf8')), { batch_1: { mean_ms: 7 } });

      await rm(line.path('reports'), { recursive: true });
      assert.equal((await measureJson(line, '--only', 'resnet18')).states, ['resnet18/trial_0 reused']);
      assert.is(existsSync(line.path('reports', 'runs')), false);
    });
  });

  it('measures the others when one model or card cannot be used, whatever a trial is called', async () => {
    await withLine(async (line) => {
      await line.writeStudy(QUICK);
      const name = 'net ünïcode; rm -rf $(HOME)\u202e/trial.0_fold1';
      await addTrial(line, name, { 'model.onnx': encode(rednessModel(40)) });
      await addTrial(line, 'broken/trial_0', { 'model.onnx': 'not a model' });
      await addTrial(line, 'astray/trial_0', { 'model.onnx': encode(rednessModel(42)) });
      const card = { file: '../../../models/plain.onnx', classes: ['fine', 'defect'], trained_input_size: SIDE };
      await writeFile(line.path('hpo', 'astray/trial_0', 'model.model.yaml'), stringify(card));
      const { status, document, states } = await measureJson(line);
      assert.is(status, 2);
      assert.equal(states, ['astray/trial_0 failed', 'broken/trial_0 failed', `${name} measured`]);
      assert.match(document.trials[0].reason, /must be about .*astray\/trial_0\/model\.onnx beside it/);
      assert.match(document.trials[1].reason, /broken\/trial_0\/model\.onnx/);
      assert.is((await benchmarkOf(line, name)).trial_name, 'trial.0_fold1');
    });
  });

  it('takes the card beside a model, also where the search is named by a relative path', async () => {
    await withLine(async (line) => {
      await line.writeStudy(QUICK);
      await addTrial(line, 'resnet18/trial_0', { 'model.onnx': encode(rednessModel(40)) });
      const card = { file: 'model.onnx', classes: ['fine', 'defect'], trained_input_size: SIDE };
      await writeFile(line.path('hpo', 'resnet18/trial_0', 'model.model.yaml'), stringify(card));
      const dir = relative(process.cwd(), line.path('hpo'));
      const io = quietIo();
      const status = await runCli(['measure', '--hpo', dir, '--study', line.path('beltbench.yaml')], io);
      assert.is(status, 0, io.out);
      assert.match(io.out, /resnet18\/trial_0 .* measured/);
    });
  });

  it('goes on after kill -9 where it was', async () => {
    await withSearch(async (line) => {
      await line.writeStudy({ benchmarking: { iterations: 400, warmup_iterations: 2, rounds: 40 } });
      const child = line.start('measure', '--hpo', 'hpo', '--only', 'resnet18');
      const ended = finish(child);
      await untilJournalled(line);
      child.kill('SIGKILL');
      await ended;
      assert.is(existsSync(line.path('hpo', 'resnet18/trial_0', 'benchmark.json')), false);
      const { status, document } = await measureJson(line, '--only', 'resnet18');
      assert.is(status, 0);
      const codes = document.trials[0].benchmark.warnings.map(({ code }: { code: string }) => code);
      assert.ok(codes.includes('resumed'), 'the rounds of the first launch are kept');
      assert.is((await benchmarkOf(line, 'resnet18/trial_0')).batch_1.n, 400);
    });
  });

  it('refuses in one line what cannot be measured', async () => {
    await withSearch(async (line) => {
      const refusals: [string[], RegExp][] = [
        [['--check'], /--check judges the study's candidates/],
        [['--store', 'mlflow'], /received --store mlflow/],
        [['--only', 'resnet19'], /--only names `resnet19`.*did you mean `resnet18`/],
        [['--hpo', line.path('nowhere')], /nowhere cannot be read: .*DIR\/BACKBONE\/TRIAL/],
        [['--config', line.path('nowhere.yaml')], /nowhere\.yaml/],
      ];
      for (const [flags, message] of refusals) {
        const hpo = flags.includes('--hpo') ? [] : ['--hpo', line.path('hpo')];
        const io = quietIo();
        const status = await runCli(['measure', '--study', line.path('beltbench.yaml'), ...hpo, ...flags], io);
        assert.is(status, 2, flags.join(' '));
        assert.match(io.err, message);
        assert.is(io.err.trimEnd().split('\n').length, 1);
      }
      for (const filename of ['metrics.json', 'trial_meta.json', 'Metadata.json', 'model.onnx_data']) {
        await line.writeStudy({ output: { filename } });
        const { err } = await measure(line);
        assert.ok(err.includes(`\`output.filename\` must not be a trial's own file, received ${filename}`), err);
      }
      await line.writeStudy(QUICK);
      await rm(line.path('hpo', 'resnet18/trial_0', 'model.onnx'));
      await rm(line.path('hpo', 'resnet50/trial_3', 'net.onnx'));
      assert.match((await measure(line)).err, /holds no trial with an ONNX file, received 2 trial folders/);
      const io = quietIo();
      await runCli(['measure', '--study', line.path('beltbench.yaml'), '--config', 'x.yaml'], io);
      assert.match(io.err, /--config goes with --hpo DIR/);
    });
  });
});

async function untilJournalled(line: Line): Promise<void> {
  const partial = line.path('reports', 'runs', '.partial');
  for (let tries = 0; tries < 600; tries += 1) {
    const keys = existsSync(partial) ? await readdir(partial) : [];
    const files = (await Promise.all(keys.map(async (key) => await readdir(`${partial}/${key}`)))).flat();
    if (files.filter((name) => name.startsWith('round-') && name.endsWith('.json')).length >= 3) {
      return;
    }
    await sleep(20);
  }
  throw new Error('no round was journalled within 12 s');
}
