import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/commandLine.ts';
import { recordId } from '../../src/cli/work/recordNames.ts';
import type { LatencyRecord } from '../../src/records/latency.ts';
import { LatencyJournal } from '../../src/store/journal.ts';
import { temporaryName } from '../../src/store/leftovers.ts';
import { RunStore } from '../../src/store/store.ts';
import { describe } from '../describe.ts';
import {
  AUDIT,
  evaluationRecord,
  KEY,
  latencyRecord,
  launchOf,
  PREDICTIONS,
  roundOf,
  samplesOf,
} from '../store/records.ts';
import { rednessModel, withLine, writeCard, writeModel, type CliResult, type Line } from './line.ts';
import { quietIo } from './quietIo.ts';

/** Runs a command in this process, which is faster than one of its own. */
async function cli(line: Line, ...args: string[]): Promise<CliResult> {
  const io = quietIo();
  const status = await runCli([...args, '--study', line.path('beltbench.yaml')], io);
  return { status, stdout: io.out, stderr: io.err };
}

async function json(line: Line, ...args: string[]) {
  const { status, stdout, stderr } = await cli(line, ...args, '--json');
  assert.is(status, 0, stderr);
  return JSON.parse(stdout);
}

function storeOf(line: Line): RunStore {
  return new RunStore(line.path('reports'));
}

/** A finished run of a mean. */
function runOf(id: string, startedAt: string, meanMs: number, candidate = 'plain'): LatencyRecord {
  const batch = { n: 2, mean_ms: meanMs, std_ms: 0, min_ms: meanMs, median_ms: meanMs, max_ms: meanMs };
  return { ...latencyRecord(id, startedAt), candidate_id: candidate, batch_1: batch };
}

async function writeRuns(line: Line, ...records: LatencyRecord[]): Promise<void> {
  for (const record of records) {
    await storeOf(line).write(record, { 'samples.json': samplesOf(roundOf(1)) });
  }
}

async function storedIn(line: Line): Promise<string[]> {
  return (await readdir(line.path('reports', 'runs'))).toSorted();
}

async function writeReport(line: Line, content: string): Promise<void> {
  await mkdir(line.path('reports', 'STORY-1'), { recursive: true });
  await writeFile(line.path('reports', 'STORY-1', 'decision.json'), content);
}

const FIRST = '2026-03-01T08:00:00.000Z';
const SECOND = '2026-03-02T08:00:00.000Z';
const THIRD = '2026-03-03T08:00:00.000Z';

