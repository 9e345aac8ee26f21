import type { RootContent } from 'mdast';
import type { Decision } from '../../records/decision.ts';
import { countOf, shortHash } from '../../shared/units.ts';
import { bullets, code, codeBlock, heading, left, paragraph, table } from '../mdast.ts';

type Host = NonNullable<Decision['reproduce']['host_class']>;

/** The commands and the records that lead here again. */
export function reproduce({ reproduce: how }: Decision): RootContent[] {
  return [
    heading(2, 'How to reproduce'),
    ...commandsText(how.commands),
    bullets([
      `beltbench ${how.tool_version}.`,
      how.host_class === null ? 'Host: not measured.' : hostText(how.host_class),
    ]),
    how.records.length === 0
      ? paragraph('The decision rests on no record.')
      : table(
          [left('Model'), left('Kind'), left('Record'), left('Key')],
          how.records.map((record) => [
            code(record.candidate),
            record.kind,
            code(record.record_id),
            code(shortHash(record.key)),
          ]),
        ),
  ];
}

/** The commands, to be run where the study lies: where this one was run is no part of what was found. */
export function commandsText(commands: readonly string[]): RootContent[] {
  return [paragraph('In the folder of the study file:'), codeBlock(commands)];
}

/** The host in one line. */
export function hostText(host: Host): string {
  const cores = `${countOf(host.physical_cores, 'physical core')}, ${host.logical_cores} logical`;
  const isa = host.isa.length === 0 ? 'no listed instruction sets' : host.isa.join(' ');
  return `Host: ${host.cpu_model}, ${cores}, ${isa}; ${host.os}, ${host.arch}, Node ${host.node}.`;
}
