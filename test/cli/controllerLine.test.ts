import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { isForController, runController } from '../../src/cli/controllerLine.ts';
import { earlierPlan } from '../decide/modes/plans.ts';
import { describe } from '../describe.ts';
import { quietIo } from './quietIo.ts';

interface Answered {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `use` with the earlier system's plan as `p.json`; a flag's value of that name is its path. */
async function withPlan(
  use: (run: (...args: string[]) => Promise<Answered>, dir: string) => Promise<void>,
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'beltbench-modes-'));
  try {
    await writeFile(join(dir, 'p.json'), JSON.stringify(earlierPlan()));
    await writeFile(join(dir, 'broken.json'), 'story: x');
    await use(async (...args) => {
      const io = quietIo();
      const status = await runController(
        args.map((arg) => (arg.endsWith('.json') ? join(dir, arg) : arg)),
        io,
      );
      return { status, stdout: io.out, stderr: io.err };
    }, dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

describe("a controller's commands", (it) => {
  it('are read without yargs, but for their help', () => {
    assert.ok(isForController(['choose', '--mode', 'x']));
    assert.not.ok(isForController(['choose', '--help']));
    assert.not.ok(isForController(['choose', '-h']));
    assert.not.ok(isForController(['plan']));
    assert.not.ok(isForController([]));
  });

  it('take a single value once, also where the first is the default', async () => {
    await withPlan(async (run) => {
      const { status, stderr } = await run(
        'choose',
        '--study',
        'beltbench.yaml',
        '--study',
        'other.yaml',
        '--mode',
        'x',
      );
      assert.is(status, 2);
      assert.match(stderr, /--study stands twice; give it once/);
    });
  });

  it('choose from a plan that was written by hand, by rules and capabilities', async () => {
    await withPlan(async (run) => {
      const ask = async (...flags: string[]) => await run('choose', '--plan', 'p.json', '--quiet', ...flags);
      assert.is((await ask('--mode', 'tool_selection', '--priority=speed')).stdout, 'qwen2.5-0.5b\n');
      assert.is((await ask('--mode', 'narrative_generation', '--needs', 'streaming')).stdout, 'gemma-3-1b-it\n');
      const last = await ask('--mode', 'tool_selection', '--prefer', 'gemma-3-1b-it', '--memory-mb', '3000');
      assert.equal([last.stdout, last.status], ['qwen2.5-0.5b\n', 0]);
      const failed = await ask('--mode', 'x', '--failed', 'gemma-3-1b-it', 'phi-4-mini-instruct');
      assert.is(failed.stdout, 'qwen2.5-0.5b\n', 'a list takes several values');
    });
  });

  it('observe and feed back, and say what the line shows so far', async () => {
    await withPlan(async (run) => {
      const about = ['--plan', 'p.json', '--deployment', 'qwen2.5-0.5b', '--mode', 'simple_question'];
      await run('observe', ...about, '--work', '80', '--seconds', '1', '--success');
      const seen = await run('observe', ...about, '--failure', '--json');
      const { newest, record } = JSON.parse(seen.stdout) as { newest: object; record: { seconds: number | null } };
      assert.equal(newest, { observations: 2, successes: 1, units_per_second: 80, mean_seconds: 1 });
      assert.is(record.seconds, null);
      const flagged = await run('feedback', ...about, '--verdict', 'target', '--called', 'target');
      assert.match(flagged.stdout, /recall unknown: all of them had been flagged, .* add --seeded/);
      const found = await run('feedback', ...about, '--verdict', 'other', '--called', 'other', '--count', '9');
      assert.match(found.stdout, /recall 1 of 1 \(two-sided 95 %: 2\.5-100\.0 %\); false rejects 0 of 9/);
      assert.match(found.stdout, /Only reviewed items count/);
      assert.match((await run('feedback', ...about, '--rating', '0.8')).stdout, /rated 0\.80 \(1\)/);
    });
  });

  it('know the recall from seeded targets, and name both bounds of it for what they are', async () => {
    await withPlan(async (run, dir) => {
      await writeFile(
        join(dir, 'p.json'),
        JSON.stringify(earlierPlan({ modes: { simple_question: { target_recall: 0.99, confidence: 0.95 } } })),
      );
      const about = ['--plan', 'p.json', '--deployment', 'qwen2.5-0.5b', '--mode', 'simple_question'];
      const feedback = async (...flags: string[]) => await run('feedback', ...about, '--verdict', 'target', ...flags);
      const found = await feedback('--called', 'target', '--count', '1000', '--seeded');
      assert.match(found.stdout, /recall 1000 of 1000 \(two-sided 95 %: 99\.6-100\.0 %\)/);
      const missed = await feedback('--called', 'other', '--count', '30', '--seeded');
      assert.match(missed.stdout, /recall 1000 of 1030 \(two-sided 95 %: /);
      assert.match(
        missed.stdout,
        /REFUTED: with one-sided 95 % confidence it is at most 9\d\.\d\d %, below the floor of 99\.0 %/,
      );
    });
  });

  const cases: [string, string[], RegExp][] = [
    ['no mode', ['choose', '--plan', 'p.json'], /choose needs --mode; see/],
    ['an unknown option', ['choose', '--mode', 'x', '--mod', 'y'], /unknown option --mod, did you mean `--mode`\?/],
    ['a missing value', ['choose', '--mode'], /--mode needs a value/],
    ['a value too many', ['choose', '--mode', 'x', 'y'], /takes flags only, received y/],
    ['a flag given twice', ['choose', '--mode', 'x', '--mode', 'y'], /--mode stands twice/],
    ['memory that is no number', ['choose', '--mode', 'x', '--memory-mb', 'much'], /--memory-mb must be a number/],
    ['no plan', ['choose', '--mode', 'x', '--plan', 'none.json'], /there is no plan .*none\.json; write it with/],
    [
      'a plan that is none',
      ['choose', '--mode', 'x', '--plan', 'broken.json'],
      /broken\.json cannot be read as a plan/,
    ],
    [
      'an unknown deployment',
      ['observe', '--plan', 'p.json', '--deployment', 'quen', '--mode', 'x', '--failure'],
      /no deployment `quen`/,
    ],
    [
      'a mode that is too long',
      ['observe', '--plan', 'p.json', '--deployment', 'qwen2.5-0.5b', '--mode', 'x'.repeat(101), '--failure'],
      /--mode is a name of 1 to 100 characters, received 101/,
    ],
    [
      'neither success nor failure',
      ['observe', '--plan', 'p.json', '--deployment', 'qwen2.5-0.5b', '--mode', 'x'],
      /--success or a --failure, received neither/,
    ],
    [
      'a success without its time',
      ['observe', '--plan', 'p.json', '--deployment', 'qwen2.5-0.5b', '--mode', 'x', '--success'],
      /add --seconds/,
    ],
    [
      'a verdict without the call',
      ['feedback', '--plan', 'p.json', '--deployment', 'qwen2.5-0.5b', '--mode', 'x', '--verdict', 'target'],
      /add --called/,
    ],
    [
      'an unknown verdict',
      [
        'feedback',
        '--plan',
        'p.json',
        '--deployment',
        'qwen2.5-0.5b',
        '--mode',
        'x',
        '--verdict',
        'targt',
        '--called',
        'other',
      ],
      /--verdict is one of .*`target`\?/,
    ],
    [
      'a seeded rating',
      ['feedback', '--plan', 'p.json', '--deployment', 'qwen2.5-0.5b', '--mode', 'x', '--rating', '1', '--seeded'],
      /--seeded is of a verdict/,
    ],
    [
      'a rating above 1',
      ['feedback', '--plan', 'p.json', '--deployment', 'qwen2.5-0.5b', '--mode', 'x', '--rating', '8'],
      /--rating must be a number from 0 to 1/,
    ],
  ];

  for (const [name, args, pattern] of cases) {
    it(`answer ${name} with one line and exit code 2`, async () => {
      await withPlan(async (run) => {
        const { status, stderr, stdout } = await run(...args);
        assert.equal([status, stdout], [2, '']);
        assert.is(stderr.trim().split('\n').length, 1, stderr);
        assert.match(stderr, pattern);
      });
    });
  }
});
