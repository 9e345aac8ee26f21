import type { AnswerParams } from './answerInChild.ts';
import { openGraph, type GraphOutput } from './graphSession.ts';
import { serve } from './serve.ts';

serve({
  answer: async ({ modelPath, input }: AnswerParams): Promise<ReadonlyMap<string, GraphOutput>> => {
    const session = await openGraph(modelPath, { threads: 1 });
    try {
      return await session.run(input.values, input.dims);
    } finally {
      await session.close();
    }
  },
});
