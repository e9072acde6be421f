/** Whether this is `npm run test:long`, which runs the tests of `sized` alone, with their large sizes. */
export const isLongRun: boolean = process.env.SFPOOL_TEST_SIZE === 'long'

/** How many cases a test tries: enough to find a fault, or as many as it takes to find a rare one. */
export function sized(usual: number, long: number): number {
  return isLongRun ? long : usual
}
