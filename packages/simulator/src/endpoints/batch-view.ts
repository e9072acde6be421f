import type { StoredBatch } from '../resources.js'

/** The share of the working time after which a batch is finalizing. */
const finalizingShare = 0.9
const cancellingMs = 1000

type BatchStatus =
  | 'in_queue'
  | 'in_progress'
  | 'finalizing'
  | 'completed'
  | 'expired'
  | 'cancelling'
  | 'cancelled'

function batchStatus(
  { startsAt, completesAt, expiresAt, cancelledAt }: StoredBatch,
  now: number,
): BatchStatus {
  if (cancelledAt !== undefined) return now < cancelledAt + cancellingMs ? 'cancelling' : 'cancelled'
  if (now >= Math.min(completesAt, expiresAt)) return completesAt <= expiresAt ? 'completed' : 'expired'
  if (now < startsAt) return 'in_queue'
  return now < startsAt + (completesAt - startsAt) * finalizingShare ? 'in_progress' : 'finalizing'
}

/** Formats a batch as the platform does, without the envelope that files have. */
export function batchView(batch: StoredBatch, now: number): Record<string, unknown> {
  const status = batchStatus(batch, now)
  const isDone = status === 'completed'
  return {
    id: batch.id,
    object: 'batch',
    endpoint: batch.endpoint,
    errors: null,
    input_file_id: batch.inputFileId,
    completion_window: batch.completionWindow,
    status,
    output_file_id: batch.outputFileId ?? null,
    error_file_id: null,
    created_at: seconds(batch.createdAt),
    in_progress_at: now < batch.startsAt ? null : seconds(batch.startsAt),
    expires_at: seconds(batch.expiresAt),
    finalizing_at: null,
    completed_at: isDone ? seconds(batch.completesAt) : null,
    failed_at: null,
    expired_at: status === 'expired' ? seconds(batch.expiresAt) : null,
    cancelling_at: batch.cancelledAt === undefined ? null : seconds(batch.cancelledAt),
    cancelled_at: status === 'cancelled' ? seconds((batch.cancelledAt ?? now) + cancellingMs) : null,
    request_counts: { total: batch.lineCount, completed: isDone ? batch.lineCount : 0, failed: 0 },
    metadata: batch.metadata,
  }
}

function seconds(at: number): number {
  return Math.floor(at / 1000)
}
