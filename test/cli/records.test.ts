import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { decideStudy } from '../../src/cli/work/decideStudy.ts';
import { decisionSchema } from '../../src/records/decision.ts';
import { reportName } from '../../src/cli/work/reportName.ts';
import { openSession } from '../../src/cli/work/session.ts';
import { describe } from '../describe.ts';
import { rednessModel, withLine, writeCard, writeModel, type Line } from './line.ts';
import { quietIo } from './quietIo.ts';

async function decisionOf(line: Line, name = 'decision', story = 'STORY-1') {
  return decisionSchema.parse(JSON.parse(await readFile(line.path('reports', story, `${name}.json`), 'utf8')));
}

async function plainOf(line: Line) {
  const decision = await decisionOf(line);
  const plain = decision.candidates.find(({ id }) => id === 'plain');
  assert.ok(plain);
  return plain;
}

describe('the name of a decision', (it) => {
  it('is its own for what narrows the study, so that the whole study’s decision stays', () => {
    assert.is(reportName('decision', []), 'decision');
    assert.is(reportName('decision', ['--only plain']), 'decision.only-plain');
    assert.is(
      reportName('decision', ['--only a b-c', '--threads 2', '--no-use-relative-threshold']),
      'decision.only-a+b-c.threads-2.no-use-relative-threshold',
    );
    assert.is.not(reportName('decision', ['--only a b']), reportName('decision', ['--only a-b']));
  });

  it('fits a file system, and differs with the last of many candidates', () => {
    const ids = Array.from({ length: 40 }, (_, index) => `candidate-${index}`).join(' ');
    const [one, other] = [reportName('decision', [`--only ${ids} x`]), reportName('decision', [`--only ${ids} y`])];
    assert.ok(one.length < 200);
    assert.is.not(one, other);
  });
});

describe('the bytes of a decision', (it) => {
  it('are the same wherever the command is typed', async () => {
    await withLine(async (line) => {
      await line.cli('measure', '--quiet');
      await line.cli('decide', '--quiet');
      const read = async (path: string) => await readFile(path, 'utf8');
      const json = await read(line.path('reports', 'STORY-1', 'decision.json'));
      const markdown = await read(line.path('reports', 'STORY-1', 'decision.md'));
      // This test runs in another folder than the line's.
      const args = { study: line.path('beltbench.yaml'), only: [], json: true, quiet: true };
      const { jsonPath, markdownPath } = await decideStudy(await openSession(args, quietIo()));
      assert.equal([await read(jsonPath), await read(markdownPath)], [json, markdown]);
      assert.match(json, /npx beltbench decide --study beltbench\.yaml/);
    });
  });
});

