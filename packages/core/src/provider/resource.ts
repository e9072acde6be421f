export type ResourceKind = 'file' | 'batch' | 'video' | 'voice'

/** Something that lives in the account that created it at the upstream; the upstream hides it from other accounts. */
export interface Resource {
  /** The upstream's id; of a voice, its URI. */
  readonly id: string
  readonly kind: ResourceKind
}

/** Longer than any id seen. */
const idLimit = 512

/** A list of the one resource that a field of a body names; empty when the field holds no id. */
export const namedResource = (kind: ResourceKind, id: unknown): Resource[] =>
  typeof id === 'string' && id !== '' && id.length <= idLimit ? [{ id, kind }] : []
