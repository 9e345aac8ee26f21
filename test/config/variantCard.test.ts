import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { modelCardSchema } from '../../src/config/modelCardSchema.ts';
import { variantCard } from '../../src/config/variantCard.ts';
import { describe } from '../describe.ts';
import { card } from './folder.ts';

const VARIANT = {
  file: 'one.int8.onnx',
  backbone: 'one',
  trialName: 'one.int8',
  inputSize: { height: 128, width: 128 },
  note: 'INT8: made of one.onnx',
};

describe('variantCard', (it) => {
  it('is a card with the same contract and without the claims, which are about the other file', () => {
    const source = modelCardSchema.parse(
      card({
        mean: [0.5, 0.5, 0.5],
        std: [0.2, 0.2, 0.2],
        channel_order: 'bgr',
        source_checkpoint: 'runs/1/best.pt',
        note: 'exported by hand',
        claimed: { accuracy: 0.94 },
        evaluation_results: 'results.json',
      }),
    );
    const made = modelCardSchema.parse(parse(variantCard(source, VARIANT)));
    const { claimed: _, evaluation_results: __, ...contract } = source;
    assert.equal(made, {
      ...contract,
      file: 'one.int8.onnx',
      input_size: 128,
      backbone: 'one',
      trial_name: 'one.int8',
      note: 'INT8: made of one.onnx',
    });
  });

  it('keeps what nobody knows a question, and a size that is no square', () => {
    const source = modelCardSchema.parse(card({ classes: 'unknown', scale: 'unknown', trained_input_size: 'unknown' }));
    const text = variantCard(source, { ...VARIANT, inputSize: { height: 64, width: 32 } });
    const made = modelCardSchema.parse(parse(text));
    assert.equal([made.classes, made.scale, made.trained_input_size], ['unknown', 'unknown', 'unknown']);
    assert.equal(made.input_size, [64, 32]);
  });

  it('survives a name that YAML would read as something else', () => {
    const source = modelCardSchema.parse(card({ file: 'yes: #1.onnx' }));
    assert.is(modelCardSchema.parse(parse(variantCard(source, { ...VARIANT, file: 'null' }))).file, 'null');
  });
});
