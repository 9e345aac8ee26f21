import type { RootContent } from 'mdast';
import type { CandidateDecision, Decision } from '../../records/decision.ts';
import {
  formatCount,
  formatMegabytes,
  formatMillions,
  formatShare,
  NOT_MEASURED,
  shortHash,
} from '../../shared/units.ts';
import { sizeText } from '../figures.ts';
import { code, heading, left, right, table, type Line } from '../mdast.ts';
import { contracts } from './contracts.ts';

/** What each model file is, and how it was fed and read. */
export function models({ candidates }: Decision): RootContent[] {
  return [
    heading(2, 'Models'),
    table(
      [
        left('Model'),
        left('File'),
        left('SHA-256'),
        right('Input'),
        right('Trained at'),
        right('Size'),
        right('Parameters'),
        right('Multiply-adds'),
        right('INT8 weights'),
        right('Subnormal weights'),
      ],
      candidates.map(rowOf),
    ),
    ...contracts(candidates),
  ];
}

function rowOf(candidate: CandidateDecision): Line[] {
  const { id, model } = candidate;
  const sizes = [sizeText(candidate.input_size), sizeText(candidate.trained_input_size)];
  if (model === null) {
    return [code(id), NOT_MEASURED, NOT_MEASURED, ...sizes, ...Array<string>(5).fill(NOT_MEASURED)];
  }
  return [
    code(id),
    code(model.file),
    code(shortHash(model.sha256)),
    ...sizes,
    formatMegabytes(model.file_size_bytes),
    formatMillions(model.parameter_count),
    model.multiply_adds === null ? 'unknown' : formatMillions(model.multiply_adds),
    formatShare(model.int8_weight_share, 1),
    formatCount(model.subnormal_weights),
  ];
}
