import * as assert from 'uvu/assert';
import { selectBest } from '../../src/decide/selector.ts';
import { mulberry32 } from '../../src/stats/prng.ts';
import { describe } from '../describe.ts';

/** A candidate in whole numbers: accuracy in thousandths, so that the rule can be restated without rounding. */
interface Whole {
  readonly id: string;
  readonly accuracy: number;
  readonly ms: number | undefined;
  readonly parameters: number | undefined;
}

interface WholeRules {
  readonly threshold: number | null;
  readonly gain: number | null;
  readonly relative: boolean;
}

/** The rule read aloud: a candidate is the answer if no other has a better claim. */
function restated(candidates: readonly Whole[], { threshold, gain, relative }: WholeRules): string | undefined {
  const measured = candidates.every(({ ms }) => ms !== undefined);
  const cost = ({ ms, parameters }: Whole) => (measured ? ms : parameters);
  const before = (a: Whole, b: Whole) => a.accuracy > b.accuracy || (a.accuracy === b.accuracy && a.id < b.id);
  const best = candidates.find((each) => candidates.every((other) => other === each || before(each, other)));
  if (best === undefined || threshold === null) {
    return best?.id;
  }
  const reachable = candidates.filter((each) => {
    const [own, bests] = [cost(each), cost(best)];
    const distance = best.accuracy - each.accuracy;
    const within = relative ? distance * 1000 <= threshold * best.accuracy : distance <= threshold;
    const beaten = gain === null || (relative ? distance * 1000 > gain * each.accuracy : distance > gain);
    return own !== undefined && bests !== undefined && own < bests && (within || !beaten);
  });
  const fastest = reachable.filter((each) => reachable.every((other) => (cost(each) ?? 0) <= (cost(other) ?? 0)));
  return (fastest.find((each) => fastest.every((other) => other === each || before(each, other))) ?? best).id;
}

describe('selectBest, restated by brute force', (it) => {
  it('agrees on 20,000 random cases full of ties and boundaries', () => {
    const random = mulberry32(6);
    const upTo = (most: number) => Math.floor(random() * (most + 1));
    let slower = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const lacking = random() < 0.3;
      const candidates = Array.from({ length: 1 + upTo(5) }, (_, index): Whole => ({
        id: `c${(index * 5) % 7}`,
        accuracy: 940 + upTo(60),
        ms: lacking && random() < 0.4 ? undefined : 1 + upTo(6),
        parameters: lacking && random() < 0.3 ? undefined : 1 + upTo(6),
      }));
      const rules: WholeRules = {
        threshold: random() < 0.1 ? null : upTo(40),
        gain: random() < 0.5 ? null : upTo(40),
        relative: random() < 0.5,
      };
      const ours = selectBest(
        candidates.map(({ id, accuracy, ms, parameters }) => ({
          id,
          backbone: id,
          trialName: id,
          accuracy: accuracy / 1000,
          latencyMs: ms,
          parameters,
        })),
        {
          metric: 'accuracy',
          accuracyThreshold: rules.threshold === null ? null : rules.threshold / 1000,
          minAccuracyGain: rules.gain === null ? null : rules.gain / 1000,
          useRelativeThreshold: rules.relative,
        },
      )?.selectedId;
      assert.is(ours, restated(candidates, rules), JSON.stringify({ candidates, rules }));
      slower += ours === restated(candidates, { ...rules, threshold: null }) ? 0 : 1;
    }
    assert.ok(slower > 3000, `the threshold decided only ${slower} cases`);
  });
});
