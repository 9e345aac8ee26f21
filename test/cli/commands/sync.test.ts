import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { syncTarget } from '../../../src/cli/work/syncTarget.ts';
import { studySchema, type StudyFile } from '../../../src/config/studySchema.ts';
import { study } from '../../config/folder.ts';
import { describe } from '../../describe.ts';
import { withServer } from '../../store/mlflow/fakeServer.ts';
import { rejects } from '../../throws.ts';
import { withLine, type Line } from '../line.ts';

async function recordsOf(line: Line): Promise<string[]> {
  return (await readdir(line.path('reports', 'runs'))).filter((name) => !name.startsWith('.')).toSorted();
}

async function contentOf(line: Line, id: string): Promise<unknown> {
  return JSON.parse(await readFile(join(line.path('reports', 'runs'), id, 'record.json'), 'utf8'));
}

/** One candidate is enough, and quicker. */
const ONE = { candidates: [{ id: 'plain', card: 'models/plain.model.yaml' }] };

describe('beltbench run --store mlflow', (it) => {
  it('syncs records and decision, and lets another machine reuse them by key (rules.md 2)', async () => {
    await withServer(async (server) => {
      const flags = ['--store', 'mlflow', '--tracking-uri', server.uri];
      await withLine(async (line) => {
        await line.writeStudy(ONE);
        const first = await line.cli('run', ...flags);
        assert.is(first.status, 0, first.stderr);
        assert.match(first.stderr, /synced to http:.*experiment STORY-1: 4 records written/);
        const records = await recordsOf(line);
        for (const id of records) {
          assert.is(server.mlflow.of(id).length, 1, id);
          assert.is(server.mlflow.of(id)[0]?.status, 'FINISHED', id);
        }
        const decision = server.mlflow.active.find((run) => run.tags.get('beltbench.kind') === 'decision');
        assert.is(decision?.tags.get('beltbench.verdict'), 'SELECTED');
        const files = [...server.mlflow.artifacts].filter(([path]) => path.includes(decision?.run_id ?? '?'));
        assert.equal(files.map(([path]) => path.replace(/^.*\//, '')).toSorted(), ['decision.json', 'decision.md']);

        await withLine(async (other) => {
          await other.writeStudy(ONE);
          const again = await other.cli('run', ...flags);
          assert.is(again.status, 0, again.stderr);
          assert.match(again.stderr, /plain: fetched latency-plain-.* from http:/);
          assert.match(again.stderr, /plain: reused latency-plain-/);
          assert.match(again.stderr, /plain: reused evaluation-plain-/);
          for (const id of (await recordsOf(other)).filter((name) => !name.startsWith('sweep'))) {
            assert.ok(records.includes(id), id);
            assert.equal(await contentOf(other, id), await contentOf(line, id));
            assert.is(server.mlflow.of(id).length, 1, id);
          }
        });
      });
    });
  });

  it('measures and keeps its answer while the server denies access; a later sync catches up', async () => {
    await withServer(async (server) => {
      await withLine(async (line) => {
        server.trouble = () => ({ status: 401, body: 'token expired' });
        const flags = ['--tracking-uri', server.uri, '--only', 'plain'];
        const offline = await line.cli('measure', '--store', 'mlflow', ...flags);
        assert.is(offline.status, 0, 'the export is no part of the verdict');
        assert.match(
          offline.stderr,
          /nothing is reused from the tracking server: .*denies access \(401 token expired\)/,
        );
        assert.match(offline.stderr, /not synced: .*denies access.*run `beltbench sync` again\n/);
        assert.match(offline.stdout, /plain/);

        const denied = await line.cli('sync', ...flags);
        assert.is(denied.status, 2);
        assert.match(denied.stderr, /^beltbench: the tracking server .* denies access [^\n]*\n$/);
        assert.is(denied.stdout, '');

        server.trouble = () => undefined;
        const synced = await line.cli('sync', ...flags, '--json');
        assert.is(synced.status, 0, synced.stderr);
        const { written, left, failed } = JSON.parse(synced.stdout);
        assert.equal({ written, left, failed }, { written: 1, left: 0, failed: [] });
        assert.is(server.mlflow.active.length, 1);

        server.trouble = ({ call }) => (call === 'runs/search' ? { status: 400, body: 'no' } : undefined);
        const verified = await line.cli('sync', ...flags, '--verify');
        assert.is(verified.status, 2);
        assert.match(
          verified.stderr,
          /^beltbench: 1 record not taken, such as latency-plain-.*run `beltbench sync` again\n$/,
        );
      });
    });
  });

  it('measures and keeps its answer though somebody deleted the experiment', async () => {
    await withServer(async (server) => {
      await withLine(async (line) => {
        await line.writeStudy(ONE);
        const experiment = { experiment_id: '9', name: 'STORY-1', lifecycle_stage: 'deleted' };
        server.mlflow.experiments.set('STORY-1', experiment);
        const measured = await line.cli('measure', '--store', 'mlflow', '--tracking-uri', server.uri);
        assert.is(measured.status, 0, measured.stderr);
        assert.match(measured.stderr, /nothing is reused from the tracking server: .*STORY-1 is deleted on/);
        assert.match(measured.stderr, /not synced: .*STORY-1 is deleted on/);
        assert.is((await recordsOf(line)).length, 1);
      });
    });
  });

  it('fetches what was measured elsewhere also where the store has a run of the key (rules.md 2)', async () => {
    await withServer(async (server) => {
      const flags = ['--store', 'mlflow', '--tracking-uri', server.uri];
      await withLine(async (line) => {
        await line.writeStudy(ONE);
        await line.cli('measure', ...flags);
        await withLine(async (other) => {
          await other.writeStudy(ONE);
          await other.cli('measure', ...flags, '--force-new');
          const own = await recordsOf(other);
          const { stderr } = await other.cli('measure', ...flags);
          assert.match(stderr, /plain: fetched latency-plain-/);
          assert.equal(await recordsOf(other), [...own, ...(await recordsOf(line))].toSorted());
        });
      });
    });
  });

  it('wants a server named before anything is measured', async () => {
    await withLine(async (line) => {
      const run = await line.cli('measure', '--store', 'mlflow');
      assert.is(run.status, 2);
      assert.match(run.stderr, /^beltbench: a tracking server must be named: .*--tracking-uri.*MLFLOW_TRACKING_URI\n$/);
    });
  });
});

function studyWith(mlflow?: object): StudyFile {
  return studySchema.parse(study(mlflow === undefined ? {} : { mlflow }));
}

const ARGS = { trackingUri: undefined, experiment: undefined };

describe('the tracking server of a command', (it) => {
  it('is the flag’s, else the study’s, else the environment’s', () => {
    const file = studyWith({ tracking_uri: 'http://study:1', experiment: 'of-study', tags: { team: 'vision' } });
    const env = { MLFLOW_TRACKING_URI: 'http://env:2/', MLFLOW_EXPERIMENT_NAME: 'of-env' };
    const told = ({ client, experimentName }: ReturnType<typeof syncTarget>) => [client.server.uri, experimentName];
    assert.equal(told(syncTarget({ ...ARGS, trackingUri: 'http://flag:3', experiment: 'f' }, file, env)), [
      'http://flag:3',
      'f',
    ]);
    assert.equal(told(syncTarget(ARGS, file, env)), ['http://study:1', 'of-study']);
    assert.equal(told(syncTarget(ARGS, studyWith(), env)), ['http://env:2', 'of-env']);
    assert.equal(told(syncTarget(ARGS, studyWith(), { MLFLOW_TRACKING_URI: 'http://env:2' })), [
      'http://env:2',
      studyWith().story,
    ]);
    assert.equal(syncTarget(ARGS, file, env).tags, { team: 'vision' });
  });

  it('keeps its credentials out of the study file', async () => {
    await rejects(() => syncTarget(ARGS, studyWith(), {}), /a tracking server must be named/);
    await rejects(
      () => syncTarget({ ...ARGS, trackingUri: 'http://flag:3', experiment: '' }, studyWith(), {}),
      /^--experiment must name an experiment, received an empty name; leave it out/,
    );
    for (const bad of [
      { tracking_uri: 'http://me:hush@host' },
      { tracking_uri: 'host:5000' },
      { tags: { 'beltbench.kind': 'x' } },
    ]) {
      assert.is(studySchema.safeParse(study({ mlflow: bad })).success, false, JSON.stringify(bad));
    }
  });
});
