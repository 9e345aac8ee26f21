import * as assert from 'uvu/assert';
import { lateEpisodes, slowOutliers } from '../../src/stats/outliers.ts';
import { describe } from '../describe.ts';
import { latencySeries } from './vectors.ts';

describe('slowOutliers', (it) => {
  it('names the slow samples and no fast ones', () => {
    const series = latencySeries('flat').with(3, 200).with(200, 40).with(201, 41).with(300, 1);
    assert.equal(slowOutliers(series), [3, 200, 201]);
  });

  it('follows the level of the series', () => {
    assert.equal(slowOutliers(latencySeries('slowdown')), []);
  });

  it('takes no three steps of the clock for an outlier', () => {
    const constant = Array.from({ length: 200 }, () => 12)
      .with(7, 15)
      .with(8, 16);
    assert.equal(slowOutliers(constant, 1), [8]);
  });
});

describe('lateEpisodes', (it) => {
  it('counts runs of late samples', () => {
    assert.equal(lateEpisodes([31, 10, 31, 32, 33, 10, 10, 31], 30), { late: 5, episodes: 3, longest: 3 });
  });

  it('calls a sample at the limit in time', () => {
    assert.equal(lateEpisodes([30, 30.000001, 30], 30), { late: 1, episodes: 1, longest: 1 });
  });

  it('finds none in punctual or empty series', () => {
    assert.equal(lateEpisodes([1, 2, 3], 30), { late: 0, episodes: 0, longest: 0 });
    assert.equal(lateEpisodes([], 30), { late: 0, episodes: 0, longest: 0 });
  });
});
