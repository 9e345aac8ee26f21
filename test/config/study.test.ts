import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { loadStudy } from '../../src/config/study.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { card, study, withFolder } from './folder.ts';

const TWO = {
  candidates: [
    { id: 'one', card: 'models/one.model.yaml', option: 'C', status: 'production', claimed: { accuracy: 0.9405 } },
    { id: 'two', card: 'models/two.model.yaml' },
  ],
};

/** A study of two candidates whose cards answer every question, with changes laid over it. */
function files(changes: Record<string, unknown> = {}): Record<string, object> {
  return {
    'beltbench.yaml': study({ ...TWO, ...changes }),
    'models/one.model.yaml': card({ claimed: { accuracy: 0.9, latency_ms: 16 } }),
    'models/two.model.yaml': card({ file: 'two.onnx' }),
  };
}

describe('loadStudy', (it) => {
  it('reads the study and its cards, with paths relative to the files that name them', async () => {
    await withFolder(files(), async (dir) => {
      const loaded = await loadStudy(join(dir, 'beltbench.yaml'));
      assert.is(loaded.path, join(dir, 'beltbench.yaml'));
      assert.is(loaded.datasetRoot, join(dir, 'images'));
      assert.is(loaded.reportsDir, join(dir, 'reports'));
      assert.equal(
        loaded.candidates.map(({ id, option, status, card: { modelPath } }) => ({ id, option, status, modelPath })),
        [
          { id: 'one', option: 'C', status: 'production', modelPath: join(dir, 'models', 'one.onnx') },
          { id: 'two', option: undefined, status: undefined, modelPath: join(dir, 'models', 'two.onnx') },
        ],
      );
    });
  });

  it("lays the study's claims over the card's and names both sources", async () => {
    await withFolder(files(), async (dir) => {
      const [one, two] = (await loadStudy(join(dir, 'beltbench.yaml'))).candidates;
      assert.equal(one?.claims, { accuracy: 0.9405, latency_ms: 16 });
      assert.is(one?.claimsSource, 'study, model card');
      assert.equal(two?.claims, {});
      assert.is(two?.claimsSource, undefined);
    });
  });

  it('puts a candidate into the group it names, else that of its backbone, else one of its own', async () => {
    const changes = {
      candidates: [
        { id: 'one', card: 'models/one.model.yaml', group: 'net', reference: true },
        { id: 'two', card: 'models/two.model.yaml' },
        { id: 'three', card: 'models/three.model.yaml' },
      ],
    };
    const three = { 'models/three.model.yaml': card({ file: 'three.onnx', backbone: 'resnet 50' }) };
    await withFolder({ ...files(changes), ...three }, async (dir) => {
      const { candidates } = await loadStudy(join(dir, 'beltbench.yaml'));
      assert.equal(
        candidates.map(({ group, isReference }) => [group, isReference]),
        [
          ['net', true],
          ['two', false],
          ['resnet 50', false],
        ],
      );
    });
  });

  it('refuses two references of one group, also when their cards make it one', async () => {
    const candidates = ['one', 'two'].map((id) => ({ id, card: 'models/same.model.yaml', reference: true }));
    const same = { 'models/same.model.yaml': card({ backbone: 'net' }) };
    await withFolder({ ...files({ candidates }), ...same }, async (dir) => {
      await rejects(
        () => loadStudy(join(dir, 'beltbench.yaml')),
        /beltbench\.yaml: a group has one .*received one, two in group `net`; keep it at one/,
      );
    });
  });

  it('reads only the cards of the candidates that --only names, in the order of the study', async () => {
    const { 'models/two.model.yaml': _, ...withoutTwo } = files();
    await withFolder(withoutTwo, async (dir) => {
      const loaded = await loadStudy(join(dir, 'beltbench.yaml'), { only: ['one'] });
      assert.equal(
        loaded.candidates.map(({ id }) => id),
        ['one'],
      );
    });
    await withFolder(files(), async (dir) => {
      const loaded = await loadStudy(join(dir, 'beltbench.yaml'), { only: ['two', 'one'] });
      assert.equal(
        loaded.candidates.map(({ id }) => id),
        ['one', 'two'],
      );
    });
  });

  it('lets flags stand before the file', async () => {
    await withFolder(files({ benchmarking: { threads: 1, seed: 7 } }), async (dir) => {
      const { file } = await loadStudy(join(dir, 'beltbench.yaml'), { threads: 2, forceNew: true });
      assert.is(file.benchmarking.threads, 2);
      assert.is(file.benchmarking.seed, 7);
      assert.is(file.run.mode, 'force_new');
      const without = await loadStudy(join(dir, 'beltbench.yaml'), { forceNew: false });
      assert.is(without.file.run.mode, 'reuse_if_exists');
    });
  });

  it('is frozen through and through', async () => {
    await withFolder(files(), async (dir) => {
      const loaded = await loadStudy(join(dir, 'beltbench.yaml'));
      const inner: unknown[] = [
        loaded,
        loaded.file.benchmarking.batch_sizes,
        loaded.file.thresholds.production,
        loaded.file.candidates[0],
        loaded.candidates,
        loaded.candidates[0]?.card.preprocessing,
        loaded.candidates[0]?.claims,
      ];
      for (const value of inner) {
        assert.ok(value !== undefined && Object.isFrozen(value));
      }
    });
  });

  it('says what the study and its cards state in vain', async () => {
    const content = {
      ...files({ benchmarking: { max_length: 512 } }),
      'models/two.model.yaml': card({ evaluation_results: 'results.json' }),
      'models/results.json': { loss: 1 },
    };
    await withFolder(content, async (dir) => {
      const { unused } = await loadStudy(join(dir, 'beltbench.yaml'));
      assert.is(unused.length, 2);
      assert.match(unused[0] ?? '', /max_length/);
      assert.match(unused[1] ?? '', /results\.json holds no figure/);
    });
  });
});

