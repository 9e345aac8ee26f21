import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/commandLine.ts';
import { runController } from '../../src/cli/controllerLine.ts';
import { earlierPlan } from '../decide/modes/plans.ts';
import { describe } from '../describe.ts';
import { quietIo } from './quietIo.ts';

const NOTES = {
  study: 'note: --study is not used by this command\n',
  only: 'note: --only is not used by this command\n',
};
const LOG = new URL('../../scripts/demo/logs/resnet18.metrics.jsonl', import.meta.url).pathname;

/** What is told on stderr. */
async function toldBy(run: typeof runCli, ...argv: string[]): Promise<string> {
  const io = quietIo();
  await run(argv, io);
  return io.err;
}

describe('a common option that says nothing to the command', (it) => {
  it('is taken, and told', async () => {
    const told = await toldBy(runCli, 'checkpoints', '--log', LOG, '--only=nosuch', '--study', 'nofile.yaml');
    assert.is(told, `${NOTES.study}${NOTES.only}`);
    for (const argv of [
      ['init', 'nowhere', '--only', 'x'],
      ['inspect', 'nowhere.onnx', '--only', 'x'],
      ['quantize', 'nowhere.onnx', '--calibration', 'nowhere', '--only', 'x'],
    ]) {
      assert.match(await toldBy(runCli, ...argv), new RegExp(`^${NOTES.only}beltbench: .*nowhere`), argv[0]);
    }
  });

  it('is not told of where nobody typed it, where it is used, and with --quiet', async () => {
    assert.is(await toldBy(runCli, 'checkpoints', '--log', LOG), '');
    assert.is(await toldBy(runCli, 'checkpoints', '--log', LOG, '--only', 'x', '--quiet'), '');
    assert.match(
      await toldBy(runCli, 'decide', '--study', 'nofile.yaml', '--only', 'x'),
      /^beltbench: [^\n]*nofile\.yaml/,
    );
  });

  it("is told by a controller's commands, wherever they stand", async () => {
    const dir = await mkdtemp(join(tmpdir(), 'beltbench-unused-'));
    try {
      const plan = join(dir, 'p.json');
      await writeFile(plan, JSON.stringify(earlierPlan()));
      const failure = ['--plan', plan, '--deployment', 'qwen2.5-0.5b', '--mode', 'x', '--failure'];
      assert.is(await toldBy(runController, 'observe', ...failure, '--only', 'x'), NOTES.only);
      assert.is(await toldBy(runController, 'observe', ...failure, '--only', 'x', '--quiet'), '');
      assert.is(await toldBy(runCli, '--json', 'observe', ...failure, '--only', 'x'), NOTES.only);
      assert.is(await toldBy(runController, 'choose', '--plan', plan, '--mode', 'x', '--only', 'qwen2.5-0.5b'), '');
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
