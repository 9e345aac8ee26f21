import * as assert from 'uvu/assert';
import { judgeSpeed } from '../../../src/decide/compare/speed.ts';
import type { Speed } from '../../../src/records/comparison.ts';
import { describe } from '../../describe.ts';
import { near } from '../../stats/close.ts';
import { run, samplesAt, session } from './factories.ts';

/** The ten rounds of methods.md A7. */
const A = [12.1, 12.05, 12.3, 12.22, 12.15, 12.4, 12.08, 12.18, 12.27, 12.11];
const B = [12.31, 12.2, 12.43, 12.3, 12.12, 12.66, 12.25, 12.33, 12.49, 12.2];

function speedOf(rounds: readonly (readonly [number, number])[], planned = 10): Speed {
  const { reference, variant } = session(rounds);
  return judgeSpeed(run(reference), run(variant), planned);
}

/** Ten rounds whose ratios are spread evenly over `ratio` -/+ `spread`. */
function around(ratio: number, spread: number): [number, number][] {
  return Array.from({ length: 10 }, (_, index) => [10, 10 * (ratio + spread * (index / 4.5 - 1))]);
}

/** Ten turns of one model, ten seconds apart. */
function turnsFrom(at: number) {
  return Array.from({ length: 10 }, (_, index) => ({ round: index + 1, at: at + 10 * index, ms: 10 }));
}

describe('judgeSpeed', (it) => {
  it('finds 1.2 % in methods.md A7 to be real, but no more than matters', () => {
    const speed = speedOf(A.map((ms, index) => [ms, B[index] ?? Number.NaN]));
    near(speed.ratio ?? undefined, 1.0123194608, 5.1e-11);
    near(speed.interval?.[0], 1.0069891624, 5.1e-11);
    near(speed.interval?.[1], 1.0166323014, 5.1e-11);
    assert.is(speed.verdict, 'equal');
    assert.is(speed.needs, null);
  });

  const cases: [string, [number, number][], Speed['verdict']][] = [
    ['faster when the interval lies below', around(0.35, 0.02), 'faster'],
    ['slower when the interval lies above', around(1.2, 0.05), 'slower'],
    ['equal when the interval lies within the margin', around(1, 0.01), 'equal'],
    ['not enough data when the interval reaches over 1 and the margin', around(1.01, 0.2), 'not_enough_data'],
    ['not enough data for a difference below the margin that may be above', around(1.015, 0.012), 'not_enough_data'],
  ];
  for (const [name, rounds, verdict] of cases) {
    it(`says ${name}`, () => {
      assert.is(speedOf(rounds).verdict, verdict);
    });
  }

  it('says how many rounds would tell', () => {
    assert.match(speedOf(around(1.01, 0.2)).needs ?? '', /^about \d+ rounds \(`benchmarking\.rounds`\)/);
  });

  it('gives no ratio for fewer than 6 rounds, and says which setting to raise', () => {
    const speed = speedOf(around(0.4, 0.01).slice(0, 3), 3);
    assert.is(speed.verdict, 'not_enough_data');
    assert.is(speed.ratio, null);
    assert.is(speed.rounds, 3);
    assert.match(speed.reason, /3 rounds taken in turns; an interval takes 6/);
    assert.match(speed.needs ?? '', /raise `benchmarking\.rounds` to 6/);
  });

  it('never pairs runs of two sessions: they must be measured together', () => {
    const speed = judgeSpeed(run(samplesAt(turnsFrom(10), [0])), run(samplesAt(turnsFrom(500), [400])), 10);
    assert.is(speed.verdict, 'not_enough_data');
    assert.match(speed.reason, /no rounds taken in turns/);
    assert.match(speed.needs ?? '', /--force-new.*together/);
  });

  it('goes by the medians of rounds, which a few slow inferences do not move', () => {
    const { reference, variant } = session(around(0.4, 0.01));
    const spiked = {
      ...variant,
      rounds: variant.rounds.map((round) => ({ ...round, samples_ms: [...round.samples_ms.slice(1), 90] })),
    };
    assert.equal(judgeSpeed(run(reference), run(spiked), 10), judgeSpeed(run(reference), run(variant), 10));
  });
});
