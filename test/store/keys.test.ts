import * as assert from 'uvu/assert';
import type { HostClass } from '../../src/records/host.ts';
import {
  benchmarkKey,
  evaluationHash,
  predictionsKey,
  studyKeyHash,
  trialKeyHash,
  type BenchmarkIdentity,
  type PredictionsIdentity,
} from '../../src/store/keys.ts';
import { describe } from '../describe.ts';

const PREPROCESSING: BenchmarkIdentity['preprocessing'] = {
  resize: 'none',
  resize_to: null,
  crop: 'none',
  interpolation: 'linear',
  scale: 1 / 255,
  mean: null,
  std: null,
  channel_order: 'rgb',
};

const HOST: HostClass = {
  cpu_model: 'A CPU',
  isa: ['avx2'],
  physical_cores: 2,
  logical_cores: 4,
  os: 'Linux 1',
  arch: 'x64',
  node: 'v20.11.0',
};

const BENCHMARK: BenchmarkIdentity = {
  modelSha256: 'aa',
  dataFingerprint: 'bb',
  preprocessing: PREPROCESSING,
  inputSize: { height: 128, width: 128 },
  settings: { iterations: 1000, threads: 1, session_options: { intraOpNumThreads: 1 } },
  hostClass: HOST,
};

const PREDICTIONS: PredictionsIdentity = {
  modelSha256: 'aa',
  dataFingerprint: 'bb',
  preprocessing: PREPROCESSING,
  inputSize: { height: 128, width: 128 },
  classes: ['clean', 'pit'],
  outputs: 'auto',
  runtime: 'onnxruntime-node 1.30.0',
  isa: ['avx2'],
};

/** The names among `changes` that leave a key as it is. */
function withoutEffect<T>(key: (identity: T) => string, identity: T, changes: Readonly<Record<string, Partial<T>>>) {
  return Object.keys(changes).filter((name) => key({ ...identity, ...changes[name] }) === key(identity));
}

function keyOf(identity: BenchmarkIdentity): string {
  return benchmarkKey(identity).benchmarkKey;
}

describe('benchmarkKey', (it) => {
  it('is the same for the same identity, however its keys are ordered', () => {
    assert.match(keyOf(BENCHMARK), /^[0-9a-f]{64}$/);
    const { hostClass, settings, ...others } = structuredClone(BENCHMARK);
    assert.is(keyOf({ hostClass, settings, ...others }), keyOf(BENCHMARK));
  });

  it('changes with whatever can change a latency', () => {
    const unseen = withoutEffect(keyOf, BENCHMARK, {
      model: { modelSha256: 'ab' },
      data: { dataFingerprint: 'ba' },
      scale: { preprocessing: { ...PREPROCESSING, scale: 1 } },
      resize: { preprocessing: { ...PREPROCESSING, resize: 'stretch' } },
      mean: { preprocessing: { ...PREPROCESSING, mean: [0, 0, 0] } },
      channels: { preprocessing: { ...PREPROCESSING, channel_order: 'bgr' } },
      size: { inputSize: { height: 128, width: 224 } },
      iterations: { settings: { ...BENCHMARK.settings, iterations: 1001 } },
      options: { settings: { ...BENCHMARK.settings, session_options: { intraOpNumThreads: 2 } } },
      another: { settings: { ...BENCHMARK.settings, max_length: 7 } },
      cpu: { hostClass: { ...HOST, cpu_model: 'Another CPU' } },
      isa: { hostClass: { ...HOST, isa: ['avx2', 'avx512_vnni'] } },
      cores: { hostClass: { ...HOST, logical_cores: 2 } },
      os: { hostClass: { ...HOST, os: 'Linux 2' } },
      node: { hostClass: { ...HOST, node: 'v22.0.0' } },
    });
    assert.equal(unseen, []);
  });

  it('says which part changed', () => {
    const { keyParts } = benchmarkKey(BENCHMARK);
    const other = benchmarkKey({ ...BENCHMARK, hostClass: { ...HOST, node: 'v22.0.0' } }).keyParts;
    assert.is.not(other.host_class, keyParts.host_class);
    assert.equal({ ...other, host_class: '' }, { ...keyParts, host_class: '' });
    assert.is(keyParts.evaluation, evaluationHash(BENCHMARK));
  });
});

describe('predictionsKey', (it) => {
  it('changes with whatever can change a prediction', () => {
    const unseen = withoutEffect(predictionsKey, PREDICTIONS, {
      model: { modelSha256: 'ab' },
      data: { dataFingerprint: 'ba' },
      scale: { preprocessing: { ...PREPROCESSING, scale: 1 } },
      size: { inputSize: { height: 224, width: 128 } },
      order: { classes: ['pit', 'clean'] },
      outputs: { outputs: 'logits' },
      runtime: { runtime: 'onnxruntime-node 1.31.0' },
      isa: { isa: ['avx2', 'avx512_vnni'] },
    });
    assert.equal(unseen, []);
  });

  it('has no room for the CPU’s name, so that predictions move between machines', () => {
    const onAnother = { ...PREDICTIONS, hostClass: undefined };
    assert.is(predictionsKey(onAnother), predictionsKey(PREDICTIONS));
    assert.equal(Object.keys(PREDICTIONS).toSorted(), [
      'classes',
      'dataFingerprint',
      'inputSize',
      'isa',
      'modelSha256',
      'outputs',
      'preprocessing',
      'runtime',
    ]);
  });
});

describe('the earlier tools’ keys', (it) => {
  it('tell studies and trials apart, and nothing else', () => {
    assert.is(studyKeyHash('S', 'data', 'val'), studyKeyHash('S', 'data', 'val'));
    const studies = [
      studyKeyHash('S', 'data', 'val'),
      studyKeyHash('T', 'data', 'val'),
      studyKeyHash('S', 'other', 'val'),
    ];
    assert.is(new Set([...studies, studyKeyHash('S', 'data', 'train')]).size, 4);
    assert.is.not(trialKeyHash('resnet18'), trialKeyHash('resnet50'));
  });
});
