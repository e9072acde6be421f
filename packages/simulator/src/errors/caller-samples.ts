import { coded, type ErrorSample, raw, shaped } from './error-sample.js'

export type CallerErrorName =
  | 'model-not-found'
  | 'model-disabled'
  | 'path-not-found'
  | 'path-not-found-classic'
  | 'path-not-found-plain'
  | 'endpoint-deprecated'
  | 'parameter-invalid'
  | 'field-required'
  | 'empty-list'
  | 'prompt-too-long'
  | 'prompt-tokens-exceeded'
  | 'prompt-tokens-exceeded-plain'
  | 'thinking-unsupported'
  | 'thinking-type'
  | 'json-mode-unsupported'
  | 'completions-unsupported'
  | 'fim-unsupported'
  | 'streaming-unsupported'
  | 'tools-unsupported'
  | 'vision-unsupported'
  | 'batch-too-large'
  | 'input-too-long'
  | 'media-too-large'
  | 'nsfw'
  | 'task-not-found'
  | 'record-not-found'
  | 'file-not-found'
  | 'file-purpose-invalid'
  | 'speech-input-too-long'
  | 'voice-not-found'
  | 'voice-unreadable'
  | 'n-out-of-range'
  | 'max-tokens-invalid'
  | 'batch-model-unsupported'
  | 'batch-file-too-long'

const notFound = '404 page not found'

/** Errors about wrong requests, and about things that no key can have. */
export const callerSamples: Readonly<Record<CallerErrorName, ErrorSample>> = {
  'model-not-found': coded([400, 20_012], 'Model does not exist. Please check it carefully.', [
    'model',
    'documented',
  ]),
  'model-disabled': coded([403, 30_003], 'Model disabled.', ['model', 'observed']),
  'path-not-found': raw(404, 'Not Found', ['caller', 'observed', 'current']),
  'path-not-found-classic': shaped(404, notFound, ['caller', 'documented', 'classic']),
  'path-not-found-plain': raw(404, notFound, ['caller', 'documented', 'classic']),
  'endpoint-deprecated': coded([410, 20_092], 'This endpoint is deprecated and is no longer available.', [
    'caller',
    'observed',
    'current',
  ]),
  'parameter-invalid': invalid('The parameter is invalid. Please check again.'),
  'field-required': invalid('Field required'),
  'empty-list': shaped(400, { code: 20_015, message: 'List should have at least 1 item after validation' }, [
    'caller',
    'observed',
  ]),
  'prompt-too-long': invalid('length of prompt_tokens (68957) must be less than max_seq_len (65536).'),
  'prompt-tokens-exceeded': invalid(
    'number of input tokens (300030) has exceeded max_prompt_tokens (98304) limit.',
  ),
  'prompt-tokens-exceeded-plain': raw(
    400,
    'number of input tokens (135022) has exceeded max_seq_len (131072) limit.',
    ['caller', 'observed'],
  ),
  'thinking-unsupported': invalid('Value error, current model does not support parameter `enable_thinking`.'),
  'thinking-type': invalid('thinking type should be enabled or disabled'),
  'json-mode-unsupported': unsupported(20_024, 'JSON mode is not supported for this model.'),
  'completions-unsupported': unsupported(20_039, 'Completions are not supported for this model.'),
  'fim-unsupported': unsupported(20_031, 'FIM is not supported for this model.'),
  'streaming-unsupported': unsupported(20_036, 'Streaming is not supported for this model.'),
  'tools-unsupported': unsupported(20_037, 'Function call is not supported for this model.'),
  'vision-unsupported': unsupported(
    20_041,
    'The model is not a VLM (Vision Language Model). Please use text-only prompts.',
  ),
  'batch-too-large': coded([413, 20_042], 'input batch size 132 > maximum allowed batch size 64', [
    'caller',
    'observed',
  ]),
  'input-too-long': shaped(413, { code: 20_042, message: 'input must have less than 8192 tokens' }, [
    'caller',
    'observed',
  ]),
  'media-too-large': coded([413, 20_043], 'The total size of the media is too large.', [
    'caller',
    'inferred',
  ]),
  nsfw: coded([451, 20_021], 'The content may contain material that is not allowed.', ['caller', 'inferred']),
  'task-not-found': coded([404, 20_063], 'The task does not exist or has expired.', ['caller', 'inferred']),
  'record-not-found': coded([404, 20_011], 'Record not found.', ['caller', 'inferred']),
  'file-not-found': coded([404, 20_068], 'File does not exist.', ['caller', 'inferred']),
  'file-purpose-invalid': unsupported(20_067, 'The purpose of the file is missing or invalid.'),
  'speech-input-too-long': unsupported(20_050, 'The text to speak is too long.'),
  'voice-not-found': unsupported(20_047, 'The voice does not exist.'),
  'voice-unreadable': unsupported(20_046, 'The audio of the voice is missing or cannot be read.'),
  'n-out-of-range': unsupported(20_066, 'The value of n is out of range.'),
  'max-tokens-invalid': unsupported(20_089, 'The value of max_tokens is invalid.'),
  'batch-model-unsupported': unsupported(20_088, 'Batch is not supported for this model.'),
  'batch-file-too-long': unsupported(20_074, 'The file has too many lines.'),
}

function invalid(message: string): ErrorSample {
  return coded([400, 20_015], message, ['caller', 'observed'])
}

function unsupported(code: number, message: string): ErrorSample {
  return coded([400, code], message, ['caller', 'inferred'])
}
