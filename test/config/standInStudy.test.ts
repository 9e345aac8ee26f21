import * as assert from 'uvu/assert';
import { modelCardSchema } from '../../src/config/modelCardSchema.ts';
import { standInStudy } from '../../src/config/standInStudy.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { card } from './folder.ts';

const of = (classes: readonly string[] | 'unknown', folders: readonly string[]) =>
  standInStudy('one.model.yaml', modelCardSchema.parse(card({ classes })), { root: '/data', split: 'val', folders });

describe('standInStudy', (it) => {
  it('takes folders by the names of the classes', () => {
    const { dataset } = of(['pit', 'clean'], ['clean', 'other', 'pit']);
    assert.equal(dataset.classes, { pit: 'pit', clean: 'clean' });
    assert.equal([dataset.root, dataset.split], ['/data', 'val']);
  });

  it("finds a class as a word of a folder's name", () => {
    assert.equal(of(['clean', 'pit'], ['cherry_clean', 'cherry-pit']).dataset.classes, {
      clean: 'cherry_clean',
      pit: 'cherry-pit',
    });
  });

  it('takes each folder for a class where the card does not know its classes', () => {
    assert.equal(of('unknown', ['a', 'b']).dataset.classes, { a: 'a', b: 'b' });
  });

  it('refuses names that do not tell', async () => {
    await rejects(() => of(['clean', 'pit'], ['spotless', 'stone']), /folder per class .*clean, pit.*spotless, stone/);
    await rejects(() => of(['pit', 'clean'], ['pit_1', 'pit_2', 'clean']), /folder per class/);
    await rejects(() => of(['pit', 'clean'], ['clean_pit']), /folder per class/);
    await rejects(() => of('unknown', ['only']), /--evaluation cannot be used: .*at least 2 classes/);
  });
});
