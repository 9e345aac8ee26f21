/** The options that STORY-006 asks to weigh, in its own words, as the YAML of a study's `options`. */
export const STORY_OPTIONS = `options:
  A:
    what: Optimise ConvNeXt V2 (INT8, 2-4x hoped for; pruning; ONNX Runtime; distillation into a small student) to below 30 ms without losing accuracy
    for:
      - best accuracy
      - modern, FCMAE-pretrained
      - ready for harder defects
    against:
      - engineering
      - may not get there
      - may lose accuracy
      - needs the production CPU to test
    effort: 2-3 days
  B:
    what: Variants near ResNet50, such as SE-ResNet50 (about 25 M parameters), ResNeXt-50, ECA-Net
    for:
      - proven fast family
      - same pipeline
      - about 16 ms
    against:
      - may not beat 94.05 %
      - more experiments
    effort: 1-2 days of training
  C:
    what: Accept ResNet50 at 94.05 % (unnormalised input) and optimise the thresholds (three-outcome line, better maybe, pit recall >= 99 %)
    for:
      - deploy at once
      - understood
      - work goes to safety
      - ConvNeXt can come later
    against:
      - leaves 0.16 points
      - ConvNeXt may be better at edge cases
    effort: 1 day
  D:
    what: ResNet18 where speed is paramount (91.92 %, half the latency, half the size)
    for:
      - fastest
      - smallest
      - high throughput
    against:
      - pit recall 89.58 %
      - 2 points lost
    effort: trained; thresholds to do
  E:
    what: Hybrid (ResNet50 standard, ResNet18 in high-speed mode, ConvNeXt research in parallel)
    for:
      - flexible
      - can be A/B tested
      - blocks nothing
    against:
      - more to deploy, maintain and version
    # effort: not estimated by the story
`;

/** What STORY-006 asks, as the YAML of a study's `discussion`. */
export const STORY_DISCUSSION = `discussion:
  - question: Is 30 ms hard, or do 40-50 ms buy accuracy?
    # answer: hard; said by NAME on DATE
  - question: What is the CPU in production? The test machine may not match.
  - question: Is 94.05 % good enough to ship, is 94.21 % worth the work, and is speed (ResNet18) ever more important than accuracy?
  - question: Can thresholds bring pit recall (92.58 % for ConvNeXt) to 99 % whatever the model?
  - question: How much time to invest, against other work?
`;
