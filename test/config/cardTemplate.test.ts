import * as assert from 'uvu/assert';
import { cardTemplate, type CardTemplateInput } from '../../src/config/cardTemplate.ts';
import { QUESTIONS } from '../../src/config/modelCard.ts';
import { modelCardSchema, type ModelCardFile } from '../../src/config/modelCardSchema.ts';
import { check } from '../../src/config/problems.ts';
import { allKeys } from '../../src/config/schemaKeys.ts';
import { parseYaml } from '../../src/config/yamlText.ts';
import { describe } from '../describe.ts';
import { uncommented, valuesAt } from './uncommented.ts';

const FOUND: CardTemplateInput = { file: 'resnet50.onnx', inputSize: 128, classCount: 2, classes: ['clean', 'pit'] };
const BARE: CardTemplateInput = { file: 'x.onnx', inputSize: undefined, classCount: undefined, classes: undefined };

function valueOf(text: string): unknown {
  const parsed = parseYaml(text);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.ok ? parsed.value : undefined;
}

function load(text: string): ModelCardFile {
  const checked = check(modelCardSchema, valueOf(text));
  if (!checked.ok) {
    throw new Error(checked.problem);
  }
  return checked.value;
}

describe('cardTemplate', (it) => {
  it('loads: what the file tells is stated, what it cannot tell is unknown', () => {
    assert.equal(load(cardTemplate(FOUND)), {
      file: 'resnet50.onnx',
      classes: 'unknown',
      input_size: 128,
      trained_input_size: 'unknown',
      scale: 'unknown',
      layout: 'nchw',
      outputs: 'auto',
    });
  });

  it('asks each question above the key that answers it', () => {
    const text = cardTemplate(FOUND);
    for (const [key, question] of Object.entries(QUESTIONS)) {
      const [before = ''] = text.split(`\n${key}: unknown\n`);
      assert.ok(before.includes(`# ${question}`), key);
    }
  });

  it('writes height before width', () => {
    assert.equal(load(cardTemplate({ ...FOUND, inputSize: [96, 128] })).input_size, [96, 128]);
  });

  it('says loudly that a file leaves its input size open', () => {
    const text = cardTemplate(BARE);
    assert.is(load(text).input_size, undefined);
    assert.match(text, /THE FILE LEAVES IT OPEN/);
  });

  it('tells the number of outputs and the names to put in order', () => {
    const text = cardTemplate(FOUND);
    assert.match(text, /# The file has 2 outputs\./);
    assert.match(text, /\[clean, pit\]\nclasses: unknown/);
  });

  for (const [name, input] of [
    ['a model of which all is known', FOUND],
    ['a model of which nothing is known', BARE],
  ] as const) {
    it(`loads with every example uncommented, and then holds every key of the schema, for ${name}`, () => {
      const text = uncommented(cardTemplate(input));
      load(text);
      const value = valueOf(text);
      for (const { path, key } of allKeys(modelCardSchema)) {
        const found = valuesAt(value, [...path, key]);
        assert.is(found.length, 1, `${[...path, key].join('.')} is not in the template`);
      }
    });
  }

  it('keeps file names that YAML would read otherwise, and lets none break out of a comment', () => {
    for (const file of ['- #1: [x].onnx', 'null', '"q".onnx', 'a\nclasses: [x, y]\n.onnx', '*.onnx', '.onnx']) {
      const card = valueOf(uncommented(cardTemplate({ ...FOUND, file })));
      assert.equal(valuesAt(card, ['file']), [file]);
      assert.equal(valuesAt(valueOf(cardTemplate({ ...FOUND, file })), ['classes']), ['unknown']);
    }
  });

  it('lets no class name break out of a comment', () => {
    const text = cardTemplate({ ...FOUND, classes: ['a\nscale: 1', 'b, c'] });
    assert.is(load(text).scale, 'unknown');
    assert.match(text, /\["a\\nscale: 1", "b, c"\]/);
  });
});
