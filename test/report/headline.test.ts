import * as assert from 'uvu/assert';
import type { Decision, Pair } from '../../src/records/decision.ts';
import { renderSummaryLines } from '../../src/report/markdown.ts';
import { describe } from '../describe.ts';
import { candidateOf, loadDecision, withCandidate } from './decisions.ts';

const noise: Pair = {
  other: 'convnextv2-tiny',
  n: 1226,
  only_selected_right: 49,
  only_other_right: 51,
  difference: -0.0016,
  interval: [-0.018, 0.0147],
  exact_p: 0.9203,
  mid_p: 0.84,
  explained_by_noise: true,
  images_to_resolve: 123_456,
};

async function linesOf(changes: Partial<Decision>): Promise<string[]> {
  return renderSummaryLines({ ...(await loadDecision('selected')), ...changes });
}

describe('the first three lines of a selection', (it) => {
  it('say what is deployed, as which option, and how many others pass', async () => {
    const [what] = await linesOf({});
    assert.is(
      what,
      'Decision: deploy resnet50_phase1 (option C). 2 of 4 candidates pass all gates; the selector prefers it. 2 are undecided and could change this.',
    );
  });

  it('say with which flags it was decided, because it is then not the study as it is written', async () => {
    const [what] = await linesOf({ overrides: ['--only resnet18 resnet50', '--threads 2'] });
    assert.match(what ?? '', /Decided with --only resnet18 resnet50 and --threads 2: not the study as it is written/);
  });

  it('name the doubts that may overturn the answer', async () => {
    const message = 'whatever it says below';
    const [, , doubt] = await linesOf({
      warnings: [
        { code: 'busy_machine', message, candidate: 'a' },
        { code: 'below_chance', message, candidate: 'b' },
        { code: 'leaked_images', message, candidate: null },
      ],
    });
    assert.match(
      doubt ?? '',
      /b answers below chance.* Some of the images also stand in another split\..* a was measured on a busy machine\./,
    );
  });

  it('speak of several candidates as several', async () => {
    const warnings = ['busy_machine', 'below_chance'].flatMap((code) =>
      ['a', 'b'].map((candidate) => ({ code, message: 'whatever', candidate })),
    );
    const [, , doubt] = await linesOf({ warnings });
    assert.match(doubt ?? '', /a and b answer below chance: is their class order .* a and b were measured on a busy/);
  });

  it('say "all candidates" of all, and a number of more than three, instead of listing them', async () => {
    const { candidates } = await loadDecision('selected');
    const warned = (code: string, ids: readonly string[]) =>
      ids.map((candidate) => ({ code, message: 'whatever', candidate }));
    const all = candidates.map(({ id }) => id);
    const [, , doubt] = await linesOf({
      warnings: [...warned('busy_machine', all), ...warned('below_chance', ['a', 'b', 'c', 'd'])],
    });
    assert.match(doubt ?? '', / All candidates were measured on a busy machine\./);
    assert.match(doubt ?? '', / 4 of 4 candidates answer below chance/);
  });

  it('say that cards leave questions open and that the target class is a guess', async () => {
    const [, , doubt] = await linesOf({
      warnings: [
        { code: 'guessed_target', message: 'whatever', candidate: null },
        { code: 'open_question', message: 'one', candidate: 'resnet18' },
        { code: 'open_question', message: 'another', candidate: 'resnet18' },
      ],
    });
    assert.match(
      doubt ?? '',
      / The target class is a guess of init\. resnet18 leaves questions open in its model card/,
    );
  });

  it('say that a latency without a steady state is none', async () => {
    const decision = await loadDecision('selected');
    const candidates = decision.candidates.map((candidate) =>
      candidate.latency === null
        ? candidate
        : { ...candidate, latency: { ...candidate.latency, steady_state: 'no_steady_state' as const } },
    );
    const [, , doubt] = await linesOf({ candidates });
    assert.match(doubt ?? '', /The latency of resnet50_phase1 reached no steady state/);
  });

  it('give accuracy, latency and recall with what they rest on, and the reason of the selector', async () => {
    const decision = await loadDecision('selected');
    const [, why = ''] = renderSummaryLines(decision);
    assert.match(
      why,
      /^Why: accuracy 99\.18 % \(95 %: 98\.5-99\.6 %\); mean latency 16\.28 ms \(16\.\d\d-16\.\d\d\) of 30 ms, p99 17\.47 ms \(at most 17\.\d\d\);/,
    );
    assert.match(
      why,
      /recall at least 99\.16 % at 95 % confidence \(1 of 566 missed\), rejecting 3\.5 % \(2\.2-5\.2 %\) of the others/,
    );
    assert.ok(why.includes(decision.best_configuration?.selection_criteria.reason ?? 'no reason'));
  });

  it('say which difference noise explains, and roughly how many images would tell', async () => {
    const [, , doubt] = await linesOf({ pairs: [noise], warnings: [] });
    assert.is(
      doubt,
      'resnet50_phase1 is right on 2 fewer of the 1,226 images than convnextv2-tiny, which noise could explain (exact McNemar p = 0.92; some 120,000 images would be needed to tell).',
    );
  });

  it('name the other differences on the side of noise or beyond it', async () => {
    const [, , doubt = ''] = await linesOf({
      pairs: [
        { ...noise, other: 'a', exact_p: 0.001, explained_by_noise: false },
        noise,
        { ...noise, other: 'b', exact_p: 0.4 },
        { ...noise, other: 'c', exact_p: 0.3 },
      ],
    });
    assert.match(doubt, /^resnet50_phase1 is right on 2 fewer of the 1,226 images than convnextv2-tiny/);
    assert.match(doubt, /The differences to b and c could be noise, too\. The difference to a is more than noise\./);
  });

  it('count more than two differences on one side instead of naming them', async () => {
    const others = ['a', 'b', 'c'].map((other) => ({ ...noise, other, exact_p: 0.4 }));
    const [, , doubt = ''] = await linesOf({ pairs: [noise, ...others] });
    assert.match(doubt, /The differences to 3 others could be noise, too\./);
  });

  it('do not ask for images to resolve a difference of none', async () => {
    const [, , doubt] = await linesOf({
      pairs: [{ ...noise, only_selected_right: 51, exact_p: 1, images_to_resolve: null }],
      warnings: [],
    });
    assert.is(
      doubt,
      'resnet50_phase1 and convnextv2-tiny are right on equally many of the 1,226 images (exact McNemar p = 1).',
    );
  });

  it('say in plain words that a latency was not measured', async () => {
    const decision = withCandidate(await loadDecision('selected'), 'resnet50_phase1', { latency: null });
    const [, why] = renderSummaryLines(decision);
    assert.match(why ?? '', /; latency not measured; certified/);
  });

  it('say so where nothing was compared', async () => {
    const [, , doubt = ''] = await linesOf({ pairs: [] });
    assert.match(doubt, /^Whether noise explains its distance to the others cannot be told/);
  });

  it('count each doubt once, however many candidates share it', async () => {
    const message = 'the governor may vary the clock';
    const [, , doubt = ''] = await linesOf({
      warnings: [
        { code: 'a', message: 'one', candidate: null },
        { code: 'b', message, candidate: 'resnet18' },
        { code: 'b', message, candidate: 'convnextv2-tiny' },
      ],
    });
    assert.match(doubt, / 2 warnings below\.$/);
  });
});

