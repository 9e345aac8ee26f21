import * as assert from 'uvu/assert';
import type { RunDraft } from '../../../src/records/mlflow.ts';
import { trackingServer, type TrackingEnvironment } from '../../../src/store/mlflow/address.ts';
import { MlflowClient } from '../../../src/store/mlflow/client.ts';
import { tagEquals } from '../../../src/store/mlflow/filter.ts';
import { TrackingError } from '../../../src/store/mlflow/trackingError.ts';
import { describe } from '../../describe.ts';
import { rejects } from '../../throws.ts';
import { withServer, type FakeServer } from './fakeServer.ts';

const QUICK = { timeoutMs: 20_000, pausesMs: [1, 1] };
/** For servers that never answer. */
const IMPATIENT = { ...QUICK, timeoutMs: 200 };

function clientOf({ uri }: FakeServer, env: TrackingEnvironment = {}, patience = QUICK): MlflowClient {
  return new MlflowClient(trackingServer(uri, env), patience);
}

async function troubleOf(run: () => Promise<unknown>): Promise<string> {
  const thrown = await run().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof TrackingError)) {
    throw new Error(`expected a TrackingError, got ${String(thrown)}`, { cause: thrown });
  }
  return thrown.trouble;
}

const NAMELESS: Pick<RunDraft, 'name' | 'startTime' | 'tags'> = { name: 'a run', startTime: 1, tags: new Map() };

