import * as assert from 'uvu/assert';
import { decide } from '../../src/decide/decide.ts';
import type { CandidateInput, DecisionInput } from '../../src/decide/inputs.ts';
import { decisionSchema, type Decision } from '../../src/records/decision.ts';
import { describe } from '../describe.ts';
import { near } from '../stats/close.ts';
import { LINE_PC } from './baseFactories.ts';
import { candidate, decisionInput, study } from './factories.ts';
import { latencyRecord, samplesOf, steady } from './latencyFactories.ts';
import { evaluationOf, predictionsFrom } from './predictionFactories.ts';
import { story } from './story.ts';

const repeat = (score: number, count: number): number[] => Array<number>(count).fill(score);

/** The decision as it comes back from its file; it must survive the way there unchanged. */
function decided(input: DecisionInput): Decision {
  const decision = decide(input);
  const read: unknown = JSON.parse(JSON.stringify(decision));
  assert.equal(decision, read, 'something in the decision is no JSON');
  return decisionSchema.parse(read);
}

/** A candidate of 600 pits and 600 cleans of which it misses and rejects so many, at argmax and at 0.5. */
function withErrors(id: string, missed: number, rejected: number, meanMs = 10): CandidateInput {
  const predictions = predictionsFrom(
    [...repeat(0.4, missed), ...repeat(0.9, 600 - missed)],
    [...repeat(0.6, rejected), ...repeat(0.1, 600 - rejected)],
  );
  return candidate(id, { predictions, evaluation: evaluationOf(predictions, { candidate: id }) }, meanMs);
}

/** Passes recall and comparability, and is late with `late` of `n`. */
function late(id: string, n: number, count: number, lateMs = 40): CandidateInput {
  const record = latencyRecord({ candidate: id });
  const ms = [...steady(n - count), ...repeat(lateMs, count)];
  return candidate(id, { latencyRecords: [record], samples: new Map([[record.record_id, samplesOf([{ ms }])]]) });
}

describe('decide on the story', (it) => {
  const balanced = decided(story({ selection: { accuracy_threshold: 0.015 } }));
  const accuracyOnly = decided(story());

  it('passes all four models, for at one input size even ConvNeXt keeps 30 ms', () => {
    assert.equal(
      balanced.candidates.map(({ verdict }) => verdict),
      ['PASS', 'PASS', 'PASS', 'PASS'],
    );
  });

  it('selects the fastest within 1.5 % when balanced, the most accurate when only that counts', () => {
    assert.equal([balanced.verdict, balanced.selected], ['SELECTED', 'resnet50-production']);
    assert.equal([accuracyOnly.verdict, accuracyOnly.selected], ['SELECTED', 'convnextv2-tiny']);
    assert.is(balanced.best_configuration?.selection_criteria.speed_data_source, 'benchmark');
  });

  it('calls 1155 against 1153 right noise, and selects as if it had not', () => {
    const pair = accuracyOnly.pairs.find(({ other }) => other === 'resnet50-phase1');
    const net = (pair?.only_selected_right ?? 0) - (pair?.only_other_right ?? 0);
    assert.equal([pair?.n, net, pair?.explained_by_noise], [1226, 2, true]);
    assert.ok((pair?.exact_p ?? 0) > 0.5 && (pair?.images_to_resolve ?? 0) > 50_000);
    assert.is(accuracyOnly.selected, 'convnextv2-tiny');
  });

  it('judges every option by its candidates, and says which have none', () => {
    const verdicts = Object.fromEntries(accuracyOnly.options.map(({ option, verdict }) => [option, verdict]));
    assert.equal(verdicts, { A: 'SELECTED', B: 'no_candidate', C: 'PASS', D: 'PASS', E: 'no_candidate' });
  });

  it('keeps claims beside the measurements and out of the ranking', () => {
    const convnext = accuracyOnly.candidates[2];
    assert.equal(convnext?.claims, {
      accuracy: 0.9421,
      target_recall: null,
      latency_ms: 58,
      size_mb: null,
      input_size: { height: 224, width: 224 },
      note: null,
      source: 'evaluation_results.json',
    });
    assert.is(convnext?.latency?.mean_ms, 27);
  });

  it('warns of leaks, of several certificates, of subnormal weights and of a claim at another size', () => {
    const codes = accuracyOnly.warnings.map(({ code, candidate: of }) => `${of ?? 'all'}: ${code}`);
    assert.equal(codes, [
      'all: leaked_images',
      'all: duplicate_images',
      'all: several_certified',
      'convnextv2-tiny: claim_at_other_input_size',
      'resnet18: subnormal_weights',
    ]);
  });

  it('lists the records it rests on', () => {
    assert.equal(accuracyOnly.reproduce.host_class, LINE_PC);
    assert.is(accuracyOnly.reproduce.records.length, 8);
    assert.equal(accuracyOnly.reproduce.commands[0], 'npx beltbench run --study beltbench.yaml');
  });
});

