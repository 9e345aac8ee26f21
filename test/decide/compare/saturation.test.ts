import * as assert from 'uvu/assert';
import { judgeSaturation } from '../../../src/decide/compare/saturation.ts';
import type { PairSums, Saturation } from '../../../src/records/comparison.ts';
import { describe } from '../../describe.ts';

const FULL: PairSums = { layers: 36, layers_over: 30, layers_unread: 0, worst_sum: 254, worst_layer: 'fc1' };
const SAFE: PairSums = { ...FULL, layers_over: 0, worst_sum: 128 };
const UNREAD: PairSums = { ...SAFE, layers_unread: 2 };

describe('judgeSaturation', (it) => {
  const cases: [string, Saturation['host'], PairSums | undefined, Saturation['risk'], RegExp][] = [
    ['no risk without integer layers', 'saturates', undefined, 'none', /no integer layers/],
    ['no risk for wide weights where sums are exact, but tells of other CPUs', 'exact', FULL, 'none', /without VNNI/],
    [
      'a risk for wide weights where sums saturate, and the way out',
      'saturates',
      FULL,
      'possible',
      /30 of 36 .*254.*pair-safe/,
    ],
    ['no risk for safe weights anywhere', 'saturates', SAFE, 'none', /36 integer layers cannot saturate on any CPU/],
    ['no risk for safe weights on a host that was not probed', 'unknown', SAFE, 'none', /cannot saturate on any CPU/],
    ['an unknown risk for wide weights on such a host', 'unknown', FULL, 'unknown', /could not be probed/],
    [
      'an unknown risk where weights could not be read',
      'saturates',
      UNREAD,
      'unknown',
      /2 integer layers could not be read/,
    ],
  ];
  for (const [name, host, weights, risk, reason] of cases) {
    it(`sees ${name}`, () => {
      const judged = judgeSaturation(host, weights);
      assert.is(judged.risk, risk);
      assert.match(judged.reason, reason);
      assert.is(judged.host, host);
    });
  }
});
