import * as assert from 'uvu/assert';
import { tickBoxes } from '../../src/decide/acceptance.ts';
import { describe } from '../describe.ts';
import { study } from './factories.ts';

const COMPLETE = {
  documentation: ['docs/lessons.md'],
  next_actions: [{ text: 'deploy', owner: 'Ana', due: '2025-12-01' }],
};

const ticked = (sections: Record<string, unknown>, verdict: Parameters<typeof tickBoxes>[1] = 'SELECTED') =>
  tickBoxes(study(sections), verdict).map((box) => box.ticked);
const why = (sections: Record<string, unknown>, box: number, verdict: Parameters<typeof tickBoxes>[1] = 'SELECTED') =>
  tickBoxes(study(sections), verdict)[box]?.why ?? '';

describe('the acceptance boxes of the story', (it) => {
  it('are the four of the story, and can all be ticked', () => {
    assert.equal(
      tickBoxes(study(COMPLETE), 'SELECTED').map(({ box }) => box),
      [
        'Decision made',
        'Documentation updated with the rationale',
        'Next actions defined and assigned',
        'Timeline established',
      ],
    );
    assert.equal(ticked(COMPLETE), [true, true, true, true]);
  });

  it('stay open where the study shows nothing', () => {
    assert.equal(ticked({}), [true, false, false, false]);
    assert.match(why({}, 1), /names no place/);
    assert.match(why({}, 2), /no `next_actions`/);
    assert.match(why({}, 3), /no `next_actions`/);
  });

  it('have no decision without a selection that stands', () => {
    assert.equal(ticked(COMPLETE, 'NOT_ENOUGH_DATA'), [false, false, true, true]);
    assert.equal(ticked(COMPLETE, 'NO_CANDIDATE_PASSES'), [false, false, true, true]);
    assert.match(why(COMPLETE, 0, 'NOT_ENOUGH_DATA'), /do not settle/);
    assert.match(why(COMPLETE, 0, 'NO_CANDIDATE_PASSES'), /no candidate passes/);
    assert.match(why(COMPLETE, 1, 'NOT_ENOUGH_DATA'), /no decision to document/);
  });

  it('need an owner and a date for every action', () => {
    const actions = [{ text: 'deploy', owner: 'Ana', due: '2025-12-01' }, { text: 'measure' }];
    assert.equal(ticked({ ...COMPLETE, next_actions: actions }), [true, true, false, false]);
    assert.is(why({ next_actions: actions }, 2), '1 action without an owner');
    assert.is(why({ next_actions: actions }, 3), '1 action without a date');
  });

  it("stay open where the template's placeholders were uncommented and left as they are", () => {
    const actions = [{ text: 'deploy', owner: 'NAME', due: 'YYYY-MM-DD' }];
    assert.equal(ticked({ ...COMPLETE, next_actions: actions }), [true, true, false, false]);
  });
});
