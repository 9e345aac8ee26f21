import * as assert from 'uvu/assert';
import type { Decision } from '../../src/records/decision.ts';
import type { ReviewBand, Sweep } from '../../src/records/sweep.ts';
import { inline, toPlainText } from '../../src/report/mdast.ts';
import { renderDecision } from '../../src/report/markdown.ts';
import { perMinute } from '../../src/report/perMinute.ts';
import { whatToSet } from '../../src/report/whatToSet.ts';
import { describe } from '../describe.ts';
import { candidateOf, loadDecision } from './decisions.ts';

const ID = 'resnet50_phase1';

/** What the report advises for the selected candidate with this sweep. */
function advice(decision: Decision, sweep: Sweep | null): string {
  return toPlainText(inline(whatToSet(decision, { ...candidateOf(decision, ID), sweep })));
}

async function withBand(band: Partial<ReviewBand>): Promise<string> {
  const decision = await loadDecision('selected');
  const { sweep } = candidateOf(decision, ID);
  if (sweep === null || sweep.review_band === null) {
    throw new Error('the fixture has a review band');
  }
  return advice(decision, { ...sweep, review_band: { ...sweep.review_band, ...band } });
}

describe('the note below the thresholds', (it) => {
  const explained = async (name: Parameters<typeof loadDecision>[0]): Promise<boolean[]> => {
    const note = /^Escapes are .*$/m.exec(renderDecision(await loadDecision(name)))?.[0] ?? '';
    return ['lowest allowed', 'review band'].map((row) => note.includes(row));
  };

  it('explains the rows that the table has, and no other', async () => {
    assert.equal(await explained('selected'), [true, true]);
    assert.equal(await explained('no-candidate-passes'), [false, true]);
  });
});

describe('what to set on the line', (it) => {
  it('is one threshold, rounded down, where one keeps both limits', async () => {
    const decision = await loadDecision('selected');
    const { sweep } = candidateOf(decision, ID);
    const threshold = sweep?.certificate.state === 'certified' ? (sweep.certificate.point.threshold ?? 0) : 0;
    const shown = Number(/cherry_pit from a score of (0\.\d+), no review/.exec(advice(decision, sweep))?.[1]);
    assert.ok(shown <= threshold && threshold - shown < 1e-6, `${shown} for ${threshold}`);
  });

  it("counts what today's upper threshold would reject and what would be reviewed instead", async () => {
    const decision = await loadDecision('selected');
    const { sweep } = candidateOf(decision, ID);
    const point = sweep?.certificate.state === 'certified' ? sweep.certificate.point : undefined;
    assert.is(point?.false_rejects, 23);
    assert.is(sweep?.production.false_rejects, 1);
    assert.match(
      advice(decision, sweep),
      /only from today's 0\.75 as many escape, 1 of 660 others is rejected and 22 reviewed/,
    );
  });

  it('is two thresholds where the limits cross: the lower rounded down, the upper up', async () => {
    const text = await withBand({
      maybe_from: 0.123456789,
      target_from: 0.7654321987,
      reviewed: 80,
      escapes: 1,
      false_rejects: 66,
    });
    assert.match(text, /review from a score of 0\.123456, cherry_pit from 0\.765433\./);
    assert.match(text, /80 of 1,226 = 6\.5 % .*go to review/);
  });

  it('says so where no score reaches a threshold', async () => {
    const text = await withBand({ maybe_from: 0.25, target_from: null });
    assert.match(text, /review from a score of 0\.25, cherry_pit from no score reaches it\./);
  });

  it('is nothing without a certificate, and says how many images it takes', async () => {
    const decision = await loadDecision('hostile-text');
    const selected = decision.candidates.find(({ id }) => id === decision.selected);
    assert.match(
      toPlainText(inline(whatToSet(decision, selected))),
      /^No threshold can be recommended for .*: 299 .* images are needed to certify 99 % recall, there are 8\.$/,
    );
  });

  it('is nothing for a candidate that was not evaluated, or without one', async () => {
    const decision = await loadDecision('selected');
    assert.is(advice(decision, null), `No threshold can be recommended for ${ID}: it is not evaluated.`);
    assert.is(toPlainText(inline(whatToSet(decision, undefined))), 'Nothing is selected, so there is nothing to set.');
  });
});

describe('rates per minute', (it) => {
  it('follow from the bounds: 0.2992 % of 1,980 items is 6 a minute', async () => {
    const decision = await loadDecision('selected');
    const [late, rejected] = perMinute(candidateOf(decision, ID), decision.line);
    assert.is(
      late,
      'At 33 items a second (1,980 a minute) up to 6 a minute may take longer than 30 ms (95 % confidence; 0 of 1,000 did).',
    );
    // 23 of 660 of 1,980.
    assert.match(rejected ?? '', /about 69 a minute would be rejected at the certified threshold/);
  });

  it('are not guessed where nobody said how fast the belt is', async () => {
    const decision = await loadDecision('selected');
    assert.equal(perMinute(candidateOf(decision, ID), { ...decision.line, items_per_second: null }), []);
  });

  it('leave out what was not measured', async () => {
    const decision = await loadDecision('selected');
    const candidate = { ...candidateOf(decision, ID), latency: null, sweep: null };
    assert.equal(perMinute(candidate, decision.line), []);
  });
});
