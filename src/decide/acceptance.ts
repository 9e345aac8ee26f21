import type { StudyFile } from '../config/studySchema.ts';
import type { Decision } from '../records/decision.ts';
import { countOf } from '../shared/units.ts';

/** The story's four boxes; each is ticked only by what the records or the study show. */
export function tickBoxes(study: StudyFile, verdict: Decision['verdict']): Decision['acceptance'] {
  const actions = study.next_actions;
  const unowned = actions.filter(({ owner }) => owner === undefined).length;
  const undated = actions.filter(({ due }) => due === undefined).length;
  return [
    {
      box: 'Decision made',
      ticked: verdict === 'SELECTED',
      why:
        verdict === 'SELECTED'
          ? 'a candidate passes all gates and is selected'
          : verdict === 'NO_CANDIDATE_PASSES'
            ? 'no candidate passes all gates'
            : 'the data do not settle it yet',
    },
    {
      box: 'Documentation updated with the rationale',
      ticked: verdict === 'SELECTED' && study.documentation.length > 0,
      why:
        study.documentation.length === 0
          ? 'the study names no place under `documentation` where the rationale was written down'
          : `written down in ${study.documentation.join(', ')}${verdict === 'SELECTED' ? '' : ', but there is no decision to document yet'}`,
    },
    {
      box: 'Next actions defined and assigned',
      ticked: actions.length > 0 && unowned === 0,
      why:
        actions.length === 0
          ? 'the study names no `next_actions`'
          : unowned === 0
            ? `${countOf(actions.length, 'action')}, each with an owner`
            : `${countOf(unowned, 'action')} without an owner`,
    },
    {
      box: 'Timeline established',
      ticked: actions.length > 0 && undated === 0,
      why:
        actions.length === 0
          ? 'the study names no `next_actions`'
          : undated === 0
            ? `${countOf(actions.length, 'action')}, each with a date`
            : `${countOf(undated, 'action')} without a date`,
    },
  ];
}
