import { openGraph } from '../runtime/graphSession.ts';
import { serve } from '../runtime/serve.ts';
import type { DumpParams } from './prove.ts';

serve({
  dump: async ({ modelPath, dumpPath }: DumpParams): Promise<void> => {
    const session = await openGraph(modelPath, { threads: 1, dumpPath });
    await session.close();
  },
});
