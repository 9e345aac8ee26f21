import * as assert from 'uvu/assert';
import { trackingServer } from '../../../src/store/mlflow/address.ts';
import { MlflowClient } from '../../../src/store/mlflow/client.ts';
import { reasonOf } from '../../../src/shared/errors.ts';
import { describe } from '../../describe.ts';
import { rejects } from '../../throws.ts';
import { withServer } from './fakeServer.ts';

const QUICK = { timeoutMs: 20_000, pausesMs: [] };

async function messageOf(use: () => unknown): Promise<string> {
  try {
    await use();
  } catch (thrown) {
    return reasonOf(thrown);
  }
  throw new Error('nothing was thrown');
}

describe('what may be a secret stands in no message', (it) => {
  for (const token of ['SECRETTOK\nx', 'SECRETTOK x', 'SECRET\u0007TOK', 'SECRET→TOK']) {
    it(`a token that no header takes, ${JSON.stringify(token)}, is refused without its value`, async () => {
      await rejects(
        () => trackingServer('http://127.0.0.1:9', { MLFLOW_TRACKING_TOKEN: token }),
        /^(?!.*(SECRET|TOK\b))MLFLOW_TRACKING_TOKEN .* not shown/,
      );
    });
  }

  it('takes a token from a file that ends with a line break', () => {
    const server = trackingServer('http://127.0.0.1:9', { MLFLOW_TRACKING_TOKEN: ' tok\r\n' });
    assert.is(server.authorization, 'Bearer tok');
  });

  for (const [address, expected] of [
    ['http://h/?api_key=SECRETKEY', '"http://h/"'],
    ['http://h:5000/ml#SECRETKEY', '"http://h:5000/ml"'],
    ['http://h/?api_key=SECRETKEY@SECRETEND', '"http://h/"'],
    ['http://me:SECRETPW@h/?x=1', '"http://h/"'],
    ['http://me:SECRET?PW@h', 'one with credentials'],
    ['me:SECRETPW@h', '"h"'],
    ['h:5000?api_key=SECRETKEY', '"h:5000"'],
    ['ftp://me:SECRETPW@h/x', '"h/x"'],
  ] as const) {
    it(`the address ${address.replaceAll(/SECRET\w*/g, '***')} is told as ${expected}`, async () => {
      const message = await messageOf(() => trackingServer(address, {}));
      assert.not.match(message, /SECRET|PW/);
      assert.ok(message.includes(`received ${expected};`), message);
    });
  }

  it("a server's answer is told without the credentials that it repeats", async () => {
    const basic = Buffer.from('me:SECRET "PW"').toString('base64');
    for (const [env, echo] of [
      [{ MLFLOW_TRACKING_TOKEN: 'SECRETTOK' }, 'denied for Bearer SECRETTOK (SECRETTOK)'],
      [{ MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_PASSWORD: 'SECRET "PW"' }, `denied for Basic ${basic}`],
      [
        { MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_PASSWORD: 'SECRET "PW"' },
        'denied for me, SECRET "PW", SECRET%20%22PW%22, SECRET \\"PW\\", SECRET &quot;PW&quot;',
      ],
    ] as const) {
      for (const answer of [
        { status: 401, body: echo },
        { status: 500, body: echo },
        { status: 400, body: JSON.stringify({ error_code: 'NO', message: echo }) },
        { status: 404, body: `<p>${echo}` },
        { status: 200, body: JSON.stringify({ run: echo }) },
      ]) {
        await withServer(async (server) => {
          server.trouble = () => answer;
          const client = new MlflowClient(trackingServer(server.uri, env), QUICK);
          const message = await messageOf(async () => await client.getRun('r'));
          assert.not.match(message, /SECRET|PW/);
          assert.not.ok(message.includes(basic), message);
          assert.match(message, answer.status === 200 ? /something else than expected/ : /denied for/);
        });
      }
    }
  });
});
