import { coded, type ErrorSample, raw, shaped } from './error-sample.js'

export type UpstreamErrorName =
  | 'model-busy'
  | 'internal-error'
  | 'unknown-error'
  | 'engine-error'
  | 'overloaded'
  | 'overloaded-classic'
  | 'ip-banned'
  | 'ip-banned-200'
  | 'overloaded-200'
  | 'inference-timeout'
  | 'gateway-timeout-empty'
  | 'gateway-timeout-plain'
  | 'gateway-timeout-string'
  | 'gateway-timeout-html'
  | 'bad-gateway-html'
  | 'bad-gateway-empty'
  | 'unavailable-html'
  | 'client-closed'

const busy = 'System is too busy now. Please try again later.'

/** Errors of the platform and of the proxies in front of it. */
export const upstreamSamples: Readonly<Record<UpstreamErrorName, ErrorSample>> = {
  'model-busy': shaped(429, { message: 'System is really busy, please try again later', code: 20_015 }, [
    'upstream',
    'observed',
  ]),
  'internal-error': coded([500, 50_500], 'Internal server error.', ['upstream', 'inferred']),
  'unknown-error': coded([500, 50_507], 'Request failed: Unknown error.', ['upstream', 'observed']),
  'engine-error': coded([500, 60_000], 'Inference engine error.', ['upstream', 'inferred']),
  overloaded: coded([503, 50_508], busy, ['upstream', 'observed', 'current']),
  'overloaded-classic': coded([503, 50_505], 'Model service overloaded. Please try again later.', [
    'upstream',
    'documented',
    'classic',
  ]),
  'ip-banned': coded([503, 50_603], busy, ['ip-ban', 'observed']),
  'ip-banned-200': coded([200, 50_603], busy, ['ip-ban', 'observed']),
  'overloaded-200': coded([200, 50_505], 'Model service overloaded. Please try again later.', [
    'upstream',
    'inferred',
  ]),
  'inference-timeout': coded([504, 50_501], 'Inference timed out.', ['upstream', 'inferred']),
  'gateway-timeout-empty': raw(504, '', ['upstream', 'documented']),
  'gateway-timeout-plain': raw(504, '504 Gateway Timeout', ['upstream', 'documented']),
  'gateway-timeout-string': shaped(504, 'Gateway Timeout', ['upstream', 'documented']),
  'gateway-timeout-html': page(504, '504 Gateway Time-out'),
  'bad-gateway-html': page(502, '502 Bad Gateway'),
  'bad-gateway-empty': raw(502, '', ['upstream', 'inferred']),
  'unavailable-html': page(503, '503 Service Temporarily Unavailable'),
  'client-closed': coded([499, 60_001], 'Client closed the connection.', ['caller', 'inferred']),
}

function page(status: number, title: string): ErrorSample {
  const lines = [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    '<hr><center>nginx</center>',
    '</body>',
    '</html>',
    '',
  ]
  return { ...raw(status, lines.join('\r\n'), ['upstream', 'inferred']), contentType: 'text/html' }
}
