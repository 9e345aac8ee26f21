import * as assert from 'uvu/assert';
import { modesProblem } from '../../src/config/modesChecks.ts';
import { modesSchema } from '../../src/config/modesSchema.ts';
import { check } from '../../src/config/problems.ts';
import { studyProblem } from '../../src/config/studyChecks.ts';
import { studySchema } from '../../src/config/studySchema.ts';
import { describe } from '../describe.ts';
import { study } from './folder.ts';

const CANDIDATES = ['resnet18', 'resnet50'];

function problem(section: object): string {
  const checked = check(modesSchema, { line_modes: { standard: {}, high_speed: {} }, ...section });
  return checked.ok ? (modesProblem(checked.value, CANDIDATES) ?? 'none') : checked.problem;
}

describe("a study's modes", (it) => {
  it('may be left to their defaults', () => {
    assert.is(problem({}), 'none');
    const { last_resort: lastResort, line_modes: modes } = modesSchema.parse({ line_modes: { standard: {} } });
    assert.equal([lastResort, modes['standard']?.priorities], ['stop', ['quality', 'speed']]);
  });

  it('name candidates and modes of the study; what is unknown is told with the nearest name', () => {
    assert.match(problem({ rules: [{ choose: 'resnet8' }] }), /`rules\.0\.choose` names `resnet8`.*`resnet18`\?/);
    assert.match(
      problem({ rules: [{ when: { mode: 'highspeed' }, choose: 'resnet18' }] }),
      /no mode, did you mean `high_speed`/,
    );
    assert.match(problem({ capabilities: { resnet: ['x'] } }), /`capabilities` names `resnet`/);
    assert.match(problem({ settings: { standard: { resnet5: {} } } }), /settings of standard` names `resnet5`/);
    assert.match(problem({ last_resort: 'resnet81' }), /`last_resort` names `resnet81`/);
  });

  it('have chains that do not come back', () => {
    assert.match(problem({ fallback_chains: { resnet18: ['resnet50', 'resnet18'] } }), /is a cycle/);
    const both = { resnet18: ['resnet50'], resnet50: ['resnet18'] };
    assert.is(problem({ fallback_chains: both }), 'none', 'of a chain only its own links are tried');
  });

  it('are strict: an unknown key, a mode without a name, percent, a rule that ignores suitability', () => {
    assert.match(problem({ line_mode: {} }), /unknown key `line_mode`.*did you mean `line_modes`\?/);
    assert.match(problem({ line_modes: {} }), /expected at least one NAME/);
    assert.match(problem({ line_modes: { a: { target_recall: 99 } } }), /a share is written as 0\.99/);
    assert.match(
      problem({ rules: [{ choose: 'resnet18', ignore_suitability: true }] }),
      /unknown key `ignore_suitability`/,
    );
    assert.match(problem({ line_modes: { a: { priorities: ['accuracy'] } } }), /expected quality or speed or/);
  });

  it('are checked with the study', () => {
    const file = studySchema.parse({ ...study(), modes: { line_modes: { standard: {} }, last_resort: 'nobody' } });
    assert.match(studyProblem(file, []) ?? '', /`modes`: `last_resort` names `nobody`/);
  });
});
