import { existsSync } from 'node:fs';
import { runCli } from '../../../src/cli/commandLine.ts';
import type { Io } from '../../../src/cli/io.ts';
import type { CliResult, Line } from '../line.ts';

/** Terminal, output and interruption as a test sees them. */
export function quietIo(interrupted: AbortSignal = new AbortController().signal): Io & { out: string; err: string } {
  const io = {
    out: '',
    err: '',
    stdout: (text: string) => {
      io.out += text;
    },
    stderr: (text: string) => {
      io.err += text;
    },
    terminal: false,
    interrupted,
  };
  return io;
}

/** `quantize models/red.onnx` in this process, which starts faster than one of its own. */
export async function quantizeHere(line: Line, ...args: readonly string[]): Promise<CliResult> {
  const io = quietIo();
  const study = line.path('beltbench.yaml');
  const named = existsSync(study) && !args.includes('--study') ? ['--study', study] : [];
  const status = await runCli(['quantize', line.path('models', 'red.onnx'), ...args, ...named, '--quiet'], io);
  return { status, stdout: io.out, stderr: io.err };
}
