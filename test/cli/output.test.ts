import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { describe } from '../describe.ts';
import { BELTBENCH, type CliResult, finish, type Line, withLine } from './line.ts';

/** Runs `inspect` with its standard output connected by a line of the shell, in which "$@" is the command. */
async function inspectInto(line: Line, shell: string): Promise<CliResult> {
  const command = [...BELTBENCH, 'inspect', 'models/plain.onnx'];
  return await finish(spawn('bash', ['-c', shell, 'bash', ...command], { cwd: line.dir }));
}

describe('standard output', (it) => {
  it('that goes nowhere is a mistake, not a verdict', async () => {
    if (!existsSync('/dev/full')) {
      return;
    }
    await withLine(async (line) => {
      const { status, stderr } = await inspectInto(line, '"$@" > /dev/full');
      assert.is(status, 2);
      assert.match(stderr, /^the answer must be written somewhere, and standard output takes none: .*ENOSPC.*\n$/);
    });
  });

  it('whose reader has gone changes no exit code', async () => {
    await withLine(async (line) => {
      const { status, stderr } = await inspectInto(line, '"$@" | true; exit "${PIPESTATUS[0]}"');
      assert.equal([status, stderr], [0, '']);
    });
  });
});
