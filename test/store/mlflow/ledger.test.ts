import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { SyncLedger } from '../../../src/store/mlflow/ledger.ts';
import { RunStore } from '../../../src/store/store.ts';
import { describe } from '../../describe.ts';
import { inTempDir } from '../records.ts';

const SERVER = { uri: 'http://127.0.0.1:5000', authorization: undefined };
const EXPERIMENT = { id: '1', name: 'E', isDeleted: false, createdAt: 1000 };

describe('SyncLedger', (it) => {
  it('keeps what is done, per server and experiment', async () => {
    await inTempDir(async (dir) => {
      const ledger = await SyncLedger.open(dir, SERVER, EXPERIMENT);
      await ledger.add('record-1', 'run-1');
      assert.is((await SyncLedger.open(dir, SERVER, EXPERIMENT)).has('record-1'), true);
      assert.is((await SyncLedger.open(dir, { ...SERVER, uri: 'http://other' }, EXPERIMENT)).has('record-1'), false);
      assert.is((await SyncLedger.open(dir, SERVER, { ...EXPERIMENT, name: 'F', id: '2' })).has('record-1'), false);
    });
  });

  it('starts afresh for a server that lost its data and made the experiment anew', async () => {
    await inTempDir(async (dir) => {
      await (await SyncLedger.open(dir, SERVER, EXPERIMENT)).add('record-1', 'run-1');
      assert.is((await SyncLedger.open(dir, SERVER, { ...EXPERIMENT, createdAt: 2000 })).has('record-1'), false);
    });
  });

  it('loses no line beside one that a kill cut short', async () => {
    await inTempDir(async (dir) => {
      const ledger = await SyncLedger.open(dir, SERVER, EXPERIMENT);
      await ledger.add('record-1', 'run-1');
      await appendFile(join(ledger.dir, 'ledger.jsonl'), '\n{"record_id": "record-2", "run');
      await (await SyncLedger.open(dir, SERVER, EXPERIMENT)).add('record-3', 'run-3');
      const again = await SyncLedger.open(dir, SERVER, EXPERIMENT);
      assert.equal(
        ['record-1', 'record-2', 'record-3'].map((id) => again.has(id)),
        [true, false, true],
      );
    });
  });

  it('is no record to the file store', async () => {
    await inTempDir(async (dir) => {
      const store = new RunStore(dir);
      await (await SyncLedger.open(store.dir, SERVER, EXPERIMENT)).add('record-1', 'run-1');
      assert.equal(await readdir(store.dir), ['.mlflow']);
      assert.equal((await store.list()).problems, []);
    });
  });
});
