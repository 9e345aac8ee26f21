import * as assert from 'uvu/assert';
import { candidateWarnings } from '../../src/decide/candidateWarnings.ts';
import { datasetFacts, datasetWarnings } from '../../src/decide/dataset.ts';
import { decide } from '../../src/decide/decide.ts';
import type { CandidateInput } from '../../src/decide/inputs.ts';
import type { DatasetAudit } from '../../src/records/dataset.ts';
import { describe } from '../describe.ts';
import { model } from './baseFactories.ts';
import { candidate, copies, datasetAudit, decisionInput, study } from './factories.ts';
import { evaluationOf, predictionsFrom } from './predictionFactories.ts';

const candidateCodes = (overrides: Partial<CandidateInput>) =>
  candidateWarnings(candidate('a', overrides), study()).map(({ code }) => code);

describe('candidateWarnings', (it) => {
  it('has nothing to say of a sound candidate, or of one whose file is unknown', () => {
    assert.equal(candidateCodes({}), []);
    assert.equal(candidateCodes({ model: undefined, inputSize: undefined }), []);
  });

  it('repeats every open question of the card until it is answered', () => {
    const openQuestions = [
      { key: 'trained_input_size', question: 'At which input size was it trained?' },
      { key: 'classes', question: 'Which class order?' },
    ] as const;
    const warnings = candidateWarnings(candidate('a', { openQuestions }), study());
    assert.equal(
      warnings,
      openQuestions.map(({ question }) => ({ code: 'open_question', message: question })),
    );
  });

  it('warns of subnormal and of broken weights with their number', () => {
    assert.equal(candidateCodes({ model: model({ subnormal_weights: 1, nonfinite_weights: 2 }) }), [
      'subnormal_weights',
      'nonfinite_weights',
    ]);
    const [warning] = candidateWarnings(candidate('a', { model: model({ subnormal_weights: 1 }) }), study());
    assert.match(warning?.message ?? '', /^1 subnormal weight can slow inference tenfold/);
  });

  it('warns of a latency that was claimed at another input size', () => {
    const [warning, ...rest] = candidateWarnings(candidate('a', { claims: { input_size: [224, 96] } }), study());
    assert.equal([warning?.code, rest.length], ['claim_at_other_input_size', 0]);
    assert.match(warning?.message ?? '', /taken at 224x96, it runs at 128x128/);
    assert.equal(candidateCodes({ claims: { latency_ms: 16, input_size: 128 } }), []);
    assert.equal(candidateCodes({ claims: { latency_ms: 16, input_size: [128, 128] } }), []);
    assert.equal(candidateCodes({ claims: { latency_ms: 16 } }), []);
  });

  it('begins with what was found before', () => {
    assert.equal(
      candidateCodes({
        warnings: [{ code: 'settings_changed', message: '2 records' }],
        openQuestions: [{ key: 'scale', question: '?' }],
      }),
      ['settings_changed', 'open_question'],
    );
  });
});

const unreadable = (split: string) => ({
  id: `${split}/broken.png`,
  split,
  class_name: 'pit',
  bytes: 0,
  kind: 'empty' as const,
  detail: 'it has 0 bytes',
});

const odd = (split: string) => ({ id: `${split}/odd.png`, split, class_name: 'pit', height: 64, width: 64 });

const datasetCodes = (overrides: Partial<DatasetAudit>) =>
  datasetWarnings(datasetFacts(datasetAudit(overrides))).map(({ code }) => code);

describe('the facts of the dataset', (it) => {
  it('are those of the evaluated split', () => {
    const facts = datasetFacts(
      datasetAudit({
        unreadable: [unreadable('val'), unreadable('train')],
        odd_sizes: [odd('val'), odd('train'), odd('train')],
      }),
    );
    assert.equal([facts.images, facts.unreadable, facts.odd_sized], [1226, 1, 1]);
    assert.equal(facts.per_class, [
      { class: 'clean', images: 660 },
      { class: 'pit', images: 566 },
    ]);
  });

  it('give no warning when nothing is wrong', () => {
    assert.equal(datasetWarnings(datasetFacts(datasetAudit())), []);
  });

  it('warn of leaks, duplicates, contradictions, unreadable and oddly sized images', () => {
    const groups = { groups: 0, within_split: 0, leak: 0, contradictory: 0 };
    assert.equal(datasetCodes({ duplicates: { ...groups, groups: 16, leak: 16 }, leaked_ids: ['pit/1.png'] }), [
      'leaked_images',
    ]);
    assert.equal(datasetCodes({ duplicate_groups: copies('clean', 9) }), ['duplicate_images']);
    assert.equal(datasetCodes({ duplicate_groups: copies('pit', 2) }), ['copied_targets']);
    const elsewhere = copies('pit', 1).map((group) => ({
      ...group,
      images: group.images.map((image) => ({ ...image, split: 'train' })),
    }));
    assert.equal(datasetCodes({ duplicate_groups: elsewhere }), []);
    assert.equal(datasetCodes({ duplicates: { ...groups, groups: 2, leak: 2, contradictory: 1 } }), [
      'leaked_images',
      'contradictory_labels',
    ]);
    assert.equal(datasetCodes({ unreadable: [unreadable('val')], odd_sizes: [odd('val')] }), [
      'unreadable_images',
      'odd_sizes',
    ]);
    assert.equal(datasetCodes({ unreadable: [unreadable('train')], odd_sizes: [odd('train')] }), []);
  });

  it('warn of links that were not followed and of pictures that are not read: what they show was not judged', () => {
    const { splits } = datasetAudit();
    const linked = splits.map((split) => ({
      ...split,
      ignored_links: ['val/pit/a.png', 'val/pit/b.png'],
      other_files: 3,
      other_pictures: 2,
    }));
    const facts = datasetFacts(datasetAudit({ splits: linked }));
    assert.equal([facts.ignored_links, facts.other_files], [2, 3]);
    const [warning, pictures] = datasetWarnings(facts);
    assert.match(pictures?.message ?? '', /^2 pictures in val of a format that is not read, and so not evaluated/);
    assert.match(warning?.message ?? '', /^2 links in val not followed .* was not evaluated: put the files themselves/);
    const elsewhere = linked.map((split) => ({ ...split, split: 'train' }));
    assert.equal(datasetCodes({ splits: [...splits, ...elsewhere] }), []);
  });

  it('are absent from a decision without an evaluation', () => {
    assert.is(decide(decisionInput([candidate()])).dataset, null);
  });
});

