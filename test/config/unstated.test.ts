import * as assert from 'uvu/assert';
import { unstatedKeys } from '../../src/config/unstated.ts';
import { describe } from '../describe.ts';

describe('unstatedKeys', (it) => {
  it('names what the line demands and does today that only a default says', () => {
    const stated = { line: { budget_ms: 25, confidence: 0.9 }, thresholds: { production: { maybe: 0.4 } } };
    assert.equal(unstatedKeys(stated), [
      'line.required_share',
      'thresholds.target_recall',
      'thresholds.confidence',
      'thresholds.production.target',
    ]);
  });

  it('takes a value that equals the default for stated', () => {
    const line = { budget_ms: 30, required_share: 0.99, confidence: 0.95 };
    const thresholds = { target_recall: 0.99, confidence: 0.95, production: { maybe: 0.5, target: 0.75 } };
    assert.equal(unstatedKeys({ line, thresholds }), []);
  });
});
