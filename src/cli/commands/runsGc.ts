import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readModel } from '../../onnx/read.ts';
import { BeltbenchError, isMissing } from '../../shared/errors.ts';
import { countOf, formatMegabytes } from '../../shared/units.ts';
import { findLeftovers } from '../../store/leftovers.ts';
import { discardFolder } from '../../store/recordFolder.ts';
import type { CommonArgs, Io, Outcome } from '../io.ts';
import { printable } from '../printable.ts';
import { renderTable } from '../tables.ts';
import { bytesIn, planGc, type GcFolder } from '../work/runsGc.ts';
import { readReferences } from '../work/runsReferences.ts';
import { openStore, type OpenedStore } from '../work/runsStore.ts';

export interface RunsGcArgs extends CommonArgs {
  readonly keep: number | undefined;
  readonly unused: boolean;
  readonly apply: boolean;
}

/** `beltbench runs gc`: what of the store may go; with `--apply` it goes. */
export async function runRunsGc(args: RunsGcArgs, io: Io): Promise<Outcome> {
  const { unused, apply } = args;
  const opened = await openStore(args);
  const { study, store, records, unreadable, unfinished } = opened;
  const ids = [...records.map(({ record_id: id }) => id), ...unreadable.map(({ name }) => name)];
  const references = await readReferences(study.reportsDir, store.dir, ids);
  const [problem] = references.problems;
  if (problem !== undefined && apply) {
    throw new BeltbenchError(
      'bad_record',
      `nothing is removed while a report cannot be read, because the records it names are not known: ${problem}`,
    );
  }
  const plan = await planGc({
    runsDir: store.dir,
    records,
    unreadable,
    unfinished,
    leftovers: args.only.length > 0 ? [] : await findLeftovers(store.dir),
    references,
    keep: args.keep,
    unused,
    candidates: new Set(study.candidates.map(({ id }) => id)),
    named: new Set(args.only),
    models: new Set(unused ? await modelsOf(opened) : []),
  });
  const folders: SizedFolder[] = [];
  for (const folder of plan) {
    folders.push({ ...folder, bytes: await bytesIn(join(store.dir, folder.name)) });
  }
  for (const { name } of apply ? folders.filter(({ goes }) => goes) : []) {
    await discardFolder(store.dir, join(store.dir, name));
  }
  for (const note of args.quiet ? [] : notesOn(opened, folders, references.problems)) {
    io.stderr(`note: ${printable(note)}\n`);
  }
  return {
    document: { command: 'runs gc', store: store.dir, applied: apply, folders, problems: references.problems },
    text: describe(folders, apply),
    exitCode: 0,
  };
}

type SizedFolder = GcFolder & { readonly bytes: number };

/** A file that is not there says nothing; the records under its candidate's name do. One that cannot be reached ends the command. */
async function modelsOf({ study }: OpenedStore): Promise<string[]> {
  const models: string[] = [];
  for (const { card } of study.candidates) {
    if (await mayBeThere(card.modelPath)) {
      models.push((await readModel(card.modelPath)).sha256);
    }
  }
  return models;
}

async function mayBeThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (thrown: unknown) => !isMissing(thrown),
  );
}

function notesOn({ study }: OpenedStore, folders: readonly GcFolder[], problems: readonly string[]): string[] {
  const rule = study.file.benchmark.latency_aggregation;
  return [
    ...problems.map((problem) => `${problem}; --apply removes nothing before that`),
    ...(rule !== 'latest' && folders.some(({ what, goes }) => goes && what === 'superseded')
      ? [`\`benchmark.latency_aggregation\` is ${rule}: without the older runs of a key its latency changes`]
      : []),
  ];
}

function describe(folders: readonly SizedFolder[], applied: boolean): string {
  const going = folders.filter(({ goes }) => goes);
  const all = `${countOf(going.length, 'folder')}, ${formatMegabytes(going.reduce((sum, { bytes }) => sum + bytes, 0))}`;
  const verdict = applied ? `removed ${all}` : `${all}, may go; nothing is removed without --apply`;
  const rows = folders.map(({ name, what, goes, reason }) => [
    goes ? (applied ? 'removed' : 'may go') : 'stays',
    what,
    reason,
    name,
  ]);
  return `${rows.length === 0 ? '' : renderTable(['', 'what', 'why', 'folder'], rows)}${going.length === 0 ? 'nothing to remove' : verdict}\n`;
}
