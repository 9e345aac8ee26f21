import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { stringify } from 'yaml';
import type { ModelProto } from '../../src/onnx/generated/onnx_pb.ts';
import { mulberry32 } from '../../src/stats/prng.ts';
import { encode, floats, model, node, value } from '../onnx/build.ts';

/** Pixels of a test image's side: small, so that the models answer in microseconds. */
export const SIDE = 16;

/** The product is run from its sources, so that no stale build is tested. */
const TSX = import.meta.resolve('tsx');
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
export const BELTBENCH = [process.execPath, '--import', TSX, MAIN] as const;

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A line of its own in a temporary folder: images, two models with cards, a study. */
export interface Line {
  readonly dir: string;
  /** Runs the command line as a user would, in the line's folder. */
  readonly cli: (...args: string[]) => Promise<CliResult>;
  /** Runs it with `reports`, which holds what the folder `kept` does, on a disk of so many KiB; then lists what is left there on stdout. */
  readonly onSmallDisk: (kib: number, ...args: string[]) => Promise<CliResult>;
  /** Starts it and returns the process, to be killed. */
  readonly start: (...args: string[]) => ReturnType<typeof spawn>;
  /** Writes the study file with changes laid over it. */
  readonly writeStudy: (changes?: Record<string, unknown>) => Promise<void>;
  readonly path: (...parts: string[]) => string;
}

/** Runs `use` on a fresh line, and removes it. */
export async function withLine(use: (line: Line) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'beltbench-line-'));
  try {
    const line = openLine(dir);
    await writeImages(line.path('datasets', 'val'), 40, 1);
    await writeImages(line.path('datasets', 'train'), 4, 2);
    await mkdir(line.path('models'), { recursive: true });
    await writeModel(line, 'sharp_eyed', rednessModel(40));
    await writeModel(line, 'plain', rednessModel(40, 0.04));
    await line.writeStudy();
    await use(line);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function openLine(dir: string): Line {
  const [executable, ...door] = BELTBENCH;
  const start = (...args: string[]) =>
    spawn(executable, [...door, ...args], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    dir,
    start,
    path: (...parts) => join(dir, ...parts),
    cli: async (...args) => await finish(start(...args)),
    onSmallDisk: async (kib, ...args) => {
      // A file system of its own in a namespace of its own: no root needed, gone when it ends.
      const script = `mkdir -p reports && mount -t tmpfs -o size=${kib}k tmpfs reports && if [ -d kept ]; then cp -r kept/. reports/; fi && "$@"; code=$?; find reports -type f -exec sha256sum {} +; exit $code`;
      const options = ['--map-root-user', '--mount', 'bash', '-c', script, 'bash', ...BELTBENCH, ...args];
      return await finish(spawn('unshare', options, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] }));
    },
    writeStudy: async (changes = {}) => {
      await writeFile(join(dir, 'beltbench.yaml'), stringify({ ...study(), ...changes }));
    },
  };
}

/** What a process printed, and how it ended. */
export async function finish(child: ReturnType<typeof spawn>): Promise<CliResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, stdout, stderr };
}

/**
 * 40 defects without a miss prove 90 % recall at 95 %. Of 300 inferences 20 may be late for 90 %, so that a
 * busy machine does not decide the test.
 */
function study() {
  return {
    story: 'STORY-1',
    line: { budget_ms: 30, required_share: 0.9 },
    dataset: { root: 'datasets', split: 'val', classes: { fine: 'fine', defect: 'defect' }, target_class: 'defect' },
    candidates: [
      { id: 'sharp_eyed', card: 'models/sharp_eyed.model.yaml', option: 'A', status: 'production' },
      { id: 'plain', card: 'models/plain.model.yaml', option: 'B', claimed: { accuracy: 0.97, latency_ms: 3 } },
    ],
    benchmarking: { iterations: 300, warmup_iterations: 5, rounds: 3 },
    selection: { accuracy_threshold: 0.015 },
    thresholds: { target_recall: 0.9, max_false_reject_rate: 0.3 },
  };
}

/** Says how red an image is on average; `shift` moves its threshold, so that it errs more. */
export function rednessModel(steepness: number, shift = 0, side = SIDE): ModelProto {
  return model({
    input: [value('input', [1, 3, side, side])],
    output: [value('logits', [1, 2])],
    initializer: [floats('w', [3, 2], [0, steepness, 0, 0, 0, 0]), floats('b', [2], [0, -steepness * (0.5 + shift)])],
    node: [
      node('GlobalAveragePool', ['input'], ['pooled']),
      node('Flatten', ['pooled'], ['features'], { axis: 1 }),
      node('Gemm', ['features', 'w', 'b'], ['logits']),
    ],
  });
}

export async function writeModel(line: Line, name: string, proto: ModelProto, card: object = {}): Promise<void> {
  await writeFile(line.path('models', `${name}.onnx`), encode(proto));
  await writeCard(line, name, card);
}

export async function writeCard(line: Line, name: string, changes: object = {}): Promise<void> {
  const card = {
    file: `${name}.onnx`,
    classes: ['fine', 'defect'],
    input_size: SIDE,
    trained_input_size: SIDE,
    scale: '1/255',
    ...changes,
  };
  await writeFile(line.path('models', `${name}.model.yaml`), stringify(card));
}

/** Defects are red, fine ones are not; every image differs. */
async function writeImages(split: string, perClass: number, seed: number): Promise<void> {
  const random = mulberry32(seed);
  for (const [name, red] of [
    ['fine', 70],
    ['defect', 160],
  ] as const) {
    await mkdir(join(split, name), { recursive: true });
    for (let index = 0; index < perClass; index += 1) {
      const level = red + Math.floor(random() * 30);
      const pixels = Buffer.from(
        Array.from({ length: SIDE * SIDE * 3 }, (_, i) => (i % 3 === 0 ? level : Math.floor(random() * 256))),
      );
      const image = sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } });
      await image.png().toFile(join(split, name, `${name}_${String(index).padStart(3, '0')}.png`));
    }
  }
}
