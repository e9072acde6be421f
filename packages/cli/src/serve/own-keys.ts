/**
 * Settings that choose keys or upstream. The demo brings its own, so their flags cannot be combined with it, and
 * `npm start` serves no demo when one of them is given.
 */
export const ownKeys = ['keys', 'store', 'baseUrl', 'provider', 'site'] as const
