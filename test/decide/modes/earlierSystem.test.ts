import * as assert from 'uvu/assert';
import type { Ask } from '../../../src/decide/modes/ask.ts';
import { choose } from '../../../src/decide/modes/choose.ts';
import { planProblem } from '../../../src/decide/modes/planProblem.ts';
import { describe } from '../../describe.ts';
import { earlierPlan, earlierSystem, type EarlierSystem } from './plans.ts';

/** The earlier system's question: what is neither mode, priority, preference nor memory is a capability that is needed. */
function askOf({
  mode,
  priority,
  preferred,
  available_memory_mb: memoryMb,
  ...needs
}: EarlierSystem['expected'][number]['ask']) {
  const ask: Ask = {
    mode: String(mode),
    ...(priority !== undefined && { priority: String(priority) }),
    ...(preferred !== undefined && { preferred: String(preferred) }),
    needs: Object.keys(needs),
  };
  return { ask, resources: memoryMb === undefined ? {} : { memoryMb: Number(memoryMb) } };
}

describe('rules.md 4: the earlier selection system as a plan file', (it) => {
  const { expected, mode_settings: settings } = earlierSystem();
  const plan = earlierPlan();

  it('is a valid plan, though two chains name each other', () => {
    assert.is(planProblem(plan), undefined);
  });

  for (const [row, { ask: asked, model, why }] of expected.entries()) {
    it(`row ${row + 1}: ${JSON.stringify(asked)} -> ${model}${why === undefined ? '' : ` (${why})`}`, () => {
      const { ask, resources } = askOf(asked);
      const choice = choose(plan, ask, new Map(), resources);
      assert.is(choice.deployment, model);
      assert.is(choice.is_last_resort, row === expected.length - 1);
    });
  }

  it('has exactly the rows that are tested', () => {
    assert.is(expected.length, 11);
  });

  it('says that the speed rule ignored suitability, and what it ignored', () => {
    const choice = choose(plan, { mode: 'tool_selection', priority: 'speed' }, new Map());
    assert.is(choice.ignored_suitability, true);
    assert.match(choice.reason, /rule 1 .*chooses qwen.*the rule ignores that it is not suitable.*quality 0\.2/);
  });

  it('says why the preferred one is not taken, and that the chain answers', () => {
    const choice = choose(plan, { mode: 'tool_selection', preferred: 'gemma-3-1b-it' }, new Map());
    assert.equal(choice.first, { deployment: 'gemma-3-1b-it', by: 'caller', rule: null });
    assert.equal(
      choice.passed_over.map(({ deployment, ground }) => [deployment, ground]),
      [['gemma-3-1b-it', 'suitability']],
    );
    assert.match(choice.reason, /gemma-3-1b-it is preferred by the caller, but it is not suitable/);
  });

  it('says of the last resort every step that led to it, with the numbers', () => {
    const ask = { mode: 'tool_selection', preferred: 'gemma-3-1b-it' };
    const choice = choose(plan, ask, new Map(), { memoryMb: 3000 });
    assert.is(choice.outcome, 'last_resort');
    assert.equal(
      choice.passed_over.map(({ deployment, ground }) => [deployment, ground]),
      [
        ['gemma-3-1b-it', 'suitability'],
        ['phi-4-mini-instruct', 'memory'],
        ['qwen2.5-0.5b', 'suitability'],
      ],
    );
    assert.is(choice.passed_over[1]?.reason, 'it takes 4000 MB, and 3000 MB are free');
    assert.match(choice.reason, /qwen2\.5-0\.5b is the plan's last resort/);
  });

  it("carries each mode's own settings through, for the primary and for who steps in", () => {
    const mode = 'structured_output';
    const choice = choose(plan, { mode, preferred: 'phi-4-mini-instruct' }, new Map());
    assert.equal(choice.settings, settings[mode]?.['gemma-3-1b-it']);
    assert.equal(choose(plan, { mode: 'tool_selection' }, new Map()).settings, {});
  });

  it('is asked for a capability that no model lists: it serves the rules only, and that is said', () => {
    const choice = choose(plan, { mode: 'knowledge_reasoning', needs: ['structured_output'] }, new Map());
    assert.match(choice.notes.join(), /no deployment lists structured_output/);
  });
});
