import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/commandLine.ts';
import { describe } from '../describe.ts';
import { quietIo } from './quietIo.ts';

async function errorOf(...args: readonly string[]): Promise<string> {
  const io = quietIo();
  assert.is(await runCli(args, io), 2, io.err);
  assert.is(io.out, '');
  assert.is(io.err.trim().split('\n').length, 1, io.err);
  return io.err;
}

const QUANTIZE = ['quantize', 'nowhere.onnx', '--calibration', 'nowhere'];
const SINGLES: readonly (readonly [string, readonly string[]])[] = [
  ['--out', [...QUANTIZE, '--out', 'a.onnx', '--out', 'b.onnx']],
  ['--calibration', [...QUANTIZE, '--calibration', 'b']],
  ['--images', [...QUANTIZE, '--images', '16', '--images', '64']],
  ['--method', [...QUANTIZE, '--method', 'mse', '--method', 'mse']],
  ['--max-trials', [...QUANTIZE, '--search', '--max-trials', '3', '--max-trials=4']],
  ['--study', ['decide', '--study', 'a.yaml', '--study', 'b.yaml']],
  ['--threads', ['run', '--threads', '1', '--threads', '2']],
  ['--store', ['measure', '--store', 'file', '--store', 'mlflow']],
  ['--preset', ['select', '--preset', 'balanced', '--preset', 'balanced']],
  ['--target-index', ['checkpoints', '--log', 'a', '--target-index', '1', '--target-index', '2']],
  ['--keep', ['runs', 'gc', '--keep', '1', '--keep', '2']],
  ['--kind', ['runs', 'list', '--kind', 'latency', '--kind', 'sweep']],
];

describe('an option that takes one value', (it) => {
  for (const [option, args] of SINGLES) {
    it(`refuses two of them: ${args[0]} ${option}`, async () => {
      assert.match(await errorOf(...args), new RegExp(`: ${option} stands twice.*give it once`));
    });
  }

  it('cannot be negated, nor given parts', async () => {
    assert.match(await errorOf(...QUANTIZE, '--no-out'), /--out takes a value.*--no-out/);
    assert.match(await errorOf(...QUANTIZE, '--no-images'), /--images takes a value.*--no-images/);
    assert.match(await errorOf(...QUANTIZE, '--no-keep-float'), /--keep-float takes a value.*--no-keep-float/);
    assert.match(await errorOf(...QUANTIZE, '--out.name', 'a.onnx'), /out\.name/);
  });
});

describe('an option that takes several values', (it) => {
  for (const [option, args] of [
    ['--only', ['decide', '--study', 'nowhere.yaml', '--only', 'a', '--only', 'b', 'c']],
    ['--log', ['checkpoints', '--log', 'nowhere/a', 'nowhere/b', '--log', 'nowhere/c']],
    ['--config', ['select', '--hpo', 'nowhere', '--config', 'nowhere/a', '--config', 'nowhere/b']],
    ['--keep-float', [...QUANTIZE, '--keep-float', 'a', 'b', '--keep-float', 'c']],
  ] as const) {
    it(`may stand twice: ${args[0]} ${option}`, async () => {
      assert.match(await errorOf(...args), /nowhere/, 'the first mistake is another');
    });
  }
});
