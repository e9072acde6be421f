/** The upstream of all that names none: a pool with one upstream calls it so. */
export const defaultUpstream = 'default'
