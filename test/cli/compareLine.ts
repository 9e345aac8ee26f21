import { readdir, readFile } from 'node:fs/promises';
import type { ModelProto } from '../../src/onnx/generated/onnx_pb.ts';
import { comparisonSchema, type Comparison } from '../../src/records/comparison.ts';
import { int8Model } from './int8Model.ts';
import { withLine, writeModel, type Line } from './line.ts';

export const CANDIDATES = [
  { id: 'sharp_eyed', card: 'models/sharp_eyed.model.yaml', group: 'net' },
  { id: 'small', card: 'models/small.model.yaml', group: 'net' },
];
const BENCHMARKING = { iterations: 80, warmup_iterations: 2, rounds: 8 };

/** A line with an fp32 model and an INT8 variant of it in group `net`; `plain` stays on its own. */
export async function withVariant(
  use: (line: Line) => Promise<void>,
  changes: Record<string, unknown> = {},
  variant: ModelProto = int8Model(40),
): Promise<void> {
  await withLine(async (line) => {
    await writeModel(line, 'small', variant);
    await line.writeStudy({
      candidates: [...CANDIDATES, { id: 'plain', card: 'models/plain.model.yaml' }],
      benchmarking: BENCHMARKING,
      ...changes,
    });
    await use(line);
  });
}

export async function comparisonOf(line: Line, group = 'net'): Promise<Comparison> {
  const path = line.path('reports', 'STORY-1', `compare-${group}.json`);
  return comparisonSchema.parse(JSON.parse(await readFile(path, 'utf8')));
}

export async function recordsOf(line: Line, kind: string): Promise<string[]> {
  return (await readdir(line.path('reports', 'runs'))).filter((name) => name.startsWith(`${kind}-`));
}
