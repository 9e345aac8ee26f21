import * as assert from 'uvu/assert';
import type { Decision } from '../../src/records/decision.ts';
import { renderDecision } from '../../src/report/markdown.ts';
import { describe } from '../describe.ts';
import { candidateOf, loadDecision, withCandidate } from './decisions.ts';
import { cellsOf, findAll, parseMarkdown, textOf } from './parse.ts';

/** The rows of the table that has such a column, the header first. */
async function tableWith(column: string, decision: Decision): Promise<string[][]> {
  const tables = findAll(await parseMarkdown(renderDecision(decision)), 'table').map(cellsOf);
  const found = tables.find(([header]) => header?.includes(column));
  if (found === undefined) {
    throw new Error(`no table has the column ${column}`);
  }
  return found;
}

async function linesOf(decision: Decision): Promise<string[]> {
  return findAll(await parseMarkdown(renderDecision(decision)), 'listItem').map(textOf);
}

describe('the contracts of the models', (it) => {
  it('say how each was fed and read, and mark what nobody has confirmed', async () => {
    const [, ...rows] = await tableWith('Classes in output order', await loadDecision('not-enough-data'));
    assert.equal(rows, [
      [
        'resnet50',
        'shorter_side 146, center crop, linear',
        'BGR',
        '1/255',
        'mean 0.485, 0.456, 0.406; std 0.229, 0.224, 0.225',
        'cherry_clean, cherry_pit',
        'probabilities by the card',
      ],
      [
        'resnet18',
        'stretch, linear',
        'RGB',
        '1/255 (assumed)',
        'none (assumed)',
        'cherry_clean, cherry_pit (assumed)',
        'logits by their values, softmax applied',
      ],
      ['resnet50-pruned', 'stretch, linear', 'RGB', '1/255', 'none', 'cherry_clean, cherry_pit', 'not measured'],
    ]);
  });

  it('write a scale that is no fraction as the number it is', async () => {
    const decision = await loadDecision('selected');
    const { contract } = candidateOf(decision, 'resnet18');
    const preprocessing = { ...contract.preprocessing, scale: 0.0078, resize: 'none' };
    const changed = withCandidate(decision, 'resnet18', { contract: { ...contract, preprocessing } });
    const row = (await tableWith('Classes in output order', changed)).find(([name]) => name === 'resnet18');
    assert.equal(row?.slice(1, 4), ['none: other sizes are refused', 'RGB', '0.0078']);
  });

  it('do not say that a larger image is refused where its centre is taken', async () => {
    const decision = await loadDecision('selected');
    const { contract } = candidateOf(decision, 'resnet18');
    const preprocessing = { ...contract.preprocessing, resize: 'none', crop: 'center' };
    const changed = withCandidate(decision, 'resnet18', { contract: { ...contract, preprocessing } });
    const row = (await tableWith('Classes in output order', changed)).find(([name]) => name === 'resnet18');
    assert.is(row?.[1], 'none, center crop: smaller ones are refused');
  });
});

describe('what the study does not say of the line', (it) => {
  it('is marked as assumed where the report rests on it', async () => {
    const decision = await loadDecision('no-candidate-passes');
    const lines = await linesOf(decision);
    assert.ok(
      lines.some((line) => line.startsWith('Latency (assumed, as the study does not say: line.budget_ms): at')),
    );
    assert.ok(
      lines.some((line) => /^In production today \(assumed, .*production\.maybe, .*production\.target\):/.test(line)),
    );
    const [header] = await tableWith('Recall at argmax', decision);
    assert.ok(header?.includes('Recall in production (assumed)'));
  });

  it('is not spoken of where the study says all', async () => {
    const decision = await loadDecision('selected');
    assert.not.match(renderDecision(decision), /assumed, as the study/);
    assert.ok((await tableWith('Recall at argmax', decision))[0]?.includes('Recall in production'));
  });
});

