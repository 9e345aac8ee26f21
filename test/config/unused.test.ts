import * as assert from 'uvu/assert';
import { unusedKeys } from '../../src/config/unused.ts';
import { describe } from '../describe.ts';

describe('unusedKeys', (it) => {
  const cases: [unknown, RegExp][] = [
    [{ benchmarking: { max_length: 512 } }, /^`benchmarking\.max_length` has no meaning for images.*benchmark key/],
    [{ benchmarking: { test_data: 'dataset/test.json' } }, /^`benchmarking\.test_data` .*`dataset`.*benchmark key/],
    [{ output: { filename: 'benchmark.json' } }, /^`output\.filename` is unused: .*reports\/runs/],
    [{ objective: { metric: 'macro-f1' } }, /^`objective\.metric` .*unused.*`selection\.metric`/],
  ];
  for (const [content, line] of cases) {
    it(`says why ${JSON.stringify(content)} is unused`, () => {
      const lines = unusedKeys(content);
      assert.is(lines.length, 1);
      assert.match(lines[0] ?? '', line);
    });
  }

  it('says nothing of what is used or left empty', () => {
    const used = {
      run: { mode: 'force_new' },
      benchmarking: { device: 'cpu', max_length: null, test_data: null, iterations: 5 },
      benchmark: { required_metrics: ['latency_batch_1_ms'], latency_aggregation: 'mean' },
      parameters: { resnet50: 23_512_130 },
      tags: { backbone: 'code.backbone' },
    };
    assert.equal(unusedKeys(used), []);
    assert.equal(unusedKeys({}), []);
  });

  it('is not led astray by what is no section', () => {
    assert.equal(unusedKeys({ benchmarking: 'x', output: null }), []);
  });
});
