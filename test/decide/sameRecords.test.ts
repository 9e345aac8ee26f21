import * as assert from 'uvu/assert';
import { decide } from '../../src/decide/decide.ts';
import type { DecisionInput } from '../../src/decide/inputs.ts';
import { mulberry32, shuffle } from '../../src/stats/prng.ts';
import { describe } from '../describe.ts';
import { candidate, decisionInput } from './factories.ts';
import { latencyRecord, samplesOf, steady } from './latencyFactories.ts';
import { evaluationOf } from './predictionFactories.ts';
import { answersOf, story, storyCandidates } from './story.ts';

/** Three runs of each candidate, two of them with one key, and a failed one. */
const threeRunsEach = (): DecisionInput => {
  const candidates = storyCandidates().map((each, index) => {
    const records = [
      latencyRecord({ candidate: each.id, run: 1, meanMs: 40, key: 'older settings' }),
      latencyRecord({ candidate: each.id, run: 2, meanMs: 12 + index }),
      latencyRecord({ candidate: each.id, run: 3, meanMs: 10 + index }),
      latencyRecord({ candidate: each.id, run: 4, status: 'failed', failure: 'killed' }),
    ];
    return {
      ...each,
      latencyRecords: records,
      samples: new Map(
        records.map(({ record_id: id }) => [
          id,
          samplesOf([1, 2, 3, 4, 5].map((round) => ({ round, ms: steady(100, 10 + index + round / 10) }))),
        ]),
      ),
    };
  });
  return story({ benchmark: { latency_aggregation: 'median' } }, candidates);
};

// The same accuracies, with errors on the same images or on different ones: p differs, the answer not.
const pairedWith = (shift: number) => {
  const [a, b] = [answersOf(42, 29), answersOf(40, 33, shift)];
  return decide(
    decisionInput([
      candidate('a', { predictions: a, evaluation: evaluationOf(a, { candidate: 'a' }) }, 27),
      candidate('b', { predictions: b, evaluation: evaluationOf(b, { candidate: 'b' }) }, 16),
    ]),
  );
};

describe('the same records', (it) => {
  it('give the same bytes', () => {
    assert.is(JSON.stringify(decide(threeRunsEach())), JSON.stringify(decide(threeRunsEach())));
  });

  it('give the same bytes in whatever order they come', () => {
    const expected = JSON.stringify(decide(threeRunsEach()));
    const random = mulberry32(11);
    for (let round = 0; round < 10; round += 1) {
      const { candidates, ...rest } = threeRunsEach();
      const shuffled = candidates.map((each) => ({
        ...each,
        latencyRecords: shuffle(each.latencyRecords, random),
        samples: new Map(
          shuffle([...each.samples], random).map(([id, samples]) => [
            id,
            { ...samples, rounds: shuffle(samples.rounds, random) },
          ]),
        ),
      }));
      assert.is(JSON.stringify(decide({ ...rest, candidates: shuffled })), expected);
    }
  });

  it('give the same selection whatever the pairs say', () => {
    const [same, different] = [pairedWith(0), pairedWith(100)];
    assert.is.not(same.pairs[0]?.exact_p, different.pairs[0]?.exact_p);
    assert.equal([same.selected, different.selected], ['a', 'a']);
  });
});
