import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { RunDraft } from '../../../src/records/mlflow.ts';
import { MlflowClient } from '../../../src/store/mlflow/client.ts';
import { SyncLedger } from '../../../src/store/mlflow/ledger.ts';
import { syncRecords, type SyncReport } from '../../../src/store/mlflow/sync.ts';
import type { SyncItem } from '../../../src/store/mlflow/syncRecord.ts';
import { inTempDir } from '../records.ts';
import { withServer, type FakeServer } from './fakeServer.ts';

const QUICK = { timeoutMs: 20_000, pausesMs: [1, 1] };

export interface Bench {
  readonly server: FakeServer;
  readonly dir: string;
  readonly items: readonly SyncItem[];
  /** A sync as a new process would begin it. */
  readonly sync: (options?: {
    withoutLedger?: boolean;
    goesOn?: () => boolean;
    items?: readonly SyncItem[];
    /** Of the store: another name is another copy of it, with a ledger of its own. */
    copy?: string;
    timeoutMs?: number;
  }) => Promise<SyncReport>;
}

/** So many records, each with a file, and a server without runs. */
export async function withBench(count: number, use: (bench: Bench) => Promise<void>): Promise<void> {
  await inTempDir(async (dir) => {
    await withServer(async (server) => {
      server.mlflow.call('experiments/create', { name: 'E' });
      const path = join(dir, 'record.json');
      await writeFile(path, '{"a": 1}');
      const items = Array.from({ length: count }, (_, index) => itemOf(`record-${index}`, path));
      await use({
        server,
        dir,
        items,
        sync: async ({
          withoutLedger = false,
          goesOn = () => true,
          items: some = items,
          copy = '',
          timeoutMs,
        } = {}) => {
          const patience = { ...QUICK, ...(timeoutMs !== undefined && { timeoutMs }) };
          const client = new MlflowClient({ uri: server.uri, authorization: undefined }, patience);
          const experiment = { id: '1', name: 'E', isDeleted: false, createdAt: 1 };
          const ledger = await SyncLedger.open(join(dir, copy), client.server, experiment);
          const open = withoutLedger ? some : some.filter(({ recordId }) => !ledger.has(recordId));
          return await syncRecords({ client, experiment, ledger, items: open, goesOn });
        },
      });
    });
  });
}

export function itemOf(recordId: string, path: string, changes: Partial<RunDraft> = {}): SyncItem {
  const draft: RunDraft = {
    recordId,
    name: recordId,
    startTime: 1000,
    endTime: 2000,
    status: 'FINISHED',
    tags: new Map([['beltbench.record_id', recordId]]),
    params: new Map([['backbone', 'resnet18']]),
    metrics: new Map([['latency_batch_1_ms', 5.5]]),
    dataset: { name: 'STORY-1', digest: 'd'.repeat(36), context: 'benchmark', source: {} },
    artifacts: [{ name: 'record.json', path }],
    ...changes,
  };
  return { recordId, draft: async () => await Promise.resolve(draft) };
}

/** Every record is one run, whole, with everything once. */
export function assertExactlyOnce({ server, items }: Bench): void {
  assert.is(server.mlflow.active.length, items.length);
  for (const { recordId } of items) {
    const [run, ...others] = server.mlflow.of(recordId);
    assert.is(others.length, 0, recordId);
    assert.is(run?.status, 'FINISHED', recordId);
    assert.is(run?.end_time, 2000);
    assert.is(run?.metrics.size, 1);
    assert.is(run?.params.get('backbone'), 'resnet18');
    assert.is(run?.datasets.size, 1);
    const path = `/api/2.0/mlflow-artifacts/artifacts/1/${run?.run_id ?? ''}/artifacts/record.json`;
    assert.is(server.mlflow.artifacts.get(path)?.toString(), '{"a": 1}');
  }
}