describe('which records a decision rests on', (it) => {
  it('are those of the card as it is: predictions of another class order do not shadow them', async () => {
    await withLine(async (line) => {
      await line.cli('run', '--quiet');
      const first = await plainOf(line);
      await writeCard(line, 'plain', { classes: ['defect', 'fine'] });
      await line.cli('run', '--quiet');
      assert.is((await plainOf(line)).verdict, 'FAIL', 'read the wrong way round, it misses every defect');
      await writeCard(line, 'plain');
      for (const command of ['run', 'decide']) {
        await line.cli(command, '--quiet');
        assert.is((await plainOf(line)).accuracy?.record_id, first.accuracy?.record_id, command);
      }
    });
  });

  it('are those of the images as they are, also after the dataset was another one for a while', async () => {
    await withLine(async (line) => {
      await line.cli('run', '--quiet');
      const first = await plainOf(line);
      await cp(line.path('datasets'), line.path('other'), { recursive: true });
      await rm(line.path('other', 'val', 'fine', 'fine_000.png'));
      const dataset = {
        root: 'other',
        split: 'val',
        classes: { fine: 'fine', defect: 'defect' },
        target_class: 'defect',
      };
      await line.writeStudy({ dataset });
      const elsewhere = await line.cli('decide', '--quiet');
      assert.is(elsewhere.status, 3, 'old predictions say nothing of other images');
      await line.cli('run', '--quiet');
      await line.writeStudy();
      await line.cli('run', '--quiet');
      assert.is((await plainOf(line)).accuracy?.record_id, first.accuracy?.record_id);
    });
  });

  it('are of one model: latency of one file and accuracy of another are never put together', async () => {
    await withLine(async (line) => {
      await line.cli('run', '--quiet');
      await writeModel(line, 'plain', rednessModel(41, 0.04));
      await line.cli('measure', '--quiet');
      await rm(line.path('models', 'plain.onnx'));
      await line.cli('decide', '--quiet');
      const plain = await plainOf(line);
      assert.is(plain.accuracy, null, 'the new file was not evaluated');
      assert.is(plain.verdict, 'NOT_ENOUGH_DATA');
    });
  });

  it('are of its own images: another study of the same store may call others by the same root', async () => {
    await withLine(async (line) => {
      await line.cli('run', '--quiet');
      const other = line.path('other');
      await mkdir(other);
      await cp(line.path('datasets'), join(other, 'datasets'), { recursive: true });
      await rm(join(other, 'datasets', 'val', 'fine', 'fine_000.png'));
      await cp(line.path('models'), join(other, 'models'), { recursive: true });
      const text = await readFile(line.path('beltbench.yaml'), 'utf8');
      await writeFile(join(other, 'beltbench.yaml'), `${text}reports: ../reports\n`.replace('STORY-1', 'STORY-2'));
      const study = ['--study', join(other, 'beltbench.yaml')];
      await line.cli('measure', ...study, '--quiet');
      const decide = async () => {
        assert.is((await line.cli('decide', ...study, '--quiet')).status, 3);
        return await decisionOf(line, 'decision', 'STORY-2');
      };
      assert.equal(
        (await decide()).candidates.map(({ accuracy }) => accuracy),
        [null, null],
      );
      assert.ok((await decide()).candidates[0]?.warnings.some(({ code }) => code === 'settings_changed'));

      // Without its images, a study's own records show which they were.
      await rm(join(other, 'datasets'), { recursive: true });
      const blind = await decide();
      assert.equal(
        blind.candidates.map(({ accuracy, latency }) => [accuracy, latency === null]),
        [
          [null, false],
          [null, false],
        ],
      );
      assert.ok(blind.warnings.some(({ code }) => code === 'images_missing'));
    });
  });

  it('are of its classes in their folders, whether the images are at hand or not', async () => {
    await withLine(async (line) => {
      await line.cli('run', '--quiet');
      const dataset = {
        root: 'datasets',
        split: 'val',
        classes: { fine: 'defect', defect: 'fine' },
        target_class: 'defect',
      };
      for (const gone of [false, true]) {
        if (gone) {
          await rm(line.path('datasets'), { recursive: true });
        }
        await line.writeStudy();
        assert.is((await line.cli('decide', '--quiet')).status, 0);
        await line.writeStudy({ dataset });
        assert.is((await line.cli('decide', '--quiet')).status, 3, gone ? 'gone' : 'at hand');
        assert.is((await plainOf(line)).accuracy, null);
      }
    });
  });

  it('are of its own model where the file is not there, not of what another story calls so; and it is said', async () => {
    await withLine(async (line) => {
      await line.cli('run', '--quiet');
      const study = await readFile(line.path('beltbench.yaml'), 'utf8');
      const first = await plainOf(line);
      await line.writeStudy({
        story: 'STORY-2',
        candidates: [{ id: 'plain', card: 'models/sharp_eyed.model.yaml' }],
        benchmarking: { iterations: 301, warmup_iterations: 5, rounds: 3 },
      });
      await line.cli('run', '--force-new', '--quiet');
      await writeFile(line.path('beltbench.yaml'), study);
      await rm(line.path('models', 'plain.onnx'));
      await line.cli('decide', '--quiet');
      const plain = await plainOf(line);
      assert.equal([plain.model?.sha256, plain.accuracy?.record_id], [first.model?.sha256, first.accuracy?.record_id]);
      const warning = plain.warnings.find(({ code }) => code === 'model_missing');
      assert.match(
        warning?.message ?? '',
        new RegExp(`of the model ${first.model?.sha256.slice(0, 12)}; nothing shows`),
      );
    });
  });

  it('are found again under another name of the candidate', async () => {
    await withLine(async (line) => {
      await line.cli('run', '--quiet');
      await line.writeStudy({
        candidates: [
          { id: 'sharp_eyed', card: 'models/sharp_eyed.model.yaml' },
          { id: 'renamed', card: 'models/plain.model.yaml' },
        ],
      });
      const run = await line.cli('run', '--quiet');
      assert.is(run.status, 0, run.stderr);
      const renamed = (await decisionOf(line)).candidates[1];
      assert.equal([renamed?.id, renamed?.verdict, renamed?.sweep?.candidate_id], ['renamed', 'PASS', 'renamed']);
    });
  });

  it('must hold together: a record that miscounts its predictions is refused', async () => {
    await withLine(async (line) => {
      await line.cli('run', '--quiet');
      const runs = line.path('reports', 'runs');
      const name = (await readdir(runs)).find((entry) => entry.startsWith('evaluation-plain-')) ?? '';
      const path = line.path('reports', 'runs', name, 'record.json');
      const record = JSON.parse(await readFile(path, 'utf8'));
      await writeFile(path, JSON.stringify({ ...record, correct: record.correct + 1 }));
      const decided = await line.cli('decide', '--quiet');
      assert.is(decided.status, 2);
      assert.match(decided.stderr, /record\.json must count what predictions\.json holds/);
    });
  });

  it('are told with the flags that narrowed the decision', async () => {
    await withLine(async (line) => {
      const run = await line.cli('run', '--quiet', '--only', 'plain');
      assert.match(run.stdout, /Decided with --only plain/);
      const decision = await decisionOf(line, 'decision.only-plain');
      assert.equal(decision.overrides, ['--only plain']);
      assert.match(decision.reproduce.commands[0] ?? '', /--only plain/);

      // Every key of `selection` has one (rules.md 1).
      const flags = ['--preset speed-preferring', '--accuracy-threshold none', '--no-use-relative-threshold'];
      await line.cli('decide', '--quiet', '--only', 'plain', ...flags.join(' ').split(' '), '--objective', 'macro-f1');
      const { best_configuration: best, overrides } = await decisionOf(
        line,
        reportName('decision', ['--only plain', ...flags, '--objective macro-f1']),
      );
      assert.equal(overrides, ['--only plain', ...flags, '--objective macro-f1']);
      const { selection_criteria: criteria } = best ?? {};
      assert.equal([criteria?.accuracy_threshold, criteria?.min_accuracy_gain], [null, 0.03]);
      assert.equal([criteria?.use_relative_threshold, criteria?.metric], [false, 'macro-f1']);
      const wrong = await line.cli('decide', '--objective', 'macro-f2');
      assert.is(wrong.status, 2);
      assert.match(wrong.stderr, /--objective must be one of .* did you mean `macro-f1`/);
    });
  });
});