describe('beltbench runs list', (it) => {
  it('says of each run what it is, what came out and who uses it, interrupted and failed ones included', async () => {
    await withLine(async (line) => {
      await writeRuns(line, runOf('l-1', FIRST, 8.5));
      await storeOf(line).write({ ...runOf('l-2', SECOND, 8.5), status: 'failed', failure: 'it broke', batch_1: null });
      await storeOf(line).write(evaluationRecord('e-1'), { 'predictions.json': PREDICTIONS, 'dataset.json': AUDIT });
      const journal = new LatencyJournal(storeOf(line).dir, 'plain', 'cd'.repeat(32));
      await journal.addLaunch(launchOf(1));
      await journal.addRound(roundOf(1));
      await writeReport(line, JSON.stringify({ records: ['l-1'] }));
      const { stdout, stderr } = await cli(line, 'runs', 'list');
      assert.is(stderr, '');
      assert.match(
        stdout,
        /latency +plain +abababababab +2026-03-01\S+ +finished +mean 8\.50 ms, p50 8\.50 ms +STORY-1 +l-1/,
      );
      assert.match(stdout, /latency +plain +\w{12} +2026-03-02\S+ +failed +it broke +l-2/);
      assert.match(stdout, /evaluation +resnet18 .* finished +accuracy 100\.00 % of 1 image +e-1/);
      assert.match(stdout, /latency +plain +cdcdcdcdcdcd +2026-03-01\S+ +interrupted +1 round so far/);
      assert.match(stdout, /\n4 runs\n$/);
      const only = await json(line, 'runs', 'list', '--kind', 'latency', '--only', 'plain');
      assert.equal(
        only.runs.map((run: { status: string }) => run.status),
        ['finished', 'failed', 'interrupted'],
      );
      assert.is(only.runs[0].key, KEY, 'in full for machines');
    });
  });

  it('goes by the time of the start, and of one time by id, whatever the clock did meanwhile', async () => {
    await withLine(async (line) => {
      await writeRuns(
        line,
        runOf('l-9', THIRD, 1),
        runOf('l-2', FIRST, 2),
        runOf('l-1', SECOND, 3),
        runOf('l-0', SECOND, 4),
      );
      const { runs } = await json(line, 'runs', 'list');
      assert.equal(
        runs.map((run: { record_id: string }) => run.record_id),
        ['l-2', 'l-0', 'l-1', 'l-9'],
      );
    });
  });

  it('shows two keys in full that share what people see', async () => {
    await withLine(async (line) => {
      const near = `${KEY.slice(0, 12)}${'0'.repeat(52)}`;
      await writeRuns(line, runOf('l-1', FIRST, 1), { ...runOf('l-2', SECOND, 2), benchmark_key: near });
      const { stdout } = await cli(line, 'runs', 'list');
      assert.ok(stdout.includes(KEY) && stdout.includes(near));
    });
  });

  it('notes what cannot be read, unless it is to be quiet, and answers all the same', async () => {
    await withLine(async (line) => {
      await writeRuns(line, runOf('l-1', FIRST, 1));
      await mkdir(join(storeOf(line).dir, 'empty'));
      const { status, stderr } = await cli(line, 'runs', 'list');
      assert.is(status, 0);
      assert.is(stderr, 'note: "empty" is left out: it holds no record.json; move it out of the store, or remove it\n');
      assert.is((await cli(line, 'runs', 'list', '--quiet')).stderr, '');
    });
  });

  it('shows the newest fifty of many, and all of them with --all', async () => {
    await withLine(async (line) => {
      const at = (index: number): string => new Date(Date.parse(FIRST) + index * 1000).toISOString();
      await writeRuns(line, ...Array.from({ length: 52 }, (_, index) => runOf(`l-${index}`, at(index), 1)));
      const { stdout } = await cli(line, 'runs', 'list');
      assert.match(stdout, /\n52 runs, 2 older ones not shown \(--all\)\n$/);
      assert.not.match(stdout, / l-1 /);
      assert.match((await cli(line, 'runs', 'list', '--all')).stdout, / l-1 /);
    });
  });

  it('takes candidates that the study no longer has, and no others', async () => {
    await withLine(async (line) => {
      await writeRuns(line, runOf('l-1', FIRST, 1, 'retired'));
      assert.is((await json(line, 'runs', 'list', '--only', 'retired')).runs.length, 1);
      const { status, stderr } = await cli(line, 'runs', 'list', '--only', 'retried');
      assert.is(status, 2);
      assert.match(stderr, /^beltbench: --only names `retried`, .* did you mean `retired`\?\n$/);
    });
  });
});

describe('beltbench runs show', (it) => {
  it('shows the runs of one key together: 200, 150 and 210 ms are 210, 200 or 186.67, never 150 (rules.md 2)', async () => {
    await withLine(async (line) => {
      await writeRuns(line, runOf('l-1', FIRST, 200), runOf('l-2', SECOND, 150), runOf('l-3', THIRD, 210));
      const { stdout } = await cli(line, 'runs', 'show', KEY.slice(0, 8));
      assert.match(stdout, new RegExp(`key +${KEY}`));
      assert.match(
        stdout,
        /3 finished runs of this key, 150\.0 ms to 210\.0 ms: latest 210\.0 ms, median 200\.0 ms, mean 186\.7 ms\n$/,
      );
      const { key, runs } = await json(line, 'runs', 'show', 'l-2');
      assert.is(key, KEY);
      assert.equal(runs[0].files, ['record.json', 'samples.json']);
      assert.is(runs[0].record.batch_1.mean_ms, 150);
    });
  });

  it('answers a text that is no one key with one line and exit code 2', async () => {
    await withLine(async (line) => {
      await writeRuns(line, runOf('l-1', FIRST, 1), { ...runOf('l-2', SECOND, 2), benchmark_key: 'cd'.repeat(32) });
      for (const text of ['l', 'nothing', '']) {
        const { status, stdout, stderr } = await cli(line, 'runs', 'show', text);
        assert.equal([status, stdout, stderr.trim().split('\n').length], [2, '', 1], stderr);
      }
    });
  });
});

