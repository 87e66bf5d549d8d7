// The real server, on ports of its own and with a data folder of its own.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const ROOT = join(import.meta.dirname, '../..');
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');
const BINARY = process.env.PICLOUD ?? join(TARGET, 'debug', 'picloud');

interface Told {
  management: string;
  scripts: string;
  operator_token_file: string;
}

export interface Server {
  /** Where the dashboard is. */
  dashboard: string;
  /** Where scripts answer. */
  apps: string;
  /** The operator's. */
  token: string;
  /** Ends it as a service manager would; its exit code, and what it said. */
  stop: () => Promise<{ code: number | null; log: string }>;
}

type Process = ChildProcessByStdio<null, Readable, Readable>;

export async function startServer(): Promise<Server> {
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
  server.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const told = await addresses(server, () => log);
  return {
    dashboard: new URL(told.management).origin,
    apps: told.scripts,
    token: readFileSync(told.operator_token_file, 'utf8').trim(),
    async stop() {
      const ended = once(server, 'exit') as Promise<[number | null]>;
      server.kill('SIGTERM');
      const [code] = await ended;
      rmSync(data, { recursive: true, force: true });
      return { code, log };
    },
  };
}

/** What it prints when it is ready: one JSON object. */
function addresses(server: Process, log: () => string): Promise<Told> {
  return new Promise((resolve, reject) => {
    let printed = '';
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${log()}`)));
    server.once('error', reject);
    server.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      try {
        resolve(JSON.parse(printed) as Told);
      } catch {
        // There is more to come.
      }
    });
  });
}
