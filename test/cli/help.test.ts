import * as assert from 'uvu/assert';
import { describe } from '../describe.ts';
import { withLine } from './line.ts';

const COMMANDS = [
  'init',
  'inspect',
  'measure',
  'evaluate',
  'sweep',
  'compare',
  'checkpoints',
  'decide',
  'run',
  'plan',
  'choose',
  'observe',
  'feedback',
];

describe('help', (it) => {
  it('lists the commands and the exit codes', async () => {
    await withLine(async (line) => {
      const { status, stdout } = await line.cli('--help');
      assert.is(status, 0);
      for (const command of COMMANDS) {
        assert.match(stdout, new RegExp(`beltbench ${command}`));
      }
      assert.match(stdout, /3 NOT ENOUGH DATA/);
    });
  });

  for (const command of COMMANDS) {
    it(`of ${command} has an example and the common options`, async () => {
      await withLine(async (line) => {
        const { status, stdout } = await line.cli(command, '--help');
        assert.is(status, 0);
        assert.match(stdout, /Examples:\s+beltbench/);
        for (const option of ['--study', '--only', '--json', '--quiet']) {
          assert.match(stdout, new RegExp(option));
        }
      });
    });
  }
});

describe('help of a common option that says nothing to the command', (it) => {
  it('says so', async () => {
    await withLine(async (line) => {
      const { stdout } = await line.cli('quantize', '--help');
      assert.match(stdout, /--study +the study file [^]*--only +not used by this command/);
      assert.match((await line.cli('inspect', '--help')).stdout, /--study +not used by this command/);
    });
  });
});

describe('a mistyped command line', (it) => {
  const cases: [string, string[], RegExp][] = [
    ['no command', [], /name a command/],
    ['an unknown command', ['mesure'], /mesure|measure/],
    ['an unknown option', ['run', '--tread', '2'], /tread/],
    ['a missing model', ['inspect'], /model|positional|Not enough/i],
    ['threads that are no number', ['run', '--threads', 'two'], /--threads .*two/],
    ['threads that are a fraction', ['run', '--threads', '1.5'], /--threads .*1\.5/],
  ];
  for (const [name, args, pattern] of cases) {
    it(`answers ${name} with one line and exit code 2`, async () => {
      await withLine(async (line) => {
        const { status, stderr, stdout } = await line.cli(...args);
        assert.is(status, 2);
        assert.is(stdout, '');
        assert.is(stderr.trim().split('\n').length, 1, stderr);
        assert.match(stderr, pattern);
      });
    });
  }
});
