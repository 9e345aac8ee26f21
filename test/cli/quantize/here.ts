import { existsSync } from 'node:fs';
import type { QuantizeArgs } from '../../../src/cli/quantize/args.ts';
import { runCli } from '../../../src/cli/commandLine.ts';
import type { CliResult, Line } from '../line.ts';
import { quietIo } from '../quietIo.ts';

/** `quantize models/red.onnx` in this process, which starts faster than one of its own. */
export async function quantizeHere(line: Line, ...args: readonly string[]): Promise<CliResult> {
  const io = quietIo();
  const study = line.path('beltbench.yaml');
  const named = existsSync(study) && !args.includes('--study') ? ['--study', study] : [];
  const status = await runCli(['quantize', line.path('models', 'red.onnx'), ...args, ...named, '--quiet'], io);
  return { status, stdout: io.out, stderr: io.err };
}

/** What `quantize models/red.onnx` is called with where only these options are given. */
export function quantizeArgs(line: Line, changes: Partial<QuantizeArgs> = {}): QuantizeArgs {
  return {
    study: line.path('beltbench.yaml'),
    only: [],
    json: false,
    quiet: true,
    model: line.path('models', 'red.onnx'),
    calibration: line.path('datasets', 'train'),
    out: undefined,
    card: undefined,
    force: false,
    threads: undefined,
    recipe: undefined,
    images: undefined,
    seed: undefined,
    search: false,
    check: false,
    evaluation: undefined,
    maxAccuracyDrop: undefined,
    targetP99Ms: undefined,
    maxTrials: undefined,
    ...changes,
  };
}
