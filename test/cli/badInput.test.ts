import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { create } from '@bufbuild/protobuf';
import * as assert from 'uvu/assert';
import sharp from 'sharp';
import {
  StringStringEntryProtoSchema,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
} from '../../src/onnx/generated/onnx_pb.ts';
import { describe } from '../describe.ts';
import { floats, model, node, tensor, value } from '../onnx/build.ts';
import { rednessModel, SIDE, withLine, writeCard, writeModel, type Line } from './line.ts';

interface Case {
  readonly name: string;
  readonly spoil: (line: Line) => Promise<void>;
  readonly args?: readonly string[];
  /** Essential words of the one line: the rule, the value, the way out. */
  readonly says: RegExp;
}

const STUDY_CASES: readonly Case[] = [
  {
    name: 'a missing study',
    spoil: (line) => rm(line.path('beltbench.yaml')),
    says: /no file .*beltbench\.yaml.*init/,
  },
  {
    name: 'an empty study',
    spoil: (line) => writeFile(line.path('beltbench.yaml'), ''),
    says: /beltbench\.yaml.*empty/,
  },
  {
    name: 'broken YAML',
    spoil: (line) => writeFile(line.path('beltbench.yaml'), 'story: [a\n'),
    says: /beltbench\.yaml:\d+:\d+/,
  },
  {
    name: 'a wrong type',
    spoil: (line) => line.writeStudy({ line: { budget_ms: 'thirty' } }),
    says: /line\.budget_ms.*number.*"thirty"/,
  },
  {
    name: 'an unknown key',
    spoil: (line) => line.writeStudy({ line: { buget_ms: 30 } }),
    says: /buget_ms.*did you mean `budget_ms`/,
  },
  {
    name: 'an unknown target class',
    spoil: (line) =>
      line.writeStudy({
        dataset: { root: 'datasets', classes: { fine: 'fine', defect: 'defect' }, target_class: 'defekt' },
      }),
    says: /defekt.*did you mean `defect`/,
  },
  {
    name: 'an unknown candidate',
    spoil: async () => undefined,
    args: ['run', '--only', 'plane'],
    says: /plane.*did you mean `plain`/,
  },
  {
    name: 'a class of the card that the study lacks',
    spoil: (line) => writeCard(line, 'plain', { classes: ['fine', 'pit'] }),
    says: /plain\.model\.yaml.*pit/,
  },
];

const DATASET_CASES: readonly Case[] = [
  {
    name: 'a missing class folder',
    spoil: (line) => rm(line.path('datasets', 'val', 'defect'), { recursive: true }),
    says: /defect/,
  },
  {
    name: 'an empty class folder',
    spoil: async (line) => {
      await rm(line.path('datasets', 'val', 'defect'), { recursive: true });
      await mkdir(line.path('datasets', 'val', 'defect'));
    },
    says: /defect.*(no image|image)/,
  },
  { name: 'a missing dataset', spoil: (line) => rm(line.path('datasets'), { recursive: true }), says: /datasets/ },
];

const MODEL_CASES: readonly Case[] = [
  { name: 'a missing model', spoil: (line) => rm(line.path('models', 'plain.onnx')), says: /plain\.onnx/ },
  {
    name: 'a model that is no ONNX',
    spoil: (line) => writeFile(line.path('models', 'plain.onnx'), 'not a model at all'),
    says: /plain\.onnx/,
  },
  {
    name: 'a truncated model',
    spoil: async (line) => {
      const bytes = await readFile(line.path('models', 'plain.onnx'));
      await writeFile(line.path('models', 'plain.onnx'), bytes.subarray(0, bytes.length - 40));
    },
    says: /plain\.onnx/,
  },
  {
    name: 'a model of 3 GB',
    spoil: (line) => truncate(line.path('models', 'plain.onnx'), 3 * 1024 ** 3),
    says: /plain\.onnx.*(GB|GiB|bytes)/,
  },
  {
    name: 'a model whose external data leaves its folder',
    spoil: (line) => writeExternal(line),
    says: /plain\.onnx.*secret/,
  },
  {
    name: 'a model that takes 224 on a card that says 16',
    spoil: (line) => writeModel(line, 'plain', rednessModel(40, 0, 224)),
    says: /plain\.model\.yaml.*16x16.*224/,
  },
  {
    name: 'a batch size that a fixed-batch file cannot take',
    spoil: (line) => line.writeStudy({ benchmarking: { iterations: 300, rounds: 3, batch_sizes: [1, 4] } }),
    says: /batches of 1 only.*4.*batch_sizes/,
  },
  {
    name: 'a model with two inputs',
    spoil: (line) => writeModel(line, 'plain', twoInputs()),
    says: /plain\.onnx.*one input.*2 inputs/,
  },
  {
    name: 'a wrong number of classes',
    spoil: (line) => writeCard(line, 'plain', { classes: ['fine', 'defect', 'maybe'] }),
    says: /plain\.model\.yaml.*maybe/,
  },
];

