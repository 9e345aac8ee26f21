import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import * as assert from 'uvu/assert';
import { cpuFlags, decisiveIsa, frequencyMhz, probeHostClass, probeHostState } from '../../src/measure/host.ts';
import { hostClassSchema, hostStateSchema } from '../../src/records/host.ts';
import { describe } from '../describe.ts';

const onLinux = os.platform() === 'linux';

function shell(command: string): string {
  return execFileSync('sh', ['-c', command], { encoding: 'utf8' }).trim();
}

describe('probeHostClass', (it) => {
  it('says what this machine says of itself', async () => {
    const host = hostClassSchema.parse(await probeHostClass());
    assert.is(host.logical_cores, os.cpus().length);
    assert.ok(host.physical_cores <= host.logical_cores);
    assert.is(host.arch, process.arch);
    assert.is(host.node, process.version);
    assert.ok(host.cpu_model.length > 0);
    if (onLinux) {
      const distribution = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
      assert.ok(distribution.startsWith(host.os.split(' ')[0] ?? '?'), `${host.os} on ${distribution}`);
    }
  });

  it('lists an instruction set exactly when the kernel does', async () => {
    if (!onLinux) {
      return;
    }
    const { isa } = await probeHostClass();
    for (const name of ['avx2', 'avx512f', 'avx512_vnni', 'amx_int8', 'asimddp', 'i8mm']) {
      const known = shell(`grep -cw ${name} /proc/cpuinfo || true`) !== '0';
      assert.is(isa.includes(name), known, name);
    }
  });

  it('answers the same twice, as a key needs it', async () => {
    assert.equal(await probeHostClass(), await probeHostClass());
  });
});

describe('probeHostState', (it) => {
  it('says what /proc says now', async () => {
    const state = hostStateSchema.parse(await probeHostState({ runtime: 'r 1' }));
    assert.ok(Math.abs(Date.parse(state.taken_at) - Date.now()) < 60_000);
    assert.is(state.packages['runtime'], 'r 1');
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const name of ['sharp', 'systeminformation', 'tinybench']) {
      assert.is(state.packages[name], dependencies[name], name);
    }
    if (onLinux) {
      const memory = Number(shell("awk '/^MemTotal/ {print $2}' /proc/meminfo")) * 1024;
      assert.is(state.memory_total_bytes, memory);
      assert.ok(state.memory_available_bytes > 0 && state.memory_available_bytes < memory);
      assert.is(state.affinity, shell("awk '/^Cpus_allowed_list/ {print $2}' /proc/self/status"));
      assert.ok(Math.abs((state.load_average_1m ?? -1) - Number(shell('cut -d" " -f1 /proc/loadavg'))) < 1);
    }
  });

  it('sees that the process was pinned to one core', () => {
    const core = onLinux ? shell("awk '/^Cpus_allowed_list/ {print $2}' /proc/self/status | grep -o '[0-9]*$'") : '';
    if (!onLinux || shell('command -v taskset || true') === '') {
      return;
    }
    const module = new URL('../../src/measure/host.ts', import.meta.url).href;
    const code = `import { probeHostState } from ${JSON.stringify(module)}; console.log((await probeHostState({})).affinity);`;
    const args = ['-c', core, process.execPath, '--import', 'tsx', '--input-type=module', '--eval', code];
    assert.is(execFileSync('taskset', args, { encoding: 'utf8' }).trim(), core);
  });
});

describe('decisiveIsa', (it) => {
  it('keeps the flags that decide, in an order of its own', () => {
    assert.equal(decisiveIsa('fpu avx512_vnni sse2 avx2 fma avx'), ['avx', 'avx2', 'fma', 'avx512_vnni']);
    assert.equal(decisiveIsa(''), []);
  });

  it('does not take the beginning of a name for the name', () => {
    assert.equal(decisiveIsa('avx512_vnni_of_another_kind'), []);
  });
});

describe('cpuFlags', (it) => {
  it('reads the first core’s line, by its name on x86 and on ARM', () => {
    assert.is(
      cpuFlags('processor\t: 0\nflags\t\t: fpu avx2\nvmx flags\t: x\n\nprocessor\t: 1\nflags\t\t: other\n'),
      'fpu avx2',
    );
    assert.is(cpuFlags('processor\t: 0\nFeatures\t: fp asimd i8mm\n'), 'fp asimd i8mm');
    assert.is(cpuFlags('processor\t: 0\n'), '');
  });
});

describe('frequencyMhz', (it) => {
  it('is the mean over the cores', () => {
    assert.is(frequencyMhz('cpu MHz\t\t: 2599.998\nx: y\ncpu MHz\t\t: 2400.000\n'), 2500);
  });

  it('is null where no clock is told', () => {
    assert.is(frequencyMhz('processor\t: 0\n'), null);
    assert.is(frequencyMhz('cpu MHz\t\t: 0.000\n'), null);
  });
});
