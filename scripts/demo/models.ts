// The demo's models: `npx tsx scripts/demo/models.ts --out DIR` writes DIR/NAME.onnx and its model card.
import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { z } from 'zod';
import type { ModelCardFile } from '../../src/config/modelCardSchema.ts';
import { buildConvNeXtV2 } from '../../src/onnx/architectures/convnextv2.ts';
import { buildResNet } from '../../src/onnx/architectures/resnet.ts';
import type { Weights } from '../../src/onnx/architectures/weights.ts';
import type { ModelProto } from '../../src/onnx/generated/onnx_pb.ts';
import { writeModel } from '../../src/quantize/writeModel.ts';
import { BeltbenchError, reasonOf } from '../../src/shared/errors.ts';
import { writeAtomic } from '../../src/store/atomicFile.ts';
import { readSafetensors, type WeightsFile } from './safetensors.ts';
import { sha256OfFile } from './sha256OfFile.ts';
import { widen, type Architecture } from './widen.ts';

/** As published; the shipped weights have an eighth of every width. */
const WIDENING = 8;
const RESNET_WIDTHS = [64, 128, 256, 512] as const;
const CONVNEXT_DEPTHS = [3, 3, 9, 3] as const;
const CONVNEXT_DIMS = [96, 192, 384, 768] as const;
const CLASSES = ['clean', 'pit'];
const INPUT_SIZE = 128;
const NOTICE = 'demo: trained on synthetic images; latency is real';
const MANIFEST_NAME = 'manifest.json';

interface DemoModel {
  readonly architecture: Architecture;
  readonly build: (weights: Weights, metadata: Readonly<Record<string, string>>) => ModelProto;
}

const COMMON = { inputSize: INPUT_SIZE, classes: CLASSES.length };
const MODELS = {
  resnet18: {
    architecture: 'resnet18',
    build: (weights, metadata) => buildResNet({ depth: 18, widths: RESNET_WIDTHS, ...COMMON, weights, metadata }),
  },
  resnet50: {
    architecture: 'resnet50',
    build: (weights, metadata) => buildResNet({ depth: 50, widths: RESNET_WIDTHS, ...COMMON, weights, metadata }),
  },
  convnextv2_tiny: {
    architecture: 'convnextv2',
    build: (weights, metadata) =>
      buildConvNeXtV2({ depths: CONVNEXT_DEPTHS, dims: CONVNEXT_DIMS, ...COMMON, weights, metadata }),
  },
} as const satisfies Record<string, DemoModel>;

export type DemoModelName = keyof typeof MODELS;
export const demoModelNames: readonly DemoModelName[] = ['resnet18', 'resnet50', 'convnextv2_tiny'];

/** What a model file was made from, and how to recognise it. */
const recordSchema = z.strictObject({
  weights_sha256: z.string(),
  builder_sha256: z.string(),
  byte_length: z.int(),
  sha256: z.string(),
});
const manifestSchema = z.strictObject({ about: z.string(), models: z.record(z.string(), recordSchema) });
type Records = Record<string, z.infer<typeof recordSchema>>;

/** The sources that decide a model file's bytes, from this folder. */
const BUILDER_SOURCES = [
  'models.ts',
  'widen.ts',
  'safetensors.ts',
  '../../src/onnx/graph.ts',
  '../../src/onnx/encode.ts',
  ...['convnextv2.ts', 'layers.ts', 'resnet.ts', 'weights.ts'].map((name) => `../../src/onnx/architectures/${name}`),
];

/** The narrow weights that the repository carries. */
export const shippedWeights = fileURLToPath(new URL('weights', import.meta.url));

/**
 * Makes the demo's models: reads the narrow weights WEIGHTS/NAME.safetensors, widens them
 * exactly and writes OUT/NAME.onnx with its card OUT/NAME.model.yaml. OUT/manifest.json says what
 * each file was made from; a file that still has its size and hash and would be made from the same
 * weights by the same code is left alone.
 *
 * @returns whether anything was written, and the paths of the models and cards.
 * @throws BeltbenchError `bad_model` for weights that cannot be read or do not fit, `cannot_write`.
 */
