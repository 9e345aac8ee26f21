import * as assert from 'uvu/assert';
import { printOutcome } from '../../src/cli/answer.ts';
import { describe } from '../describe.ts';
import { quietIo } from './quietIo.ts';

describe('the text of a command', (it) => {
  it('keeps its lines and tabs, and nothing that drives a terminal', () => {
    const io = quietIo();
    const text = 'model\tp50\nplain\t\u001B]0;owned\u0007\u001B[2J\u009B1m\r7 ms\n';
    printOutcome({ text, document: null, exitCode: 0 }, false, io);
    assert.is(io.out, 'model\tp50\nplain\t?]0;owned??[2J?1m?7 ms\n');
  });

  it('is no part of the document, which escapes by itself', () => {
    const io = quietIo();
    printOutcome({ text: 'unseen', document: { name: '\u001B[2J' }, exitCode: 0 }, true, io);
    assert.is(io.out, '{\n  "name": "\\u001b[2J"\n}\n');
  });
});
