import * as assert from 'uvu/assert';
import {
  overrideSelection,
  SELECTION_PRESETS,
  selectionProblem,
  typedSelection,
} from '../../src/config/selectionOverrides.ts';
import { describe } from '../describe.ts';

const STATED = { accuracy_threshold: 0.05, use_relative_threshold: false, min_accuracy_gain: 0.2 };

describe('the presets of rules.md 1', (it) => {
  it('are accuracy-only, balanced, speed-preferring and accuracy-preferring', () => {
    const keys = Object.entries(SELECTION_PRESETS).map(([name, preset]) => [
      name,
      preset.accuracy_threshold,
      preset.use_relative_threshold,
      preset.min_accuracy_gain,
    ]);
    assert.equal(keys, [
      ['accuracy-only', null, true, null],
      ['balanced', 0.015, true, null],
      ['speed-preferring', 0.02, true, 0.03],
      ['accuracy-preferring', 0.01, true, null],
    ]);
  });

  it('go over the selection, and single keys over them', () => {
    assert.equal(overrideSelection(STATED, { preset: 'balanced' }), SELECTION_PRESETS.balanced);
    assert.equal(overrideSelection(STATED, { preset: 'balanced', accuracyThreshold: null, minAccuracyGain: 0.1 }), {
      accuracy_threshold: null,
      use_relative_threshold: true,
      min_accuracy_gain: 0.1,
    });
  });
});

describe('overrideSelection', (it) => {
  it('leaves alone what is not overridden, and takes a null for a value', () => {
    assert.equal(overrideSelection(STATED, {}), STATED);
    assert.equal(overrideSelection(STATED, { minAccuracyGain: null, useRelativeThreshold: true }), {
      accuracy_threshold: 0.05,
      use_relative_threshold: true,
      min_accuracy_gain: null,
    });
  });

  it('is bounded where it is relative after all, and only there', () => {
    const percent = overrideSelection(STATED, { accuracyThreshold: 1.5 });
    assert.is(selectionProblem(percent), undefined);
    const relative = overrideSelection(percent, { useRelativeThreshold: true });
    assert.match(selectionProblem(relative) ?? '', /`selection\.accuracy_threshold` must be at most 1.*received 1\.5/);
    assert.is(selectionProblem(overrideSelection(percent, { preset: 'balanced' })), undefined);
  });

  it('is told as it is typed', () => {
    const all = { preset: 'balanced', accuracyThreshold: null, useRelativeThreshold: false, objective: 'm' } as const;
    assert.equal(typedSelection({ ...all, minAccuracyGain: 0.03 }), [
      '--preset balanced',
      '--accuracy-threshold none',
      '--no-use-relative-threshold',
      '--min-accuracy-gain 0.03',
      '--objective m',
    ]);
    assert.equal(typedSelection({}), []);
  });
});