const several = (candidates: CandidateInput[], thresholds: Record<string, unknown> = {}) =>
  decide({ ...decisionInput(candidates), study: study({ thresholds }) }).warnings.find(
    ({ code }) => code === 'several_certified',
  )?.message;

describe('the warnings of a decision', (it) => {
  it('say what several certificates on the same images are worth together', () => {
    const three = ['a', 'b', 'c'].map((id) => candidate(id));
    assert.match(several(three) ?? '', /^3 candidates certified on the same pit images.* 95 % .* only with 85 %/);
    assert.match(several(three, { confidence: 0.6 }) ?? '', /alone, all together only with 0 %/);
  });

  it('say that the options have no evidence where no candidate names one', () => {
    const options = { A: { what: 'optimise' } };
    const warned = (option: string | undefined, sections: Record<string, unknown>) =>
      decide({ ...decisionInput([candidate('a', { option })]), study: study(sections) }).warnings.map(
        ({ code }) => code,
      );
    assert.equal(warned(undefined, { options }), ['options_without_candidates']);
    assert.equal([warned('A', { options }), warned(undefined, {})], [[], []]);
  });

  it('do not count candidates that are not certified', () => {
    const few = predictionsFrom(Array<number>(100).fill(0.9), Array<number>(100).fill(0.1));
    const uncertified = candidate('b', { predictions: few, evaluation: evaluationOf(few, { candidate: 'b' }) });
    assert.is(several([candidate('a'), uncertified]), undefined);
  });

  it('say that the target class is a guess until somebody has confirmed it', () => {
    const dataset = { root: 'data', classes: { clean: 'clean', pit: 'pit' }, target_class: 'pit' };
    const warned = (changes: Record<string, unknown>) =>
      decide({ ...decisionInput([candidate()]), study: study({ dataset: { ...dataset, ...changes } }) })
        .warnings.map(({ code, message }) => `${code}: ${message}`)
        .join('\n');
    assert.match(warned({ target_guess: 'by alphabet' }), /^guessed_target: .*`pit`.*alphabet.*remove `target_guess`/);
    assert.match(warned({ target_guess: 'by name' }), /^guessed_target: .*`pit`.*name/);
    assert.is(warned({}), '');
  });

  it('stand in one list, those about the whole first, each candidate’s with its id', () => {
    const input = decisionInput(
      [candidate('a', { openQuestions: [{ key: 'scale', question: '?' }] }), candidate('b')],
      {
        warnings: [{ code: 'unused_key', message: 'max_length' }],
      },
    );
    assert.equal(
      decide(input).warnings.map(({ code, candidate: of }) => [of, code]),
      [
        [null, 'unused_key'],
        [null, 'several_certified'],
        ['a', 'open_question'],
      ],
    );
  });
});

const assumed = (thresholds: Record<string, unknown>, overrides: Partial<CandidateInput> = {}) =>
  decide({ ...decisionInput([candidate('a', overrides)]), study: study({ thresholds }) }).assumptions.join('\n');

describe('the assumptions of a decision', (it) => {
  it('list the limit on false rejects until somebody has confirmed it', () => {
    assert.match(assumed({}), /At most 10\.0 % .*nobody's word yet/);
    assert.match(assumed({ confirmed_by: null }), /nobody's word yet/);
    assert.match(assumed({ confirmed_by: 'NAME, DATE' }), /nobody's word yet/);
    assert.not.match(assumed({ confirmed_by: 'Ana, 2025-11-23' }), /nobody's word/);
  });

  it('name the defaults that stand for what the study does not say of the line', () => {
    const input = { ...decisionInput([candidate()]), unstated: ['line.budget_ms', 'thresholds.production.target'] };
    const { assumptions, line } = decide(input);
    assert.match(
      assumptions.join('\n'),
      /leaves to the defaults, which are nobody's word yet: `line\.budget_ms: 30`, `thresholds\.production\.target: 0\.75`;/,
    );
    assert.equal(line.unstated, input.unstated);
    assert.not.match(assumed({}), /defaults/);
  });

  it('name the cards that leave questions open', () => {
    assert.match(
      assumed({}, { openQuestions: [{ key: 'scale', question: '?' }] }),
      /model cards of a leave questions open/,
    );
    assert.not.match(assumed({}), /leave questions open/);
  });

  it('name the target class as the study does', () => {
    assert.match(assumed({}), /a worker who recognises every pit\./);
  });
});
