import { readFile, stat } from 'node:fs/promises';
import { BeltbenchError, reasonOf } from '../../shared/errors.ts';
import { isRecord } from '../../shared/values.ts';

/** One operator's share of an inference. */
export interface OperatorTime {
  /** Name of the kernel's operator, without its domain. */
  readonly operator: string;
  /** Mean per inference, over all nodes of the operator. */
  readonly ms: number;
  /** Of the time of all operators; what the runtime spends between them is not in it. */
  readonly share: number;
  /** Nodes of this operator that run. */
  readonly nodes: number;
}

/** Some thousand nodes over some dozen runs take less; a file of more is none of ours. */
const MOST_BYTES = 256 * 1024 * 1024;
const KERNEL_TIME = '_kernel_time';

/** What is read of one event of the runtime's trace; all times in microseconds. */
interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly operator: string | undefined;
}

/**
 * Adds up the runtime's trace of several inferences by operator.
 *
 * @param warmUp how many inferences at the beginning do not count
 * @returns the operators, the slowest first
 * @throws BeltbenchError `inference_failed` when the file is not what the runtime writes
 */
export async function readProfile(path: string, warmUp: number): Promise<readonly OperatorTime[]> {
  const events = await readEvents(path);
  const runs = events.filter(({ cat, name }) => cat === 'Session' && name === 'model_run').toSorted(byStart);
  const counted = runs.slice(warmUp);
  const [first] = counted;
  if (first === undefined) {
    throw unreadable(path, `it holds ${runs.length} inferences, and the first ${warmUp} do not count`);
  }
  const totals = new Map<string, { us: number; calls: number }>();
  for (const { cat, name, ts, dur, operator } of events) {
    if (cat === 'Node' && name.endsWith(KERNEL_TIME) && operator !== undefined && ts >= first.ts) {
      const total = totals.get(operator) ?? { us: 0, calls: 0 };
      totals.set(operator, { us: total.us + dur, calls: total.calls + 1 });
    }
  }
  const allUs = [...totals.values()].reduce((sum, { us }) => sum + us, 0);
  return [...totals]
    .map(([operator, { us, calls }]) => ({
      operator,
      ms: us / counted.length / 1000,
      share: allUs === 0 ? 0 : us / allUs,
      nodes: Math.round(calls / counted.length),
    }))
    .toSorted((a, b) => b.ms - a.ms);
}

async function readEvents(path: string): Promise<readonly TraceEvent[]> {
  const { size } = await stat(path);
  if (size > MOST_BYTES) {
    throw unreadable(path, `it has ${size} bytes, more than ${MOST_BYTES}`);
  }
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (thrown) {
    throw unreadable(path, reasonOf(thrown));
  }
  if (!Array.isArray(content)) {
    throw unreadable(path, 'it is no list of events');
  }
  return content.map(toEvent).filter((event) => event !== undefined);
}

function toEvent(content: unknown): TraceEvent | undefined {
  if (!isRecord(content)) {
    return undefined;
  }
  const { cat, name, ts, dur, args } = content;
  if (typeof cat !== 'string' || typeof name !== 'string' || !isTime(ts) || !isTime(dur)) {
    return undefined;
  }
  const operator = isRecord(args) ? args['op_name'] : undefined;
  return { cat, name, ts, dur, operator: typeof operator === 'string' ? operator : undefined };
}

function isTime(content: unknown): content is number {
  return typeof content === 'number' && Number.isFinite(content) && content >= 0;
}

function byStart(a: TraceEvent, b: TraceEvent): number {
  return a.ts - b.ts;
}

function unreadable(path: string, why: string): BeltbenchError {
  return new BeltbenchError('inference_failed', `the runtime's profile ${path} cannot be read: ${why}; run again`);
}
