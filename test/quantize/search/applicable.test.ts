import * as assert from 'uvu/assert';
import { isApplicable } from '../../../src/quantize/search/applicable.ts';
import { describe } from '../../describe.ts';
import { MADE } from './world.ts';

const CONVNEXT = { operators: { Conv: 20, Erf: 18 }, made: MADE };
const RESNET = {
  operators: { Conv: 53, Relu: 49 },
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
});
