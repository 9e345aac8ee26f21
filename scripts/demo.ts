// npm run demo: makes the demo's images and models (cached), runs the main job on them with the
// built product, and says where the report lies.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeDemoImages } from './demo/images.ts';
import { makeDemoInt8 } from './demo/int8.ts';
import { demoModelNames, makeDemoModels } from './demo/models.ts';

const start = performance.now();
const images = await makeDemoImages('datasets/demo');
const models = await makeDemoModels('models/demo', join(import.meta.dirname, 'demo/weights'));
const seconds = ((performance.now() - start) / 1000).toFixed(1);
console.log(
  `demo: ${images.images} synthetic images ${images.made ? 'made' : 'at hand'}, ${models.files.length} model files ${models.made ? 'made' : 'at hand'} (${seconds} s)`,
);

const study = join(import.meta.dirname, 'demo/beltbench.yaml');
const quantizing = performance.now();
const int8 = await makeDemoInt8(demoModelNames, {
  models: 'models/demo',
  calibration: 'datasets/demo/train',
  study,
  cli: 'dist/cli/main.js',
});
const quantizeSeconds = ((performance.now() - quantizing) / 1000).toFixed(1);
console.log(
  `demo: ${demoModelNames.length} INT8 files, ${int8} made now by \`beltbench quantize\` (${quantizeSeconds} s)`,
);

// A report of an earlier run must not pass for this one's.
rmSync('reports/STORY-006-demo', { recursive: true, force: true });

const run = spawnSync(process.execPath, ['dist/cli/main.js', 'run', '--study', study, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
const folder = 'reports/STORY-006-demo';
// Flags that narrow the study are part of the name.
const report = existsSync(folder) ? readdirSync(folder).find((name) => /^decision\..*md$/.test(name)) : undefined;
if (![0, 1, 3].includes(run.status ?? -1) || report === undefined) {
  process.exitCode = run.status ?? 1;
} else {
  // Whatever the verdict on this machine, the demo has shown it.
  console.log(`\nThe demo's report: ${folder}/${report} (\`beltbench run\` answered ${run.status})`);
}