describe('figures and how sure they are', (it) => {
  it('stand together in the comparison: the rounds behind a mean, the bound behind a p99', async () => {
    const decision = await loadDecision('selected');
    const { latency } = candidateOf(decision, 'resnet18');
    if (latency === null) {
      throw new Error('the fixture measures resnet18');
    }
    const cells = async (changes: object): Promise<(string | undefined)[]> => {
      const changed = withCandidate(decision, 'resnet18', { latency: { ...latency, ...changes } });
      const [header, ...rows] = await tableWith('p99 latency', changed);
      const row = rows.find(([name]) => name === 'resnet18');
      return ['Mean latency', 'p99 latency'].map((title) => row?.[header?.indexOf(title) ?? -1]);
    };
    const percentiles = [{ state: 'measured' as const, p: 0.99, value_ms: 9.5, upper_bound_ms: 9.75 }];
    assert.equal(await cells({ mean_ms: 8.5, rounds_spread_ms: [8.25, 8.75], percentiles }), [
      '8.50 ms (8.25-8.75)',
      '9.50 ms (9.75)',
    ]);
    assert.equal(
      await cells({
        mean_ms: 8.5,
        rounds_spread_ms: null,
        percentiles: [{ state: 'not_enough_samples', p: 0.99, needs: 299 }],
      }),
      ['8.50 ms (one round)', 'not enough samples (needs 299)'],
    );
  });

  it('stand together at every threshold', async () => {
    const [header, ...rows] = await tableWith('Setting', await loadDecision('selected'));
    for (const title of ['Recall', 'False rejects', 'Reviews']) {
      const column = header?.indexOf(title) ?? -1;
      const rates = rows.map((row) => row[column] ?? '').filter((cell) => /\d/.test(cell));
      assert.ok(rates.length > 0, title);
      assert.equal(
        rates.filter((cell) => !/ % \([\d.]+-[\d.]+ %\)$/.test(cell)),
        [],
      );
    }
  });
});

describe('the other sections', (it) => {
  it('call a candidate by its id where the trial has another name', async () => {
    const decision = await loadDecision('selected');
    const [first] = decision.best_configuration?.selection_criteria.all_candidates ?? [];
    const other = withCandidate(decision, 'convnextv2-tiny', { trial_name: 'net.int8' });
    const best = structuredClone(decision.best_configuration);
    const entry = best?.selection_criteria.all_candidates[0];
    if (first?.trial_name !== 'convnextv2-tiny' || entry === undefined) {
      throw new Error('the fixture ranks convnextv2-tiny first');
    }
    entry.trial_name = 'net.int8';
    const [, row] = await tableWith('Trial', { ...other, best_configuration: best });
    assert.equal(row?.slice(0, 3), ['convnextv2-tiny', 'convnextv2_tiny', 'net.int8']);
  });

  it('tell an option without a candidate from one that was not measured', async () => {
    const decision = await loadDecision('selected');
    assert.ok(decision.options.some(({ verdict }) => verdict === 'no_candidate'));
    const lines = await linesOf(decision);
    assert.ok(lines.includes('Evidence: no candidate belongs to it (candidates.option in the study)'));
    assert.not.ok(lines.includes('Evidence: not measured'));
  });

  it('count what the audit left out', async () => {
    const lines = await linesOf(await loadDecision('no-candidate-passes'));
    assert.ok(lines.some((line) => /^Left out of this split: 10 links \(.*\), 1 other file \(/.test(line)));
    const { dataset, ...rest } = await loadDecision('no-candidate-passes');
    const pictures = dataset === null ? null : { ...dataset, other_files: 3, other_pictures: 2 };
    const lost = await linesOf({ ...rest, dataset: pictures });
    assert.ok(
      lost.some((line) => / 3 other files \(.*\), of these 2 pictures of a format that is not read\.$/.test(line)),
    );
    const none = await linesOf(await loadDecision('selected'));
    assert.ok(none.some((line) => /^Left out of this split: no link \(.*\), no other file \(/.test(line)));
  });

  it('ask for images of the target where too few are to be certified', async () => {
    const decision = await loadDecision('hostile-text');
    const short = decision.candidates.some(({ sweep }) => sweep?.certificate.state === 'not_enough_data');
    assert.ok(short, 'the fixture has too few');
    const cells = (await tableWith('Setting', decision)).flat();
    assert.ok(
      cells.some((cell) => /^needs 291 more .* images$/.test(cell)),
      cells.join(' | '),
    );
  });

  it('say once what several candidates need', async () => {
    const decision = await loadDecision('not-enough-data');
    const open = candidateOf(decision, 'resnet50-pruned');
    const candidates = ['a', 'b'].map((id) => ({ ...open, id }));
    const lines = await linesOf({ ...decision, candidates });
    assert.ok(lines.includes('Recall of all candidates: run beltbench evaluate.'), lines.join('\n'));
  });
});
