import { dirname, relative, resolve, sep } from 'node:path';
import type { CandidateEntry } from '../../config/candidateEntry.ts';
import type { OutPaths } from './outPaths.ts';
import { backboneOf, type QuantizeSource } from './source.ts';

/**
 * The entry for the study's `candidates`. Its group is that of the float model's own entry, where the
 * study has one; else what both cards say.
 */
export function studyEntryOf(source: QuantizeSource, paths: OutPaths): CandidateEntry {
  const { study, card } = source;
  const base = study === undefined ? undefined : dirname(study.path);
  const float = study?.file.candidates.find((entry) => base !== undefined && resolve(base, entry.card) === card.path);
  const cardPath = base === undefined ? paths.card : relative(base, resolve(paths.card));
  return {
    id: paths.name.replaceAll(/[^\w.-]/g, '_'),
    card: cardPath.split(sep).join('/'),
    group: float?.group ?? card.content.backbone ?? float?.id ?? backboneOf(source),
  };
}
