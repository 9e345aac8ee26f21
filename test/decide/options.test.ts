import * as assert from 'uvu/assert';
import { decide } from '../../src/decide/decide.ts';
import type { CandidateInput } from '../../src/decide/inputs.ts';
import type { OptionDecision } from '../../src/records/decision.ts';
import { describe } from '../describe.ts';
import { candidate } from './factories.ts';
import { latencyRecord, samplesOf, steady } from './latencyFactories.ts';
import { OPTIONS, story } from './story.ts';

/** A candidate of an option that was measured with `n` samples, none late, or all of them. */
function measured(id: string, option: string, n: number, ms = 10): CandidateInput {
  const record = latencyRecord({ candidate: id, meanMs: ms });
  return candidate(id, {
    option,
    latencyRecords: [record],
    samples: new Map([[record.record_id, samplesOf([{ ms: steady(n, ms) }])]]),
  });
}

const unmeasured = (id: string, option: string): CandidateInput =>
  candidate(id, {
    option,
    latencyRecords: [],
    samples: new Map(),
    evaluation: undefined,
    predictions: undefined,
  });

const optionsOf = (...candidates: CandidateInput[]): readonly OptionDecision[] => decide(story({}, candidates)).options;
const verdictOf = (letter: string, ...candidates: CandidateInput[]) =>
  optionsOf(...candidates).find(({ option }) => option === letter)?.verdict;

describe('the options of the story', (it) => {
  it('carry what speaks for and against them and their effort', () => {
    const [first, second] = optionsOf(measured('a', 'C', 1000));
    assert.equal(first, { option: 'A', ...OPTIONS.A, candidates: [], verdict: 'no_candidate', evidence: [] });
    assert.equal([second?.for, second?.against, second?.effort], [[], [], '1-2 days of training']);
  });

  it('are selected or provisional with their candidate', () => {
    assert.is(verdictOf('C', measured('a', 'C', 1000)), 'SELECTED');
    assert.is(verdictOf('C', measured('a', 'C', 100)), 'PROVISIONAL');
  });

  it('take the best verdict of their candidates', () => {
    const selected = measured('a', 'A', 1000);
    assert.is(verdictOf('B', selected, measured('b', 'B', 1000), measured('c', 'B', 1000, 90)), 'PASS');
    assert.is(verdictOf('B', selected, measured('b', 'B', 100), measured('c', 'B', 1000, 90)), 'NOT_ENOUGH_DATA');
    assert.is(verdictOf('B', selected, measured('c', 'B', 1000, 90)), 'FAIL');
  });

  it('are not measured where no candidate has a record', () => {
    const selected = measured('a', 'A', 1000);
    assert.is(verdictOf('B', selected, unmeasured('b', 'B')), 'not_measured');
  });

  it('have no candidate where none says that it belongs to them, whatever was measured', () => {
    assert.is(verdictOf('E', measured('a', 'A', 1000)), 'no_candidate');
  });

  it('do not count a candidate without a record beside one that has', () => {
    assert.is(verdictOf('B', measured('a', 'A', 1000), unmeasured('b', 'B'), measured('c', 'B', 1000, 90)), 'FAIL');
  });

  it('give every candidate’s figures and verdicts as evidence', () => {
    const evidence = optionsOf(measured('a', 'C', 1000), unmeasured('b', 'C')).find(
      ({ option }) => option === 'C',
    )?.evidence;
    assert.equal(evidence, [
      'a: accuracy 100.00 % (95 %: 99.7-100.0 %), mean latency 10.00 ms, latency PASS, recall PASS, comparability PASS',
      'b: accuracy not measured, latency not measured, latency NOT ENOUGH DATA, recall NOT ENOUGH DATA, comparability NOT ENOUGH DATA',
    ]);
  });

  it('include a letter that only a candidate names, in alphabetical order', () => {
    const options = optionsOf(measured('z', 'Z', 1000), measured('f', 'F', 1000));
    assert.equal(
      options.map(({ option }) => option),
      ['A', 'B', 'C', 'D', 'E', 'F', 'Z'],
    );
    assert.is(options.at(-1)?.what, 'z');
  });
});
