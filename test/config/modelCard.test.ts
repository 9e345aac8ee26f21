import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { loadModelCard, QUESTIONS, toSize, type ModelCard } from '../../src/config/modelCard.ts';
import { studySchema } from '../../src/config/studySchema.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { card, study, withFolder } from './folder.ts';

async function load(changes: Record<string, unknown> = {}, ofStudy: Record<string, unknown> = {}): Promise<ModelCard> {
  let loaded: ModelCard | undefined;
  await withFolder({ 'models/one.model.yaml': card(changes) }, async (dir) => {
    loaded = await loadModelCard(join(dir, 'models', 'one.model.yaml'), studySchema.parse(study(ofStudy)));
  });
  if (loaded === undefined) {
    throw new Error('nothing was loaded');
  }
  return loaded;
}

const WITH_MAYBE = {
  dataset: {
    root: 'images',
    classes: { fine: 'a_fine', flawed: 'z_flawed' },
    target_class: 'flawed',
    maybe_class: 'maybe',
  },
};

describe('loadModelCard', (it) => {
  it('reads a card, finds the model beside it and fills in what is left out', async () => {
    const loaded = await load({ input_size: [96, 128], backbone: 'resnet50' });
    assert.match(loaded.modelPath, /models\/one\.onnx$/);
    assert.equal(loaded.classes, ['fine', 'flawed']);
    assert.equal(loaded.inputSize, { height: 96, width: 128 });
    assert.equal(loaded.trainedInputSize, { height: 128, width: 128 });
    assert.is(loaded.outputs, 'auto');
    assert.is(loaded.backbone, 'resnet50');
    assert.is(loaded.trialName, undefined);
    assert.equal(loaded.openQuestions, []);
    assert.equal(loaded.unused, []);
  });

  it('asks about everything that is unknown', async () => {
    const { openQuestions, trainedInputSize } = await load({
      classes: 'unknown',
      trained_input_size: 'unknown',
      scale: 'unknown',
    });
    assert.is(trainedInputSize, undefined);
    assert.equal(
      openQuestions,
      (['trained_input_size', 'classes', 'scale'] as const).map((key) => ({ key, question: QUESTIONS[key] })),
    );
  });

  it('asks about the scale when nobody states one at all', async () => {
    const { openQuestions } = await load({ scale: undefined });
    assert.equal(
      openQuestions.map(({ key }) => key),
      ['scale'],
    );
  });

  it("assumes the folders' alphabetical order while the order of the classes is unknown", async () => {
    const dataset = { root: 'x', classes: { fine: 'z_last', flawed: 'a_first' }, target_class: 'flawed' };
    assert.equal((await load({ classes: 'unknown' }, { dataset })).classes, ['flawed', 'fine']);
  });

  it('puts a maybe class without a folder where a folder of its name would stand', async () => {
    assert.equal((await load({ classes: 'unknown' }, WITH_MAYBE)).classes, ['fine', 'maybe', 'flawed']);
  });

  it('takes a model with the maybe class, and one without', async () => {
    assert.equal((await load({ classes: ['fine', 'maybe', 'flawed'] }, WITH_MAYBE)).classes, [
      'fine',
      'maybe',
      'flawed',
    ]);
    assert.equal((await load({ classes: ['flawed', 'fine'] }, WITH_MAYBE)).classes, ['flawed', 'fine']);
  });

  it('takes an ImageNet contract in scaled units', async () => {
    const { preprocessing } = await load({
      resize: 'shorter_side',
      resize_to: 146,
      crop: 'center',
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    });
    assert.equal(preprocessing.mean, [0.485, 0.456, 0.406]);
    assert.is(preprocessing.resizeTo, 146);
  });

  it('doubts what looks like a slip', async () => {
    assert.match((await load({ scale: 1, std: [0.2, 0.2, 0.2] })).preprocessingDoubt ?? '', /`scale: 1\/255` meant/);
    assert.is((await load()).preprocessingDoubt, undefined);
  });
});

describe('a model card that cannot hold', (it) => {
  it('(missing) is told with the way out', async () => {
    await rejects(
      () => loadModelCard('/nowhere/one.model.yaml', studySchema.parse(study())),
      /there is no file \/nowhere\/one\.model\.yaml; .*`beltbench init`/,
    );
  });

  const cases: [string, Record<string, unknown>, RegExp][] = [
    ['breaks the schema', { fiel: 'x' }, /one\.model\.yaml: unknown key `fiel` at the top level, did you mean `file`/],
    [
      'names a class the study lacks',
      { classes: ['fine', 'flawd'] },
      /class `flawd` is not one of the study's classes, did you mean `flawed`/,
    ],
    [
      'leaves a class out',
      { classes: ['fine', 'fine'] },
      /`classes` is \[fine, fine\].*every class of the study \(fine, flawed\).*once.*output order/,
    ],
    [
      'says that the model takes its channels last',
      { layout: 'nhwc' },
      /`layout`: images are fed as nchw only; export the model with its channels first, received "nhwc"$/,
    ],
    ['names a class twice', { classes: ['fine', 'flawed', 'fine'] }, /`classes` is \[fine, flawed, fine\].*once/],
    [
      'contradicts itself in its preprocessing',
      { resize: 'shorter_side' },
      /one\.model\.yaml: `resize: shorter_side` needs `resize_to`/,
    ],
  ];
  for (const [name, changes, pattern] of cases) {
    it(`(${name}) is told in one line`, async () => {
      await rejects(() => load(changes), pattern);
    });
  }
});

describe('toSize', (it) => {
  it('makes a square of one number, and takes height before width', () => {
    assert.equal(toSize(128), { height: 128, width: 128 });
    assert.equal(toSize([96, 128]), { height: 96, width: 128 });
    assert.is(toSize(undefined), undefined);
  });
});
