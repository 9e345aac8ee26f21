import { observationOf, type Observation, type Performance, type Sums, type Tracked } from '../records/observation.ts';

/** Means are over the newest one to two blocks, so that they follow the line as it is today. */
const BLOCK = 500;

/** The log so far, per deployment, mode and revision. */
export class ObservationFold {
  private readonly cells: Map<string, Tracked>;
  /** Lines that were no whole record. */
  damaged: number;

  constructor(tracked: readonly Tracked[] = [], damaged = 0) {
    this.cells = new Map(tracked.map((cell) => [keyOf(cell), cell]));
    this.damaged = damaged;
  }

  get tracked(): readonly Tracked[] {
    return [...this.cells.values()];
  }

  /** Takes one line of the log; a torn one spoils itself only. */
  addLine(line: string): void {
    if (line === '') {
      return;
    }
    const observation = observationOf(jsonOf(line));
    if (observation === undefined) {
      this.damaged += 1;
    } else {
      this.add(observation);
    }
  }

  private add(observation: Observation): void {
    const key = keyOf(observation);
    this.cells.set(key, added(this.cells.get(key) ?? emptyCell(observation), observation));
  }
}

function keyOf({ deployment, mode, revision }: Pick<Tracked, 'deployment' | 'mode' | 'revision'>): string {
  return JSON.stringify([deployment, mode, revision]);
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const NO_SUMS: Sums = { n: 0, successes: 0, timed: 0, work: 0, seconds: 0 };

function emptyCell({ deployment, mode, revision }: Observation): Tracked {
  const none = { target: 0, maybe: 0, other: 0 };
  return {
    deployment,
    mode,
    revision,
    total: 0,
    previous: null,
    current: NO_SUMS,
    reviews: { target: none, other: none },
    seeded: none,
    ratings: { n: 0, sum: 0 },
  };
}

function added(cell: Tracked, observation: Observation): Tracked {
  switch (observation.kind) {
    case 'performance': {
      const isFull = cell.current.n >= BLOCK;
      return {
        ...cell,
        total: cell.total + 1,
        previous: isFull ? cell.current : cell.previous,
        current: addedSums(isFull ? NO_SUMS : cell.current, observation),
      };
    }
    case 'verdict': {
      const { truth, called, count, seeded } = observation;
      const counts = cell.reviews[truth];
      return {
        ...cell,
        reviews: { ...cell.reviews, [truth]: { ...counts, [called]: counts[called] + count } },
        seeded:
          seeded === true && truth === 'target'
            ? { ...cell.seeded, [called]: cell.seeded[called] + count }
            : cell.seeded,
      };
    }
    case 'rating':
      return { ...cell, ratings: { n: cell.ratings.n + 1, sum: cell.ratings.sum + observation.rating } };
  }
}

function addedSums(sums: Sums, { work, seconds, success }: Performance): Sums {
  const counted = { ...sums, n: sums.n + 1, successes: sums.successes + (success ? 1 : 0) };
  return success && seconds !== null
    ? { ...counted, timed: sums.timed + 1, work: sums.work + work, seconds: sums.seconds + seconds }
    : counted;
}