describe('beltbench runs gc', (it) => {
  it('lists first, removes with --apply, and never what a decision names', async () => {
    await withLine(async (line) => {
      await writeRuns(line, runOf('l-1', FIRST, 1), runOf('l-2', SECOND, 2), runOf('l-3', THIRD, 3));
      await writeReport(line, JSON.stringify({ reproduce: { records: [{ record_id: 'l-1' }] } }));
      const { pid } = spawnSync(process.execPath, ['--eval', '0']);
      const leftover = temporaryName().replace(`-${process.pid}-`, `-${pid}-`);
      await mkdir(join(storeOf(line).dir, leftover));
      const before = await storedIn(line);
      const dry = await cli(line, 'runs', 'gc', '--keep', '1');
      assert.match(dry.stdout, /2 folders, \S+ MB, may go; nothing is removed without --apply\n$/);
      assert.match(dry.stdout, /stays +superseded +STORY-1\/decision\.json refers to it +l-1/);
      assert.equal(await storedIn(line), before);
      const { folders, applied } = await json(line, 'runs', 'gc', '--keep', '1', '--apply');
      assert.ok(applied);
      assert.equal(
        folders.map(({ name, goes }: { name: string; goes: boolean }) => [name, goes]),
        [
          [leftover, true],
          ['l-1', false],
          ['l-2', true],
        ],
      );
      assert.equal(await storedIn(line), ['l-1', 'l-3']);
      assert.match((await cli(line, 'runs', 'gc', '--apply')).stdout, /nothing to remove\n$/);
    });
  });

  it('removes a cut off record, but no sound one for one field, and no folder of the user', async () => {
    await withLine(async (line) => {
      const runs = storeOf(line).dir;
      const [sound, cut] = [SECOND, THIRD].map((at) => recordId('latency', 'plain', KEY, at));
      await writeRuns(line, runOf('l-1', FIRST, 1), runOf(sound ?? '', SECOND, 2), runOf(cut ?? '', THIRD, 3));
      const path = join(runs, sound ?? '', 'record.json');
      const edited = (await readFile(path, 'utf8')).replaceAll(SECOND, SECOND.replace('Z', '+09:00'));
      await writeFile(path, edited);
      await writeFile(join(runs, cut ?? '', 'record.json'), '{"schema": "beltbench/lat');
      await mkdir(join(runs, 'my-notes'));
      const { stdout } = await cli(line, 'runs', 'gc', '--apply');
      assert.match(
        stdout,
        /stays +unreadable +it is not as beltbench writes it: .*started_at.*; correct it, or remove/,
      );
      assert.match(stdout, /removed +unreadable +\S*record\.json is not valid JSON/);
      assert.equal(await storedIn(line), ['l-1', sound, 'my-notes']);
      assert.is(await readFile(path, 'utf8'), edited);
    });
  });

  it('removes nothing while a report cannot be read', async () => {
    await withLine(async (line) => {
      await writeRuns(line, runOf('l-1', FIRST, 1), runOf('l-2', SECOND, 2));
      await writeReport(line, '{"records": ["l-');
      const { status, stderr } = await cli(line, 'runs', 'gc', '--keep', '1', '--apply');
      assert.is(status, 2);
      assert.match(
        stderr,
        /^beltbench: nothing is removed while a report cannot be read, .*decision\.json is not valid JSON: .*; repair that file, or move it out of \S+\n$/,
      );
      assert.equal(await storedIn(line), ['l-1', 'l-2']);
      assert.match((await cli(line, 'runs', 'gc')).stderr, /note: .*decision\.json is not valid JSON.*--apply removes/);
    });
  });

  it('keeps what the candidates of the study could reuse, under whatever name, and says what changes a median', async () => {
    await withLine(async (line) => {
      const { sha256 } = await json(line, 'inspect', 'models/plain.onnx'.replace(/^/, `${line.dir}/`));
      const model = { ...latencyRecord('x').model, sha256 };
      await writeRuns(line, { ...runOf('l-1', FIRST, 1, 'earlier_name'), model }, runOf('l-2', FIRST, 2, 'retired'));
      await line.writeStudy({ benchmark: { latency_aggregation: 'median' } });
      const { stdout } = await cli(line, 'runs', 'gc', '--unused', '--apply', '--only', 'retired');
      assert.match(stdout, /removed +unused +no candidate of the study is called retired .* l-2/);
      await cli(line, 'runs', 'gc', '--unused', '--apply');
      assert.equal(await storedIn(line), ['l-1']);
      await rename(line.path('models', 'plain.onnx'), line.path('models', 'away.onnx'));
      await symlink('plain.onnx', line.path('models', 'plain.onnx'));
      assert.match((await cli(line, 'runs', 'gc', '--unused', '--apply')).stderr, /plain\.onnx.*ELOOP/);
      assert.equal(await storedIn(line), ['l-1'], 'a model that cannot be reached may be the one it is of');
      await rename(line.path('models', 'away.onnx'), line.path('models', 'plain.onnx'));
      await writeRuns(line, runOf('l-3', SECOND, 3), runOf('l-4', THIRD, 4));
      const { stderr } = await cli(line, 'runs', 'gc', '--keep', '1');
      assert.match(stderr, /note: `benchmark\.latency_aggregation` is median: without the older runs/);
    });
  });
});