describe('decide by its gates', (it) => {
  it('selects among those that pass, though one that fails is better and one that is undecided too', () => {
    const slow = { ...late('slow', 1000, 100), ...answers(0, 0, 'slow') };
    const open = { ...late('open', 200, 0), ...answers(1, 1, 'open') };
    const decision = decided(decisionInput([slow, open, withErrors('good', 20, 20)]));
    assert.equal([decision.verdict, decision.selected, decision.provisional], ['SELECTED', 'good', false]);
    assert.equal(
      decision.candidates.map(({ verdict }) => verdict),
      ['FAIL', 'NOT_ENOUGH_DATA', 'PASS'],
    );
    assert.is(decision.best_configuration?.selection_criteria.all_candidates.length, 1);
    assert.equal([decision.needs, decision.nearest_misses], [[], []]);
  });

  it('answers provisionally among the undecided, with what would settle each', () => {
    const decision = decided(decisionInput([late('b', 200, 0), late('a', 100, 0), late('slow', 1000, 100)]));
    assert.equal([decision.verdict, decision.selected, decision.provisional], ['NOT_ENOUGH_DATA', 'a', true]);
    assert.equal(decision.needs, [
      'b, latency: 99 more samples without another late one, planned as one new run of 299 iterations',
      'a, latency: 199 more samples without another late one, planned as one new run of 299 iterations',
    ]);
    assert.equal(decision.nearest_misses, []);
  });

  it('names the nearest miss per gate when all are out', () => {
    const large = { height: 224, width: 224 };
    const decision = decided(
      decisionInput([
        late('far', 1000, 100, 90),
        late('near', 1000, 100, 33),
        candidate('large', { inputSize: large }),
      ]),
    );
    assert.equal([decision.verdict, decision.selected, decision.provisional], ['NO_CANDIDATE_PASSES', null, false]);
    assert.is(decision.best_configuration, null);
    assert.equal(
      decision.nearest_misses.map(({ gate, candidate: of }) => `${gate}: ${of}`),
      ['latency: near', 'comparability: large'],
    );
    assert.equal([decision.needs, decision.pairs], [[], []]);
  });

  it('counts as near to passing only what has figures', () => {
    const broken = (id: string) =>
      candidate(id, { latencyRecords: [latencyRecord({ candidate: id, status: 'failed', failure: 'NaN' })] });
    assert.equal(decided(decisionInput([broken('a')])).nearest_misses, []);
    const both = decided(decisionInput([broken('a'), late('b', 1000, 100, 90)]));
    assert.equal(
      both.nearest_misses.map(({ gate, candidate: of }) => `${gate}: ${of}`),
      ['latency: b'],
    );
  });

  it('passes a model whose argmax is refuted, by the threshold that is not', () => {
    const decision = decided(decisionInput([withErrors('a', 60, 30)]));
    assert.is(decision.verdict, 'SELECTED');
    const argmax = decision.candidates[0]?.sweep?.argmax;
    near(argmax?.recall ?? undefined, 0.9, 1e-12);
  });

  it('needs more targets where 283 cannot certify', () => {
    const predictions = predictionsFrom(repeat(0.9, 283), repeat(0.1, 600));
    const decision = decided(decisionInput([candidate('a', { predictions, evaluation: evaluationOf(predictions) })]));
    assert.equal([decision.verdict, decision.selected], ['NOT_ENOUGH_DATA', 'a']);
    assert.equal(decision.needs, ['a, recall: 16 more pit images (299 in all, with no miss)']);
  });

  it('is not decided by images of one class only, and does not fall over them', () => {
    for (const predictions of [predictionsFrom(repeat(0.9, 600), []), predictionsFrom([], repeat(0.1, 600))]) {
      const decision = decided(decisionInput([candidate('a', { predictions, evaluation: evaluationOf(predictions) })]));
      assert.is(decision.verdict, 'NOT_ENOUGH_DATA');
      assert.match(decision.needs.join(), /more/);
    }
  });
});

/** Predictions and evaluation of a candidate, to lay over another. */
function answers(missed: number, rejected: number, id: string) {
  const { predictions, evaluation } = withErrors(id, missed, rejected);
  return { predictions, evaluation };
}

