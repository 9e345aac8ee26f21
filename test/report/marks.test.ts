import * as assert from 'uvu/assert';
import { placeMarks } from '../../src/report/comparison/marks.ts';
import { describe } from '../describe.ts';

describe('placeMarks', (it) => {
  it('puts a lone mark to the upper right of its point', () => {
    assert.equal(placeMarks([{ x: 100, y: 100 }]), [{ x: 112, y: 88 }]);
  });

  it('keeps marks clear of each other and of all points, where points lie on each other', () => {
    const points = Array.from({ length: 6 }, (_, index) => ({ x: 100 + index, y: 100 - index }));
    const marks = placeMarks(points);
    const all = [
      ...points.map((point) => ({ ...point, isMark: false })),
      ...marks.map((mark) => ({ ...mark, isMark: true })),
    ];
    for (const [index, mark] of marks.entries()) {
      for (const [other, taken] of all.entries()) {
        if (other !== index + points.length) {
          assert.ok(Math.abs(mark.x - taken.x) >= 12 || Math.abs(mark.y - taken.y) >= 12, `mark ${index}, ${other}`);
        }
      }
    }
  });
});