async function writeExternal(line: Line): Promise<void> {
  await writeFile(line.path('secret.bin'), Buffer.alloc(24));
  const outside = tensor('w', [3, 2], {
    dataType: DataType.FLOAT,
    dataLocation: DataLocation.EXTERNAL,
    externalData: [
      create(StringStringEntryProtoSchema, { key: 'location', value: '../secret.bin' }),
      create(StringStringEntryProtoSchema, { key: 'length', value: '24' }),
    ],
  });
  const proto = rednessModel(40);
  proto.graph?.initializer.splice(0, 1, outside);
  await writeModel(line, 'plain', proto);
}

function twoInputs() {
  return model({
    input: [value('input', [1, 3, SIDE, SIDE]), value('mask', [1, 3, SIDE, SIDE])],
    output: [value('logits', [1, 2])],
    initializer: [floats('w', [3, 2])],
    node: [
      node('Mul', ['input', 'mask'], ['masked']),
      node('GlobalAveragePool', ['masked'], ['pooled']),
      node('Flatten', ['pooled'], ['features'], { axis: 1 }),
      node('MatMul', ['features', 'w'], ['logits']),
    ],
  });
}

describe('bad input', (it) => {
  for (const { name, spoil, args = ['run'], says } of [...STUDY_CASES, ...DATASET_CASES, ...MODEL_CASES]) {
    it(`${name}: one line, exit code 2, nothing written`, async () => {
      await withLine(async (line) => {
        await spoil(line);
        const { status, stdout, stderr } = await line.cli(...args, '--quiet');
        assert.is(status, 2, stderr);
        assert.is(stdout, '');
        assert.is(stderr.trim().split('\n').length, 1, stderr);
        assert.match(stderr, says);
        assert.not.ok(existsSync(line.path('reports')), 'nothing is written');
      });
    });
  }
});

