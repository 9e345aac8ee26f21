/** A class taken for the one that must not be missed, and on what ground. */
export interface GuessedClass {
  readonly name: string;
  readonly ground: 'by name' | 'by alphabet';
}

const LIKE_A_DEFECT = /pit|defect|bad|nok/i;
const LIKE_NO_DEFECT = asWord('ok|okay|good|clean|clear|fine|intact|pass|passed|normal|healthy|sound');
const DENIED = asWord('no|not|non|without|free');
const UNCERTAIN = asWord('maybe|unsure|uncertain|unclear|review');

/**
 * The class named like a defect ("not_ok", but not "no_defect" or "defect-free"); else, of those not
 * named like what may pass, the only one or the last of the alphabet.
 */
export function guessTargetClass(classes: readonly string[]): GuessedClass | undefined {
  const sorted = classes.toSorted();
  const others = sorted.filter((name) => !mayPass(name) && !UNCERTAIN.test(name));
  const named = others.find(isDefect) ?? (others.length === 1 ? others[0] : undefined);
  const name = named ?? others.at(-1) ?? sorted.at(-1);
  return name === undefined ? undefined : { name, ground: named === undefined ? 'by alphabet' : 'by name' };
}

function isDefect(name: string): boolean {
  return LIKE_A_DEFECT.test(name) || isDeniedGood(name);
}

function mayPass(name: string): boolean {
  return (LIKE_NO_DEFECT.test(name) || DENIED.test(name)) && !isDeniedGood(name);
}

function isDeniedGood(name: string): boolean {
  return DENIED.test(name) && LIKE_NO_DEFECT.test(name) && !LIKE_A_DEFECT.test(name);
}

function asWord(words: string): RegExp {
  return new RegExp(String.raw`(^|[\d_\W])(${words})($|[\d_\W])`, 'i');
}
