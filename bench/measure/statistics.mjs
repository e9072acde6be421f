// @ts-check
/**
 * Returns the nearest-rank percentile of unsorted samples; NaN without samples.
 * @param {readonly number[]} samples
 * @param {number} share 0 to 1
 */
export function percentile(samples, share) {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/**
 * Returns the middle sample, or the mean of the middle two; NaN without samples.
 * @param {readonly number[]} samples
 */
export function median(samples) {
  const sorted = samples.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN
  return (upper + lower) / 2
}

/**
 * @param {readonly number[]} samples
 * @returns {{ median: number, min: number, max: number }}
 */
export function summarise(samples) {
  return { median: median(samples), min: Math.min(...samples), max: Math.max(...samples) }
}

/**
 * Returns the median of the ratios per round. A disturbance of the machine affects both samples of a round.
 * @param {readonly number[]} samples
 * @param {readonly number[]} reference same length, same rounds
 */
export function pairedRatio(samples, reference) {
  return median(samples.map((sample, round) => sample / (reference[round] ?? Number.NaN)))
}

/**
 * Returns the slope of samples by least squares; NaN with fewer than two instants.
 * @param {readonly { at: number, value: number }[]} samples
 * @returns {number} in units of `value` per unit of `at`
 */
export function slope(samples) {
  const mean = (/** @type {readonly number[]} */ of) => of.reduce((sum, each) => sum + each, 0) / of.length
  const at = mean(samples.map((sample) => sample.at))
  const value = mean(samples.map((sample) => sample.value))
  const rise = samples.reduce((sum, each) => sum + (each.at - at) * (each.value - value), 0)
  return rise / samples.reduce((sum, each) => sum + (each.at - at) ** 2, 0)
}
