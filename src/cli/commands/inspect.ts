import { auditModel } from '../../onnx/audit.ts';
import type { ModelAudit, ModelPort } from '../../records/model.ts';
import { formatMegabytes, formatMillions, formatShare } from '../../shared/units.ts';
import { exitCodeOfVerdicts } from '../exitCodes.ts';
import type { Outcome, ParsedArgs } from '../io.ts';
import { printable } from '../printable.ts';
import { renderTable } from '../tables.ts';

/** `beltbench inspect MODEL.onnx`: what the file says of itself. With `--check`, NaN weights are a FAIL. */
export async function runInspect(args: ParsedArgs): Promise<Outcome> {
  const audit = await auditModel(args.model ?? '');
  return {
    document: audit,
    text: renderAudit(audit),
    exitCode: exitCodeOfVerdicts([audit.nonfinite_weights.total > 0 ? 'FAIL' : 'PASS'], args.check === true),
  };
}

function renderAudit(audit: ModelAudit): string {
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
    ...audit.inputs.map((port): [string, string] => ['input', describePort(port)]),
    ...audit.outputs.map((port): [string, string] => ['output', describePort(port)]),
    ['parameters', formatMillions(audit.parameter_count)],
    [
      'multiply-adds',
      macs.total === null
        ? `at least ${formatMillions(macs.counted)}; unknown for ${macs.unknown_nodes.length} nodes`
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
  ];
  const operators = renderTable(
    ['operator', 'nodes'],
    Object.entries(audit.operators).map(([name, count]) => [name, String(count)]),
  );
  const warnings = audit.warnings.map(({ message }) => `warning: ${printable(message)}\n`).join('');
  return `${renderTable(['', ''], facts)}\n${operators}${warnings === '' ? '' : `\n${warnings}`}`;
}

function describePort({ name, type, shape }: ModelPort): string {
  return `${name}: ${type} [${(shape ?? ['?']).join(', ')}]`;
}