export async function makeDemoModels(
  outDir: string,
  weightsDir: string = shippedWeights,
  names: readonly DemoModelName[] = demoModelNames,
): Promise<{ made: boolean; files: string[] }> {
  await makeFolder(outDir);
  const records = await readRecords(outDir);
  const builder = await hashOfBuilder();
  const files: string[] = [];
  let made = false;
  for (const name of names) {
    const modelPath = join(outDir, `${name}.onnx`);
    const cardPath = join(outDir, `${name}.model.yaml`);
    const source = await readSafetensors(join(weightsDir, `${name}.safetensors`));
    const record = records[name];
    const current = record?.weights_sha256 === source.sha256 && record.builder_sha256 === builder;
    if (!current || !(await isIntact(modelPath, record))) {
      const { byteLength, sha256 } = await writeModel(modelPath, assemble(name, source));
      records[name] = { weights_sha256: source.sha256, builder_sha256: builder, byte_length: byteLength, sha256 };
      await writeRecords(outDir, records);
      made = true;
    }
    made = (await writeIfDifferent(cardPath, cardOf(name))) || made;
    files.push(modelPath, cardPath);
  }
  return { made, files };
}

function assemble(name: DemoModelName, { weights, sha256 }: WeightsFile): ModelProto {
  const model: DemoModel = MODELS[name];
  const metadata = { notice: NOTICE, narrow_weights_sha256: sha256, widening: String(WIDENING) };
  return model.build(widen(weights, model.architecture, WIDENING), metadata);
}

function cardOf(name: DemoModelName): string {
  const card: ModelCardFile = {
    file: `${name}.onnx`,
    classes: CLASSES,
    input_size: INPUT_SIZE,
    trained_input_size: INPUT_SIZE,
    resize: 'none',
    crop: 'none',
    scale: '1/255',
    mean: 'none',
    std: 'none',
    channel_order: 'rgb',
    layout: 'nchw',
    outputs: 'logits',
    backbone: name,
    source_checkpoint: `scripts/demo/weights/${name}.safetensors, every channel copied ${WIDENING} times`,
    note: NOTICE,
  };
  return `# Made by scripts/demo/models.ts; changes are lost when it runs again.\n${stringify(card)}`;
}

async function isIntact(path: string, record: Records[string] | undefined): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  if (record === undefined || stats?.size !== record.byte_length) {
    return false;
  }
  return (await sha256OfFile(path)) === record.sha256;
}

async function hashOfBuilder(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of BUILDER_SOURCES) {
    hash.update(await readFile(new URL(source, import.meta.url)));
  }
  return hash.digest('hex');
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new BeltbenchError(
      'cannot_write',
      `cannot make the folder ${path} for the demo's models (${reasonOf(error)}): name one that can be made`,
      { cause: error },
    );
  }
}

/** A manifest that is missing or broken is none: everything is made anew. */
async function readRecords(outDir: string): Promise<Records> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(join(outDir, MANIFEST_NAME), 'utf8'))).models;
  } catch {
    return {};
  }
}

async function writeRecords(outDir: string, models: Records): Promise<void> {
  const manifest: z.infer<typeof manifestSchema> = { about: NOTICE, models };
  await writeAtomic(join(outDir, MANIFEST_NAME), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

async function writeIfDifferent(path: string, text: string): Promise<boolean> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) {
    return false;
  }
  await writeAtomic(path, text);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { out: { type: 'string', default: 'models/demo' } } });
  const startMs = performance.now();
  const { made, files } = await makeDemoModels(values.out);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(`${made ? 'made' : 'kept'} ${files.length / 2} models in ${values.out}, ${seconds} s (${NOTICE})`);
}