/** A PNG whose header claims 30000x30000 pixels. */
async function imageBomb(): Promise<Buffer> {
  const png = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'black' } })
    .png()
    .toBuffer();
  png.writeUInt32BE(30_000, 16);
  png.writeUInt32BE(30_000, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

describe('an image that cannot be used', (it) => {
  const cases: [string, () => Promise<Buffer>][] = [
    ['a text file named .png', async () => Buffer.from('no picture')],
    ['a 0-byte image', async () => Buffer.alloc(0)],
    ['an image bomb', imageBomb],
  ];
  for (const [name, content] of cases) {
    it(`(${name}) is left out and said; the rest is evaluated`, async () => {
      await withLine(async (line) => {
        await writeFile(line.path('datasets', 'val', 'fine', 'bad.png'), await content());
        const { status, stdout, stderr } = await line.cli('evaluate', '--json', '--quiet');
        assert.is(status, 0, stderr);
        const { candidates, dataset } = JSON.parse(stdout);
        assert.is(dataset.unreadable[0].id, 'val/fine/bad.png');
        assert.is(candidates[0].judgement.accuracy.n, 80);
        assert.is(candidates[0].judgement.skipped, 1);
      });
    });
  }
});

describe('a model that answers NaN', (it) => {
  it('fails alone: the others are measured, the run decides without it', async () => {
    await withLine(async (line) => {
      await writeModel(line, 'plain', rednessModel(Number.NaN));
      const measured = await line.cli('measure', '--quiet');
      assert.is(measured.status, 2);
      assert.match(measured.stderr, /plain.*finite.*NaN/);
      const run = await line.cli('run', '--quiet', '--json');
      assert.is(run.status, 0, run.stderr);
      const decision = JSON.parse(run.stdout);
      assert.is(decision.selected, 'sharp_eyed');
      assert.is(decision.candidates[1].latency, null);
      assert.match(decision.candidates[1].gates[0].reason, /failed.*finite/);
    });
  });
});

describe('a report folder that cannot be written', (it) => {
  it('(a file stands in its place) is one line, exit code 2', async () => {
    await withLine(async (line) => {
      await writeFile(line.path('reports'), 'in the way');
      const { status, stderr } = await line.cli('run', '--quiet');
      assert.is(status, 2);
      assert.is(stderr.trim().split('\n').length, 1, stderr);
      assert.match(stderr, /reports.*cannot be (read|written).*name another folder/);
    });
  });

  it('(read-only or full) is one line, exit code 2, and nothing half-written is left', async () => {
    await withLine(async (line) => {
      // A folder of the kernel's that even root cannot create files in.
      await line.writeStudy({ reports: '/sys/beltbench' });
      const { status, stderr } = await line.cli('measure', '--quiet');
      assert.is(status, 2);
      assert.match(stderr, /\/sys\/beltbench.*cannot be written/);
      assert.not.ok((await readdir(line.dir)).includes('reports'));
    });
  });

  it('(the disk is full) is one line, exit code 2, and no record is half-written', async () => {
    await withLine(async (line) => {
      for (const kib of [16, 48]) {
        const { status, stdout, stderr } = await line.onSmallDisk(kib, 'run', '--quiet');
        assert.is(status, 2, stderr);
        assert.is(stderr.trim().split('\n').length, 1, stderr);
        assert.match(stderr, /cannot be written: ENOSPC/);
        const records = stdout.split('\n').filter((path) => path.endsWith('record.json'));
        const whole = stdout.split('\n').filter((path) => /(samples|predictions)\.json$/.test(path));
        assert.is(records.length, whole.length, stdout);
        assert.not.match(stdout, /\.tmp-|decision/);
      }
    });
  });

  it('(the disk is full at the decision) writes both reports whole, or leaves both as they were', async () => {
    await withLine(async (line) => {
      assert.is((await line.cli('run', '--quiet')).status, 0);
      const after = await reportsIn(line.path('reports'));
      await rename(line.path('reports'), line.path('kept'));
      await writeFile(line.path('kept', 'STORY-1', 'decision.md'), 'of yesterday');
      await writeFile(line.path('kept', 'STORY-1', 'decision.json'), '{}');
      const before = await reportsIn(line.path('kept'));
      const held = Number(execFileSync('du', ['-sk', line.path('kept')], { encoding: 'utf8' }).split('\t')[0]);
      const codes = new Set<number | null>();
      // A folder takes room where the copy was measured, and none where it goes.
      for (const free of [-24, -16, -8, 0, 8, 120]) {
        const { status, stdout, stderr } = await line.onSmallDisk(held + free, 'decide', '--quiet');
        const left = ['decision.json', 'decision.md'].map(
          (name) => new RegExp(String.raw`^(\w{64}) .*STORY-1/${name}$`, 'm').exec(stdout)?.[1],
        );
        codes.add(status);
        assert.equal(left, status === 0 ? after : before, `${free} KiB free: ${stderr}`);
      }
      assert.equal(codes, new Set([2, 0]));
    });
  });
});

/** The hashes of the decision for machines and for people. */
async function reportsIn(reports: string): Promise<string[]> {
  const names = ['decision.json', 'decision.md'];
  const contents = await Promise.all(names.map(async (name) => await readFile(join(reports, 'STORY-1', name))));
  return contents.map((content) => createHash('sha256').update(content).digest('hex'));
}
