import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readReferences } from '../../../src/cli/work/runsReferences.ts';
import { ObservationLog } from '../../../src/store/observations.ts';
import { describe } from '../../describe.ts';
import { fill } from '../../store/observationFactory.ts';
import { inTempDir } from '../../store/records.ts';

async function write(path: string, content: unknown): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
}

describe('the records that reports name', (it) => {
  it('are found in every JSON file of every story, however deep, also through a link', async () => {
    await inTempDir(async (dir) => {
      await write(join(dir, 'S-1', 'decision.json'), { reproduce: { records: [{ record_id: 'r-1' }, 'r-2'] } });
      await write(join(dir, 'S-1', 'compare-a.json'), [[[{ deep: 'r-1' }]]]);
      await write(join(dir, 'S-1', 'decision.md'), 'r-3');
      await write(join(dir, 'runs', 'r-3', 'record.json'), { record_id: 'r-3' });
      await write(join(dir, '.elsewhere', 'plan.json'), `${'['.repeat(5000)}"r-4"${']'.repeat(5000)}`);
      await symlink(join(dir, '.elsewhere'), join(dir, 'S-2'));
      await writeFile(join(dir, 'README.md'), 'beside the stories');
      const { reportsOf, problems } = await readReferences(dir, join(dir, 'runs'), ['r-1', 'r-2', 'r-3', 'r-4']);
      assert.equal(
        ['r-1', 'r-2', 'r-3', 'r-4'].map((id) => reportsOf.get(id)),
        [['S-1/compare-a.json', 'S-1/decision.json'], ['S-1/decision.json'], undefined, ['S-2/plan.json']],
      );
      assert.equal(problems, []);
    });
  });

  it('are found in reports/ itself and in folders of folders, but not in the store', async () => {
    await inTempDir(async (dir) => {
      await write(join(dir, 'kept.json'), ['r-1']);
      await write(join(dir, 'S-1', 'old', '2025', 'decision.json'), ['r-2']);
      await write(join(dir, 'S-1', '.hidden', 'a.json'), ['r-3']);
      await write(join(dir, 'runs', 'r-3', 'record.json'), { record_id: 'r-3' });
      await symlink(join(dir, 'runs'), join(dir, 'S-1', 'latest'));
      await symlink(dir, join(dir, 'S-1', 'around'));
      const { reportsOf, problems } = await readReferences(dir, join(dir, 'runs'), ['r-1', 'r-2', 'r-3']);
      assert.equal(Object.fromEntries(reportsOf), { 'r-1': ['kept.json'], 'r-2': ['S-1/old/2025/decision.json'] });
      assert.equal(problems, []);
    });
  });

  it('are found beside a log of observations, whose cache is no report', async () => {
    await inTempDir(async (dir) => {
      await write(join(dir, 'S-1', 'plan.json'), ['r-1']);
      const log = new ObservationLog(join(dir, 'S-1', 'plan.json'));
      await fill(log, 3000);
      await log.read();
      assert.ok((await readdir(join(dir, 'S-1'))).length > 2, 'the summary has been written');
      const { reportsOf, problems } = await readReferences(dir, join(dir, 'runs'), ['r-1']);
      assert.equal(Object.fromEntries(reportsOf), { 'r-1': ['S-1/plan.json'] });
      assert.equal(problems, []);
    });
  });

  it('are not all known where the folders are too deep to be looked through, and that is said', async () => {
    await inTempDir(async (dir) => {
      const deep = join(dir, ...Array.from({ length: 12 }, () => 'a'));
      await write(join(deep, 'decision.json'), ['r-1']);
      const { reportsOf, problems } = await readReferences(dir, join(dir, 'runs'), ['r-1']);
      assert.is(reportsOf.size, 0);
      assert.is(problems.length, 1);
      assert.match(problems[0] ?? '', /a\/a is not looked through: reports lie at most 8 folders deep; move it/);
    });
  });

  it('are not known where a report is cut off, and that is said', async () => {
    await inTempDir(async (dir) => {
      await write(join(dir, 'S-1', 'decision.json'), '{"records": ["r-1"');
      const { problems } = await readReferences(dir, join(dir, 'runs'), ['r-1']);
      assert.is(problems.length, 1);
      assert.match(
        problems[0] ?? '',
        /S-1\/decision\.json is not valid JSON: .*; repair that file, or move it out of .*$/,
      );
      assert.not.match(
        problems[0] ?? '',
        /folder|measure/,
        'its folder holds the decision, the plan and what the line saw',
      );
    });
  });

  it('are not known where a report or a folder of reports cannot be reached, and that is said', async () => {
    await inTempDir(async (dir) => {
      await mkdir(join(dir, 'S-1'));
      const unmounted = join(dir, 'unmounted');
      await symlink(join(unmounted, 'decision.json'), join(dir, 'S-1', 'decision.json'));
      await symlink('plan.json', join(dir, 'S-1', 'plan.json'));
      await symlink(join(unmounted, 'S-2'), join(dir, 'S-2'));
      await symlink(join(unmounted, 'cache'), join(dir, '.cache'));
      const { problems } = await readReferences(dir, join(dir, 'runs'), ['r-1']);
      const [folder, decision, plan] = problems;
      assert.is(problems.length, 3, problems.join('; '));
      assert.match(folder ?? '', /S-2 cannot be read: ENOENT.*; make it readable, or move it out of/);
      assert.match(
        decision ?? '',
        /S-1\/decision\.json cannot be read: it is a link that leads nowhere; make it readable/,
      );
      assert.match(plan ?? '', /S-1\/plan\.json cannot be read: ELOOP/);
    });
  });

  it('are none where there is no report yet', async () => {
    const { reportsOf, problems } = await readReferences('/nowhere', '/nowhere/runs', ['r-1']);
    assert.equal([reportsOf.size, problems.length], [0, 0]);
  });
});
