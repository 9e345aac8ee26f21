import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { init, runInit } from '../../../src/cli/commands/init.ts';
import { loadStudy } from '../../../src/config/study.ts';
import { withFolder } from '../../config/folder.ts';
import { describe } from '../../describe.ts';
import { encode, floats, model, node, value } from '../../onnx/build.ts';
import { rejects } from '../../throws.ts';

/** A classifier of `outputs` classes on images of the given size. */
function classifier(size: readonly (number | string)[] = [16, 16], outputs = 2): Uint8Array {
  return encode(
    model({
      input: [value('input', [1, 3, ...size])],
      output: [value('logits', [1, outputs])],
      initializer: [floats('w', [3, outputs])],
      node: [
        node('GlobalAveragePool', ['input'], ['pooled']),
        node('Flatten', ['pooled'], ['features'], { axis: 1 }),
        node('MatMul', ['features', 'w'], ['logits']),
      ],
    }),
  );
}

const IMAGES = { 'data/val/clean/1.png': '', 'data/val/pit/1.png': '' };

describe('init', (it) => {
  it('writes a study and a card beside each model, which load as they are', async () => {
    const files = { ...IMAGES, 'models/small.onnx': classifier(), 'models/wide.onnx': classifier([16, 32]) };
    await withFolder(files, async (dir) => {
      const result = await init({ dir, story: 'STORY-006' });
      assert.is(result.study, join(dir, 'beltbench.yaml'));
      assert.equal(result.cards, [join(dir, 'models/small.model.yaml'), join(dir, 'models/wide.model.yaml')]);
      assert.equal(result.kept, []);
      assert.equal(result.skipped, []);
      const study = await loadStudy(result.study);
      assert.is(study.file.story, 'STORY-006');
      assert.is(study.datasetRoot, join(dir, 'data'));
      assert.equal(study.file.dataset, {
        root: 'data',
        split: 'val',
        classes: { clean: 'clean', pit: 'pit' },
        target_class: 'pit',
        target_guess: 'by name',
      });
      const [small, wide] = study.candidates;
      assert.is(small?.id, 'small');
      assert.is(small?.card.modelPath, join(dir, 'models/small.onnx'));
      assert.equal(small?.card.inputSize, { height: 16, width: 16 });
      assert.equal(wide?.card.inputSize, { height: 16, width: 32 });
      assert.equal(
        small?.card.openQuestions.map(({ key }) => key),
        ['trained_input_size', 'classes', 'scale'],
      );
    });
  });

  it('asks what no file can tell', async () => {
    await withFolder({ ...IMAGES, 'm.onnx': classifier() }, async (dir) => {
      const { questions } = await init({ dir, story: 'STORY-006' });
      assert.equal(
        questions.map(({ file, key }) => [file.slice(dir.length + 1), key]),
        [
          ['beltbench.yaml', 'dataset.target_class'],
          ['beltbench.yaml', 'thresholds.max_false_reject_rate'],
          ['beltbench.yaml', 'candidates.option'],
          ['m.model.yaml', 'trained_input_size'],
          ['m.model.yaml', 'classes'],
          ['m.model.yaml', 'scale'],
        ],
      );
      assert.match(questions[0]?.question ?? '', /`pit` was guessed from the names/);
    });
  });

  it('says loudly that nothing tells the target class, in the study and to the user', async () => {
    await withFolder({ 'val/red/1.png': '', 'val/green/1.png': '' }, async (dir) => {
      const { study, questions } = await init({ dir, story: 'STORY-006' });
      assert.match(await readFile(study, 'utf8'), /GUESSED WITHOUT A CLUE.*\n {2}target_class: red/);
      assert.ok(
        questions.some(({ key, question }) => key === 'dataset.target_class' && /NOTHING TELLS.*`red`/.test(question)),
      );
    });
  });

  it('writes a study that says what to fill in when it finds nothing', async () => {
    await withFolder({}, async (dir) => {
      const { study, cards, questions } = await init({ dir, story: 'STORY-006' });
      assert.equal(cards, []);
      assert.match(await readFile(study, 'utf8'), /TO FILL IN: no ONNX file/);
      assert.equal(
        questions.slice(0, 2).map(({ key }) => key),
        ['candidates', 'dataset'],
      );
      await rejects(() => loadStudy(study), /no file .*my-model\.model\.yaml/);
    });
  });

  it('never overwrites a study', async () => {
    await withFolder({ 'beltbench.yaml': 'mine', 'm.onnx': classifier() }, async (dir) => {
      await rejects(
        () => init({ dir, story: 'STORY-006' }),
        /beltbench\.yaml exists, and init never overwrites; remove it or name another folder/,
      );
      assert.is(await readFile(join(dir, 'beltbench.yaml'), 'utf8'), 'mine');
      assert.equal((await readdir(dir)).toSorted(), ['beltbench.yaml', 'm.onnx']);
    });
  });

  it('keeps a card that is there, says so, and names it in the study', async () => {
    await withFolder({ ...IMAGES, 'm.onnx': classifier(), 'm.model.yaml': 'mine' }, async (dir) => {
      const { cards, kept, study } = await init({ dir, story: 'STORY-006' });
      assert.equal(cards, []);
      assert.equal(kept, [join(dir, 'm.model.yaml')]);
      assert.is(await readFile(join(dir, 'm.model.yaml'), 'utf8'), 'mine');
      assert.match(await readFile(study, 'utf8'), /- id: m\n {4}card: m\.model\.yaml/);
    });
  });

  const unusable: [string, Uint8Array | string, RegExp][] = [
    ['is no ONNX', 'no model at all', /./],
    ['is cut off', classifier().subarray(0, 60), /./],
    [
      'has two inputs',
      encode(
        model({
          input: [value('a', [1]), value('b', [1])],
          output: [value('y', [1])],
          node: [node('Add', ['a', 'b'], ['y'])],
        }),
      ),
      /one input.*2 inputs/,
    ],
  ];
  for (const [name, content, reason] of unusable) {
    it(`names and passes by a file that ${name}`, async () => {
      await withFolder({ ...IMAGES, 'bad.onnx': content, 'good.onnx': classifier() }, async (dir) => {
        const { skipped, cards, study } = await init({ dir, story: 'STORY-006' });
        assert.equal(
          skipped.map(({ file }) => file),
          [join(dir, 'bad.onnx')],
        );
        assert.match(skipped[0]?.reason ?? '', reason);
        assert.not.ok(skipped[0]?.reason.includes(dir), 'the file is named once');
        assert.equal(cards, [join(dir, 'good.model.yaml')]);
        assert.equal(
          (await loadStudy(study)).candidates.map(({ id }) => id),
          ['good'],
        );
      });
    });
  }

  it('asks about a model that leaves its input size open, or has other outputs than the images have classes', async () => {
    const files = { ...IMAGES, 'open.onnx': classifier(['h', 'w']), 'three.onnx': classifier([16, 16], 3) };
    await withFolder(files, async (dir) => {
      const { questions } = await init({ dir, story: 'STORY-006' });
      const asked = (file: string) => questions.filter((question) => question.file.endsWith(file));
      assert.match(asked('open.model.yaml')[0]?.question ?? '', /input size open/);
      assert.match(asked('three.model.yaml').at(-1)?.question ?? '', /3 outputs, the images have 2 classes/);
    });
  });

  it('doubts a model that takes its channels last', async () => {
    const last = encode(
      model({
        input: [value('x', [1, 16, 16, 3])],
        output: [value('y', [1, 16, 16, 3])],
        node: [node('Relu', ['x'], ['y'])],
      }),
    );
    await withFolder({ 'last.onnx': last }, async (dir) => {
      const { questions } = await init({ dir, story: 'STORY-006' });
      assert.ok(
        questions.some(({ question }) =>
          /x is float32 \[1, 16, 16, 3\], but images are fed as .*3, height, width/.test(question),
        ),
      );
    });
  });

  it('gives every candidate an id of its own, whatever its file is called', async () => {
    const files = {
      'a/m.onnx': classifier(),
      'b/m.onnx': classifier(),
      '- #1: [x] é.onnx': classifier(),
      '_.onnx': classifier(),
    };
    await withFolder(files, async (dir) => {
      const { study } = await init({ dir, story: 'STORY-006' });
      const loaded = await loadStudy(study).catch((error: unknown) => error);
      assert.not.instance(loaded, Error);
      const { candidates } = await loadStudy(study);
      assert.equal(candidates.map(({ id }) => id).toSorted(), ['1-x-', 'm', 'm-2', 'model']);
    });
  });

  it('passes by files and class folders whose names no study can hold', async () => {
    const files = { ...IMAGES, 'data/val/zz\u001b[2J/1.png': '', 'm\n.onnx': classifier() };
    await withFolder(files, async (dir) => {
      const { study, skipped } = await init({ dir, story: 'STORY-006' });
      assert.match(skipped[0]?.reason ?? '', /rename it/);
      const text = await readFile(study, 'utf8');
      assert.not.ok(text.includes('\u001b'));
      assert.not.ok(text.includes('zz'));
    });
  });

  it('asks which labelled folder is meant when there are two', async () => {
    const files = { ...IMAGES, 'old/val/clean/1.png': '', 'old/val/pit/1.png': '' };
    await withFolder(files, async (dir) => {
      const { questions } = await init({ dir, story: 'STORY-006' });
      assert.ok(questions.some(({ question }) => /2 labelled folders.*\(data, old\).*`data` was taken/.test(question)));
    });
  });

  it('names the study as it is told', async () => {
    await withFolder({}, async (dir) => {
      const { study } = await init({ dir, story: 'LINE-3' });
      assert.match(await readFile(study, 'utf8'), /\nstory: LINE-3\n/);
    });
  });

  it('refuses a name that cannot be a folder, and a folder that is not there', async () => {
    await withFolder({}, async (dir) => {
      await rejects(
        () => init({ dir, story: '../x' }),
        /`story`: expected 1 to 64 letters.*"\.\.\/x"; give another --story/,
      );
      await rejects(
        () => init({ dir: join(dir, 'gone'), story: 'STORY-006' }),
        /there is no folder .*gone; make it or name another/,
      );
      await writeFile(join(dir, 'file'), '');
      await rejects(() => init({ dir: join(dir, 'file'), story: 'STORY-006' }), /there is no folder .*file/);
      assert.equal(await readdir(dir), ['file']);
    });
  });
});

