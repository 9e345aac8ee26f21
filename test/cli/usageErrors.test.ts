import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/commandLine.ts';
import { describe } from '../describe.ts';
import { quietIo } from './quietIo.ts';

async function told(...argv: string[]): Promise<string> {
  const io = quietIo();
  assert.is(await runCli(argv, io), 2);
  assert.is(io.out, '', 'a mistake prints nothing on stdout');
  return io.err;
}

describe('a mistyped command line says the rule, the value and the way out', (it) => {
  const cases: [string, string[], string][] = [
    ['no command', [], 'name a command; see `beltbench --help`'],
    [
      'an unknown command',
      ['mesure'],
      '`beltbench` has no command mesure, did you mean `measure`?; see `beltbench --help`',
    ],
    [
      'an unknown command of a group',
      ['runs', 'lst'],
      '`beltbench runs` has no command lst, did you mean `list`?; see `beltbench runs --help`',
    ],
    [
      '--only without an id, as of an empty shell variable, which would mean all',
      ['decide', '--only', '--json'],
      '--only takes a value, received none; see `beltbench decide --help`',
    ],
    ['a group alone', ['runs'], 'name one of list, show, gc and missing; see `beltbench runs --help`'],
    [
      'an unknown option',
      ['compare', '--grup', 'x'],
      '`beltbench compare` has no option --grup, did you mean `--group`?; see `beltbench compare --help`',
    ],
    [
      'an unknown option with its value behind =, of a command in a group',
      ['runs', 'list', '--knd=latency'],
      '`beltbench runs list` has no option --knd, did you mean `--kind`?; see `beltbench runs list --help`',
    ],
    [
      'an unknown option of a command whose options are made later',
      ['quantize', 'm.onnx', '--calibration', 'c', '--serch'],
      '`beltbench quantize` has no option --serch, did you mean `--search`?; see `beltbench quantize --help`',
    ],
    [
      'a name too many',
      ['decide', 'resnet18'],
      '`beltbench decide` takes no more names, received `resnet18`; leave it out; see `beltbench decide --help`',
    ],
    [
      'a missing option',
      ['quantize', 'm.onnx'],
      '`beltbench quantize` needs --calibration, received none; see `beltbench quantize --help`',
    ],
    ['a missing name', ['inspect'], '`beltbench inspect` needs <model>, received none; see `beltbench inspect --help`'],
    [
      'an option without its value',
      ['run', '--study'],
      '--study takes a value, received none; see `beltbench run --help`',
    ],
    [
      'a value that is no choice',
      ['runs', 'list', '--kind', 'latncy'],
      '--kind takes one of latency, evaluation, sweep; received `latncy`, did you mean `latency`?; see `beltbench runs list --help`',
    ],
    [
      'a preset that is none',
      ['select', '--preset', 'balance'],
      '--preset takes one of accuracy-only, balanced, speed-preferring, accuracy-preferring; received `balance`, did you mean `balanced`?; see `beltbench select --help`',
    ],
  ];
  for (const [name, argv, message] of cases) {
    it(`for ${name}`, async () => {
      assert.is(await told(...argv), `beltbench: ${message}\n`);
    });
  }

  it('in English on a machine that speaks another language', () => {
    const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
    const env = { ...process.env, LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' };
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', main, 'compare', '--grup', 'x'], {
      env,
      encoding: 'utf8',
    });
    assert.is(status, 2);
    assert.match(stderr, /has no option --grup, did you mean `--group`\?/);
  });
});
