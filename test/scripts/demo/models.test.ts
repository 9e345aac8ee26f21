import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, open, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { z } from 'zod';
import { makeDemoImages } from '../../../scripts/demo/images.ts';
import { demoModelNames, makeDemoModels, shippedWeights } from '../../../scripts/demo/models.ts';
import { modelCardSchema } from '../../../src/config/modelCardSchema.ts';
import { ModelProtoSchema } from '../../../src/onnx/generated/onnx_pb.ts';
import { describe } from '../../describe.ts';
import { rejects } from '../../throws.ts';

/** What scripts/train_demo.py wrote: the PyTorch network's p(pit) of the first validation images. */
const expectedSchema = z.object({
  example_pixels_sha256: z.string(),
  models: z.record(z.string(), z.object({ p_pit: z.record(z.string(), z.number()) })),
});

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'beltbench-models-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function toTensor(rgb: Uint8Array): ort.Tensor {
  const area = 128 * 128;
  const planes = Float32Array.from({ length: 3 * area }, (_, index) => {
    return (rgb[3 * (index % area) + Math.floor(index / area)] ?? Number.NaN) / 255;
  });
  return new ort.Tensor('float32', planes, [1, 3, 128, 128]);
}

async function flipLastByte(path: string): Promise<void> {
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  await file.write(Buffer.of(buffer.readUInt8(0) ^ 1), 0, 1, size - 1);
  await file.close();
}

describe('models', (it) => {
  it('answers on the demo images as the narrow networks did in PyTorch', async () => {
    const expected = expectedSchema.parse(JSON.parse(await readFile(join(shippedWeights, 'expected.json'), 'utf8')));
    await inFolder(async (folder) => {
      await makeDemoImages(join(folder, 'images'), { trainPerClass: 0, valPerClass: 8 });
      await makeDemoModels(join(folder, 'models'));
      const names = Object.keys(expected.models['resnet18']?.p_pit ?? {});
      assert.is(names.length, 16);
      const images = await Promise.all(
        names.map((name) =>
          sharp(join(folder, 'images', name))
            .raw()
            .toBuffer(),
        ),
      );
      const pixelsHash = createHash('sha256');
      images.forEach((image) => pixelsHash.update(image));
      assert.is(pixelsHash.digest('hex'), expected.example_pixels_sha256, 'the images are not those of the training');

      for (const model of demoModelNames) {
        const session = await ort.InferenceSession.create(join(folder, 'models', `${model}.onnx`));
        for (const [index, image] of images.entries()) {
          const { logits } = await session.run({ input: toTensor(image) });
          const [clean, pit] = [Number(logits?.data[0]), Number(logits?.data[1])];
          const probability = 1 / (1 + Math.exp(clean - pit));
          const inPyTorch = expected.models[model]?.p_pit[names[index] ?? ''] ?? Number.NaN;
          assert.ok(Math.abs(probability - inPyTorch) < 1e-4, `${model}: ${probability}, in PyTorch ${inPyTorch}`);
        }
        await session.release();
      }
    });
  });

  it('writes beside each model a card that the schema accepts', async () => {
    await inFolder(async (folder) => {
      const { made, files } = await makeDemoModels(folder, shippedWeights, ['resnet18']);
      assert.is(made, true);
      assert.equal(files, [join(folder, 'resnet18.onnx'), join(folder, 'resnet18.model.yaml')]);
      const card = modelCardSchema.parse(parse(await readFile(join(folder, 'resnet18.model.yaml'), 'utf8')));
      assert.is(card.file, 'resnet18.onnx');
      assert.equal(card.classes, ['clean', 'pit']);
      assert.is(card.trained_input_size, 128);
    });
  });

  it('says inside the file that it is a demo', async () => {
    await inFolder(async (folder) => {
      await makeDemoModels(folder, shippedWeights, ['resnet18']);
      const model = fromBinary(ModelProtoSchema, await readFile(join(folder, 'resnet18.onnx')));
      const notice = model.metadataProps.find(({ key }) => key === 'notice')?.value;
      assert.match(notice ?? '', /^demo: trained on synthetic images/);
    });
  });

  it('leaves files alone that are up to date', async () => {
    await inFolder(async (folder) => {
      const { files } = await makeDemoModels(folder, shippedWeights, ['resnet18']);
      const before = await Promise.all(files.map((file) => stat(file)));
      const again = await makeDemoModels(folder, shippedWeights, ['resnet18']);
      const after = await Promise.all(files.map((file) => stat(file)));
      assert.equal(again, { made: false, files });
      assert.equal(
        after.map(({ ino, mtimeMs }) => [ino, mtimeMs]),
        before.map(({ ino, mtimeMs }) => [ino, mtimeMs]),
      );
    });
  });

  it('makes a model again that was damaged, and a card that was deleted, to the same bytes', async () => {
    await inFolder(async (folder) => {
      const { files } = await makeDemoModels(folder, shippedWeights, ['resnet18']);
      const original = await Promise.all(files.map((file) => readFile(file)));
      await flipLastByte(join(folder, 'resnet18.onnx'));
      await rm(join(folder, 'resnet18.model.yaml'));
      assert.is((await makeDemoModels(folder, shippedWeights, ['resnet18'])).made, true);
      const remade = await Promise.all(files.map((file) => readFile(file)));
      assert.ok(remade.every((bytes, index) => bytes.equals(original[index] ?? Buffer.alloc(0))));
    });
  });

  it('makes a model again when its weights have changed', async () => {
    await inFolder(async (folder) => {
      const weights = join(folder, 'resnet18.safetensors');
      const out = join(folder, 'out');
      await copyFile(join(shippedWeights, 'resnet18.safetensors'), weights);
      await makeDemoModels(out, folder, ['resnet18']);
      const before = await readFile(join(out, 'resnet18.onnx'));
      await flipLastByte(weights);
      assert.is((await makeDemoModels(out, folder, ['resnet18'])).made, true);
      assert.not((await readFile(join(out, 'resnet18.onnx'))).equals(before));
    });
  });

  it('writes no model from the weights of another architecture, and names the tensor', async () => {
    await inFolder(async (folder) => {
      await copyFile(join(shippedWeights, 'resnet50.safetensors'), join(folder, 'resnet18.safetensors'));
      const out = join(folder, 'out');
      await rejects(
        () => makeDemoModels(out, folder, ['resnet18']),
        /ResNet18 needs the tensor layer1\.0\.conv1\.weight/,
      );
      assert.equal(await readdir(out), []);
    });
  });

  it('says what to do when the folder cannot be made', async () => {
    await inFolder(async (folder) => {
      const below = join(folder, 'resnet18.onnx', 'below');
      await makeDemoModels(folder, shippedWeights, ['resnet18']);
      await rejects(() => makeDemoModels(below, shippedWeights, ['resnet18']), /cannot make the folder .*name one/);
    });
  });
});