describe('decide with candidates that are not complete', (it) => {
  const bare = candidate('bare', {
    latencyRecords: [],
    samples: new Map(),
    evaluation: undefined,
    predictions: undefined,
    model: undefined,
    inputSize: undefined,
  });

  it('keeps a failed candidate visible, with the failure in its gates', () => {
    const failed = {
      ...bare,
      latencyRecords: [latencyRecord({ candidate: 'bare', status: 'failed', failure: 'the model has two inputs' })],
      evaluation: evaluationOf(undefined, { candidate: 'bare', status: 'failed', failure: 'NaN for pit/1.png' }),
    };
    const decision = decided(decisionInput([failed, candidate('good')]));
    assert.equal([decision.selected, decision.candidates.length], ['good', 2]);
    const [latency, recall, comparability] = decision.candidates[0]?.gates ?? [];
    assert.is(latency?.reason, 'the measurement failed: the model has two inputs');
    assert.is(recall?.reason, 'the evaluation failed: NaN for pit/1.png');
    assert.is(comparability?.verdict, 'NOT_ENOUGH_DATA');
  });

  it('has no selection, not even a provisional one, when nothing was measured', () => {
    const decision = decided(decisionInput([bare]));
    assert.equal([decision.verdict, decision.selected, decision.provisional], ['NOT_ENOUGH_DATA', null, false]);
    assert.equal(decision.needs, [
      'bare, latency: run `beltbench measure`',
      'bare, recall: run `beltbench evaluate`',
      'bare, comparability: run `beltbench measure` and run `beltbench evaluate`',
    ]);
    assert.equal([decision.reproduce.host_class, decision.reproduce.records], [null, []]);
  });

  it('cannot rank what was measured but not evaluated', () => {
    const unevaluated = candidate('a', { evaluation: undefined, predictions: undefined });
    const decision = decided(decisionInput([unevaluated]));
    assert.equal([decision.verdict, decision.selected], ['NOT_ENOUGH_DATA', null]);
  });

  it('judges all by parameter count where one of the undecided was not measured, and says so', () => {
    const evaluatedOnly = candidate('small', { latencyRecords: [], samples: new Map(), parameters: 11_000_000 });
    const decision = decided(decisionInput([evaluatedOnly, late('large', 100, 0)]));
    assert.is(decision.best_configuration?.selection_criteria.speed_data_source, 'parameter_proxy');
    assert.ok(decision.warnings.some(({ code, message }) => code === 'speed_proxy' && message.includes('small')));
  });

  it('takes a candidate whose runs lack a required metric for no candidate', () => {
    const input = decisionInput([candidate('a')]);
    const demanding = {
      ...study({ benchmark: { required_metrics: ['latency_batch_8_ms'] } }),
      candidates: input.study.candidates,
    };
    const decision = decided({ ...input, study: demanding });
    assert.equal([decision.verdict, decision.selected], ['NOT_ENOUGH_DATA', null]);
    assert.match(decision.candidates[0]?.gates[0]?.reason ?? '', /no candidate/);
    assert.ok(decision.warnings.some(({ code }) => code === 'required_metric_missing'));
  });

  it('compares a candidate on the images it has in common with the selected one', () => {
    const all = candidate('a');
    const fewer = predictionsFrom(repeat(0.9, 599), []);
    const decision = decided(
      decisionInput([all, candidate('b', { predictions: fewer, evaluation: evaluationOf(fewer, { candidate: 'b' }) })]),
    );
    assert.is(decision.pairs[0]?.n, 599);
  });

  it('decides nothing about no candidate', () => {
    const decision = decided({ ...decisionInput([candidate()]), candidates: [] });
    assert.equal([decision.verdict, decision.candidates], ['NO_CANDIDATE_PASSES', []]);
  });
});