describe('a study that cannot be used', (it) => {
  it('(missing) names the way out', async () => {
    await rejects(
      () => loadStudy('/nowhere/beltbench.yaml'),
      /no file \/nowhere\/beltbench\.yaml; .*--study.*`beltbench init`/,
    );
  });

  it('(empty) says that it is empty', async () => {
    await withFolder({ 'beltbench.yaml': '# soon\n' }, async (dir) => {
      await rejects(() => loadStudy(join(dir, 'beltbench.yaml')), /beltbench\.yaml is empty; .*`beltbench init`/);
    });
  });

  const cases: [string, Record<string, unknown>, RegExp][] = [
    ['an unknown key', { lin: {} }, /beltbench\.yaml: unknown key `lin` at the top level, did you mean `line`/],
    [
      'classes that make no sense',
      { dataset: { root: 'x', classes: { a: 'a' }, target_class: 'a' } },
      /beltbench\.yaml: `dataset\.classes` needs at least 2/,
    ],
    [
      'a card that is missing',
      { candidates: [{ id: 'one', card: 'gone.yaml' }] },
      /there is no file .*gone\.yaml; name an existing model card/,
    ],
  ];
  for (const [name, changes, pattern] of cases) {
    it(`(${name}) is told in one line that names the file`, async () => {
      await withFolder(files(changes), async (dir) => {
        await rejects(() => loadStudy(join(dir, 'beltbench.yaml')), pattern);
      });
    });
  }

  it('(several broken cards) tells the first', async () => {
    const broken = { ...files(), 'models/one.model.yaml': 'file: [', 'models/two.model.yaml': 'file: [' };
    await withFolder(broken, async (dir) => {
      for (let attempt = 0; attempt < 5; attempt += 1) {
        await rejects(() => loadStudy(join(dir, 'beltbench.yaml')), /one\.model\.yaml/);
      }
    });
  });

  it("(threads that are no count) names the flag's rule", async () => {
    await withFolder(files(), async (dir) => {
      for (const threads of [0, 1.5, Number.NaN, 4096]) {
        await rejects(
          () => loadStudy(join(dir, 'beltbench.yaml'), { threads }),
          new RegExp(`threads must be a whole number from 1 to 1024, received ${threads};`),
        );
      }
    });
  });
});
