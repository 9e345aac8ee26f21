import * as assert from 'uvu/assert';
import { findCommonGround } from '../../src/decide/commonGround.ts';
import { comparabilityGate } from '../../src/decide/comparability.ts';
import type { CandidateInput } from '../../src/decide/inputs.ts';
import { gateSchema, type Gate } from '../../src/records/decision.ts';
import { describe } from '../describe.ts';
import { LINE_PC, minute, sha } from './baseFactories.ts';
import { candidate } from './factories.ts';
import { latencyRecord } from './latencyFactories.ts';
import { evaluationOf, predictionsFrom } from './predictionFactories.ts';

const LAPTOP = { ...LINE_PC, isa: ['avx2'], node: 'v22.1.0' };
const SMALL = { height: 128, width: 128 };
const LARGE = { height: 224, width: 224 };
const SIZE = { key: 'trained_input_size', question: 'At which size?' } as const;
const ORDER = { key: 'classes', question: 'Which order?' } as const;
const predictions = predictionsFrom([0.9], [0.1]);

/** The gate of the first candidate, compared with all. */
function gateOf(first: CandidateInput, ...others: readonly CandidateInput[]): Gate {
  const ground = findCommonGround([first, ...others], 1);
  return gateSchema.parse(comparabilityGate(first, first.latencyRecords[0], ground));
}

const evaluated = (id: string, facts: Parameters<typeof evaluationOf>[1]): CandidateInput =>
  candidate(id, { evaluation: evaluationOf(predictions, { candidate: id, ...facts }) });
const measured = (id: string, facts: Parameters<typeof latencyRecord>[0]): CandidateInput =>
  candidate(id, { latencyRecords: [latencyRecord({ candidate: id, ...facts })] });