describe('beltbench runs missing', (it) => {
  it('says what run would make and why, and nothing after a run', async () => {
    await withLine(async (line) => {
      const first = await cli(line, 'runs', 'missing', '--check');
      assert.is(first.status, 3, first.stderr);
      assert.match(first.stdout, /plain +latency +\w{12} +not measured yet +not known/);
      assert.match(first.stdout, /4 of 4 missing; `beltbench run` makes them in a time not known yet/);
      const run = await line.cli('run', '--quiet');
      assert.is(run.status, 0, run.stderr);

      const done = await cli(line, 'runs', 'missing', '--check');
      assert.is(done.status, 0);
      assert.match(done.stdout, /plain +evaluation +\w{12} +stored: evaluation-plain-/);
      assert.match(done.stdout, /nothing is missing; `beltbench run` reuses all 4\n$/);
      const again = await line.cli('run');
      const keys = (await json(line, 'runs', 'missing')).needs.map(({ record_id: id }: { record_id: string }) => id);
      assert.is(keys.length, 4);
      assert.ok(
        keys.every((id: string) => again.stderr.includes(`reused ${id} `)),
        again.stderr,
      );

      await line.writeStudy({ benchmarking: { iterations: 301, warmup_iterations: 5, rounds: 3 } });
      const changed = await json(line, 'runs', 'missing');
      assert.equal([changed.missing, changed.seconds > 0], [2, true]);
      assert.is(changed.needs[0].reason, 'changed since the newest record: settings or runtime');
      assert.is(changed.needs[1].reason, null);

      await line.writeStudy();
      await writeModel(line, 'plain', rednessModel(41, 0.04));
      await writeCard(line, 'sharp_eyed', { classes: ['defect', 'fine'] });
      await rename(line.path('datasets', 'train'), line.path('datasets', 'test'));
      const { needs } = await json(line, 'runs', 'missing');
      assert.equal(
        needs.map(({ reason }: { reason: string | null }) => reason),
        [
          null,
          'changed since the newest record: the classes',
          'changed since the newest record: the model file',
          'changed since the newest record: the model file',
        ],
        'other splits are no part of a key',
      );
      await rm(line.path('datasets', 'val', 'fine', 'fine_000.png'));
      const images = await json(line, 'runs', 'missing', '--only', 'sharp_eyed');
      assert.is(images.needs[0].reason, 'changed since the newest record: the images');

      await line.writeStudy({ run: { mode: 'force_new' } });
      const forced = await json(line, 'runs', 'missing');
      assert.equal([forced.missing, forced.needs[0].reason], [4, '`run.mode` is force_new']);
    });
  });

  it('counts neither a failed run nor an interrupted one, and only the rounds that are left', async () => {
    await withLine(async (line) => {
      const { needs } = await json(line, 'runs', 'missing');
      const { key } = needs[0];
      await storeOf(line).write({
        ...runOf('l-1', FIRST, 1),
        benchmark_key: key,
        status: 'failed',
        failure: 'it broke',
      });
      assert.is((await json(line, 'runs', 'missing')).needs[0].reason, 'the last try failed: it broke');
      const journal = new LatencyJournal(storeOf(line).dir, 'plain', needs[2].key);
      await journal.begin(new Date().toISOString());
      await journal.addRound(roundOf(1));
      assert.is((await json(line, 'runs', 'missing')).needs[2].reason, 'interrupted after 1 of 3 rounds');
    });
  });
});

describe('beltbench runs', (it) => {
  it('has an example in the help of each of its commands', async () => {
    await withLine(async (line) => {
      for (const command of ['list', 'show', 'gc', 'missing']) {
        const { status, stdout } = await line.cli('runs', command, '--help');
        assert.is(status, 0);
        assert.match(stdout, new RegExp(`Examples:\\s+beltbench runs ${command}`));
        assert.match(stdout, /--study[^]*--only[^]*--json[^]*--quiet/);
      }
    });
  });

  it('answers a mistyped command line with one line and exit code 2', async () => {
    await withLine(async (line) => {
      for (const args of [[], ['lst'], ['show'], ['gc', '--keep', '0'], ['gc', '--keep', 'x'], ['list', '--apply']]) {
        const { status, stdout, stderr } = await cli(line, 'runs', ...args);
        assert.equal([status, stdout, stderr.trim().split('\n').length], [2, '', 1], stderr);
      }
    });
  });
});
