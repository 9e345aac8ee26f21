import * as assert from 'uvu/assert';
import { compare } from '../../../src/decide/compare/compare.ts';
import type { ComparedModel } from '../../../src/decide/compare/inputs.ts';
import { comparisonSchema } from '../../../src/records/comparison.ts';
import { describe } from '../../describe.ts';
import { LINE_PC } from '../baseFactories.ts';
import { study } from '../factories.ts';
import { evaluationOf, predictionsFrom } from '../predictionFactories.ts';
import { compared, comparisonInput } from './factories.ts';

function variantOf(input = comparisonInput()) {
  const [variant] = compare(input).variants;
  if (variant === undefined) {
    throw new Error('no variant');
  }
  return variant;
}

/** The usual input with the variant changed. */
function withVariant(changes: Partial<ComparedModel>) {
  const input = comparisonInput();
  const [variant] = input.variants;
  return { ...input, variants: variant === undefined ? [] : [{ ...variant, ...changes }] };
}

describe('compare', (it) => {
  it('gives a comparison that its schema accepts', () => {
    const comparison = compare(comparisonInput());
    assert.equal(comparisonSchema.parse(comparison), comparison);
  });

  it('judges speed, accuracy and recall apart', () => {
    const variant = variantOf();
    assert.is(variant.speed.verdict, 'faster');
    assert.is(variant.accuracy_difference.verdict, 'equivalent');
    assert.is(variant.recall_difference.verdict, 'equivalent');
    assert.is(variant.recall_difference.n, 300);
    assert.equal(variant.flips, []);
    assert.is(variant.probability_change?.max, 0);
    assert.equal([variant.accuracy?.target_recall.k, variant.accuracy?.target_recall.n], [300, 300]);
  });

  it('takes the margin for accuracy that it is given, and says so', () => {
    const strict = { ...comparisonInput(), accuracyMargin: 0.001 };
    const { rules } = compare(strict);
    assert.is(variantOf(strict).accuracy_difference.verdict, 'not_enough_data');
    assert.is(rules.accuracy_margin, 0.001);
    assert.match(rules.text.join(' '), /within \+\/- 0\.1 points/);
    assert.match(compare(comparisonInput()).rules.text.join(' '), /more than 2 % off.*within \+\/- 1\.5 points/);
  });

  it('calls a variant that failed so, with the reason, and judges the rest', () => {
    const variant = variantOf(withVariant({ run: undefined, latencyFailure: 'no kernel for QGemm' }));
    assert.is(variant.speed.verdict, 'failed');
    assert.is(variant.speed.reason, 'no kernel for QGemm');
    assert.is(variant.failure, 'no kernel for QGemm');
    assert.is(variant.accuracy_difference.verdict, 'equivalent');
  });

  it('blames a failure of the reference on the reference', () => {
    const input = comparisonInput();
    const reference = { ...input.reference, evaluation: undefined, predictions: undefined, evaluationFailure: 'NaN' };
    const variant = variantOf({ ...input, reference });
    assert.is(variant.accuracy_difference.verdict, 'failed');
    assert.is(variant.recall_difference.reason, 'the reference: NaN');
    assert.is(variant.speed.verdict, 'faster');
    assert.is(variant.failure, null);
  });

  it('warns of INT8 predictions from a host with other instruction sets, not of fp32 ones', () => {
    const input = { ...comparisonInput(), hostClass: { ...LINE_PC, isa: [...LINE_PC.isa, 'avx512_vnni'] } };
    assert.equal(
      compare(input).warnings.map(({ code, candidate }) => [code, candidate]),
      [['other_isa', 'int8']],
    );
    assert.equal(compare(comparisonInput()).warnings, []);
  });

  it('says how many images only one of the two answered', () => {
    const predictions = predictionsFrom(Array<number>(300).fill(0.9), Array<number>(298).fill(0.1));
    const { warnings } = compare(withVariant({ predictions, evaluation: evaluationOf(predictions) }));
    assert.match(warnings.map(({ message }) => message).join(), /^2 images that only one/);
  });

  it('says that the target class is a guess', () => {
    const dataset = { ...study().dataset, target_guess: 'by alphabet' };
    const { warnings } = compare(comparisonInput({ study: study({ dataset }) }));
    assert.equal(
      warnings.map(({ code, candidate }) => [code, candidate]),
      [['guessed_target', null]],
    );
  });

  it('passes on the doubts of the whole, of the models and of their records', () => {
    const input = comparisonInput({ warnings: [{ code: 'general', message: 'm' }] });
    const reference = compared('fp32', {
      run: input.reference.run && {
        ...input.reference.run,
        record: { ...input.reference.run.record, warnings: [{ code: 'few_inputs', message: 'f' }] },
      },
      warnings: [{ code: 'own', message: 'o' }],
    });
    assert.equal(
      compare({ ...input, reference }).warnings.map(({ code, candidate }) => [code, candidate]),
      [
        ['general', null],
        ['own', 'fp32'],
        ['few_inputs', 'fp32'],
      ],
    );
  });

  it('names the records it rests on', () => {
    assert.equal(
      compare(comparisonInput()).reproduce.records.map(({ candidate, kind, record_id: id }) => [candidate, kind, id]),
      [
        ['fp32', 'latency', 'latency-fp32-1'],
        ['fp32', 'evaluation', 'evaluation-fp32'],
        ['int8', 'latency', 'latency-int8-1'],
        ['int8', 'evaluation', 'evaluation-int8'],
      ],
    );
  });
});
