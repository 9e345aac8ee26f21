import * as assert from 'uvu/assert';
import { check } from '../../src/config/problems.ts';
import { allKeys } from '../../src/config/schemaKeys.ts';
import { studyProblem } from '../../src/config/studyChecks.ts';
import { studySchema, type StudyFile } from '../../src/config/studySchema.ts';
import { studyTemplate, type StudyTemplateInput } from '../../src/config/studyTemplate.ts';
import { parseYaml } from '../../src/config/yamlText.ts';
import { describe } from '../describe.ts';
import { study } from './folder.ts';
import { uncommented, valuesAt } from './uncommented.ts';

const FOUND: StudyTemplateInput = {
  story: 'STORY-006',
  datasetRoot: 'data/cherries',
  split: 'val',
  classes: { cherry_clean: 'cherry_clean', cherry_pit: 'cherry_pit' },
  targetClass: 'cherry_pit',
  targetGuess: 'by name',
  candidates: [
    { id: 'resnet18', card: 'models/resnet18.model.yaml' },
    { id: 'resnet50', card: 'models/resnet50.model.yaml' },
  ],
};
const NOT_FOUND: StudyTemplateInput = {
  story: 'STORY-006',
  datasetRoot: undefined,
  split: undefined,
  classes: undefined,
  targetClass: undefined,
  candidates: [],
};

function valueOf(text: string): unknown {
  const parsed = parseYaml(text);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.ok ? parsed.value : undefined;
}

function load(text: string): StudyFile {
  const checked = check(studySchema, valueOf(text));
  if (!checked.ok) {
    throw new Error(checked.problem);
  }
  assert.is(studyProblem(checked.value, []), undefined);
  return checked.value;
}

describe('studyTemplate', (it) => {
  it('loads, and holds what was found', () => {
    const file = load(studyTemplate(FOUND));
    assert.is(file.story, 'STORY-006');
    assert.equal(file.dataset, {
      root: 'data/cherries',
      split: 'val',
      classes: { cherry_clean: 'cherry_clean', cherry_pit: 'cherry_pit' },
      target_class: 'cherry_pit',
      target_guess: 'by name',
    });
    assert.equal(file.candidates, FOUND.candidates);
  });

  it('loads when nothing was found, and says what to fill in', () => {
    const text = studyTemplate(NOT_FOUND);
    load(text);
    assert.match(text, /TO FILL IN: no folder with a val.*\ndataset:/);
    assert.match(text, /TO FILL IN: no ONNX file was found.*\ncandidates:/);
  });

  it('does not ask to fill in what was found', () => {
    assert.not.match(studyTemplate(FOUND), /TO FILL IN/);
  });

  it('loads with every example uncommented, and then holds every key of the schema', () => {
    const text = uncommented(studyTemplate(FOUND));
    load(text);
    const value = valueOf(text);
    for (const { path, key } of allKeys(studySchema)) {
      const found = valuesAt(value, [...path, key]);
      assert.ok(found.length > 0, `${[...path, key].join('.')} is not in the template`);
    }
  });

  it('fills in nobody and no date where its placeholders are uncommented and left as they are', () => {
    const { next_actions: actions, thresholds } = load(uncommented(studyTemplate(FOUND)));
    assert.equal([actions[0]?.owner, actions[0]?.due, thresholds.confirmed_by], [undefined, undefined, undefined]);
  });

  it('shows the defaults as they are', () => {
    const { selection, ...shown } = load(studyTemplate(FOUND));
    const defaults = studySchema.parse(study());
    for (const key of ['line', 'benchmarking', 'run', 'benchmark', 'thresholds', 'documentation', 'reports'] as const) {
      assert.equal(shown[key], defaults[key], key);
    }
    assert.equal({ ...selection, accuracy_threshold: null }, defaults.selection);
  });

  it('shows every default: nothing the schema fills in is missing', () => {
    const written = valueOf(studyTemplate(FOUND));
    const commented = new Set(['output', 'parameters', 'next_actions']);
    for (const key of Object.keys(studySchema.parse(study()))) {
      assert.ok(commented.has(key) || valuesAt(written, [key]).length > 0, key);
    }
    for (const key of ['iterations', 'warmup_iterations', 'threads', 'rounds', 'seed', 'batch_sizes']) {
      assert.is(valuesAt(written, ['benchmarking', key]).length, 1, key);
    }
  });

  it('recommends a threshold, and says that it is not the default', () => {
    const text = studyTemplate(FOUND);
    assert.is(load(text).selection.accuracy_threshold, 0.015);
    assert.match(text, /NOT the default.*0\.015 is recommended\.\n {2}accuracy_threshold: 0\.015/);
  });

  it('calls the false-reject limit an assumption until somebody confirms it', () => {
    const text = studyTemplate(FOUND);
    assert.is(load(text).thresholds.confirmed_by, undefined);
    assert.match(text, /AN ASSUMPTION until `confirmed_by`[^:]*:\n.*\n {2}max_false_reject_rate: 0\.10/);
  });

  it("carries the story's five options and its five questions, none answered", () => {
    const { options, discussion } = load(studyTemplate(FOUND));
    assert.equal(Object.keys(options), ['A', 'B', 'C', 'D', 'E']);
    for (const { what, for: pro, against } of Object.values(options)) {
      assert.ok(what !== '' && pro.length > 0 && against.length > 0);
    }
    assert.is(options['C']?.effort, '1 day');
    assert.is(discussion.length, 5);
    assert.ok(discussion.every(({ answer }) => answer === undefined));
  });

  it('says how the target class was guessed', () => {
    assert.match(
      studyTemplate(FOUND),
      /GUESSED from the folders' names.*\n {2}target_class: cherry_pit\n.*remove this line.*\n {2}target_guess: by name\n/,
    );
    assert.match(
      studyTemplate({ ...FOUND, targetGuess: 'by alphabet' }),
      /GUESSED WITHOUT A CLUE.*CONFIRM OR CORRECT IT.*\n {2}target_class/,
    );
    assert.not.match(studyTemplate({ ...FOUND, targetGuess: undefined }), /GUESSED|target_guess/);
  });

  it('keeps names that YAML would read otherwise', () => {
    const file = load(
      studyTemplate({
        ...FOUND,
        datasetRoot: '- [odd]: root # of all',
        classes: { no: '0x10', null: 'it\'s: "#1"', '&yes': '*yes' },
        targetClass: 'null',
        candidates: [{ id: '1', card: 'a: b/#1 {x}.model.yaml' }],
      }),
    );
    assert.equal(file.dataset.classes, { no: '0x10', null: 'it\'s: "#1"', '&yes': '*yes' });
    assert.is(file.dataset.root, '- [odd]: root # of all');
    assert.is(file.dataset.target_class, 'null');
    assert.equal(file.candidates, [{ id: '1', card: 'a: b/#1 {x}.model.yaml' }]);
  });
});
