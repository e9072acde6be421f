import { BoundedStore } from './bounded-store.js'

/** An uploaded file. Only the content that batches need is kept. */
export interface StoredFile {
  readonly id: string
  bytes: number
  /** The upload time in seconds, as the platform writes it. */
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
  /** The instants of the batch. Its status follows from them. */
  createdAt: number
  startsAt: number
  completesAt: number
  expiresAt: number
  cancelledAt?: number
  outputFileId?: string
  /** Cancels the scheduled completion. */
  cancel: () => void
}

export interface StoredVideo {
  readonly id: string
  startsAt: number
  completesAt: number
  seed: number
  /** The reason why the video fails, if it does. */
  failure: string | undefined
}

/** An uploaded voice. Its id is its address. */
interface StoredVoice {
  readonly id: string
  model: string
  customName: string
  text: string
}

/** The resources that accounts have created on the platform. */
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