describe('decide by another metric', (it) => {
  const cautious = withErrors('cautious', 5, 40);
  const balanced = withErrors('balanced', 20, 20);
  const chosen = (metric: string) =>
    decided({
      ...decisionInput([cautious, balanced]),
      study: study({ selection: { metric } }),
    }).best_configuration?.selection_criteria;

  it('ranks by what `selection.metric` names', () => {
    assert.match(chosen('accuracy')?.reason ?? '', /^balanced/);
    assert.match(chosen('macro-f1')?.reason ?? '', /^balanced/);
    assert.match(chosen('balanced_accuracy')?.reason ?? '', /^balanced/);
    assert.match(chosen('target_recall')?.reason ?? '', /^cautious \(target_recall 0\.9917/);
    // 5 of 600 pits missed and 40 of 600 cleans rejected: both F1 differ from both recalls.
    const [pit, clean] = [(2 * 595) / (2 * 595 + 45), (2 * 560) / (2 * 560 + 45)];
    const only = decided({ ...decisionInput([cautious]), study: study({ selection: { metric: 'macro-f1' } }) });
    near(only.best_configuration?.selection_criteria.best_value, (pit + clean) / 2, 1e-12);
    near(chosen('target_recall')?.best_value, 595 / 600, 1e-12);
  });
});

describe('decide where a latency was taken elsewhere', (it) => {
  it('does not rank it against the rest, not even provisionally', () => {
    const slow = late('slow', 1000, 11);
    const slower = late('slower', 1000, 12);
    const record = latencyRecord({ candidate: 'elsewhere', meanMs: 0.1, host: { ...LINE_PC, node: 'v22.1.0' } });
    const elsewhere = candidate('elsewhere', {
      latencyRecords: [record],
      samples: new Map([[record.record_id, samplesOf([{ ms: steady(1000, 0.1) }])]]),
    });
    const rules = { selection: { accuracy_threshold: 0.05 } };
    const input = decisionInput([slow, slower, elsewhere]);
    const decision = decided({
      ...input,
      study: { ...input.study, selection: { ...input.study.selection, ...rules.selection } },
    });
    assert.equal([decision.verdict, decision.provisional], ['NOT_ENOUGH_DATA', true]);
    assert.not.equal(decision.best_configuration?.selection_criteria.speed_data_source, 'benchmark');
    assert.not.match(JSON.stringify(decision.best_configuration), /0\.1(00)? ms/);
  });
});

describe('decide where a card leaves open how the model is fed', (it) => {
  const bad = withErrors('a', 60, 500);

  it('refutes no recall that a wrong guess may have spoilt', () => {
    const asked = [{ key: 'classes', question: 'Which order?' }] as const;
    const { verdict, candidates } = decided(decisionInput([{ ...bad, openQuestions: asked }]));
    const recall = candidates[0]?.gates.find(({ gate }) => gate === 'recall');
    assert.equal([verdict, recall?.verdict], ['NOT_ENOUGH_DATA', 'NOT_ENOUGH_DATA']);
    assert.match(recall?.reason ?? '', /but the model card leaves `classes` open/);
    assert.match(recall?.needs ?? '', /answer `classes` in the model card and run `beltbench evaluate`/);
  });

  it('takes an evaluation that failed for what it is, whatever the card leaves open', () => {
    const openQuestions = [{ key: 'classes', question: 'Which order?' }] as const;
    const evaluation = evaluationOf(undefined, { candidate: 'a', status: 'failed', failure: 'NaN outputs' });
    const broken = candidate('a', { evaluation, predictions: undefined, openQuestions });
    const recall = decided(decisionInput([broken])).candidates[0]?.gates.find(({ gate }) => gate === 'recall');
    assert.equal([recall?.verdict, recall?.reason], ['FAIL', 'the evaluation failed: NaN outputs']);
  });

  it('does so where all was answered, or only the trained size is open', () => {
    const asked = [{ key: 'trained_input_size', question: 'At which size?' }] as const;
    const recallOf = (input: CandidateInput) =>
      decided(decisionInput([input])).candidates[0]?.gates.find(({ gate }) => gate === 'recall')?.verdict;
    assert.equal([recallOf(bad), recallOf({ ...bad, openQuestions: asked })], ['FAIL', 'FAIL']);
  });
});

describe('the contract of a candidate', (it) => {
  const SCALE = { key: 'scale', question: 'Which?' } as const;
  const SIZE = { key: 'trained_input_size', question: 'Which?' } as const;

  it('stands in the decision as it was fed and read, with what of it is assumed', () => {
    const given = candidate('a', { classes: ['pit', 'clean'], openQuestions: [SCALE, SIZE] });
    const [judged] = decided(decisionInput([given])).candidates;
    assert.equal(judged?.contract, {
      classes: ['pit', 'clean'],
      preprocessing: given.preprocessing,
      assumed: ['scale'],
    });
  });
});

describe('the commands of a decision', (it) => {
  const commandsOf = (studyFile: string) => decide({ ...decisionInput([candidate()]), studyFile }).reproduce.commands;

  it('can be pasted whatever the study file is called', () => {
    assert.equal(commandsOf("line 3/cherry's.yaml"), [
      String.raw`npx beltbench run --study 'line 3/cherry'\''s.yaml'`,
      String.raw`npx beltbench decide --study 'line 3/cherry'\''s.yaml'`,
    ]);
  });
});
