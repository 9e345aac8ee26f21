/** A class taken for the one that must not be missed, and on what ground. */
export interface GuessedClass {
  readonly name: string;
  readonly ground: 'by name' | 'by alphabet';
}

const LIKE_A_DEFECT = /pit|defect|bad|nok/i;
const DENIED = /(^|[_\W])(no|not|non|without|free)($|[_\W])/i;

/** The class named like a defect (but not "no_defect" or "defect-free"), else the last of the alphabet. */
export function guessTargetClass(classes: readonly string[]): GuessedClass | undefined {
  const sorted = classes.toSorted();
  const named = sorted.find((name) => LIKE_A_DEFECT.test(name) && !DENIED.test(name));
  const name = named ?? sorted.at(-1);
  return name === undefined ? undefined : { name, ground: named === undefined ? 'by alphabet' : 'by name' };
}
