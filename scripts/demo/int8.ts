// The demo's INT8 models, made on the spot by the built product from the demo's own float models.
import { spawnSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { quantizationManifestSchema } from '../../src/records/quantization.ts';
import { sha256OfFile } from './sha256OfFile.ts';

/** Where the pieces lie that an INT8 file is made of. */
export interface DemoInt8Options {
  readonly models: string;
  /** Folder of class folders with training images. */
  readonly calibration: string;
  readonly study: string;
  /** The built command line. */
  readonly cli: string;
}

/**
 * Makes MODELS/NAME.int8.onnx with its card and manifest for each name. A file whose float model is
 * the same and that is younger than the product is left alone.
 *
 * @returns how many were made
 * @throws Error when the product does not make one; it has said why
 */
export async function makeDemoInt8(names: readonly string[], options: DemoInt8Options): Promise<number> {
  const { models, calibration, study, cli } = options;
  let made = 0;
  for (const name of names) {
    if (!(await isCurrent(name, options))) {
      const model = join(models, `${name}.onnx`);
      const out = join(models, `${name}.int8.onnx`);
      const args = ['quantize', model, '--calibration', calibration, '--out', out, '--study', study, '--force'];
      const { status } = spawnSync(process.execPath, [cli, ...args, '--quiet'], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      if (status !== 0) {
        throw new Error(`beltbench quantize ${model} ended with ${status}`);
      }
      console.log(`demo: ${out} made`);
      made += 1;
    }
  }
  return made;
}

async function isCurrent(name: string, { models, cli }: DemoInt8Options): Promise<boolean> {
  const path = join(models, `${name}.int8.manifest.json`);
  try {
    const { source, model } = quantizationManifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    const [{ mtimeMs: manifestMs }, { mtimeMs: productMs }] = await Promise.all([stat(path), stat(cli)]);
    return (
      manifestMs > productMs &&
      source.sha256 === (await sha256OfFile(join(models, `${name}.onnx`))) &&
      model.sha256 === (await sha256OfFile(join(models, `${name}.int8.onnx`)))
    );
  } catch {
    return false;
  }
}
