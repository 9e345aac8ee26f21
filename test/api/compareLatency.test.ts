import * as assert from 'uvu/assert';
import { compareLatency } from '../../src/index.ts';
import { session } from '../decide/compare/factories.ts';
import { describe } from '../describe.ts';
import { near } from '../stats/close.ts';
import { rejects } from '../throws.ts';

/** The ten rounds of methods.md A7. */
const A = [12.1, 12.05, 12.3, 12.22, 12.15, 12.4, 12.08, 12.18, 12.27, 12.11];
const B = [12.31, 12.2, 12.43, 12.3, 12.12, 12.66, 12.25, 12.33, 12.49, 12.2];
const roundsOf = (medians: readonly number[]) => medians.map((ms) => [ms - 1, ms, ms + 1]);

describe('compareLatency of the library', (it) => {
  it('gives the ratio of methods.md A7 with its exact interval', () => {
    const compared = compareLatency(roundsOf(A), roundsOf(B));
    near(compared.ratio ?? undefined, 1.0123194608, 5.1e-11);
    near(compared.interval?.[0], 1.0069891624, 5.1e-11);
    assert.equal([compared.verdict, compared.rounds], ['equal', 10]);
  });

  it('pairs the rounds of two records that were taken in turns', () => {
    const { reference, variant } = session(A.map((ms) => [ms, ms / 2]));
    const compared = compareLatency(reference, variant);
    assert.equal([compared.verdict, compared.rounds], ['faster', 10]);
    near(compared.ratio ?? undefined, 0.5, 1e-12);
  });

  it('has no verdict for records of two sessions', () => {
    const { reference } = session(A.map((ms) => [ms, ms]));
    const { variant } = session(A.map((ms) => [ms, ms / 2]));
    const later = variant.rounds.map((round) => ({ ...round, started_at: '2026-01-01T00:00:00.000Z' }));
    assert.is(compareLatency(reference, { ...variant, rounds: later }).verdict, 'not_enough_data');
  });

  it('says how many rounds an interval takes', () => {
    const compared = compareLatency(roundsOf(A.slice(0, 5)), roundsOf(B.slice(0, 5)));
    assert.is(compared.verdict, 'not_enough_data');
    assert.match(compared.reason, /5 rounds taken in turns; an interval takes 6/);
  });

  it('refuses in one line what cannot be paired', async () => {
    const rounds = roundsOf(A);
    await rejects(() => compareLatency(rounds, rounds.slice(1)), /same rounds, received 10 of `reference` and 9/);
    await rejects(() => compareLatency(A as never, B as never), /`reference` must be .*rounds, each an array of mill/);
    await rejects(() => compareLatency(rounds, { rounds: [] } as never), /`variant` must be at most 1000 rounds/);
    await rejects(() => compareLatency({} as never, {} as never), /the content of a samples.json: /);
    await rejects(() => compareLatency([[1, 0]], [[1, 1]]), /`reference\[0\]` must hold milliseconds above 0/);
    await rejects(() => compareLatency([[1]], [[]]), /`variant\[0\]` must hold milliseconds above 0/);
    const { reference, variant } = session(Array.from({ length: 1001 }, () => [1, 2] as const));
    await rejects(() => compareLatency(reference, variant), /at most 1000 rounds.*received 1001/);
    await rejects(() => compareLatency(undefined as never, null as never), /^compareLatency: `reference` must be/);
  });
});
