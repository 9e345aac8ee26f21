import { valueAt } from './valueAt.ts';

/** Keys of the earlier tools that are accepted and have no meaning here, and why. */
const UNUSED: readonly { readonly path: readonly string[]; readonly why: string }[] = [
  {
    path: ['benchmarking', 'max_length'],
    why: 'has no meaning for images; it is part of the benchmark key and otherwise unused',
  },
  {
    path: ['benchmarking', 'test_data'],
    why: 'names a file of texts, and the images come from `dataset`; it is part of the benchmark key and otherwise unused',
  },
  { path: ['output', 'filename'], why: 'is unused: every record has a folder of its own under `reports/runs`' },
  {
    path: ['objective', 'metric'],
    why: "names the metric of the earlier tools' training runs and is unused here: candidates are ranked by `selection.metric`",
  },
];

/**
 * One line for each key that a study states in vain.
 *
 * @param content the study as it was written, before any default was filled in
 */
export function unusedKeys(content: unknown): string[] {
  return UNUSED.flatMap(({ path, why }) => {
    const value = valueAt(content, path);
    return value === undefined || value === null ? [] : [`\`${path.join('.')}\` ${why}`];
  });
}
