import * as assert from 'uvu/assert';
import { dataFingerprint } from '../../src/datasets/fingerprint.ts';
import { describe } from '../describe.ts';

const A = { id: 'val/c/a.png', className: 'clean', contentHash: 'aa', bytes: 1 };
const B = { id: 'val/p/b.png', className: 'pit', contentHash: 'bb', bytes: 2 };

describe('dataFingerprint', (it) => {
  it('does not depend on the order of the images', () => {
    assert.is(dataFingerprint([A, B]), dataFingerprint([B, A]));
  });

  it('changes with a name, a label, a content and a removal', () => {
    const variants = [
      [A, B],
      [A],
      [{ ...A, id: 'val/c/z.png' }, B],
      [{ ...A, className: 'pit' }, B],
      [{ ...A, contentHash: 'ab' }, B],
    ];
    assert.is(new Set(variants.map((images) => dataFingerprint(images))).size, variants.length);
  });

  it('tells files that were not read apart by their length', () => {
    const [short, long] = [100, 101].map((bytes) => dataFingerprint([{ ...A, contentHash: undefined, bytes }]));
    assert.not.equal(short, long);
  });
});
