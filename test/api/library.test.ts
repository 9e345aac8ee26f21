import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import { finish } from '../cli/line.ts';
import { describe } from '../describe.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The search and the configuration that an example reads. */
const FILES: Readonly<Record<string, string>> = {
  'outputs/hpo/resnet18/trial_0/metrics.json': '{"macro-f1": 0.936}',
  'outputs/hpo/resnet18/trial_0/benchmark.json': '{"batch_1": {"mean_ms": 4.1}}',
  'outputs/hpo/resnet50/trial_2/metrics.json': '{"macro-f1": 0.942}',
  'outputs/hpo/resnet50/trial_2/benchmark.json': '{"batch_1": {"mean_ms": 9.5}}',
  'config/hpo/prod.yaml': 'selection: { accuracy_threshold: 0.001 }\nobjective: { metric: macro-f1 }\n',
};

/** A folder in which `beltbench` is installed, as its manifest exports it, from the sources. */
async function withPackage(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'beltbench-library-'));
  try {
    const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Manifest;
    const entry = manifest.exports['.'].default;
    const source = join(ROOT, entry.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts'));
    const files = {
      ...FILES,
      [join('node_modules', manifest.name, 'package.json')]: JSON.stringify(manifest),
      [join('node_modules', manifest.name, entry)]: `export * from ${JSON.stringify(pathToFileURL(source).href)};\n`,
    };
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), content);
    }
    await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

interface Manifest {
  readonly name: string;
  readonly exports: { readonly '.': { readonly types: string; readonly default: string } };
}

describe('docs/library.md', (it) => {
  it("shows examples that run by the package's name and print what their comments say", async () => {
    const text = await readFile(join(ROOT, 'docs/library.md'), 'utf8');
    const examples = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = '']) => code);
    assert.is(examples.length, 5);
    await withPackage(async (dir) => {
      for (const [index, code] of examples.entries()) {
        await writeFile(join(dir, `example${index}.mjs`), code);
      }
      const all = examples.map((_, index) => `await import('./example${index}.mjs');`).join('\n');
      await writeFile(join(dir, 'all.mjs'), all);
      const args = ['--import', import.meta.resolve('tsx'), 'all.mjs'];
      const { status, stdout, stderr } = await finish(
        spawn(process.execPath, args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] }),
      );
      assert.is(status, 0, stderr);
      const promised = examples.flatMap((code) =>
        [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line = '']) => line),
      );
      assert.ok(promised.length > 10);
      assert.equal(stdout.trimEnd().split('\n'), promised);
    });
  });

  it('names everything that the package exports, and nothing else', async () => {
    const text = await readFile(join(ROOT, 'docs/library.md'), 'utf8');
    const exported = Object.keys(await import('../../src/index.ts'));
    for (const name of exported) {
      assert.match(text, new RegExp(`\\b${name}\\b`));
    }
    const imported = [...text.matchAll(/^import \{ (.*) \} from 'beltbench';$/gm)].flatMap(([, names = '']) =>
      names.split(', '),
    );
    assert.equal([...new Set(imported)].toSorted(), exported.toSorted());
  });

  it('is what the manifest publishes, with types', async () => {
    const { exports: entries } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Manifest;
    assert.equal(entries['.'], { types: './dist/index.d.ts', default: './dist/index.js' });
    const { compilerOptions: build } = JSON.parse(await readFile(join(ROOT, 'tsconfig.build.json'), 'utf8'));
    assert.equal([build.declaration, build.rootDir, build.outDir], [true, 'src', 'dist']);
  });
});
