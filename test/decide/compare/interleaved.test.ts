import * as assert from 'uvu/assert';
import { chooseSession, interleavedRounds } from '../../../src/decide/compare/interleaved.ts';
import { describe } from '../../describe.ts';
import { run, samplesAt, session, type TurnFacts } from './factories.ts';

const turn = (round: number, at: number, changes: Partial<TurnFacts> = {}): TurnFacts => ({
  round,
  at,
  ms: 10,
  ...changes,
});

function roundsOf(...args: Parameters<typeof interleavedRounds>): number[] {
  return interleavedRounds(...args).map(({ reference, variant }) => {
    assert.is(reference.round, variant.round);
    return reference.round;
  });
}

describe('interleavedRounds', (it) => {
  it('pairs the turns of one session, whoever goes first in a round', () => {
    const { reference, variant } = session([
      [10, 4],
      [11, 5],
      [12, 6],
    ]);
    const pairs = interleavedRounds(reference, variant);
    assert.equal(
      pairs.map((pair) => [pair.reference.round, pair.reference.samples_ms[0], pair.variant.samples_ms[0]]),
      [
        [1, 10, 4],
        [2, 11, 5],
        [3, 12, 6],
      ],
    );
  });

  it('does not mind other models that take turns as well', () => {
    assert.equal(roundsOf(samplesAt([turn(1, 10), turn(2, 40)]), samplesAt([turn(1, 25), turn(2, 55)])), [1, 2]);
  });

  it('finds none in sessions one after the other', () => {
    const reference = samplesAt([turn(1, 10), turn(2, 20), turn(3, 30)], [0]);
    const variant = samplesAt([turn(1, 50), turn(2, 60), turn(3, 70)], [40]);
    assert.equal(roundsOf(reference, variant), []);
    assert.equal(roundsOf(samplesAt([turn(1, 10)], [0]), samplesAt([turn(1, 50)], [40])), [], 'not even a single one');
  });

  it('leaves out the round that an interruption cut in two, and keeps those on both sides', () => {
    const reference = samplesAt([turn(1, 10), turn(2, 20), turn(3, 92)], [0, 80]);
    const variant = samplesAt([turn(1, 11), turn(2, 85), turn(3, 93)], [1, 81]);
    assert.equal(roundsOf(reference, variant), [1, 3]);
  });

  it('leaves out turns that overlap: two commands measured at the same time', () => {
    const slow = { ms: 500, samples: 10 };
    assert.equal(roundsOf(samplesAt([turn(1, 10, slow)]), samplesAt([turn(1, 12)])), []);
  });

  it('leaves out other batch sizes', () => {
    const reference = samplesAt([turn(1, 10), turn(1, 11, { batchSize: 8 })]);
    const variant = samplesAt([turn(1, 12), turn(1, 13, { batchSize: 8 })]);
    assert.is(interleavedRounds(reference, variant).length, 1);
  });
});

describe('chooseSession', (it) => {
  const early = session([
    [10, 4],
    [10, 4],
  ]);
  const alone = samplesAt([turn(1, 500), turn(2, 510)], [400]);

  it('takes the newest runs that were measured together, also when newer ones were not', () => {
    const together = run(early.reference, { candidate: 'a', run: 1 });
    const variant = run(early.variant, { candidate: 'b', run: 1 });
    const runs = new Map([
      ['a', [run(alone, { candidate: 'a', run: 2 }), together]],
      ['b', [variant]],
    ]);
    assert.equal(
      chooseSession(runs, 'a', 2),
      new Map([
        ['a', together],
        ['b', variant],
      ]),
    );
  });

  it('leaves out a model that was never measured with the reference', () => {
    const reference = run(early.reference, { candidate: 'a' });
    const runs = new Map([
      ['a', [reference]],
      ['b', [run(alone, { candidate: 'b' })]],
      ['c', []],
    ]);
    assert.equal(chooseSession(runs, 'a', 2), new Map([['a', reference]]));
  });

  it('knows none without a run of the reference', () => {
    assert.is(chooseSession(new Map([['b', [run(alone)]]]), 'a', 2), undefined);
  });
});
