// @ts-check
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchDirectory } from '../measure/scratch.mjs'
import { findTool } from '../measure/tools.mjs'
import { startRival } from './rival.mjs'

/**
 * Makes a configuration with one process, keep-alive on both sides and no access log. `proxy_buffering off` is what guides
 * for event streams recommend.
 * @param {{ port: number, upstreamPort: number }} ports
 */
export function nginxConfig({ port, upstreamPort }) {
  return `daemon off;
master_process off;
pid nginx.pid;
error_log stderr crit;
events { worker_connections 10000; }
http {
  access_log off;
  tcp_nodelay on;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  upstream bench {
    server 127.0.0.1:${upstreamPort};
    keepalive 4000;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    location / {
      proxy_pass http://bench;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 600s;
    }
  }
}
`
}

/** @type {import('./rival.mjs').Entrant} */
export const nginx = {
  name: 'nginx',
  start: async (upstreamPort) => {
    const command = findTool('nginx')
    const directory = scratchDirectory('nginx')
    const config = join(directory.path, 'nginx.conf')
    const rival = await startRival({
      name: 'nginx',
      program: (port) => {
        writeFileSync(config, nginxConfig({ port, upstreamPort }))
        return { command, args: ['-e', 'stderr', '-p', directory.path, '-c', config] }
      },
    })
    const stop = async () => {
      await rival.stop()
      directory.remove()
    }
    return { ...rival, stop }
  },
}
