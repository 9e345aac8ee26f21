// bench:tools: the earlier tools' work on full stores. `--models DIR --data DIR` as everywhere; no
// model is run.
import os from 'node:os';
import { benchInputs, report } from './common.ts';
import { checkpointsSeconds } from './toolsCheckpoints.ts';
import { chooseCallUs, chooseProcess, eightWriters } from './toolsModes.ts';
import { storeFigures } from './toolsStore.ts';

const store = await storeFigures(benchInputs());
const checkpoints = await checkpointsSeconds();
const asProcess = await chooseProcess();
const callUs = await chooseCallUs();
const writers = await eightWriters();
console.log(
  `choose: ${asProcess.choose_ms.toFixed(0)} ms as a process, Node alone ${asProcess.node_ms.toFixed(0)} ms; ${writers.writers} writers of ${writers.per_writer} observations: ${writers.lost} lost, ${writers.damaged} damaged, ${writers.seconds.toFixed(1)} s`,
);
report('tools', {
  ...store,
  checkpoints_1000_seconds: checkpoints,
  choose_process_over_node: asProcess.choose_process_over_node,
  choose_call_us: callUs,
  writers_lost: writers.lost,
  cpu: os.cpus()[0]?.model ?? 'unknown',
});
