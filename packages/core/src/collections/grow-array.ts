/** Returns the numbers with room for at least `size`. The length at least doubles, so that copies are rare. */
export function growArray<Numbers extends Float64Array | Int32Array>(
  numbers: Numbers,
  size: number,
): Numbers {
  if (size <= numbers.length) return numbers
  const length = Math.max(16, size, 2 * numbers.length)
  const larger = numbers instanceof Float64Array ? new Float64Array(length) : new Int32Array(length)
  larger.set(numbers)
  return larger as Numbers
}
