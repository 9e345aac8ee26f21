import * as assert from 'uvu/assert';
import { normalCdf, normalQuantile } from '../../src/stats/normal.ts';
import { describe } from '../describe.ts';
import { near } from './close.ts';

describe('normalQuantile', (it) => {
  it('gives the known z', () => {
    // Tabulated to 16 digits; one unit in the last place of the distribution function moves z by 4e-15.
    near(normalQuantile(0.975), 1.959963984540054, 1e-14);
    near(normalQuantile(0.8), 0.8416212335729143, 1e-14);
    near(normalQuantile(0.995), 2.5758293035489004, 3e-14);
    near(normalQuantile(0.5), 0, 1e-15);
    near(normalQuantile(0.025), -1.959963984540054, 1e-14);
  });

  it('takes no certainty', () => {
    assert.throws(() => normalQuantile(1), /strictly between 0 and 1/);
    assert.throws(() => normalQuantile(0), /strictly between 0 and 1/);
  });
});

describe('normalCdf', (it) => {
  it('gives the known probabilities', () => {
    near(normalCdf(0), 0.5, 0);
    near(normalCdf(1), 0.8413447460685429, 1e-15);
    near(normalCdf(-3), 0.0013498980316300933, 1e-15);
    near(normalCdf(8), 1, 1e-15);
  });
});
