import { z } from 'zod';

/** What schemas demand, as one text: it changes when they do. */
export function schemaText(schemas: readonly z.ZodType[]): string {
  return JSON.stringify(schemas.map((schema) => z.toJSONSchema(schema)));
}
