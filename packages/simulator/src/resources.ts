import { BoundedStore } from './bounded-store.js'

/** A file that was uploaded; of its content only what batches need is kept. */
export interface StoredFile {
  readonly id: string
  bytes: number
  /** In seconds, as the platform writes it. */
  createdAt: number
  filename: string
  purpose: string
  lines: readonly BatchLine[]
}

/** One request of a batch. */
export interface BatchLine {
  model: string | undefined
  promptTokens: number
  outputTokens: number
}

export interface StoredBatch {
  readonly id: string
  endpoint: string
  inputFileId: string
  completionWindow: string
  metadata: unknown
  lineCount: number
  /** Instants; the status follows from them. */
  createdAt: number
  startsAt: number
  completesAt: number
  expiresAt: number
  cancelledAt?: number
  outputFileId?: string
  /** Stops the work. */
  cancel: () => void
}

export interface StoredVideo {
  readonly id: string
  startsAt: number
  completesAt: number
  seed: number
  /** Why it fails, if it does. */
  failure: string | undefined
}

/** A voice that was uploaded; its id is its address. */
interface StoredVoice {
  readonly id: string
  model: string
  customName: string
  text: string
}

/** What accounts have created on the platform. */
export interface Resources {
  files: BoundedStore<StoredFile>
  batches: BoundedStore<StoredBatch>
  videos: BoundedStore<StoredVideo>
  voices: BoundedStore<StoredVoice>
}

const perAccount = 1000

export function createResources(): Resources {
  return {
    files: new BoundedStore(perAccount),
    batches: new BoundedStore(perAccount),
    videos: new BoundedStore(perAccount),
    voices: new BoundedStore(perAccount),
  }
}
