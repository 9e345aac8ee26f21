import binomialTest from '@stdlib/stats-binomial-test';
import * as assert from 'uvu/assert';
import { clopperPearson, oneSidedLower, oneSidedUpper, wilson } from '../../src/stats/proportion.ts';
import { describe } from '../describe.ts';
import { close, near } from './close.ts';

describe('clopperPearson', (it) => {
  it('gives the exact intervals of methods.md B1, D3 and F', () => {
    const exact = [
      [1, 566, 0.000044730109091717214, 0.009804229702553163],
      [2, 566, 0.00042821842246038244, 0.01270568774281562],
      [5, 566, 0.0028743944610742913, 0.020494222165760353],
      [42, 566, 0.054000806693604665, 0.09898227494343077],
      [524, 566, 0.9010177250565692, 0.9459991933063954],
      [1155, 1226, 0.9275099282046794, 0.9544967351796715],
      [1153, 1226, 0.9257124216798667, 0.9530406714325019],
      [29, 660, 0.029621222478263, 0.06249709495361073],
      [5, 10, 0.18708602844739852, 0.8129139715526015],
      [1, 20, 0.0012650894979498036, 0.24873276277202777],
    ] as const;
    for (const [k, n, lower, upper] of exact) {
      const interval = clopperPearson(k, n, 0.95);
      // The expected values are the nearest doubles of 60-digit ones; measured: 5e-15 or less.
      close(interval?.lower, lower, 2e-14, `${k}/${n} lower`);
      close(interval?.upper, upper, 2e-14, `${k}/${n} upper`);
    }
    const many = clopperPearson(10, 100_000, 0.95);
    close(many?.lower, 0.00004795489513901141, 2e-13);
    close(many?.upper, 0.00018389584537664981, 2e-13);
  });

  it('ends exactly at 0 and 1 when there are no or only events', () => {
    assert.is(clopperPearson(0, 566, 0.95)?.lower, 0);
    close(clopperPearson(0, 566, 0.95)?.upper, 0.006496262322437578, 1e-14);
    assert.is(clopperPearson(566, 566, 0.95)?.upper, 1);
    close(clopperPearson(566, 566, 0.95)?.lower, 0.9935037376775624, 1e-14);
    close(clopperPearson(0, 299, 0.95)?.upper, 0.012261595907535047, 1e-14);
    close(clopperPearson(0, 1000, 0.95)?.upper, 0.003682083896865672, 1e-14);
  });

  it("agrees with stdlib's binomial test", () => {
    for (const [k, n] of [
      [3, 17],
      [42, 566],
      [600, 660],
    ] as const) {
      const [lower = Number.NaN, upper = Number.NaN] = binomialTest(k, n, { alpha: 0.01 }).ci;
      close(clopperPearson(k, n, 0.99)?.lower, lower, 1e-12, `${k}/${n}`);
      close(clopperPearson(k, n, 0.99)?.upper, upper, 1e-12, `${k}/${n}`);
    }
  });

  it('knows nothing of a rate without trials', () => {
    assert.is(clopperPearson(0, 0, 0.95), undefined);
  });
});

describe('wilson', (it) => {
  it('gives the intervals of methods.md B1', () => {
    const exact = [
      [1, 566, 0.00031194895050163166, 0.009939075663929226],
      [2, 566, 0.000969567499, 0.012791205255],
      [5, 566, 0.003779058072, 0.020510959101],
      [42, 566, 0.05536463104402599, 0.09878606729667556],
      [524, 566, 0.9012139327033245, 0.944635368955974],
      [1155, 1226, 0.9275800911793897, 0.9538343319767928],
      [1153, 1226, 0.9257842098413698, 0.9523777615688489],
      [29, 660, 0.03076528940750457, 0.06239168052708596],
      [5, 10, 0.23659309051256405, 0.763406909487436],
      [1, 20, 0.008881448800795375, 0.236131193446742],
    ] as const;
    for (const [k, n, lower, upper] of exact) {
      // 2/566 and 5/566 are known to 12 decimals only.
      near(wilson(k, n, 0.95)?.lower, lower, 1e-12, `${k}/${n} lower`);
      near(wilson(k, n, 0.95)?.upper, upper, 1e-12, `${k}/${n} upper`);
    }
  });

  it('ends exactly at 0 and 1 when there are no or only events', () => {
    for (let n = 1; n <= 200; n++) {
      assert.is(wilson(0, n, 0.95)?.lower, 0, `0 of ${n}`);
      assert.is(wilson(n, n, 0.95)?.upper, 1, `${n} of ${n}`);
    }
    close(wilson(0, 566, 0.95)?.upper, 0.006741276474765719, 1e-12);
  });

  it('knows nothing of a rate without trials', () => {
    assert.is(wilson(0, 0, 0.95), undefined);
  });
});

describe('the one-sided bounds', (it) => {
  it('give the miss rates of methods.md A3', () => {
    // Printed there in percent with five digits.
    const printed = [
      [0, 100, 0.029513],
      [0, 300, 0.0099361],
      [0, 1000, 0.0029912],
      [0, 3000, 0.00099808],
      [0, 10_000, 0.00029953],
      [1, 1000, 0.004735],
      [2, 1000, 0.0062823],
      [3, 1000, 0.0077352],
      [5, 1000, 0.0104841],
      [10, 1000, 0.0169032],
      [5, 10_000, 0.00105101],
      [30, 3000, 0.0135393],
    ] as const;
    for (const [k, n, upper] of printed) close(oneSidedUpper(k, n, 0.05), upper, 2e-5, `${k}/${n}`);
  });

  it('give the exact upper bounds at 95 %', () => {
    const exact = [
      [0, 566, 0.005278830947719073],
      [1, 566, 0.008353717294535778],
      [2, 566, 0.011081173937524795],
      [3, 566, 0.01364160816980417],
      [4, 566, 0.016098779386561617],
      [5, 566, 0.01848392439967233],
      [42, 566, 0.09492255766149815],
      [0, 1000, 0.0029912495450952962],
      [10, 1000, 0.016903175120562504],
      [5, 10_000, 0.0010510137186384818],
    ] as const;
    for (const [k, n, upper] of exact) close(oneSidedUpper(k, n, 0.05), upper, 1e-12, `${k}/${n}`);
  });

  it('give the recall bounds of methods.md C3 as their mirror image', () => {
    const printed = [
      [0, 0.99472],
      [1, 0.99165],
      [2, 0.98892],
      [3, 0.98636],
      [4, 0.9839],
      [5, 0.98152],
      [42, 0.905077],
    ] as const;
    for (const [missed, bound] of printed)
      near(oneSidedLower(566 - missed, 566, 0.05), bound, 6e-6, `${missed} missed`);
  });

  it('mirror each other', () => {
    for (const [k, n] of [
      [0, 5],
      [2, 9],
      [9, 9],
    ] as const) {
      close(oneSidedLower(k, n, 0.02), 1 - (oneSidedUpper(n - k, n, 0.02) ?? Number.NaN), 1e-13);
    }
  });

  it('are undefined without trials', () => {
    assert.is(oneSidedUpper(0, 0, 0.05), undefined);
    assert.is(oneSidedLower(0, 0, 0.05), undefined);
  });

  it('take counts only', () => {
    for (const [k, n] of [
      [-1, 5],
      [6, 5],
      [0.5, 5],
      [0, 2.5],
      [Number.NaN, 5],
    ] as const) {
      assert.throws(() => oneSidedUpper(k, n, 0.05), /not a count/, `${k} of ${n}`);
      assert.throws(() => wilson(k, n, 0.95), /not a count/, `${k} of ${n}`);
    }
  });
});
