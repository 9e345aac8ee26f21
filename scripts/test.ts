// The unit tests: all but those that need a server (`npm run test:integration`).
import { report, runTests } from './gate.ts';

const pattern = process.argv[2] ?? String.raw`\.test\.ts$`;
report(await runTests({ dir: 'test', pattern, ignore: '^integration$' }));
