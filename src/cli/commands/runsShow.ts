import { readdir } from 'node:fs/promises';
import { aggregateRuns } from '../../decide/aggregate.ts';
import { countOf, formatMegabytes, formatMs } from '../../shared/units.ts';
import type { AnyRecord } from '../../store/parseRecord.ts';
import { recordPath } from '../../store/recordFolder.ts';
import type { CommonArgs, Outcome } from '../io.ts';
import { renderTable } from '../tables.ts';
import { candidateOf, entryOf, keyOf } from '../work/runsEntries.ts';
import { findRuns } from '../work/runsFind.ts';
import { readReferences } from '../work/runsReferences.ts';
import { openStore } from '../work/runsStore.ts';
import { resultOf } from './runsList.ts';

/** `beltbench runs show ID`: one record, or all runs of one key, with the key in full. */
export async function runRunsShow(args: CommonArgs & { readonly id: string }): Promise<Outcome> {
  const { study, store, records } = await openStore(args);
  const runs = findRuns(records, args.id);
  const ids = runs.map(({ record_id: id }) => id);
  const { reportsOf } = await readReferences(study.reportsDir, store.dir, ids);
  const shown: ShownRun[] = [];
  for (const record of runs) {
    const folder = recordPath(store.dir, record.record_id);
    const files: string[] = await readdir(folder).catch(() => []);
    shown.push({ folder, files: files.toSorted(), used_by: reportsOf.get(record.record_id) ?? [], record });
  }
  return {
    document: { command: 'runs show', key: runs.map(keyOf)[0] ?? null, runs: shown },
    text: `${shown.map(describe).join('\n')}${describeTogether(runs)}`,
    exitCode: 0,
  };
}

interface ShownRun {
  readonly folder: string;
  readonly files: readonly string[];
  /** The reports that name it. */
  readonly used_by: readonly string[];
  readonly record: AnyRecord;
}

function describe({ folder, files, used_by: usedBy, record }: ShownRun): string {
  const entry = entryOf(record);
  const facts: [string, string][] = [
    ['id', record.record_id],
    ['kind', entry.kind],
    ['candidate', candidateOf(record)],
    ['key', entry.key],
    ['started', record.started_at],
    ['status', entry.status],
    ['result', record.schema === 'beltbench/sweep' ? resultOf(entry) : (record.failure ?? resultOf(entry))],
    ...factsOf(record),
    ...record.warnings.map(({ message }): [string, string] => ['warning', message]),
    ['used by', usedBy.join(', ') || 'no report'],
    ['folder', folder],
    ['files', files.join(', ')],
  ];
  return renderTable(['', ''], facts);
}

function factsOf(record: AnyRecord): [string, string][] {
  switch (record.schema) {
    case 'beltbench/latency':
      return [
        ...modelFacts(record),
        ['settings', settingsText(record.settings)],
        ['host', `${record.host_class.cpu_model}, ${record.host_class.os}, Node ${record.host_class.node}`],
        ['peak memory', formatMegabytes(record.peak_rss_bytes)],
        ...Object.entries(record.key_parts).map(([part, hash]): [string, string] => [`key part ${part}`, hash]),
      ];
    case 'beltbench/evaluation':
      return [
        ...modelFacts(record),
        ['images', `${record.dataset_root}, ${record.split}; fingerprint ${record.data_fingerprint}`],
        ['left out', countOf(record.skipped.length, 'image')],
        ['runtime', record.runtime],
      ];
    case 'beltbench/sweep':
      return [['evaluation', record.sweep.evaluation_record_id]];
  }
}

function modelFacts(record: Exclude<AnyRecord, { schema: 'beltbench/sweep' }>): [string, string][] {
  const { model, input_size: size } = record;
  return [
    ['finished', record.finished_at],
    ['model', `${model.file}, ${formatMegabytes(model.file_size_bytes)}, sha256 ${model.sha256}`],
    ['input size', `${size.height}x${size.width}`],
  ];
}

function settingsText(settings: Extract<AnyRecord, { schema: 'beltbench/latency' }>['settings']): string {
  const { batch_sizes: sizes, iterations, warmup_iterations: warmup, rounds, threads, runtime } = settings;
  return `batch ${sizes.join(', ')}; ${countOf(iterations, 'iteration')} in ${countOf(rounds, 'round')} after ${warmup} of warm-up; ${countOf(threads, 'thread')}; ${runtime}`;
}

/** Several latency runs of one key are one candidate, by each rule that the study may name (rules.md 2). */
function describeTogether(runs: readonly AnyRecord[]): string {
  const latency = runs.filter((run) => run.schema === 'beltbench/latency');
  const [latest, median, mean] = (['latest', 'median', 'mean'] as const).map((rule) => aggregateRuns(latency, rule));
  return latest === undefined || latest.count < 2
    ? ''
    : `\n${countOf(latest.count, 'finished run')} of this key, ${formatMs(latest.lowestMs)} to ${formatMs(latest.highestMs)}: latest ${formatMs(latest.meanMs)}, median ${formatMs(median?.meanMs)}, mean ${formatMs(mean?.meanMs)}\n`;
}
