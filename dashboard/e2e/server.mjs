// The real server, on ports of its own and with a data folder of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');
const BINARY = process.env.PICLOUD ?? join(TARGET, 'debug', 'picloud');

/** Starts it; `dashboard` and `apps` are where it listens, `token` is the operator's. */
export async function startServer() {
  if (!existsSync(BINARY)) throw new Error(`there is no ${BINARY}: run cargo build first`);
  const data = mkdtempSync(join(tmpdir(), 'picloud-e2e-'));
  const env = {
    ...process.env,
    PICLOUD_DATA: data,
    PICLOUD_BIND: '127.0.0.1:0',
    PICLOUD_ADMIN_BIND: '127.0.0.1:0',
  };
  const server = spawn(BINARY, ['serve', '--json'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (text) => (log += text));

  const told = await addresses(server, () => log);
  return {
    dashboard: new URL(told.management).origin,
    apps: told.scripts,
    token: readFileSync(told.operator_token_file, 'utf8').trim(),
    log: () => log,
    async stop() {
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      const [code] = await ended;
      rmSync(data, { recursive: true, force: true });
      return code;
    },
  };
}

/** What it prints when it is ready: one JSON object. */
function addresses(server, log) {
  return new Promise((resolve, reject) => {
    let printed = '';
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${log()}`)));
    server.once('error', reject);
    server.stdout.setEncoding('utf8').on('data', (text) => {
      printed += text;
      try {
        resolve(JSON.parse(printed));
      } catch {
        // There is more to come.
      }
    });
  });
}
