import * as assert from 'uvu/assert';
import { CALIBRATIONS, recipeSchema } from '../../src/records/recipe.ts';
import { flagSchema, recipeFlags } from '../../src/records/recipeFlags.ts';
import { describe } from '../describe.ts';

describe('recipeFlags', (it) => {
  it('has a flag for every choice of a recipe', () => {
    assert.equal(
      recipeFlags().map(({ key }) => key),
      Object.keys(recipeSchema.shape),
    );
  });

  it('calls the calibration a method, because --calibration is the folder', () => {
    const method = recipeFlags().find(({ key }) => key === 'calibration');
    assert.is(method?.flag, 'method');
    assert.equal(method?.values, [...CALIBRATIONS]);
  });

  it('knows how each is typed', () => {
    const kinds = new Map(recipeFlags().map(({ flag, kind }) => [flag, kind]));
    assert.is(kinds.get('weight-range'), 'choice');
    assert.is(kinds.get('smooth-quant'), 'share');
    assert.is(kinds.get('bias-correction'), 'switch');
    assert.is(kinds.get('keep-float'), 'names');
    assert.equal([...kinds.values()].filter((kind) => kind === 'share').length, 1);
  });

  it('keeps each to what the recipe takes', () => {
    const [method] = recipeFlags();
    assert.ok(method !== undefined);
    assert.ok(flagSchema(method).safeParse({ '--method': 'mse' }).success);
    assert.not.ok(flagSchema(method).safeParse({ '--method': 'max' }).success);
  });
});