describe('MlflowClient', (it) => {
  it('reads a run of another tool: without data, with texts for numbers, with NaN and unknown keys', async () => {
    await withServer(async (server) => {
      const info = { run_id: 'r1', experiment_id: '7', status: 'FINISHED', start_time: '1700000000000', colour: 'red' };
      const metrics = [
        { key: 'loss', value: 'NaN' },
        { key: 'acc', value: 0.5, timestamp: 1, step: 0 },
      ];
      server.trouble = ({ call }) =>
        call === 'runs/get'
          ? { status: 200, body: JSON.stringify({ run: { info, data: { metrics, tags: [{ key: 'empty' }] } } }) }
          : { status: 200, body: JSON.stringify({ runs: [{ info }] }) };
      const run = await clientOf(server).getRun('r1');
      assert.is(run?.startTime, 1_700_000_000_000);
      assert.is(run?.endTime, undefined);
      assert.ok(Number.isNaN(run?.metrics.get('loss')));
      assert.is(run?.metrics.get('acc'), 0.5);
      assert.is(run?.tags.get('empty'), '');
      const [bare] = await clientOf(server).searchRuns({ experimentId: '7' });
      assert.is(bare?.metrics.size, 0);
    });
  });

  it('finds every run of a search, page by page', async () => {
    await withServer(async (server) => {
      const client = clientOf(server);
      for (let index = 0; index < 250; index++) {
        server.mlflow.call('runs/create', {
          experiment_id: '1',
          tags: [{ key: 'a', value: index % 2 === 0 ? 'x' : 'y' }],
        });
      }
      const found = await client.searchRuns({ experimentId: '1' });
      assert.is(new Set(found.map(({ runId }) => runId)).size, 250);
      assert.is(server.count('runs/search'), 3);
      assert.is((await client.searchRuns({ experimentId: '1', filter: tagEquals('a', 'x') })).length, 125);
    });
  });

  it('gives up a search that never ends', async () => {
    await withServer(async (server) => {
      server.trouble = () => ({ status: 200, body: '{"runs": [], "next_page_token": "again"}' });
      assert.is(await troubleOf(async () => await clientOf(server).searchRuns({ experimentId: '1' })), 'strange');
    });
  });

  it('splits what is logged at the limits of the API', async () => {
    await withServer(async (server) => {
      const client = clientOf(server);
      const run = await client.createRun('1', NAMELESS);
      const metrics = new Map(Array.from({ length: 2500 }, (_, index) => [`m${index}`, index]));
      const params = new Map(Array.from({ length: 250 }, (_, index) => [`p${index}`, 'v']));
      await client.logBatch(run.runId, { metrics, params, timestamp: 5 });
      const [stored] = server.mlflow.runs;
      assert.is(stored?.metrics.size, 2500);
      assert.is(stored?.params.size, 250);
      assert.is(server.count('runs/log-batch'), 3);
    });
  });

  it('tells a missing experiment from a missing server', async () => {
    await withServer(async (server) => {
      assert.is(await clientOf(server).getExperiment('none'), undefined);
      server.trouble = () => ({ status: 404, body: '<html>not here</html>' });
      await rejects(
        async () => await clientOf(server).getExperiment('none'),
        /no MLflow tracking server.*check the tracking URI/,
      );
    });
  });

  it('takes an experiment that somebody else makes at the same time', async () => {
    await withServer(async (server) => {
      await clientOf(server).createExperiment('e');
      await clientOf(server).createExperiment('e');
      assert.is((await clientOf(server).getExperiment('e'))?.id, '1');
    });
  });

  it('asks again after a 5xx, a 429 and a lost connection, and then answers', async () => {
    for (const trouble of [{ status: 503 }, { status: 429 }, 'hangs up'] as const) {
      await withServer(async (server) => {
        server.trouble = () => (server.seen.length < 3 ? trouble : undefined);
        assert.equal(await clientOf(server).searchRuns({ experimentId: '1' }), []);
        assert.is(server.seen.length, 3);
      });
    }
  });

  it('asks again after a collision in the server’s database, which it calls a bad request', async () => {
    await withServer(async (server) => {
      // What MLflow 3.17 answers to one of two runs that are the first to have a dataset.
      const message = '(sqlite3.IntegrityError) UNIQUE constraint failed: datasets.experiment_id, datasets.name';
      const body = JSON.stringify({ error_code: 'BAD_REQUEST', message });
      server.trouble = ({ call }) =>
        call === 'runs/log-inputs' && server.count(call) < 2 ? { status: 400, body } : undefined;
      const client = clientOf(server);
      const { runId } = await client.createRun('1', NAMELESS);
      await client.logDataset(runId, { name: 'S', digest: 'd', context: 'benchmark', source: {} });
      assert.is(server.count('runs/log-inputs'), 2);
    });
  });

  it('does not wait for a slow server again and again', async () => {
    await withServer(async (server) => {
      server.trouble = () => 'never answers';
      await rejects(
        async () => await clientOf(server, {}, IMPATIENT).getRun('r'),
        /cannot be reached: no answer within 0\.2 s/,
      );
      assert.is(server.seen.length, 1);
    });
  });

  it('never asks twice for a new run: the first may be there', async () => {
    await withServer(async (server) => {
      server.trouble = () => 'loses the answer';
      assert.is(await troubleOf(async () => await clientOf(server).createRun('1', NAMELESS)), 'unreachable');
      assert.is(server.mlflow.runs.length, 1);
    });
  });

  it('names the trouble', async () => {
    await withServer(async (server) => {
      let patience = QUICK;
      const ask = async () => await clientOf(server, {}, patience).searchRuns({ experimentId: '1' });
      const cases = [
        [{ status: 500, body: 'database is locked' }, 'failing'],
        ['never answers', 'slow'],
        ['hangs up', 'unreachable'],
        [{ status: 401 }, 'denied'],
        [{ status: 403, body: 'Invalid Host header' }, 'denied'],
        [{ status: 400, body: '{"error_code": "INVALID_PARAMETER_VALUE", "message": "no"}' }, 'refused'],
        ['cuts the answer short', 'strange'],
        [{ status: 200, body: '<html>log in</html>' }, 'strange'],
        [{ status: 200, body: '{"runs": [{"info": {"run_id": "../etc"}}]}' }, 'strange'],
      ] as const;
      for (const [trouble, name] of cases) {
        server.trouble = () => trouble;
        patience = trouble === 'never answers' ? IMPATIENT : QUICK;
        assert.is(await troubleOf(ask), name, JSON.stringify(trouble));
      }
    });
  });

  it('says in one line what an expired token and a server that does not know its own name need', async () => {
    await withServer(async (server) => {
      server.trouble = () => ({ status: 403, body: 'Invalid Host header -\npossible DNS rebinding attack detected' });
      await rejects(
        async () => await clientOf(server, { MLFLOW_TRACKING_TOKEN: 'secret-token' }).getRun('r'),
        /denies access \(403 Invalid Host header - possible DNS.*MLFLOW_TRACKING_TOKEN.*--allowed-hosts/,
      );
    });
  });

  it('follows no redirect, and takes its credentials nowhere else', async () => {
    await withServer(async (elsewhere) => {
      await withServer(async (server) => {
        server.trouble = () => ({ status: 307, headers: { location: `${elsewhere.uri}/api/2.0/mlflow/runs/search` } });
        const client = clientOf(server, { MLFLOW_TRACKING_TOKEN: 'secret-token' });
        assert.is(await troubleOf(async () => await client.searchRuns({ experimentId: '1' })), 'strange');
        assert.is(elsewhere.seen.length, 0);
      });
    });
  });

  it('does not read an answer without end', async () => {
    await withServer(async (server) => {
      const run = await clientOf(server).createRun('1', NAMELESS);
      server.trouble = () => ({ status: 200, body: ' '.repeat(70 * 1024 * 1024) });
      await rejects(async () => await clientOf(server).getRun(run.runId), /more than \d+ bytes/);
    });
  });

  it('stores and fetches a file beside a run', async () => {
    await withServer(async (server) => {
      const client = clientOf(server);
      const run = await client.createRun('1', NAMELESS);
      assert.is(await client.uploadArtifact(run, 'record.json', new Uint8Array([1, 2, 3])), true);
      assert.equal([...((await client.downloadArtifact(run, 'record.json')) ?? [])], [1, 2, 3]);
      assert.is(await client.downloadArtifact(run, 'samples.json'), undefined);
    });
  });

  it('sends no file where the artifacts lie elsewhere, on another host or outside of the run', async () => {
    await withServer(async (server) => {
      for (const root of [
        's3://bucket',
        'file:///srv',
        'mlflow-artifacts://evil.example',
        'mlflow-artifacts:/a%2F..%2Fb',
      ]) {
        server.mlflow.artifactRoot = root;
        const client = clientOf(server);
        const run = await client.createRun('1', NAMELESS);
        assert.is(await client.uploadArtifact(run, 'record.json', new Uint8Array([1])), false, root);
        assert.is(await client.downloadArtifact(run, 'record.json'), undefined, root);
      }
      assert.is(server.count('artifacts'), 0);
    });
  });
});

describe('credentials', (it) => {
  const headerOf = async (env: TrackingEnvironment, user = ''): Promise<string | undefined> => {
    let header: string | undefined;
    await withServer(async (server) => {
      const uri = server.uri.replace('//', `//${user}`);
      await new MlflowClient(trackingServer(uri, env), QUICK).getRun('r');
      header = server.seen[0]?.headers.authorization;
    });
    return header;
  };

  it('go as basic authentication or as a token, as MLflow’s own client sends them', async () => {
    const basic = `Basic ${Buffer.from('me:pass:word').toString('base64')}`;
    const user = { MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_PASSWORD: 'pass:word' };
    assert.is(await headerOf({}), undefined);
    assert.is(await headerOf({ MLFLOW_TRACKING_TOKEN: 't' }), 'Bearer t');
    assert.is(await headerOf({ ...user, MLFLOW_TRACKING_TOKEN: 't' }), basic);
    assert.is(await headerOf({}, 'me:pass%3Aword@'), basic);
    assert.match((await headerOf({}, 'me:100%@')) ?? '', /^Basic /);
    assert.is(await headerOf({ MLFLOW_TRACKING_TOKEN: '', MLFLOW_TRACKING_USERNAME: 'me' }), undefined);
  });

  it('never stand in a message', async () => {
    const server = trackingServer('http://me:hush@127.0.0.1:9/', {});
    assert.is(server.uri, 'http://127.0.0.1:9');
    const client = new MlflowClient(server, { timeoutMs: 500, pausesMs: [] });
    await rejects(
      async () => await client.getRun('r'),
      /^(?!.*hush)the tracking server http:\/\/127\.0\.0\.1:9 cannot/,
    );
    for (const address of ['ftp://me:hush@host', 'http://me:hush@host/?x=1', 'me:hush@host']) {
      await rejects(() => trackingServer(address, {}), /^(?!.*hush)a tracking URI is an http or https address/);
    }
  });
});

describe('tagEquals', (it) => {
  it('quotes names and values, and refuses what cannot be quoted', async () => {
    assert.is(tagEquals('code.grouping.key', 'ab'), "tags.`code.grouping.key` = 'ab'");
    assert.is(tagEquals('a', "it's"), 'tags.`a` = "it\'s"');
    await rejects(() => tagEquals('a`b', 'x'), /backtick/);
    await rejects(() => tagEquals('a', `"'`), /backtick/);
  });
});
