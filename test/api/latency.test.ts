import * as assert from 'uvu/assert';
import { assessBudget, exactInterval, quantileWithBound, wilsonInterval } from '../../src/index.ts';
import { describe } from '../describe.ts';
import { near } from '../stats/close.ts';
import { rejects } from '../throws.ts';

const thousand = Array.from({ length: 1000 }, (_, index) => 1000 - index);

describe('quantileWithBound of the library', (it) => {
  it('gives an observed value and its bound, from samples in any order', () => {
    const found = quantileWithBound(thousand, { p: 0.99 });
    // P(Bin(1000, 0.01) <= 4) <= 0.05 < P(Bin(1000, 0.01) <= 5): four may lie beyond the bound.
    assert.equal(found, { state: 'measured', value: 990, upperBound: 996 });
  });

  it('says how many samples it takes', () => {
    assert.equal(quantileWithBound([1, 2, 3], { p: 0.99 }), { state: 'not enough samples', needs: 299 });
    assert.equal(quantileWithBound([], { p: 0.5 }), { state: 'not enough samples', needs: 5 });
  });

  it('refuses what is no quantile and what is no sample', async () => {
    await rejects(() => quantileWithBound([1], { p: 99 }), /^quantileWithBound: `p` must be below 1/);
    await rejects(() => quantileWithBound([1], {} as never), /`p` is missing/);
    await rejects(() => quantileWithBound([1, Infinity], { p: 0.5 }), /`samplesMs` must hold finite numbers.* at 1/);
    await rejects(
      () => quantileWithBound(5 as never, { p: 0.5 }),
      /`samplesMs` must be an array of numbers, received 5/,
    );
  });
});

describe('assessBudget of the library', (it) => {
  it('proves, refutes or leaves open', () => {
    const fast = Float64Array.from({ length: 299 }, () => 5);
    assert.is(assessBudget(fast, { budgetMs: 5 }).verdict, 'PASS');
    assert.is(assessBudget(fast, { budgetMs: 4 }).verdict, 'FAIL');
    const open = assessBudget(fast.subarray(1), { budgetMs: 5 });
    assert.equal([open.verdict, open.late, open.n, open.moreSamples], ['NOT_ENOUGH_DATA', 0, 298, 1]);
  });

  it('refuses a budget of nothing', async () => {
    await rejects(() => assessBudget([1], { budgetMs: 0 }), /^assessBudget: `budgetMs` must be above 0, received 0/);
  });
});

describe('the intervals of the library', (it) => {
  it('give those of methods.md B1 for 1884 of 2000', () => {
    const [wilson, exact] = [wilsonInterval({ k: 1884, n: 2000 }), exactInterval({ k: 1884, n: 2000 })];
    near(wilson?.lower, 0.9309, 5e-5);
    near(wilson?.upper, 0.9514, 5e-5);
    near(exact?.lower, 0.9308, 5e-5);
    near(exact?.upper, 0.9518, 5e-5);
  });

  it('know nothing of no items', () => {
    assert.is(wilsonInterval({ k: 0, n: 0 }), undefined);
    assert.is(exactInterval({ k: 0, n: 0 }), undefined);
  });

  it('refuse what is no count of a total', async () => {
    await rejects(() => exactInterval({ k: 3, n: 2 }), /^exactInterval: .*expected k to be at most n/);
    await rejects(() => wilsonInterval({ k: -1, n: 2 }), /^wilsonInterval: `k` must be at least 0/);
    await rejects(() => wilsonInterval({ k: 1, n: 2 }, { confidence: 0 }), /`confidence` must be above 0/);
  });
});
