import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { describe } from '../../describe.ts';
import { withLine, writeCard, writeModel, type Line } from '../line.ts';
import { quantizeHere } from './here.ts';
import { redNet } from './redNet.ts';

interface Case {
  readonly name: string;
  readonly spoil?: (line: Line) => Promise<unknown>;
  readonly args?: (line: Line) => readonly string[];
  /** Essential words of the one line: the rule, the value, the way out. */
  readonly says: RegExp;
}

const calibrate = (line: Line): string[] => ['--calibration', line.path('datasets', 'train')];

const CASES: readonly Case[] = [
  { name: 'no calibration folder', args: () => [], says: /calibration/ },
  { name: 'a missing model', spoil: (line) => rm(line.path('models', 'red.onnx')), says: /red\.onnx/ },
  {
    name: 'a missing card',
    spoil: (line) => rm(line.path('models', 'red.model.yaml')),
    says: /model card .* no \S*models\/red\.model\.yaml; .*`beltbench init`.*--card/,
  },
  {
    name: 'a card of another file',
    spoil: (line) => writeCard(line, 'red', { file: 'other.onnx' }),
    says: /red\.model\.yaml is the card of other\.onnx, not of \S*models\/red\.onnx/,
  },
  {
    name: 'a card of another size',
    spoil: (line) => writeCard(line, 'red', { input_size: 24 }),
    says: /red\.model\.yaml says input_size 24x24.*3x16x16/,
  },
  {
    name: 'weights that are no numbers',
    spoil: (line) => writeModel(line, 'red', redNet(NaN)),
    says: /red\.onnx: every weight must be a finite number, received 1 NaN and 0 infinite in `head\.w` \(2 in 2 tensors\)/,
  },
  {
    name: 'a calibration folder that is none',
    args: (line) => ['--calibration', line.path('datasets/trian')],
    says: /--calibration must be a folder .*datasets\/trian/,
  },
  {
    name: 'a calibration folder without images',
    spoil: (line) => mkdir(line.path('empty')),
    args: (line) => ['--calibration', line.path('empty')],
    says: /empty of --calibration must hold images \(\.png/,
  },
  {
    name: 'calibration images that models are judged on',
    args: (line) => ['--calibration', line.path('datasets/val')],
    says: /of the 80 in \S*datasets\/val 0 are \(80 also stand in \S*datasets\/val, where models are judged\)/,
  },
  {
    name: 'too few images that no model is judged on',
    spoil: (line) =>
      cp(line.path('datasets', 'train', 'fine'), line.path('datasets', 'val', 'fine'), { recursive: true }),
    says: /at least 8 different images .* of the 8 in \S*datasets\/train 4 are \(4 also stand in \S*datasets\/val/,
  },
  {
    name: 'images of another size where the card refuses to resize',
    spoil: (line) => writeModel(line, 'red', redNet(), { input_size: 16, resize: 'none' }),
    args: (line) => ['--calibration', line.path('odd')],
    says: /8 x 8 pixels.*takes 16 x 16 pixels.*`resize: none`/,
  },
  {
    name: 'an output that exists',
    spoil: (line) => writeFile(line.path('models', 'red.int8.onnx'), 'mine'),
    says: /red\.int8\.onnx exists; name another file with --out, or overwrite it with --force/,
  },
  {
    name: 'a wrong value and an output that exists',
    spoil: (line) => writeFile(line.path('models', 'red.int8.onnx'), 'mine'),
    args: (line) => [...calibrate(line), '--method', 'minmaks'],
    says: /`--method`: expected minmax or/,
  },
  {
    name: 'a calibration folder that is none and an output that exists',
    spoil: (line) => writeFile(line.path('models', 'red.int8.onnx'), 'mine'),
    args: (line) => ['--calibration', line.path('datasets/trian')],
    says: /--calibration must be a folder .*datasets\/trian/,
  },
  {
    name: 'a card of the output that somebody wrote',
    spoil: (line) => writeFile(line.path('models', 'red.int8.model.yaml'), 'file: mine.onnx'),
    says: /red\.int8\.model\.yaml exists/,
  },
  {
    name: 'a folder where the output is to go, even with --force',
    spoil: (line) => mkdir(line.path('models', 'red.int8.onnx')),
    args: (line) => [...calibrate(line), '--force'],
    says: /red\.int8\.onnx exists and is not a file/,
  },
  {
    name: 'the model itself as the output',
    args: (line) => [...calibrate(line), '--out', line.path('models/../models/red.onnx'), '--force'],
    says: /--out must be another file than the model/,
  },
  {
    name: "the float model's card where the card of the output is to go, even with --force",
    spoil: (line) => rename(line.path('models', 'red.model.yaml'), line.path('models', 'shared.model.yaml')),
    args: (line) => [
      ...calibrate(line),
      ...['--card', line.path('models', 'shared.model.yaml')],
      ...['--out', line.path('models/../models/shared.onnx'), '--force'],
    ],
    says: /shared\.model\.yaml is the float model's card, .* another file with --out/,
  },
  {
    name: 'a place where nothing can be made',
    args: (line) => [...calibrate(line), '--out', '/proc/red.onnx'],
    says: /\/proc cannot be written: ENOENT/,
  },
  {
    name: 'a check without the search',
    args: (line) => [...calibrate(line), '--check'],
    says: /--check is an option of the search.*add --search/,
  },
  {
    name: 'an output that is no ONNX file',
    args: (line) => [...calibrate(line), '--out', line.path('red.int8')],
    says: /--out must end in \.onnx, received \S*red\.int8/,
  },
  {
    name: 'a value that a recipe does not have',
    args: (line) => [...calibrate(line), '--method', 'minmaks'],
    says: /`--method`: expected minmax or .*received "minmaks", did you mean `minmax`/,
  },
  {
    name: 'a share that is none',
    args: (line) => [...calibrate(line), '--smooth-quant', 'half'],
    says: /`--smooth-quant`: expected a number.*"half"/,
  },
  {
    name: 'a share beyond 1',
    args: (line) => [...calibrate(line), '--smooth-quant', '50'],
    says: /`--smooth-quant` must be at most 1, received 50; a share is written as 0\.5/,
  },
  {
    name: 'a recipe file that is missing',
    args: (line) => [...calibrate(line), '--recipe', line.path('best.json')],
    says: /no file \S*best\.json; name the recipe's with --recipe/,
  },
  {
    name: 'a recipe file that holds none',
    spoil: (line) => writeFile(line.path('best.json'), '{"recipe":{"calibration":"minmax"}}'),
    args: (line) => [...calibrate(line), '--recipe', line.path('best.json')],
    says: /best\.json holds no recipe: `activations`: expected u8 or s8/,
  },
  {
    name: 'a recipe file that is no JSON',
    spoil: (line) => writeFile(line.path('best.json'), 'minmax'),
    args: (line) => [...calibrate(line), '--recipe', line.path('best.json')],
    says: /best\.json cannot be read as a recipe/,
  },
  {
    name: 'too few images asked for',
    args: (line) => [...calibrate(line), '--images', '7'],
    says: /--images must be a whole number from 8 to 100000, received 7/,
  },
  {
    name: 'a limit without the search',
    args: (line) => [...calibrate(line), '--max-accuracy-drop', '0.5'],
    says: /--max-accuracy-drop is an option of the search.*add --search/,
  },
  {
    name: 'a limit that is no number',
    args: (line) => [...calibrate(line), '--search', '--max-accuracy-drop', 'little'],
    says: /--max-accuracy-drop must be a number of percentage points from 0 to 100, received little/,
  },
  {
    name: 'a search without anything to judge on',
    spoil: (line) => rm(line.path('beltbench.yaml')),
    args: (line) => [...calibrate(line), '--search'],
    says: /neither the study beltbench\.yaml nor --evaluation; name one/,
  },
  {
    name: 'a study that somebody names and that is missing',
    args: (line) => [...calibrate(line), '--study', line.path('other.yaml')],
    says: /no file .*other\.yaml/,
  },
  {
    name: 'an evaluation folder whose names tell no classes',
    spoil: async (line) => {
      await rm(line.path('beltbench.yaml'));
      await cp(line.path('datasets', 'val', 'fine'), line.path('judge', 'spotless'), { recursive: true });
    },
    args: (line) => [...calibrate(line), '--search', '--evaluation', line.path('judge')],
    says: /folder per class of the card \(fine, defect\), received spotless/,
  },
];

describe('quantize, given', (it) => {
  for (const { name, spoil, args = calibrate, says } of CASES) {
    it(`${name}: one line, exit code 2, nothing written`, async () => {
      await withLine(async (line) => {
        await writeModel(line, 'red', redNet());
        await writeOddImages(line);
        await spoil?.(line);
        const before = await filesOf(line);
        const { status, stdout, stderr } = await quantizeHere(line, ...args(line));
        assert.is(status, 2, stderr);
        assert.is(stdout, '');
        assert.is(stderr.trim().split('\n').length, 1, stderr);
        assert.match(stderr, says);
        assert.equal(await filesOf(line), before);
        assert.not.ok(existsSync(line.path('reports')));
      });
    });
  }
});

async function filesOf(line: Line): Promise<string[]> {
  return (await readdir(line.dir, { recursive: true })).toSorted();
}

async function writeOddImages(line: Line): Promise<void> {
  await mkdir(line.path('odd'));
  for (let shade = 0; shade < 10; shade += 1) {
    const background = { r: 20 * shade, g: 0, b: 0 };
    await sharp({ create: { width: 8, height: 8, channels: 3, background } })
      .png()
      .toFile(line.path('odd', `${shade}.png`));
  }
}
