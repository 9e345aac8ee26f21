import { basename } from 'node:path';
import { auditModel } from '../../onnx/audit.ts';
import { portText } from '../../onnx/audit/ports.ts';
import type { GoldenCheck } from '../../records/golden.ts';
import type { ModelAudit } from '../../records/model.ts';
import { countOf, formatMegabytes, formatMillions, formatShare } from '../../shared/units.ts';
import { exitCodeOfVerdicts } from '../exitCodes.ts';
import { goldenPathOf } from '../inspect/goldenPair.ts';
import { verifyGolden } from '../inspect/verifyGolden.ts';
import type { Outcome } from '../io.ts';
import { printable } from '../printable.ts';
import { renderTable } from '../tables.ts';

export interface InspectArgs {
  readonly model: string;
  readonly check: boolean;
}

/**
 * `beltbench inspect MODEL.onnx`: what the file says of itself and, where a golden pair lies beside
 * it, whether it answers as the pair says. With `--check`, NaN weights and another answer are a FAIL.
 */
export async function runInspect({ model: path, check }: InspectArgs): Promise<Outcome> {
  const audit = await auditModel(path);
  const golden = await verifyGolden(path, audit);
  const told = golden === undefined ? `none (no ${basename(goldenPathOf(path))})` : describeCheck(golden);
  const verdicts = [audit.nonfinite_weights.total > 0 ? 'FAIL' : 'PASS', golden?.verdict ?? 'PASS'] as const;
  return {
    document: { ...audit, golden_pair: golden ?? null },
    text: renderAudit(audit, told),
    exitCode: exitCodeOfVerdicts(verdicts, check),
  };
}

function describeCheck({ file, verdict, tolerance, max_abs_difference: difference, reason }: GoldenCheck): string {
  const measured =
    difference === null ? [] : [`largest difference ${difference.toExponential(1)}, tolerance ${tolerance}`];
  return `${verdict} (${file}): ${[...(reason === null ? [] : [reason]), ...measured].join('; ')}`;
}

function renderAudit(audit: ModelAudit, golden: string): string {
  const macs = audit.multiply_adds;
  const facts: [string, string][] = [
    ['file', audit.file],
    ['size', formatMegabytes(audit.file_size_bytes)],
    ['sha256', audit.sha256],
    [
      'opset',
      Object.entries(audit.opsets)
        .map(([domain, version]) => `${domain} ${version}`)
        .join(', '),
    ],
    ['producer', `${audit.producer_name} ${audit.producer_version}`.trim()],
    ...audit.inputs.map((port): [string, string] => ['input', `${port.name}: ${portText(port)}`]),
    ...audit.outputs.map((port): [string, string] => ['output', `${port.name}: ${portText(port)}`]),
    ['parameters', formatMillions(audit.parameter_count)],
    [
      'multiply-adds',
      macs.total === null
        ? `at least ${formatMillions(macs.counted)}; unknown for ${countOf(macs.unknown_nodes.length, 'node')}`
        : formatMillions(macs.total),
    ],
    ['INT8 weights', formatShare(audit.int8_weight_share, 1)],
    ['INT8 multiply-adds', macs.int8_share === null ? 'unknown' : formatShare(macs.int8_share, 1)],
    ['subnormal weights', String(audit.subnormal_weights.total)],
    ['NaN or infinite', String(audit.nonfinite_weights.total)],
    [
      'external data',
      audit.external_files.length === 0 ? 'none' : audit.external_files.map(({ location }) => location).join(', '),
    ],
    ['golden pair', golden],
  ];
  const operators = renderTable(
    ['operator', 'nodes'],
    Object.entries(audit.operators).map(([name, count]) => [name, String(count)]),
  );
  const warnings = audit.warnings.map(({ message }) => `warning: ${printable(message)}\n`).join('');
  return `${renderTable(['', ''], facts)}\n${operators}${warnings === '' ? '' : `\n${warnings}`}`;
}
