/** Whose keys they are decides in which currency they have money, and which prices are theirs. */
export const upstreamSettings = ['baseUrl', 'provider', 'sites'] as const
