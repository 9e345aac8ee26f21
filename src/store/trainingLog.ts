import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import {
  checkpointListingSchema,
  trainingLogLineSchema,
  type TrainingEpoch,
  type TrainingLogLine,
  type TrainingRun,
} from '../records/trainingLog.ts';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';
import { countOf } from '../shared/units.ts';
import { isRecord } from '../shared/values.ts';
import { check } from '../config/problems.ts';
import { EpochCollector } from './epochCollector.ts';
import { parsePythonJson } from './pythonJson.ts';

/** A log of a hundred thousand epochs; a larger file is a mistake or an attack. */
const MOST_BYTES = 64 * 1024 * 1024;
/** At most this many left-out lines, and this many restarts, are told one by one. */
const MOST_TOLD = 3;

/**
 * Reads one training log: JSON lines of the phases `train` and `val`, or a listing of checkpoints
 * as one JSON document. Lines that cannot be read, such as the half line of a killed trainer, are
 * left out and said.
 *
 * @throws BeltbenchError `bad_record` when the file is missing, too large, or holds no epoch
 */
export async function readTrainingLog(path: string): Promise<TrainingRun> {
  await assertReadable(path);
  const run = (await isDocument(path)) ? await readListing(path) : await readLines(path);
  if (run.epochs.length === 0) {
    throw new BeltbenchError(
      'bad_record',
      `${path} holds no epoch of a training${run.notes[0] === undefined ? '' : ` (${run.notes[0]})`}; name a log of JSON lines with \`epoch\`, \`phase\` and \`val_loss\`, or a list of checkpoints`,
    );
  }
  return run;
}

async function assertReadable(path: string): Promise<void> {
  const info = await stat(path).catch((thrown: unknown) => {
    throw new BeltbenchError('bad_record', `${path} cannot be read: ${reasonOf(thrown)}; name a training log`);
  });
  if (!info.isFile() || info.size > MOST_BYTES) {
    const found = info.isFile() ? `has ${info.size} bytes, and at most ${MOST_BYTES} are read` : 'is not a file';
    throw new BeltbenchError('bad_record', `${path} ${found}; name a training log`);
  }
}

async function firstCharacters(path: string): Promise<string> {
  const stream = createReadStream(path, { encoding: 'utf8', end: 4095 });
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
  }
  return text.trimStart();
}

/** Every line of a log is an object of its own; a listing is a list, or an object that holds one. */
async function isDocument(path: string): Promise<boolean> {
  const text = await firstCharacters(path);
  if (text.startsWith('[') || /^\{\s*"checkpoints"/.test(text)) {
    return true;
  }
  const [firstLine = ''] = text.split('\n', 1);
  const first = parsePythonJson(firstLine);
  const isLine = isRecord(first) || !text.startsWith('{');
  return holdsListing(isLine ? first : parsePythonJson(await readFile(path, 'utf8')));
}

function holdsListing(content: unknown): boolean {
  return isRecord(content) && Object.hasOwn(content, 'checkpoints');
}

async function readListing(path: string): Promise<TrainingRun> {
  const content = parsePythonJson(await readFile(path, 'utf8'));
  const listing = check(checkpointListingSchema, content);
  if (!listing.ok) {
    throw new BeltbenchError(
      'bad_record',
      `${path} is no list of checkpoints: ${listing.problem}; each needs \`epoch\`, \`eval_loss\` and, if known, \`train_loss\``,
    );
  }
  const read = listing.value.map((entry) => ({
    epoch: entry.epoch,
    step: entry.step,
    checkpointPath: entry.checkpoint_path ?? entry.path,
    trainLoss: entry.train_loss ?? undefined,
    evalLoss: entry.eval_loss ?? undefined,
    accuracy: undefined,
    confusion: undefined,
    inputSize: undefined,
    epochsWithoutImprovement: entry.epochs_without_improvement ?? undefined,
  }));
  const epochs = inOrder(read);
  const twice = read.length - epochs.length;
  const note = `${countOf(twice, 'checkpoint')} ${twice === 1 ? 'is' : 'are'} left out: a later entry has ${twice === 1 ? 'its' : 'their'} epoch and step`;
  return { source: path, epochs, notes: twice === 0 ? [] : [note] };
}

/** By epoch and step, of which the last entry counts; one without a step is of the epoch's end. */
function inOrder(entries: readonly TrainingEpoch[]): TrainingEpoch[] {
  const last = new Map(entries.map((entry) => [`${entry.epoch} ${entry.step}`, entry]));
  return [...last.values()].toSorted(
    (a, b) => a.epoch - b.epoch || (a.step ?? Number.MAX_VALUE) - (b.step ?? Number.MAX_VALUE),
  );
}

async function readLines(path: string): Promise<TrainingRun> {
  const collector = new EpochCollector();
  const leftOut: string[] = [];
  let number = 0;
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    number += 1;
    if (line.trim() === '') {
      continue;
    }
    const read = parseLine(line);
    if (typeof read === 'string') {
      leftOut.push(`line ${number} is left out: ${read}`);
    } else {
      collector.add(read);
    }
  }
  const { epochs, restarts } = collector.collected();
  const carried = epochs.filter(({ sizeIsCarried }) => sizeIsCarried).length;
  const notes = [
    ...firstOf(restarts, (more) => countOf(more, 'more restart')),
    ...(carried === 0
      ? []
      : [
          `${countOf(carried, 'epoch')} ${carried === 1 ? 'is' : 'are'} without an input size: the last one that the log names is taken`,
        ]),
    ...firstOf(leftOut, (more) => `${countOf(more, 'more line')} ${more === 1 ? 'is' : 'are'} left out`),
  ];
  return { source: path, epochs, notes };
}

function firstOf(notes: readonly string[], rest: (more: number) => string): string[] {
  const more = notes.length - MOST_TOLD;
  return [...notes.slice(0, MOST_TOLD), ...(more > 0 ? [rest(more)] : [])];
}

function parseLine(line: string): TrainingLogLine | string {
  const content = parsePythonJson(line);
  if (content === undefined) {
    return 'it is no JSON (cut off?)';
  }
  const checked = check(trainingLogLineSchema, content);
  return checked.ok ? checked.value : checked.problem;
}
