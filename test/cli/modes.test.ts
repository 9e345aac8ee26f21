import { readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { runPlan } from '../../src/cli/commands/plan.ts';
import { planSchema, type Plan } from '../../src/records/plan.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { withLine, type Line } from './line.ts';
import { quietIo } from './quietIo.ts';

/** 40 defects without a miss prove a recall of 0.9 at 95 %, and never one of 0.95; no model answers in a microsecond. */
const MODES = {
  line_modes: {
    standard: {},
    high_speed: { priorities: ['speed', 'quality'] },
    impossible: { budget_ms: 0.001 },
    food_safety: { target_recall: 0.95 },
  },
  rules: [{ when: { mode: ['impossible', 'high_speed'] }, choose: 'plain' }],
  fallback_chains: { plain: ['sharp_eyed'] },
  settings: { high_speed: { plain: { spinning: false } } },
};

async function planOf(line: Line): Promise<Plan> {
  return planSchema.parse(JSON.parse(await readFile(line.path('reports', 'STORY-1', 'plan.json'), 'utf8')));
}

const PLAN = ['--plan', 'reports/STORY-1/plan.json'];

describe('beltbench plan, choose, observe, feedback', (it) => {
  it('work one after the other, from the stored records to the belt that stops', async () => {
    await withLine(async (line) => {
      await line.cli('run', '--quiet');
      await line.writeStudy({ modes: MODES });
      const planned = await line.cli('plan');
      assert.is(planned.status, 1, planned.stderr);
      assert.match(planned.stdout, /impossible excludes plain: budget FAIL: 300 of 300 inferences over 0\.001 ms/);
      assert.match(planned.stdout, /food_safety excludes plain: recall NOT ENOUGH DATA: 40 defect images/);
      const plan = await planOf(line);
      assert.equal(
        Object.values(plan.modes).map(({ primary }) => primary === null),
        [false, false, true, true],
      );
      const plain = plan.deployments['plain'];
      assert.ok((plain?.memory_mb ?? 0) > 10 && plain?.threads === 1);
      assert.ok((plain.modes['standard']?.thresholds?.certified_recall ?? 0) >= 0.9);
      assert.equal(plan.classes, { target: 'defect', others: ['fine'], maybe: null });

      const fast = await line.cli('choose', ...PLAN, '--mode', 'high_speed', '--json');
      assert.is(fast.status, 0, fast.stderr);
      const answer = JSON.parse(fast.stdout) as Record<string, unknown>;
      assert.equal(
        [answer['deployment'], answer['outcome'], answer['settings']],
        ['plain', 'deployment', { spinning: false }],
      );

      const stop = await line.cli('choose', '--mode', 'impossible');
      assert.is(stop.status, 1);
      assert.match(stop.stdout, /^stop\n/);
      assert.match(stop.stdout, /passed over: plain \(requirements\): budget: FAIL/);

      const seen = await line.cli(
        'observe',
        '--deployment',
        'plain',
        '--mode',
        'high_speed',
        '--seconds',
        '1.5',
        '--work',
        '300',
        '--success',
      );
      assert.match(seen.stdout, /plain in high_speed: 1 observation; of the newest 1, 1 succeeded, 200\.0 per second/);
      const missed = await line.cli(
        'feedback',
        ...PLAN,
        '--deployment',
        'plain',
        '--mode',
        'high_speed',
        '--verdict',
        'defect',
        '--called',
        'fine',
        '--count',
        '9',
        '--json',
      );
      assert.is(missed.status, 0, missed.stderr);
      assert.is((JSON.parse(missed.stdout) as Record<string, unknown>)['recall_verdict'], 'FAIL');
      const replaced = await line.cli('choose', ...PLAN, '--mode', 'high_speed', '--quiet');
      assert.is(replaced.stdout, 'sharp_eyed\n');

      const again = await line.cli('plan', '--json');
      assert.equal((JSON.parse(again.stdout) as { plan: Plan }).plan, plan, 'the same records, the same plan');

      await line.writeStudy({ modes: { ...MODES, line_modes: { ...MODES.line_modes, night: { budget_ms: 20 } } } });
      await line.cli('plan');
      const refuted = await line.cli('choose', ...PLAN, '--mode', 'high_speed', '--quiet');
      assert.is(refuted.stdout, 'sharp_eyed\n', 'another mode revives nobody');
    });
  });

  it('takes the modes from a file of their own, and refuses chains that come back and unknown names', async () => {
    await withLine(async (line) => {
      const args = { study: line.path('beltbench.yaml'), only: [], json: false, quiet: true, modes: undefined };
      const chained = (fallback_chains: object, rest: object = {}) =>
        writeFile(line.path('modes.yaml'), stringify({ ...MODES, fallback_chains, ...rest }));
      const cases: [object, object, RegExp][] = [
        [{ plain: ['sharp_eyed', 'plain'] }, {}, /fallback_chains\.plain` is a cycle: plain -> sharp_eyed -> plain/],
        [{ plain: ['sharp-eye'] }, {}, /`fallback_chains\.plain` names `sharp-eye`.*did you mean `sharp_eyed`\?/],
        [{}, { last_resort: 'plain' }, /last resort `plain` must hold the recall floor of every mode/],
        [{}, { line_modes: { standard: { budget: 3 } } }, /unknown key `budget`.*did you mean `budget_ms`/],
      ];
      for (const [chains, rest, pattern] of cases) {
        await chained(chains, rest);
        await rejects(() => runPlan({ ...args, modes: line.path('modes.yaml') }, quietIo()), pattern);
      }
      await rejects(() => runPlan(args, quietIo()), /has no `modes`; add them/);
      // As it stands in a study, with the key itself.
      await writeFile(line.path('modes.yaml'), stringify({ modes: { ...MODES, fallback_chains: { plain: ['x'] } } }));
      await rejects(
        () => runPlan({ ...args, modes: line.path('modes.yaml') }, quietIo()),
        /names `x`, which is no deployment/,
      );
    });
  });
});