describe('the first three lines without a selection', (it) => {
  it('say in one line each what fails whom, and who is nearest', async () => {
    const lines = renderSummaryLines(await loadDecision('no-candidate-passes'));
    assert.is(lines[0], 'No candidate passes all gates. All 3 candidates fail. Nothing is selected.');
    assert.is(
      lines[1],
      'Why: convnextv2-tiny fails latency; resnet50 and resnet18-224 fail recall; resnet18-224 fails comparability.',
    );
    assert.match(
      lines[2] ?? '',
      /^Nearest to passing: in latency convnextv2-tiny \(1\.1 times the limit\); in false rejects resnet50 \(/,
    );
  });

  it('say that nobody is near where nothing could be run', async () => {
    const decision = await loadDecision('no-candidate-passes');
    const [, , doubt = ''] = renderSummaryLines({ ...decision, nearest_misses: [], warnings: [] });
    assert.match(doubt, /^How near any of them is to passing cannot be told: .*no figures\.$/);
  });

  it('give no distance to a latency that other processes stretched', async () => {
    const decision = await loadDecision('no-candidate-passes');
    const { latency } = candidateOf(decision, 'convnextv2-tiny');
    if (latency === null) {
      throw new Error('the fixture measures convnextv2-tiny');
    }
    const busy = { ...latency, warnings: [{ code: 'busy_machine', message: 'whatever' }] };
    const lines = renderSummaryLines(withCandidate(decision, 'convnextv2-tiny', { latency: busy }));
    assert.match(lines[2] ?? '', /^Nearest to passing: in latency convnextv2-tiny; in false rejects resnet50 \(/);
  });

  it('name the provisional candidate and what would settle it', async () => {
    const lines = renderSummaryLines(await loadDecision('not-enough-data'));
    assert.match(
      lines[0] ?? '',
      /^NOT ENOUGH DATA\. Provisionally resnet50 \(option C\)\. No candidate passes all gates/,
    );
    assert.match(lines[2] ?? '', /^To settle it: recall: \d+ more cherry_pit images/);
  });

  it('say what would settle it, each need once, where no candidate can even be named', async () => {
    const decision = await loadDecision('not-enough-data');
    const open = candidateOf(decision, 'resnet50-pruned');
    const candidates = ['a', 'b', 'c', 'd'].map((id) => ({ ...open, id }));
    const nobody = { ...decision, candidates, selected: null, best_configuration: null, pairs: [] };
    const lines = renderSummaryLines(nobody);
    assert.is(
      lines[0],
      'NOT ENOUGH DATA. No candidate can be preferred yet. No candidate passes all gates; all 4 are undecided.',
    );
    assert.is(lines[1], 'Why: no undecided candidate has been evaluated.');
    assert.match(
      lines[2] ?? '',
      /^To settle it: latency of all candidates: run beltbench measure; recall of all candidates: run beltbench evaluate; comparability of all candidates: run beltbench measure\./,
    );
  });

  it('leave needs beyond the third to the list below', async () => {
    const decision = await loadDecision('not-enough-data');
    const open = candidateOf(decision, 'resnet50-pruned');
    const candidates = [open, candidateOf(decision, 'resnet50')];
    const lines = renderSummaryLines({ ...decision, candidates, selected: null, pairs: [] });
    assert.match(lines[2] ?? '', /^To settle it: latency of .*\. 1 more need below\./);
  });

  it('say of the only candidate that it is undecided, not "1 of 1"', async () => {
    const decision = await loadDecision('not-enough-data');
    const lines = renderSummaryLines({ ...decision, candidates: [candidateOf(decision, 'resnet50')], pairs: [] });
    assert.match(lines[0] ?? '', /No candidate passes all gates; the only one is undecided\.$/);
  });

  it('do not say that nobody was evaluated where somebody was', async () => {
    const decision = await loadDecision('not-enough-data');
    const lines = renderSummaryLines({ ...decision, selected: null, best_configuration: null, pairs: [] });
    assert.is(lines[1], 'Why: what has been measured of the undecided candidates does not suffice to rank them.');
  });

  it('say "all candidates" of a gate that all fail', async () => {
    const decision = await loadDecision('no-candidate-passes');
    const candidates = decision.candidates.map((candidate) => ({
      ...candidate,
      gates: candidate.gates.map((gate) => (gate.gate === 'recall' ? { ...gate, verdict: 'FAIL' as const } : gate)),
    }));
    assert.match(renderSummaryLines({ ...decision, candidates })[1] ?? '', /; all candidates fail recall;/);
  });

  it('say how many samples a p99 needs instead of giving one', async () => {
    const decision = await loadDecision('not-enough-data');
    const { latency } = candidateOf(decision, 'resnet18');
    const [, why = ''] = renderSummaryLines(withCandidate(decision, 'resnet50', { latency }));
    assert.match(why, /p99 not enough samples \(needs 299\)/);
  });
});
