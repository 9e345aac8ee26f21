import * as assert from 'uvu/assert';
import { isApplicable } from '../../../src/quantize/search/applicable.ts';
import { describe } from '../../describe.ts';
import { MADE } from './world.ts';
import { RECIPE } from '../recipe.ts';

const CONVNEXT = { operators: { Conv: 20, Erf: 18, MatMul: 36 }, recipe: RECIPE, made: MADE };
const RESNET = {
  operators: { Conv: 53, Relu: 49, Gemm: 1 },
  recipe: RECIPE,
  made: {
    ...MADE,
    kernels: { QLinearConv: 53 },
    left_float: [{ node: 'fc', reason: 'the head stays float' }],
    passes: [{ name: 'rewrite_grn', exact: true, rewritten: 0, left_alone: [] }],
  },
};

describe('isApplicable', (it) => {
  it('tries everything on a network that has it all', () => {
    for (const move of [{ grn: 'frozen' }, { gelu: 'tanh' }, { depthwise: 'int8' }, { linears: 'dynamic' }] as const) {
      assert.ok(isApplicable(move, CONVNEXT), JSON.stringify(move));
    }
  });

  it('tries on a ResNet only what can change its file', () => {
    for (const move of [{ grn: 'frozen' }, { gelu: 'tanh' }, { depthwise: 'int8' }, { smooth_quant: 0.5 }] as const) {
      assert.not.ok(isApplicable(move, RESNET), JSON.stringify(move));
    }
    assert.ok(isApplicable({ calibration: 'mse' }, RESNET));
    assert.ok(isApplicable({ bias_correction: true }, RESNET));
  });

  it('tries to leave depthwise convolutions float where the first recipe rounds them', () => {
    const made = { ...MADE, left_float: [] };
    const first = { ...CONVNEXT, recipe: { ...RECIPE, depthwise: 'int8' as const }, made };
    assert.ok(isApplicable({ depthwise: 'float' }, first));
    assert.not.ok(isApplicable({ depthwise: 'float' }, { ...first, operators: { Gemm: 3 } }), 'nothing is convolved');
  });

  it('tries to round linear layers where the first recipe leaves them float', () => {
    const recipe = { ...RECIPE, linears: 'float' as const };
    const left_float = [{ node: 'up', reason: 'the recipe keeps linear layers float' }];
    const first = { ...CONVNEXT, recipe, made: { ...MADE, kernels: { QLinearConv: 20 }, left_float } };
    assert.ok(isApplicable({ linears: 'static' }, first));
    assert.ok(isApplicable({ linears: 'dynamic' }, first));
    assert.not.ok(isApplicable({ between_linears: 'u8' }, first), 'nothing of integers stands between float layers');
    assert.not.ok(isApplicable({ linears: 'static' }, { ...RESNET, recipe }), 'its one linear layer is the head');
  });
});
