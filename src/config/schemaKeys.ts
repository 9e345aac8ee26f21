import { z } from 'zod';

/** A key that a schema knows, and the keys that lead to it; `*` stands for a list's entries and a record's keys. */
export interface SchemaKey {
  readonly path: readonly string[];
  readonly key: string;
}

/** Every key of a schema, at every depth, in the order of the schema. */
export function allKeys(schema: unknown, path: readonly string[] = []): SchemaKey[] {
  const here = unwrap(schema);
  if (here instanceof z.ZodObject) {
    return Object.entries(here.shape).flatMap(([key, inner]) => [{ path, key }, ...allKeys(inner, [...path, key])]);
  }
  const inner = entriesOf(here);
  return inner === undefined ? [] : allKeys(inner, [...path, '*']);
}

/** The keys that a schema allows at a path of a value; none where anything or no key is allowed. */
export function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  let here = unwrap(schema);
  for (const step of path) {
    here = unwrap(
      here instanceof z.ZodObject ? Object.entries(here.shape).find(([key]) => key === step)?.[1] : entriesOf(here),
    );
  }
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

function entriesOf(schema: unknown): unknown {
  if (schema instanceof z.ZodArray) {
    return schema.element;
  }
  return schema instanceof z.ZodRecord ? schema.valueType : undefined;
}

function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodNullable
  ) {
    inner = inner.unwrap();
  }
  return inner;
}
