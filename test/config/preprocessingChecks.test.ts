import * as assert from 'uvu/assert';
import { modelCardSchema } from '../../src/config/modelCardSchema.ts';
import { resolvePreprocessing } from '../../src/config/preprocessing.ts';
import { preprocessingDoubt, preprocessingProblem } from '../../src/config/preprocessingChecks.ts';
import type { StudyFile } from '../../src/config/studySchema.ts';
import { describe } from '../describe.ts';
import { card } from './folder.ts';

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const IN_PIXELS = { mean: [123.675, 116.28, 103.53], std: [58.4, 57.1, 57.4] };

function problem(changes: Record<string, unknown>, defaults: StudyFile['preprocessing'] = {}): string | undefined {
  const content = modelCardSchema.parse(card(changes));
  const { preprocessing, scaleKnown } = resolvePreprocessing(content, defaults);
  return preprocessingProblem(content, preprocessing, scaleKnown);
}

function doubt(changes: Record<string, unknown>): string | undefined {
  const { preprocessing, scaleKnown } = resolvePreprocessing(modelCardSchema.parse(card(changes)), {});
  return preprocessingDoubt(preprocessing, scaleKnown);
}

describe('preprocessingProblem', (it) => {
  const contradictions: [string, Record<string, unknown>, RegExp][] = [
    [
      'a ratio that is kept without saying how far',
      { resize: 'shorter_side' },
      /`resize: shorter_side` needs `resize_to` and `crop: center`, received resize_to none and crop none; add both or use `stretch`/,
    ],
    [
      'a ratio that is kept without cutting',
      { resize: 'shorter_side', resize_to: 146 },
      /received resize_to 146 and crop none/,
    ],
    [
      'a shorter side that is stated in vain',
      { resize: 'letterbox', resize_to: 146 },
      /`resize_to` \(146\) has a meaning only with `resize: shorter_side`, received `resize: letterbox`; remove it/,
    ],
    [
      'a crop of what is stretched to fit',
      { crop: 'center' },
      /`crop: center` has a meaning only with `resize: shorter_side` or `none`, received `resize: stretch`, .*remove it/,
    ],
    ['a crop of what is fitted inside', { resize: 'letterbox', crop: 'center' }, /received `resize: letterbox`/],
    [
      'a mean in pixel values where pixels are scaled',
      { mean: IN_PIXELS.mean },
      /`mean` holds 123\.675, but pixels times `scale` reach only 1; .*write it in scaled units/,
    ],
    [
      'a std in pixel values where pixels are scaled',
      { mean: IMAGENET.mean, std: IN_PIXELS.std },
      /`std` holds 58\.4, but pixels times `scale` reach only 1; .*write it in scaled units/,
    ],
  ];
  for (const [name, changes, pattern] of contradictions) {
    it(`finds ${name}`, () => {
      assert.match(problem(changes) ?? '', pattern);
    });
  }

  const sound: [string, Record<string, unknown>, StudyFile['preprocessing']?][] = [
    ['the usual contract', { resize: 'shorter_side', resize_to: 146, crop: 'center', ...IMAGENET }],
    ['larger images that are cut and not resized', { resize: 'none', crop: 'center' }],
    ["a study's crop under a card that stretches", { resize: 'stretch' }, { resize: 'none', crop: 'center' }],
    ['mean and std in pixel values where pixels are not scaled', { ...IN_PIXELS, scale: 1 }],
    ['mean and std in pixel values while the scale is unknown', { ...IN_PIXELS, scale: 'unknown' }],
    ['a std of 1 where pixels stay below it', { std: [1, 1, 1], scale: 0.0039 }],
  ];
  for (const [name, changes, defaults] of sound) {
    it(`finds nothing wrong with ${name}`, () => {
      assert.is(problem(changes, defaults), undefined);
    });
  }
});

describe('preprocessingDoubt', (it) => {
  it('finds statistics of scaled pixels where pixels are not scaled', () => {
    assert.match(doubt({ ...IMAGENET, scale: 1 }) ?? '', /0\.\.255 .*\[0\.485, .*, 0\.225\].*`scale: 1\/255` meant\?/);
    assert.ok(doubt({ std: IMAGENET.std, scale: 1 }));
    assert.ok(doubt({ mean: IMAGENET.mean, scale: 1 }));
  });

  it('leaves the rest alone', () => {
    assert.is(doubt(IMAGENET), undefined);
    assert.is(doubt({ ...IN_PIXELS, scale: 1 }), undefined);
    assert.is(doubt({ scale: 1 }), undefined);
    assert.is(doubt({ mean: [0, 0, 0], std: [1, 1, 1], scale: 1 }), undefined);
  });
});
