// An app of a test's own, filled through the API.
import { expect } from '@playwright/test';

import type { Server } from './server';

export class Shop {
  constructor(
    readonly server: Server,
    readonly name: string,
  ) {}

  /** Calls the management API, which has to agree. */
  async api<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.server.dashboard}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.server.token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect(response.ok, `${method} ${path}: ${response.status} ${text}`).toBe(true);
    return (text ? JSON.parse(text) : null) as T;
  }

  /** Saves a script. */
  put = (name: string, source: string, kind: 'endpoint' | 'module' = 'endpoint') =>
    this.api('PUT', `/apps/${this.name}/scripts/${encodeURIComponent(name)}`, { kind, source });

  route = (pattern: string, script: string, method = 'GET') =>
    this.api('POST', `/apps/${this.name}/routes`, { method, pattern, script, host: null });

  token = (name: string, role: string) =>
    this.api<{ id: string; secret: string }>('POST', `/apps/${this.name}/tokens`, {
      name,
      role,
      expires_at: null,
    });

  /** Calls one of its routes as anybody would. */
  call = (path: string) => fetch(`${this.server.apps}/~${this.name}${path}`);

  /** The address of a page of it. */
  at = (path = '') => `${this.server.dashboard}/apps/${this.name}${path}`;
}
