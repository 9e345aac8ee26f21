import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openGraph } from '../runtime/graphSession.ts';
import { serve } from '../runtime/serve.ts';
import { BeltbenchError } from '../shared/errors.ts';
import { mulberry32 } from '../stats/prng.ts';
import type { ProfileParams } from './profile.ts';
import { type OperatorTime, readProfile } from './profiling/readProfile.ts';

const WARM_UP_RUNS = 5;
const COUNTED_RUNS = 20;

async function profile({
  modelPath,
  threads,
  inputSize,
  folder,
  prefix,
}: ProfileParams): Promise<readonly OperatorTime[]> {
  const session = await openGraph(modelPath, { threads, profilePrefix: prefix });
  const random = mulberry32(0);
  const pixels = Float32Array.from({ length: 3 * inputSize.height * inputSize.width }, () => random());
  for (let run = 0; run < WARM_UP_RUNS + COUNTED_RUNS; run += 1) {
    await session.run(pixels, [1, 3, inputSize.height, inputSize.width]);
  }
  await session.close();
  const name = (await readdir(folder)).find((file) => file.endsWith('.json'));
  if (name === undefined) {
    throw new BeltbenchError(
      'inference_failed',
      `the runtime wrote no profile of ${modelPath} into ${folder}; make room there and run again`,
    );
  }
  return await readProfile(join(folder, name), WARM_UP_RUNS);
}

serve({ profile });
