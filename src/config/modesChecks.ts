import { hint } from './hint.ts';
import type { Modes } from './modesSchema.ts';
import { printable } from './shown.ts';

/** What of a plan, or of a study's modes, names deployments and modes. */
export interface Wiring {
  readonly deployments: readonly string[];
  /** `undefined`: any mode may be asked for, so no name of one is wrong. */
  readonly modes: readonly string[] | undefined;
  readonly rules: readonly {
    readonly when: { readonly mode?: string | readonly string[] | undefined };
    readonly choose: string;
  }[];
  readonly fallbackChains: Readonly<Record<string, readonly string[]>>;
  readonly lastResort: string | null;
  readonly settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What a last resort that is no deployment says: divert the belt to manual inspection. */
export const STOP = 'stop';

/** What is wrong with the names and chains, in words: the first unknown name, the first chain that comes back. */
export function wiringProblem({
  deployments,
  modes,
  rules,
  fallbackChains,
  lastResort,
  settings,
}: Wiring): string | undefined {
  if (deployments.includes(STOP)) {
    return `a deployment must not be called \`${STOP}\`, because that is what a last resort says for manual inspection; rename it`;
  }
  const named = [
    ...rules.map(({ choose }, index) => ({ place: `rules.${index}.choose`, name: choose })),
    ...Object.keys(fallbackChains).map((name) => ({ place: 'fallback_chains', name })),
    ...Object.entries(fallbackChains).flatMap(([head, chain]) =>
      chain.map((name) => ({ place: `fallback_chains.${head}`, name })),
    ),
    ...(lastResort === null || lastResort === STOP ? [] : [{ place: 'last_resort', name: lastResort }]),
    ...Object.entries(settings).flatMap(([mode, perDeployment]) =>
      Object.keys(perDeployment).map((name) => ({ place: `settings of ${mode}`, name })),
    ),
  ];
  return (
    firstUnknown(named, deployments, 'deployment') ??
    (modes === undefined ? undefined : firstUnknown(namedModes(rules, settings), modes, 'mode')) ??
    cycleIn(fallbackChains)
  );
}

interface Named {
  readonly place: string;
  readonly name: string;
}

function namedModes(rules: Wiring['rules'], settings: Wiring['settings']): Named[] {
  return [
    ...rules.flatMap(({ when: { mode } }, index) =>
      [mode ?? []].flat().map((name) => ({ place: `rules.${index}.when.mode`, name })),
    ),
    ...Object.keys(settings).map((name) => ({ place: 'settings', name })),
  ];
}

function firstUnknown(named: readonly Named[], known: readonly string[], what: string): string | undefined {
  const strange = named.find(({ name }) => !known.includes(name));
  return strange === undefined
    ? undefined
    : `\`${printable(strange.place, 200)}\` names \`${printable(strange.name)}\`, which is no ${what}${hint(strange.name, known)}`;
}

/** Of a chain only its own links are tried, so two chains may name each other; one that names a deployment twice goes in a circle. */
function cycleIn(chains: Wiring['fallbackChains']): string | undefined {
  for (const [head, chain] of Object.entries(chains)) {
    const path = [head, ...chain];
    const twice = path.find((name, index) => path.indexOf(name) !== index);
    if (twice !== undefined) {
      const circle = path.map((name) => printable(name)).join(' -> ');
      return `\`fallback_chains.${printable(head)}\` is a cycle: ${circle} comes back to \`${printable(twice)}\`; name each deployment once`;
    }
  }
  return undefined;
}

/** What is wrong with a study's modes, in words. */
export function modesProblem(modes: Modes, candidates: readonly string[]): string | undefined {
  const capable = Object.keys(modes.capabilities).map((name) => ({ place: 'capabilities', name }));
  return (
    firstUnknown(capable, candidates, 'deployment') ??
    wiringProblem({
      deployments: candidates,
      modes: Object.keys(modes.line_modes),
      rules: modes.rules,
      fallbackChains: modes.fallback_chains,
      lastResort: modes.last_resort,
      settings: modes.settings,
    })
  );
}
