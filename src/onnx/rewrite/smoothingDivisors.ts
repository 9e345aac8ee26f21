/** The authors' guard: no magnitude counts as smaller, no divisor is smaller. */
const SMALLEST = 1e-5;
/** And no divisor is larger than this: no channel of the input is pushed below what float32 adds up well. */
const LARGEST = 1e5;

/**
 * SmoothQuant's divisors for the input channels of a linear layer, `max|x|^alpha / max|W|^(1 - alpha)`
 * (Xiao et al. 2023, equation 4): with alpha 0.5 inputs and weights end up with equal ranges, with 1
 * all of the inputs' outliers move into the weights.
 *
 * @param inputMax largest magnitude of each input channel over the calibration images
 * @param weightMax largest magnitude in the weight for each input channel
 * @returns positive finite numbers; 1 for channels that calibration never saw alive
 */
export function smoothingDivisors(inputMax: Float32Array, weightMax: Float32Array, alpha: number): Float32Array {
  return inputMax.map((magnitude, channel) => {
    const divisor = magnitude ** alpha / Math.max(weightMax[channel] ?? 0, SMALLEST) ** (1 - alpha);
    const isAlive = magnitude > 0 && Number.isFinite(divisor);
    return isAlive ? Math.min(Math.max(divisor, SMALLEST), LARGEST) : 1;
  });
}
