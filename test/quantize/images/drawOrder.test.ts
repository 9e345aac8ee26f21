import * as assert from 'uvu/assert';
import { drawOrder } from '../../../src/quantize/images/drawOrder.ts';
import { describe } from '../../describe.ts';

const listed = (ids: readonly string[]): { id: string }[] => ids.map((id) => ({ id }));
const ids = (images: readonly { id: string }[]): string[] => images.map(({ id }) => id);

describe('drawOrder', (it) => {
  it('takes one of each sub-folder in turn, and goes on with those that have more', () => {
    const images = listed(['b/1', 'a/1', 'a/2', 'a/3', 'a/4', 'c/1', 'c/2']);
    const folders = ids(drawOrder(images, 7)).map((id) => id[0]);
    assert.is(folders.join(''), 'abcacaa');
  });

  it('holds every image once', () => {
    const images = listed(Array.from({ length: 100 }, (_, index) => `${index % 3}/${index}`));
    assert.equal(ids(drawOrder(images, 1)).toSorted(), ids(images).toSorted());
  });

  it('depends on the ids and the seed, and not on the order in which a disk lists them', () => {
    const images = listed(Array.from({ length: 50 }, (_, index) => `${index % 2}/${index}`));
    assert.equal(drawOrder(images.toReversed(), 5), drawOrder(images, 5));
    assert.not.equal(drawOrder(images, 6), drawOrder(images, 5));
  });

  it('takes images of a flat folder as one group', () => {
    assert.is(drawOrder(listed(['1.png', '2.png', 'below/3.png']), 1)[1]?.id, 'below/3.png');
  });
});