describe('comparabilityGate', (it) => {
  it('passes what was measured like the rest', () => {
    const gate = gateOf(candidate('a'), candidate('b'));
    assert.is(gate.verdict, 'PASS');
    assert.is(gate.reason, `input 128x128 as trained, Intel i5-1135G7, 1 thread, data ${sha('data').slice(0, 12)}`);
  });

  it('fails a model that runs at another size than it was trained at', () => {
    const gate = gateOf(candidate('a', { inputSize: LARGE }), candidate('b'));
    assert.is(gate.verdict, 'FAIL');
    assert.match(gate.reason, /^runs at 224x224, trained at 128x128/);
  });

  it('fails a model that runs at another size than the rest', () => {
    const gate = gateOf(candidate('a', { inputSize: LARGE, trainedInputSize: LARGE }), candidate('b'), candidate('c'));
    assert.is(gate.verdict, 'FAIL');
    assert.match(gate.reason, /^runs at 224x224, the others at 128x128/);
  });

  it('is open while the card leaves a question open, and repeats it', () => {
    const gate = gateOf(candidate('a', { openQuestions: [SIZE, ORDER], trainedInputSize: undefined }));
    assert.is(gate.verdict, 'NOT_ENOUGH_DATA');
    assert.is(gate.reason, 'the model card leaves open: At which size? Which order?');
    assert.is(gate.needs, 'answer the questions in the model card');
  });

  it('is open where nobody says at which size the model was trained', () => {
    assert.match(gateOf(candidate('a', { trainedInputSize: undefined })).reason, /leaves open: trained_input_size/);
  });

  it('lets a known conflict of sizes outweigh an open question', () => {
    assert.is(gateOf(candidate('a', { inputSize: LARGE, openQuestions: [ORDER] })).verdict, 'FAIL');
  });

  it('is open without a latency or without predictions, and asks for both at once', () => {
    const bare = candidate('a', { latencyRecords: [], evaluation: undefined, predictions: undefined });
    const gate = gateOf(bare, candidate('b'));
    assert.is(gate.verdict, 'NOT_ENOUGH_DATA');
    assert.is(gate.reason, 'no latency to compare; no predictions to compare');
    assert.is(gate.needs, 'run `beltbench measure` and run `beltbench evaluate`');
  });

  it('is open after an evaluation that failed', () => {
    const failed = evaluationOf(undefined, { status: 'failed', failure: 'NaN' });
    assert.is(gateOf(candidate('a', { evaluation: failed })).reason, 'no predictions to compare');
  });

  it('is open for another host class, and names what differs', () => {
    const gate = gateOf(measured('a', { host: LAPTOP }), candidate('b'), candidate('c'));
    assert.is(gate.verdict, 'NOT_ENOUGH_DATA');
    assert.is(
      gate.reason,
      'measured on another host class than the rest (isa avx2, not avx2,avx512f; node v22.1.0, not v20.11.0)',
    );
  });

  it('is open for another number of threads than the study asks for', () => {
    assert.match(gateOf(measured('a', { threads: 2 })).reason, /^measured with 2 threads, the study asks for 1$/);
  });

  it('is open for other images', () => {
    const gate = gateOf(evaluated('a', { data: 'other' }), candidate('b'), candidate('c'));
    assert.equal([gate.verdict, gate.reason], ['NOT_ENOUGH_DATA', 'evaluated on other images than the rest']);
  });

  it('is open where images were left out that others answered', () => {
    const gate = gateOf(
      evaluated('a', { skipped: ['pit/9.png', 'pit/8.png'] }),
      evaluated('b', { skipped: ['pit/8.png'] }),
    );
    assert.is(gate.verdict, 'NOT_ENOUGH_DATA');
    assert.match(gate.reason, /^1 image that others answered left out \(pit\/9\.png: broken/);
  });

  it('takes an image for answered as soon as one candidate answered it', () => {
    const [skipping, too] = ['a', 'b'].map((id) => evaluated(id, { skipped: ['pit/8.png'] }));
    assert.ok(skipping && too);
    assert.is(gateOf(skipping, too, evaluated('c', {})).verdict, 'NOT_ENOUGH_DATA');
  });

  it('does not mind images that no candidate could answer', () => {
    const both = ['a', 'b'].map((id) => evaluated(id, { skipped: ['pit/8.png'] }));
    assert.is(gateOf(both[0] ?? candidate(), ...both.slice(1)).verdict, 'PASS');
  });
});

describe('findCommonGround', (it) => {
  const LINE = sha(JSON.stringify(LINE_PC));
  const AWAY = sha(JSON.stringify(LAPTOP));

  it('takes the host class that most candidates were measured on, though another is newer', () => {
    const ground = findCommonGround([candidate('a'), candidate('b'), measured('c', { host: LAPTOP, run: 20 })], 1);
    assert.equal([ground.hostClass, ground.host], [LINE, LINE_PC]);
  });

  it('takes the newer of two equally common host classes', () => {
    const moved = ['a', 'b'].map((id) =>
      candidate(id, {
        latencyRecords: [latencyRecord({ candidate: id, run: 9, host: LAPTOP }), latencyRecord({ candidate: id })],
      }),
    );
    assert.is(findCommonGround(moved, 1).hostClass, AWAY);
    assert.is(
      findCommonGround([measured('a', { run: 5 }), measured('b', { host: LAPTOP, run: 4 })], 1).hostClass,
      LINE,
    );
  });

  it('counts a candidate once however often it was measured', () => {
    const often = candidate('a', {
      latencyRecords: [1, 2, 3].map((run) => latencyRecord({ candidate: 'a', run, host: LAPTOP })),
    });
    assert.is(findCommonGround([often, candidate('b'), candidate('c')], 1).hostClass, LINE);
  });

  it('does not count failed measurements and evaluations', () => {
    const failed = candidate('a', {
      latencyRecords: [latencyRecord({ status: 'failed' })],
      evaluation: evaluationOf(undefined, { status: 'failed' }),
    });
    const ground = findCommonGround([failed], 1);
    assert.equal([ground.hostClass, ground.host, ground.dataFingerprint], [undefined, undefined, undefined]);
  });

  it('takes the images that most candidates were evaluated on, of equally common ones the newest', () => {
    const stale = evaluated('c', { data: 'more images', startedAt: minute(50) });
    assert.is(findCommonGround([candidate('a'), candidate('b'), stale], 1).dataFingerprint, sha('data'));
    assert.is(findCommonGround([candidate('a'), stale], 1).dataFingerprint, sha('more images'));
  });

  it('takes the input size of the deployed candidate, else the most common', () => {
    const large = { inputSize: LARGE, trainedInputSize: LARGE };
    const some = [candidate('a', large), candidate('b'), candidate('c')];
    assert.is(findCommonGround(some, 1).inputSize, '128x128');
    assert.is(findCommonGround([candidate('p', { ...large, status: 'production' }), ...some], 1).inputSize, '224x224');
  });

  it('lets a candidate that does not run as it was trained set no standard', () => {
    const wrong = candidate('p', { inputSize: LARGE, status: 'production' });
    assert.is(findCommonGround([wrong, candidate('b')], 1).inputSize, '128x128');
    assert.is(findCommonGround([wrong], 1).inputSize, undefined);
  });

  it('takes the most common size where that of the deployed candidate is unknown', () => {
    const unknown = candidate('p', { inputSize: undefined, status: 'production' });
    assert.is(findCommonGround([unknown, candidate('b', { inputSize: SMALL })], 1).inputSize, '128x128');
  });

  it('knows nothing of no candidates', () => {
    const ground = findCommonGround([], 2);
    assert.equal(
      [ground.hostClass, ground.inputSize, ground.threads, ground.unanswered.size],
      [undefined, undefined, 2, 0],
    );
  });
});
