// npm run build, and `prepare`: makes dist where it is not up to date.
import { buildDist } from './build/buildDist.ts';

await buildDist(process.cwd());
