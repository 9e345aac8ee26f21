/** Under which names a tracking server's runs say what they are; the study may rename some. */
export interface TrackedTags {
  readonly studyKeyHash: string;
  readonly trialKeyHash: string;
  readonly benchmarkKey: string;
  readonly backbone: string;
  /** The network's name where the backbone's is missing. */
  readonly model: string;
  /** What a run was for: "hpo", "hpo_refit", "benchmarking". */
  readonly stage: string;
  /** What beltbench made a run from. */
  readonly kind: string;
  readonly hostClass: string;
}

/** What the runs of a tracking server are read by. */
export interface TrackedSettings {
  readonly tags: TrackedTags;
  /** A training run holds all of these: the objective, or what it is made of. */
  readonly trainingMetrics: readonly string[];
  readonly aggregation: 'latest' | 'median' | 'mean';
  /** A benchmark run that lacks one of these metrics does not count. */
  readonly requiredMetrics: readonly string[];
  /** `benchmarking` as the configuration states it: a run without a key whose parameters say otherwise does not match. */
  readonly benchmarking: Readonly<Record<string, unknown>>;
}