describe('beltbench init', (it) => {
  it('says what it did, asks each question once and names the next command', async () => {
    const files = {
      ...IMAGES,
      'a.onnx': classifier(),
      'b.onnx': classifier(),
      'c.onnx': 'none',
      'b.model.yaml': 'mine',
    };
    await withFolder(files, async (dir) => {
      const { text, document, exitCode } = await runInit({ dir, story: 'STORY-006' });
      assert.is(exitCode, 0);
      assert.ok(text.startsWith(`Wrote ${dir}/beltbench.yaml\nWrote ${dir}/a.model.yaml\nKept ${dir}/b.model.yaml`));
      assert.match(text, /\nSkipped .*c\.onnx: /);
      assert.is(text.split('At which input size (pixels) was the model trained?').length, 2);
      assert.ok(text.endsWith(`Then: npx beltbench run --study ${dir}/beltbench.yaml\n`));
      assert.equal(Object.keys(Object(document)), [
        'command',
        'study',
        'cards',
        'kept',
        'skipped',
        'questions',
        'missing',
      ]);
    });
  });

  it('takes NAME.something beside NAME for its variant, in a group that `compare` finds', async () => {
    const files = {
      ...IMAGES,
      'net.onnx': classifier(),
      'net.int8.onnx': classifier(),
      'network.onnx': classifier(),
      'other/net.x.onnx': classifier(),
    };
    await withFolder(files, async (dir) => {
      await init({ dir, story: 'STORY-006' });
      const { file } = await loadStudy(join(dir, 'beltbench.yaml'));
      assert.equal(
        file.candidates.map(({ id, group }) => [id, group]),
        [
          ['net.int8', 'net'],
          ['net', 'net'],
          ['network', undefined],
          ['net.x', undefined],
        ],
      );
    });
  });

  it('says where nothing was found what to do before `run`', async () => {
    await withFolder({}, async (dir) => {
      const { text } = await runInit({ dir, story: 'STORY-006' });
      assert.match(
        text,
        /\nThen: put the models and the images below \S+, remove \S+beltbench\.yaml and start `init` again; or/,
      );
    });
  });
});
