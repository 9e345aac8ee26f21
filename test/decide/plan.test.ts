import * as assert from 'uvu/assert';
import { planWarnings } from '../../src/decide/plan.ts';
import { describe } from '../describe.ts';
import { study } from './factories.ts';

const codes = (overrides: Record<string, unknown>, targets?: number): string[] =>
  planWarnings(study(overrides), targets).map(({ code }) => code);

describe('planWarnings', (it) => {
  it('has nothing to say of the defaults with 299 target images', () => {
    assert.equal(codes({}, 299), []);
  });

  it('warns of fewer than 299 iterations for 99 % at 95 %', () => {
    assert.equal(codes({ benchmarking: { iterations: 299 } }), []);
    const [warning] = planWarnings(study({ benchmarking: { iterations: 298 } }), undefined);
    assert.is(warning?.code, 'too_few_iterations');
    assert.match(
      warning?.message ?? '',
      /^298 iterations cannot prove that 99\.0 % meet 30\.00 ms at 95 %.* to 299 or/,
    );
  });

  it('asks for no more iterations than a run may have', () => {
    const [warning] = planWarnings(study({ line: { required_share: 0.999999 } }), undefined);
    assert.match(
      warning?.message ?? '',
      /: 2,995,731 could, and a run has at most 1,000,000: lower `line\.required_share` or `line\.confidence`$/,
    );
  });

  it('goes by the share and the confidence of the line', () => {
    const line = { required_share: 0.999, confidence: 0.99 };
    assert.equal(codes({ line, benchmarking: { iterations: 4602 } }), ['too_few_iterations']);
    assert.equal(codes({ line, benchmarking: { iterations: 4603 } }), []);
  });

  it('warns of fewer target images than the recall floor needs without a miss', () => {
    const [warning] = planWarnings(study(), 283);
    assert.is(warning?.code, 'too_few_targets');
    assert.match(warning?.message ?? '', /^283 pit images cannot prove pit recall 99\.0 %.*: 299 are needed, 16 more$/);
    assert.equal(codes({ thresholds: { target_recall: 0.98 } }, 149), []);
    assert.equal(codes({ thresholds: { target_recall: 0.98 } }, 148), ['too_few_targets']);
  });

  it('takes no images for none, and unknown images for unknown', () => {
    assert.equal(codes({}, 0), ['too_few_targets']);
    assert.equal(codes({}, undefined), []);
  });

  it('says both at once', () => {
    assert.equal(codes({ benchmarking: { iterations: 10, rounds: 1 } }, 1), ['too_few_iterations', 'too_few_targets']);
  });
});
