import type { RootContent } from 'mdast';
import type { CandidateDecision, Contract } from '../../records/decision.ts';
import { NOT_MEASURED } from '../../shared/units.ts';
import { code, heading, left, paragraph, table, type Line } from '../mdast.ts';

/** What each model was fed and how its outputs were read: a wrong one still runs, and silently costs accuracy. */
export function contracts(candidates: readonly CandidateDecision[]): RootContent[] {
  return [
    heading(3, 'Contracts'),
    paragraph(
      'Every image is decoded to RGB, resized, put in the order of the channels, multiplied by the scale, and normalised, as the model card and the study say. What they leave open is assumed, and marked so.',
    ),
    table(
      [
        left('Model'),
        left('Resize'),
        left('Channels'),
        left('Scale'),
        left('Mean and std'),
        left('Classes in output order'),
        left('Outputs'),
      ],
      candidates.map(rowOf),
    ),
  ];
}

function rowOf({ id, contract, accuracy }: CandidateDecision): Line[] {
  const { preprocessing, classes, assumed } = contract;
  const marked = (text: string, key: Contract['assumed'][number]): string =>
    assumed.includes(key) ? `${text} (assumed)` : text;
  return [
    code(id),
    resizeText(preprocessing),
    preprocessing.channel_order.toUpperCase(),
    marked(scaleText(preprocessing.scale), 'scale'),
    // Whoever does not know the scale does not know what follows it either.
    marked(normalisation(preprocessing), 'scale'),
    marked(classes.join(', '), 'classes'),
    accuracy === null ? NOT_MEASURED : outputsText(accuracy.softmax),
  ];
}

function resizeText({ resize, resize_to: to, crop, interpolation }: Contract['preprocessing']): string {
  if (resize === 'none') {
    return crop === 'center' ? 'none, center crop: smaller ones are refused' : 'none: other sizes are refused';
  }
  const how = to === null ? resize : `${resize} ${to}`;
  return [how, ...(crop === 'none' ? [] : [`${crop} crop`]), interpolation].join(', ');
}

/** As people write it: 1/255 rather than its digits. */
function scaleText(scale: number): string {
  const divisor = Math.round(1 / scale);
  return divisor > 1 && Math.abs(1 / scale - divisor) < 1e-9 * divisor ? `1/${divisor}` : String(scale);
}

function normalisation({ mean, std }: Contract['preprocessing']): string {
  const parts = [
    ...(mean === null ? [] : [`mean ${mean.join(', ')}`]),
    ...(std === null ? [] : [`std ${std.join(', ')}`]),
  ];
  return parts.length === 0 ? 'none' : parts.join('; ');
}

function outputsText(softmax: NonNullable<CandidateDecision['accuracy']>['softmax']): string {
  if (softmax === null) {
    return 'unknown';
  }
  const source = softmax.decided_by === 'card' ? 'by the card' : 'by their values';
  return softmax.applied ? `logits ${source}, softmax applied` : `probabilities ${source}`;
}
